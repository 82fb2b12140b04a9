/* Where the decoder looks: the weights of attention against the plain reference. */
#include "model/decode.h"
#include "tests/unit/draw.h"
#include <math.h>
#include <string.h>

enum { H = 16, V = 40, S = 9, T = 7 };

static nn_network *network_of(const struct drawn *d)
{
    nn_network *network = nn_network_new(&d->shape);
    for (gsize i = 0; i < d->n_weight; i++)
        network->weights[i] = (nn_real)d->weights[i];
    return network;
}

/* Every row is a distribution, and that of the reference. */
static void assert_weights(const struct nn_attended *attended, const reference *r)
{
    g_assert_cmpint(attended->n_row, ==, r->T);
    g_assert_cmpint(attended->n_place, ==, r->shape.attention == NN_LOCATION ? NN_MAX_POSITION : S);
    for (int p = 0; p < attended->n_row; p++) {
        double sum = 0;
        for (int t = 0; t < attended->n_place; t++) {
            const double alpha = (double)attended->alpha[p][t];
            g_assert_cmpfloat(alpha, >=, 0);
            g_assert_cmpfloat_with_epsilon(alpha, r->alpha[(gsize)p * NN_MAX_POSITION + t], 2e-6);
            sum += alpha;
        }
        g_assert_cmpfloat_with_epsilon(sum, 1, 1e-6);
    }
}

static void look(const struct drawn *d, gboolean forced, struct nn_output *output,
                 struct nn_attended *attended)
{
    g_autoptr(nn_network) network = network_of(d);
    g_autoptr(nn_decoding) decoding = nn_decoding_new(network, NN_FOLLOW, S, 1, NULL);
    const struct nn_sentence source = {d->source, S}, target = {d->target, T};
    nn_decode_attended(decoding, source, forced ? &target : NULL, output, attended);
    if (forced)
        return;
    /* Looking on changes nothing. */
    struct nn_output plain;
    nn_decode_greedy(decoding, &source, 1, &plain);
    g_assert_cmpmem(plain.words, plain.n_word * sizeof(gint32), output->words,
                    output->n_word * sizeof(gint32));
    g_assert_cmpmem(&plain.log_probability, sizeof(double), &output->log_probability,
                    sizeof(double));
}

static void test_forced(gconstpointer data)
{
    g_autofree struct nn_attended *attended = g_new(struct nn_attended, 1);
    struct nn_output nothing;
    struct drawn d;
    draw(&d, data, S, T, DRAW_FORCED, 5);
    g_autoptr(reference) r = reference_forward(&d.shape, d.weights, &d.pair);
    look(&d, TRUE, &nothing, attended);
    assert_weights(attended, r);
    draw_clear(&d);
}

/* The reference ends with the target or at DS_EOS, which is said early. */
static void test_greedy(gconstpointer data)
{
    g_autofree struct nn_attended *attended = g_new(struct nn_attended, 1);
    struct nn_output output;
    struct drawn d;
    draw(&d, data, S, T, DRAW_EARLY_END, 6);
    g_autoptr(reference) r = reference_forward(&d.shape, d.weights, &d.pair);
    look(&d, FALSE, &output, attended);
    g_assert_true(output.ended);
    g_assert_cmpint(output.n_word, ==, r->T - 1);
    assert_weights(attended, r);
    draw_clear(&d);
}

/* No DS_EOS: as many rows as there is room for words. */
static void test_full(gconstpointer data)
{
    g_autofree struct nn_attended *attended = g_new(struct nn_attended, 1);
    struct nn_output output;
    struct drawn d;
    draw(&d, data, S, T, DRAW_FORCED, 7);
    d.weights[d.tensor[NN_OUTPUT_BIAS].offset + DS_EOS] = -1e4;
    look(&d, FALSE, &output, attended);
    g_assert_false(output.ended);
    g_assert_cmpint(attended->n_row, ==, DS_MAX_WORDS);
    draw_clear(&d);
}

int main(int argc, char **argv)
{
    static struct nn_shape shapes[NN_N_CELL * 2];
    int n = 0;
    g_test_init(&argc, &argv, NULL);
    for (enum nn_cell cell = 0; cell < NN_N_CELL; cell++)
        for (enum nn_attention attention = NN_ADDITIVE; attention <= NN_LOCATION; attention++) {
            shapes[n] = (struct nn_shape){cell, attention, H, V};
            g_autofree char *name = draw_name(&shapes[n]);
            g_autofree char *forced = g_strdup_printf("/attended/%s/forced", name);
            g_autofree char *greedy = g_strdup_printf("/attended/%s/greedy", name);
            g_autofree char *full = g_strdup_printf("/attended/%s/full", name);
            g_test_add_data_func(forced, &shapes[n], test_forced);
            g_test_add_data_func(greedy, &shapes[n], test_greedy);
            g_test_add_data_func(full, &shapes[n], test_full);
            n++;
        }
    return g_test_run();
}
