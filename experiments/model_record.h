/*
 * Models as rows of the store. A model file is known by its SHA-256; a rival, which has no file, by
 * that of what it is made of.
 */
#ifndef EXPERIMENTS_MODEL_RECORD_H
#define EXPERIMENTS_MODEL_RECORD_H

#include "dataset/store.h"
#include "model/rival.h"

/* SHA-256 of a file in lower-case hex. NULL and TG_ERROR_SYSTEM when it cannot be read. */
char *ex_sha256_file(const char *path, GError **error);

/*
 * The number of the model in that file; a model that the store does not know yet gets a row with
 * the given options. Inside a transaction. 0 on error.
 */
gint64 ex_record_model(ds_store *store, const char *path, const char *sha256, const char *options,
                       GError **error);

/*
 * The number of a model given by file, by its SHA-256, or by name when the store has exactly one of
 * that name. 0 with an error.
 */
gint64 ex_find_model(ds_store *store, const char *model, GError **error);

/* The rival of that name. NULL and TG_ERROR_USAGE, with all names, when there is none. */
const struct nn_rival *ex_find_rival(const char *name, GError **error);

/* The SHA-256 of a pair set's content. Caller frees. */
char *ex_sha256_pairs(ds_store *store, gint64 pair_set_id, GError **error);

/*
 * What a rival fitted on pairs of that SHA-256 is known by in model_sha256: the same rival on the
 * same data is one model, whatever the pair set is called. Caller frees.
 */
char *ex_sha256_rival(const struct nn_rival *rival, const char *pairs_sha256);

/*
 * As ex_record_model(), for a rival fitted on pair set `pairs`: its name is that of the rival, its
 * path ''.
 */
gint64 ex_record_rival(ds_store *store, const struct nn_rival *rival, const char *pairs,
                       const char *pairs_sha256, const char *command_line, GError **error);

/* The number of a rival fitted on pair set `pairs`. 0 with an error. */
gint64 ex_find_rival_model(ds_store *store, const char *rival, const char *pairs, GError **error);

#endif
