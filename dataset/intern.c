#include "dataset/intern.h"

#include <string.h>

enum { MAX_KEY = 512 };

struct ds_intern {
    struct ds_entry *slots; /* [n_slot], open addressing; n_slot is a power of two */
    guint n_slot, n_entry, max_entry;
    guint8 *bytes; /* [max_byte], the keys */
    guint32 n_byte, max_byte;
    gint64 next_id;
};

ds_intern *ds_intern_new(guint max_entry, guint max_key, gint64 first_id)
{
    ds_intern *table = g_new0(ds_intern, 1);
    table->max_entry = max_entry;
    for (table->n_slot = 16; table->n_slot < 2 * max_entry;)
        table->n_slot *= 2;
    table->slots = g_new0(struct ds_entry, table->n_slot);
    table->max_byte = max_entry * max_key + MAX_KEY;
    table->bytes = g_malloc(table->max_byte);
    table->next_id = first_id;
    return table;
}

void ds_intern_free(ds_intern *table)
{
    if (!table)
        return;
    g_free(table->slots);
    g_free(table->bytes);
    g_free(table);
}

/* Both halves of a 64 by 64 bit product, folded. */
static inline guint64 mix(guint64 a, guint64 b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (guint64)product ^ (guint64)(product >> 64);
}

static guint64 hash_bytes(const guint8 *p, gsize n)
{
    guint64 h = n * 0x9e3779b97f4a7c15u, word;
    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&word, p, 8);
        h = mix(h ^ word, 0xa0761d6478bd642fu);
    }
    word = 0;
    memcpy(&word, p, n);
    return mix(h ^ word, 0xe7037ed1a0b428dbu);
}

gboolean ds_intern_is_full(const ds_intern *table)
{
    return table->n_entry == table->max_entry || table->n_byte + MAX_KEY > table->max_byte;
}

void ds_intern_clear(ds_intern *table)
{
    memset(table->slots, 0, sizeof *table->slots * table->n_slot);
    table->n_entry = 0;
    table->n_byte = 0;
}

struct ds_entry *ds_intern_find(ds_intern *table, const void *key, gsize n, gboolean *is_new)
{
    g_assert(n > 0 && n <= MAX_KEY);
    guint64 hash = hash_bytes(key, n);
    guint i = (guint)hash & (table->n_slot - 1);
    for (; table->slots[i].n_key; i = (i + 1) & (table->n_slot - 1)) {
        struct ds_entry *entry = &table->slots[i];
        if (entry->hash == hash && entry->n_key == n &&
            memcmp(table->bytes + entry->key_at, key, n) == 0) {
            *is_new = FALSE;
            return entry;
        }
    }
    if (ds_intern_is_full(table)) {
        ds_intern_clear(table);
        i = (guint)hash & (table->n_slot - 1);
    }
    table->slots[i] = (struct ds_entry){.hash = hash,
                                        .key_at = table->n_byte,
                                        .n_key = (guint16)n,
                                        .id = table->next_id++};
    memcpy(table->bytes + table->n_byte, key, n);
    table->n_byte += (guint32)n;
    table->n_entry++;
    *is_new = TRUE;
    return &table->slots[i];
}

void ds_intern_foreach(ds_intern *table,
                       void (*f)(void *data, const struct ds_entry *entry, const void *key),
                       void *data)
{
    for (guint i = 0; i < table->n_slot; i++)
        if (table->slots[i].n_key)
            f(data, &table->slots[i], table->bytes + table->slots[i].key_at);
}
