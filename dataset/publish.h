/*
 * A dataset: a folder for others, of the events of runs and all that belongs to them as CSV. With
 * datapackage.json (a Frictionless Tabular Data Package, version 1: every file and column with its
 * meaning), README.md (a datasheet, filled from the store) and SHA256SUMS. Equal stores make equal
 * bytes.
 */
#ifndef DATASET_PUBLISH_H
#define DATASET_PUBLISH_H

#include "dataset/store.h"

struct ds_publish_options {
    const char *path;            /* of the folder */
    gboolean force;              /* replace a dataset of that name */
    const char *runs;            /* SQL condition on table run */
    const char *const *pairs;    /* names of pair sets, ended by NULL */
    const char *title;           /* or NULL; the folder's name then names the package */
    const char *const *creators; /* names of its authors, ended by NULL */
    const char *version;         /* of the dataset; or NULL */
    const char *license;         /* identifier of the Open Definition or SPDX, or URL; or NULL */
    const char *about;           /* Markdown for the datasheet; or NULL */
    gint64 created;              /* seconds since 1970; -1: not said */
    /* Called for each data file once all of it is there. May be NULL. */
    void (*written)(void *data, const char *path, gint64 n_row);
    void *data;
};

/*
 * Writes a dataset, inside ds_begin_read(). TG_ERROR_USAGE for a condition, pair set or licence
 * that cannot be, and for a pair set of runs that are left out; TG_ERROR_NO when no run is picked;
 * otherwise the errors of ds_folder_create() and ds_rows_write(), and nothing is left.
 */
gboolean ds_publish(ds_store *store, const struct ds_publish_options *options, GError **error);

#endif
