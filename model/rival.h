/*
 * The network's rivals: what a network has to beat before its figures mean anything. Each is
 * fitted by counting, once, without random numbers, and gives every word of the vocabulary a
 * probability above 0 in every place, which sum to 1.
 *
 * V words; x_p the word at position p of the source, y_p that of the target, from 0, DS_EOS after
 * the last one (DS_EOS is a word like others); [A] is 1 where A holds, else 0. Among equals the
 * word of the lower number, and the sentence that came first in training, is preferred.
 */
#ifndef MODEL_RIVAL_H
#define MODEL_RIVAL_H

#include "model/predictor.h"

/* What is known when a word of the target is to be said: the source, and the p words before. */
struct nn_history {
    struct nn_sentence source;
    const gint32 *said; /* [p] */
    int p;
};

struct nn_rival {
    const char *name;
    const char *summary;    /* its formula, in a line */
    const char *parameters; /* what was chosen for it, "" if there was nothing to choose */
    gboolean knows_all;     /* learns no words: its vocabulary may hold more than training's */

    /* Learns from a corpus that must outlive it. Freed with `free`. */
    gpointer (*fit)(const struct ds_corpus *corpus, int V);
    void (*free)(gpointer fitted);

    /* The sentence it says after a source; NULL words, or no function: greedy decoding. */
    struct nn_sentence (*answer)(gconstpointer fitted, struct nn_sentence source);

    /* probability [V] of the next word */
    void (*distribute)(gconstpointer fitted, const struct nn_history *history, double *probability);
};

/* All of them, ended by NULL, and the one of that name, or NULL. */
extern const struct nn_rival *const nn_rivals[];
const struct nn_rival *nn_rival_find(const char *name);

/*
 * A rival that has learned from a corpus of words 0 .. V - 1, which must outlive it. NULL and
 * TG_ERROR_DATA when there is no pair, or a word beyond V. Caller frees.
 */
nn_predictor *nn_rival_fit(const struct nn_rival *rival, const struct ds_corpus *corpus, int V,
                           GError **error);

/* probability [V] of the next word, of a predictor that nn_rival_fit() made. */
void nn_rival_distribute(const nn_predictor *predictor, const struct nn_history *history,
                         double *probability);

/*
 * rival_copy.c: copy says the source. P_p(w) = (1 - e) [w = x_p] + e / V, where e is what it gets
 * wrong: e = (wrong + 1) / (words + 2) over the words of training.
 */
extern const struct nn_rival nn_rival_copy;

/*
 * rival_lookup.c: constant says the most frequent target a. P_p(w) = (1 - e) [w = a_p] + e / V, e
 * as for copy.
 *
 * lookup says the most frequent target a of the same source; after one that training did not have
 * it is majority. P_p(w) = (1 - e) [w = a_p] + e P_majority,p(w) after a source that training had;
 * e as for copy, each pair taken out in turn, over pairs whose source came again (1/2 without any).
 */
extern const struct nn_rival nn_rival_constant, nn_rival_lookup;

/*
 * rival_majority.c: majority says the most frequent target word of each position, until that is
 * DS_EOS. Witten-Bell: P_p(w) = (c_p(w) + t_p / V) / (n_p + t_p), where c_p(w) counts w at position
 * p of targets, n_p all words there, t_p the distinct ones; 1 / V where there was none.
 *
 * markov does so for each word at the same position of the source:
 * P_p(w | x) = (c_p(x, w) + t_p(x) P_majority,p(w)) / (n_p(x) + t_p(x)), P_majority,p(w) where
 * training had no x at that position.
 */
extern const struct nn_rival nn_rival_majority, nn_rival_markov;

/*
 * rival_ngram.c: interpolated Kneser-Ney over the words before, wherever they are: those of the
 * target, then the source with its DS_EOS, then DS_SOS. With h the k - 1 words before, h' without
 * its first, and k = 5 down to 1:
 *
 *     P_k(w | h) = (max(c_k(h w) - D_k, 0) + D_k t_k(h) P_{k-1}(w | h')) / n_k(h)
 *
 * or P_{k-1}(w | h') where h was not seen; P_0 = 1 / V. c_5 counts, of words of targets only: every
 * sentence is counted once though it is source and target; c_k for k < 5 is the number of distinct
 * words before h w. n_k(h), t_k(h): sum and number of the c_k(h w) > 0. D_k = n1 / (n1 + 2 n2) with
 * n1, n2 the number of c_k that are 1 and 2; 1/2 where one of them is 0.
 */
extern const struct nn_rival nn_rival_ngram;

#endif
