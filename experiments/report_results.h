/* The tables of a report: Tables I and II, set A, and the claims. */
#ifndef EXPERIMENTS_REPORT_RESULTS_H
#define EXPERIMENTS_REPORT_RESULTS_H

#include "experiments/report_data.h"
#include "experiments/report_stats.h"
#include "experiments/report_table.h"

/* What the paper states, in percent (Table II and abstract). */
struct ex_range {
    double low, high;
};
extern const struct ex_range ex_paper_accuracy[EX_N_CONDITION];
extern const struct ex_range ex_paper_fall; /* points lost under attack */

/* One of the two figures of a trial. */
enum ex_trial_figure { EX_ACCURACY, EX_COPY_BASELINE };

/* Over the seeds that were evaluated, in percent. */
struct ex_summary ex_summarize_trials(const struct ex_group *group, enum ex_condition condition,
                                      enum ex_split split, enum ex_trial_figure figure);

/* Over the seeds that have both: accuracy without less accuracy with attack, in points. */
struct ex_summary ex_summarize_fall(const struct ex_group *group, enum ex_split split,
                                    enum ex_trial_figure figure);

/* With so many decimals; NULL, an empty cell, for NAN. Caller frees. */
char *ex_format_figure(double value, int decimals);

/* "in the range", "2.1 below", "0.3 above". Caller frees. */
char *ex_place_in_range(double value, struct ex_range range);

/* Table I: the hyper-parameters of the models trained, and the paper's. NULL on error. */
ex_table *ex_make_table1(ds_store *store, const ex_trials *trials, GError **error);

/* Table II in the paper's layout, the paper's row and ours. NULL on error. */
ex_table *ex_make_table2(ds_store *store, const ex_trials *trials, GError **error);

/*
 * Table II in full, a row per protocol, context, split and condition, in percent with so many
 * decimals. With `place`, a last column says where the mean lies in the paper's range.
 */
ex_table *ex_make_table2_full(const ex_trials *trials, int decimals, gboolean place);

/* Set A of one group, without and with attack: paper split, lowest seed. NULL on error. */
ex_table *ex_make_set_a(ds_store *store, const struct ex_group *group, GError **error);

#endif
