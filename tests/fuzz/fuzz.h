/*
 * What the fuzz targets share. A target is one file, fuzz_NAME.c: libFuzzer drives it in `make
 * fuzz`, replay.c with the inputs kept so far in `make test`.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Its corpus is tests/data/fuzz/NAME. */
extern const char fuzz_name[];

/* Reads the input and checks what must hold of it; returns 0. The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(): it also holds with NDEBUG, and says what was wanted. */
static inline void fuzz_check(gboolean holds, const char *what)
{
    if (G_LIKELY(holds))
        return;
    fprintf(stderr, "fuzz %s: broken: %s\n", fuzz_name, what);
    abort();
}

#endif
