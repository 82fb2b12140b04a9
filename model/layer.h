/*
 * The parts of a pass: layer.c, words.c, attention.c, encoder.c and decoder.c compute what the
 * members of struct nn_pass say. All of them run in every thread of the pass's team. A thread owns
 * a share of the hidden units: it computes the numbers of its units in each vector, and gradients
 * and updates in its columns of each matrix.
 */
#ifndef MODEL_LAYER_H
#define MODEL_LAYER_H

#include "model/pass.h"

/* Where gradients go: scale times the gradient is added to weights. */
struct nn_sink {
    nn_real *weights;
    nn_real scale;
};

/* ---- layer.c: products and cells ---- */

/*
 * Rows of a weight matrix belong to threads in groups of R: row i to the thread that owns number
 * i mod R of R. R is H where the rows are gates of hidden units, and else their number.
 */

/* y = x W^T + b in this thread's rows of W, which are columns of y. */
void nn_multiply(const struct nn_worker *me, int R, struct nn_matrix w, const nn_real *b,
                 struct nn_matrix x, struct nn_matrix y);

/*
 * The gradients of y = x W^T by this thread's rows of W, and columns of dy: dy W is added to
 * `sums`, block by block, and scale dy^T x to `to`, the same tensor in the sink.
 */
void nn_backward(const struct nn_worker *me, int R, struct nn_matrix w, struct nn_matrix to,
                 nn_real scale, struct nn_matrix dy, struct nn_matrix x, struct nn_matrix sums);

/* The two halves of it: dy [1][M] W into the sums, and scale dy^T x into `to`. */
void nn_backward_state(const struct nn_worker *me, int R, struct nn_matrix w, struct nn_matrix dy,
                       struct nn_matrix sums);
void nn_learn(const struct nn_worker *me, int R, struct nn_matrix to, nn_real scale,
              struct nn_matrix dy, struct nn_matrix x);

/* b += scale times the sum of the rows of dy, in this thread's share of b. */
void nn_learn_bias(const struct nn_worker *me, int R, nn_real *b, nn_real scale,
                   struct nn_matrix dy);

/*
 * Sums of blocks, [NN_BLOCKS times some rows][K]: zero in the first n rows of this thread's blocks;
 * and once all threads have met, to [n][K] += the sums of all blocks, in their order, in this
 * thread's columns.
 */
void nn_clear_sums(const struct nn_worker *me, struct nn_matrix sums, int n);
void nn_add_sums(const struct nn_worker *me, struct nn_matrix sums, struct nn_matrix to);

/* m = 0 in this thread's columns. */
void nn_clear_columns(const struct nn_worker *me, struct nn_matrix m);

/* The rows of one step of a cell; several rows are several sentences. */
struct nn_cell_rows {
    struct nn_matrix gi, gh;         /* [n][GH] */
    struct nn_matrix h_prev, c_prev; /* [n][H] */
    struct nn_matrix h, c;           /* [n][H] */
};

/* gh, h and c from gi, h_prev and c_prev, this thread's units. */
void nn_cell_forward(const struct nn_worker *me, const struct nn_network *network,
                     const struct nn_layer_tensors *tensors, const struct nn_cell_rows *rows);

/* Step t of a layer, as the rows of nn_cell_forward(). */
struct nn_cell_rows nn_step_rows(const struct nn_layer *layer, int t);

/*
 * From dh[t + 1], dc[t + 1] to the gradients of gi and gh of step t, complete in all threads, and
 * on to dh[t], dc[t], which gain what comes through this step, this thread's units.
 */
void nn_cell_backward(const struct nn_worker *me, const struct nn_network *network,
                      const struct nn_layer *layer, int t);

/* The gradients of w_hh, b_ih and b_hh of all steps of a layer. */
void nn_layer_learn(const struct nn_worker *me, const struct nn_network *network,
                    const struct nn_layer *layer, struct nn_sink sink);

/* ---- words.c: products with embeddings, once for each distinct word ---- */

struct nn_words {
    int n_place;                  /* words of the sentence */
    int n;                        /* distinct ones */
    gint32 word[NN_MAX_POSITION]; /* [n] in the order in which they come first */
    int index[NN_MAX_POSITION];   /* [n_place] where in `word` */
};

/* to[i] = from[index[i]] in `columns`, for each word i of the sentence. */
void nn_words_spread(const struct nn_words *words, struct nn_matrix from, struct nn_matrix to,
                     struct nn_range columns);

/* to[j] = sum of from[i] over the words i with index[i] = j, in `columns`. */
void nn_words_collect(const struct nn_worker *me, const struct nn_words *words,
                      struct nn_matrix from, struct nn_matrix to, struct nn_range columns);

/*
 * gi [n][GH] = W x + b of the embeddings x of n <= NN_MAX_POSITION words, this thread's units; W
 * has the first H columns of w_ih. Leaves the distinct words in *words, and what belongs to them
 * in scratch->x (complete in all threads) and scratch->gi.
 */
struct nn_input_scratch {
    struct nn_matrix x, gi; /* [n or more][H], [GH] */
};
void nn_input_forward(const struct nn_worker *me, const struct nn_network *network,
                      const struct nn_layer_tensors *tensors, const gint32 *sentence, int n,
                      const struct nn_input_scratch *scratch, struct nn_words *words,
                      struct nn_matrix gi);

/* The gradients of all of a layer's input: into w_ih and the embedding. */
void nn_input_backward(nn_pass *pass, const struct nn_worker *me, const struct nn_layer *layer,
                       struct nn_sink sink);

/* ---- encoder.c ---- */

/* h from the words */
void nn_encoder_forward(nn_pass *pass, const struct nn_worker *me);
/* wants dh[1..S], dc[S] */
void nn_encoder_backward(nn_pass *pass, const struct nn_worker *me, struct nn_sink sink);

/* ---- attention.c ---- */

/* k and context of a source's states h [S][H], complete in all threads */
void nn_attention_begin(const struct nn_worker *me, const struct nn_network *network,
                        struct nn_matrix h, struct nn_matrix k, struct nn_matrix context);
/* from_word [n][P] = W_y y + b of the words of nn_input_forward(), and its x. */
void nn_attention_read_words(const struct nn_worker *me, const struct nn_network *network,
                             const struct nn_words *words, struct nn_matrix x,
                             struct nn_matrix x_score, struct nn_matrix from_word);
/*
 * What states s_prev [n][H] ask for: q [n][H] = W_s s_prev with additive attention, the scores
 * q [n][P] = W [y; s_prev] + b with location attention.
 */
void nn_attention_ask(const struct nn_worker *me, const struct nn_network *network,
                      struct nn_matrix s_prev, struct nn_matrix from_word, struct nn_matrix q);

/* One step's look at one source. */
struct nn_gaze {
    int S;
    const nn_real *q;         /* complete in all threads */
    struct nn_matrix k, u;    /* [S][H] */
    struct nn_matrix context; /* [S][GH] */
    nn_real *score, *alpha;   /* [S], [P] */
    nn_real *gi;              /* [GH] */
};

/* u, score and alpha of q; gi gains W_c c, this thread's units. */
void nn_attention_look(const struct nn_worker *me, const struct nn_network *network,
                       const struct nn_gaze *gaze);

/* Both for step p of the pass. */
void nn_attention_forward(nn_pass *pass, const struct nn_worker *me, int p);
/* The sums over steps that nn_attention_backward() adds to. */
void nn_attention_clear(nn_pass *pass, const struct nn_worker *me);
/* From the gradient of gi_p, complete, to that of s_{p-1} and of the attention's own numbers. */
void nn_attention_backward(nn_pass *pass, const struct nn_worker *me, int p);
/* All that is left once the steps are done: dh of the encoder, updates. */
void nn_attention_end(nn_pass *pass, const struct nn_worker *me, struct nn_sink sink);
/* dx of the distinct words gains what comes through from_word. */
void nn_attention_learn_words(nn_pass *pass, const struct nn_worker *me,
                              const struct nn_words *words, struct nn_sink sink);

/* ---- decoder.c ---- */

/* s_0 and what attention needs, from the encoder's h */
void nn_decoder_begin(nn_pass *pass, const struct nn_worker *me);
/* Steps p = from .. to - 1, from words[from .. to - 1] and s[from] to s[to] and the logits. */
void nn_decoder_forward(nn_pass *pass, const struct nn_worker *me, int from, int to);
/* Wants the gradient in logits; sets dh[1..S], dc[S] of the encoder. */
void nn_decoder_backward(nn_pass *pass, const struct nn_worker *me, struct nn_sink sink);

#endif
