/*
 * A recurrent layer, one step after the other (kernel.h has the cells' equations):
 *
 *     gi_t = W_ih x_t + b_ih     gh_t = W_hh h_{t-1} + b_hh     h_t, c_t = cell(gi_t, gh_t, ...)
 */
#include "model/layer.h"
#include <string.h>

const struct nn_layer_tensors nn_encoder_tensors = {NN_ENCODER_EMBEDDING, NN_ENCODER_W_IH,
                                                    NN_ENCODER_W_HH, NN_ENCODER_B_IH,
                                                    NN_ENCODER_B_HH};
const struct nn_layer_tensors nn_decoder_tensors = {NN_DECODER_EMBEDDING, NN_DECODER_W_IH,
                                                    NN_DECODER_W_HH, NN_DECODER_B_IH,
                                                    NN_DECODER_B_HH};

/* Rows of a matrix whose gradient is taken and that are updated while they are in the cache. */
enum { AT_ONCE = 64 };

void nn_multiply(const struct nn_worker *me, int R, struct nn_matrix w, const nn_real *b,
                 struct nn_matrix x, struct nn_matrix y)
{
    const struct nn_range own = nn_own(me, R);
    if (own.n == R)
        me->kernels->multiply(w, b, x, y);
    else if (own.n > 0)
        for (int i = own.first; i < w.rows; i += R)
            me->kernels->multiply(nn_rows(w, i, own.n), b ? b + i : NULL, x,
                                  nn_columns(y, i, own.n));
}

/* Of block b, the first n rows of its part of the sums. */
static struct nn_matrix block_sums(struct nn_matrix sums, int b, int n)
{
    return nn_rows(sums, b * (sums.rows / NN_BLOCKS), n);
}

/* Rows m .. m + n - 1 of what nn_backward() is about. */
static void backward_rows(const struct nn_worker *me, struct nn_matrix w, struct nn_matrix to,
                          nn_real scale, struct nn_matrix dy, struct nn_matrix x,
                          struct nn_matrix dx)
{
    for (int m = 0; m < w.rows; m += AT_ONCE) {
        const int n = MIN(w.rows - m, AT_ONCE);
        me->kernels->multiply_transposed(nn_rows(w, m, n), nn_columns(dy, m, n), dx);
        me->kernels->add_outer(nn_rows(to, m, n), scale, nn_columns(dy, m, n), x);
    }
}

void nn_backward(const struct nn_worker *me, int R, struct nn_matrix w, struct nn_matrix to,
                 nn_real scale, struct nn_matrix dy, struct nn_matrix x, struct nn_matrix sums)
{
    const struct nn_range blocks = nn_own_blocks(me);
    for (int b = blocks.first; b < blocks.first + blocks.n; b++) {
        const struct nn_range rows = nn_block(R, b);
        for (int i = rows.first; i < w.rows && rows.n > 0; i += R)
            backward_rows(me, nn_rows(w, i, rows.n), nn_rows(to, i, rows.n), scale,
                          nn_columns(dy, i, rows.n), x, block_sums(sums, b, x.rows));
    }
}

void nn_backward_state(const struct nn_worker *me, int R, struct nn_matrix w, struct nn_matrix dy,
                       struct nn_matrix sums)
{
    const struct nn_range blocks = nn_own_blocks(me);
    for (int b = blocks.first; b < blocks.first + blocks.n; b++) {
        const struct nn_range rows = nn_block(R, b);
        for (int i = rows.first; i < w.rows && rows.n > 0; i += R)
            me->kernels->multiply_transposed(nn_rows(w, i, rows.n), nn_columns(dy, i, rows.n),
                                             block_sums(sums, b, 1));
    }
}

void nn_learn(const struct nn_worker *me, int R, struct nn_matrix to, nn_real scale,
              struct nn_matrix dy, struct nn_matrix x)
{
    const struct nn_range own = nn_own(me, R);
    for (int i = own.first; i < to.rows && own.n > 0; i += R)
        me->kernels->add_outer(nn_rows(to, i, own.n), scale, nn_columns(dy, i, own.n), x);
}

void nn_learn_bias(const struct nn_worker *me, int R, nn_real *b, nn_real scale,
                   struct nn_matrix dy)
{
    const struct nn_range own = nn_own(me, R);
    for (int i = own.first; i < dy.cols && own.n > 0; i += R)
        me->kernels->add_sum(b + i, scale, nn_columns(dy, i, own.n));
}

void nn_clear_sums(const struct nn_worker *me, struct nn_matrix sums, int n)
{
    const struct nn_range blocks = nn_own_blocks(me);
    for (int b = blocks.first; b < blocks.first + blocks.n; b++)
        for (int i = 0; i < n; i++)
            memset(nn_row(block_sums(sums, b, n), i), 0, sums.cols * sizeof(nn_real));
}

void nn_add_sums(const struct nn_worker *me, struct nn_matrix sums, struct nn_matrix to)
{
    const struct nn_range own = nn_own(me, to.cols);
    if (own.n == 0)
        return;
    for (int i = 0; i < to.rows; i++) {
        /* Row i of every block. */
        const struct nn_matrix rows = {nn_row(sums, i) + own.first, NN_BLOCKS, own.n,
                                       sums.stride * (gsize)(sums.rows / NN_BLOCKS)};
        me->kernels->add_sum(nn_row(to, i) + own.first, 1, rows);
    }
}

void nn_clear_columns(const struct nn_worker *me, struct nn_matrix m)
{
    const struct nn_range own = nn_own(me, m.cols);
    for (int i = 0; i < m.rows; i++)
        memset(nn_row(m, i) + own.first, 0, own.n * sizeof(nn_real));
}

struct nn_cell_rows nn_step_rows(const struct nn_layer *layer, int t)
{
    return (struct nn_cell_rows){
        .gi = nn_rows(layer->gi, t, 1),
        .gh = nn_rows(layer->gh, t, 1),
        .h_prev = nn_rows(layer->h, t, 1),
        .c_prev = nn_rows(layer->c, t, 1),
        .h = nn_rows(layer->h, t + 1, 1),
        .c = nn_rows(layer->c, t + 1, 1),
    };
}

void nn_cell_forward(const struct nn_worker *me, const struct nn_network *network,
                     const struct nn_layer_tensors *tensors, const struct nn_cell_rows *rows)
{
    const struct nn_matrix w_hh = nn_matrix_of(network, network->weights, tensors->w_hh);
    const nn_real *b_hh = nn_view(network, network->weights, tensors->b_hh);
    const struct nn_range own = nn_own(me, network->H);
    if (own.n == 0)
        return;
    nn_multiply(me, network->H, w_hh, b_hh, rows->h_prev, rows->gh);
    for (int i = 0; i < rows->gi.rows; i++) {
        const struct nn_cell_step step = {.gi = nn_row(rows->gi, i) + own.first,
                                          .gh = nn_row(rows->gh, i) + own.first,
                                          .h_prev = nn_row(rows->h_prev, i) + own.first,
                                          .c_prev = nn_row(rows->c_prev, i) + own.first,
                                          .h = nn_row(rows->h, i) + own.first,
                                          .c = nn_row(rows->c, i) + own.first,
                                          .H = network->H,
                                          .n = own.n};
        me->kernels->cell_forward[network->shape.cell](&step);
    }
}

void nn_cell_backward(const struct nn_worker *me, const struct nn_network *network,
                      const struct nn_layer *layer, int t)
{
    const struct nn_matrix w_hh = nn_matrix_of(network, network->weights, layer->tensors->w_hh);
    const struct nn_range own = nn_own(me, network->H);
    const struct nn_cell_slope slope = {.gi = nn_row(layer->gi, t) + own.first,
                                        .gh = nn_row(layer->gh, t) + own.first,
                                        .h_prev = nn_row(layer->h, t) + own.first,
                                        .c_prev = nn_row(layer->c, t) + own.first,
                                        .c = nn_row(layer->c, t + 1) + own.first,
                                        .dh = nn_row(layer->dh, t + 1) + own.first,
                                        .dc = nn_row(layer->dc, t + 1) + own.first,
                                        .H = network->H,
                                        .n = own.n};
    if (own.n > 0)
        me->kernels->cell_backward[network->shape.cell](&slope);
    /* The others may still be adding up the step before: two take turns. */
    const struct nn_matrix sums = layer->sums[t % 2];
    nn_clear_sums(me, sums, 1);
    nn_backward_state(me, network->H, w_hh, nn_rows(layer->gh, t, 1), sums);
    nn_meet(me);
    if (own.n == 0)
        return;
    const struct nn_matrix dh = nn_columns(layer->dh, own.first, own.n);
    const struct nn_matrix dc = nn_columns(layer->dc, own.first, own.n);
    me->kernels->add_sum(nn_row(dh, t), 1, nn_rows(dh, t + 1, 1));
    me->kernels->add_sum(nn_row(dc, t), 1, nn_rows(dc, t + 1, 1));
    nn_add_sums(me, sums, nn_rows(layer->dh, t, 1));
}

void nn_layer_learn(const struct nn_worker *me, const struct nn_network *network,
                    const struct nn_layer *layer, struct nn_sink sink)
{
    const int H = network->H;
    const struct nn_matrix dgi = nn_rows(layer->gi, 0, layer->n);
    const struct nn_matrix dgh = nn_rows(layer->gh, 0, layer->n);
    nn_learn(me, H, nn_matrix_of(network, sink.weights, layer->tensors->w_hh), sink.scale, dgh,
             nn_rows(layer->h, 0, layer->n));
    nn_learn_bias(me, H, nn_view(network, sink.weights, layer->tensors->b_ih), sink.scale, dgi);
    nn_learn_bias(me, H, nn_view(network, sink.weights, layer->tensors->b_hh), sink.scale, dgh);
}
