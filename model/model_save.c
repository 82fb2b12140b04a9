#include "model/model_format.h"
#include "tracegen/error.h"
#include "tracegen/json.h"

void nn_model_free(nn_model *model)
{
    if (!model)
        return;
    nn_network_free(model->network);
    g_strfreev(model->vocabulary);
    g_free(model->options);
    g_free(model->command_line);
    g_free(model->version);
    g_free(model);
}

static char *print_vocabulary(char *const *words)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_array(builder);
    for (int i = 0; words[i]; i++)
        json_builder_add_string_value(builder, words[i]);
    json_builder_end_array(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    return tg_json_to_string(root, FALSE);
}

static void add_string(JsonBuilder *builder, const char *name, const char *value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_string_value(builder, value);
}

static void add_metadata(JsonBuilder *builder, const nn_model *model)
{
    g_autofree char *vocabulary = print_vocabulary(model->vocabulary);
    json_builder_set_member_name(builder, "__metadata__");
    json_builder_begin_object(builder);
    add_string(builder, "model_format", NN_MODEL_FORMAT);
    add_string(builder, "version", ADLIOTLOG_VERSION);
    add_string(builder, "command_line", model->command_line);
    add_string(builder, "options", model->options);
    add_string(builder, "vocabulary", vocabulary);
    json_builder_end_object(builder);
}

static void add_tensor(JsonBuilder *builder, const struct nn_tensor *tensor)
{
    const gint64 begin = (gint64)(tensor->offset * sizeof(float));
    json_builder_set_member_name(builder, tensor->name);
    json_builder_begin_object(builder);
    add_string(builder, "dtype", "F32");
    json_builder_set_member_name(builder, "shape");
    json_builder_begin_array(builder);
    json_builder_add_int_value(builder, tensor->rows);
    if (tensor->cols > 0)
        json_builder_add_int_value(builder, tensor->cols);
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "data_offsets");
    json_builder_begin_array(builder);
    json_builder_add_int_value(builder, begin);
    json_builder_add_int_value(builder, begin + (gint64)(tensor->size * sizeof(float)));
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

static GString *print_header(const nn_model *model)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    add_metadata(builder, model);
    for (int i = 0; i < NN_N_TENSOR; i++)
        add_tensor(builder, &model->network->tensor[i]);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *text = tg_json_to_string(root, FALSE);
    GString *header = g_string_new(text);
    while (header->len % 8 != 0) /* blanks, so that the tensors begin at a multiple of 8 */
        g_string_append_c(header, ' ');
    return header;
}

gboolean nn_model_save(const nn_model *model, const char *path, GError **error)
{
    g_assert(g_strv_length(model->vocabulary) == (guint)model->network->V);

    if (!nn_model_check(model, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    /* The rename would put a plain file in the place of a device. */
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: not a regular file", path);
        return FALSE;
    }
    GString *contents = print_header(model);
    if (contents->len > NN_MAX_HEADER) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: a header of %" G_GSIZE_FORMAT " bytes",
                    path, contents->len);
        g_string_free(contents, TRUE);
        return FALSE;
    }
    const guint64 length = GUINT64_TO_LE(contents->len);
    g_string_prepend_len(contents, (const char *)&length, sizeof(length));
    g_string_append_len(contents, (const char *)model->network->weights,
                        (gssize)(model->network->n_weight * sizeof(float)));

    g_autoptr(GError) failure = NULL;
    const gboolean written =
        g_file_set_contents_full(path, contents->str, (gssize)contents->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666,
                                 &failure);
    g_string_free(contents, TRUE);
    if (!written)
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", path, failure->message);
    return written;
}
