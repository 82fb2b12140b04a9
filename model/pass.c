#include "model/array.h"
#include "model/layer.h"
#include <string.h>

/* ---- memory ---- */

static nn_real *place_arrays(nn_pass *pass)
{
    const int H = pass->network->H, GH = pass->network->G * H, V = pass->network->V,
              P = NN_MAX_POSITION;
    const gsize S = (gsize)pass->max_S, T = (gsize)pass->max_T, U = MAX(S, T);
    const enum nn_attention attention = pass->network->shape.attention;
    const gsize any = attention != NN_NO_ATTENTION, additive = attention == NN_ADDITIVE;
    const gsize location = attention == NN_LOCATION;
    struct nn_layer *e = &pass->encoder, *d = &pass->decoder;
    const struct nn_place all[] = {
        {&e->gi, S, GH},
        {&e->gh, S, GH},
        {&e->h, S + 1, H},
        {&e->c, S + 1, H},
        {&e->dh, S + 1, H},
        {&e->dc, S + 1, H},
        {&d->gi, T, GH},
        {&d->gh, T, GH},
        {&d->h, T + 1, H},
        {&d->c, T + 1, H},
        {&d->dh, T + 1, H},
        {&d->dc, T + 1, H},
        {&pass->context, any * S, GH},
        {&pass->dcontext, any * S, GH},
        {&pass->score, any * T, P},
        {&pass->alpha, any * T, P},
        {&pass->k, additive * S, H},
        {&pass->dk, additive * S, H},
        {&pass->q, any * T, location ? P : H},
        {&pass->dq, additive * T, H},
        {&pass->u, additive * T * S, H},
        {&pass->dv, additive, H},
        {&pass->from_word, location * T, P},
        {&pass->dscore, location * T, P},
        {&pass->x, U, H},
        {&pass->dx, U, H},
        {&pass->x_gi, U, GH},
        {&pass->x_score, location * U, P},
        {&pass->logits, T, V},
        {&e->sums[0], NN_BLOCKS, H},
        {&e->sums[1], NN_BLOCKS, H},
        {&d->sums[0], NN_BLOCKS, H},
        {&d->sums[1], NN_BLOCKS, H},
        {&pass->sums, NN_BLOCKS * U, H},
        {&pass->word_sums, NN_BLOCKS * U, H},
        {&pass->state_sums, NN_BLOCKS, H},
    };
    return nn_array_place(all, G_N_ELEMENTS(all));
}

nn_pass *nn_pass_new(const struct nn_network *network, int max_S, int max_T, int threads,
                     const struct nn_kernels *kernels)
{
    g_assert(max_S >= 1 && max_S <= NN_MAX_POSITION);
    g_assert(max_T >= 1 && max_T <= NN_MAX_POSITION);
    nn_pass *pass = g_new0(nn_pass, 1);
    pass->network = network;
    pass->team = nn_team_new(MIN(threads, NN_BLOCKS), kernels ? kernels : nn_kernels_at(0));
    pass->max_S = max_S;
    pass->max_T = max_T;
    pass->encoder.tensors = &nn_encoder_tensors;
    pass->encoder.words = g_new(gint32, max_S);
    pass->decoder.tensors = &nn_decoder_tensors;
    pass->decoder.words = g_new(gint32, max_T);
    pass->nll = g_new(double, max_T);
    pass->said = g_new(gint32, max_T);
    pass->hit_rate = g_new(double, max_T);
    for (int p = 0; p < max_T; p++)
        pass->hit_rate[p] = 0.5;
    pass->arena = place_arrays(pass);
    return pass;
}

void nn_pass_free(nn_pass *pass)
{
    if (!pass)
        return;
    nn_team_free(pass->team);
    nn_array_free(pass->arena);
    g_free(pass->encoder.words);
    g_free(pass->decoder.words);
    g_free(pass->nll);
    g_free(pass->said);
    g_free(pass->hit_rate);
    g_free(pass);
}

/* ---- forward ---- */

struct forward {
    nn_pass *pass;
    const gint32 *target;
    int n_target;
    gboolean teacher_forcing;
};

/* The words that steps from .. to - 1 predict, into pass->said, complete in all threads. */
static void find_said(nn_pass *pass, const struct nn_worker *me, int from, int to)
{
    for (int p = from + me->rank; p < to; p += me->n)
        pass->said[p] = me->kernels->argmax(nn_row(pass->logits, p), pass->network->V);
    nn_meet(me);
}

/*
 * How many steps to compute at once from step `from` on. A step that follows a wrong guess is
 * computed again, but in the output layer, most of the work, a second row costs only 40 % of a
 * first, a third 50 % and every other 60 %: so steps are added as long as they are reached, by what
 * was seen at the same places of sentences before, with a probability that pays.
 */
static int guess_steps(const nn_pass *pass, int from, int n_target)
{
    static const double pays[] = {0.55, 0.7, 0.85};
    double reached = 1;
    int n = 1;
    for (; from + n < n_target; n++) {
        reached *= pass->hit_rate[from + n - 1];
        if (reached < pays[MIN(n, (int)G_N_ELEMENTS(pays)) - 1])
            break;
    }
    return n;
}

/* Prepares steps from .. guessed_to - 1, for all threads: their inputs, if all of them guess right.
 */
static void guess_inputs(nn_pass *pass, const gint32 *target, int n_target, int from)
{
    gint32 *input = pass->decoder.words;
    pass->guessed_to = from + guess_steps(pass, from, n_target);
    input[from] = from == 0 ? DS_SOS : pass->said[from - 1];
    for (int p = from + 1; p < pass->guessed_to; p++)
        input[p] = target[p - 1];
}

/*
 * Runs the decoder on its own predictions and returns the number of steps. Steps are computed
 * several at a time, on the guess that each predicts the word of the target; where one does not,
 * the steps after it are computed again, from the word that it did predict. Every thread takes the
 * same decisions; the first one writes them down.
 */
static int run_free(nn_pass *pass, const struct nn_worker *me, const gint32 *target, int n_target)
{
    for (int from = 0; from < n_target;) {
        if (me->rank == 0)
            guess_inputs(pass, target, n_target, from);
        nn_meet(me);
        const int to = pass->guessed_to;
        nn_decoder_forward(pass, me, from, to);
        find_said(pass, me, from, to);
        for (gboolean right = TRUE; right && from < to; from++) {
            right = pass->said[from] == target[from];
            if (me->rank == 0)
                pass->hit_rate[from] += (right - pass->hit_rate[from]) / 16;
            if (pass->said[from] == DS_EOS)
                return from + 1;
        }
    }
    return n_target;
}

/* NLL of each step; logits become its gradient, softmax(logits) - 1 at the word of the target. */
static void take_loss(nn_pass *pass, const struct nn_worker *me, const gint32 *target, int T)
{
    for (int p = me->rank; p < T; p += me->n) {
        nn_real *logits = nn_row(pass->logits, p);
        const double score = logits[target[p]];
        pass->nll[p] = me->kernels->softmax(logits, pass->network->V) - score;
        logits[target[p]] -= 1;
    }
}

static void forward(const struct nn_worker *me, gpointer data)
{
    const struct forward *f = data;
    nn_pass *pass = f->pass;
    int T = f->n_target;
    nn_encoder_forward(pass, me);
    nn_decoder_begin(pass, me);
    if (f->teacher_forcing)
        nn_decoder_forward(pass, me, 0, T);
    else
        T = run_free(pass, me, f->target, T);
    take_loss(pass, me, f->target, T);
    if (me->rank == 0)
        pass->T = T;
}

double nn_pass_forward(nn_pass *pass, const gint32 *source, int n_source, const gint32 *target,
                       int n_target, gboolean teacher_forcing)
{
    g_assert(n_source >= 1 && n_source <= pass->max_S);
    g_assert(n_target >= 1 && n_target <= pass->max_T);
    struct forward f = {pass, target, n_target, teacher_forcing};
    pass->S = pass->encoder.n = n_source;
    memcpy(pass->encoder.words, source, n_source * sizeof(*source));
    pass->decoder.words[0] = DS_SOS;
    if (teacher_forcing)
        memcpy(pass->decoder.words + 1, target, (n_target - 1) * sizeof(*target));
    nn_team_run(pass->team, forward, &f);
    pass->decoder.n = pass->T;

    double nll = 0;
    for (int p = 0; p < pass->T; p++)
        nll += pass->nll[p];
    return nll;
}

/* ---- backward ---- */

struct backward {
    nn_pass *pass;
    struct nn_sink sink;
};

static void backward(const struct nn_worker *me, gpointer data)
{
    const struct backward *b = data;
    nn_decoder_backward(b->pass, me, b->sink);
    nn_encoder_backward(b->pass, me, b->sink);
}

void nn_pass_backward(nn_pass *pass, nn_real *weights, nn_real scale)
{
    struct backward b = {pass, {weights, scale}};
    nn_team_run(pass->team, backward, &b);
}
