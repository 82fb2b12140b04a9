/* The choice of kernels, made at run time; each set is compiled in a file of its own. */
#include "model/kernel.h"

/* The gradient check, in double, gets by with one set. */
#if defined(__x86_64__) && !defined(NN_DOUBLE)
#define HAVE_X86_SETS
#endif

const struct nn_kernels *nn_kernels_at(int index)
{
    const struct nn_kernels *sets[3];
    int n = 0;

#ifdef HAVE_X86_SETS
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        sets[n++] = &nn_kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        sets[n++] = &nn_kernels_avx2;
#endif
    sets[n++] = &nn_kernels_portable;
    return index >= 0 && index < n ? sets[index] : NULL;
}
