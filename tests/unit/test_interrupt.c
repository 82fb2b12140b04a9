/* A training that is stopped between the pairs of an iteration: as if that had not begun. */
#include "model/train.h"
#include "tracegen/error.h"

static const gint32 sentences[][3] = {{3, 4, DS_EOS}, {5, 3, DS_EOS}, {4, 4, DS_EOS}};
enum { N_PAIR = G_N_ELEMENTS(sentences), BATCH = 3 };

/* data: how often it may still be asked. */
static gboolean go_on(gpointer data, GError **error)
{
    if (--*(int *)data >= 0)
        return TRUE;
    g_set_error_literal(error, TG_ERROR, TG_ERROR_INTERRUPTED, "enough");
    return FALSE;
}

/* Trains a new network for so many iterations, asked before n_go_on pairs at most. */
static nn_network *train(int iterations, int n_go_on, struct nn_train_state *state, GError **error)
{
    struct ds_pair pairs[N_PAIR];
    for (int i = 0; i < N_PAIR; i++)
        pairs[i] = (struct ds_pair){i, sentences[i], sentences[(i + 1) % N_PAIR], 3, 3};
    const struct ds_corpus corpus = {.pairs = pairs, .n_pair = N_PAIR};
    const struct nn_shape shape = {NN_GRU, NN_ADDITIVE, 8, 6};
    const struct nn_train_observer observer = {.data = &n_go_on, .go_on = go_on};
    struct nn_train_options options = nn_train_defaults;
    options.iterations = iterations;
    options.batch = BATCH;
    options.schedule = NN_CONSTANT;
    nn_network *network = nn_network_new(&shape);
    nn_network_init(network, 1);
    nn_train_start(state, &options);
    nn_train(network, &corpus, &options, state, &observer, error);
    return network;
}

static void test_within(void)
{
    /* It is asked between pairs: BATCH - 1 times an iteration. */
    for (int n_go_on = BATCH - 1; n_go_on < 2 * (BATCH - 1); n_go_on++) {
        struct nn_train_state stopped_at, end;
        g_autoptr(GError) error = NULL;
        g_autoptr(nn_network) stopped = train(2, n_go_on, &stopped_at, &error);
        g_assert_error(error, TG_ERROR, TG_ERROR_INTERRUPTED);
        g_clear_error(&error);
        g_autoptr(nn_network) one = train(1, G_MAXINT, &end, &error);
        g_assert_no_error(error);
        g_assert_cmpint(stopped_at.iteration, ==, 1);
        g_assert_cmpmem(&stopped_at.random, sizeof(struct nn_random), &end.random,
                        sizeof(struct nn_random));
        g_assert_cmpmem(stopped->weights, stopped->n_weight * sizeof(nn_real), one->weights,
                        one->n_weight * sizeof(nn_real));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/interrupt/within", test_within);
    return g_test_run();
}
