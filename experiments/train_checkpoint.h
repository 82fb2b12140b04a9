/*
 * Checkpoints: MODEL.checkpoint is a model file as the training would leave it, with the place
 * where it stands in the metadata's `training`:
 *
 *     {"iteration":12000,"random":["17...","3...","9...","4..."],"loss":0.0,"n_loss":0,
 *      "losses":[5.12, ...]}
 *
 * random is the state of the generator as decimal texts, since JSON's whole numbers end at 2^63;
 * loss and n_loss are those of struct nn_train_state; losses are the rows of table loss so far, one
 * for every NN_REPORT_EVERY iterations.
 */
#ifndef EXPERIMENTS_TRAIN_CHECKPOINT_H
#define EXPERIMENTS_TRAIN_CHECKPOINT_H

#include "model/model_file.h"
#include "model/train.h"
#include <json-glib/json-glib.h>

/* Caller frees. */
char *ex_checkpoint_path(const char *model_path);

/*
 * Writes model and state to path. losses: GArray of double, one a report. The model's training is
 * changed. Errors as those of nn_model_save().
 */
gboolean ex_checkpoint_save(nn_model *model, const struct nn_train_state *state,
                            const GArray *losses, const char *path, GError **error);

/*
 * Puts model, state and losses to where the checkpoint stands. Its options must be those of the
 * model, which is the one that the training begins with: shape, vocabulary, options. TG_ERROR_DATA,
 * with path and cause, when it is not a checkpoint of this training, or damaged; model, state and
 * losses are then unchanged.
 */
gboolean ex_checkpoint_load(nn_model *model, const struct nn_train_options *options,
                            struct nn_train_state *state, GArray *losses, const char *path,
                            GError **error);

/*
 * For checkpoints of other kinds of training. The SHA-256 of the weights and of `training`, all
 * else that it goes on from: a damaged checkpoint that can be read would end, unnoticed, in another
 * model. Caller frees.
 */
char *ex_checkpoint_sum(const nn_network *network, JsonObject *training);

/* Takes member sha256 out of `training` and compares; TG_ERROR_DATA when it is another. */
gboolean ex_checkpoint_check_sum(const nn_network *network, JsonObject *training, GError **error);

/* Is what was saved of the training that begins with model? TG_ERROR_DATA, with what differs. */
gboolean ex_checkpoint_check_model(const nn_model *model, const nn_model *saved, GError **error);

/*
 * A checkpoint could not be gone on from: one that is another's or damaged (TG_ERROR_DATA) is given
 * up with --force, which is said on stderr, and TRUE; otherwise error is set. Takes failure over.
 */
gboolean ex_checkpoint_give_up(const char *command, gboolean force, GError *failure,
                               GError **error);

#endif
