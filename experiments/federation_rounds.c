#include "experiments/federation_rounds.h"

#include "experiments/train_checkpoint.h"
#include "experiments/train_recipe.h"
#include "tracegen/error.h"
#include "tracegen/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const ex_outcome_names[EX_N_OUTCOME] = {[EX_IN_TIME] = "in time",
                                                    [EX_LATE] = "late",
                                                    [EX_LOST] = "lost",
                                                    [EX_REFUSED] = "refused",
                                                    [EX_NOT_ASKED] = "not asked"};

enum { N_MEMBER = 8 };

/* The mean loss of the round that row *i begins; *i is then behind it. */
static double mean_loss(const GArray *rows, guint *i)
{
    const int round = g_array_index(rows, struct ex_round_row, *i).round;
    double sum = 0;
    int n = 0;
    for (; *i < rows->len; ++*i) {
        const struct ex_round_row *row = &g_array_index(rows, struct ex_round_row, *i);
        if (row->round != round)
            break;
        if (isnan(row->loss))
            continue;
        sum += row->loss;
        n++;
    }
    return n > 0 ? sum / n : NAN;
}

double ex_rounds_loss(const GArray *rows)
{
    double loss = NAN;
    for (guint i = 0; i < rows->len;) {
        const double now = mean_loss(rows, &i);
        loss = isnan(now) ? loss : now;
    }
    return loss;
}

/* ---- writing ---- */

static void add_figure(JsonArray *array, double value)
{
    if (isnan(value))
        json_array_add_null_element(array);
    else
        json_array_add_double_element(array, value);
}

static JsonArray *list_row(const struct ex_round_row *row)
{
    JsonArray *array = json_array_new();
    json_array_add_int_element(array, row->round);
    json_array_add_int_element(array, row->gateway);
    json_array_add_int_element(array, row->n_iteration);
    add_figure(array, row->loss);
    add_figure(array, row->accuracy);
    json_array_add_int_element(array, row->bytes_up);
    json_array_add_int_element(array, row->bytes_down);
    json_array_add_string_element(array, ex_outcome_names[row->outcome]);
    return array;
}

gboolean ex_rounds_save(nn_model *model, int round, const GArray *rows, const char *path,
                        GError **error)
{
    g_autoptr(JsonObject) training = json_object_new();
    JsonArray *list = json_array_new();
    for (guint i = 0; i < rows->len; i++)
        json_array_add_array_element(list, list_row(&g_array_index(rows, struct ex_round_row, i)));
    json_object_set_int_member(training, "round", round);
    json_object_set_array_member(training, "rows", list);
    g_autofree char *sha256 = ex_checkpoint_sum(model->network, training);
    json_object_set_string_member(training, "sha256", sha256);
    model->training = ex_train_print_object(training);
    const gboolean saved = nn_model_save(model, path, error);
    g_clear_pointer(&model->training, g_free);
    return saved;
}

/* ---- reading ---- */

static gboolean refuse(GError **error, const char *what)
{
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "the metadata's 'training' has no possible '%s'",
                what);
    return FALSE;
}

static gboolean get_int(JsonNode *node, gint64 min, gint64 max, gint64 *value)
{
    if (!node || json_node_get_value_type(node) != G_TYPE_INT64)
        return FALSE;
    *value = json_node_get_int(node);
    return *value >= min && *value <= max;
}

static gboolean get_figure(JsonNode *node, double *value)
{
    *value = NAN;
    if (JSON_NODE_HOLDS_NULL(node))
        return TRUE;
    if (!JSON_NODE_HOLDS_VALUE(node) || (json_node_get_value_type(node) != G_TYPE_DOUBLE &&
                                         json_node_get_value_type(node) != G_TYPE_INT64))
        return FALSE;
    *value = json_node_get_double(node);
    return isfinite(*value);
}

static gboolean read_row(JsonNode *node, struct ex_round_row *row)
{
    JsonArray *list = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    JsonNode *member[N_MEMBER];
    gint64 integers[3];
    if (!list || json_array_get_length(list) != N_MEMBER)
        return FALSE;
    for (guint i = 0; i < N_MEMBER; i++)
        member[i] = json_array_get_element(list, i);
    for (int i = 0; i < 3; i++)
        if (!get_int(member[i], 0, G_MAXINT, &integers[i]))
            return FALSE;
    row->round = (int)integers[0];
    row->gateway = (int)integers[1];
    row->n_iteration = (int)integers[2];
    if (!get_figure(member[3], &row->loss) || !get_figure(member[4], &row->accuracy) ||
        !get_int(member[5], 0, G_MAXINT64, &row->bytes_up) ||
        !get_int(member[6], 0, G_MAXINT64, &row->bytes_down) ||
        json_node_get_value_type(member[7]) != G_TYPE_STRING)
        return FALSE;
    while (row->outcome < EX_N_OUTCOME &&
           strcmp(ex_outcome_names[row->outcome], json_node_get_string(member[7])) != 0)
        row->outcome++;
    return row->outcome < EX_N_OUTCOME;
}

static gboolean read_training(const nn_model *saved, int n_round, int *round, GArray *rows,
                              GError **error)
{
    gint64 stands;
    g_autoptr(JsonNode) root = tg_json_parse(saved->training, strlen(saved->training), error);
    if (!root)
        return FALSE;
    JsonObject *object = json_node_get_object(root);
    JsonNode *list = json_object_get_member(object, "rows");
    if (!get_int(json_object_get_member(object, "round"), 1, n_round, &stands))
        return refuse(error, "round");
    if (!list || !JSON_NODE_HOLDS_ARRAY(list))
        return refuse(error, "rows");
    JsonArray *array = json_node_get_array(list);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        struct ex_round_row row = {0};
        if (!read_row(json_array_get_element(array, i), &row) || row.round > stands)
            return refuse(error, "rows");
        g_array_append_val(rows, row);
    }
    *round = (int)stands;
    return ex_checkpoint_check_sum(saved->network, object, error);
}

gboolean ex_rounds_load(nn_model *model, int n_round, int *round, GArray *rows, const char *path,
                        GError **error)
{
    g_autoptr(nn_model) saved = nn_model_load(path, error);
    if (!saved)
        return FALSE;
    g_autoptr(GArray) loaded = g_array_new(FALSE, FALSE, sizeof(struct ex_round_row));
    gboolean fine = ex_checkpoint_check_model(model, saved, error);
    if (fine && !saved->training) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, "a model, but not a checkpoint");
        fine = FALSE;
    }
    if (!fine || !read_training(saved, n_round, round, loaded, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    nn_network *network = model->network;
    model->network = g_steal_pointer(&saved->network);
    saved->network = network;
    g_array_set_size(rows, 0);
    g_array_append_vals(rows, loaded->data, loaded->len);
    return TRUE;
}

/* ---- the store, and people ---- */

static gboolean record_row(ds_query *insert, gint64 model_id, const struct ex_round_row *row,
                           GError **error)
{
    const char *const outcome = ex_outcome_names[row->outcome];
    const gint64 round = row->round, gateway = row->gateway, n = row->n_iteration;
    if (isnan(row->loss) && isnan(row->accuracy))
        return ds_query_run(insert, error, "iiiinniis", model_id, round, gateway, n, row->bytes_up,
                            row->bytes_down, outcome);
    if (isnan(row->loss))
        return ds_query_run(insert, error, "iiiindiis", model_id, round, gateway, n, row->accuracy,
                            row->bytes_up, row->bytes_down, outcome);
    if (isnan(row->accuracy))
        return ds_query_run(insert, error, "iiiidniis", model_id, round, gateway, n, row->loss,
                            row->bytes_up, row->bytes_down, outcome);
    return ds_query_run(insert, error, "iiiiddiis", model_id, round, gateway, n, row->loss,
                        row->accuracy, row->bytes_up, row->bytes_down, outcome);
}

gboolean ex_rounds_record(ds_store *store, gint64 model_id, const GArray *rows, int n_iteration,
                          GError **error)
{
    g_autoptr(ds_query) insert =
        ds_query_new(store, error,
                     "INSERT OR REPLACE INTO federation_round VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "");
    if (!insert)
        return FALSE;
    for (guint i = 0; i < rows->len; i++)
        if (!record_row(insert, model_id, &g_array_index(rows, struct ex_round_row, i), error))
            return FALSE;
    for (guint i = 0; i < rows->len;) {
        const gint64 round = g_array_index(rows, struct ex_round_row, i).round;
        const double loss = mean_loss(rows, &i);
        if (!isnan(loss) &&
            !ds_execute(store, error, "INSERT OR REPLACE INTO loss VALUES (?, ?, ?)", "iid",
                        model_id, round * n_iteration, loss))
            return FALSE;
    }
    return TRUE;
}

/* Caller frees; `none` for NAN. */
static char *print_figure(double value, int n_digit, const char *none)
{
    return isnan(value) ? g_strdup(none) : g_strdup_printf("%.*f", n_digit, value);
}

static void print_json(const struct ex_round_row *row)
{
    g_autofree char *loss = print_figure(row->loss, 6, "null");
    g_autofree char *accuracy = print_figure(row->accuracy, 6, "null");
    printf("{\"round\":%d,\"gateway\":%d,\"n_iteration\":%d,\"loss\":%s,\"accuracy\":%s,"
           "\"bytes_up\":%" G_GINT64_FORMAT ",\"bytes_down\":%" G_GINT64_FORMAT
           ",\"outcome\":\"%s\"}\n",
           row->round, row->gateway, row->n_iteration, loss, accuracy, row->bytes_up,
           row->bytes_down, ex_outcome_names[row->outcome]);
}

void ex_round_print(const struct ex_round_row *row, int n_round, gboolean json)
{
    if (json) {
        print_json(row);
        return;
    }
    g_autofree char *loss = print_figure(row->loss, 4, "-");
    g_autofree char *accuracy = print_figure(100 * row->accuracy, 2, "-");
    g_autofree char *round = row->round > n_round
                                 ? g_strdup("finished")
                                 : g_strdup_printf("round %d/%d", row->round, n_round);
    printf("%s\tgateway %d\t%s\tloss %s\taccuracy %s %%\t%" G_GINT64_FORMAT
           " bytes up\t%" G_GINT64_FORMAT " down\n",
           round, row->gateway, ex_outcome_names[row->outcome], loss, accuracy, row->bytes_up,
           row->bytes_down);
}
