#include "tracegen/plan.h"

#include "tracegen/child.h"
#include "tracegen/error.h"
#include <string.h>

/* A plan is arithmetic: a script that takes longer hangs. */
#define PLAN_SECONDS 60

char **tg_plan_environment(const char *library)
{
    char **envp = g_get_environ();
    if (!library)
        return envp;
    const char *old = g_environ_getenv(envp, "TCLLIBPATH");
    g_autofree char *path = g_strdup_printf("%s {%s}", old ? old : "", library);
    return g_environ_setenv(envp, "TCLLIBPATH", path, TRUE);
}

/* A part of the directory's name: it comes from a script and must not lead elsewhere. */
static char *read_name(JsonObject *object, const char *member)
{
    static const char allowed[] = G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_";
    const char *name = json_object_get_string_member_with_default(object, member, "");
    return name && *name && strlen(name) <= 64 && strspn(name, allowed) == strlen(name)
               ? g_strdup(name)
               : NULL;
}

/* SHA-256 over the files that the plan names as its sources. NULL and an error if one is gone. */
static char *digest_sources(JsonObject *object, GError **error)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    JsonArray *sources = json_object_get_array_member(object, "sources");
    for (guint i = 0; i < json_array_get_length(sources); i++) {
        g_autofree char *text = NULL;
        g_autoptr(GError) read_error = NULL;
        gsize length = 0;
        const char *path = json_array_get_string_element(sources, i);
        if (!path || !g_file_get_contents(path, &text, &length, &read_error)) {
            g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s",
                        path ? read_error->message : "a plan's source is not a file name");
            return NULL;
        }
        g_checksum_update(checksum, (const guchar *)text, (gssize)length);
    }
    return g_strdup(g_checksum_get_string(checksum));
}

static gboolean is_plan(JsonNode *root)
{
    JsonObject *object = root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
    JsonNode *sources = object ? json_object_get_member(object, "sources") : NULL;
    JsonNode *parameters = object ? json_object_get_member(object, "parameters") : NULL;
    return sources && JSON_NODE_HOLDS_ARRAY(sources) && parameters &&
           JSON_NODE_HOLDS_OBJECT(parameters);
}

/* Fills in the plan from what the script printed. */
static gboolean read_plan(struct tg_plan *plan, const char *text, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) parse_error = NULL;
    if (!json_parser_load_from_data(parser, text, -1, &parse_error) ||
        !is_plan(json_parser_get_root(parser))) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: --plan printed no plan%s%s", plan->script,
                    parse_error ? ": " : "", parse_error ? parse_error->message : "");
        return FALSE;
    }
    plan->object = json_object_ref(json_node_get_object(json_parser_get_root(parser)));
    plan->scenario = read_name(plan->object, "scenario");
    plan->attack = read_name(plan->object, "attack");
    plan->traffic = read_name(plan->object, "traffic");
    plan->seed = json_object_get_int_member_with_default(plan->object, "seed", -1);
    if (!plan->scenario || !plan->attack || !plan->traffic || plan->seed < 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: the plan lacks a scenario, attack, traffic or seed that can name a run",
                    plan->script);
        return FALSE;
    }
    plan->sources_sha256 = digest_sources(plan->object, error);
    return plan->sources_sha256 != NULL;
}

static void set_failure(const struct tg_child *child, const char *script, GError **error)
{
    if (tg_child_status(child) == TG_ERROR_USAGE && *tg_child_errors(child) != '\0') {
        /* The script's refusal is already a line for the user. */
        g_autofree char *refusal = g_strchomp(g_strdup(tg_child_errors(child)));
        g_set_error_literal(error, TG_ERROR, TG_ERROR_USAGE, refusal);
        return;
    }
    g_autofree char *failure = tg_child_failure(child);
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: tclsh %s", script, failure);
}

/* What `tclsh SCRIPT WHAT SETTINGS...` prints. Caller frees. */
static char *ask_script(const char *script, const char *what, const char *const *settings,
                        const char *library, GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_strv_builder_add_many(builder, "tclsh", script, what, NULL);
    g_strv_builder_addv(builder, (const char **)settings);
    g_auto(GStrv) argv = g_strv_builder_end(builder);
    g_auto(GStrv) envp = tg_plan_environment(library);
    g_autoptr(tg_child) child =
        tg_child_run(&(struct tg_child_command){.argv = (const char *const *)argv,
                                                .envp = (const char *const *)envp,
                                                .timeout = PLAN_SECONDS},
                     error);
    if (!child)
        return NULL;
    if (tg_child_status(child) != 0) {
        set_failure(child, script, error);
        return NULL;
    }
    return g_strdup(tg_child_output(child));
}

struct tg_plan *tg_plan_new(const char *script, const char *const *settings, const char *library,
                            GError **error)
{
    g_autoptr(tg_plan) plan = g_new0(struct tg_plan, 1);
    plan->script = g_canonicalize_filename(script, NULL);
    plan->settings = g_strdupv((char **)settings);
    plan->library = g_strdup(library);
    g_autofree char *text = ask_script(plan->script, "--plan", settings, library, error);
    return text && read_plan(plan, text, error) ? g_steal_pointer(&plan) : NULL;
}

char *tg_plan_list_options(const char *script, const char *library, GError **error)
{
    static const char *const no_settings[] = {NULL};
    return ask_script(script, "--list", no_settings, library, error);
}

char *tg_plan_directory(const struct tg_plan *plan, const char *ns_version)
{
    g_autofree char *parameters =
        json_to_string(json_object_get_member(plan->object, "parameters"), FALSE);
    g_autofree char *key = g_strdup_printf("%s\n%s\n%s\n%s\n", plan->scenario, parameters,
                                           plan->sources_sha256, ns_version);
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
    return g_strdup_printf("%s-%s-%s-s%" G_GINT64_FORMAT "-%.8s", plan->scenario, plan->attack,
                           plan->traffic, plan->seed, hash);
}

void tg_plan_free(struct tg_plan *plan)
{
    if (!plan)
        return;
    g_free(plan->scenario);
    g_free(plan->attack);
    g_free(plan->traffic);
    g_free(plan->script);
    g_strfreev(plan->settings);
    g_free(plan->library);
    g_free(plan->sources_sha256);
    g_clear_pointer(&plan->object, json_object_unref);
    g_free(plan);
}
