/* What is said about one figure over several seeds. */
#ifndef EXPERIMENTS_REPORT_STATS_H
#define EXPERIMENTS_REPORT_STATS_H

struct ex_summary {
    int n;                  /* number of values, one a seed */
    double mean, min, max;  /* NAN when n is 0 */
    double ci_low, ci_high; /* 95 % t interval of the mean; NAN when n < 2 */
};

/* Summary of values [n], n >= 0, in their own unit. */
struct ex_summary ex_summarize(const double *values, int n);

/*
 * The two-sided 95 % point of Student's distribution: t with P(|T| <= t) = 0.95, for df >= 1
 * degrees of freedom.
 */
double ex_student_t95(int df);

#endif
