#include "experiments/report_results.h"

#include <math.h>

const struct ex_range ex_paper_accuracy[] = {
    [EX_WITHOUT] = {91, 98}, [EX_WITH] = {89, 95}, [EX_WITH_ATTACK_RUN] = {89, 95}};
const struct ex_range ex_paper_fall = {3, 4};

/* Table II of the paper. */
static const char paper_without[] = "(6,15,15), (3,2,14), (6,15,15), (2,3,3), (8,9,9)";
static const char paper_with[] = "(14,2,15), (0,12,12), (2,11,14), (0,12,12), (15,5,6)";

static double figure_of(const struct ex_trial *trial, enum ex_trial_figure figure)
{
    return figure == EX_ACCURACY ? trial->accuracy : trial->copy_baseline;
}

struct ex_summary ex_summarize_trials(const struct ex_group *group, enum ex_condition condition,
                                      enum ex_split split, enum ex_trial_figure figure)
{
    const GArray *trials = group->trials[condition][split];
    g_autofree double *values = g_new(double, trials->len);
    int n = 0;
    for (guint i = 0; i < trials->len; i++) {
        const struct ex_trial *trial = &g_array_index(trials, struct ex_trial, i);
        if (trial->evaluated)
            values[n++] = figure_of(trial, figure);
    }
    return ex_summarize(values, n);
}

struct ex_summary ex_summarize_fall(const struct ex_group *group, enum ex_split split,
                                    enum ex_trial_figure figure)
{
    const GArray *without = group->trials[EX_WITHOUT][split], *with = group->trials[EX_WITH][split];
    g_autofree double *values = g_new(double, without->len);
    int n = 0;
    for (guint i = 0, j = 0; i < without->len; i++) { /* both are sorted by seed */
        const struct ex_trial *a = &g_array_index(without, struct ex_trial, i);
        while (j < with->len && g_array_index(with, struct ex_trial, j).seed < a->seed)
            j++;
        const struct ex_trial *b = j < with->len ? &g_array_index(with, struct ex_trial, j) : NULL;
        if (b && b->seed == a->seed && a->evaluated && b->evaluated)
            values[n++] = figure_of(a, figure) - figure_of(b, figure);
    }
    return ex_summarize(values, n);
}

char *ex_place_in_range(double value, struct ex_range range)
{
    if (value < range.low)
        return g_strdup_printf("%.1f below", range.low - value);
    if (value > range.high)
        return g_strdup_printf("%.1f above", value - range.high);
    return g_strdup("in the range");
}

char *ex_format_figure(double value, int decimals)
{
    return isnan(value) ? NULL : g_strdup_printf("%.*f", decimals, value);
}

static void add_full_row(ex_table *table, const struct ex_group *group, enum ex_condition condition,
                         enum ex_split split, int decimals, gboolean place)
{
    struct ex_summary accuracy = ex_summarize_trials(group, condition, split, EX_ACCURACY);
    struct ex_summary copy = ex_summarize_trials(group, condition, split, EX_COPY_BASELINE);
    if (accuracy.n == 0)
        return;
    char **row = ex_table_add_row(table);
    *row++ = g_strdup(group->protocol);
    *row++ = g_strdup(group->context);
    *row++ = g_strdup(ex_split_names[split]);
    *row++ = g_strdup(ex_condition_names[condition]);
    *row++ = g_strdup_printf("%d", accuracy.n);
    *row++ = ex_format_figure(accuracy.mean, decimals);
    *row++ = ex_format_figure(accuracy.ci_low, decimals);
    *row++ = ex_format_figure(accuracy.ci_high, decimals);
    *row++ = ex_format_figure(accuracy.min, decimals);
    *row++ = ex_format_figure(accuracy.max, decimals);
    *row++ = g_strdup_printf("%g", ex_paper_accuracy[condition].low);
    *row++ = g_strdup_printf("%g", ex_paper_accuracy[condition].high);
    *row++ = ex_format_figure(copy.mean, decimals);
    if (place)
        *row++ = ex_place_in_range(accuracy.mean, ex_paper_accuracy[condition]);
}

ex_table *ex_make_table2_full(const ex_trials *trials, int decimals, gboolean place)
{
    const char *const columns[] = {"protocol",
                                   "context",
                                   "split",
                                   "condition",
                                   "n_seed",
                                   "accuracy_mean",
                                   "accuracy_ci_low",
                                   "accuracy_ci_high",
                                   "accuracy_min",
                                   "accuracy_max",
                                   "paper_low",
                                   "paper_high",
                                   "copy_baseline",
                                   place ? "mean_in_paper_range" : NULL,
                                   NULL};
    ex_table *table = ex_table_new("Table II in full: accuracy in percent", columns);
    for (guint i = 0; i < trials->groups->len; i++)
        for (int split = 0; split < EX_N_SPLIT; split++)
            for (int condition = 0; condition < EX_N_CONDITION; condition++)
                add_full_row(table, trials->groups->pdata[i], condition, split, decimals, place);
    ex_table_add_note(table,
                      "Split 'paper' tests on the training pairs, 'held-out' on the pairs of "
                      "another seed. The paper tells of no held-out test: its range stands "
                      "there for comparison only. Its range for data with attack stands "
                      "beside 'with' (both runs) and 'with-attack-run' (the attack run).");
    ex_table_add_note(table, "accuracy_ci is the 95 %% t interval of the mean over seeds; one seed "
                             "has no interval. copy_baseline is the accuracy of giving the input "
                             "back as the answer.");
    return table;
}

/* "82.3", or with several seeds "82.3 (80.1-84.2, 3 seeds)". */
static char *describe_accuracy(const struct ex_group *group, enum ex_condition condition)
{
    struct ex_summary s = ex_summarize_trials(group, condition, EX_PAPER, EX_ACCURACY);
    if (s.n == 0)
        return g_strdup("not evaluated");
    if (s.n == 1)
        return g_strdup_printf("%.1f%%", s.mean);
    return g_strdup_printf("%.1f%% (%.1f-%.1f, %d seeds)", s.mean, s.min, s.max, s.n);
}

/* Set A of a trial, asked for in the order of rank. */
static ds_query *query_set_a(ds_store *store, const struct ex_trial *trial, GError **error)
{
    return ds_query_new(store, error,
                        "SELECT rank, node, actual_server, predicted_server, probability, verdict "
                        "FROM verdict WHERE model_id = ? AND pair_set_id = ? AND rank <= ? "
                        "ORDER BY rank",
                        "iii", trial->model_id, trial->pair_set_id, (gint64)EX_SET_A_SIZE);
}

/* "(14,2,15), (0,12,12)"; "none" when set A is empty. NULL on error. */
static char *describe_set_a(ds_store *store, const struct ex_trial *trial, GError **error)
{
    if (!trial || trial->n_tuple == 0)
        return g_strdup("none");
    GError *failure = NULL;
    g_autoptr(ds_query) query = query_set_a(store, trial, error);
    g_autoptr(GString) text = g_string_new(NULL);
    if (!query)
        return NULL;
    while (ds_query_next(query, &failure))
        g_string_append_printf(text,
                               "%s(%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ")",
                               text->len > 0 ? ", " : "", ds_query_int(query, 1),
                               ds_query_int(query, 2), ds_query_int(query, 3));
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void note_place(ex_table *table, const struct ex_group *group, enum ex_condition condition)
{
    struct ex_summary s = ex_summarize_trials(group, condition, EX_PAPER, EX_ACCURACY);
    const struct ex_range *range = &ex_paper_accuracy[condition];
    if (s.n == 0)
        return;
    g_autofree char *place = ex_place_in_range(s.mean, *range);
    ex_table_add_note(table, "%s, context %s, %s attack: %.1f; the paper has %g-%g: %s%s.",
                      group->protocol, group->context, ex_condition_names[condition], s.mean,
                      range->low, range->high, place, s.n == 1 ? " (one seed, no interval)" : "");
}

ex_table *ex_make_table2(ds_store *store, const ex_trials *trials, GError **error)
{
    static const char *const columns[] = {
        "Network",
        "Size of set A",
        "Node tuple in A in data without attack (node, actual data server, pred data server)",
        "Node tuple in data with attack (node, actual data server, pred data server)",
        "Accuracy with collaborative attack",
        "Accuracy without collaborative attack",
        NULL};
    g_autoptr(ex_table) table = ex_table_new(
        "Table II: comparison under collaborative-attack and non-collaborative attack scenarios",
        columns);
    char **row = ex_table_add_row(table);
    row[0] = g_strdup("paper: IoT ns-2");
    row[1] = g_strdup("5");
    row[2] = g_strdup(paper_without);
    row[3] = g_strdup(paper_with);
    row[4] = g_strdup("89-95%");
    row[5] = g_strdup("91-98%");
    for (guint i = 0; i < trials->groups->len; i++) {
        const struct ex_group *group = trials->groups->pdata[i];
        const struct ex_trial *without = ex_first_trial(group, EX_WITHOUT, EX_PAPER);
        const struct ex_trial *with = ex_first_trial(group, EX_WITH, EX_PAPER);
        row = ex_table_add_row(table);
        row[0] = g_strdup_printf("ours: %s, context %s", group->protocol, group->context);
        row[1] =
            g_strdup_printf("%d", MAX(without ? without->n_tuple : 0, with ? with->n_tuple : 0));
        row[2] = describe_set_a(store, without, error);
        row[3] = row[2] ? describe_set_a(store, with, error) : NULL;
        if (!row[3])
            return NULL;
        row[4] = describe_accuracy(group, EX_WITH);
        row[5] = describe_accuracy(group, EX_WITHOUT);
        note_place(table, group, EX_WITH);
        note_place(table, group, EX_WITHOUT);
    }
    ex_table_add_note(table, "Ours: tested on the training pairs, as in the paper; accuracy is the "
                             "mean over seeds with smallest and largest, set A is that of the "
                             "lowest seed.");
    return g_steal_pointer(&table);
}

static gboolean add_set_a(ex_table *table, ds_store *store, const struct ex_group *group,
                          enum ex_condition condition, GError **error)
{
    const struct ex_trial *trial = ex_first_trial(group, condition, EX_PAPER);
    if (!trial)
        return TRUE;
    GError *failure = NULL;
    g_autoptr(ds_query) query = query_set_a(store, trial, error);
    if (!query)
        return FALSE;
    while (ds_query_next(query, &failure)) {
        char **row = ex_table_add_row(table);
        row[0] = g_strdup(ex_condition_names[condition]);
        for (int i = 0; i < 4; i++)
            row[1 + i] = g_strdup_printf("%" G_GINT64_FORMAT, ds_query_int(query, i));
        row[5] = g_strdup_printf("%.6g", ds_query_double(query, 4));
        row[6] = ex_query_text(query, 5);
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

ex_table *ex_make_set_a(ds_store *store, const struct ex_group *group, GError **error)
{
    static const char *const columns[] = {
        "condition",        "rank",        "node",    "actual_server",
        "predicted_server", "probability", "verdict", NULL};
    g_autofree char *caption = g_strdup_printf("Set A: %s, context %s, lowest seed, tested on the "
                                               "training pairs",
                                               group->protocol, group->context);
    g_autoptr(ex_table) table = ex_table_new(caption, columns);
    if (!add_set_a(table, store, group, EX_WITHOUT, error) ||
        !add_set_a(table, store, group, EX_WITH, error))
        return NULL;
    const struct ex_trial *without = ex_first_trial(group, EX_WITHOUT, EX_PAPER);
    const struct ex_trial *with = ex_first_trial(group, EX_WITH, EX_PAPER);
    if (!without || without->n_tuple == 0 || !with || with->n_tuple == 0)
        ex_table_add_note(table, "A condition without rows: detect found no tuple or was not run.");
    return g_steal_pointer(&table);
}
