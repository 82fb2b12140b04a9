/* The words of a pair set and their numbers, and pair sets as numbers. */
#ifndef DATASET_VOCABULARY_H
#define DATASET_VOCABULARY_H

#include "dataset/corpus.h"
#include "dataset/store.h"

typedef struct ds_vocabulary ds_vocabulary;

/*
 * From words in the order of their numbers, ended by NULL; the first three are the special words
 * "<SOS>", "<EOS>", "<UNK>". The words are copied.
 */
ds_vocabulary *ds_vocabulary_new(const char *const *words);

/* The special words, then those of the pair set in order of first appearance. */
ds_vocabulary *ds_vocabulary_build(ds_store *store, gint64 pair_set_id, GError **error);

/* The same, and then the words of a second pair set that the first lacks. */
ds_vocabulary *ds_vocabulary_build_two(ds_store *store, gint64 pair_set_id, gint64 second_id,
                                       GError **error);
void ds_vocabulary_free(ds_vocabulary *vocabulary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_vocabulary, ds_vocabulary_free)

int ds_vocabulary_size(const ds_vocabulary *vocabulary);                 /* V */
const char *const *ds_vocabulary_words(const ds_vocabulary *vocabulary); /* [V + 1], NULL at end */

/* All pairs of a set, unknown words as DS_UNK. Caller frees. */
ds_corpus *ds_corpus_load(ds_store *store, gint64 pair_set_id, const ds_vocabulary *vocabulary,
                          GError **error);
void ds_corpus_free(ds_corpus *corpus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_corpus, ds_corpus_free)

/* The number of a pair set. 0 and TG_ERROR_USAGE when there is none of that name. */
gint64 ds_find_pair_set(ds_store *store, const char *name, GError **error);

#endif
