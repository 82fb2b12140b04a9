/* How the clients of a federation train, as they are told. */
#ifndef EXPERIMENTS_FEDERATION_PLAN_H
#define EXPERIMENTS_FEDERATION_PLAN_H

#include "experiments/federation_message.h"
#include "model/task.h"
#include "model/train.h"

struct ex_training_plan {
    enum nn_task task;
    struct nn_shape shape;       /* V is that of the vocabulary */
    struct nn_train_options how; /* iterations: of all rounds; threads, kernels and anchor are the
                                    client's own */
    int n_round, n_iteration;    /* rounds, iterations of each */
    int test_limit;              /* pairs that are tested; 0: all */
    int number;                  /* of the client among the gateways */
    char **vocabulary;           /* [V + 1], NULL at the end */
    char *options, *recipe;      /* for its copy of the model */
};

/*
 * Reads a message of kind plan for the client of that gateway. Nothing in it is trusted:
 * TG_ERROR_DATA for what cannot be. The caller clears it in any case.
 */
gboolean ex_training_plan_read(struct ex_training_plan *plan, const ex_message *message,
                               int gateway, GError **error);
void ex_training_plan_clear(struct ex_training_plan *plan);

#endif
