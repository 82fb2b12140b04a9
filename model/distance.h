/* How far one sender's traffic is from another's: the arithmetic of plain detectors. */
#ifndef MODEL_DISTANCE_H
#define MODEL_DISTANCE_H

#include <glib.h>

/* Longest sequence that nn_edit_distance() compares. */
enum { NN_MAX_SEQUENCE = 100 };

/* Kolmogorov-Smirnov: the greatest |F_a(x) - F_b(x)| of ascending a [n_a], b [n_b], both > 0. */
double nn_ks_distance(const double *a, int n_a, const double *b, int n_b);

/* How often symbols (0, 1, 2 ...) came: n of them, ascending. */
struct nn_counts {
    const int *symbols, *counts; /* [n] */
    int n;
    double squares; /* sum of counts^2 */
};

/* sum of a_i b_i / (|a| |b|), of vectors that are not 0, b given densely: [number of symbols]. */
double nn_cosine(const struct nn_counts *a, const int *b, double b_squares);

/* For each symbol, the places in a pattern where it stands. */
typedef unsigned __int128 nn_places;

/*
 * Levenshtein's distance of a pattern of length m <= NN_MAX_SEQUENCE, given by the places [number
 * of symbols] of its symbols (bit 0 is the first), and text [n] (Myers 1999, Hyyro 2003: a column
 * of the table at a time).
 */
int nn_edit_distance(const nn_places *places, int m, const int *text, int n);

#endif
