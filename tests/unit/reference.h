/*
 * The network of paper.txt Sec. II once more, as plainly as its equations can be written down: in
 * double, one number after the other, on one thread, the context vector formed, every gradient
 * worked out by hand beside the line that it belongs to. It is what the network in model/ is
 * compared with, and shares nothing with it but the layout of the tensors (nn_network_layout()).
 *
 * H hidden, V vocabulary, G gates of the cell, P = NN_MAX_POSITION, S words of the source, T steps
 * of the decoder; t counts source words, p decoder steps, both from 0.
 */
#ifndef TESTS_UNIT_REFERENCE_H
#define TESTS_UNIT_REFERENCE_H

#include "model/network.h"

/* Both sentences end in DS_EOS. */
struct reference_pair {
    const gint32 *source, *target; /* [S], [T] */
    int S, T;
    gboolean forced; /* the target's words are the decoder's inputs, not its own predictions */
};

/* What one recurrent layer of n steps computes; h[t + 1] is the state after step t. */
struct reference_layer {
    enum nn_tensor_id embedding, w_ih, w_hh, b_ih, b_hh;
    int X;         /* size of an input */
    gint32 *word;  /* [n] */
    double *x;     /* [n][X] word's embedding, then the context */
    double *gate;  /* [n][GH] after sigmoid or tanh */
    double *gh;    /* [n][GH] W_hh h_{t-1} + b_hh */
    double *h, *c; /* [n + 1][H] */
    double *dh;    /* [n + 1][H] gradient of h */
};

typedef struct reference {
    int H, V, G;
    struct nn_shape shape;
    struct nn_tensor tensor[NN_N_TENSOR];
    gsize n_weight;
    const double *weights; /* [n_weight], the caller's */
    double *gradient;      /* [n_weight] of nll */

    struct reference_pair pair;
    int T;          /* steps that were run: fewer than the pair's when DS_EOS was predicted */
    double nll;     /* sum of -log P(target_p) over these steps */
    double *logits; /* [T][V] */
    gint32 *said;   /* [T] argmax of the logits, the lowest of equals */

    struct reference_layer encoder, decoder;
    double *k, *dk; /* [S][H] W_h h_t          additive */
    double *u;      /* [T][S][H] tanh(W_s s_{p-1} + W_h h_t) */
    double *alpha;  /* [T][P] */
} reference;

/* Loss of a pair. Weights and pair must outlive the result; caller frees. */
reference *reference_forward(const struct nn_shape *shape, const double *weights,
                             const struct reference_pair *pair);
void reference_free(reference *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(reference, reference_free)

/* Computes r->gradient. Once after reference_forward(). */
void reference_backward(reference *r);

/* Natural logarithm of P(word) at step p < T. */
double reference_log_probability(const reference *r, int p, gint32 word);

/*
 * How far free running was from another choice: the smallest difference, over the steps, of the
 * best and the second best logit.
 */
double reference_margin(const reference *r);

#endif
