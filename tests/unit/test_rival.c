/* Rivals: what they say and how probable they find it, by hand and by an implementation as plain
 * as their formulas. */
#include "model/random.h"
#include "model/rival.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

/* ---- a corpus to compute with by hand ---- */

enum { E = DS_EOS, V = 8 };

#define SENTENCE(...)                                                                              \
    (const gint32[]){__VA_ARGS__, E}, sizeof((const gint32[]){__VA_ARGS__, E}) / sizeof(gint32)

struct written {
    const gint32 *source;
    int n_source;
    const gint32 *target;
    int n_target;
};

static struct ds_pair pairs[5];
static const struct ds_corpus corpus = {.pairs = pairs, .n_pair = G_N_ELEMENTS(pairs)};

static void fill_corpus(void)
{
    const struct written written[] = {
        {SENTENCE(3, 4), SENTENCE(5, 6)}, {SENTENCE(3, 4), SENTENCE(5, 7)},
        {SENTENCE(3, 4), SENTENCE(5, 7)}, {SENTENCE(4), SENTENCE(5, 6)},
        {SENTENCE(6, 4, 3), SENTENCE(7)},
    };
    static gint32 words[G_N_ELEMENTS(written)][2][8];
    for (gsize i = 0; i < G_N_ELEMENTS(written); i++) {
        const struct written *w = &written[i];
        memcpy(words[i][0], w->source, sizeof(gint32) * (gsize)w->n_source);
        memcpy(words[i][1], w->target, sizeof(gint32) * (gsize)w->n_target);
        pairs[i] = (struct ds_pair){(gint64)i, words[i][0], words[i][1], w->n_source, w->n_target};
    }
}

static nn_predictor *fit(const char *name, const struct ds_corpus *learned, int n_word)
{
    const struct nn_rival *rival = nn_rival_find(name);
    g_assert_nonnull(rival);
    nn_predictor *predictor = nn_rival_fit(rival, learned, n_word, NULL);
    g_assert_nonnull(predictor);
    g_assert_cmpstr(predictor->name, ==, name);
    return predictor;
}

/* P_p(w) after a source and the p words said. */
static double probability_of(const nn_predictor *predictor, struct nn_sentence source,
                             const gint32 *said, int p, gint32 word)
{
    const struct nn_history history = {source, said, p};
    g_autofree double *probability = g_new(double, predictor->V);
    nn_rival_distribute(predictor, &history, probability);
    return probability[word];
}

/* What it says, with what probability: that of its words, one by one. */
static void assert_says(const nn_predictor *predictor, struct nn_sentence source,
                        const gint32 *words, int n)
{
    g_autoptr(nn_predicting) predicting = nn_predicting_new(predictor, NN_MAX_POSITION);
    struct nn_output output;
    nn_predict(predicting, &source, 1, &output);
    g_assert_true(output.ended);
    g_assert_cmpmem(output.words, sizeof(gint32) * (gsize)output.n_word, words,
                    sizeof(gint32) * (gsize)(n - 1));
    double log_probability = 0;
    for (int p = 0; p < n; p++)
        log_probability += log(probability_of(predictor, source, words, p, words[p]));
    g_assert_cmpfloat_with_epsilon(output.log_probability, log_probability, 1e-12);

    struct nn_score score;
    const struct nn_sentence target = {words, n};
    nn_score(predicting, &source, &target, 1, &score);
    g_assert_cmpfloat_with_epsilon(score.log_probability, log_probability, 1e-12);
}

static void assert_near(double x, double y)
{
    g_assert_cmpfloat_with_epsilon(x, y, 1e-14);
}

static const struct nn_sentence seen = {(const gint32[]){3, 4, E}, 3};
static const struct nn_sentence unseen = {(const gint32[]){4, 7, DS_UNK, E}, 4};

static void test_copy(void)
{
    g_autoptr(nn_predictor) copy = fit("copy", &corpus, V);
    const double e = 11.0 / 16;
    assert_says(copy, seen, SENTENCE(3, 4));
    assert_says(copy, unseen, SENTENCE(4, 7, DS_UNK));
    assert_near(probability_of(copy, seen, NULL, 0, 3), 1 - e + e / V);
    assert_near(probability_of(copy, seen, NULL, 1, 3), e / V);
    assert_near(probability_of(copy, seen, NULL, 50, E), 1 - e + e / V);
}

static void test_constant(void)
{
    g_autoptr(nn_predictor) constant = fit("constant", &corpus, V);
    const double e = 5.0 / 16;
    assert_says(constant, seen, SENTENCE(5, 6)); /* as often as 5 7, but first */
    assert_says(constant, unseen, SENTENCE(5, 6));
    assert_near(probability_of(constant, seen, NULL, 0, 5), 1 - e + e / V);
    assert_near(probability_of(constant, seen, NULL, 1, 5), e / V);
}

static void test_majority(void)
{
    g_autoptr(nn_predictor) majority = fit("majority", &corpus, V);
    assert_says(majority, unseen, SENTENCE(5, 6)); /* 6 is as frequent as 7 */
    assert_near(probability_of(majority, seen, NULL, 0, 5), (4 + 2.0 / V) / 7);
    assert_near(probability_of(majority, seen, NULL, 0, 6), 2.0 / V / 7);
    assert_near(probability_of(majority, seen, NULL, 1, 7), (2 + 3.0 / V) / 8);
    assert_near(probability_of(majority, seen, NULL, 2, E), (4 + 1.0 / V) / 5);
    assert_near(probability_of(majority, seen, NULL, 3, E), 1.0 / V);
}

static void test_lookup(void)
{
    g_autoptr(nn_predictor) lookup = fit("lookup", &corpus, V);
    g_autoptr(nn_predictor) majority = fit("majority", &corpus, V);
    const double e = 4.0 / 11; /* each of three pairs is answered wrongly by the other two */
    assert_says(lookup, seen, SENTENCE(5, 7));
    assert_says(lookup, (struct nn_sentence){pairs[3].source, 2}, SENTENCE(5, 6));
    assert_says(lookup, (struct nn_sentence){pairs[4].source, 4}, SENTENCE(7));
    assert_says(lookup, unseen, SENTENCE(5, 6));
    assert_near(probability_of(lookup, seen, NULL, 1, 7), 1 - e + e * (2 + 3.0 / V) / 8);
    assert_near(probability_of(lookup, seen, NULL, 1, 6), e * (2 + 3.0 / V) / 8);
    for (gint32 word = 0; word < V; word++)
        assert_near(probability_of(lookup, unseen, NULL, 1, word),
                    probability_of(majority, unseen, NULL, 1, word));
}

static void test_markov(void)
{
    g_autoptr(nn_predictor) markov = fit("markov", &corpus, V);
    assert_says(markov, seen, SENTENCE(5, 7));
    assert_near(probability_of(markov, seen, NULL, 0, 5), (3 + (4 + 2.0 / V) / 7) / 4);
    assert_near(probability_of(markov, seen, NULL, 1, 7), (2 + 3 * (2 + 3.0 / V) / 8) / 7);
    /* No 7 was second in a source: majority. */
    assert_near(probability_of(markov, unseen, NULL, 1, 7), (2 + 3.0 / V) / 8);
}

static void test_ngram(void)
{
    const struct ds_pair one = {1, (const gint32[]){3, E}, (const gint32[]){4, E}, 2, 2};
    const struct ds_corpus learned = {.pairs = (struct ds_pair *)&one, .n_pair = 1};
    g_autoptr(nn_predictor) ngram = fit("ngram", &learned, V);
    const struct nn_sentence source = {one.source, 2};
    assert_says(ngram, source, SENTENCE(4));
    double p = 0.5 / 2 + 0.5 / V; /* of two words; all discounts are 1/2 */
    for (int k = 2; k <= 5; k++)
        p = 0.5 + 0.5 * p;
    assert_near(probability_of(ngram, source, NULL, 0, 4), p);
    /* After 7 nothing is known; after 4 the end. */
    const gint32 said[] = {7, 4};
    assert_near(probability_of(ngram, source, said, 1, 4), 0.5 / 2 + 0.5 / V);
    assert_near(probability_of(ngram, source, said, 2, E), 0.5 + 0.5 * (0.5 / 2 + 0.5 / V));
}

/* ---- Kneser-Ney, as plain as can be ---- */

enum { SMALL_V = 7, N_RANDOM = 25, ORDER = 5 };

struct random_pairs {
    struct ds_pair pairs[N_RANDOM];
    gint32 words[N_RANDOM][2][NN_MAX_POSITION];
    struct ds_corpus corpus;
};

/* Few words, short sentences: everything comes again somewhere. */
static void draw_pairs(struct random_pairs *p, guint64 seed, int n_word)
{
    struct nn_random random;
    nn_random_init(&random, seed, NN_STREAM_TRAINING);
    for (int i = 0; i < N_RANDOM; i++) {
        int n[2];
        for (int side = 0; side < 2; side++) {
            gint32 *words = p->words[i][side];
            n[side] = 1 + nn_random_below(&random, 6);
            for (int t = 0; t < n[side] - 1; t++)
                words[t] = DS_FIRST_WORD + nn_random_below(&random, n_word - DS_FIRST_WORD);
            words[n[side] - 1] = E;
        }
        p->pairs[i] = (struct ds_pair){i, p->words[i][0], p->words[i][1], n[0], n[1]};
    }
    p->corpus = (struct ds_corpus){.pairs = p->pairs, .n_pair = N_RANDOM};
}

/* The word at `at` of DS_SOS ... source target, where 0 is the target's first. */
static gint32 word_at(const struct nn_sentence *source, const gint32 *target, int at)
{
    if (at >= 0)
        return target[at];
    return source->n + at >= 0 ? source->words[source->n + at] : DS_SOS;
}

/* How often words [k] end at a word of a target. */
static int count_occurrences(const struct ds_corpus *c, const gint32 *words, int k)
{
    int n = 0;
    for (int i = 0; i < c->n_pair; i++) {
        const struct nn_sentence source = {c->pairs[i].source, c->pairs[i].n_source};
        for (int p = 0; p < c->pairs[i].n_target; p++) {
            gboolean same = TRUE;
            for (int j = 0; j < k; j++)
                same = same && word_at(&source, c->pairs[i].target, p - k + 1 + j) == words[j];
            n += same;
        }
    }
    return n;
}

/* c_k of words [k] */
static int naive_count(const struct ds_corpus *c, const gint32 *words, int k)
{
    gint32 longer[ORDER];
    int n = 0;
    if (k == ORDER)
        return count_occurrences(c, words, k);
    memcpy(longer + 1, words, sizeof(gint32) * (gsize)k);
    for (longer[0] = 0; longer[0] < SMALL_V; longer[0]++)
        n += count_occurrences(c, longer, k + 1) > 0;
    return n;
}

/* D_k, over all V^k sequences of words */
static double naive_discount(const struct ds_corpus *c, int k)
{
    double n1 = 0, n2 = 0;
    for (int code = 0, n = (int)pow(SMALL_V, k); code < n; code++) {
        gint32 words[ORDER];
        for (int i = 0, rest = code; i < k; i++, rest /= SMALL_V)
            words[i] = rest % SMALL_V;
        if (count_occurrences(c, words, k) == 0)
            continue;
        const int count = naive_count(c, words, k);
        n1 += count == 1;
        n2 += count == 2;
    }
    return n1 > 0 && n2 > 0 ? n1 / (n1 + 2 * n2) : 0.5;
}

/* P_k(words[k - 1] | the k - 1 words before it) */
static double naive_probability(const struct ds_corpus *c, const double *discount,
                                const gint32 *words, int k)
{
    if (k == 0)
        return 1.0 / SMALL_V;
    const double lower = naive_probability(c, discount, words + 1, k - 1);
    gint32 other[ORDER];
    double n = 0, t = 0;
    memcpy(other, words, sizeof(gint32) * (gsize)k);
    for (other[k - 1] = 0; other[k - 1] < SMALL_V; other[k - 1]++) {
        const int count = naive_count(c, other, k);
        n += count;
        t += count > 0;
    }
    if (n == 0)
        return lower;
    return (fmax(naive_count(c, words, k) - discount[k], 0) + discount[k] * t * lower) / n;
}

static void assert_kneser_ney(const struct ds_corpus *c, const nn_predictor *ngram,
                              const double *discount, const struct nn_history *history)
{
    double probability[SMALL_V], sum = 0;
    gint32 words[ORDER];
    nn_rival_distribute(ngram, history, probability);
    for (int j = 0; j < ORDER - 1; j++)
        words[j] = word_at(&history->source, history->said, history->p - ORDER + 1 + j);
    for (gint32 word = 0; word < SMALL_V; word++) {
        words[ORDER - 1] = word;
        g_assert_cmpfloat_with_epsilon(probability[word],
                                       naive_probability(c, discount, words, ORDER), 1e-12);
        sum += probability[word];
    }
    g_assert_cmpfloat_with_epsilon(sum, 1, 1e-12);
}

static void test_kneser_ney(void)
{
    struct random_pairs learned = {0}, others = {0};
    int n_exact = 0;
    for (guint64 seed = 1; seed <= 3; seed++) {
        draw_pairs(&learned, seed, SMALL_V);
        draw_pairs(&others, seed + 100, SMALL_V);
        double discount[ORDER + 1];
        for (int k = 1; k <= ORDER; k++) {
            discount[k] = naive_discount(&learned.corpus, k);
            n_exact += discount[k] != 0.5;
        }
        g_autoptr(nn_predictor) ngram = fit("ngram", &learned.corpus, SMALL_V);
        for (int i = 0; i < 2 * N_RANDOM; i++) {
            const struct ds_pair *pair = i % 2 ? &learned.pairs[i / 2] : &others.pairs[i / 2];
            struct nn_history history = {{pair->source, pair->n_source}, pair->target, 0};
            for (; history.p < pair->n_target; history.p++)
                assert_kneser_ney(&learned.corpus, ngram, discount, &history);
        }
    }
    g_assert_cmpint(n_exact, >, 5);
}

/* ---- all of them ---- */

/* A distribution, wherever a sentence may be, after words that were seen or not. */
static void test_sums(gconstpointer data)
{
    static const int places[] = {0, 1, 2, 3, 5, 99, 100};
    const struct nn_rival *rival = data;
    struct random_pairs learned = {0}, others = {0};
    gint32 said[NN_MAX_POSITION];
    draw_pairs(&learned, 7, SMALL_V);
    draw_pairs(&others, 8, V);
    for (int p = 0; p < NN_MAX_POSITION; p++)
        said[p] = p % V;
    g_autoptr(nn_predictor) predictor = fit(rival->name, &learned.corpus, V);
    for (int i = 0; i < N_RANDOM; i++) {
        const struct ds_pair *pair = i % 2 ? &learned.pairs[i] : &others.pairs[i];
        for (gsize place = 0; place < G_N_ELEMENTS(places); place++) {
            const struct nn_history history = {{pair->source, pair->n_source}, said, places[place]};
            double probability[V], sum = 0;
            nn_rival_distribute(predictor, &history, probability);
            for (int word = 0; word < V; word++) {
                g_assert_cmpfloat(probability[word], >, 0);
                sum += probability[word];
            }
            g_assert_cmpfloat_with_epsilon(sum, 1, 1e-12);
        }
    }
}

/* Words that nine others come before, by sorting. */
static int count_outside(const nn_predictor *predictor, const struct ds_pair *pair)
{
    struct nn_history history = {{pair->source, pair->n_source}, pair->target, 0};
    g_autofree double *probability = g_new(double, predictor->V);
    int n_outside = 0;
    for (; history.p < pair->n_target; history.p++) {
        const gint32 word = pair->target[history.p];
        gboolean inside = FALSE;
        nn_rival_distribute(predictor, &history, probability);
        for (int i = 0; i < NN_TOP; i++) { /* the most probable one, again and again */
            gint32 best = 0;
            for (gint32 other = 1; other < predictor->V; other++)
                if (probability[other] > probability[best])
                    best = other;
            inside = inside || best == word;
            probability[best] = -1;
        }
        n_outside += !inside;
    }
    return n_outside;
}

enum { WIDE_V = 30 };

/* Fitted again, and side by side: the same bits. */
static void test_same_bits(gconstpointer data)
{
    const struct nn_rival *rival = data;
    struct random_pairs learned = {0}, others = {0};
    draw_pairs(&learned, 9, WIDE_V);
    draw_pairs(&others, 10, WIDE_V);
    g_autoptr(nn_predictor) a = fit(rival->name, &learned.corpus, WIDE_V);
    g_autoptr(nn_predictor) b = fit(rival->name, &learned.corpus, WIDE_V);
    g_autoptr(nn_predicting) many = nn_predicting_new(a, NN_MAX_POSITION);
    g_autoptr(nn_predicting) alone = nn_predicting_new(b, NN_MAX_POSITION);
    struct nn_sentence sources[N_RANDOM], targets[N_RANDOM];
    struct nn_output outputs[N_RANDOM], output;
    struct nn_score scores[N_RANDOM], score;
    int n_outside = 0;
    for (int i = 0; i < N_RANDOM; i++) {
        sources[i] = (struct nn_sentence){others.pairs[i].source, others.pairs[i].n_source};
        targets[i] = (struct nn_sentence){others.pairs[i].target, others.pairs[i].n_target};
    }
    nn_predict(many, sources, N_RANDOM, outputs);
    nn_score(many, sources, targets, N_RANDOM, scores);
    for (int i = N_RANDOM - 1; i >= 0; i--) {
        nn_predict(alone, &sources[i], 1, &output);
        nn_score(alone, &sources[i], &targets[i], 1, &score);
        g_assert_cmpmem(output.words, sizeof(gint32) * (gsize)output.n_word, outputs[i].words,
                        sizeof(gint32) * (gsize)outputs[i].n_word);
        g_assert_cmpmem(&output.log_probability, sizeof(double), &outputs[i].log_probability,
                        sizeof(double));
        g_assert_true(output.ended == outputs[i].ended);
        g_assert_cmpmem(&score.log_probability, sizeof(double), &scores[i].log_probability,
                        sizeof(double));
        g_assert_true(isfinite(score.log_probability) && score.log_probability < 0);
        g_assert_cmpint(score.n_outside, ==, scores[i].n_outside);
        const int counted = count_outside(a, &others.pairs[i]);
        g_assert_cmpint(score.n_outside, ==, counted);
        n_outside += counted;
    }
    g_assert_cmpint(n_outside, >, 0);
}

/* The longest sentences, and nothing but <EOS>. */
static void test_extremes(gconstpointer data)
{
    const struct nn_rival *rival = data;
    gint32 words[NN_MAX_POSITION];
    for (int i = 0; i < DS_MAX_WORDS; i++)
        words[i] = DS_FIRST_WORD + i % 3;
    words[DS_MAX_WORDS] = E;
    struct ds_pair one = {1, words, words, NN_MAX_POSITION, NN_MAX_POSITION};
    const struct ds_corpus learned = {.pairs = &one, .n_pair = 1};
    const struct nn_sentence sources[] = {{words, NN_MAX_POSITION}, {words + DS_MAX_WORDS, 1}};
    g_autoptr(nn_predictor) predictor = fit(rival->name, &learned, V);
    g_autoptr(nn_predicting) predicting = nn_predicting_new(predictor, NN_MAX_POSITION);
    struct nn_output outputs[2];
    struct nn_score scores[2];
    nn_predict(predicting, sources, 2, outputs);
    nn_score(predicting, sources, sources, 2, scores);
    if (rival != &nn_rival_ngram) /* which goes round in circles */
        g_assert_cmpmem(outputs[0].words, sizeof(gint32) * (gsize)outputs[0].n_word, words,
                        sizeof(gint32) * DS_MAX_WORDS);
    for (int i = 0; i < 2; i++)
        g_assert_true(isfinite(scores[i].log_probability) && isfinite(outputs[i].log_probability));
}

static void test_refusals(gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    const struct ds_corpus empty = {0};
    g_assert_null(nn_rival_fit(data, &empty, V, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_cmpstr(error->message, ==, "no pairs to learn from");
    g_clear_error(&error);
    g_assert_null(nn_rival_fit(data, &corpus, 7, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_cmpstr(error->message, ==, "pair 1: word 7 is not in the vocabulary of 7");
}

static void test_find(void)
{
    for (int i = 0; nn_rivals[i]; i++)
        g_assert_true(nn_rival_find(nn_rivals[i]->name) == nn_rivals[i]);
    g_assert_null(nn_rival_find("help"));
}

/* ---- the network behind the same interface ---- */

static void test_network(void)
{
    const struct nn_shape shape = {NN_GRU, NN_ADDITIVE, 16, V};
    struct random_pairs p = {0};
    draw_pairs(&p, 3, V);
    g_autoptr(nn_network) network = nn_network_new(&shape);
    nn_network_init(network, 1);
    for (int beam = 1; beam <= 3; beam += 2) {
        g_autoptr(nn_predictor) predictor = nn_predictor_of_network(network, NN_FOLLOW, beam, NULL);
        g_autoptr(nn_predicting) predicting = nn_predicting_new(predictor, NN_MAX_POSITION);
        g_autoptr(nn_decoding) decoding =
            nn_decoding_new(network, NN_FOLLOW, NN_MAX_POSITION, beam, NULL);
        struct nn_sentence sources[N_RANDOM], targets[N_RANDOM];
        struct nn_output outputs[N_RANDOM], output;
        struct nn_score scores[N_RANDOM], score;
        for (int i = 0; i < N_RANDOM; i++) {
            sources[i] = (struct nn_sentence){p.pairs[i].source, p.pairs[i].n_source};
            targets[i] = (struct nn_sentence){p.pairs[i].target, p.pairs[i].n_target};
        }
        nn_predict(predicting, sources, N_RANDOM, outputs);
        nn_score(predicting, sources, targets, N_RANDOM, scores);
        for (int i = 0; i < N_RANDOM; i++) {
            if (beam == 1)
                nn_decode_greedy(decoding, &sources[i], 1, &output);
            else
                nn_decode_beam(decoding, sources[i], &output);
            nn_decode_score(decoding, &sources[i], &targets[i], 1, &score);
            g_assert_cmpmem(output.words, sizeof(gint32) * (gsize)output.n_word, outputs[i].words,
                            sizeof(gint32) * (gsize)outputs[i].n_word);
            g_assert_cmpfloat(output.log_probability, ==, outputs[i].log_probability);
            g_assert_cmpfloat(score.log_probability, ==, scores[i].log_probability);
            g_assert_cmpint(score.n_outside, ==, scores[i].n_outside);
        }
    }
}

static void add_for_each(const char *name, GTestDataFunc test)
{
    for (int i = 0; nn_rivals[i]; i++) {
        g_autofree char *path = g_strdup_printf("/rival/%s/%s", name, nn_rivals[i]->name);
        g_test_add_data_func(path, nn_rivals[i], test);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fill_corpus();
    g_test_add_func("/rival/copy", test_copy);
    g_test_add_func("/rival/constant", test_constant);
    g_test_add_func("/rival/majority", test_majority);
    g_test_add_func("/rival/lookup", test_lookup);
    g_test_add_func("/rival/markov", test_markov);
    g_test_add_func("/rival/ngram", test_ngram);
    g_test_add_func("/rival/kneser-ney", test_kneser_ney);
    add_for_each("sums", test_sums);
    add_for_each("same-bits", test_same_bits);
    add_for_each("extremes", test_extremes);
    add_for_each("refusals", test_refusals);
    g_test_add_func("/rival/find", test_find);
    g_test_add_func("/rival/network", test_network);
    return g_test_run();
}
