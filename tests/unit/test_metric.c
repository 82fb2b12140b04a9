/* Figures of detection by hand: curves, thresholds, tests and intervals, distances. */
#include "model/distance.h"
#include "model/metric.h"
#include "model/statistic.h"

#include <math.h>
#include <string.h>

#define NEAR 1e-12

/* "9+ 7- 7+": items by score, positive or not, one group each; returns how many. */
static int read_items(const char *text, struct nn_judged *items)
{
    int n = 0;
    for (const char *c = text; *c; c++) {
        if (*c == ' ')
            continue;
        items[n] = (struct nn_judged){.score = *c - '0', .group = n, .positive = c[1] == '+'};
        n++;
        c++;
    }
    g_assert_true(nn_sort_judged(items, n));
    return n;
}

static void assert_equal(double value, double wanted)
{
    if (isnan(wanted))
        g_assert_true(isnan(value));
    else if (isinf(wanted))
        g_assert_true(isinf(value));
    else
        g_assert_cmpfloat_with_epsilon(value, wanted, NEAR);
}

static void test_curves(void)
{
    static const struct {
        const char *items;
        double auc, precision, threshold, false_positives; /* at recall 0.9 */
    } cases[] = {
        {"9+ 8+ 2- 1-", 1, 1, 8, 0},
        {"2+ 1+ 9- 8-", 0, (1.0 / 3 + 2.0 / 4) / 2, 1, 2},
        /* Pairs won: 9 both, 7 one of two. */
        {"9+ 8- 7+ 6-", 3.0 / 4, (1 + 2.0 / 3) / 2, 7, 1},
        /* A tie across: half a pair. */
        {"5+ 5-", 1.0 / 2, 1.0 / 2, 5, 1},
        {"5+ 5- 5-", 1.0 / 2, 1.0 / 3, 5, 2},
        /* 7 beats 3 and half of 7; 5 beats 3: 2.5 of 4; recall 1/2 at 1/2, then 1 at 2/3. */
        {"7+ 7- 5+ 3-", 2.5 / 4, (1.0 / 2 + 2.0 / 3) / 2, 5, 1},
        /* F1 2/3 at 9 and 2*2/(2+4) = 2/3 at 6: the highest. */
        {"9+ 8- 7- 6+", 2.0 / 4, (1 + 2.0 / 4) / 2, 9, 2},
        {"9+ 8+", NAN, 1, 8, 0},
        {"9- 8-", NAN, NAN, INFINITY, NAN},
        {"", NAN, NAN, INFINITY, NAN},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct nn_judged items[8];
        const int n = read_items(cases[i].items, items);
        g_test_message("%s", cases[i].items);
        assert_equal(nn_roc_auc(items, n, NULL), cases[i].auc);
        assert_equal(nn_average_precision(items, n, NULL), cases[i].precision);
        assert_equal(nn_best_threshold(items, n, NULL), cases[i].threshold);
        assert_equal(nn_false_positives_at(items, n, NULL, 0.9), cases[i].false_positives);
    }
}

/* Nine of ten is a recall of 0.9. */
static void test_recall_is_reached(void)
{
    struct nn_judged items[12];
    const int n = read_items("9+ 9+ 9+ 9+ 9+ 9+ 9+ 9+ 9+ 8- 7+ 6-", items);
    g_assert_cmpfloat(nn_false_positives_at(items, n, NULL, 0.9), ==, 0);
}

/* A weight is as good as that many items. */
static void test_weights(void)
{
    static const int weights[] = {2, 0, 1, 3}; /* of 9+ 8- 7+ 6- */
    struct nn_judged few[4], many[8];
    const int n = read_items("9+ 8- 7+ 6-", few), m = read_items("9+ 9+ 7+ 6- 6- 6-", many);
    g_assert_cmpfloat(nn_roc_auc(few, n, weights), ==, nn_roc_auc(many, m, NULL));
    const int other[] = {1, 3, 2, 1};
    const int k = read_items("9+ 8- 8- 8- 7+ 7+ 6-", many);
    g_assert_cmpfloat(nn_roc_auc(few, n, other), ==, nn_roc_auc(many, k, NULL));
    g_assert_cmpfloat_with_epsilon(nn_average_precision(few, n, other),
                                   nn_average_precision(many, k, NULL), NEAR);
    g_assert_cmpfloat(nn_best_threshold(few, n, other), ==, nn_best_threshold(many, k, NULL));
    g_assert_cmpfloat(nn_false_positives_at(few, n, other, 1), ==, 3);
    const int none[] = {0, 1, 0, 1}; /* no positive */
    g_assert_true(isnan(nn_roc_auc(few, n, none)));
    g_assert_true(isinf(nn_best_threshold(few, n, none)));
}

static void test_nan_is_refused(void)
{
    struct nn_judged items[] = {{1, 0, TRUE}, {NAN, 0, FALSE}, {2, 0, FALSE}};
    g_assert_false(nn_sort_judged(items, 3));
    items[1].score = INFINITY;
    g_assert_true(nn_sort_judged(items, 3));
    g_assert_cmpfloat(items[1].score, ==, 2);
}

static void test_confusion(void)
{
    static const struct {
        struct nn_confusion c; /* tp, fp, tn, fn */
        double precision, recall, f1, mcc, at_1, at_50;
    } cases[] = {
        {{3, 1, 5, 1},
         0.75,
         0.75,
         0.75,
         14.0 / 24,
         0.0075 / (0.0075 + 0.165),
         0.75 / (0.75 + 1.0 / 6)},
        {{2, 0, 8, 0}, 1, 1, 1, 1, 1, 1},
        {{0, 2, 0, 3}, 0, 0, 0, -1, 0, 0},
        {{0, 0, 8, 2}, NAN, 0, 0, 0, NAN, NAN}, /* nothing flagged */
        {{2, 8, 0, 0}, 0.2, 1, 4.0 / 12, 0, 0.01, 0.5},
        {{0, 1, 7, 0}, 0, NAN, NAN, NAN, NAN, NAN}, /* no positive */
        {{2, 0, 0, 1}, 1, 2.0 / 3, 0.8, NAN, NAN, NAN},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %zu", i);
        assert_equal(nn_precision(&cases[i].c), cases[i].precision);
        assert_equal(nn_recall(&cases[i].c), cases[i].recall);
        assert_equal(nn_f1(&cases[i].c), cases[i].f1);
        assert_equal(nn_mcc(&cases[i].c), cases[i].mcc);
        assert_equal(nn_precision_at(&cases[i].c, 0.01), cases[i].at_1);
        assert_equal(nn_precision_at(&cases[i].c, 0.5), cases[i].at_50);
    }
    struct nn_confusion c = {0};
    nn_confusion_add(&c, TRUE, TRUE, 2);
    nn_confusion_add(&c, TRUE, FALSE, 3);
    nn_confusion_add(&c, FALSE, TRUE, 4);
    nn_confusion_add(&c, FALSE, FALSE, 5);
    g_assert_true(c.tp == 2 && c.fp == 3 && c.fn == 4 && c.tn == 5);
}

static void test_quantile(void)
{
    const double values[] = {1, 2, 4, 8};
    assert_equal(nn_quantile(values, 4, 0), 1);
    assert_equal(nn_quantile(values, 4, 1), 8);
    assert_equal(nn_quantile(values, 4, 0.5), 3);
    assert_equal(nn_quantile(values, 4, 0.25), 1.75);
    assert_equal(nn_quantile(values, 1, 0.975), 1);
    assert_equal(nn_quantile(values, 0, 0.5), NAN);
}

static void test_resample(void)
{
    struct nn_random random;
    int weights[20], sum_of_first = 0;
    nn_random_init(&random, 1, NN_STREAM_BOOTSTRAP);
    for (int i = 0; i < 5000; i++) {
        int sum = 0;
        nn_resample(&random, 20, weights);
        for (int j = 0; j < 20; j++)
            sum += weights[j];
        g_assert_cmpint(sum, ==, 20);
        sum_of_first += weights[0];
    }
    g_assert_cmpfloat_with_epsilon(sum_of_first / 5000.0, 1, 0.1);
}

/* n differences 1, 2 ... n of which those with the given bits in `minus` are negative. */
static double wilcoxon_of(int n, guint minus)
{
    double differences[40];
    for (int i = 0; i < n; i++)
        differences[i] = minus >> i & 1 ? -(i + 1) : i + 1;
    return nn_wilcoxon(differences, n);
}

/*
 * The usual table of critical values: the greatest W whose two-sided p is at most 0.05 and 0.01.
 */
static void test_wilcoxon_table(void)
{
    static const struct {
        int n, at_05, at_01;
    } table[] = {{6, 0, -1},   {7, 2, -1},   {8, 3, 0},    {9, 5, 1},    {10, 8, 3},   {11, 10, 5},
                 {12, 13, 7},  {13, 17, 9},  {14, 21, 12}, {15, 25, 15}, {16, 29, 19}, {17, 34, 23},
                 {18, 40, 27}, {19, 46, 32}, {20, 52, 37}, {25, 89, 68}};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        const double levels[] = {0.05, 0.01};
        for (int j = 0; j < 2; j++) {
            const int critical = j ? table[i].at_01 : table[i].at_05;
            for (int w = MAX(critical, 0); w <= critical + 1; w++) {
                guint minus = 0; /* ranks that sum to w, the greatest first */
                for (int rank = table[i].n, left = w; rank > 0; rank--)
                    if (rank <= left) {
                        minus |= 1U << (rank - 1);
                        left -= rank;
                    }
                g_test_message("n %d, W %d", table[i].n, w);
                g_assert_true((wilcoxon_of(table[i].n, minus) <= levels[j]) == (w <= critical));
            }
        }
    }
}

static void test_wilcoxon(void)
{
    assert_equal(wilcoxon_of(5, 0), 2.0 / 32);
    assert_equal(wilcoxon_of(5, 0x1f), 2.0 / 32); /* two-sided */
    assert_equal(wilcoxon_of(5, 1), 4.0 / 32);
    assert_equal(wilcoxon_of(3, 4), 1); /* 1 + 2 against 3 */
    const double zeros[] = {0, 0, 1, 2, 3}, all[] = {0, 0, 0}, nan[] = {1, NAN};
    assert_equal(nn_wilcoxon(zeros, 5), 2.0 / 8);
    assert_equal(nn_wilcoxon(all, 3), 1);
    assert_equal(nn_wilcoxon(nan, 2), NAN);
    assert_equal(nn_wilcoxon(nan, 0), NAN);
    /* Ranks 1.5 1.5 3.5 3.5; minus 1.5: sums 0, 1.5, 1.5 of 16 are as low. */
    const double ties[] = {-1, 1, 2, 2};
    assert_equal(nn_wilcoxon(ties, 4), 2 * 3.0 / 16);
    /* Beyond 25: 11 + ... + 30 = 410 of 465, whose variance is 30 * 31 * 61 / 24. */
    assert_equal(wilcoxon_of(30, 0x3ff), erfc((410 - 232.5 - 0.5) / sqrt(2363.75) / sqrt(2)));
    g_assert_cmpfloat_with_epsilon(wilcoxon_of(30, 0x3ff), 0.000272, 1e-5);
    double same[30];
    for (int i = 0; i < 30; i++)
        same[i] = i < 10 ? -1 : 1; /* one size: ranks 15.5, sum(t^3 - t) = 26970 */
    assert_equal(nn_wilcoxon(same, 30),
                 erfc((310 - 232.5 - 0.5) / sqrt(2363.75 - 26970 / 48.0) / sqrt(2)));
}

static void test_holm(void)
{
    const double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
    double adjusted[5];
    nn_holm(p, 5, adjusted);
    assert_equal(adjusted[0], 0.03);
    assert_equal(adjusted[1], 0.06); /* not below that of 0.03 */
    assert_equal(adjusted[2], NAN);
    assert_equal(adjusted[3], 0.06);
    assert_equal(adjusted[4], 0.02);
    const double large[] = {0.6, 0.6};
    nn_holm(large, 2, adjusted);
    assert_equal(adjusted[0], 1);
    assert_equal(adjusted[1], 1);
}

static void test_ks(void)
{
    const double a[] = {1, 2, 3, 4}, b[] = {3, 4, 5, 6}, c[] = {1, 1, 1, 9}, d[] = {2};
    assert_equal(nn_ks_distance(a, 4, a, 4), 0);
    assert_equal(nn_ks_distance(a, 4, b, 4), 0.5);
    assert_equal(nn_ks_distance(b, 4, a, 4), 0.5);
    assert_equal(nn_ks_distance(c, 4, d, 1), 0.75);
    assert_equal(nn_ks_distance(a, 2, b, 4), 1);
}

static void test_cosine(void)
{
    const int symbols[] = {0, 3}, counts[] = {3, 4}, dense[] = {3, 0, 0, 4}, other[] = {0, 9, 0, 0},
              half[] = {4, 0, 0, 3};
    const struct nn_counts a = {symbols, counts, 2, 25};
    g_assert_cmpfloat(nn_cosine(&a, dense, 25), ==, 1);
    g_assert_cmpfloat(nn_cosine(&a, other, 81), ==, 0);
    assert_equal(nn_cosine(&a, half, 25), 24.0 / 25);
}

/* Levenshtein's table, row by row. */
static int plain_distance(const int *a, int m, const int *b, int n)
{
    int row[NN_MAX_SEQUENCE + 1];
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; i <= m; i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            const int above = row[j];
            row[j] = MIN(MIN(above, row[j - 1]) + 1, corner + (a[i - 1] != b[j - 1]));
            corner = above;
        }
    }
    return row[n];
}

static void test_edit_distance(void)
{
    struct nn_random random;
    nn_random_init(&random, 7, NN_STREAM_TRAINING);
    for (int i = 0; i < 3000; i++) {
        int a[NN_MAX_SEQUENCE] = {0}, b[NN_MAX_SEQUENCE],
            n_symbol = 1 + nn_random_below(&random, 8);
        nn_places places[8] = {0};
        const int m = nn_random_below(&random, NN_MAX_SEQUENCE + 1);
        const int n = nn_random_below(&random, NN_MAX_SEQUENCE + 1);
        for (int j = 0; j < m; j++)
            places[a[j] = nn_random_below(&random, n_symbol)] |= (nn_places)1 << j;
        for (int j = 0; j < n; j++)
            b[j] = j < m && nn_random_below(&random, 3) ? a[j] : nn_random_below(&random, n_symbol);
        g_assert_cmpint(nn_edit_distance(places, m, b, n), ==, plain_distance(a, m, b, n));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metric/curves", test_curves);
    g_test_add_func("/metric/recall-is-reached", test_recall_is_reached);
    g_test_add_func("/metric/weights", test_weights);
    g_test_add_func("/metric/nan", test_nan_is_refused);
    g_test_add_func("/metric/confusion", test_confusion);
    g_test_add_func("/statistic/quantile", test_quantile);
    g_test_add_func("/statistic/resample", test_resample);
    g_test_add_func("/statistic/wilcoxon-table", test_wilcoxon_table);
    g_test_add_func("/statistic/wilcoxon", test_wilcoxon);
    g_test_add_func("/statistic/holm", test_holm);
    g_test_add_func("/distance/kolmogorov-smirnov", test_ks);
    g_test_add_func("/distance/cosine", test_cosine);
    g_test_add_func("/distance/edit", test_edit_distance);
    return g_test_run();
}
