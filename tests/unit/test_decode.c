/* Decoding: greedy, by beam, and the probability of a given sentence. */
#include "dataset/vocabulary.h"
#include "model/decode.h"
#include "model/pass.h"
#include "model/train.h"
#include "tests/unit/draw.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

enum { H = 24, V = 12, N_VARIANT = NN_N_CELL * NN_N_ATTENTION };

static struct nn_shape variants[N_VARIANT];

static const gint32 words[][5] = {
    {3, 4, 5, DS_EOS}, {6, 7, DS_EOS}, {8, 3, 9, 4, DS_EOS},
    {5, DS_EOS},       {DS_EOS},       {4, 4, 7, DS_EOS},
};
enum { N = G_N_ELEMENTS(words) };
static const struct nn_sentence sentences[N] = {{words[0], 4}, {words[1], 3}, {words[2], 5},
                                                {words[3], 2}, {words[4], 1}, {words[5], 4}};

static nn_network *untrained(const struct nn_shape *shape)
{
    nn_network *network = nn_network_new(shape);
    nn_network_init(network, 3);
    return network;
}

static nn_network *network_of(const struct drawn *d)
{
    nn_network *network = nn_network_new(&d->shape);
    for (gsize i = 0; i < d->n_weight; i++)
        network->weights[i] = (nn_real)d->weights[i];
    return network;
}

static void decode_one(const nn_network *network, struct nn_sentence source,
                       struct nn_output *output)
{
    g_autoptr(nn_decoding) decoding = nn_decoding_new(network, NN_FOLLOW, source.n, 1, NULL);
    nn_decode_greedy(decoding, &source, 1, output);
}

static double forced_nll(const nn_network *network, struct nn_sentence source,
                         struct nn_sentence target, const struct nn_kernels *kernels)
{
    g_autoptr(nn_pass) pass = nn_pass_new(network, source.n, target.n, 1, kernels);
    return nn_pass_forward(pass, source.words, source.n, target.words, target.n, TRUE);
}

/* The padding of a struct and the room behind the last word do not count. */
static void assert_same(const struct nn_output *a, const struct nn_output *b)
{
    g_assert_cmpmem(a->words, a->n_word * sizeof(gint32), b->words, b->n_word * sizeof(gint32));
    g_assert_true(a->ended == b->ended);
    g_assert_cmpmem(&a->log_probability, sizeof(double), &b->log_probability, sizeof(double));
}

/* ---- greedy ---- */

/* What was learnt by heart comes back. */
static void test_learnt(gconstpointer data)
{
    struct ds_pair pairs[N];
    for (int i = 0; i < N; i++) {
        const struct nn_sentence target = sentences[(i + 1) % N];
        pairs[i] = (struct ds_pair){i, sentences[i].words, target.words, sentences[i].n, target.n};
    }
    const struct ds_corpus corpus = {.pairs = pairs, .n_pair = N};
    const struct nn_train_observer nobody = {0};
    struct nn_train_options options = nn_train_defaults;
    struct nn_train_state state;
    options.iterations = 3000;
    options.lr = 0.1;
    options.lr_end = 0.01;
    nn_train_start(&state, &options);
    g_autoptr(nn_network) network = untrained(data);
    g_assert_true(nn_train(network, &corpus, &options, &state, &nobody, NULL));

    struct nn_output outputs[N];
    g_autoptr(nn_decoding) decoding = nn_decoding_new(network, NN_FOLLOW, 5, N, NULL);
    nn_decode_greedy(decoding, sentences, N, outputs);
    for (int i = 0; i < N; i++) {
        g_assert_true(outputs[i].ended);
        g_assert_cmpmem(outputs[i].words, outputs[i].n_word * sizeof(gint32), pairs[i].target,
                        (pairs[i].n_target - 1) * sizeof(gint32));
        g_assert_cmpfloat(exp(outputs[i].log_probability), >, 0.8);
    }
}

/* No EOS: all the room is used, and the probability is that of the words. */
static void test_full(gconstpointer data)
{
    g_autoptr(nn_network) network = untrained(data);
    nn_view(network, network->weights, NN_OUTPUT_BIAS)[DS_EOS] = -1e4F;
    struct nn_output output;
    decode_one(network, sentences[0], &output);
    g_assert_false(output.ended);
    g_assert_cmpint(output.n_word, ==, DS_MAX_WORDS);
    const struct nn_sentence said = {output.words, DS_MAX_WORDS};
    g_assert_cmpfloat_with_epsilon(-output.log_probability,
                                   forced_nll(network, sentences[0], said, NULL), 1e-9);

    g_autoptr(nn_decoding) wide = nn_decoding_new(network, NN_FOLLOW, 4, 3, NULL);
    nn_decode_beam(wide, sentences[0], &output);
    g_assert_false(output.ended);
    g_assert_cmpint(output.n_word, ==, DS_MAX_WORDS);
    g_assert_cmpfloat_with_epsilon(-output.log_probability,
                                   forced_nll(network, sentences[0], said, NULL), 1e-9);
}

/* EOS at once: no words, its own probability. */
static void test_nothing(gconstpointer data)
{
    g_autoptr(nn_network) network = untrained(data);
    nn_view(network, network->weights, NN_OUTPUT_BIAS)[DS_EOS] = 10;
    struct nn_output output;
    decode_one(network, sentences[2], &output);
    g_assert_true(output.ended);
    g_assert_cmpint(output.n_word, ==, 0);
    g_assert_cmpfloat_with_epsilon(-output.log_probability,
                                   forced_nll(network, sentences[2], sentences[4], NULL), 1e-9);
}

/* The longest sentence has a score, in which EOS counts. */
static void test_longest_score(gconstpointer data)
{
    g_autoptr(nn_network) network = untrained(data);
    nn_real *eos = &nn_view(network, network->weights, NN_OUTPUT_BIAS)[DS_EOS];
    struct nn_output output;
    *eos = -1e4F;
    decode_one(network, sentences[0], &output);
    gint32 target[NN_MAX_POSITION];
    memcpy(target, output.words, DS_MAX_WORDS * sizeof(gint32));
    target[DS_MAX_WORDS] = DS_EOS;
    const struct nn_sentence said = {target, NN_MAX_POSITION};
    struct nn_score score;
    g_autoptr(nn_decoding) decoding = nn_decoding_new(network, NN_FOLLOW, 4, 1, NULL);
    nn_decode_score(decoding, sentences, &said, 1, &score);
    g_assert_cmpfloat_with_epsilon(-score.log_probability,
                                   forced_nll(network, sentences[0], said, NULL), 1e-9);
    g_assert_cmpfloat(score.log_probability, <, output.log_probability - 1000);
    g_assert_cmpint(score.n_outside, ==, 1); /* what was said is what is most probable */
}

/* Equal probabilities: the lower word number, in decoding and in free running. */
static void test_ties(gconstpointer data)
{
    g_autoptr(nn_network) network = nn_network_new(data);
    nn_real *bias = nn_view(network, network->weights, NN_OUTPUT_BIAS);
    bias[6] = bias[5] = bias[9] = 2;
    struct nn_output output;
    decode_one(network, sentences[0], &output);
    g_assert_cmpint(output.n_word, ==, DS_MAX_WORDS);
    for (int i = 0; i < output.n_word; i++)
        g_assert_cmpint(output.words[i], ==, 5);
    g_autoptr(nn_pass) pass = nn_pass_new(network, 4, 5, 1, NULL);
    nn_pass_forward(pass, words[0], 4, words[2], 5, FALSE);
    for (int p = 1; p < 5; p++)
        g_assert_cmpint(pass->decoder.words[p], ==, 5);
}

/* The words of the reference's free run, and their probability. */
static void check_reference(const struct nn_shape *shape, int S, enum drawn_way way)
{
    struct drawn d;
    draw(&d, shape, S, way == DRAW_ERRORS ? NN_MAX_POSITION : 12, way, 21);
    g_autoptr(reference) r = reference_forward(shape, d.weights, &d.pair);
    g_autoptr(nn_network) network = network_of(&d);
    const int n = MIN(r->T - (way == DRAW_EARLY_END), DS_MAX_WORDS);
    double log_probability = 0;
    for (int p = 0; p < n + (way == DRAW_EARLY_END); p++)
        log_probability += reference_log_probability(r, p, r->said[p]);
    struct nn_output output;
    decode_one(network, (struct nn_sentence){d.source, S}, &output);
    g_assert_true(output.ended == (way == DRAW_EARLY_END));
    g_assert_cmpmem(output.words, output.n_word * sizeof(gint32), r->said, n * sizeof(gint32));
    g_assert_cmpfloat(fabs(output.log_probability - log_probability), <,
                      1e-5 * fabs(log_probability));
    draw_clear(&d);
}

static void test_reference(gconstpointer data)
{
    check_reference(data, 1, DRAW_ERRORS);
    check_reference(data, 9, DRAW_EARLY_END);
    check_reference(data, NN_MAX_POSITION, DRAW_ERRORS);
}

/* ---- side by side ---- */

enum { LANES = 7, SOURCES = 23 };

static void draw_sources(gint32 (*buffer)[NN_MAX_POSITION], struct nn_sentence *sources)
{
    struct nn_random random;
    nn_random_init(&random, 4, NN_STREAM_TRAINING);
    for (int i = 0; i < SOURCES; i++) {
        const int n = i == 11 ? NN_MAX_POSITION : 1 + nn_random_below(&random, 12);
        for (int t = 0; t < n - 1; t++)
            buffer[i][t] = nn_random_below(&random, V);
        buffer[i][n - 1] = DS_EOS;
        sources[i] = (struct nn_sentence){buffer[i], n};
    }
}

/* Words of the target that nine or more others come before, by the logits of a pass. */
static int count_outside(const nn_network *network, struct nn_sentence source,
                         struct nn_sentence target, const struct nn_kernels *kernels)
{
    g_autoptr(nn_pass) pass = nn_pass_new(network, source.n, target.n, 1, kernels);
    nn_pass_forward(pass, source.words, source.n, target.words, target.n, TRUE);
    int n_outside = 0;
    for (int p = 0; p < target.n; p++) {
        /* Softmax, less one at the word. */
        const nn_real *x = nn_row(pass->logits, p), mine = x[target.words[p]] + 1;
        int before = 0;
        for (int word = 0; word < V; word++)
            before += word != target.words[p] && x[word] > mine;
        n_outside += before >= NN_TOP;
    }
    return n_outside;
}

/* Each sentence is decoded and scored as if it were alone, to the bit, with all kernels. */
static void test_lanes(gconstpointer data)
{
    static gint32 buffer[SOURCES][NN_MAX_POSITION];
    struct nn_sentence sources[SOURCES];
    struct drawn d;
    draw(&d, data, 9, 12, DRAW_EARLY_END, 5);
    draw_sources(buffer, sources);
    g_autoptr(nn_network) network = network_of(&d);
    const struct nn_kernels *kernels;
    int n_ended = 0, n_outside = 0, n_word = 0;
    for (int set = 0; (kernels = nn_kernels_at(set)); set++) {
        g_autoptr(nn_decoding) alone =
            nn_decoding_new(network, NN_FOLLOW, NN_MAX_POSITION, 1, kernels);
        g_autoptr(nn_decoding) many =
            nn_decoding_new(network, NN_FOLLOW, NN_MAX_POSITION, LANES, kernels);
        for (int first = 0; first < SOURCES; first += LANES) {
            const int n = MIN(SOURCES - first, LANES);
            struct nn_output outputs[LANES], output;
            struct nn_score scores[LANES], score;
            /* Targets of all lengths: the sources, the other way round. */
            struct nn_sentence targets[LANES];
            for (int i = 0; i < n; i++)
                targets[i] = sources[SOURCES - 1 - first - i];
            nn_decode_greedy(many, sources + first, n, outputs);
            nn_decode_score(many, sources + first, targets, n, scores);
            for (int i = 0; i < n; i++) {
                const struct nn_sentence source = sources[first + i];
                nn_decode_greedy(alone, &source, 1, &output);
                assert_same(&outputs[i], &output);
                n_ended += output.ended;
                nn_decode_score(alone, &source, &targets[i], 1, &score);
                g_assert_cmpmem(&scores[i].log_probability, sizeof(double), &score.log_probability,
                                sizeof(double));
                const double nll = forced_nll(network, source, targets[i], kernels);
                g_assert_cmpfloat_with_epsilon(-score.log_probability, nll, 1e-9 * nll);
                g_assert_cmpint(scores[i].n_outside, ==, score.n_outside);
                const int counted = count_outside(network, source, targets[i], kernels);
                g_assert_cmpint(score.n_outside, ==, counted);
                n_outside += score.n_outside;
                n_word += targets[i].n;
            }
        }
    }
    g_assert_cmpint(n_ended, >, 0);
    g_assert_cmpint(n_outside, >, 0);
    g_assert_cmpint(n_outside, <, n_word);
    draw_clear(&d);
}

/* ---- language models ---- */

/* Source and target in one, as the pass has it; returns the number of words. */
static int join(gint32 *joint, struct nn_sentence source, struct nn_sentence target)
{
    memcpy(joint, source.words, sizeof(gint32) * (gsize)(source.n - 1));
    memcpy(joint + source.n - 1, target.words, sizeof(gint32) * (gsize)target.n);
    return source.n - 1 + target.n;
}

/* The log-probability of a target after a source, and whether it is what is most probable. */
static double read_and_score(const nn_network *network, struct nn_sentence source,
                             struct nn_sentence target, const struct nn_kernels *kernels,
                             gboolean *is_best)
{
    static const gint32 end[] = {DS_EOS};
    gint32 joint[NN_MAX_POSITION];
    const int n = join(joint, source, target);
    g_autoptr(nn_pass) pass = nn_pass_new(network, 1, n, 1, kernels);
    nn_pass_forward(pass, end, 1, joint, n, TRUE);
    double log_probability = 0;
    *is_best = TRUE;
    for (int p = source.n - 1; p < n; p++) {
        nn_row(pass->logits, p)[joint[p]] += 1; /* was softmax less one there */
        log_probability -= pass->nll[p];
        *is_best = *is_best && kernels->argmax(nn_row(pass->logits, p), V) == joint[p];
    }
    return log_probability;
}

/*
 * After the words of a source, which it is fed, a language model says and scores what the pass over
 * both sentences finds, side by side or alone.
 */
static void test_next_word(gconstpointer data)
{
    static gint32 buffer[SOURCES][NN_MAX_POSITION];
    struct nn_sentence sources[SOURCES];
    struct drawn d;
    draw(&d, data, 9, 12, DRAW_EARLY_END, 5);
    draw_sources(buffer, sources);
    sources[11].words += 60; /* the longest, shortened */
    sources[11].n -= 60;
    g_autoptr(nn_network) network = network_of(&d);
    const struct nn_kernels *kernels;
    int n_said = 0;
    for (int set = 0; (kernels = nn_kernels_at(set)); set++) {
        g_autoptr(nn_decoding) alone = nn_decoding_new(network, NN_NEXT_WORD, 60, 1, kernels);
        g_autoptr(nn_decoding) many = nn_decoding_new(network, NN_NEXT_WORD, 60, LANES, kernels);
        for (int first = 0; first + LANES <= SOURCES; first += LANES) {
            struct nn_output outputs[LANES], output;
            struct nn_score scores[LANES], score;
            struct nn_sentence targets[LANES];
            gboolean is_best;
            for (int i = 0; i < LANES; i++)
                targets[i] = sources[SOURCES - 1 - first - i];
            nn_decode_greedy(many, sources + first, LANES, outputs);
            nn_decode_score(many, sources + first, targets, LANES, scores);
            for (int i = 0; i < LANES; i++) {
                const struct nn_sentence source = sources[first + i];
                nn_decode_greedy(alone, &source, 1, &output);
                assert_same(&outputs[i], &output);
                nn_decode_score(alone, &source, &targets[i], 1, &score);
                g_assert_cmpmem(&scores[i].log_probability, sizeof(double), &score.log_probability,
                                sizeof(double));
                const double expected =
                    read_and_score(network, source, targets[i], kernels, &is_best);
                g_assert_cmpfloat_with_epsilon(score.log_probability, expected, -1e-9 * expected);
                if (!output.ended || source.n + output.n_word > NN_MAX_POSITION)
                    continue;
                output.words[output.n_word] = DS_EOS;
                const struct nn_sentence said = {output.words, output.n_word + 1};
                g_assert_cmpfloat_with_epsilon(output.log_probability,
                                               read_and_score(network, source, said, kernels,
                                                              &is_best),
                                               1e-9);
                g_assert_true(is_best);
                n_said++;
            }
        }
    }
    g_assert_cmpint(n_said, >, 0);
    draw_clear(&d);
}

/* What a language model is trained on. */
static void test_join(void)
{
    struct ds_pair pairs[] = {{7, words[0], words[1], 4, 3}, {8, words[4], words[4], 1, 1}};
    struct ds_corpus corpus = {.pairs = pairs, .n_pair = 2, .n_unknown = 5};
    g_autoptr(ds_corpus) joined = nn_join_pairs(&corpus, NULL);
    const gint32 both[] = {3, 4, 5, 6, 7, DS_EOS};
    g_assert_cmpint(joined->n_pair, ==, 2);
    g_assert_cmpint(joined->n_unknown, ==, 5);
    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(joined->pairs[i].pair_id, ==, pairs[i].pair_id);
        g_assert_cmpint(joined->pairs[i].n_source, ==, 1);
        g_assert_cmpint(joined->pairs[i].source[0], ==, DS_EOS);
    }
    g_assert_cmpmem(joined->pairs[0].target, sizeof(gint32) * (gsize)joined->pairs[0].n_target,
                    both, sizeof(both));
    g_assert_cmpint(joined->pairs[1].n_target, ==, 1);
    g_assert_cmpint(joined->pairs[1].target[0], ==, DS_EOS);

    gint32 longest[52] = {0};
    longest[50] = longest[51] = DS_EOS;
    pairs[1] = (struct ds_pair){8, longest, longest, 51, 51};
    g_autoptr(ds_corpus) fits = nn_join_pairs(&corpus, NULL);
    g_assert_cmpint(fits->pairs[1].n_target, ==, NN_MAX_POSITION);
    g_autoptr(GError) error = NULL;
    pairs[1].n_target = 52;
    g_assert_null(nn_join_pairs(&corpus, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_cmpstr(error->message, ==,
                    "pair 8: its sentences have 101 words together, more than 100");
}

/* ---- beam ---- */

/* With one lane a beam is greedy. */
static void test_beam_of_one(gconstpointer data)
{
    struct drawn d;
    draw(&d, data, 9, 12, DRAW_EARLY_END, 5);
    g_autoptr(nn_network) network = network_of(&d);
    g_autoptr(nn_decoding) decoding = nn_decoding_new(network, NN_FOLLOW, 5, 1, NULL);
    for (int i = 0; i < N; i++) {
        struct nn_output greedy, beam;
        nn_decode_greedy(decoding, &sentences[i], 1, &greedy);
        nn_decode_beam(decoding, sentences[i], &beam);
        g_assert_cmpfloat_with_epsilon(beam.log_probability, greedy.log_probability, 1e-9);
        beam.log_probability = greedy.log_probability; /* summed up in another order */
        assert_same(&greedy, &beam);
    }
    draw_clear(&d);
}

struct search {
    const struct drawn *d;
    gint32 prefix[NN_MAX_POSITION], best[NN_MAX_POSITION];
    int n_best, n_looked_at;
    double best_log_probability;
};

/* The best sentence that begins with prefix [n], by looking at all that could still be it. */
static void search_all(struct search *s, int n, double log_probability)
{
    const int n_word = s->d->shape.V;
    struct reference_pair pair = s->d->pair;
    if (++s->n_looked_at > NN_MAX_LANES)
        return;
    pair.target = s->prefix;
    pair.T = n + 1;
    pair.forced = TRUE;
    s->prefix[n] = DS_EOS;
    g_autoptr(reference) r = reference_forward(&s->d->shape, s->d->weights, &pair);
    for (int word = DS_EOS, i = 0; i < n_word; i++, word = (word + 1) % n_word) { /* EOS first */
        const double with_word = log_probability + reference_log_probability(r, n, word);
        if (with_word <= s->best_log_probability)
            continue;
        s->prefix[n] = word;
        if (word != DS_EOS) {
            search_all(s, n + 1, with_word);
            continue;
        }
        s->best_log_probability = with_word;
        s->n_best = n;
        memcpy(s->best, s->prefix, n * sizeof(gint32));
    }
}

/* A network that has something to say: sure of its words, and of the end before long. */
static void draw_speaker(struct drawn *d, const struct nn_shape *variant, guint64 seed)
{
    const struct nn_shape shape = {variant->cell, variant->attention, 6, 5};
    draw(d, &shape, 4, 1, DRAW_FORCED, seed);
    const struct nn_tensor *output = &d->tensor[NN_OUTPUT_WEIGHT];
    for (gsize i = 0; i < output->size; i++)
        d->weights[output->offset + i] *= 5;
    d->weights[d->tensor[NN_OUTPUT_BIAS].offset + DS_EOS] -= 3;
}

/*
 * A beam finds the best of all sentences if it is as wide as the number of beginnings that are more
 * probable than that; greedy decoding need not.
 */
static void test_wide_beam(gconstpointer data)
{
    int n_found = 0, n_better = 0;
    for (guint64 seed = 1; seed <= 100; seed++) {
        struct drawn d;
        draw_speaker(&d, data, seed);
        g_autoptr(nn_network) network = network_of(&d);
        struct search search = {.d = &d, .best_log_probability = -INFINITY};
        search_all(&search, 0, 0);
        if (search.n_looked_at <= NN_MAX_LANES) {
            const struct nn_sentence source = {d.source, d.pair.S};
            struct nn_output beam, greedy;
            g_autoptr(nn_decoding) decoding =
                nn_decoding_new(network, NN_FOLLOW, 4, NN_MAX_LANES, NULL);
            nn_decode_beam(decoding, source, &beam);
            nn_decode_greedy(decoding, &source, 1, &greedy);
            g_test_message("%d words, %d beginnings: %f, greedy %f", search.n_best,
                           search.n_looked_at, beam.log_probability, greedy.log_probability);
            g_assert_true(beam.ended);
            g_assert_cmpmem(beam.words, beam.n_word * sizeof(gint32), search.best,
                            search.n_best * sizeof(gint32));
            g_assert_cmpfloat_with_epsilon(beam.log_probability, search.best_log_probability, 1e-5);
            n_found += search.n_best >= 2;
            n_better += beam.log_probability > greedy.log_probability + 1e-3;
        }
        draw_clear(&d);
    }
    g_assert_cmpint(n_found, >=, 1);
    g_assert_cmpint(n_better, >=, 3);
}

/* ---- */

static void add_for_each(const char *name, GTestDataFunc test)
{
    for (int i = 0; i < N_VARIANT; i++) {
        g_autofree char *variant = draw_name(&variants[i]);
        g_autofree char *path = g_strdup_printf("/decode/%s/%s", name, variant);
        g_test_add_data_func(path, &variants[i], test);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (int i = 0; i < N_VARIANT; i++)
        variants[i] = (struct nn_shape){i / NN_N_ATTENTION, i % NN_N_ATTENTION, H, V};
    add_for_each("learnt", test_learnt);
    add_for_each("full", test_full);
    add_for_each("nothing", test_nothing);
    add_for_each("longest-score", test_longest_score);
    add_for_each("ties", test_ties);
    add_for_each("reference", test_reference);
    add_for_each("lanes", test_lanes);
    add_for_each("next-word", test_next_word);
    g_test_add_func("/decode/join", test_join);
    add_for_each("beam-of-one", test_beam_of_one);
    add_for_each("wide-beam", test_wide_beam);
    return g_test_run();
}
