#include "experiments/train_checkpoint.h"

#include "experiments/train_recipe.h"
#include "tracegen/json.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

enum { N_WORD = G_N_ELEMENTS(((struct nn_random *)NULL)->state) };

char *ex_checkpoint_path(const char *model_path)
{
    return g_strconcat(model_path, ".checkpoint", NULL);
}

char *ex_checkpoint_sum(const nn_network *network, JsonObject *training)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
    json_node_set_object(root, training);
    g_autofree char *text = tg_json_to_string(root, FALSE);
    g_checksum_update(sum, (const guchar *)text, -1);
    for (gsize i = 0; i < network->n_weight;) {
        const gsize n = MIN(network->n_weight - i, (gsize)1 << 24);
        g_checksum_update(sum, (const guchar *)(network->weights + i),
                          (gssize)(n * sizeof(nn_real)));
        i += n;
    }
    return g_strdup(g_checksum_get_string(sum));
}

/* ---- writing ---- */

static char *print_training(const nn_network *network, const struct nn_train_state *state,
                            const GArray *losses)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "iteration");
    json_builder_add_int_value(builder, state->iteration);
    json_builder_set_member_name(builder, "random");
    json_builder_begin_array(builder);
    for (int i = 0; i < N_WORD; i++) {
        g_autofree char *word = g_strdup_printf("%" G_GUINT64_FORMAT, state->random.state[i]);
        json_builder_add_string_value(builder, word);
    }
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "loss");
    json_builder_add_double_value(builder, state->loss);
    json_builder_set_member_name(builder, "n_loss");
    json_builder_add_int_value(builder, state->n_loss);
    json_builder_set_member_name(builder, "losses");
    json_builder_begin_array(builder);
    for (guint i = 0; i < losses->len; i++)
        json_builder_add_double_value(builder, g_array_index(losses, double, i));
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *sha256 = ex_checkpoint_sum(network, json_node_get_object(root));
    json_object_set_string_member(json_node_get_object(root), "sha256", sha256);
    return tg_json_to_string(root, FALSE);
}

gboolean ex_checkpoint_save(nn_model *model, const struct nn_train_state *state,
                            const GArray *losses, const char *path, GError **error)
{
    model->training = print_training(model->network, state, losses);
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

/* A whole number from min to max. */
static gboolean read_integer(JsonObject *object, const char *name, gint64 min, gint64 max,
                             int *value, GError **error)
{
    JsonNode *node = json_object_get_member(object, name);
    if (!node || json_node_get_value_type(node) != G_TYPE_INT64 || json_node_get_int(node) < min ||
        json_node_get_int(node) > max)
        return refuse(error, name);
    *value = (int)json_node_get_int(node);
    return TRUE;
}

static gboolean get_double(JsonNode *node, double *value)
{
    if (!node || (json_node_get_value_type(node) != G_TYPE_DOUBLE &&
                  json_node_get_value_type(node) != G_TYPE_INT64))
        return FALSE;
    *value = json_node_get_double(node);
    return isfinite(*value);
}

/* A list of exactly n elements, or NULL. */
static JsonArray *read_list(JsonObject *object, const char *name, int n, GError **error)
{
    JsonNode *node = json_object_get_member(object, name);
    if (node && JSON_NODE_HOLDS_ARRAY(node) &&
        json_array_get_length(json_node_get_array(node)) == (guint)n)
        return json_node_get_array(node);
    refuse(error, name);
    return NULL;
}

static gboolean read_random(JsonObject *object, struct nn_random *random, GError **error)
{
    guint64 all = 0;
    JsonArray *list = read_list(object, "random", N_WORD, error);
    if (!list)
        return FALSE;
    for (int i = 0; i < N_WORD; i++) {
        JsonNode *word = json_array_get_element(list, (guint)i);
        if (json_node_get_value_type(word) != G_TYPE_STRING ||
            !g_ascii_string_to_unsigned(json_node_get_string(word), 10, 0, G_MAXUINT64,
                                        &random->state[i], NULL))
            return refuse(error, "random");
        all |= random->state[i];
    }
    return all != 0 || refuse(error, "random"); /* the generator never leaves zero */
}

static gboolean read_losses(JsonObject *object, int n, GArray *losses, GError **error)
{
    JsonArray *list = read_list(object, "losses", n, error);
    if (!list)
        return FALSE;
    for (int i = 0; i < n; i++) {
        double loss;
        if (!get_double(json_array_get_element(list, (guint)i), &loss))
            return refuse(error, "losses");
        g_array_append_val(losses, loss);
    }
    return TRUE;
}

gboolean ex_checkpoint_check_sum(const nn_network *network, JsonObject *object, GError **error)
{
    g_autofree char *told =
        g_strdup(json_object_get_string_member_with_default(object, "sha256", NULL));
    if (!told)
        return refuse(error, "sha256");
    json_object_remove_member(object, "sha256");
    g_autofree char *found = ex_checkpoint_sum(network, object);
    if (strcmp(told, found) == 0)
        return TRUE;
    g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, "damaged: its checksum is another");
    return FALSE;
}

/* All that can be counted must fit the iteration, which lies before the last. */
static gboolean read_training(const nn_model *saved, const struct nn_train_options *options,
                              struct nn_train_state *state, GArray *losses, GError **error)
{
    g_autoptr(JsonNode) root = tg_json_parse(saved->training, strlen(saved->training), error);
    if (!root)
        return FALSE;
    JsonObject *object = json_node_get_object(root);
    if (!read_integer(object, "iteration", 1, options->iterations - 1, &state->iteration, error))
        return FALSE;
    const gint64 n_loss = (gint64)(state->iteration % NN_REPORT_EVERY) * options->batch;
    if (!read_integer(object, "n_loss", n_loss, n_loss, &state->n_loss, error))
        return FALSE;
    if (!get_double(json_object_get_member(object, "loss"), &state->loss) ||
        (n_loss == 0 && state->loss != 0))
        return refuse(error, "loss");
    return read_random(object, &state->random, error) &&
           read_losses(object, state->iteration / NN_REPORT_EVERY, losses, error) &&
           ex_checkpoint_check_sum(saved->network, object, error);
}

gboolean ex_checkpoint_check_model(const nn_model *model, const nn_model *saved, GError **error)
{
    const struct nn_shape *here = &model->network->shape, *there = &saved->network->shape;
    if (!ex_train_same_options(model->options, saved->options, error))
        return FALSE;
    if (here->cell == there->cell && here->attention == there->attention && here->H == there->H &&
        here->V == there->V &&
        g_strv_equal((const char *const *)model->vocabulary,
                     (const char *const *)saved->vocabulary))
        return TRUE;
    g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA,
                        "its network or vocabulary is not that of its options");
    return FALSE;
}

gboolean ex_checkpoint_load(nn_model *model, const struct nn_train_options *options,
                            struct nn_train_state *state, GArray *losses, const char *path,
                            GError **error)
{
    g_autoptr(nn_model) saved = nn_model_load(path, error);
    if (!saved)
        return FALSE;
    struct nn_train_state stands;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(double));
    gboolean fine = ex_checkpoint_check_model(model, saved, error);
    if (fine && !saved->training) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, "a model, but not a checkpoint");
        fine = FALSE;
    }
    if (!fine || !read_training(saved, options, &stands, rows, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    nn_network *network = model->network;
    model->network = g_steal_pointer(&saved->network);
    saved->network = network;
    *state = stands;
    g_array_set_size(losses, 0);
    g_array_append_vals(losses, rows->data, rows->len);
    return TRUE;
}

gboolean ex_checkpoint_give_up(const char *command, gboolean force, GError *failure, GError **error)
{
    const gboolean data = failure->code == TG_ERROR_DATA;
    if (data && force)
        g_printerr("adliotlog %s: %s: starting anew\n", command, failure->message);
    else if (data)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s (--force starts anew)", failure->message);
    else
        g_propagate_error(error, g_error_copy(failure));
    g_error_free(failure);
    return data && force;
}
