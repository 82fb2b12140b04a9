#include "model/rival_parts.h"

static struct nn_sentence source_of(const struct ds_pair *pair)
{
    return (struct nn_sentence){pair->source, pair->n_source};
}

static struct nn_sentence target_of(const struct ds_pair *pair)
{
    return (struct nn_sentence){pair->target, pair->n_target};
}

static int compare_sentences(struct nn_sentence a, struct nn_sentence b)
{
    for (int i = 0; i < a.n && i < b.n; i++)
        if (a.words[i] != b.words[i])
            return a.words[i] < b.words[i] ? -1 : 1;
    return a.n - b.n;
}

/* ---- targets by how often they came ---- */

/* One target among some pairs. */
struct candidate {
    const struct ds_pair *pair; /* the first that has it; NULL: there is none */
    int n;                      /* how often it came */
};

/* The two most frequent targets of some pairs. */
struct top {
    struct candidate best, second;
};

/* The corpus is in one piece, so that the address tells which came first. */
static gboolean is_better(struct candidate a, struct candidate b)
{
    return a.n > b.n || (a.n == b.n && a.n > 0 && a.pair < b.pair);
}

/* The next of n sorted pairs' runs of equal targets, from `from` on. */
static struct candidate read_run(const struct ds_pair *const *sorted, int n, int from)
{
    struct candidate run = {sorted[from], 1};
    while (from + run.n < n &&
           compare_sentences(target_of(sorted[from + run.n]), target_of(run.pair)) == 0)
        run.n++;
    return run;
}

static struct top find_top(const struct ds_pair *const *sorted, int n)
{
    struct top top = {{NULL, 0}, {NULL, 0}};
    struct candidate run;
    for (int i = 0; i < n; i += run.n) {
        run = read_run(sorted, n, i);
        if (is_better(run, top.best)) {
            top.second = top.best;
            top.best = run;
        } else if (is_better(run, top.second)) {
            top.second = run;
        }
    }
    return top;
}

static int by_source_and_target(gconstpointer a, gconstpointer b, gpointer data)
{
    const struct ds_pair *const *x = a, *const *y = b;
    const gboolean by_target_alone = *(const gboolean *)data;
    const int order = by_target_alone ? 0 : compare_sentences(source_of(*x), source_of(*y));
    return order ? order : compare_sentences(target_of(*x), target_of(*y));
}

/* The pairs of a corpus, sorted; of equals, the first comes first. Caller frees. */
static const struct ds_pair **sort_pairs(const struct ds_corpus *corpus, gboolean by_target_alone)
{
    const struct ds_pair **sorted = g_new(const struct ds_pair *, corpus->n_pair);
    for (int i = 0; i < corpus->n_pair; i++)
        sorted[i] = &corpus->pairs[i];
    g_qsort_with_data(sorted, corpus->n_pair, sizeof(*sorted), by_source_and_target,
                      &by_target_alone);
    return sorted;
}

/* ---- constant ---- */

struct constant {
    int V;
    double e;
    struct nn_sentence answer;
};

static gpointer fit_constant(const struct ds_corpus *corpus, int V)
{
    g_autofree const struct ds_pair **sorted = sort_pairs(corpus, TRUE);
    struct nn_hits hits = {0};
    struct constant *constant = g_new(struct constant, 1);
    constant->V = V;
    constant->answer = target_of(find_top(sorted, corpus->n_pair).best.pair);
    for (int i = 0; i < corpus->n_pair; i++)
        nn_hits_add(&hits, constant->answer, target_of(&corpus->pairs[i]), 1);
    constant->e = nn_hits_error(&hits);
    return constant;
}

static struct nn_sentence answer_constant(gconstpointer fitted, struct nn_sentence source)
{
    (void)source;
    return ((const struct constant *)fitted)->answer;
}

static void distribute_constant(gconstpointer fitted, const struct nn_history *history,
                                double *probability)
{
    const struct constant *constant = fitted;
    nn_distribute_one(nn_word_at(constant->answer, history->p), constant->e, constant->V,
                      probability);
}

const struct nn_rival nn_rival_constant = {
    .name = "constant",
    .summary = "says the most frequent target a: P(w) = (1 - e) [w = a_p] + e / V",
    .parameters = "",
    .fit = fit_constant,
    .free = g_free,
    .answer = answer_constant,
    .distribute = distribute_constant,
};

/* ---- lookup ---- */

struct lookup {
    int V, n_answer;
    double e;
    const struct ds_pair **answers; /* [n_answer] by source: its answer is the target */
    struct nn_counts positions;
};

/* The answer of all other pairs of a source to one whose target is `run`; n pairs in all, n > 1. */
static struct candidate answer_without(const struct top *top, struct candidate run)
{
    const struct candidate rest = {top->best.pair, top->best.n - 1};
    if (run.pair != top->best.pair)
        return top->best;
    return is_better(rest, top->second) ? rest : top->second;
}

/* Pairs sorted[0 .. n - 1] have one source. */
static const struct ds_pair *learn_source(const struct ds_pair *const *sorted, int n,
                                          struct nn_hits *hits)
{
    const struct top top = find_top(sorted, n);
    struct candidate run;
    for (int i = 0; n > 1 && i < n; i += run.n) {
        run = read_run(sorted, n, i);
        nn_hits_add(hits, target_of(answer_without(&top, run).pair), target_of(run.pair), run.n);
    }
    return top.best.pair;
}

static gpointer fit_lookup(const struct ds_corpus *corpus, int V)
{
    g_autofree const struct ds_pair **sorted = sort_pairs(corpus, FALSE);
    struct nn_hits hits = {0};
    struct lookup *lookup = g_new0(struct lookup, 1);
    lookup->V = V;
    lookup->answers = g_new(const struct ds_pair *, corpus->n_pair);
    nn_positions_fit(&lookup->positions, corpus);
    for (int i = 0, n; i < corpus->n_pair; i += n) {
        for (n = 1; i + n < corpus->n_pair; n++)
            if (compare_sentences(source_of(sorted[i]), source_of(sorted[i + n])) != 0)
                break;
        lookup->answers[lookup->n_answer++] = learn_source(sorted + i, n, &hits);
    }
    lookup->e = nn_hits_error(&hits);
    return lookup;
}

static void free_lookup(gpointer fitted)
{
    struct lookup *lookup = fitted;
    nn_counts_clear(&lookup->positions);
    g_free(lookup->answers);
    g_free(lookup);
}

static struct nn_sentence answer_lookup(gconstpointer fitted, struct nn_sentence source)
{
    const struct lookup *lookup = fitted;
    int from = 0, to = lookup->n_answer;
    while (from < to) {
        const int middle = from + (to - from) / 2;
        const int order = compare_sentences(source, source_of(lookup->answers[middle]));
        if (order == 0)
            return target_of(lookup->answers[middle]);
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return (struct nn_sentence){NULL, 0};
}

static void distribute_lookup(gconstpointer fitted, const struct nn_history *history,
                              double *probability)
{
    const struct lookup *lookup = fitted;
    const struct nn_level level = nn_positions_level(&lookup->positions, history->p);
    const struct nn_sentence answer = answer_lookup(fitted, history->source);
    nn_interpolate(&level, 1, answer.words ? lookup->e : 1, NULL, lookup->V, probability);
    if (answer.words)
        probability[nn_word_at(answer, history->p)] += 1 - lookup->e;
}

const struct nn_rival nn_rival_lookup = {
    .name = "lookup",
    .summary = "says the most frequent target a of the source, majority after a new source: "
               "P(w) = (1 - e) [w = a_p] + e P_majority(w)",
    .parameters = "",
    .fit = fit_lookup,
    .free = free_lookup,
    .answer = answer_lookup,
    .distribute = distribute_lookup,
};
