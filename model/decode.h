/*
 * Decoding: what a network says after source sentences. Many sentences go through the network side
 * by side, so that each weight that is read serves all of them; each is decoded as if it were
 * alone, to the bit.
 */
#ifndef MODEL_DECODE_H
#define MODEL_DECODE_H

#include "model/network.h"
#include "model/task.h"

/* Words of 0 .. V - 1 that end in DS_EOS, 1 <= n <= NN_MAX_POSITION, as in a ds_pair. */
struct nn_sentence {
    const gint32 *words; /* [n] */
    int n;
};

struct nn_output {
    gint32 words[DS_MAX_WORDS];
    int n_word;
    gboolean ended;         /* DS_EOS came before there was no more room */
    double log_probability; /* natural, of the words and, if it came, DS_EOS */
};

/* What a network thinks of a given sentence. */
enum { NN_TOP = 9 }; /* DeepLog's g (Du et al. 2017, Sec. 5.1) */
struct nn_score {
    double log_probability; /* natural, of the words and DS_EOS */
    int n_outside;          /* of them, not among the NN_TOP most probable in their place */
};

typedef struct nn_decoding nn_decoding;

/* Sentences side by side that keep the kernels busy and their states in the cache. */
enum { NN_SENTENCES = 24, NN_MAX_LANES = NN_MAX_POSITION };

/*
 * Working memory for one thread, for up to max_S words and 1 <= lanes <= NN_MAX_LANES sentences at
 * a time, of a network that was trained for a task. kernels NULL: the fastest. The network must
 * outlive it.
 */
nn_decoding *nn_decoding_new(const nn_network *network, enum nn_task task, int max_S, int lanes,
                             const struct nn_kernels *kernels);
void nn_decoding_free(nn_decoding *decoding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nn_decoding, nn_decoding_free)

/*
 * Greedy decoding of n <= lanes sources: the word of highest probability (the lower number of
 * equals) is each next step's input.
 */
void nn_decode_greedy(nn_decoding *decoding, const struct nn_sentence *sources, int n,
                      struct nn_output *outputs);

/*
 * Beam search: of all continuations of the `lanes` best beginnings the `lanes` best are followed;
 * the output is the sentence of highest probability that is found (no correction for its length).
 * With one lane that is greedy decoding.
 */
void nn_decode_beam(nn_decoding *decoding, struct nn_sentence source, struct nn_output *output);

/* scores[i] of targets[i] given sources[i], for n <= lanes pairs. */
void nn_decode_score(nn_decoding *decoding, const struct nn_sentence *sources,
                     const struct nn_sentence *targets, int n, struct nn_score *scores);

/*
 * Where the decoder looks (paper.txt Sec. II, alpha_tp) while it says what follows a source, or is
 * made to say a target: row p is of the step that says word p. Additive attention looks at the
 * words of the source; location attention at all NN_MAX_POSITION places, of which those beyond the
 * sentence give nothing. A row's sum is 1.
 */
struct nn_attended {
    int n_row;   /* words said, DS_EOS, if it came, counted */
    int n_place; /* S, or NN_MAX_POSITION of location attention */
    nn_real alpha[NN_MAX_POSITION][NN_MAX_POSITION]; /* [n_row][n_place] */
};

/*
 * Greedy decoding of one source as nn_decode_greedy() does it, or, with a target (else NULL), that
 * with its words as inputs; then *output is left alone, and may be NULL. Of a network with
 * attention.
 */
void nn_decode_attended(nn_decoding *decoding, struct nn_sentence source,
                        const struct nn_sentence *target, struct nn_output *output,
                        struct nn_attended *attended);

#endif
