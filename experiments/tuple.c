#include "experiments/tuple.h"

#include "dataset/reading.h"
#include <math.h>
#include <string.h>

gboolean ex_find_node_word(ds_store *store, gint64 pair_set_id, int *place, GError **error)
{
    GError *failure = NULL;
    gboolean fixed = TRUE;
    *place = -1;
    g_autoptr(ds_query) fields =
        ds_query_new(store, error,
                     "SELECT field.value, options ->> '$.numbers' = 'digits',"
                     " coalesce(options ->> '$.permute', 0) > 0"
                     " FROM pair_set, json_each(options, '$.fields') AS field"
                     " WHERE pair_set_id = ? ORDER BY field.key",
                     "i", pair_set_id);
    if (!fields)
        return FALSE;
    for (int i = 0; fixed && *place < 0 && ds_query_next(fields, &failure); i++) {
        const char *field = ds_query_text(fields, 0);
        if (strcmp(field, "node") == 0 && !ds_query_int(fields, 2))
            *place = i;
        fixed = !ds_query_int(fields, 1) || !ds_reading_counts(field);
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* The word at the acting node's place as a number; -1 when it is missing or no number. */
static gint64 predicted_node(int node_word, const char *output)
{
    g_auto(GStrv) words = g_strsplit(output, " ", node_word + 2);
    guint64 node;
    if ((int)g_strv_length(words) <= node_word ||
        !g_ascii_string_to_unsigned(words[node_word], 10, 0, G_MAXINT32, &node, NULL))
        return -1;
    return (gint64)node;
}

gboolean ex_observe_tuples(ds_store *store, gint64 model_id, gint64 pair_set_id, int node_word,
                           GArray *observations, gint64 *n_nodeless, GError **error)
{
    static const char sql[] =
        "SELECT pair.run_id, source.node, target.node, prediction.output, prediction.logprob,"
        "       target.time, pair.pair_id"
        " FROM pair JOIN prediction ON prediction.pair_id = pair.pair_id AND model_id = ?1"
        " JOIN event AS source ON source.run_id = pair.run_id AND source.line = source_line"
        " JOIN event AS target ON target.run_id = pair.run_id AND target.line = target_line"
        " JOIN flow ON flow.run_id = pair.run_id AND flow.flow = source.flow"
        " WHERE pair_set_id = ?2 AND flow.src = source.node AND target.node <> source.node"
        " ORDER BY pair.pair_id";
    GError *failure = NULL;
    g_autoptr(ds_query) rows = ds_query_new(store, error, sql, "ii", model_id, pair_set_id);
    if (!rows)
        return FALSE;
    while (ds_query_next(rows, &failure)) {
        const struct ex_observation o = {
            .tuple = {.node = ds_query_int(rows, 1),
                      .actual = ds_query_int(rows, 2),
                      .predicted = predicted_node(node_word, ds_query_text(rows, 3)),
                      .probability = exp(ds_query_double(rows, 4))},
            .run_id = ds_query_int(rows, 0),
            .pair_id = ds_query_int(rows, 6),
            .time = ds_query_double(rows, 5)};
        gint64 exists = 0;
        if (!ds_lookup(store, &exists, &failure,
                       "SELECT count(*) FROM node WHERE run_id = ? AND node = ?", "ii", o.run_id,
                       o.tuple.predicted))
            break;
        if (exists)
            g_array_append_val(observations, o);
        else
            ++*n_nodeless;
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}
