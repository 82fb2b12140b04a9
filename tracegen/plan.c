#include "tracegen/plan.h"

#include "tracegen/child.h"
#include "tracegen/error.h"
#include "tracegen/json.h"
#include "tracegen/pack.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A plan is arithmetic: a script that takes longer for one, beside what it takes to start, hangs.
 */
#define PLAN_SECONDS  2
#define START_SECONDS 60

/* A file system takes 255 bytes as a name; beside these, a hidden directory's has seed and hash. */
#define MAX_SCENARIO 64
#define MAX_ATTACK   100
#define MAX_TRAFFIC  32

char **tg_plan_environment(const char *library)
{
    char **envp = g_get_environ();
    if (!library)
        return envp;
    const char *old = g_environ_getenv(envp, "TCLLIBPATH");
    g_autofree char *path = g_strdup_printf("%s {%s}", old ? old : "", library);
    return g_environ_setenv(envp, "TCLLIBPATH", path, TRUE);
}

static const char *get_string(JsonObject *object, const char *member, const char *fallback)
{
    JsonNode *node = json_object_get_member(object, member);
    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node)
               : fallback;
}

/* A part of the directory's name: it comes from a script and must not lead elsewhere. */
static char *read_name(JsonObject *object, const char *member, gsize longest)
{
    static const char allowed[] = G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_+";
    const char *name = get_string(object, member, "");
    return name && *name && strlen(name) <= longest && strspn(name, allowed) == strlen(name)
               ? g_strdup(name)
               : NULL;
}

/* ---- asking the script -------------------------------------------------- */

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

char *tg_plan_list_options(const char *script, const char *library, GError **error)
{
    const char *const argv[] = {"tclsh", script, "--list", NULL};
    g_auto(GStrv) envp = tg_plan_environment(library);
    g_autoptr(tg_child) child =
        tg_child_run(&(struct tg_child_command){.argv = argv,
                                                .envp = (const char *const *)envp,
                                                .timeout = START_SECONDS},
                     error);
    if (!child)
        return NULL;
    if (tg_child_status(child) != 0) {
        set_failure(child, script, error);
        return NULL;
    }
    return g_strdup(tg_child_output(child));
}

/* SHA-256 over the files that the plan names as its sources. NULL and an error if one is gone. */
static char *digest_sources(JsonArray *sources, GError **error)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    for (guint i = 0; i < json_array_get_length(sources); i++) {
        g_autofree char *text = NULL;
        g_autoptr(GError) read_error = NULL;
        gsize length = 0;
        JsonNode *node = json_array_get_element(sources, i);
        const char *path = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
        if (!path || !g_file_get_contents(path, &text, &length, &read_error)) {
            g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s",
                        path ? read_error->message : "a plan's source is not a file name");
            return NULL;
        }
        g_checksum_update(checksum, (const guchar *)text, (gssize)length);
    }
    return g_strdup(g_checksum_get_string(checksum));
}

/* ---- one plan ----------------------------------------------------------- */

static void free_plan(gpointer data)
{
    struct tg_plan *plan = data;
    g_free(plan->scenario);
    g_free(plan->attack);
    g_free(plan->traffic);
    g_strfreev(plan->settings);
    g_free(plan->sha256);
    g_clear_pointer(&plan->packed, g_bytes_unref);
    g_free(plan);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tg_plan, free_plan)

/* What a run is: sources are about the planning. */
static char *print_plan(JsonObject *object)
{
    g_autoptr(JsonObject) kept = json_object_new();
    JsonObjectIter iterator;
    const char *name;
    JsonNode *member;
    json_object_iter_init_ordered(&iterator, object);
    while (json_object_iter_next_ordered(&iterator, &name, &member))
        if (strcmp(name, "sources") != 0)
            json_object_set_member(kept, name, json_node_copy(member));
    g_autoptr(JsonNode) root = json_node_init_object(json_node_alloc(), kept);
    return tg_json_to_string(root, FALSE);
}

static struct tg_plan *read_plan(JsonObject *object, const char *script, GError **error)
{
    g_autoptr(tg_plan) plan = g_new0(struct tg_plan, 1);
    JsonNode *seed = json_object_get_member(object, "seed");
    plan->scenario = read_name(object, "scenario", MAX_SCENARIO);
    plan->attack = read_name(object, "attack", MAX_ATTACK);
    plan->traffic = read_name(object, "traffic", MAX_TRAFFIC);
    plan->seed = seed && JSON_NODE_HOLDS_VALUE(seed) ? json_node_get_int(seed) : -1;
    if (!plan->scenario || !plan->attack || !plan->traffic || plan->seed < 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: the plan lacks a scenario, attack, traffic or seed that can name a run",
                    script);
        return NULL;
    }
    g_autofree char *text = print_plan(object);
    gsize length = strlen(text);
    plan->sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, (gssize)length);
    plan->packed = tg_pack(text, length);
    return g_steal_pointer(&plan);
}

char *tg_plan_to_string(const struct tg_plan *plan)
{
    return tg_unpack(plan->packed);
}

JsonNode *tg_plan_read(const struct tg_plan *plan)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = tg_unpack(plan->packed);
    JsonNode *root = tg_json_parse(text, strlen(text), &error);
    if (!root) /* this program printed it */
        g_error("a plan cannot be read again: %s", error->message);
    return root;
}

char *tg_plan_directory(const struct tg_plan *plan, const char *sources_sha256,
                        const char *ns_version)
{
    g_autofree char *key =
        g_strdup_printf("%s\n%s\n%s\n", plan->sha256, sources_sha256, ns_version);
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
    return g_strdup_printf("%s-%s-%s-s%" G_GINT64_FORMAT "-%.12s", plan->scenario, plan->attack,
                           plan->traffic, plan->seed, hash);
}

/* ---- all of them -------------------------------------------------------- */

/* A planning on its way: what the lines that were read so far come to. */
struct planning {
    struct tg_plans *plans;
    const GPtrArray *settings;
    int n_read;        /* lines */
    GHashTable *known; /* SHA-256 of the plans there are */
    char *sources;     /* that all plans name, as JSON */
    GError *error;     /* the first */
    gboolean ended;    /* is tclsh? */
};

static void set_no_plan(GError **error, const char *script, const char *why)
{
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: --plans printed no plan%s%s", script,
                why ? ": " : "", why ? why : "");
}

/* Its sources are digested once: one script and one library serve all runs. */
static gboolean take_sources(struct planning *planning, JsonNode *node, GError **error)
{
    g_autofree char *sources = json_to_string(node, FALSE);
    if (!planning->sources) {
        planning->plans->sources_sha256 = digest_sources(json_node_get_array(node), error);
        planning->sources = g_steal_pointer(&sources);
        return planning->plans->sources_sha256 != NULL;
    }
    if (strcmp(sources, planning->sources) == 0)
        return TRUE;
    set_no_plan(error, planning->plans->script, "its sources are others than those before");
    return FALSE;
}

/* One line: a plan, or why there is none. */
static gboolean take_plan(struct planning *planning, JsonNode *root, GError **error)
{
    const char *script = planning->plans->script;
    JsonObject *object = root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
    const char *refusal = object ? get_string(object, "refused", NULL) : NULL;
    JsonNode *sources = object ? json_object_get_member(object, "sources") : NULL;
    JsonNode *parameters = object ? json_object_get_member(object, "parameters") : NULL;
    if (refusal) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_USAGE, refusal);
        return FALSE;
    }
    if (!sources || !JSON_NODE_HOLDS_ARRAY(sources) || !parameters ||
        !JSON_NODE_HOLDS_OBJECT(parameters) || planning->n_read >= (int)planning->settings->len) {
        set_no_plan(error, script, NULL);
        return FALSE;
    }
    g_autoptr(tg_plan) plan = read_plan(object, script, error);
    if (!plan || !take_sources(planning, sources, error))
        return FALSE;
    plan->settings = g_strdupv(planning->settings->pdata[planning->n_read++]);
    if (g_hash_table_add(planning->known, g_strdup(plan->sha256)))
        g_ptr_array_add(planning->plans->plans, g_steal_pointer(&plan));
    return TRUE;
}

static void on_line(const char *line, gsize length, gpointer data)
{
    struct planning *planning = data;
    if (planning->error)
        return;
    g_autoptr(GError) parse_error = NULL;
    g_autoptr(JsonNode) root = tg_json_parse(line, length, &parse_error);
    if (!root)
        set_no_plan(&planning->error, planning->plans->script, parse_error->message);
    else
        take_plan(planning, root, &planning->error);
}

static void on_ended(struct tg_child *child, gpointer data)
{
    (void)child;
    ((struct planning *)data)->ended = TRUE;
}

/* The settings as the script reads them: one run a line. NULL when they cannot be written so. */
static char *print_settings(const GPtrArray *settings, GError **error)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GString) lines = g_string_new(NULL);
    for (guint i = 0; i < settings->len; i++) {
        char **run = settings->pdata[i];
        for (char **setting = run; *setting; setting++)
            if (strpbrk(*setting, "\t\r\n")) {
                g_autofree char *shown = g_strescape(*setting, NULL);
                g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                            "setting '%s' holds a tab or the end of a line", shown);
                return NULL;
            }
        char *line = g_strjoinv("\t", run);
        g_string_append_printf(lines, "%s\n", line);
        if (!g_hash_table_add(known, line)) {
            g_autofree char *shown = g_strjoinv(" ", run);
            g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "run '%s' is asked for twice", shown);
            return NULL;
        }
    }
    return g_string_free(g_steal_pointer(&lines), FALSE);
}

/* Writes a file that only this user can read; its name. Caller removes it and frees. */
static char *write_temporary(const char *text, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("adliotlog-XXXXXX", &path, &failure);
    if (fd >= 0)
        close(fd);
    if (fd < 0 || !g_file_set_contents(path, text, -1, &failure)) {
        if (fd >= 0)
            g_unlink(path);
        g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, failure->message);
        return NULL;
    }
    return g_steal_pointer(&path);
}

/* Runs the script to its end, or to the first error. */
static gboolean run_script(struct planning *planning, const char *file, tg_plan_progress progress,
                           gpointer data, GError **error)
{
    const struct tg_plans *plans = planning->plans;
    const int n = (int)planning->settings->len;
    const char *const argv[] = {"tclsh", plans->script, "--plans", file, NULL};
    g_auto(GStrv) envp = tg_plan_environment(plans->library);
    g_autoptr(tg_child) child =
        tg_child_start(&(struct tg_child_command){.argv = argv,
                                                  .envp = (const char *const *)envp,
                                                  .timeout = START_SECONDS + n * PLAN_SECONDS,
                                                  .line = on_line,
                                                  .line_data = planning},
                       on_ended, planning, error);
    if (!child)
        return FALSE;
    while (!planning->ended && !planning->error && !tg_child_exceeds(child)) {
        if (!tg_check_interrupt(error))
            return FALSE;
        if (progress)
            progress(planning->n_read, n, data);
        tg_child_wait();
    }
    if (!planning->error && tg_child_exceeds(child))
        g_set_error(&planning->error, TG_ERROR, TG_ERROR_DATA,
                    "%s: --plans printed a plan of more than %d MiB", plans->script,
                    TG_CHILD_MAX_LINE >> 20);
    if (planning->error) {
        g_propagate_error(error, g_steal_pointer(&planning->error));
        return FALSE;
    }
    if (tg_child_status(child) != 0) {
        set_failure(child, plans->script, error);
        return FALSE;
    }
    if (planning->n_read < n)
        set_no_plan(error, plans->script,
                    planning->n_read > 0 ? "there are fewer than runs" : NULL);
    return planning->n_read == n;
}

struct tg_plans *tg_plans_new(const char *script, const char *library, const GPtrArray *settings,
                              tg_plan_progress progress, gpointer data, GError **error)
{
    g_autofree char *lines = print_settings(settings, error);
    g_autofree char *file = lines ? write_temporary(lines, error) : NULL;
    if (!file)
        return NULL;
    g_autoptr(tg_plans) plans = g_new0(struct tg_plans, 1);
    plans->script = g_canonicalize_filename(script, NULL);
    plans->library = g_strdup(library);
    plans->plans = g_ptr_array_new_with_free_func(free_plan);
    struct planning planning = {.plans = plans,
                                .settings = settings,
                                .known =
                                    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    gboolean done = run_script(&planning, file, progress, data, error);
    g_unlink(file);
    g_hash_table_unref(planning.known);
    g_free(planning.sources);
    g_clear_error(&planning.error);
    return done ? g_steal_pointer(&plans) : NULL;
}

void tg_plans_free(struct tg_plans *plans)
{
    if (!plans)
        return;
    g_free(plans->script);
    g_free(plans->library);
    g_free(plans->sources_sha256);
    g_ptr_array_unref(plans->plans);
    g_free(plans);
}
