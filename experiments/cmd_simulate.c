#include "experiments/command.h"
#include "experiments/progress.h"
#include "experiments/seeds.h"
#include "experiments/shard.h"
#include "experiments/sweep.h"
#include "tracegen/json.h"
#include "tracegen/plan.h"
#include "tracegen/simulate.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

/* As given on the command line. */
typedef struct simulate_arguments {
    char *scenario, *seeds, *shard, *out;
    char **attacks, **traffics, **sweeps, **settings;
    gint jobs;
    double timeout;
    gboolean nam, force, plan, list, json;
} simulate_arguments;

static void clear_arguments(struct simulate_arguments *arguments)
{
    g_free(arguments->scenario);
    g_free(arguments->seeds);
    g_free(arguments->shard);
    g_free(arguments->out);
    g_strfreev(arguments->attacks);
    g_strfreev(arguments->traffics);
    g_strfreev(arguments->sweeps);
    g_strfreev(arguments->settings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(simulate_arguments, clear_arguments)

/* ---- what to run -------------------------------------------------------- */

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the scenarios that are brought along, in order. Caller frees. */
static GStrv find_scenarios(const char *folder)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
    const char *file;
    while (directory && (file = g_dir_read_name(directory)))
        if (g_str_has_suffix(file, ".tcl"))
            g_ptr_array_add(names, g_strndup(file, strlen(file) - strlen(".tcl")));
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (GStrv)g_ptr_array_steal(names, NULL);
}

static GError *new_unknown_scenario(const char *name, const char *folder)
{
    g_auto(GStrv) known = find_scenarios(folder);
    g_autofree char *names = g_strjoinv(", ", known);
    return g_error_new(TG_ERROR, TG_ERROR_USAGE,
                       "unknown scenario '%s' (there is %s, or the path of a .tcl file)", name,
                       *known ? names : "none");
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

/* ---- what came of it ---------------------------------------------------- */

struct reporter {
    const struct ex_command *command;
    gboolean json;
    struct ex_progress progress;
    GString *failures; /* one line each */
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
    if (error) {
        g_string_append_printf(reporter->failures, "adliotlog %s: %s: %s\n",
                               reporter->command->name, run->directory, error->message);
        return;
    }
    ex_progress_end(&reporter->progress);
    if (run->skipped)
        g_printerr("adliotlog %s: %s is finished already, skipped\n", reporter->command->name,
                   run->directory);
    if (reporter->json)
        print_json(run);
    else
        puts(run->directory);
    fflush(stdout);
}

static void show_planning(int planned, int n, gpointer data)
{
    struct reporter *reporter = data;
    ex_progress_show(&reporter->progress, planned, n, "");
}

/* What was finished before took no time: the time to go is told from the others. */
static void show_progress(const struct tg_run_counts *counts, gpointer data)
{
    struct reporter *reporter = data;
    g_autofree char *failed =
        counts->failed > 0 ? g_strdup_printf(", %d failed", counts->failed) : NULL;
    reporter->progress.first = counts->skipped;
    ex_progress_show(&reporter->progress, counts->ended, counts->n, failed ? failed : "");
}

/* ---- the command -------------------------------------------------------- */

static gboolean list_script(const char *script, const char *folder, GError **error)
{
    g_autofree char *list = tg_plan_list_options(script, folder, error);
    if (list)
        fputs(list, stdout);
    return list != NULL;
}

/* The options of one scenario, or of all that are brought along, each below its name. */
static gboolean list_options(const char *scenario, const char *folder, GError **error)
{
    if (scenario) {
        g_autofree char *script = find_script(scenario, folder, error);
        return script && list_script(script, folder, error);
    }
    g_auto(GStrv) names = find_scenarios(folder);
    for (char **name = names; *name; name++) {
        g_autofree char *script = find_script(*name, folder, error);
        printf("%s%s:\n", name == names ? "" : "\n", *name);
        if (!script || !list_script(script, folder, error))
            return FALSE;
    }
    return TRUE;
}

static void print_plan(const struct tg_plan *plan, gboolean pretty)
{
    g_autoptr(JsonNode) node = pretty ? tg_plan_read(plan) : NULL;
    g_autofree char *text = pretty ? tg_json_to_string(node, TRUE) : tg_plan_to_string(plan);
    puts(text);
}

/* One plan for people to read, or one a line. */
static void print_plans(const struct tg_plans *plans, gboolean json)
{
    for (guint i = 0; i < plans->plans->len; i++)
        print_plan(plans->plans->pdata[i], !json && plans->plans->len == 1);
}

/* What the runs of a share are chosen by: runs that differ in their seed alone are of a kind. */
static char *name_kind(gconstpointer thing, gconstpointer seeds)
{
    (void)seeds;
    GString *kind = g_string_new(NULL);
    for (char **setting = ((const struct tg_plan *)thing)->settings; *setting; setting++)
        if (!g_str_has_prefix(*setting, "seed="))
            g_string_append_printf(kind, "%s\n", *setting);
    return g_string_free(kind, FALSE);
}

static gint compare_seeds(gconstpointer a, gconstpointer b)
{
    const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

/* The position of its seed among all seeds, which are in order. */
static guint find_seed(gconstpointer thing, gconstpointer seeds)
{
    guint position = 0;
    for (char **setting = ((const struct tg_plan *)thing)->settings; *setting; setting++)
        if (g_str_has_prefix(*setting, "seed=")) {
            const gint64 seed = g_ascii_strtoll(*setting + strlen("seed="), NULL, 10);
            g_array_binary_search((GArray *)seeds, &seed, compare_seeds, &position);
        }
    return position;
}

/* Plans all runs of the seeds that the share has runs of, and leaves those that are of it. */
static struct tg_plans *plan_share(const struct simulate_arguments *arguments,
                                   struct ex_shard shard, const GArray *seeds, const char *script,
                                   const char *folder, struct reporter *reporter, GError **error)
{
    const struct ex_sweep sweep = {.attacks = arguments->attacks,
                                   .traffics = arguments->traffics,
                                   .sweeps = arguments->sweeps,
                                   .settings = arguments->settings};
    const struct ex_shard_names names = {find_seed, name_kind, seeds};
    guint first, end;
    ex_shard_groups(shard, seeds->len, &first, &end);
    g_autoptr(GArray) own = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_array_append_vals(own, &g_array_index(seeds, gint64, first), end - first);
    g_autoptr(GPtrArray) settings = ex_sweep_expand(&sweep, own, error);
    if (!settings)
        return NULL;
    ex_progress_start(&reporter->progress, "plans");
    struct tg_plans *plans = tg_plans_new(script, folder, settings, show_planning, reporter, error);
    ex_progress_end(&reporter->progress);
    if (plans && shard.count > 1)
        ex_shard_cut(shard, seeds->len, plans->plans, &names);
    if (plans && plans->plans->len == 0)
        g_printerr("adliotlog simulate: share %s has no runs: there are fewer than shares\n",
                   arguments->shard);
    return plans;
}

static struct tg_plans *plan_runs(const struct simulate_arguments *arguments, const char *folder,
                                  struct reporter *reporter, GError **error)
{
    struct ex_shard shard;
    if (!ex_shard_parse(arguments->shard, &shard, error))
        return NULL;
    g_autofree char *script =
        find_script(arguments->scenario ? arguments->scenario : "iot16", folder, error);
    g_autoptr(GArray) seeds =
        script ? ex_seeds_parse(arguments->seeds ? arguments->seeds : "1", error) : NULL;
    return seeds ? plan_share(arguments, shard, seeds, script, folder, reporter, error) : NULL;
}

static gboolean run_plans(const struct simulate_arguments *arguments, const struct tg_plans *plans,
                          struct reporter *reporter, GError **error)
{
    const struct tg_simulate_options options = {.out = arguments->out ? arguments->out : "runs",
                                                .jobs = arguments->jobs,
                                                .timeout = arguments->timeout,
                                                .nam = arguments->nam,
                                                .force = arguments->force};
    const struct tg_simulate_callbacks callbacks = {.report = report_run,
                                                    .progress = show_progress,
                                                    .data = reporter};
    ex_progress_start(&reporter->progress, "simulations");
    gboolean done = tg_simulate(&options, plans, &callbacks, error);
    ex_progress_end(&reporter->progress);
    g_printerr("%s", reporter->failures->str);
    return done;
}

static gboolean simulate(const struct ex_command *command,
                         const struct simulate_arguments *arguments, GError **error)
{
    g_autofree char *folder = ex_find_data("scenarios", error);
    if (!folder)
        return FALSE;
    if (arguments->list)
        return list_options(arguments->scenario, folder, error);
    g_autoptr(GString) failures = g_string_new(NULL);
    struct reporter reporter = {.command = command, .json = arguments->json, .failures = failures};
    tg_catch_interrupts();
    g_autoptr(tg_plans) plans = plan_runs(arguments, folder, &reporter, error);
    if (!plans)
        return FALSE;
    if (!arguments->plan)
        return run_plans(arguments, plans, &reporter, error);
    print_plans(plans, arguments->json);
    return TRUE;
}

static int run_simulate(const struct ex_command *command, int argc, char **argv)
{
    g_auto(simulate_arguments) a = {.jobs = (gint)g_get_num_processors(), .timeout = 600};
    const GOptionEntry entries[] = {
        {"scenario", 0, 0, G_OPTION_ARG_STRING, &a.scenario,
         "What is simulated: a name, or the path of a .tcl file (default iot16)", "NAME"},
        {"attack", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.attacks,
         "none, an attack, or several at once as in flood+jamming; commas between runs", "NAME"},
        {"traffic", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.traffics,
         "What the flows are; commas between runs", "NAME"},
        {"seeds", 0, 0, G_OPTION_ARG_STRING, &a.seeds,
         "One run for each, as in 1..20 or 1,3,5 (default 1)", "SEEDS"},
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.settings,
         "Sets another option of the scenario, as --list names them", "NAME=VALUE"},
        {"sweep", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.sweeps,
         "One run for each value, as in rate=1Mb,2Mb or n=1..5; repeat it for all combinations",
         "NAME=VALUES"},
        {"shard", 0, 0, G_OPTION_ARG_STRING, &a.shard,
         "Of all these runs the share I of N: all shares together are the whole", "I/N"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &a.out, "Folder of the runs (default runs)", "DIR"},
        {"jobs", 0, 0, G_OPTION_ARG_INT, &a.jobs,
         "Simulations at a time (default: one for each processor)", "N"},
        {"timeout", 0, 0, G_OPTION_ARG_DOUBLE, &a.timeout,
         "Longest a simulation may take (default 600)", "SECONDS"},
        {"nam", 0, 0, G_OPTION_ARG_NONE, &a.nam, "Write a file for the animator nam too", NULL},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a.force, "Simulate again what is finished", NULL},
        {"plan", 0, 0, G_OPTION_ARG_NONE, &a.plan, "Print what would be simulated, as JSON", NULL},
        {"list", 0, 0, G_OPTION_ARG_NONE, &a.list, "List the options of all scenarios, or of one",
         NULL},
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
        "Simulates a scenario with ns-2, once for each combination of --seeds, --traffic, --sweep "
        "and --attack. Each run gets a directory of its own in the folder --out, named after what "
        "was simulated, with\n"
        " trace.tr       what happened to every packet, as ns writes it\n"
        " manifest.json  what was simulated, attack labels, SHA-256 of the trace\n"
        " trace.nam      for the animator, if asked for\n"
        "\n"
        "The values of a sweep stand between commas; where values hold commas themselves, between "
        "semicolons: --sweep 'levels=AGT;AGT,RTR'. 1..5 is the integers from 1 to 5. What is not "
        "given is as the scenario has it.\n"
        "\n"
        "The directories are printed, one a line: seeds in order, and for each its twins. The name "
        "ends in a hash of everything that the trace depends on, so a run that is finished already "
        "is skipped; one that was interrupted never has the name. Combinations that come to the "
        "same are one run: a benign run is the twin of every attack, whatever an option of the "
        "attacks is.\n"
        "\n"
        "With --shard, N programs that know nothing of each other, on as many machines, share the "
        "runs of one command line: no two have the same, and all have as many, to one, of each "
        "combination of options; twins mostly stay together. All may use one folder, or "
        "each its own. 'adliotlog merge' makes one store of those of the shards.\n"
        "\n"
        "Options that the scenario does not know, that are impossible, or of attacks that no run "
        "has, are refused before ns runs. When ns fails or takes too long, the other runs go on; "
        "those that failed are listed at the end, and the exit status is 5.\n"
        "\n"
        "The environment variable NS names another ns.",
    .examples = "# both twins of seed 1\n"
                "adliotlog simulate --attack none,hidden-channel --out runs\n"
                "# twenty benign runs, two at a time, over slower radios\n"
                "adliotlog simulate --seeds 1..20 --jobs 2 --set data_rate=2Mb\n"
                "# each attack start at each rate, beside their benign twins: nine runs\n"
                "adliotlog simulate --attack none,hidden-channel --sweep attack_start=2,5 "
                "--sweep rate=0.5Mb,1Mb,2Mb\n"
                "# the third quarter of a sweep, into a store of its own\n"
                "adliotlog simulate --seeds 1..1000 --shard 3/4 --out runs-3\n"
                "adliotlog ingest --store shard-3.db runs-3/*\n"
                "# what would be simulated, and who is attacked\n"
                "adliotlog simulate --attack hidden-channel --plan\n"
                "# what can be set\n"
                "adliotlog simulate --list",
    .run = run_simulate,
};
