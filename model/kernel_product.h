/*
 * The products of a weight matrix: forward, to the input, and the update. Each is cut into tiles
 * whose sums stay in registers.
 *
 * A sum over K runs in NN_LANES interleaved partial sums, which kernel_vector.h adds up; one over
 * rows or time steps runs in their order. The shape of a tile changes neither.
 */
#ifndef MODEL_KERNEL_PRODUCT_H
#define MODEL_KERNEL_PRODUCT_H

#include "model/kernel_vector.h"

/* Rows of a matrix that stay in the cache while all time steps pass by: 16 KB of four vectors. */
#define BLOCK_ROWS 64

/* Sums in the largest tile. */
#define TILE_SUMS 24

/* Time steps of the widest tile there is. */
#define MOST_STEPS 6

/*
 * T time steps in tiles as equal as possible: tiles of `steps` are best, wider ones as far as
 * `widest` better than a narrow rest. TILE(t, n) is called for each with n a constant.
 */
#define EACH_TILE(T, steps, widest, TILE)                                                          \
    for (int t_ = 0, left_ = n_tiles(T, steps, widest), n_; t_ < (T); t_ += n_, left_--) {         \
        n_ = ((T)-t_ + left_ - 1) / left_;                                                         \
        if (n_ == 1)                                                                               \
            TILE(t_, 1);                                                                           \
        else if (n_ == 2)                                                                          \
            TILE(t_, 2);                                                                           \
        else if ((widest) >= 3 && n_ == 3)                                                         \
            TILE(t_, 3);                                                                           \
        else if ((widest) >= 4 && n_ == 4)                                                         \
            TILE(t_, 4);                                                                           \
        else if ((widest) >= 5 && n_ == 5)                                                         \
            TILE(t_, 5);                                                                           \
        else if ((widest) >= 6)                                                                    \
            TILE(t_, 6);                                                                           \
    }

INLINE int n_tiles(int T, int steps, int widest)
{
    return MAX((T + steps - 1 - (widest - steps)) / steps, 1);
}

/* Numbers of a weight matrix that a tile uses several times. */
INLINE vec load_once(const nn_real *p, gsize stride)
{
    if (NN_AHEAD)
        __builtin_prefetch(p + NN_AHEAD * stride);
    return keep(load(p));
}

/* ---- forward ---- */

/*
 * Sums of acc into y[c][r], r < R, c < C. Four rows of one c make a quad; a single row is taken
 * four times, of which one counts.
 */
INLINE void store_sums(int R, int C, const vec *acc, const nn_real *b, struct nn_matrix y)
{
    const int per_step = R < 4 ? 1 : R / 4, n = per_step * C;
    UNROLL (group, (n + QUADS - 1) / QUADS) {
        const int first = group * QUADS;
        vec part[4], v[QUADS];
        UNROLL (i, 4) {
            UNROLL (q, QUADS) {
                const int at = MIN(first + q, n - 1);
                v[q] = acc[R < 4 ? at : 4 * at + i];
            }
            part[i] = sum_to_quads(v);
        }
        const vec sums = sum_quads(part[0], part[1], part[2], part[3]);
        UNROLL (q, MIN(QUADS, n - first)) {
            const int c = (first + q) / per_step, r = (first + q) % per_step * 4;
            nn_real *to = y.data + (gsize)c * y.stride + r;
            quad s = quad_of(sums, q);
            if (R < 4) {
                *to = b ? s[0] + *b : s[0];
            } else {
                if (b)
                    s += load_quad(b + r);
                store_quad(to, s);
            }
        }
    }
}

/* y[c][r] for R rows of w (1, or a multiple of four) and C rows of x and y. */
INLINE void dot_tile(int R, int C, struct nn_matrix w, const nn_real *b, struct nn_matrix x,
                     struct nn_matrix y)
{
    vec acc[TILE_SUMS];
    const int K = w.cols;
    UNROLL (i, R * C)
        acc[i] = (vec){0};
    int k = 0;
    for (; k + NN_LANES <= K; k += NN_LANES) {
        const nn_real *row = w.data + k;
        UNROLL (r, R) {
            const vec wr = C > 1 ? load_once(row, w.stride) : load(row);
            row += w.stride;
            UNROLL (c, C)
                acc[c * R + r] = fused(wr, load(x.data + c * x.stride + k), acc[c * R + r]);
        }
    }
    if (k < K) {
        UNROLL (r, R) {
            const vec wr = load_end(w.data + r * w.stride + k, K - k);
            UNROLL (c, C)
                acc[c * R + r] =
                    fused(wr, load_end(x.data + c * x.stride + k, K - k), acc[c * R + r]);
        }
    }
    store_sums(R, C, acc, b, y);
}

/* Rows m, m + 1, ... as far as they come in groups of R, C time steps; returns the next row. */
INLINE int dot_wide(int R, int C, int m, struct nn_matrix w, const nn_real *b, struct nn_matrix x,
                    struct nn_matrix y)
{
    for (; m + R <= w.rows; m += R)
        dot_tile(R, C, nn_rows(w, m, R), b ? b + m : NULL, x, nn_columns(y, m, R));
    return m;
}

/* The same, all time steps. */
INLINE int dot_rows(int R, int m, struct nn_matrix w, const nn_real *b, struct nn_matrix x,
                    struct nn_matrix y)
{
#define DOT_TILE(t, C)                                                                             \
    dot_tile(R, C, nn_rows(w, m, R), b ? b + m : NULL, nn_rows(x, t, C),                           \
             nn_columns(nn_rows(y, t, C), m, R))
    for (; m + R <= w.rows; m += R)
        EACH_TILE(x.rows, NN_STEPS, NN_WIDEST, DOT_TILE)
    return m;
}

/* Few time steps leave registers for more rows, and then it is the rows that must come fast. */
KERNEL void multiply(struct nn_matrix w, const nn_real *b, struct nn_matrix x, struct nn_matrix y)
{
    int m = 0;
    if (x.rows == 1)
        m = dot_wide(NN_LANES == 16 ? 16 : 8, 1, m, w, b, x, y);
    else if (NN_LANES == 16 && x.rows == 2)
        m = dot_wide(8, 2, m, w, b, x, y);
    else if (NN_LANES == 16 && x.rows == 3)
        m = dot_wide(8, 3, m, w, b, x, y);
    m = dot_rows(4, m, w, b, x, y);
    dot_rows(1, m, w, b, x, y);
}

/* ---- to the input ---- */

/* x[c][k] += sum_m y[c][m] w[m][k] for C rows of x and y, and N vectors of k. */
INLINE void sum_tile(int C, int N, struct nn_matrix w, struct nn_matrix y, struct nn_matrix x)
{
    vec acc[TILE_SUMS], ym[MOST_STEPS];
    UNROLL (c, C)
        UNROLL (i, N)
            acc[c * N + i] = load(x.data + c * x.stride + i * NN_LANES);
    for (int m = 0; m < w.rows; m++) {
        UNROLL (c, C)
            ym[c] = splat(y.data[c * y.stride + m]);
        UNROLL (i, N) {
            const nn_real *p = w.data + m * w.stride + i * NN_LANES;
            const vec wi = C > 1 ? load_once(p, w.stride) : load(p);
            UNROLL (c, C)
                acc[c * N + i] = fused(ym[c], wi, acc[c * N + i]);
        }
    }
    UNROLL (c, C)
        UNROLL (i, N)
            store(x.data + c * x.stride + i * NN_LANES, acc[c * N + i]);
}

/* The last columns, which do not fill a vector. */
INLINE void sum_end(struct nn_matrix w, struct nn_matrix y, struct nn_matrix x)
{
    for (int t = 0; t < x.rows; t++) {
        vec acc = load_end(nn_row(x, t), w.cols);
        for (int m = 0; m < w.rows; m++)
            acc = fused(splat(nn_row(y, t)[m]), load_end(nn_row(w, m), w.cols), acc);
        store_end(nn_row(x, t), acc, w.cols);
    }
}

/* Columns k, k + 1, ... as far as they come in N vectors, C time steps; returns the next column. */
INLINE int sum_wide(int C, int N, int k, struct nn_matrix w, struct nn_matrix y, struct nn_matrix x)
{
    const int n = N * NN_LANES;
    for (; k + n <= w.cols; k += n)
        sum_tile(C, N, nn_columns(w, k, n), y, nn_columns(x, k, n));
    return k;
}

/* The same, all time steps. */
INLINE int sum_columns(int N, int k, struct nn_matrix w, struct nn_matrix y, struct nn_matrix x)
{
    const int n = N * NN_LANES;
#define SUM_TILE(t, C)                                                                             \
    sum_tile(C, N, nn_columns(w, k, n), nn_rows(y, t, C), nn_columns(nn_rows(x, t, C), k, n))
    for (; k + n <= w.cols; k += n)
        EACH_TILE(x.rows, NN_SUM_STEPS, NN_SUM_WIDEST, SUM_TILE)
    return k;
}

KERNEL void multiply_transposed(struct nn_matrix w, struct nn_matrix y, struct nn_matrix x)
{
    for (int m = 0; m < w.rows; m += BLOCK_ROWS) {
        const int rows = MIN(w.rows - m, BLOCK_ROWS);
        const struct nn_matrix block = nn_rows(w, m, rows), yb = nn_columns(y, m, rows);
        int k = 0;
        if (x.rows == 1)
            k = sum_wide(1, NN_LANES == 16 ? 16 : 8, k, block, yb, x);
        else if (NN_LANES == 16 && x.rows == 2)
            k = sum_wide(2, 8, k, block, yb, x);
        else if (NN_LANES == 16 && x.rows == 3)
            k = sum_wide(3, 8, k, block, yb, x);
        k = sum_columns(4, k, block, yb, x);
        k = sum_columns(1, k, block, yb, x);
        if (k < w.cols)
            sum_end(nn_columns(block, k, w.cols - k), yb, nn_columns(x, k, w.cols - k));
    }
}

/* ---- update ---- */

/* w[r][k] += scale sum_t y[t][r] x[t][k] for R rows and N vectors of k. */
INLINE void outer_tile(int R, int N, struct nn_matrix w, nn_real scale, struct nn_matrix y,
                       struct nn_matrix x)
{
    vec acc[TILE_SUMS], yt[NN_SUM_STEPS];
    UNROLL (i, R * N)
        acc[i] = (vec){0};
    for (int t = 0; t < x.rows; t++) {
        UNROLL (r, R)
            yt[r] = splat(nn_row(y, t)[r]);
        UNROLL (i, N) {
            vec xi = load(nn_row(x, t) + i * NN_LANES);
            if (R > 1)
                xi = keep(xi);
            UNROLL (r, R)
                acc[r * N + i] = fused(yt[r], xi, acc[r * N + i]);
        }
    }
    nn_real *row = w.data; /* counted up: r * stride + i would be kept for each of r and i */
    UNROLL (r, R) {
        UNROLL (i, N) {
            nn_real *p = row + i * NN_LANES;
            store(p, fused(splat(scale), acc[r * N + i], load(p)));
        }
        row += w.stride;
    }
}

INLINE void outer_end(struct nn_matrix w, nn_real scale, struct nn_matrix y, struct nn_matrix x)
{
    for (int m = 0; m < w.rows; m++) {
        vec acc = {0};
        for (int t = 0; t < x.rows; t++)
            acc = fused(splat(nn_row(y, t)[m]), load_end(nn_row(x, t), w.cols), acc);
        acc = fused(splat(scale), acc, load_end(nn_row(w, m), w.cols));
        store_end(nn_row(w, m), acc, w.cols);
    }
}

/* Rows m, m + 1, ... as far as they come in groups of R; returns the next row. */
INLINE int outer_rows(int R, int m, struct nn_matrix w, nn_real scale, struct nn_matrix y,
                      struct nn_matrix x)
{
#define OUTER_TILE(N)                                                                              \
    for (; k + N * NN_LANES <= w.cols; k += N * NN_LANES)                                          \
    outer_tile(R, N, nn_columns(rows, k, N *NN_LANES), scale, yr, nn_columns(x, k, N *NN_LANES))
    for (; m + R <= w.rows; m += R) {
        const struct nn_matrix rows = nn_rows(w, m, R), yr = nn_columns(y, m, R);
        int k = 0;
        OUTER_TILE(4);
        OUTER_TILE(1);
        if (k < w.cols)
            outer_end(nn_columns(rows, k, w.cols - k), scale, yr, nn_columns(x, k, w.cols - k));
    }
    return m;
}

KERNEL void add_outer(struct nn_matrix w, nn_real scale, struct nn_matrix y, struct nn_matrix x)
{
    const int m = outer_rows(NN_SUM_STEPS, 0, w, scale, y, x);
    outer_rows(1, m, w, scale, y, x);
}

KERNEL void add_sum(nn_real *b, nn_real scale, struct nn_matrix y)
{
    for (int m = 0; m < y.cols; m += NN_LANES) {
        const int n = MIN(y.cols - m, NN_LANES);
        vec acc = {0};
        for (int t = 0; t < y.rows; t++)
            acc += load_some(nn_row(y, t) + m, n);
        store_some(b + m, fused(splat(scale), acc, load_some(b + m, n)), n);
    }
}

#endif
