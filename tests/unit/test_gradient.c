/*
 * The gradient of every number of every tensor against central differences of the loss, and against
 * the reference to the last digits. All in double: the files that compute the network are compiled
 * once more for this test, with nn_real = double.
 */
#define NN_DOUBLE
#include "model/pass.h"
#include "tests/unit/draw.h"
#include <math.h>
#include <string.h>

/* Largest difference allowed, over the largest number of a tensor's gradient. */
#define TOLERANCE           1e-6
#define REFERENCE_TOLERANCE 1e-12

static const struct pair_case {
    const char *name;
    int H, V, S, T;
    enum drawn_way way;
    gboolean slopes; /* checked by central differences too */
} pair_cases[] = {
    {"forced", 5, 9, 5, 6, DRAW_FORCED, TRUE},
    {"free", 5, 9, 5, 6, DRAW_ERRORS, TRUE},
    {"early-end", 5, 9, 4, 6, DRAW_EARLY_END, TRUE},
    {"one", 5, 9, 1, 1, DRAW_FORCED, TRUE},
    {"one-many", 5, 9, 1, 7, DRAW_ERRORS, FALSE},
    {"many-one", 5, 9, 9, 1, DRAW_FORCED, FALSE},
    {"long", 26, 71, 60, 75, DRAW_FORCED, FALSE},
    {"long-free", 26, 71, 60, 75, DRAW_ERRORS, FALSE},
};

enum { N_CASE = G_N_ELEMENTS(pair_cases), N_VARIANT = NN_N_CELL * NN_N_ATTENTION };

struct test {
    const struct pair_case *pair;
    struct nn_shape shape;
};

static double forward(nn_pass *pass, const struct reference_pair *pair)
{
    return nn_pass_forward(pass, pair->source, pair->S, pair->target, pair->T, pair->forced);
}

/* Every tensor of two arrays that should be the same, relative to the largest of `expected`. */
static double assert_close(const struct drawn *d, const double *x, const double *expected,
                           double tolerance)
{
    double worst = 0;
    for (int i = 0; i < NN_N_TENSOR; i++) {
        const struct nn_tensor *tensor = &d->tensor[i];
        double largest = 0, error = 0;
        for (gsize j = tensor->offset; j < tensor->offset + tensor->size; j++) {
            g_assert_true(isfinite(x[j]) && isfinite(expected[j])); /* fmax() drops NaN */
            largest = fmax(largest, fabs(expected[j]));
            error = fmax(error, fabs(x[j] - expected[j]));
        }
        /* A sentence of one word leaves attention nothing to choose: its gradient is zero. */
        if (error > fmax(tolerance * largest, 1e-3 * tolerance))
            g_error("%s: %.1e of %.1e", tensor->name, error, largest);
        if (largest > 1e-9)
            worst = fmax(worst, error / largest);
    }
    return worst;
}

static double slope_at(nn_pass *pass, const struct reference_pair *pair, double *weight)
{
    /* Fourth order: what is left out is far below the tolerance. */
    static const double at[] = {-2, -1, 1, 2}, factor[] = {1, -8, 8, -1};
    const double step = 1e-4, middle = *weight;
    double slope = 0;
    for (int k = 0; k < 4; k++) {
        *weight = middle + at[k] * step;
        slope += factor[k] * forward(pass, pair) / (12 * step);
    }
    *weight = middle;
    return slope;
}

/* Added to what an array of gradients holds, with any scale; and to the weights themselves. */
static void check_sinks(const struct drawn *d, nn_network *network, nn_pass *pass,
                        const double *gradient)
{
    const double lr = 0.1, scale = -0.3;
    g_autofree double *sum = g_new(double, d->n_weight);
    g_autofree double *expected = g_new(double, d->n_weight);
    for (gsize j = 0; j < d->n_weight; j++) {
        sum[j] = (double)(j % 7);
        expected[j] = sum[j] + scale * gradient[j];
    }
    forward(pass, &d->pair);
    nn_pass_backward(pass, sum, scale);
    assert_close(d, sum, expected, 1e-12);

    for (gsize j = 0; j < d->n_weight; j++)
        expected[j] = network->weights[j] - lr * gradient[j];
    forward(pass, &d->pair);
    nn_pass_backward(pass, network->weights, -lr);
    assert_close(d, network->weights, expected, 1e-12);
}

static void test_gradient(gconstpointer data)
{
    const struct test *test = data;
    struct drawn d;
    draw(&d, &test->shape, test->pair->S, test->pair->T, test->pair->way, 7);
    g_autoptr(nn_network) network = nn_network_new(&d.shape);
    memcpy(network->weights, d.weights, d.n_weight * sizeof(double));
    g_autoptr(nn_pass) pass = nn_pass_new(network, d.pair.S, d.pair.T, 1, NULL);
    g_autofree double *gradient = g_new0(double, d.n_weight);
    const double nll = forward(pass, &d.pair);
    nn_pass_backward(pass, gradient, 1);

    g_autoptr(reference) r = reference_forward(&d.shape, d.weights, &d.pair);
    reference_backward(r);
    g_assert_cmpint(pass->T, ==, r->T);
    g_assert_cmpfloat(fabs(nll - r->nll), <, REFERENCE_TOLERANCE * r->nll);
    g_test_message("from the reference: %.1e",
                   assert_close(&d, gradient, r->gradient, REFERENCE_TOLERANCE));
    if (test->pair->slopes) {
        g_autofree double *slopes = g_new(double, d.n_weight);
        for (gsize j = 0; j < d.n_weight; j++)
            slopes[j] = slope_at(pass, &d.pair, &network->weights[j]);
        g_test_message("from central differences: %.1e",
                       assert_close(&d, gradient, slopes, TOLERANCE));
    }
    check_sinks(&d, network, pass, gradient);
    draw_clear(&d);
}

int main(int argc, char **argv)
{
    static struct test tests[N_VARIANT][N_CASE];
    g_test_init(&argc, &argv, NULL);
    for (int variant = 0; variant < N_VARIANT; variant++) {
        for (int i = 0; i < N_CASE; i++) {
            const struct pair_case *pair = &pair_cases[i];
            struct test *test = &tests[variant][i];
            *test = (struct test){pair,
                                  {variant / NN_N_ATTENTION, variant % NN_N_ATTENTION, pair->H,
                                   pair->V}};
            g_autofree char *name = draw_name(&test->shape);
            g_autofree char *path = g_strdup_printf("/gradient/%s/%s", name, pair->name);
            g_test_add_data_func(path, test, test_gradient);
        }
    }
    return g_test_run();
}
