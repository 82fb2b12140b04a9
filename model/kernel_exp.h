/* exp, tanh and sigmoid of a vector: relative errors below 3e-7 (in double, those of libm). */
#ifndef MODEL_KERNEL_EXP_H
#define MODEL_KERNEL_EXP_H

#include "model/kernel_vector.h"

#ifdef NN_DOUBLE

#include <math.h>

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

typedef guint32 bits __attribute__((vector_size(NN_LANES * sizeof(guint32))));

/*
 * exp(x) = 2^k (1 + q) with k = round(x / ln 2), q = exp(x - k ln 2) - 1 by its series, which
 * leaves out less than 2e-8 of q. ln 2 comes in two parts, so that k times the first is exact.
 * x is held within the exponents of normal floats; NaN stays NaN, in q.
 */
INLINE vec exp_parts(vec x, vec *q)
{
    x = larger(splat(-87.0F), smaller(splat(88.0F), x));
    const vec round = splat(12582912.0F); /* 1.5 * 2^23: adding it rounds to a whole number */
    const vec k = (x * 1.44269504F + round) - round;
    const vec r = (x - k * 0.693359375F) + k * 2.12194440e-4F;
    vec p = r * (1.0F / 5040) + 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    *q = p * r * r + r;
    return (vec)((bits)(__builtin_convertvector(k, mask) + 127) << 23);
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

#endif
