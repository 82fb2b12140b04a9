#include "experiments/plan.h"

#include "experiments/seeds.h"
#include "tracegen/error.h"

#include <string.h>

/* Commands that a plan can have options for. */
static const struct {
    const char *command;
    const char *const used[3];   /* options that reproduce reads and passes on in its own way */
    const char *const follow[9]; /* options that follow from the plan, so cannot be given */
} commands[] = {
    {"simulate", {"attack"}, {"traffic", "seeds", "out", "jobs", "force", "json", "list", "nam"}},
    {"pairs", {"limit"}, {"store", "name", "runs", "force", "json"}},
    {"train", {NULL}, {"store", "pairs", "model", "seed", "init", "resume", "force", "json"}},
    {"evaluate", {NULL}, {"store", "model", "pairs", "beam", "score", "force", "json"}},
    {"detect", {NULL}, {"store", "model", "pairs", "node", "json"}},
};
static const char *const plan_keys[] = {"name", "protocols", "seeds", "held-out", NULL};

/* The command's place in the table, or -1. */
static int find_command(const char *command)
{
    for (int i = 0; i < (int)G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i].command, command) == 0)
            return i;
    return -1;
}

static gboolean bad_plan(const ex_plan *plan, GError **error, const char *what, const char *name)
{
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: %s '%s'", plan->path, what, name);
    return FALSE;
}

/* The group of a command: no key that follows from the plan. */
static gboolean check_command_group(const ex_plan *plan, const char *group, GError **error)
{
    int i = find_command(g_str_has_prefix(group, "quick ") ? group + 6 : group);
    if (i < 0)
        return bad_plan(plan, error, "unknown group", group);
    g_auto(GStrv) keys = g_key_file_get_keys(plan->file, group, NULL, NULL);
    for (char **key = keys; key && *key; key++)
        if (g_strv_contains(commands[i].follow, *key)) {
            g_autofree char *what = g_strdup_printf("key in [%s] that the plan decides", group);
            return bad_plan(plan, error, what, *key);
        }
    return TRUE;
}

static gboolean check_names(const ex_plan *plan, GError **error)
{
    g_auto(GStrv) groups = g_key_file_get_groups(plan->file, NULL);
    for (char **group = groups; *group; group++)
        if (strcmp(*group, "plan") != 0 && !check_command_group(plan, *group, error))
            return FALSE;
    g_auto(GStrv) keys = g_key_file_get_keys(plan->file, "plan", NULL, NULL);
    if (!keys)
        return bad_plan(plan, error, "missing group", "plan");
    for (char **key = keys; *key; key++)
        if (!g_strv_contains(plan_keys, *key))
            return bad_plan(plan, error, "unknown key in [plan]", *key);
    return TRUE;
}

/* The combined set takes half of its pairs from each run, so the number is even. */
static gboolean read_limit(ex_plan *plan, GError **error)
{
    guint64 limit;
    g_autofree char *text = ex_plan_get(plan, "pairs", "limit");
    if (!text || !g_ascii_string_to_unsigned(g_strstrip(text), 10, 2, G_MAXINT32, &limit, NULL) ||
        limit % 2 != 0)
        return bad_plan(plan, error, "limit in [pairs] must be an even number of pairs, not",
                        text ? text : "");
    plan->limit = (gint64)limit;
    return TRUE;
}

static gboolean read_plan_group(ex_plan *plan, const char *seeds, GError **error)
{
    plan->name = g_key_file_get_string(plan->file, "plan", "name", NULL);
    plan->protocols = g_key_file_get_string_list(plan->file, "plan", "protocols", NULL, NULL);
    plan->held_out = g_key_file_get_int64(plan->file, "plan", "held-out", NULL);
    if (!plan->name || !*plan->name)
        return bad_plan(plan, error, "missing key in [plan]", "name");
    if (!plan->protocols || !plan->protocols[0])
        return bad_plan(plan, error, "missing key in [plan]", "protocols");
    if (plan->held_out < 1)
        return bad_plan(plan, error, "missing or bad key in [plan]", "held-out");
    g_autofree char *own = g_key_file_get_string(plan->file, "plan", "seeds", NULL);
    if (!own && !seeds)
        return bad_plan(plan, error, "missing key in [plan]", "seeds");
    plan->seeds = ex_seeds_parse(seeds ? seeds : own, error);
    if (plan->quick) {
        g_autofree char *name = plan->name;
        plan->name = g_strconcat(name, "-quick", NULL);
    }
    return plan->seeds && read_limit(plan, error);
}

ex_plan *ex_plan_read(const char *path, const char *seeds, gboolean quick, GError **error)
{
    g_autoptr(ex_plan) plan = g_new0(ex_plan, 1);
    g_autoptr(GError) failure = NULL;
    plan->path = g_strdup(path);
    plan->quick = quick;
    plan->file = g_key_file_new();
    g_key_file_set_list_separator(plan->file, ',');
    if (!g_key_file_load_from_file(plan->file, path, G_KEY_FILE_NONE, &failure)) {
        gboolean syntax = failure->domain == G_KEY_FILE_ERROR;
        g_set_error(error, TG_ERROR, syntax ? TG_ERROR_DATA : TG_ERROR_SYSTEM, "%s: %s", path,
                    failure->message);
        return NULL;
    }
    if (!check_names(plan, error) || !read_plan_group(plan, seeds, error))
        return NULL;
    return g_steal_pointer(&plan);
}

void ex_plan_free(ex_plan *plan)
{
    if (!plan)
        return;
    g_free(plan->path);
    g_free(plan->name);
    g_strfreev(plan->protocols);
    g_clear_pointer(&plan->seeds, g_array_unref);
    g_key_file_unref(plan->file);
    g_free(plan);
}

char *ex_plan_get(const ex_plan *plan, const char *command, const char *key)
{
    g_autofree char *quick = g_strdup_printf("quick %s", command);
    char *value = plan->quick ? g_key_file_get_string(plan->file, quick, key, NULL) : NULL;
    return value ? value : g_key_file_get_string(plan->file, command, key, NULL);
}

/* The keys of a group and, in quick runs, those that only its quick group has. */
static GPtrArray *list_keys(const ex_plan *plan, const char *command)
{
    g_autofree char *quick = g_strdup_printf("quick %s", command);
    const char *const groups[] = {command, plan->quick ? quick : NULL};
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; i < G_N_ELEMENTS(groups) && groups[i]; i++) {
        g_auto(GStrv) names = g_key_file_get_keys(plan->file, groups[i], NULL, NULL);
        for (char **name = names; name && *name; name++)
            if (!g_ptr_array_find_with_equal_func(keys, *name, g_str_equal, NULL))
                g_ptr_array_add(keys, g_strdup(*name));
    }
    return keys;
}

void ex_plan_append_options(const ex_plan *plan, const char *command, GPtrArray *argv)
{
    const char *const *used = commands[find_command(command)].used;
    g_autoptr(GPtrArray) keys = list_keys(plan, command);
    for (guint i = 0; i < keys->len; i++) {
        const char *key = keys->pdata[i];
        if (g_strv_contains(used, key))
            continue;
        g_autofree char *value = ex_plan_get(plan, command, key);
        gboolean list = strcmp(key, "set") == 0;
        g_auto(GStrv) values = list ? g_strsplit(value, ";", -1) : g_strsplit(value, "\n", 1);
        for (char **one = values; *one; one++) {
            g_ptr_array_add(argv, g_strdup_printf("--%s", key));
            g_ptr_array_add(argv, g_strdup(g_strstrip(*one)));
        }
    }
}
