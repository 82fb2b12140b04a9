/* What rivals share. */
#ifndef MODEL_RIVAL_PARTS_H
#define MODEL_RIVAL_PARTS_H

#include "model/rival.h"
#include "model/rival_counts.h"

/* The word at position p: DS_EOS after the last one. */
static inline gint32 nn_word_at(struct nn_sentence sentence, int p)
{
    return p < sentence.n ? sentence.words[p] : DS_EOS;
}

/* How well an answer fits targets, word by word. */
struct nn_hits {
    gint64 n_word, n_wrong;
};

/* Adds `times` targets that are this one, when the answer was `answer`. */
void nn_hits_add(struct nn_hits *hits, struct nn_sentence answer, struct nn_sentence target,
                 int times);

/* e = (wrong + 1) / (words + 2), by the rule of succession: 0 < e < 1. */
double nn_hits_error(const struct nn_hits *hits);

/* probability [V] = (1 - e) [w = word] + e / V */
void nn_distribute_one(gint32 word, double e, int V, double *probability);

/* rival_majority.c: counts of the words at each position of the targets: context (p). */
void nn_positions_fit(struct nn_counts *positions, const struct ds_corpus *corpus);

/* Witten-Bell at position p: the level of interpolation that majority consists of. */
struct nn_level nn_positions_level(const struct nn_counts *positions, int p);

#endif
