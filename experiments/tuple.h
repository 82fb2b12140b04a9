/* The node tuples of a model's predictions (paper.txt Sec. IV, Table II). */
#ifndef EXPERIMENTS_TUPLE_H
#define EXPERIMENTS_TUPLE_H

#include "dataset/store.h"
#include "model/rank.h"

/* One prediction that gives a tuple. */
struct ex_observation {
    struct nn_tuple tuple;
    gint64 run_id, pair_id;
    double time; /* s, of the target event */
};

/*
 * The place of field `node` among the words of a pair set's sentences; -1 when they have no such
 * field, or none that is always at one place, since numbers in digits come before it, or none that
 * names the acting node, since nodes were given each other's numbers.
 */
gboolean ex_find_node_word(ds_store *store, gint64 pair_set_id, int *place, GError **error);

/*
 * Appends to observations (of struct ex_observation) one for each pair whose source event is by its
 * flow's sender and whose target event is by another node, in the order of pair_id: (acting node of
 * source, of target, of prediction) with the probability of the predicted sentence. Predictions
 * that name no node of the run are only counted. Neither intended servers nor attack labels are
 * read.
 */
gboolean ex_observe_tuples(ds_store *store, gint64 model_id, gint64 pair_set_id, int node_word,
                           GArray *observations, gint64 *n_nodeless, GError **error);

#endif
