/* Reading the fields of a manifest strictly: what is missing or wrong is named by its place. */
#ifndef TRACEGEN_FIELD_H
#define TRACEGEN_FIELD_H

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* JSON numbers are doubles elsewhere: integers beyond 2^53 would not survive. */
#define TG_MAX_INTEGER (G_GINT64_CONSTANT(1) << 53)

/*
 * The state of a reading. The first error sticks, and everything read after it is 0 or NULL, so
 * that readers need no checks of their own.
 */
struct tg_reading {
    const char *path;
    GError *error;
    gboolean by_hand; /* not written by `adliotlog simulate`: some fields may be left out */
};

/* One JSON object and what to call it in messages: "" for the whole, `flows[3].` for a member. */
struct tg_place {
    JsonObject *object;
    const char *prefix;
};

/* TG_ERROR_DATA with the file's name before the message, unless there is an error already. */
void tg_refuse(struct tg_reading *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Whether a field is there. */
gboolean tg_has(struct tg_reading *r, struct tg_place at, const char *name);

/* Whether a field that only manifests written by hand may leave out is to be read. */
gboolean tg_is_given(struct tg_reading *r, struct tg_place at, const char *name);

/* Each refuses a field that is missing or of another type. Strings are owned by the object. */
const char *tg_read_string(struct tg_reading *r, struct tg_place at, const char *name);
gint64 tg_read_integer(struct tg_reading *r, struct tg_place at, const char *name, gint64 lowest,
                       gint64 highest);
double tg_read_number(struct tg_reading *r, struct tg_place at, const char *name);
gboolean tg_read_boolean(struct tg_reading *r, struct tg_place at, const char *name);
JsonObject *tg_read_object(struct tg_reading *r, struct tg_place at, const char *name);
JsonArray *tg_read_array(struct tg_reading *r, struct tg_place at, const char *name);

/* A string that is one of the words in `words`, which a NULL ends. */
const char *tg_read_word(struct tg_reading *r, struct tg_place at, const char *name,
                         const char *const *words);

/* TG_ABSENT, NAN and NULL where a manifest written by hand leaves the field out. */
gint64 tg_read_optional_integer(struct tg_reading *r, struct tg_place at, const char *name);
double tg_read_optional_number(struct tg_reading *r, struct tg_place at, const char *name);
const char *tg_read_optional_string(struct tg_reading *r, struct tg_place at, const char *name);

/* Calls `read` for each element of a list of objects, until there is an error. */
void tg_read_list(struct tg_reading *r, struct tg_place at, const char *name,
                  void (*read)(struct tg_reading *r, struct tg_place at, void *data), void *data);

/* ---- what must agree ---- */

/* Remembers a key, which the set takes; refuses one that was there already. */
void tg_add_unique(struct tg_reading *r, GHashTable *seen, const char *list, char *key);

/* A set of such keys. */
GHashTable *tg_key_set(void);

#endif
