/*
 * The decoder (paper.txt Sec. II, s_p, P_j): a recurrent layer over the words of the target, with
 * attention (attention.c), from the encoder's last state.
 *
 *     gi_p = W_ih [y_p; c_p] + b_ih     s_p = cell(gi_p, ...)     logits_p = W_o s_p + b_o
 */
#include "model/layer.h"
#include <string.h>

/* Row i of `from` into row j of `to`, this thread's units. */
static void copy_state(const nn_pass *pass, const struct nn_worker *me, struct nn_matrix from,
                       int i, struct nn_matrix to, int j)
{
    const struct nn_range own = nn_own(me, pass->network->H);
    memcpy(nn_row(to, j) + own.first, nn_row(from, i) + own.first, own.n * sizeof(nn_real));
}

void nn_decoder_begin(nn_pass *pass, const struct nn_worker *me)
{
    copy_state(pass, me, pass->encoder.h, pass->S, pass->decoder.h, 0);
    copy_state(pass, me, pass->encoder.c, pass->S, pass->decoder.c, 0);
    nn_attention_begin(me, pass->network, nn_rows(pass->encoder.h, 1, pass->S), pass->k,
                       pass->context);
}

void nn_decoder_forward(nn_pass *pass, const struct nn_worker *me, int from, int to)
{
    const struct nn_network *network = pass->network;
    const struct nn_layer *layer = &pass->decoder;
    const struct nn_input_scratch scratch = {pass->x, pass->x_gi};
    struct nn_words words;
    nn_input_forward(me, network, layer->tensors, layer->words + from, to - from, &scratch, &words,
                     nn_rows(layer->gi, from, to - from));
    nn_attention_read_words(me, network, &words, pass->x, pass->x_score,
                            nn_rows(pass->from_word, from, to - from));
    for (int p = from; p < to; p++) {
        const struct nn_cell_rows rows = nn_step_rows(layer, p);
        nn_attention_forward(pass, me, p);
        nn_cell_forward(me, network, layer->tensors, &rows);
        nn_meet(me);
    }
    nn_multiply(me, network->V, nn_matrix_of(network, network->weights, NN_OUTPUT_WEIGHT),
                nn_view(network, network->weights, NN_OUTPUT_BIAS),
                nn_rows(layer->h, from + 1, to - from), nn_rows(pass->logits, from, to - from));
    nn_meet(me);
}

/* Of the output layer: to ds. */
static void output_backward(nn_pass *pass, const struct nn_worker *me, struct nn_sink sink)
{
    const struct nn_network *network = pass->network;
    const struct nn_matrix dlogits = nn_rows(pass->logits, 0, pass->T);
    nn_clear_columns(me, nn_rows(pass->decoder.dh, 0, pass->T + 1));
    nn_clear_columns(me, nn_rows(pass->decoder.dc, 0, pass->T + 1));
    nn_clear_sums(me, pass->sums, pass->T);
    nn_backward(me, network->V, nn_matrix_of(network, network->weights, NN_OUTPUT_WEIGHT),
                nn_matrix_of(network, sink.weights, NN_OUTPUT_WEIGHT), sink.scale, dlogits,
                nn_rows(pass->decoder.h, 1, pass->T), pass->sums);
    nn_learn_bias(me, network->V, nn_view(network, sink.weights, NN_OUTPUT_BIAS), sink.scale,
                  dlogits);
    nn_meet(me);
    nn_add_sums(me, pass->sums, nn_rows(pass->decoder.dh, 1, pass->T));
}

void nn_decoder_backward(nn_pass *pass, const struct nn_worker *me, struct nn_sink sink)
{
    const struct nn_layer *layer = &pass->decoder;
    output_backward(pass, me, sink);
    nn_attention_clear(pass, me);
    for (int p = pass->T - 1; p >= 0; p--) {
        nn_cell_backward(me, pass->network, layer, p);
        nn_attention_backward(pass, me, p);
    }
    nn_clear_columns(me, nn_rows(pass->encoder.dh, 0, pass->S + 1));
    nn_clear_columns(me, nn_rows(pass->encoder.dc, 0, pass->S + 1));
    copy_state(pass, me, layer->dh, 0, pass->encoder.dh, pass->S);
    copy_state(pass, me, layer->dc, 0, pass->encoder.dc, pass->S);
    nn_attention_end(pass, me, sink);
    nn_layer_learn(me, pass->network, layer, sink);
    nn_input_backward(pass, me, layer, sink);
}
