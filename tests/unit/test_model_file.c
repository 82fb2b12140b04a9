/* Model files: written and read back, read by an independent reader, damaged in every way. */
#include "dataset/corpus.h"
#include "model/model_file.h"
#include "tracegen/error.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { H = 5, V = 6 };

static char *folder;

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static nn_model *make_model(void)
{
    static const char *const words[] = {"<SOS>",       "<EOS>",  "<UNK>", "r",
                                        "caf\303\251", "a\"\\b", NULL};
    nn_model *model = g_new0(nn_model, 1);
    model->network = nn_network_new(H, V);
    nn_network_init(model->network, 9);
    model->vocabulary = g_strdupv((char **)words);
    model->options = g_strdup("{\"hidden\":5,\"lr\":0.01}");
    model->command_line = g_strdup("adliotlog train --hidden 5");
    return model;
}

static void save(const nn_model *model, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(nn_model_save(model, path, &error));
    g_assert_no_error(error);
}

static void test_round_trip(void)
{
    g_autoptr(nn_model) model = make_model();
    g_autofree char *path = path_of("round.safetensors"), *again = path_of("again.safetensors");
    save(model, path);
    save(model, path); /* replaces */

    g_autoptr(GError) error = NULL;
    g_autoptr(nn_model) loaded = nn_model_load(path, &error);
    g_assert_no_error(error);
    g_assert_cmpint(loaded->network->H, ==, H);
    g_assert_cmpint(loaded->network->V, ==, V);
    g_assert_cmpmem(loaded->network->weights, loaded->network->n_weight * sizeof(float),
                    model->network->weights, model->network->n_weight * sizeof(float));
    g_assert_true(g_strv_equal((const char *const *)loaded->vocabulary,
                               (const char *const *)model->vocabulary));
    g_assert_cmpstr(loaded->options, ==, model->options);
    g_assert_cmpstr(loaded->command_line, ==, model->command_line);
    g_assert_cmpstr(loaded->version, ==, ADLIOTLOG_VERSION);

    g_autofree char *first = NULL, *second = NULL;
    gsize n_first, n_second;
    save(loaded, again);
    g_assert_true(g_file_get_contents(path, &first, &n_first, NULL));
    g_assert_true(g_file_get_contents(again, &second, &n_second, NULL));
    g_assert_cmpmem(first, n_first, second, n_second);
}

static void test_independent_reader(void)
{
    const char *top = g_getenv("TOP");
    g_assert_nonnull(top);
    g_autoptr(nn_model) model = make_model();
    g_autofree char *path = path_of("tcl.safetensors"), *output = NULL, *errors = NULL;
    g_autofree char *script =
        g_build_filename(top, "tests", "data", "model", "read_safetensors.tcl", NULL);
    save(model, path);
    const char *argv[] = {"tclsh", script, path, NULL};
    int status;
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                               &errors, &status, NULL));
    g_assert_cmpstr(errors, ==, "");
    g_assert_true(g_spawn_check_wait_status(status, NULL));

    static const char *const shapes[] = {"6x5", "15x5",  "15x5", "15", "15", "6x5", "5x5", "5x5",
                                         "5",   "15x10", "15x5", "15", "15", "6x5", "6"};
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, NN_N_TENSOR + 6);
    for (int i = 0; i < NN_N_TENSOR; i++) {
        const struct nn_tensor *tensor = &model->network->tensor[i];
        g_auto(GStrv) fields = g_strsplit(lines[i], " ", -1);
        g_assert_cmpuint(g_strv_length(fields), ==, 4);
        double sum = 0;
        for (gsize j = 0; j < tensor->size; j++)
            sum += model->network->weights[tensor->offset + j];
        g_assert_cmpstr(fields[0], ==, tensor->name);
        g_assert_cmpstr(fields[1], ==, "F32");
        g_assert_cmpstr(fields[2], ==, shapes[i]);
        g_assert_cmpfloat_with_epsilon(g_ascii_strtod(fields[3], NULL), sum, 1e-7);
    }
    static const char *const metadata[] = {
        "metadata command_line adliotlog train --hidden 5",
        "metadata model_format 1",
        "metadata options {\"hidden\":5,\"lr\":0.01}",
        "metadata version " ADLIOTLOG_VERSION,
        "metadata vocabulary [\"<SOS>\",\"<EOS>\",\"<UNK>\",\"r\",\"caf\303\251\",\"a\\\"\\\\b\"]",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(metadata); i++)
        g_assert_cmpstr(lines[NN_N_TENSOR + i], ==, metadata[i]);
}

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

/* Changes to a good header, each of which must be refused. */
static const struct {
    const char *find, *replace, *cause;
} damages[] = {
    {"{\"__metadata__\"", "[\"__metadata__\"", "not valid JSON"},
    {"\"F32\"", "\"F64\"", "not of type F32"},
    {"\"F32\"", "32", "not of type F32"},
    {"[6,5]", "[5,6]", "bytes of tensors instead of"},
    {"[6,5]", "[6,-5]", "no shape of this model"},
    {"[6,5]", "[6,5.0]", "no shape of this model"},
    {"[6,5]", "[6,5,1]", "no shape of this model"},
    {"[6,5]", "[]", "no shape of this model"},
    {"[6,5]", "[67108864,16384]", "bytes of tensors instead of"},
    {"[6,5]", "[4611686018427387904,4]", "no possible shape"},
    {"[6,5]", "[99999999999999999999,5]", "encoder.embedding.weight"},
    {"[6,5]", "[2,5]", "no possible shape"},
    {"[15,10]", "[10,15]", "another shape"},
    {"[15,10]", "[150]", "another shape"},
    {"[0,120]", "[4,120]", "data_offsets that do not fit"},
    {"[0,120]", "[120,0]", "data_offsets that do not fit"},
    {"[0,120]", "[120,240]", "overlap"},
    {"[0,120]", "[0,120,4]", "no data_offsets"},
    {"[0,120]", "[9223372036854775687,9223372036854775807]", "data_offsets that do not fit"},
    {"\"decoder.attention.v\"", "\"decoder.attention.w\"", "'decoder.attention.v' is missing"},
    {"\"decoder.attention.v\":{", "\"more\":{},\"decoder.attention.v\":{", "unknown tensor 'more'"},
    {"\"__metadata__\"", "\"__metadat__\"", "unknown tensor"},
    {"\"model_format\":\"1\"", "\"model_format\":\"2\"", "model format '2'"},
    {"\"model_format\":\"1\"", "\"model_format\":1", "no 'model_format'"},
    {"\"version\"", "\"versio\"", "no 'version'"},
    {"\"options\":\"{", "\"options\":\"", "'options' is not"},
    {"\"options\":\"{", "\"options\":\"[{", "'options' is not"},
    {"\"vocabulary\":\"[", "\"vocabulary\":\"", "vocabulary is not"},
    {"\\\"r\\\"", "7", "word 3 of the vocabulary is not a string"},
    {"\\\"r\\\",", "", "a vocabulary of 5 words for a network of 6"},
    {"\\\"r\\\"", "\\\"<EOS>\\\"", "word 3 of the vocabulary is there twice"},
    {"<UNK>", "<unk>", "word 2 of the vocabulary is not '<UNK>'"},
    {"caf\303\251", "caf\351", "not valid JSON"},
};

static void test_damaged(void)
{
    g_autoptr(nn_model) model = make_model();
    g_autofree char *path = path_of("good.safetensors"), *bytes = NULL;
    gsize size;
    save(model, path);
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    guint64 length;
    memcpy(&length, bytes, 8);
    length = GUINT64_FROM_LE(length);
    const char *data = bytes + 8 + length;
    const gsize n_data = size - 8 - length;
    g_autofree char *header = g_strndup(bytes + 8, length);

    for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
        const char *place = strstr(header, damages[i].find);
        g_assert_nonnull(place);
        g_autoptr(GString) text = g_string_new_len(header, place - header);
        g_string_append(text, damages[i].replace);
        g_string_append(text, place + strlen(damages[i].find));
        GString *damaged = join(text->str, data, n_data);
        assert_refused(damaged->str, damaged->len, damages[i].cause);
        g_string_free(damaged, TRUE);
    }

    for (gsize cut = 0; cut < size; cut += cut < 16 ? 1 : 97)
        assert_refused(bytes, cut, "");
    g_autofree char *longer = g_malloc0(size + 4);
    memcpy(longer, bytes, size);
    assert_refused(longer, size + 4, "bytes of tensors instead of");
    const float infinity = INFINITY;
    memcpy(longer + size - 4, &infinity, 4);
    assert_refused(longer, size, "'decoder.output.bias' holds a number that is not finite");
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
    g_test_add_func("/model/damaged", test_damaged);
    g_test_add_func("/model/hostile", test_hostile);
    g_test_add_func("/model/unsavable", test_unsavable);
    g_test_add_func("/model/system-errors", test_system_errors);
    const int status = g_test_run();
    remove_folder();
    g_free(folder);
    return status;
}
