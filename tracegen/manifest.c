#include "tracegen/manifest.h"

#include "tracegen/error.h"
#include "tracegen/json.h"
#include <math.h>
#include <string.h>

/* A name of a file in the run directory itself: a manifest must not lead anywhere else. */
static const char *read_file_name(struct tg_reading *r, struct tg_place at, const char *name)
{
    const char *string = tg_read_string(r, at, name);
    if (string && (strchr(string, '/') || strcmp(string, ".") == 0 || strcmp(string, "..") == 0))
        tg_refuse(r, "%s%s is not the name of a file in the run directory", at.prefix, name);
    return string;
}

static const char *read_sha256(struct tg_reading *r, struct tg_place at, const char *name)
{
    const char *string = tg_read_string(r, at, name);
    if (string && (strlen(string) != 64 || strspn(string, "0123456789abcdef") != 64))
        tg_refuse(r, "%s%s is not a SHA-256", at.prefix, name);
    return string;
}

/* ---- lists -------------------------------------------------------------- */

static gint64 read_if_there(struct tg_reading *r, struct tg_place at, const char *name,
                            gint64 otherwise)
{
    return tg_has(r, at, name) ? tg_read_integer(r, at, name, 0, TG_MAX_INTEGER) : otherwise;
}

static void read_node(struct tg_reading *r, struct tg_place at, void *data)
{
    struct tg_manifest *manifest = data;
    static const char *const roles[] = {"gateway", "device", "server", "relay", NULL};
    struct tg_node node = {
        .node = tg_read_integer(r, at, "node", 0, TG_MAX_INTEGER),
        .gateway = read_if_there(r, at, "gateway", TG_ABSENT),
        .role = g_strdup(tg_is_given(r, at, "role") ? tg_read_word(r, at, "role", roles) : NULL),
        .x = tg_read_optional_number(r, at, "x"),
        .y = tg_read_optional_number(r, at, "y"),
    };
    node.address = read_if_there(r, at, "address", node.node);
    g_array_append_val(manifest->nodes, node);
}

static void read_flow(struct tg_reading *r, struct tg_place at, void *data)
{
    struct tg_manifest *manifest = data;
    static const char *const protocols[] = {"udp", "tcp", "http", NULL};
    struct tg_flow flow = {
        .flow = tg_read_integer(r, at, "flow", 0, TG_MAX_INTEGER),
        .proto = g_strdup(tg_read_word(r, at, "proto", protocols)),
        .profile = g_strdup(tg_has(r, at, "profile") ? tg_read_string(r, at, "profile") : NULL),
        .src = tg_read_integer(r, at, "src", 0, TG_MAX_INTEGER),
        .sport = tg_read_integer(r, at, "sport", 0, TG_MAX_INTEGER),
        .dst = tg_read_integer(r, at, "dst", 0, TG_MAX_INTEGER),
        .dport = tg_read_integer(r, at, "dport", 0, TG_MAX_INTEGER),
        .intended_dst = TG_ABSENT,
        .attack = tg_read_boolean(r, at, "attack"),
    };
    /* An attack's own flow replaces nothing; of any other flow a scenario knows where it belongs.
     */
    if (tg_has(r, at, "intended_dst") || !flow.attack)
        flow.intended_dst = tg_read_optional_integer(r, at, "intended_dst");
    g_array_append_val(manifest->flows, flow);
    if (flow.intended_dst != TG_ABSENT && flow.attack != (flow.dst != flow.intended_dst))
        tg_refuse(r, "%sattack contradicts dst and intended_dst", at.prefix);
    if (flow.attack && g_strcmp0(manifest->attack, "none") == 0)
        tg_refuse(r, "%sattack is true in a run without attack", at.prefix);
}

static void read_interface(struct tg_reading *r, struct tg_place at, void *data)
{
    struct tg_manifest *manifest = data;
    struct tg_interface interface = {
        .mac = tg_read_integer(r, at, "mac", 0, TG_MAX_INTEGER),
        .node = tg_read_integer(r, at, "node", 0, TG_MAX_INTEGER),
        .hidden = tg_read_boolean(r, at, "hidden"),
    };
    g_array_append_val(manifest->interfaces, interface);
}

/* ---- what must agree ---------------------------------------------------- */

static void check_known(struct tg_reading *r, GHashTable *nodes, const char *list, guint i,
                        const char *name, gint64 node)
{
    g_autofree char *key = g_strdup_printf("node %" G_GINT64_FORMAT, node);
    if (node != TG_ABSENT && !g_hash_table_contains(nodes, key))
        tg_refuse(r, "%s[%u].%s: there is no %s", list, i, name, key);
}

static void check_nodes(struct tg_reading *r, const struct tg_manifest *m, GHashTable *nodes)
{
    g_autoptr(GHashTable) addresses = tg_key_set();
    if (m->nodes->len == 0)
        tg_refuse(r, "nodes is empty");
    for (guint i = 0; i < m->nodes->len && !r->error; i++) {
        const struct tg_node *node = &g_array_index(m->nodes, struct tg_node, i);
        tg_add_unique(r, nodes, "nodes", g_strdup_printf("node %" G_GINT64_FORMAT, node->node));
        tg_add_unique(r, addresses, "nodes",
                      g_strdup_printf("address %" G_GINT64_FORMAT, node->address));
    }
    for (guint i = 0; i < m->nodes->len && !r->error; i++)
        check_known(r, nodes, "nodes", i, "gateway",
                    g_array_index(m->nodes, struct tg_node, i).gateway);
}

static void check_flows(struct tg_reading *r, const struct tg_manifest *m,
                        const struct tg_known *known)
{
    g_autoptr(GHashTable) ends = tg_key_set();
    for (guint i = 0; i < m->flows->len && !r->error; i++) {
        const struct tg_flow *flow = &g_array_index(m->flows, struct tg_flow, i);
        check_known(r, known->nodes, "flows", i, "src", flow->src);
        check_known(r, known->nodes, "flows", i, "dst", flow->dst);
        check_known(r, known->nodes, "flows", i, "intended_dst", flow->intended_dst);
        tg_add_unique(r, known->flows, "flows",
                      g_strdup_printf("flow %" G_GINT64_FORMAT, flow->flow));
        tg_add_unique(r, ends, "flows",
                      g_strdup_printf("%s from %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT
                                      " to %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT,
                                      flow->proto, flow->src, flow->sport, flow->dst, flow->dport));
    }
}

static void check_agreement(struct tg_reading *r, const struct tg_manifest *m)
{
    g_autoptr(GHashTable) nodes = tg_key_set();
    g_autoptr(GHashTable) flows = tg_key_set();
    g_autoptr(GHashTable) macs = tg_key_set();
    const struct tg_known known = {nodes, flows, macs};
    check_nodes(r, m, nodes);
    for (guint i = 0; i < m->interfaces->len && !r->error; i++) {
        const struct tg_interface *interface =
            &g_array_index(m->interfaces, struct tg_interface, i);
        check_known(r, nodes, "interfaces", i, "node", interface->node);
        tg_add_unique(r, macs, "interfaces",
                      g_strdup_printf("MAC number %" G_GINT64_FORMAT, interface->mac));
    }
    check_flows(r, m, &known);
    if (m->attacks)
        tg_attacks_check(r, m->attacks, m->attack, &known);
}

/* ---- the whole ---------------------------------------------------------- */

static void read_trace(struct tg_reading *r, struct tg_place root, struct tg_manifest *m)
{
    struct tg_place at = {tg_read_object(r, root, "trace"), "trace."};
    m->trace_file = g_strdup(read_file_name(r, at, "file"));
    m->trace_sha256 = g_strdup(read_sha256(r, at, "sha256"));
    if (tg_is_given(r, at, "bytes"))
        m->trace_bytes = tg_read_integer(r, at, "bytes", 1, G_MAXINT64);
    if (!r->error && json_object_has_member(root.object, "nam"))
        m->nam_file = g_strdup(read_file_name(r, root, "nam"));
}

/* Nobody writes these by hand. */
static void read_origin(struct tg_reading *r, struct tg_place root, struct tg_manifest *m)
{
    if (!m->by_hand && tg_has(r, root, "scenario_sha256"))
        m->scenario_sha256 = g_strdup(read_sha256(r, root, "scenario_sha256"));
    if (!m->by_hand && tg_has(r, root, "plan_sha256"))
        m->plan_sha256 = g_strdup(read_sha256(r, root, "plan_sha256"));
}

static void read_manifest(struct tg_reading *r, JsonNode *node, struct tg_manifest *m)
{
    static const char *const formats[] = {TG_MANIFEST_FORMAT, NULL};
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        tg_refuse(r, "not a JSON object");
        return;
    }
    struct tg_place root = {json_node_get_object(node), ""};
    r->by_hand = !json_object_has_member(root.object, "generator");
    m->by_hand = r->by_hand;
    tg_read_word(r, root, "format", formats);
    if (tg_read_integer(r, root, "format_version", 0, TG_MAX_INTEGER) != TG_MANIFEST_VERSION)
        tg_refuse(r, "format_version is not %d", TG_MANIFEST_VERSION);
    m->scenario = g_strdup(tg_read_string(r, root, "scenario"));
    m->attack = g_strdup(tg_read_string(r, root, "attack"));
    m->traffic = g_strdup(tg_read_optional_string(r, root, "traffic"));
    m->seed = tg_read_integer(r, root, "seed", 0, TG_MAX_INTEGER);
    m->duration = tg_read_number(r, root, "duration");
    if (m->duration <= 0)
        tg_refuse(r, "duration is not positive");
    m->ns_version = g_strdup(tg_read_optional_string(r, root, "ns_version"));
    read_origin(r, root, m);
    read_trace(r, root, m);
    if (tg_is_given(r, root, "parameters") && tg_read_object(r, root, "parameters"))
        m->params = tg_json_to_string(json_object_get_member(root.object, "parameters"), FALSE);
    tg_read_list(r, root, "nodes", read_node, m);
    tg_read_list(r, root, "flows", read_flow, m);
    if (tg_is_given(r, root, "interfaces"))
        tg_read_list(r, root, "interfaces", read_interface, m);
    if (tg_has(r, root, "attacks")) {
        m->attacks = tg_attacks_new();
        tg_attacks_read(r, root, m->attacks);
    }
    if (!r->error)
        check_agreement(r, m);
}

static void parse_manifest(struct tg_reading *r, const char *text, gsize length,
                           struct tg_manifest *manifest)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) root = tg_json_parse(text, length, &error);
    if (root)
        read_manifest(r, root, manifest);
    else
        tg_refuse(r, "%s", error->message);
}

static void clear_node(gpointer node)
{
    g_free(((struct tg_node *)node)->role);
}

static void clear_flow(gpointer flow)
{
    g_free(((struct tg_flow *)flow)->proto);
    g_free(((struct tg_flow *)flow)->profile);
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
    gsize length = 0;
    g_autofree char *text = tg_json_read_file(path, &length, error);
    if (!text)
        return NULL;
    struct tg_reading r = {.path = path};
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
    g_free(manifest->scenario_sha256);
    g_free(manifest->plan_sha256);
    g_free(manifest->trace_file);
    g_free(manifest->trace_sha256);
    g_free(manifest->nam_file);
    g_free(manifest->params);
    g_array_unref(manifest->nodes);
    g_array_unref(manifest->flows);
    g_array_unref(manifest->interfaces);
    if (manifest->attacks)
        g_array_unref(manifest->attacks);
    g_free(manifest);
}
