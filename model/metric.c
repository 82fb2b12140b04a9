#include "model/metric.h"

#include <math.h>
#include <stdlib.h>

static int by_score(const void *a, const void *b)
{
    const struct nn_judged *x = a, *y = b;
    return (x->score < y->score) - (x->score > y->score);
}

gboolean nn_sort_judged(struct nn_judged *items, int n)
{
    for (int i = 0; i < n; i++)
        if (isnan(items[i].score))
            return FALSE;
    qsort(items, n, sizeof(*items), by_score);
    return TRUE;
}

/* The weights of the positives and the negatives that share one score. */
struct level {
    double positive, negative;
};

/* Reads the level that begins at i; returns where the next one does. */
static int read_level(const struct nn_judged *sorted, int n, const int *weights, int i,
                      struct level *level)
{
    const double score = sorted[i].score;
    *level = (struct level){0, 0};
    for (; i < n && sorted[i].score == score; i++) {
        const double weight = weights ? weights[sorted[i].group] : 1;
        if (sorted[i].positive)
            level->positive += weight;
        else
            level->negative += weight;
    }
    return i;
}

static struct level sum_all(const struct nn_judged *sorted, int n, const int *weights)
{
    struct level all = {0, 0}, level;
    for (int i = 0; i < n; all.positive += level.positive, all.negative += level.negative)
        i = read_level(sorted, n, weights, i, &level);
    return all;
}

double nn_roc_auc(const struct nn_judged *sorted, int n, const int *weights)
{
    struct level above = {0, 0}, level;
    double won = 0; /* halves of integers: exact */
    for (int i = 0; i < n;) {
        i = read_level(sorted, n, weights, i, &level);
        won += level.negative * (above.positive + level.positive / 2);
        above.positive += level.positive;
        above.negative += level.negative;
    }
    if (above.positive == 0 || above.negative == 0)
        return NAN;
    return won / (above.positive * above.negative);
}

double nn_average_precision(const struct nn_judged *sorted, int n, const int *weights)
{
    const struct level all = sum_all(sorted, n, weights);
    struct level flagged = {0, 0}, level;
    double sum = 0;
    if (all.positive == 0)
        return NAN;
    for (int i = 0; i < n;) {
        i = read_level(sorted, n, weights, i, &level);
        flagged.positive += level.positive;
        flagged.negative += level.negative;
        if (level.positive > 0)
            sum += level.positive / all.positive * flagged.positive /
                   (flagged.positive + flagged.negative);
    }
    return sum;
}

double nn_best_threshold(const struct nn_judged *sorted, int n, const int *weights)
{
    const struct level all = sum_all(sorted, n, weights);
    struct level flagged = {0, 0}, level;
    double best = 0, threshold = INFINITY;
    for (int i = 0; i < n && all.positive > 0;) {
        const double score = sorted[i].score;
        i = read_level(sorted, n, weights, i, &level);
        flagged.positive += level.positive;
        flagged.negative += level.negative;
        const double f1 =
            2 * flagged.positive / (all.positive + flagged.positive + flagged.negative);
        if (f1 > best) {
            best = f1;
            threshold = score;
        }
    }
    return threshold;
}

double nn_false_positives_at(const struct nn_judged *sorted, int n, const int *weights,
                             double recall)
{
    const struct level all = sum_all(sorted, n, weights);
    struct level flagged = {0, 0}, level;
    if (all.positive == 0)
        return NAN;
    for (int i = 0; i < n && flagged.positive / all.positive < recall;) {
        i = read_level(sorted, n, weights, i, &level);
        flagged.positive += level.positive;
        flagged.negative += level.negative;
    }
    return flagged.negative;
}

void nn_confusion_add(struct nn_confusion *c, gboolean flagged, gboolean positive, double weight)
{
    double *cell = flagged ? (positive ? &c->tp : &c->fp) : (positive ? &c->fn : &c->tn);
    *cell += weight;
}

static double divide(double a, double b)
{
    return b == 0 ? NAN : a / b;
}

double nn_precision(const struct nn_confusion *c)
{
    return divide(c->tp, c->tp + c->fp);
}

double nn_recall(const struct nn_confusion *c)
{
    return divide(c->tp, c->tp + c->fn);
}

double nn_f1(const struct nn_confusion *c)
{
    return c->tp + c->fn == 0 ? NAN : 2 * c->tp / (2 * c->tp + c->fp + c->fn);
}

double nn_mcc(const struct nn_confusion *c)
{
    if (c->tp + c->fn == 0 || c->tn + c->fp == 0)
        return NAN;
    if (c->tp + c->fp == 0 || c->tn + c->fn == 0)
        return 0;
    return (c->tp * c->tn - c->fp * c->fn) /
           sqrt((c->tp + c->fp) * (c->tp + c->fn) * (c->tn + c->fp) * (c->tn + c->fn));
}

double nn_precision_at(const struct nn_confusion *c, double rate)
{
    const double right = rate * divide(c->tp, c->tp + c->fn);
    const double wrong = (1 - rate) * divide(c->fp, c->fp + c->tn);
    return divide(right, right + wrong);
}
