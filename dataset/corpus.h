/*
 * A corpus: the pairs of one pair set as word numbers of one vocabulary. This is all that the
 * network ever sees.
 */
#ifndef DATASET_CORPUS_H
#define DATASET_CORPUS_H

#include <glib.h>

enum { DS_SOS = 0, DS_EOS = 1, DS_UNK = 2, DS_FIRST_WORD = 3 };

/* Longest sentence in words, DS_EOS not counted (paper.txt Sec. IV). */
#define DS_MAX_WORDS 100

/* Both sentences end in DS_EOS, which the counts include: 1 <= n <= DS_MAX_WORDS + 1. */
struct ds_pair {
    gint64 pair_id;
    const gint32 *source, *target; /* [n_source], [n_target], owned by the corpus */
    int n_source, n_target;
};

typedef struct ds_corpus {
    struct ds_pair *pairs; /* [n_pair] in the order of pair_id */
    int n_pair;
    gint64 n_unknown; /* words that the vocabulary lacks, seen as DS_UNK */
    gint32 *words;    /* storage behind the pairs */
} ds_corpus;

#endif
