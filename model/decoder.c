/*
 * Attention and decoder (paper.txt Sec. II, r_tp, alpha_tp, c_p, s_p, P_j):
 *
 *     r_tp = v tanh(W_s s_{p-1} + W_h h_t)     alpha_tp = softmax over t of r_tp
 *     c_p = sum_t alpha_tp h_t
 *     gi_p = W_ih [y_p; c_p] + b_ih            gh_p = W_hh s_{p-1} + b_hh
 *     s_p = GRU(gi_p, gh_p, s_{p-1})           logits_p = W_o s_p + b_o
 *
 * with W_ih = [W_e W_c]. The context c_p itself is never formed: W_c c_p is a sum of the vectors
 * W_c h_t, which one product per sentence provides.
 */
#include "model/pass.h"
#include <string.h>

/* Tensors of the decoder, in the network or in an array laid out like it. */
struct tensors {
    struct nn_matrix w_e, w_c, w_hh, w_s, w_h, w_o;
    nn_real *b_ih, *b_hh, *v, *b_o;
};

static struct tensors find_tensors(const struct nn_network *net, nn_real *weights)
{
    const struct nn_matrix w_ih = nn_matrix(net, weights, NN_DECODER_W_IH);
    return (struct tensors){
        .w_e = nn_columns(w_ih, 0, net->H),
        .w_c = nn_columns(w_ih, net->H, net->H),
        .w_hh = nn_matrix(net, weights, NN_DECODER_W_HH),
        .w_s = nn_matrix(net, weights, NN_ATTENTION_W_S),
        .w_h = nn_matrix(net, weights, NN_ATTENTION_W_H),
        .w_o = nn_matrix(net, weights, NN_OUTPUT_WEIGHT),
        .b_ih = nn_view(net, weights, NN_DECODER_B_IH),
        .b_hh = nn_view(net, weights, NN_DECODER_B_HH),
        .v = nn_view(net, weights, NN_ATTENTION_V),
        .b_o = nn_view(net, weights, NN_OUTPUT_BIAS),
    };
}

static struct nn_matrix matrix_of(nn_real *data, int rows, int cols)
{
    return (struct nn_matrix){data, rows, cols, (gsize)cols};
}

void nn_decoder_begin(nn_pass *pass)
{
    const struct tensors w = find_tensors(pass->network, pass->network->weights);
    const gsize H = (gsize)pass->network->H;
    pass->kernels->multiply(w.w_h, NULL, pass->h + H, pass->k, pass->S);
    pass->kernels->multiply(w.w_c, NULL, pass->h + H, pass->c, pass->S);
    memcpy(pass->s, pass->h + pass->S * H, H * sizeof(nn_real));
}

void nn_decoder_forward(nn_pass *pass, int from, int to)
{
    const struct tensors w = find_tensors(pass->network, pass->network->weights);
    const struct nn_kernels *kernels = pass->kernels;
    const int H = pass->network->H, S = pass->S, n = to - from;
    const gsize V = (gsize)pass->network->V, first = (gsize)from;

    nn_embed(pass, NN_DECODER_EMBEDDING, pass->input + from, n, pass->y + first * H);
    kernels->multiply(w.w_e, w.b_ih, pass->y + first * H, pass->dec_gi + first * 3 * H, n);
    for (gsize p = first; p < (gsize)to; p++) {
        const nn_real *s_prev = pass->s + p * H;
        nn_real *q = pass->q + p * H, *u = pass->u + p * S * H, *alpha = pass->alpha + p * S;
        nn_real *gi = pass->dec_gi + p * 3 * H, *gh = pass->dec_gh + p * 3 * H;

        kernels->multiply(w.w_s, NULL, s_prev, q, 1);
        kernels->attention_forward(q, pass->k, u, S, H);
        kernels->multiply(matrix_of(u, S, H), NULL, w.v, alpha, 1);
        kernels->softmax(alpha, S);

        kernels->multiply_transposed(matrix_of(pass->c, S, 3 * H), alpha, gi, 1);
        kernels->multiply(w.w_hh, w.b_hh, s_prev, gh, 1);
        kernels->gru_forward(gi, gh, s_prev, pass->s + (p + 1) * H, H);
    }
    kernels->multiply(w.w_o, w.b_o, pass->s + (first + 1) * H, pass->logits + first * V, n);
}

/* From the gradient of gi_p to those of q_p, k, v and s_{p-1}. */
static void scores_backward(nn_pass *pass, const struct tensors *w, gsize p)
{
    const struct nn_kernels *kernels = pass->kernels;
    const int H = pass->network->H, S = pass->S;
    const nn_real *alpha = pass->alpha + p * S;
    nn_real *dq = pass->dq + p * H, *d = pass->dscore;

    /* of alpha_t: gi_p's gradient times W_c h_t; of r_t: alpha_t (d_t - sum alpha d) */
    kernels->multiply(matrix_of(pass->c, S, 3 * H), NULL, pass->dec_gi + p * 3 * H, d, 1);
    nn_real mean = 0;
    for (int t = 0; t < S; t++)
        mean += alpha[t] * d[t];
    for (int t = 0; t < S; t++)
        d[t] = alpha[t] * (d[t] - mean);

    memset(dq, 0, H * sizeof(nn_real));
    kernels->attention_backward(w->v, pass->u + p * S * H, d, dq, pass->dk, pass->dv, S, H);
    kernels->multiply_transposed(w->w_s, dq, pass->ds + p * H, 1);
}

/* Through the steps, last to first: gradients of gi, gh, q for each step, sums dk, dv, and ds[0].
 */
static void steps_backward(nn_pass *pass, const struct tensors *w)
{
    const struct nn_kernels *kernels = pass->kernels;
    const int H = pass->network->H;
    for (gsize p = (gsize)pass->T; p-- > 0;) {
        nn_real *gi = pass->dec_gi + p * 3 * H, *gh = pass->dec_gh + p * 3 * H;
        nn_real *ds_prev = pass->ds + p * H, *ds = ds_prev + H;
        kernels->gru_backward(gi, gh, pass->s + p * H, ds, H);
        kernels->add_sum(ds_prev, 1, ds, H, 1);
        kernels->multiply_transposed(w->w_hh, gh, ds_prev, 1);
        scores_backward(pass, w, p);
    }
}

void nn_decoder_backward(nn_pass *pass)
{
    const struct tensors w = find_tensors(pass->network, pass->network->weights);
    const struct nn_kernels *kernels = pass->kernels;
    const int H = pass->network->H, S = pass->S, T = pass->T;
    const gsize real = sizeof(nn_real), state = H * real;

    memset(pass->ds, 0, (T + 1) * state);
    kernels->multiply_transposed(w.w_o, pass->logits, pass->ds + H, T);
    memset(pass->dk, 0, S * state);
    memset(pass->dv, 0, state);
    steps_backward(pass, &w);

    memset(pass->dy, 0, T * state);
    kernels->multiply_transposed(w.w_e, pass->dec_gi, pass->dy, T);
    memset(pass->dc, 0, S * 3 * state);
    kernels->add_outer(matrix_of(pass->dc, S, 3 * H), 1, pass->alpha, pass->dec_gi, T);
    memset(pass->dh, 0, (S + 1) * state);
    memcpy(pass->dh + (gsize)S * H, pass->ds, state);
    kernels->multiply_transposed(w.w_h, pass->dk, pass->dh + H, S);
    kernels->multiply_transposed(w.w_c, pass->dc, pass->dh + H, S);
}

void nn_decoder_update(const nn_pass *pass, nn_real *weights, nn_real scale)
{
    const struct tensors w = find_tensors(pass->network, weights);
    const struct nn_kernels *kernels = pass->kernels;
    const int H = pass->network->H, V = pass->network->V, S = pass->S, T = pass->T;

    kernels->add_outer(w.w_o, scale, pass->logits, pass->s + H, T);
    kernels->add_sum(w.b_o, scale, pass->logits, V, T);
    kernels->add_outer(w.w_hh, scale, pass->dec_gh, pass->s, T);
    kernels->add_sum(w.b_hh, scale, pass->dec_gh, 3 * H, T);
    kernels->add_outer(w.w_e, scale, pass->dec_gi, pass->y, T);
    kernels->add_outer(w.w_c, scale, pass->dc, pass->h + H, S);
    kernels->add_sum(w.b_ih, scale, pass->dec_gi, 3 * H, T);
    kernels->add_outer(w.w_s, scale, pass->dq, pass->s, T);
    kernels->add_outer(w.w_h, scale, pass->dk, pass->h + H, S);
    kernels->add_sum(w.v, scale, pass->dv, H, 1);
    nn_embed_update(pass, weights, scale, NN_DECODER_EMBEDDING, pass->input, T, pass->dy);
}
