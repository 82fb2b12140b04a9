/*
 * The network against the plain one of reference.c: loss and gradient, for every cell, attention
 * and instruction set; the same bits for any number of threads; and the plain one's own gradient
 * against central differences.
 */
#include "model/pass.h"
#include "tests/unit/draw.h"
#include <math.h>
#include <string.h>

/* Largest difference allowed, over the largest number of a tensor's gradient. */
#define TOLERANCE 1e-4

/*
 * Long sentences meet few other numbers of threads: where there are more threads than processors
 * each of their thousands of meetings takes a while.
 */
static const int thread_counts[] = {2, 3, 5};

static const struct pair_case {
    const char *name;
    int H, V, S, T;
    enum drawn_way way;
    int n_threads; /* so many of thread_counts, from the first */
} pair_cases[] = {
    {"one", 7, 5, 1, 1, DRAW_FORCED, 3},
    {"one-free", 7, 5, 1, 1, DRAW_ERRORS, 3},
    {"one-to-many", 7, 11, 1, 9, DRAW_ERRORS, 3},
    {"many-to-one", 24, 29, 13, 1, DRAW_FORCED, 3},
    {"repeated", 7, 33, 12, 17, DRAW_FORCED, 2},
    {"errors", 24, 29, 12, 17, DRAW_ERRORS, 2},
    {"early-end", 48, 61, 9, 14, DRAW_EARLY_END, 3},
    {"early-end-small", 7, 11, 5, 40, DRAW_EARLY_END, 1},
    {"hundred", 24, 131, 101, 101, DRAW_FORCED, 1},
    {"hundred-free", 48, 67, 101, 101, DRAW_ERRORS, 0},
    {"hundred-to-one", 7, 19, 101, 1, DRAW_FORCED, 1},
    {"one-to-hundred", 24, 19, 1, 101, DRAW_ERRORS, 0},
    {"wide", 256, 77, 6, 5, DRAW_FORCED, 2},
    {"wide-free", 256, 77, 5, 12, DRAW_ERRORS, 1},
};

enum { N_CASE = G_N_ELEMENTS(pair_cases), N_VARIANT = NN_N_CELL * NN_N_ATTENTION };

struct test {
    const struct pair_case *pair;
    struct nn_shape shape;
};

static nn_network *network_of(const struct drawn *d)
{
    nn_network *network = nn_network_new(&d->shape);
    for (gsize i = 0; i < d->n_weight; i++)
        network->weights[i] = (nn_real)d->weights[i];
    return network;
}

/* ---- against the reference ---- */

struct outcome {
    double nll;
    int T;
    nn_real *gradient; /* [n_weight] */
    nn_real *after;    /* [n_weight] the weights after a step of SGD in place */
};

static void outcome_clear(struct outcome *o)
{
    g_free(o->gradient);
    g_free(o->after);
}

static struct outcome compute(const struct drawn *d, nn_pass *pass, nn_network *network)
{
    const struct reference_pair *pair = &d->pair;
    struct outcome o = {.gradient = g_new0(nn_real, d->n_weight),
                        .after = g_new(nn_real, d->n_weight)};
    o.nll = nn_pass_forward(pass, pair->source, pair->S, pair->target, pair->T, pair->forced);
    o.T = pass->T;
    nn_pass_backward(pass, o.gradient, 1);

    const gsize size = d->n_weight * sizeof(nn_real);
    g_autofree nn_real *before = g_memdup2(network->weights, size);
    nn_pass_forward(pass, pair->source, pair->S, pair->target, pair->T, pair->forced);
    nn_pass_backward(pass, network->weights, -0.1F);
    memcpy(o.after, network->weights, size);
    memcpy(network->weights, before, size);
    return o;
}

static struct outcome compute_with(const struct drawn *d, const struct nn_kernels *kernels,
                                   int threads)
{
    g_autoptr(nn_network) network = network_of(d);
    g_autoptr(nn_pass) pass = nn_pass_new(network, d->pair.S, d->pair.T, threads, kernels);
    return compute(d, pass, network);
}

/* Largest difference in any tensor, over the tensor's largest gradient. */
static double assert_close(const struct drawn *d, const struct outcome *o, const reference *r)
{
    double worst = 0;
    g_assert_cmpint(o->T, ==, r->T);
    g_assert_cmpfloat(fabs(o->nll - r->nll), <, TOLERANCE * r->nll);
    for (int i = 0; i < NN_N_TENSOR; i++) {
        const struct nn_tensor *tensor = &d->tensor[i];
        double scale = 0, difference = 0, step = 0;
        for (gsize j = tensor->offset; j < tensor->offset + tensor->size; j++) {
            g_assert_true(isfinite(o->gradient[j])); /* fmax() drops NaN */
            scale = fmax(scale, fabs(r->gradient[j]));
            difference = fmax(difference, fabs(o->gradient[j] - r->gradient[j]));
            const double after = d->weights[j] - (double)0.1F * r->gradient[j];
            step = fmax(step, fabs(o->after[j] - after) - 1e-6 * fabs(after));
        }
        /* Where there is no gradient, with a sentence of one word, there is exactly none. */
        if (difference > TOLERANCE * scale || step > TOLERANCE * scale)
            g_error("%s: %.1e and %.1e of %.1e", tensor->name, difference, step, scale);
        if (scale > 0)
            worst = fmax(worst, difference / scale);
    }
    return worst;
}

static void assert_same(const struct drawn *d, const struct outcome *a, const struct outcome *b)
{
    const gsize size = d->n_weight * sizeof(nn_real);
    g_assert_cmpmem(&a->nll, sizeof(double), &b->nll, sizeof(double));
    g_assert_cmpint(a->T, ==, b->T);
    g_assert_cmpmem(a->gradient, size, b->gradient, size);
    g_assert_cmpmem(a->after, size, b->after, size);
}

static void test_pair(gconstpointer data)
{
    const struct test *test = data;
    struct drawn d;
    draw(&d, &test->shape, test->pair->S, test->pair->T, test->pair->way, 11);
    g_autoptr(reference) r = reference_forward(&d.shape, d.weights, &d.pair);
    reference_backward(r);
    const struct nn_kernels *kernels;
    for (int i = 0; (kernels = nn_kernels_at(i)); i++) {
        struct outcome alone = compute_with(&d, kernels, 1);
        g_test_message("%s: %.1e", kernels->isa, assert_close(&d, &alone, r));
        for (int j = 0; j < test->pair->n_threads; j++) {
            struct outcome together = compute_with(&d, kernels, thread_counts[j]);
            assert_same(&d, &alone, &together);
            outcome_clear(&together);
        }
        outcome_clear(&alone);
    }
    draw_clear(&d);
}

/* ---- one pass for many pairs ---- */

/* What a pair leaves behind in a pass changes nothing for the next. */
static void test_reuse(gconstpointer data)
{
    enum { LONG = 23, N = 4 };
    const struct nn_shape *shape = data;
    static const struct {
        int S, T;
        enum drawn_way way;
    } order[N] = {{LONG, LONG, DRAW_FORCED},
                  {3, 9, DRAW_ERRORS},
                  {1, 1, DRAW_FORCED},
                  {9, 4, DRAW_FORCED}};
    g_autoptr(nn_network) network = nn_network_new(shape);
    g_autoptr(nn_pass) pass = nn_pass_new(network, LONG, LONG, 2, NULL);
    for (int i = 0; i < N; i++) {
        struct drawn d;
        draw(&d, shape, order[i].S, order[i].T, order[i].way, i);
        for (gsize j = 0; j < d.n_weight; j++)
            network->weights[j] = (nn_real)d.weights[j];
        struct outcome used = compute(&d, pass, network), fresh = compute_with(&d, NULL, 1);
        assert_same(&d, &used, &fresh);
        outcome_clear(&used);
        outcome_clear(&fresh);
        draw_clear(&d);
    }
}

/* ---- several steps at once ---- */

static void check_guesses(const struct nn_shape *shape, enum drawn_way way, int threads)
{
    enum { S = 6, T = 24, N_BEFORE = 50 };
    struct drawn d;
    draw(&d, shape, S, T, way, 17);
    g_autoptr(reference) r = reference_forward(shape, d.weights, &d.pair);
    reference_backward(r);
    g_autoptr(nn_network) network = network_of(&d);
    g_autoptr(nn_pass) pass = nn_pass_new(network, S, T, threads, NULL);
    for (int i = 0; i < N_BEFORE; i++) {
        nn_pass_forward(pass, d.source, S, r->said, r->T, FALSE);
        g_assert_cmpint(pass->T, ==, r->T);
        g_assert_cmpmem(pass->said, r->T * sizeof(gint32), r->said, r->T * sizeof(gint32));
    }
    struct outcome trusting = compute(&d, pass, network), fresh = compute_with(&d, NULL, 1);
    assert_close(&d, &trusting, r);
    assert_same(&d, &trusting, &fresh);
    outcome_clear(&trusting);
    outcome_clear(&fresh);
    draw_clear(&d);
}

/*
 * A pass that has seen targets come true computes several steps at a time, on the guess that they
 * will again. Here they do not, or the sentence ends before.
 */
static void test_guesses(gconstpointer data)
{
    for (int threads = 1; threads <= 2; threads++) {
        check_guesses(data, DRAW_ERRORS, threads);
        check_guesses(data, DRAW_EARLY_END, threads);
    }
}

/* ---- the reference against central differences ---- */

static void check_slopes(const struct nn_shape *shape, int S, int T, enum drawn_way way)
{
    /* Fourth order: what is left out is far below the tolerance. */
    static const double at[] = {-2, -1, 1, 2}, factor[] = {1, -8, 8, -1};
    const double step = 1e-4;
    struct drawn d;
    draw(&d, shape, S, T, way, 5);
    g_autoptr(reference) r = reference_forward(shape, d.weights, &d.pair);
    reference_backward(r);
    double worst = 0;
    for (int i = 0; i < NN_N_TENSOR; i++) {
        double largest = 0, error = 0;
        for (gsize j = d.tensor[i].offset; j < d.tensor[i].offset + d.tensor[i].size; j++) {
            const double weight = d.weights[j];
            double slope = 0;
            for (int k = 0; k < 4; k++) {
                d.weights[j] = weight + at[k] * step;
                g_autoptr(reference) moved = reference_forward(shape, d.weights, &d.pair);
                slope += factor[k] * moved->nll / (12 * step);
            }
            d.weights[j] = weight;
            g_assert_true(isfinite(slope) && isfinite(r->gradient[j]));
            largest = fmax(largest, fabs(r->gradient[j]));
            error = fmax(error, fabs(slope - r->gradient[j]));
        }
        g_assert_cmpfloat(error, <, fmax(1e-6 * largest, 1e-10));
        if (largest > 0)
            worst = fmax(worst, error / largest);
    }
    g_test_message("%d to %d words: %.1e", S, T, worst);
    draw_clear(&d);
}

static void test_slopes(gconstpointer data)
{
    const struct nn_shape shape = {.cell = ((const struct nn_shape *)data)->cell,
                                   .attention = ((const struct nn_shape *)data)->attention,
                                   .H = 3,
                                   .V = 7};
    check_slopes(&shape, 5, 6, DRAW_FORCED);
    check_slopes(&shape, 5, 6, DRAW_ERRORS);
    check_slopes(&shape, 4, 7, DRAW_EARLY_END);
    check_slopes(&shape, 1, 1, DRAW_FORCED);
}

/* ---- */

int main(int argc, char **argv)
{
    static struct test tests[N_VARIANT][N_CASE];
    static struct nn_shape shapes[N_VARIANT];
    g_test_init(&argc, &argv, NULL);
    for (int variant = 0; variant < N_VARIANT; variant++) {
        shapes[variant] =
            (struct nn_shape){variant / NN_N_ATTENTION, variant % NN_N_ATTENTION, 24, 19};
        g_autofree char *name = draw_name(&shapes[variant]);
        g_autofree char *slopes = g_strdup_printf("/reference/%s/slopes", name);
        g_autofree char *guesses = g_strdup_printf("/reference/%s/guesses", name);
        g_autofree char *reuse = g_strdup_printf("/reference/%s/reuse", name);
        g_test_add_data_func(slopes, &shapes[variant], test_slopes);
        for (int i = 0; i < N_CASE; i++) {
            struct test *test = &tests[variant][i];
            *test = (struct test){&pair_cases[i], shapes[variant]};
            test->shape.H = pair_cases[i].H;
            test->shape.V = pair_cases[i].V;
            g_autofree char *path = g_strdup_printf("/reference/%s/%s", name, pair_cases[i].name);
            g_test_add_data_func(path, test, test_pair);
        }
        g_test_add_data_func(guesses, &shapes[variant], test_guesses);
        g_test_add_data_func(reuse, &shapes[variant], test_reuse);
    }
    return g_test_run();
}
