/* Training on a corpus small enough to be learnt by heart. */
#include "model/pass.h"
#include "model/random.h"
#include "model/train.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

enum { H = 24, V = 12, N_VARIANT = NN_N_CELL * NN_N_ATTENTION };

static struct nn_shape variants[N_VARIANT];
static const struct nn_shape *const paper = &variants[0];

static const gint32 sentences[][5] = {
    {3, 4, 5, DS_EOS}, {6, 7, DS_EOS}, {8, 3, 9, 4, DS_EOS},
    {5, DS_EOS},       {DS_EOS},       {4, 4, 7, DS_EOS},
};
enum { N_PAIR = G_N_ELEMENTS(sentences) };

struct pairs {
    struct ds_pair pairs[N_PAIR];
    struct ds_corpus corpus;
};

/* Each sentence is followed by the next one, as events are; word 10 and 11 do not come. */
static void fill_corpus(struct pairs *p)
{
    static const int lengths[N_PAIR] = {4, 3, 5, 2, 1, 4};
    for (int i = 0; i < N_PAIR; i++) {
        const int next = (i + 1) % N_PAIR;
        p->pairs[i] =
            (struct ds_pair){100 + i, sentences[i], sentences[next], lengths[i], lengths[next]};
    }
    p->corpus = (struct ds_corpus){.pairs = p->pairs, .n_pair = N_PAIR};
}

/* ---- what observers see ---- */

struct event {
    enum { REPORT, CHECKPOINT } kind;
    struct nn_progress progress; /* of a checkpoint: the iteration */
    struct nn_train_state state; /* of a checkpoint */
};

struct watch {
    GArray *events;
    int stop_at; /* iteration to stop after; 0: never */
    int stop_by; /* REPORT or CHECKPOINT */
    const nn_network *network;
    nn_real *weights; /* at the last checkpoint */
};

static gboolean go_on(struct watch *w, const struct event *event, GError **error)
{
    g_array_append_vals(w->events, event, 1);
    if (event->progress.iteration != w->stop_at || (int)event->kind != w->stop_by)
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_INTERRUPTED, "stopped");
    return FALSE;
}

static gboolean note_report(const struct nn_progress *progress, gpointer data, GError **error)
{
    const struct event event = {.kind = REPORT, .progress = *progress};
    return go_on(data, &event, error);
}

static gboolean note_checkpoint(const struct nn_train_state *state, gpointer data, GError **error)
{
    struct watch *w = data;
    const struct event event = {.kind = CHECKPOINT,
                                .progress.iteration = state->iteration,
                                .state = *state};
    if (w->network) {
        g_free(w->weights);
        w->weights = g_memdup2(w->network->weights, w->network->n_weight * sizeof(nn_real));
    }
    return go_on(w, &event, error);
}

static struct watch watch_new(void)
{
    return (struct watch){.events = g_array_new(FALSE, TRUE, sizeof(struct event))};
}

static void watch_clear(struct watch *w)
{
    g_array_unref(w->events);
    g_free(w->weights);
}

static struct nn_train_observer observer_of(struct watch *w)
{
    return (struct nn_train_observer){note_report, note_checkpoint, w};
}

static const struct event *event_at(const struct watch *w, guint i)
{
    g_assert_cmpuint(i, <, w->events->len);
    return &g_array_index(w->events, struct event, i);
}

static const struct nn_train_observer nobody = {0};

/* ---- trainings ---- */

/* What a network of a seed looks like before training. */
static nn_network *untrained(const struct nn_shape *shape, guint64 seed)
{
    nn_network *network = nn_network_new(shape);
    nn_network_init(network, seed);
    return network;
}

static nn_network *train(const struct nn_shape *shape, const struct nn_train_options *options,
                         const struct nn_train_observer *observer)
{
    struct pairs p;
    struct nn_train_state state;
    fill_corpus(&p);
    nn_network *network = untrained(shape, options->seed);
    nn_train_start(&state, options);
    g_autoptr(GError) error = NULL;
    g_assert_true(nn_train(network, &p.corpus, options, &state, observer, &error));
    g_assert_no_error(error);
    g_assert_cmpint(state.iteration, ==, options->iterations);
    return network;
}

static gboolean same_weights(const nn_network *a, const nn_network *b)
{
    g_assert_cmpuint(a->n_weight, ==, b->n_weight);
    return memcmp(a->weights, b->weights, a->n_weight * sizeof(nn_real)) == 0;
}

static void assert_same_state(const struct nn_train_state *a, const struct nn_train_state *b)
{
    g_assert_cmpint(a->iteration, ==, b->iteration);
    g_assert_cmpmem(&a->random, sizeof(a->random), &b->random, sizeof(b->random));
    g_assert_cmpfloat(a->loss, ==, b->loss);
    g_assert_cmpint(a->n_loss, ==, b->n_loss);
}

static void test_learns(gconstpointer data)
{
    const struct nn_shape *shape = data;
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 3050;
    options.lr = 0.1;
    options.lr_end = 0.01;
    struct watch w = watch_new();
    const struct nn_train_observer observer = observer_of(&w);
    g_autoptr(nn_network) network = train(shape, &options, &observer);

    g_assert_cmpuint(w.events->len, ==, 31);
    for (int i = 0; i < 31; i++) {
        const int at = i < 30 ? 100 * (i + 1) : 3050;
        const struct nn_progress *report = &event_at(&w, i)->progress;
        g_assert_cmpint(report->iteration, ==, at);
        g_assert_cmpfloat_with_epsilon(report->learning_rate, 0.1 * pow(0.1, (at - 1) / 3049.0),
                                       1e-12);
    }
    g_assert_cmpfloat(event_at(&w, 0)->progress.loss, >, 1);
    g_assert_cmpfloat(event_at(&w, 30)->progress.loss, <, 0.05);
    watch_clear(&w);

    struct pairs p;
    fill_corpus(&p);
    g_autoptr(nn_pass) pass = nn_pass_new(network, 5, 5, 1, NULL);
    for (int i = 0; i < N_PAIR; i++) {
        const struct ds_pair *pair = &p.pairs[i];
        const double nll = nn_pass_forward(pass, pair->source, pair->n_source, pair->target,
                                           pair->n_target, FALSE);
        g_assert_cmpint(pass->T, ==, pair->n_target);
        g_assert_cmpmem(pass->said, pass->T * sizeof(gint32), pair->target,
                        pair->n_target * sizeof(gint32));
        g_assert_cmpfloat(exp(-nll), >, 0.8);
    }
}

static void test_same_bits(gconstpointer data)
{
    const struct nn_shape *shape = data;
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 30;
    for (options.batch = 1; options.batch <= 3; options.batch += 2) {
        options.threads = 1;
        options.seed = 1;
        g_autoptr(nn_network) one = train(shape, &options, &nobody);
        for (options.threads = 1; options.threads <= 3; options.threads++) {
            g_autoptr(nn_network) some = train(shape, &options, &nobody);
            g_assert_true(same_weights(one, some));
        }
        options.threads = 1;
        options.seed = 2;
        g_autoptr(nn_network) other = train(shape, &options, &nobody);
        g_assert_false(same_weights(one, other));
    }
}

/* ---- by hand ---- */

static double rate_by_hand(const struct nn_train_options *options, int i)
{
    const double x = options->iterations == 1 ? 0 : (double)i / (options->iterations - 1);
    if (options->schedule == NN_CONSTANT)
        return options->lr;
    if (options->schedule == NN_LINEAR)
        return options->lr + (options->lr_end - options->lr) * x;
    return options->lr * pow(options->lr_end / options->lr, x);
}

/* What nn_train() is to do, pass after pass. Returns the mean of the losses a word. */
static double train_by_hand(nn_network *network, const struct ds_corpus *corpus,
                            const struct nn_train_options *options)
{
    g_autoptr(nn_pass) pass = nn_pass_new(network, 5, 5, 1, NULL);
    g_autofree nn_real *gradient = g_new0(nn_real, network->n_weight);
    struct nn_random random;
    nn_random_init(&random, options->seed, NN_STREAM_TRAINING);
    double sum = 0;
    for (int i = 0; i < options->iterations; i++) {
        const double lr = rate_by_hand(options, i);
        for (int b = 0; b < options->batch; b++) {
            const struct ds_pair *pair = &corpus->pairs[nn_random_below(&random, corpus->n_pair)];
            const gboolean forced = nn_random_uniform(&random) < options->teacher_forcing;
            const double nll = nn_pass_forward(pass, pair->source, pair->n_source, pair->target,
                                               pair->n_target, forced);
            const double scale = options->mean_loss ? 1.0 / pass->T : 1;
            if (options->batch == 1)
                nn_pass_backward(pass, network->weights, (nn_real)(-lr * scale));
            else
                nn_pass_backward(pass, gradient, (nn_real)scale);
            sum += nll / pass->T;
        }
        for (gsize j = 0; options->batch > 1 && j < network->n_weight; j++)
            network->weights[j] += (nn_real)(-lr / options->batch) * gradient[j];
        memset(gradient, 0, network->n_weight * sizeof(nn_real));
    }
    return sum / ((double)options->iterations * options->batch);
}

/* Both ways; returns the network. */
static nn_network *train_both_ways(const struct nn_train_options *options)
{
    struct pairs p;
    fill_corpus(&p);
    struct watch w = watch_new();
    const struct nn_train_observer observer = observer_of(&w);
    g_autoptr(nn_network) by_hand = untrained(paper, options->seed);
    nn_network *network = train(paper, options, &observer);
    const double loss = train_by_hand(by_hand, &p.corpus, options);
    g_assert_true(same_weights(network, by_hand));
    g_assert_cmpuint(w.events->len, ==, 1);
    const struct nn_progress *report = &event_at(&w, 0)->progress;
    g_assert_cmpint(report->iteration, ==, options->iterations);
    g_assert_cmpfloat(report->loss, ==, loss);
    g_assert_cmpfloat(report->learning_rate, ==, rate_by_hand(options, options->iterations - 1));
    watch_clear(&w);
    return network;
}

/* Pairs and forcing as drawn; sentences of several lengths, so that sum and mean differ. */
static void test_by_hand(void)
{
    enum { N = 9 };
    struct nn_train_options o[N];
    nn_network *networks[N];
    for (int i = 0; i < N; i++) {
        o[i] = nn_train_defaults;
        o[i].iterations = 20;
        o[i].lr = 0.2;
    }
    o[1].teacher_forcing = 0;
    o[2].teacher_forcing = 1;
    o[3].mean_loss = TRUE;
    o[4].schedule = NN_LINEAR;
    o[5].schedule = NN_CONSTANT;
    o[6].batch = 3;
    o[7].batch = 3;
    o[7].mean_loss = TRUE;
    o[8].batch = 2;
    o[8].iterations = 1;
    for (int i = 0; i < N; i++) {
        networks[i] = train_both_ways(&o[i]);
        for (int j = 0; j < i; j++)
            g_assert_false(same_weights(networks[i], networks[j]));
    }
    for (int i = 0; i < N; i++)
        nn_network_free(networks[i]);
}

/* The mean over pairs of the gradient of the sum, or mean, over words: one step, in double. */
static void check_step(int batch, gboolean mean_loss)
{
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 1;
    options.batch = batch;
    options.mean_loss = mean_loss;
    options.lr = 0.5;
    struct pairs p;
    fill_corpus(&p);
    g_autoptr(nn_network) before = untrained(paper, options.seed);
    g_autoptr(nn_network) after = train(paper, &options, &nobody);
    const gsize n = before->n_weight;
    g_autoptr(nn_pass) pass = nn_pass_new(before, 5, 5, 1, NULL);
    g_autofree double *step = g_new0(double, n);
    struct nn_random random;
    nn_random_init(&random, options.seed, NN_STREAM_TRAINING);
    for (int b = 0; b < batch; b++) {
        const struct ds_pair *pair = &p.pairs[nn_random_below(&random, N_PAIR)];
        const gboolean forced = nn_random_uniform(&random) < 0.5;
        g_autofree nn_real *gradient = g_new0(nn_real, n);
        nn_pass_forward(pass, pair->source, pair->n_source, pair->target, pair->n_target, forced);
        nn_pass_backward(pass, gradient, 1);
        for (gsize j = 0; j < n; j++)
            step[j] += 0.5 * gradient[j] / batch / (mean_loss ? pass->T : 1);
    }
    double largest = 0;
    for (gsize j = 0; j < n; j++) {
        g_assert_cmpfloat_with_epsilon(after->weights[j], before->weights[j] - step[j], 1e-6);
        largest = fmax(largest, fabs(step[j]));
    }
    g_assert_cmpfloat(largest, >, 0.02);
}

static void test_one_iteration(void)
{
    g_assert_false(nn_train_defaults.mean_loss);
    g_assert_cmpint(nn_train_defaults.batch, ==, 1);
    check_step(1, FALSE);
    check_step(1, TRUE);
    check_step(4, FALSE);
    check_step(4, TRUE);
}

static void test_no_iteration(void)
{
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 0;
    struct watch w = watch_new();
    const struct nn_train_observer observer = observer_of(&w);
    g_autoptr(nn_network) before = untrained(paper, 1), after = train(paper, &options, &observer);
    g_assert_true(same_weights(before, after));
    g_assert_cmpuint(w.events->len, ==, 0);
    watch_clear(&w);
}

static void test_untouched_rows(void)
{
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 200;
    options.teacher_forcing = 1;
    g_autoptr(nn_network) before = untrained(paper, options.seed);
    for (options.batch = 1; options.batch <= 2; options.batch++) {
        g_autoptr(nn_network) after = train(paper, &options, &nobody);
        for (int id = 0; id < NN_N_TENSOR; id++) {
            if (id != NN_ENCODER_EMBEDDING && id != NN_DECODER_EMBEDDING)
                continue;
            for (int word = 0; word < V; word++) {
                const gsize row = after->tensor[id].offset + (gsize)word * H;
                const gboolean unseen = word == DS_UNK || word >= 10 ||
                                        word == (id == NN_ENCODER_EMBEDDING ? DS_SOS : DS_EOS);
                const gboolean same =
                    memcmp(after->weights + row, before->weights + row, H * sizeof(nn_real)) == 0;
                g_assert_true(same == unseen);
            }
        }
    }
}

/* ---- stopping and going on ---- */

/* All events of two watches, one after the other, against those of a third. */
static void assert_same_events(const struct watch *first, const struct watch *second,
                               const struct watch *straight)
{
    g_assert_cmpuint(first->events->len + second->events->len, ==, straight->events->len);
    for (guint i = 0; i < straight->events->len; i++) {
        const struct event *a = event_at(straight, i);
        const struct event *b =
            i < first->events->len ? event_at(first, i) : event_at(second, i - first->events->len);
        g_assert_true(a->kind == b->kind);
        g_assert_cmpint(a->progress.iteration, ==, b->progress.iteration);
        g_assert_cmpfloat(a->progress.loss, ==, b->progress.loss);
        g_assert_cmpfloat(a->progress.learning_rate, ==, b->progress.learning_rate);
        assert_same_state(&a->state, &b->state);
    }
}

/*
 * A training stopped after an iteration, and gone on with from a copy of weights and state on
 * another number of threads, against `straight`, the one that was not.
 */
static void stop_and_go(const struct nn_train_options *options, int stop_at, int stop_by,
                        const nn_network *straight, const struct watch *straight_watch)
{
    struct pairs p;
    fill_corpus(&p);
    struct watch first = watch_new(), second = watch_new();
    struct nn_train_observer observer = observer_of(&first);
    first.stop_at = stop_at;
    first.stop_by = stop_by;
    g_autoptr(nn_network) network = untrained(paper, options->seed);
    struct nn_train_state state;
    nn_train_start(&state, options);
    g_autoptr(GError) error = NULL;
    g_assert_false(nn_train(network, &p.corpus, options, &state, &observer, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_INTERRUPTED);
    g_assert_cmpint(state.iteration, ==, stop_at);

    struct nn_train_options others = *options;
    others.threads = 3 - options->threads;
    g_autoptr(nn_network) again = untrained(paper, 99);
    memcpy(again->weights, network->weights, network->n_weight * sizeof(nn_real));
    struct nn_train_state copy = state;
    observer = observer_of(&second);
    g_assert_true(nn_train(again, &p.corpus, &others, &copy, &observer, NULL));
    g_assert_cmpint(copy.iteration, ==, options->iterations);
    g_assert_true(same_weights(again, straight));
    /* Stopped by the report, the checkpoint that would have come next did not. */
    if (stop_by == CHECKPOINT)
        assert_same_events(&first, &second, straight_watch);
    watch_clear(&first);
    watch_clear(&second);
}

static void test_goes_on(void)
{
    static const int stops[] = {1, 2, 57, 99, 100, 101, 129};
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 130;
    options.lr = 0.1;
    options.checkpoint_every = 1;
    for (options.batch = 1; options.batch <= 3; options.batch += 2) {
        for (options.threads = 1; options.threads <= 2; options.threads++) {
            struct watch w = watch_new();
            const struct nn_train_observer observer = observer_of(&w);
            g_autoptr(nn_network) straight = train(paper, &options, &observer);
            for (gsize i = 0; i < G_N_ELEMENTS(stops); i++)
                stop_and_go(&options, stops[i], CHECKPOINT, straight, &w);
            stop_and_go(&options, 100, REPORT, straight, &w);
            stop_and_go(&options, 130, REPORT, straight, &w);
            watch_clear(&w);
        }
    }
}

static void assert_events(int checkpoint_every, const char *expected)
{
    struct nn_train_options options = nn_train_defaults;
    options.iterations = 250;
    options.checkpoint_every = checkpoint_every;
    struct watch w = watch_new();
    const struct nn_train_observer observer = observer_of(&w);
    g_autoptr(nn_network) network = train(paper, &options, &observer);
    g_autoptr(GString) seen = g_string_new(NULL);
    for (guint i = 0; i < w.events->len; i++) {
        const struct event *event = event_at(&w, i);
        g_string_append_printf(seen, " %c%d", event->kind == REPORT ? 'r' : 'c',
                               event->progress.iteration);
        if (event->kind == CHECKPOINT) /* what the next report will be the mean of */
            g_assert_cmpint(event->state.n_loss, ==, event->state.iteration % 100);
    }
    g_assert_cmpstr(seen->str, ==, expected);
    watch_clear(&w);
}

static void test_checkpoints(void)
{
    assert_events(0, " r100 r200 r250");
    assert_events(70, " c70 r100 c140 r200 c210 r250");
    assert_events(50, " c50 r100 c100 c150 r200 c200 r250");
    assert_events(250, " r100 r200 r250");
    assert_events(1000, " r100 r200 r250");
}

/* ---- refusals ---- */

static void assert_refused(const struct ds_corpus *corpus, const char *message)
{
    struct nn_train_options options = nn_train_defaults;
    g_autoptr(nn_network) before = untrained(paper, 1), network = untrained(paper, 1);
    g_autoptr(GError) error = NULL;
    struct nn_train_state state, start;
    nn_train_start(&state, &options);
    nn_train_start(&start, &options);
    g_assert_false(nn_train(network, corpus, &options, &state, &nobody, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_cmpstr(error->message, ==, message);
    g_assert_true(same_weights(network, before));
    assert_same_state(&state, &start);
}

static void test_refusals(void)
{
    const struct ds_corpus empty = {0};
    assert_refused(&empty, "no pairs to train on");

    struct pairs p;
    fill_corpus(&p);
    const gint32 above[] = {V, DS_EOS}, below[] = {-1, DS_EOS};
    p.pairs[2].target = above;
    p.pairs[2].n_target = 2;
    assert_refused(&p.corpus, "pair 102: word 12 is not in the vocabulary of 12");
    p.pairs[1].source = below;
    p.pairs[1].n_source = 2;
    assert_refused(&p.corpus, "pair 101: word -1 is not in the vocabulary of 12");
}

/* Trains until the loss is not finite: weights and state are those of the iteration before. */
static void assert_diverges(nn_network *network, struct nn_train_options options)
{
    struct pairs p;
    fill_corpus(&p);
    options.checkpoint_every = 1;
    struct watch w = watch_new();
    w.network = network;
    const struct nn_train_observer observer = observer_of(&w);
    struct nn_train_state state;
    nn_train_start(&state, &options);
    g_autoptr(GError) error = NULL;
    g_assert_false(nn_train(network, &p.corpus, &options, &state, &observer, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_test_message("%s", error->message);
    g_autofree char *where = g_strdup_printf("at iteration %d (pair 10", state.iteration + 1);
    g_assert_nonnull(strstr(error->message, where));

    g_assert_cmpint(state.iteration, >, 0);
    assert_same_state(&state, &event_at(&w, w.events->len - 1)->state);
    g_assert_cmpmem(network->weights, network->n_weight * sizeof(nn_real), w.weights,
                    network->n_weight * sizeof(nn_real));
    watch_clear(&w);
}

static void test_diverges(void)
{
    struct nn_train_options options = nn_train_defaults;
    for (options.batch = 1; options.batch <= 3; options.batch += 2) {
        /* Products overflow, weights do not. */
        options.lr = options.lr_end = 1e30;
        g_autoptr(nn_network) wild = untrained(paper, 1);
        assert_diverges(wild, options);
        for (gsize i = 0; i < wild->n_weight; i++)
            g_assert_true(isfinite(wild->weights[i]));

        /* One word of one sentence brings it about, at an odd place in a batch. */
        options.lr = options.lr_end = 0.01;
        options.seed = 3;
        g_autoptr(nn_network) spoilt = untrained(paper, 1);
        nn_view(spoilt, spoilt->weights, NN_ENCODER_EMBEDDING)[9 * H] = (nn_real)NAN;
        assert_diverges(spoilt, options);
    }
}

static void add_for_each(const char *name, GTestDataFunc test)
{
    for (int i = 0; i < N_VARIANT; i++) {
        g_autofree char *path =
            g_strdup_printf("/train/%s/%s-%s", name, nn_cell_names[variants[i].cell],
                            nn_attention_names[variants[i].attention]);
        g_test_add_data_func(path, &variants[i], test);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (int i = 0; i < N_VARIANT; i++)
        variants[i] = (struct nn_shape){i / NN_N_ATTENTION, i % NN_N_ATTENTION, H, V};
    add_for_each("learns", test_learns);
    add_for_each("same-bits", test_same_bits);
    g_test_add_func("/train/one-iteration", test_one_iteration);
    g_test_add_func("/train/no-iteration", test_no_iteration);
    g_test_add_func("/train/by-hand", test_by_hand);
    g_test_add_func("/train/untouched-rows", test_untouched_rows);
    g_test_add_func("/train/goes-on", test_goes_on);
    g_test_add_func("/train/checkpoints", test_checkpoints);
    g_test_add_func("/train/refusals", test_refusals);
    g_test_add_func("/train/diverges", test_diverges);
    return g_test_run();
}
