#include "experiments/plan.h"

#include "experiments/seeds.h"
#include "tracegen/error.h"

#include <string.h>

/* Commands that a plan can have options for. */
static const char *const commands[] = {"simulate", "pairs", "train", "evaluate", "detect", NULL};
static const char *const plan_keys[] = {"name", "protocols", "seeds", "held-out", NULL};

static gboolean bad_plan(const ex_plan *plan, GError **error, const char *what, const char *name)
{
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: %s '%s'", plan->path, what, name);
    return FALSE;
}

static gboolean check_names(const ex_plan *plan, GError **error)
{
    g_auto(GStrv) groups = g_key_file_get_groups(plan->file, NULL);
    for (char **group = groups; *group; group++) {
        const char *command = g_str_has_prefix(*group, "quick ") ? *group + 6 : *group;
        if (strcmp(*group, "plan") != 0 && !g_strv_contains(commands, command))
            return bad_plan(plan, error, "unknown group", *group);
    }
    g_auto(GStrv) keys = g_key_file_get_keys(plan->file, "plan", NULL, NULL);
    if (!keys)
        return bad_plan(plan, error, "missing group", "plan");
    for (char **key = keys; *key; key++)
        if (!g_strv_contains(plan_keys, *key))
            return bad_plan(plan, error, "unknown key in [plan]", *key);
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
    return plan->seeds != NULL;
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

void ex_plan_append_options(const ex_plan *plan, const char *command, const char *const *except,
                            GPtrArray *argv)
{
    g_autoptr(GPtrArray) keys = list_keys(plan, command);
    for (guint i = 0; i < keys->len; i++) {
        const char *key = keys->pdata[i];
        if (g_strv_contains(except, key))
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
