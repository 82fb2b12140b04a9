#include "model/distance.h"

#include <math.h>

double nn_ks_distance(const double *a, int n_a, const double *b, int n_b)
{
    double greatest = 0;
    for (int i = 0, j = 0; i < n_a && j < n_b;) {
        const double x = fmin(a[i], b[j]);
        while (i < n_a && a[i] == x)
            i++;
        while (j < n_b && b[j] == x)
            j++;
        greatest = fmax(greatest, fabs((double)i / n_a - (double)j / n_b));
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
