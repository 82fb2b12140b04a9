#include "experiments/replay.h"

#include "experiments/command.h"
#include "tracegen/child.h"
#include "tracegen/json.h"
#include "tracegen/plan.h"

#include <string.h>

/* ---- settings, NAME=VALUE, as a scenario reads them ---------------------- */

/* Scenarios know no exponents: the fewest decimals that read back as the same number. */
static void put_number(GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE + 320];
    for (int decimals = 0; decimals <= 18; decimals++) {
        g_snprintf(text, sizeof text, "%.*f", decimals, value);
        if (g_ascii_strtod(text, NULL) == value)
            break;
    }
    g_string_append(out, text);
}

/* A value of the manifest as text: lists as A,B, pairs as A-B, nothing for null. */
static void put_value(GString *out, JsonNode *node, char separator)
{
    if (JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *array = json_node_get_array(node);
        for (guint i = 0; i < json_array_get_length(array); i++) {
            if (i > 0)
                g_string_append_c(out, separator);
            put_value(out, json_array_get_element(array, i), '-');
        }
    } else if (!JSON_NODE_HOLDS_VALUE(node))
        return;
    else if (json_node_get_value_type(node) == G_TYPE_DOUBLE)
        put_number(out, json_node_get_double(node));
    else if (json_node_get_value_type(node) == G_TYPE_STRING)
        g_string_append(out, json_node_get_string(node));
    else
        g_string_append_printf(out, "%" G_GINT64_FORMAT, json_node_get_int(node));
}

static void add_settings(GPtrArray *settings, JsonObject *parameters)
{
    JsonObjectIter iterator;
    const char *name;
    JsonNode *node;
    json_object_iter_init_ordered(&iterator, parameters);
    while (json_object_iter_next_ordered(&iterator, &name, &node)) {
        GString *setting = g_string_new(NULL);
        g_string_append_printf(setting, "%s=", name);
        put_value(setting, node, ',');
        g_ptr_array_add(settings, g_string_free(setting, FALSE));
    }
}

struct period {
    char *attack;
    double start, stop;
};

static void clear_period(gpointer period)
{
    g_free(((struct period *)period)->attack);
}

static void add_time(GPtrArray *settings, const char *prefix, const char *side, double time)
{
    g_autoptr(GString) text = g_string_new(NULL);
    put_number(text, time);
    g_ptr_array_add(settings, g_strdup_printf("%s_%s=%s", prefix, side, text->str));
}

/* Attacks at different times have them in options of their own, named as false_start of false-data
   is. */
static void add_times(GPtrArray *settings, const GArray *periods)
{
    const struct period *first = (const struct period *)(const void *)periods->data;
    gboolean same = TRUE;
    for (guint i = 1; i < periods->len; i++)
        same = same && first[i].start == first->start && first[i].stop == first->stop;
    for (guint i = 0; i < (same ? MIN(periods->len, 1) : periods->len); i++) {
        g_auto(GStrv) words = g_strsplit(same ? "attack" : first[i].attack, "-", 2);
        add_time(settings, words[0], "start", first[i].start);
        add_time(settings, words[0], "stop", first[i].stop);
    }
}

static GArray *new_periods(void)
{
    GArray *periods = g_array_new(FALSE, FALSE, sizeof(struct period));
    g_array_set_clear_func(periods, clear_period);
    return periods;
}

/* All of a plan's. Caller unrefs. */
static GPtrArray *settings_of_plan(const struct tg_plan *plan)
{
    GPtrArray *settings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) periods = new_periods();
    g_autoptr(JsonNode) root = tg_plan_read(plan);
    JsonObject *object = json_node_get_object(root);
    JsonArray *attacks = json_object_get_array_member(object, "attacks");
    add_settings(settings, json_object_get_object_member(object, "parameters"));
    for (guint i = 0; i < json_array_get_length(attacks); i++) {
        JsonObject *attack = json_array_get_object_element(attacks, i);
        const struct period period = {
            g_strdup(json_object_get_string_member(attack, "attack")),
            json_object_get_double_member(attack, "start"),
            json_object_get_double_member(attack, "stop"),
        };
        g_array_append_val(periods, period);
        add_settings(settings, json_object_get_object_member(attack, "parameters"));
    }
    add_times(settings, periods);
    return settings;
}

static gboolean add_json(GPtrArray *settings, const char *text, GError **error)
{
    g_autoptr(JsonNode) root = tg_json_parse(text, strlen(text), error);
    if (!root)
        return FALSE;
    if (JSON_NODE_HOLDS_OBJECT(root))
        add_settings(settings, json_node_get_object(root));
    return TRUE;
}

/* All of a run's, of which the store has these parameters. NULL on error; caller unrefs. */
static GPtrArray *settings_of_run(ds_store *store, gint64 run_id, const char *params,
                                  GError **error)
{
    g_autoptr(GPtrArray) settings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) periods = new_periods();
    g_autoptr(ds_query) attacks =
        ds_query_new(store, error,
                     "SELECT attack, start, stop, coalesce(params, '{}') FROM attack"
                     " WHERE run_id = ? ORDER BY attack_no",
                     "i", run_id);
    GError *failure = NULL;
    if (!attacks || !add_json(settings, params, error))
        return NULL;
    while (ds_query_next(attacks, &failure)) {
        const struct period period = {g_strdup(ds_query_text(attacks, 0)),
                                      ds_query_double(attacks, 1), ds_query_double(attacks, 2)};
        g_array_append_val(periods, period);
        if (!add_json(settings, ds_query_text(attacks, 3), &failure))
            break;
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    add_times(settings, periods);
    return g_steal_pointer(&settings);
}

/* ---- what need not be said ----------------------------------------------- */

/* `NAME=...` among the settings; NULL if there is none. */
static const char *find_setting(const GPtrArray *settings, const char *name)
{
    const gsize length = strlen(name);
    for (guint i = 0; i < settings->len; i++) {
        const char *setting = settings->pdata[i];
        if (strncmp(setting, name, length) == 0 && setting[length] == '=')
            return setting;
    }
    return NULL;
}

/* These are always given: what else is default depends on them. */
static const char *const always[] = {"seed", "traffic", "attack", "duration"};
enum { N_ALWAYS = G_N_ELEMENTS(always), N_OPTION = 3 }; /* the first three are options */

static gboolean is_one_of(const char *setting, guint n)
{
    for (guint i = 0; i < n; i++)
        if (g_str_has_prefix(setting, always[i]) && setting[strlen(always[i])] == '=')
            return TRUE;
    return FALSE;
}

/*
 * The settings that the script comes to when it is told only those of `always`, attack only with
 * with_attack. NULL when it refuses that; caller unrefs.
 */
static GPtrArray *find_defaults(const char *script, const char *folder, const GPtrArray *settings,
                                gboolean with_attack)
{
    g_autoptr(GPtrArray) run = g_ptr_array_new();
    g_autoptr(GPtrArray) runs = g_ptr_array_new();
    for (guint i = 0; i < N_ALWAYS; i++) {
        const char *setting = find_setting(settings, always[i]);
        if (setting && (with_attack || strcmp(always[i], "attack") != 0))
            g_ptr_array_add(run, (gpointer)setting);
    }
    g_ptr_array_add(run, NULL);
    g_ptr_array_add(runs, run->pdata);
    g_autoptr(tg_plans) plans = tg_plans_new(script, folder, runs, NULL, NULL, NULL);
    return plans ? settings_of_plan(plans->plans->pdata[0]) : NULL;
}

/* The settings without those that are defaults of the script. Caller unrefs. */
static GPtrArray *leave_out_defaults(const GPtrArray *settings, const char *script,
                                     const char *folder)
{
    GPtrArray *kept = g_ptr_array_new();
    g_autoptr(GPtrArray) defaults = find_defaults(script, folder, settings, TRUE);
    if (!defaults) /* replay is refused while RTS/CTS is on ... */
        defaults = find_defaults(script, folder, settings, FALSE);
    for (guint i = 0; i < settings->len; i++) {
        gpointer setting = settings->pdata[i];
        if (is_one_of(setting, N_ALWAYS) || !defaults ||
            !g_ptr_array_find_with_equal_func(defaults, setting, g_str_equal, NULL))
            g_ptr_array_add(kept, setting);
    }
    return kept;
}

/* ---- the commands -------------------------------------------------------- */

static void add_word(GPtrArray *words, const char *word)
{
    g_ptr_array_add(words, g_strdup(word));
}

static char *quote(GPtrArray *words)
{
    g_ptr_array_add(words, NULL);
    return tg_quote_command((const char *const *)words->pdata);
}

static char *print_simulate(const char *scenario, const GPtrArray *settings)
{
    static const char *const options[N_OPTION] = {"--seeds", "--traffic", "--attack"};
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    add_word(words, "adliotlog");
    add_word(words, "simulate");
    add_word(words, "--scenario");
    add_word(words, scenario);
    for (guint i = 0; i < N_OPTION; i++) {
        const char *setting = find_setting(settings, always[i]);
        if (!setting)
            continue;
        add_word(words, options[i]);
        add_word(words, setting + strlen(always[i]) + 1);
    }
    for (guint i = 0; i < settings->len; i++) {
        if (is_one_of(settings->pdata[i], N_OPTION))
            continue;
        add_word(words, "--set");
        add_word(words, settings->pdata[i]);
    }
    return quote(words);
}

static char *print_ns(const char *script, const GPtrArray *settings)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    add_word(words, "ns");
    add_word(words, script);
    add_word(words, "--trace");
    add_word(words, "trace.tr");
    for (guint i = 0; i < settings->len; i++)
        add_word(words, settings->pdata[i]);
    return quote(words);
}

static gboolean print_commands(ex_replay *replay, ds_store *store, gint64 run_id,
                               const char *scenario, const char *params, GError **error)
{
    g_autoptr(GPtrArray) settings = settings_of_run(store, run_id, params, error);
    if (!settings)
        return FALSE;
    g_autofree char *file = g_strdup_printf("%s.tcl", scenario);
    g_autofree char *folder = ex_find_data("scenarios", NULL);
    g_autofree char *script = folder ? g_build_filename(folder, file, NULL) : NULL;
    if (!script || !g_file_test(script, G_FILE_TEST_IS_REGULAR)) {
        replay->simulate = print_simulate(file, settings);
        replay->ns = print_ns(file, settings);
        return TRUE;
    }
    g_autoptr(GPtrArray) kept = leave_out_defaults(settings, script, folder);
    replay->simulate = print_simulate(scenario, kept);
    replay->ns = print_ns(script, kept);
    return TRUE;
}

gboolean ex_replay_find(ex_replay *replay, ds_store *store, gint64 run_id, GError **error)
{
    *replay = (ex_replay){NULL};
    GError *failure = NULL;
    g_autoptr(ds_query) run = ds_query_new(store, error,
                                           "SELECT scenario, params FROM run WHERE run_id = ?"
                                           " AND scenario IS NOT NULL AND params ->> '$.seed'"
                                           " IS NOT NULL",
                                           "i", run_id);
    if (!run)
        return FALSE;
    if (!ds_query_next(run, &failure)) {
        if (failure)
            g_propagate_error(error, failure);
        return failure == NULL;
    }
    return print_commands(replay, store, run_id, ds_query_text(run, 0), ds_query_text(run, 1),
                          error);
}

void ex_replay_clear(ex_replay *replay)
{
    g_free(replay->simulate);
    g_free(replay->ns);
}
