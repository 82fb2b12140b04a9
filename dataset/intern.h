/* Numbers for repeated content, in bounded memory: the same content gets the same number. */
#ifndef DATASET_INTERN_H
#define DATASET_INTERN_H

#include <glib.h>

/* A key is up to so many words of 64 bits. */
enum { DS_MAX_KEY = 64 };

struct ds_entry {
    guint64 hash;
    guint32 key_at; /* in the table's words */
    guint16 n_key;  /* words */
    guint16 info;   /* the caller's */
    gint64 id;      /* 1, 2, 3 ... from where the table began */
    gint64 n;       /* the caller's */
};

typedef struct ds_intern ds_intern;

/* A table of at most max_entry keys, of max_key words on average; its first number is first_id. */
ds_intern *ds_intern_new(guint max_entry, guint max_key, gint64 first_id);
void ds_intern_free(ds_intern *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_intern, ds_intern_free)

/*
 * The entry of a key [n], 0 < n <= DS_MAX_KEY, made (*is_new) when there is none. A full table is
 * emptied first: content that comes again then gets another number. The entry is valid until the
 * next call.
 */
struct ds_entry *ds_intern_find(ds_intern *table, const guint64 *key, guint n, gboolean *is_new);

/* Whether the next new key would empty the table. */
gboolean ds_intern_is_full(const ds_intern *table);

/* Calls f for each entry, in the order of their numbers. */
void ds_intern_foreach(ds_intern *table,
                       void (*f)(void *data, const struct ds_entry *entry, const guint64 *key),
                       void *data);
void ds_intern_clear(ds_intern *table);

#endif
