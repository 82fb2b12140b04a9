/* Model files: written and read back, read by an independent reader, damaged in every way. */
#include "dataset/corpus.h"
#include "model/model_file.h"
#include "tracegen/error.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { H = 5, V = 6, N_SHAPE = NN_N_CELL * NN_N_ATTENTION };

static char *folder;

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static struct nn_shape shape_at(int i)
{
    return (struct nn_shape){i / NN_N_ATTENTION, i % NN_N_ATTENTION, H, V};
}

static nn_model *make_model_of(struct nn_shape shape)
{
    static const char *const words[] = {"<SOS>",       "<EOS>",  "<UNK>", "r",
                                        "caf\303\251", "a\"\\b", NULL};
    nn_model *model = g_new0(nn_model, 1);
    model->network = nn_network_new(&shape);
    nn_network_init(model->network, 9);
    model->vocabulary = g_strdupv((char **)words);
    model->options = g_strdup("{\"hidden\":5,\"lr\":0.01}");
    model->command_line = g_strdup("adliotlog train --hidden 5");
    return model;
}

/* The paper's network: GRU, additive attention. */
static nn_model *make_model(void)
{
    return make_model_of(shape_at(0));
}

static void save(const nn_model *model, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(nn_model_save(model, path, &error));
    g_assert_no_error(error);
}

static void assert_same_file(const char *a, const char *b)
{
    g_autofree char *first = NULL, *second = NULL;
    gsize n_first, n_second;
    g_assert_true(g_file_get_contents(a, &first, &n_first, NULL));
    g_assert_true(g_file_get_contents(b, &second, &n_second, NULL));
    g_assert_cmpmem(first, n_first, second, n_second);
}

static void check_round_trip(struct nn_shape shape, const char *training)
{
    g_autoptr(nn_model) model = make_model_of(shape);
    g_autofree char *path = path_of("round.safetensors"), *again = path_of("again.safetensors");
    model->training = g_strdup(training);
    save(model, path);
    save(model, path); /* replaces */

    g_autoptr(GError) error = NULL;
    g_autoptr(nn_model) loaded = nn_model_load(path, &error);
    g_assert_no_error(error);
    g_assert_cmpint(loaded->network->shape.cell, ==, shape.cell);
    g_assert_cmpint(loaded->network->shape.attention, ==, shape.attention);
    g_assert_cmpint(loaded->network->H, ==, H);
    g_assert_cmpint(loaded->network->V, ==, V);
    g_assert_cmpmem(loaded->network->weights, loaded->network->n_weight * sizeof(float),
                    model->network->weights, model->network->n_weight * sizeof(float));
    g_assert_true(g_strv_equal((const char *const *)loaded->vocabulary,
                               (const char *const *)model->vocabulary));
    g_assert_cmpstr(loaded->options, ==, model->options);
    g_assert_cmpstr(loaded->training, ==, training);
    g_assert_cmpstr(loaded->command_line, ==, model->command_line);
    g_assert_cmpstr(loaded->version, ==, ADLIOTLOG_VERSION);
    save(loaded, again);
    assert_same_file(path, again);
}

static void test_round_trip(void)
{
    for (int i = 0; i < N_SHAPE; i++)
        check_round_trip(shape_at(i), i % 2 ? "{\"iteration\":100}" : NULL);
}

/* ---- an independent reader ---- */

/* What read_safetensors.tcl says of a file, in lines. */
static char **read_with_tcl(const char *path)
{
    const char *top = g_getenv("TOP");
    g_assert_nonnull(top);
    g_autofree char *output = NULL, *errors = NULL;
    g_autofree char *script =
        g_build_filename(top, "tests", "data", "model", "read_safetensors.tcl", NULL);
    const char *argv[] = {"tclsh", script, path, NULL};
    int status;
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                               &errors, &status, NULL));
    g_assert_cmpstr(errors, ==, "");
    g_assert_true(g_spawn_check_wait_status(status, NULL));
    return g_strsplit(output, "\n", -1);
}

/* Line by line in the order of the file, as DESIGN.md and PyTorch have them: H = 5, V = 6. */
static const char *const gru_tensors[] = {
    "encoder.embedding.weight 6x5", "encoder.gru.weight_ih 15x5",
    "encoder.gru.weight_hh 15x5",   "encoder.gru.bias_ih 15",
    "encoder.gru.bias_hh 15",       "decoder.embedding.weight 6x5",
    "decoder.attention.w_s 5x5",    "decoder.attention.w_h 5x5",
    "decoder.attention.v 5",        "decoder.gru.weight_ih 15x10",
    "decoder.gru.weight_hh 15x5",   "decoder.gru.bias_ih 15",
    "decoder.gru.bias_hh 15",       "decoder.output.weight 6x5",
    "decoder.output.bias 6",        NULL};
static const char *const location_tensors[] = {"encoder.embedding.weight 6x5",
                                               "encoder.lstm.weight_ih 20x5",
                                               "encoder.lstm.weight_hh 20x5",
                                               "encoder.lstm.bias_ih 20",
                                               "encoder.lstm.bias_hh 20",
                                               "decoder.embedding.weight 6x5",
                                               "decoder.attention.weight 101x10",
                                               "decoder.attention.bias 101",
                                               "decoder.lstm.weight_ih 20x10",
                                               "decoder.lstm.weight_hh 20x5",
                                               "decoder.lstm.bias_ih 20",
                                               "decoder.lstm.bias_hh 20",
                                               "decoder.output.weight 6x5",
                                               "decoder.output.bias 6",
                                               NULL};
static const char *const plain_tensors[] = {"encoder.embedding.weight 6x5",
                                            "encoder.lstm.weight_ih 20x5",
                                            "encoder.lstm.weight_hh 20x5",
                                            "encoder.lstm.bias_ih 20",
                                            "encoder.lstm.bias_hh 20",
                                            "decoder.embedding.weight 6x5",
                                            "decoder.lstm.weight_ih 20x5",
                                            "decoder.lstm.weight_hh 20x5",
                                            "decoder.lstm.bias_ih 20",
                                            "decoder.lstm.bias_hh 20",
                                            "decoder.output.weight 6x5",
                                            "decoder.output.bias 6",
                                            NULL};

static const struct {
    enum nn_cell cell;
    enum nn_attention attention;
    const char *const *tensors;
} readings[] = {{NN_GRU, NN_ADDITIVE, gru_tensors},
                {NN_LSTM, NN_LOCATION, location_tensors},
                {NN_LSTM, NN_NO_ATTENTION, plain_tensors}};

static void check_reading(struct nn_shape shape, const char *const *tensors)
{
    g_autoptr(nn_model) model = make_model_of(shape);
    g_autofree char *path = path_of("tcl.safetensors");
    save(model, path);
    g_auto(GStrv) lines = read_with_tcl(path);
    int n = 0;
    for (int i = 0; i < NN_N_TENSOR; i++) {
        const struct nn_tensor *tensor = &model->network->tensor[i];
        if (tensor->size == 0)
            continue;
        g_auto(GStrv) fields = g_strsplit(lines[n], " ", -1);
        g_assert_cmpuint(g_strv_length(fields), ==, 4);
        double sum = 0;
        for (gsize j = 0; j < tensor->size; j++)
            sum += model->network->weights[tensor->offset + j];
        g_autofree char *named = g_strdup_printf("%s %s", fields[0], fields[2]);
        g_assert_cmpstr(named, ==, tensors[n]);
        n++;
        g_assert_cmpstr(fields[1], ==, "F32");
        g_assert_cmpfloat_with_epsilon(g_ascii_strtod(fields[3], NULL), sum, 1e-6);
    }
    g_assert_null(tensors[n]);
    static const char *const metadata[] = {
        "metadata command_line adliotlog train --hidden 5",
        "metadata model_format 1",
        "metadata options {\"hidden\":5,\"lr\":0.01}",
        "metadata version " ADLIOTLOG_VERSION,
        "metadata vocabulary [\"<SOS>\",\"<EOS>\",\"<UNK>\",\"r\",\"caf\303\251\",\"a\\\"\\\\b\"]",
    };
    g_assert_cmpuint(g_strv_length(lines), ==, (guint)n + G_N_ELEMENTS(metadata) + 1);
    for (gsize i = 0; i < G_N_ELEMENTS(metadata); i++)
        g_assert_cmpstr(lines[(gsize)n + i], ==, metadata[i]);
}

static void test_independent_reader(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(readings); i++)
        check_reading((struct nn_shape){readings[i].cell, readings[i].attention, H, V},
                      readings[i].tensors);
}

/* ---- files of others ---- */

static void assert_refused(const char *bytes, gsize size, const char *cause)
{
    g_autofree char *path = path_of("damaged.safetensors");
    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_null(nn_model_load(path, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_true(g_str_has_prefix(error->message, path));
    g_assert_null(strchr(error->message, '\n'));
    g_assert_nonnull(strstr(error->message, cause));
}

/* A file of that header and data. */
static GString *join(const char *header, const char *data, gsize n_data)
{
    const guint64 length = GUINT64_TO_LE(strlen(header));
    GString *bytes = g_string_new_len((const char *)&length, 8);
    g_string_append(bytes, header);
    g_string_append_len(bytes, data, (gssize)n_data);
    return bytes;
}

/* A file in its parts; data lies in bytes. */
struct parts {
    char *bytes, *header;
    const char *data;
    gsize size, n_data;
};

static struct parts take_apart(const nn_model *model)
{
    struct parts parts;
    guint64 length;
    g_autofree char *path = path_of("good.safetensors");
    save(model, path);
    g_assert_true(g_file_get_contents(path, &parts.bytes, &parts.size, NULL));
    memcpy(&length, parts.bytes, 8);
    length = GUINT64_FROM_LE(length);
    parts.header = g_strndup(parts.bytes + 8, length);
    parts.data = parts.bytes + 8 + length;
    parts.n_data = parts.size - 8 - length;
    return parts;
}

static void clear_parts(struct parts *parts)
{
    g_free(parts->bytes);
    g_free(parts->header);
}

/* The header with the first of `find` replaced. */
static char *change(const char *header, const char *find, const char *replace)
{
    const char *place = strstr(header, find);
    g_assert_nonnull(place);
    return g_strdup_printf("%.*s%s%s", (int)(place - header), header, replace,
                           place + strlen(find));
}

/* Tensors last to first, at odd addresses, with the least metadata and one key of PyTorch's. */
static void test_by_hand(void)
{
    static const char metadata[] = "{\"__metadata__\":{\"format\":\"pt\","
                                   "\"vocabulary\":\"[\\\"<SOS>\\\",\\\"<EOS>\\\",\\\"<UNK>\\\","
                                   "\\\"a\\\",\\\"b\\\",\\\"c\\\"]\"}";
    for (int i = 0; i < N_SHAPE; i++) {
        g_autoptr(nn_model) model = make_model_of(shape_at(i));
        g_autoptr(GString) header = g_string_new(metadata), data = g_string_new("");
        for (int j = NN_N_TENSOR - 1; j >= 0; j--) {
            const struct nn_tensor *tensor = &model->network->tensor[j];
            if (tensor->size == 0)
                continue;
            const gsize begin = data->len;
            g_string_append_len(data, (const char *)(model->network->weights + tensor->offset),
                                (gssize)(tensor->size * sizeof(float)));
            g_string_append_printf(header, ",\n \"%s\": {\"data_offsets\": [%zu, %zu], ",
                                   tensor->name, begin, data->len);
            g_string_append_printf(header,
                                   tensor->cols ? "\"shape\": [%d, %d], " : "\"shape\": [%d], ",
                                   tensor->rows, tensor->cols);
            g_string_append(header, "\"dtype\": \"F32\"}");
        }
        g_string_append(header, header->len % 2 ? "} " : "}");
        g_autofree char *path = path_of("hand.safetensors");
        g_autoptr(GString) bytes = join(header->str, data->str, data->len);
        g_assert_true(g_file_set_contents(path, bytes->str, (gssize)bytes->len, NULL));
        g_autoptr(GError) error = NULL;
        g_autoptr(nn_model) loaded = nn_model_load(path, &error);
        g_assert_no_error(error);
        g_assert_cmpmem(loaded->network->weights, loaded->network->n_weight * sizeof(float),
                        model->network->weights, model->network->n_weight * sizeof(float));
        g_assert_cmpstr(loaded->vocabulary[5], ==, "c");
        g_assert_cmpstr(loaded->options, ==, "{}");
        g_assert_cmpstr(loaded->command_line, ==, "");
        g_assert_cmpstr(loaded->version, ==, "");
        g_assert_null(loaded->training);
    }
}

/* ---- damage ---- */

/* Changes to a good header, each of which must be refused. */
static const struct {
    const char *find, *replace, *cause;
} damages[] = {
    {"{\"__metadata__\"", "[\"__metadata__\"", "not valid JSON"},
    {"\"F32\"", "\"F64\"", "not of type F32"},
    {"\"F32\"", "32", "not of type F32"},
    {"[6,5]", "[5,6]", "'encoder.gru.weight_ih' has shape [15,5] instead of [18,6]"},
    {"[6,5]", "[6,-5]", "no shape of this model"},
    {"[6,5]", "[6,5.0]", "no shape of this model"},
    {"[6,5]", "[6,5,1]", "no shape of this model"},
    {"[6,5]", "[]", "no shape of this model"},
    {"[6,5]", "[67108864,16384]", "'encoder.gru.weight_ih' has shape [15,5] instead of [49152,"},
    {"[6,5]", "[67108864,5]", "'decoder.embedding.weight' has shape [6,5] instead of [67108864,5]"},
    {"[6,5]", "[4611686018427387904,4]", "no possible shape"},
    {"[6,5]", "[99999999999999999999,5]", "encoder.embedding.weight"},
    {"[6,5]", "[2,5]", "no possible shape"},
    {"[6,5]", "[6,0]", "no possible shape"},
    {"[15,10]", "[10,15]", "has shape [10,15] instead of [15,10]"},
    {"[15,10]", "[150]", "has shape [150] instead of [15,10]"},
    {"[15,10]", "[15,4611686018427387904]", "instead of [15,10]"},
    {"[5]", "[5,1]", "'decoder.attention.v' has shape [5,1] instead of [5]"},
    {"[0,120]", "[4,120]", "data_offsets that do not fit"},
    {"[0,120]", "[120,0]", "data_offsets that do not fit"},
    {"[0,120]", "[120,240]", "overlap"},
    {"[0,120]", "[0,120,4]", "no data_offsets"},
    {"[0,120]", "[9223372036854775687,9223372036854775807]", "data_offsets that do not fit"},
    {"[0,120]", "[-4,116]", "no data_offsets"},
    {"[0,120]", "[0,121]", "data_offsets that do not fit"},
    {"[0,120]", "\"0,120\"", "no data_offsets"},
    {"\"decoder.attention.v\"", "\"decoder.attention.w\"", "unknown tensor 'decoder.attention.w'"},
    {"\"decoder.attention.v\":{", "\"more\":{},\"decoder.attention.v\":{", "unknown tensor 'more'"},
    {"\"decoder.attention.v\":{", "\"decoder.attention.w_s\":{", "a name twice"},
    {"\"data_offsets\"", "\"dtype\":\"F32\",\"data_offsets\"", "a name twice"},
    {"\"model_format\"", "\"version\"", "a name twice"},
    {"\"__metadata__\"", "\"__metadat__\"", "unknown tensor"},
    {"\"model_format\":\"1\"", "\"model_format\":\"2\"", "model format '2'"},
    {"\"model_format\":\"1\"", "\"model_format\":1", "'model_format' is not a string"},
    {"\"model_format\"", "\"training\":7,\"model_format\"", "'training' is not a string"},
    {"\"model_format\"", "\"training\":\"7\",\"model_format\"", "'training' is not a JSON"},
    {"\"vocabulary\"", "\"vocabular\"", "no 'vocabulary'"},
    {"\"options\":\"{", "\"options\":\"", "'options' is not"},
    {"\"options\":\"{", "\"options\":\"[{", "'options' is not"},
    {"\"vocabulary\":\"[", "\"vocabulary\":\"", "vocabulary is not"},
    {"\\\"r\\\"", "7", "word 3 of the vocabulary is not a string"},
    {"\\\"r\\\",", "", "a vocabulary of 5 words for a network of 6"},
    {"\\\"r\\\"", "\\\"<EOS>\\\"", "word 3 of the vocabulary is there twice"},
    {"<UNK>", "<unk>", "word 2 of the vocabulary is not '<UNK>'"},
    {"caf\303\251", "caf\351", "not valid JSON"},
};

static void assert_header_refused(const struct parts *parts, const char *header, const char *cause)
{
    g_autoptr(GString) bytes = join(header, parts->data, parts->n_data);
    assert_refused(bytes->str, bytes->len, cause);
}

static void test_damaged(void)
{
    g_autoptr(nn_model) model = make_model();
    struct parts good = take_apart(model);
    for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autofree char *header = change(good.header, damages[i].find, damages[i].replace);
        assert_header_refused(&good, header, damages[i].cause);
    }

    for (gsize cut = 0; cut < good.size; cut += cut < 16 ? 1 : 97)
        assert_refused(good.bytes, cut, "");
    g_autofree char *longer = g_malloc0(good.size + 4);
    memcpy(longer, good.bytes, good.size);
    assert_refused(longer, good.size + 4, "bytes of tensors instead of");
    const float infinity = INFINITY;
    memcpy(longer + good.size - 4, &infinity, 4);
    assert_refused(longer, good.size, "'decoder.output.bias' holds a number that is not finite");
    clear_parts(&good);
}

/* Names changed so that tensors of two networks meet: cell, attention, what is wrong. */
static const struct {
    enum nn_cell cell;
    enum nn_attention attention;
    const char *find, *replace, *cause;
} mixtures[] = {
    {NN_GRU, NN_ADDITIVE, "\"decoder.gru.weight_ih", "\"decoder.lstm.weight_ih",
     "tensor 'decoder.lstm.weight_ih' does not belong to a network of cell gru"},
    {NN_LSTM, NN_ADDITIVE, "\"encoder.lstm.bias_hh", "\"encoder.gru.bias_hh",
     "tensor 'encoder.lstm.weight_ih' does not belong to a network of cell gru"},
    {NN_LSTM, NN_LOCATION, "\"decoder.attention.bias", "\"decoder.attention.v",
     "'decoder.attention.weight' does not belong to a network of cell lstm, attention additive"},
    {NN_GRU, NN_NO_ATTENTION, "\"encoder.gru.", "\"encoder.rnn.", "unknown tensor 'encoder.rnn."},
};

/* Tensors taken out of the header: what is left is no network. */
static const struct {
    enum nn_cell cell;
    enum nn_attention attention;
    const char *names[4], *cause;
} gaps[] = {
    {NN_GRU, NN_ADDITIVE, {"decoder.attention.w_s"}, "tensor 'decoder.attention.w_s' is missing"},
    {NN_GRU, NN_ADDITIVE, {"decoder.attention.w_h"}, "tensor 'decoder.attention.w_h' is missing"},
    {NN_GRU,
     NN_ADDITIVE,
     {"decoder.attention.w_s", "decoder.attention.w_h", "decoder.attention.v"},
     "tensor 'decoder.gru.weight_ih' has shape [15,10] instead of [15,5]"},
    {NN_LSTM,
     NN_LOCATION,
     {"decoder.attention.weight"},
     "tensor 'decoder.attention.weight' is missing"},
    {NN_LSTM,
     NN_NO_ATTENTION,
     {"encoder.lstm.weight_ih"},
     "tensor 'encoder.lstm.weight_ih' is missing"},
    {NN_LSTM,
     NN_NO_ATTENTION,
     {"encoder.lstm.weight_ih", "encoder.lstm.weight_hh", "encoder.lstm.bias_ih",
      "encoder.lstm.bias_hh"},
     "tensor 'encoder.gru.weight_ih' is missing"},
    {NN_GRU, NN_ADDITIVE, {"encoder.embedding.weight"}, "'encoder.embedding.weight' is missing"},
    {NN_GRU, NN_ADDITIVE, {"decoder.output.bias"}, "tensor 'decoder.output.bias' is missing"},
};

static void test_mixed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(mixtures); i++) {
        g_autoptr(nn_model) model =
            make_model_of((struct nn_shape){mixtures[i].cell, mixtures[i].attention, H, V});
        struct parts good = take_apart(model);
        g_autofree char *header = change(good.header, mixtures[i].find, mixtures[i].replace);
        assert_header_refused(&good, header, mixtures[i].cause);
        clear_parts(&good);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(gaps); i++) {
        g_autoptr(nn_model) model =
            make_model_of((struct nn_shape){gaps[i].cell, gaps[i].attention, H, V});
        struct parts good = take_apart(model);
        for (gsize j = 0; j < G_N_ELEMENTS(gaps[i].names) && gaps[i].names[j]; j++) {
            g_autofree char *quoted = g_strdup_printf(",\"%s\":", gaps[i].names[j]);
            char *begin = strstr(good.header, quoted), *end = begin ? strchr(begin, '}') : NULL;
            g_assert_nonnull(end);
            memset(begin, ' ', (gsize)(end - begin) + 1);
        }
        assert_header_refused(&good, good.header, gaps[i].cause);
        clear_parts(&good);
    }
}

static void test_hostile(void)
{
    char huge[16];
    memset(huge, 0xff, sizeof(huge));
    assert_refused(huge, sizeof(huge), "header of 18446744073709551615 bytes");

    static const char *const before[] = {"", "{\"a\":", "/*\"*/", "{'\"':", "[\"\\ud800\"\","};
    g_autofree char *deep = g_strnfill(3000000, '[');
    GString *bytes;
    for (gsize i = 0; i < G_N_ELEMENTS(before); i++) {
        g_autofree char *text = g_strconcat(before[i], deep, NULL);
        bytes = join(text, "", 0);
        assert_refused(bytes->str, bytes->len, "the header is not valid JSON");
        g_string_free(bytes, TRUE);
    }

    bytes = join("", "", 0);
    assert_refused(bytes->str, bytes->len, "the header is not");
    g_string_free(bytes, TRUE);
    bytes = join("[]", "", 0);
    assert_refused(bytes->str, bytes->len, "the header is not a JSON object");
    g_string_free(bytes, TRUE);
    bytes = join("{}", "", 0);
    assert_refused(bytes->str, bytes->len, "'encoder.embedding.weight' is missing");
    g_string_free(bytes, TRUE);

    g_autofree char *noise = g_strnfill(100, 'x');
    assert_refused(noise, 100, "not a model file");
}

static void assert_not_saved(const nn_model *model, const char *path, const char *cause)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(nn_model_save(model, path, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_true(g_str_has_prefix(error->message, path));
    g_assert_nonnull(strstr(error->message, cause));
}

/* What could not be loaded is not saved, and what was there stays. */
static void test_unsavable(void)
{
    g_autoptr(nn_model) model = make_model();
    g_autofree char *path = path_of("kept.safetensors"), *before = NULL, *after = NULL;
    gsize n_before, n_after;
    save(model, path);
    g_assert_true(g_file_get_contents(path, &before, &n_before, NULL));

    static const char *const options[] = {
        "", "{", "[]", "7", "{\"lr\":1e-08.0}", "{\"a\":\"\351\"}"};
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
        g_free(model->options);
        model->options = g_strdup(options[i]);
        assert_not_saved(model, path, "'options' is not");
    }
    g_free(model->options);
    model->options = g_strdup("{}");
    model->training = g_strdup("[]");
    assert_not_saved(model, path, "'training' is not");
    g_clear_pointer(&model->training, g_free);
    const nn_real weights[] = {NAN, INFINITY, -INFINITY};
    for (gsize i = 0; i < G_N_ELEMENTS(weights); i++) {
        model->network->weights[model->network->n_weight - 1] = weights[i];
        assert_not_saved(model, path, "'decoder.output.bias' holds a number that is not finite");
    }
    model->network->weights[model->network->n_weight - 1] = 0;
    model->command_line[0] = '\351';
    assert_not_saved(model, path, "'command_line' is not UTF-8");
    model->command_line[0] = 'a';
    model->vocabulary[3][0] = '\351';
    assert_not_saved(model, path, "word 3 of the vocabulary is not UTF-8");
    g_free(model->vocabulary[3]);
    model->vocabulary[3] = g_strdup("<EOS>");
    assert_not_saved(model, path, "word 3 of the vocabulary is there twice");

    g_assert_true(g_file_get_contents(path, &after, &n_after, NULL));
    g_assert_cmpmem(before, n_before, after, n_after);
}

static void test_system_errors(void)
{
    g_autoptr(nn_model) model = make_model();
    g_autofree char *nowhere = path_of("no/such/folder/m.safetensors");
    GError *error = NULL;
    g_assert_false(nn_model_save(model, nowhere, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_SYSTEM);
    g_clear_error(&error);
    g_assert_false(nn_model_save(model, folder, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_SYSTEM);
    g_clear_error(&error);
    g_assert_null(nn_model_load(nowhere, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_SYSTEM);
    g_clear_error(&error);
    g_assert_null(nn_model_load(folder, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_SYSTEM);
    g_clear_error(&error);
    g_assert_null(nn_model_load("/dev/zero", &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_SYSTEM);
    g_clear_error(&error);
}

static void remove_folder(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = path_of(name);
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("model-XXXXXX", NULL);
    g_assert_nonnull(folder);
    g_test_add_func("/model/round-trip", test_round_trip);
    g_test_add_func("/model/independent-reader", test_independent_reader);
    g_test_add_func("/model/by-hand", test_by_hand);
    g_test_add_func("/model/damaged", test_damaged);
    g_test_add_func("/model/mixed", test_mixed);
    g_test_add_func("/model/hostile", test_hostile);
    g_test_add_func("/model/unsavable", test_unsavable);
    g_test_add_func("/model/system-errors", test_system_errors);
    const int status = g_test_run();
    remove_folder();
    g_free(folder);
    return status;
}
