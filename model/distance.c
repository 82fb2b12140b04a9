#include "model/distance.h"

#include <math.h>

/* How many of ascending values [n] are below x, or with `equal` at most x. */
static int count_below(const double *values, int n, double x, gboolean equal)
{
    int low = 0;
    for (int high = n; low < high;) {
        const int middle = low + (high - low) / 2;
        if (values[middle] < x || (equal && values[middle] == x))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* F_a only changes at its own values, and F_b rises: at them, or just before, they differ most. */
double nn_ks_distance(const double *a, int n_a, const double *b, int n_b)
{
    double greatest = 0;
    for (int i = 0, end; i < n_a; i = end) {
        for (end = i + 1; end < n_a && a[end] == a[i];)
            end++;
        const double before = (double)count_below(b, n_b, a[i], FALSE) / n_b;
        const double at = (double)count_below(b, n_b, a[i], TRUE) / n_b;
        greatest = fmax(greatest, fabs((double)i / n_a - before));
        greatest = fmax(greatest, fabs((double)end / n_a - at));
    }
    return greatest;
}

double nn_cosine(const struct nn_counts *a, const int *b, double b_squares)
{
    double product = 0; /* of integers: exact */
    for (int i = 0; i < a->n; i++)
        product += (double)a->counts[i] * b[a->symbols[i]];
    return product / sqrt(a->squares * b_squares);
}

int nn_edit_distance(const nn_places *places, int m, const int *text, int n)
{
    if (m == 0)
        return n;
    /* In column j, going down a row adds 1 (up), takes 1 (down), or neither. */
    nn_places up = ~(nn_places)0, down = 0;
    const nn_places last = (nn_places)1 << (m - 1);
    int distance = m;
    for (int j = 0; j < n; j++) {
        const nn_places match = places[text[j]];
        const nn_places vertical = match | down;
        const nn_places horizontal = (((match & up) + up) ^ up) | match;
        nn_places right_up = down | ~(horizontal | up), right_down = up & horizontal;
        distance += ((right_up & last) != 0) - ((right_down & last) != 0);
        right_up = (right_up << 1) | 1; /* the first row is 0, 1, 2 ... */
        right_down <<= 1;
        up = right_down | ~(vertical | right_up);
        down = right_up & vertical;
    }
    return distance;
}
