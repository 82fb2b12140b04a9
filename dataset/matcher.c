#include "dataset/matcher.h"

#include <string.h>

/* Lists beyond that are not remembered: such a manifest costs time, not memory. */
enum { MAX_LIST = G_MAXUINT16 };

/* A matcher with the addresses by which packets know its nodes. */
struct compiled {
    struct tg_matcher of; /* texts are the manifest's */
    double start;         /* s */
    gint64 between[2], seeker;
    ds_verdict verdict;
};

struct ds_matchers {
    GArray *all;           /* of struct compiled, first come first served */
    GHashTable *addresses; /* node -> address */
    GHashTable *known;     /* addresses of nodes */
    GHashTable *owners;    /* MAC number -> node */
    GPtrArray *lists;      /* of GBytes: guint numbers of matchers, ascending; [0] is empty */
    GHashTable *list_no;   /* GBytes -> position in lists */
    GArray *list;          /* of guint; the one in the making */
};

/* ---- making them -------------------------------------------------------- */

static gint64 address_of(const ds_matchers *matchers, gint64 node)
{
    const gint64 *address = g_hash_table_lookup(matchers->addresses, &node);
    return address ? *address : node;
}

static void map(GHashTable *table, gint64 key, gint64 value)
{
    g_hash_table_insert(table, g_memdup2(&key, sizeof key), g_memdup2(&value, sizeof value));
}

/*
 * The earliest time that a trace can print for what happens at `start`: wireless lines round to the
 * nanosecond.
 */
static double as_printed(double start)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(text, sizeof text, "%.9f", start);
    return MIN(start, g_ascii_strtod(text, NULL));
}

static void add(ds_matchers *matchers, const struct tg_matcher *of, double start, gint64 attack_no)
{
    const struct compiled compiled = {
        .of = *of,
        .start = as_printed(start),
        .between = {address_of(matchers, of->between[0]), address_of(matchers, of->between[1])},
        .seeker = address_of(matchers, of->seeker),
        .verdict = attack_no << 2 | (of->covert ? 2 : 0) | 1,
    };
    g_array_append_val(matchers->all, compiled);
}

static void add_attacks(ds_matchers *matchers, const GArray *attacks)
{
    for (guint i = 0; i < attacks->len; i++) {
        const struct tg_attack *attack = &g_array_index(attacks, struct tg_attack, i);
        for (guint j = 0; j < attack->labels->len; j++)
            add(matchers, &g_array_index(attack->labels, struct tg_matcher, j), attack->start,
                i + 1);
    }
}

static gboolean has_honest_flow(const tg_manifest *manifest, gint64 a, gint64 b)
{
    for (guint i = 0; i < manifest->flows->len; i++) {
        const struct tg_flow *flow = &g_array_index(manifest->flows, struct tg_flow, i);
        if (!flow->attack &&
            ((flow->src == a && flow->dst == b) || (flow->src == b && flow->dst == a)))
            return TRUE;
    }
    return FALSE;
}

/* Covert ones first: what is both is covert. */
static void add_implied(ds_matchers *matchers, const tg_manifest *manifest)
{
    for (guint i = 0; i < manifest->interfaces->len; i++) {
        const struct tg_interface *interface =
            &g_array_index(manifest->interfaces, struct tg_interface, i);
        const struct tg_matcher crosses = {.conditions = TG_MATCH_MAC,
                                           .mac = interface->mac,
                                           .covert = TRUE};
        if (interface->hidden)
            add(matchers, &crosses, 0, 0);
    }
    for (guint i = 0; i < manifest->flows->len; i++) {
        const struct tg_flow *flow = &g_array_index(manifest->flows, struct tg_flow, i);
        const struct tg_matcher packet = {.conditions = TG_MATCH_FLOW, .flow = flow->flow};
        const struct tg_matcher route = {.conditions = TG_MATCH_BETWEEN,
                                         .between = {flow->src, flow->dst}};
        if (!flow->attack)
            continue;
        add(matchers, &packet, 0, 0);
        if (!has_honest_flow(manifest, flow->src, flow->dst))
            add(matchers, &route, 0, 0);
    }
}

ds_matchers *ds_matchers_new(const tg_manifest *manifest)
{
    ds_matchers *matchers = g_new0(ds_matchers, 1);
    matchers->all = g_array_new(FALSE, FALSE, sizeof(struct compiled));
    matchers->addresses = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    matchers->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    matchers->owners = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    matchers->lists = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    matchers->list_no = g_hash_table_new(g_bytes_hash, g_bytes_equal);
    matchers->list = g_array_new(FALSE, FALSE, sizeof(guint));
    g_ptr_array_add(matchers->lists, g_bytes_new(NULL, 0));
    for (guint i = 0; i < manifest->nodes->len; i++) {
        const struct tg_node *node = &g_array_index(manifest->nodes, struct tg_node, i);
        map(matchers->addresses, node->node, node->address);
        map(matchers->known, node->address, node->node);
    }
    for (guint i = 0; i < manifest->interfaces->len; i++) {
        const struct tg_interface *interface =
            &g_array_index(manifest->interfaces, struct tg_interface, i);
        map(matchers->owners, interface->mac, interface->node);
    }
    if (manifest->attacks)
        add_attacks(matchers, manifest->attacks);
    else
        add_implied(matchers, manifest);
    return matchers;
}

void ds_matchers_free(ds_matchers *matchers)
{
    if (!matchers)
        return;
    g_array_unref(matchers->all);
    g_hash_table_unref(matchers->addresses);
    g_hash_table_unref(matchers->known);
    g_hash_table_unref(matchers->owners);
    g_hash_table_unref(matchers->list_no);
    g_ptr_array_unref(matchers->lists);
    g_array_unref(matchers->list);
    g_free(matchers);
}

/* ---- what all lines of a shape share ------------------------------------ */

static gboolean is_word(struct tg_text text, const char *word)
{
    return text.at && tg_text_is(text, word);
}

static gboolean names_mac(const struct tg_event *e, gint64 mac)
{
    return e->mac_src == mac || e->mac_dst == mac || e->arp_src_mac == mac || e->arp_dst_mac == mac;
}

static gboolean is_foreign(const ds_matchers *matchers, const struct tg_event *e)
{
    return e->src != TG_ABSENT && e->src != address_of(matchers, e->node);
}

/* Before a packet has a MAC header its fields are printed as 0, as is the sender of CTS and ACK. */
static gboolean is_foreign_mac(const ds_matchers *matchers, const struct tg_event *e)
{
    if (e->mac_src == TG_ABSENT || (e->mac_type <= 0 && !is_word(e->ptype, "RTS")))
        return FALSE;
    const gint64 *owner = g_hash_table_lookup(matchers->owners, &e->mac_src);
    return owner && *owner != e->node;
}

static gboolean is_about_route(const struct tg_event *e)
{
    return e->route_op.at || e->route_dst != TG_ABSENT;
}

/* Whether everything holds that does not differ between lines of the same kind, place and ends. */
static gboolean may_hold(const ds_matchers *matchers, const struct compiled *c,
                         const struct tg_event *e, gint64 flow)
{
    const struct tg_matcher *m = &c->of;
    const guint asked = m->conditions;
    return (!(asked & TG_MATCH_FLOW) || m->flow == flow) &&
           (!(asked & TG_MATCH_NODE) || m->node == e->node) &&
           (!(asked & TG_MATCH_MAC) || names_mac(e, m->mac)) &&
           (!(asked & TG_MATCH_OP) || m->op == e->op) &&
           (!(asked & TG_MATCH_LAYER) || is_word(e->layer, m->layer)) &&
           (!(asked & TG_MATCH_PTYPE) || is_word(e->ptype, m->ptype)) &&
           (!(asked & TG_MATCH_SRC) || m->src == e->src) &&
           (!(asked & TG_MATCH_SPORT) || m->sport == e->sport) &&
           (!(asked & TG_MATCH_DST) || m->dst == e->dst) &&
           (!(asked & TG_MATCH_UNEXPLAINED) || !e->reason.at) &&
           (!(asked & TG_MATCH_FOREIGN) || is_foreign(matchers, e)) &&
           (!(asked & TG_MATCH_FOREIGN_MAC) || is_foreign_mac(matchers, e)) &&
           (!(asked & TG_MATCH_BETWEEN) || is_about_route(e)) &&
           (!(asked & TG_MATCH_SEEKING_NOBODY) || is_word(e->route_op, "REQUEST"));
}

/* What is in the tail of a line, and so may differ from line to line. */
static const guint of_line = TG_MATCH_BETWEEN | TG_MATCH_SEEKING_NOBODY;

/* Whether a matcher of the list leaves nothing to this one. */
static gboolean is_hidden(const ds_matchers *matchers, const struct compiled *c)
{
    for (guint i = 0; i < matchers->list->len; i++) {
        const guint no = g_array_index(matchers->list, guint, i);
        const struct compiled *before = &g_array_index(matchers->all, struct compiled, no);
        if (before->start <= c->start && !(before->of.conditions & of_line))
            return TRUE;
    }
    return FALSE;
}

static guint16 number_list(ds_matchers *matchers)
{
    const gsize size = matchers->list->len * sizeof(guint);
    g_autoptr(GBytes) list = g_bytes_new(matchers->list->data, size);
    gpointer found = g_hash_table_lookup(matchers->list_no, list);
    if (found || matchers->lists->len == MAX_LIST)
        return found ? (guint16)GPOINTER_TO_UINT(found) : MAX_LIST;
    const guint number = matchers->lists->len;
    g_hash_table_insert(matchers->list_no, list, GUINT_TO_POINTER(number));
    g_ptr_array_add(matchers->lists, g_steal_pointer(&list));
    return (guint16)number;
}

guint16 ds_matchers_select(ds_matchers *matchers, const struct tg_event *event, gint64 flow)
{
    g_array_set_size(matchers->list, 0);
    for (guint i = 0; i < matchers->all->len; i++) {
        const struct compiled *c = &g_array_index(matchers->all, struct compiled, i);
        if (may_hold(matchers, c, event, flow) && !is_hidden(matchers, c))
            g_array_append_val(matchers->list, i);
    }
    return matchers->list->len > 0 ? number_list(matchers) : 0;
}

/* ---- line by line ------------------------------------------------------- */

/* A request names both ends; a reply and an error the far one, and the near one is known by it. */
static gboolean is_between(const ds_matchers *matchers, const struct tg_event *e,
                           const gint64 ends[2])
{
    if (e->route_dst == TG_ABSENT)
        return FALSE;
    const gint64 other = e->route_src != TG_ABSENT       ? e->route_src
                         : is_word(e->route_op, "REPLY") ? e->dst
                                                         : address_of(matchers, e->node);
    return (ends[0] == other && ends[1] == e->route_dst) ||
           (ends[1] == other && ends[0] == e->route_dst);
}

static gboolean seeks_nobody(const ds_matchers *matchers, const struct tg_event *e, gint64 seeker)
{
    return e->route_src == seeker && e->route_dst != TG_ABSENT &&
           !g_hash_table_contains(matchers->known, &e->route_dst);
}

static gboolean holds(const ds_matchers *matchers, const struct compiled *c,
                      const struct tg_event *e)
{
    const guint asked = c->of.conditions;
    return e->time >= c->start &&
           (!(asked & TG_MATCH_BETWEEN) || is_between(matchers, e, c->between)) &&
           (!(asked & TG_MATCH_SEEKING_NOBODY) || seeks_nobody(matchers, e, c->seeker));
}

static ds_verdict judge_anew(const ds_matchers *matchers, const struct tg_event *event, gint64 flow)
{
    for (guint i = 0; i < matchers->all->len; i++) {
        const struct compiled *c = &g_array_index(matchers->all, struct compiled, i);
        if (may_hold(matchers, c, event, flow) && holds(matchers, c, event))
            return c->verdict;
    }
    return 0;
}

ds_verdict ds_matchers_judge(ds_matchers *matchers, guint16 list, const struct tg_event *event,
                             gint64 flow)
{
    if (list == MAX_LIST)
        return judge_anew(matchers, event, flow);
    gsize size;
    const guint *numbers = g_bytes_get_data(matchers->lists->pdata[list], &size);
    for (gsize i = 0; i < size / sizeof *numbers; i++) {
        const struct compiled *c = &g_array_index(matchers->all, struct compiled, numbers[i]);
        if (holds(matchers, c, event))
            return c->verdict;
    }
    return 0;
}
