#include "tracegen/manifest.h"

#include "tracegen/error.h"
#include "tracegen/json.h"
#include <math.h>
#include <string.h>

/* A manifest may come from anywhere. */
#define MAX_BYTES (64 * 1024 * 1024)

/* JSON numbers are doubles elsewhere: integers beyond 2^53 would not survive. */
#define MAX_INTEGER (G_GINT64_CONSTANT(1) << 53)

/*
 * The state of a reading. The first error sticks, and everything read after it is 0 or NULL, so
 * that the readers below need no checks of their own.
 */
struct reading {
    const char *path;
    GError *error;
    gboolean by_hand; /* not written by `adliotlog simulate`: some fields may be left out */
};

/* One JSON object and what to call it in messages: "" for the whole, `flows[3].` for a member. */
struct place {
    JsonObject *object;
    const char *prefix;
};

static void refuse(struct reading *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void refuse(struct reading *r, const char *format, ...)
{
    if (r->error)
        return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(&r->error, TG_ERROR, TG_ERROR_DATA, "%s: %s", r->path, message);
}

/* ---- fields ------------------------------------------------------------- */

static JsonNode *get_member(struct reading *r, struct place at, const char *name)
{
    if (r->error)
        return NULL;
    JsonNode *node = json_object_get_member(at.object, name);
    if (!node)
        refuse(r, "%s%s is missing", at.prefix, name);
    return node;
}

/* Whether a field that only manifests written by hand may leave out is to be read. */
static gboolean is_given(struct reading *r, struct place at, const char *name)
{
    return !r->error && (!r->by_hand || json_object_has_member(at.object, name));
}

static gboolean is_value(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

static const char *read_string(struct reading *r, struct place at, const char *name)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !is_value(node, G_TYPE_STRING))
        refuse(r, "%s%s is not a string", at.prefix, name);
    if (r->error)
        return NULL;
    const char *string = json_node_get_string(node);
    if (*string == '\0')
        refuse(r, "%s%s is empty", at.prefix, name);
    return string;
}

/* A string that is one of the words in `words`, which a NULL ends. */
static const char *read_word(struct reading *r, struct place at, const char *name,
                             const char *const *words)
{
    const char *string = read_string(r, at, name);
    if (string && !g_strv_contains(words, string)) {
        g_autofree char *shown = g_strescape(string, NULL);
        refuse(r, "%s%s '%.40s' is unknown", at.prefix, name, shown);
    }
    return r->error ? NULL : string;
}

static gint64 read_integer(struct reading *r, struct place at, const char *name, gint64 lowest,
                           gint64 highest)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !is_value(node, G_TYPE_INT64))
        refuse(r, "%s%s is not an integer", at.prefix, name);
    if (r->error)
        return 0;
    gint64 value = json_node_get_int(node);
    if (value < lowest || value > highest)
        refuse(r, "%s%s is out of range", at.prefix, name);
    return value;
}

static double read_number(struct reading *r, struct place at, const char *name)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !is_value(node, G_TYPE_INT64) && !is_value(node, G_TYPE_DOUBLE))
        refuse(r, "%s%s is not a number", at.prefix, name);
    if (r->error)
        return 0;
    double value = json_node_get_double(node);
    if (!isfinite(value))
        refuse(r, "%s%s is out of range", at.prefix, name);
    return value;
}

static gboolean read_boolean(struct reading *r, struct place at, const char *name)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !is_value(node, G_TYPE_BOOLEAN))
        refuse(r, "%s%s is not true or false", at.prefix, name);
    return !r->error && json_node_get_boolean(node);
}

static JsonObject *read_object(struct reading *r, struct place at, const char *name)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !JSON_NODE_HOLDS_OBJECT(node))
        refuse(r, "%s%s is not an object", at.prefix, name);
    return r->error ? NULL : json_node_get_object(node);
}

/* A name of a file in the run directory itself: a manifest must not lead anywhere else. */
static const char *read_file_name(struct reading *r, struct place at, const char *name)
{
    const char *string = read_string(r, at, name);
    if (string && (strchr(string, '/') || strcmp(string, ".") == 0 || strcmp(string, "..") == 0))
        refuse(r, "%s%s is not the name of a file in the run directory", at.prefix, name);
    return string;
}

static const char *read_sha256(struct reading *r, struct place at, const char *name)
{
    const char *string = read_string(r, at, name);
    if (string && (strlen(string) != 64 || strspn(string, "0123456789abcdef") != 64))
        refuse(r, "%s%s is not a SHA-256", at.prefix, name);
    return string;
}

static gint64 read_optional_integer(struct reading *r, struct place at, const char *name)
{
    return is_given(r, at, name) ? read_integer(r, at, name, 0, MAX_INTEGER) : TG_ABSENT;
}

static double read_optional_number(struct reading *r, struct place at, const char *name)
{
    return is_given(r, at, name) ? read_number(r, at, name) : NAN;
}

static const char *read_optional_string(struct reading *r, struct place at, const char *name)
{
    return is_given(r, at, name) ? read_string(r, at, name) : NULL;
}

/* ---- lists -------------------------------------------------------------- */

/* Reads one element of a list and appends it to `manifest`. */
typedef void (*read_element)(struct reading *r, struct place at, struct tg_manifest *manifest);

static void read_list(struct reading *r, struct place at, const char *name, read_element read,
                      struct tg_manifest *manifest)
{
    JsonNode *node = get_member(r, at, name);
    if (node && !JSON_NODE_HOLDS_ARRAY(node))
        refuse(r, "%s%s is not a list", at.prefix, name);
    JsonArray *list = r->error ? NULL : json_node_get_array(node);
    guint n = list ? json_array_get_length(list) : 0;
    for (guint i = 0; i < n && !r->error; i++) {
        g_autofree char *prefix = g_strdup_printf("%s[%u].", name, i);
        JsonNode *element = json_array_get_element(list, i);
        if (JSON_NODE_HOLDS_OBJECT(element))
            read(r, (struct place){json_node_get_object(element), prefix}, manifest);
        else
            refuse(r, "%s[%u] is not an object", name, i);
    }
}

static void read_node(struct reading *r, struct place at, struct tg_manifest *manifest)
{
    static const char *const roles[] = {"gateway", "device", "server", "relay", NULL};
    struct tg_node node = {
        .node = read_integer(r, at, "node", 0, MAX_INTEGER),
        .gateway = read_optional_integer(r, at, "gateway"),
        .role = g_strdup(is_given(r, at, "role") ? read_word(r, at, "role", roles) : NULL),
        .x = read_optional_number(r, at, "x"),
        .y = read_optional_number(r, at, "y"),
    };
    g_array_append_val(manifest->nodes, node);
}

static void read_flow(struct reading *r, struct place at, struct tg_manifest *manifest)
{
    static const char *const protocols[] = {"udp", "tcp", "http", NULL};
    struct tg_flow flow = {
        .flow = read_integer(r, at, "flow", 0, MAX_INTEGER),
        .proto = g_strdup(read_word(r, at, "proto", protocols)),
        .src = read_integer(r, at, "src", 0, MAX_INTEGER),
        .sport = read_integer(r, at, "sport", 0, MAX_INTEGER),
        .dst = read_integer(r, at, "dst", 0, MAX_INTEGER),
        .dport = read_integer(r, at, "dport", 0, MAX_INTEGER),
        .intended_dst = read_optional_integer(r, at, "intended_dst"),
        .attack = read_boolean(r, at, "attack"),
    };
    g_array_append_val(manifest->flows, flow);
    if (flow.intended_dst != TG_ABSENT && flow.attack != (flow.dst != flow.intended_dst))
        refuse(r, "%sattack contradicts dst and intended_dst", at.prefix);
    if (flow.attack && g_strcmp0(manifest->attack, "none") == 0)
        refuse(r, "%sattack is true in a run without attack", at.prefix);
}

static void read_interface(struct reading *r, struct place at, struct tg_manifest *manifest)
{
    struct tg_interface interface = {
        .mac = read_integer(r, at, "mac", 0, MAX_INTEGER),
        .node = read_integer(r, at, "node", 0, MAX_INTEGER),
        .hidden = read_boolean(r, at, "hidden"),
    };
    g_array_append_val(manifest->interfaces, interface);
}

/* ---- what must agree ---------------------------------------------------- */

/* Remembers a key; a message when it was there already. */
static void add_unique(struct reading *r, GHashTable *seen, const char *list, char *key)
{
    if (!g_hash_table_add(seen, key))
        refuse(r, "%s: %s is there twice", list, key);
}

static void check_known(struct reading *r, GHashTable *nodes, const char *list, guint i,
                        const char *name, gint64 node)
{
    g_autofree char *key = g_strdup_printf("node %" G_GINT64_FORMAT, node);
    if (node != TG_ABSENT && !g_hash_table_contains(nodes, key))
        refuse(r, "%s[%u].%s: there is no %s", list, i, name, key);
}

static void check_flows(struct reading *r, const struct tg_manifest *m, GHashTable *nodes)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < m->flows->len && !r->error; i++) {
        const struct tg_flow *flow = &g_array_index(m->flows, struct tg_flow, i);
        check_known(r, nodes, "flows", i, "src", flow->src);
        check_known(r, nodes, "flows", i, "dst", flow->dst);
        check_known(r, nodes, "flows", i, "intended_dst", flow->intended_dst);
        add_unique(r, seen, "flows", g_strdup_printf("flow %" G_GINT64_FORMAT, flow->flow));
        add_unique(r, seen, "flows",
                   g_strdup_printf("%s from %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT
                                   " to %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT,
                                   flow->proto, flow->src, flow->sport, flow->dst, flow->dport));
    }
}

static void check_agreement(struct reading *r, const struct tg_manifest *m)
{
    g_autoptr(GHashTable) nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) macs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (m->nodes->len == 0)
        refuse(r, "nodes is empty");
    for (guint i = 0; i < m->nodes->len && !r->error; i++)
        add_unique(r, nodes, "nodes",
                   g_strdup_printf("node %" G_GINT64_FORMAT,
                                   g_array_index(m->nodes, struct tg_node, i).node));
    for (guint i = 0; i < m->nodes->len && !r->error; i++)
        check_known(r, nodes, "nodes", i, "gateway",
                    g_array_index(m->nodes, struct tg_node, i).gateway);
    for (guint i = 0; i < m->interfaces->len && !r->error; i++) {
        const struct tg_interface *interface =
            &g_array_index(m->interfaces, struct tg_interface, i);
        check_known(r, nodes, "interfaces", i, "node", interface->node);
        add_unique(r, macs, "interfaces",
                   g_strdup_printf("MAC number %" G_GINT64_FORMAT, interface->mac));
    }
    check_flows(r, m, nodes);
}

/* ---- the whole ---------------------------------------------------------- */

static void read_trace(struct reading *r, struct place root, struct tg_manifest *m)
{
    struct place at = {read_object(r, root, "trace"), "trace."};
    m->trace_file = g_strdup(read_file_name(r, at, "file"));
    m->trace_sha256 = g_strdup(read_sha256(r, at, "sha256"));
    if (is_given(r, at, "bytes"))
        m->trace_bytes = read_integer(r, at, "bytes", 1, G_MAXINT64);
    if (!r->error && json_object_has_member(root.object, "nam"))
        m->nam_file = g_strdup(read_file_name(r, root, "nam"));
}

static void read_manifest(struct reading *r, JsonNode *node, struct tg_manifest *m)
{
    static const char *const formats[] = {TG_MANIFEST_FORMAT, NULL};
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        refuse(r, "not a JSON object");
        return;
    }
    struct place root = {json_node_get_object(node), ""};
    r->by_hand = !json_object_has_member(root.object, "generator");
    read_word(r, root, "format", formats);
    if (read_integer(r, root, "format_version", 0, MAX_INTEGER) != TG_MANIFEST_VERSION)
        refuse(r, "format_version is not %d", TG_MANIFEST_VERSION);
    m->scenario = g_strdup(read_string(r, root, "scenario"));
    m->attack = g_strdup(read_string(r, root, "attack"));
    m->traffic = g_strdup(read_optional_string(r, root, "traffic"));
    m->seed = read_integer(r, root, "seed", 0, MAX_INTEGER);
    m->duration = read_number(r, root, "duration");
    if (m->duration <= 0)
        refuse(r, "duration is not positive");
    m->ns_version = g_strdup(read_optional_string(r, root, "ns_version"));
    read_trace(r, root, m);
    if (is_given(r, root, "parameters") && read_object(r, root, "parameters"))
        m->params = tg_json_to_string(json_object_get_member(root.object, "parameters"), FALSE);
    read_list(r, root, "nodes", read_node, m);
    read_list(r, root, "flows", read_flow, m);
    if (is_given(r, root, "interfaces"))
        read_list(r, root, "interfaces", read_interface, m);
    if (!r->error)
        check_agreement(r, m);
}

static void parse_manifest(struct reading *r, const char *text, gsize length,
                           struct tg_manifest *manifest)
{
    if (length > MAX_BYTES) {
        refuse(r, "too long for a manifest");
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) root = tg_json_parse(text, length, &error);
    if (root)
        read_manifest(r, root, manifest);
    else
        refuse(r, "%s", error->message);
}

static void clear_node(gpointer node)
{
    g_free(((struct tg_node *)node)->role);
}

static void clear_flow(gpointer flow)
{
    g_free(((struct tg_flow *)flow)->proto);
}

static struct tg_manifest *new_manifest(void)
{
    struct tg_manifest *manifest = g_new0(struct tg_manifest, 1);
    manifest->nodes = g_array_new(FALSE, FALSE, sizeof(struct tg_node));
    manifest->flows = g_array_new(FALSE, FALSE, sizeof(struct tg_flow));
    manifest->interfaces = g_array_new(FALSE, FALSE, sizeof(struct tg_interface));
    g_array_set_clear_func(manifest->nodes, clear_node);
    g_array_set_clear_func(manifest->flows, clear_flow);
    return manifest;
}

struct tg_manifest *tg_manifest_read(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    g_autoptr(GError) read_error = NULL;
    if (!g_file_get_contents(path, &text, &length, &read_error)) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, read_error->message);
        return NULL;
    }
    struct reading r = {.path = path};
    g_autoptr(tg_manifest) manifest = new_manifest();
    parse_manifest(&r, text, length, manifest);
    if (r.error) {
        g_propagate_error(error, r.error);
        return NULL;
    }
    return g_steal_pointer(&manifest);
}

void tg_manifest_free(struct tg_manifest *manifest)
{
    if (!manifest)
        return;
    g_free(manifest->scenario);
    g_free(manifest->attack);
    g_free(manifest->traffic);
    g_free(manifest->ns_version);
    g_free(manifest->trace_file);
    g_free(manifest->trace_sha256);
    g_free(manifest->nam_file);
    g_free(manifest->params);
    g_array_unref(manifest->nodes);
    g_array_unref(manifest->flows);
    g_array_unref(manifest->interfaces);
    g_free(manifest);
}
