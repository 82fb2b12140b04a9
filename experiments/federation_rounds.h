/*
 * What is known of the rounds of a federation, and its checkpoints: MODEL.checkpoint is a model
 * file as the federation would leave it, with the round that it is behind in the metadata's
 * `training`:
 *
 *     {"round":3,"rows":[[1,12,100,4.31,0.12,5000,6000,"in time"], ...],"sha256":"..."}
 *
 * with a row for each of table federation_round. Who takes part in a round, and the random numbers
 * of clients and noise, follow from seed and round: nothing else is needed to go on.
 */
#ifndef EXPERIMENTS_FEDERATION_ROUNDS_H
#define EXPERIMENTS_FEDERATION_ROUNDS_H

#include "dataset/store.h"
#include "model/model_file.h"

enum ex_outcome { EX_IN_TIME, EX_LATE, EX_LOST, EX_REFUSED, EX_NOT_ASKED, EX_N_OUTCOME };
extern const char *const ex_outcome_names[EX_N_OUTCOME];

/* A row of table federation_round; NAN is NULL. */
struct ex_round_row {
    int round, gateway, n_iteration;
    double loss, accuracy;
    gint64 bytes_up, bytes_down;
    enum ex_outcome outcome;
};

/* The mean loss a word of the last round in which anybody trained; NAN if nobody did. */
double ex_rounds_loss(const GArray *rows);

/* Writes what stands behind a round. The model's training is changed. As nn_model_save(). */
gboolean ex_rounds_save(nn_model *model, int round, const GArray *rows, const char *path,
                        GError **error);

/*
 * Puts the model, which is the one that the federation begins with, *round (1 .. n_round) and rows
 * to where a checkpoint stands. TG_ERROR_DATA, with path and cause, when it is not one of this
 * federation, or damaged; nothing has changed then.
 */
gboolean ex_rounds_load(nn_model *model, int n_round, int *round, GArray *rows, const char *path,
                        GError **error);

/*
 * Rows and losses of a model that has a row in the store. Inside a transaction. n_iteration: those
 * of one gateway in a round.
 */
gboolean ex_rounds_record(ds_store *store, gint64 model_id, const GArray *rows, int n_iteration,
                          GError **error);

/* One row on stdout, for people or as a JSON object. */
void ex_round_print(const struct ex_round_row *row, int n_round, gboolean json);

#endif
