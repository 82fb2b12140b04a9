/* BLEU-1 of one sentence, the paper's accuracy (Papineni et al. 2002, with 1-grams alone). */
#ifndef MODEL_BLEU_H
#define MODEL_BLEU_H

#include "dataset/corpus.h"

/*
 * BP * (words of output found in reference, each word of reference used once) / n_output, with
 * BP = min(1, exp(1 - n_reference / n_output)). DS_EOS is in neither sentence (n_target - 1 words
 * of a pair). DS_UNK in either matches nothing: an unknown word cannot be predicted rightly.
 * 0..1; an empty output scores 0, or 1 if the reference is empty too. Counts <= DS_MAX_WORDS.
 */
double nn_bleu1(const gint32 *reference, int n_reference, const gint32 *output, int n_output);

/* The score of a rival that learns nothing: the source of the pair, as the output. */
double nn_bleu1_copy(const struct ds_pair *pair);

#endif
