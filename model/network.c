#include "model/network.h"
#include "model/array.h"
#include "model/random.h"
#include <math.h>
#include <string.h>

const char *const nn_cell_names[NN_N_CELL] = {[NN_GRU] = "gru", [NN_LSTM] = "lstm"};
const char *const nn_attention_names[NN_N_ATTENTION] = {
    [NN_ADDITIVE] = "additive", [NN_LOCATION] = "location", [NN_NO_ATTENTION] = "none"};

static const int n_gate[NN_N_CELL] = {[NN_GRU] = 3, [NN_LSTM] = 4};

/* Networks that have a tensor, by their attention. */
enum { ADDITIVE = 1 << NN_ADDITIVE, LOCATION = 1 << NN_LOCATION, ALL = (1 << NN_N_ATTENTION) - 1 };

/*
 * Shapes as multiples: rows = gate_rows G H + h_rows H + v_rows V + p_rows P, cols = h_cols H; the
 * context's columns are there only with attention. %s in a name is the cell's.
 */
static const struct {
    const char *name;
    int gate_rows, h_rows, v_rows, p_rows, h_cols, context_cols, in;
} layout[NN_N_TENSOR] = {
    [NN_ENCODER_EMBEDDING] = {"encoder.embedding.weight", .v_rows = 1, .h_cols = 1, .in = ALL},
    [NN_ENCODER_W_IH] = {"encoder.%s.weight_ih", .gate_rows = 1, .h_cols = 1, .in = ALL},
    [NN_ENCODER_W_HH] = {"encoder.%s.weight_hh", .gate_rows = 1, .h_cols = 1, .in = ALL},
    [NN_ENCODER_B_IH] = {"encoder.%s.bias_ih", .gate_rows = 1, .in = ALL},
    [NN_ENCODER_B_HH] = {"encoder.%s.bias_hh", .gate_rows = 1, .in = ALL},
    [NN_DECODER_EMBEDDING] = {"decoder.embedding.weight", .v_rows = 1, .h_cols = 1, .in = ALL},
    [NN_ATTENTION_W_S] = {"decoder.attention.w_s", .h_rows = 1, .h_cols = 1, .in = ADDITIVE},
    [NN_ATTENTION_W_H] = {"decoder.attention.w_h", .h_rows = 1, .h_cols = 1, .in = ADDITIVE},
    [NN_ATTENTION_V] = {"decoder.attention.v", .h_rows = 1, .in = ADDITIVE},
    [NN_ATTENTION_WEIGHT] = {"decoder.attention.weight", .p_rows = 1, .h_cols = 2, .in = LOCATION},
    [NN_ATTENTION_BIAS] = {"decoder.attention.bias", .p_rows = 1, .in = LOCATION},
    [NN_DECODER_W_IH] = {"decoder.%s.weight_ih", .gate_rows = 1, .h_cols = 1, .context_cols = 1,
                         .in = ALL},
    [NN_DECODER_W_HH] = {"decoder.%s.weight_hh", .gate_rows = 1, .h_cols = 1, .in = ALL},
    [NN_DECODER_B_IH] = {"decoder.%s.bias_ih", .gate_rows = 1, .in = ALL},
    [NN_DECODER_B_HH] = {"decoder.%s.bias_hh", .gate_rows = 1, .in = ALL},
    [NN_OUTPUT_WEIGHT] = {"decoder.output.weight", .v_rows = 1, .h_cols = 1, .in = ALL},
    [NN_OUTPUT_BIAS] = {"decoder.output.bias", .v_rows = 1, .in = ALL},
};

gsize nn_network_layout(const struct nn_shape *shape, struct nn_tensor *tensor)
{
    const int H = shape->H, G = n_gate[shape->cell];
    const int context = shape->attention != NN_NO_ATTENTION;
    gsize n = 0;
    for (int i = 0; i < NN_N_TENSOR; i++) {
        /* The name is one of the table above, not a user's. */
        const char *cell = strstr(layout[i].name, "%s");
        g_snprintf(tensor[i].name, sizeof(tensor[i].name), "%.*s%s%s",
                   cell ? (int)(cell - layout[i].name) : 99, layout[i].name,
                   cell ? nn_cell_names[shape->cell] : "", cell ? cell + 2 : "");
        const gboolean there = layout[i].in >> shape->attention & 1;
        tensor[i].rows = there
                             ? layout[i].gate_rows * G * H + layout[i].h_rows * H +
                                   layout[i].v_rows * shape->V + layout[i].p_rows * NN_MAX_POSITION
                             : 0;
        tensor[i].cols = there ? (layout[i].h_cols + layout[i].context_cols * context) * H : 0;
        tensor[i].offset = n;
        tensor[i].size = (gsize)tensor[i].rows * MAX(tensor[i].cols, 1);
        n += tensor[i].size;
    }
    return n;
}

nn_network *nn_network_new(const struct nn_shape *shape)
{
    g_assert(shape->H >= 1 && shape->H <= NN_MAX_HIDDEN);
    g_assert(shape->V >= DS_FIRST_WORD && shape->V <= NN_MAX_VOCABULARY);

    nn_network *network = g_new0(nn_network, 1);
    network->shape = *shape;
    network->H = shape->H;
    network->V = shape->V;
    network->G = n_gate[shape->cell];
    network->n_weight = nn_network_layout(shape, network->tensor);
    network->weights = nn_array_new(network->n_weight);
    return network;
}

void nn_network_free(nn_network *network)
{
    if (!network)
        return;
    nn_array_free(network->weights);
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
