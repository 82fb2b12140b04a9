/* Answers about runs, and about the server. */
#include "dataset/rows.h"
#include "experiments/network.h"
#include "experiments/serve_route.h"

#include <string.h>

/* More nodes take seconds to draw, and are no picture for a page. */
enum { MAX_DRAWN = 2000 };

/* Columns of a run. What was simulated is ground truth: its attack, and what names it. */
#define RUN_COLUMNS                                                                                \
    "run_id, scenario, traffic, seed, duration, ns_version, first_time, last_time, n_event,"       \
    " (SELECT count(*) FROM node AS n WHERE n.run_id = run.run_id) AS n_node,"                     \
    " (SELECT count(DISTINCT gateway) FROM node AS n WHERE n.run_id = run.run_id) AS n_gateway,"   \
    " (SELECT count(*) FROM flow AS f WHERE f.run_id = run.run_id) AS n_flow, trace_sha256"

static ds_query *select_runs(const struct ex_asked *asked, const char *what, GError **error)
{
    static const char from[] = " FROM run WHERE (?1 IS NULL OR scenario = ?1)"
                               " AND (?2 IS NULL OR traffic = ?2) AND (?3 = -1 OR seed = ?3)"
                               " ORDER BY run_id LIMIT ?4 OFFSET ?5";
    const ex_question *q = asked->question;
    g_autofree char *sql = g_strconcat("SELECT ", what, from, NULL);
    return ds_query_new(asked->store, error, sql, "ssiii", q->text[EX_SCENARIO],
                        q->text[EX_TRAFFIC], q->number[EX_SEED], q->number[EX_LIMIT],
                        q->number[EX_OFFSET]);
}

gboolean ex_answer_runs(const struct ex_asked *asked, GString *out, GError **error)
{
    const ex_question *q = asked->question;
    gint64 n = 0;
    if (!ds_lookup(asked->store, &n, error,
                   "SELECT count(*) FROM run WHERE (?1 IS NULL OR scenario = ?1)"
                   " AND (?2 IS NULL OR traffic = ?2) AND (?3 = -1 OR seed = ?3)",
                   "ssi", q->text[EX_SCENARIO], q->text[EX_TRAFFIC], q->number[EX_SEED]))
        return FALSE;
    ds_query *runs = select_runs(asked, asked->truth ? RUN_COLUMNS ", attack" : RUN_COLUMNS, error);
    return ex_put_list(asked, "runs", n, runs, out, error);
}

/* ---- one run ------------------------------------------------------------- */

/* How many rows a table has of the run that is asked for, which must be there. */
static gboolean count_of_run(const struct ex_asked *asked, const char *sql, gint64 *n,
                             GError **error)
{
    const gint64 run_id = asked->question->number[EX_RUN];
    gint64 exists = 0;
    if (!ds_lookup(asked->store, &exists, error, "SELECT 1 FROM run WHERE run_id = ?", "i", run_id))
        return FALSE;
    if (!exists)
        return ex_is_not_there(error, "no run %" G_GINT64_FORMAT, run_id);
    return ds_lookup(asked->store, n, error, sql, "i", run_id);
}

static ds_query *select_of_run(const struct ex_asked *asked, const char *sql, GError **error)
{
    const gint64 *number = asked->question->number;
    return ds_query_new(asked->store, error, sql, "iii", number[EX_RUN], number[EX_LIMIT],
                        number[EX_OFFSET]);
}

/* Which models said something about the run, on which pairs. */
static ds_query *select_judges(const struct ex_asked *asked, GError **error)
{
    return ds_query_new(
        asked->store, error,
        "SELECT v.model_id, model.name AS model, v.pair_set_id, pair_set.name AS pairs,"
        " count(*) AS n_verdict, count(*) FILTER (WHERE verdict = 'anomalous') AS n_anomalous"
        " FROM pair_set_run AS r CROSS JOIN model CROSS JOIN verdict AS v"
        " ON v.model_id = model.model_id AND v.pair_set_id = r.pair_set_id"
        " AND (v.run_id IS NULL OR v.run_id = r.run_id)"
        " JOIN pair_set ON pair_set.pair_set_id = v.pair_set_id"
        " WHERE r.run_id = ? GROUP BY v.model_id, v.pair_set_id"
        " ORDER BY v.model_id, v.pair_set_id LIMIT 1000",
        "i", asked->question->number[EX_RUN]);
}

gboolean ex_answer_run(const struct ex_asked *asked, GString *out, GError **error)
{
    const gint64 run_id = asked->question->number[EX_RUN];
    GError *failure = NULL;
    g_autofree char *sql = g_strconcat("SELECT " RUN_COLUMNS, asked->truth ? ", attack" : "",
                                       " FROM run WHERE run_id = ?", NULL);
    g_autoptr(ds_query) run = ds_query_new(asked->store, error, sql, "i", run_id);
    if (!run)
        return FALSE;
    if (!ds_put_json_row(run, out, &failure)) {
        if (!failure)
            return ex_is_not_there(error, "no run %" G_GINT64_FORMAT, run_id);
        g_propagate_error(error, failure);
        return FALSE;
    }
    g_string_truncate(out, out->len - 1);
    g_string_append(out, ",\"gateways\":");
    ds_query *gateways = ds_query_new(asked->store, error,
                                      "SELECT gateway, count(*) AS n_node FROM node"
                                      " WHERE run_id = ? AND gateway NOT NULL GROUP BY gateway"
                                      " ORDER BY gateway LIMIT 1000",
                                      "i", run_id);
    if (!ex_put_rows(gateways, out, error))
        return FALSE;
    g_string_append(out, ",\"judges\":");
    if (!ex_put_rows(select_judges(asked, error), out, error))
        return FALSE;
    g_string_append_c(out, '}');
    return TRUE;
}

gboolean ex_answer_run_nodes(const struct ex_asked *asked, GString *out, GError **error)
{
    gint64 n = 0;
    if (!count_of_run(asked, "SELECT count(*) FROM node WHERE run_id = ?", &n, error))
        return FALSE;
    ds_query *nodes = select_of_run(
        asked,
        "SELECT node, gateway, role, x, y, coalesce(n, 0) AS n_event, first_time, last_time"
        " FROM node LEFT JOIN node_activity USING (run_id, node) WHERE run_id = ?"
        " ORDER BY node LIMIT ? OFFSET ?",
        error);
    return ex_put_list(asked, "nodes", n, nodes, out, error);
}

gboolean ex_answer_run_flows(const struct ex_asked *asked, GString *out, GError **error)
{
    gint64 n = 0;
    if (!count_of_run(asked, "SELECT count(*) FROM flow WHERE run_id = ?", &n, error))
        return FALSE;
    ds_query *flows = select_of_run(
        asked,
        "SELECT flow, profile, src, sport, dst, dport, proto,"
        " (SELECT count(sent) FROM packet AS p WHERE p.run_id = f.run_id AND p.flow = f.flow"
        "  AND forward = 1) AS sent,"
        " (SELECT count(received) FROM packet AS p WHERE p.run_id = f.run_id AND p.flow = f.flow"
        "  AND forward = 1) AS received"
        " FROM flow AS f WHERE run_id = ? ORDER BY flow LIMIT ? OFFSET ?",
        error);
    return ex_put_list(asked, "flows", n, flows, out, error);
}

gboolean ex_answer_run_network(const struct ex_asked *asked, GString *out, GError **error)
{
    const gint64 run_id = asked->question->number[EX_RUN];
    gint64 n = 0;
    if (!count_of_run(asked, "SELECT count(*) FROM node WHERE run_id = ? AND x NOT NULL", &n,
                      error))
        return FALSE;
    if (n == 0)
        return ex_is_not_there(error,
                               "nobody knows where the nodes of run %" G_GINT64_FORMAT
                               " are: it has no manifest",
                               run_id);
    if (n > MAX_DRAWN)
        return ex_is_not_there(error,
                               "run %" G_GINT64_FORMAT " has %" G_GINT64_FORMAT
                               " nodes, too many to be drawn here: see adliotlog draw",
                               run_id, n);
    g_autoptr(ex_network) network = ex_network_load(asked->store, run_id, asked->truth, error);
    if (!network)
        return FALSE;
    ex_network_put_svg(network, out);
    return TRUE;
}

/* ---- the server ---------------------------------------------------------- */

gboolean ex_answer_health(const struct ex_asked *asked, GString *out, GError **error)
{
    gint64 n = 0;
    if (!ds_lookup(asked->store, &n, error, "SELECT max(run_id) FROM run", ""))
        return FALSE;
    g_string_append(out, "{\"status\":\"ok\",\"version\":\"" ADLIOTLOG_VERSION "\"}");
    return TRUE;
}

gboolean ex_answer_metrics(const struct ex_asked *asked, GString *out, GError **error)
{
    static const struct {
        const char *name, *help, *sql;
    } gauges[] = {
        {"runs", "Runs in the store.", "SELECT count(*) FROM run"},
        {"events", "Events of all runs in the store.", "SELECT total(n_event) FROM run"},
        {"verdicts", "Verdicts in the store.", "SELECT count(*) FROM verdict"},
    };
    ex_metrics_put(asked->metrics, out);
    for (gsize i = 0; i < G_N_ELEMENTS(gauges); i++) {
        gint64 n = 0;
        if (!ds_lookup(asked->store, &n, error, gauges[i].sql, ""))
            return FALSE;
        g_string_append_printf(out,
                               "# HELP adliotlog_store_%s %s\n# TYPE adliotlog_store_%s gauge\n"
                               "adliotlog_store_%s %" G_GINT64_FORMAT "\n",
                               gauges[i].name, gauges[i].help, gauges[i].name, gauges[i].name, n);
    }
    return TRUE;
}
