/*
 * From a verdict to its evidence: the pairs behind it, when they were, the lines of the trace, and
 * how to simulate the run again. Ground truth is read only where it is asked for; but what is said
 * of a run's origin names what was simulated.
 */
#ifndef EXPERIMENTS_EXPLAIN_H
#define EXPERIMENTS_EXPLAIN_H

#include "dataset/store.h"
#include "model/rank.h"

#include <json-glib/json-glib.h>

struct ex_verdict {
    ds_store *store;
    gint64 model_id, pair_set_id;
    const struct nn_tuple *tuple;
    int rank;
    const char *verdict;        /* 'benign', 'anomalous' */
    const GArray *observations; /* of struct ex_observation, in the order of pair_id */
    int n_pair;                 /* pairs of each run that are shown, the most probable first */
    gboolean truth;
    gboolean origin; /* with the path of the trace, the run's parameters and the commands that
                        simulate it again, which mostly name the attack */
};

/* All of it as one JSON object. NULL on error; caller unrefs. */
JsonNode *ex_explain(const struct ex_verdict *verdict, GError **error);

/*
 * The same, with its origin, for people and for cut(1): a line each, what it is and fields behind
 * tabs.
 */
void ex_explanation_put_text(JsonNode *explanation, GString *out);

#endif
