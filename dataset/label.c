#include "dataset/label.h"

#include <string.h>

struct endpoints {
    gint64 src, sport, dst, dport;
};

struct ds_labeller {
    const tg_manifest *manifest;
    ds_matchers *matchers; /* NULL: there is no manifest */
    GArray *flows;         /* of struct tg_flow: the manifest's, or those found so far */
    GHashTable *by_ends;   /* struct endpoints * -> index into flows + 1 */
    GHashTable *nodes;     /* node -> its address: the manifest's, or those seen so far */
    GHashTable *mac_owner; /* MAC number -> node, when there is no manifest */
};

static guint hash_endpoints(gconstpointer key)
{
    const struct endpoints *e = key;
    guint64 h = (guint64)e->src * 0x9e3779b97f4a7c15u + (guint64)e->sport;
    h = (h ^ (guint64)e->dst) * 0x9e3779b97f4a7c15u + (guint64)e->dport;
    return (guint)(h ^ h >> 32);
}

static gboolean equal_endpoints(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct endpoints)) == 0;
}

static void index_flow(ds_labeller *labeller, const struct tg_flow *flow, guint index)
{
    const struct endpoints ends = {ds_labeller_address(labeller, flow->src), flow->sport,
                                   ds_labeller_address(labeller, flow->dst), flow->dport};
    g_hash_table_replace(labeller->by_ends, g_memdup2(&ends, sizeof ends),
                         GUINT_TO_POINTER(index + 1));
}

/* Index of the flow between these ends + 1, 0 for none. Acknowledgements and responses travel the
   other way, and belong to the same flow. */
static guint look_up(ds_labeller *labeller, const struct tg_event *event, gboolean *forward)
{
    const struct endpoints ends[2] = {{event->src, event->sport, event->dst, event->dport},
                                      {event->dst, event->dport, event->src, event->sport}};
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(labeller->by_ends, &ends[0]));
    *forward = index != 0;
    return index ? index : GPOINTER_TO_UINT(g_hash_table_lookup(labeller->by_ends, &ends[1]));
}

static void add_node(ds_labeller *labeller, gint64 node, gint64 address)
{
    if (!g_hash_table_contains(labeller->nodes, &node))
        g_hash_table_insert(labeller->nodes, g_memdup2(&node, sizeof node),
                            g_memdup2(&address, sizeof address));
}

gint64 ds_labeller_address(const ds_labeller *labeller, gint64 node)
{
    const gint64 *address = g_hash_table_lookup(labeller->nodes, &node);
    return address ? *address : node;
}

ds_labeller *ds_labeller_new(const tg_manifest *manifest)
{
    ds_labeller *labeller = g_new0(ds_labeller, 1);
    labeller->manifest = manifest;
    labeller->by_ends = g_hash_table_new_full(hash_endpoints, equal_endpoints, g_free, NULL);
    labeller->nodes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    labeller->mac_owner = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    labeller->flows = g_array_new(FALSE, FALSE, sizeof(struct tg_flow));
    if (!manifest)
        return labeller;
    labeller->matchers = ds_matchers_new(manifest);
    for (guint i = 0; i < manifest->nodes->len; i++) {
        const struct tg_node *node = &g_array_index(manifest->nodes, struct tg_node, i);
        add_node(labeller, node->node, node->address);
    }
    for (guint i = 0; i < manifest->flows->len; i++) {
        struct tg_flow *flow = &g_array_index(manifest->flows, struct tg_flow, i);
        g_array_append_val(labeller->flows, *flow);
        index_flow(labeller, flow, i);
    }
    return labeller;
}

void ds_labeller_free(ds_labeller *labeller)
{
    if (!labeller)
        return;
    ds_matchers_free(labeller->matchers);
    g_hash_table_unref(labeller->by_ends);
    g_hash_table_unref(labeller->nodes);
    g_hash_table_unref(labeller->mac_owner);
    g_array_unref(labeller->flows);
    g_free(labeller);
}

gboolean ds_labeller_knows(ds_labeller *labeller, gint64 node)
{
    return !labeller->manifest || g_hash_table_contains(labeller->nodes, &node);
}

static gboolean is_one_of(struct tg_text text, const char *const *words)
{
    for (; *words; words++)
        if (tg_text_is(text, *words))
            return TRUE;
    return FALSE;
}

ds_matchers *ds_labeller_matchers(const ds_labeller *labeller)
{
    return labeller->matchers;
}

enum ds_transport ds_transport_of(struct tg_text ptype)
{
    static const char *const udp[] = {"cbr",     "udp",   "exp",   "pareto",
                                      "poisson", "audio", "video", NULL};
    static const char *const tcp[] = {"tcp", "ack", NULL};
    static const char *const sctp[] = {"sctp", NULL};
    if (!ptype.at)
        return DS_NO_TRANSPORT;
    return is_one_of(ptype, udp)    ? DS_UDP
           : is_one_of(ptype, tcp)  ? DS_TCP
           : is_one_of(ptype, sctp) ? DS_SCTP
                                    : DS_NO_TRANSPORT;
}

/* Without a manifest every new pair of end points is a new flow. */
static void infer_flow(ds_labeller *labeller, const struct tg_event *event,
                       enum ds_transport transport)
{
    static const char *const protos[] = {NULL, "udp", "tcp", "sctp"};
    if (event->dst < 0)
        return;
    struct tg_flow flow = {.flow = labeller->flows->len,
                           .proto = (char *)protos[transport],
                           .src = event->src,
                           .sport = event->sport,
                           .dst = event->dst,
                           .dport = event->dport,
                           .intended_dst = TG_ABSENT};
    index_flow(labeller, &flow, labeller->flows->len);
    g_array_append_val(labeller->flows, flow);
}

struct ds_ends_label ds_label_ends(ds_labeller *labeller, const struct tg_event *event,
                                   enum ds_transport transport)
{
    static const struct ds_ends_label none = {TG_ABSENT, NULL, FALSE};
    if (event->src == TG_ABSENT || (!labeller->manifest && transport == DS_NO_TRANSPORT))
        return none;
    gboolean forward;
    guint index = look_up(labeller, event, &forward);
    if (index == 0 && !labeller->manifest) {
        infer_flow(labeller, event, transport);
        index = look_up(labeller, event, &forward);
    }
    if (index == 0)
        return none;
    const struct tg_flow *flow = &g_array_index(labeller->flows, struct tg_flow, index - 1);
    return (struct ds_ends_label){flow->flow, flow->proto, forward};
}

void ds_label_interface(ds_labeller *labeller, const struct tg_event *event)
{
    /* A MAC-level send names its interface; CTS and ACK frames print no transmitter. */
    static const char *const nameless[] = {"CTS", "ACK", NULL};
    if (labeller->manifest && labeller->manifest->interfaces->len > 0)
        return;
    add_node(labeller, event->node, event->node);
    if (event->op == 's' && event->layer.at && tg_text_is(event->layer, "MAC") &&
        event->mac_src != TG_ABSENT && event->ptype.at && !is_one_of(event->ptype, nameless) &&
        !g_hash_table_contains(labeller->mac_owner, &event->mac_src))
        g_hash_table_insert(labeller->mac_owner, g_memdup2(&event->mac_src, sizeof(gint64)),
                            g_memdup2(&event->node, sizeof(gint64)));
}

static gboolean write_flows(ds_labeller *labeller, ds_store *store, gint64 run_id, GError **error)
{
    g_autoptr(ds_query) insert =
        ds_query_new(store, error,
                     "INSERT INTO flow (run_id, flow, src, sport, dst, dport, proto,"
                     " profile, attack, intended_dst) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "");
    for (guint i = 0; insert && i < labeller->flows->len; i++) {
        const struct tg_flow *f = &g_array_index(labeller->flows, struct tg_flow, i);
        const char *types = !labeller->manifest            ? "iiiiiissnn" /* no truth */
                            : f->intended_dst == TG_ABSENT ? "iiiiiissin"
                                                           : "iiiiiissii";
        if (!ds_query_run(insert, error, types, run_id, f->flow, f->src, f->sport, f->dst, f->dport,
                          f->proto, f->profile, (gint64)f->attack, f->intended_dst))
            return FALSE;
    }
    return insert != NULL;
}

/* Of interfaces that nobody has listed. */
static gboolean write_owners(ds_labeller *labeller, ds_store *store, gint64 run_id, GError **error)
{
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, labeller->mac_owner);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (!ds_execute(store, error, "INSERT INTO interface (run_id, mac, node) VALUES (?, ?, ?)",
                        "iii", run_id, *(gint64 *)key, *(gint64 *)value))
            return FALSE;
    return TRUE;
}

static gboolean write_attack(const struct tg_attack *attack, gint64 attack_no, ds_store *store,
                             gint64 run_id, GError **error)
{
    if (!ds_execute(store, error, "INSERT INTO attack VALUES (?, ?, ?, ?, ?, ?)", "iisdds", run_id,
                    attack_no, attack->attack, attack->start, attack->stop, attack->params))
        return FALSE;
    for (guint i = 0; i < attack->nodes->len; i++) {
        const struct tg_attack_node *n = &g_array_index(attack->nodes, struct tg_attack_node, i);
        if (!ds_execute(store, error, "INSERT INTO attack_node VALUES (?, ?, ?, ?)", "iiis", run_id,
                        attack_no, n->node, n->role))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_known(ds_labeller *labeller, ds_store *store, gint64 run_id, GError **error)
{
    const tg_manifest *manifest = labeller->manifest;
    for (guint i = 0; i < manifest->nodes->len; i++) {
        const struct tg_node *n = &g_array_index(manifest->nodes, struct tg_node, i);
        if (!ds_execute(store, error,
                        "INSERT INTO node (run_id, node, role, x, y, gateway, address)"
                        " VALUES (?, ?, ?, ?, ?, nullif(?6, -1), nullif(?7, ?2))",
                        "iisddii", run_id, n->node, n->role, n->x, n->y,
                        n->gateway == TG_ABSENT ? -1 : n->gateway, n->address))
            return FALSE;
    }
    for (guint i = 0; i < manifest->interfaces->len; i++) {
        const struct tg_interface *f = &g_array_index(manifest->interfaces, struct tg_interface, i);
        if (!ds_execute(store, error, "INSERT INTO interface VALUES (?, ?, ?, ?)", "iiii", run_id,
                        f->mac, f->node, (gint64)f->hidden))
            return FALSE;
    }
    for (guint i = 0; manifest->attacks && i < manifest->attacks->len; i++)
        if (!write_attack(&g_array_index(manifest->attacks, struct tg_attack, i), i + 1, store,
                          run_id, error))
            return FALSE;
    return TRUE;
}

static gboolean write_inferred(ds_labeller *labeller, ds_store *store, gint64 run_id,
                               GError **error)
{
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, labeller->nodes);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        if (!ds_execute(store, error, "INSERT INTO node (run_id, node) VALUES (?, ?)", "ii", run_id,
                        *(gint64 *)key))
            return FALSE;
    return TRUE;
}

gboolean ds_labeller_write(ds_labeller *labeller, ds_store *store, gint64 run_id, GError **error)
{
    gboolean (*write_network)(ds_labeller *, ds_store *, gint64, GError **) =
        labeller->manifest ? write_known : write_inferred;
    return write_network(labeller, store, run_id, error) &&
           write_owners(labeller, store, run_id, error) &&
           write_flows(labeller, store, run_id, error);
}
