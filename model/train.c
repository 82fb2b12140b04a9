#include "model/train.h"
#include "model/array.h"
#include "model/pass.h"
#include "tracegen/error.h"
#include <math.h>

const char *const nn_schedule_names[NN_N_SCHEDULE] = {
    [NN_GEOMETRIC] = "geometric", [NN_LINEAR] = "linear", [NN_CONSTANT] = "constant"};

const struct nn_train_options nn_train_defaults = {
    .iterations = 70000,
    .batch = 1,
    .lr = 0.01,
    .lr_end = 0.0001,
    .teacher_forcing = 0.5,
    .mean_loss = FALSE,
    .seed = 1,
    .threads = 1,
    .checkpoint_every = 10000,
};

static gboolean check_sentence(int V, const struct ds_pair *pair, const gint32 *words, int n,
                               GError **error)
{
    for (int i = 0; i < n; i++) {
        if (words[i] < 0 || words[i] >= V) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                        "pair %" G_GINT64_FORMAT ": word %d is not in the vocabulary of %d",
                        pair->pair_id, words[i], V);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean nn_check_words(int V, const struct ds_corpus *corpus, GError **error)
{
    for (int i = 0; i < corpus->n_pair; i++) {
        const struct ds_pair *pair = &corpus->pairs[i];
        if (!check_sentence(V, pair, pair->source, pair->n_source, error) ||
            !check_sentence(V, pair, pair->target, pair->n_target, error))
            return FALSE;
    }
    return TRUE;
}

static double learning_rate(const struct nn_train_options *options, int i)
{
    const double lr = options->lr, lr_end = options->lr_end;
    const double x = options->iterations > 1 ? (double)i / (options->iterations - 1) : 0;
    switch (options->schedule) {
    case NN_LINEAR:
        return lr + (lr_end - lr) * x;
    case NN_CONSTANT:
        return lr;
    default:
        return lr * pow(lr_end / lr, x);
    }
}

/* ---- an iteration ---- */

struct trainer {
    nn_network *network;
    const struct ds_corpus *corpus;
    const struct nn_train_options *options;
    nn_pass *pass;
    nn_real *gradient; /* [n_weight] sum over a batch, zero between iterations; NULL if the weights
                          can be changed while it is computed */
    double lr;         /* of this iteration */
};

/* weights += lr mu (w^0 - weights), before the gradient at the same weights is taken off */
static void pull(const struct trainer *t, gsize from, gsize to)
{
    const nn_real step = (nn_real)(t->lr * t->options->proximal);
    const nn_real *anchor = t->options->anchor;
    for (gsize i = from; i < to; i++)
        t->network->weights[i] += step * (anchor[i] - t->network->weights[i]);
}

/* weights -= lr / batch times the sum of gradients, which becomes zero */
static void apply(const struct nn_worker *me, gpointer data)
{
    const struct trainer *t = data;
    const nn_real step = (nn_real)(-t->lr / t->options->batch);
    const gsize n = t->network->n_weight, share = n / (gsize)me->n / NN_LINE * NN_LINE;
    const gsize from = (gsize)me->rank * share, to = me->rank == me->n - 1 ? n : from + share;
    if (t->options->proximal > 0)
        pull(t, from, to);
    for (gsize i = from; i < to; i++) {
        t->network->weights[i] += step * t->gradient[i];
        t->gradient[i] = 0;
    }
}

/* The next pair, and whether its target is forced. */
static int draw_pair(struct nn_random *random, int n_pair, double teacher_forcing, gboolean *forced)
{
    const int i = nn_random_below(random, n_pair);
    *forced = nn_random_uniform(random) < teacher_forcing;
    return i;
}

/* The loss a word of the next pair, whose gradient goes to the weights or to that of the batch. */
static double descend(struct trainer *t, struct nn_train_state *state, gint64 *pair_id)
{
    const struct nn_train_options *o = t->options;
    nn_pass *pass = t->pass;
    gboolean forced;
    const int i = draw_pair(&state->random, t->corpus->n_pair, o->teacher_forcing, &forced);
    const struct ds_pair *pair = &t->corpus->pairs[i];
    const double nll =
        nn_pass_forward(pass, pair->source, pair->n_source, pair->target, pair->n_target, forced);
    const double scale = o->mean_loss ? 1.0 / pass->T : 1;
    *pair_id = pair->pair_id;
    if (!isfinite(nll))
        return nll;
    if (t->gradient)
        nn_pass_backward(pass, t->gradient, (nn_real)scale);
    else
        nn_pass_backward(pass, t->network->weights, (nn_real)(-t->lr * scale));
    return nll / pass->T;
}

/* One iteration; state moves on only if all of it was possible. */
static gboolean iterate(struct trainer *t, struct nn_train_state *state,
                        const struct nn_train_observer *observer, GError **error)
{
    struct nn_train_state next = *state;
    t->lr = learning_rate(t->options, state->iteration);
    for (int i = 0; i < t->options->batch; i++) {
        gint64 pair_id;
        if (i > 0 && observer->go_on && !observer->go_on(observer->data, error))
            return FALSE;
        const double loss = descend(t, &next, &pair_id);
        if (!isfinite(loss)) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                        "the loss is not finite at iteration %d (pair %" G_GINT64_FORMAT
                        ", learning rate %g): the weights have grown without bound; a smaller "
                        "learning rate may help",
                        state->iteration + 1, pair_id, t->lr);
            return FALSE;
        }
        next.loss += loss;
        next.n_loss++;
    }
    if (t->gradient)
        nn_team_run(t->pass->team, apply, t);
    next.iteration++;
    *state = next;
    return TRUE;
}

/* ---- the training ---- */

static gboolean observe(const struct trainer *t, struct nn_train_state *state,
                        const struct nn_train_observer *observer, GError **error)
{
    const int i = state->iteration, N = t->options->iterations;
    const int every = t->options->checkpoint_every;
    if (i % NN_REPORT_EVERY == 0 || i == N) {
        const struct nn_progress progress = {i, state->loss / state->n_loss, t->lr};
        state->loss = 0;
        state->n_loss = 0;
        if (observer->report && !observer->report(&progress, observer->data, error))
            return FALSE;
    }
    return !observer->checkpoint || every == 0 || i % every != 0 || i == N ||
           observer->checkpoint(state, observer->data, error);
}

static nn_pass *new_pass_for(const nn_network *network, const struct ds_corpus *corpus,
                             const struct nn_train_options *options)
{
    int max_S = 1, max_T = 1;
    for (int i = 0; i < corpus->n_pair; i++) {
        max_S = MAX(max_S, corpus->pairs[i].n_source);
        max_T = MAX(max_T, corpus->pairs[i].n_target);
    }
    return nn_pass_new(network, max_S, max_T, options->threads, options->kernels);
}

void nn_train_start(struct nn_train_state *state, const struct nn_train_options *options)
{
    *state = (struct nn_train_state){0};
    nn_random_init(&state->random, options->seed, NN_STREAM_TRAINING);
}

void nn_train_skip(struct nn_train_state *state, const struct nn_train_options *options, int n_pair,
                   int iteration)
{
    gboolean forced;
    for (gint64 n = (gint64)(iteration - state->iteration) * options->batch; n > 0; n--)
        draw_pair(&state->random, n_pair, options->teacher_forcing, &forced);
    state->iteration = iteration;
    state->loss = 0;
    state->n_loss = 0;
}

gboolean nn_train(nn_network *network, const struct ds_corpus *corpus,
                  const struct nn_train_options *options, struct nn_train_state *state,
                  const struct nn_train_observer *observer, GError **error)
{
    if (corpus->n_pair == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "no pairs to train on");
        return FALSE;
    }
    if (!nn_check_words(network->V, corpus, error))
        return FALSE;

    g_autoptr(nn_pass) pass = new_pass_for(network, corpus, options);
    struct trainer t = {network, corpus, options, pass, NULL, 0};
    if (options->batch > 1 || options->proximal > 0)
        t.gradient = nn_array_new(network->n_weight);
    const int end =
        options->until > 0 ? MIN(options->until, options->iterations) : options->iterations;
    gboolean going = TRUE;
    while (going && state->iteration < end)
        going = iterate(&t, state, observer, error) && observe(&t, state, observer, error);
    nn_array_free(t.gradient);
    return going;
}
