#include "model/rival_counts.h"
#include <string.h>

enum { MAX_LEVELS = 8 };

/* ---- counting ---- */

static int compare(gconstpointer a, gconstpointer b, gpointer data)
{
    const gint32 *x = a, *y = b;
    const int width = *(const int *)data;
    for (int i = 0; i < width; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

/* Of how many leading numbers do a row and the one before it agree? -1: it is the first. */
static int agree(const gint32 *rows, int row, int width)
{
    int n = 0;
    if (row == 0)
        return -1;
    const gint32 *now = rows + (gsize)row * width, *before = now - width;
    while (n < width && now[n] == before[n])
        n++;
    return n;
}

/* Makes room for what the rows, sorted, will be. */
static void measure(struct nn_counts *counts, const gint32 *rows, int n_row, int width)
{
    int n_context = 0, n_word = 0;
    for (int i = 0; i < n_row; i++) {
        const int same = agree(rows, i, width);
        n_context += same < counts->m;
        n_word += same < counts->m + 1;
    }
    counts->contexts = g_new(gint32, (gsize)n_context * counts->m + 1); /* never NULL */
    counts->first = g_new(int, (gsize)n_context + 1);
    counts->total = g_new0(gint64, n_context);
    counts->words = g_new(gint32, n_word);
    counts->count = g_new0(gint32, n_word);
}

void nn_counts_fit(struct nn_counts *counts, int m, gint32 *rows, int n_row, int width)
{
    g_assert(width == m + 1 || width == m + 2);
    int n_context = 0, n_word = 0;
    counts->m = m;
    g_qsort_with_data(rows, n_row, sizeof(gint32) * (gsize)width, compare, &width);
    measure(counts, rows, n_row, width);
    for (int i = 0; i < n_row; i++) {
        const gint32 *row = rows + (gsize)i * width;
        const int same = agree(rows, i, width);
        if (same < m) {
            memcpy(counts->contexts + (gsize)n_context * m, row, sizeof(gint32) * (gsize)m);
            counts->first[n_context++] = n_word;
        }
        if (same < m + 1)
            counts->words[n_word++] = row[m];
        if (width == m + 2 && same == width)
            continue;
        counts->count[n_word - 1]++;
        counts->total[n_context - 1]++;
    }
    counts->first[n_context] = n_word;
    counts->n_context = n_context;
}

void nn_counts_clear(struct nn_counts *counts)
{
    g_free(counts->contexts);
    g_free(counts->first);
    g_free(counts->total);
    g_free(counts->words);
    g_free(counts->count);
}

int nn_counts_find(const struct nn_counts *counts, const gint32 *context)
{
    int from = 0, to = counts->n_context, m = counts->m;
    while (from < to) {
        const int middle = from + (to - from) / 2;
        const int order = compare(context, counts->contexts + (gsize)middle * m, &m);
        if (order == 0)
            return middle;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return -1;
}

/* ---- probabilities ---- */

/* What a level has, of which part[] is 1 / (n + a): the rest goes to the level before it. */
static double share(const struct nn_level *level, double *part)
{
    const struct nn_counts *counts = level->counts;
    const double n = (double)counts->total[level->context];
    const double t = counts->first[level->context + 1] - counts->first[level->context];
    const double a = level->witten_bell ? t : 0;
    *part = 1 / (n + a);
    return (a + level->discount * t) / (n + a);
}

static void add_words(const struct nn_level *level, double scale, double *probability)
{
    const struct nn_counts *counts = level->counts;
    const int to = counts->first[level->context + 1];
    for (int i = counts->first[level->context]; i < to; i++)
        probability[counts->words[i]] += scale * (counts->count[i] - level->discount);
}

void nn_interpolate(const struct nn_level *levels, int n, double weight, const double *base, int V,
                    double *probability)
{
    double scale[MAX_LEVELS] = {0};
    g_assert(n <= MAX_LEVELS);
    for (int i = n - 1; i >= 0; i--) {
        double part;
        if (levels[i].context < 0)
            continue;
        const double rest = share(&levels[i], &part);
        scale[i] = weight * part;
        weight *= rest;
    }
    for (int w = 0; w < V; w++)
        probability[w] = base ? weight * base[w] : weight / V;
    for (int i = 0; i < n; i++)
        if (levels[i].context >= 0)
            add_words(&levels[i], scale[i], probability);
}
