/*
 * Speed of the kernels, for each instruction set of this machine, beside what it could be. That
 * is measured in the same run: multiply-adds of registers alone, and a stream over as many bytes
 * as the weights have, read, or read and written. The slower of the two is the limit.
 */
#include "model/kernel.h"
#include "tests/bench/limits.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define REPEATS 40
#define LEAST   20e-6 /* seconds between two looks at the clock */

/* ---- cases ---- */

/* What a call works on: arrays large enough for all cases, so named as in model/kernel.h. */
struct arguments {
    const struct nn_kernels *kernels;
    const struct bench_limits *limits;
    struct nn_matrix w, x, y;
    volatile float sink; /* so that nothing is computed in vain */
};

static void run_peak(struct arguments *a)
{
    a->sink = a->limits->peak(0.5F);
}

static void run_read(struct arguments *a)
{
    a->sink = a->limits->read(a->w.data, (gsize)a->w.rows * a->w.cols);
}

static void run_write(struct arguments *a)
{
    a->sink = a->limits->write(a->w.data, (gsize)a->w.rows * a->w.cols);
}

static void run_multiply(struct arguments *a)
{
    a->kernels->multiply(a->w, NULL, a->x, a->y);
}

static void run_transposed(struct arguments *a)
{
    a->kernels->multiply_transposed(a->w, a->y, a->x);
}

static void run_update(struct arguments *a)
{
    a->kernels->add_outer(a->w, 1e-6F, a->y, a->x);
}

/* A cell of x.cols units; its arrays are rows of y, eight for the products. */
static void run_forward(struct arguments *a, enum nn_cell type)
{
    const int H = a->x.cols;
    const struct nn_cell_step step = {.gi = nn_row(a->y, 0),
                                      .gh = nn_row(a->y, 4),
                                      .h_prev = nn_row(a->y, 8),
                                      .c_prev = nn_row(a->y, 9),
                                      .h = nn_row(a->y, 10),
                                      .c = nn_row(a->y, 11),
                                      .H = H,
                                      .n = H};
    a->kernels->cell_forward[type](&step);
}

static void run_backward(struct arguments *a, enum nn_cell type)
{
    const int H = a->x.cols;
    const struct nn_cell_slope slope = {.gi = nn_row(a->y, 0),
                                        .gh = nn_row(a->y, 4),
                                        .h_prev = nn_row(a->y, 8),
                                        .c_prev = nn_row(a->y, 9),
                                        .c = nn_row(a->y, 11),
                                        .dh = nn_row(a->y, 12),
                                        .dc = nn_row(a->y, 13),
                                        .H = H,
                                        .n = H};
    a->kernels->cell_backward[type](&slope);
}

static void run_gru_forward(struct arguments *a)
{
    run_forward(a, NN_GRU);
}

static void run_gru_backward(struct arguments *a)
{
    run_backward(a, NN_GRU);
}

static void run_lstm_forward(struct arguments *a)
{
    run_forward(a, NN_LSTM);
}

static void run_lstm_backward(struct arguments *a)
{
    run_backward(a, NN_LSTM);
}

static void run_attention_forward(struct arguments *a)
{
    a->kernels->attention_forward(a->w.data, a->x, a->y);
}

static void run_attention_backward(struct arguments *a)
{
    const float *v = a->w.data, *dscore = v + 1000;
    a->kernels->attention_backward(v, a->x, dscore, a->w.data + 2000, a->y, a->w.data + 3000);
}

static void run_softmax(struct arguments *a)
{
    a->sink = (float)a->kernels->softmax(a->x.data, a->x.cols);
}

static void run_log_sum_exp(struct arguments *a)
{
    a->sink = (float)a->kernels->log_sum_exp(a->x.data, a->x.cols);
}

static void run_argmax(struct arguments *a)
{
    a->sink = (float)a->kernels->argmax(a->x.data, a->x.cols);
}

static const struct {
    const char *name;
    void (*run)(struct arguments *);
    void (*stream)(struct arguments *);
} products[] = {{"forward", run_multiply, run_read},
                {"to the input", run_transposed, run_read},
                {"update", run_update, run_write}};

/* M numbers out of K, T at once: output layer, gates of GRU and LSTM, attention, at H = 256. */
static const struct {
    int M, K, T;
} shapes[] = {{4172, 256, 1},  {4172, 256, 2},  {4172, 256, 4}, {4172, 256, 16}, {4172, 256, 17},
              {4172, 256, 18}, {4172, 256, 19}, {768, 256, 1},  {768, 256, 4},   {768, 256, 18},
              {1024, 256, 1},  {1024, 256, 18}, {256, 256, 1},  {256, 256, 18}};

static const struct {
    const char *name;
    void (*run)(struct arguments *);
    int rows, cols;
} elements[] = {{"GRU forward", run_gru_forward, 1, 256},
                {"GRU backward", run_gru_backward, 1, 256},
                {"LSTM forward", run_lstm_forward, 1, 256},
                {"LSTM backward", run_lstm_backward, 1, 256},
                {"attention forward", run_attention_forward, 18, 256},
                {"attention backward", run_attention_backward, 18, 256},
                {"softmax", run_softmax, 1, 4172},
                {"log_sum_exp", run_log_sum_exp, 1, 4172},
                {"argmax", run_argmax, 1, 4172}};

/* ---- measuring ---- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds of a call, the best of many. */
static double measure(void (*run)(struct arguments *), struct arguments *a)
{
    double best = G_MAXDOUBLE;
    int calls = 1;
    for (int repeat = 0; repeat < REPEATS;) {
        const double start = now();
        for (int i = 0; i < calls; i++)
            run(a);
        const double took = now() - start;
        if (took < LEAST) {
            calls *= 2;
            continue;
        }
        best = MIN(best, took / calls);
        repeat++;
    }
    return best;
}

/* Small numbers, none of them so small that it is slow, however often they are worked on. */
static struct nn_matrix fill(float *data, int rows, int cols)
{
    for (int i = 0; i < rows * cols; i++)
        data[i] = 1e-2F * (float)(i % 7 - 3);
    return (struct nn_matrix){data, rows, cols, (gsize)cols};
}

/* The sets side by side: billion multiply-adds a second, and percent of what they could be. */
static void print_products(struct arguments *sets, int n, float *w, float *x, float *y)
{
    double peak[BENCH_N_LIMITS];
    puts("kernel     products of a matrix of M rows and K columns with T vectors at once, billion "
         "multiply-adds a second;\n"
         "           under each set of instructions its peak; percent: the time that the peak, or "
         "reading the matrix\n"
         "           at the measured rate, would take, whichever is longer, of the time taken. The "
         "first set is the default.");
    printf("  %-14s%5s%5s%4s", "GMAC/s", "M", "K", "T");
    for (int set = 0; set < n; set++) {
        peak[set] = bench_peak_work(sets[set].limits) / measure(run_peak, &sets[set]);
        printf("  %8s %4.1f", sets[set].kernels->isa, peak[set] / 1e9);
    }
    putchar('\n');
    for (gsize p = 0; p < G_N_ELEMENTS(products); p++)
        for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
            const int M = shapes[i].M, K = shapes[i].K, T = shapes[i].T;
            printf("  %-14s%5d%5d%4d", products[p].name, M, K, T);
            for (int set = 0; set < n; set++) {
                struct arguments *a = &sets[set];
                a->w = fill(w, M, K);
                a->x = fill(x, T, K);
                a->y = fill(y, T, M);
                const double work = (double)M * K * T, stream = measure(products[p].stream, a);
                const double took = measure(products[p].run, a);
                printf("  %7.1f %3.0f %%", work / took / 1e9,
                       100 * MAX(work / peak[set], stream) / took);
            }
            putchar('\n');
        }
}

static void print_elements(struct arguments *sets, int n, float *w, float *x, float *y)
{
    puts("  nanoseconds a call");
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        const int rows = elements[i].rows, cols = elements[i].cols;
        printf("  %-19s%5d%4d", elements[i].name, cols, rows);
        for (int set = 0; set < n; set++) {
            struct arguments *a = &sets[set];
            a->w = fill(w, 16, 256);
            a->x = fill(x, rows, cols);
            a->y = fill(y, 18, 256);
            memset(nn_row(a->y, 12), 0, 2 * 256 * sizeof(float)); /* gradients that stay zero */
            printf("  %11.0f  ", 1e9 * measure(elements[i].run, a));
        }
        putchar('\n');
    }
}

int main(void)
{
    enum { MOST_M = 4172, MOST_K = 256, MOST_T = 19 };
    float *w = g_aligned_alloc0(MOST_M * MOST_K, sizeof(float), 64);
    float *x = g_aligned_alloc0(MAX(MOST_T * MOST_K, MOST_M), sizeof(float), 64);
    float *y = g_aligned_alloc0(MOST_T * MOST_M, sizeof(float), 64);
    struct arguments sets[BENCH_N_LIMITS];
    int n = 0;
    for (const struct nn_kernels *set; (set = nn_kernels_at(n)); n++)
        sets[n] = (struct arguments){.kernels = set, .limits = bench_find_limits(set->isa)};
    print_products(sets, n, w, x, y);
    print_elements(sets, n, w, x, y);
    g_aligned_free(w);
    g_aligned_free(x);
    g_aligned_free(y);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
