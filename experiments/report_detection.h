/* What the store holds of the plan's detection task: curves from scores, and measures. */
#ifndef EXPERIMENTS_REPORT_DETECTION_H
#define EXPERIMENTS_REPORT_DETECTION_H

#include "experiments/ranking.h"
#include "experiments/report_table.h"

/* All that reaches the threshold is flagged. */
struct ex_curve_point {
    double threshold, false_positive_rate, recall, precision;
};

struct ex_curve {
    char *detector;
    GArray *points; /* of struct ex_curve_point, thresholds falling; corners alone */
    double roc_auc; /* area below the straight lines between points; ties count half */
    double pr_auc;  /* average precision: the area below steps to the left of points */
    int n_missing;  /* candidates without a score: as if they had the least */
};

typedef struct ex_detection {
    gint64 detection_id;
    char *name;
    double window; /* s */
    int n[EX_N_UNIT], n_positive[EX_N_UNIT];
    GPtrArray *curves[EX_N_UNIT]; /* of struct ex_curve *, best pr_auc first */
    char *missing[EX_N_UNIT];     /* why there are no curves; NULL: there are */
    gboolean ranked;              /* table measure has rows of it */
} ex_detection;

/*
 * The detection task that has the plan's name; *detection is NULL when there is none. FALSE on
 * error. Caller frees.
 */
gboolean ex_detection_read(ds_store *store, const char *plan, ex_detection **detection,
                           GError **error);
void ex_detection_free(ex_detection *detection);

/*
 * The measures of the task, a row per unit and detector, best first. `all`: every measure with its
 * bounds in columns of their own; otherwise those that a page has room for. NULL on error.
 */
ex_table *ex_make_detection(ds_store *store, const ex_detection *detection, gboolean all,
                            GError **error);

/* The points of all curves as CSV. */
void ex_detection_put_curves(const ex_detection *detection, GString *out);

#endif
