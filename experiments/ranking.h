/*
 * How well the scores of detectors tell the pairs of nodes that collaborate from the others. This
 * is the only part of detection that reads labels.
 */
#ifndef EXPERIMENTS_RANKING_H
#define EXPERIMENTS_RANKING_H

#include "experiments/detection.h"

enum ex_unit { EX_RUNS, EX_WINDOWS, EX_N_UNIT };

/* ---- what is judged, with its labels ------------------------------------- */

/* A pair of nodes of one run. */
struct ex_pair {
    int first, end; /* its candidates: the whole run, then its windows */
    int group;
    gboolean attacked;
    double start; /* s, of the attack, where it is attacked */
};

/* A benign run whose attack run is tested as well. */
struct ex_benign {
    int first_pair, end_pair;
    int n_attacked; /* pairs of the attack run that are attacked */
};

typedef struct ex_field {
    const ex_task *task;             /* not owned */
    struct ex_candidate *candidates; /* [n], sorted */
    gboolean *positive;              /* [n]: ground truth */
    int *pair_of;                    /* [n]: place in pairs */
    struct ex_pair *pairs;           /* [n_pair] */
    int *n_run;                      /* [n_group]: test runs of a group */
    struct ex_benign *benign;        /* [n_benign] */
    int n, n_pair, n_group, n_benign;
} ex_field;

/*
 * The candidates of a task with their labels, in groups: runs of one seed are one simulation. A run
 * without a seed is one of its own. TG_ERROR_DATA when a label is not known, or nothing is
 * attacked.
 */
ex_field *ex_field_load(const ex_task *task, GError **error);
void ex_field_free(ex_field *field);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_field, ex_field_free)

/* The scores of a detector, [field->n], NAN where it has none. Caller frees. */
double *ex_field_load_scores(const ex_field *field, gint64 detector_id, GError **error);

/* The unit that a candidate belongs to. */
enum ex_unit ex_unit_of(const struct ex_candidate *candidate);
extern const char *const ex_unit_names[EX_N_UNIT];

/* ---- measures ------------------------------------------------------------ */

/* experiments/README.md says what they mean; README.md has the short version. */
enum ex_measure {
    EX_ROC_AUC,
    EX_PR_AUC,
    EX_PRECISION,
    EX_RECALL,
    EX_F1,
    EX_MCC,
    EX_FALSE_POSITIVES,
    EX_PRECISION_1,
    EX_PRECISION_01,
    EX_PRECISION_001,
    EX_TIME_TO_DETECTION,
    EX_DETECTED,
    EX_BASE_RATE,
    EX_N_RESAMPLED, /* those above have an interval */
    EX_THRESHOLD = EX_N_RESAMPLED,
    EX_N,
    EX_N_POSITIVE,
    EX_N_MISSING,
    EX_N_SEED,
    EX_WILCOXON_P,
    EX_HOLM_P,
    EX_NULL_ROC_AUC,
    EX_N_MEASURE
};

extern const char *const ex_measure_names[EX_N_MEASURE];

/* One detector in one unit. */
struct ex_ranked {
    gint64 detector_id;
    char *name;
    enum ex_unit unit;
    double value[EX_N_MEASURE];                   /* NAN: not defined */
    double low[EX_N_MEASURE], high[EX_N_MEASURE]; /* NAN: no interval */
    gboolean is_reference;                        /* the others are tested against it */
    double *group_auc;                            /* [n_group] */
};

struct ex_ranking_options {
    const char *against; /* name of the detector to test against; NULL: the best of the unit */
    int n_bootstrap;     /* resamples, 0: no intervals */
    guint64 seed;        /* of all that is drawn */
    gboolean null;       /* also EX_NULL_ROC_AUC */
};

/* The draws of labels that EX_NULL_ROC_AUC is taken from. */
enum { EX_N_NULL = 200 };

/*
 * Measures a detector in a unit; candidates without a score get the least score that it has in the
 * unit. FALSE when it has none there. The result is cleared by ex_ranked_clear().
 */
gboolean ex_rank_detector(const ex_field *field, const double *scores, enum ex_unit unit,
                          const struct ex_ranking_options *options, struct ex_ranked *ranked);
void ex_ranked_clear(struct ex_ranked *ranked);

/*
 * Sorts the detectors of one unit, best first: by EX_PR_AUC, EX_ROC_AUC, name; and tests their
 * EX_ROC_AUC, group by group, against that of the reference. There is none when no detector of the
 * unit has the name that was asked for.
 */
void ex_rank_compare(const ex_field *field, struct ex_ranked *ranked, int n, const char *against);

#endif
