/*
 * The encoder (paper.txt Sec. II, h_t = f(W h_{t-1} + W x_t)): a recurrent layer over the source,
 * from h_0 = 0.
 */
#include "model/layer.h"

void nn_encoder_forward(nn_pass *pass, const struct nn_worker *me)
{
    const struct nn_layer *layer = &pass->encoder;
    const struct nn_input_scratch scratch = {pass->x, pass->x_gi};
    struct nn_words words;
    nn_input_forward(me, pass->network, layer->tensors, layer->words, layer->n, &scratch, &words,
                     layer->gi);
    for (int t = 0; t < layer->n; t++) {
        const struct nn_cell_rows rows = nn_step_rows(layer, t);
        nn_cell_forward(me, pass->network, layer->tensors, &rows);
        nn_meet(me);
    }
}

void nn_encoder_backward(nn_pass *pass, const struct nn_worker *me, struct nn_sink sink)
{
    const struct nn_layer *layer = &pass->encoder;
    for (int t = layer->n - 1; t >= 0; t--)
        nn_cell_backward(me, pass->network, layer, t);
    nn_layer_learn(me, pass->network, layer, sink);
    nn_input_backward(pass, me, layer, sink);
}
