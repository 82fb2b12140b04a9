/*
 * How well scores tell positives from negatives. An item is flagged at a threshold when its score
 * reaches it. Items come in groups (simulations) that may have weights, as in a bootstrap: an item
 * counts weight[group] times; weights NULL is once each. What is not defined is NAN.
 */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include <glib.h>

struct nn_judged {
    double score; /* higher is more suspicious */
    int group;    /* 0 ... number of groups - 1 */
    gboolean positive;
};

/* Sorts by score, highest first, which all below ask for. FALSE when a score is NAN. */
gboolean nn_sort_judged(struct nn_judged *items, int n);

/* (pairs of a positive and a negative with the positive higher + half of those equal) / all. */
double nn_roc_auc(const struct nn_judged *sorted, int n, const int *weights);

/*
 * Average precision: sum over the distinct scores, highest first, of (recall there - recall
 * before) * precision there.
 */
double nn_average_precision(const struct nn_judged *sorted, int n, const int *weights);

/*
 * The score that, as a threshold, gives the highest F1; of several the highest. INFINITY, which
 * flags nothing, when there is no positive.
 */
double nn_best_threshold(const struct nn_judged *sorted, int n, const int *weights);

/* The fewest false positives of a threshold whose recall is at least that. */
double nn_false_positives_at(const struct nn_judged *sorted, int n, const int *weights,
                             double recall);

/* Items by what they are and what was said, with their weights. */
struct nn_confusion {
    double tp, fp, tn, fn;
};

/* Adds one item to it, weight times. */
void nn_confusion_add(struct nn_confusion *c, gboolean flagged, gboolean positive, double weight);

double nn_precision(const struct nn_confusion *c); /* tp / (tp + fp) */
double nn_recall(const struct nn_confusion *c);    /* tp / (tp + fn) */
double nn_f1(const struct nn_confusion *c);        /* 2 tp / (2 tp + fp + fn); no positive: NAN */

/*
 * (tp tn - fp fn) / sqrt((tp + fp) (tp + fn) (tn + fp) (tn + fn)); 0 when all or nothing is
 * flagged, NAN without a positive or a negative.
 */
double nn_mcc(const struct nn_confusion *c);

/*
 * Precision where a share `rate` of all is positive: rate TPR / (rate TPR + (1 - rate) FPR), with
 * TPR = tp / (tp + fn), FPR = fp / (fp + tn).
 */
double nn_precision_at(const struct nn_confusion *c, double rate);

#endif
