/*
 * One pair through the network, forward and back, on one thread or several.
 *
 * H hidden, V vocabulary, G gates of the cell, P positions of location attention, S words of the
 * source, T steps of the decoder; t counts source words, p decoder steps, both from 0. Where a
 * state before the first is needed, there is one row more: h[t + 1] is the state after word t.
 */
#ifndef MODEL_PASS_H
#define MODEL_PASS_H

#include "model/network.h"
#include "model/team.h"

/* The tensors of one of the two recurrent layers. */
struct nn_layer_tensors {
    enum nn_tensor_id embedding, w_ih, w_hh, b_ih, b_hh;
};
extern const struct nn_layer_tensors nn_encoder_tensors, nn_decoder_tensors;

/* Its n steps. */
struct nn_layer {
    const struct nn_layer_tensors *tensors;
    int n;
    gint32 *words;         /* [n] input words */
    struct nn_matrix gi;   /* [n][GH] W_ih x + b_ih, then the gates, then the gradient of gi */
    struct nn_matrix gh;   /* [n][GH] W_hh h_prev + b_hh, then its gradient */
    struct nn_matrix h, c; /* [n + 1][H] states; c is the LSTM's */
    struct nn_matrix dh, dc;
    struct nn_matrix sums[2]; /* [NN_BLOCKS][H] of one step's dh (layer.h) */
};

typedef struct nn_pass {
    const struct nn_network *network;
    nn_team *team;
    int max_S, max_T;
    int S, T;
    struct nn_layer encoder; /* h[0] = c[0] = 0 */
    struct nn_layer decoder; /* words are y_{p-1}; h[0] is the encoder's last state */

    /* Attention; the context c_p enters as sum_t alpha_tp (W_c h_t). */
    struct nn_matrix context;   /* [S][GH] W_c h_t */
    struct nn_matrix score;     /* [T][P] r_tp, then the gradient of alpha_tp */
    struct nn_matrix alpha;     /* [T][P] its softmax, [T][S] with additive attention */
    struct nn_matrix k;         /* [S][H] W_h h_t              additive */
    struct nn_matrix q;         /* [T][H] W_s s_{p-1}, or [T][P] r_tp of location attention */
    struct nn_matrix u;         /* [T S][H] tanh(q_p + k_t)    additive */
    struct nn_matrix from_word; /* [T][P] W_y y_p + b          location */
    struct nn_matrix dcontext, dscore, dk, dq;
    struct nn_matrix dv; /* [1][H] */

    struct nn_matrix logits; /* [T][V] W_o s_p + b_o, then the gradient of the loss */
    double *nll;             /* [T] of the steps */

    /* Free running: which words were predicted, and how many steps are tried at a time. */
    gint32 *said;     /* [T] argmax of the logits */
    double *hit_rate; /* [max_T] of the step's predictions, over the last sentences */
    int guessed_to;   /* the steps before this one are computed at once */

    /* Distinct words of a sentence, U of them, and their products (words.c). */
    struct nn_matrix x, dx;   /* [U][H] */
    struct nn_matrix x_gi;    /* [U][GH] */
    struct nn_matrix x_score; /* [U][P]                        location */
    /* Sums of blocks: of gradients of states, of words, and of one state from attention. */
    struct nn_matrix sums, word_sums; /* [NN_BLOCKS U][H] */
    struct nn_matrix state_sums;      /* [NN_BLOCKS][H] */
    nn_real *arena;                   /* all of the above */
} nn_pass;

/*
 * Working memory for sentences of at most max_S and max_T words, both <= NN_MAX_POSITION, and a
 * team of `threads` threads, of which NN_BLOCKS find work, with the given kernels (NULL: the
 * fastest). The network must outlive
 * it. Neither threads nor, on one machine, anything else but the kernels changes a bit of what it
 * computes.
 */
nn_pass *nn_pass_new(const struct nn_network *network, int max_S, int max_T, int threads,
                     const struct nn_kernels *kernels);
void nn_pass_free(nn_pass *pass);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nn_pass, nn_pass_free)

/*
 * The summed NLL of target [n_target] given source [n_source], both ending in DS_EOS. Each step's
 * input is the word before it: of the target with teacher forcing, else the one predicted (argmax,
 * the lower number of equals); then the step that predicts DS_EOS is the last. pass->T is the
 * number of steps, and so of words in the loss.
 */
double nn_pass_forward(nn_pass *pass, const gint32 *source, int n_source, const gint32 *target,
                       int n_target, gboolean teacher_forcing);

/*
 * Adds scale times the gradient of that loss to `weights`, an array laid out as those of the
 * network; once after each forward. With the network's own array and -lr this is the step of SGD.
 * Embeddings are touched in the rows of the words that were seen, and nowhere else.
 */
void nn_pass_backward(nn_pass *pass, nn_real *weights, nn_real scale);

#endif
