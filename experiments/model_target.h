/* The file that a training is to write: what may be replaced, and what is then forgotten. */
#ifndef EXPERIMENTS_MODEL_TARGET_H
#define EXPERIMENTS_MODEL_TARGET_H

#include "dataset/store.h"
#include "experiments/train_options.h"

/*
 * Hours of training should not end at a path that cannot be written: looks at options->model,
 * --init, --force and --resume. *replaced_sha256 is that of a model that is there already, which
 * the caller frees, or NULL.
 */
gboolean ex_target_check(const struct ex_train_options *options, const char *checkpoint,
                         char **replaced_sha256, GError **error);

/*
 * Without --force --resume replaces a model file only by itself: TG_ERROR_DATA unless the one at
 * path was made with these options (a JSON object without command line).
 */
gboolean ex_target_is_same(const char *path, const char *options, GError **error);

/*
 * The model's row in the store, with these options; what was known of the file that it replaced
 * (SHA-256, or NULL) goes. Inside a transaction. Its number, or 0 on error.
 */
gint64 ex_target_record(ds_store *store, const char *path, const char *options,
                        const char *replaced_sha256, GError **error);

/* Removes a checkpoint; that there is none is fine. */
gboolean ex_target_drop_checkpoint(const char *checkpoint, GError **error);

#endif
