#include "experiments/report_comparison.h"

#include "experiments/report_data.h"
#include "experiments/report_results.h"
#include <string.h>

static void free_comparison(gpointer data)
{
    struct ex_comparison *c = data;
    char *names[] = {c->variant, c->method, c->protocol, c->context, c->split};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        g_free(names[i]);
    g_array_unref(c->seeds);
    for (int i = 0; i < EX_N_COMPARISON_FIGURE; i++)
        g_array_unref(c->values[i]);
    g_free(c);
}

static gboolean is_of(const struct ex_comparison *c, ds_query *query)
{
    const char *const names[] = {c->variant, c->method, c->protocol, c->context, c->split};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_strcmp0(names[i], ds_query_text(query, (int)i)) != 0)
            return FALSE;
    return TRUE;
}

static struct ex_comparison *new_comparison(ds_query *query)
{
    struct ex_comparison *c = g_new0(struct ex_comparison, 1);
    char **const names[] = {&c->variant, &c->method, &c->protocol, &c->context, &c->split};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        *names[i] = ex_query_text(query, (int)i);
    c->seeds = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (int i = 0; i < EX_N_COMPARISON_FIGURE; i++)
        c->values[i] = g_array_new(FALSE, FALSE, sizeof(double));
    return c;
}

/* Columns 5 to 9: seed; accuracy without and with, then of copying. */
static void add_seed(struct ex_comparison *c, ds_query *query)
{
    double values[EX_N_COMPARISON_FIGURE] = {[EX_ACCURACY_WITHOUT] =
                                                 100 * ds_query_double(query, 6),
                                             [EX_ACCURACY_WITH] = 100 * ds_query_double(query, 7),
                                             [EX_COPY_WITHOUT] = 100 * ds_query_double(query, 8),
                                             [EX_COPY_WITH] = 100 * ds_query_double(query, 9)};
    const gint64 seed = ds_query_int(query, 5);
    values[EX_FALL] = values[EX_ACCURACY_WITHOUT] - values[EX_ACCURACY_WITH];
    values[EX_COPY_FALL] = values[EX_COPY_WITHOUT] - values[EX_COPY_WITH];
    g_array_append_val(c->seeds, seed);
    for (int i = 0; i < EX_N_COMPARISON_FIGURE; i++)
        g_array_append_val(c->values[i], values[i]);
}

GPtrArray *ex_comparisons_read(ds_store *store, const char *plan, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GPtrArray) comparisons = g_ptr_array_new_with_free_func(free_comparison);
    g_autoptr(ds_query) query = ds_query_new(
        store, error,
        "SELECT variant, method, protocol, context, split, seed,"
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
        struct ex_comparison *last =
            comparisons->len ? comparisons->pdata[comparisons->len - 1] : NULL;
        if (!last || !is_of(last, query)) {
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

gboolean ex_comparison_is_default(const struct ex_comparison *c)
{
    return !*c->variant && strcmp(c->method, "network") == 0;
}

struct ex_summary ex_comparison_summary(const struct ex_comparison *c,
                                        enum ex_comparison_figure figure)
{
    const GArray *values = c->values[figure];
    return ex_summarize((const double *)(const void *)values->data, (int)values->len);
}

/* ---- tables --------------------------------------------------------------- */

static void put_summary(char **cells, const struct ex_comparison *c,
                        enum ex_comparison_figure figure, int decimals)
{
    struct ex_summary s = ex_comparison_summary(c, figure);
    cells[0] = ex_format_figure(s.mean, decimals);
    cells[1] = ex_format_figure(s.ci_low, decimals);
    cells[2] = ex_format_figure(s.ci_high, decimals);
}

static void add_row(ex_table *table, const struct ex_comparison *c, int decimals)
{
    enum { N_NAME = 5 };
    const char *const names[N_NAME] = {*c->variant ? c->variant : "default", c->method, c->protocol,
                                       c->context, c->split};
    char **row = ex_table_add_row(table);
    for (int i = 0; i < N_NAME; i++)
        row[i] = g_strdup(names[i]);
    row[N_NAME] = g_strdup_printf("%u", c->seeds->len);
    put_summary(&row[N_NAME + 1], c, EX_ACCURACY_WITHOUT, decimals);
    put_summary(&row[N_NAME + 4], c, EX_ACCURACY_WITH, decimals);
    put_summary(&row[N_NAME + 7], c, EX_FALL, decimals);
    row[N_NAME + 10] = ex_format_figure(ex_comparison_summary(c, EX_COPY_FALL).mean, decimals);
}

ex_table *ex_make_comparison(const GPtrArray *comparisons, int decimals)
{
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

static void add_falls(ex_table *table, const struct ex_comparison *c, int decimals)
{
    for (guint i = 0; i < c->seeds->len; i++) {
        char **row = ex_table_add_row(table);
        double v[EX_N_COMPARISON_FIGURE];
        for (int k = 0; k < EX_N_COMPARISON_FIGURE; k++)
            v[k] = g_array_index(c->values[k], double, i);
        row[0] = g_strdup(c->protocol);
        row[1] = g_strdup(c->context);
        row[2] = g_strdup(c->split);
        row[3] = g_strdup_printf("%" G_GINT64_FORMAT, g_array_index(c->seeds, gint64, i));
        row[4] = ex_format_figure(v[EX_ACCURACY_WITHOUT], decimals);
        row[5] = ex_format_figure(v[EX_ACCURACY_WITH], decimals);
        row[6] = ex_format_figure(v[EX_FALL], decimals);
        row[7] = ex_format_figure(v[EX_COPY_FALL], decimals);
        row[8] = ex_format_figure(v[EX_FALL] - v[EX_COPY_FALL], decimals);
    }
}

ex_table *ex_make_falls(const GPtrArray *comparisons, int decimals)
{
    static const char *const columns[] = {"protocol",       "context", "split", "seed",
                                          "without",        "with",    "fall",  "copy_fall",
                                          "beyond_copying", NULL};
    ex_table *table =
        ex_table_new("The fall under attack, seed by seed: points of accuracy", columns);
    for (guint i = 0; i < comparisons->len; i++)
        if (ex_comparison_is_default(comparisons->pdata[i]))
            add_falls(table, comparisons->pdata[i], decimals);
    ex_table_add_note(table, "The network of the default variant. beyond_copying: fall less "
                             "copy_fall, what the network loses more than giving the input back "
                             "as the answer does.");
    return table;
}
