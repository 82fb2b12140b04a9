/* Training and greedy decoding on corpora small enough to be learnt by heart. */
#include "model/decode.h"
#include "model/pass.h"
#include "model/random.h"
#include "model/train.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

enum { H = 24, V = 12 };

static const gint32 sentences[][5] = {
    {3, 4, 5, DS_EOS}, {6, 7, DS_EOS}, {8, 3, 9, 4, DS_EOS},
    {5, DS_EOS},       {DS_EOS},       {4, 4, 7, DS_EOS},
};
enum { N_PAIR = G_N_ELEMENTS(sentences) };

/* Each sentence is followed by the next one, as events are; word 10 and 11 do not come. */
static void fill_corpus(struct ds_corpus *corpus, struct ds_pair pairs[N_PAIR])
{
    static const int lengths[N_PAIR] = {4, 3, 5, 2, 1, 4};
    for (int i = 0; i < N_PAIR; i++) {
        const int next = (i + 1) % N_PAIR;
        pairs[i] =
            (struct ds_pair){100 + i, sentences[i], sentences[next], lengths[i], lengths[next]};
    }
    *corpus = (struct ds_corpus){.pairs = pairs, .n_pair = N_PAIR};
}

static nn_network *train(const struct nn_train_options *options, nn_progress_func progress,
                         gpointer data)
{
    struct ds_pair pairs[N_PAIR];
    struct ds_corpus corpus;
    fill_corpus(&corpus, pairs);
    nn_network *network = nn_network_new(H, V);
    nn_network_init(network, options->seed);
    g_autoptr(GError) error = NULL;
    g_assert_true(nn_train(network, &corpus, options, progress, data, &error));
    g_assert_no_error(error);
    return network;
}

static gboolean note_progress(const struct nn_progress *progress, gpointer data, GError **error)
{
    (void)error;
    g_array_append_vals(data, progress, 1);
    return TRUE;
}

static void test_learns(void)
{
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 3050;
    options.lr = 0.1;
    options.lr_end = 0.01;
    g_autoptr(GArray) reports = g_array_new(FALSE, FALSE, sizeof(struct nn_progress));
    g_autoptr(nn_network) network = train(&options, note_progress, reports);

    const struct nn_progress *report = (const struct nn_progress *)(void *)reports->data;
    g_assert_cmpuint(reports->len, ==, 31);
    for (guint i = 0; i < 30; i++)
        g_assert_cmpint(report[i].iteration, ==, (int)(100 * (i + 1)));
    g_assert_cmpint(report[30].iteration, ==, 3050);
    g_assert_cmpfloat(report[0].loss, >, 1);
    g_assert_cmpfloat(report[30].loss, <, 0.05);
    g_assert_cmpfloat_with_epsilon(report[0].learning_rate, 0.1 * pow(0.1, 99.0 / 3049), 1e-12);
    g_assert_cmpfloat_with_epsilon(report[30].learning_rate, 0.01, 1e-12);

    struct ds_pair pairs[N_PAIR];
    struct ds_corpus corpus;
    fill_corpus(&corpus, pairs);
    g_autoptr(nn_pass) pass = nn_pass_new(network, DS_MAX_WORDS + 1, DS_MAX_WORDS + 1);
    for (int i = 0; i < N_PAIR; i++) {
        struct nn_output output;
        nn_decode_greedy(pass, pairs[i].source, pairs[i].n_source, &output);
        g_assert_true(output.ended);
        g_assert_cmpmem(output.words, output.n_word * sizeof(gint32), pairs[i].target,
                        (pairs[i].n_target - 1) * sizeof(gint32));
        g_assert_cmpfloat(exp(output.log_probability), >, 0.8);
    }
}

static void test_same_bits(void)
{
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 150;
    g_autoptr(nn_network) a = train(&options, NULL, NULL), b = train(&options, NULL, NULL);
    g_assert_cmpmem(a->weights, a->n_weight * 4, b->weights, b->n_weight * 4);
    options.seed = 2;
    g_autoptr(nn_network) c = train(&options, NULL, NULL);
    g_assert_true(memcmp(a->weights, c->weights, a->n_weight * 4) != 0);
}

/* What a network of the same seed looks like before training. */
static nn_network *untrained(guint64 seed)
{
    nn_network *network = nn_network_new(H, V);
    nn_network_init(network, seed);
    return network;
}

/*
 * What nn_train() is to do, one pass after the other. Returns the mean of the losses a word; NaN at
 * the first that is not finite, which moves no weight.
 */
static double train_by_hand(nn_network *network, const struct ds_corpus *corpus,
                            const struct nn_train_options *options)
{
    g_autoptr(nn_pass) pass = nn_pass_new(network, 5, 5);
    struct nn_random random;
    nn_random_init(&random, options->seed, NN_STREAM_TRAINING);
    const int N = options->iterations;
    double sum = 0;
    for (int i = 0; i < N; i++) {
        const struct ds_pair *pair = &corpus->pairs[nn_random_below(&random, corpus->n_pair)];
        const gboolean forced = nn_random_uniform(&random) < options->teacher_forcing;
        const double nll = nn_pass_forward(pass, pair->source, pair->n_source, pair->target,
                                           pair->n_target, forced);
        if (!isfinite(nll))
            return NAN;
        const double lr =
            options->lr * pow(options->lr_end / options->lr, N > 1 ? (double)i / (N - 1) : 0);
        nn_pass_backward(pass);
        nn_pass_update(pass, network->weights, (nn_real)(options->mean_loss ? -lr / pass->T : -lr));
        sum += nll / pass->T;
    }
    return sum / N;
}

static void assert_equal_weights(const nn_network *a, const nn_network *b)
{
    g_assert_cmpmem(a->weights, a->n_weight * sizeof(nn_real), b->weights,
                    b->n_weight * sizeof(nn_real));
}

/* Both ways on the first n_pair pairs; returns the network. */
static nn_network *train_both_ways(const struct nn_train_options *options, int n_pair)
{
    struct ds_pair pairs[N_PAIR];
    struct ds_corpus corpus;
    fill_corpus(&corpus, pairs);
    corpus.n_pair = n_pair;
    g_autoptr(nn_network) by_hand = untrained(options->seed);
    nn_network *network = untrained(options->seed);
    g_autoptr(GArray) reports = g_array_new(FALSE, FALSE, sizeof(struct nn_progress));
    g_assert_true(nn_train(network, &corpus, options, note_progress, reports, NULL));

    const double loss = train_by_hand(by_hand, &corpus, options);
    assert_equal_weights(network, by_hand);
    g_assert_cmpuint(reports->len, ==, 1);
    g_assert_cmpfloat(g_array_index(reports, struct nn_progress, 0).loss, ==, loss);
    return network;
}

/* Pairs and forcing as drawn; sentences of several lengths, so that sum and mean differ. */
static void test_by_hand(void)
{
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 20;
    options.lr = 0.2;
    g_autoptr(nn_network) mixed = train_both_ways(&options, 2);
    g_autoptr(nn_network) all = train_both_ways(&options, N_PAIR);
    options.teacher_forcing = 0;
    g_autoptr(nn_network) free_running = train_both_ways(&options, 2);
    options.teacher_forcing = 1;
    g_autoptr(nn_network) forced = train_both_ways(&options, 2);
    options.mean_loss = TRUE;
    g_autoptr(nn_network) mean = train_both_ways(&options, 2);

    const nn_network *const different[] = {mixed, all, free_running, forced, mean};
    for (gsize i = 0; i < G_N_ELEMENTS(different); i++)
        for (gsize j = 0; j < i; j++)
            g_assert_true(memcmp(different[i]->weights, different[j]->weights,
                                 mixed->n_weight * sizeof(nn_real)) != 0);
}

/* One pair of T = 3 words: the step of the sum is three times that of the mean, the loss a word's.
 */
static void test_one_iteration(void)
{
    enum { T = 3 };
    struct nn_train_options options = nn_train_defaults;
    g_assert_false(options.mean_loss);
    options.iterations = 1;
    options.teacher_forcing = 1;
    options.lr = 1;
    struct ds_pair pairs[N_PAIR];
    struct ds_corpus corpus;
    fill_corpus(&corpus, pairs);
    corpus.n_pair = 1;
    g_assert_cmpint(pairs[0].n_target, ==, T);
    g_autoptr(nn_network) before = untrained(options.seed), sum = untrained(options.seed);
    g_autoptr(nn_network) mean = untrained(options.seed);
    g_autoptr(GArray) reports = g_array_new(FALSE, FALSE, sizeof(struct nn_progress));
    g_assert_true(nn_train(sum, &corpus, &options, note_progress, reports, NULL));
    options.mean_loss = TRUE;
    g_assert_true(nn_train(mean, &corpus, &options, note_progress, reports, NULL));

    g_autoptr(nn_pass) pass = nn_pass_new(before, 5, 5);
    const double nll = nn_pass_forward(pass, pairs[0].source, pairs[0].n_source, pairs[0].target,
                                       pairs[0].n_target, TRUE);
    const struct nn_progress *report = (const struct nn_progress *)(void *)reports->data;
    g_assert_cmpuint(reports->len, ==, 2);
    for (int i = 0; i < 2; i++) {
        g_assert_cmpfloat(report[i].loss, ==, nll / T);
        g_assert_cmpfloat(report[i].learning_rate, ==, 1);
    }
    double largest = 0;
    for (gsize i = 0; i < sum->n_weight; i++) {
        const double step = sum->weights[i] - before->weights[i];
        const double mean_step = mean->weights[i] - before->weights[i];
        g_assert_cmpfloat_with_epsilon(step, T * mean_step, 2e-6);
        largest = fmax(largest, fabs(step));
    }
    g_assert_cmpfloat(largest, >, 0.1);
}

/* Embeddings from N(0, 1), all else uniform in +-1/sqrt(H): mean, variance and bound. */
static void test_initial_weights(void)
{
    enum { HIDDEN = 64, WORDS = 300 };
    g_autoptr(nn_network) network = nn_network_new(HIDDEN, WORDS);
    nn_network_init(network, 5);
    for (int id = 0; id < NN_N_TENSOR; id++) {
        const gboolean normal = id == NN_ENCODER_EMBEDDING || id == NN_DECODER_EMBEDDING;
        const struct nn_tensor *tensor = &network->tensor[id];
        const double scale = normal ? 1 : 1 / sqrt(HIDDEN), n = (double)tensor->size;
        double sum = 0, squares = 0, largest = 0;
        for (gsize i = 0; i < tensor->size; i++) {
            const double x = network->weights[tensor->offset + i] / scale;
            sum += x;
            squares += x * x;
            largest = fmax(largest, fabs(x));
        }
        /* Within four standard errors: the fourth moment is 3 or 1/5. */
        const double variance = normal ? 1 : 1.0 / 3, fourth = normal ? 3 : 1.0 / 5;
        g_test_message("%s: %f %f %f", tensor->name, sum / n, squares / n, largest);
        g_assert_cmpfloat_with_epsilon(sum / n, 0, 4 * sqrt(variance / n));
        g_assert_cmpfloat_with_epsilon(squares / n, variance,
                                       4 * sqrt((fourth - variance * variance) / n));
        g_assert_true(normal ? largest > 3 : largest > 0.9 && largest < 1 + 1e-6);
    }
}

static void test_untouched_rows(void)
{
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 200;
    options.teacher_forcing = 1;
    g_autoptr(nn_network) after = train(&options, NULL, NULL), before = untrained(options.seed);
    for (int id = 0; id < NN_N_TENSOR; id++) {
        if (id != NN_ENCODER_EMBEDDING && id != NN_DECODER_EMBEDDING)
            continue;
        for (int word = 0; word < V; word++) {
            const gsize row = after->tensor[id].offset + (gsize)word * H;
            const gboolean unseen = word == DS_UNK || word >= 10 ||
                                    word == (id == NN_ENCODER_EMBEDDING ? DS_SOS : DS_EOS);
            const gboolean same = memcmp(after->weights + row, before->weights + row, 4 * H) == 0;
            g_assert_true(same == unseen);
        }
    }
}

static gboolean stop(const struct nn_progress *progress, gpointer data, GError **error)
{
    (void)progress;
    (void)data;
    g_set_error(error, TG_ERROR, TG_ERROR_INTERRUPTED, "stopped");
    return FALSE;
}

static void test_refusals(void)
{
    struct ds_pair pairs[N_PAIR];
    struct ds_corpus corpus, empty = {0};
    fill_corpus(&corpus, pairs);
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 1000;
    g_autoptr(nn_network) network = untrained(1);
    GError *error = NULL;

    g_assert_false(nn_train(network, &empty, &options, NULL, NULL, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_clear_error(&error);

    g_assert_false(nn_train(network, &corpus, &options, stop, NULL, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_INTERRUPTED);
    g_clear_error(&error);

    const gint32 above[] = {V, DS_EOS}, below[] = {-1, DS_EOS};
    pairs[2].target = above;
    pairs[2].n_target = 2;
    g_assert_false(nn_train(network, &corpus, &options, NULL, NULL, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_cmpstr(error->message, ==, "pair 102: word 12 is not in the vocabulary of 12");
    g_clear_error(&error);
    pairs[1].source = below;
    pairs[1].n_source = 2;
    g_assert_false(nn_train(network, &corpus, &options, NULL, NULL, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_cmpstr(error->message, ==, "pair 101: word -1 is not in the vocabulary of 12");
    g_clear_error(&error);
}

static void test_diverges(void)
{
    struct ds_pair pairs[N_PAIR];
    struct ds_corpus corpus;
    fill_corpus(&corpus, pairs);
    struct nn_train_options options = nn_train_defaults;
    options.lr = options.lr_end = 1e30; /* products overflow, weights do not */
    g_autoptr(nn_network) network = untrained(1), by_hand = untrained(1);
    g_autoptr(GError) error = NULL;
    g_assert_false(nn_train(network, &corpus, &options, NULL, NULL, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, "at iteration "));

    /* What led to that loss is still there, and the loss has moved nothing. */
    g_assert_true(isnan(train_by_hand(by_hand, &corpus, &options)));
    assert_equal_weights(network, by_hand);
    for (gsize i = 0; i < network->n_weight; i++)
        g_assert_true(isfinite(network->weights[i]));
}

/* No EOS: all the room is used, and the probability is that of the words. */
static void test_decode_full(void)
{
    g_autoptr(nn_network) network = untrained(3);
    nn_view(network, network->weights, NN_OUTPUT_BIAS)[DS_EOS] = -1e4F;
    g_autoptr(nn_pass) pass = nn_pass_new(network, DS_MAX_WORDS + 1, DS_MAX_WORDS + 1);
    struct nn_output output;
    nn_decode_greedy(pass, sentences[0], 4, &output);
    g_assert_false(output.ended);
    g_assert_cmpint(output.n_word, ==, DS_MAX_WORDS);

    g_autoptr(nn_pass) forced = nn_pass_new(network, 4, DS_MAX_WORDS);
    const double nll = nn_pass_forward(forced, sentences[0], 4, output.words, DS_MAX_WORDS, TRUE);
    g_assert_cmpfloat_with_epsilon(-output.log_probability, nll, 1e-9);
}

/* EOS at once: no words, its own probability. */
static void test_decode_nothing(void)
{
    g_autoptr(nn_network) network = untrained(3);
    nn_view(network, network->weights, NN_OUTPUT_BIAS)[DS_EOS] = 10;
    g_autoptr(nn_pass) pass = nn_pass_new(network, DS_MAX_WORDS + 1, DS_MAX_WORDS + 1);
    struct nn_output output;
    nn_decode_greedy(pass, sentences[2], 5, &output);
    g_assert_true(output.ended);
    g_assert_cmpint(output.n_word, ==, 0);
    const double nll = nn_pass_forward(pass, sentences[2], 5, sentences[4], 1, FALSE);
    g_assert_cmpfloat_with_epsilon(-output.log_probability, nll, 1e-9);
}

/* Equal probabilities: the lower word number, in decoding and in free running. */
static void test_ties(void)
{
    g_autoptr(nn_network) network = nn_network_new(H, V);
    nn_real *bias = nn_view(network, network->weights, NN_OUTPUT_BIAS);
    bias[6] = bias[5] = bias[9] = 2;
    g_autoptr(nn_pass) pass = nn_pass_new(network, DS_MAX_WORDS + 1, DS_MAX_WORDS + 1);
    struct nn_output output;
    nn_decode_greedy(pass, sentences[0], 4, &output);
    g_assert_cmpint(output.n_word, ==, DS_MAX_WORDS);
    for (int i = 0; i < output.n_word; i++)
        g_assert_cmpint(output.words[i], ==, 5);
    nn_pass_forward(pass, sentences[0], 4, sentences[2], 5, FALSE);
    for (int p = 1; p < 5; p++)
        g_assert_cmpint(pass->input[p], ==, 5);
}

/* The generator: known first numbers, range, moments. */
static void test_random(void)
{
    struct nn_random random = {{1, 2, 3, 4}};
    const guint64 known[] = {41943041, 58720359, 3588806011781223, 3591011842654386};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        g_assert_cmpuint(nn_random_next(&random), ==, known[i]);

    struct nn_random other;
    nn_random_init(&random, 1, NN_STREAM_WEIGHTS);
    nn_random_init(&other, 1, NN_STREAM_TRAINING);
    g_assert_true(memcmp(&random, &other, sizeof(random)) != 0);
    int counts[7] = {0};
    double sum = 0, squares = 0;
    for (int i = 0; i < 70000; i++) {
        counts[nn_random_below(&random, 7)]++;
        const double x = nn_random_normal(&random);
        sum += x;
        squares += x * x;
        const double u = nn_random_uniform(&random);
        g_assert_true(u >= 0 && u < 1);
    }
    for (int i = 0; i < 7; i++)
        g_assert_cmpint(ABS(counts[i] - 10000), <, 400);
    g_assert_cmpfloat_with_epsilon(sum / 70000, 0, 0.02);
    g_assert_cmpfloat_with_epsilon(squares / 70000, 1, 0.03);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/train/learns", test_learns);
    g_test_add_func("/train/same-bits", test_same_bits);
    g_test_add_func("/train/one-iteration", test_one_iteration);
    g_test_add_func("/train/by-hand", test_by_hand);
    g_test_add_func("/train/initial-weights", test_initial_weights);
    g_test_add_func("/train/untouched-rows", test_untouched_rows);
    g_test_add_func("/train/refusals", test_refusals);
    g_test_add_func("/train/diverges", test_diverges);
    g_test_add_func("/decode/full", test_decode_full);
    g_test_add_func("/decode/nothing", test_decode_nothing);
    g_test_add_func("/decode/ties", test_ties);
    g_test_add_func("/random", test_random);
    return g_test_run();
}
