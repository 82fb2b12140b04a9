/* Federated averaging against computations by hand; messages, and what is refused as one. */
#include "experiments/federation_message.h"
#include "experiments/federation_words.h"
#include "model/federation.h"
#include "model/train.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

/* ---- the average ---- */

static void test_average(void)
{
    static const nn_real a[] = {1, -2, 0.5F}, b[] = {4, 1, 0.25F}, c[] = {-8, 0, 1e-3F};
    static const nn_real *const all[] = {a, b, c};
    static const double share[] = {100, 50, 10};
    nn_real mean[3];
    nn_federation_average(all, share, 3, 3, mean);
    g_assert_cmpfloat(mean[0], ==, (nn_real)(220.0 / 160));
    g_assert_cmpfloat(mean[1], ==, (nn_real)(-150.0 / 160));
    g_assert_cmpfloat_with_epsilon(mean[2], (50 + 12.5 + 0.01) / 160, 1e-7);
}

/* A client alone keeps every bit, whatever its share. */
static void test_average_of_one(void)
{
    enum { N = 4096 };
    static const double shares[] = {1, 3, 12236, NN_MAX_SHARE};
    g_autofree nn_real *weights = g_new(nn_real, N), *mean = g_new(nn_real, N);
    const nn_real *const all[] = {weights};
    struct nn_random random;
    nn_random_init(&random, 1, NN_STREAM_WEIGHTS);
    for (int i = 0; i < N; i++)
        weights[i] = (nn_real)(nn_random_normal(&random) * pow(10, i % 60 - 40));
    for (gsize i = 0; i < G_N_ELEMENTS(shares); i++) {
        nn_federation_average(all, &shares[i], 1, N, mean);
        g_assert_cmpmem(mean, N * sizeof(nn_real), weights, N * sizeof(nn_real));
    }
}

/* ---- clipping and noise ---- */

static void test_clip(void)
{
    static const nn_real global[] = {1, 1, -1, 0};
    nn_real weights[] = {4, 1, -5, 0}; /* an update of norm 5 */
    g_assert_cmpfloat(nn_federation_clip(global, weights, 4, 5), ==, 5);
    g_assert_cmpfloat(weights[0], ==, 4);
    g_assert_cmpfloat(nn_federation_clip(global, weights, 4, 2.5), ==, 5);
    g_assert_cmpfloat(weights[0], ==, 2.5);
    g_assert_cmpfloat(weights[1], ==, 1);
    g_assert_cmpfloat(weights[2], ==, -3);
    g_assert_cmpfloat(weights[3], ==, 0);
    nn_real same[] = {1, 1, -1, 0};
    g_assert_cmpfloat(nn_federation_clip(global, same, 4, 1), ==, 0);
}

/* Mean 0 and the variance asked for, each within five of its own deviations. */
static void test_noise(void)
{
    enum { N = 200000 };
    const double deviation = 0.25;
    g_autofree nn_real *weights = g_new0(nn_real, N);
    double sum = 0, square = 0;
    struct nn_random random;
    nn_random_init(&random, 3, NN_STREAM_NOISE);
    nn_federation_add_noise(weights, N, deviation, &random);
    for (int i = 0; i < N; i++) {
        sum += weights[i];
        square += (double)weights[i] * weights[i];
    }
    g_assert_cmpfloat(fabs(sum / N), <, 5 * deviation / sqrt(N));
    g_assert_cmpfloat(fabs(square / N / (deviation * deviation) - 1), <, 5 * sqrt(2.0 / N));
}

/*
 * From the Renyi divergence of the Gaussian mechanism (Mironov 2017): n_round releases have alpha
 * n_round / (2 noise^2) at order alpha, and epsilon is the least sum of that and ln(1/delta) /
 * (alpha
 * - 1) over all alpha > 1.
 */
static double epsilon_by_renyi(int n_round, double noise, double delta)
{
    double least = INFINITY;
    for (double x = 1e-4; x < 1e4; x *= 1.0001) {
        const double alpha = 1 + x;
        least = fmin(least, alpha * n_round / (2 * noise * noise) + log(1 / delta) / x);
    }
    return least;
}

static void test_epsilon(void)
{
    static const struct {
        int n_round;
        double noise, delta, epsilon; /* the last by Python */
    } cases[] = {{1, 1, 1e-5, 5.298525912188081},
                 {10, 4, 1e-5, 4.106067823462865},
                 {100, 1.1, 1e-6, 89.10887559283161}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const double epsilon =
            nn_federation_epsilon(cases[i].n_round, cases[i].noise, cases[i].delta);
        const double other = epsilon_by_renyi(cases[i].n_round, cases[i].noise, cases[i].delta);
        g_assert_cmpfloat_with_epsilon(epsilon, cases[i].epsilon, 1e-9);
        g_assert_cmpfloat_with_epsilon(epsilon, other, 1e-6 * epsilon);
    }
    g_assert_cmpfloat(nn_federation_epsilon(0, 1, 1e-5), ==, 0);
}

/* ---- who takes part ---- */

static void test_draw(void)
{
    enum { K = 10, N = 4000 };
    enum nn_part parts[K], again[K];
    int asked[K] = {0}, n_lost = 0;
    for (int round = 1; round <= N; round++) {
        int n = 0;
        nn_federation_draw(5, round, 0.3, 0.2, K, parts);
        for (int k = 0; k < K; k++) {
            n += parts[k] != NN_NOT_ASKED;
            asked[k] += parts[k] != NN_NOT_ASKED;
            n_lost += parts[k] == NN_LOST;
        }
        g_assert_cmpint(n, ==, 3);
    }
    for (int k = 0; k < K; k++) /* within five deviations of 1200 and 2400 */
        g_assert_cmpint(ABS(asked[k] - 1200), <, 5 * 29);
    g_assert_cmpint(ABS(n_lost - 2400), <, 5 * 44);
    nn_federation_draw(5, N, 0.3, 0.2, K, again);
    g_assert_cmpmem(again, sizeof(again), parts, sizeof(parts));
    nn_federation_draw(5, 1, 0.001, 0, K, parts); /* one at least */
    nn_federation_draw(5, 1, 1, 0, K, again);
    int n = 0;
    for (int k = 0; k < K; k++) {
        n += parts[k] == NN_ASKED;
        g_assert_true(again[k] == NN_ASKED);
    }
    g_assert_cmpint(n, ==, 1);
}

static void test_client_random(void)
{
    struct nn_train_state state;
    struct nn_random first, second, other;
    nn_train_start(&state, &nn_train_defaults);
    nn_federation_client_random(&first, nn_train_defaults.seed, 0);
    nn_federation_client_random(&second, nn_train_defaults.seed, 1);
    nn_federation_client_random(&other, nn_train_defaults.seed, 2);
    g_assert_cmpmem(&first, sizeof(first), &state.random, sizeof(state.random));
    g_assert_cmpint(memcmp(&first, &second, sizeof(first)), !=, 0);
    g_assert_cmpint(memcmp(&other, &second, sizeof(first)), !=, 0);
}

/* ---- training in slices, and pulled back ---- */

static const struct nn_shape shape = {NN_GRU, NN_ADDITIVE, 24, 10};

static const gint32 sentences[][4] = {{3, 4, 5, DS_EOS}, {6, 7, 3, DS_EOS}, {8, 3, 9, DS_EOS}};
enum { N_PAIR = G_N_ELEMENTS(sentences) };

static nn_network *untrained(guint64 seed)
{
    nn_network *network = nn_network_new(&shape);
    nn_network_init(network, seed);
    return network;
}

/* Each sentence is followed by the next one. */
static void train_from(nn_network *network, const struct nn_train_options *options,
                       struct nn_train_state *state)
{
    static const struct nn_train_observer nobody = {0};
    struct ds_pair pairs[N_PAIR];
    for (int i = 0; i < N_PAIR; i++)
        pairs[i] = (struct ds_pair){i + 1, sentences[i], sentences[(i + 1) % N_PAIR], 4, 4};
    const struct ds_corpus corpus = {.pairs = pairs, .n_pair = N_PAIR};
    g_assert_true(nn_train(network, &corpus, options, state, &nobody, NULL));
}

static nn_network *train(const struct nn_train_options *options)
{
    struct nn_train_state state;
    nn_network *network = untrained(options->seed);
    nn_train_start(&state, options);
    train_from(network, options, &state);
    return network;
}

static gboolean same_weights(const nn_network *a, const nn_network *b)
{
    return memcmp(a->weights, b->weights, a->n_weight * sizeof(nn_real)) == 0;
}

/* Trained up to each of the iterations, every time with random numbers that were skipped anew. */
static nn_network *train_slices(const struct nn_train_options *options, const int *ends, int n)
{
    nn_network *network = untrained(options->seed);
    struct nn_train_options how = *options;
    for (int i = 0; i < n; i++) {
        struct nn_train_state state, skipped;
        nn_train_start(&state, options);
        nn_train_skip(&state, options, N_PAIR, i ? ends[i - 1] : 0);
        how.until = ends[i];
        train_from(network, &how, &state);
        g_assert_cmpint(state.iteration, ==, ends[i]);
        nn_train_start(&skipped, options);
        nn_train_skip(&skipped, options, N_PAIR, ends[i]);
        g_assert_cmpmem(&state.random, sizeof(state.random), &skipped.random,
                        sizeof(skipped.random));
    }
    return network;
}

static void test_slices(void)
{
    static const int ends[] = {1, 40, 150, 210};
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 210;
    options.lr = 0.1;
    for (options.batch = 1; options.batch <= 3; options.batch += 2) {
        g_autoptr(nn_network) straight = train(&options);
        g_autoptr(nn_network) slices = train_slices(&options, ends, G_N_ELEMENTS(ends));
        g_autoptr(nn_network) short_of = train_slices(&options, ends, 3);
        g_assert_true(same_weights(straight, slices));
        g_assert_false(same_weights(straight, short_of));
    }
}

/* FedProx: w - lr (g + mu (w - anchor)), with the gradient at w itself, in double. */
static void test_proximal(void)
{
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 1;
    options.lr = 0.5;
    g_autoptr(nn_network) before = untrained(options.seed), anchor = untrained(77);
    g_autoptr(nn_network) plain = train(&options);
    options.proximal = 0.3;
    options.anchor = anchor->weights;
    double largest = 0;
    for (options.threads = 1; options.threads <= 2; options.threads++) {
        g_autoptr(nn_network) pulled = train(&options);
        for (gsize j = 0; j < before->n_weight; j++) {
            const double pull = 0.5 * 0.3 * ((double)before->weights[j] - anchor->weights[j]);
            g_assert_cmpfloat_with_epsilon(pulled->weights[j], plain->weights[j] - pull, 1e-6);
            largest = fmax(largest, fabs(pull));
        }
    }
    g_assert_cmpfloat(largest, >, 0.1);
}

/* ---- words ---- */

static const char *const one[] = {"<SOS>", "<EOS>", "<UNK>", "r", "12", "AGT", NULL};
static const char *const two[] = {"<SOS>", "<EOS>", "<UNK>", "s", "12", NULL};

static char *join(char **const *told, int n)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) all = ex_words_join(told, n, &error);
    g_assert_no_error(error);
    return g_strjoinv(" ", all);
}

static void test_words(void)
{
    g_auto(GStrv) a = ex_words_told(one, NULL, FALSE), b = ex_words_told(two, NULL, FALSE);
    g_auto(GStrv) alone = ex_words_told(one, NULL, TRUE);
    char **const ab[] = {a, b}, **const ba[] = {b, a}, **const by_itself[] = {alone};
    g_autofree char *x = join(ab, 2), *y = join(ba, 2), *z = join(by_itself, 1);
    g_assert_cmpstr(x, ==, "<SOS> <EOS> <UNK> 12 AGT r s");
    g_assert_cmpstr(y, ==, x);
    g_assert_cmpstr(z, ==, "<SOS> <EOS> <UNK> r 12 AGT");
}

/* RFC 4231, test case 2, whose key and data are texts. */
static void test_hash(void)
{
    g_autoptr(GBytes) short_key = g_bytes_new("Jefe", 4), key = g_bytes_new("0123456789abcdef", 16);
    g_autofree char *known = ex_key_hash(short_key, "what do ya want for nothing?", 64);
    g_assert_cmpstr(known, ==, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

    g_auto(GStrv) a = ex_words_told(one, key, FALSE), b = ex_words_told(two, key, FALSE);
    char **const told[] = {a, b};
    g_auto(GStrv) all = ex_words_join(told, 2, NULL);
    g_assert_cmpuint(g_strv_length(all), ==, 7);
    for (int i = 3; i < 7; i++) {
        g_assert_cmpuint(strlen(all[i]), ==, 32);
        g_assert_cmpuint(strspn(all[i], "0123456789abcdef"), ==, 32);
    }
    /* A gateway finds its own words again, and no one else's. */
    g_auto(GStrv) mine = ex_words_own((const char *const *)all, two, key);
    int n_own = 0;
    for (int i = 3; i < 7; i++) {
        g_autofree char *hash = ex_key_hash(key, mine[i], 32);
        const gboolean own = g_strv_contains(two, mine[i]);
        g_assert_cmpstr(own ? hash : mine[i], ==, all[i]);
        n_own += own;
    }
    g_assert_cmpint(n_own, ==, 2);
}

static void test_bad_words(void)
{
    char *const bad[][3] = {{(char *)"a", (char *)"a"},
                            {(char *)""},
                            {(char *)"a b"},
                            {(char *)"<UNK>"}};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        char **const told[] = {(char **)bad[i]};
        g_assert_null(ex_words_join(told, 1, &error));
        g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    }
}

/* ---- messages ---- */

#define SESSION "0123456789abcdef0123456789abcdef"
static const nn_real weights[] = {0.5F, -3, 1e-30F};

static GBytes *make_update(const nn_real *values, gsize n)
{
    g_autoptr(JsonObject) members = json_object_new();
    json_object_set_int_member(members, "gateway", 12);
    json_object_set_int_member(members, "round", 3);
    json_object_set_int_member(members, "n_pair", 300);
    json_object_set_int_member(members, "n_iteration", 10);
    json_object_set_double_member(members, "loss", 1.0 / 3);
    json_object_set_null_member(members, "accuracy");
    return ex_message_encode(EX_UPDATE, members, SESSION, 7, values, n);
}

static void test_message(void)
{
    g_autoptr(GBytes) bytes = make_update(weights, 3);
    g_autoptr(GError) error = NULL;
    g_autoptr(ex_message) message = ex_message_decode(bytes, &error);
    g_assert_no_error(error);
    int round;
    g_assert_true(message->kind == EX_UPDATE);
    g_assert_cmpstr(ex_message_session(message), ==, SESSION);
    g_assert_cmpint(ex_message_number(message), ==, 7);
    g_assert_true(ex_message_int(message, "round", 1, 5, &round, NULL));
    g_assert_cmpint(round, ==, 3);
    g_assert_false(ex_message_int(message, "round", 4, 5, &round, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_cmpfloat(json_object_get_double_member(message->members, "loss"), ==, 1.0 / 3);
    g_assert_cmpmem(message->weights, message->n_weight * sizeof(nn_real), weights,
                    sizeof(weights));
}

static void assert_refused(GBytes *bytes)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(ex_message_decode(bytes, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_null(strchr(error->message, '\n'));
}

/* Cut off anywhere, longer, and with every byte of the header changed. */
static void test_damage(void)
{
    g_autoptr(GBytes) whole = make_update(weights, 3);
    gsize n;
    const guint8 *data = g_bytes_get_data(whole, &n);
    for (gsize i = 0; i < n; i++) {
        g_autoptr(GBytes) cut = g_bytes_new(data, i);
        assert_refused(cut);
    }
    g_autofree guint8 *longer = g_malloc0(n + 1);
    memcpy(longer, data, n);
    g_autoptr(GBytes) more = g_bytes_new(longer, n + 1);
    assert_refused(more);
    for (gsize i = 0; i < n - sizeof(weights); i++) { /* may still be one, but must not crash */
        g_autofree guint8 *other = g_memdup2(data, n);
        other[i] ^= 0x15;
        g_autoptr(GBytes) changed = g_bytes_new(other, n);
        g_autoptr(ex_message) message = ex_message_decode(changed, NULL);
    }
}

static GBytes *make_raw(const char *header, gsize n_data)
{
    g_autofree char *padded = g_strdup_printf("%-*s", (int)((strlen(header) + 7) / 8 * 8), header);
    const guint64 length = GUINT64_TO_LE(strlen(padded));
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)&length, sizeof(length));
    g_byte_array_append(bytes, (const guint8 *)padded, (guint)strlen(padded));
    for (gsize i = 0; i < n_data; i++)
        g_byte_array_append(bytes, (const guint8 *)"", 1);
    return g_byte_array_free_to_bytes(bytes);
}

#define READY                                                                                      \
    "\\\"kind\\\":\\\"ready\\\",\\\"session\\\":\\\"s\\\",\\\"number\\\":1,\\\"gateway\\\":12"

static void test_strangers(void)
{
    static const char *const headers[] = {
        "[]",
        "{}",
        "{\"__metadata__\":{}}",
        "{\"__metadata__\":{\"message\":1}}",
        "{\"__metadata__\":{\"message\":\"[]\"}}",
        "{\"__metadata__\":{\"message\":\"{\"}}",
        "{\"__metadata__\":{\"message\":\"{\\\"kind\\\":\\\"gossip\\\",\\\"session\\\":\\\"s\\\","
        "\\\"number\\\":1}\"}}",
        "{\"__metadata__\":{\"message\":\"{" READY ",\\\"text\\\":\\\"r 12 AGT\\\"}\"}}",
        "{\"__metadata__\":{\"message\":\"{" READY "}\",\"more\":\"r 12 AGT\"}}",
        "{\"__metadata__\":{\"message\":\"{" READY "}\"},\"more\":{}}",
        "{\"__metadata__\":{\"message\":\"{" READY
        "}\"},\"weights\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
    };
    g_autoptr(GBytes) fine = make_raw("{\"__metadata__\":{\"message\":\"{" READY "}\"}}", 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(ex_message) message = ex_message_decode(fine, &error);
    g_assert_no_error(error);
    g_assert_true(message->kind == EX_READY);
    for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autoptr(GBytes) bytes = make_raw(headers[i], 0);
        assert_refused(bytes);
    }
    g_autoptr(GBytes) trailing = make_raw("{\"__metadata__\":{\"message\":\"{" READY "}\"}}", 4);
    assert_refused(trailing);
    static const nn_real infinite[] = {1, INFINITY}, none[] = {NAN};
    g_autoptr(GBytes) a = make_update(infinite, 2), b = make_update(none, 1);
    assert_refused(a);
    assert_refused(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/federation/average", test_average);
    g_test_add_func("/federation/average-of-one", test_average_of_one);
    g_test_add_func("/federation/clip", test_clip);
    g_test_add_func("/federation/noise", test_noise);
    g_test_add_func("/federation/epsilon", test_epsilon);
    g_test_add_func("/federation/draw", test_draw);
    g_test_add_func("/federation/client-random", test_client_random);
    g_test_add_func("/federation/slices", test_slices);
    g_test_add_func("/federation/proximal", test_proximal);
    g_test_add_func("/federation/words", test_words);
    g_test_add_func("/federation/hash", test_hash);
    g_test_add_func("/federation/bad-words", test_bad_words);
    g_test_add_func("/federation/message", test_message);
    g_test_add_func("/federation/damage", test_damage);
    g_test_add_func("/federation/strangers", test_strangers);
    return g_test_run();
}
