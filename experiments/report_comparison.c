/* Everything that a plan tested, side by side: variants, rivals and tests. */
#include "experiments/report_results.h"

#include <math.h>
#include <string.h>

enum { GROUP_COLUMNS = 5 }; /* variant, method, protocol, context, split */

static const char *const columns[] = {"variant",
                                      "method",
                                      "protocol",
                                      "context",
                                      "split",
                                      "n_seed",
                                      "without_mean",
                                      "without_ci_low",
                                      "without_ci_high",
                                      "with_mean",
                                      "with_ci_low",
                                      "with_ci_high",
                                      "fall_mean",
                                      "fall_ci_low",
                                      "fall_ci_high",
                                      "copy_fall_mean",
                                      NULL};

/* One row in the making: percents of the seeds that have both conditions. */
struct comparison {
    char *group[GROUP_COLUMNS];
    GArray *without, *with, *fall, *copy_fall; /* of double */
};

static void free_comparison(gpointer data)
{
    struct comparison *c = data;
    for (int i = 0; i < GROUP_COLUMNS; i++)
        g_free(c->group[i]);
    g_array_unref(c->without);
    g_array_unref(c->with);
    g_array_unref(c->fall);
    g_array_unref(c->copy_fall);
    g_free(c);
}

static gboolean is_of_group(const struct comparison *c, ds_query *query)
{
    for (int i = 0; i < GROUP_COLUMNS; i++)
        if (g_strcmp0(c->group[i], ds_query_text(query, i)) != 0)
            return FALSE;
    return TRUE;
}

static struct comparison *new_comparison(ds_query *query)
{
    struct comparison *c = g_new0(struct comparison, 1);
    for (int i = 0; i < GROUP_COLUMNS; i++)
        c->group[i] = ex_query_text(query, i);
    GArray **const figures[] = {&c->without, &c->with, &c->fall, &c->copy_fall};
    for (gsize i = 0; i < G_N_ELEMENTS(figures); i++)
        *figures[i] = g_array_new(FALSE, FALSE, sizeof(double));
    return c;
}

/* Columns 5 to 8: accuracy without and with, then of copying; one seed. */
static void add_seed(struct comparison *c, ds_query *query)
{
    const double without = 100 * ds_query_double(query, 5), with = 100 * ds_query_double(query, 6);
    const double fall = without - with;
    const double copy_fall = 100 * (ds_query_double(query, 7) - ds_query_double(query, 8));
    g_array_append_val(c->without, without);
    g_array_append_val(c->with, with);
    g_array_append_val(c->fall, fall);
    g_array_append_val(c->copy_fall, copy_fall);
}

static char *format_figure(double value, int decimals)
{
    return isnan(value) ? NULL : g_strdup_printf("%.*f", decimals, value);
}

static void put_summary(char **cells, const GArray *values, int decimals)
{
    struct ex_summary s = ex_summarize((const double *)(void *)values->data, (int)values->len);
    cells[0] = format_figure(s.mean, decimals);
    cells[1] = format_figure(s.ci_low, decimals);
    cells[2] = format_figure(s.ci_high, decimals);
}

static void add_row(ex_table *table, const struct comparison *c, int decimals)
{
    char **row = ex_table_add_row(table);
    for (int i = 0; i < GROUP_COLUMNS; i++)
        row[i] = g_strdup(i == 0 && !*c->group[0] ? "default" : c->group[i]);
    row[GROUP_COLUMNS] = g_strdup_printf("%u", c->without->len);
    put_summary(&row[GROUP_COLUMNS + 1], c->without, decimals);
    put_summary(&row[GROUP_COLUMNS + 4], c->with, decimals);
    put_summary(&row[GROUP_COLUMNS + 7], c->fall, decimals);
    struct ex_summary copy =
        ex_summarize((const double *)(void *)c->copy_fall->data, (int)c->copy_fall->len);
    row[GROUP_COLUMNS + 10] = format_figure(copy.mean, decimals);
}

static GPtrArray *read_comparisons(ds_store *store, const char *plan, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GPtrArray) comparisons = g_ptr_array_new_with_free_func(free_comparison);
    g_autoptr(ds_query) query = ds_query_new(
        store, error,
        "SELECT variant, method, protocol, context, split,"
        " max(iif(condition = 'without', accuracy, NULL)),"
        " max(iif(condition = 'with', accuracy, NULL)),"
        " max(iif(condition = 'without', copy_baseline, NULL)),"
        " max(iif(condition = 'with', copy_baseline, NULL)) "
        "FROM trial JOIN evaluation USING (model_id, pair_set_id)"
        " WHERE plan = ? AND condition IN ('without', 'with') "
        "GROUP BY variant, method, protocol, context, split, seed HAVING count(*) = 2 "
        "ORDER BY variant <> '', variant, method <> 'network', method, protocol <> 'udp', protocol,"
        " context, split <> 'paper', split <> 'held-out', split, seed",
        "s", plan);
    if (!query)
        return NULL;
    while (ds_query_next(query, &failure)) {
        struct comparison *last =
            comparisons->len ? comparisons->pdata[comparisons->len - 1] : NULL;
        if (!last || !is_of_group(last, query)) {
            last = new_comparison(query);
            g_ptr_array_add(comparisons, last);
        }
        add_seed(last, query);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&comparisons);
}

ex_table *ex_make_comparison(ds_store *store, const ex_trials *trials, int decimals, GError **error)
{
    g_autoptr(GPtrArray) comparisons = read_comparisons(store, trials->plan, error);
    if (!comparisons)
        return NULL;
    ex_table *table = ex_table_new("All variants, methods and tests: accuracy in percent", columns);
    for (guint i = 0; i < comparisons->len; i++)
        add_row(table, comparisons->pdata[i], decimals);
    ex_table_add_note(
        table, "without, with: mean BLEU-1 on the benign run, and on both runs of the twin, "
               "by models trained likewise; fall: points lost from one to the other, seed by "
               "seed; ci: 95 %% t interval over seeds. copy_fall is what giving the input "
               "back as the answer loses, which learns nothing: a fall that is no larger "
               "says nothing of the method. Split 'paper' tests on the training pairs.");
    return table;
}
