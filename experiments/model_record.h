/* Models as rows of the store: a file is known by its SHA-256. */
#ifndef EXPERIMENTS_MODEL_RECORD_H
#define EXPERIMENTS_MODEL_RECORD_H

#include "dataset/store.h"

/* SHA-256 of a file in lower-case hex. NULL and TG_ERROR_SYSTEM when it cannot be read. */
char *ex_sha256_file(const char *path, GError **error);

/*
 * The number of the model in that file; a model that the store does not know yet gets a row with
 * the given options. Inside a transaction. 0 on error.
 */
gint64 ex_record_model(ds_store *store, const char *path, const char *sha256, const char *options,
                       GError **error);

/*
 * The number of a model given by file, or by name when the store has exactly one of that name. 0
 * with an error.
 */
gint64 ex_find_model(ds_store *store, const char *model, GError **error);

#endif
