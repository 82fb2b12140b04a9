#include "model/rival_parts.h"
#include <string.h>

enum { ORDER = 5 };

struct ngram {
    int V;
    struct nn_counts counts[ORDER]; /* of contexts of so many words, the last one first */
    double discount[ORDER];
    double *base; /* [V] P_1 */
};

/* The i-th word before the next one, from 1 on. */
static gint32 word_before(const struct nn_history *h, int i)
{
    if (i <= h->p)
        return h->said[h->p - i];
    const int in_source = h->source.n + h->p - i;
    return in_source >= 0 ? h->source.words[in_source] : DS_SOS;
}

/*
 * Counts with contexts of m words. Rows are the words before, the word, and, but for the highest
 * order, one word more from before, of which the distinct ones count.
 */
static void fit_order(struct ngram *ngram, int m, const struct ds_corpus *corpus, gint32 *rows)
{
    const int width = m + 1 + (m < ORDER - 1);
    gint32 *row = rows;
    for (int i = 0; i < corpus->n_pair; i++) {
        const struct ds_pair *pair = &corpus->pairs[i];
        struct nn_history h = {{pair->source, pair->n_source}, pair->target, 0};
        for (; h.p < pair->n_target; h.p++, row += width) {
            for (int j = 0; j < m; j++)
                row[j] = word_before(&h, j + 1);
            row[m] = pair->target[h.p];
            if (width == m + 2)
                row[m + 1] = word_before(&h, m + 1);
        }
    }
    nn_counts_fit(&ngram->counts[m], m, rows, (int)((row - rows) / width), width);
}

/* D of all n-grams of one order. */
static double estimate_discount(const struct nn_counts *counts)
{
    double n1 = 0, n2 = 0;
    for (int i = 0; i < counts->first[counts->n_context]; i++) {
        n1 += counts->count[i] == 1;
        n2 += counts->count[i] == 2;
    }
    return n1 > 0 && n2 > 0 ? n1 / (n1 + 2 * n2) : 0.5;
}

static struct nn_level level_of(const struct ngram *ngram, int m, const gint32 *context)
{
    const struct nn_counts *counts = &ngram->counts[m];
    return (struct nn_level){counts, nn_counts_find(counts, context), FALSE, ngram->discount[m]};
}

static gpointer fit(const struct ds_corpus *corpus, int V)
{
    struct ngram *ngram = g_new0(struct ngram, 1);
    gsize n = 0;
    for (int i = 0; i < corpus->n_pair; i++)
        n += (gsize)corpus->pairs[i].n_target;
    g_assert(n <= G_MAXINT / (ORDER + 1));
    g_autofree gint32 *rows = g_new(gint32, n * (ORDER + 1));
    ngram->V = V;
    for (int m = 0; m < ORDER; m++) {
        fit_order(ngram, m, corpus, rows);
        ngram->discount[m] = estimate_discount(&ngram->counts[m]);
    }
    ngram->base = g_new(double, V);
    const struct nn_level level = level_of(ngram, 0, NULL);
    nn_interpolate(&level, 1, 1, NULL, V, ngram->base);
    return ngram;
}

static void free_ngram(gpointer fitted)
{
    struct ngram *ngram = fitted;
    for (int m = 0; m < ORDER; m++)
        nn_counts_clear(&ngram->counts[m]);
    g_free(ngram->base);
    g_free(ngram);
}

static void distribute(gconstpointer fitted, const struct nn_history *history, double *probability)
{
    const struct ngram *ngram = fitted;
    struct nn_level levels[ORDER - 1];
    gint32 context[ORDER - 1];
    for (int m = 1; m < ORDER; m++) {
        context[m - 1] = word_before(history, m);
        levels[m - 1] = level_of(ngram, m, context);
    }
    nn_interpolate(levels, ORDER - 1, 1, ngram->base, ngram->V, probability);
}

const struct nn_rival nn_rival_ngram = {
    .name = "ngram",
    .summary =
        "says the most probable word after the 4 words h before it, Kneser-Ney: P_k(w | h) = "
        "(max(c_k(h w) - D_k, 0) + D_k t_k(h) P_{k-1}(w | h')) / n_k(h) for k = 5 to 1, P_0 = 1 / "
        "V",
    .parameters = "order 5, one discount an order",
    .fit = fit,
    .free = free_ngram,
    .distribute = distribute,
};
