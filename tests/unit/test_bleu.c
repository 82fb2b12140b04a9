/* BLEU-1 by hand, and the ranking of tuples. */
#include "model/bleu.h"
#include "model/rank.h"
#include <math.h>

/* A sentence as text: letters are words, '?' is DS_UNK. */
static int read_sentence(const char *text, gint32 *words)
{
    int n = 0;
    for (; text[n]; n++)
        words[n] = text[n] == '?' ? DS_UNK : DS_FIRST_WORD + text[n] - 'a';
    return n;
}

static void test_bleu(void)
{
    static const struct {
        const char *reference, *output;
        double bleu;
    } cases[] = {
        {"abcd", "abcd", 1},
        {"abcd", "dcba", 1},            /* 1-grams know no order */
        {"abcd", "abce", 0.75},         /* 3 of 4 */
        {"abcd", "efgh", 0},            /* none */
        {"abcd", "aaaa", 0.25},         /* clipped: one a in the reference */
        {"abab", "aaab", 0.75},         /* clipped: two a */
        {"abcd", "ab", 0.367879441171}, /* exp(1 - 4/2) */
        {"abc", "ab", 0.606530659713},  /* exp(1 - 3/2) */
        {"ab", "abcd", 0.5},            /* longer than the reference: precision only */
        {"abcd", "a", 0.049787068368},  /* exp(1 - 4/1) */
        {"a?c", "a?c", 2.0 / 3},        /* an unknown word is not matched by <UNK> */
        {"abc", "???", 0},
        {"abcd", "", 0},
        {"", "a", 0},
        {"", "", 1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint32 reference[DS_MAX_WORDS], output[DS_MAX_WORDS];
        const int n_reference = read_sentence(cases[i].reference, reference);
        const int n_output = read_sentence(cases[i].output, output);
        g_test_message("'%s' for '%s'", cases[i].output, cases[i].reference);
        g_assert_cmpfloat_with_epsilon(nn_bleu1(reference, n_reference, output, n_output),
                                       cases[i].bleu, 1e-12);
    }
}

static void test_bleu_longest(void)
{
    gint32 words[DS_MAX_WORDS];
    for (int i = 0; i < DS_MAX_WORDS; i++)
        words[i] = DS_FIRST_WORD + i / 2;
    g_assert_cmpfloat(nn_bleu1(words, DS_MAX_WORDS, words, DS_MAX_WORDS), ==, 1);
}

static void test_copy(void)
{
    const gint32 source[] = {5, 6, 7, DS_EOS}, target[] = {5, 7, 8, 9, DS_EOS};
    const struct ds_pair pair = {1, source, target, 4, 5};
    g_assert_cmpfloat_with_epsilon(nn_bleu1_copy(&pair), exp(1 - 4.0 / 3) * 2 / 3, 1e-12);
}

static void test_rank(void)
{
    const struct nn_tuple observed[] = {
        {14, 2, 15, 0.9, 0}, {0, 12, 12, 0.5, 0}, {14, 2, 2, 0.25, 0}, {14, 2, 15, 0.7, 0},
        {2, 11, 14, 0.8, 0}, {2, 11, 3, 0.8, 0},  {0, 12, 12, 0.5, 0},
    };
    const struct nn_tuple ranked[] = {
        {2, 11, 3, 0.8, 1},  {2, 11, 14, 0.8, 1}, {14, 2, 15, 0.8, 2},
        {0, 12, 12, 0.5, 2}, {14, 2, 2, 0.25, 1},
    };
    int n;
    g_autofree struct nn_tuple *tuples = nn_rank_tuples(observed, G_N_ELEMENTS(observed), &n);
    g_assert_cmpint(n, ==, G_N_ELEMENTS(ranked));
    for (int i = 0; i < n; i++) {
        g_assert_cmpint(tuples[i].node, ==, ranked[i].node);
        g_assert_cmpint(tuples[i].actual, ==, ranked[i].actual);
        g_assert_cmpint(tuples[i].predicted, ==, ranked[i].predicted);
        g_assert_cmpfloat(tuples[i].probability, ==, ranked[i].probability);
        g_assert_cmpint(tuples[i].count, ==, ranked[i].count);
    }
}

static void test_rank_nothing(void)
{
    int n = -1;
    g_assert_null(nn_rank_tuples(NULL, 0, &n));
    g_assert_cmpint(n, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bleu/cases", test_bleu);
    g_test_add_func("/bleu/longest", test_bleu_longest);
    g_test_add_func("/bleu/copy", test_copy);
    g_test_add_func("/rank/order", test_rank);
    g_test_add_func("/rank/nothing", test_rank_nothing);
    return g_test_run();
}
