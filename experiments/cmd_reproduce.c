#include "experiments/command.h"
#include "experiments/reproduce.h"
#include "experiments/shard.h"
#include "experiments/steps.h"

#include <glib/gstdio.h>

static void free_case(gpointer data)
{
    struct ex_case *c = data;
    g_free(c->twins);
    g_free(c);
}

static GPtrArray *list_cases(const ex_plan *plan, int n_test)
{
    GPtrArray *cases = g_ptr_array_new_with_free_func(free_case);
    for (char **variant = plan->variants; *variant; variant++)
        for (char **protocol = plan->protocols; *protocol; protocol++) {
            const struct ex_place place = {*protocol, *variant, NULL};
            g_autoptr(GArray) seeds = ex_plan_seeds(plan, place);
            for (guint i = 0; i < seeds->len; i++) {
                struct ex_case *c = g_new0(struct ex_case, 1);
                c->place = place;
                c->seed = g_array_index(seeds, gint64, i);
                c->twins = g_new0(struct ex_twin, n_test);
                g_ptr_array_add(cases, c);
            }
        }
    return cases;
}

static gboolean run_report(const struct ex_reproduction *r, GError **error)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    ex_add_step(steps, ex_step_new("report", "--store", r->store_path, "--out", r->out, "--plan",
                                   r->plan->name, NULL));
    return ex_steps_run(steps, 1, 0, error);
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

/* All but the report. */
static gboolean carry_out(const struct ex_reproduction *r, GError **error)
{
    g_autoptr(GPtrArray) trainings = ex_steps_new();
    g_autoptr(ex_detection_part) detection = NULL;
    g_autoptr(ex_federation_part) federation = NULL;
    return ex_reproduce_runs(r, error) && ex_reproduce_pairs(r, error) &&
           ex_add_models(r, trainings, error) &&
           ex_prepare_federation(r, &federation, trainings, error) &&
           ex_prepare_detection(r, &detection, trainings, error) &&
           ex_prepare_audit(r, trainings, error) && ex_steps_run(trainings, r->jobs, 0, error) &&
           ex_reproduce_tests(r, error) && ex_reproduce_audit(r, error) &&
           ex_finish_detection(detection, error) && ex_finish_federation(federation, error);
}

/* What the cases need each by itself: the rest is of the plan as a whole. */
static gboolean carry_out_share(const struct ex_reproduction *r, GError **error)
{
    g_autoptr(GPtrArray) trainings = ex_steps_new();
    return ex_reproduce_runs(r, error) && ex_reproduce_pairs(r, error) &&
           ex_add_models(r, trainings, error) && ex_steps_run(trainings, r->jobs, 0, error) &&
           ex_reproduce_tests(r, error);
}

/* As given on the command line. */
struct reproduce_arguments {
    char *out, *seeds, *shard;
    gboolean quick;
    int jobs;
};

static gboolean reproduce_plan(const char *path, const struct reproduce_arguments *a,
                               GError **error)
{
    const char *out = a->out ? a->out : "results";
    struct ex_shard shard;
    if (!ex_shard_parse(a->shard, &shard, error))
        return FALSE;
    g_autofree char *found = find_plan(path, error);
    g_autoptr(ex_plan) plan = found ? ex_plan_read(found, a->seeds, a->quick, error) : NULL;
    if (!plan || !ex_check_train_options(plan, error))
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
    const int n_test = (int)g_strv_length(plan->tests);
    g_autoptr(GPtrArray) cases = list_cases(plan, n_test);
    ex_shard_deal(shard, cases);
    const struct ex_reproduction r = {.plan = plan,
                                      .store = store,
                                      .out = out,
                                      .store_path = store_path,
                                      .jobs = a->jobs,
                                      .n_test = n_test,
                                      .cases = cases};
    if (a->shard)
        return carry_out_share(&r, error);
    return carry_out(&r, error) && run_report(&r, error) && ex_check_audit(&r, error);
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    struct reproduce_arguments a = {.jobs = (int)g_get_num_processors()};
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &a.out, "Folder of all results (default: results)",
         "DIR"},
        {"seeds", 0, 0, G_OPTION_ARG_STRING, &a.seeds,
         "Seeds, such as 1..20, in place of the plan's", "LIST"},
        {"quick", 0, 0, G_OPTION_ARG_NONE, &a.quick,
         "The same line on less data: use the plan's [quick ...] groups", NULL},
        {"shard", 0, 0, G_OPTION_ARG_STRING, &a.shard,
         "Of the plan's cases (variant, protocol, seed) the share I of N, in a folder of its own",
         "I/N"},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &a.jobs,
         "Simulations or trainings at a time (default: processors)", "N"},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GError) error = NULL;
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    tg_catch_interrupts();
    if (argc != 2)
        status = ex_usage(command, argc < 2 ? "no plan given" : "more than one plan given");
    else if (a.jobs < 1)
        status = ex_usage(command, "--jobs must be at least 1");
    else if (!reproduce_plan(argv[1], &a, &error)) {
        if (g_error_matches(error, TG_ERROR, TG_ERROR_INTERRUPTED))
            g_prefix_error(&error, "the same command goes on from here: ");
        status = ex_fail(command, error);
    }
    g_free(a.out);
    g_free(a.seeds);
    g_free(a.shard);
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
        "With --shard, N programs that know nothing of each other share the cases of a plan, each "
        "variant, protocol and seed being one: its runs, pairs, networks and tests. Then put the "
        "folders runs and models of all shards into one folder, merge their stores there, and run "
        "the plan in it without --shard: what is there is not done again; what is left are audit, "
        "detection task and report, which look at the whole.\n\n"
        "A plan is an ini file; experiments/paper.ini is one to start from.",
    .examples =
        "adliotlog reproduce experiments/paper.ini\n"
        "# on two machines, and then on one of them\n"
        "adliotlog reproduce --shard 1/2 --out half-1 experiments/paper.ini\n"
        "adliotlog reproduce --shard 2/2 --out half-2 experiments/paper.ini\n"
        "mkdir results && cp -R half-1/runs half-1/models half-2/runs half-2/models results\n"
        "adliotlog merge --store results/store.db half-1/store.db half-2/store.db\n"
        "adliotlog reproduce --out results experiments/paper.ini\n"
        "# the publication run\n"
        "adliotlog reproduce --seeds 1..20 --out results experiments/paper.ini",
    .run = run,
};
