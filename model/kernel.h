/*
 * The loops where the time goes, once for each instruction set. Matrices are row-major, vectors
 * contiguous; a sum always adds in the same order, whatever the number of time steps in the call,
 * so that batching steps does not change a bit.
 *
 * M rows and K columns of a matrix; T time steps; H hidden; S source length.
 */
#ifndef MODEL_KERNEL_H
#define MODEL_KERNEL_H

#include "model/real.h"
#include <glib.h>

struct nn_matrix {
    nn_real *data;
    int rows, cols; /* M, K */
    gsize stride;   /* elements from a row to the next, >= K */
};

struct nn_kernels {
    const char *isa;

    /* y[t] = b + W x[t]       x [T][K], y [T][M], b [M] or NULL for zeros */
    void (*multiply)(struct nn_matrix w, const nn_real *b, const nn_real *x, nn_real *y, int T);

    /* x[t] += W^T y[t]        y [T][M], x [T][K] */
    void (*multiply_transposed)(struct nn_matrix w, const nn_real *y, nn_real *x, int T);

    /* W += scale sum_t y[t] x[t]^T */
    void (*add_outer)(struct nn_matrix w, nn_real scale, const nn_real *y, const nn_real *x, int T);

    /* b += scale sum_t y[t]   y [T][M], b [M] */
    void (*add_sum)(nn_real *b, nn_real scale, const nn_real *y, int M, int T);

    /*
     * One GRU step from its input products gi [3H] and state products gh [3H], both with bias:
     *     r = sigmoid(gi_r + gh_r)   z = sigmoid(gi_z + gh_z)   n = tanh(gi_n + r gh_n)
     *     h = n + z (h_prev - n)
     * gi becomes r, z, n.
     */
    void (*gru_forward)(nn_real *gi, const nn_real *gh, const nn_real *h_prev, nn_real *h, int H);

    /*
     * Its gradient: takes gi as gru_forward() left it, gh, h_prev and dh [H]; gi and gh become
     * the gradients of what they were before gru_forward(), and dh that of h_prev, the part
     * through gh left out.
     */
    void (*gru_backward)(nn_real *gi, nn_real *gh, const nn_real *h_prev, nn_real *dh, int H);

    /* u[s] = tanh(q + k[s])   q [H], k [S][H], u [S][H] */
    void (*attention_forward)(const nn_real *q, const nn_real *k, nn_real *u, int S, int H);

    /*
     * Gradient of score[s] = v u[s]: for each s, e = dscore[s] v (1 - u[s]^2) is added to dq [H]
     * and to dk[s] [H], and dscore[s] u[s] to dv [H].
     */
    void (*attention_backward)(const nn_real *v, const nn_real *u, const nn_real *dscore,
                               nn_real *dq, nn_real *dk, nn_real *dv, int S, int H);

    /* x [n] becomes softmax(x); returns log sum exp(x), NaN when an x is NaN. */
    double (*softmax)(nn_real *x, int n);
};

extern const struct nn_kernels nn_kernels_portable, nn_kernels_avx2, nn_kernels_avx512;

/* The kernels this machine can run: the fastest at index 0, the portable ones last, then NULL. */
const struct nn_kernels *nn_kernels_at(int index);

#endif
