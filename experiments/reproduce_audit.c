/* The leak audit of a plan: controls are built, trained and tested like everything else. */
#include "experiments/reproduce.h"
#include "experiments/steps.h"
#include "tracegen/error.h"

#include <string.h>

/* What one audit needs: the combined set of a case and the model trained on it. */
struct control {
    const struct ex_case *c;
    char *training, *shuffled;       /* pair sets */
    char *model, *model_of_shuffled; /* files */
};

static void clear_control(struct control *control)
{
    g_free(control->training);
    g_free(control->shuffled);
    g_free(control->model);
    g_free(control->model_of_shuffled);
}

static struct control make_control(const struct ex_reproduction *r, const struct ex_case *c)
{
    struct control control = {.c = c};
    control.training = ex_set_name(r, c, EX_ROW_WITH, EX_TEST_PAPER);
    control.shuffled = g_strconcat(control.training, "-shuffled", NULL);
    control.model = ex_model_path(r, c, EX_ROW_WITH);
    g_autofree char *file = g_strconcat(control.shuffled, ".safetensors", NULL);
    control.model_of_shuffled = g_build_filename(r->out, "models", file, NULL);
    return control;
}

/* The case of lowest seed of each protocol, in the default variant. */
static GArray *list_controls(const struct ex_reproduction *r)
{
    GArray *controls = g_array_new(FALSE, FALSE, sizeof(struct control));
    g_array_set_clear_func(controls, (GDestroyNotify)clear_control);
    const char *last = NULL;
    for (guint i = 0; i < r->cases->len; i++) {
        const struct ex_case *c = r->cases->pdata[i];
        if (*c->place.variant || (last && strcmp(last, c->place.protocol) == 0))
            continue;
        struct control control = make_control(r, c);
        g_array_append_val(controls, control);
        last = c->place.protocol;
    }
    return controls;
}

/* What is done for each control. */
typedef gboolean (*visit_control)(const struct ex_reproduction *r, const struct control *control,
                                  GPtrArray *steps, GError **error);

static gboolean visit_controls(const struct ex_reproduction *r, const GArray *controls,
                               visit_control visit, GPtrArray *steps, GError **error)
{
    for (guint i = 0; i < controls->len; i++)
        if (!visit(r, &g_array_index(controls, struct control, i), steps, error))
            return FALSE;
    return TRUE;
}

static gboolean run_stage(const struct ex_reproduction *r, const GArray *controls,
                          visit_control visit, int tolerated, GError **error)
{
    g_autoptr(GPtrArray) steps = ex_steps_new();
    return visit_controls(r, controls, visit, steps, error) &&
           ex_steps_run(steps, 1, tolerated, error);
}

static char *test_set(const struct ex_reproduction *r, const struct control *control, int test,
                      gboolean permuted)
{
    g_autofree char *name = ex_set_name(r, control->c, EX_ROW_WITH, test);
    return g_strconcat(name, permuted ? "-permuted" : "", NULL);
}

static gboolean add_pairs(const struct ex_reproduction *r, const struct control *control,
                          GPtrArray *steps, GError **error)
{
    GPtrArray *step = ex_pairs_step(r, control->c, EX_ROW_WITH, EX_TEST_PAPER, control->shuffled);
    g_ptr_array_add(step, g_strdup("--shuffle"));
    g_ptr_array_add(step, g_strdup("1"));
    if (!ex_add_pairs(r, step, steps, error))
        return FALSE;
    for (int test = EX_TEST_HELD_OUT; test < r->n_test; test++) {
        g_autofree char *name = test_set(r, control, test, TRUE);
        step = ex_pairs_step(r, control->c, EX_ROW_WITH, test, name);
        g_ptr_array_add(step, g_strdup("--permute"));
        g_ptr_array_add(step, g_strdup("1"));
        if (!ex_add_pairs(r, step, steps, error))
            return FALSE;
    }
    return TRUE;
}

/* As the plan trains, but with the audit's number of iterations. */
static gboolean add_training(const struct ex_reproduction *r, const struct control *control,
                             GPtrArray *steps, GError **error)
{
    g_autofree char *iterations = ex_plan_get(r->plan, control->c->place, "audit", "iterations");
    GPtrArray *step =
        ex_training_step(r, control->c, control->shuffled, control->model_of_shuffled);
    if (iterations)
        ex_step_set(step, "--iterations", iterations);
    return ex_add_training(r, step, control->shuffled, control->model_of_shuffled, steps, error);
}

static gboolean add_evaluations(const struct ex_reproduction *r, const struct control *control,
                                GPtrArray *steps, GError **error)
{
    for (int test = EX_TEST_HELD_OUT; test < r->n_test; test++) {
        const struct ex_place place = ex_case_place(r, control->c, test);
        g_autofree char *plain = test_set(r, control, test, FALSE);
        g_autofree char *permuted = test_set(r, control, test, TRUE);
        if (!ex_add_test(r, place, "evaluate", control->model_of_shuffled, plain, steps, error) ||
            !ex_add_test(r, place, "evaluate", control->model, permuted, steps, error))
            return FALSE;
    }
    return TRUE;
}

/* The model "without" has no controls of its own: they would tell what those of "with" do. */
static void add_audit_without(const struct ex_reproduction *r, const struct control *control,
                              int test, GPtrArray *steps)
{
    g_autofree char *training = ex_set_name(r, control->c, EX_ROW_WITHOUT, EX_TEST_PAPER);
    g_autofree char *plain = ex_set_name(r, control->c, EX_ROW_WITHOUT, test);
    g_autofree char *model = ex_model_path(r, control->c, EX_ROW_WITHOUT);
    GPtrArray *step = ex_step_new("audit", "--store", r->store_path, "--train", training, "--test",
                                  plain, "--model", model, NULL);
    ex_plan_append_options(r->plan, ex_case_place(r, control->c, test), "audit", step);
    ex_add_step(steps, step);
}

/* An audit takes some seconds: it is made anew each time. */
static gboolean add_audits(const struct ex_reproduction *r, const struct control *control,
                           GPtrArray *steps, GError **error)
{
    (void)error;
    for (int test = EX_TEST_HELD_OUT; test < r->n_test; test++) {
        g_autofree char *plain = test_set(r, control, test, FALSE);
        g_autofree char *permuted = test_set(r, control, test, TRUE);
        GPtrArray *step =
            ex_step_new("audit", "--store", r->store_path, "--train", control->training, "--test",
                        plain, "--model", control->model, "--control", control->model_of_shuffled,
                        "--permuted", permuted, NULL);
        ex_plan_append_options(r->plan, ex_case_place(r, control->c, test), "audit", step);
        ex_add_step(steps, step);
        add_audit_without(r, control, test, steps);
    }
    return TRUE;
}

static gboolean has_audit(const struct ex_reproduction *r)
{
    return g_key_file_has_group(r->plan->file, "audit");
}

gboolean ex_prepare_audit(const struct ex_reproduction *r, GPtrArray *trainings, GError **error)
{
    if (!has_audit(r))
        return TRUE;
    g_autoptr(GArray) controls = list_controls(r);
    return run_stage(r, controls, add_pairs, 0, error) &&
           visit_controls(r, controls, add_training, trainings, error);
}

gboolean ex_reproduce_audit(const struct ex_reproduction *r, GError **error)
{
    if (!has_audit(r))
        return TRUE;
    g_autoptr(GArray) controls = list_controls(r);
    return run_stage(r, controls, add_evaluations, 0, error) &&
           run_stage(r, controls, add_audits, TG_ERROR_NO, error);
}

/* Adds how many leaks were found between the pairs of a row and its test. */
static gboolean count_leaks(const struct ex_reproduction *r, const struct control *control, int row,
                            int test, gint64 *n_leak, GError **error)
{
    gint64 n = 0;
    g_autofree char *training = ex_set_name(r, control->c, row, EX_TEST_PAPER);
    g_autofree char *plain = ex_set_name(r, control->c, row, test);
    if (!ds_lookup(r->store, &n, error,
                   "SELECT count(*) FROM audit"
                   " JOIN pair_set AS a ON a.pair_set_id = train_set"
                   " JOIN pair_set AS b ON b.pair_set_id = test_set"
                   " WHERE a.name = ? AND b.name = ? AND verdict = 'leak'",
                   "ss", training, plain))
        return FALSE;
    *n_leak += n;
    return TRUE;
}

gboolean ex_check_audit(const struct ex_reproduction *r, GError **error)
{
    static const int rows[] = {EX_ROW_WITHOUT, EX_ROW_WITH};
    g_autoptr(GArray) controls = list_controls(r);
    gint64 n_leak = 0;
    for (guint i = 0; has_audit(r) && i < controls->len; i++)
        for (int test = EX_TEST_HELD_OUT; test < r->n_test; test++)
            for (gsize row = 0; row < G_N_ELEMENTS(rows); row++)
                if (!count_leaks(r, &g_array_index(controls, struct control, i), rows[row], test,
                                 &n_leak, error))
                    return FALSE;
    if (n_leak)
        g_set_error(error, TG_ERROR, TG_ERROR_NO,
                    "the audit found %" G_GINT64_FORMAT
                    " leaks: do not trust these tests (table audit says which)",
                    n_leak);
    return n_leak == 0;
}
