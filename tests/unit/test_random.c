/* The random numbers of the network, and the weights drawn with them. */
#include "model/network.h"
#include "model/random.h"
#include <math.h>
#include <string.h>

enum { H = 64, V = 300 };

/* The generator: known first numbers, range, moments. */
static void test_random(void)
{
    struct nn_random random = {{1, 2, 3, 4}};
    const guint64 known[] = {41943041, 58720359, 3588806011781223, 3591011842654386};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        g_assert_cmpuint(nn_random_next(&random), ==, known[i]);

    struct nn_random other;
    nn_random_init(&random, 1, NN_STREAM_WEIGHTS);
    nn_random_init(&other, 1, NN_STREAM_TRAINING);
    g_assert_true(memcmp(&random, &other, sizeof(random)) != 0);
    int counts[7] = {0};
    double sum = 0, squares = 0;
    for (int i = 0; i < 70000; i++) {
        counts[nn_random_below(&random, 7)]++;
        const double x = nn_random_normal(&random);
        sum += x;
        squares += x * x;
        const double u = nn_random_uniform(&random);
        g_assert_true(u >= 0 && u < 1);
    }
    for (int i = 0; i < 7; i++)
        g_assert_cmpint(ABS(counts[i] - 10000), <, 400);
    g_assert_cmpfloat_with_epsilon(sum / 70000, 0, 0.02);
    g_assert_cmpfloat_with_epsilon(squares / 70000, 1, 0.03);
}

/* Embeddings from N(0, 1), all else uniform in +-1/sqrt(H): mean, variance and bound. */
static void test_initial_weights(gconstpointer data)
{
    g_autoptr(nn_network) network = nn_network_new(data);
    nn_network_init(network, 5);
    for (int id = 0; id < NN_N_TENSOR; id++) {
        const gboolean normal = id == NN_ENCODER_EMBEDDING || id == NN_DECODER_EMBEDDING;
        const struct nn_tensor *tensor = &network->tensor[id];
        const double scale = normal ? 1 : 1 / sqrt(H), n = (double)tensor->size;
        double sum = 0, squares = 0, largest = 0;
        if (tensor->size == 0)
            continue;
        for (gsize i = 0; i < tensor->size; i++) {
            const double x = network->weights[tensor->offset + i] / scale;
            sum += x;
            squares += x * x;
            largest = fmax(largest, fabs(x));
        }
        /* Within four standard errors: the fourth moment is 3 or 1/5. */
        const double variance = normal ? 1 : 1.0 / 3, fourth = normal ? 3 : 1.0 / 5;
        g_test_message("%s: %f %f %f", tensor->name, sum / n, squares / n, largest);
        g_assert_cmpfloat_with_epsilon(sum / n, 0, 4 * sqrt(variance / n));
        g_assert_cmpfloat_with_epsilon(squares / n, variance,
                                       4 * sqrt((fourth - variance * variance) / n));
        g_assert_true(normal ? largest > 3 : largest > 0.9 && largest < 1 + 1e-6);
    }
}

int main(int argc, char **argv)
{
    static struct nn_shape shapes[NN_N_CELL * NN_N_ATTENTION];
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/random/generator", test_random);
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        shapes[i] = (struct nn_shape){i / NN_N_ATTENTION, i % NN_N_ATTENTION, H, V};
        g_autofree char *path =
            g_strdup_printf("/random/weights/%s-%s", nn_cell_names[shapes[i].cell],
                            nn_attention_names[shapes[i].attention]);
        g_test_add_data_func(path, &shapes[i], test_initial_weights);
    }
    return g_test_run();
}
