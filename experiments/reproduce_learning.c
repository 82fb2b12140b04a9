/* Pair sets, models and tests of a plan. Each stage collects the steps that are missing over all
 * cases and runs them before the next begins. */
#include "dataset/vocabulary.h"
#include "experiments/cmd_pairs.h"
#include "experiments/cmd_train.h"
#include "experiments/model_record.h"
#include "experiments/reproduce.h"
#include "experiments/steps.h"
#include "tracegen/error.h"

#include <string.h>

static const char *const row_names[EX_N_ROW] = {"without", "with", "with-attack-run"};
static const int model_of[EX_N_ROW] = {EX_ROW_WITHOUT, EX_ROW_WITH, EX_ROW_WITH};

GPtrArray *ex_steps_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
}

void ex_add_step(GPtrArray *steps, GPtrArray *step)
{
    g_autofree char *line = ex_step_line(step);
    for (guint i = 0; i < steps->len; i++) {
        g_autofree char *other = ex_step_line(steps->pdata[i]);
        if (strcmp(line, other) == 0) {
            g_ptr_array_unref(step);
            return;
        }
    }
    g_ptr_array_add(steps, step);
}

/* The words of a step, ended by NULL: parsing changes their order. */
static GPtrArray *copy_step(const GPtrArray *step)
{
    GPtrArray *argv = g_ptr_array_new();
    for (guint i = 0; i < step->len; i++)
        g_ptr_array_add(argv, step->pdata[i]);
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* ---- names ---------------------------------------------------------------- */

/* What a variant puts into the name of what it changes, "" when it changes nothing of it. */
static char *variant_part(const struct ex_reproduction *r, const struct ex_case *c, gboolean model)
{
    gboolean varies = ex_plan_varies(r->plan, c->place.variant, "simulate") ||
                      ex_plan_varies(r->plan, c->place.variant, "pairs") ||
                      (model && ex_plan_varies(r->plan, c->place.variant, "train"));
    return varies ? g_strconcat("-", c->place.variant, NULL) : g_strdup("");
}

static char *name_of(const struct ex_reproduction *r, const struct ex_case *c, int row,
                     gboolean model)
{
    g_autofree char *variant = variant_part(r, c, model);
    return g_strdup_printf("%s%s-%s-s%" G_GINT64_FORMAT "-%s", r->plan->name, variant,
                           c->place.protocol, c->seed, row_names[row]);
}

char *ex_set_name(const struct ex_reproduction *r, const struct ex_case *c, int row, int test)
{
    g_autofree char *name = name_of(r, c, row, FALSE);
    return test == EX_TEST_PAPER ? g_steal_pointer(&name)
                                 : g_strconcat(name, "-", r->plan->tests[test], NULL);
}

char *ex_model_path(const struct ex_reproduction *r, const struct ex_case *c, int row)
{
    g_autofree char *name = name_of(r, c, model_of[row], TRUE);
    g_autofree char *file = g_strconcat(name, ".safetensors", NULL);
    return g_build_filename(r->out, "models", file, NULL);
}

/* ---- pairs ---------------------------------------------------------------- */

GPtrArray *ex_pairs_step(const struct ex_reproduction *r, const struct ex_case *c, int row,
                         int test, const char *name)
{
    const struct ex_place place = ex_case_place(r, c, test);
    const struct ex_twin *twin = &c->twins[test];
    gint64 limit = ex_plan_limit(r->plan, place);
    g_autofree char *limit_text =
        g_strdup_printf("%" G_GINT64_FORMAT, row == EX_ROW_WITHOUT ? limit : limit / 2);
    g_autofree char *runs =
        row == EX_ROW_WITH
            ? g_strdup_printf("run_id IN (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")",
                              twin->benign, twin->attacked)
            : g_strdup_printf("run_id = %" G_GINT64_FORMAT,
                              row == EX_ROW_WITHOUT ? twin->benign : twin->attacked);
    GPtrArray *step = ex_step_new("pairs", "--store", r->store_path, "--name", name, "--runs", runs,
                                  "--limit", limit_text, "--force", NULL);
    ex_plan_append_options(r->plan, place, "pairs", step);
    return step;
}

/* What is done for each row of Table II of each test of each case. */
typedef gboolean (*visit_row)(const struct ex_reproduction *r, const struct ex_case *c, int row,
                              int test, GPtrArray *steps, GError **error);

static gboolean visit_rows(const struct ex_reproduction *r, visit_row visit, GPtrArray *steps,
                           GError **error)
{
    for (guint i = 0; i < r->cases->len; i++)
        for (int test = 0; test < r->n_test; test++)
            for (int row = 0; row < EX_N_ROW; row++)
                if (!visit(r, r->cases->pdata[i], row, test, steps, error))
                    return FALSE;
    return TRUE;
}

gboolean ex_add_pairs(const struct ex_reproduction *r, GPtrArray *step, GPtrArray *steps,
                      GError **error)
{
    gboolean built;
    g_autoptr(GPtrArray) owned = step;
    g_autoptr(GPtrArray) argv = copy_step(step);
    if (!ex_pairs_are_built(r->store, (int)step->len, (char **)argv->pdata, &built, error)) {
        g_prefix_error(error, "%s: ", r->plan->path);
        return FALSE;
    }
    if (!built)
        ex_add_step(steps, g_steal_pointer(&owned));
    return TRUE;
}

static gboolean add_missing_pairs(const struct ex_reproduction *r, const struct ex_case *c, int row,
                                  int test, GPtrArray *steps, GError **error)
{
    g_autofree char *name = ex_set_name(r, c, row, test);
    return ex_add_pairs(r, ex_pairs_step(r, c, row, test, name), steps, error);
}

/* Models trained on different numbers of pairs could not be compared. */
static gboolean check_number(const struct ex_reproduction *r, const struct ex_case *c, int row,
                             int test, GPtrArray *steps, GError **error)
{
    (void)steps;
    const gint64 limit = ex_plan_limit(r->plan, ex_case_place(r, c, test));
    const gint64 wanted = row == EX_ROW_WITH_ATTACK_RUN ? limit / 2 : limit;
    gint64 n = 0;
    g_autofree char *name = ex_set_name(r, c, row, test);
    if (!ds_lookup(r->store, &n, error, "SELECT n_pair FROM pair_set WHERE name = ?", "s", name))
        return FALSE;
    if (n != wanted)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "pair set '%s' has %" G_GINT64_FORMAT " pairs instead of %" G_GINT64_FORMAT
                    ": simulate longer, or lower the limit in %s",
                    name, n, wanted, r->plan->path);
    return n == wanted;
}

gboolean ex_reproduce_pairs(const struct ex_reproduction *r, GError **error)
{
    g_autoptr(GPtrArray) steps = ex_steps_new();
    return visit_rows(r, add_missing_pairs, steps, error) && ex_steps_run(steps, 1, 0, error) &&
           visit_rows(r, check_number, NULL, error);
}

/* ---- models --------------------------------------------------------------- */

GPtrArray *ex_training_step(const struct ex_reproduction *r, const struct ex_case *c,
                            const char *pairs, const char *path)
{
    g_autofree char *seed = g_strdup_printf("%" G_GINT64_FORMAT, c->seed);
    GPtrArray *step = ex_step_new("train", "--store", r->store_path, "--pairs", pairs, "--model",
                                  path, "--seed", seed, "--resume", "--force", NULL);
    ex_plan_append_options(r->plan, c->place, "train", step);
    return step;
}

static char *train_recipe(const ex_plan *plan, const GPtrArray *step, GError **error)
{
    int status;
    g_autoptr(GPtrArray) argv = copy_step(step);
    char *recipe = ex_train_recipe((int)step->len, (char **)argv->pdata, &status);
    if (!recipe)
        g_set_error(error, TG_ERROR, status, "%s: wrong options for train", plan->path);
    return recipe;
}

gboolean ex_check_train_options(const ex_plan *plan, GError **error)
{
    for (char **protocol = plan->protocols; *protocol; protocol++)
        for (char **variant = plan->variants; *variant; variant++) {
            const struct ex_place place = {*protocol, *variant, NULL};
            g_autoptr(GPtrArray) step =
                ex_step_new("train", "--store", "-", "--pairs", "-", "--model", "-", NULL);
            ex_plan_append_options(plan, place, "train", step);
            g_autofree char *recipe = train_recipe(plan, step, error);
            if (!recipe)
                return FALSE;
        }
    return TRUE;
}

/* Is the file there, made by this recipe from these pairs, and unchanged since? */
static gboolean is_trained(const struct ex_reproduction *r, const char *path, const char *pairs,
                           const GPtrArray *step, gboolean *trained, GError **error)
{
    gint64 model_id = 0;
    g_autofree char *recipe = train_recipe(r->plan, step, error);
    if (!recipe)
        return FALSE;
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

gboolean ex_add_training(const struct ex_reproduction *r, GPtrArray *step, const char *pairs,
                         const char *path, GPtrArray *steps, GError **error)
{
    gboolean trained;
    g_autoptr(GPtrArray) owned = step;
    if (!is_trained(r, path, pairs, step, &trained, error))
        return FALSE;
    if (!trained)
        ex_add_step(steps, g_steal_pointer(&owned));
    return TRUE;
}

gboolean ex_add_models(const struct ex_reproduction *r, GPtrArray *trainings, GError **error)
{
    static const int trained_rows[] = {EX_ROW_WITHOUT, EX_ROW_WITH};
    for (guint i = 0; i < r->cases->len * G_N_ELEMENTS(trained_rows); i++) {
        const struct ex_case *c = r->cases->pdata[i / G_N_ELEMENTS(trained_rows)];
        const int row = trained_rows[i % G_N_ELEMENTS(trained_rows)];
        g_autofree char *pairs = ex_set_name(r, c, row, EX_TEST_PAPER);
        g_autofree char *path = ex_model_path(r, c, row);
        if (!ex_add_training(r, ex_training_step(r, c, pairs, path), pairs, path, trainings, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- tests ---------------------------------------------------------------- */

gboolean ex_add_test(const struct ex_reproduction *r, struct ex_place place, const char *command,
                     const char *model, const char *pairs, GPtrArray *steps, GError **error)
{
    gint64 n = 0;
    gint64 model_id = ex_find_model(r->store, model, error);
    if (!model_id || !ds_lookup(r->store, &n, error,
                                "SELECT count(*) FROM evaluation JOIN pair_set USING (pair_set_id)"
                                " WHERE model_id = ? AND name = ?"
                                " AND (n_tuple NOT NULL OR ? <> 'detect')",
                                "iss", model_id, pairs, command))
        return FALSE;
    if (n)
        return TRUE;
    GPtrArray *step =
        ex_step_new(command, "--store", r->store_path, "--model", model, "--pairs", pairs, NULL);
    ex_plan_append_options(r->plan, place, command, step);
    ex_add_step(steps, step);
    return TRUE;
}

static gboolean add_missing_test(const struct ex_reproduction *r, const struct ex_case *c, int row,
                                 int test, const char *command, GPtrArray *steps, GError **error)
{
    g_autofree char *model = ex_model_path(r, c, row);
    g_autofree char *pairs = ex_set_name(r, c, row, test);
    return ex_add_test(r, ex_case_place(r, c, test), command, model, pairs, steps, error);
}

static gboolean add_evaluation(const struct ex_reproduction *r, const struct ex_case *c, int row,
                               int test, GPtrArray *steps, GError **error)
{
    return add_missing_test(r, c, row, test, "evaluate", steps, error);
}

/* Set A is that of the readings whose events have an actor. */
static gboolean add_detection(const struct ex_reproduction *r, const struct ex_case *c, int row,
                              int test, GPtrArray *steps, GError **error)
{
    g_autofree char *fields = ex_plan_get(r->plan, c->place, "pairs", "fields");
    g_auto(GStrv) names = fields ? g_strsplit(fields, ",", -1) : NULL;
    if (names && !g_strv_contains((const char *const *)names, "node"))
        return TRUE;
    return add_missing_test(r, c, row, test, "detect", steps, error);
}

/* ---- rivals --------------------------------------------------------------- */

/* The model number of a rival that learned from a row's training pairs; 0: none so far. */
static gboolean find_rival(const struct ex_reproduction *r, const char *rival, const char *training,
                           const char *pairs, gint64 *model_id, GError **error)
{
    *model_id = 0;
    return ds_lookup(r->store, model_id, error,
                     "SELECT model_id FROM evaluation JOIN model USING (model_id)"
                     " JOIN pair_set USING (pair_set_id)"
                     " WHERE pair_set.name = ?1 AND model.options ->> '$.rival' = ?2"
                     " AND model.options ->> '$.version' = ?3 AND model.options ->>"
                     " '$.pairs_sha256' = (SELECT sha256 FROM pair_set WHERE name = ?4)",
                     "ssss", pairs, rival, ADLIOTLOG_VERSION, training);
}

gboolean ex_add_rival(const struct ex_reproduction *r, const char *rival, const char *training,
                      const char *pairs, GPtrArray *steps, GError **error)
{
    gint64 model_id;
    if (!find_rival(r, rival, training, pairs, &model_id, error))
        return FALSE;
    if (!model_id)
        ex_add_step(steps, ex_step_new("evaluate", "--store", r->store_path, "--rival", rival,
                                       "--train", training, "--pairs", pairs, NULL));
    return TRUE;
}

char *ex_rival_sha256(const struct ex_reproduction *r, const char *rival, const char *training,
                      const char *pairs, GError **error)
{
    gint64 model_id;
    if (!find_rival(r, rival, training, pairs, &model_id, error))
        return NULL;
    g_autoptr(ds_query) query =
        ds_query_new(r->store, error, "SELECT model_sha256 FROM model WHERE model_id = ?", "i",
                     model_id);
    return query && ds_query_next(query, error) ? g_strdup(ds_query_text(query, 0)) : NULL;
}

static gboolean add_rivals(const struct ex_reproduction *r, const struct ex_case *c, int row,
                           int test, GPtrArray *steps, GError **error)
{
    g_autofree char *training = ex_set_name(r, c, model_of[row], EX_TEST_PAPER);
    g_autofree char *pairs = ex_set_name(r, c, row, test);
    for (char **rival = r->plan->rivals; *rival; rival++)
        if (!ex_add_rival(r, *rival, training, pairs, steps, error))
            return FALSE;
    return TRUE;
}

/* ---- trials --------------------------------------------------------------- */

static gboolean write_trial(const struct ex_reproduction *r, const struct ex_case *c, int row,
                            int test, const char *method, gint64 model_id, GError **error)
{
    g_autofree char *pairs = ex_set_name(r, c, row, test);
    gint64 pair_set_id = ds_find_pair_set(r->store, pairs, error);
    return pair_set_id &&
           ds_execute(r->store, error,
                      "INSERT INTO trial SELECT ?1, ?2, ?3, ?4,"
                      " options ->> '$.context', ?5, ?6, ?7, ?8, pair_set_id"
                      " FROM pair_set WHERE pair_set_id = ?9",
                      "ssssissii", r->plan->name, c->place.variant, method, c->place.protocol,
                      c->seed, row_names[row], r->plan->tests[test], model_id, pair_set_id);
}

static gboolean write_trials_of(const struct ex_reproduction *r, const struct ex_case *c, int row,
                                int test, GPtrArray *steps, GError **error)
{
    (void)steps;
    g_autofree char *model = ex_model_path(r, c, row);
    g_autofree char *training = ex_set_name(r, c, model_of[row], EX_TEST_PAPER);
    g_autofree char *pairs = ex_set_name(r, c, row, test);
    gint64 model_id = ex_find_model(r->store, model, error);
    if (!model_id || !write_trial(r, c, row, test, "network", model_id, error))
        return FALSE;
    for (char **rival = r->plan->rivals; *rival; rival++)
        if (!find_rival(r, *rival, training, pairs, &model_id, error) ||
            (model_id && !write_trial(r, c, row, test, *rival, model_id, error)))
            return FALSE;
    return TRUE;
}

/* The plan's rows are those of this run, no others. */
static gboolean write_trials(const struct ex_reproduction *r, GError **error)
{
    if (!ds_begin(r->store, error))
        return FALSE;
    gboolean done =
        ds_execute(r->store, error, "DELETE FROM trial WHERE plan = ?", "s", r->plan->name) &&
        visit_rows(r, write_trials_of, NULL, error) && ds_commit(r->store, error);
    if (!done)
        ds_rollback(r->store);
    return done;
}

/* The steps of one kind that are missing. No tuple is a result of detect: status 1 is tolerated. */
static gboolean run_missing(const struct ex_reproduction *r, visit_row visit, int tolerated,
                            GError **error)
{
    g_autoptr(GPtrArray) steps = ex_steps_new();
    return visit_rows(r, visit, steps, error) && ex_steps_run(steps, 1, tolerated, error);
}

gboolean ex_reproduce_tests(const struct ex_reproduction *r, GError **error)
{
    return run_missing(r, add_evaluation, 0, error) &&
           run_missing(r, add_detection, TG_ERROR_NO, error) &&
           run_missing(r, add_rivals, 0, error) && write_trials(r, error);
}
