#include "experiments/detection.h"

#include "dataset/runs.h"
#include "tracegen/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is judged ------------------------------------------------------ */

int ex_candidate_compare(const void *a, const void *b)
{
    const struct ex_candidate *x = a, *y = b;
    const gint64 left[] = {x->run_id, x->src, x->dst, x->window};
    const gint64 right[] = {y->run_id, y->src, y->dst, y->window};
    for (gsize i = 0; i < G_N_ELEMENTS(left); i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

int ex_candidate_find(const struct ex_candidate *sorted, int n, const struct ex_candidate *wanted)
{
    if (n == 0)
        return -1;
    const struct ex_candidate *found =
        bsearch(wanted, sorted, n, sizeof(*sorted), ex_candidate_compare);
    return found ? (int)(found - sorted) : -1;
}

/* ---- tasks --------------------------------------------------------------- */

static ex_task *new_task(ds_store *store, const char *name)
{
    ex_task *task = g_new0(ex_task, 1);
    task->store = store;
    task->name = g_strdup(name);
    return task;
}

void ex_task_free(ex_task *task)
{
    if (!task)
        return;
    g_clear_pointer(&task->train, g_array_unref);
    g_clear_pointer(&task->test, g_array_unref);
    g_free(task->name);
    g_free(task);
}

static GArray *load_runs(const ex_task *task, const char *role, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(ds_query) rows = ds_query_new(task->store, &failure,
                                            "SELECT run_id FROM detection_run"
                                            " WHERE detection_id = ? AND role = ? ORDER BY run_id",
                                            "is", task->detection_id, role);
    while (rows && ds_query_next(rows, &failure)) {
        const gint64 run_id = ds_query_int(rows, 0);
        g_array_append_val(runs, run_id);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&runs);
}

/* NULL and no error when there is none of that name. */
static ex_task *load_task(ds_store *store, const char *name, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ex_task) task = NULL;
    g_autoptr(ds_query) rows =
        ds_query_new(store, error, "SELECT detection_id, window FROM detection WHERE name = ?", "s",
                     name);
    if (rows && ds_query_next(rows, &failure)) {
        task = new_task(store, name);
        task->detection_id = ds_query_int(rows, 0);
        task->window = ds_query_double(rows, 1);
    }
    if (failure)
        g_propagate_error(error, failure);
    if (!task || !(task->train = load_runs(task, "train", error)) ||
        !(task->test = load_runs(task, "test", error)))
        return NULL;
    return g_steal_pointer(&task);
}

/* Runs of a task that are no longer there. */
static gboolean count_lost(const ex_task *task, gint64 *n_lost, GError **error)
{
    const gint64 n = (gint64)task->train->len + task->test->len;
    gint64 n_made = n;
    if (!ds_lookup(task->store, &n_made, error,
                   "SELECT options ->> '$.n_run' FROM detection WHERE detection_id = ?", "i",
                   task->detection_id))
        return FALSE;
    *n_lost = n_made - n;
    return TRUE;
}

static gboolean check_whole(const ex_task *task, GError **error)
{
    gint64 n_lost;
    if (!count_lost(task, &n_lost, error))
        return FALSE;
    if (n_lost > 0)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "runs of task '%s' were removed or replaced (%" G_GINT64_FORMAT
                    "): run adliotlog score --force",
                    task->name, n_lost);
    return n_lost <= 0;
}

ex_task *ex_task_find(ds_store *store, const char *name, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ex_task) task = load_task(store, name, &failure);
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    if (!task) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "no task '%s' in the store: run adliotlog score first", name);
        return NULL;
    }
    return check_whole(task, error) ? g_steal_pointer(&task) : NULL;
}

static gboolean check_apart(const GArray *train, const GArray *test, GError **error)
{
    for (guint i = 0, j = 0; i < train->len && j < test->len;) {
        const gint64 a = g_array_index(train, gint64, i), b = g_array_index(test, gint64, j);
        if (a == b) {
            g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                        "run %" G_GINT64_FORMAT " is both in --train and in --test: what was "
                        "learned from cannot be tested on",
                        a);
            return FALSE;
        }
        if (a < b)
            i++;
        else
            j++;
    }
    return TRUE;
}

/* The benign twin of a run is the same simulation until the attack begins. */
static gboolean check_twins_apart(ds_store *store, const GArray *train, const GArray *test,
                                  GError **error)
{
    for (guint i = 0; i < test->len; i++) {
        const gint64 run_id = g_array_index(test, gint64, i);
        gint64 twin = 0;
        if (!ds_lookup(store, &twin, error, "SELECT benign_run_id FROM twin WHERE run_id = ?", "i",
                       run_id))
            return FALSE;
        for (guint k = 0; twin && k < train->len; k++)
            if (g_array_index(train, gint64, k) == twin) {
                g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                            "run %" G_GINT64_FORMAT " in --train is the benign twin of run %" //
                            G_GINT64_FORMAT " in --test: the same simulation until the attack",
                            twin, run_id);
                return FALSE;
            }
    }
    return TRUE;
}

static gboolean is_same(const GArray *a, const GArray *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len * sizeof(gint64)) == 0;
}

static gboolean write_runs(const ex_task *task, const GArray *runs, const char *role,
                           GError **error)
{
    for (guint i = 0; i < runs->len; i++)
        if (!ds_execute(task->store, error, "INSERT INTO detection_run VALUES (?, ?, ?)", "iis",
                        task->detection_id, g_array_index(runs, gint64, i), role))
            return FALSE;
    return TRUE;
}

static gboolean write_task(ex_task *task, const struct ex_task_options *options, GError **error)
{
    if (!ds_execute(task->store, error,
                    "INSERT INTO detection (name, window, options) VALUES (?, ?,"
                    " json_object('train', ?, 'test', ?, 'n_run', ?, 'command', ?))",
                    "sdssis", task->name, task->window, options->train, options->test,
                    (gint64)task->train->len + task->test->len, options->command))
        return FALSE;
    task->detection_id = ds_last_id(task->store);
    return write_runs(task, task->train, "train", error) &&
           write_runs(task, task->test, "test", error);
}

/* There is one of that name: the same, or to be replaced, or in the way. */
static gboolean settle_old(const ex_task *old, const ex_task *task,
                           const struct ex_task_options *options, gboolean *same, GError **error)
{
    gint64 n_lost;
    if (!count_lost(old, &n_lost, error))
        return FALSE;
    *same = is_same(old->train, task->train) && is_same(old->test, task->test) &&
            old->window == task->window && n_lost == 0;
    if (*same)
        return TRUE;
    if (options->force)
        return ds_execute(task->store, error, "DELETE FROM detection WHERE detection_id = ?", "i",
                          old->detection_id);
    g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                "task '%s' is there already, with other runs or windows of another width (--force "
                "replaces it, with all its scores)",
                task->name);
    return FALSE;
}

ex_task *ex_task_make(ds_store *store, const struct ex_task_options *options, GError **error)
{
    GError *failure = NULL;
    gboolean same = FALSE;
    g_autoptr(ex_task) task = new_task(store, options->name);
    task->window = options->window;
    if (!(task->train = ds_runs_pick_for(store, "--train", options->train, error)) ||
        !(task->test = ds_runs_pick_for(store, "--test", options->test, error)) ||
        !check_apart(task->train, task->test, error) ||
        !check_twins_apart(store, task->train, task->test, error))
        return NULL;
    g_autoptr(ex_task) old = load_task(store, options->name, &failure);
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    if (old && !settle_old(old, task, options, &same, error))
        return NULL;
    if (same)
        return g_steal_pointer(&old);
    return write_task(task, options, error) ? g_steal_pointer(&task) : NULL;
}

/* ---- detectors ----------------------------------------------------------- */

const char *const ex_built_in_names[EX_N_BUILT_IN + 1] = {"crosses-gateways", "new-pair",
                                                          "volume",           "inter-arrival",
                                                          "new-event",        "count-vector",
                                                          "edit-distance",    NULL};

gboolean ex_detector_is_due(const ex_task *task, const struct ex_detector *detector, gboolean force,
                            gboolean *due, GError **error)
{
    gint64 same = -1;
    if (!ds_lookup(task->store, &same, error,
                   "SELECT options -> '$.source' = json(?) FROM detector"
                   " WHERE detection_id = ? AND name = ?",
                   "sis", detector->source, task->detection_id, detector->name))
        return FALSE;
    *due = force || same < 0;
    if (same != 0 || force)
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                "task '%s' has a detector '%s' already, with scores from elsewhere (--force "
                "replaces it)",
                task->name, detector->name);
    return FALSE;
}

gint64 ex_detector_write(const ex_task *task, const struct ex_detector *detector,
                         const struct ex_candidate *candidates, const double *scores, int n,
                         GError **error)
{
    if (!ds_execute(task->store, error, "DELETE FROM detector WHERE detection_id = ? AND name = ?",
                    "is", task->detection_id, detector->name) ||
        !ds_execute(task->store, error,
                    "INSERT INTO detector (detection_id, name, model_id, options) VALUES"
                    " (?, ?, nullif(?, 0), json_object('source', json(?), 'command', ?))",
                    "isiss", task->detection_id, detector->name, detector->model_id,
                    detector->source, detector->command))
        return 0;
    const gint64 detector_id = ds_last_id(task->store);
    g_autoptr(ds_query) insert =
        ds_query_new(task->store, error, "INSERT INTO score VALUES (?, ?, ?, ?, ?, ?)", "");
    for (int i = 0; i < n && insert; i++) {
        const struct ex_candidate *c = &candidates[i];
        if (!isnan(scores[i]) && !ds_query_run(insert, error, "iiiiid", detector_id, c->run_id,
                                               c->src, c->dst, c->window, scores[i]))
            return 0;
    }
    return insert ? detector_id : 0;
}
