#include "model/array.h"
#include "model/decoding.h"
#include <string.h>

/* ---- memory ---- */

static nn_real *place_arrays(nn_decoding *d)
{
    const int H = d->network->H, GH = d->network->G * H, V = d->network->V, P = NN_MAX_POSITION;
    const gsize L = (gsize)d->max_lanes, S = (gsize)d->max_S;
    const enum nn_attention attention = d->network->shape.attention;
    const gsize any = attention != NN_NO_ATTENTION, additive = attention == NN_ADDITIVE;
    const gsize location = attention == NN_LOCATION;
    const struct nn_place all[] = {
        {&d->source_h, L * (S + 1), H},
        {&d->source_c, L * (S + 1), H},
        {&d->k, additive * L * S, H},
        {&d->context, any * L * S, GH},
        {&d->h, L, H},
        {&d->c, L, H},
        {&d->h_next, L, H},
        {&d->c_next, L, H},
        {&d->gi, L, GH},
        {&d->gh, L, GH},
        {&d->q, any * L, location ? P : H},
        {&d->from_word, location * L, P},
        {&d->logits, L, V},
        {&d->x, L, H},
        {&d->x_gi, L, GH},
        {&d->x_score, location * L, P},
        {&d->u, additive * S, H},
        {&d->score, additive, (int)S},
        {&d->alpha, any, P},
    };
    return nn_array_place(all, G_N_ELEMENTS(all));
}

nn_decoding *nn_decoding_new(const nn_network *network, enum nn_task task, int max_S, int lanes,
                             const struct nn_kernels *kernels)
{
    g_assert(max_S >= 1 && max_S <= NN_MAX_POSITION);
    g_assert(lanes >= 1 && lanes <= NN_MAX_LANES);
    nn_decoding *d = g_new0(nn_decoding, 1);
    d->network = network;
    d->task = task;
    d->kernels = kernels ? kernels : nn_kernels_at(0);
    d->team = nn_team_new(1, d->kernels);
    d->max_S = max_S;
    d->max_lanes = lanes;
    d->arena = place_arrays(d);
    d->sentences = g_new(struct nn_output, 2 * lanes);
    return d;
}

void nn_decoding_free(nn_decoding *d)
{
    if (!d)
        return;
    nn_team_free(d->team);
    nn_array_free(d->arena);
    g_free(d->sentences);
    g_free(d);
}

/* ---- the encoder ---- */

/* States after t words of the sources first .. first + n - 1: every (max_S + 1)th row. */
static struct nn_matrix states_after(const nn_decoding *d, struct nn_matrix states, int t, int n)
{
    return (struct nn_matrix){nn_row(states, t), n, states.cols,
                              states.stride * (gsize)(d->max_S + 1)};
}

/* All sources, one word after the other, as long as they last. */
static void encode(const struct nn_worker *me, gpointer data)
{
    nn_decoding *d = data;
    const nn_network *network = d->network;
    const struct nn_input_scratch scratch = {d->x, d->x_gi};
    const struct nn_sentence *const *sources = d->sources;
    for (int t = 0, n = d->n; t < d->S[0]; t++) {
        gint32 sentence[NN_MAX_LANES];
        struct nn_words words;
        while (d->S[n - 1] <= t)
            n--;
        for (int i = 0; i < n; i++)
            sentence[i] = sources[i]->words[t];
        nn_input_forward(me, network, &nn_encoder_tensors, sentence, n, &scratch, &words, d->gi);
        const struct nn_cell_rows rows = {.gi = nn_rows(d->gi, 0, n),
                                          .gh = nn_rows(d->gh, 0, n),
                                          .h_prev = states_after(d, d->source_h, t, n),
                                          .c_prev = states_after(d, d->source_c, t, n),
                                          .h = states_after(d, d->source_h, t + 1, n),
                                          .c = states_after(d, d->source_c, t + 1, n)};
        nn_cell_forward(me, network, &nn_encoder_tensors, &rows);
    }
    for (int i = 0; i < d->n; i++) {
        const int first = i * (d->max_S + 1), S = d->S[i];
        nn_attention_begin(me, network, nn_rows(d->source_h, first + 1, S),
                           nn_rows(d->k, i * d->max_S, S), nn_rows(d->context, i * d->max_S, S));
        memcpy(nn_row(d->h, i), nn_row(d->source_h, first + S), network->H * sizeof(nn_real));
        memcpy(nn_row(d->c, i), nn_row(d->source_c, first + S), network->H * sizeof(nn_real));
    }
}

/* Encodes the sources, longest first, or as many times nothing but DS_EOS. */
static void encode_all(nn_decoding *d, const struct nn_sentence *const *sorted, int n)
{
    static const gint32 end[] = {DS_EOS};
    static const struct nn_sentence nothing = {end, 1};
    const struct nn_sentence *encoded[NN_MAX_LANES];
    for (int i = 0; i < n; i++) {
        encoded[i] = d->task == NN_NEXT_WORD ? &nothing : sorted[i];
        d->S[i] = encoded[i]->n;
    }
    d->sources = encoded;
    d->n = n;
    nn_team_run(d->team, encode, d);
    d->sources = NULL;
}

/* ---- the decoder ---- */

/* From lane[i].word and row i of h to that of h_next. */
static void advance(const struct nn_worker *me, gpointer data)
{
    nn_decoding *d = data;
    const nn_network *network = d->network;
    const struct nn_input_scratch scratch = {d->x, d->x_gi};
    const int n = d->n;
    gint32 sentence[NN_MAX_LANES];
    struct nn_words words;
    for (int i = 0; i < n; i++)
        sentence[i] = d->lane[i].word;
    nn_input_forward(me, network, &nn_decoder_tensors, sentence, n, &scratch, &words, d->gi);
    nn_attention_read_words(me, network, &words, d->x, d->x_score, d->from_word);
    nn_attention_ask(me, network, nn_rows(d->h, 0, n), d->from_word, nn_rows(d->q, 0, n));
    for (int i = 0; i < n; i++) {
        const int source = d->lane[i].source, S = d->S[source];
        const struct nn_gaze gaze = {.S = S,
                                     .q = nn_row(d->q, i),
                                     .k = nn_rows(d->k, source * d->max_S, S),
                                     .u = d->u,
                                     .context = nn_rows(d->context, source * d->max_S, S),
                                     .score = d->score.data,
                                     .alpha = d->alpha.data,
                                     .gi = nn_row(d->gi, i)};
        nn_attention_look(me, network, &gaze);
    }
    const struct nn_cell_rows rows = {.gi = nn_rows(d->gi, 0, n),
                                      .gh = nn_rows(d->gh, 0, n),
                                      .h_prev = nn_rows(d->h, 0, n),
                                      .c_prev = nn_rows(d->c, 0, n),
                                      .h = nn_rows(d->h_next, 0, n),
                                      .c = nn_rows(d->c_next, 0, n)};
    nn_cell_forward(me, network, &nn_decoder_tensors, &rows);
}

static void step(const struct nn_worker *me, gpointer data)
{
    nn_decoding *d = data;
    const nn_network *network = d->network;
    advance(me, data);
    nn_multiply(me, network->V, nn_matrix_of(network, network->weights, NN_OUTPUT_WEIGHT),
                nn_view(network, network->weights, NN_OUTPUT_BIAS), nn_rows(d->h_next, 0, d->n),
                nn_rows(d->logits, 0, d->n));
}

void nn_decoding_step(nn_decoding *d)
{
    nn_team_run(d->team, step, d);
}

void nn_decoding_keep(nn_decoding *d, int to, int from)
{
    memcpy(nn_row(d->h, to), nn_row(d->h_next, from), d->network->H * sizeof(nn_real));
    memcpy(nn_row(d->c, to), nn_row(d->c_next, from), d->network->H * sizeof(nn_real));
}

/* ---- the beginning ---- */

static int longer_first(gconstpointer a, gconstpointer b, gpointer data)
{
    (void)data;
    const struct nn_sentence *const *x = a, *const *y = b;
    return (*y)->n - (*x)->n;
}

/* The decoder takes in the words of the sources, longest first, but says nothing about them. */
static void read_all(nn_decoding *d, const struct nn_sentence *const *sorted, int n)
{
    d->n = n;
    for (int t = 0; t < sorted[0]->n - 1; t++) {
        while (sorted[d->n - 1]->n - 1 <= t)
            d->n--;
        nn_team_run(d->team, advance, d);
        for (int i = 0; i < d->n; i++) {
            nn_decoding_keep(d, i, i);
            d->lane[i].word = sorted[i]->words[t];
        }
    }
    d->n = n;
}

void nn_decoding_begin(nn_decoding *d, const struct nn_sentence *sources, int n)
{
    g_assert(n >= 1 && n <= d->max_lanes);
    const struct nn_sentence *sorted[NN_MAX_LANES];
    for (int i = 0; i < n; i++)
        sorted[i] = &sources[i];
    g_qsort_with_data(sorted, n, sizeof(sorted[0]), longer_first, NULL); /* stable */
    g_assert(sorted[0]->n <= d->max_S && sorted[n - 1]->n >= 1);
    for (int i = 0; i < n; i++)
        d->lane[i] = (struct nn_lane){i, (int)(sorted[i] - sources), DS_SOS};
    encode_all(d, sorted, n);
    if (d->task == NN_NEXT_WORD)
        read_all(d, sorted, n);
}

/* ---- what is made of it ---- */

/* One more word of a lane; FALSE when the sentence is over. */
static gboolean say(const nn_decoding *d, int lane, struct nn_output *output)
{
    const nn_real *logits = nn_row(d->logits, lane);
    const struct nn_kernels *kernels = d->kernels;
    const gint32 word = kernels->argmax(logits, d->network->V);
    output->ended = word == DS_EOS;
    if (output->n_word == DS_MAX_WORDS && !output->ended)
        return FALSE; /* no room for this word */
    output->log_probability += (double)logits[word] - kernels->log_sum_exp(logits, d->network->V);
    if (output->ended)
        return FALSE;
    output->words[output->n_word++] = word;
    return TRUE;
}

void nn_decode_greedy(nn_decoding *d, const struct nn_sentence *sources, int n,
                      struct nn_output *outputs)
{
    nn_decoding_begin(d, sources, n);
    for (int i = 0; i < n; i++) {
        outputs[i].n_word = 0;
        outputs[i].log_probability = 0;
    }
    while (d->n > 0) {
        int n_going = 0;
        nn_decoding_step(d);
        for (int i = 0; i < d->n; i++) {
            struct nn_lane lane = d->lane[i];
            struct nn_output *output = &outputs[lane.item];
            if (!say(d, i, output))
                continue;
            lane.word = output->words[output->n_word - 1];
            nn_decoding_keep(d, n_going, i);
            d->lane[n_going++] = lane;
        }
        d->n = n_going;
    }
}

void nn_decode_score(nn_decoding *d, const struct nn_sentence *sources,
                     const struct nn_sentence *targets, int n, struct nn_score *scores)
{
    const int V = d->network->V;
    nn_decoding_begin(d, sources, n);
    for (int i = 0; i < n; i++)
        scores[i] = (struct nn_score){0, 0};
    for (int p = 0; d->n > 0; p++) {
        int n_going = 0;
        nn_decoding_step(d);
        for (int i = 0; i < d->n; i++) {
            struct nn_lane lane = d->lane[i];
            const struct nn_sentence *target = &targets[lane.item];
            const nn_real *logits = nn_row(d->logits, i);
            struct nn_score *score = &scores[lane.item];
            lane.word = target->words[p];
            score->log_probability +=
                (double)logits[lane.word] - d->kernels->log_sum_exp(logits, V);
            score->n_outside += d->kernels->rank(logits, V, lane.word) >= NN_TOP;
            if (p + 1 == target->n)
                continue;
            nn_decoding_keep(d, n_going, i);
            d->lane[n_going++] = lane;
        }
        d->n = n_going;
    }
}

/* The weights of the step that was just made, of the only lane. */
static void keep_gaze(const nn_decoding *d, struct nn_attended *attended)
{
    memcpy(attended->alpha[attended->n_row++], d->alpha.data, attended->n_place * sizeof(nn_real));
}

void nn_decode_attended(nn_decoding *d, struct nn_sentence source, const struct nn_sentence *target,
                        struct nn_output *output, struct nn_attended *attended)
{
    const enum nn_attention attention = d->network->shape.attention;
    g_assert(attention != NN_NO_ATTENTION);
    attended->n_row = 0;
    attended->n_place = attention == NN_LOCATION ? NN_MAX_POSITION : source.n;
    nn_decoding_begin(d, &source, 1);
    if (!target) {
        output->n_word = 0;
        output->log_probability = 0;
    }
    for (int p = 0; !target || p < target->n; p++) {
        nn_decoding_step(d);
        const gboolean going = target || say(d, 0, output);
        if (going || output->ended)
            keep_gaze(d, attended);
        if (!going)
            return;
        d->lane[0].word = target ? target->words[p] : output->words[p];
        nn_decoding_keep(d, 0, 0);
    }
}
