#include "dataset/intern.h"

#include <string.h>

/* Entries and keys stand in the order in which they came; slots find them by hash. */
struct ds_intern {
    guint32 *slots; /* [n_slot], position in entries + 1, 0 is free; n_slot is a power of two */
    struct ds_entry *entries; /* [max_entry] */
    guint64 *words;           /* [max_word], the keys */
    guint n_slot, n_entry, max_entry, n_word, max_word, last;
    gint64 next_id;
};

ds_intern *ds_intern_new(guint max_entry, guint max_key, gint64 first_id)
{
    ds_intern *table = g_new0(ds_intern, 1);
    table->max_entry = max_entry;
    for (table->n_slot = 16; table->n_slot < 2 * max_entry;)
        table->n_slot *= 2;
    table->slots = g_new0(guint32, table->n_slot);
    table->entries = g_new(struct ds_entry, max_entry);
    table->max_word = max_entry * max_key + DS_MAX_KEY;
    table->words = g_new(guint64, table->max_word);
    table->next_id = first_id;
    return table;
}

void ds_intern_free(ds_intern *table)
{
    if (!table)
        return;
    g_free(table->slots);
    g_free(table->entries);
    g_free(table->words);
    g_free(table);
}

/* Both halves of a 64 by 64 bit product, folded. */
static inline guint64 mix(guint64 a, guint64 b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (guint64)product ^ (guint64)(product >> 64);
}

static inline guint64 hash_words(const guint64 *key, guint n)
{
    static const guint64 salt[] = {0x9e3779b97f4a7c15u, 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu};
    guint64 h = n * salt[0];
    for (; n >= 2; key += 2, n -= 2)
        h = mix(h ^ key[0] ^ salt[1], key[1] ^ salt[2]);
    return n > 0 ? mix(h ^ *key ^ salt[1], salt[2]) : h;
}

static inline gboolean equal_words(const guint64 *a, const guint64 *b, guint n)
{
    guint64 difference = 0;
    for (guint i = 0; i < n; i++)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

gboolean ds_intern_is_full(const ds_intern *table)
{
    return table->n_entry == table->max_entry || table->n_word + DS_MAX_KEY > table->max_word;
}

void ds_intern_clear(ds_intern *table)
{
    memset(table->slots, 0, sizeof *table->slots * table->n_slot);
    table->n_entry = 0;
    table->n_word = 0;
}

static struct ds_entry *add_entry(ds_intern *table, guint64 hash, const guint64 *key, guint n)
{
    guint slot = (guint)hash & (table->n_slot - 1);
    while (table->slots[slot])
        slot = (slot + 1) & (table->n_slot - 1);
    struct ds_entry *entry = &table->entries[table->n_entry++];
    table->slots[slot] = table->n_entry;
    *entry = (struct ds_entry){.hash = hash,
                               .key_at = table->n_word,
                               .n_key = (guint16)n,
                               .id = table->next_id++};
    memcpy(table->words + table->n_word, key, n * sizeof *key);
    table->n_word += n;
    return entry;
}

struct ds_entry *ds_intern_find(ds_intern *table, const guint64 *key, guint n, gboolean *is_new)
{
    g_assert(n > 0 && n <= DS_MAX_KEY);
    if (table->last < table->n_entry) {
        struct ds_entry *entry = &table->entries[table->last];
        if (entry->n_key == n && equal_words(table->words + entry->key_at, key, n)) {
            *is_new = FALSE;
            return entry;
        }
    }
    guint64 hash = hash_words(key, n);
    guint slot = (guint)hash & (table->n_slot - 1);
    for (; table->slots[slot]; slot = (slot + 1) & (table->n_slot - 1)) {
        struct ds_entry *entry = &table->entries[table->slots[slot] - 1];
        if (entry->hash == hash && entry->n_key == n &&
            equal_words(table->words + entry->key_at, key, n)) {
            *is_new = FALSE;
            table->last = table->slots[slot] - 1;
            return entry;
        }
    }
    *is_new = TRUE;
    if (ds_intern_is_full(table))
        ds_intern_clear(table);
    return add_entry(table, hash, key, n);
}

void ds_intern_foreach(ds_intern *table,
                       void (*f)(void *data, const struct ds_entry *entry, const guint64 *key),
                       void *data)
{
    for (guint i = 0; i < table->n_entry; i++)
        f(data, &table->entries[i], table->words + table->entries[i].key_at);
}
