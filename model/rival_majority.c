#include "model/rival_parts.h"

/* ---- words of positions ---- */

static int count_target_words(const struct ds_corpus *corpus)
{
    gint64 n = 0;
    for (int i = 0; i < corpus->n_pair; i++)
        n += corpus->pairs[i].n_target;
    g_assert(n <= G_MAXINT);
    return (int)n;
}

void nn_positions_fit(struct nn_counts *positions, const struct ds_corpus *corpus)
{
    const int n = count_target_words(corpus);
    g_autofree gint32 *rows = g_new(gint32, 2 * (gsize)n);
    gint32 *row = rows;
    for (int i = 0; i < corpus->n_pair; i++) {
        for (int p = 0; p < corpus->pairs[i].n_target; p++) {
            *row++ = p;
            *row++ = corpus->pairs[i].target[p];
        }
    }
    nn_counts_fit(positions, 1, rows, n, 2);
}

struct nn_level nn_positions_level(const struct nn_counts *positions, int p)
{
    const gint32 context[] = {p};
    return (struct nn_level){positions, nn_counts_find(positions, context), TRUE, 0};
}

/* ---- majority ---- */

struct majority {
    int V;
    struct nn_counts positions;
};

static gpointer fit_majority(const struct ds_corpus *corpus, int V)
{
    struct majority *majority = g_new0(struct majority, 1);
    majority->V = V;
    nn_positions_fit(&majority->positions, corpus);
    return majority;
}

static void free_majority(gpointer fitted)
{
    struct majority *majority = fitted;
    nn_counts_clear(&majority->positions);
    g_free(majority);
}

static void distribute_majority(gconstpointer fitted, const struct nn_history *history,
                                double *probability)
{
    const struct majority *majority = fitted;
    const struct nn_level level = nn_positions_level(&majority->positions, history->p);
    nn_interpolate(&level, 1, 1, NULL, majority->V, probability);
}

const struct nn_rival nn_rival_majority = {
    .name = "majority",
    .summary = "says the most frequent word of position p: P(w) = (c_p(w) + t_p / V) / (n_p + t_p)",
    .parameters = "",
    .fit = fit_majority,
    .free = free_majority,
    .distribute = distribute_majority,
};

/* ---- markov ---- */

struct markov {
    int V;
    struct nn_counts positions;
    struct nn_counts transitions; /* context (p, x_p) */
};

static gpointer fit_markov(const struct ds_corpus *corpus, int V)
{
    const int n = count_target_words(corpus);
    struct markov *markov = g_new0(struct markov, 1);
    g_autofree gint32 *rows = g_new(gint32, 3 * (gsize)n);
    gint32 *row = rows;
    for (int i = 0; i < corpus->n_pair; i++) {
        const struct ds_pair *pair = &corpus->pairs[i];
        for (int p = 0; p < pair->n_target; p++) {
            *row++ = p;
            *row++ = nn_word_at((struct nn_sentence){pair->source, pair->n_source}, p);
            *row++ = pair->target[p];
        }
    }
    markov->V = V;
    nn_positions_fit(&markov->positions, corpus);
    nn_counts_fit(&markov->transitions, 2, rows, n, 3);
    return markov;
}

static void free_markov(gpointer fitted)
{
    struct markov *markov = fitted;
    nn_counts_clear(&markov->positions);
    nn_counts_clear(&markov->transitions);
    g_free(markov);
}

static void distribute_markov(gconstpointer fitted, const struct nn_history *history,
                              double *probability)
{
    const struct markov *markov = fitted;
    const gint32 context[] = {history->p, nn_word_at(history->source, history->p)};
    const struct nn_level levels[] = {nn_positions_level(&markov->positions, history->p),
                                      {&markov->transitions,
                                       nn_counts_find(&markov->transitions, context), TRUE, 0}};
    nn_interpolate(levels, 2, 1, NULL, markov->V, probability);
}

const struct nn_rival nn_rival_markov = {
    .name = "markov",
    .summary = "says the most frequent word of position p after x_p: "
               "P(w) = (c_p(x_p, w) + t_p(x_p) P_majority(w)) / (n_p(x_p) + t_p(x_p))",
    .parameters = "",
    .fit = fit_markov,
    .free = free_markov,
    .distribute = distribute_markov,
};
