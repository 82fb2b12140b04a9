/*
 * A folder of files that appears whole under its name or not at all: it is built beside it and
 * renamed at the end. Its file SHA256SUMS says what it holds.
 */
#ifndef DATASET_FOLDER_H
#define DATASET_FOLDER_H

#include "dataset/sink.h"

typedef struct ds_folder ds_folder;

/*
 * Begins a folder that will be `path`. What has that name already is replaced with `force` if it is
 * a folder that holds nothing but unchanged files that its SHA256SUMS lists; otherwise it is
 * TG_ERROR_DATA. TG_ERROR_SYSTEM when the folder cannot be made. Caller frees.
 */
ds_folder *ds_folder_create(const char *path, gboolean force, GError **error);

/* The name that it will have, from the root on. */
const char *ds_folder_path(const ds_folder *folder);

/*
 * Begins a file in it. `name` may have one folder in it ("data/runs.csv"), which is made; names
 * that end in .gz are packed. Caller frees, after ds_folder_add().
 */
ds_sink *ds_folder_open(ds_folder *folder, const char *name, GError **error);

/* Ends the file, which SHA256SUMS will list. */
gboolean ds_folder_add(ds_folder *folder, const char *name, ds_sink *sink, GError **error);

/* A whole file at once. */
gboolean ds_folder_write(ds_folder *folder, const char *name, const char *text, GError **error);

/* Writes SHA256SUMS and gives the folder its name. Nothing can follow. */
gboolean ds_folder_close(ds_folder *folder, GError **error);

/* A folder that was not closed is gone. */
void ds_folder_free(ds_folder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_folder, ds_folder_free)

#endif
