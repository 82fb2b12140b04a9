/* Greedy decoding: the word of highest probability at every step is the next step's input. */
#ifndef MODEL_DECODE_H
#define MODEL_DECODE_H

#include "dataset/corpus.h"
#include "model/network.h"

/* Working memory for one sentence at a time; the network must outlive it and may be trained on. */
typedef struct nn_decoder nn_decoder;

nn_decoder *nn_decoder_new(const nn_network *network);
void nn_decoder_free(nn_decoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nn_decoder, nn_decoder_free)

struct nn_output {
    gint32 words[DS_MAX_WORDS];
    int n_word;
    gboolean ended;         /* DS_EOS came before there was no more room */
    double log_probability; /* natural, of the words and, if it came, DS_EOS */
};

/*
 * Decodes source [n_source], which ends in DS_EOS as in a ds_pair, all of its words in 0 .. V - 1,
 * 1 <= n_source <= DS_MAX_WORDS + 1. Equal probabilities: the lower word number.
 */
void nn_decode_greedy(nn_decoder *decoder, const gint32 *source, int n_source,
                      struct nn_output *output);

#endif
