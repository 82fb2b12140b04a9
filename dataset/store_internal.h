/* For the few files of this room that talk to SQLite themselves because speed asks for it. */
#ifndef DATASET_STORE_INTERNAL_H
#define DATASET_STORE_INTERNAL_H

#include "dataset/store.h"
#include <sqlite3.h>

struct ds_store {
    sqlite3 *db;
    char *path;
};

/* Turns the last error of the database into a GError; returns FALSE. */
gboolean ds_store_fail(const ds_store *store, GError **error);

#endif
