#include "experiments/plan.h"

#include "experiments/seeds.h"
#include "tracegen/error.h"

#include <string.h>

/* Commands that a plan can have options for. */
static const struct {
    const char *command;
    const char *const used[3];    /* options that reproduce reads and passes on in its own way */
    const char *const follow[10]; /* options that follow from the plan, so cannot be given */
} commands[] = {
    {"simulate", {"attack"}, {"traffic", "seeds", "out", "jobs", "force", "json", "list", "nam"}},
    {"pairs", {"limit"}, {"store", "name", "runs", "force", "json"}},
    {"train", {NULL}, {"store", "pairs", "model", "seed", "init", "resume", "force", "json"}},
    /* A store keeps one evaluation of a model and pair set: how it is made is no matter of plans.
     */
    {"evaluate",
     {NULL},
     {"store", "model", "pairs", "rival", "train", "score", "beam", "force", "json"}},
    {"detect", {NULL}, {"store", "model", "pairs", "node", "json"}},
    {"federate",
     {NULL},
     {"store", "client", "model", "rounds", "iterations", "seed", "resume", "force", "json"}},
    {"audit", {"iterations"}, {"store", "train", "test", "model", "control", "permuted", "json"}},
};
static const char *const plan_keys[] = {"name", "protocols", "seeds", "rivals", "held-out", NULL};
/* Those of them that can differ from place to place. */
static const char *const local_plan_keys[] = {"seeds", "held-out", NULL};

/* Groups that change keys for part of the plan: `[KIND NAME]`. */
static const char *const place_kinds[] = {"test", "variant", "protocol"};

/* Groups that change keys for a part with runs of its own, and their own keys. */
static const struct {
    const char *name;
    const char *const keys[6];
} parts[] = {
    {EX_PART_DETECTION, {"train-seeds", "test-seeds", "models", "window", "protocol", NULL}},
    {EX_PART_FEDERATION, {"gateways", "rounds", "protocol", NULL}},
};

static gboolean bad_plan(const ex_plan *plan, GError **error, const char *what, const char *name)
{
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: %s '%s'", plan->path, what, name);
    return FALSE;
}

/* ---- looking up ---------------------------------------------------------- */

/* A key of one group, in quick runs of [quick GROUP] first. NULL: it is in neither. */
static char *get_in_group(const ex_plan *plan, const char *group, const char *key)
{
    g_autofree char *quick = g_strconcat("quick ", group, NULL);
    char *value = plan->quick ? g_key_file_get_string(plan->file, quick, key, NULL) : NULL;
    return value ? value : g_key_file_get_string(plan->file, group, key, NULL);
}

/* The name of the group that a place has of a kind. NULL: none. Caller frees. */
static char *place_group(struct ex_place place, int kind)
{
    const char *const names[] = {place.test, place.variant, place.protocol};
    return names[kind] && *names[kind] ? g_strconcat(place_kinds[kind], " ", names[kind], NULL)
                                       : NULL;
}

char *ex_plan_get(const ex_plan *plan, struct ex_place place, const char *command, const char *key)
{
    g_autofree char *full = g_strconcat(command, ".", key, NULL);
    char *own = place.part ? get_in_group(plan, place.part, full) : NULL;
    if (own)
        return own;
    for (int kind = 0; kind < (int)G_N_ELEMENTS(place_kinds); kind++) {
        g_autofree char *group = place_group(place, kind);
        char *value = group ? get_in_group(plan, group, full) : NULL;
        if (value)
            return value;
    }
    return get_in_group(plan, command, key);
}

/* Adds the keys of a group that begin with the prefix, without it. */
static void add_keys(const ex_plan *plan, const char *group, const char *prefix, GPtrArray *keys)
{
    g_auto(GStrv) names = g_key_file_get_keys(plan->file, group, NULL, NULL);
    for (char **name = names; name && *name; name++) {
        const char *key = *name + strlen(prefix);
        if (g_str_has_prefix(*name, prefix) &&
            !g_ptr_array_find_with_equal_func(keys, key, g_str_equal, NULL))
            g_ptr_array_add(keys, g_strdup(key));
    }
}

static void add_keys_of_both(const ex_plan *plan, const char *group, const char *prefix,
                             GPtrArray *keys)
{
    g_autofree char *quick = g_strconcat("quick ", group, NULL);
    add_keys(plan, group, prefix, keys);
    if (plan->quick)
        add_keys(plan, quick, prefix, keys);
}

/* The keys that a command has at a place, each once: the order of the command line. */
static GPtrArray *list_keys(const ex_plan *plan, struct ex_place place, const char *command)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *prefix = g_strconcat(command, ".", NULL);
    add_keys_of_both(plan, command, "", keys);
    for (int kind = (int)G_N_ELEMENTS(place_kinds) - 1; kind >= 0; kind--) {
        g_autofree char *group = place_group(place, kind);
        if (group)
            add_keys_of_both(plan, group, prefix, keys);
    }
    if (place.part)
        add_keys_of_both(plan, place.part, prefix, keys);
    return keys;
}

gboolean ex_plan_varies(const ex_plan *plan, const char *variant, const char *command)
{
    if (!*variant)
        return FALSE;
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *group = g_strconcat("variant ", variant, NULL);
    g_autofree char *prefix = g_strconcat(command, ".", NULL);
    add_keys_of_both(plan, group, prefix, keys);
    return keys->len > 0;
}

GArray *ex_plan_seeds(const ex_plan *plan, struct ex_place place)
{
    g_autofree char *own = plan->seeds ? NULL : ex_plan_get(plan, place, "plan", "seeds");
    return ex_seeds_parse(own ? own : plan->seeds, NULL); /* checked when the plan was read */
}

gint64 ex_plan_seed_offset(const ex_plan *plan, struct ex_place place)
{
    if (g_strcmp0(place.test, plan->tests[EX_TEST_PAPER]) == 0)
        return 0;
    g_autofree char *text = ex_plan_get(plan, place, "plan", "held-out");
    return g_ascii_strtoll(text, NULL, 10); /* likewise */
}

gint64 ex_plan_limit(const ex_plan *plan, struct ex_place place)
{
    g_autofree char *text = ex_plan_get(plan, place, "pairs", "limit");
    return g_ascii_strtoll(text, NULL, 10); /* likewise */
}

void ex_plan_append_options(const ex_plan *plan, struct ex_place place, const char *command,
                            GPtrArray *argv)
{
    int i = 0;
    while (strcmp(commands[i].command, command) != 0)
        i++;
    g_autoptr(GPtrArray) keys = list_keys(plan, place, command);
    for (guint k = 0; k < keys->len; k++) {
        const char *key = keys->pdata[k];
        if (g_strv_contains(commands[i].used, key))
            continue;
        g_autofree char *value = ex_plan_get(plan, place, command, key);
        gboolean list = strcmp(key, "set") == 0;
        g_auto(GStrv) values = list ? g_strsplit(value, ";", -1) : g_strsplit(value, "\n", 1);
        for (char **one = values; *one; one++) {
            g_ptr_array_add(argv, g_strdup_printf("--%s", key));
            g_ptr_array_add(argv, g_strdup(g_strstrip(*one)));
        }
    }
}

/* ---- checking ------------------------------------------------------------ */

static gboolean is_name(const char *text)
{
    return *text && strspn(text, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.+") == strlen(text);
}

/* One key of one command: none that follows from the plan. */
static gboolean check_key(const ex_plan *plan, const char *group, const char *command,
                          const char *key, GError **error)
{
    g_autofree char *where = g_strdup_printf("key in [%s] that the plan decides", group);
    g_autofree char *unknown = g_strdup_printf("unknown key in [%s]", group);
    if (strcmp(command, "plan") == 0)
        return g_strv_contains(local_plan_keys, key) || bad_plan(plan, error, unknown, key);
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i].command, command) == 0)
            return !g_strv_contains(commands[i].follow, key) || bad_plan(plan, error, where, key);
    return bad_plan(plan, error, unknown, command);
}

/*
 * The group of a place: keys COMMAND.KEY, and its `own`, if any. A test changes nothing of what was
 * trained.
 */
static gboolean check_place_group(const ex_plan *plan, const char *group, gboolean is_test,
                                  const char *const *own, GError **error)
{
    g_auto(GStrv) keys = g_key_file_get_keys(plan->file, group, NULL, NULL);
    for (char **key = keys; key && *key; key++) {
        if (own && g_strv_contains(own, *key))
            continue;
        g_auto(GStrv) words = g_strsplit(*key, ".", 2);
        g_autofree char *what = g_strdup_printf("key in [%s] that is not COMMAND.KEY:", group);
        if (!words[0] || !words[1])
            return bad_plan(plan, error, what, *key);
        if (is_test && strcmp(words[0], "train") == 0)
            return bad_plan(plan, error, "a test cannot change", *key);
        if (!check_key(plan, group, words[0], words[1], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean check_group(const ex_plan *plan, const char *group, GError **error)
{
    const char *name = g_str_has_prefix(group, "quick ") ? group + strlen("quick ") : group;
    for (gsize i = 0; i < G_N_ELEMENTS(place_kinds); i++) {
        gsize length = strlen(place_kinds[i]);
        if (strncmp(name, place_kinds[i], length) == 0 && name[length] == ' ')
            return is_name(name + length + 1)
                       ? check_place_group(plan, group, strcmp(place_kinds[i], "test") == 0, NULL,
                                           error)
                       : bad_plan(plan, error, "no name for a part of a plan:", group);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strcmp(name, parts[i].name) == 0)
            return check_place_group(plan, group, FALSE, parts[i].keys, error);
    gboolean known = strcmp(name, "plan") == 0;
    for (gsize i = 0; !known && i < G_N_ELEMENTS(commands); i++)
        known = strcmp(commands[i].command, name) == 0;
    if (!known)
        return bad_plan(plan, error, "unknown group", group);
    g_auto(GStrv) keys = g_key_file_get_keys(plan->file, group, NULL, NULL);
    for (char **key = keys; key && *key; key++) {
        if (strcmp(name, "plan") == 0 && !g_strv_contains(plan_keys, *key))
            return bad_plan(plan, error, "unknown key in [plan]", *key);
        if (strcmp(name, "plan") != 0 && !check_key(plan, group, name, *key, error))
            return FALSE;
    }
    return TRUE;
}

/* The names that follow a kind in the plan's groups, behind those that are given. */
static char **list_names(const ex_plan *plan, const char *kind, const char *const *first)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    g_autofree char *prefix = g_strconcat(kind, " ", NULL);
    g_auto(GStrv) groups = g_key_file_get_groups(plan->file, NULL);
    g_strv_builder_addv(names, (const char **)first);
    for (char **group = groups; *group; group++)
        if (g_str_has_prefix(*group, prefix) && !g_strv_contains(first, *group + strlen(prefix)))
            g_strv_builder_add(names, *group + strlen(prefix));
    return g_strv_builder_end(names);
}

/* The combined set takes half of its pairs from each run, so the number is even. */
static gboolean check_limit(const ex_plan *plan, struct ex_place place, GError **error)
{
    guint64 limit;
    g_autofree char *text = ex_plan_get(plan, place, "pairs", "limit");
    if (!text || !g_ascii_string_to_unsigned(g_strstrip(text), 10, 2, G_MAXINT32, &limit, NULL) ||
        limit % 2 != 0)
        return bad_plan(plan, error, "limit in [pairs] must be an even number of pairs, not",
                        text ? text : "");
    return TRUE;
}

static gboolean check_seeds(const ex_plan *plan, struct ex_place place, GError **error)
{
    g_autofree char *own = ex_plan_get(plan, place, "plan", "seeds");
    if (!own && !plan->seeds)
        return bad_plan(plan, error, "missing key in [plan]", "seeds");
    g_autoptr(GArray) seeds = ex_seeds_parse(plan->seeds ? plan->seeds : own, error);
    return seeds != NULL;
}

static gboolean check_held_out(const ex_plan *plan, struct ex_place place, GError **error)
{
    guint64 offset;
    gboolean own = strcmp(place.test, plan->tests[EX_TEST_HELD_OUT]) != 0;
    g_autofree char *text = ex_plan_get(plan, place, "plan", "held-out");
    if (!text ||
        !g_ascii_string_to_unsigned(g_strstrip(text), 10, own ? 0 : 1, G_MAXINT32, &offset, NULL))
        return bad_plan(plan, error, "missing or bad key in [plan]", "held-out");
    return TRUE;
}

gboolean ex_plan_has_part(const ex_plan *plan, const char *part)
{
    return g_key_file_has_group(plan->file, part);
}

char *ex_plan_part_key(const ex_plan *plan, const char *part, const char *key)
{
    return get_in_group(plan, part, key);
}

GArray *ex_plan_part_list(const ex_plan *plan, const char *part, const char *key)
{
    g_autofree char *text = get_in_group(plan, part, key);
    return ex_seeds_parse(text, NULL); /* checked when the plan was read */
}

/* Lists of numbers that a part must have. */
static gboolean check_lists(const ex_plan *plan, GError **error)
{
    static const struct {
        const char *part, *key;
    } lists[] = {{EX_PART_DETECTION, "train-seeds"},
                 {EX_PART_DETECTION, "test-seeds"},
                 {EX_PART_FEDERATION, "gateways"},
                 {EX_PART_FEDERATION, "rounds"}};
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
        if (!ex_plan_has_part(plan, lists[i].part))
            continue;
        g_autofree char *where = g_strdup_printf("missing key in [%s]", lists[i].part);
        g_autofree char *text = get_in_group(plan, lists[i].part, lists[i].key);
        if (!text)
            return bad_plan(plan, error, where, lists[i].key);
        g_autoptr(GArray) numbers = ex_seeds_parse(text, error);
        if (!numbers) {
            g_prefix_error(error, "%s: %s in [%s]: ", plan->path, lists[i].key, lists[i].part);
            return FALSE;
        }
    }
    return TRUE;
}

/* What was learned from cannot be tested on, nor its twin. */
static gboolean check_seeds_apart(const ex_plan *plan, GError **error)
{
    if (!ex_plan_has_part(plan, EX_PART_DETECTION))
        return TRUE;
    g_autoptr(GArray) train = ex_plan_part_list(plan, EX_PART_DETECTION, "train-seeds");
    g_autoptr(GArray) test = ex_plan_part_list(plan, EX_PART_DETECTION, "test-seeds");
    for (guint i = 0; i < train->len; i++)
        for (guint k = 0; k < test->len; k++)
            if (g_array_index(train, gint64, i) == g_array_index(test, gint64, k)) {
                g_autofree char *seed =
                    g_strdup_printf("%" G_GINT64_FORMAT, g_array_index(train, gint64, i));
                return bad_plan(plan, error, "both train-seeds and test-seeds have", seed);
            }
    return TRUE;
}

/* What is looked up later as a number is one at all places. */
static gboolean check_places(const ex_plan *plan, GError **error)
{
    for (char **protocol = plan->protocols; *protocol; protocol++)
        for (char **variant = plan->variants; *variant; variant++) {
            struct ex_place place = {*protocol, *variant, NULL};
            if (!check_seeds(plan, place, error) || !check_limit(plan, place, error))
                return FALSE;
            for (char **test = plan->tests; *test; test++) {
                place.test = *test;
                if (!check_held_out(plan, place, error) || !check_limit(plan, place, error))
                    return FALSE;
            }
        }
    return TRUE;
}

/* A group of a protocol that the plan lacks, or for quick runs of a part that it lacks, is
 * mistaken. */
static gboolean check_place_name(const ex_plan *plan, const char *group, GError **error)
{
    char **const names[] = {plan->tests, plan->variants, plan->protocols};
    const gboolean quick = g_str_has_prefix(group, "quick ");
    const char *rest = quick ? group + strlen("quick ") : group;
    for (gsize i = 0; i < G_N_ELEMENTS(place_kinds); i++) {
        g_autofree char *prefix = g_strconcat(place_kinds[i], " ", NULL);
        if (g_str_has_prefix(rest, prefix) &&
            !g_strv_contains((const char *const *)names[i], rest + strlen(prefix)))
            return bad_plan(plan, error, "there is no such part of the plan:", group);
    }
    return TRUE;
}

static gboolean check_place_names(const ex_plan *plan, GError **error)
{
    g_auto(GStrv) groups = g_key_file_get_groups(plan->file, NULL);
    for (char **group = groups; *group; group++)
        if (!check_place_name(plan, *group, error))
            return FALSE;
    return TRUE;
}

static gboolean read_plan_group(ex_plan *plan, GError **error)
{
    static const char *const first_variant[] = {"", NULL};
    static const char *const first_tests[] = {"paper", "held-out", NULL};
    const struct ex_place nowhere = {NULL, NULL, NULL};
    g_autofree char *protocols = ex_plan_get(plan, nowhere, "plan", "protocols");
    g_autofree char *rivals = ex_plan_get(plan, nowhere, "plan", "rivals");
    plan->name = ex_plan_get(plan, nowhere, "plan", "name");
    if (!plan->name || !*plan->name)
        return bad_plan(plan, error, "missing key in [plan]", "name");
    plan->protocols = protocols ? g_strsplit(protocols, ",", -1) : NULL;
    if (!plan->protocols || !plan->protocols[0])
        return bad_plan(plan, error, "missing key in [plan]", "protocols");
    plan->rivals = g_strsplit(rivals ? rivals : "", ",", -1);
    plan->variants = list_names(plan, "variant", first_variant);
    plan->tests = list_names(plan, "test", first_tests);
    char **const lists[] = {plan->protocols, plan->rivals};
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        for (char **name = lists[i]; *name; name++)
            if (!is_name(g_strstrip(*name)))
                return bad_plan(plan, error, "no name in [plan]:", *name);
    if (plan->quick) {
        g_autofree char *name = plan->name;
        plan->name = g_strconcat(name, "-quick", NULL);
    }
    return check_place_names(plan, error) && check_places(plan, error) &&
           check_lists(plan, error) && check_seeds_apart(plan, error);
}

static gboolean check_names(const ex_plan *plan, GError **error)
{
    g_auto(GStrv) groups = g_key_file_get_groups(plan->file, NULL);
    for (char **group = groups; *group; group++)
        if (!check_group(plan, *group, error))
            return FALSE;
    return g_key_file_has_group(plan->file, "plan") ||
           bad_plan(plan, error, "missing group", "plan");
}

ex_plan *ex_plan_read(const char *path, const char *seeds, gboolean quick, GError **error)
{
    g_autoptr(ex_plan) plan = g_new0(ex_plan, 1);
    g_autoptr(GError) failure = NULL;
    plan->path = g_strdup(path);
    plan->quick = quick;
    plan->seeds = g_strdup(seeds);
    plan->file = g_key_file_new();
    if (!g_key_file_load_from_file(plan->file, path, G_KEY_FILE_NONE, &failure)) {
        gboolean syntax = failure->domain == G_KEY_FILE_ERROR;
        g_set_error(error, TG_ERROR, syntax ? TG_ERROR_DATA : TG_ERROR_SYSTEM, "%s: %s", path,
                    failure->message);
        return NULL;
    }
    if (!check_names(plan, error) || !read_plan_group(plan, error))
        return NULL;
    return g_steal_pointer(&plan);
}

void ex_plan_free(ex_plan *plan)
{
    if (!plan)
        return;
    g_free(plan->path);
    g_free(plan->name);
    g_free(plan->seeds);
    g_strfreev(plan->protocols);
    g_strfreev(plan->variants);
    g_strfreev(plan->tests);
    g_strfreev(plan->rivals);
    g_key_file_unref(plan->file);
    g_free(plan);
}
