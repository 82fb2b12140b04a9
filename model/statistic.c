#include "model/statistic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EXACT = 25 };

double nn_quantile(const double *sorted, int n, double p)
{
    if (n == 0)
        return NAN;
    const double at = (n - 1) * p;
    const int i = (int)at;
    return i + 1 < n ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

void nn_resample(struct nn_random *random, int n, int *weights)
{
    memset(weights, 0, n * sizeof(*weights));
    for (int i = 0; i < n; i++)
        weights[nn_random_below(random, n)]++;
}

/* ---- Wilcoxon ------------------------------------------------------------ */

static int by_size(const void *a, const void *b)
{
    const double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* Twice the mean rank of each of sorted [n], so that it is an integer; sum of t^3 - t. */
static double rank_twice(const double *sorted, int n, int *ranks)
{
    double ties = 0;
    for (int i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && fabs(sorted[end]) == fabs(sorted[i]);)
            end++;
        const double t = end - i;
        ties += t * t * t - t;
        for (int j = i; j < end; j++)
            ranks[j] = i + 1 + end;
    }
    return ties;
}

/* P(sum of the ranks whose sign comes up <= sum), signs being a fair coin's. */
static double lower_tail(const int *ranks, int n, int sum)
{
    double ways[MAX_EXACT * (MAX_EXACT + 1) + 1] = {1}; /* to reach a sum; below 2^25: exact */
    int top = 0;
    for (int i = 0; i < n; i++) {
        top += ranks[i];
        for (int s = top; s >= ranks[i]; s--)
            ways[s] += ways[s - ranks[i]];
    }
    double below = 0;
    for (int s = 0; s <= sum; s++)
        below += ways[s];
    return below / ldexp(1, n);
}

static double normal_p(double w, int n, double ties)
{
    const double mean = n * (n + 1.0) / 4;
    const double variance = n * (n + 1.0) * (2.0 * n + 1) / 24 - ties / 48;
    const double z = fmax(fabs(w - mean) - 0.5, 0) / sqrt(variance);
    return erfc(z / sqrt(2));
}

double nn_wilcoxon(const double *differences, int n)
{
    g_autofree double *sorted = g_new(double, n + 1);
    g_autofree int *ranks = g_new(int, n + 1);
    int left = 0;
    if (n == 0)
        return NAN;
    for (int i = 0; i < n; i++) {
        if (isnan(differences[i]))
            return NAN;
        if (differences[i] != 0)
            sorted[left++] = differences[i];
    }
    if (left == 0)
        return 1;
    qsort(sorted, left, sizeof(*sorted), by_size);
    const double ties = rank_twice(sorted, left, ranks);
    int plus = 0;
    for (int i = 0; i < left; i++)
        plus += sorted[i] > 0 ? ranks[i] : 0;
    if (left > MAX_EXACT)
        return normal_p(plus / 2.0, left, ties);
    return fmin(1, 2 * lower_tail(ranks, left, MIN(plus, left * (left + 1) - plus)));
}

/* ---- Holm ---------------------------------------------------------------- */

void nn_holm(const double *p, int n, double *adjusted)
{
    int n_test = 0;
    for (int i = 0; i < n; i++)
        n_test += !isnan(p[i]);
    for (int i = 0; i < n; i++) {
        adjusted[i] = isnan(p[i]) ? NAN : 0;
        /* The tests of at most this p, each with the number of those before it. */
        for (int j = 0; j < n && !isnan(p[i]); j++) {
            if (isnan(p[j]) || p[j] > p[i])
                continue;
            int before = 0;
            for (int k = 0; k < n; k++)
                before += !isnan(p[k]) && p[k] < p[j];
            adjusted[i] = fmax(adjusted[i], fmin(1, (n_test - before) * p[j]));
        }
    }
}
