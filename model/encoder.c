/*
 * The encoder (paper.txt Sec. II, h_t = f(W h_{t-1} + W x_t)): a GRU in the reset-after form.
 *
 *     gi_t = W_ih x_t + b_ih     gh_t = W_hh h_{t-1} + b_hh
 *     h_t = GRU(gi_t, gh_t, h_{t-1})            (kernel.h, gru_forward)
 */
#include "model/pass.h"
#include <string.h>

void nn_encoder_forward(nn_pass *pass)
{
    const struct nn_network *net = pass->network;
    const struct nn_kernels *kernels = pass->kernels;
    const int H = net->H;
    const struct nn_matrix w_ih = nn_matrix(net, net->weights, NN_ENCODER_W_IH);
    const struct nn_matrix w_hh = nn_matrix(net, net->weights, NN_ENCODER_W_HH);
    const nn_real *b_ih = nn_view(net, net->weights, NN_ENCODER_B_IH);
    const nn_real *b_hh = nn_view(net, net->weights, NN_ENCODER_B_HH);

    nn_embed(pass, NN_ENCODER_EMBEDDING, pass->source, pass->S, pass->x);
    kernels->multiply(w_ih, b_ih, pass->x, pass->enc_gi, pass->S);
    for (gsize t = 0; t < (gsize)pass->S; t++) {
        const nn_real *h_prev = pass->h + t * H;
        nn_real *gi = pass->enc_gi + t * 3 * H, *gh = pass->enc_gh + t * 3 * H;
        kernels->multiply(w_hh, b_hh, h_prev, gh, 1);
        kernels->gru_forward(gi, gh, h_prev, pass->h + (t + 1) * H, H);
    }
}

void nn_encoder_backward(nn_pass *pass)
{
    const struct nn_network *net = pass->network;
    const struct nn_kernels *kernels = pass->kernels;
    const int H = net->H;
    const struct nn_matrix w_ih = nn_matrix(net, net->weights, NN_ENCODER_W_IH);
    const struct nn_matrix w_hh = nn_matrix(net, net->weights, NN_ENCODER_W_HH);

    for (gsize t = (gsize)pass->S; t-- > 0;) {
        nn_real *gi = pass->enc_gi + t * 3 * H, *gh = pass->enc_gh + t * 3 * H;
        nn_real *dh_prev = pass->dh + t * H, *dh = dh_prev + H;
        kernels->gru_backward(gi, gh, pass->h + t * H, dh, H);
        if (t == 0)
            break; /* h[0] is no weight */
        kernels->add_sum(dh_prev, 1, dh, H, 1);
        kernels->multiply_transposed(w_hh, gh, dh_prev, 1);
    }
    memset(pass->dx, 0, (gsize)pass->S * H * sizeof(nn_real));
    kernels->multiply_transposed(w_ih, pass->enc_gi, pass->dx, pass->S);
}

void nn_encoder_update(const nn_pass *pass, nn_real *weights, nn_real scale)
{
    const struct nn_network *net = pass->network;
    const struct nn_kernels *kernels = pass->kernels;
    const int S = pass->S;

    kernels->add_outer(nn_matrix(net, weights, NN_ENCODER_W_IH), scale, pass->enc_gi, pass->x, S);
    kernels->add_outer(nn_matrix(net, weights, NN_ENCODER_W_HH), scale, pass->enc_gh, pass->h, S);
    kernels->add_sum(nn_view(net, weights, NN_ENCODER_B_IH), scale, pass->enc_gi, 3 * net->H, S);
    kernels->add_sum(nn_view(net, weights, NN_ENCODER_B_HH), scale, pass->enc_gh, 3 * net->H, S);
    nn_embed_update(pass, weights, scale, NN_ENCODER_EMBEDDING, pass->source, S, pass->dx);
}
