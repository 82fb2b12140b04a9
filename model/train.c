#include "model/train.h"
#include "model/pass.h"
#include "model/random.h"
#include "tracegen/error.h"
#include <math.h>

const struct nn_train_options nn_train_defaults = {
    .iterations = 70000,
    .lr = 0.01,
    .lr_end = 0.0001,
    .teacher_forcing = 0.5,
    .mean_loss = FALSE,
    .seed = 1,
};

static gboolean check_sentence(const nn_network *network, const struct ds_pair *pair,
                               const gint32 *words, int n, GError **error)
{
    for (int i = 0; i < n; i++) {
        if (words[i] < 0 || words[i] >= network->V) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                        "pair %" G_GINT64_FORMAT ": word %d is not in the vocabulary of %d",
                        pair->pair_id, words[i], network->V);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean nn_check_words(const nn_network *network, const struct ds_corpus *corpus, GError **error)
{
    for (int i = 0; i < corpus->n_pair; i++) {
        const struct ds_pair *pair = &corpus->pairs[i];
        if (!check_sentence(network, pair, pair->source, pair->n_source, error) ||
            !check_sentence(network, pair, pair->target, pair->n_target, error))
            return FALSE;
    }
    return TRUE;
}

static double learning_rate(const struct nn_train_options *options, int i)
{
    if (options->iterations == 1)
        return options->lr;
    return options->lr * pow(options->lr_end / options->lr, (double)i / (options->iterations - 1));
}

/* One iteration on one pair. Returns the NLL per word; the weights move only if it is finite. */
static double descend(nn_network *network, nn_pass *pass, const struct ds_pair *pair,
                      gboolean teacher_forcing, double step, gboolean mean_loss)
{
    const double nll = nn_pass_forward(pass, pair->source, pair->n_source, pair->target,
                                       pair->n_target, teacher_forcing);
    if (isfinite(nll)) {
        nn_pass_backward(pass);
        nn_pass_update(pass, network->weights, (nn_real)(mean_loss ? -step / pass->T : -step));
    }
    return nll / pass->T;
}

static nn_pass *new_pass_for(const nn_network *network, const struct ds_corpus *corpus)
{
    int max_S = 1, max_T = 1;
    for (int i = 0; i < corpus->n_pair; i++) {
        max_S = MAX(max_S, corpus->pairs[i].n_source);
        max_T = MAX(max_T, corpus->pairs[i].n_target);
    }
    return nn_pass_new(network, max_S, max_T);
}

gboolean nn_train(nn_network *network, const struct ds_corpus *corpus,
                  const struct nn_train_options *options, nn_progress_func progress, gpointer data,
                  GError **error)
{
    if (corpus->n_pair == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "no pairs to train on");
        return FALSE;
    }
    if (!nn_check_words(network, corpus, error))
        return FALSE;

    g_autoptr(nn_pass) pass = new_pass_for(network, corpus);
    struct nn_random random;
    nn_random_init(&random, options->seed, NN_STREAM_TRAINING);
    double sum = 0;
    int n = 0;
    for (int i = 0; i < options->iterations; i++) {
        const struct ds_pair *pair = &corpus->pairs[nn_random_below(&random, corpus->n_pair)];
        const gboolean forced = nn_random_uniform(&random) < options->teacher_forcing;
        const double lr = learning_rate(options, i);
        const double loss = descend(network, pass, pair, forced, lr, options->mean_loss);
        if (!isfinite(loss)) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                        "the loss is %f at iteration %d (pair %" G_GINT64_FORMAT
                        ", learning rate %g): the weights have grown without bound",
                        loss, i + 1, pair->pair_id, lr);
            return FALSE;
        }
        sum += loss;
        n++;
        if ((i + 1) % NN_REPORT_EVERY == 0 || i + 1 == options->iterations) {
            const struct nn_progress report = {i + 1, sum / n, lr};
            if (progress && !progress(&report, data, error))
                return FALSE;
            sum = 0;
            n = 0;
        }
    }
    return TRUE;
}
