#include "model/rank.h"
#include <stdlib.h>

static int compare_numbers(gint64 a, gint64 b)
{
    return (a > b) - (a < b);
}

static int compare_names(const struct nn_tuple *a, const struct nn_tuple *b)
{
    const int node = compare_numbers(a->node, b->node);
    const int actual = compare_numbers(a->actual, b->actual);
    return node ? node : actual ? actual : compare_numbers(a->predicted, b->predicted);
}

/* Probability is in the key so that equal tuples are summed in one order, however they come. */
static int by_name(const void *a, const void *b)
{
    const struct nn_tuple *x = a, *y = b;
    const int name = compare_names(x, y);
    return name ? name : (x->probability > y->probability) - (x->probability < y->probability);
}

static int by_rank(const void *a, const void *b)
{
    const struct nn_tuple *x = a, *y = b;
    const int order = (x->probability < y->probability) - (x->probability > y->probability);
    return order ? order : compare_names(x, y);
}

struct nn_tuple *nn_rank_tuples(const struct nn_tuple *observed, int n_observed, int *n_ranked)
{
    *n_ranked = 0;
    if (n_observed == 0)
        return NULL;
    struct nn_tuple *tuples = g_memdup2(observed, n_observed * sizeof(*observed));
    qsort(tuples, n_observed, sizeof(*tuples), by_name);

    int n = 0; /* distinct so far, at the start of the array, probabilities summed */
    for (int i = 0; i < n_observed; i++) {
        if (n == 0 || compare_names(&tuples[n - 1], &tuples[i])) {
            tuples[n] = tuples[i];
            tuples[n++].count = 1;
        } else {
            tuples[n - 1].probability += tuples[i].probability;
            tuples[n - 1].count++;
        }
    }
    for (int i = 0; i < n; i++)
        tuples[i].probability /= tuples[i].count;
    qsort(tuples, n, sizeof(*tuples), by_rank);
    *n_ranked = n;
    return tuples;
}
