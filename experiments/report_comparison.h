/* Everything that a plan tested, side by side: variants, rivals and tests. */
#ifndef EXPERIMENTS_REPORT_COMPARISON_H
#define EXPERIMENTS_REPORT_COMPARISON_H

#include "experiments/report_stats.h"
#include "experiments/report_table.h"

#include "dataset/store.h"

/* What is measured of a seed: accuracies and points lost under attack, of it and of copying. */
enum ex_comparison_figure {
    EX_ACCURACY_WITHOUT,
    EX_ACCURACY_WITH,
    EX_FALL,
    EX_COPY_WITHOUT,
    EX_COPY_WITH,
    EX_COPY_FALL,
    EX_N_COMPARISON_FIGURE
};

/* One variant, method, protocol, context and split: the seeds that have both conditions. */
struct ex_comparison {
    char *variant, *method, *protocol, *context, *split; /* variant "" is the default */
    GArray *seeds;                                       /* of gint64 */
    GArray *values[EX_N_COMPARISON_FIGURE];              /* of double, percent, one a seed */
};

/*
 * The evaluated trials of a plan, of struct ex_comparison *: the default and the network first,
 * udp first, splits 'paper' and 'held-out' first. NULL on error. Caller unrefs.
 */
GPtrArray *ex_comparisons_read(ds_store *store, const char *plan, GError **error);

struct ex_summary ex_comparison_summary(const struct ex_comparison *c,
                                        enum ex_comparison_figure figure);

/* A row a comparison, in percent with so many decimals. */
ex_table *ex_make_comparison(const GPtrArray *comparisons, int decimals);

/* What the network loses under attack beside what copying loses, a row a seed of the default. */
ex_table *ex_make_falls(const GPtrArray *comparisons, int decimals);

/* Whether it is the default variant, learned by the network. */
gboolean ex_comparison_is_default(const struct ex_comparison *c);

#endif
