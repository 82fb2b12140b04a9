/* Checkpoints: what is saved comes back to the bit; those of others, and hostile ones, do not. */
#include "experiments/train_checkpoint.h"
#include "experiments/train_recipe.h"
#include "tracegen/error.h"
#include <glib/gstdio.h>
#include <string.h>

static char *path; /* of the checkpoint */

static const struct nn_train_options how = {.iterations = 1000, .batch = 4};

#define OPTIONS                                                                                    \
    "{\"hidden\":3,\"lr\":0.10000000000000001,\"cell\":\"gru\",\"pairs\":\"a\",\"seed\":-1,"       \
    "\"pairs_sha256\":\"12ab\",\"isa\":\"avx2\",\"version\":\"1\"}"

static nn_model *make_model(guint64 seed)
{
    static const char *const words[] = {"<SOS>", "<EOS>", "<UNK>", "r", NULL};
    const struct nn_shape shape = {NN_GRU, NN_NO_ATTENTION, 3, 4};
    nn_model *model = g_new0(nn_model, 1);
    model->network = nn_network_new(&shape);
    nn_network_init(model->network, seed);
    model->vocabulary = g_strdupv((char **)words);
    model->options = g_strdup(OPTIONS);
    model->command_line = g_strdup("");
    return model;
}

static void test_round_trip(void)
{
    struct nn_train_state state = {.iteration = 234, .loss = 0.1 + 1e-17 / 3, .n_loss = 136}, back;
    nn_random_init(&state.random, 5, NN_STREAM_TRAINING);
    state.random.state[0] = G_MAXUINT64;
    g_autoptr(GArray) losses = g_array_new(FALSE, FALSE, sizeof(double));
    g_autoptr(GArray) loaded = g_array_new(FALSE, FALSE, sizeof(double));
    const double rows[] = {1.0 / 3, 4};
    g_array_append_vals(losses, rows, 2);
    g_autoptr(nn_model) model = make_model(1), fresh = make_model(2);
    g_autoptr(GError) error = NULL;
    ex_checkpoint_save(model, &state, losses, path, &error);
    g_assert_no_error(error);
    g_assert_null(model->training);
    ex_checkpoint_load(fresh, &how, &back, loaded, path, &error);
    g_assert_no_error(error);
    g_assert_cmpint(back.iteration, ==, 234);
    g_assert_cmpint(back.n_loss, ==, 136);
    g_assert_cmpfloat(back.loss, ==, state.loss);
    g_assert_cmpmem(back.random.state, sizeof back.random.state, state.random.state,
                    sizeof state.random.state);
    g_assert_cmpmem(loaded->data, loaded->len * sizeof(double), rows, sizeof rows);
    g_assert_cmpmem(fresh->network->weights, fresh->network->n_weight * sizeof(nn_real),
                    model->network->weights, model->network->n_weight * sizeof(nn_real));
}

static void assert_refused(const nn_model *saved, const char *cause)
{
    struct nn_train_state state = {.iteration = -7};
    const double row = 5;
    g_autoptr(GArray) losses = g_array_new(FALSE, FALSE, sizeof(double));
    g_array_append_val(losses, row);
    g_autoptr(nn_model) model = make_model(2), same = make_model(2);
    g_autoptr(GError) error = NULL;
    g_assert_true(nn_model_save(saved, path, NULL));
    g_assert_false(ex_checkpoint_load(model, &how, &state, losses, path, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_true(g_str_has_prefix(error->message, path));
    g_assert_null(strchr(error->message, '\n'));
    g_assert_nonnull(strstr(error->message, cause));
    g_assert_cmpint(state.iteration, ==, -7);
    g_assert_cmpuint(losses->len, ==, 1);
    g_assert_cmpmem(model->network->weights, model->network->n_weight * sizeof(nn_real),
                    same->network->weights, same->network->n_weight * sizeof(nn_real));
}

/* What another process or a bad disk changes. */
static void test_damaged(void)
{
    struct nn_train_state state = {.iteration = 200};
    nn_random_init(&state.random, 5, NN_STREAM_TRAINING);
    g_autoptr(GArray) losses = g_array_new(FALSE, FALSE, sizeof(double));
    const double rows[] = {1.5, 4};
    g_array_append_vals(losses, rows, 2);
    g_autoptr(nn_model) model = make_model(1);
    g_assert_true(ex_checkpoint_save(model, &state, losses, path, NULL));
    g_autoptr(nn_model) saved = nn_model_load(path, NULL);
    saved->network->weights[5] += 1e-6F;
    assert_refused(saved, "damaged");
    saved->network->weights[5] = model->network->weights[5];
    char *digit = strstr(saved->training, "1.5");
    g_assert_nonnull(digit);
    *digit = '2';
    assert_refused(saved, "damaged");
}

#define RANDOM "\"random\":[\"1\",\"2\",\"3\",\"4\"]"
#define LOSS   "\"loss\":1.5,\"n_loss\":200,\"losses\":[2.5]"

static const struct {
    const char *training, *cause;
} hostile[] = {
    {"{}", "no possible 'iteration'"},
    {"{\"iteration\":-1," RANDOM "," LOSS "}", "no possible 'iteration'"},
    {"{\"iteration\":0," RANDOM ",\"loss\":0,\"n_loss\":0,\"losses\":[]}", "'iteration'"},
    {"{\"iteration\":1000," RANDOM "," LOSS "}", "no possible 'iteration'"},
    {"{\"iteration\":4294967446," RANDOM "," LOSS "}", "no possible 'iteration'"},
    {"{\"iteration\":150.0," RANDOM "," LOSS "}", "no possible 'iteration'"},
    {"{\"iteration\":\"150\"," RANDOM "," LOSS "}", "no possible 'iteration'"},
    {"{\"iteration\":[150]," RANDOM "," LOSS "}", "no possible 'iteration'"},
    {"{\"iteration\":151," RANDOM "," LOSS "}", "no possible 'n_loss'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":1.5,\"losses\":[2.5]}", "'n_loss'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":1e999,\"n_loss\":200,\"losses\":[2.5]}", "'loss'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":null,\"n_loss\":200,\"losses\":[2.5]}", "'loss'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":\"1\",\"n_loss\":200,\"losses\":[2.5]}", "'loss'"},
    {"{\"iteration\":100," RANDOM ",\"loss\":1.5,\"n_loss\":0,\"losses\":[2.5]}", "'loss'"},
    {"{\"iteration\":150," LOSS "}", "no possible 'random'"},
    {"{\"iteration\":150,\"random\":[\"1\",\"2\",\"3\"]," LOSS "}", "no possible 'random'"},
    {"{\"iteration\":150,\"random\":[1,2,3,4]," LOSS "}", "no possible 'random'"},
    {"{\"iteration\":150,\"random\":[\"0\",\"0\",\"0\",\"0\"]," LOSS "}", "'random'"},
    {"{\"iteration\":150,\"random\":[\"1\",\"2\",\"3\",\"-4\"]," LOSS "}", "'random'"},
    {"{\"iteration\":150,\"random\":[\"1\",\"2\",\"3\",\"18446744073709551616\"]," LOSS "}",
     "no possible 'random'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":1.5,\"n_loss\":200}", "'losses'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":1.5,\"n_loss\":200,\"losses\":[]}", "'losses'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":1.5,\"n_loss\":200,\"losses\":[1,2]}", "'losses'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":1.5,\"n_loss\":200,\"losses\":[1e999]}", "'losses'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":1.5,\"n_loss\":200,\"losses\":[[]]}", "'losses'"},
    {"{\"iteration\":150," RANDOM ",\"loss\":1.5,\"n_loss\":200,\"losses\":{\"0\":1}}", "'losses'"},
};

static void test_hostile(void)
{
    g_autoptr(nn_model) model = make_model(1);
    assert_refused(model, "a model, but not a checkpoint");
    for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++) {
        g_free(model->training);
        model->training = g_strdup(hostile[i].training);
        assert_refused(model, hostile[i].cause);
    }
    /* A million rows where there can be one. */
    g_autofree char *ones = g_strnfill(2000000, '1');
    for (gsize i = 1; i < 2000000; i += 2)
        ones[i] = ',';
    ones[1999999] = ']';
    g_free(model->training);
    model->training =
        g_strdup_printf("{\"iteration\":150," RANDOM ",\"loss\":1.5,\"n_loss\":200,\"losses\":[%s}",
                        ones);
    assert_refused(model, "no possible 'losses'");
}

static const struct {
    const char *find, *replace, *cause;
} others[] = {
    {":3,", ":4,", "--hidden is 4 there and 3 here"},
    {"\"lr\":0.10000000000000001", "\"lr\":0.10000000000000002", "--lr is 0.10000000000000002"},
    {"\"gru\"", "\"ls\\ntm\"", "--cell is ls\\ntm there and gru here"},
    {"\"cell\"", "\"sell\"", "--cell is none there and gru here"},
    {"-1", "1", "--seed is 1 there and -1 here"},
    {"-1", "\"-1\"", "--seed is -1 there and -1 here"},
    {"-1", "[[7]]", "--seed is [[7]] there and -1 here"},
    {"\"a\"", "\"b\"", "--pairs is b there and a here"},
    {"12ab", "12ac", "the content of the pair set is 12ac there"},
    {"{", "{\"init_sha256\":\"77\",", "the content of --init is 77 there and none here"},
    {"avx2", "avx512", "ADLIOTLOG_ISA is avx512 there and avx2 here"},
    {"\"version\":\"1\"", "\"version\":\"0.9\"", "the version is 0.9 there and 1 here"},
    {"{", "{\"more\":0,", "its options contradict each other"},
};

static void test_other_training(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(nn_model) model = make_model(1);
        const char *place = strstr(OPTIONS, others[i].find);
        g_assert_nonnull(place);
        g_free(model->options);
        model->options = g_strdup_printf("%.*s%s%s", (int)(place - OPTIONS), OPTIONS,
                                         others[i].replace, place + strlen(others[i].find));
        assert_refused(model, others[i].cause);
    }
    g_autoptr(nn_model) model = make_model(1);
    g_free(model->vocabulary[3]);
    model->vocabulary[3] = g_strdup("s");
    assert_refused(model, "its network or vocabulary is not that of its options");
    const struct nn_shape larger = {NN_GRU, NN_ADDITIVE, 3, 4};
    nn_network_free(model->network);
    model->network = nn_network_new(&larger);
    assert_refused(model, "its network or vocabulary is not that of its options");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *folder = g_dir_make_tmp("checkpoint-XXXXXX", NULL);
    g_assert_nonnull(folder);
    g_autofree char *model_path = g_build_filename(folder, "m", NULL);
    path = ex_checkpoint_path(model_path);
    g_test_add_func("/checkpoint/round-trip", test_round_trip);
    g_test_add_func("/checkpoint/damaged", test_damaged);
    g_test_add_func("/checkpoint/hostile", test_hostile);
    g_test_add_func("/checkpoint/other-training", test_other_training);
    const int status = g_test_run();
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    return status;
}
