/* Memory for numbers: aligned to cache lines, and in huge pages where the system gives them. */
#ifndef MODEL_ARRAY_H
#define MODEL_ARRAY_H

#include "model/kernel.h"

/* n zeros, aligned to 64 bytes. Caller frees with nn_array_free(). */
nn_real *nn_array_new(gsize n);
void nn_array_free(nn_real *array);

/* A matrix to be found room for. */
struct nn_place {
    struct nn_matrix *matrix;
    gsize rows; /* may be 0 */
    int cols;
};

/*
 * Room for n matrices of zeros in one array. Every row begins a cache line, so that threads that
 * own columns share none. Caller frees the array.
 */
nn_real *nn_array_place(const struct nn_place *places, int n);

#endif
