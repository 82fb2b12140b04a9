/* Kernels in plain vectors of 16 bytes: SSE2 on x86-64, NEON on arm64. */
#define NN_KERNELS nn_kernels_portable
#define NN_ISA     "portable"
#define NN_TARGET
#define NN_LANES 4
#define NN_TILE  2
#include "model/kernel_body.h"
