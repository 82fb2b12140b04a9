/* From scores to words: softmax and the largest of many numbers. */
#ifndef MODEL_KERNEL_WORD_H
#define MODEL_KERNEL_WORD_H

#include "model/kernel_exp.h"
#include <math.h>

/* Vectors that are looked at before it is asked whether one of them held something. */
#define SEARCH_VECTORS 8

/* The largest number, NaN left out; -infinity when there is none. */
INLINE nn_real largest(const nn_real *x, int n)
{
    const vec none = splat(-(nn_real)INFINITY);
    vec most[4] = {none, none, none, none};
    int i = 0;
    for (; i + 4 * NN_LANES <= n; i += 4 * NN_LANES)
        UNROLL (j, 4)
            most[j] = larger(load(x + i + j * NN_LANES), most[j]);
    for (; i + NN_LANES <= n; i += NN_LANES)
        most[0] = larger(load(x + i), most[0]);
    most[0] = larger(larger(most[0], most[1]), larger(most[2], most[3]));
    nn_real lane[NN_LANES], result = -(nn_real)INFINITY;
    store(lane, most[0]);
    for (int j = 0; j < NN_LANES; j++)
        result = lane[j] > result ? lane[j] : result;
    for (; i < n; i++)
        result = x[i] > result ? x[i] : result;
    return result;
}

/* Sum of exp(x - most); the terms go to e, which may be x, unless it is NULL. */
INLINE nn_real sum_exp(const nn_real *x, int n, nn_real most, nn_real *e)
{
    vec total = {0};
    int i = 0;
    for (; i + NN_LANES <= n; i += NN_LANES) {
        const vec term = vec_exp(load(x + i) - most);
        if (e)
            store(e + i, term);
        total += term;
    }
    if (i < n) {
        nn_real end[NN_LANES] = {0};
        store_end(end, vec_exp(load_end(x + i, n - i) - most), n - i);
        if (e)
            memcpy(e + i, end, (n - i) * sizeof(nn_real));
        total += load(end);
    }
    return sum(total);
}

KERNEL double softmax(nn_real *x, int n)
{
    const nn_real most = largest(x, n), total = sum_exp(x, n, most, x);
    for (int i = 0; i < n; i += NN_LANES) {
        const int k = MIN(n - i, NN_LANES);
        store_some(x + i, load_some(x + i, k) / total, k);
    }
    return (double)most + log((double)total);
}

KERNEL double log_sum_exp(const nn_real *x, int n)
{
    const nn_real most = largest(x, n);
    return (double)most + log((double)sum_exp(x, n, most, NULL));
}

INLINE gboolean any(mask m)
{
    guint64 part[sizeof(m) / sizeof(guint64)], all = 0;
    memcpy(part, &m, sizeof(m));
    for (gsize i = 0; i < G_N_ELEMENTS(part); i++)
        all |= part[i];
    return all != 0;
}

/* The largest number first, then its place: faster than to carry places along. */
KERNEL int argmax(const nn_real *x, int n)
{
    const nn_real most = largest(x, n);
    const int step = SEARCH_VECTORS * NN_LANES;
    int i = 0;
    for (; i + step <= n; i += step) {
        mask found = {0};
        UNROLL (j, SEARCH_VECTORS)
            found |= load(x + i + j * NN_LANES) == most;
        if (any(found))
            break;
    }
    for (; i < n; i++)
        if (x[i] == most)
            return i;
    return 0; /* nothing but NaN */
}

/* The compiler makes vectors of such loops by itself. */
KERNEL int rank(const nn_real *x, int n, int i)
{
    const nn_real mine = x[i];
    int before = 0;
    for (int j = 0; j < i; j++)
        before += x[j] >= mine;
    for (int j = i + 1; j < n; j++)
        before += x[j] > mine;
    return before;
}

#endif
