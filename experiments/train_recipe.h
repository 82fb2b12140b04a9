/* What of a training is kept with the model: how it was made, and from what. */
#ifndef EXPERIMENTS_TRAIN_RECIPE_H
#define EXPERIMENTS_TRAIN_RECIPE_H

#include "experiments/train_options.h"
#include <json-glib/json-glib.h>

/*
 * The command line with all options that decide the model but --init, and no path: as it is in
 * model.options ($.recipe) and the model file. Caller frees.
 */
char *ex_train_print_recipe(const struct ex_train_options *options);

/* The part of it that every command that trains has, with so many iterations. Caller frees. */
char *ex_train_print_options(const struct ex_train_options *options, int iterations);

/* What the network is trained on, and starts from. */
struct ex_train_origin {
    char *pairs_sha256, *init_sha256; /* the latter NULL without --init */
    int n_pair;
};

void ex_train_origin_clear(struct ex_train_origin *origin);

/*
 * Everything that decides the model, as a JSON object: model.options. The model file's copy has no
 * command line (NULL), so that the same training gives the same file whatever it is called. Kernels
 * and V are known. Caller frees.
 */
char *ex_train_options_json(const struct ex_train_options *options,
                            const struct ex_train_origin *origin, const char *command_line);

/* The same with another recipe, as an object that more can be added to, and its text. Caller
 * unrefs, frees. */
JsonObject *ex_train_options_object(const struct ex_train_options *options,
                                    const struct ex_train_origin *origin, const char *recipe,
                                    const char *command_line);
char *ex_train_print_object(JsonObject *object);

/* The task that such an object tells of, NN_FOLLOW if of none; TG_ERROR_DATA if of another. */
gboolean ex_train_read_task(const char *options, enum nn_task *task, GError **error);

/*
 * Are two such objects, without command line, of one training? TG_ERROR_DATA, with a message that
 * begins with the option that differs, when they are not.
 */
gboolean ex_train_same_options(const char *here, const char *there, GError **error);

#endif
