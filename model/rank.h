/* The order of set A (paper.txt Sec. IV): which event predictions the network is surest of. */
#ifndef MODEL_RANK_H
#define MODEL_RANK_H

#include <glib.h>

/* Table II's tuple (node, actual data server, predicted data server). */
struct nn_tuple {
    gint64 node, actual, predicted;
    double probability; /* of the predicted sentence, exp(log_probability): 0..1 */
    int count;          /* predictions behind it */
};

/*
 * The distinct (node, actual, predicted) of observed [n_observed], each with the mean probability
 * and the number of observations as count (ignored in observed), by probability, highest first;
 * ties by node, actual, predicted. *n_ranked of them are returned; caller frees with g_free (NULL
 * when none).
 */
struct nn_tuple *nn_rank_tuples(const struct nn_tuple *observed, int n_observed, int *n_ranked);

#endif
