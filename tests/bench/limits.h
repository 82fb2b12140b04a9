/* Loops that do as much as the machine can, to compare the kernels and the trainer with. */
#ifndef TESTS_BENCH_LIMITS_H
#define TESTS_BENCH_LIMITS_H

#include <glib.h>

/* They return a number that depends on all they did. */
struct bench_limits {
    const char *isa;             /* as struct nn_kernels has it */
    int lanes;                   /* numbers in a vector */
    float (*peak)(float factor); /* bench_peak_work() multiply-adds of registers alone */
    /* Read, or read and write, n numbers of x; n is a multiple of eight vectors. */
    float (*read)(float *x, gsize n);
    float (*write)(float *x, gsize n);
};

/* More than there are. */
enum { BENCH_N_LIMITS = 4 };

/* Those of an instruction set that there are kernels for. */
const struct bench_limits *bench_find_limits(const char *isa);

double bench_peak_work(const struct bench_limits *of);

#endif
