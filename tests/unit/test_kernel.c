/*
 * Every set of kernels that this machine can run, against loops that follow the formulas of
 * model/kernel.h, in shapes that do and do not fill vectors and tiles.
 */
#include "model/kernel.h"
#include "model/random.h"
#include <math.h>
#include <string.h>

#define TOLERANCE 2e-5

static const struct {
    int M, K, T;
} shapes[] = {{1, 1, 1},   {3, 2, 5},   {4, 16, 4},     {8, 17, 1},  {13, 31, 6},
              {70, 64, 3}, {9, 300, 3}, {131, 100, 18}, {3, 256, 1}, {6, 280, 9}};

static struct nn_random numbers;

static float *draw(gsize n)
{
    float *x = g_new(float, n);
    for (gsize i = 0; i < n; i++)
        x[i] = (float)nn_random_normal(&numbers);
    return x;
}

static void assert_near(const float *x, const double *expected, gsize n, double scale)
{
    for (gsize i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon(x[i], expected[i], TOLERANCE * scale);
}

/* The three products; the matrix has columns that are not part of it. */
static void test_products(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const int M = shapes[i].M, K = shapes[i].K, T = shapes[i].T, stride = K + 3;
        g_autofree float *w = draw((gsize)M * stride), *b = draw(M), *x = draw((gsize)T * K);
        g_autofree float *y = draw((gsize)T * M), *w_before = g_memdup2(w, 4L * M * stride);
        g_autofree float *x_before = g_memdup2(x, 4L * T * K);
        g_autofree double *y_sum = g_new0(double, (gsize)T *M);
        g_autofree double *x_sum = g_new0(double, (gsize)T *K);
        g_autofree double *w_sum = g_new0(double, (gsize)M *stride);
        const struct nn_matrix matrix = {w, M, K, (gsize)stride};

        for (int t = 0; t < T; t++)
            for (int m = 0; m < M; m++) {
                y_sum[t * M + m] = b[m];
                for (int k = 0; k < K; k++)
                    y_sum[t * M + m] += (double)w[m * stride + k] * x[t * K + k];
            }
        kernels->multiply(matrix, b, x, y, T);
        assert_near(y, y_sum, (gsize)T * M, sqrt(K));

        for (int t = 0; t < T; t++)
            for (int k = 0; k < K; k++) {
                x_sum[t * K + k] = x[t * K + k];
                for (int m = 0; m < M; m++)
                    x_sum[t * K + k] += (double)y[t * M + m] * w[m * stride + k];
            }
        kernels->multiply_transposed(matrix, y, x, T);
        assert_near(x, x_sum, (gsize)T * K, M * sqrt(K));

        for (int m = 0; m < M; m++)
            for (int k = 0; k < stride; k++) {
                w_sum[m * stride + k] = w_before[m * stride + k];
                for (int t = 0; t < T && k < K; t++)
                    w_sum[m * stride + k] += -0.5 * y[t * M + m] * x_before[t * K + k];
            }
        kernels->add_outer(matrix, -0.5F, y, x_before, T);
        assert_near(w, w_sum, (gsize)M * stride, T * sqrt(K));

        for (int m = 0; m < M; m++) {
            y_sum[m] = b[m];
            for (int t = 0; t < T; t++)
                y_sum[m] += 0.25 * y[t * M + m];
        }
        kernels->add_sum(b, 0.25F, y, M, T);
        assert_near(b, y_sum, M, T * sqrt(K));
    }
}

/* Many time steps at once give the bits that one at a time gives. */
static void test_batching(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const int M = shapes[i].M, K = shapes[i].K, T = shapes[i].T;
        g_autofree float *w = draw((gsize)M * K), *b = draw(M), *x = draw((gsize)T * K);
        g_autofree float *y = draw((gsize)T * M), *y_single = draw((gsize)T * M);
        g_autofree float *x_single = g_memdup2(x, 4L * T * K);
        const struct nn_matrix matrix = {w, M, K, (gsize)K};

        kernels->multiply(matrix, b, x, y, T);
        for (int t = 0; t < T; t++)
            kernels->multiply(matrix, b, x + t * K, y_single + t * M, 1);
        g_assert_cmpmem(y, 4L * T * M, y_single, 4L * T * M);

        kernels->multiply_transposed(matrix, y, x, T);
        for (int t = 0; t < T; t++)
            kernels->multiply_transposed(matrix, y + t * M, x_single + t * K, 1);
        g_assert_cmpmem(x, 4L * T * K, x_single, 4L * T * K);
    }
}

/* exp, tanh and sigmoid as the element-wise kernels use them, over all of their range. */
static void test_functions(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    enum { N = 2001 };
    float x[N], zero[N] = {0}, u[N], gates[3 * N], states[3 * N] = {0}, h[N];
    for (int i = 0; i < N; i++) {
        x[i] = (float)((i - N / 2) * 0.1); /* -100 to 100 */
        gates[i] = gates[N + i] = gates[2 * N + i] = x[i];
    }
    kernels->attention_forward(x, zero, u, 1, N);
    kernels->gru_forward(gates, states, zero, h, N);
    for (int i = 0; i < N; i++) {
        const double sigmoid = 1 / (1 + exp(-(double)x[i]));
        g_assert_cmpfloat_with_epsilon(u[i], tanh(x[i]), 3e-7 * fabs(tanh(x[i])) + 1e-37);
        g_assert_cmpfloat_with_epsilon(gates[i], sigmoid, 3e-7 * sigmoid + 1e-37);
        g_assert_cmpfloat_with_epsilon(h[i], (1 - sigmoid) * tanh(x[i]), 3e-7);
    }
}

static void test_softmax(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (int n = 1; n < 70; n++) {
        g_autofree float *x = draw(n);
        g_autofree double *expected = g_new(double, n);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            x[i] = 20 * x[i] + 300; /* beyond what exp() can take */
            sum += expected[i] = exp(x[i] - 300.0);
        }
        for (int i = 0; i < n; i++)
            expected[i] /= sum;
        g_assert_cmpfloat_with_epsilon(exp(kernels->softmax(x, n) - 300), sum, 1e-4 * sum);
        assert_near(x, expected, n, 1);
    }
    float broken[] = {1, NAN, 2};
    g_assert_true(isnan(kernels->softmax(broken, 3)));
}

/* A set of kernels that this machine cannot run is named, not left out. */
static void skip(gconstpointer isa)
{
    g_autofree char *reason = g_strdup_printf("this machine has no %s", (const char *)isa);
    g_test_skip(reason);
}

static const struct nn_kernels *find_kernels(const char *isa)
{
    for (int set = 0; nn_kernels_at(set); set++)
        if (strcmp(nn_kernels_at(set)->isa, isa) == 0)
            return nn_kernels_at(set);
    return NULL;
}

int main(int argc, char **argv)
{
    static const char *const sets[] = {"portable", "avx2", "avx512"};
    static const struct {
        const char *name;
        GTestDataFunc function;
    } tests[] = {{"products", test_products},
                 {"batching", test_batching},
                 {"functions", test_functions},
                 {"softmax", test_softmax}};

    g_test_init(&argc, &argv, NULL);
    nn_random_init(&numbers, 1, NN_STREAM_TRAINING);
    int n_known = 0;
    for (gsize set = 0; set < G_N_ELEMENTS(sets); set++) {
        const struct nn_kernels *kernels = find_kernels(sets[set]);
        n_known += kernels != NULL;
        for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
            g_autofree char *name = g_strdup_printf("/kernel/%s/%s", sets[set], tests[i].name);
            g_test_add_data_func(name, kernels ? (gconstpointer)kernels : sets[set],
                                 kernels ? tests[i].function : skip);
        }
    }
    g_assert_cmpint(n_known, >=, 1);
    g_assert_null(nn_kernels_at(n_known)); /* none without a test */
    return g_test_run();
}
