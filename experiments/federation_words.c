#include "experiments/federation_words.h"

#include "dataset/corpus.h"
#include "tracegen/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MIN_KEY = 16, MAX_KEY = 4096, WORD_DIGITS = 32, MARK_DIGITS = 16 };

static const char *const special[] = {"<SOS>", "<EOS>", "<UNK>", NULL};

/* ---- keys ---- */

GBytes *ex_key_read(const char *path, GError **error)
{
    char bytes[MAX_KEY + 1];
    FILE *file = fopen(path, "rbe");
    const gsize n = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
    const int cause = errno;
    const gboolean failed = !file || ferror(file);
    if (file)
        fclose(file);
    if (failed)
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", path, g_strerror(cause));
    else if (n < MIN_KEY || n > MAX_KEY)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: a key has %d to %d bytes", path, MIN_KEY,
                    MAX_KEY);
    else
        return g_bytes_new(bytes, n);
    return NULL;
}

char *ex_key_hash(GBytes *key, const char *text, int n_digit)
{
    gsize n;
    const guchar *bytes = g_bytes_get_data(key, &n);
    char *hex = g_compute_hmac_for_string(G_CHECKSUM_SHA256, bytes, n, text, -1);
    hex[MIN((gsize)n_digit, strlen(hex))] = '\0';
    return hex;
}

void ex_key_random(GBytes *key, int round, struct nn_random *random)
{
    for (int i = 0; i < (int)G_N_ELEMENTS(random->state); i++) {
        g_autofree char *text = g_strdup_printf("noise of round %d, word %d", round, i);
        g_autofree char *hex = ex_key_hash(key, text, 16);
        random->state[i] = g_ascii_strtoull(hex, NULL, 16);
    }
}

char *ex_key_mark(GBytes *key)
{
    return key ? ex_key_hash(key, "adliotlog federate", MARK_DIGITS) : g_strdup("");
}

/* ---- words ---- */

static char *tell_word(const char *word, GBytes *key)
{
    return key ? ex_key_hash(key, word, WORD_DIGITS) : g_strdup(word);
}

static int compare_words(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **ex_words_told(const char *const *words, GBytes *key, gboolean alone)
{
    g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
    for (int i = DS_FIRST_WORD; words[i]; i++)
        g_ptr_array_add(told, tell_word(words[i], key));
    if (!alone)
        g_ptr_array_sort(told, compare_words);
    g_ptr_array_add(told, NULL);
    return (char **)g_ptr_array_steal(told, NULL);
}

/* Adds the words of one gateway to the list; `seen` has those of all. */
static gboolean add_words(GPtrArray *list, GHashTable *seen, char *const *told, GError **error)
{
    g_autoptr(GHashTable) own = g_hash_table_new(g_str_hash, g_str_equal);
    for (; *told; told++) {
        if (**told == '\0' || strchr(*told, ' ') || !g_hash_table_add(own, *told) ||
            g_strv_contains(special, *told)) {
            g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA,
                                "its words are no vocabulary: one is empty, special, holds a blank "
                                "or comes twice");
            return FALSE;
        }
        if (g_hash_table_add(seen, *told))
            g_ptr_array_add(list, g_strdup(*told));
    }
    return TRUE;
}

char **ex_words_join(char **const *told, int n, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (int i = 0; i < n; i++)
        if (!add_words(list, seen, told[i], error))
            return NULL;
    if (n > 1)
        g_ptr_array_sort(list, compare_words);
    for (int i = DS_FIRST_WORD; i-- > 0;)
        g_ptr_array_insert(list, 0, g_strdup(special[i]));
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_steal(list, NULL);
}

char **ex_words_own(const char *const *vocabulary, const char *const *own, GBytes *key)
{
    char **words = g_strdupv((char **)vocabulary);
    if (!key)
        return words;
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = DS_FIRST_WORD; own[i]; i++)
        g_hash_table_insert(known, tell_word(own[i], key), (gpointer)own[i]);
    for (char **word = words; *word; word++) {
        const char *plain = g_hash_table_lookup(known, *word);
        if (!plain)
            continue;
        g_free(*word);
        *word = g_strdup(plain);
    }
    return words;
}
