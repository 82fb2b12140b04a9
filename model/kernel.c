/* The choice of kernels, made at run time; each set is compiled in a file of its own. */
#include "model/kernel.h"
#include "tracegen/error.h"
#include <string.h>

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

const struct nn_kernels *nn_kernels_choose(GError **error)
{
    const char *name = g_getenv("ADLIOTLOG_ISA");
    if (!name)
        return nn_kernels_at(0);

    g_autoptr(GString) possible = g_string_new(NULL);
    const struct nn_kernels *set;
    for (int i = 0; (set = nn_kernels_at(i)); i++) {
        if (strcmp(set->isa, name) == 0)
            return set;
        g_string_append_printf(possible, "%s%s", i ? ", " : "", set->isa);
    }
    g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                "ADLIOTLOG_ISA: '%s' is none of what this machine can run: %s", name,
                possible->str);
    return NULL;
}
