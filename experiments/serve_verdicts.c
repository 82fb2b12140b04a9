/* Answers about what models and detectors say: verdicts, and what is known of a node or a pair. */
#include "experiments/explain.h"
#include "experiments/report_data.h"
#include "experiments/serve_route.h"
#include "experiments/tuple.h"
#include "tracegen/error.h"
#include "tracegen/json.h"

#include <string.h>

enum { MAX_ADVERSARIES = 1000 };

/* Which verdicts: EX_ANY and NULL leave out the condition. */
struct filter {
    gint64 node, server; /* both ends of the tuple: the sender, the predicted server */
    gint64 either;       /* one of them, no matter which */
    gint64 max_rank, limit, offset;
    const char *verdict;
    const ex_question *question; /* run, model, model_id, pairs */
};

/* A tuple that comes from several runs may be from any run of its pair set. */
#define CHOSEN                                                                                     \
    " FROM verdict AS v JOIN model USING (model_id) JOIN pair_set USING (pair_set_id)"             \
    " WHERE (?1 = -1 OR node = ?1) AND (?2 = -1 OR predicted_server = ?2)"                         \
    " AND (?3 = -1 OR ?3 IN (node, predicted_server))"                                             \
    " AND (?4 = -1 OR run_id = ?4 OR run_id IS NULL AND EXISTS (SELECT 1 FROM pair_set_run AS r"   \
    "      WHERE r.pair_set_id = v.pair_set_id AND r.run_id = ?4))"                                \
    " AND (?5 IS NULL OR model.name = ?5) AND (?6 = -1 OR model_id = ?6)"                          \
    " AND (?7 IS NULL OR pair_set.name = ?7) AND (?8 IS NULL OR verdict = ?8)"                     \
    " AND (?9 = -1 OR rank <= ?9)"

/* sql: begins with SELECT, holds CHOSEN; may use ?10 for the limit and ?11 for the offset. */
static ds_query *select_chosen(ds_store *store, const struct filter *f, const char *sql,
                               GError **error)
{
    const ex_question *q = f->question;
    return ds_query_new(store, error, sql, "iiiisissiii", f->node, f->server, f->either,
                        q->number[EX_RUN], q->text[EX_MODEL], q->number[EX_MODEL_ID],
                        q->text[EX_PAIRS], f->verdict, f->max_rank, f->limit, f->offset);
}

/* Verdicts as every answer has them, in the order of models and ranks. */
static ds_query *select_verdicts(ds_store *store, const struct filter *f, GError **error)
{
    return select_chosen(store, f,
                         "SELECT model_id, model.name AS model, pair_set_id,"
                         " pair_set.name AS pairs, rank, run_id, node, actual_server,"
                         " predicted_server, probability, v.n_pair, verdict,"
                         " format('/v1/verdicts/%d/%d/%d', model_id, pair_set_id, rank)"
                         "  AS evidence" CHOSEN
                         " ORDER BY model_id, pair_set_id, rank LIMIT ?10 OFFSET ?11",
                         error);
}

/* The first row's numbers, of as many columns as there are places. */
static gboolean read_numbers(ds_query *query, gint64 **places, int n, GError **error)
{
    g_autoptr(ds_query) row = query;
    if (!row || !ds_query_next(row, error))
        return FALSE; /* all that is asked so has a row, or fails */
    for (int i = 0; i < n; i++)
        *places[i] = ds_query_int(row, i);
    return TRUE;
}

gboolean ex_answer_verdicts(const struct ex_asked *asked, GString *out, GError **error)
{
    const ex_question *q = asked->question;
    const struct filter f = {.node = q->number[EX_NODE],
                             .server = EX_ANY,
                             .either = EX_ANY,
                             .max_rank = q->number[EX_MAX_RANK],
                             .limit = q->number[EX_LIMIT],
                             .offset = q->number[EX_OFFSET],
                             .verdict = q->text[EX_VERDICT],
                             .question = q};
    gint64 n = 0;
    ds_query *count =
        select_chosen(asked->store, &f,
                      "SELECT count(*)" CHOSEN " AND ?10 NOT NULL AND ?11 NOT NULL", error);
    return read_numbers(count, (gint64 *[]){&n}, 1, error) &&
           ex_put_list(asked, "verdicts", n, select_verdicts(asked->store, &f, error), out, error);
}

/* ---- nodes and pairs ----------------------------------------------------- */

/* "verdict":..,"max_rank":..,"n_verdict":..: what verdicts up to that rank say, and how many. */
static gboolean put_summary(const struct ex_asked *asked, const struct filter *chosen, GString *out,
                            GError **error)
{
    struct filter f = *chosen;
    gint64 n_any = 0, anomalous = 0, n = 0;
    f.max_rank = EX_ANY; /* it was judged, if by a verdict of any rank */
    f.limit = chosen->max_rank;
    ds_query *query =
        select_chosen(asked->store, &f,
                      "SELECT count(*), max(verdict = 'anomalous' AND rank <= ?10),"
                      " count(*) FILTER (WHERE rank <= ?10)" CHOSEN " AND ?11 NOT NULL",
                      error);
    if (!read_numbers(query, (gint64 *[]){&n_any, &anomalous, &n}, 3, error))
        return FALSE;
    const char *verdict = n_any == 0 ? "null" : anomalous ? "\"anomalous\"" : "\"benign\"";
    g_string_append_printf(out,
                           "\"verdict\":%s,\"max_rank\":%" G_GINT64_FORMAT
                           ",\"n_verdict\":%" G_GINT64_FORMAT,
                           verdict, chosen->max_rank, n);
    return TRUE;
}

static struct filter filter_of(const ex_question *q)
{
    const gint64 max_rank = q->number[EX_MAX_RANK];
    return (struct filter){.node = EX_ANY,
                           .server = EX_ANY,
                           .either = EX_ANY,
                           .max_rank = max_rank == EX_ANY ? EX_SET_A_SIZE : max_rank,
                           .limit = q->number[EX_LIMIT],
                           .question = q};
}

/* Appends ,"adversaries":[15,...]: the other ends of tuples that are anomalous. */
static gboolean put_adversaries(const struct ex_asked *asked, const struct filter *chosen,
                                GString *out, GError **error)
{
    struct filter f = *chosen;
    GError *failure = NULL;
    f.verdict = "anomalous";
    f.limit = MAX_ADVERSARIES;
    g_autoptr(ds_query) rows =
        select_chosen(asked->store, &f,
                      "SELECT DISTINCT iif(node = ?3, predicted_server, node)" CHOSEN
                      " AND node != predicted_server ORDER BY 1 LIMIT ?10 OFFSET ?11",
                      error);
    if (!rows)
        return FALSE;
    g_string_append(out, ",\"adversaries\":[");
    for (gboolean first = TRUE; ds_query_next(rows, &failure); first = FALSE)
        g_string_append_printf(out, "%s%" G_GINT64_FORMAT, first ? "" : ",", ds_query_int(rows, 0));
    g_string_append_c(out, ']');
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* Appends ,"NAME":[...]. Takes the query over. */
static gboolean put_member(const char *name, ds_query *rows, GString *out, GError **error)
{
    g_string_append_printf(out, ",\"%s\":", name);
    return ex_put_rows(rows, out, error);
}

gboolean ex_answer_node(const struct ex_asked *asked, GString *out, GError **error)
{
    const ex_question *q = asked->question;
    const gint64 node = q->number[EX_NODE], run_id = q->number[EX_RUN];
    gint64 n_run = 0;
    if (!ds_lookup(asked->store, &n_run, error,
                   "SELECT count(*) FROM run CROSS JOIN node USING (run_id)"
                   " WHERE node = ?1 AND (?2 = -1 OR run_id = ?2)",
                   "ii", node, run_id))
        return FALSE;
    if (n_run == 0)
        return ex_is_not_there(error, "no node %" G_GINT64_FORMAT "%s", node,
                               run_id == EX_ANY ? "" : " in that run");
    struct filter f = filter_of(q);
    f.either = node;
    g_string_append_printf(out, "{\"node\":%" G_GINT64_FORMAT ",", node);
    if (!put_summary(asked, &f, out, error) || !put_adversaries(asked, &f, out, error) ||
        !put_member("verdicts", select_verdicts(asked->store, &f, error), out, error))
        return FALSE;
    g_string_append_printf(out, ",\"n_run\":%" G_GINT64_FORMAT, n_run);
    ds_query *runs = ds_query_new(asked->store, error,
                                  "SELECT run_id, gateway, role"
                                  " FROM run CROSS JOIN node USING (run_id)"
                                  " WHERE node = ?1 AND (?2 = -1 OR run_id = ?2)"
                                  " ORDER BY run_id LIMIT ?3",
                                  "iii", node, run_id, q->number[EX_LIMIT]);
    if (!put_member("runs", runs, out, error))
        return FALSE;
    g_string_append_c(out, '}');
    return TRUE;
}

/* What detectors think of the pair, over the whole of each run; rank as view alert has it. */
static ds_query *select_alerts(const struct ex_asked *asked, GError **error)
{
    const gint64 *number = asked->question->number;
    return ds_query_new(
        asked->store, error,
        "SELECT detection.name AS detection, d.name AS detector, s.run_id, score,"
        " (SELECT 1 + count(*) FROM score AS o WHERE o.detector_id = s.detector_id"
        "  AND o.run_id = s.run_id AND o.window = -1 AND o.score > s.score) AS rank,"
        " (SELECT count(*) FROM score AS o WHERE o.detector_id = s.detector_id"
        "  AND o.run_id = s.run_id AND o.window = -1) AS n_candidate"
        " FROM detector AS d JOIN detection USING (detection_id)"
        " CROSS JOIN detection_run AS r USING (detection_id)"
        " CROSS JOIN score AS s ON s.detector_id = d.detector_id AND s.run_id = r.run_id"
        "  AND s.src = ?1 AND s.dst = ?2 AND s.window = -1"
        " WHERE r.role = 'test' AND (?3 = -1 OR r.run_id = ?3)"
        " ORDER BY detection, detector, s.run_id LIMIT ?4",
        "iiii", number[EX_SRC], number[EX_DST], number[EX_RUN], number[EX_LIMIT]);
}

static ds_query *select_flows(const struct ex_asked *asked, GError **error)
{
    const gint64 *number = asked->question->number;
    return ds_query_new(asked->store, error,
                        "SELECT run_id, flow, profile, sport, dport, proto"
                        " FROM run CROSS JOIN flow USING (run_id)"
                        " WHERE src = ?1 AND dst = ?2 AND (?3 = -1 OR run_id = ?3)"
                        " ORDER BY run_id, flow LIMIT ?4",
                        "iiii", number[EX_SRC], number[EX_DST], number[EX_RUN], number[EX_LIMIT]);
}

/* TG_ERROR_NO unless there is a run with both nodes. */
static gboolean find_pair(const struct ex_asked *asked, GError **error)
{
    const gint64 *number = asked->question->number;
    gint64 found = 0;
    if (!ds_lookup(asked->store, &found, error,
                   "SELECT 1 FROM run CROSS JOIN node AS a USING (run_id)"
                   " JOIN node AS b USING (run_id) WHERE a.node = ?1 AND b.node = ?2"
                   " AND (?3 = -1 OR run_id = ?3) LIMIT 1",
                   "iii", number[EX_SRC], number[EX_DST], number[EX_RUN]))
        return FALSE;
    return found ||
           ex_is_not_there(error, "no nodes %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " in %s",
                           number[EX_SRC], number[EX_DST],
                           number[EX_RUN] == EX_ANY ? "one run" : "that run");
}

gboolean ex_answer_pair(const struct ex_asked *asked, GString *out, GError **error)
{
    const ex_question *q = asked->question;
    if (!find_pair(asked, error))
        return FALSE;
    struct filter f = filter_of(q);
    f.node = q->number[EX_SRC];
    f.server = q->number[EX_DST];
    g_string_append_printf(out, "{\"src\":%" G_GINT64_FORMAT ",\"dst\":%" G_GINT64_FORMAT ",",
                           f.node, f.server);
    if (!put_summary(asked, &f, out, error) ||
        !put_member("verdicts", select_verdicts(asked->store, &f, error), out, error) ||
        !put_member("alerts", select_alerts(asked, error), out, error) ||
        !put_member("flows", select_flows(asked, error), out, error))
        return FALSE;
    g_string_append_c(out, '}');
    return TRUE;
}

#define PACKETS                                                                                    \
    " FROM run CROSS JOIN flow USING (run_id) CROSS JOIN packet AS p USING (run_id, flow)"         \
    " WHERE src = ?1 AND dst = ?2 AND (?3 = -1 OR run_id = ?3) AND forward = 1"

gboolean ex_answer_packets(const struct ex_asked *asked, GString *out, GError **error)
{
    const gint64 *number = asked->question->number;
    gint64 n = 0;
    if (!find_pair(asked, error) ||
        !ds_lookup(asked->store, &n, error, "SELECT count(*)" PACKETS, "iii", number[EX_SRC],
                   number[EX_DST], number[EX_RUN]))
        return FALSE;
    ds_query *packets =
        ds_query_new(asked->store, error,
                     "SELECT run_id, flow, uid, seq, size, sent, sent_line, received,"
                     " received_line, hops" PACKETS
                     " ORDER BY run_id, flow, uid LIMIT ?4 OFFSET ?5",
                     "iiiii", number[EX_SRC], number[EX_DST], number[EX_RUN], number[EX_LIMIT],
                     number[EX_OFFSET]);
    return ex_put_list(asked, "packets", n, packets, out, error);
}

/* ---- one verdict, and what stands behind it ------------------------------ */

/* The tuple and its verdict (static); TG_ERROR_NO when there is none. */
static gboolean find_verdict(const struct ex_asked *asked, struct nn_tuple *tuple,
                             const char **verdict, GError **error)
{
    const gint64 *number = asked->question->number;
    GError *failure = NULL;
    g_autoptr(ds_query) row = ds_query_new(
        asked->store, error,
        "SELECT node, actual_server, predicted_server, probability, n_pair, verdict = 'benign'"
        " FROM verdict WHERE model_id = ? AND pair_set_id = ? AND rank = ?",
        "iii", number[EX_MODEL_ID], number[EX_PAIR_SET_ID], number[EX_RANK]);
    if (!row)
        return FALSE;
    if (!ds_query_next(row, &failure)) {
        if (!failure)
            return ex_is_not_there(error, "no such verdict");
        g_propagate_error(error, failure);
        return FALSE;
    }
    *tuple = (struct nn_tuple){.node = ds_query_int(row, 0),
                               .actual = ds_query_int(row, 1),
                               .predicted = ds_query_int(row, 2),
                               .probability = ds_query_double(row, 3),
                               .count = (int)ds_query_int(row, 4)};
    *verdict = ds_query_int(row, 5) ? "benign" : "anomalous";
    return TRUE;
}

gboolean ex_answer_verdict(const struct ex_asked *asked, GString *out, GError **error)
{
    const gint64 *number = asked->question->number;
    struct nn_tuple tuple;
    const char *verdict = NULL;
    gint64 n_nodeless = 0;
    int node_word;
    g_autoptr(GArray) observations = g_array_new(FALSE, FALSE, sizeof(struct ex_observation));
    if (!find_verdict(asked, &tuple, &verdict, error) ||
        !ex_find_node_word(asked->store, number[EX_PAIR_SET_ID], &node_word, error))
        return FALSE;
    if (node_word < 0)
        return ex_is_not_there(error, "the sentences behind this verdict name no nodes");
    if (!ex_observe_tuples(asked->store, number[EX_MODEL_ID], number[EX_PAIR_SET_ID], node_word,
                           observations, &n_nodeless, error))
        return FALSE;
    const struct ex_verdict subject = {.store = asked->store,
                                       .model_id = number[EX_MODEL_ID],
                                       .pair_set_id = number[EX_PAIR_SET_ID],
                                       .tuple = &tuple,
                                       .rank = (int)number[EX_RANK],
                                       .verdict = verdict,
                                       .observations = observations,
                                       .n_pair = (int)number[EX_EVENTS],
                                       .truth = asked->truth,
                                       .origin = asked->truth};
    g_autoptr(JsonNode) explanation = ex_explain(&subject, error);
    if (!explanation)
        return FALSE;
    g_autofree char *text = tg_json_to_string(explanation, FALSE);
    g_string_append(out, text);
    return TRUE;
}
