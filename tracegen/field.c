#include "tracegen/field.h"

#include "tracegen/error.h"
#include "tracegen/event.h"
#include <math.h>

void tg_refuse(struct tg_reading *r, const char *format, ...)
{
    if (r->error)
        return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(&r->error, TG_ERROR, TG_ERROR_DATA, "%s: %s", r->path, message);
}

static JsonNode *get_member(struct tg_reading *r, struct tg_place at, const char *name)
{
    if (r->error)
        return NULL;
    JsonNode *node = json_object_get_member(at.object, name);
    if (!node)
        tg_refuse(r, "%s%s is missing", at.prefix, name);
    return node;
}

gboolean tg_has(struct tg_reading *r, struct tg_place at, const char *name)
{
    return !r->error && json_object_has_member(at.object, name);
}

gboolean tg_is_given(struct tg_reading *r, struct tg_place at, const char *name)
{
    return !r->error && (!r->by_hand || json_object_has_member(at.object, name));
}

static gboolean is_value(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

const char *tg_read_string(struct tg_reading *r, struct tg_place at, const char *name)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !is_value(node, G_TYPE_STRING))
        tg_refuse(r, "%s%s is not a string", at.prefix, name);
    if (r->error)
        return NULL;
    const char *string = json_node_get_string(node);
    if (*string == '\0')
        tg_refuse(r, "%s%s is empty", at.prefix, name);
    return string;
}

const char *tg_read_word(struct tg_reading *r, struct tg_place at, const char *name,
                         const char *const *words)
{
    const char *string = tg_read_string(r, at, name);
    if (string && !g_strv_contains(words, string)) {
        g_autofree char *shown = g_strescape(string, NULL);
        tg_refuse(r, "%s%s '%.40s' is unknown", at.prefix, name, shown);
    }
    return r->error ? NULL : string;
}

gint64 tg_read_integer(struct tg_reading *r, struct tg_place at, const char *name, gint64 lowest,
                       gint64 highest)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !is_value(node, G_TYPE_INT64))
        tg_refuse(r, "%s%s is not an integer", at.prefix, name);
    if (r->error)
        return 0;
    gint64 value = json_node_get_int(node);
    if (value < lowest || value > highest)
        tg_refuse(r, "%s%s is out of range", at.prefix, name);
    return value;
}

double tg_read_number(struct tg_reading *r, struct tg_place at, const char *name)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !is_value(node, G_TYPE_INT64) && !is_value(node, G_TYPE_DOUBLE))
        tg_refuse(r, "%s%s is not a number", at.prefix, name);
    if (r->error)
        return 0;
    double value = json_node_get_double(node);
    if (!isfinite(value))
        tg_refuse(r, "%s%s is out of range", at.prefix, name);
    return value;
}

gboolean tg_read_boolean(struct tg_reading *r, struct tg_place at, const char *name)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !is_value(node, G_TYPE_BOOLEAN))
        tg_refuse(r, "%s%s is not true or false", at.prefix, name);
    return !r->error && json_node_get_boolean(node);
}

JsonObject *tg_read_object(struct tg_reading *r, struct tg_place at, const char *name)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !JSON_NODE_HOLDS_OBJECT(node))
        tg_refuse(r, "%s%s is not an object", at.prefix, name);
    return r->error ? NULL : json_node_get_object(node);
}

gint64 tg_read_optional_integer(struct tg_reading *r, struct tg_place at, const char *name)
{
    return tg_is_given(r, at, name) ? tg_read_integer(r, at, name, 0, TG_MAX_INTEGER) : TG_ABSENT;
}

double tg_read_optional_number(struct tg_reading *r, struct tg_place at, const char *name)
{
    return tg_is_given(r, at, name) ? tg_read_number(r, at, name) : NAN;
}

const char *tg_read_optional_string(struct tg_reading *r, struct tg_place at, const char *name)
{
    return tg_is_given(r, at, name) ? tg_read_string(r, at, name) : NULL;
}

JsonArray *tg_read_array(struct tg_reading *r, struct tg_place at, const char *name)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !JSON_NODE_HOLDS_ARRAY(node))
        tg_refuse(r, "%s%s is not a list", at.prefix, name);
    return r->error ? NULL : json_node_get_array(node);
}

void tg_read_list(struct tg_reading *r, struct tg_place at, const char *name,
                  void (*read)(struct tg_reading *r, struct tg_place at, void *data), void *data)
{
    JsonArray *list = tg_read_array(r, at, name);
    guint n = list ? json_array_get_length(list) : 0;
    for (guint i = 0; i < n && !r->error; i++) {
        g_autofree char *prefix = g_strdup_printf("%s%s[%u].", at.prefix, name, i);
        JsonNode *element = json_array_get_element(list, i);
        if (JSON_NODE_HOLDS_OBJECT(element))
            read(r, (struct tg_place){json_node_get_object(element), prefix}, data);
        else
            tg_refuse(r, "%s%s[%u] is not an object", at.prefix, name, i);
    }
}

GHashTable *tg_key_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void tg_add_unique(struct tg_reading *r, GHashTable *seen, const char *list, char *key)
{
    if (!g_hash_table_add(seen, key))
        tg_refuse(r, "%s: %s is there twice", list, key);
}
