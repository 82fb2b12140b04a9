/*
 * The loops where the time goes, once for each instruction set. Matrices are row-major; a sum
 * always adds in the same order, whatever the number of rows in the call and whichever part of a
 * matrix the call is about, so that neither batching nor threads change a bit.
 *
 * M rows and K columns of a weight matrix; T rows of the vectors it is multiplied with (time steps
 * or sentences); H hidden; S positions of a source.
 */
#ifndef MODEL_KERNEL_H
#define MODEL_KERNEL_H

#include "model/real.h"
#include <glib.h>

/* Rows and columns are at least 1; the numbers need no alignment. */
struct nn_matrix {
    nn_real *data;
    int rows, cols;
    gsize stride; /* elements from a row to the next, >= cols */
};

/* One step of a recurrent cell for n of its H units; gates lie H numbers apart. */
struct nn_cell_step {
    nn_real *gi, *gh;               /* input and state products, both with bias */
    const nn_real *h_prev, *c_prev; /* [n] c: LSTM only */
    nn_real *h, *c;                 /* [n] */
    int H, n;
};

/* Its gradient. */
struct nn_cell_slope {
    nn_real *gi, *gh; /* as the forward step left them; become the gradients of what they were */
    const nn_real *h_prev, *c_prev, *c;
    nn_real *dh, *dc; /* [n] gradient of h and c; become those of h_prev (without the part through
                         gh) and c_prev */
    int H, n;
};

enum nn_cell { NN_GRU, NN_LSTM, NN_N_CELL };

struct nn_kernels {
    const char *isa;

    /* y = x W^T + b           x [T][K], y [T][M], b [M] or NULL for zeros */
    void (*multiply)(struct nn_matrix w, const nn_real *b, struct nn_matrix x, struct nn_matrix y);

    /* x += y W                y [T][M], x [T][K] */
    void (*multiply_transposed)(struct nn_matrix w, struct nn_matrix y, struct nn_matrix x);

    /* W += scale y^T x        y [T][M], x [T][K]; the sum over T first */
    void (*add_outer)(struct nn_matrix w, nn_real scale, struct nn_matrix y, struct nn_matrix x);

    /* b += scale sum_t y[t]   y [T][M], b [M] */
    void (*add_sum)(nn_real *b, nn_real scale, struct nn_matrix y);

    /*
     * GRU, gates r, z, n:
     *     r = sigmoid(gi_r + gh_r)   z = sigmoid(gi_z + gh_z)   n = tanh(gi_n + r gh_n)
     *     h = n + z (h_prev - n)
     * LSTM, gates i, f, g, o:
     *     i, f, o = sigmoid(gi + gh)   g = tanh(gi_g + gh_g)
     *     c = f c_prev + i g           h = o tanh(c)
     * gi becomes the gates.
     */
    void (*cell_forward[NN_N_CELL])(const struct nn_cell_step *step);
    void (*cell_backward[NN_N_CELL])(const struct nn_cell_slope *slope);

    /* u[s] = tanh(q + k[s])   q [H], k and u [S][H] */
    void (*attention_forward)(const nn_real *q, struct nn_matrix k, struct nn_matrix u);

    /*
     * Gradient of score[s] = v u[s]: for each s, e = dscore[s] v (1 - u[s]^2) is added to dk[s]
     * [H], dscore[s] u[s] to dv [H]; dq [H] becomes the sum of e.
     */
    void (*attention_backward)(const nn_real *v, struct nn_matrix u, const nn_real *dscore,
                               nn_real *dq, struct nn_matrix dk, nn_real *dv);

    /* x [n] becomes softmax(x); returns log sum exp(x), NaN when an x is NaN. */
    double (*softmax)(nn_real *x, int n);

    /* log sum exp(x), to the bit as softmax() returns it; x stays. */
    double (*log_sum_exp)(const nn_real *x, int n);

    /* Index of the largest x [n], the lowest of equals; NaN is smaller than all. */
    int (*argmax)(const nn_real *x, int n);

    /* How many of x [n] come before x[i] when they are sorted, largest first, of equals the lowest
     * index first. NaN is smaller than all; before a NaN comes none. */
    int (*rank)(const nn_real *x, int n, int i);
};

extern const struct nn_kernels nn_kernels_portable, nn_kernels_avx2, nn_kernels_avx512;

/* The kernels this machine can run: the fastest at index 0, the portable ones last, then NULL. */
const struct nn_kernels *nn_kernels_at(int index);

/* Those that the environment variable ADLIOTLOG_ISA names, or the fastest. NULL and
 * TG_ERROR_USAGE when there are none of that name, or this machine cannot run them. */
const struct nn_kernels *nn_kernels_choose(GError **error);

/* Rows first .. first + n - 1 of a matrix, and columns. */
static inline struct nn_matrix nn_rows(struct nn_matrix m, int first, int n)
{
    return (struct nn_matrix){m.data + (gsize)first * m.stride, n, m.cols, m.stride};
}

static inline struct nn_matrix nn_columns(struct nn_matrix m, int first, int n)
{
    return (struct nn_matrix){m.data + first, m.rows, n, m.stride};
}

static inline nn_real *nn_row(struct nn_matrix m, int i)
{
    return m.data + (gsize)i * m.stride;
}

#endif
