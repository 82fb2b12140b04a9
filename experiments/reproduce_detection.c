/*
 * The detection task of a plan: benign runs to learn from, twins of other seeds to judge, models
 * trained on the one and tested on the other, all detectors scored and ranked.
 */
#include "experiments/reproduce.h"
#include "experiments/steps.h"
#include "tracegen/error.h"

#include <string.h>

struct ex_detection_part {
    const struct ex_reproduction *r;
    struct ex_place place;
    char *protocol;
    char *training, *testing;           /* pair sets */
    char *training_runs, *testing_runs; /* SQL conditions */
    char **models;
};

static char *own_key(const struct ex_reproduction *r, const char *key)
{
    return ex_plan_part_key(r->plan, EX_PART_DETECTION, key);
}

void ex_detection_part_free(ex_detection_part *task)
{
    if (!task)
        return;
    char *strings[] = {task->protocol, task->training, task->testing, task->training_runs,
                       task->testing_runs};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_strfreev(task->models);
    g_free(task);
}

static void fill_task(struct ex_detection_part *task, const struct ex_reproduction *r)
{
    g_autofree char *models = own_key(r, "models");
    task->r = r;
    task->protocol = own_key(r, "protocol");
    if (!task->protocol)
        task->protocol = g_strdup(r->plan->protocols[0]);
    task->place = (struct ex_place){task->protocol, "", NULL, EX_PART_DETECTION};
    task->training = g_strconcat(r->plan->name, "-detection-train", NULL);
    task->testing = g_strconcat(r->plan->name, "-detection-test", NULL);
    task->models = g_strsplit(models ? models : "network", ",", -1);
    for (char **model = task->models; *model; model++)
        g_strstrip(*model);
}

/* ---- runs ----------------------------------------------------------------- */

/* `run_id IN (...)` of the benign runs of some seeds, or of both runs of each twin. */
static char *runs_condition(const struct ex_request *request, const GArray *seeds, gboolean both)
{
    GString *sql = g_string_new("run_id IN (");
    for (guint i = 0; i < seeds->len; i++) {
        const struct ex_twin *twin =
            g_hash_table_lookup(request->twins, &g_array_index(seeds, gint64, i));
        g_string_append_printf(sql, "%s%" G_GINT64_FORMAT, i ? ", " : "", twin->benign);
        if (both)
            g_string_append_printf(sql, ", %" G_GINT64_FORMAT, twin->attacked);
    }
    g_string_append_c(sql, ')');
    return g_string_free(sql, FALSE);
}

/*
 * Twins of all seeds by one call: options of the attack have no meaning where all runs are benign,
 * and the attack runs of training, which nothing looks at, take a second each.
 */
static gboolean make_runs(struct ex_detection_part *task, GError **error)
{
    g_autoptr(GPtrArray) requests = ex_requests_new();
    g_autofree char *attack = ex_place_attack(task->r, task->place);
    g_autofree char *attacks = g_strconcat("none,", attack, NULL);
    g_autoptr(GArray) training = ex_plan_part_list(task->r->plan, EX_PART_DETECTION, "train-seeds");
    g_autoptr(GArray) testing = ex_plan_part_list(task->r->plan, EX_PART_DETECTION, "test-seeds");
    const GArray *const lists[] = {training, testing};
    struct ex_request *request =
        ex_request_find(requests, ex_simulation_step(task->r, task->place, attacks));
    for (gsize list = 0; list < G_N_ELEMENTS(lists); list++)
        for (guint i = 0; i < lists[list]->len; i++)
            ex_request_add_seed(request, g_array_index(lists[list], gint64, i));
    if (!ex_requests_run(task->r, requests, error))
        return FALSE;
    task->training_runs = runs_condition(request, training, FALSE);
    task->testing_runs = runs_condition(request, testing, TRUE);
    return TRUE;
}

/* ---- pairs and models ----------------------------------------------------- */

/* What is judged is judged whole: a limit would leave out what comes last, such as the attack. */
static gboolean add_pairs(const struct ex_detection_part *task, gboolean whole, const char *name,
                          const char *runs, GPtrArray *steps, GError **error)
{
    const gint64 limit = whole ? 0 : ex_plan_limit(task->r->plan, task->place);
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, limit);
    GPtrArray *step = ex_step_new("pairs", "--store", task->r->store_path, "--name", name, "--runs",
                                  runs, "--limit", text, "--force", NULL);
    ex_plan_append_options(task->r->plan, task->place, "pairs", step);
    return ex_add_pairs(task->r, step, steps, error);
}

static gboolean make_pairs(const struct ex_detection_part *task, GError **error)
{
    g_autoptr(GPtrArray) steps = ex_steps_new();
    return add_pairs(task, FALSE, task->training, task->training_runs, steps, error) &&
           add_pairs(task, TRUE, task->testing, task->testing_runs, steps, error) &&
           ex_steps_run(steps, 1, 0, error);
}

/* What train is told beside the plan's options. NULL for a rival. */
static const char *const *network_options(const char *model)
{
    static const char *const none[] = {NULL};
    static const char *const next_word[] = {"--task", "next-word",         "--cell",
                                            "lstm",   "--teacher-forcing", "1",
                                            NULL};
    if (strcmp(model, "network") == 0)
        return none;
    return strcmp(model, "next-word") == 0 ? next_word : NULL;
}

static char *model_path(const struct ex_detection_part *task, const char *model)
{
    g_autofree char *file =
        g_strconcat(task->r->plan->name, "-detection-", model, ".safetensors", NULL);
    return g_build_filename(task->r->out, "models", file, NULL);
}

static gboolean add_trainings(const struct ex_detection_part *task, GPtrArray *trainings,
                              GError **error)
{
    const struct ex_case c = {.place = task->place, .seed = 1};
    for (char **model = task->models; *model; model++) {
        const char *const *options = network_options(*model);
        if (!options)
            continue;
        g_autofree char *path = model_path(task, *model);
        GPtrArray *step = ex_training_step(task->r, &c, task->training, path);
        for (; *options; options++)
            g_ptr_array_add(step, g_strdup(*options));
        if (!ex_add_training(task->r, step, task->training, path, trainings, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean evaluate_models(const struct ex_detection_part *task, GError **error)
{
    const struct ex_reproduction *r = task->r;
    g_autoptr(GPtrArray) steps = ex_steps_new();
    for (char **model = task->models; *model; model++) {
        g_autofree char *path = network_options(*model) ? model_path(task, *model) : NULL;
        gboolean done =
            path ? ex_add_test(r, task->place, "evaluate", path, task->testing, steps, error)
                 : ex_add_rival(r, *model, task->training, task->testing, steps, error);
        if (!done)
            return FALSE;
    }
    for (guint i = 0; i < steps->len; i++)
        g_ptr_array_add(steps->pdata[i], g_strdup("--score"));
    return ex_steps_run(steps, 1, 0, error);
}

/* ---- the task ------------------------------------------------------------- */

/* Its number in the store, or that of a rival fitted on the training pairs. 0 with an error. */
static gboolean add_models(const struct ex_detection_part *task, GPtrArray *step, GError **error)
{
    for (char **model = task->models; *model; model++) {
        g_autofree char *name =
            network_options(*model)
                ? model_path(task, *model)
                : ex_rival_sha256(task->r, *model, task->training, task->testing, error);
        if (!name)
            return FALSE;
        g_ptr_array_add(step, g_strdup("--model"));
        g_ptr_array_add(step, g_steal_pointer(&name));
    }
    g_ptr_array_add(step, g_strdup("--pairs"));
    g_ptr_array_add(step, g_strdup(task->testing));
    return TRUE;
}

static gboolean score_and_rank(const struct ex_detection_part *task, GError **error)
{
    const struct ex_reproduction *r = task->r;
    g_autoptr(GPtrArray) steps = ex_steps_new();
    g_autofree char *window = own_key(r, "window");
    GPtrArray *score = ex_step_new("score", "--store", r->store_path, "--task", r->plan->name,
                                   "--train", task->training_runs, "--test", task->testing_runs,
                                   "--window", window ? window : "1", "--force", NULL);
    GPtrArray *rank =
        ex_step_new("rank", "--store", r->store_path, "--task", r->plan->name, "--null", NULL);
    ex_add_step(steps, score);
    ex_add_step(steps, rank);
    return add_models(task, score, error) && ex_steps_run(steps, 1, 0, error);
}

gboolean ex_prepare_detection(const struct ex_reproduction *r, ex_detection_part **part,
                              GPtrArray *trainings, GError **error)
{
    *part = NULL;
    if (!ex_plan_has_part(r->plan, EX_PART_DETECTION))
        return TRUE;
    g_autoptr(ex_detection_part) task = g_new0(ex_detection_part, 1);
    fill_task(task, r);
    if (!make_runs(task, error) || !make_pairs(task, error) ||
        !add_trainings(task, trainings, error))
        return FALSE;
    *part = g_steal_pointer(&task);
    return TRUE;
}

gboolean ex_finish_detection(const ex_detection_part *part, GError **error)
{
    return !part || (evaluate_models(part, error) && score_and_rank(part, error));
}
