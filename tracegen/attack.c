#include "tracegen/attack.h"

#include "tracegen/event.h"
#include "tracegen/json.h"
#include <string.h>

/* ---- matchers ----------------------------------------------------------- */

static gint64 read_number_of(struct tg_reading *r, struct tg_place at, const char *key)
{
    return tg_read_integer(r, at, key, 0, TG_MAX_INTEGER);
}

/* An IP address; -1 is broadcast. */
static gint64 read_address(struct tg_reading *r, struct tg_place at, const char *key)
{
    return tg_read_integer(r, at, key, -1, TG_MAX_INTEGER);
}

static char *read_event_word(struct tg_reading *r, struct tg_place at, const char *key)
{
    const char *word = tg_read_string(r, at, key);
    if (word && strlen(word) > TG_MAX_WORD)
        tg_refuse(r, "%s%s is too long", at.prefix, key);
    return g_strdup(word);
}

static char read_op(struct tg_reading *r, struct tg_place at, const char *key)
{
    static const char *const ops[] = {"s", "r", "f", "d", "x", "+", "-", "h", "e", "c", "m", NULL};
    const char *op = tg_read_word(r, at, key, ops);
    return op ? *op : '\0';
}

static void read_between(struct tg_reading *r, struct tg_place at, const char *key,
                         gint64 between[2])
{
    JsonArray *list = tg_read_array(r, at, key);
    if (list && json_array_get_length(list) != 2)
        tg_refuse(r, "%s%s are not two nodes", at.prefix, key);
    for (guint i = 0; i < 2 && !r->error; i++) {
        JsonNode *node = json_array_get_element(list, i);
        if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64)
            between[i] = json_node_get_int(node);
        else
            tg_refuse(r, "%s%s are not two nodes", at.prefix, key);
    }
    if (!r->error && between[0] == between[1])
        tg_refuse(r, "%s%s are not two nodes", at.prefix, key);
}

/* What holds or does not: that it must not hold cannot be asked for. */
static void read_true(struct tg_reading *r, struct tg_place at, const char *key)
{
    if (!tg_read_boolean(r, at, key))
        tg_refuse(r, "%s%s is not true", at.prefix, key);
}

/* The keys of a matcher and the condition that each is; 0 for what is none. */
static const struct key {
    const char *name;
    guint condition;
} keys[] = {{"flow", TG_MATCH_FLOW},
            {"mac", TG_MATCH_MAC},
            {"node", TG_MATCH_NODE},
            {"op", TG_MATCH_OP},
            {"layer", TG_MATCH_LAYER},
            {"ptype", TG_MATCH_PTYPE},
            {"src", TG_MATCH_SRC},
            {"sport", TG_MATCH_SPORT},
            {"dst", TG_MATCH_DST},
            {"foreign", TG_MATCH_FOREIGN},
            {"foreign_mac", TG_MATCH_FOREIGN_MAC},
            {"unexplained", TG_MATCH_UNEXPLAINED},
            {"between", TG_MATCH_BETWEEN},
            {"seeking_nobody", TG_MATCH_SEEKING_NOBODY},
            {"covert", 0}};

static const struct key *find_key(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static void read_condition(struct tg_reading *r, struct tg_place at, const struct key *key,
                           struct tg_matcher *m)
{
    const char *name = key->name;
    switch (key->condition) {
    case TG_MATCH_FLOW:
        m->flow = read_number_of(r, at, name);
        break;
    case TG_MATCH_MAC:
        m->mac = read_number_of(r, at, name);
        break;
    case TG_MATCH_NODE:
        m->node = read_number_of(r, at, name);
        break;
    case TG_MATCH_OP:
        m->op = read_op(r, at, name);
        break;
    case TG_MATCH_LAYER:
        m->layer = read_event_word(r, at, name);
        break;
    case TG_MATCH_PTYPE:
        m->ptype = read_event_word(r, at, name);
        break;
    case TG_MATCH_SRC:
        m->src = read_address(r, at, name);
        break;
    case TG_MATCH_SPORT:
        m->sport = read_address(r, at, name);
        break;
    case TG_MATCH_DST:
        m->dst = read_address(r, at, name);
        break;
    case TG_MATCH_BETWEEN:
        read_between(r, at, name, m->between);
        break;
    case TG_MATCH_SEEKING_NOBODY:
        m->seeker = read_number_of(r, at, name);
        break;
    default:
        read_true(r, at, name);
    }
}

static void read_matcher(struct tg_reading *r, struct tg_place at, void *data)
{
    struct tg_attack *attack = data;
    struct tg_matcher matcher = {0};
    JsonObjectIter iter;
    const char *name;
    json_object_iter_init_ordered(&iter, at.object);
    while (!r->error && json_object_iter_next_ordered(&iter, &name, NULL)) {
        const struct key *key = find_key(name);
        if (!key) {
            g_autofree char *shown = g_strescape(name, NULL);
            tg_refuse(r, "%s%.40s is no condition of a label", at.prefix, shown);
        } else if (key->condition) {
            matcher.conditions |= key->condition;
            read_condition(r, at, key, &matcher);
        } else {
            matcher.covert = tg_read_boolean(r, at, name);
        }
    }
    if (!matcher.conditions)
        tg_refuse(r, "%.*s has no condition, and would match every event",
                  (int)strlen(at.prefix) - 1, at.prefix);
    g_array_append_val(attack->labels, matcher);
}

/* ---- attacks ------------------------------------------------------------ */

static void read_attack_node(struct tg_reading *r, struct tg_place at, void *data)
{
    static const char *const roles[] = {"attacker", "accomplice", "victim", NULL};
    struct tg_attack *attack = data;
    struct tg_attack_node node = {.node = tg_read_integer(r, at, "node", 0, TG_MAX_INTEGER),
                                  .role = g_strdup(tg_read_word(r, at, "role", roles))};
    g_array_append_val(attack->nodes, node);
}

static void clear_attack_node(gpointer node)
{
    g_free(((struct tg_attack_node *)node)->role);
}

static void clear_matcher(gpointer data)
{
    struct tg_matcher *matcher = data;
    g_free(matcher->layer);
    g_free(matcher->ptype);
}

static void read_attack(struct tg_reading *r, struct tg_place at, void *data)
{
    GArray *attacks = data;
    struct tg_attack attack = {
        .attack = g_strdup(tg_read_string(r, at, "attack")),
        .start = tg_read_number(r, at, "start"),
        .stop = tg_read_number(r, at, "stop"),
        .nodes = g_array_new(FALSE, FALSE, sizeof(struct tg_attack_node)),
        .labels = g_array_new(FALSE, FALSE, sizeof(struct tg_matcher)),
    };
    g_array_set_clear_func(attack.nodes, clear_attack_node);
    g_array_set_clear_func(attack.labels, clear_matcher);
    if (attack.attack && (strcmp(attack.attack, "none") == 0 || strchr(attack.attack, '+')))
        tg_refuse(r, "%sattack is not the name of one attack", at.prefix);
    if (attack.start < 0)
        tg_refuse(r, "%sstart is out of range", at.prefix);
    if (attack.start >= attack.stop)
        tg_refuse(r, "%sstart is not before stop", at.prefix);
    if (tg_is_given(r, at, "nodes"))
        tg_read_list(r, at, "nodes", read_attack_node, &attack);
    if (tg_is_given(r, at, "parameters") && tg_read_object(r, at, "parameters"))
        attack.params = tg_json_to_string(json_object_get_member(at.object, "parameters"), FALSE);
    tg_read_list(r, at, "labels", read_matcher, &attack);
    g_array_append_val(attacks, attack);
}

static void clear_attack(gpointer data)
{
    struct tg_attack *attack = data;
    g_free(attack->attack);
    g_free(attack->params);
    g_array_unref(attack->nodes);
    g_array_unref(attack->labels);
}

GArray *tg_attacks_new(void)
{
    GArray *attacks = g_array_new(FALSE, FALSE, sizeof(struct tg_attack));
    g_array_set_clear_func(attacks, clear_attack);
    return attacks;
}

void tg_attacks_read(struct tg_reading *r, struct tg_place root, GArray *attacks)
{
    tg_read_list(r, root, "attacks", read_attack, attacks);
}

/* ---- what must agree ---------------------------------------------------- */

/* `at` says where it is written, `what` is the name of such keys in `known`. */
static void check_key(struct tg_reading *r, const char *at, GHashTable *known, const char *what,
                      gint64 number)
{
    g_autofree char *key = g_strdup_printf("%s %" G_GINT64_FORMAT, what, number);
    if (!g_hash_table_contains(known, key))
        tg_refuse(r, "%s: there is no %s", at, key);
}

static void check_matcher(struct tg_reading *r, const char *at, const struct tg_matcher *m,
                          const struct tg_known *known)
{
    if (m->conditions & TG_MATCH_FLOW)
        check_key(r, at, known->flows, "flow", m->flow);
    if (m->conditions & TG_MATCH_MAC && g_hash_table_size(known->macs) > 0)
        check_key(r, at, known->macs, "MAC number", m->mac);
    if (m->conditions & TG_MATCH_NODE)
        check_key(r, at, known->nodes, "node", m->node);
    if (m->conditions & TG_MATCH_SEEKING_NOBODY)
        check_key(r, at, known->nodes, "node", m->seeker);
    for (int i = 0; m->conditions & TG_MATCH_BETWEEN && i < 2; i++)
        check_key(r, at, known->nodes, "node", m->between[i]);
}

static void check_attack(struct tg_reading *r, const struct tg_attack *attack, guint i,
                         const struct tg_known *known)
{
    g_autoptr(GHashTable) seen = tg_key_set();
    g_autofree char *nodes = g_strdup_printf("attacks[%u].nodes", i);
    for (guint j = 0; j < attack->nodes->len && !r->error; j++) {
        const struct tg_attack_node *n = &g_array_index(attack->nodes, struct tg_attack_node, j);
        check_key(r, nodes, known->nodes, "node", n->node);
        tg_add_unique(r, seen, nodes,
                      g_strdup_printf("node %" G_GINT64_FORMAT " as %s", n->node, n->role));
    }
    for (guint j = 0; j < attack->labels->len && !r->error; j++) {
        g_autofree char *label = g_strdup_printf("attacks[%u].labels[%u]", i, j);
        check_matcher(r, label, &g_array_index(attack->labels, struct tg_matcher, j), known);
    }
}

static gboolean can_be_looked_up(const struct tg_matcher *m)
{
    return m->conditions == TG_MATCH_FLOW || m->conditions == TG_MATCH_BETWEEN;
}

static void check_number(struct tg_reading *r, const GArray *attacks)
{
    guint n = 0;
    for (guint i = 0; i < attacks->len; i++) {
        const GArray *labels = g_array_index(attacks, struct tg_attack, i).labels;
        for (guint j = 0; j < labels->len; j++)
            n += !can_be_looked_up(&g_array_index(labels, struct tg_matcher, j));
    }
    if (attacks->len > TG_MAX_ATTACKS)
        tg_refuse(r, "more than %d attacks", TG_MAX_ATTACKS);
    if (n > TG_MAX_LABELS)
        tg_refuse(r, "more than %d labels that ask for more than 'flow' or 'between' alone",
                  TG_MAX_LABELS);
}

void tg_attacks_check(struct tg_reading *r, const GArray *attacks, const char *name,
                      const struct tg_known *known)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GString) joined = g_string_new(NULL);
    check_number(r, attacks);
    for (guint i = 0; i < attacks->len && !r->error; i++) {
        const struct tg_attack *attack = &g_array_index(attacks, struct tg_attack, i);
        check_attack(r, attack, i, known);
        if (g_hash_table_add(seen, attack->attack))
            g_string_append_printf(joined, "%s%s", joined->len > 0 ? "+" : "", attack->attack);
    }
    if (joined->len == 0)
        g_string_append(joined, "none");
    if (!r->error && strcmp(joined->str, name) != 0) {
        g_autofree char *shown = g_strescape(name, NULL);
        tg_refuse(r, "attack '%.80s' is not that of attacks, '%.80s'", shown, joined->str);
    }
}
