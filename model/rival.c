#include "model/rival_parts.h"
#include "model/train.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

const struct nn_rival *const nn_rivals[] = {&nn_rival_copy,
                                            &nn_rival_constant,
                                            &nn_rival_majority,
                                            &nn_rival_lookup,
                                            &nn_rival_markov,
                                            &nn_rival_ngram,
                                            NULL};

const struct nn_rival *nn_rival_find(const char *name)
{
    for (int i = 0; nn_rivals[i]; i++)
        if (strcmp(nn_rivals[i]->name, name) == 0)
            return nn_rivals[i];
    return NULL;
}

/* ---- what they share ---- */

void nn_hits_add(struct nn_hits *hits, struct nn_sentence answer, struct nn_sentence target,
                 int times)
{
    for (int p = 0; p < target.n; p++)
        hits->n_wrong += nn_word_at(answer, p) == target.words[p] ? 0 : times;
    hits->n_word += (gint64)target.n * times;
}

double nn_hits_error(const struct nn_hits *hits)
{
    return ((double)hits->n_wrong + 1) / ((double)hits->n_word + 2);
}

void nn_distribute_one(gint32 word, double e, int V, double *probability)
{
    nn_interpolate(NULL, 0, e, NULL, V, probability);
    probability[word] += 1 - e;
}

/* ---- as predictors ---- */

struct rival_predictor {
    nn_predictor base;
    const struct nn_rival *rival;
    gpointer fitted;
};

struct rival_predicting {
    nn_predicting base;
    double *probability; /* [V] */
};

static const struct rival_predictor *predictor_of(const nn_predicting *predicting)
{
    return (const struct rival_predictor *)predicting->predictor;
}

static nn_predicting *begin(const nn_predictor *predictor, int max_S)
{
    (void)max_S;
    struct rival_predicting *predicting = g_new0(struct rival_predicting, 1);
    predicting->probability = g_new(double, predictor->V);
    return &predicting->base;
}

static void end(nn_predicting *predicting)
{
    g_free(((struct rival_predicting *)predicting)->probability);
    g_free(predicting);
}

/* The most probable word, the lowest of equals. */
static gint32 find_best(const double *probability, int V)
{
    gint32 best = 0;
    double most = probability[0];
    for (gint32 word = 1; word < V; word++) {
        if (probability[word] > most) {
            most = probability[word];
            best = word;
        }
    }
    return best;
}

/* Are NN_TOP words before this one, when they are sorted as find_best() would? */
static gboolean is_outside(const double *probability, int V, gint32 word)
{
    const double mine = probability[word];
    int before = 0;
    for (gint32 other = 0; other < word; other++)
        before += probability[other] >= mine;
    for (gint32 other = word + 1; other < V; other++)
        before += probability[other] > mine;
    return before >= NN_TOP;
}

static void say_greedily(const nn_predicting *predicting, struct nn_sentence source,
                         struct nn_output *output)
{
    double *probability = ((const struct rival_predicting *)predicting)->probability;
    output->n_word = 0;
    output->log_probability = 0;
    for (;;) {
        const struct nn_history history = {source, output->words, output->n_word};
        nn_rival_distribute(predicting->predictor, &history, probability);
        const gint32 word = find_best(probability, predicting->predictor->V);
        output->ended = word == DS_EOS;
        if (output->n_word == DS_MAX_WORDS && !output->ended)
            return; /* no room for this word */
        output->log_probability += log(probability[word]);
        if (output->ended)
            return;
        output->words[output->n_word++] = word;
    }
}

static void score_one(const nn_predicting *predicting, struct nn_sentence source,
                      struct nn_sentence target, struct nn_score *score)
{
    double *probability = ((const struct rival_predicting *)predicting)->probability;
    const int V = predicting->predictor->V;
    *score = (struct nn_score){0, 0};
    for (int p = 0; p < target.n; p++) {
        const struct nn_history history = {source, target.words, p};
        nn_rival_distribute(predicting->predictor, &history, probability);
        score->log_probability += log(probability[target.words[p]]);
        score->n_outside += is_outside(probability, V, target.words[p]);
    }
}

static void predict(nn_predicting *predicting, const struct nn_sentence *sources, int n,
                    struct nn_output *outputs)
{
    const struct rival_predictor *p = predictor_of(predicting);
    for (int i = 0; i < n; i++) {
        struct nn_sentence answer = {NULL, 0};
        if (p->rival->answer)
            answer = p->rival->answer(p->fitted, sources[i]);
        if (!answer.words) {
            say_greedily(predicting, sources[i], &outputs[i]);
            continue;
        }
        struct nn_score score;
        score_one(predicting, sources[i], answer, &score);
        outputs[i].n_word = answer.n - 1;
        memcpy(outputs[i].words, answer.words, sizeof(gint32) * (gsize)(answer.n - 1));
        outputs[i].ended = TRUE;
        outputs[i].log_probability = score.log_probability;
    }
}

static void score(nn_predicting *predicting, const struct nn_sentence *sources,
                  const struct nn_sentence *targets, int n, struct nn_score *scores)
{
    for (int i = 0; i < n; i++)
        score_one(predicting, sources[i], targets[i], &scores[i]);
}

static void free_predictor(nn_predictor *predictor)
{
    struct rival_predictor *p = (struct rival_predictor *)predictor;
    p->rival->free(p->fitted);
    g_free(p);
}

nn_predictor *nn_rival_fit(const struct nn_rival *rival, const struct ds_corpus *corpus, int V,
                           GError **error)
{
    static const struct nn_predictor_class class = {begin, end, predict, score, free_predictor};
    if (corpus->n_pair == 0)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "no pairs to learn from");
    if (corpus->n_pair == 0 || !nn_check_words(V, corpus, error))
        return NULL;
    struct rival_predictor *p = g_new0(struct rival_predictor, 1);
    p->base = (nn_predictor){&class, rival->name, rival->summary, V};
    p->rival = rival;
    p->fitted = rival->fit(corpus, V);
    return &p->base;
}

void nn_rival_distribute(const nn_predictor *predictor, const struct nn_history *history,
                         double *probability)
{
    const struct rival_predictor *p = (const struct rival_predictor *)predictor;
    p->rival->distribute(p->fitted, history, probability);
}
