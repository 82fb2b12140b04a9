#include "dataset/corpus.h"
#include "model/model_format.h"
#include "tracegen/error.h"
#include "tracegen/json.h"
#include <math.h>
#include <string.h>

gboolean nn_model_refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, message);
    return FALSE;
}

static gboolean check_weights(const nn_network *network, GError **error)
{
    for (int i = 0; i < NN_N_TENSOR; i++) {
        const struct nn_tensor *tensor = &network->tensor[i];
        for (gsize j = 0; j < tensor->size; j++)
            if (!isfinite(network->weights[tensor->offset + j]))
                return nn_model_refuse(error, "tensor '%s' holds a number that is not finite",
                                       tensor->name);
    }
    return TRUE;
}

static gboolean check_vocabulary(char *const *words, GError **error)
{
    static const char *const special[DS_FIRST_WORD] = {
        [DS_SOS] = "<SOS>", [DS_EOS] = "<EOS>", [DS_UNK] = "<UNK>"};
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (int i = 0; words[i]; i++) {
        if (i < DS_FIRST_WORD && strcmp(words[i], special[i]) != 0)
            return nn_model_refuse(error, "word %d of the vocabulary is not '%s'", i, special[i]);
        if (!g_utf8_validate(words[i], -1, NULL))
            return nn_model_refuse(error, "word %d of the vocabulary is not UTF-8", i);
        if (!g_hash_table_add(seen, words[i]))
            return nn_model_refuse(error, "word %d of the vocabulary is there twice", i);
    }
    return TRUE;
}

static gboolean check_object(const char *name, const char *text, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(JsonNode) root = tg_json_parse(text, strlen(text), &failure);
    if (!root)
        return nn_model_refuse(error, "the metadata's '%s' is %s", name, failure->message);
    return JSON_NODE_HOLDS_OBJECT(root) ||
           nn_model_refuse(error, "the metadata's '%s' is not a JSON object", name);
}

gboolean nn_model_check(const nn_model *model, GError **error)
{
    if (!g_utf8_validate(model->command_line, -1, NULL))
        return nn_model_refuse(error, "the metadata's 'command_line' is not UTF-8");
    return check_weights(model->network, error) && check_object("options", model->options, error) &&
           (!model->training || check_object("training", model->training, error)) &&
           check_vocabulary(model->vocabulary, error);
}
