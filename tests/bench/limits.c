#include "tests/bench/limits.h"
#include <string.h>

enum { PEAK_ROUNDS = 10000 };

/* Enough sums to hide the latency of a multiplication and an addition, as many as SSE2 can hold. */
#define SUMS 12

#define UNROLL(i, n) _Pragma("GCC unroll 16") for (gsize i = 0; i < (n); i++)

/* The sums differ, or one would do for all. */
#define LIMITS(name, attributes, lanes)                                                            \
    typedef float name##_vec __attribute__((vector_size(lanes * 4), aligned(4), may_alias));       \
    attributes static float name##_peak(float factor)                                              \
    {                                                                                              \
        name##_vec sum[SUMS];                                                                      \
        UNROLL (i, SUMS)                                                                           \
            sum[i] = (factor + (float)i) - (name##_vec){0};                                        \
        for (int round = 0; round < PEAK_ROUNDS; round++)                                          \
            UNROLL (i, SUMS)                                                                       \
                sum[i] = sum[i] * factor + factor;                                                 \
        UNROLL (i, SUMS - 1)                                                                       \
            sum[0] += sum[i + 1];                                                                  \
        return sum[0][0];                                                                          \
    }                                                                                              \
    attributes static float name##_read(float *x, gsize n)                                         \
    {                                                                                              \
        name##_vec sum[8] = {0};                                                                   \
        for (gsize at = 0; at < n; at += 8 * lanes)                                                \
            UNROLL (i, 8)                                                                          \
                sum[i] += *(name##_vec *)(x + at + i * lanes);                                     \
        UNROLL (i, 7)                                                                              \
            sum[0] += sum[i + 1];                                                                  \
        return sum[0][0];                                                                          \
    }                                                                                              \
    attributes static float name##_write(float *x, gsize n)                                        \
    {                                                                                              \
        for (gsize at = 0; at < n; at += 8 * lanes)                                                \
            UNROLL (i, 8)                                                                          \
                *(name##_vec *)(x + at + i * lanes) += 1e-6F;                                      \
        return x[0];                                                                               \
    }

LIMITS(portable, , 4)
#ifdef __x86_64__
LIMITS(avx2, __attribute__((target("avx2,fma"))), 8)
LIMITS(avx512, __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), 16)
#endif

static const struct bench_limits limits[] = {
#ifdef __x86_64__
    {"avx512", 16, avx512_peak, avx512_read, avx512_write},
    {"avx2", 8, avx2_peak, avx2_read, avx2_write},
#endif
    {"portable", 4, portable_peak, portable_read, portable_write},
};

const struct bench_limits *bench_find_limits(const char *isa)
{
    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++)
        if (strcmp(limits[i].isa, isa) == 0)
            return &limits[i];
    g_error("no limits are measured for %s", isa);
}

double bench_peak_work(const struct bench_limits *of)
{
    return (double)PEAK_ROUNDS * SUMS * of->lanes;
}
