#include "experiments/report_rows.h"

#include "experiments/report_data.h"

/* The pair sets of a plan: those tested on, and those that its models were trained on. */
#define SETS_OF_PLAN                                                                               \
    "(SELECT pair_set_id FROM trial WHERE plan = ?1 UNION SELECT p.pair_set_id FROM trial"         \
    " JOIN model USING (model_id) JOIN pair_set AS p ON p.name = model.options ->> '$.pairs'"      \
    " AND p.sha256 = model.options ->> '$.pairs_sha256' WHERE plan = ?1)"
#define OF_PLAN                                                                                    \
    " WHERE run_id IN (SELECT run_id FROM pair_set_run WHERE pair_set_id IN " SETS_OF_PLAN         \
    ") ORDER BY run_id"

/* What a query about a plan finds, columns named by the query's order. */
static ex_table *query_table(ds_store *store, const char *plan, const char *caption,
                             const char *const *columns, const char *sql, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ex_table) table = ex_table_new(caption, columns);
    g_autoptr(ds_query) query = ds_query_new(store, error, sql, "s", plan);
    if (!query)
        return NULL;
    while (ds_query_next(query, &failure)) {
        char **row = ex_table_add_row(table);
        for (int i = 0; columns[i]; i++)
            row[i] = ex_query_text(query, i);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&table);
}

ex_table *ex_make_runs(ds_store *store, const char *plan, GError **error)
{
    static const char *const columns[] = {"run",   "scenario", "attack",  "traffic",
                                          "seed",  "seconds",  "lines",   "events",
                                          "noise", "blank",    "refused", NULL};
    return query_table(store, plan, "Runs of the simulator", columns,
                       "SELECT run_id, scenario, attack, traffic, seed, duration, n_line, n_event,"
                       " n_noise, n_blank, n_reject FROM run" OF_PLAN,
                       error);
}

ex_table *ex_make_traces(ds_store *store, const char *plan, GError **error)
{
    static const char *const columns[] = {"run", "ns", "trace", "SHA-256", NULL};
    return query_table(store, plan, "Traces", columns,
                       "SELECT run_id, ns_version, trace_path, trace_sha256 FROM run" OF_PLAN,
                       error);
}

ex_table *ex_make_all_of_runs(ds_store *store, const char *plan, GError **error)
{
    static const char *const columns[] = {"run",        "scenario",     "attack",   "traffic",
                                          "seed",       "duration",     "n_line",   "n_event",
                                          "n_noise",    "n_blank",      "n_reject", "ns_version",
                                          "trace_path", "trace_sha256", NULL};
    return query_table(store, plan, "Runs of the simulator", columns,
                       "SELECT run_id, scenario, attack, traffic, seed, duration, n_line, n_event,"
                       " n_noise, n_blank, n_reject, ns_version, trace_path, trace_sha256"
                       " FROM run" OF_PLAN,
                       error);
}

ex_table *ex_make_pair_sets(ds_store *store, const char *plan, GError **error)
{
    static const char *const columns[] = {"pair_set", "pairs", "distinct_words", "options", NULL};
    return query_table(store, plan, "Pairs of consecutive sentences", columns,
                       "SELECT name, n_pair, n_token, options FROM pair_set"
                       " WHERE pair_set_id IN " SETS_OF_PLAN " ORDER BY pair_set_id",
                       error);
}

ex_table *ex_make_models(ds_store *store, const char *plan, GError **error)
{
    static const char *const columns[] = {"model", "file", "SHA-256", NULL};
    return query_table(store, plan, "Models", columns,
                       "SELECT name, path, model_sha256 FROM model WHERE model_id IN"
                       " (SELECT model_id FROM trial WHERE plan = ?) ORDER BY model_id",
                       error);
}

ex_table *ex_make_audit(ds_store *store, const char *plan, GError **error)
{
    static const char *const columns[] = {"verdict",  "check", "value", "finding",
                                          "training", "test",  NULL};
    ex_table *table =
        query_table(store, plan, "The leak audit", columns,
                    "SELECT verdict, \"check\", round(value, 6), text, a.name, b.name FROM audit"
                    " JOIN pair_set AS a ON a.pair_set_id = train_set"
                    " JOIN pair_set AS b ON b.pair_set_id = test_set "
                    "WHERE train_set IN (SELECT pair_set_id FROM trial WHERE plan = ?)"
                    " ORDER BY a.name, b.name, verdict <> 'leak', verdict <> 'warning', \"check\"",
                    error);
    if (table)
        ex_table_add_note(table, "leak: the test can be passed without having learned; warning: "
                                 "what was learned does not carry over; clean: nothing was found. "
                                 "adliotlog help audit says what each check asks.");
    return table;
}
