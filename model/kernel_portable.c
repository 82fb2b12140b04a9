/* Kernels in plain vectors of 16 bytes, SSE2 or NEON: kernel_vector.h has their parameters. */
#include "model/kernel_body.h"
