/* What can be said of figures that were measured over a few simulations. */
#ifndef MODEL_STATISTIC_H
#define MODEL_STATISTIC_H

#include "model/random.h"

/*
 * The p-quantile, 0 <= p <= 1, of ascending values [n]: linear between those at places
 * floor((n - 1) p) and the next. NAN when n is 0.
 */
double nn_quantile(const double *sorted, int n, double p);

/* One bootstrap resample: weights [n] is how often each of n things was drawn in n draws. */
void nn_resample(struct nn_random *random, int n, int *weights);

/*
 * Wilcoxon's signed-rank test of differences [n] that are symmetric around 0: the two-sided p.
 * Zeros are left out; equal sizes share their mean rank. Up to 25 differences it is exact, from
 * the distribution of the rank sum over all signs (with the shared ranks as they are); beyond,
 * normal: z = (|W - n (n + 1) / 4| - 1/2) / sqrt(n (n + 1) (2 n + 1) / 24 - sum(t^3 - t) / 48),
 * t the numbers of equal sizes. 1 when all are 0; NAN when one is, or there is none.
 */
double nn_wilcoxon(const double *differences, int n);

/*
 * Holm's correction for n tests: the i-th smallest p becomes the greatest (n - j) p_j, j <= i (from
 * 0), at most 1. Tests whose p is NAN are none, and stay NAN.
 */
void nn_holm(const double *p, int n, double *adjusted);

#endif
