#include "dataset/vocabulary.h"
#include "experiments/cmd_train.h"
#include "experiments/command.h"
#include "experiments/model_record.h"
#include "experiments/plan.h"
#include "experiments/steps.h"
#include "tracegen/manifest.h"

#include <glib/gstdio.h>
#include <string.h>

/* The rows of Table II: what is trained on what, and tested on what. */
enum { WITHOUT, WITH, WITH_ATTACK_RUN, N_CONDITION };
static const char *const condition_names[N_CONDITION] = {"without", "with", "with-attack-run"};
static const int model_of[N_CONDITION] = {WITHOUT, WITH, WITH};
enum { PAPER, HELD_OUT, N_SPLIT };
static const char *const split_names[N_SPLIT] = {"paper", "held-out"};

/* The four runs of one protocol and seed: benign and attacked, for training and held out. */
struct twins {
    gint64 benign[N_SPLIT], attacked[N_SPLIT]; /* run_id */
};

struct reproduction {
    ex_plan *plan;
    ds_store *store;
    char *out, *store_path;
    int jobs;
};

static gint64 run_seed(const struct reproduction *r, gint64 seed, int split)
{
    return split == HELD_OUT ? seed + r->plan->held_out : seed;
}

static gboolean run_step(GPtrArray *step, int tolerated, GError **error)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new();
    g_ptr_array_add(steps, step);
    return ex_steps_run(steps, 1, tolerated, error);
}

/* ---- runs ------------------------------------------------------------------------------- */

static GPtrArray *simulate_step(const struct reproduction *r, const char *protocol)
{
    g_autofree char *attack = ex_plan_get(r->plan, "simulate", "attack");
    g_autofree char *attacks = g_strdup_printf("none,%s", attack ? attack : "hidden-channel");
    g_autofree char *runs = g_build_filename(r->out, "runs", NULL);
    g_autofree char *jobs = g_strdup_printf("%d", r->jobs);
    GString *seeds = g_string_new(NULL);
    for (guint i = 0; i < r->plan->seeds->len; i++)
        for (int split = 0; split < N_SPLIT; split++)
            g_string_append_printf(seeds, "%s%" G_GINT64_FORMAT, seeds->len ? "," : "",
                                   run_seed(r, g_array_index(r->plan->seeds, gint64, i), split));
    GPtrArray *step = ex_step_new("simulate", "--traffic", protocol, "--attack", attacks, "--seeds",
                                  seeds->str, "--out", runs, "--jobs", jobs, NULL);
    g_string_free(seeds, TRUE);
    ex_plan_append_options(r->plan, "simulate", step);
    return step;
}

/* The number of a run, or 0. */
static gboolean find_run(const struct reproduction *r, const struct tg_manifest *manifest,
                         gint64 *run_id, GError **error)
{
    *run_id = 0;
    return ds_lookup(r->store, run_id, error,
                     "SELECT run_id FROM run WHERE trace_sha256 = ? AND attack = ?", "ss",
                     manifest->trace_sha256, manifest->attack);
}

/* Puts into the store what it lacks of these run directories, or has from another version. */
static gboolean ingest_missing(const struct reproduction *r, char **directories, GError **error)
{
    g_autoptr(GPtrArray) step = ex_step_new("ingest", "--store", r->store_path, "--force", NULL);
    guint fixed = step->len;
    for (char **directory = directories; *directory; directory++) {
        gint64 current = 0;
        g_autofree char *path = g_build_filename(*directory, "manifest.json", NULL);
        g_autoptr(tg_manifest) manifest = tg_manifest_read(path, error);
        if (!manifest ||
            !ds_lookup(r->store, &current, error,
                       "SELECT run_id FROM run WHERE trace_sha256 = ? AND version = ?"
                       " AND attack = ?",
                       "sss", manifest->trace_sha256, ADLIOTLOG_VERSION, manifest->attack))
            return FALSE;
        if (!current)
            g_ptr_array_add(step, g_strdup(*directory));
    }
    return step->len == fixed || run_step(step, 0, error);
}

/* Simulates and ingests one protocol's runs; twins [n_seed] receives their numbers. */
static gboolean make_runs(const struct reproduction *r, const char *protocol, struct twins *twins,
                          GError **error)
{
    g_autoptr(GPtrArray) step = simulate_step(r, protocol);
    g_autofree char *output = ex_step_capture(step, error);
    if (!output)
        return FALSE;
    g_auto(GStrv) directories = g_strsplit(g_strchomp(output), "\n", -1);
    if (!ingest_missing(r, directories, error))
        return FALSE;
    for (char **directory = directories; *directory; directory++) {
        gint64 run_id;
        g_autofree char *path = g_build_filename(*directory, "manifest.json", NULL);
        g_autoptr(tg_manifest) manifest = tg_manifest_read(path, error);
        if (!manifest || !find_run(r, manifest, &run_id, error))
            return FALSE;
        for (guint i = 0; i < r->plan->seeds->len; i++)
            for (int split = 0; split < N_SPLIT; split++)
                if (run_seed(r, g_array_index(r->plan->seeds, gint64, i), split) == manifest->seed)
                    *(strcmp(manifest->attack, "none") == 0 ? &twins[i].benign[split]
                                                            : &twins[i].attacked[split]) = run_id;
    }
    return TRUE;
}

/* ---- pairs ------------------------------------------------------------------------------ */

static char *set_name(const struct reproduction *r, const char *protocol, gint64 seed,
                      int condition, int split)
{
    return g_strdup_printf("%s-%s-s%" G_GINT64_FORMAT "-%s%s", r->plan->name, protocol, seed,
                           condition_names[condition], split == HELD_OUT ? "-held-out" : "");
}

/* Of each run: the combined set takes half of its pairs from each of two. */
static gint64 limit_of(const struct reproduction *r, int condition)
{
    return condition == WITHOUT ? r->plan->limit : r->plan->limit / 2;
}

/* The command that builds one pair set: of the combined set half of the pairs from each run. */
static GPtrArray *pairs_step(const struct reproduction *r, const char *name,
                             const struct twins *twins, int condition, int split)
{
    g_autofree char *limit_text = g_strdup_printf("%" G_GINT64_FORMAT, limit_of(r, condition));
    g_autofree char *runs =
        condition == WITH
            ? g_strdup_printf("run_id IN (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")",
                              twins->benign[split], twins->attacked[split])
            : g_strdup_printf("run_id = %" G_GINT64_FORMAT,
                              condition == WITHOUT ? twins->benign[split] : twins->attacked[split]);
    GPtrArray *step = ex_step_new("pairs", "--store", r->store_path, "--name", name, "--runs", runs,
                                  "--limit", limit_text, "--force", NULL);
    ex_plan_append_options(r->plan, "pairs", step);
    return step;
}

static gboolean add_missing_pairs(const struct reproduction *r, const char *protocol, gint64 seed,
                                  const struct twins *twins, GPtrArray *steps, GError **error)
{
    for (int i = 0; i < N_CONDITION * N_SPLIT; i++) {
        gint64 current = 0;
        g_autofree char *name = set_name(r, protocol, seed, i % N_CONDITION, i / N_CONDITION);
        g_autoptr(GPtrArray) step = pairs_step(r, name, twins, i % N_CONDITION, i / N_CONDITION);
        g_autofree char *line = ex_step_line(step);
        if (!ds_lookup(r->store, &current, error,
                       "SELECT count(*) FROM pair_set"
                       " WHERE name = ? AND options ->> '$.command' = ?"
                       " AND options ->> '$.version' = ?",
                       "sss", name, line, ADLIOTLOG_VERSION))
            return FALSE;
        if (!current)
            g_ptr_array_add(steps, g_steal_pointer(&step));
    }
    return TRUE;
}

/* Models trained on different numbers of pairs could not be compared. */
static gboolean check_numbers(const struct reproduction *r, const char *protocol, gint64 seed,
                              const struct twins *twins, GPtrArray *steps, GError **error)
{
    (void)twins;
    (void)steps;
    for (int i = 0; i < N_CONDITION * N_SPLIT; i++) {
        gint64 n = 0,
               wanted = i % N_CONDITION == WITH_ATTACK_RUN ? r->plan->limit / 2 : r->plan->limit;
        g_autofree char *name = set_name(r, protocol, seed, i % N_CONDITION, i / N_CONDITION);
        if (!ds_lookup(r->store, &n, error, "SELECT n_pair FROM pair_set WHERE name = ?", "s",
                       name))
            return FALSE;
        if (n != wanted) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                        "pair set '%s' has %" G_GINT64_FORMAT " pairs instead of %" G_GINT64_FORMAT
                        ": simulate longer, or lower the limit in %s",
                        name, n, wanted, r->plan->path);
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- models ----------------------------------------------------------------------------- */

static char *model_path(const struct reproduction *r, const char *protocol, gint64 seed,
                        int condition)
{
    g_autofree char *name = set_name(r, protocol, seed, model_of[condition], PAPER);
    g_autofree char *file = g_strconcat(name, ".safetensors", NULL);
    return g_build_filename(r->out, "models", file, NULL);
}

static GPtrArray *train_step(const struct reproduction *r, const char *pairs, const char *path,
                             gint64 seed)
{
    g_autofree char *seed_text = g_strdup_printf("%" G_GINT64_FORMAT, seed);
    GPtrArray *step = ex_step_new("train", "--store", r->store_path, "--pairs", pairs, "--model",
                                  path, "--seed", seed_text, "--resume", "--force", NULL);
    ex_plan_append_options(r->plan, "train", step);
    return step;
}

static char *train_recipe(const GPtrArray *step, int *status)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new(); /* parsing changes it */
    for (guint i = 0; i < step->len; i++)
        g_ptr_array_add(argv, step->pdata[i]);
    g_ptr_array_add(argv, NULL);
    return ex_train_recipe((int)step->len, (char **)argv->pdata, status);
}

/* Is the file there, made by this recipe from these pairs, and unchanged since? */
static gboolean is_trained(const struct reproduction *r, const char *path, const char *pairs,
                           const GPtrArray *step, gboolean *trained, GError **error)
{
    gint64 model_id = 0;
    int status;
    g_autofree char *recipe = train_recipe(step, &status);
    if (!recipe) {
        g_set_error(error, TG_ERROR, status, "%s: wrong options for train", r->plan->path);
        return FALSE;
    }
    g_autofree char *sha256 =
        g_file_test(path, G_FILE_TEST_EXISTS) ? ex_sha256_file(path, error) : g_strdup("");
    if (!sha256 ||
        !ds_lookup(r->store, &model_id, error,
                   "SELECT model_id FROM model JOIN pair_set"
                   " ON pair_set.sha256 = model.options ->> '$.pairs_sha256'"
                   " WHERE pair_set.name = ? AND model_sha256 = ?"
                   " AND model.options ->> '$.recipe' = ? AND model.options ->> '$.version' = ?",
                   "ssss", pairs, sha256, recipe, ADLIOTLOG_VERSION))
        return FALSE;
    *trained = model_id != 0;
    return TRUE;
}

static gboolean add_missing_models(const struct reproduction *r, const char *protocol, gint64 seed,
                                   GPtrArray *steps, GError **error)
{
    static const int trained_conditions[] = {WITHOUT, WITH};
    for (gsize i = 0; i < G_N_ELEMENTS(trained_conditions); i++) {
        gboolean trained;
        g_autofree char *pairs = set_name(r, protocol, seed, trained_conditions[i], PAPER);
        g_autofree char *path = model_path(r, protocol, seed, trained_conditions[i]);
        g_autoptr(GPtrArray) step = train_step(r, pairs, path, seed);
        if (!is_trained(r, path, pairs, step, &trained, error))
            return FALSE;
        if (!trained)
            g_ptr_array_add(steps, g_steal_pointer(&step));
    }
    return TRUE;
}

/* ---- tests ------------------------------------------------------------------------------ */

/* Adds `command --model --pairs` for each row whose result table does not hold it yet. */
static gboolean add_missing_tests(const struct reproduction *r, const char *protocol, gint64 seed,
                                  const char *command, const char *table, GPtrArray *steps,
                                  GError **error)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT count(*) FROM %s JOIN pair_set USING (pair_set_id) WHERE model_id = ? AND name = ?",
        table);
    for (int i = 0; i < N_CONDITION * N_SPLIT; i++) {
        gint64 n = 0;
        g_autofree char *model = model_path(r, protocol, seed, i % N_CONDITION);
        g_autofree char *pairs = set_name(r, protocol, seed, i % N_CONDITION, i / N_CONDITION);
        gint64 model_id = ex_find_model(r->store, model, error);
        if (!model_id || !ds_lookup(r->store, &n, error, sql, "is", model_id, pairs))
            return FALSE;
        if (n)
            continue;
        GPtrArray *step = ex_step_new(command, "--store", r->store_path, "--model", model,
                                      "--pairs", pairs, NULL);
        ex_plan_append_options(r->plan, command, step);
        g_ptr_array_add(steps, step);
    }
    return TRUE;
}

static char *plan_context(const struct reproduction *r, gint64 pair_set_id)
{
    g_autoptr(ds_query) query =
        ds_query_new(r->store, NULL,
                     "SELECT options ->> '$.context' FROM pair_set WHERE pair_set_id = ?", "i",
                     pair_set_id);
    return query && ds_query_next(query, NULL) ? g_strdup(ds_query_text(query, 0)) : NULL;
}

static gboolean write_trials(const struct reproduction *r, const char *protocol, gint64 seed,
                             GError **error)
{
    for (int i = 0; i < N_CONDITION * N_SPLIT; i++) {
        int condition = i % N_CONDITION, split = i / N_CONDITION;
        gint64 pair_set_id;
        g_autofree char *model = model_path(r, protocol, seed, condition);
        g_autofree char *pairs = set_name(r, protocol, seed, condition, split);
        gint64 model_id = ex_find_model(r->store, model, error);
        if (!model_id || !(pair_set_id = ds_find_pair_set(r->store, pairs, error)))
            return FALSE;
        g_autofree char *context = plan_context(r, pair_set_id);
        if (!ds_execute(r->store, error,
                        "INSERT INTO trial VALUES (?, '', 'network', ?, ?, ?, ?, ?, ?, ?)",
                        "sssissii", r->plan->name, protocol, context, seed,
                        condition_names[condition], split_names[split], model_id, pair_set_id))
            return FALSE;
    }
    return TRUE;
}

/* ---- the whole line ---------------------------------------------------------------------- */

/* What is done for each protocol and seed before the next kind of step begins. */
typedef gboolean (*visit_seed)(const struct reproduction *r, const char *protocol, gint64 seed,
                               const struct twins *twins, GPtrArray *steps, GError **error);

static gboolean visit_models(const struct reproduction *r, const char *protocol, gint64 seed,
                             const struct twins *twins, GPtrArray *steps, GError **error)
{
    (void)twins;
    return add_missing_models(r, protocol, seed, steps, error);
}

static gboolean visit_evaluations(const struct reproduction *r, const char *protocol, gint64 seed,
                                  const struct twins *twins, GPtrArray *steps, GError **error)
{
    (void)twins;
    return add_missing_tests(r, protocol, seed, "evaluate", "evaluation", steps, error);
}

static gboolean visit_verdicts(const struct reproduction *r, const char *protocol, gint64 seed,
                               const struct twins *twins, GPtrArray *steps, GError **error)
{
    (void)twins;
    return add_missing_tests(r, protocol, seed, "detect", "verdict", steps, error);
}

static gboolean visit_trials(const struct reproduction *r, const char *protocol, gint64 seed,
                             const struct twins *twins, GPtrArray *steps, GError **error)
{
    (void)twins;
    (void)steps;
    return write_trials(r, protocol, seed, error);
}

/* Collects the missing steps of one stage over all protocols and seeds, and runs them. */
static gboolean run_stage(const struct reproduction *r, const struct twins *twins, visit_seed visit,
                          int jobs, int tolerated, GError **error)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    guint n_seed = r->plan->seeds->len;
    for (guint p = 0; r->plan->protocols[p]; p++)
        for (guint i = 0; i < n_seed; i++)
            if (!visit(r, r->plan->protocols[p], g_array_index(r->plan->seeds, gint64, i),
                       &twins[p * n_seed + i], steps, error))
                return FALSE;
    return steps->len == 0 || ex_steps_run(steps, jobs, tolerated, error);
}

/* The plan's rows are those of this run, no others. */
static gboolean record_trials(const struct reproduction *r, const struct twins *twins,
                              GError **error)
{
    if (!ds_begin(r->store, error))
        return FALSE;
    gboolean done =
        ds_execute(r->store, error, "DELETE FROM trial WHERE plan = ?", "s", r->plan->name) &&
        run_stage(r, twins, visit_trials, 1, 0, error) && ds_commit(r->store, error);
    if (!done)
        ds_rollback(r->store);
    return done;
}

static gboolean run_report(const struct reproduction *r, GError **error)
{
    g_autoptr(GPtrArray) step = ex_step_new("report", "--store", r->store_path, "--out", r->out,
                                            "--plan", r->plan->name, NULL);
    return run_step(step, 0, error);
}

static gboolean reproduce(const struct reproduction *r, GError **error)
{
    guint n_seed = r->plan->seeds->len;
    g_autofree struct twins *twins =
        g_new0(struct twins, g_strv_length(r->plan->protocols) * n_seed);
    for (guint p = 0; r->plan->protocols[p]; p++)
        if (!make_runs(r, r->plan->protocols[p], &twins[p * n_seed], error))
            return FALSE;
    return run_stage(r, twins, add_missing_pairs, 1, 0, error) &&
           run_stage(r, twins, check_numbers, 1, 0, error) &&
           run_stage(r, twins, visit_models, r->jobs, 0, error) &&
           run_stage(r, twins, visit_evaluations, 1, 0, error) &&
           run_stage(r, twins, visit_verdicts, 1, TG_ERROR_NO, error) && /* no tuple is a result */
           record_trials(r, twins, error) && run_report(r, error);
}

/* A plan that the program brings along can be named from anywhere. */
static char *find_plan(const char *path, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return g_strdup(path);
    g_autofree char *shipped = g_build_filename("experiments", path, NULL);
    char *found = ex_find_data(path, NULL);
    if (!found)
        found = ex_find_data(shipped, NULL);
    if (!found)
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: no such plan", path);
    return found;
}

/* A mistake in them should be found before the simulations, not after. */
static gboolean check_train_options(const ex_plan *plan, GError **error)
{
    int status;
    g_autoptr(GPtrArray) step =
        ex_step_new("train", "--store", "-", "--pairs", "-", "--model", "-", NULL);
    ex_plan_append_options(plan, "train", step);
    g_autofree char *recipe = train_recipe(step, &status);
    if (!recipe)
        g_set_error(error, TG_ERROR, status, "%s: wrong options for train", plan->path);
    return recipe != NULL;
}

static gboolean reproduce_plan(const char *path, const char *seeds, gboolean quick, const char *out,
                               int jobs, GError **error)
{
    g_autofree char *found = find_plan(path, error);
    g_autoptr(ex_plan) plan = found ? ex_plan_read(found, seeds, quick, error) : NULL;
    if (!plan || !check_train_options(plan, error))
        return FALSE;
    g_autofree char *models = g_build_filename(out, "models", NULL);
    if (g_mkdir_with_parents(models, 0777) != 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", models, g_strerror(errno));
        return FALSE;
    }
    g_autofree char *store_path = g_build_filename(out, "store.db", NULL);
    g_autoptr(ds_store) store = ds_store_open(store_path, DS_CREATE, error);
    if (!store)
        return FALSE;
    const struct reproduction r = {plan, store, (char *)out, store_path, jobs};
    return reproduce(&r, error);
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    char *out = NULL, *seeds = NULL;
    gboolean quick = FALSE;
    int jobs = (int)g_get_num_processors();
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "Folder of all results (default: results)",
         "DIR"},
        {"seeds", 0, 0, G_OPTION_ARG_STRING, &seeds, "Seeds, such as 1..20, in place of the plan's",
         "LIST"},
        {"quick", 0, 0, G_OPTION_ARG_NONE, &quick,
         "The same line on less data: use the plan's [quick ...] groups", NULL},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &jobs,
         "Simulations or trainings at a time (default: processors)", "N"},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GError) error = NULL;
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    tg_catch_interrupts();
    if (argc != 2)
        status = ex_usage(command, argc < 2 ? "no plan given" : "more than one plan given");
    else if (jobs < 1)
        status = ex_usage(command, "--jobs must be at least 1");
    else if (!reproduce_plan(argv[1], seeds, quick, out ? out : "results", jobs, &error)) {
        if (g_error_matches(error, TG_ERROR, TG_ERROR_INTERRUPTED))
            g_prefix_error(&error, "the same command goes on from here: ");
        status = ex_fail(command, error);
    }
    g_free(out);
    g_free(seeds);
    return status;
}

const struct ex_command ex_command_reproduce = {
    .name = "reproduce",
    .summary = "run an experiment plan from simulation to report",
    .arguments = "PLAN",
    .description =
        "Runs simulate, ingest, pairs, train, evaluate, detect and report as the plan says and "
        "shows "
        "each command on stderr, so that any of them can be repeated by hand. Only what is missing "
        "or out of date is done: interrupted, the same command goes on at the step where it was. "
        "The "
        "tables and figures in the folder are those of the last plan that was run there, with its "
        "seeds; models and evaluations of other plans stay in the store.\n\n"
        "For each protocol and seed, the model 'without' is trained on the pairs of the benign "
        "run, "
        "the model 'with' on as many pairs of both runs of the twin; both are tested on their "
        "training pairs, as in the paper, and on runs of another seed.\n\n"
        "A plan is an ini file; experiments/paper.ini is one to start from.",
    .examples = "adliotlog reproduce experiments/paper.ini\n"
                "# the publication run\n"
                "adliotlog reproduce --seeds 1..20 --out results experiments/paper.ini",
    .run = run,
};
