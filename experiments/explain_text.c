#include "experiments/explain.h"

/* A member as text: "-" for null. Caller frees. */
static char *text_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    if (!JSON_NODE_HOLDS_VALUE(node))
        return g_strdup("-");
    if (json_node_get_value_type(node) == G_TYPE_STRING)
        return g_strdup(json_node_get_string(node));
    if (json_node_get_value_type(node) == G_TYPE_DOUBLE)
        return g_strdup_printf("%.15g", json_node_get_double(node));
    return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
}

/* `WHAT id field ...`: the members of an object, each with a text before it, ended by NULL. */
static void put_line(GString *out, const char *what, gint64 id, JsonObject *object,
                     const char *const *fields)
{
    g_string_append_printf(out, "%s\t%" G_GINT64_FORMAT, what, id);
    for (; *fields; fields += 2) {
        g_autofree char *text = text_of(object, fields[1]);
        g_string_append_printf(out, "\t%s%s", fields[0], text);
    }
    g_string_append_c(out, '\n');
}

static void put_pair(GString *out, JsonObject *pair)
{
    static const char *const events[] = {"source_event", "target_event"};
    const gint64 id = json_object_get_int_member(pair, "pair_id");
    g_string_append_printf(out, "pair\t%" G_GINT64_FORMAT "\tprobability %.6f\tBLEU-1 %.4f\n", id,
                           json_object_get_double_member(pair, "probability"),
                           json_object_get_double_member(pair, "bleu1"));
    put_line(out, "source", id, pair, (const char *const[]){"", "source", NULL});
    put_line(out, "target", id, pair, (const char *const[]){"", "target", NULL});
    put_line(out, "prediction", id, pair, (const char *const[]){"", "prediction", NULL});
    for (gsize i = 0; i < G_N_ELEMENTS(events); i++)
        put_line(out, "event", id, json_object_get_object_member(pair, events[i]),
                 (const char *const[]){"line ", "line", "time ", "time", "", "text", NULL});
    if (json_object_has_member(pair, "intended_dst"))
        put_line(out, "truth", id, pair,
                 (const char *const[]){"flow ", "flow", "to ", "dst", "intended ", "intended_dst",
                                       "attack ", "attack", NULL});
}

static void put_run(GString *out, JsonObject *run, JsonObject *verdict)
{
    const gint64 id = json_object_get_int_member(run, "run_id");
    JsonArray *windows = json_object_get_array_member(run, "windows");
    JsonArray *pairs = json_object_get_array_member(run, "pairs");
    put_line(out, "run", id, run,
             (const char *const[]){"scenario ", "scenario", "traffic ", "traffic", "seed ", "seed",
                                   "seconds ", "duration", "ns ", "ns_version", "pairs ", "n_pair",
                                   NULL});
    g_autofree char *gateway = text_of(run, "gateway"), *node = text_of(verdict, "node");
    g_autofree char *predicted_gateway = text_of(run, "predicted_gateway");
    g_autofree char *predicted = text_of(verdict, "predicted_server");
    g_string_append_printf(out,
                           "gateways\t%" G_GINT64_FORMAT "\tnode %s behind %s\tpredicted server %s "
                           "behind %s\n",
                           id, node, gateway, predicted, predicted_gateway);
    if (json_object_has_member(run, "attack"))
        put_line(out, "attack", id, run, (const char *const[]){"", "attack", NULL});
    for (guint i = 0; i < json_array_get_length(windows); i++)
        put_line(out, "window", id, json_array_get_object_element(windows, i),
                 (const char *const[]){"second ", "second", "pairs ", "n", NULL});
    put_line(out, "trace", id, run, (const char *const[]){"", "trace", "", "trace_sha256", NULL});
    put_line(out, "replay", id, run, (const char *const[]){"", "replay", NULL});
    put_line(out, "ns", id, run, (const char *const[]){"", "ns", NULL});
    for (guint i = 0; i < json_array_get_length(pairs); i++)
        put_pair(out, json_array_get_object_element(pairs, i));
}

void ex_explanation_put_text(JsonNode *explanation, GString *out)
{
    JsonObject *object = json_node_get_object(explanation);
    JsonArray *runs = json_object_get_array_member(object, "runs");
    g_autofree char *node = text_of(object, "node"), *actual = text_of(object, "actual_server");
    g_autofree char *predicted = text_of(object, "predicted_server");
    const char *verdict = json_object_get_string_member(object, "verdict");
    g_string_append_printf(out,
                           "verdict\t%" G_GINT64_FORMAT
                           "\t(%s,%s,%s)\tprobability %.6f\t%" G_GINT64_FORMAT " pairs\t%s\n",
                           json_object_get_int_member(object, "rank"), node, actual, predicted,
                           json_object_get_double_member(object, "probability"),
                           json_object_get_int_member(object, "n_pair"), verdict);
    g_string_append_printf(out,
                           "because\t%" G_GINT64_FORMAT
                           "\tnode %s and predicted server %s are %s\n",
                           json_object_get_int_member(object, "rank"), node, predicted,
                           verdict[0] == 'b' ? "behind one gateway" : "behind different gateways");
    for (guint i = 0; i < json_array_get_length(runs); i++)
        put_run(out, json_array_get_object_element(runs, i), object);
}
