#include "experiments/report_federation.h"

#include "experiments/report_data.h"
#include "experiments/report_results.h"

#include <string.h>

static const char *const method_names[EX_N_FEDERATION_METHOD] = {"central", "federated", "local",
                                                                 "local"};
static const char *const tested_on[EX_N_FEDERATION_METHOD] = {"all gateways", "all gateways",
                                                              "own gateway", "other gateways"};

static void free_federation(gpointer data)
{
    struct ex_federation *f = data;
    g_free(f->protocol);
    for (int i = 0; i < EX_N_FEDERATION_METHOD; i++) {
        g_array_unref(f->seeds[i]);
        g_array_unref(f->values[i]);
    }
    g_free(f);
}

static struct ex_federation *new_federation(ds_query *query)
{
    struct ex_federation *f = g_new0(struct ex_federation, 1);
    f->n_gateway = (int)ds_query_int(query, 0);
    f->protocol = ex_query_text(query, 1);
    for (int i = 0; i < EX_N_FEDERATION_METHOD; i++) {
        f->seeds[i] = g_array_new(FALSE, FALSE, sizeof(gint64));
        f->values[i] = g_array_new(FALSE, FALSE, sizeof(double));
    }
    return f;
}

GPtrArray *ex_federations_read(ds_store *store, const char *plan, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GPtrArray) federations = g_ptr_array_new_with_free_func(free_federation);
    /* Variants are "N gateways", splits "gateway G", local methods "local G". */
    g_autoptr(ds_query) query = ds_query_new(
        store, error,
        "SELECT CAST(variant AS INTEGER) AS n_gateway, protocol,"
        " CASE WHEN method = 'central' THEN 0 WHEN method = 'federated' THEN 1"
        "      WHEN substr(method, 7) = substr(split, 9) THEN 2 ELSE 3 END AS kind,"
        " seed, 100 * avg(accuracy) "
        "FROM trial JOIN evaluation USING (model_id, pair_set_id)"
        " WHERE plan = ? AND (method IN ('central', 'federated') OR method LIKE 'local %') "
        "GROUP BY n_gateway, protocol, kind, seed ORDER BY n_gateway, protocol, kind, seed",
        "s", plan);
    if (!query)
        return NULL;
    while (ds_query_next(query, &failure)) {
        struct ex_federation *last =
            federations->len ? federations->pdata[federations->len - 1] : NULL;
        if (!last || last->n_gateway != ds_query_int(query, 0) ||
            strcmp(last->protocol, ds_query_text(query, 1)) != 0) {
            last = new_federation(query);
            g_ptr_array_add(federations, last);
        }
        const int method = (int)ds_query_int(query, 2);
        const gint64 seed = ds_query_int(query, 3);
        const double value = ds_query_double(query, 4);
        g_array_append_val(last->seeds[method], seed);
        g_array_append_val(last->values[method], value);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&federations);
}

struct ex_summary ex_federation_summary(const struct ex_federation *f,
                                        enum ex_federation_method method)
{
    const GArray *values = f->values[method];
    return ex_summarize((const double *)(const void *)values->data, (int)values->len);
}

struct ex_summary ex_federation_gain(const struct ex_federation *f)
{
    const GArray *central = f->seeds[EX_CENTRAL], *federated = f->seeds[EX_FEDERATED];
    g_autoptr(GArray) gains = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < federated->len; i++)
        for (guint k = 0; k < central->len; k++)
            if (g_array_index(federated, gint64, i) == g_array_index(central, gint64, k)) {
                const double gain = g_array_index(f->values[EX_FEDERATED], double, i) -
                                    g_array_index(f->values[EX_CENTRAL], double, k);
                g_array_append_val(gains, gain);
            }
    return ex_summarize((const double *)(const void *)gains->data, (int)gains->len);
}

ex_table *ex_make_federations(const GPtrArray *federations)
{
    static const char *const columns[] = {"gateways", "protocol", "method",   "tested_on",
                                          "n_seed",   "accuracy", "interval", NULL};
    ex_table *table =
        ex_table_new("Central, federated and local learning: accuracy in percent", columns);
    for (guint i = 0; i < federations->len; i++)
        for (int method = 0; method < EX_N_FEDERATION_METHOD; method++) {
            const struct ex_federation *f = federations->pdata[i];
            const struct ex_summary s = ex_federation_summary(f, method);
            if (s.n == 0)
                continue;
            char **row = ex_table_add_row(table);
            row[0] = g_strdup_printf("%d", f->n_gateway);
            row[1] = g_strdup(f->protocol);
            row[2] = g_strdup(method_names[method]);
            row[3] = g_strdup(tested_on[method]);
            row[4] = g_strdup_printf("%d", s.n);
            row[5] = ex_format_figure(s.mean, 2);
            row[6] = s.n > 1 ? g_strdup_printf("%.2f to %.2f", s.ci_low, s.ci_high) : NULL;
        }
    ex_table_add_note(table, "Mean BLEU-1 over the testing pairs of each gateway, of another "
                             "simulation, then over gateways. central: one model of all pairs; "
                             "federated: each gateway learns from its own, weights are averaged; "
                             "local: each for itself. In all, as many pairs are learned from in "
                             "each way. interval: 95 %% t over seeds.");
    return table;
}

ex_table *ex_make_federation_trials(ds_store *store, const char *plan, GError **error)
{
    static const char *const columns[] = {"gateways",  "protocol", "seed",   "method",
                                          "tested_on", "accuracy", "n_pair", NULL};
    GError *failure = NULL;
    g_autoptr(ex_table) table = ex_table_new("Federation, trial by trial", columns);
    g_autoptr(ds_query) query = ds_query_new(
        store, error,
        "SELECT CAST(variant AS INTEGER), protocol, seed, method, substr(split, 9),"
        " 100 * accuracy, n_pair "
        "FROM trial JOIN evaluation USING (model_id, pair_set_id)"
        " WHERE plan = ? AND (method IN ('central', 'federated') OR method LIKE 'local %') "
        "ORDER BY 1, 2, 3, method, CAST(substr(split, 9) AS INTEGER)",
        "s", plan);
    if (!query)
        return NULL;
    while (ds_query_next(query, &failure)) {
        char **row = ex_table_add_row(table);
        for (int i = 0; i < 7; i++)
            row[i] =
                i == 5 ? ex_format_figure(ds_query_double(query, i), 4) : ex_query_text(query, i);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&table);
}
