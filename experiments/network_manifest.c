/* A network from a manifest or a plan, which may come from anywhere. */
#include "experiments/network.h"

#include "tracegen/error.h"
#include "tracegen/field.h"
#include "tracegen/json.h"
#include "tracegen/manifest.h"
#include <math.h>
#include <string.h>

struct building {
    ex_network *network;
    GHashTable *wireless; /* indexes of nodes that have an interface */
};

/* ---- fields ------------------------------------------------------------- */

static gint64 read_number_if_there(struct tg_reading *r, struct tg_place at, const char *name,
                                   gint64 highest)
{
    return tg_has(r, at, name) ? tg_read_integer(r, at, name, 0, highest) : TG_ABSENT;
}

static char *read_string_if_there(struct tg_reading *r, struct tg_place at, const char *name)
{
    return tg_has(r, at, name) ? g_strdup(tg_read_string(r, at, name)) : NULL;
}

static double read_coordinate(struct tg_reading *r, struct tg_place at, const char *name)
{
    const double value = tg_read_number(r, at, name);
    if (fabs(value) > EX_MAX_COORDINATE)
        tg_refuse(r, "%s%s is not from -%.0f to %.0f m", at.prefix, name, EX_MAX_COORDINATE,
                  EX_MAX_COORDINATE);
    return value;
}

/* A node that must be there, as its index. */
static guint read_end(struct tg_reading *r, struct tg_place at, const char *name,
                      const ex_network *network)
{
    const gint64 node = tg_read_integer(r, at, name, 0, G_MAXINT32);
    guint index = 0;
    if (!r->error && !ex_network_find(network, node, &index))
        tg_refuse(r, "%s%s: there is no node %" G_GINT64_FORMAT, at.prefix, name, node);
    return index;
}

static void read_node(struct tg_reading *r, struct tg_place at, void *data)
{
    static const char *const roles[] = {"gateway", "device", "server", "relay", NULL};
    struct building *b = data;
    const struct ex_network_node node = {
        .node = tg_read_integer(r, at, "node", 0, G_MAXINT32),
        .gateway = read_number_if_there(r, at, "gateway", G_MAXINT32),
        .role = tg_has(r, at, "role") ? g_intern_string(tg_read_word(r, at, "role", roles)) : NULL,
        .x = read_coordinate(r, at, "x"),
        .y = read_coordinate(r, at, "y"),
    };
    if (!r->error && !ex_network_add_node(b->network, &node))
        tg_refuse(r, "%snode: %" G_GINT64_FORMAT " is there twice", at.prefix, node.node);
}

static void read_flow(struct tg_reading *r, struct tg_place at, void *data)
{
    struct building *b = data;
    const struct ex_network_flow flow = {
        .flow = tg_read_integer(r, at, "flow", 0, TG_MAX_INTEGER),
        .src = read_end(r, at, "src", b->network),
        .dst = read_end(r, at, "dst", b->network),
        .attack = tg_read_boolean(r, at, "attack"),
    };
    g_array_append_val(b->network->flows, flow);
}

static void read_link(struct tg_reading *r, struct tg_place at, void *data)
{
    struct building *b = data;
    const struct ex_network_pair link = {read_end(r, at, "from", b->network),
                                         read_end(r, at, "to", b->network)};
    g_array_append_val(b->network->links, link);
}

static void read_interface(struct tg_reading *r, struct tg_place at, void *data)
{
    struct building *b = data;
    const struct ex_network_radio radio = {tg_read_integer(r, at, "mac", 0, TG_MAX_INTEGER),
                                           read_end(r, at, "node", b->network)};
    g_hash_table_add(b->wireless, GUINT_TO_POINTER(radio.node));
    if (tg_read_boolean(r, at, "hidden"))
        g_array_append_val(b->network->radios, radio);
}

static void read_attack_node(struct tg_reading *r, struct tg_place at, void *data)
{
    static const char *const parts[] = {"attacker", "accomplice", "victim", NULL};
    struct building *b = data;
    const guint node = read_end(r, at, "node", b->network);
    const char *part = tg_read_word(r, at, "role", parts);
    if (part)
        ex_network_add_part(b->network, node, part);
}

static void read_attack(struct tg_reading *r, struct tg_place at, void *data)
{
    struct building *b = data;
    const char *name = tg_read_string(r, at, "attack");
    if (name)
        ex_network_add_attack(b->network, strlen(name) <= TG_MAX_WORD ? name : "unknown");
    if (tg_has(r, at, "nodes"))
        tg_read_list(r, at, "nodes", read_attack_node, b);
}

/* ---- the whole ---------------------------------------------------------- */

static void read_lists(struct tg_reading *r, struct tg_place root, struct building *b)
{
    JsonArray *nodes = tg_read_array(r, root, "nodes");
    if (nodes && json_array_get_length(nodes) == 0)
        tg_refuse(r, "nodes is empty");
    if (nodes && json_array_get_length(nodes) > EX_MAX_NETWORK_NODES)
        tg_refuse(r, "more than %d nodes", EX_MAX_NETWORK_NODES);
    tg_read_list(r, root, "nodes", read_node, b);
    tg_read_list(r, root, "flows", read_flow, b);
    if (tg_has(r, root, "interfaces"))
        tg_read_list(r, root, "interfaces", read_interface, b);
    if (tg_has(r, root, "links"))
        tg_read_list(r, root, "links", read_link, b);
    if (tg_has(r, root, "attacks"))
        tg_read_list(r, root, "attacks", read_attack, b);
    if (tg_has(r, root, "movements"))
        b->network->moving = json_array_get_length(tg_read_array(r, root, "movements")) > 0;
}

/* Gateways have a wire and a radio, routers and servers a wire alone. */
static void find_wired(const struct building *b)
{
    for (guint i = 0; i < b->network->links->len; i++) {
        const struct ex_network_pair link =
            g_array_index(b->network->links, struct ex_network_pair, i);
        const guint ends[] = {link.a, link.b};
        for (int k = 0; k < 2; k++) {
            struct ex_network_node *node = ex_network_node(b->network, ends[k]);
            node->wired = node->gateway == TG_ABSENT &&
                          !g_hash_table_contains(b->wireless, GUINT_TO_POINTER(ends[k]));
        }
    }
}

static void check_gateways(struct tg_reading *r, const ex_network *network)
{
    guint index;
    for (guint i = 0; i < network->nodes->len && !r->error; i++) {
        const gint64 gateway = ex_network_node(network, i)->gateway;
        if (gateway != TG_ABSENT && !ex_network_find(network, gateway, &index))
            tg_refuse(r, "nodes[%u].gateway: there is no node %" G_GINT64_FORMAT, i, gateway);
    }
}

static void read_root(struct tg_reading *r, JsonNode *node, struct building *b)
{
    static const char *const formats[] = {TG_MANIFEST_FORMAT, NULL};
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        tg_refuse(r, "not a JSON object");
        return;
    }
    const struct tg_place root = {json_node_get_object(node), ""};
    ex_network *network = b->network;
    if (tg_has(r, root, "format")) { /* a plan has none */
        tg_read_word(r, root, "format", formats);
        if (tg_read_integer(r, root, "format_version", 0, TG_MAX_INTEGER) != TG_MANIFEST_VERSION)
            tg_refuse(r, "format_version is not %d", TG_MANIFEST_VERSION);
    }
    read_lists(r, root, b);
    network->scenario = g_strdup(tg_read_string(r, root, "scenario"));
    network->attack = g_strdup(tg_read_string(r, root, "attack"));
    network->traffic = read_string_if_there(r, root, "traffic");
    network->seed = read_number_if_there(r, root, "seed", TG_MAX_INTEGER);
    if (r->error)
        return;
    check_gateways(r, network);
    find_wired(b);
    ex_network_finish(network);
}

static void parse(struct tg_reading *r, const char *text, gsize length, ex_network *network)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) root = tg_json_parse(text, length, &error);
    g_autoptr(GHashTable) wireless = g_hash_table_new(NULL, NULL);
    struct building building = {.network = network, .wireless = wireless};
    if (root)
        read_root(r, root, &building);
    else
        tg_refuse(r, "%s", error->message);
}

ex_network *ex_network_read(const char *path, GError **error)
{
    const gboolean is_stdin = strcmp(path, "-") == 0;
    g_autofree char *file = !is_stdin && g_file_test(path, G_FILE_TEST_IS_DIR)
                                ? g_build_filename(path, "manifest.json", NULL)
                                : g_strdup(is_stdin ? "standard input" : path);
    gsize length = 0;
    g_autofree char *text = tg_json_read_file(is_stdin ? NULL : file, &length, error);
    if (!text)
        return NULL;
    struct tg_reading r = {.path = file};
    g_autoptr(ex_network) network = ex_network_new();
    parse(&r, text, length, network);
    if (r.error) {
        g_propagate_error(error, r.error);
        return NULL;
    }
    return g_steal_pointer(&network);
}
