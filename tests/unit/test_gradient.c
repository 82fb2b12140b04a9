/*
 * The gradient of every number of every tensor against central differences of the loss, in double:
 * the files that compute the network are compiled once more here, with nn_real = double.
 */
#define NN_DOUBLE
#include "model/decoder.c"
#include "model/encoder.c"
#include "model/kernel.c"
#include "model/kernel_portable.c"
#include "model/network.c"
#include "model/pass.c"
#include "model/random.c"

#define TOLERANCE 1e-6

enum { H = 7, V = 11 };

struct gradient_case {
    const char *name;
    int n_source, n_target;
    gboolean forced;
};

static const struct gradient_case gradient_cases[] = {
    {"/gradient/forced", 5, 6, TRUE},    {"/gradient/free", 5, 6, FALSE},
    {"/gradient/one", 1, 1, TRUE},       {"/gradient/one-free", 1, 1, FALSE},
    {"/gradient/one-many", 1, 7, FALSE}, {"/gradient/many-one", 9, 1, TRUE},
};

/* Words from a few only, so that some come twice. */
static void draw_sentence(struct nn_random *random, gint32 *words, int n)
{
    for (int i = 0; i < n - 1; i++)
        words[i] = DS_FIRST_WORD + nn_random_below(random, 4);
    words[n - 1] = DS_EOS;
}

static void test_gradient(gconstpointer data)
{
    const struct gradient_case *c = data;
    g_autoptr(nn_network) network = nn_network_new(H, V);
    nn_network_init(network, 7);
    nn_view(network, network->weights, NN_OUTPUT_BIAS)[DS_EOS] -= 9; /* all steps are run */
    for (int i = 0; i < H; i++)                                      /* attention that matters */
        nn_view(network, network->weights, NN_ATTENTION_V)[i] *= 8;

    struct nn_random random;
    nn_random_init(&random, 7, NN_STREAM_TRAINING);
    gint32 source[16], target[16];
    draw_sentence(&random, source, c->n_source);
    draw_sentence(&random, target, c->n_target);

    g_autoptr(nn_pass) pass = nn_pass_new(network, c->n_source, c->n_target);
    g_autofree nn_real *gradient = g_new0(nn_real, network->n_weight);
    nn_pass_forward(pass, source, c->n_source, target, c->n_target, c->forced);
    g_assert_cmpint(pass->T, ==, c->n_target);
    nn_pass_backward(pass);
    nn_pass_update(pass, gradient, 1);

    const double step = 1e-4;
    for (int i = 0; i < NN_N_TENSOR; i++) {
        const struct nn_tensor *tensor = &network->tensor[i];
        double largest = 0, error = 0;
        for (gsize j = tensor->offset; j < tensor->offset + tensor->size; j++) {
            /* Fourth order: what is left out is far below the tolerance. */
            static const double at[] = {-2, -1, 1, 2}, factor[] = {1, -8, 8, -1};
            const double weight = network->weights[j];
            double slope = 0;
            for (int k = 0; k < 4; k++) {
                network->weights[j] = weight + at[k] * step;
                slope += factor[k] *
                         nn_pass_forward(pass, source, c->n_source, target, c->n_target, c->forced);
            }
            network->weights[j] = weight;
            slope /= 12 * step;
            g_assert_true(isfinite(slope) && isfinite(gradient[j])); /* fmax() drops NaN */
            largest = fmax(largest, fabs(slope));
            error = fmax(error, fabs(slope - gradient[j]));
        }
        g_test_message("%s: %.1e of %.1e", tensor->name, error, largest);
        /* A sentence of one word leaves attention nothing to choose: its gradient is zero. */
        if (c->n_source > 1 || largest > 1e-9)
            g_assert_cmpfloat(error, <, TOLERANCE * largest);
        else
            g_assert_cmpfloat(error, <, 1e-9);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(gradient_cases); i++)
        g_test_add_data_func(gradient_cases[i].name, &gradient_cases[i], test_gradient);
    return g_test_run();
}
