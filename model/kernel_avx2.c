/* Kernels for x86-64 with AVX2 and FMA. */
#ifdef __x86_64__
#define NN_KERNELS    nn_kernels_avx2
#define NN_ISA        "avx2"
#define NN_TARGET     __attribute__((target("avx2,fma")))
#define NN_LANES      8
#define NN_STEPS      3
#define NN_WIDEST     3
#define NN_SUM_STEPS  3
#define NN_SUM_WIDEST 3
#define NN_AHEAD      4
#include "model/kernel_body.h"
#endif
