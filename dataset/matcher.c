#include "dataset/matcher.h"

#include <string.h>

/*
 * Lists beyond these are not remembered, and what they would say is found line by line: such a
 * manifest costs time, not memory.
 */
enum { MAX_LIST = G_MAXUINT16, MAX_LIST_BYTES = 64 * 1024 * 1024 };

/* Stands in a list for all matchers of `by_pair`. */
enum { PAIRS = G_MAXINT32 };

/* The addresses of two nodes, the smaller one first. */
struct pair {
    gint64 a, b;
};

/* A matcher with the addresses by which packets know its nodes. */
struct compiled {
    struct tg_matcher of; /* texts are the manifest's */
    double start, stop;   /* s */
    gint64 attack_no;     /* 0: the manifest numbers none */
    struct pair between;
    gint64 seeker;
};

struct ds_matchers {
    GArray *all;           /* of struct compiled, attack by attack */
    GArray *others;        /* of guint: numbers of those that neither of the next two has */
    GHashTable *by_flow;   /* flow -> GArray of guint: those that ask for the flow alone */
    GHashTable *by_pair;   /* struct pair -> likewise, for a way between two nodes alone */
    GHashTable *addresses; /* node -> address */
    GHashTable *known;     /* addresses of nodes */
    GHashTable *owners;    /* MAC number -> node */
    GPtrArray *lists;      /* of GBytes: guint numbers of matchers; [0] is empty */
    GHashTable *list_no;   /* GBytes -> position in lists */
    gsize list_bytes;      /* in all of them */
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

static guint hash_pair(gconstpointer key)
{
    const struct pair *p = key;
    const guint64 h = ((guint64)p->a * 0x9e3779b97f4a7c15u ^ (guint64)p->b) * 0x9e3779b97f4a7c15u;
    return (guint)(h >> 32);
}

static gboolean equal_pairs(gconstpointer a, gconstpointer b)
{
    const struct pair *p = a, *q = b;
    return p->a == q->a && p->b == q->b;
}

static struct pair pair_of(gint64 a, gint64 b)
{
    return (struct pair){MIN(a, b), MAX(a, b)};
}

/* What a matcher of the same attack, equally covert, has said already. */
static gboolean is_in(const ds_matchers *matchers, const GArray *numbers, const struct compiled *c)
{
    for (guint i = numbers->len; i > 0; i--) {
        const guint no = g_array_index(numbers, guint, i - 1);
        const struct compiled *before = &g_array_index(matchers->all, struct compiled, no);
        if (before->attack_no != c->attack_no)
            return FALSE;
        if (before->of.covert == c->of.covert)
            return TRUE;
    }
    return FALSE;
}

/* The numbers below that key, of which `size` bytes are kept. */
static GArray *numbers_of(GHashTable *table, gconstpointer key, gsize size)
{
    GArray *numbers = g_hash_table_lookup(table, key);
    if (!numbers) {
        numbers = g_array_new(FALSE, FALSE, sizeof(guint));
        g_hash_table_insert(table, g_memdup2(key, size), numbers);
    }
    return numbers;
}

static void add(ds_matchers *matchers, const struct tg_matcher *of, const struct compiled *when)
{
    const struct compiled compiled = {
        .of = *of,
        .start = when->start,
        .stop = when->stop,
        .attack_no = when->attack_no,
        .between =
            pair_of(address_of(matchers, of->between[0]), address_of(matchers, of->between[1])),
        .seeker = address_of(matchers, of->seeker),
    };
    const guint no = matchers->all->len;
    GArray *numbers =
        of->conditions == TG_MATCH_FLOW ? numbers_of(matchers->by_flow, &of->flow, sizeof of->flow)
        : of->conditions == TG_MATCH_BETWEEN
            ? numbers_of(matchers->by_pair, &compiled.between, sizeof compiled.between)
            : matchers->others;
    if (numbers != matchers->others && is_in(matchers, numbers, &compiled))
        return;
    g_array_append_val(matchers->all, compiled);
    g_array_append_val(numbers, no);
}

static void add_attacks(ds_matchers *matchers, const GArray *attacks)
{
    for (guint i = 0; i < attacks->len; i++) {
        const struct tg_attack *attack = &g_array_index(attacks, struct tg_attack, i);
        const struct compiled when = {.start = as_printed(attack->start),
                                      .stop = as_printed(attack->stop),
                                      .attack_no = i + 1};
        for (guint j = 0; j < attack->labels->len; j++)
            add(matchers, &g_array_index(attack->labels, struct tg_matcher, j), &when);
    }
}

/* The ends of all flows that are no attack. */
static GHashTable *find_honest(const tg_manifest *manifest)
{
    GHashTable *pairs = g_hash_table_new_full(hash_pair, equal_pairs, g_free, NULL);
    for (guint i = 0; i < manifest->flows->len; i++) {
        const struct tg_flow *flow = &g_array_index(manifest->flows, struct tg_flow, i);
        const struct pair ends = pair_of(flow->src, flow->dst);
        if (!flow->attack)
            g_hash_table_add(pairs, g_memdup2(&ends, sizeof ends));
    }
    return pairs;
}

static void add_implied(ds_matchers *matchers, const tg_manifest *manifest)
{
    static const struct compiled always = {.start = 0, .stop = G_MAXDOUBLE};
    g_autoptr(GHashTable) honest = find_honest(manifest);
    for (guint i = 0; i < manifest->interfaces->len; i++) {
        const struct tg_interface *interface =
            &g_array_index(manifest->interfaces, struct tg_interface, i);
        const struct tg_matcher crosses = {.conditions = TG_MATCH_MAC,
                                           .mac = interface->mac,
                                           .covert = TRUE};
        if (interface->hidden)
            add(matchers, &crosses, &always);
    }
    for (guint i = 0; i < manifest->flows->len; i++) {
        const struct tg_flow *flow = &g_array_index(manifest->flows, struct tg_flow, i);
        const struct pair ends = pair_of(flow->src, flow->dst);
        const struct tg_matcher packet = {.conditions = TG_MATCH_FLOW, .flow = flow->flow};
        const struct tg_matcher route = {.conditions = TG_MATCH_BETWEEN,
                                         .between = {flow->src, flow->dst}};
        if (!flow->attack)
            continue;
        add(matchers, &packet, &always);
        if (!g_hash_table_contains(honest, &ends))
            add(matchers, &route, &always);
    }
}

static void free_numbers(gpointer numbers)
{
    g_array_unref(numbers);
}

ds_matchers *ds_matchers_new(const tg_manifest *manifest)
{
    ds_matchers *matchers = g_new0(ds_matchers, 1);
    matchers->all = g_array_new(FALSE, FALSE, sizeof(struct compiled));
    matchers->others = g_array_new(FALSE, FALSE, sizeof(guint));
    matchers->by_flow = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_numbers);
    matchers->by_pair = g_hash_table_new_full(hash_pair, equal_pairs, g_free, free_numbers);
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
    g_array_unref(matchers->others);
    g_hash_table_unref(matchers->by_flow);
    g_hash_table_unref(matchers->by_pair);
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

/* Is there one in the list that says the same, whatever the line, as one that asks nothing of it?
 */
static gboolean is_said(const struct compiled *c, const struct compiled *said[2])
{
    const struct compiled **before = &said[c->of.covert];
    if (c->of.conditions & of_line)
        return FALSE;
    if (*before && (*before)->attack_no == c->attack_no)
        return TRUE;
    *before = c;
    return FALSE;
}

static guint16 number_list(ds_matchers *matchers)
{
    const gsize size = matchers->list->len * sizeof(guint);
    g_autoptr(GBytes) list = g_bytes_new(matchers->list->data, size);
    gpointer found = g_hash_table_lookup(matchers->list_no, list);
    if (found)
        return (guint16)GPOINTER_TO_UINT(found);
    if (matchers->lists->len == MAX_LIST || matchers->list_bytes + size > MAX_LIST_BYTES)
        return MAX_LIST;
    const guint number = matchers->lists->len;
    matchers->list_bytes += size;
    g_hash_table_insert(matchers->list_no, list, GUINT_TO_POINTER(number));
    g_ptr_array_add(matchers->lists, g_steal_pointer(&list));
    return (guint16)number;
}

static const struct compiled *number(const ds_matchers *matchers, const GArray *numbers, guint i)
{
    return &g_array_index(matchers->all, struct compiled, g_array_index(numbers, guint, i));
}

guint16 ds_matchers_select(ds_matchers *matchers, const struct tg_event *event, gint64 flow)
{
    static const guint pairs = PAIRS;
    const GArray *of_flow = g_hash_table_lookup(matchers->by_flow, &flow);
    const struct compiled *said[2] = {NULL};
    g_array_set_size(matchers->list, 0);
    for (guint i = 0; i < matchers->others->len; i++) {
        const struct compiled *c = number(matchers, matchers->others, i);
        if (may_hold(matchers, c, event, flow) && !is_said(c, said))
            g_array_append_val(matchers->list, g_array_index(matchers->others, guint, i));
    }
    if (of_flow)
        g_array_append_vals(matchers->list, of_flow->data, of_flow->len);
    if (g_hash_table_size(matchers->by_pair) > 0 && is_about_route(event))
        g_array_append_val(matchers->list, pairs);
    return matchers->list->len > 0 ? number_list(matchers) : 0;
}

/* ---- line by line ------------------------------------------------------- */

/*
 * The ends of the way that a line is about. A request names both; a reply and an error the far one,
 * and the near one is known by it.
 */
static gboolean find_route(const ds_matchers *matchers, const struct tg_event *e, struct pair *ends)
{
    if (e->route_dst == TG_ABSENT)
        return FALSE;
    const gint64 other = e->route_src != TG_ABSENT       ? e->route_src
                         : is_word(e->route_op, "REPLY") ? e->dst
                                                         : address_of(matchers, e->node);
    *ends = pair_of(other, e->route_dst);
    return TRUE;
}

static gboolean is_between(const ds_matchers *matchers, const struct tg_event *e,
                           const struct pair *nodes)
{
    struct pair ends;
    return find_route(matchers, e, &ends) && equal_pairs(&ends, nodes);
}

static gboolean seeks_nobody(const ds_matchers *matchers, const struct tg_event *e, gint64 seeker)
{
    return e->route_src == seeker && e->route_dst != TG_ABSENT &&
           !g_hash_table_contains(matchers->known, &e->route_dst);
}

/* What the matchers looked at so far say of an event. */
struct opinion {
    guint first,
        at_work; /* the first that holds, and of those whose attack is at work; G_MAXUINT */
    gboolean covert;
};

static void hear(const ds_matchers *matchers, guint no, const struct tg_event *e,
                 struct opinion *opinion)
{
    const struct compiled *c = &g_array_index(matchers->all, struct compiled, no);
    const guint asked = c->of.conditions;
    if (e->time < c->start ||
        (asked & TG_MATCH_SEEKING_NOBODY && !seeks_nobody(matchers, e, c->seeker)) ||
        (asked & TG_MATCH_BETWEEN && !is_between(matchers, e, &c->between)))
        return;
    opinion->covert |= c->of.covert;
    opinion->first = MIN(opinion->first, no);
    if (e->time < c->stop)
        opinion->at_work = MIN(opinion->at_work, no);
}

static void hear_all(const ds_matchers *matchers, const GArray *numbers, const struct tg_event *e,
                     struct opinion *opinion)
{
    for (guint i = 0; numbers && i < numbers->len; i++)
        hear(matchers, g_array_index(numbers, guint, i), e, opinion);
}

static void hear_pairs(const ds_matchers *matchers, const struct tg_event *e,
                       struct opinion *opinion)
{
    struct pair ends;
    if (find_route(matchers, e, &ends))
        hear_all(matchers, g_hash_table_lookup(matchers->by_pair, &ends), e, opinion);
}

static void hear_anew(const ds_matchers *matchers, const struct tg_event *e, gint64 flow,
                      struct opinion *opinion)
{
    for (guint i = 0; i < matchers->others->len; i++)
        if (may_hold(matchers, number(matchers, matchers->others, i), e, flow))
            hear(matchers, g_array_index(matchers->others, guint, i), e, opinion);
    hear_all(matchers, g_hash_table_lookup(matchers->by_flow, &flow), e, opinion);
    if (is_about_route(e))
        hear_pairs(matchers, e, opinion);
}

static void hear_list(const ds_matchers *matchers, GBytes *list, const struct tg_event *e,
                      struct opinion *opinion)
{
    gsize size;
    const guint *numbers = g_bytes_get_data(list, &size);
    for (gsize i = 0; i < size / sizeof *numbers; i++)
        if (numbers[i] == PAIRS)
            hear_pairs(matchers, e, opinion);
        else
            hear(matchers, numbers[i], e, opinion);
}

ds_verdict ds_matchers_judge(ds_matchers *matchers, guint16 list, const struct tg_event *event,
                             gint64 flow)
{
    struct opinion opinion = {G_MAXUINT, G_MAXUINT, FALSE};
    if (list == MAX_LIST)
        hear_anew(matchers, event, flow, &opinion);
    else
        hear_list(matchers, matchers->lists->pdata[list], event, &opinion);
    if (opinion.first == G_MAXUINT)
        return 0;
    const guint no = opinion.at_work != G_MAXUINT ? opinion.at_work : opinion.first;
    const gint64 attack_no = g_array_index(matchers->all, struct compiled, no).attack_no;
    return attack_no << 2 | (opinion.covert ? 2 : 0) | 1;
}
