#include "experiments/command.h"
#include "experiments/progress.h"
#include "experiments/seeds.h"
#include "tracegen/json.h"
#include "tracegen/plan.h"
#include "tracegen/simulate.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

/* As given on the command line. */
typedef struct simulate_arguments {
    char *scenario, *seeds, *out;
    char **attacks, **traffics, **settings;
    gint jobs;
    double timeout;
    gboolean nam, force, list, json;
} simulate_arguments;

static void clear_arguments(struct simulate_arguments *arguments)
{
    g_free(arguments->scenario);
    g_free(arguments->seeds);
    g_free(arguments->out);
    g_strfreev(arguments->attacks);
    g_strfreev(arguments->traffics);
    g_strfreev(arguments->settings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(simulate_arguments, clear_arguments)

/* ---- what to run -------------------------------------------------------- */

/* Values of an option that may be repeated and may hold several between commas. Caller frees. */
static GStrv split_values(char **values, const char *fallback)
{
    g_autoptr(GStrvBuilder) split = g_strv_builder_new();
    for (char **value = values; value && *value; value++) {
        g_auto(GStrv) parts = g_strsplit(*value, ",", -1);
        g_strv_builder_addv(split, (const char **)parts);
    }
    if (!values || !*values)
        g_strv_builder_add(split, fallback);
    return g_strv_builder_end(split);
}

static GError *new_unknown_scenario(const char *name, const char *folder)
{
    GString *known = g_string_new(NULL);
    g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
    const char *file;
    while (directory && (file = g_dir_read_name(directory)))
        if (g_str_has_suffix(file, ".tcl"))
            g_string_append_printf(known, "%s%.*s", known->len ? ", " : "",
                                   (int)(strlen(file) - strlen(".tcl")), file);
    GError *error = g_error_new(TG_ERROR, TG_ERROR_USAGE,
                                "unknown scenario '%s' (there is %s, or the path of a .tcl file)",
                                name, known->len ? known->str : "none");
    g_string_free(known, TRUE);
    return error;
}

/* The script of a scenario that is brought along, by name, or of the user's own, by path. */
static char *find_script(const char *scenario, const char *folder, GError **error)
{
    gboolean own = strchr(scenario, '/') || g_str_has_suffix(scenario, ".tcl");
    g_autofree char *file = g_strdup_printf("%s.tcl", scenario);
    g_autofree char *path = own ? g_strdup(scenario) : g_build_filename(folder, file, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&path);
    if (own)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "there is no scenario script '%s'", path);
    else
        g_propagate_error(error, new_unknown_scenario(scenario, folder));
    return NULL;
}

/* The name=value arguments of all runs, one GStrv each: seeds in order, and for each the twins. */
static GPtrArray *expand_settings(const struct simulate_arguments *arguments, const GArray *seeds)
{
    g_auto(GStrv) attacks = split_values(arguments->attacks, "none");
    g_auto(GStrv) traffics = split_values(arguments->traffics, "udp");
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    for (guint i = 0; i < seeds->len; i++)
        for (char **traffic = traffics; *traffic; traffic++)
            for (char **attack = attacks; *attack; attack++) {
                g_autoptr(GStrvBuilder) settings = g_strv_builder_new();
                g_autofree char *seed =
                    g_strdup_printf("seed=%" G_GINT64_FORMAT, g_array_index(seeds, gint64, i));
                g_autofree char *attack_is = g_strconcat("attack=", *attack, NULL);
                g_autofree char *traffic_is = g_strconcat("traffic=", *traffic, NULL);
                g_strv_builder_add_many(settings, attack_is, traffic_is, seed, NULL);
                if (arguments->settings)
                    g_strv_builder_addv(settings, (const char **)arguments->settings);
                g_ptr_array_add(all, g_strv_builder_end(settings));
            }
    return all;
}

/* ---- what came of it ---------------------------------------------------- */

struct reporter {
    const struct ex_command *command;
    gboolean json;
    struct ex_progress progress;
};

static void print_json(const struct tg_run *run)
{
    g_autoptr(JsonNode) root = json_node_init_object(json_node_alloc(), json_object_new());
    JsonObject *object = json_node_get_object(root);
    json_object_set_string_member(object, "directory", run->directory);
    json_object_set_string_member(object, "scenario", run->scenario);
    json_object_set_string_member(object, "attack", run->attack);
    json_object_set_string_member(object, "traffic", run->traffic);
    json_object_set_int_member(object, "seed", run->seed);
    json_object_set_string_member(object, "sha256", run->sha256);
    json_object_set_int_member(object, "bytes", run->bytes);
    json_object_set_double_member(object, "seconds", run->seconds);
    json_object_set_boolean_member(object, "skipped", run->skipped);
    json_object_unref(object);
    g_autofree char *line = tg_json_to_string(root, FALSE);
    puts(line);
}

static void report_run(const struct tg_run *run, const GError *error, gpointer data)
{
    struct reporter *reporter = data;
    ex_progress_end(&reporter->progress);
    if (error) {
        g_printerr("adliotlog %s: %s: %s\n", reporter->command->name, run->directory,
                   error->message);
        return;
    }
    if (run->skipped)
        g_printerr("adliotlog %s: %s is finished already, skipped\n", reporter->command->name,
                   run->directory);
    if (reporter->json)
        print_json(run);
    else
        puts(run->directory);
    fflush(stdout);
}

static void show_progress(int ended, int n, gpointer data)
{
    struct reporter *reporter = data;
    ex_progress_show(&reporter->progress, ended, n, "");
}

/* ---- the command -------------------------------------------------------- */

static gboolean list_options(const char *script, const char *folder, GError **error)
{
    g_autofree char *list = tg_plan_list_options(script, folder, error);
    if (list)
        fputs(list, stdout);
    return list != NULL;
}

static gboolean simulate(const struct ex_command *command,
                         const struct simulate_arguments *arguments, GError **error)
{
    g_autofree char *folder = ex_find_data("scenarios", error);
    const char *scenario = arguments->scenario ? arguments->scenario : "iot16";
    g_autofree char *script = folder ? find_script(scenario, folder, error) : NULL;
    if (!script)
        return FALSE;
    if (arguments->list)
        return list_options(script, folder, error);
    g_autoptr(GArray) seeds = ex_seeds_parse(arguments->seeds ? arguments->seeds : "1", error);
    if (!seeds)
        return FALSE;

    g_autoptr(GPtrArray) settings = expand_settings(arguments, seeds);
    g_autofree struct tg_simulation *simulations = g_new0(struct tg_simulation, settings->len);
    for (guint i = 0; i < settings->len; i++)
        simulations[i] =
            (struct tg_simulation){.script = script,
                                   .settings = (const char *const *)g_ptr_array_index(settings, i)};
    struct reporter reporter = {.command = command, .json = arguments->json};
    ex_progress_start(&reporter.progress, "simulations");
    const struct tg_simulate_options options = {.library = folder,
                                                .out = arguments->out ? arguments->out : "runs",
                                                .jobs = arguments->jobs,
                                                .timeout = arguments->timeout,
                                                .nam = arguments->nam,
                                                .force = arguments->force};
    const struct tg_simulate_callbacks callbacks = {.report = report_run,
                                                    .progress = show_progress,
                                                    .data = &reporter};
    tg_catch_interrupts();
    gboolean done = tg_simulate(&options, simulations, (int)settings->len, &callbacks, error);
    ex_progress_end(&reporter.progress);
    return done;
}

static int run_simulate(const struct ex_command *command, int argc, char **argv)
{
    g_auto(simulate_arguments) a = {.jobs = (gint)g_get_num_processors(), .timeout = 600};
    const GOptionEntry entries[] = {
        {"scenario", 0, 0, G_OPTION_ARG_STRING, &a.scenario,
         "What is simulated: a name, or the path of a .tcl file (default iot16)", "NAME"},
        {"attack", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.attacks,
         "none or hidden-channel; repeat it, or put commas between, for both twins (default none)",
         "NAME"},
        {"traffic", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.traffics,
         "Transport of the flows (default udp)", "NAME"},
        {"seeds", 0, 0, G_OPTION_ARG_STRING, &a.seeds,
         "One run for each, as in 1..20 or 1,3,5 (default 1)", "SEEDS"},
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.settings,
         "Sets another option of the scenario, as --list names them", "NAME=VALUE"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &a.out, "Folder of the runs (default runs)", "DIR"},
        {"jobs", 0, 0, G_OPTION_ARG_INT, &a.jobs,
         "Simulations at a time (default: one for each processor)", "N"},
        {"timeout", 0, 0, G_OPTION_ARG_DOUBLE, &a.timeout,
         "Longest a simulation may take (default 600)", "SECONDS"},
        {"nam", 0, 0, G_OPTION_ARG_NONE, &a.nam, "Write a file for the animator nam too", NULL},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a.force, "Simulate again what is finished", NULL},
        {"list", 0, 0, G_OPTION_ARG_NONE, &a.list, "List the scenario's options", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Print one JSON object a run", NULL},
        G_OPTION_ENTRY_NULL};
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    if (a.jobs < 1 || a.jobs > 1024)
        return ex_usage(command, "--jobs is not from 1 to 1024");
    if (!(a.timeout >= 0.001 && a.timeout <= 1e6))
        return ex_usage(command, "--timeout is not from 0.001 to 1000000 seconds");
    g_autoptr(GError) error = NULL;
    return simulate(command, &a, &error) ? 0 : ex_fail(command, error);
}

const struct ex_command ex_command_simulate = {
    .name = "simulate",
    .summary = "run ns-2 on a scenario",
    .arguments = "",
    .description =
        "Simulates a scenario with ns-2, once for each seed and attack. Each run gets a directory "
        "of its own in the folder --out, named after what was simulated, with\n"
        " trace.tr       what happened to every packet, as ns writes it\n"
        " manifest.json  what was simulated, attack labels, SHA-256 of the trace\n"
        " trace.nam      for the animator, if asked for\n"
        "\n"
        "The directories are printed, one a line, in the order of the seeds. The name ends in a "
        "hash of everything that the trace depends on, so a run that is finished already is "
        "skipped; one that was interrupted never has the name.\n"
        "\n"
        "Options that the scenario does not know, or that are impossible, are refused before ns "
        "runs. When ns fails or takes too long, the other runs go on, and the exit status is 5.\n"
        "\n"
        "The environment variable NS names another ns.",
    .examples = "# both twins of seed 1\n"
                "adliotlog simulate --attack none,hidden-channel --out runs\n"
                "# twenty benign runs, two at a time, over slower radios\n"
                "adliotlog simulate --seeds 1..20 --jobs 2 --set data_rate=2Mb\n"
                "# what can be set\n"
                "adliotlog simulate --list",
    .run = run_simulate,
};
