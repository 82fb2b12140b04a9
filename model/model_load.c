/*
 * The reader of model files. Nothing in the file is trusted: sizes are checked before anything is
 * allocated by them, and every byte of the tensors must belong to exactly one.
 */
#include "dataset/corpus.h"
#include "model/model_format.h"
#include "tracegen/error.h"
#include "tracegen/json.h"
#include <string.h>

/* ---- JSON ---- */

/* A JSON text whose outermost value has the given type. Caller frees. */
static JsonNode *parse(const char *what, const char *text, gsize length, JsonNodeType type,
                       GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(JsonNode) root = tg_json_parse(text, length, &failure);
    if (!root)
        nn_model_refuse(error, "%s is %s", what, failure->message);
    else if (JSON_NODE_TYPE(root) != type)
        nn_model_refuse(error, "%s is not a JSON %s", what,
                        type == JSON_NODE_OBJECT ? "object" : "array");
    else
        return g_steal_pointer(&root);
    return NULL;
}

static const char *get_string(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && json_node_get_value_type(node) == G_TYPE_STRING ? json_node_get_string(node)
                                                                   : NULL;
}

/* Member `name` as 1 to max whole numbers >= 0; returns how many, 0 if it is anything else. */
static int get_numbers(JsonObject *object, const char *name, gint64 *numbers, int max)
{
    JsonNode *node = json_object_get_member(object, name);
    if (!node || !JSON_NODE_HOLDS_ARRAY(node))
        return 0;
    JsonArray *array = json_node_get_array(node);
    const guint n = json_array_get_length(array);
    if (n > (guint)max)
        return 0;
    for (guint i = 0; i < n; i++) {
        JsonNode *element = json_array_get_element(array, i);
        if (json_node_get_value_type(element) != G_TYPE_INT64)
            return 0;
        numbers[i] = json_node_get_int(element);
        if (numbers[i] < 0)
            return 0;
    }
    return (int)n;
}

/* ---- the header ---- */

/* Parses the header; *data is where the tensors begin. Caller frees. */
static JsonNode *read_header(const char *contents, gsize size, gsize *data, GError **error)
{
    guint64 length;
    if (size < sizeof(length)) {
        nn_model_refuse(error, "shorter than the length of its header");
        return NULL;
    }
    memcpy(&length, contents, sizeof(length));
    length = GUINT64_FROM_LE(length);
    if (length > NN_MAX_HEADER || length > size - sizeof(length)) {
        nn_model_refuse(error,
                        "not a model file, or cut off: header of %" G_GUINT64_FORMAT " bytes",
                        length);
        return NULL;
    }
    *data = sizeof(length) + (gsize)length;
    return parse("the header", contents + sizeof(length), (gsize)length, JSON_NODE_OBJECT, error);
}

/* The entry of a tensor: numbers gets its shape, offsets where it lies in the data. */
static gboolean read_entry(JsonObject *header, const char *name, gint64 shape[2], int *n_shape,
                           gint64 offsets[2], GError **error)
{
    JsonNode *node = json_object_get_member(header, name);
    if (!node)
        return nn_model_refuse(error, "tensor '%s' is missing", name);
    if (!JSON_NODE_HOLDS_OBJECT(node))
        return nn_model_refuse(error, "tensor '%s' is not described", name);
    JsonObject *entry = json_node_get_object(node);
    if (g_strcmp0(get_string(entry, "dtype"), "F32") != 0)
        return nn_model_refuse(error, "tensor '%s' is not of type F32", name);
    *n_shape = get_numbers(entry, "shape", shape, 2);
    if (*n_shape == 0)
        return nn_model_refuse(error, "tensor '%s' has no shape of this model", name);
    if (get_numbers(entry, "data_offsets", offsets, 2) != 2)
        return nn_model_refuse(error, "tensor '%s' has no data_offsets", name);
    return TRUE;
}

/* A network of the size that the header tells and `n_data` bytes hold; its weights are zero. */
static nn_network *new_network(JsonObject *header, gsize n_data, GError **error)
{
    gint64 shape[2], offsets[2];
    int n_shape;
    struct nn_tensor tensor[NN_N_TENSOR];
    nn_network_layout(1, DS_FIRST_WORD, tensor);
    const char *name = tensor[NN_ENCODER_EMBEDDING].name;
    if (!read_entry(header, name, shape, &n_shape, offsets, error))
        return NULL;
    if (n_shape != 2 || shape[0] < DS_FIRST_WORD || shape[0] > NN_MAX_VOCABULARY || shape[1] < 1 ||
        shape[1] > NN_MAX_HIDDEN) {
        nn_model_refuse(error, "tensor '%s' has no possible shape", name);
        return NULL;
    }
    const gsize expected = sizeof(float) * nn_network_layout((int)shape[1], (int)shape[0], tensor);
    if (n_data != expected) {
        nn_model_refuse(error, "%" G_GSIZE_FORMAT " bytes of tensors instead of %" G_GSIZE_FORMAT,
                        n_data, expected);
        return NULL;
    }
    return nn_network_new((int)shape[1], (int)shape[0]);
}

/* ---- tensors ---- */

static gboolean read_tensor(nn_network *network, int id, JsonObject *header, const char *data,
                            gsize n_data, gint64 offsets[2], GError **error)
{
    const struct nn_tensor *tensor = &network->tensor[id];
    gint64 shape[2] = {0, 0};
    int n_shape;
    if (!read_entry(header, tensor->name, shape, &n_shape, offsets, error))
        return FALSE;
    if (n_shape != (tensor->cols > 0 ? 2 : 1) || shape[0] != tensor->rows ||
        shape[1] != tensor->cols)
        return nn_model_refuse(error, "tensor '%s' has another shape than the model", tensor->name);
    if (offsets[1] < offsets[0] || (guint64)offsets[1] > n_data ||
        (guint64)(offsets[1] - offsets[0]) != tensor->size * sizeof(float))
        return nn_model_refuse(error, "tensor '%s' has data_offsets that do not fit", tensor->name);

    memcpy(nn_view(network, network->weights, id), data + offsets[0], tensor->size * sizeof(float));
    return TRUE;
}

static gboolean is_tensor(const nn_network *network, const char *name)
{
    for (int i = 0; i < NN_N_TENSOR; i++)
        if (strcmp(name, network->tensor[i].name) == 0)
            return TRUE;
    return FALSE;
}

/* All tensors of the network and no other. The sizes add up, so what lies apart fills the data. */
static gboolean read_tensors(nn_network *network, JsonObject *header, const char *data,
                             gsize n_data, GError **error)
{
    gint64 offsets[NN_N_TENSOR][2];
    for (int i = 0; i < NN_N_TENSOR; i++) {
        if (!read_tensor(network, i, header, data, n_data, offsets[i], error))
            return FALSE;
        for (int j = 0; j < i; j++)
            if (offsets[i][0] < offsets[j][1] && offsets[j][0] < offsets[i][1])
                return nn_model_refuse(error, "tensors '%s' and '%s' overlap",
                                       network->tensor[j].name, network->tensor[i].name);
    }
    JsonObjectIter iter;
    const char *name;
    json_object_iter_init(&iter, header);
    while (json_object_iter_next(&iter, &name, NULL)) {
        if (strcmp(name, "__metadata__") != 0 && !is_tensor(network, name)) {
            g_autofree char *escaped = g_strescape(name, NULL);
            return nn_model_refuse(error, "unknown tensor '%.100s'", escaped);
        }
    }
    return TRUE;
}

/* ---- metadata ---- */

static char **read_vocabulary(const char *text, int V, GError **error)
{
    g_autoptr(JsonNode) root = parse("the vocabulary", text, strlen(text), JSON_NODE_ARRAY, error);
    if (!root)
        return NULL;
    JsonArray *array = json_node_get_array(root);
    if (json_array_get_length(array) != (guint)V) {
        nn_model_refuse(error, "a vocabulary of %u words for a network of %d",
                        json_array_get_length(array), V);
        return NULL;
    }
    g_auto(GStrv) words = g_new0(char *, V + 1);
    for (int i = 0; i < V; i++) {
        JsonNode *word = json_array_get_element(array, (guint)i);
        if (json_node_get_value_type(word) != G_TYPE_STRING) {
            nn_model_refuse(error, "word %d of the vocabulary is not a string", i);
            return NULL;
        }
        words[i] = json_node_dup_string(word);
    }
    return g_steal_pointer(&words);
}

static gboolean read_metadata(nn_model *model, JsonObject *header, GError **error)
{
    JsonNode *node = json_object_get_member(header, "__metadata__");
    if (!node || !JSON_NODE_HOLDS_OBJECT(node))
        return nn_model_refuse(error, "there is no __metadata__");
    JsonObject *metadata = json_node_get_object(node);
    const char *format = get_string(metadata, "model_format");
    if (!format)
        return nn_model_refuse(error, "the metadata has no 'model_format'");
    if (strcmp(format, NN_MODEL_FORMAT) != 0)
        return nn_model_refuse(error, "model format '%.20s' instead of '%s'", format,
                               NN_MODEL_FORMAT);

    struct {
        const char *name;
        char **value;
    } texts[] = {{"version", &model->version},
                 {"command_line", &model->command_line},
                 {"options", &model->options}};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        *texts[i].value = g_strdup(get_string(metadata, texts[i].name));
        if (!*texts[i].value)
            return nn_model_refuse(error, "the metadata has no '%s'", texts[i].name);
    }
    const char *vocabulary = get_string(metadata, "vocabulary");
    if (!vocabulary)
        return nn_model_refuse(error, "the metadata has no 'vocabulary'");
    model->vocabulary = read_vocabulary(vocabulary, model->network->V, error);
    return model->vocabulary != NULL;
}

nn_model *nn_model_load(const char *path, GError **error)
{
    g_autofree char *contents = NULL;
    gsize size, data;
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(path, &contents, &size, &failure)) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", path, failure->message);
        return NULL;
    }
    g_autoptr(nn_model) model = g_new0(nn_model, 1);
    g_autoptr(JsonNode) root = read_header(contents, size, &data, error);
    if (root) {
        JsonObject *header = json_node_get_object(root);
        model->network = new_network(header, size - data, error);
        if (model->network &&
            read_tensors(model->network, header, contents + data, size - data, error) &&
            read_metadata(model, header, error) && nn_model_check(model, error))
            return g_steal_pointer(&model);
    }
    g_prefix_error(error, "%s: ", path);
    return NULL;
}
