/* Table I: the hyper-parameters of the models that the trials used, beside the paper's. */
#include "experiments/report_results.h"

#include "tracegen/error.h"
#include <json-glib/json-glib.h>
#include <string.h>

/* Columns that come straight from model.options, with what the paper says of them. */
static const struct {
    const char *column, *key, *paper;
} fields[] = {{"layers", "layers", "1"},
              {"iterations", "iterations", "70000"},
              {"learning_rate", "lr", "0.01-0.0001"}, /* lr-lr_end */
              {"hidden", "hidden", "256"},
              {"optimizer", "optimizer", "SGD"},
              {"teacher_forcing", "teacher_forcing", "0.5"},
              {"cell", "cell", "gru"},
              {"attention", "attention", "additive"},
              {"loss", "loss", NULL},
              {"batch", "batch", NULL}};

enum {
    NETWORK,
    CONDITION,
    FIRST_FIELD,
    VOCABULARY = FIRST_FIELD + G_N_ELEMENTS(fields),
    N_MODEL,
    N_COLUMN
};

/* A row in the making: the models that differ in their seed and vocabulary only. */
struct row {
    char *cells[VOCABULARY];
    gint64 vocabulary_low, vocabulary_high; /* 0: not stated */
    int n_model;
};

static void free_row(gpointer data)
{
    struct row *row = data;
    for (int i = 0; i < VOCABULARY; i++)
        g_free(row->cells[i]);
    g_free(row);
}

/* An option as text, NULL when the object lacks it or it is not a plain value. */
static char *option_text(JsonObject *options, const char *key)
{
    JsonNode *node = json_object_get_member(options, key);
    if (!node || !JSON_NODE_HOLDS_VALUE(node))
        return NULL;
    GType type = json_node_get_value_type(node);
    if (type == G_TYPE_STRING)
        return json_node_dup_string(node);
    if (type == G_TYPE_BOOLEAN)
        return g_strdup(json_node_get_boolean(node) ? "yes" : "no");
    if (type == G_TYPE_INT64)
        return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
    return g_strdup_printf("%g", json_node_get_double(node));
}

static struct row *new_row(const char *network, const char *condition, JsonObject *options)
{
    struct row *row = g_new0(struct row, 1);
    row->cells[NETWORK] = g_strdup(network);
    row->cells[CONDITION] = g_strdup(condition);
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        row->cells[FIRST_FIELD + i] = option_text(options, fields[i].key);
    char **rate = &row->cells[FIRST_FIELD + 2];
    g_autofree char *low = option_text(options, "lr_end");
    if (*rate && low) {
        g_autofree char *high = *rate;
        *rate = g_strconcat(high, "-", low, NULL);
    }
    g_autofree char *vocabulary = option_text(options, "vocabulary");
    if (vocabulary)
        row->vocabulary_low = row->vocabulary_high = g_ascii_strtoll(vocabulary, NULL, 10);
    row->n_model = 1;
    return row;
}

/* Joins row to one that is alike but for the vocabulary, or appends it. Takes row over. */
static void merge_row(GPtrArray *rows, struct row *row)
{
    for (guint i = 0; i < rows->len; i++) {
        struct row *other = rows->pdata[i];
        int same = 0;
        while (same < VOCABULARY && g_strcmp0(row->cells[same], other->cells[same]) == 0)
            same++;
        if (same == VOCABULARY) {
            other->vocabulary_low = MIN(other->vocabulary_low, row->vocabulary_low);
            other->vocabulary_high = MAX(other->vocabulary_high, row->vocabulary_high);
            other->n_model++;
            free_row(row);
            return;
        }
    }
    g_ptr_array_add(rows, row);
}

static gboolean add_model(GPtrArray *rows, ds_query *query, GError **error)
{
    g_autofree char *protocol = ex_query_text(query, 0), *context = ex_query_text(query, 1);
    g_autofree char *name = ex_query_text(query, 3), *options = ex_query_text(query, 4);
    g_autofree char *network = g_strdup_printf("ours: %s, context %s", protocol, context);
    g_autoptr(JsonNode) node = json_from_string(options, NULL);
    if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "model '%s': options are not a JSON object",
                    name);
        return FALSE;
    }
    merge_row(rows, new_row(network, ds_query_text(query, 2), json_node_get_object(node)));
    return TRUE;
}

static gboolean read_models(GPtrArray *rows, ds_store *store, const char *plan, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query =
        ds_query_new(store, error,
                     "SELECT DISTINCT protocol, context, condition, name, options, model_id "
                     "FROM trial JOIN model USING (model_id) WHERE plan = ? AND variant = '' AND "
                     "method = 'network'"
                     " AND condition <> 'with-attack-run' "
                     "ORDER BY protocol <> 'udp', protocol, context, condition DESC, model_id",
                     "s", plan);
    if (!query)
        return FALSE;
    while (ds_query_next(query, &failure))
        if (!add_model(rows, query, &failure))
            break;
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static void add_row(ex_table *table, struct row *row)
{
    char **cells = ex_table_add_row(table);
    for (int i = 0; i < VOCABULARY; i++)
        cells[i] = g_steal_pointer(&row->cells[i]);
    if (row->vocabulary_low > 0 && row->vocabulary_low < row->vocabulary_high)
        cells[VOCABULARY] = g_strdup_printf("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT,
                                            row->vocabulary_low, row->vocabulary_high);
    else if (row->vocabulary_high > 0)
        cells[VOCABULARY] = g_strdup_printf("%" G_GINT64_FORMAT, row->vocabulary_high);
    cells[N_MODEL] = g_strdup_printf("%d", row->n_model);
}

ex_table *ex_make_table1(ds_store *store, const ex_trials *trials, GError **error)
{
    const char *columns[N_COLUMN + 1] = {[NETWORK] = "network",
                                         [CONDITION] = "condition",
                                         [VOCABULARY] = "vocabulary",
                                         [N_MODEL] = "n_model"};
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        columns[FIRST_FIELD + i] = fields[i].column;
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);
    if (!read_models(rows, store, trials->plan, error))
        return NULL;

    ex_table *table = ex_table_new("Table I: hyper-parameters of the models", columns);
    char **paper = ex_table_add_row(table);
    paper[NETWORK] = g_strdup("paper: IoT ns-2");
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        paper[FIRST_FIELD + i] = g_strdup(fields[i].paper);
    paper[VOCABULARY] = g_strdup("4170");
    for (guint i = 0; i < rows->len; i++)
        add_row(table, rows->pdata[i]);
    ex_table_add_note(table,
                      "The paper's row: Table I, and Sec. II and V for teacher forcing, cell, "
                      "attention and the 4170 unique elements. n_model counts the models of "
                      "different seeds with these options.");
    return table;
}
