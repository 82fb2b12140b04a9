#include "model/task.h"
#include "tracegen/error.h"
#include <string.h>

const char *const nn_task_names[NN_N_TASK] = {[NN_FOLLOW] = "follow", [NN_NEXT_WORD] = "next-word"};

/* Words of a joint sentence and its DS_EOS, and before it the source's. */
static int count_words(const struct ds_pair *pair)
{
    return 1 + pair->n_source - 1 + pair->n_target;
}

static gboolean check_lengths(const struct ds_corpus *corpus, GError **error)
{
    for (int i = 0; i < corpus->n_pair; i++) {
        const struct ds_pair *pair = &corpus->pairs[i];
        const int n = pair->n_source + pair->n_target - 2;
        if (n <= DS_MAX_WORDS)
            continue;
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "pair %" G_GINT64_FORMAT ": its sentences have %d words together, more than %d",
                    pair->pair_id, n, DS_MAX_WORDS);
        return FALSE;
    }
    return TRUE;
}

struct ds_corpus *nn_join_pairs(const struct ds_corpus *corpus, GError **error)
{
    gsize n_word = 0;
    if (!check_lengths(corpus, error))
        return NULL;
    for (int i = 0; i < corpus->n_pair; i++)
        n_word += (gsize)count_words(&corpus->pairs[i]);
    struct ds_corpus *joined = g_new0(struct ds_corpus, 1);
    joined->n_pair = corpus->n_pair;
    joined->n_unknown = corpus->n_unknown;
    joined->pairs = g_new(struct ds_pair, corpus->n_pair);
    gint32 *words = joined->words = g_new(gint32, n_word);
    for (int i = 0; i < corpus->n_pair; i++) {
        const struct ds_pair *pair = &corpus->pairs[i];
        const int n_before = pair->n_source - 1;
        words[0] = DS_EOS;
        memcpy(words + 1, pair->source, sizeof(gint32) * (gsize)n_before);
        memcpy(words + 1 + n_before, pair->target, sizeof(gint32) * (gsize)pair->n_target);
        joined->pairs[i] =
            (struct ds_pair){pair->pair_id, words, words + 1, 1, n_before + pair->n_target};
        words += count_words(pair);
    }
    return joined;
}
