/*
 * Vectors of NN_LANES numbers for the kernels of one instruction set. The file of that set defines
 *
 *     NN_KERNELS    the name of the table
 *     NN_ISA        the name of the set, a string
 *     NN_TARGET     the function attribute that allows its instructions
 *     NN_LANES      numbers in a vector
 *     NN_STEPS      time steps of a tile of the forward product, which has four rows
 *     NN_WIDEST     time steps of the widest such tile that stays in registers, at most 6
 *     NN_SUM_STEPS  time steps, or rows, of a tile of the other products, which has four vectors
 *     NN_SUM_WIDEST as NN_WIDEST, for these
 *     NN_AHEAD      rows that a weight is asked for ahead of its use, 0 for none: the processor
 *                   looks ahead by itself, but not far enough for weights that are in memory
 *
 * and includes kernel_body.h.
 */
#ifndef MODEL_KERNEL_VECTOR_H
#define MODEL_KERNEL_VECTOR_H

#include "model/kernel.h"
#include <string.h>

/* The portable set: plain vectors of 16 bytes. NEON adds a product with one rounding, SSE2 two. */
#ifndef NN_KERNELS
#define NN_KERNELS nn_kernels_portable
#ifdef __aarch64__
#define NN_ISA "neon"
#else
#define NN_ISA "portable"
#endif
#define NN_TARGET
#define NN_LANES      4
#define NN_STEPS      3
#define NN_WIDEST     3
#define NN_SUM_STEPS  2
#define NN_SUM_WIDEST 2
#define NN_AHEAD      0
#endif

#if NN_LANES > 4
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Entries of the table, and what they are made of. Tiles stay in registers only where they are
 * inlined with constant sizes and their loops unrolled. */
#define KERNEL       NN_TARGET static inline
#define INLINE       static inline __attribute__((always_inline)) NN_TARGET
#define UNROLL(i, n) _Pragma("GCC unroll 32") for (int i = 0; i < (n); i++)

typedef nn_real vec __attribute__((vector_size(NN_LANES * sizeof(nn_real))));

/* A lane is 0 or all ones. */
#ifdef NN_DOUBLE
typedef gint64 mask __attribute__((vector_size(NN_LANES * sizeof(gint64))));
#else
typedef gint32 mask __attribute__((vector_size(NN_LANES * sizeof(gint32))));
#endif

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

/* v, loaded once: gcc would read it again for each of its uses, and loads are what tiles lack. */
INLINE vec keep(vec v)
{
#if NN_LANES > 4
    __asm__("" : "+v"(v));
#endif
    return v;
}

/*
 * a b + c, rounded once where the set has such an instruction. Said outright, because compilers
 * that choose where to contract choose differently for the end of a row than for its middle.
 */
INLINE vec fused(vec a, vec b, vec c)
{
#if NN_LANES == 16
    return (vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif NN_LANES == 8
    return (vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__) && !defined(NN_DOUBLE)
    return (vec)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    return a * b + c;
#endif
}

/* a where m is set, else b */
INLINE vec blend(mask m, vec a, vec b)
{
    return (vec)((m & (mask)a) | (~m & (mask)b));
}

/* a > b ? a : b, and a < b ? a : b: where there is a NaN, b. */
INLINE vec larger(vec a, vec b)
{
#if NN_LANES == 16
    return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif NN_LANES == 8
    return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#else
    return blend(a > b, a, b);
#endif
}

INLINE vec smaller(vec a, vec b)
{
#if NN_LANES == 16
    return (vec)_mm512_min_ps((__m512)a, (__m512)b);
#elif NN_LANES == 8
    return (vec)_mm256_min_ps((__m256)a, (__m256)b);
#else
    return blend(a < b, a, b);
#endif
}

/* Four lanes of a vector. */
typedef nn_real quad __attribute__((vector_size(4 * sizeof(nn_real))));

INLINE quad load_quad(const nn_real *p)
{
    quad v;
    memcpy(&v, p, sizeof(v));
    return v;
}

INLINE void store_quad(nn_real *p, quad v)
{
    memcpy(p, &v, sizeof(v));
}

/* ---- the end of a row: n < NN_LANES numbers, and zeros ---- */

#if NN_LANES == 16

INLINE __mmask16 first_lanes(int n)
{
    return (__mmask16)((1U << n) - 1);
}

INLINE vec load_end(const nn_real *p, int n)
{
    return (vec)_mm512_maskz_loadu_ps(first_lanes(n), p);
}

INLINE void store_end(nn_real *p, vec v, int n)
{
    _mm512_mask_storeu_ps(p, first_lanes(n), (__m512)v);
}

#elif NN_LANES == 8

INLINE __m256i first_lanes(int n)
{
    return (__m256i)((mask){0, 1, 2, 3, 4, 5, 6, 7} < n);
}

INLINE vec load_end(const nn_real *p, int n)
{
    return (vec)_mm256_maskload_ps(p, first_lanes(n));
}

INLINE void store_end(nn_real *p, vec v, int n)
{
    _mm256_maskstore_ps(p, first_lanes(n), (__m256)v);
}

#else

INLINE vec load_end(const nn_real *p, int n)
{
    return (vec){p[0], n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, 0};
}

INLINE void store_end(nn_real *p, vec v, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = v[i];
}

#endif

/* The next n <= NN_LANES numbers of a row, and zeros. */
INLINE vec load_some(const nn_real *p, int n)
{
    return n == NN_LANES ? load(p) : load_end(p, n);
}

INLINE void store_some(nn_real *p, vec v, int n)
{
    if (n == NN_LANES)
        store(p, v);
    else
        store_end(p, v, n);
}

/*
 * ---- sums of lanes ----
 *
 * A vector is QUADS groups of four lanes. Its sum adds the upper half to the lower, then of the
 * eight that are left the upper four to the lower four, then two to two, then one to one. Such
 * steps take two vectors each, so that many sums cost little more than their additions: of a and
 * b, the lower halves go into one vector, the upper ones into another, and these are added.
 *
 * IN_QUADS takes lanes i and j of each quad of a and lanes k and l of each of b. HALVES takes quads
 * i and j of a, then of b.
 */
#define QUADS (NN_LANES / 4)
#define PICK  __builtin_shufflevector

#define LANES_OF(q, i, j, k, l)                                                                    \
    4 * (q) + (i), 4 * (q) + (j), NN_LANES + 4 * (q) + (k), NN_LANES + 4 * (q) + (l)
#define QUAD_OF(q) 4 * (q), 4 * (q) + 1, 4 * (q) + 2, 4 * (q) + 3

#if NN_LANES == 4
#define IN_QUADS(a, b, i, j, k, l) PICK(a, b, LANES_OF(0, i, j, k, l))
#elif NN_LANES == 8
#define IN_QUADS(a, b, i, j, k, l) PICK(a, b, LANES_OF(0, i, j, k, l), LANES_OF(1, i, j, k, l))
#else
#define IN_QUADS(a, b, i, j, k, l)                                                                 \
    PICK(a, b, LANES_OF(0, i, j, k, l), LANES_OF(1, i, j, k, l), LANES_OF(2, i, j, k, l),          \
         LANES_OF(3, i, j, k, l))
#define HALVES(a, b, i, j) PICK(a, b, QUAD_OF(i), QUAD_OF(j), QUAD_OF(4 + i), QUAD_OF(4 + j))
#endif

/* Quad q of the result is v[q], added up to four lanes. */
INLINE vec sum_to_quads(const vec *v)
{
#if NN_LANES == 4
    return v[0];
#elif NN_LANES == 8
    return PICK(v[0], v[1], QUAD_OF(0), QUAD_OF(2)) + PICK(v[0], v[1], QUAD_OF(1), QUAD_OF(3));
#else
    const vec lower = HALVES(v[0], v[1], 0, 1) + HALVES(v[0], v[1], 2, 3);
    const vec upper = HALVES(v[2], v[3], 0, 1) + HALVES(v[2], v[3], 2, 3);
    return HALVES(lower, upper, 0, 2) + HALVES(lower, upper, 1, 3);
#endif
}

/* Each quad of the result is the sums of that quad of a, b, c and d. */
INLINE vec sum_quads(vec a, vec b, vec c, vec d)
{
    const vec ab = IN_QUADS(a, b, 0, 1, 0, 1) + IN_QUADS(a, b, 2, 3, 2, 3);
    const vec cd = IN_QUADS(c, d, 0, 1, 0, 1) + IN_QUADS(c, d, 2, 3, 2, 3);
    return IN_QUADS(ab, cd, 0, 2, 0, 2) + IN_QUADS(ab, cd, 1, 3, 1, 3);
}

/* Quad q of v; PICK wants its numbers as constants. */
INLINE quad quad_of(vec v, int q)
{
#if NN_LANES == 4
    (void)q;
    return v;
#elif NN_LANES == 8
    return q == 0 ? PICK(v, v, QUAD_OF(0)) : PICK(v, v, QUAD_OF(1));
#else
    return q == 0 ? PICK(v, v, QUAD_OF(0))
           : q == 1 ? PICK(v, v, QUAD_OF(1))
           : q == 2 ? PICK(v, v, QUAD_OF(2))
                    : PICK(v, v, QUAD_OF(3));
#endif
}

INLINE nn_real sum(vec v)
{
    vec same[QUADS];
    UNROLL (q, QUADS)
        same[q] = v;
    const vec quads = sum_to_quads(same);
    return sum_quads(quads, quads, quads, quads)[0];
}

#endif
