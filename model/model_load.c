/*
 * The reader of model files. Nothing in the file is trusted: sizes are checked before anything is
 * allocated by them, and every byte of the tensors must belong to exactly one.
 */
#include "dataset/corpus.h"
#include "model/model_format.h"
#include "tracegen/error.h"
#include "tracegen/json.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

/* ---- the file ---- */

struct source {
    FILE *file;
    gsize size; /* in bytes, all of it */
    gsize data; /* where the tensors begin */
};

/* A regular file: what is promised about its size must hold before anything is allocated. */
static gboolean open_source(struct source *source, const char *path, GError **error)
{
    struct stat status;
    source->file = fopen(path, "rbe");
    if (!source->file || fstat(fileno(source->file), &status) != 0)
        g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, g_strerror(errno));
    else if (!S_ISREG(status.st_mode))
        g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, "not a regular file");
    else {
        source->size = (gsize)status.st_size;
        return TRUE;
    }
    return FALSE;
}

static gboolean read_bytes(const struct source *source, gsize at, void *bytes, gsize n,
                           GError **error)
{
    if (fseeko(source->file, (off_t)at, SEEK_SET) == 0 && fread(bytes, 1, n, source->file) == n)
        return TRUE;
    if (feof(source->file))
        return nn_model_refuse(error, "cut off while it was read");
    g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, g_strerror(errno));
    return FALSE;
}

/* ---- the header ---- */

/* Caller frees. */
static JsonNode *read_header(struct source *source, GError **error)
{
    guint64 length;
    if (source->size < sizeof(length)) {
        nn_model_refuse(error, "shorter than the length of its header");
        return NULL;
    }
    if (!read_bytes(source, 0, &length, sizeof(length), error))
        return NULL;
    length = GUINT64_FROM_LE(length);
    if (length > NN_MAX_HEADER || length > source->size - sizeof(length)) {
        nn_model_refuse(error,
                        "not a model file, or cut off: header of %" G_GUINT64_FORMAT " bytes",
                        length);
        return NULL;
    }
    source->data = sizeof(length) + (gsize)length;
    g_autofree char *text = g_malloc(length + 1);
    if (!read_bytes(source, sizeof(length), text, length, error))
        return NULL;
    return parse("the header", text, (gsize)length, JSON_NODE_OBJECT, error);
}

/* What the header says of a tensor. */
struct entry {
    gint64 shape[2];
    int n_shape;
    gint64 offsets[2]; /* in the data: of its first byte, and of the one behind the last */
};

static gboolean read_entry(JsonObject *header, const char *name, struct entry *entry,
                           GError **error)
{
    JsonNode *node = json_object_get_member(header, name);
    if (!node)
        return nn_model_refuse(error, "tensor '%s' is missing", name);
    if (!JSON_NODE_HOLDS_OBJECT(node))
        return nn_model_refuse(error, "tensor '%s' is not described", name);
    JsonObject *object = json_node_get_object(node);
    if (g_strcmp0(get_string(object, "dtype"), "F32") != 0)
        return nn_model_refuse(error, "tensor '%s' is not of type F32", name);
    entry->n_shape = get_numbers(object, "shape", entry->shape, 2);
    if (entry->n_shape == 0)
        return nn_model_refuse(error, "tensor '%s' has no shape of this model", name);
    if (get_numbers(object, "data_offsets", entry->offsets, 2) != 2)
        return nn_model_refuse(error, "tensor '%s' has no data_offsets", name);
    return TRUE;
}

/* ---- the shape of the network ---- */

/* Has the header any tensor of these? first .. last of a network of this shape. */
static gboolean has_any(JsonObject *header, const struct nn_shape *shape, enum nn_tensor_id first,
                        enum nn_tensor_id last)
{
    struct nn_tensor tensor[NN_N_TENSOR];
    nn_network_layout(shape, tensor);
    for (int i = first; i <= (int)last; i++)
        if (tensor[i].size > 0 && json_object_has_member(header, tensor[i].name))
            return TRUE;
    return FALSE;
}

/* The first cell and attention of which there is a tensor; others are refused later. */
static gboolean find_shape(JsonObject *header, struct nn_shape *shape, GError **error)
{
    *shape = (struct nn_shape){NN_GRU, NN_ADDITIVE, 1, DS_FIRST_WORD};
    struct nn_tensor tensor[NN_N_TENSOR];
    nn_network_layout(shape, tensor);
    const char *name = tensor[NN_ENCODER_EMBEDDING].name;
    struct entry entry;
    if (!read_entry(header, name, &entry, error))
        return FALSE;
    if (entry.n_shape != 2 || entry.shape[0] < DS_FIRST_WORD ||
        entry.shape[0] > NN_MAX_VOCABULARY || entry.shape[1] < 1 || entry.shape[1] > NN_MAX_HIDDEN)
        return nn_model_refuse(error, "tensor '%s' has no possible shape", name);
    shape->V = (int)entry.shape[0];
    shape->H = (int)entry.shape[1];

    while (!has_any(header, shape, NN_ENCODER_W_IH, NN_ENCODER_B_HH))
        if (++shape->cell == NN_N_CELL)
            return nn_model_refuse(error, "tensor '%s' is missing", tensor[NN_ENCODER_W_IH].name);
    while (shape->attention != NN_NO_ATTENTION &&
           !has_any(header, shape, NN_ATTENTION_W_S, NN_ATTENTION_BIAS))
        shape->attention++;
    return TRUE;
}

static gboolean is_tensor(const struct nn_shape *shape, const char *name)
{
    struct nn_tensor tensor[NN_N_TENSOR];
    nn_network_layout(shape, tensor);
    for (int i = 0; i < NN_N_TENSOR; i++)
        if (tensor[i].size > 0 && strcmp(name, tensor[i].name) == 0)
            return TRUE;
    return FALSE;
}

/* No tensor but those of the network. */
static gboolean check_names(JsonObject *header, const struct nn_shape *shape, GError **error)
{
    JsonObjectIter iter;
    const char *name;
    json_object_iter_init_ordered(&iter, header);
    while (json_object_iter_next_ordered(&iter, &name, NULL)) {
        if (strcmp(name, "__metadata__") == 0 || is_tensor(shape, name))
            continue;
        for (int i = 0; i < NN_N_CELL * NN_N_ATTENTION; i++) {
            const struct nn_shape other = {i / NN_N_ATTENTION, i % NN_N_ATTENTION, 1,
                                           DS_FIRST_WORD};
            if (is_tensor(&other, name))
                return nn_model_refuse(
                    error, "tensor '%s' does not belong to a network of cell %s, attention %s",
                    name, nn_cell_names[shape->cell], nn_attention_names[shape->attention]);
        }
        g_autofree char *escaped = g_strescape(name, NULL);
        return nn_model_refuse(error, "unknown tensor '%.100s'", escaped);
    }
    return TRUE;
}

static char *print_dimensions(gint64 rows, gint64 cols, int n)
{
    return n == 2 ? g_strdup_printf("[%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "]", rows, cols)
                  : g_strdup_printf("[%" G_GINT64_FORMAT "]", rows);
}

static gboolean check_dimensions(const struct nn_tensor *tensor, const struct entry *entry,
                                 GError **error)
{
    const int n = tensor->cols > 0 ? 2 : 1;
    if (entry->n_shape == n && entry->shape[0] == tensor->rows &&
        (n == 1 || entry->shape[1] == tensor->cols))
        return TRUE;
    g_autofree char *got = print_dimensions(entry->shape[0], entry->shape[1], entry->n_shape);
    g_autofree char *wanted = print_dimensions(tensor->rows, tensor->cols, n);
    return nn_model_refuse(error, "tensor '%s' has shape %s instead of %s", tensor->name, got,
                           wanted);
}

/* ---- tensors ---- */

/* The entries [NN_N_TENSOR] of a network of that layout: all there, each with its shape. */
static gboolean read_entries(JsonObject *header, const struct nn_tensor *tensor,
                             struct entry *entries, GError **error)
{
    for (int i = 0; i < NN_N_TENSOR; i++)
        if (tensor[i].size > 0 && (!read_entry(header, tensor[i].name, &entries[i], error) ||
                                   !check_dimensions(&tensor[i], &entries[i], error)))
            return FALSE;
    return TRUE;
}

/* Each in the data, none over another: as the sizes add up, no byte is left over. */
static gboolean check_offsets(const struct nn_tensor *tensor, const struct entry *entries,
                              gsize n_data, GError **error)
{
    for (int i = 0; i < NN_N_TENSOR; i++) {
        const gint64 *at = entries[i].offsets;
        if (tensor[i].size == 0)
            continue;
        if (at[1] < at[0] || (guint64)at[1] > n_data ||
            (guint64)(at[1] - at[0]) != tensor[i].size * sizeof(float))
            return nn_model_refuse(error, "tensor '%s' has data_offsets that do not fit",
                                   tensor[i].name);
        for (int j = 0; j < i; j++)
            if (tensor[j].size > 0 && at[0] < entries[j].offsets[1] &&
                entries[j].offsets[0] < at[1])
                return nn_model_refuse(error, "tensors '%s' and '%s' overlap", tensor[j].name,
                                       tensor[i].name);
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

/* Member `name`, or otherwise if there is none; NULL when it is no text. Caller frees. */
static char *read_text(JsonObject *metadata, const char *name, const char *otherwise,
                       GError **error)
{
    if (!json_object_has_member(metadata, name))
        return g_strdup(otherwise);
    const char *text = get_string(metadata, name);
    if (!text)
        nn_model_refuse(error, "the metadata's '%s' is not a string", name);
    return g_strdup(text);
}

/* Only the vocabulary must be there; what is not of this format is somebody else's. */
static gboolean read_metadata(nn_model *model, JsonObject *header, int V, GError **error)
{
    JsonNode *node = json_object_get_member(header, "__metadata__");
    if (!node || !JSON_NODE_HOLDS_OBJECT(node))
        return nn_model_refuse(error, "there is no __metadata__");
    JsonObject *metadata = json_node_get_object(node);
    g_autofree char *format = read_text(metadata, "model_format", NN_MODEL_FORMAT, error);
    if (!format)
        return FALSE;
    if (strcmp(format, NN_MODEL_FORMAT) != 0)
        return nn_model_refuse(error, "model format '%.20s' instead of '%s'", format,
                               NN_MODEL_FORMAT);
    model->version = read_text(metadata, "version", "", error);
    model->command_line = model->version ? read_text(metadata, "command_line", "", error) : NULL;
    model->options = model->command_line ? read_text(metadata, "options", "{}", error) : NULL;
    if (!model->options)
        return FALSE;
    if (json_object_has_member(metadata, "training")) {
        model->training = read_text(metadata, "training", NULL, error);
        if (!model->training)
            return FALSE;
    }
    const char *vocabulary = get_string(metadata, "vocabulary");
    if (!vocabulary)
        return nn_model_refuse(error, "the metadata has no 'vocabulary'");
    model->vocabulary = read_vocabulary(vocabulary, V, error);
    return model->vocabulary != NULL;
}

/* All but the tensors is read before there is room for them: a file may claim what it has not. */
static gboolean read_network(nn_model *model, const struct source *source, JsonObject *header,
                             GError **error)
{
    struct nn_shape shape;
    struct nn_tensor tensor[NN_N_TENSOR];
    struct entry entries[NN_N_TENSOR];
    const gsize n_data = source->size - source->data;
    if (!find_shape(header, &shape, error) || !check_names(header, &shape, error))
        return FALSE;
    const gsize expected = sizeof(float) * nn_network_layout(&shape, tensor);
    if (!read_entries(header, tensor, entries, error))
        return FALSE;
    if (n_data != expected)
        return nn_model_refuse(error,
                               "%" G_GSIZE_FORMAT " bytes of tensors instead of %" G_GSIZE_FORMAT,
                               n_data, expected);
    if (!check_offsets(tensor, entries, n_data, error) ||
        !read_metadata(model, header, shape.V, error))
        return FALSE;

    const nn_network *network = model->network = nn_network_new(&shape);
    for (int i = 0; i < NN_N_TENSOR; i++)
        if (tensor[i].size > 0 && !read_bytes(source, source->data + (gsize)entries[i].offsets[0],
                                              nn_view(network, network->weights, i),
                                              tensor[i].size * sizeof(float), error))
            return FALSE;
    return TRUE;
}

static gboolean read_model(nn_model *model, struct source *source, GError **error)
{
    g_autoptr(JsonNode) root = read_header(source, error);
    JsonObject *header = root ? json_node_get_object(root) : NULL;
    return header && read_network(model, source, header, error) && nn_model_check(model, error);
}

nn_model *nn_model_load(const char *path, GError **error)
{
    struct source source = {NULL, 0, 0};
    g_autoptr(nn_model) model = g_new0(nn_model, 1);
    const gboolean fine = open_source(&source, path, error) && read_model(model, &source, error);
    if (source.file)
        fclose(source.file);
    if (fine)
        return g_steal_pointer(&model);
    g_prefix_error(error, "%s: ", path);
    return NULL;
}
