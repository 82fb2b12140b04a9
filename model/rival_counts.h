/* How often which word came in which context, and probabilities made of that. */
#ifndef MODEL_RIVAL_COUNTS_H
#define MODEL_RIVAL_COUNTS_H

#include <glib.h>

/* A context is m numbers, m >= 0; its words lie one after the other. */
struct nn_counts {
    int m, n_context;
    gint32 *contexts;      /* [n_context][m], sorted */
    int *first;            /* [n_context + 1] of its words; the last: all of them */
    gint64 *total;         /* [n_context] sum of its counts: n */
    gint32 *words, *count; /* c > 0; n_context 0: there are none */
};

/*
 * Counts rows [n_row][width] of m numbers of context and a word, in any order, which they lose.
 * width m + 1: how often each came. width m + 2: with how many distinct last numbers.
 */
void nn_counts_fit(struct nn_counts *counts, int m, gint32 *rows, int n_row, int width);
void nn_counts_clear(struct nn_counts *counts);

/* The number of a context [m], or -1. */
int nn_counts_find(const struct nn_counts *counts, const gint32 *context);

/*
 * One step of interpolation, for n, t words and c(w) of one context, from q to
 *
 *     (c(w) - d [c(w) > 0]) / (n + a) + (a + d t) / (n + a) q(w)
 *
 * Witten-Bell: a = t, d = 0. Absolute discounting: a = 0, 0 < d <= 1.
 */
struct nn_level {
    const struct nn_counts *counts;
    int context; /* -1: q stays */
    gboolean witten_bell;
    double discount;
};

/*
 * probability [V] becomes weight times what n levels, the first one first, make of base [V] (NULL:
 * 1 / V).
 */
void nn_interpolate(const struct nn_level *levels, int n, double weight, const double *base, int V,
                    double *probability);

#endif
