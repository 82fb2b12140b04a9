/*
 * Who sends how much to whom and when, and the detectors that look at no more than that. Labels are
 * not read.
 */
#ifndef EXPERIMENTS_DETECTION_TRAFFIC_H
#define EXPERIMENTS_DETECTION_TRAFFIC_H

#include "experiments/detection.h"

/* Of one candidate. */
struct ex_sending {
    int n_packet;   /* > 0 */
    double seconds; /* that were watched: the run's duration, or the window */
    int gap_at;     /* its gaps are gaps[gap_at] ... gaps[gap_at + n_gap - 1] */
    int n_gap;      /* a window has those that end in it */
};

typedef struct ex_traffic {
    struct ex_candidate *candidates; /* [n], sorted */
    struct ex_sending *sendings;     /* [n] */
    double *gaps;                    /* s, from one packet of a pair to its next, in order */
    int n, n_gap;
} ex_traffic;

/* The candidates of runs of a task, be they to be learned from or judged. Caller frees. */
ex_traffic *ex_traffic_load(const ex_task *task, const GArray *runs, GError **error);
void ex_traffic_free(ex_traffic *traffic);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_traffic, ex_traffic_free)

/*
 * The plain rule: 1 when the gateways of src and dst differ, 0 otherwise, and where one is not
 * known. Into scores [test->n], as below; NAN is no score.
 */
gboolean ex_score_crossing(const ex_task *task, const ex_traffic *test, double *scores,
                           GError **error);

/* 1 when src sent nothing to dst in any training run, 0 otherwise. */
void ex_score_new_pair(const ex_traffic *train, const ex_traffic *test, double *scores);

/*
 * |log(packets/s) - mean| / sd, mean and sd (over n, not n - 1) being those of the training
 * candidates of the same unit (runs, windows). An sd of 0 is taken for 1. NAN without training
 * candidates.
 */
void ex_score_volume(const ex_traffic *train, const ex_traffic *test, double *scores);

/*
 * Kolmogorov-Smirnov distance of the candidate's gaps to those of all training pairs, pooled. NAN
 * when there are none.
 */
void ex_score_inter_arrival(const ex_traffic *train, const ex_traffic *test, double *scores);

#endif
