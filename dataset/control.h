/* Pair sets that must fail: what a method still scores on them, it did not learn from events. */
#ifndef DATASET_CONTROL_H
#define DATASET_CONTROL_H

#include "dataset/store.h"

/*
 * A random permutation of a run's nodes: for each its new number. TG_ERROR_DATA for a run whose
 * addresses are no numbers of nodes. Caller frees.
 */
GHashTable *ds_permute_nodes(ds_store *store, gint64 run_id, gint64 seed, GError **error);

/* The number that a permutation gives to one, which stays if it is none of a node (as -1). */
gint64 ds_permuted(GHashTable *permutation, gint64 number);

/*
 * Exchanges the targets of a pair set's pairs at random, within each run. Inside a transaction.
 * sha256 receives that of the pairs as they are then. Caller frees.
 */
gboolean ds_shuffle_targets(ds_store *store, gint64 pair_set_id, gint64 seed, char **sha256,
                            GError **error);

#endif
