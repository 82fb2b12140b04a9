/*
 * Attention (paper.txt Sec. II, r_tp, alpha_tp, c_p): where in the source step p of the decoder
 * looks. alpha_p is the softmax of scores r_p, and c_p = sum_t alpha_tp h_t enters the decoder's
 * cell as gi_p += W_c c_p. c_p itself is never formed: W_c c_p is a sum of the vectors W_c h_t,
 * which one product per sentence provides.
 *
 *     additive   r_tp = v tanh(W_s s_{p-1} + W_h h_t), t = 0 .. S - 1
 *     location   r_p = W [y_p; s_{p-1}] + b, over all P positions; those beyond the sentence take
 *                their part of alpha and give nothing (the PyTorch tutorial's)
 *     none       no c_p at all
 */
#include "model/layer.h"
#include <string.h>

static struct nn_matrix tensor(const nn_pass *pass, enum nn_tensor_id id)
{
    return nn_matrix_of(pass->network, pass->network->weights, id);
}

/* W_c: the columns of the decoder's w_ih that multiply the context. */
static struct nn_matrix context_columns(const struct nn_network *network, nn_real *weights)
{
    return nn_columns(nn_matrix_of(network, weights, NN_DECODER_W_IH), network->H, network->H);
}

/* The columns of location attention's matrix for the word, or the state. */
static struct nn_matrix location_columns(const struct nn_network *network, nn_real *weights,
                                         gboolean state)
{
    return nn_columns(nn_matrix_of(network, weights, NN_ATTENTION_WEIGHT), state ? network->H : 0,
                      network->H);
}

/* h_1 .. h_S */
static struct nn_matrix encoded(const nn_pass *pass, struct nn_matrix h)
{
    return nn_rows(h, 1, pass->S);
}

/* u_p [S][H] */
static struct nn_matrix u_of(const nn_pass *pass, int p)
{
    return nn_rows(pass->u, p * pass->S, pass->S);
}

void nn_attention_begin(const struct nn_worker *me, const struct nn_network *network,
                        struct nn_matrix h, struct nn_matrix k, struct nn_matrix context)
{
    if (network->shape.attention == NN_NO_ATTENTION)
        return;
    nn_multiply(me, network->H, context_columns(network, network->weights), NULL, h, context);
    if (network->shape.attention == NN_ADDITIVE)
        nn_multiply(me, network->H, nn_matrix_of(network, network->weights, NN_ATTENTION_W_H), NULL,
                    h, k);
    nn_meet(me);
}

void nn_attention_read_words(const struct nn_worker *me, const struct nn_network *network,
                             const struct nn_words *words, struct nn_matrix x,
                             struct nn_matrix x_score, struct nn_matrix from_word)
{
    if (network->shape.attention != NN_LOCATION)
        return;
    nn_multiply(me, NN_MAX_POSITION, location_columns(network, network->weights, FALSE),
                nn_view(network, network->weights, NN_ATTENTION_BIAS), nn_rows(x, 0, words->n),
                x_score);
    nn_words_spread(words, x_score, from_word, nn_own(me, NN_MAX_POSITION));
}

void nn_attention_ask(const struct nn_worker *me, const struct nn_network *network,
                      struct nn_matrix s_prev, struct nn_matrix from_word, struct nn_matrix q)
{
    const struct nn_range own = nn_own(me, NN_MAX_POSITION);
    if (network->shape.attention == NN_ADDITIVE)
        nn_multiply(me, network->H, nn_matrix_of(network, network->weights, NN_ATTENTION_W_S), NULL,
                    s_prev, q);
    if (network->shape.attention != NN_LOCATION)
        return;
    nn_multiply(me, NN_MAX_POSITION, location_columns(network, network->weights, TRUE), NULL,
                s_prev, q);
    for (int i = 0; i < q.rows && own.n > 0; i++)
        me->kernels->add_sum(nn_row(q, i) + own.first, 1,
                             nn_columns(nn_rows(from_word, i, 1), own.first, own.n));
}

/* r_t = v tanh(q + k_t), complete in all threads */
static void score(const struct nn_worker *me, const struct nn_network *network,
                  const struct nn_gaze *gaze)
{
    const struct nn_range own = nn_share(me, gaze->S);
    const int H = network->H, S = gaze->S;
    if (own.n > 0) {
        const struct nn_matrix u = nn_rows(gaze->u, own.first, own.n);
        nn_real *v = nn_view(network, network->weights, NN_ATTENTION_V);
        me->kernels->attention_forward(gaze->q, nn_rows(gaze->k, own.first, own.n), u);
        me->kernels->multiply(u, NULL, (struct nn_matrix){v, 1, H, (gsize)H},
                              (struct nn_matrix){gaze->score + own.first, 1, own.n, (gsize)S});
    }
    nn_meet(me);
}

void nn_attention_look(const struct nn_worker *me, const struct nn_network *network,
                       const struct nn_gaze *gaze)
{
    const int S = gaze->S, H = network->H;
    const gboolean additive = network->shape.attention == NN_ADDITIVE;
    const int n = additive ? S : NN_MAX_POSITION;
    if (network->shape.attention == NN_NO_ATTENTION)
        return;
    if (additive)
        score(me, network, gaze);

    /* Every thread for itself: that is sooner than to wait for one. */
    nn_real alpha[NN_MAX_POSITION];
    memcpy(alpha, additive ? gaze->score : gaze->q, n * sizeof(nn_real));
    me->kernels->softmax(alpha, n);
    if (me->rank == 0)
        memcpy(gaze->alpha, alpha, n * sizeof(nn_real));

    const struct nn_range own = nn_own(me, H);
    const struct nn_matrix weights = {alpha, 1, S, (gsize)S};
    const struct nn_matrix context = nn_rows(gaze->context, 0, S);
    for (int i = own.first; own.n > 0 && i < network->G * H; i += H)
        me->kernels->multiply_transposed(nn_columns(context, i, own.n), weights,
                                         (struct nn_matrix){gaze->gi + i, 1, own.n, (gsize)own.n});
}

void nn_attention_forward(nn_pass *pass, const struct nn_worker *me, int p)
{
    const struct nn_gaze gaze = {.S = pass->S,
                                 .q = nn_row(pass->q, p),
                                 .k = pass->k,
                                 .u = u_of(pass, p),
                                 .context = pass->context,
                                 .score = nn_row(pass->score, p),
                                 .alpha = nn_row(pass->alpha, p),
                                 .gi = nn_row(pass->decoder.gi, p)};
    if (pass->network->shape.attention == NN_NO_ATTENTION)
        return;
    nn_attention_ask(me, pass->network, nn_rows(pass->decoder.h, p, 1),
                     nn_rows(pass->from_word, p, 1), nn_rows(pass->q, p, 1));
    nn_meet(me);
    nn_attention_look(me, pass->network, &gaze);
}

/*
 * The gradient of r_p [n]: that of alpha_tp is gi_p's times W_c h_t, d_t, and that of r_tp
 * alpha_tp (d_t - sum_i alpha_ip d_i).
 */
static void score_backward(nn_pass *pass, const struct nn_worker *me, int p, nn_real *dscore)
{
    const int S = pass->S;
    const int n = pass->network->shape.attention == NN_LOCATION ? NN_MAX_POSITION : S;
    const struct nn_range own = nn_share(me, S);
    const nn_real *alpha = nn_row(pass->alpha, p);
    if (own.n > 0)
        me->kernels->multiply(nn_rows(pass->context, own.first, own.n), NULL,
                              nn_rows(pass->decoder.gi, p, 1),
                              nn_columns(nn_rows(pass->score, p, 1), own.first, own.n));
    nn_meet(me);
    memcpy(dscore, nn_row(pass->score, p), S * sizeof(nn_real));
    memset(dscore + S, 0, (n - S) * sizeof(nn_real));
    nn_real mean = 0;
    for (int t = 0; t < S; t++)
        mean += alpha[t] * dscore[t];
    for (int t = 0; t < n; t++)
        dscore[t] = alpha[t] * (dscore[t] - mean);
}

void nn_attention_clear(nn_pass *pass, const struct nn_worker *me)
{
    if (pass->network->shape.attention != NN_ADDITIVE)
        return;
    nn_clear_columns(me, nn_rows(pass->dk, 0, pass->S));
    nn_clear_columns(me, pass->dv);
}

void nn_attention_backward(nn_pass *pass, const struct nn_worker *me, int p)
{
    const struct nn_network *network = pass->network;
    nn_real dscore[NN_MAX_POSITION];
    if (network->shape.attention == NN_NO_ATTENTION)
        return;
    score_backward(pass, me, p, dscore);
    nn_clear_sums(me, pass->state_sums, 1);
    if (network->shape.attention == NN_ADDITIVE) {
        const struct nn_range own = nn_own(me, network->H);
        const nn_real *v = nn_view(network, network->weights, NN_ATTENTION_V);
        const struct nn_matrix dk = nn_rows(pass->dk, 0, pass->S);
        if (own.n > 0)
            me->kernels->attention_backward(v + own.first,
                                            nn_columns(u_of(pass, p), own.first, own.n), dscore,
                                            nn_row(pass->dq, p) + own.first,
                                            nn_columns(dk, own.first, own.n),
                                            nn_row(pass->dv, 0) + own.first);
        nn_backward_state(me, network->H, tensor(pass, NN_ATTENTION_W_S), nn_rows(pass->dq, p, 1),
                          pass->state_sums);
    } else {
        const struct nn_matrix d = {dscore, 1, NN_MAX_POSITION, NN_MAX_POSITION};
        if (me->rank == 0)
            memcpy(nn_row(pass->dscore, p), dscore, sizeof(dscore));
        nn_backward_state(me, NN_MAX_POSITION, location_columns(network, network->weights, TRUE), d,
                          pass->state_sums);
    }
    nn_meet(me);
    nn_add_sums(me, pass->state_sums, nn_rows(pass->decoder.dh, p, 1));
}

/* Of W_c and the h_t that it multiplies. */
static void context_backward(nn_pass *pass, const struct nn_worker *me, struct nn_sink sink)
{
    const struct nn_network *network = pass->network;
    const int H = network->H;
    const struct nn_range own = nn_own(me, H);
    const struct nn_matrix dcontext = nn_rows(pass->dcontext, 0, pass->S);
    const struct nn_matrix alpha = nn_columns(nn_rows(pass->alpha, 0, pass->T), 0, pass->S);
    const struct nn_matrix dgi = nn_rows(pass->decoder.gi, 0, pass->T);
    for (int i = own.first; own.n > 0 && i < network->G * H; i += H) {
        const struct nn_matrix columns = nn_columns(dcontext, i, own.n);
        for (int t = 0; t < pass->S; t++)
            memset(nn_row(columns, t), 0, own.n * sizeof(nn_real));
        me->kernels->add_outer(columns, 1, alpha, nn_columns(dgi, i, own.n));
    }
    nn_backward(me, H, context_columns(network, network->weights),
                context_columns(network, sink.weights), sink.scale, dcontext,
                encoded(pass, pass->encoder.h), pass->sums);
}

void nn_attention_end(nn_pass *pass, const struct nn_worker *me, struct nn_sink sink)
{
    const struct nn_network *network = pass->network;
    const struct nn_matrix s_prev = nn_rows(pass->decoder.h, 0, pass->T);
    const int H = network->H;
    if (network->shape.attention == NN_NO_ATTENTION)
        return;
    nn_clear_sums(me, pass->sums, pass->S);
    context_backward(pass, me, sink);
    if (network->shape.attention == NN_ADDITIVE) {
        nn_backward(me, H, tensor(pass, NN_ATTENTION_W_H),
                    nn_matrix_of(network, sink.weights, NN_ATTENTION_W_H), sink.scale,
                    nn_rows(pass->dk, 0, pass->S), encoded(pass, pass->encoder.h), pass->sums);
        nn_learn(me, H, nn_matrix_of(network, sink.weights, NN_ATTENTION_W_S), sink.scale,
                 nn_rows(pass->dq, 0, pass->T), s_prev);
        nn_learn_bias(me, H, nn_view(network, sink.weights, NN_ATTENTION_V), sink.scale, pass->dv);
    } else {
        const struct nn_matrix dscore = nn_rows(pass->dscore, 0, pass->T);
        nn_learn(me, NN_MAX_POSITION, location_columns(network, sink.weights, TRUE), sink.scale,
                 dscore, s_prev);
        nn_learn_bias(me, NN_MAX_POSITION, nn_view(network, sink.weights, NN_ATTENTION_BIAS),
                      sink.scale, dscore);
    }
    nn_meet(me);
    nn_add_sums(me, pass->sums, encoded(pass, pass->encoder.dh));
}

void nn_attention_learn_words(nn_pass *pass, const struct nn_worker *me,
                              const struct nn_words *words, struct nn_sink sink)
{
    const struct nn_network *network = pass->network;
    if (network->shape.attention != NN_LOCATION)
        return;
    const struct nn_matrix dscore = nn_rows(pass->x_score, 0, words->n);
    nn_words_collect(me, words, pass->dscore, dscore, nn_own(me, NN_MAX_POSITION));
    nn_backward(me, NN_MAX_POSITION, location_columns(network, network->weights, FALSE),
                location_columns(network, sink.weights, FALSE), sink.scale, dscore,
                nn_rows(pass->x, 0, words->n), pass->word_sums);
}
