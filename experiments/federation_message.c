#include "experiments/federation_message.h"

#include "tracegen/error.h"
#include "tracegen/json.h"

#include <math.h>
#include <string.h>

enum { MAX_MEMBERS = 8, MAX_HEADER = 64 * 1024 * 1024 };

/* i integer, b true or false, s text, d number or null, I list of integers, S list of texts. */
struct member {
    const char *name;
    char type;
};

/* All that ever goes from one to another. */
static const struct {
    const char *name;
    struct member members[MAX_MEMBERS];
    gboolean weights; /* may it have some? */
} kinds[EX_N_MESSAGE] = {
    [EX_INVITE] = {"invite", {{"version", 's'}, {"gateways", 'I'}, {"words_wanted", 'b'}}},
    [EX_WORDS] = {"words",
                  {{"gateway", 'i'},
                   {"n_pair", 'i'},
                   {"pairs_sha256", 's'},
                   {"isa", 's'},
                   {"hash_key", 's'},
                   {"words", 'S'}}},
    [EX_PLAN] = {"plan",
                 {{"options", 's'},
                  {"gateways", 'I'},
                  {"rounds", 'i'},
                  {"iterations", 'i'},
                  {"test_limit", 'i'},
                  {"vocabulary", 'S'}}},
    [EX_READY] = {"ready", {{"gateway", 'i'}}},
    [EX_ROUND] = {"round",
                  {{"round", 'i'}, {"asked", 'I'}, {"test", 'b'}, {"finished", 'b'}},
                  TRUE},
    [EX_UPDATE] = {"update",
                   {{"gateway", 'i'},
                    {"round", 'i'},
                    {"n_pair", 'i'},
                    {"n_iteration", 'i'},
                    {"loss", 'd'},
                    {"accuracy", 'd'}},
                   TRUE},
    [EX_FAILURE] = {"failure", {{"gateway", 'i'}, {"code", 'i'}, {"text", 's'}}},
};

static const struct member envelope[] = {{"kind", 's'}, {"session", 's'}, {"number", 'i'}};

void ex_message_free(ex_message *message)
{
    if (!message)
        return;
    g_clear_pointer(&message->members, json_object_unref);
    g_bytes_unref(message->bytes);
    g_free(message);
}

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    GError *failure = g_error_new_valist(TG_ERROR, TG_ERROR_DATA, format, arguments);
    va_end(arguments);
    g_propagate_error(error, failure);
    return FALSE;
}

/* ---- writing ---- */

static char *print_object(JsonObject *object)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    json_node_set_object(node, object);
    return tg_json_to_string(node, FALSE);
}

static char *print_header(const char *message, gsize n_weight)
{
    g_autoptr(JsonObject) header = json_object_new();
    JsonObject *metadata = json_object_new();
    json_object_set_string_member(metadata, "message", message);
    json_object_set_object_member(header, "__metadata__", metadata);
    if (n_weight > 0) {
        JsonObject *tensor = json_object_new();
        JsonArray *shape = json_array_new(), *offsets = json_array_new();
        json_array_add_int_element(shape, (gint64)n_weight);
        json_array_add_int_element(offsets, 0);
        json_array_add_int_element(offsets, (gint64)(n_weight * sizeof(nn_real)));
        json_object_set_string_member(tensor, "dtype", "F32");
        json_object_set_array_member(tensor, "shape", shape);
        json_object_set_array_member(tensor, "data_offsets", offsets);
        json_object_set_object_member(header, "weights", tensor);
    }
    return print_object(header);
}

GBytes *ex_message_encode(enum ex_message_kind kind, JsonObject *members, const char *session,
                          int number, const nn_real *weights, gsize n_weight)
{
    json_object_set_string_member(members, "kind", kinds[kind].name);
    json_object_set_string_member(members, "session", session);
    json_object_set_int_member(members, "number", number);
    g_autofree char *message = print_object(members);
    g_autofree char *header = print_header(message, n_weight);
    const gsize n = strlen(header), padding = (8 - n % 8) % 8;
    const guint64 length = GUINT64_TO_LE(n + padding);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)&length, sizeof(length));
    g_byte_array_append(bytes, (const guint8 *)header, (guint)n);
    g_byte_array_append(bytes, (const guint8 *)"        ", (guint)padding);
    if (n_weight > 0)
        g_byte_array_append(bytes, (const guint8 *)weights, (guint)(n_weight * sizeof(nn_real)));
    return g_byte_array_free_to_bytes(bytes);
}

/* ---- reading ---- */

static gboolean is_list_of(JsonNode *node, GType type)
{
    if (!JSON_NODE_HOLDS_ARRAY(node))
        return FALSE;
    JsonArray *array = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(array); i++)
        if (json_node_get_value_type(json_array_get_element(array, i)) != type)
            return FALSE;
    return TRUE;
}

static gboolean is_of_type(JsonNode *node, char type)
{
    const GType value = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_NONE;
    switch (type) {
    case 'i':
        return value == G_TYPE_INT64;
    case 'b':
        return value == G_TYPE_BOOLEAN;
    case 's':
        return value == G_TYPE_STRING;
    case 'd':
        return JSON_NODE_HOLDS_NULL(node) || ((value == G_TYPE_DOUBLE || value == G_TYPE_INT64) &&
                                              isfinite(json_node_get_double(node)));
    case 'I':
        return is_list_of(node, G_TYPE_INT64);
    default:
        return is_list_of(node, G_TYPE_STRING);
    }
}

static gboolean check_members(JsonObject *object, const struct member *members, gsize max,
                              guint *n_found, GError **error)
{
    for (gsize i = 0; i < max && members[i].name; i++, ++*n_found) {
        JsonNode *node = json_object_get_member(object, members[i].name);
        if (!node || !is_of_type(node, members[i].type))
            return refuse(error, "a message without a possible '%s'", members[i].name);
    }
    return TRUE;
}

/* Exactly the members of its kind. */
static gboolean read_members(ex_message *message, JsonObject *object, GError **error)
{
    guint n_found = 0;
    if (!check_members(object, envelope, G_N_ELEMENTS(envelope), &n_found, error))
        return FALSE;
    const char *name = json_object_get_string_member(object, "kind");
    while (message->kind < EX_N_MESSAGE && strcmp(kinds[message->kind].name, name) != 0)
        message->kind++;
    if (message->kind == EX_N_MESSAGE)
        return refuse(error, "a message of an unknown kind");
    if (!check_members(object, kinds[message->kind].members, MAX_MEMBERS, &n_found, error))
        return FALSE;
    if (n_found != json_object_get_size(object))
        return refuse(error, "a message of kind %s with a member that it does not have", name);
    message->members = json_object_ref(object);
    return TRUE;
}

/* The one tensor there may be: it must be all that follows the header. */
static gboolean read_weights(ex_message *message, JsonObject *header, const char *data, gsize n,
                             GError **error)
{
    JsonNode *node = json_object_get_member(header, "weights");
    if (json_object_get_size(header) != (node ? 2 : 1))
        return refuse(error, "a message with an unknown tensor");
    if (!node)
        return n == 0 || refuse(error, "%" G_GSIZE_FORMAT " bytes of no tensor", n);
    JsonObject *tensor = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    JsonNode *shape = tensor ? json_object_get_member(tensor, "shape") : NULL;
    if (!shape || !is_list_of(shape, G_TYPE_INT64) ||
        json_array_get_length(json_node_get_array(shape)) != 1 || !kinds[message->kind].weights)
        return refuse(error, "weights that do not belong to a message");
    const gint64 n_weight = json_array_get_int_element(json_node_get_array(shape), 0);
    if (n_weight < 1 || (guint64)n_weight != n / sizeof(nn_real) || n % sizeof(nn_real) != 0)
        return refuse(error,
                      "cut off: %" G_GSIZE_FORMAT " bytes of weights instead of %" G_GINT64_FORMAT,
                      n, n_weight * (gint64)sizeof(nn_real));
    message->weights = (const nn_real *)(const void *)data;
    message->n_weight = (gsize)n_weight;
    for (gsize i = 0; i < message->n_weight; i++)
        if (!isfinite(message->weights[i]))
            return refuse(error, "weights that are not finite");
    return TRUE;
}

static gboolean read_message(ex_message *message, JsonObject *header, GError **error)
{
    JsonNode *node = json_object_get_member(header, "__metadata__");
    JsonObject *metadata = node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    JsonNode *text = metadata ? json_object_get_member(metadata, "message") : NULL;
    if (!text || !is_of_type(text, 's') || json_object_get_size(metadata) != 1)
        return refuse(error, "not a message of a federation");
    const char *json = json_node_get_string(text);
    g_autoptr(JsonNode) root = tg_json_parse(json, strlen(json), error);
    if (!root)
        return FALSE;
    if (!JSON_NODE_HOLDS_OBJECT(root))
        return refuse(error, "not a message of a federation");
    return read_members(message, json_node_get_object(root), error);
}

ex_message *ex_message_decode(GBytes *bytes, GError **error)
{
    gsize n;
    const char *data = g_bytes_get_data(bytes, &n);
    guint64 length = 0;
    if (n < sizeof(length)) {
        refuse(error, "shorter than any message");
        return NULL;
    }
    memcpy(&length, data, sizeof(length));
    length = GUINT64_FROM_LE(length);
    if (length > MAX_HEADER || length % 8 != 0 || length > n - sizeof(length)) {
        refuse(error, "not a message, or cut off: a header of %" G_GUINT64_FORMAT " bytes", length);
        return NULL;
    }
    g_autoptr(JsonNode) root = tg_json_parse(data + sizeof(length), (gsize)length, error);
    if (!root)
        return NULL;
    g_autoptr(ex_message) message = g_new0(ex_message, 1);
    message->bytes = g_bytes_ref(bytes);
    const gsize begin = sizeof(length) + (gsize)length;
    if (!JSON_NODE_HOLDS_OBJECT(root))
        refuse(error, "not a message of a federation");
    else if (read_message(message, json_node_get_object(root), error) &&
             read_weights(message, json_node_get_object(root), data + begin, n - begin, error))
        return g_steal_pointer(&message);
    return NULL;
}

/* ---- members ---- */

const char *ex_message_session(const ex_message *message)
{
    return json_object_get_string_member(message->members, "session");
}

int ex_message_number(const ex_message *message)
{
    return (int)CLAMP(json_object_get_int_member(message->members, "number"), -1, G_MAXINT);
}

gboolean ex_message_int(const ex_message *message, const char *name, gint64 min, gint64 max,
                        int *value, GError **error)
{
    const gint64 found = json_object_get_int_member(message->members, name);
    if (found < min || found > max)
        return refuse(error, "a message of kind %s with '%s' %" G_GINT64_FORMAT,
                      kinds[message->kind].name, name, found);
    *value = (int)found;
    return TRUE;
}

const char *ex_message_text(const ex_message *message, const char *name)
{
    return json_object_get_string_member(message->members, name);
}

gboolean ex_message_boolean(const ex_message *message, const char *name)
{
    return json_object_get_boolean_member(message->members, name);
}

char **ex_message_texts(const ex_message *message, const char *name)
{
    JsonArray *array = json_object_get_array_member(message->members, name);
    const guint n = json_array_get_length(array);
    char **texts = g_new0(char *, n + 1);
    for (guint i = 0; i < n; i++)
        texts[i] = g_strdup(json_array_get_string_element(array, i));
    return texts;
}

int ex_message_find(const ex_message *message, const char *name, gint64 value)
{
    JsonArray *array = json_object_get_array_member(message->members, name);
    const guint n = json_array_get_length(array);
    for (guint i = 0; i < n; i++)
        if (json_array_get_int_element(array, i) == value)
            return (int)i;
    return -1;
}
