#include "experiments/report_stats.h"

#include <math.h>

/*
 * P(|T| <= sqrt(df) tan(theta)) for 0 <= theta <= pi/2: the finite sums of Abramowitz and Stegun,
 * 26.7.3 (df odd) and 26.7.4 (df even).
 */
static double central_probability(int df, double theta)
{
    double c = cos(theta), square = c * c, sum = 0;
    int odd = df % 2;
    double term = odd ? c : 1;
    for (int k = odd; k <= df - 2; k += 2) { /* term is of cos^k */
        sum += term;
        term *= square * (k + 1) / (k + 2);
    }
    return odd ? 2 / M_PI * (theta + sin(theta) * sum) : sin(theta) * sum;
}

double ex_student_t95(int df)
{
    double low = 0, high = M_PI / 2;
    for (int i = 0; i < 60; i++) { /* halved to the last bit of a double */
        double middle = (low + high) / 2;
        if (central_probability(df, middle) < 0.95)
            low = middle;
        else
            high = middle;
    }
    return sqrt(df) * tan(low);
}

struct ex_summary ex_summarize(const double *values, int n)
{
    struct ex_summary summary = {n, NAN, NAN, NAN, NAN, NAN};
    if (n == 0)
        return summary;
    double sum = 0, squares = 0;
    summary.min = summary.max = values[0];
    for (int i = 0; i < n; i++) {
        sum += values[i];
        summary.min = fmin(summary.min, values[i]);
        summary.max = fmax(summary.max, values[i]);
    }
    summary.mean = sum / n;
    if (n < 2)
        return summary;
    for (int i = 0; i < n; i++)
        squares += (values[i] - summary.mean) * (values[i] - summary.mean);
    double half = ex_student_t95(n - 1) * sqrt(squares / (n - 1) / n);
    summary.ci_low = summary.mean - half;
    summary.ci_high = summary.mean + half;
    return summary;
}
