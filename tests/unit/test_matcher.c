/* ds_matchers: what is remembered of shapes does not change what is said of their lines. */
#include "dataset/matcher.h"

enum { N_MAC = 50, N_EVENT = 100 * 1000 };

static void add_node(tg_manifest *manifest, gint64 node, gint64 address)
{
    const struct tg_node n = {.node = node, .address = address, .gateway = TG_ABSENT};
    g_array_append_val(manifest->nodes, n);
}

static tg_manifest *new_manifest(void)
{
    tg_manifest *manifest = g_new0(tg_manifest, 1);
    manifest->nodes = g_array_new(FALSE, FALSE, sizeof(struct tg_node));
    manifest->flows = g_array_new(FALSE, FALSE, sizeof(struct tg_flow));
    manifest->interfaces = g_array_new(FALSE, FALSE, sizeof(struct tg_interface));
    manifest->attacks = tg_attacks_new();
    add_node(manifest, 0, 0);
    add_node(manifest, 1, 4096);
    return manifest;
}

/* An attack of which one matcher is known; it stops at 1000 s. */
static struct tg_attack *add_attack(tg_manifest *manifest, double start,
                                    const struct tg_matcher *matcher)
{
    struct tg_attack attack = {
        .start = start,
        .stop = 1000,
        .nodes = g_array_new(FALSE, FALSE, sizeof(struct tg_attack_node)),
        .labels = g_array_new(FALSE, FALSE, sizeof(struct tg_matcher)),
    };
    g_array_append_val(attack.labels, *matcher);
    g_array_append_val(manifest->attacks, attack);
    return &g_array_index(manifest->attacks, struct tg_attack, manifest->attacks->len - 1);
}

static struct tg_event an_event(void)
{
    struct tg_event event = {.op = 's', .node = 0, .layer = {"MAC", 3}};
    event.src = event.dst = event.route_src = event.route_dst = TG_ABSENT;
    event.mac_src = event.mac_dst = event.arp_src_mac = event.arp_dst_mac = TG_ABSENT;
    return event;
}

static ds_verdict judge(ds_matchers *matchers, const struct tg_event *event)
{
    return ds_matchers_judge(matchers, ds_matchers_select(matchers, event, TG_ABSENT), event,
                             TG_ABSENT);
}

/*
 * Attacks that begin in reverse order, each known by a MAC number; events with any four of these.
 * So there are more lists of matchers than are remembered.
 */
static void test_many(void)
{
    g_autoptr(tg_manifest) manifest = new_manifest();
    for (int i = 0; i < N_MAC; i++) {
        const struct tg_matcher m = {.conditions = TG_MATCH_MAC,
                                     .mac = 100 + i,
                                     .covert = i % 3 == 0};
        add_attack(manifest, N_MAC - i, &m);
    }
    g_autoptr(ds_matchers) matchers = ds_matchers_new(manifest);
    g_autoptr(GHashTable) lists = g_hash_table_new(NULL, NULL);
    for (int n = 0; n < N_EVENT; n++) {
        struct tg_event event = an_event();
        gint64 *const macs[] = {&event.mac_src, &event.mac_dst, &event.arp_src_mac,
                                &event.arp_dst_mac};
        gboolean names[N_MAC] = {FALSE};
        for (int i = 0; i < 4; i++) {
            const int no = g_test_rand_int_range(0, N_MAC);
            *macs[i] = 100 + no;
            names[no] = TRUE;
        }
        const guint16 list = ds_matchers_select(matchers, &event, TG_ABSENT);
        g_hash_table_add(lists, GUINT_TO_POINTER(list));
        event.time = g_test_rand_int_range(0, N_MAC + 1);
        int first = N_MAC;
        gboolean covert = FALSE;
        for (int i = N_MAC - 1; i >= 0; i--)
            if (names[i] && event.time >= N_MAC - i) {
                first = i;
                covert |= i % 3 == 0;
            }
        const ds_verdict verdict = ds_matchers_judge(matchers, list, &event, TG_ABSENT);
        g_assert_cmpint(ds_verdict_attack(verdict), ==, first < N_MAC);
        g_assert_cmpint(ds_verdict_attack_no(verdict), ==, first < N_MAC ? first + 1 : TG_ABSENT);
        g_assert_cmpint(ds_verdict_covert(verdict), ==, covert);
    }
    g_assert_true(g_hash_table_contains(lists, GUINT_TO_POINTER(G_MAXUINT16)));
}

/* A matcher that always holds leaves nothing to later ones, unless they begin earlier. */
static void test_order(void)
{
    g_autoptr(tg_manifest) manifest = new_manifest();
    const struct tg_matcher sends = {.conditions = TG_MATCH_OP, .op = 's'};
    const struct tg_matcher at_mac = {.conditions = TG_MATCH_LAYER, .layer = g_strdup("MAC")};
    add_attack(manifest, 2, &sends);
    add_attack(manifest, 1, &at_mac);
    g_autoptr(ds_matchers) matchers = ds_matchers_new(manifest);
    struct tg_event event = an_event();
    static const gint64 wanted[] = {TG_ABSENT, 2, 1, 1};
    for (int t = 0; t < 4; t++) {
        event.time = t;
        g_assert_cmpint(ds_verdict_attack_no(judge(matchers, &event)), ==, wanted[t]);
    }
    event.op = 'r';
    g_assert_cmpint(ds_verdict_attack_no(judge(matchers, &event)), ==, 2);
    event.layer = (struct tg_text){NULL, 0};
    g_assert_cmpint(judge(matchers, &event), ==, 0);
    g_assert_cmpuint(ds_matchers_select(matchers, &event, TG_ABSENT), ==, 0);
    g_free(at_mac.layer);
}

/* The attack that is at work has an event, otherwise the first that has begun; all tell covert. */
static void test_windows(void)
{
    g_autoptr(tg_manifest) manifest = new_manifest();
    const struct tg_matcher at_0 = {.conditions = TG_MATCH_NODE, .node = 0};
    const struct tg_matcher sends = {.conditions = TG_MATCH_OP, .op = 's', .covert = TRUE};
    const struct tg_matcher of_flow = {.conditions = TG_MATCH_FLOW, .flow = 3};
    const struct tg_matcher between = {.conditions = TG_MATCH_BETWEEN, .between = {0, 1}};
    add_attack(manifest, 0, &at_0)->stop = 2;
    add_attack(manifest, 4, &sends)->stop = 6;
    add_attack(manifest, 1, &of_flow)->stop = 8;
    add_attack(manifest, 7, &between)->stop = 9;
    g_autoptr(ds_matchers) matchers = ds_matchers_new(manifest);
    static const struct {
        gint64 attack_no, covert;
    } wanted[] = {{1, 0}, {1, 0}, {3, 0}, {3, 0}, {2, 1}, {2, 1}, {3, 1}, {3, 1}, {4, 1}, {1, 1}};
    struct tg_event event = an_event();
    event.route_op = (struct tg_text){"REQUEST", 7};
    event.route_src = 4096;
    event.route_dst = 0;
    const guint16 list = ds_matchers_select(matchers, &event, 3);
    for (gsize t = 0; t < G_N_ELEMENTS(wanted); t++) {
        event.time = (double)t;
        const ds_verdict verdict = ds_matchers_judge(matchers, list, &event, 3);
        g_assert_cmpint(ds_verdict_attack_no(verdict), ==, wanted[t].attack_no);
        g_assert_cmpint(ds_verdict_covert(verdict), ==, wanted[t].covert);
    }
}

/* Labels by the hundred thousand, all the same and all different: this must not take minutes. */
static void test_crowd(void)
{
    enum { N = 300 * 1000 };
    g_autoptr(tg_manifest) manifest = new_manifest();
    const struct tg_matcher sends = {.conditions = TG_MATCH_OP, .op = 's'};
    GArray *labels = add_attack(manifest, 0, &sends)->labels;
    for (int i = 0; i < N; i++) {
        const struct tg_matcher many[] = {{.conditions = TG_MATCH_BETWEEN, .between = {0, 1}},
                                          {.conditions = TG_MATCH_BETWEEN,
                                           .between = {i % 500, 500 + i / 500}},
                                          {.conditions = TG_MATCH_FLOW, .flow = i},
                                          {.conditions = TG_MATCH_FLOW, .flow = 7}};
        g_array_append_vals(labels, many, G_N_ELEMENTS(many));
    }
    g_autoptr(ds_matchers) matchers = ds_matchers_new(manifest);
    struct tg_event event = an_event();
    event.op = 'r';
    event.route_op = (struct tg_text){"REQUEST", 7};
    event.route_src = 7;
    for (int i = 0; i < N; i++) {
        event.route_dst = 500 + i % 1200;
        const guint16 list = ds_matchers_select(matchers, &event, i % 2 ? TG_ABSENT : i);
        const ds_verdict verdict = ds_matchers_judge(matchers, list, &event, i % 2 ? TG_ABSENT : i);
        g_assert_cmpint(ds_verdict_attack(verdict), ==, i % 2 == 0 || event.route_dst < 1100);
    }
}

/* So are flows by the hundred thousand in a manifest that lists no attacks. */
static void test_flows(void)
{
    enum { N = 200 * 1000 };
    g_autoptr(tg_manifest) manifest = new_manifest();
    g_clear_pointer(&manifest->attacks, g_array_unref);
    for (int i = 0; i < 2 * N; i++) {
        const struct tg_flow flow = {.flow = i,
                                     .src = i % N % 500,
                                     .dst = i < N ? 1000 : 2000 + i % N / 500,
                                     .attack = i >= N};
        g_array_append_val(manifest->flows, flow);
    }
    g_autoptr(ds_matchers) matchers = ds_matchers_new(manifest);
    struct tg_event event = an_event();
    event.route_op = (struct tg_text){"REQUEST", 7};
    event.route_src = 2;
    static const gint64 dst[] = {1000, 2000, 2399, 2400};
    for (gsize i = 0; i < G_N_ELEMENTS(dst); i++) {
        event.route_dst = dst[i];
        g_assert_cmpint(judge(matchers, &event), ==, i == 1 || i == 2);
    }
}

/* Lines of one shape differ in what their routing packets are about. */
static void test_routes(void)
{
    g_autoptr(tg_manifest) manifest = new_manifest();
    const struct tg_matcher between = {.conditions = TG_MATCH_BETWEEN, .between = {0, 1}};
    const struct tg_matcher nobody = {.conditions = TG_MATCH_SEEKING_NOBODY, .seeker = 1};
    add_attack(manifest, 0, &between);
    add_attack(manifest, 0, &nobody);
    g_autoptr(ds_matchers) matchers = ds_matchers_new(manifest);
    static const struct {
        gint64 src, dst, wanted;
    } cases[] = {
        {0, 4096, 1},      {4096, 0, 1}, {0, 1, TG_ABSENT}, {4096, 1, 2}, {4096, 4096, TG_ABSENT},
        {0, 7, TG_ABSENT}, {4096, 7, 2}};
    struct tg_event event = an_event();
    event.route_op = (struct tg_text){"REQUEST", 7};
    const guint16 list = ds_matchers_select(matchers, &event, TG_ABSENT);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        event.route_src = cases[i].src;
        event.route_dst = cases[i].dst;
        const ds_verdict verdict = ds_matchers_judge(matchers, list, &event, TG_ABSENT);
        g_assert_cmpint(ds_verdict_attack_no(verdict), ==, cases[i].wanted);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/matcher/many", test_many);
    g_test_add_func("/matcher/order", test_order);
    g_test_add_func("/matcher/windows", test_windows);
    g_test_add_func("/matcher/crowd", test_crowd);
    g_test_add_func("/matcher/flows", test_flows);
    g_test_add_func("/matcher/routes", test_routes);
    return g_test_run();
}
