/* Kernels for x86-64 with AVX-512 (F, BW, DQ, VL). */
#ifdef __x86_64__
#define NN_KERNELS    nn_kernels_avx512
#define NN_ISA        "avx512"
#define NN_TARGET     __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define NN_LANES      16
#define NN_STEPS      4
#define NN_WIDEST     6
#define NN_SUM_STEPS  4
#define NN_SUM_WIDEST 6
#define NN_AHEAD      8
#include "model/kernel_body.h"
#endif
