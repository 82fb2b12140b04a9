/* What a network learns to say. */
#ifndef MODEL_TASK_H
#define MODEL_TASK_H

#include "dataset/corpus.h"

/*
 * NN_FOLLOW: the target after the source (paper.txt Sec. II).
 *
 * NN_NEXT_WORD: the next word of source and target read as one sentence (DeepLog's language of log
 * keys, Du et al. 2017, Sec. 3): P(x_0 ... x_{S-1} y_0 ... y_{T-1} <EOS>), each word after those
 * before it, from the decoder alone. The encoder reads nothing but DS_EOS, which leaves the decoder
 * a first state of its own. To say a target, the decoder is fed the words of the source first.
 */
enum nn_task { NN_FOLLOW, NN_NEXT_WORD, NN_N_TASK };
extern const char *const nn_task_names[NN_N_TASK]; /* "follow", "next-word" */

/*
 * The pairs that a network of NN_NEXT_WORD is trained on: the source is DS_EOS, the target all
 * words of both sentences and DS_EOS. NULL and TG_ERROR_DATA, with the pair, when they are more
 * than DS_MAX_WORDS. Caller frees with ds_corpus_free().
 */
struct ds_corpus *nn_join_pairs(const struct ds_corpus *corpus, GError **error);

#endif
