#include "experiments/network.h"

#include <string.h>

ex_network *ex_network_new(void)
{
    ex_network *network = g_new0(ex_network, 1);
    network->seed = TG_ABSENT;
    network->nodes = g_array_new(FALSE, FALSE, sizeof(struct ex_network_node));
    network->flows = g_array_new(FALSE, FALSE, sizeof(struct ex_network_flow));
    network->links = g_array_new(FALSE, FALSE, sizeof(struct ex_network_pair));
    network->radios = g_array_new(FALSE, FALSE, sizeof(struct ex_network_radio));
    network->attacks = g_array_new(FALSE, FALSE, sizeof(struct ex_network_attack));
    network->hidden = g_array_new(FALSE, FALSE, sizeof(struct ex_network_pair));
    network->gateways = g_array_new(FALSE, FALSE, sizeof(gint64));
    network->indexes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return network;
}

void ex_network_free(ex_network *network)
{
    if (!network)
        return;
    g_free(network->scenario);
    g_free(network->attack);
    g_free(network->traffic);
    g_array_unref(network->nodes);
    g_array_unref(network->flows);
    g_array_unref(network->links);
    g_array_unref(network->radios);
    g_array_unref(network->attacks);
    g_array_unref(network->hidden);
    g_array_unref(network->gateways);
    g_hash_table_unref(network->indexes);
    g_free(network);
}

gboolean ex_network_add_node(ex_network *network, const struct ex_network_node *node)
{
    gint64 *key = g_memdup2(&node->node, sizeof node->node);
    if (!g_hash_table_insert(network->indexes, key, GUINT_TO_POINTER(network->nodes->len)))
        return FALSE;
    g_array_append_val(network->nodes, *node);
    return TRUE;
}

gboolean ex_network_find(const ex_network *network, gint64 node, guint *index)
{
    gpointer value;
    if (!g_hash_table_lookup_extended(network->indexes, &node, NULL, &value))
        return FALSE;
    *index = GPOINTER_TO_UINT(value);
    return TRUE;
}

void ex_network_add_part(ex_network *network, guint node, const char *part)
{
    static const char *const words[] = {"attacker", "accomplice", "victim"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(part, words[i]) == 0) {
            const guint bit = 1u << i;
            ex_network_node(network, node)->parts |= bit;
            if (bit != EX_VICTIM && network->attacks->len > 0)
                g_array_index(network->attacks, struct ex_network_attack, network->attacks->len - 1)
                    .n_radio++;
        }
}

void ex_network_add_attack(ex_network *network, const char *name)
{
    struct ex_network_attack attack = {.name = g_intern_string(name)};
    g_array_append_val(network->attacks, attack);
}

gboolean ex_network_has_attack(const ex_network *network, const char *name)
{
    for (guint i = 0; i < network->attacks->len; i++)
        if (strcmp(g_array_index(network->attacks, struct ex_network_attack, i).name, name) == 0)
            return TRUE;
    return FALSE;
}

/* ---- networks ----------------------------------------------------------- */

static int compare_numbers(gconstpointer a, gconstpointer b)
{
    const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

static void find_networks(ex_network *network)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (guint i = 0; i < network->nodes->len; i++)
        if (ex_network_node(network, i)->gateway != TG_ABSENT)
            g_array_append_val(all, ex_network_node(network, i)->gateway);
    g_array_sort(all, compare_numbers);
    for (guint i = 0; i < all->len; i++)
        if (i == 0 || g_array_index(all, gint64, i) != g_array_index(all, gint64, i - 1))
            g_array_append_val(network->gateways, g_array_index(all, gint64, i));
    for (guint i = 0; i < network->nodes->len; i++) {
        struct ex_network_node *node = ex_network_node(network, i);
        guint at;
        node->network =
            node->gateway != TG_ABSENT &&
                    g_array_binary_search(network->gateways, &node->gateway, compare_numbers, &at)
                ? at + 1
                : 0;
        node->is_gateway = node->node == node->gateway || g_strcmp0(node->role, "gateway") == 0;
    }
}

/* ---- hidden channels ---------------------------------------------------- */

static int compare_macs(gconstpointer a, gconstpointer b)
{
    return compare_numbers(&((const struct ex_network_radio *)a)->mac,
                           &((const struct ex_network_radio *)b)->mac);
}

/* Radios first to end - 1: the first to the second, the third to the fourth ... */
static void add_pairs(ex_network *network, guint first, guint end)
{
    const struct ex_network_radio *radios = (const void *)network->radios->data;
    for (guint i = first; i + 1 < MIN(end, network->radios->len); i += 2) {
        struct ex_network_pair pair = {radios[i].node, radios[i + 1].node};
        if (pair.a != pair.b)
            g_array_append_val(network->hidden, pair);
    }
}

/* Scenarios number the hidden radios attack by attack, and those of a pair one after the other. */
static void find_hidden(ex_network *network)
{
    guint first = 0;
    if (g_strcmp0(network->attack, "none") == 0)
        return; /* by hand, the radios may be there in a benign run too, silent */
    g_array_sort(network->radios, compare_macs);
    for (guint i = 0; i < network->attacks->len; i++) {
        const struct ex_network_attack attack =
            g_array_index(network->attacks, struct ex_network_attack, i);
        const gboolean paired =
            strcmp(attack.name, "hidden-channel") == 0 || strcmp(attack.name, "wormhole") == 0;
        if (paired)
            add_pairs(network, first, first + attack.n_radio);
        if (paired || strcmp(attack.name, "jamming") == 0)
            first += attack.n_radio;
    }
    if (network->attacks->len == 0)
        add_pairs(network, 0, network->radios->len);
}

void ex_network_finish(ex_network *network)
{
    find_networks(network);
    find_hidden(network);
}

/* ---- as numbers --------------------------------------------------------- */

/* A REAL as SQL prints it. */
static void put_real(GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(text, sizeof text, "%.15g", value);
    g_string_append_printf(out, " %s%s", text, strpbrk(text, ".en") ? "" : ".0");
}

static void put_ends(GString *out, const ex_network *network, guint a, guint b)
{
    const guint ends[] = {a, b};
    for (int i = 0; i < 2; i++) {
        put_real(out, ex_network_node(network, ends[i])->x);
        put_real(out, ex_network_node(network, ends[i])->y);
    }
}

static guint64 key_of(guint src, guint dst)
{
    return (guint64)src << 32 | dst;
}

static void put_flows(const ex_network *network, GHashTable *ways, gboolean attack, GString *out)
{
    for (guint i = 0; i < network->flows->len; i++) {
        const struct ex_network_flow *flow =
            &g_array_index(network->flows, struct ex_network_flow, i);
        const guint64 back = key_of(flow->dst, flow->src);
        if (flow->attack != attack)
            continue;
        g_string_append_printf(out, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                               ex_network_node(network, flow->src)->node,
                               ex_network_node(network, flow->dst)->node);
        put_ends(out, network, flow->src, flow->dst);
        g_string_append_printf(out, " %d\n", g_hash_table_contains(ways, &back));
    }
}

static void put_nodes(const ex_network *network, GString *out)
{
    for (guint i = 0; i < network->nodes->len; i++) {
        const struct ex_network_node *node = ex_network_node(network, i);
        g_string_append_printf(out, "%" G_GINT64_FORMAT, node->node);
        put_real(out, node->x);
        put_real(out, node->y);
        g_string_append_printf(out, " %" G_GINT64_FORMAT " %u %d\n",
                               node->gateway == TG_ABSENT ? -1 : node->gateway, node->network,
                               node->is_gateway);
    }
}

void ex_network_put_data(const ex_network *network, GString *out)
{
    g_autoptr(GHashTable) ways = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (guint i = 0; i < network->flows->len; i++) {
        const struct ex_network_flow *flow =
            &g_array_index(network->flows, struct ex_network_flow, i);
        const guint64 key = key_of(flow->src, flow->dst);
        g_hash_table_add(ways, g_memdup2(&key, sizeof key));
    }
    g_string_append(out, "# nodes: node x y gateway(-1: none) network(from 1; 0: none) "
                         "is_gateway\n");
    put_nodes(network, out);
    g_string_append(out, "\n\n# flows: src dst x1 y1 x2 y2 both(1: another flow goes back)\n");
    put_flows(network, ways, FALSE, out);
    g_string_append(out, "\n\n# attack: flows of the attack, columns as flows\n");
    put_flows(network, ways, TRUE, out);
    if (network->hidden->len > 0)
        g_string_append(out, "\n\n# hidden: x1 y1 x2 y2 of the nodes with a hidden interface\n");
    for (guint i = 0; i < network->hidden->len; i++) {
        const struct ex_network_pair pair =
            g_array_index(network->hidden, struct ex_network_pair, i);
        GString *line = g_string_new(NULL);
        put_ends(line, network, pair.a, pair.b);
        g_string_append_printf(out, "%s\n", line->str + 1);
        g_string_free(line, TRUE);
    }
}
