/*
 * phases [OPTION...]: where the time of a teacher-forced pair goes, on one core, and how far that
 * is from what the core could do.
 *
 * Runs the parts of a pass (model/layer.h) in the order in which nn_pass_forward() and
 * nn_pass_backward() run them, on random sentences, with a clock between them. The floor of a part
 * is the longer of two times: that of its multiply-adds at the rate that the core has in registers,
 * and that of its weights, in bytes, at the rate at which the core reads. A weight comes from the
 * L3 cache where a part first meets it, and from L2 when the part reads it again and all that it
 * reads fits there; one that is updated is read and written. tanh, exp and the memory of states
 * count for nothing, so a floor is rather too low than too high.
 */
#include "model/array.h"
#include "model/layer.h"
#include "tests/bench/limits.h"
#include "tracegen/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum phase {
    ENCODER_INPUT,
    ENCODER_STEPS,
    ATTENTION_BEGIN,
    DECODER_INPUT,
    DECODER_ATTENTION,
    DECODER_CELLS,
    OUTPUT,
    SOFTMAX,
    OUTPUT_BACK,
    DECODER_CELLS_BACK,
    ATTENTION_BACK,
    ATTENTION_END,
    DECODER_UPDATE,
    DECODER_INPUT_BACK,
    ENCODER_CELLS_BACK,
    ENCODER_UPDATE,
    ENCODER_INPUT_BACK,
    N_PHASE
};

struct cost {
    double multiply_adds;
    /* Bytes of weights: */
    double read;    /* when they are first met */
    double again;   /* read again */
    double updated; /* read and written */
    double held;    /* read between the first time and the next */
};

struct bench {
    struct nn_shape shape;
    int S, T, rounds;
    nn_pass *pass;
    nn_network *network;
    gint32 *source, *target;  /* [S], [T] of the pair at hand */
    double *seconds[N_PHASE]; /* [rounds] */
    double *whole;            /* [rounds] nn_pass_forward() and nn_pass_backward() */
    double at;                /* when the part at hand began */
    double peak;              /* multiply-adds a second */
    double l2, l3, update;    /* bytes a second, read from there, and updated in L3 */
    double l2_size;           /* bytes */
    struct nn_words words;    /* of the input at hand */
};

static const char *const names[N_PHASE] = {
    [ENCODER_INPUT] = "encoder input",
    [ENCODER_STEPS] = "encoder steps",
    [ATTENTION_BEGIN] = "attention: k, W_c h",
    [DECODER_INPUT] = "decoder input",
    [DECODER_ATTENTION] = "decoder steps: attention",
    [DECODER_CELLS] = "decoder steps: cells",
    [OUTPUT] = "output layer",
    [SOFTMAX] = "softmax",
    [OUTPUT_BACK] = "output layer, back and update",
    [DECODER_CELLS_BACK] = "decoder cells, back",
    [ATTENTION_BACK] = "decoder attention, back",
    [ATTENTION_END] = "attention: back and update",
    [DECODER_UPDATE] = "decoder cells, update",
    [DECODER_INPUT_BACK] = "decoder input, back and update",
    [ENCODER_CELLS_BACK] = "encoder cells, back",
    [ENCODER_UPDATE] = "encoder cells, update",
    [ENCODER_INPUT_BACK] = "encoder input, back and update",
};

/* ---- what a part costs ---- */

static struct cost cost_of(const struct bench *b, enum phase phase)
{
    const double S = b->S, T = b->T, V = b->network->V, H = b->network->H, G = b->network->G;
    const double cell = G * H * H, square = H * H, f = sizeof(nn_real);
    const struct cost input = {S * cell, .read = cell * f}, input_t = {T * cell, .read = cell * f};
    const struct cost steps = {S * cell, cell * f, (S - 1) * cell * f, .held = cell * f};
    const struct cost steps_t = {T * cell, cell * f, (T - 1) * cell * f, .held = cell * f};
    /* W_s, k and W_c h are met again in every step. */
    const double seen = square + S * H + S * G * H;
    const struct cost look = {T * seen, seen * f, (T - 1) * seen * f, .held = seen * f};
    switch (phase) {
    case ENCODER_INPUT:
        return input;
    case DECODER_INPUT:
        return input_t;
    case ENCODER_STEPS:
    case ENCODER_CELLS_BACK:
        return steps;
    case DECODER_CELLS:
    case DECODER_CELLS_BACK:
        return steps_t;
    case ATTENTION_BEGIN:
        return (struct cost){S * (cell + square), .read = (cell + square) * f};
    case DECODER_ATTENTION:
        return look;
    case ATTENTION_BACK:
        return (struct cost){T * (seen + S * H), look.read, look.again, .held = look.held};
    case OUTPUT:
        return (struct cost){T * V * H, .read = V * H * f};
    case OUTPUT_BACK:
        return (struct cost){2 * T * V * H, .updated = V * H * f};
    case ATTENTION_END:
        return (struct cost){T * S * G * H + 2 * S * (cell + square) + T * square,
                             .updated = (cell + square + square) * f};
    case DECODER_UPDATE:
        return (struct cost){T * cell, .updated = cell * f};
    case ENCODER_UPDATE:
        return (struct cost){S * cell, .updated = cell * f};
    case DECODER_INPUT_BACK:
        return (struct cost){2 * T * cell, .updated = cell * f};
    case ENCODER_INPUT_BACK:
        return (struct cost){2 * S * cell, .updated = cell * f};
    default:
        return (struct cost){0};
    }
}

static double floor_of(const struct bench *b, struct cost cost)
{
    const double again = cost.again / (cost.held < b->l2_size ? b->l2 : b->l3);
    return MAX(cost.multiply_adds / b->peak, cost.read / b->l3 + again + cost.updated / b->update);
}

/* ---- a pair, part by part ---- */

/* Seconds of this thread alone; what others do on the core meanwhile does not count. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What has passed since the last call belongs to that part. */
static void note(struct bench *b, int round, enum phase phase)
{
    const double at = now();
    b->seconds[phase][round] += at - b->at;
    b->at = at;
}

static void run_forward(struct bench *b, const struct nn_worker *me, int round)
{
    nn_pass *pass = b->pass;
    nn_network *network = b->network;
    const struct nn_layer *e = &pass->encoder, *d = &pass->decoder;
    const struct nn_input_scratch scratch = {pass->x, pass->x_gi};
    nn_input_forward(me, network, e->tensors, e->words, e->n, &scratch, &b->words, e->gi);
    note(b, round, ENCODER_INPUT);
    for (int t = 0; t < e->n; t++) {
        const struct nn_cell_rows rows = nn_step_rows(e, t);
        nn_cell_forward(me, network, e->tensors, &rows);
    }
    note(b, round, ENCODER_STEPS);
    nn_decoder_begin(pass, me);
    note(b, round, ATTENTION_BEGIN);
    nn_input_forward(me, network, d->tensors, d->words, d->n, &scratch, &b->words, d->gi);
    note(b, round, DECODER_INPUT);
    for (int p = 0; p < d->n; p++) {
        const struct nn_cell_rows rows = nn_step_rows(d, p);
        nn_attention_forward(pass, me, p);
        note(b, round, DECODER_ATTENTION);
        nn_cell_forward(me, network, d->tensors, &rows);
        note(b, round, DECODER_CELLS);
    }
    nn_multiply(me, network->V, nn_matrix_of(network, network->weights, NN_OUTPUT_WEIGHT),
                nn_view(network, network->weights, NN_OUTPUT_BIAS), nn_rows(d->h, 1, d->n),
                nn_rows(pass->logits, 0, d->n));
    note(b, round, OUTPUT);
    for (int p = 0; p < d->n; p++) {
        me->kernels->softmax(nn_row(pass->logits, p), network->V);
        nn_row(pass->logits, p)[b->target[p]] -= 1;
    }
    note(b, round, SOFTMAX);
}

static void run_backward(struct bench *b, const struct nn_worker *me, int round,
                         struct nn_sink sink)
{
    nn_pass *pass = b->pass;
    nn_network *network = b->network;
    const struct nn_layer *e = &pass->encoder, *d = &pass->decoder;
    const struct nn_matrix dlogits = nn_rows(pass->logits, 0, d->n);
    nn_clear_columns(me, nn_rows(d->dh, 0, d->n + 1));
    nn_clear_columns(me, nn_rows(d->dc, 0, d->n + 1));
    nn_clear_sums(me, pass->sums, d->n);
    nn_backward(me, network->V, nn_matrix_of(network, network->weights, NN_OUTPUT_WEIGHT),
                nn_matrix_of(network, sink.weights, NN_OUTPUT_WEIGHT), sink.scale, dlogits,
                nn_rows(d->h, 1, d->n), pass->sums);
    nn_learn_bias(me, network->V, nn_view(network, sink.weights, NN_OUTPUT_BIAS), sink.scale,
                  dlogits);
    nn_add_sums(me, pass->sums, nn_rows(d->dh, 1, d->n));
    note(b, round, OUTPUT_BACK);
    nn_attention_clear(pass, me);
    for (int p = d->n - 1; p >= 0; p--) {
        nn_cell_backward(me, network, d, p);
        note(b, round, DECODER_CELLS_BACK);
        nn_attention_backward(pass, me, p);
        note(b, round, ATTENTION_BACK);
    }
    nn_clear_columns(me, nn_rows(e->dh, 0, e->n + 1));
    nn_clear_columns(me, nn_rows(e->dc, 0, e->n + 1));
    memcpy(nn_row(e->dh, e->n), nn_row(d->dh, 0), (gsize)network->H * sizeof(nn_real));
    memcpy(nn_row(e->dc, e->n), nn_row(d->dc, 0), (gsize)network->H * sizeof(nn_real));
    nn_attention_end(pass, me, sink);
    note(b, round, ATTENTION_END);
    nn_layer_learn(me, network, d, sink);
    note(b, round, DECODER_UPDATE);
    nn_input_backward(pass, me, d, sink);
    note(b, round, DECODER_INPUT_BACK);
    for (int t = e->n - 1; t >= 0; t--)
        nn_cell_backward(me, network, e, t);
    note(b, round, ENCODER_CELLS_BACK);
    nn_layer_learn(me, network, e, sink);
    note(b, round, ENCODER_UPDATE);
    nn_input_backward(pass, me, e, sink);
    note(b, round, ENCODER_INPUT_BACK);
}

/* Words of the vocabulary, drawn anew for each round. */
static void draw_words(GRand *random, gint32 *words, int n, int V)
{
    for (int i = 0; i < n - 1; i++)
        words[i] = g_rand_int_range(random, DS_FIRST_WORD, V);
    words[n - 1] = DS_EOS;
}

static void run_rounds(const struct nn_worker *me, gpointer data)
{
    struct bench *b = data;
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    const struct nn_sink sink = {b->network->weights, -1e-5F};
    for (int round = 0; round < b->rounds; round++) {
        draw_words(random, b->source, b->S, b->network->V);
        draw_words(random, b->target, b->T, b->network->V);
        /* The whole pass first: it also says what the parts are about. */
        b->at = now();
        nn_pass_forward(b->pass, b->source, b->S, b->target, b->T, TRUE);
        nn_pass_backward(b->pass, sink.weights, sink.scale);
        b->whole[round] = now() - b->at;
        b->at = now();
        run_forward(b, me, round);
        run_backward(b, me, round, sink);
    }
}

/* ---- what is printed ---- */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Milliseconds: the median of all rounds. */
static double median(double *seconds, int n)
{
    qsort(seconds, (gsize)n, sizeof(*seconds), compare);
    return seconds[n / 2] * 1000;
}

static void print_line(const char *name, struct cost cost, double ms, double floor)
{
    printf("  %-30s %7.1f %7.2f %7.3f", name, cost.multiply_adds / 1e6,
           (cost.read + cost.again + 2 * cost.updated) / 1e6, ms);
    if (cost.multiply_adds > 0)
        printf(" %8.1f %7.3f %6.2f\n", cost.multiply_adds / ms / 1e6, floor, ms / floor);
    else
        printf(" %8s %7s %6s\n", "-", "-", "-");
}

static void print_all(struct bench *b, const char *isa)
{
    printf(
        "phases     %s, one thread, S = %d, T = %d, H = %d, V = %d, teacher-forced; median of %d\n",
        isa, b->S, b->T, b->network->H, b->network->V, b->rounds);
    printf("  at best %.1f billion multiply-adds a second; GB/s: %.0f read from L2, %.0f from L3, "
           "%.0f updated there\n",
           b->peak / 1e9, b->l2 / 1e9, b->l3 / 1e9, b->update / 1e9);
    printf("  %-30s %7s %7s %7s %8s %7s %6s\n", "", "million", "MB", "ms", "G/s", "floor", "ratio");
    struct cost sum = {0};
    double ms = 0, floor = 0;
    for (enum phase i = 0; i < N_PHASE; i++) {
        const struct cost cost = cost_of(b, i);
        const double this_ms = median(b->seconds[i], b->rounds);
        const double this_floor = floor_of(b, cost) * 1000;
        print_line(names[i], cost, this_ms, this_floor);
        sum.multiply_adds += cost.multiply_adds;
        sum.read += cost.read;
        sum.again += cost.again;
        sum.updated += cost.updated;
        ms += this_ms;
        floor += this_floor;
    }
    print_line("all", sum, ms, floor);
    print_line("the pass, without clocks", sum, median(b->whole, b->rounds), floor);
}

/* ---- what is asked ---- */

static gboolean read_options(struct bench *b, int *argc, char ***argv, GError **error)
{
    g_autofree char *cell = NULL;
    const GOptionEntry entries[] = {
        {"cell", 0, 0, G_OPTION_ARG_STRING, &cell, "gru or lstm", "NAME"},
        {"hidden", 0, 0, G_OPTION_ARG_INT, &b->shape.H, "H", "N"},
        {"vocabulary", 0, 0, G_OPTION_ARG_INT, &b->shape.V, "V", "N"},
        {"source", 0, 0, G_OPTION_ARG_INT, &b->S, "words of the source", "N"},
        {"target", 0, 0, G_OPTION_ARG_INT, &b->T, "words of the target", "N"},
        {"rounds", 0, 0, G_OPTION_ARG_INT, &b->rounds, "pairs", "N"},
        {0}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return FALSE;
    if (cell && strcmp(cell, "lstm") == 0)
        b->shape.cell = NN_LSTM;
    if (b->shape.H >= 1 && b->shape.H <= NN_MAX_HIDDEN && b->shape.V > DS_FIRST_WORD &&
        b->shape.V <= NN_MAX_VOCABULARY && b->S >= 1 && b->S <= NN_MAX_POSITION && b->T >= 1 &&
        b->T <= NN_MAX_POSITION && b->rounds >= 1)
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "a number is out of range");
    return FALSE;
}

/* What a second could hold, by the best of many trials. */
static void measure_machine(struct bench *b, const char *isa)
{
    enum { TRIALS = 40, CALLS = 10, KINDS = 4 };
    const struct bench_limits *limits = bench_find_limits(isa);
    const long l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
    b->l2_size = l2 > 0 ? (double)l2 : 1 << 20;
    const gsize in_l2 = (gsize)b->l2_size / 2 / sizeof(float), in_l3 = in_l2 * 16;
    float *x = nn_array_new(in_l3);
    volatile float sink; /* so that nothing is computed in vain */
    double least[KINDS] = {0};
    for (int i = 0; i < KINDS * TRIALS; i++) {
        const int kind = i / TRIALS;
        const double start = now();
        for (int call = 0; call < CALLS; call++)
            sink = kind == 0   ? limits->peak(0.5F)
                   : kind == 1 ? limits->read(x, in_l2)
                   : kind == 2 ? limits->read(x, in_l3)
                               : limits->write(x, in_l3);
        const double took = (now() - start) / CALLS;
        least[kind] = i % TRIALS == 0 ? took : MIN(least[kind], took);
    }
    (void)sink;
    nn_array_free(x);
    b->peak = bench_peak_work(limits) / least[0];
    b->l2 = (double)(in_l2 * sizeof(float)) / least[1];
    b->l3 = (double)(in_l3 * sizeof(float)) / least[2];
    b->update = (double)(in_l3 * sizeof(float)) / least[3];
}

int main(int argc, char **argv)
{
    struct bench b = {.shape = {NN_GRU, NN_ADDITIVE, 256, 4172}, .S = 18, .T = 18, .rounds = 400};
    g_autoptr(GError) error = NULL;
    const struct nn_kernels *kernels = NULL;
    if (!read_options(&b, &argc, &argv, &error) || !(kernels = nn_kernels_choose(&error))) {
        fprintf(stderr, "phases: %s\n", error->message);
        return 2;
    }
    g_autoptr(nn_network) network = nn_network_new(&b.shape);
    g_autoptr(nn_pass) pass = nn_pass_new(network, b.S, b.T, 1, kernels);
    nn_network_init(network, 1);
    b.network = network;
    b.pass = pass;
    b.source = g_new(gint32, b.S);
    b.target = g_new(gint32, b.T);
    b.whole = g_new0(double, b.rounds);
    for (enum phase i = 0; i < N_PHASE; i++)
        b.seconds[i] = g_new0(double, b.rounds);

    measure_machine(&b, kernels->isa);
    nn_team_run(pass->team, run_rounds, &b);
    print_all(&b, kernels->isa);

    for (enum phase i = 0; i < N_PHASE; i++)
        g_free(b.seconds[i]);
    g_free(b.whole);
    g_free(b.source);
    g_free(b.target);
    return 0;
}
