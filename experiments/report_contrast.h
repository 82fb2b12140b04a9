/*
 * Figures that are made of several trials of one seed, such as the accuracy of one protocol less
 * that of another: over the seeds that have all of these trials.
 */
#ifndef EXPERIMENTS_REPORT_CONTRAST_H
#define EXPERIMENTS_REPORT_CONTRAST_H

#include "experiments/report_results.h"

/* An evaluated trial by the network. */
struct ex_record {
    char *variant, *protocol, *context;
    gint64 seed;
    enum ex_condition condition;
    enum ex_split split;
    double figures[2]; /* by enum ex_trial_figure; percent */
};

/* Those of a plan, which may have none; of struct ex_record, by seed. Caller unrefs. */
GArray *ex_records_read(ds_store *store, const char *plan, GError **error);

/* The distinct protocols or variants of records, in order. Caller unrefs; the records own them. */
GPtrArray *ex_records_protocols(const GArray *records);
GPtrArray *ex_records_variants(const GArray *records);

/* Whether there is one; context NULL for any. */
gboolean ex_records_have(const GArray *records, const char *variant, const char *protocol,
                         const char *context);

/* What is added up: factor times the figure of that trial; context NULL for any. */
struct ex_term {
    double factor;
    const char *variant, *protocol, *context;
    enum ex_condition condition;
};

struct ex_summary ex_contrast(const GArray *records, const struct ex_term *terms, guint n_term,
                              enum ex_split split, enum ex_trial_figure figure);

/* The seeds of the paper's split that have all terms, as --seeds takes them: 1..3,7. Caller frees.
 */
char *ex_contrast_seeds(const GArray *records, const struct ex_term *terms, guint n_term);

/* Seeds [n], ascending, likewise. Caller frees. */
char *ex_describe_seeds(const gint64 *seeds, guint n);

#endif
