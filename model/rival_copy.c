#include "model/rival_parts.h"

struct copy {
    int V;
    double e;
};

static gpointer fit(const struct ds_corpus *corpus, int V)
{
    struct nn_hits hits = {0};
    struct copy *copy = g_new(struct copy, 1);
    for (int i = 0; i < corpus->n_pair; i++) {
        const struct ds_pair *pair = &corpus->pairs[i];
        nn_hits_add(&hits, (struct nn_sentence){pair->source, pair->n_source},
                    (struct nn_sentence){pair->target, pair->n_target}, 1);
    }
    *copy = (struct copy){V, nn_hits_error(&hits)};
    return copy;
}

static struct nn_sentence answer(gconstpointer fitted, struct nn_sentence source)
{
    (void)fitted;
    return source;
}

static void distribute(gconstpointer fitted, const struct nn_history *history, double *probability)
{
    const struct copy *copy = fitted;
    nn_distribute_one(nn_word_at(history->source, history->p), copy->e, copy->V, probability);
}

const struct nn_rival nn_rival_copy = {
    .name = "copy",
    .summary = "says the source: P(w) = (1 - e) [w = x_p] + e / V",
    .parameters = "",
    .knows_all = TRUE,
    .fit = fit,
    .free = g_free,
    .answer = answer,
    .distribute = distribute,
};
