/*
 * One pair through the network, forward and back: encoder.c and decoder.c compute what the members
 * of struct nn_pass say; pass.c joins them to the loss and its gradient.
 *
 * H hidden, V vocabulary, S words of the source, T steps of the decoder; t counts source words,
 * p decoder steps, both from 0. Where a state before the first is needed, arrays of states have
 * one row more: h[t + 1] is the state after word t.
 */
#ifndef MODEL_PASS_H
#define MODEL_PASS_H

#include "model/kernel.h"
#include "model/network.h"

typedef struct nn_pass {
    const struct nn_network *network;
    const struct nn_kernels *kernels;
    int max_S, max_T;
    int S, T;
    gint32 *source; /* [S] */
    gint32 *input;  /* [T] decoder inputs y_{p-1} */

    /* Forward. The gradient of a product takes the place of the product (gi, gh, logits). */
    nn_real *x;      /* [S][H] embedding of the source */
    nn_real *enc_gi; /* [S][3H] W_ih x_t + b_ih, then the gates, then their gradient */
    nn_real *enc_gh; /* [S][3H] W_hh h_{t-1} + b_hh, then its gradient */
    nn_real *h;      /* [S + 1][H] encoder states, h[0] = 0 */
    nn_real *k;      /* [S][H] W_h h_t */
    nn_real *c;      /* [S][3H] W_c h_t: the context c_p enters as sum_t alpha_tp (W_c h_t) */
    nn_real *y;      /* [T][H] embedding of the inputs */
    nn_real *q;      /* [T][H] W_s s_{p-1} */
    nn_real *u;      /* [T][S][H] tanh(q_p + k_t) */
    nn_real *alpha;  /* [T][S] softmax over t of r_tp = v u_tp */
    nn_real *dec_gi; /* [T][3H] W_e y_p + W_c c_p + b_ih, as enc_gi */
    nn_real *dec_gh; /* [T][3H] W_hh s_{p-1} + b_hh, as enc_gh */
    nn_real *s;      /* [T + 1][H] decoder states, s[0] = h[S] */
    nn_real *logits; /* [T][V] W_o s_p + b_o, then the gradient of the loss */

    /* Backward: gradients of the arrays above. */
    nn_real *dx, *dh, *dk, *dc, *dy, *dq, *ds;
    nn_real *dv;     /* [H] of the attention's v */
    nn_real *dscore; /* [S] of r_tp, for one p */
} nn_pass;

/* Working memory for sentences of at most max_S and max_T words. The network must outlive it. */
nn_pass *nn_pass_new(const struct nn_network *network, int max_S, int max_T);
void nn_pass_free(nn_pass *pass);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nn_pass, nn_pass_free)

/* Reads a source [n_source], ready for the decoder's steps. */
void nn_pass_encode(nn_pass *pass, const gint32 *source, int n_source);

/*
 * The summed NLL of target [n_target] given source [n_source], both ending in DS_EOS. Each step's
 * input is the word before it: of the target with teacher forcing, else the one predicted (argmax,
 * the lower number of equals); then the step that predicts DS_EOS is the last. pass->T is the
 * number of steps, and so of words in the loss.
 */
double nn_pass_forward(nn_pass *pass, const gint32 *source, int n_source, const gint32 *target,
                       int n_target, gboolean teacher_forcing);

/* The gradient of that loss with respect to everything in pass; once after each forward. */
void nn_pass_backward(nn_pass *pass);

/*
 * Adds scale times the gradient of the weights to `weights`, an array laid out as those of the
 * network: with the network's own array and -lr this is the step of SGD. Embeddings are touched in
 * the rows of the words that were seen, and nowhere else.
 */
void nn_pass_update(const nn_pass *pass, nn_real *weights, nn_real scale);

/* ---- the parts, in encoder.c and decoder.c ---- */

/* x, h from source [S] */
void nn_encoder_forward(nn_pass *pass);
void nn_encoder_backward(nn_pass *pass); /* wants dh[1..S] */
void nn_encoder_update(const nn_pass *pass, nn_real *weights, nn_real scale);

/* k, c, s[0] from h */
void nn_decoder_begin(nn_pass *pass);
/* Steps p = from .. to - 1, from input[from .. to - 1] and s[from] to s[to] and the logits. */
void nn_decoder_forward(nn_pass *pass, int from, int to);
void nn_decoder_backward(nn_pass *pass); /* wants the gradient in logits; sets dh[1..S] */
void nn_decoder_update(const nn_pass *pass, nn_real *weights, nn_real scale);

/* x[i] = row words[i] of an embedding   x [n][H] */
void nn_embed(const nn_pass *pass, enum nn_tensor_id id, const gint32 *words, int n, nn_real *x);
void nn_embed_update(const nn_pass *pass, nn_real *weights, nn_real scale, enum nn_tensor_id id,
                     const gint32 *words, int n, const nn_real *dx);

/* A tensor, or cols columns of it from column `first`, in an array of weights. */
struct nn_matrix nn_matrix(const struct nn_network *network, nn_real *weights,
                           enum nn_tensor_id id);
struct nn_matrix nn_columns(struct nn_matrix matrix, int first, int cols);

/* Index of the largest x [n], the lowest of equals. */
int nn_argmax(const nn_real *x, int n);

#endif
