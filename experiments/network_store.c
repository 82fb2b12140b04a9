/* A network from the store. */
#include "experiments/network.h"

#include "experiments/report_data.h"
#include <math.h>

/* Calls `add` for each row of a query with the parameter run_id. */
static gboolean load(ds_store *store, gint64 run_id, const char *sql, ex_network *network,
                     void (*add)(ds_query *row, ex_network *network), GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query = ds_query_new(store, error, sql, "i", run_id);
    if (!query)
        return FALSE;
    while (ds_query_next(query, &failure))
        add(query, network);
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static void add_run(ds_query *row, ex_network *network)
{
    network->scenario = ex_query_text(row, 0);
    network->attack = ex_query_text(row, 1);
    network->traffic = ex_query_text(row, 2);
    network->seed = ds_query_is_null(row, 3) ? TG_ABSENT : ds_query_int(row, 3);
}

static void add_node(ds_query *row, ex_network *network)
{
    g_autofree char *role = ex_query_text(row, 2);
    const struct ex_network_node node = {
        .node = ds_query_int(row, 0),
        .gateway = ds_query_is_null(row, 1) ? TG_ABSENT : ds_query_int(row, 1),
        .role = g_intern_string(role),
        .x = ds_query_double(row, 3),
        .y = ds_query_double(row, 4),
        .wired = ds_query_int(row, 5) != 0,
    };
    if (fabs(node.x) <= EX_MAX_COORDINATE && fabs(node.y) <= EX_MAX_COORDINATE)
        ex_network_add_node(network, &node);
}

static void add_flow(ds_query *row, ex_network *network)
{
    struct ex_network_flow flow = {.flow = ds_query_int(row, 0), .attack = ds_query_int(row, 3)};
    if (ex_network_find(network, ds_query_int(row, 1), &flow.src) &&
        ex_network_find(network, ds_query_int(row, 2), &flow.dst))
        g_array_append_val(network->flows, flow);
}

static void add_radio(ds_query *row, ex_network *network)
{
    struct ex_network_radio radio = {.mac = ds_query_int(row, 0)};
    if (ex_network_find(network, ds_query_int(row, 1), &radio.node))
        g_array_append_val(network->radios, radio);
}

/* Attacks in order, each with its nodes, if it has any. */
static void add_attack(ds_query *row, ex_network *network)
{
    g_autofree char *name = ex_query_text(row, 0);
    guint node;
    if (ds_query_int(row, 1) == 1)
        ex_network_add_attack(network, name);
    if (!ds_query_is_null(row, 2) && ex_network_find(network, ds_query_int(row, 2), &node)) {
        g_autofree char *part = ex_query_text(row, 3);
        ex_network_add_part(network, node, part);
    }
}

/* Links are not in the store; a node without a gateway and a radio among such as have one hangs on
   a wire. */
static const char node_query[] =
    "SELECT node, gateway, role, x, y, gateway IS NULL AND"
    " EXISTS (SELECT 1 FROM interface i WHERE i.run_id = n.run_id AND hidden = 0) AND"
    " NOT EXISTS (SELECT 1 FROM interface i WHERE i.run_id = n.run_id AND i.node = n.node) "
    "FROM node n WHERE run_id = ? AND x NOT NULL AND y NOT NULL ORDER BY node";

static gboolean load_truth(ds_store *store, gint64 run_id, ex_network *network, GError **error)
{
    return load(store, run_id,
                "SELECT mac, node FROM interface WHERE run_id = ? AND hidden ORDER BY mac", network,
                add_radio, error) &&
           load(store, run_id,
                "SELECT attack, row_number() OVER (PARTITION BY attack_no ORDER BY node, role),"
                " node, role FROM attack LEFT JOIN attack_node USING (run_id, attack_no) "
                "WHERE run_id = ? ORDER BY attack_no, 2",
                network, add_attack, error);
}

ex_network *ex_network_load(ds_store *store, gint64 run_id, gboolean truth, GError **error)
{
    static const char *const run_query[] = {
        "SELECT scenario, NULL, traffic, seed FROM run WHERE run_id = ?",
        "SELECT scenario, attack, traffic, seed FROM run WHERE run_id = ?"};
    static const char *const flow_query[] = {
        "SELECT flow, src, dst, 0 FROM flow WHERE run_id = ? ORDER BY flow",
        "SELECT flow, src, dst, ifnull(attack, 0) FROM flow WHERE run_id = ? ORDER BY flow"};
    g_autoptr(ex_network) network = ex_network_new();
    if (!load(store, run_id, run_query[truth], network, add_run, error) ||
        !load(store, run_id, node_query, network, add_node, error) ||
        !load(store, run_id, flow_query[truth], network, add_flow, error) ||
        (truth && !load_truth(store, run_id, network, error)))
        return NULL;
    ex_network_finish(network);
    return g_steal_pointer(&network);
}
