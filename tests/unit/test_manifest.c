/* tg_manifest_read(): what a manifest says arrives, and what is wrong with one is named. */
#include "tracegen/error.h"
#include "tracegen/manifest.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char good[] =
    "{\"format\": \"adliotlog-run\", \"format_version\": 1, \"scenario\": \"iot16\","
    " \"attack\": \"hidden-channel\", \"traffic\": \"udp\", \"seed\": 7, \"duration\": 10,"
    " \"ns_version\": \"2.35\", \"parameters\": {\"seed\": 7,"
    " \"attack_start\": 1e-8, \"levels\": [\"AGT\", \"[[{\"]},"
    " \"nodes\": [{\"node\": 2, \"address\": 4194312, \"x\": 1.5, \"y\": -2, \"gateway\": 15, "
    "\"role\": \"server\"},"
    " {\"node\": 15, \"x\": 0, \"y\": 0, \"gateway\": 15, \"role\": \"gateway\"}],"
    " \"flows\": [{\"flow\": 8, \"proto\": \"udp\", \"profile\": \"camera\", \"src\": 2, "
    "\"sport\": 1, \"dst\": 15,"
    " \"dport\": 3, \"intended_dst\": 2, \"attack\": true}],"
    " \"interfaces\": [{\"mac\": 2, \"node\": 2, \"hidden\": false},"
    " {\"mac\": 16, \"node\": 15, \"hidden\": true}],"
    " \"attacks\": [{\"attack\": \"hidden-channel\", \"start\": 3, \"stop\": 7.5,"
    " \"nodes\": [{\"node\": 2, \"role\": \"attacker\"}, {\"node\": 15, \"role\":"
    " \"accomplice\"}], \"parameters\": {\"hidden_rate\": 2}, \"labels\": [{\"flow\": 8},"
    " {\"covert\": true, \"mac\": 16},"
    " {\"node\": 2, \"op\": \"d\", \"layer\": \"RTR\", \"ptype\": \"cbr\", \"src\": 3,"
    " \"sport\": 1, \"dst\": -1, \"foreign\": true, \"foreign_mac\": true,"
    " \"unexplained\": true}, {\"between\": [2, 15]}, {\"seeking_nobody\": 15}]}],"
    " \"trace\": {\"file\": \"trace.tr\", \"sha256\": \"" SHA "\", \"bytes\": 9},"
    " \"nam\": \"trace.nam\"}";

/* Writes bytes to a file and reads it as a manifest. */
static struct tg_manifest *read_bytes(const char *bytes, gsize length, GError **error)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp(NULL, &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_assert_true(g_close(fd, NULL));
    g_assert_true(g_file_set_contents_full(path, bytes, (gssize)length, G_FILE_SET_CONTENTS_NONE,
                                           0600, NULL));
    struct tg_manifest *manifest = tg_manifest_read(path, error);
    g_unlink(path);
    return manifest;
}

static void assert_refused(const char *bytes, gsize length, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(tg_manifest) manifest = read_bytes(bytes, length, &error);
    g_assert_null(manifest);
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_null(strchr(error->message, '\n'));
    if (!strstr(error->message, message))
        g_error("'%s' lacks '%s'", error->message, message);
}

static void test_good(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(tg_manifest) m = read_bytes(good, strlen(good), &error);
    g_assert_no_error(error);
    g_assert_cmpstr(m->scenario, ==, "iot16");
    g_assert_cmpstr(m->attack, ==, "hidden-channel");
    g_assert_cmpstr(m->traffic, ==, "udp");
    g_assert_cmpint(m->seed, ==, 7);
    g_assert_cmpfloat(m->duration, ==, 10);
    g_assert_cmpstr(m->ns_version, ==, "2.35");
    g_assert_cmpstr(m->trace_file, ==, "trace.tr");
    g_assert_cmpstr(m->trace_sha256, ==, SHA);
    g_assert_cmpint(m->trace_bytes, ==, 9);
    g_assert_cmpstr(m->nam_file, ==, "trace.nam");
    g_assert_cmpstr(m->params, ==,
                    "{\"seed\":7,\"attack_start\":1e-08,\"levels\":[\"AGT\",\"[[{\"]}");

    g_assert_cmpuint(m->nodes->len, ==, 2);
    const struct tg_node *node = &g_array_index(m->nodes, struct tg_node, 0);
    g_assert_cmpint(node->node, ==, 2);
    g_assert_cmpint(node->address, ==, 4194312);
    g_assert_cmpint(node[1].address, ==, 15);
    g_assert_cmpint(node->gateway, ==, 15);
    g_assert_cmpstr(node->role, ==, "server");
    g_assert_cmpfloat(node->x, ==, 1.5);
    g_assert_cmpfloat(node->y, ==, -2);

    g_assert_cmpuint(m->flows->len, ==, 1);
    const struct tg_flow *flow = &g_array_index(m->flows, struct tg_flow, 0);
    g_assert_cmpint(flow->flow, ==, 8);
    g_assert_cmpstr(flow->proto, ==, "udp");
    g_assert_cmpstr(flow->profile, ==, "camera");
    g_assert_cmpint(flow->src, ==, 2);
    g_assert_cmpint(flow->sport, ==, 1);
    g_assert_cmpint(flow->dst, ==, 15);
    g_assert_cmpint(flow->dport, ==, 3);
    g_assert_cmpint(flow->intended_dst, ==, 2);
    g_assert_true(flow->attack);

    g_assert_cmpuint(m->interfaces->len, ==, 2);
    const struct tg_interface *interface = &g_array_index(m->interfaces, struct tg_interface, 1);
    g_assert_cmpint(interface->mac, ==, 16);
    g_assert_cmpint(interface->node, ==, 15);
    g_assert_true(interface->hidden);
}

static void test_attacks(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(tg_manifest) m = read_bytes(good, strlen(good), &error);
    g_assert_no_error(error);
    g_assert_cmpuint(m->attacks->len, ==, 1);
    const struct tg_attack *attack = &g_array_index(m->attacks, struct tg_attack, 0);
    g_assert_cmpstr(attack->attack, ==, "hidden-channel");
    g_assert_cmpfloat(attack->start, ==, 3);
    g_assert_cmpfloat(attack->stop, ==, 7.5);
    g_assert_cmpstr(attack->params, ==, "{\"hidden_rate\":2}");
    g_assert_cmpuint(attack->nodes->len, ==, 2);
    const struct tg_attack_node *node = &g_array_index(attack->nodes, struct tg_attack_node, 1);
    g_assert_cmpint(node->node, ==, 15);
    g_assert_cmpstr(node->role, ==, "accomplice");

    g_assert_cmpuint(attack->labels->len, ==, 5);
    const struct tg_matcher *labels = &g_array_index(attack->labels, struct tg_matcher, 0);
    g_assert_cmpuint(labels[0].conditions, ==, TG_MATCH_FLOW);
    g_assert_cmpint(labels[0].flow, ==, 8);
    g_assert_false(labels[0].covert);
    g_assert_cmpuint(labels[1].conditions, ==, TG_MATCH_MAC);
    g_assert_cmpint(labels[1].mac, ==, 16);
    g_assert_true(labels[1].covert);
    g_assert_cmpuint(labels[2].conditions, ==,
                     TG_MATCH_NODE | TG_MATCH_OP | TG_MATCH_LAYER | TG_MATCH_PTYPE | TG_MATCH_SRC |
                         TG_MATCH_SPORT | TG_MATCH_DST | TG_MATCH_FOREIGN | TG_MATCH_FOREIGN_MAC |
                         TG_MATCH_UNEXPLAINED);
    g_assert_cmpint(labels[2].node, ==, 2);
    g_assert_cmpint(labels[2].op, ==, 'd');
    g_assert_cmpstr(labels[2].layer, ==, "RTR");
    g_assert_cmpstr(labels[2].ptype, ==, "cbr");
    g_assert_cmpint(labels[2].src, ==, 3);
    g_assert_cmpint(labels[2].sport, ==, 1);
    g_assert_cmpint(labels[2].dst, ==, -1);
    g_assert_cmpuint(labels[3].conditions, ==, TG_MATCH_BETWEEN);
    g_assert_cmpint(labels[3].between[0], ==, 2);
    g_assert_cmpint(labels[3].between[1], ==, 15);
    g_assert_cmpuint(labels[4].conditions, ==, TG_MATCH_SEEKING_NOBODY);
    g_assert_cmpint(labels[4].seeker, ==, 15);
}

/* The text with one thing changed. Caller frees. */
static char *replace(const char *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text, from, 2);
    if (g_strv_length(parts) != 2)
        g_error("'%s' is not in it", from);
    return g_strconcat(parts[0], to, parts[1], NULL);
}

static char *change(const char *from, const char *to)
{
    return replace(good, from, to);
}

/* What scenarios leave out too, and what else is fine. */
static void test_variants(void)
{
    static const char *const variants[][2] = {
        {"\"gateway\": 15, \"role\": \"server\"", "\"role\": \"server\""},
        {"\"intended_dst\": 2, ", ""},
        {"\"address\": 4194312, ", ""},
        {"\"profile\": \"camera\", ", ""},
        {"\"role\": \"attacker\"", "\"role\": \"victim\""},
        {"\"start\": 3, ", "\"start\": 0, "},
        {"\"labels\": [{\"flow\": 8},", "\"labels\": ["},
        {"{\"flow\": 8}", "{\"flow\": 8, \"covert\": false}"},
    };
    g_autofree char *generated = change("{\"format\"", "{\"generator\": \"x\", \"format\"");
    for (gsize i = 0; i < G_N_ELEMENTS(variants); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = replace(generated, variants[i][0], variants[i][1]);
        g_autoptr(tg_manifest) m = read_bytes(text, strlen(text), &error);
        g_assert_no_error(error);
        g_assert_nonnull(m);
    }
    static const char *const honest[] = {"\"intended_dst\": 2, \"attack\": true",
                                         "\"attack\": false"};
    g_autofree char *by_hand = change(honest[0], honest[1]);
    g_autofree char *lacks = replace(generated, honest[0], honest[1]);
    g_autoptr(tg_manifest) m = read_bytes(by_hand, strlen(by_hand), NULL);
    g_assert_nonnull(m);
    assert_refused(lacks, strlen(lacks), "flows[0].intended_dst is missing");
}

/* What a person has to write. */
static void test_by_hand(void)
{
    static const char least[] =
        "{\"format\": \"adliotlog-run\", \"format_version\": 1, \"scenario\": \"mine\","
        " \"attack\": \"flood\", \"seed\": 7, \"duration\": 10, \"nodes\": [{\"node\": 2}],"
        " \"flows\": [{\"flow\": 8, \"proto\": \"udp\", \"src\": 2, \"sport\": 1, \"dst\": 2,"
        " \"dport\": 3, \"attack\": true}],"
        " \"trace\": {\"file\": \"trace.tr\", \"sha256\": \"" SHA "\"}}";
    g_autoptr(GError) error = NULL;
    g_autoptr(tg_manifest) m = read_bytes(least, strlen(least), &error);
    g_assert_no_error(error);
    g_assert_null(m->traffic);
    g_assert_null(m->ns_version);
    g_assert_null(m->params);
    g_assert_cmpint(m->trace_bytes, ==, 0);
    g_assert_cmpuint(m->interfaces->len, ==, 0);
    const struct tg_node *node = &g_array_index(m->nodes, struct tg_node, 0);
    g_assert_cmpint(node->address, ==, 2);
    g_assert_cmpint(node->gateway, ==, TG_ABSENT);
    g_assert_null(node->role);
    g_assert_true(isnan(node->x) && isnan(node->y));
    const struct tg_flow *flow = &g_array_index(m->flows, struct tg_flow, 0);
    g_assert_cmpint(flow->intended_dst, ==, TG_ABSENT);
    g_assert_null(flow->profile);
    g_assert_true(flow->attack);
    g_assert_null(m->attacks);
}

/* What tells apart runs with equal traces; a person's manifest is not believed. */
static void test_origin(void)
{
    static const char origin[] = "{\"plan_sha256\": \"" SHA "\", \"scenario_sha256\": \"" SHA "\",";
    for (int generated = 0; generated < 2; generated++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text =
            g_strconcat(origin, generated ? "\"generator\": \"adliotlog\"," : "", good + 1, NULL);
        g_autoptr(tg_manifest) m = read_bytes(text, strlen(text), &error);
        g_assert_no_error(error);
        g_assert_cmpstr(m->plan_sha256, ==, generated ? SHA : NULL);
        g_assert_cmpstr(m->scenario_sha256, ==, generated ? SHA : NULL);
    }
}

/* The good manifest with one thing changed, and what the message has to say. */
static const struct bad {
    const char *from, *to, *message;
} bads[] = {
    {"\"format\": \"adliotlog-run\", ", "", "format is missing"},
    {"\"traffic\": \"udp\"", "\"generator\": \"adliotlog\"", "traffic is missing"},
    {"\"x\": 1.5,", "\"x\": null,", "nodes[0].x is not a number"},
    {"\"attack\": true", "\"attak\": true", "flows[0].attack is missing"},
    {"adliotlog-run", "x\\ny", "format 'x\\ny' is unknown"},
    {"\"format_version\": 1", "\"format_version\": 2", "format_version is not 1"},
    {"\"format_version\": 1", "\"format_version\": \"1\"", "format_version is not an integer"},
    {"\"scenario\": \"iot16\"", "\"scenario\": 16", "scenario is not a string"},
    {"\"scenario\": \"iot16\"", "\"scenario\": \"\"", "scenario is empty"},
    {"\"scenario\": \"iot16\"", "\"scenario\": null", "scenario is not a string"},
    {"\"seed\": 7, \"duration\"", "\"seed\": 7.5, \"duration\"", "seed is not an integer"},
    {"\"seed\": 7, \"duration\"", "\"seed\": -7, \"duration\"", "seed is out of range"},
    {"\"seed\": 7, \"duration\"", "\"seed\": 99999999999999999999, \"duration\"", "seed"},
    {"\"duration\": 10", "\"duration\": 0", "duration is not positive"},
    {"\"duration\": 10", "\"duration\": \"10\"", "duration is not a number"},
    {"\"duration\": 10", "\"duration\": 1e999", "duration"},
    {"\"parameters\": {", "\"parameters\": [{", "JSON"},
    {"\"parameters\": {", "\"parameters\": [], \"other\": {", "parameters is not an object"},
    {"\"nodes\": [", "\"nodes\": [3, ", "nodes[0] is not an object"},
    {"\"nodes\": [", "\"sensors\": [", "nodes is missing"},
    {"\"role\": \"server\"", "\"role\": \"boss\"", "nodes[0].role 'boss' is unknown"},
    {"\"x\": 1.5", "\"x\": true", "nodes[0].x is not a number"},
    {"{\"node\": 15", "{\"node\": 2", "nodes: node 2 is there twice"},
    {"\"gateway\": 15", "\"gateway\": 16", "nodes[0].gateway: there is no node 16"},
    {"\"src\": 2", "\"src\": 3", "flows[0].src: there is no node 3"},
    {"\"intended_dst\": 2", "\"intended_dst\": 3", "flows[0].intended_dst: there is no node 3"},
    {"\"attack\": true", "\"attack\": 1", "flows[0].attack is not true or false"},
    {"\"attack\": true", "\"attack\": false", "flows[0].attack contradicts"},
    {"\"attack\": \"hidden-channel\"", "\"attack\": \"none\"", "flows[0].attack is true"},
    {"\"proto\": \"udp\"", "\"proto\": \"icmp\"", "flows[0].proto 'icmp' is unknown"},
    {"\"attack\": true}]",
     "\"attack\": true}, {\"flow\": 8, \"proto\": \"udp\", \"src\": 2, \"sport\": 5, \"dst\": 2,"
     " \"dport\": 6, \"intended_dst\": 2, \"attack\": false}]",
     "flows: flow 8 is there twice"},
    {"\"attack\": true}]",
     "\"attack\": true}, {\"flow\": 9, \"proto\": \"udp\", \"src\": 2, \"sport\": 1, \"dst\": 15,"
     " \"dport\": 3, \"intended_dst\": 2, \"attack\": true}]",
     "flows: udp from 2:1 to 15:3 is there twice"},
    {"\"mac\": 16", "\"mac\": 2", "interfaces: MAC number 2 is there twice"},
    {"\"node\": 15, \"hidden\"", "\"node\": 14, \"hidden\"", "interfaces[1].node: there is no"},
    {"\"node\": 2, \"address\": 4194312", "\"node\": 2, \"address\": 15",
     "nodes: address 15 is there twice"},
    {"\"address\": 4194312", "\"address\": \"1.0.8\"", "nodes[0].address is not an integer"},
    {"\"profile\": \"camera\"", "\"profile\": 1", "flows[0].profile is not a string"},
    {"\"attacks\": [", "\"attacks\": [7, ", "attacks[0] is not an object"},
    {"\"attacks\": [", "\"attacks\": {}, \"other\": [", "attacks is not a list"},
    {"\"attacks\": [", "\"attacks\": [], \"other\": [",
     "attack 'hidden-channel' is not that of attacks, 'none'"},
    {"[{\"attack\": \"hidden-channel\"", "[{\"attack\": \"flood\"",
     "attack 'hidden-channel' is not that of attacks, 'flood'"},
    {"[{\"attack\": \"hidden-channel\"", "[{\"attack\": \"a+b\"",
     "attacks[0].attack is not the name of one attack"},
    {"[{\"attack\": \"hidden-channel\"", "[{\"attack\": \"none\"",
     "attacks[0].attack is not the name of one attack"},
    {"\"nodes\": [{\"node\": 2, \"role\"",
     "\"nodes\": [{\"node\": 2, \"role\": \"attacker\"}, {\"node\": 2, \"role\"",
     "attacks[0].nodes: node 2 as attacker is there twice"},
    {"\"start\": 3,", "", "attacks[0].start is missing"},
    {"\"start\": 3,", "\"start\": 7.5,", "attacks[0].start is not before stop"},
    {"\"start\": 3,", "\"start\": -1,", "attacks[0].start is out of range"},
    {"\"stop\": 7.5", "\"stop\": \"end\"", "attacks[0].stop is not a number"},
    {"\"node\": 2, \"role\": \"attacker\"", "\"node\": 14, \"role\": \"attacker\"",
     "attacks[0].nodes: there is no node 14"},
    {"\"role\": \"attacker\"", "\"role\": \"device\"",
     "attacks[0].nodes[0].role 'device' is unknown"},
    {"\"parameters\": {\"hidden_rate\": 2}", "\"parameters\": 2",
     "attacks[0].parameters is not an object"},
    {"\"labels\": [", "\"label\": [", "attacks[0].labels is missing"},
    {"\"labels\": [", "\"labels\": [{}, ", "attacks[0].labels[0] has no condition"},
    {"{\"flow\": 8}", "{\"covert\": true}", "attacks[0].labels[0] has no condition"},
    {"{\"flow\": 8}", "{\"flow\": 8, \"uid\": 3}",
     "attacks[0].labels[0].uid is no condition of a label"},
    {"{\"flow\": 8}", "{\"flow\": 9}", "attacks[0].labels[0]: there is no flow 9"},
    {"\"mac\": 16}", "\"mac\": 17}", "attacks[0].labels[1]: there is no MAC number 17"},
    {"{\"node\": 2, \"op\"", "{\"node\": 3, \"op\"", "attacks[0].labels[2]: there is no node 3"},
    {"\"op\": \"d\"", "\"op\": \"D\"", "attacks[0].labels[2].op 'D' is unknown"},
    {"\"layer\": \"RTR\"", "\"layer\": null", "attacks[0].labels[2].layer is not a string"},
    {"\"ptype\": \"cbr\"", "\"ptype\": \"a-packet-type-that-is-longer-than-any-of-ns-2\"",
     "attacks[0].labels[2].ptype is too long"},
    {"\"dst\": -1", "\"dst\": -2", "attacks[0].labels[2].dst is out of range"},
    {"\"foreign\": true", "\"foreign\": false", "attacks[0].labels[2].foreign is not true"},
    {"\"unexplained\": true", "\"unexplained\": 1",
     "attacks[0].labels[2].unexplained is not true or false"},
    {"[2, 15]", "[2]", "attacks[0].labels[3].between are not two nodes"},
    {"[2, 15]", "[2, 2]", "attacks[0].labels[3].between are not two nodes"},
    {"[2, 15]", "[2, \"15\"]", "attacks[0].labels[3].between are not two nodes"},
    {"[2, 15]", "[2, 14]", "attacks[0].labels[3]: there is no node 14"},
    {"\"seeking_nobody\": 15", "\"seeking_nobody\": 14",
     "attacks[0].labels[4]: there is no node 14"},
    {"\"file\": \"trace.tr\"", "\"file\": \"../trace.tr\"", "trace.file is not the name of a file"},
    {"\"file\": \"trace.tr\"", "\"file\": \"..\"", "trace.file is not the name of a file"},
    {"\"sha256\": \"0", "\"sha256\": \"A", "trace.sha256 is not a SHA-256"},
    {"\"sha256\": \"0", "\"sha256\": \"", "trace.sha256 is not a SHA-256"},
    {"\"bytes\": 9", "\"bytes\": 0", "trace.bytes is out of range"},
    {"\"nam\": \"trace.nam\"", "\"nam\": \"/etc/passwd\"", "nam is not the name of a file"},
};

static void test_bad(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bads); i++) {
        g_autofree char *text = change(bads[i].from, bads[i].to);
        assert_refused(text, strlen(text), bads[i].message);
    }
}

/* However it is cut off, it is refused. */
static void test_truncated(void)
{
    for (gsize length = 0; length < strlen(good); length++)
        assert_refused(good, length, "JSON");
}

static void test_hostile(void)
{
    static const char *const before[] = {"", "{'\"': ", "/*\"*/", "//\"\n", "[\"\\ud800\"\","};
    g_autofree char *deep = g_strnfill(3000000, '[');
    for (gsize i = 0; i < G_N_ELEMENTS(before); i++) {
        g_autofree char *text = g_strconcat(before[i], deep, NULL);
        assert_refused(text, strlen(text), "not valid JSON");
    }
    assert_refused("\xff\xfe", 2, "JSON");
    assert_refused("{}\0{}", 5, "JSON");
    assert_refused("null", 4, "not a JSON object");
    assert_refused("[]", 2, "not a JSON object");
    assert_refused("{}", 2, "format is missing");
    assert_refused("{}{}", 4, "several values");
    enum { TOO_LONG = 64 * 1024 * 1024 + 1 };
    g_autofree char *blank = g_strnfill(TOO_LONG, ' ');
    assert_refused(blank, TOO_LONG, "longer than 64 MiB");
}

static void test_missing(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(tg_manifest_read("/nonexistent/manifest.json", &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_SYSTEM);
    tg_manifest_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/manifest/good", test_good);
    g_test_add_func("/manifest/attacks", test_attacks);
    g_test_add_func("/manifest/variants", test_variants);
    g_test_add_func("/manifest/by-hand", test_by_hand);
    g_test_add_func("/manifest/origin", test_origin);
    g_test_add_func("/manifest/bad", test_bad);
    g_test_add_func("/manifest/truncated", test_truncated);
    g_test_add_func("/manifest/hostile", test_hostile);
    g_test_add_func("/manifest/missing", test_missing);
    return g_test_run();
}
