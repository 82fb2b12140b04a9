#include "dataset/vocabulary.h"

#include "tracegen/error.h"
#include <string.h>

struct ds_vocabulary {
    GPtrArray *words;   /* of char *, owned, ended by NULL */
    GHashTable *number; /* word -> its number */
};

static void add_word(ds_vocabulary *vocabulary, const char *word)
{
    char *copy = g_strdup(word);
    g_hash_table_insert(vocabulary->number, copy, GINT_TO_POINTER((int)vocabulary->words->len));
    g_ptr_array_add(vocabulary->words, copy);
}

static ds_vocabulary *vocabulary_new(void)
{
    ds_vocabulary *vocabulary = g_new0(ds_vocabulary, 1);
    vocabulary->words = g_ptr_array_new_with_free_func(g_free);
    vocabulary->number = g_hash_table_new(g_str_hash, g_str_equal);
    return vocabulary;
}

ds_vocabulary *ds_vocabulary_new(const char *const *words)
{
    ds_vocabulary *vocabulary = vocabulary_new();
    for (; *words; words++)
        add_word(vocabulary, *words);
    g_ptr_array_add(vocabulary->words, NULL);
    return vocabulary;
}

void ds_vocabulary_free(ds_vocabulary *vocabulary)
{
    if (!vocabulary)
        return;
    g_hash_table_unref(vocabulary->number);
    g_ptr_array_unref(vocabulary->words);
    g_free(vocabulary);
}

int ds_vocabulary_size(const ds_vocabulary *vocabulary)
{
    return (int)vocabulary->words->len - 1;
}

const char *const *ds_vocabulary_words(const ds_vocabulary *vocabulary)
{
    return (const char *const *)vocabulary->words->pdata;
}

static ds_query *query_sentences(ds_store *store, gint64 pair_set_id, GError **error)
{
    return ds_query_new(store, error,
                        "SELECT pair_id, source, target FROM pair_text WHERE pair_set ="
                        " (SELECT name FROM pair_set WHERE pair_set_id = ?) ORDER BY pair_id",
                        "i", pair_set_id);
}

/* Calls visit for each word of the sentence, in order. */
static void each_word(const char *sentence, void (*visit)(void *data, const char *word), void *data)
{
    g_auto(GStrv) words = g_strsplit(sentence, " ", -1);
    for (char **word = words; *word; word++)
        visit(data, *word);
}

static void learn_word(void *data, const char *word)
{
    ds_vocabulary *vocabulary = data;
    if (!g_hash_table_contains(vocabulary->number, word))
        add_word(vocabulary, word);
}

/* The words of a pair set that are not known yet. */
static gboolean learn_pairs(ds_vocabulary *vocabulary, ds_store *store, gint64 pair_set_id,
                            GError **error)
{
    g_autoptr(ds_query) pairs = query_sentences(store, pair_set_id, error);
    GError *failure = NULL;
    if (!pairs)
        return FALSE;
    while (ds_query_next(pairs, &failure)) {
        each_word(ds_query_text(pairs, 1), learn_word, vocabulary);
        each_word(ds_query_text(pairs, 2), learn_word, vocabulary);
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

ds_vocabulary *ds_vocabulary_build_two(ds_store *store, gint64 pair_set_id, gint64 second_id,
                                       GError **error)
{
    static const char *const special[] = {"<SOS>", "<EOS>", "<UNK>"};
    g_autoptr(ds_vocabulary) vocabulary = vocabulary_new();
    for (gsize i = 0; i < G_N_ELEMENTS(special); i++)
        add_word(vocabulary, special[i]);
    if (!learn_pairs(vocabulary, store, pair_set_id, error) ||
        (second_id != pair_set_id && !learn_pairs(vocabulary, store, second_id, error)))
        return NULL;
    g_ptr_array_add(vocabulary->words, NULL);
    return g_steal_pointer(&vocabulary);
}

ds_vocabulary *ds_vocabulary_build(ds_store *store, gint64 pair_set_id, GError **error)
{
    return ds_vocabulary_build_two(store, pair_set_id, pair_set_id, error);
}

/* A corpus while it grows: the words first, then pairs that point to them. */
struct encoder {
    const ds_vocabulary *vocabulary;
    GArray *words; /* of gint32 */
    gint64 n_unknown;
};

static void encode_word(void *data, const char *word)
{
    struct encoder *encoder = data;
    gpointer number;
    gint32 value = DS_UNK;
    if (g_hash_table_lookup_extended(encoder->vocabulary->number, word, NULL, &number))
        value = GPOINTER_TO_INT(number);
    else
        encoder->n_unknown++;
    g_array_append_val(encoder->words, value);
}

static int encode_sentence(struct encoder *encoder, const char *sentence)
{
    static const gint32 end = DS_EOS;
    guint before = encoder->words->len;
    each_word(sentence, encode_word, encoder);
    g_array_append_val(encoder->words, end);
    return (int)(encoder->words->len - before);
}

/* A store that was changed by hand may hold sentences that no network can take. */
static gboolean check_length(const struct ds_pair *pair, GError **error)
{
    if (pair->n_source <= DS_MAX_WORDS + 1 && pair->n_target <= DS_MAX_WORDS + 1)
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                "pair %" G_GINT64_FORMAT " has a sentence of more than %d words", pair->pair_id,
                DS_MAX_WORDS);
    return FALSE;
}

ds_corpus *ds_corpus_load(ds_store *store, gint64 pair_set_id, const ds_vocabulary *vocabulary,
                          GError **error)
{
    g_autoptr(ds_query) query = query_sentences(store, pair_set_id, error);
    if (!query)
        return NULL;
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(struct ds_pair));
    g_autoptr(GArray) words = g_array_new(FALSE, FALSE, sizeof(gint32));
    struct encoder encoder = {vocabulary, words, 0};
    GError *failure = NULL;
    while (ds_query_next(query, &failure)) {
        struct ds_pair pair = {.pair_id = ds_query_int(query, 0)};
        pair.n_source = encode_sentence(&encoder, ds_query_text(query, 1));
        pair.n_target = encode_sentence(&encoder, ds_query_text(query, 2));
        if (!check_length(&pair, &failure))
            break;
        g_array_append_val(pairs, pair);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    ds_corpus *corpus = g_new0(ds_corpus, 1);
    corpus->n_pair = (int)pairs->len;
    corpus->n_unknown = encoder.n_unknown;
    corpus->words = (gint32 *)(void *)g_array_free(g_steal_pointer(&words), FALSE);
    corpus->pairs = (struct ds_pair *)(void *)g_array_free(g_steal_pointer(&pairs), FALSE);
    const gint32 *next = corpus->words;
    for (int i = 0; i < corpus->n_pair; i++) {
        struct ds_pair *pair = &corpus->pairs[i];
        pair->source = next;
        pair->target = next + pair->n_source;
        next = pair->target + pair->n_target;
    }
    return corpus;
}

void ds_corpus_free(ds_corpus *corpus)
{
    if (!corpus)
        return;
    g_free(corpus->pairs);
    g_free(corpus->words);
    g_free(corpus);
}

gint64 ds_find_pair_set(ds_store *store, const char *name, GError **error)
{
    gint64 pair_set_id = 0;
    if (ds_lookup(store, &pair_set_id, error, "SELECT pair_set_id FROM pair_set WHERE name = ?",
                  "s", name) &&
        !pair_set_id)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "no pair set '%s' in the store", name);
    return pair_set_id;
}
