/* Greedy decoding: the word of highest probability at every step is the next step's input. */
#ifndef MODEL_DECODE_H
#define MODEL_DECODE_H

#include "dataset/corpus.h"
#include "model/pass.h"

struct nn_output {
    gint32 words[DS_MAX_WORDS];
    int n_word;
    gboolean ended;         /* DS_EOS came before there was no more room */
    double log_probability; /* natural, of the words and, if it came, DS_EOS */
};

/*
 * Decodes source [n_source], which ends in DS_EOS as in a ds_pair, all of its words in 0 .. V - 1,
 * 1 <= n_source <= DS_MAX_WORDS + 1, with a pass for max_S >= n_source and
 * max_T = DS_MAX_WORDS + 1. Equal probabilities: the lower word number.
 */
void nn_decode_greedy(nn_pass *pass, const gint32 *source, int n_source, struct nn_output *output);

#endif
