#include "model/array.h"
#include <string.h>
#include <sys/mman.h>

/* With pages of 4 KB the weights of a network are thousands, more than the processor looks up in
 * its fastest table: 12 % of the time of a pair. */
#define HUGE_PAGE ((gsize)2 << 20)

nn_real *nn_array_new(gsize n)
{
    if (n > G_MAXSIZE / sizeof(nn_real) - HUGE_PAGE)
        g_error("no memory for %" G_GSIZE_FORMAT " numbers", n);
    const gsize size = MAX(n, 1) * sizeof(nn_real);
    if (size < HUGE_PAGE)
        return g_aligned_alloc0(size, 1, 64);
    const gsize whole = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    nn_real *array = g_aligned_alloc(whole, 1, HUGE_PAGE);
    madvise(array, whole, MADV_HUGEPAGE); /* a wish: without it all works, slower */
    memset(array, 0, size);
    return array;
}

void nn_array_free(nn_real *array)
{
    g_aligned_free(array);
}

static gsize stride_of(const struct nn_place *place)
{
    const gsize line = 64 / sizeof(nn_real);
    return ((gsize)place->cols + line - 1) / line * line;
}

nn_real *nn_array_place(const struct nn_place *places, int n)
{
    gsize size = 0;
    for (int i = 0; i < n; i++)
        size += places[i].rows * stride_of(&places[i]);
    nn_real *array = nn_array_new(size), *next = array;
    for (int i = 0; i < n; i++) {
        const gsize stride = stride_of(&places[i]);
        *places[i].matrix = (struct nn_matrix){next, (int)places[i].rows, places[i].cols, stride};
        next += places[i].rows * stride;
    }
    return array;
}
