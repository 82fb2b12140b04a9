#include "model/network.h"
#include "dataset/corpus.h"
#include "model/random.h"
#include <math.h>

/* Shapes as multiples of H and V: rows = h_rows H + v_rows V, cols = h_cols H. */
static const struct {
    const char *name;
    int h_rows, v_rows, h_cols;
} layout[NN_N_TENSOR] = {
    [NN_ENCODER_EMBEDDING] = {"encoder.embedding.weight", 0, 1, 1},
    [NN_ENCODER_W_IH] = {"encoder.gru.weight_ih", 3, 0, 1},
    [NN_ENCODER_W_HH] = {"encoder.gru.weight_hh", 3, 0, 1},
    [NN_ENCODER_B_IH] = {"encoder.gru.bias_ih", 3, 0, 0},
    [NN_ENCODER_B_HH] = {"encoder.gru.bias_hh", 3, 0, 0},
    [NN_DECODER_EMBEDDING] = {"decoder.embedding.weight", 0, 1, 1},
    [NN_ATTENTION_W_S] = {"decoder.attention.w_s", 1, 0, 1},
    [NN_ATTENTION_W_H] = {"decoder.attention.w_h", 1, 0, 1},
    [NN_ATTENTION_V] = {"decoder.attention.v", 1, 0, 0},
    [NN_DECODER_W_IH] = {"decoder.gru.weight_ih", 3, 0, 2},
    [NN_DECODER_W_HH] = {"decoder.gru.weight_hh", 3, 0, 1},
    [NN_DECODER_B_IH] = {"decoder.gru.bias_ih", 3, 0, 0},
    [NN_DECODER_B_HH] = {"decoder.gru.bias_hh", 3, 0, 0},
    [NN_OUTPUT_WEIGHT] = {"decoder.output.weight", 0, 1, 1},
    [NN_OUTPUT_BIAS] = {"decoder.output.bias", 0, 1, 0},
};

gsize nn_network_layout(int hidden, int vocabulary, struct nn_tensor *tensor)
{
    gsize n = 0;
    for (int i = 0; i < NN_N_TENSOR; i++) {
        tensor[i].name = layout[i].name;
        tensor[i].rows = layout[i].h_rows * hidden + layout[i].v_rows * vocabulary;
        tensor[i].cols = layout[i].h_cols * hidden;
        tensor[i].offset = n;
        tensor[i].size = (gsize)tensor[i].rows * MAX(tensor[i].cols, 1);
        n += tensor[i].size;
    }
    return n;
}

nn_network *nn_network_new(int hidden, int vocabulary)
{
    g_assert(hidden >= 1 && hidden <= NN_MAX_HIDDEN);
    g_assert(vocabulary >= DS_FIRST_WORD && vocabulary <= NN_MAX_VOCABULARY);

    nn_network *network = g_new0(nn_network, 1);
    network->H = hidden;
    network->V = vocabulary;
    network->n_weight = nn_network_layout(hidden, vocabulary, network->tensor);
    network->weights = g_aligned_alloc0(network->n_weight, sizeof(nn_real), 64);
    return network;
}

void nn_network_free(nn_network *network)
{
    if (!network)
        return;
    g_aligned_free(network->weights);
    g_free(network);
}

void nn_network_init(nn_network *network, guint64 seed)
{
    const double bound = 1 / sqrt(network->H);
    struct nn_random random;
    nn_random_init(&random, seed, NN_STREAM_WEIGHTS);
    for (int i = 0; i < NN_N_TENSOR; i++) {
        const gboolean embedding = i == NN_ENCODER_EMBEDDING || i == NN_DECODER_EMBEDDING;
        nn_real *w = nn_view(network, network->weights, i);
        for (gsize j = 0; j < network->tensor[i].size; j++) {
            w[j] = (nn_real)(embedding ? nn_random_normal(&random)
                                       : bound * (2 * nn_random_uniform(&random) - 1));
        }
    }
}
