/* For the few files of this room that talk to SQLite themselves because speed asks for it. */
#ifndef DATASET_STORE_INTERNAL_H
#define DATASET_STORE_INTERNAL_H

#include "dataset/store.h"
#include <sqlite3.h>

struct ds_store {
    sqlite3 *db;
    char *path;
    GError *failure;  /* of a trace that a question reads: what SQLite has no code for */
    GHashTable *idle; /* SQL -> statement that is ready to be used again; NULL: none is kept */
    gint64 deadline;  /* by the monotonic clock, microseconds; 0: none */
};

struct ds_query {
    ds_store *store;
    sqlite3_stmt *statement;
    gboolean asked; /* its text came from a person, who is told when it cannot be answered */
};

/* The text of a file that is part of the program: "schema.sql", "views.sql" ... */
const char *ds_sql(const char *name);

/* Turns the last error of the database into a GError; returns FALSE. */
gboolean ds_store_fail(const ds_store *store, GError **error);

/* As ds_store_fail(), but what is wrong with the SQL itself is TG_ERROR_USAGE. */
gboolean ds_question_fail(ds_store *store, GError **error);

#endif
