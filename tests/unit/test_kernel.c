/*
 * Every set of kernels that this machine can run, against loops that follow the formulas of
 * model/kernel.h, in shapes that do and do not fill vectors and tiles.
 */
#include "model/kernel.h"
#include "model/random.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

#define TOLERANCE 2e-5

static const struct {
    int M, K, T;
} shapes[] = {{1, 1, 1},      {3, 2, 5},   {4, 16, 4},  {8, 17, 1},   {13, 31, 6},  {70, 64, 3},
              {9, 300, 3},    {37, 40, 2}, {50, 33, 7}, {21, 260, 1}, {80, 50, 17}, {31, 70, 19},
              {131, 100, 18}, {3, 256, 1}, {6, 280, 9}, {17, 530, 2}, {5, 129, 23}};

static struct nn_random numbers;

static float *draw(gsize n)
{
    float *x = g_new(float, n);
    for (gsize i = 0; i < n; i++)
        x[i] = (float)nn_random_normal(&numbers);
    return x;
}

/* The numbers start one beyond an aligned place, and rows are longer than they need be. */
static struct nn_matrix matrix(int rows, int cols)
{
    const gsize stride = cols + 5;
    return (struct nn_matrix){draw(rows * stride + 1) + 1, rows, cols, stride};
}

static struct nn_matrix copy(struct nn_matrix m)
{
    const gsize n = m.rows * m.stride + 1;
    return (struct nn_matrix){(float *)g_memdup2(m.data - 1, n * sizeof(float)) + 1, m.rows, m.cols,
                              m.stride};
}

static void drop(struct nn_matrix *m)
{
    g_free(m->data - 1);
}

typedef struct nn_matrix held_matrix;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(held_matrix, drop)

static float at(struct nn_matrix m, int i, int j)
{
    return nn_row(m, i)[j];
}

/* All of them, also what lies between the rows. */
static void assert_same(struct nn_matrix a, struct nn_matrix b)
{
    const gsize n = (a.rows * a.stride + 1) * sizeof(float);
    g_assert_cmpmem(a.data - 1, n, b.data - 1, n);
}

static void assert_near(const float *x, const double *expected, gsize n, double scale)
{
    for (gsize i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon(x[i], expected[i], TOLERANCE * scale);
}

/* Only the numbers of a matrix change, and to what `expected` [rows][cols] says. */
static void assert_matrix(struct nn_matrix m, struct nn_matrix before, const double *expected,
                          double scale)
{
    for (int i = 0; i < m.rows; i++) {
        assert_near(nn_row(m, i), expected + i * m.cols, m.cols, scale);
        const gsize rest = (m.stride - m.cols) * sizeof(float);
        g_assert_cmpmem(nn_row(m, i) + m.cols, rest, nn_row(before, i) + m.cols, rest);
    }
}

static void test_multiply(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++)
        for (int with_bias = 0; with_bias < 2; with_bias++) {
            const int M = shapes[i].M, K = shapes[i].K, T = shapes[i].T;
            g_auto(held_matrix) w = matrix(M, K), x = matrix(T, K), y = matrix(T, M);
            g_auto(held_matrix) before = copy(y);
            g_autofree float *b = draw(M);
            g_autofree double *expected = g_new0(double, (gsize)T *M);
            for (int t = 0; t < T; t++)
                for (int m = 0; m < M; m++) {
                    expected[t * M + m] = with_bias ? b[m] : 0;
                    for (int k = 0; k < K; k++)
                        expected[t * M + m] += (double)at(w, m, k) * at(x, t, k);
                }
            kernels->multiply(w, with_bias ? b : NULL, x, y);
            assert_matrix(y, before, expected, sqrt(K));
        }
}

static void test_multiply_transposed(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const int M = shapes[i].M, K = shapes[i].K, T = shapes[i].T;
        g_auto(held_matrix) w = matrix(M, K), x = matrix(T, K), y = matrix(T, M), before = copy(x);
        g_autofree double *expected = g_new0(double, (gsize)T *K);
        for (int t = 0; t < T; t++)
            for (int k = 0; k < K; k++) {
                expected[t * K + k] = at(x, t, k);
                for (int m = 0; m < M; m++)
                    expected[t * K + k] += (double)at(y, t, m) * at(w, m, k);
            }
        kernels->multiply_transposed(w, y, x);
        assert_matrix(x, before, expected, sqrt(M));
    }
}

static void test_update(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const int M = shapes[i].M, K = shapes[i].K, T = shapes[i].T;
        g_auto(held_matrix) w = matrix(M, K), x = matrix(T, K), y = matrix(T, M), before = copy(w);
        g_autofree float *b = draw(M);
        g_autofree double *expected = g_new0(double, (gsize)M *K), *sums = g_new0(double, M);
        for (int m = 0; m < M; m++) {
            sums[m] = b[m];
            for (int t = 0; t < T; t++)
                sums[m] += 0.25 * at(y, t, m);
            for (int k = 0; k < K; k++) {
                expected[m * K + k] = at(w, m, k);
                for (int t = 0; t < T; t++)
                    expected[m * K + k] += -0.5 * at(y, t, m) * at(x, t, k);
            }
        }
        kernels->add_outer(w, -0.5F, y, x);
        assert_matrix(w, before, expected, sqrt(T));
        kernels->add_sum(b, 0.25F, y);
        assert_near(b, sums, M, sqrt(T));
    }
}

/* Many time steps at once give the bits that one at a time gives. */
static void test_batching(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const int M = shapes[i].M, K = shapes[i].K, T = shapes[i].T;
        g_auto(held_matrix) w = matrix(M, K), x = matrix(T, K), y = matrix(T, M);
        g_auto(held_matrix) y_single = copy(y), x_single = copy(x);
        g_autofree float *b = draw(M);

        kernels->multiply(w, b, x, y);
        for (int t = 0; t < T; t++)
            kernels->multiply(w, b, nn_rows(x, t, 1), nn_rows(y_single, t, 1));
        assert_same(y, y_single);

        kernels->multiply_transposed(w, y, x);
        for (int t = 0; t < T; t++)
            kernels->multiply_transposed(w, nn_rows(y, t, 1), nn_rows(x_single, t, 1));
        assert_same(x, x_single);
    }
}

/* So do parts of the matrix, as threads take them. */
static void test_ranges(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++)
        for (int step = 1; step < 40; step += 12) {
            const int M = shapes[i].M, K = shapes[i].K, T = shapes[i].T;
            g_auto(held_matrix) w = matrix(M, K), x = matrix(T, K), y = matrix(T, M);
            g_auto(held_matrix) y_parts = copy(y), x_parts = copy(x), w_parts = copy(w);
            g_autofree float *b = draw(M), *b_parts = g_memdup2(b, M * sizeof(float));

            kernels->multiply(w, b, x, y);
            for (int m = 0; m < M; m += step) {
                const int n = MIN(M - m, step);
                kernels->multiply(nn_rows(w, m, n), b + m, x, nn_columns(y_parts, m, n));
            }
            assert_same(y, y_parts);

            kernels->multiply_transposed(w, y, x);
            for (int k = 0; k < K; k += step) {
                const int n = MIN(K - k, step);
                kernels->multiply_transposed(nn_columns(w, k, n), y, nn_columns(x_parts, k, n));
            }
            assert_same(x, x_parts);

            kernels->add_outer(w, 0.1F, y, x);
            for (int m = 0; m < M; m += step)
                for (int k = 0; k < K; k += step) {
                    const int rows = MIN(M - m, step), cols = MIN(K - k, step);
                    kernels->add_outer(nn_columns(nn_rows(w_parts, m, rows), k, cols), 0.1F,
                                       nn_columns(y, m, rows), nn_columns(x, k, cols));
                }
            assert_same(w, w_parts);

            kernels->add_sum(b, 0.1F, y);
            for (int m = 0; m < M; m += step)
                kernels->add_sum(b_parts + m, 0.1F, nn_columns(y, m, MIN(M - m, step)));
            g_assert_cmpmem(b, M * sizeof(float), b_parts, M * sizeof(float));
        }
}

/* ---- cells ---- */

enum { H = 43 };

/* The arrays of a step and of its gradient. */
struct cell {
    float gi[4 * H], gh[4 * H], h_prev[H], c_prev[H], h[H], c[H], dh[H], dc[H];
};

static struct cell draw_cell(void)
{
    struct cell cell;
    g_autofree float *x = draw(sizeof(cell) / sizeof(float));
    memcpy(&cell, x, sizeof(cell));
    return cell;
}

/* Forward and backward for n units from the one at `first`. */
static void run_cell(const struct nn_kernels *kernels, enum nn_cell type, struct cell *cell,
                     int first, int n)
{
    const struct nn_cell_step step = {.gi = cell->gi + first,
                                      .gh = cell->gh + first,
                                      .h_prev = cell->h_prev + first,
                                      .c_prev = cell->c_prev + first,
                                      .h = cell->h + first,
                                      .c = cell->c + first,
                                      .H = H,
                                      .n = n};
    kernels->cell_forward[type](&step);
    const struct nn_cell_slope slope = {.gi = step.gi,
                                        .gh = step.gh,
                                        .h_prev = step.h_prev,
                                        .c_prev = step.c_prev,
                                        .c = step.c,
                                        .dh = cell->dh + first,
                                        .dc = cell->dc + first,
                                        .H = H,
                                        .n = n};
    kernels->cell_backward[type](&slope);
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static void near(float x, double expected)
{
    g_assert_cmpfloat_with_epsilon(x, expected, 1e-6 * (1 + fabs(expected)));
}

static void assert_gru(const struct cell *was, const struct cell *is, int j)
{
    const double r = sigmoid((double)was->gi[j] + was->gh[j]);
    const double z = sigmoid((double)was->gi[H + j] + was->gh[H + j]);
    const double n = tanh(was->gi[2 * H + j] + r * was->gh[2 * H + j]);
    const double dn = was->dh[j] * (1 - z) * (1 - n * n);
    const double dz = was->dh[j] * (was->h_prev[j] - n) * z * (1 - z);
    const double dr = dn * was->gh[2 * H + j] * r * (1 - r);
    near(is->h[j], (1 - z) * n + z * was->h_prev[j]);
    near(is->gi[j], dr);
    near(is->gi[H + j], dz);
    near(is->gi[2 * H + j], dn);
    near(is->gh[j], dr);
    near(is->gh[H + j], dz);
    near(is->gh[2 * H + j], dn * r);
    near(is->dh[j], was->dh[j] * z);
}

static void assert_lstm(const struct cell *was, const struct cell *is, int j)
{
    double a[4];
    for (int gate = 0; gate < 4; gate++)
        a[gate] = (double)was->gi[gate * H + j] + was->gh[gate * H + j];
    const double i = sigmoid(a[0]), f = sigmoid(a[1]), g = tanh(a[2]), o = sigmoid(a[3]);
    const double c = f * was->c_prev[j] + i * g;
    const double dc = was->dc[j] + was->dh[j] * o * (1 - tanh(c) * tanh(c));
    const double expected[] = {dc * g * i * (1 - i), dc * was->c_prev[j] * f * (1 - f),
                               dc * i * (1 - g * g), was->dh[j] * tanh(c) * o * (1 - o)};
    near(is->c[j], c);
    near(is->h[j], o * tanh(c));
    for (int gate = 0; gate < 4; gate++) {
        near(is->gi[gate * H + j], expected[gate]);
        near(is->gh[gate * H + j], expected[gate]);
    }
    near(is->dc[j], dc * f);
    g_assert_cmpfloat(is->dh[j], ==, 0);
}

/* Against the formulas; and some units after others give the bits of all at once. */
static void test_cells(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (enum nn_cell type = 0; type < NN_N_CELL; type++)
        for (int n = 1; n <= H; n++) {
            const struct cell was = draw_cell();
            struct cell is = was, parts = was;
            run_cell(kernels, type, &is, 0, H);
            for (int first = 0; first < H; first += n)
                run_cell(kernels, type, &parts, first, MIN(n, H - first));
            g_assert_cmpmem(&is, sizeof(is), &parts, sizeof(parts));
            for (int j = 0; j < H; j++)
                (type == NN_GRU ? assert_gru : assert_lstm)(&was, &is, j);
        }
}

/* ---- attention ---- */

static void test_attention(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (int S = 1; S < 8; S++) {
        g_auto(held_matrix) k = matrix(S, H), u = matrix(S, H), dk = matrix(S, H);
        g_auto(held_matrix) u_before = copy(u), dk_before = copy(dk);
        g_autofree float *q = draw(H), *v = draw(H), *dscore = draw(S), *dq = draw(H);
        g_autofree float *dv = draw(H), *dv_before = g_memdup2(dv, H * sizeof(float));
        g_autofree double *tanhs = g_new0(double, (gsize)S *H), *dks = g_new0(double, (gsize)S *H);

        for (int s = 0; s < S; s++)
            for (int i = 0; i < H; i++)
                tanhs[s * H + i] = tanh((double)q[i] + at(k, s, i));
        kernels->attention_forward(q, nn_columns(k, 0, 20), nn_columns(u, 0, 20));
        kernels->attention_forward(q + 20, nn_columns(k, 20, H - 20), nn_columns(u, 20, H - 20));
        assert_matrix(u, u_before, tanhs, 0.1);

        kernels->attention_backward(v, nn_columns(u, 0, 9), dscore, dq, nn_columns(dk, 0, 9), dv);
        kernels->attention_backward(v + 9, nn_columns(u, 9, H - 9), dscore, dq + 9,
                                    nn_columns(dk, 9, H - 9), dv + 9);
        for (int i = 0; i < H; i++) {
            double q_sum = 0, v_sum = dv_before[i];
            for (int s = 0; s < S; s++) {
                const double tanh_i = tanhs[s * H + i];
                const double e = dscore[s] * v[i] * (1 - tanh_i * tanh_i);
                q_sum += e;
                v_sum += dscore[s] * tanh_i;
                dks[s * H + i] = at(dk_before, s, i) + e;
            }
            g_assert_cmpfloat_with_epsilon(dq[i], q_sum, TOLERANCE);
            g_assert_cmpfloat_with_epsilon(dv[i], v_sum, TOLERANCE);
        }
        assert_matrix(dk, dk_before, dks, 1);
    }
}

/* exp, tanh and sigmoid as these kernels use them, over all of their range. */
static void test_functions(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    enum { N = 2001 };
    float x[N], zero[N] = {0}, u[N], gates[3 * N], states[3 * N] = {0}, h[N];
    for (int i = 0; i < N; i++) {
        x[i] = (float)((i - N / 2) * 0.1); /* -100 to 100 */
        gates[i] = gates[N + i] = gates[2 * N + i] = x[i];
    }
    kernels->attention_forward(x, (struct nn_matrix){zero, 1, N, N},
                               (struct nn_matrix){u, 1, N, N});
    kernels->cell_forward[NN_GRU](
        &(struct nn_cell_step){.gi = gates, .gh = states, .h_prev = zero, .h = h, .H = N, .n = N});
    for (int i = 0; i < N; i++) {
        const double s = sigmoid(x[i]);
        g_assert_cmpfloat_with_epsilon(u[i], tanh(x[i]), 3e-7 * fabs(tanh(x[i])) + 1e-37);
        g_assert_cmpfloat_with_epsilon(gates[i], s, 3e-7 * s + 1e-37);
        g_assert_cmpfloat_with_epsilon(h[i], (1 - s) * tanh(x[i]), 3e-7);
    }
}

/* ---- words ---- */

static void test_softmax(gconstpointer data)
{
    const struct nn_kernels *kernels = data;
    for (int n = 1; n < 200; n++) {
        g_autofree float *memory = draw(n + 1);
        float *x = memory + 1;
        g_autofree double *expected = g_new(double, n);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            x[i] = 20 * x[i] + 300; /* beyond what exp() can take */
            sum += expected[i] = exp(x[i] - 300.0);
        }
        for (int i = 0; i < n; i++)
            expected[i] /= sum;
        const double alone = kernels->log_sum_exp(x, n), both = kernels->softmax(x, n);
        g_assert_cmpmem(&alone, sizeof(alone), &both, sizeof(both));
        g_assert_cmpfloat_with_epsilon(exp(both - 300), sum, 1e-4 * sum);
        assert_near(x, expected, n, 1);
    }
    for (int n = 1; n < 100; n++)
        for (int i = 0; i < n; i++) {
            g_autofree float *x = draw(n);
            x[i] = NAN;
            g_assert_true(isnan(kernels->log_sum_exp(x, n)));
            g_assert_true(isnan(kernels->softmax(x, n)));
        }
}

static int first_largest(const float *x, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (x[i] > x[best] || (isnan(x[best]) && !isnan(x[i])))
            best = i;
    return best;
}

static void test_argmax(gconstpointer data)
{
    static const float few[] = {NAN, -INFINITY, -1, -0.0F, 0, 3, INFINITY};
    const struct nn_kernels *kernels = data;
    for (int n = 1; n < 600; n++) {
        g_autofree float *x = draw(n);
        g_assert_cmpint(kernels->argmax(x, n), ==, first_largest(x, n));
        for (guint kinds = 1; kinds <= G_N_ELEMENTS(few); kinds++) { /* ties, and nothing but NaN */
            for (int i = 0; i < n; i++)
                x[i] = few[nn_random_below(&numbers, kinds)];
            g_assert_cmpint(kernels->argmax(x, n), ==, first_largest(x, n));
        }
    }
}

static void test_rank(gconstpointer data)
{
    static const float few[] = {NAN, -INFINITY, -0.0F, 0, 3};
    const struct nn_kernels *kernels = data;
    for (int n = 1; n < 200; n++) {
        g_autofree float *x = draw(n);
        for (int i = 0; n % 2 && i < n; i++) /* ties */
            x[i] = few[nn_random_below(&numbers, G_N_ELEMENTS(few))];
        for (int i = 0; i < n; i++) {
            int before = 0;
            for (int j = 0; j < n; j++)
                before += x[j] > x[i] || (j < i && x[j] == x[i]);
            g_assert_cmpint(kernels->rank(x, n, i), ==, before);
        }
    }
}

/* ---- the choice ---- */

static void test_choice(void)
{
    g_autoptr(GError) error = NULL;
    g_unsetenv("ADLIOTLOG_ISA");
    g_assert_true(nn_kernels_choose(NULL) == nn_kernels_at(0));
    for (int set = 0; nn_kernels_at(set); set++) {
        g_setenv("ADLIOTLOG_ISA", nn_kernels_at(set)->isa, TRUE);
        g_assert_true(nn_kernels_choose(&error) == nn_kernels_at(set));
        g_assert_no_error(error);
    }
    g_setenv("ADLIOTLOG_ISA", "mmx", TRUE);
    g_assert_null(nn_kernels_choose(&error));
    g_assert_error(error, TG_ERROR, TG_ERROR_USAGE);
    g_assert_true(g_str_has_prefix(error->message, "ADLIOTLOG_ISA: 'mmx' "));
    g_assert_true(g_str_has_suffix(error->message, "portable"));
    g_unsetenv("ADLIOTLOG_ISA");
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
    } tests[] = {{"multiply", test_multiply},
                 {"multiply-transposed", test_multiply_transposed},
                 {"update", test_update},
                 {"batching", test_batching},
                 {"ranges", test_ranges},
                 {"cells", test_cells},
                 {"attention", test_attention},
                 {"functions", test_functions},
                 {"softmax", test_softmax},
                 {"argmax", test_argmax},
                 {"rank", test_rank}};

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
    g_test_add_func("/kernel/choice", test_choice);
    g_assert_cmpint(n_known, >=, 1);
    g_assert_null(nn_kernels_at(n_known)); /* none without a test */
    return g_test_run();
}
