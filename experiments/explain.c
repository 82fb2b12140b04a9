#include "experiments/explain.h"

#include "dataset/export.h"
#include "experiments/replay.h"
#include "experiments/tuple.h"
#include "tracegen/error.h"
#include "tracegen/json.h"

#include <string.h>

/* ---- JSON ---------------------------------------------------------------- */

static void set_text(JsonObject *object, const char *name, const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;
    if (valid)
        json_object_set_string_member(object, name, valid);
    else
        json_object_set_null_member(object, name);
}

/* A column of the present row under its own name, or null. */
static void set_int(JsonObject *object, const char *name, ds_query *row, int column)
{
    if (ds_query_is_null(row, column))
        json_object_set_null_member(object, name);
    else
        json_object_set_int_member(object, name, ds_query_int(row, column));
}

static void set_double(JsonObject *object, const char *name, ds_query *row, int column)
{
    if (ds_query_is_null(row, column))
        json_object_set_null_member(object, name);
    else
        json_object_set_double_member(object, name, ds_query_double(row, column));
}

/* At the row there must be; TG_ERROR_DATA when there is none. */
static gboolean expect_row(ds_query *query, const char *what, gint64 id, GError **error)
{
    GError *failure = NULL;
    if (query && ds_query_next(query, &failure))
        return TRUE;
    if (failure)
        g_propagate_error(error, failure);
    else if (query)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s %" G_GINT64_FORMAT " is incomplete", what,
                    id);
    return FALSE;
}

/* ---- a pair -------------------------------------------------------------- */

/* {"line":..,"time":..,"text":..}: an event, and its line as ns-2 wrote it. */
static gboolean set_event(JsonObject *pair, const char *name, const struct ex_verdict *v,
                          gint64 run_id, gint64 line, double time, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (!ds_export_line(v->store, run_id, line, text, error))
        return FALSE;
    JsonObject *event = json_object_new();
    json_object_set_int_member(event, "line", line);
    json_object_set_double_member(event, "time", time);
    set_text(event, "text", text->str);
    json_object_set_object_member(pair, name, event);
    return TRUE;
}

/* What the sender really should have done. */
static gboolean set_pair_truth(JsonObject *pair, const struct ex_verdict *v, gint64 pair_id,
                               GError **error)
{
    g_autoptr(ds_query) row =
        ds_query_new(v->store, error,
                     "SELECT flow.flow, flow.dst, intended_dst, flow.attack FROM pair"
                     " JOIN event ON event.run_id = pair.run_id AND event.line = source_line"
                     " JOIN flow ON flow.run_id = pair.run_id AND flow.flow = event.flow"
                     " WHERE pair_id = ?",
                     "i", pair_id);
    if (!expect_row(row, "pair", pair_id, error))
        return FALSE;
    set_int(pair, "flow", row, 0);
    set_int(pair, "dst", row, 1);
    set_int(pair, "intended_dst", row, 2);
    set_int(pair, "attack", row, 3);
    return TRUE;
}

static JsonObject *describe_pair(const struct ex_verdict *v, const struct ex_observation *o,
                                 GError **error)
{
    g_autoptr(JsonObject) pair = json_object_new();
    g_autoptr(ds_query) row = ds_query_new(
        v->store, error,
        "SELECT bleu1, source, target, output, source_line, x.time, target_line, y.time"
        " FROM pair JOIN pair_text USING (pair_id) JOIN prediction USING (pair_id)"
        " JOIN event AS x ON x.run_id = pair.run_id AND x.line = source_line"
        " JOIN event AS y ON y.run_id = pair.run_id AND y.line = target_line"
        " WHERE pair_id = ? AND model_id = ?",
        "ii", o->pair_id, v->model_id);
    if (!expect_row(row, "pair", o->pair_id, error))
        return NULL;
    json_object_set_int_member(pair, "pair_id", o->pair_id);
    json_object_set_double_member(pair, "probability", o->tuple.probability);
    set_double(pair, "bleu1", row, 0);
    set_text(pair, "source", ds_query_text(row, 1));
    set_text(pair, "target", ds_query_text(row, 2));
    set_text(pair, "prediction", ds_query_text(row, 3));
    if (!set_event(pair, "source_event", v, o->run_id, ds_query_int(row, 4),
                   ds_query_double(row, 5), error) ||
        !set_event(pair, "target_event", v, o->run_id, ds_query_int(row, 6),
                   ds_query_double(row, 7), error) ||
        (v->truth && !set_pair_truth(pair, v, o->pair_id, error)))
        return NULL;
    return g_steal_pointer(&pair);
}

/* ---- a run --------------------------------------------------------------- */

static int compare_seconds(gconstpointer a, gconstpointer b)
{
    const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

/* How many pairs of the run each second has, by the target event: [{"second":0,"n":3}, ...]. */
static JsonArray *count_windows(const struct ex_observation *const *observed, guint n)
{
    JsonArray *windows = json_array_new();
    g_autofree gint64 *seconds = g_new(gint64, n);
    for (guint i = 0; i < n; i++)
        seconds[i] = (gint64)observed[i]->time;
    qsort(seconds, n, sizeof(*seconds), compare_seconds);
    for (guint i = 0, first = 0; i < n; i++) {
        if (i + 1 < n && seconds[i + 1] == seconds[i])
            continue;
        JsonObject *window = json_object_new();
        json_object_set_int_member(window, "second", seconds[i]);
        json_object_set_int_member(window, "n", i + 1 - first);
        json_array_add_object_element(windows, window);
        first = i + 1;
    }
    return windows;
}

static int more_probable_first(gconstpointer a, gconstpointer b)
{
    const struct ex_observation *const *x = a, *const *y = b;
    const double p = (*x)->tuple.probability, q = (*y)->tuple.probability;
    return p != q ? (p < q ? 1 : -1) : ((*x)->pair_id > (*y)->pair_id ? 1 : -1);
}

static gboolean set_pairs(JsonObject *run, const struct ex_verdict *v,
                          const struct ex_observation **observed, guint n, GError **error)
{
    JsonArray *pairs = json_array_new();
    json_object_set_int_member(run, "n_pair", n);
    json_object_set_array_member(run, "windows", count_windows(observed, n));
    json_object_set_array_member(run, "pairs", pairs);
    qsort(observed, n, sizeof(*observed), more_probable_first);
    for (guint i = 0; i < MIN(n, (guint)v->n_pair); i++) {
        JsonObject *pair = describe_pair(v, observed[i], error);
        if (!pair)
            return FALSE;
        json_array_add_object_element(pairs, pair);
    }
    return TRUE;
}

/* All parameters but which attack there is. */
static gboolean set_parameters(JsonObject *run, const char *params, GError **error)
{
    if (!params) {
        json_object_set_null_member(run, "parameters");
        return TRUE;
    }
    g_autoptr(JsonNode) root = tg_json_parse(params, strlen(params), error);
    if (!root)
        return FALSE;
    JsonObject *kept = json_object_new();
    JsonObjectIter iterator;
    const char *name;
    JsonNode *node;
    json_object_iter_init_ordered(&iterator, json_node_get_object(root));
    while (json_object_iter_next_ordered(&iterator, &name, &node))
        if (strcmp(name, "attack") != 0)
            json_object_set_member(kept, name, json_node_copy(node));
    json_object_set_object_member(run, "parameters", kept);
    return TRUE;
}

static gboolean set_gateways(JsonObject *run, const struct ex_verdict *v, gint64 run_id,
                             GError **error)
{
    g_autoptr(ds_query) row =
        ds_query_new(v->store, error,
                     "SELECT max(iif(node = ?2, gateway, NULL)), max(iif(node = ?3, gateway, NULL))"
                     " FROM node WHERE run_id = ?1",
                     "iii", run_id, v->tuple->node, v->tuple->predicted);
    if (!expect_row(row, "run", run_id, error))
        return FALSE;
    set_int(run, "gateway", row, 0);
    set_int(run, "predicted_gateway", row, 1);
    return TRUE;
}

static gboolean set_replay(JsonObject *run, const struct ex_verdict *v, gint64 run_id,
                           GError **error)
{
    g_auto(ex_replay) replay = {NULL};
    if (!ex_replay_find(&replay, v->store, run_id, error))
        return FALSE;
    set_text(run, "replay", replay.simulate);
    set_text(run, "ns", replay.ns);
    return TRUE;
}

static JsonObject *describe_run(const struct ex_verdict *v, gint64 run_id,
                                const struct ex_observation **observed, guint n, GError **error)
{
    g_autoptr(JsonObject) run = json_object_new();
    g_autoptr(ds_query) row =
        ds_query_new(v->store, error,
                     "SELECT scenario, traffic, seed, duration, ns_version, trace_path,"
                     " trace_sha256, params, attack FROM run WHERE run_id = ?",
                     "i", run_id);
    if (!expect_row(row, "run", run_id, error))
        return NULL;
    json_object_set_int_member(run, "run_id", run_id);
    set_text(run, "scenario", ds_query_text(row, 0));
    set_text(run, "traffic", ds_query_text(row, 1));
    set_int(run, "seed", row, 2);
    set_double(run, "duration", row, 3);
    set_text(run, "ns_version", ds_query_text(row, 4));
    if (v->truth)
        set_text(run, "attack", ds_query_text(row, 8));
    if (v->origin)
        set_text(run, "trace", ds_query_text(row, 5));
    set_text(run, "trace_sha256", ds_query_text(row, 6));
    if ((v->origin && !set_parameters(run, ds_query_text(row, 7), error)) ||
        !set_gateways(run, v, run_id, error) || (v->origin && !set_replay(run, v, run_id, error)) ||
        !set_pairs(run, v, observed, n, error))
        return NULL;
    return g_steal_pointer(&run);
}

/* ---- the verdict --------------------------------------------------------- */

static gboolean is_same_tuple(const struct nn_tuple *a, const struct nn_tuple *b)
{
    return a->node == b->node && a->actual == b->actual && a->predicted == b->predicted;
}

/* The observations of the verdict's tuple, run by run, as pair_id has them. */
static gboolean add_runs(JsonArray *runs, const struct ex_verdict *v, GError **error)
{
    g_autoptr(GPtrArray) mine = g_ptr_array_new();
    for (guint i = 0; i < v->observations->len; i++) {
        struct ex_observation *o = &g_array_index(v->observations, struct ex_observation, i);
        if (is_same_tuple(&o->tuple, v->tuple))
            g_ptr_array_add(mine, o);
    }
    for (guint first = 0, end; first < mine->len; first = end) {
        const struct ex_observation **observed =
            (const struct ex_observation **)(void *)&mine->pdata[first];
        const gint64 run_id = observed[0]->run_id;
        for (end = first + 1; end < mine->len; end++)
            if (((const struct ex_observation *)mine->pdata[end])->run_id != run_id)
                break;
        JsonObject *run = describe_run(v, run_id, observed, end - first, error);
        if (!run)
            return FALSE;
        json_array_add_object_element(runs, run);
    }
    return TRUE;
}

static gboolean set_names(JsonObject *object, const struct ex_verdict *v, GError **error)
{
    g_autoptr(ds_query) row = ds_query_new(v->store, error,
                                           "SELECT model.name, pair_set.name FROM model, pair_set"
                                           " WHERE model_id = ? AND pair_set_id = ?",
                                           "ii", v->model_id, v->pair_set_id);
    if (!expect_row(row, "model", v->model_id, error))
        return FALSE;
    set_text(object, "model", ds_query_text(row, 0));
    set_text(object, "pairs", ds_query_text(row, 1));
    return TRUE;
}

JsonNode *ex_explain(const struct ex_verdict *v, GError **error)
{
    JsonObject *object = json_object_new();
    g_autoptr(JsonNode) root = json_node_init_object(json_node_alloc(), object);
    json_object_unref(object);
    json_object_set_int_member(object, "rank", v->rank);
    json_object_set_int_member(object, "node", v->tuple->node);
    json_object_set_int_member(object, "actual_server", v->tuple->actual);
    json_object_set_int_member(object, "predicted_server", v->tuple->predicted);
    json_object_set_double_member(object, "probability", v->tuple->probability);
    json_object_set_int_member(object, "n_pair", v->tuple->count);
    json_object_set_string_member(object, "verdict", v->verdict);
    if (!set_names(object, v, error))
        return NULL;
    JsonArray *runs = json_array_new();
    json_object_set_array_member(object, "runs", runs);
    return add_runs(runs, v, error) ? g_steal_pointer(&root) : NULL;
}
