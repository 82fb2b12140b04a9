/* A dataset while it is written, and what its parts have to know of it. For publish.c. */
#ifndef DATASET_PUBLICATION_H
#define DATASET_PUBLICATION_H

#include "dataset/glossary.h"
#include "dataset/publish.h"

/* A column of a file. */
struct ds_field {
    char *name;
    const char *type; /* as Table Schema calls it: "integer", "number", "string" */
};

/* What a table is in a dataset. */
struct ds_table {
    const char *name;     /* in the glossary */
    const char *resource; /* one file; or the beginning of the names of several */
    const char *key[5];   /* primary key, ended by NULL */
    gboolean names_node;  /* (run_id, node) is one of nodes */
};

/* A file of a dataset. */
struct ds_resource {
    const struct ds_table *table;
    char *name, *path;
    char *title;
    GPtrArray *fields; /* of struct ds_field * */
    gint64 n_row, bytes;
    char *sha256;
};

struct ds_publication {
    ds_store *store;
    const struct ds_publish_options *options;
    ds_glossary *glossary;
    GArray *runs;      /* of gint64 run_id */
    GArray *pair_sets; /* of gint64 pair_set_id */
    char *run_list;    /* the same as JSON arrays, to be bound */
    char *pair_set_list;
    char *name, *title;
    guint n_known;        /* runs with a manifest, and so with a scenario and ground truth */
    gboolean has_attack;  /* one of them is not benign */
    gboolean of_things;   /* one of them is of devices of the Internet of Things */
    GPtrArray *resources; /* of struct ds_resource * */
};

/* datapackage.json. NULL on error; caller frees. */
char *ds_make_datapackage(const struct ds_publication *publication, GError **error);

/* README.md: the datasheet. NULL on error; caller frees. */
char *ds_make_datasheet(const struct ds_publication *publication, GError **error);

#endif
