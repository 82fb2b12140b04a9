/*
 * The kernels for one instruction set, included by the file of that set, which defines
 *
 *     NN_KERNELS  the name of the table
 *     NN_ISA      the name of the set, a string
 *     NN_TARGET   the function attribute that allows its instructions
 *     NN_LANES    numbers in a vector
 *     NN_TILE     side of a tile of sums: NN_TILE x 4 vectors and a few more fill the registers
 *
 * A sum over K runs in NN_LANES interleaved partial sums, added pairwise at the end; a sum over
 * rows or time steps runs in their order.
 */
#ifndef MODEL_KERNEL_BODY_H
#define MODEL_KERNEL_BODY_H

#include "model/kernel.h"
#include <math.h>
#include <string.h>

#ifndef NN_KERNELS
#define NN_KERNELS nn_kernels_portable
#define NN_ISA     "portable"
#define NN_TARGET
#define NN_LANES 4
#define NN_TILE  2
#endif

/* Tiles are unrolled, and kept in registers, only where they are inlined with constant sizes. */
#define INLINE static inline __attribute__((always_inline)) NN_TARGET

/* Rows of a matrix that stay in the cache while all time steps pass by: 64 KB at K = 256. */
#define BLOCK_ROWS 64

typedef nn_real vec __attribute__((vector_size(NN_LANES * sizeof(nn_real))));

/* ---- vectors ---- */

INLINE vec load(const nn_real *p)
{
    vec v;
    memcpy(&v, p, sizeof(v));
    return v;
}

INLINE void store(nn_real *p, vec v)
{
    memcpy(p, &v, sizeof(v));
}

INLINE vec splat(nn_real x)
{
    return x - (vec){0};
}

/* The next n <= NN_LANES numbers of a row, and zeros. */
INLINE vec load_some(const nn_real *p, int n)
{
    if (n == NN_LANES)
        return load(p);
    vec v = {0};
    memcpy(&v, p, n * sizeof(nn_real));
    return v;
}

INLINE void store_some(nn_real *p, vec v, int n)
{
    if (n == NN_LANES)
        store(p, v);
    else
        memcpy(p, &v, n * sizeof(nn_real));
}

/*
 * Four sums at once, [sum a, sum b, sum c, sum d]: lanes are added in pairs, then the pairs, in
 * each group of four, and last the groups. MIX_1 and MIX_2 bring the halves of these additions
 * together: of a = a0 a1 a2 a3 .. and b, the first gives a0 b0 a2 b2 .. and a1 b1 a3 b3 ..
 */
typedef nn_real quad __attribute__((vector_size(4 * sizeof(nn_real))));

#define PICK __builtin_shufflevector
#if NN_LANES == 4
#define MIX_1(a, b) (PICK(a, b, 0, 4, 2, 6) + PICK(a, b, 1, 5, 3, 7))
#define MIX_2(a, b) (PICK(a, b, 0, 1, 4, 5) + PICK(a, b, 2, 3, 6, 7))
#define FOLD(v)     (v)
#elif NN_LANES == 8
#define MIX_1(a, b) (PICK(a, b, 0, 8, 2, 10, 4, 12, 6, 14) + PICK(a, b, 1, 9, 3, 11, 5, 13, 7, 15))
#define MIX_2(a, b) (PICK(a, b, 0, 1, 8, 9, 4, 5, 12, 13) + PICK(a, b, 2, 3, 10, 11, 6, 7, 14, 15))
#define FOLD(v)     (PICK(v, v, 0, 1, 2, 3) + PICK(v, v, 4, 5, 6, 7))
#else
#define MIX_1(a, b)                                                                                \
    (PICK(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30) +                       \
     PICK(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
#define MIX_2(a, b)                                                                                \
    (PICK(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) +                        \
     PICK(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
#define FOLD(v)                                                                                    \
    ((PICK(v, v, 0, 1, 2, 3) + PICK(v, v, 4, 5, 6, 7)) +                                           \
     (PICK(v, v, 8, 9, 10, 11) + PICK(v, v, 12, 13, 14, 15)))
#endif

INLINE quad sum_four(vec a, vec b, vec c, vec d)
{
    const vec mixed = MIX_2(MIX_1(a, b), MIX_1(c, d));
    return FOLD(mixed);
}

INLINE nn_real sum(vec v)
{
    const vec zero = {0};
    return sum_four(v, zero, zero, zero)[0];
}

/* ---- exp, tanh, sigmoid ---- */

#ifdef NN_DOUBLE

INLINE vec vec_exp(vec x)
{
    for (int i = 0; i < NN_LANES; i++)
        x[i] = exp(x[i]);
    return x;
}

INLINE vec vec_tanh(vec x)
{
    for (int i = 0; i < NN_LANES; i++)
        x[i] = tanh(x[i]);
    return x;
}

#else

typedef gint32 ivec __attribute__((vector_size(NN_LANES * sizeof(gint32))));
typedef guint32 uvec __attribute__((vector_size(NN_LANES * sizeof(guint32))));

/* a where mask is set, else b */
INLINE vec blend(ivec mask, vec a, vec b)
{
    return (vec)((mask & (ivec)a) | (~mask & (ivec)b));
}

/*
 * exp(x) = 2^k (1 + q) with k = round(x / ln 2), q = exp(x - k ln 2) - 1 by its series, which
 * leaves out less than 2e-8 of q. ln 2 comes in two parts, so that k times the first is exact.
 * x is held within the exponents of normal floats; NaN stays NaN, in q.
 */
INLINE vec exp_parts(vec x, vec *q)
{
    const vec least = splat(-87.0F), most = splat(88.0F);
    x = blend(x < least, least, blend(x > most, most, x));
    const vec round = splat(12582912.0F); /* 1.5 * 2^23: adding it rounds to a whole number */
    const vec k = (x * 1.44269504F + round) - round;
    const vec r = (x - k * 0.693359375F) + k * 2.12194440e-4F;
    vec p = r * (1.0F / 5040) + 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    *q = p * r * r + r;
    return (vec)((uvec)(__builtin_convertvector(k, ivec) + 127) << 23);
}

INLINE vec vec_exp(vec x)
{
    vec q;
    const vec scale = exp_parts(x, &q);
    return scale * q + scale;
}

/* tanh(x) = e / (e + 2), e = exp(2 x) - 1, which loses no digit near 0 */
INLINE vec vec_tanh(vec x)
{
    vec q;
    const vec scale = exp_parts(2 * x, &q);
    const vec e = scale * q + (scale - 1);
    return e / (e + 2);
}

#endif

INLINE vec vec_sigmoid(vec x)
{
    return 1 / (1 + vec_exp(-x));
}

/* ---- products ---- */

/* y[t][m] for R rows and C time steps. */
INLINE void dot_tile(int R, int C, const nn_real *w, gsize stride, const nn_real *b,
                     const nn_real *x, int K, nn_real *y, int M)
{
    vec acc[8][4] = {0};
    int k = 0;
    for (; k + NN_LANES <= K; k += NN_LANES) {
        for (int r = 0; r < R; r++) {
            const vec wr = load(w + r * stride + k);
            for (int c = 0; c < C; c++)
                acc[r][c] += wr * load(x + (gsize)c * K + k);
        }
    }
    if (k < K) {
        for (int r = 0; r < R; r++)
            for (int c = 0; c < C; c++)
                acc[r][c] +=
                    load_some(w + r * stride + k, K - k) * load_some(x + (gsize)c * K + k, K - k);
    }
    for (int c = 0; c < C; c++) {
        nn_real *yc = y + (gsize)c * M;
        for (int r = 0; r + 4 <= R; r += 4) {
            quad bias = {0};
            if (b)
                memcpy(&bias, b + r, sizeof(bias));
            const quad sums =
                bias + sum_four(acc[r][c], acc[r + 1][c], acc[r + 2][c], acc[r + 3][c]);
            memcpy(yc + r, &sums, sizeof(sums));
        }
        if (R == 1)
            yc[0] = sum(acc[0][c]) + (b ? b[0] : 0);
    }
}

/* R rows, all time steps. */
INLINE void dot_rows(int R, const nn_real *w, gsize stride, const nn_real *b, const nn_real *x,
                     int K, nn_real *y, int M, int T)
{
    for (; T >= NN_TILE; T -= NN_TILE, x += NN_TILE * K, y += NN_TILE * M)
        dot_tile(R, NN_TILE, w, stride, b, x, K, y, M);
    if (T == 3)
        dot_tile(R, 3, w, stride, b, x, K, y, M);
    else if (T == 2)
        dot_tile(R, 2, w, stride, b, x, K, y, M);
    else if (T == 1)
        dot_tile(R, 1, w, stride, b, x, K, y, M);
}

NN_TARGET static void multiply(struct nn_matrix w, const nn_real *b, const nn_real *x, nn_real *y,
                               int T)
{
    const int M = w.rows, K = w.cols;
    int m = 0;
    if (T == 1) {
        for (; m + 8 <= M; m += 8)
            dot_tile(8, 1, w.data + m * w.stride, w.stride, b ? b + m : NULL, x, K, y + m, M);
    }
    for (; m + 4 <= M; m += 4)
        dot_rows(4, w.data + m * w.stride, w.stride, b ? b + m : NULL, x, K, y + m, M, T);
    for (; m < M; m++)
        dot_rows(1, w.data + m * w.stride, w.stride, b ? b + m : NULL, x, K, y + m, M, T);
}

/* x[t][k] += sum_m y[t][m] w[m][k] for C time steps, N vectors of k, and `rows` rows. */
INLINE void sum_tile(int C, int N, const nn_real *w, gsize stride, int rows, const nn_real *y,
                     int M, nn_real *x, int K)
{
    vec acc[4][8];
    for (int c = 0; c < C; c++)
        for (int i = 0; i < N; i++)
            acc[c][i] = load(x + (gsize)c * K + i * NN_LANES);
    for (int m = 0; m < rows; m++) {
        for (int c = 0; c < C; c++) {
            const vec ym = splat(y[(gsize)c * M + m]);
            for (int i = 0; i < N; i++)
                acc[c][i] += ym * load(w + m * stride + i * NN_LANES);
        }
    }
    for (int c = 0; c < C; c++)
        for (int i = 0; i < N; i++)
            store(x + (gsize)c * K + i * NN_LANES, acc[c][i]);
}

/* C time steps, all k, with N vectors at a time. */
INLINE void sum_steps(int C, int N, const nn_real *w, gsize stride, int rows, const nn_real *y,
                      int M, nn_real *x, int K)
{
    int k = 0;
    for (; k + N * NN_LANES <= K; k += N * NN_LANES)
        sum_tile(C, N, w + k, stride, rows, y, M, x + k, K);
    for (; k + NN_LANES <= K; k += NN_LANES)
        sum_tile(C, 1, w + k, stride, rows, y, M, x + k, K);
    if (k == K)
        return;
    for (int c = 0; c < C; c++) {
        vec acc = load_some(x + (gsize)c * K + k, K - k);
        for (int m = 0; m < rows; m++)
            acc += splat(y[(gsize)c * M + m]) * load_some(w + m * stride + k, K - k);
        store_some(x + (gsize)c * K + k, acc, K - k);
    }
}

/* `rows` rows, all time steps. */
INLINE void sum_rows(const nn_real *w, gsize stride, int rows, const nn_real *y, int M, nn_real *x,
                     int K, int T)
{
    for (; T >= NN_TILE; T -= NN_TILE, y += NN_TILE * M, x += NN_TILE * K)
        sum_steps(NN_TILE, 4, w, stride, rows, y, M, x, K);
    if (T == 3)
        sum_steps(3, 4, w, stride, rows, y, M, x, K);
    else if (T == 2)
        sum_steps(2, 4, w, stride, rows, y, M, x, K);
    else if (T == 1)
        sum_steps(1, 8, w, stride, rows, y, M, x, K);
}

NN_TARGET static void multiply_transposed(struct nn_matrix w, const nn_real *y, nn_real *x, int T)
{
    for (int m = 0; m < w.rows; m += BLOCK_ROWS) {
        const int rows = MIN(w.rows - m, BLOCK_ROWS);
        sum_rows(w.data + m * w.stride, w.stride, rows, y + m, w.rows, x, w.cols, T);
    }
}

/* w[m][k] += scale sum_t y[t][m] x[t][k] for R rows and N vectors of k. */
INLINE void outer_tile(int R, int N, nn_real *w, gsize stride, nn_real scale, const nn_real *y,
                       int M, const nn_real *x, int K, int T)
{
    vec acc[4][4] = {0};
    for (int t = 0; t < T; t++) {
        for (int r = 0; r < R; r++) {
            const vec yr = splat(y[(gsize)t * M + r]);
            for (int i = 0; i < N; i++)
                acc[r][i] += yr * load(x + (gsize)t * K + i * NN_LANES);
        }
    }
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) {
            nn_real *p = w + r * stride + i * NN_LANES;
            store(p, load(p) + scale * acc[r][i]);
        }
}

/* R rows, all k. */
INLINE void outer_rows(int R, nn_real *w, gsize stride, nn_real scale, const nn_real *y, int M,
                       const nn_real *x, int K, int T)
{
    int k = 0;
    for (; k + 4 * NN_LANES <= K; k += 4 * NN_LANES)
        outer_tile(R, 4, w + k, stride, scale, y, M, x + k, K, T);
    for (; k + NN_LANES <= K; k += NN_LANES)
        outer_tile(R, 1, w + k, stride, scale, y, M, x + k, K, T);
    if (k == K)
        return;
    for (int r = 0; r < R; r++) {
        vec acc = {0};
        for (int t = 0; t < T; t++)
            acc += splat(y[(gsize)t * M + r]) * load_some(x + (gsize)t * K + k, K - k);
        nn_real *p = w + r * stride + k;
        store_some(p, load_some(p, K - k) + scale * acc, K - k);
    }
}

NN_TARGET static void add_outer(struct nn_matrix w, nn_real scale, const nn_real *y,
                                const nn_real *x, int T)
{
    const int M = w.rows, K = w.cols;
    int m = 0;
    for (; m + NN_TILE <= M; m += NN_TILE)
        outer_rows(NN_TILE, w.data + m * w.stride, w.stride, scale, y + m, M, x, K, T);
    for (; m < M; m++)
        outer_rows(1, w.data + m * w.stride, w.stride, scale, y + m, M, x, K, T);
}

NN_TARGET static void add_sum(nn_real *b, nn_real scale, const nn_real *y, int M, int T)
{
    for (int m = 0; m < M; m += NN_LANES) {
        const int n = MIN(M - m, NN_LANES);
        vec acc = {0};
        for (int t = 0; t < T; t++)
            acc += load_some(y + (gsize)t * M + m, n);
        store_some(b + m, load_some(b + m, n) + scale * acc, n);
    }
}

/* ---- element by element ---- */

NN_TARGET static void gru_forward(nn_real *gi, const nn_real *gh, const nn_real *h_prev, nn_real *h,
                                  int H)
{
    for (int i = 0; i < H; i += NN_LANES) {
        const int k = MIN(H - i, NN_LANES);
        const vec r = vec_sigmoid(load_some(gi + i, k) + load_some(gh + i, k));
        const vec z = vec_sigmoid(load_some(gi + H + i, k) + load_some(gh + H + i, k));
        const vec n = vec_tanh(load_some(gi + 2 * H + i, k) + r * load_some(gh + 2 * H + i, k));
        store_some(h + i, n + z * (load_some(h_prev + i, k) - n), k);
        store_some(gi + i, r, k);
        store_some(gi + H + i, z, k);
        store_some(gi + 2 * H + i, n, k);
    }
}

NN_TARGET static void gru_backward(nn_real *gi, nn_real *gh, const nn_real *h_prev, nn_real *dh,
                                   int H)
{
    for (int i = 0; i < H; i += NN_LANES) {
        const int k = MIN(H - i, NN_LANES);
        const vec r = load_some(gi + i, k), z = load_some(gi + H + i, k);
        const vec n = load_some(gi + 2 * H + i, k), d = load_some(dh + i, k);
        const vec dn = d * (1 - z) * (1 - n * n);
        const vec dz = d * (load_some(h_prev + i, k) - n) * z * (1 - z);
        const vec dr = dn * load_some(gh + 2 * H + i, k) * r * (1 - r);
        store_some(gi + i, dr, k);
        store_some(gi + H + i, dz, k);
        store_some(gi + 2 * H + i, dn, k);
        store_some(gh + i, dr, k);
        store_some(gh + H + i, dz, k);
        store_some(gh + 2 * H + i, dn * r, k);
        store_some(dh + i, d * z, k);
    }
}

NN_TARGET static void attention_forward(const nn_real *q, const nn_real *k, nn_real *u, int S,
                                        int H)
{
    for (int s = 0; s < S; s++, k += H, u += H)
        for (int i = 0; i < H; i += NN_LANES) {
            const int n = MIN(H - i, NN_LANES);
            store_some(u + i, vec_tanh(load_some(q + i, n) + load_some(k + i, n)), n);
        }
}

NN_TARGET static void attention_backward(const nn_real *v, const nn_real *u, const nn_real *dscore,
                                         nn_real *dq, nn_real *dk, nn_real *dv, int S, int H)
{
    for (int i = 0; i < H; i += NN_LANES) {
        const int n = MIN(H - i, NN_LANES);
        const vec vi = load_some(v + i, n);
        vec q_sum = load_some(dq + i, n), v_sum = load_some(dv + i, n);
        for (int s = 0; s < S; s++) {
            const vec us = load_some(u + (gsize)s * H + i, n);
            const vec e = dscore[s] * vi * (1 - us * us);
            nn_real *p = dk + (gsize)s * H + i;
            store_some(p, load_some(p, n) + e, n);
            q_sum += e;
            v_sum += dscore[s] * us;
        }
        store_some(dq + i, q_sum, n);
        store_some(dv + i, v_sum, n);
    }
}

NN_TARGET static double softmax(nn_real *x, int n)
{
    nn_real most = x[0];
    for (int i = 1; i < n; i++)
        most = x[i] > most ? x[i] : most;
    vec total = {0};
    for (int i = 0; i < n; i += NN_LANES) {
        const int k = MIN(n - i, NN_LANES);
        vec e = vec_exp(load_some(x + i, k) - most);
        store_some(x + i, e, k);
        if (k < NN_LANES)
            e = load_some(x + i, k); /* zeros in place of what lies beyond the end */
        total += e;
    }
    const nn_real norm = sum(total);
    for (int i = 0; i < n; i++)
        x[i] /= norm;
    return (double)most + log((double)norm);
}

const struct nn_kernels NN_KERNELS = {
    .isa = NN_ISA,
    .multiply = multiply,
    .multiply_transposed = multiply_transposed,
    .add_outer = add_outer,
    .add_sum = add_sum,
    .gru_forward = gru_forward,
    .gru_backward = gru_backward,
    .attention_forward = attention_forward,
    .attention_backward = attention_backward,
    .softmax = softmax,
};

#endif
