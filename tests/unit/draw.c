#include "tests/unit/draw.h"
#include <math.h>

static void draw_weights(struct drawn *d, struct nn_random *random)
{
    const double bound = 2 / sqrt(d->shape.H);
    for (int i = 0; i < NN_N_TENSOR; i++) {
        const gboolean embedding = i == NN_ENCODER_EMBEDDING || i == NN_DECODER_EMBEDDING;
        /* Scores far enough apart for attention to prefer something. */
        const double scale = i == NN_ATTENTION_V ? 4 * bound : bound;
        for (gsize j = 0; j < d->tensor[i].size; j++) {
            const double x =
                embedding ? nn_random_normal(random) : scale * (2 * nn_random_uniform(random) - 1);
            d->weights[d->tensor[i].offset + j] = (float)x;
        }
    }
}

/* Words from eight of the vocabulary. */
static void draw_sentence(const struct drawn *d, struct nn_random *random, gint32 *words, int n)
{
    const int n_word = d->shape.V - DS_FIRST_WORD;
    for (int i = 0; i < n - 1; i++)
        words[i] = DS_FIRST_WORD + (nn_random_below(random, 8) * 5 + 1) % n_word;
    words[n - 1] = DS_EOS;
}

static double *bias(struct drawn *d)
{
    return d->weights + d->tensor[NN_OUTPUT_BIAS].offset;
}

/* The target becomes what is said, but for a word or two in the middle and the last. */
static void aim_beside(struct drawn *d, const reference *said)
{
    for (int p = 0; p < said->T - 1; p++)
        d->target[p] = said->said[p];
    if (d->pair.T >= 4) {
        const int wrong[] = {d->pair.T / 3, d->pair.T / 2};
        for (int i = 0; i < 2; i++)
            d->target[wrong[i]] = d->target[wrong[i]] == DS_UNK ? DS_FIRST_WORD : DS_UNK;
    }
}

/* Makes DS_EOS what is said in the step that was nearest to it. FALSE: that step will not do. */
static gboolean end_early(struct drawn *d, const reference *said)
{
    int nearest = -1;
    double gap = INFINITY, before = INFINITY; /* of the nearest, and of the nearest before it */
    for (int p = 0; p < said->T - 1; p++) {
        const double *logits = said->logits + (gsize)p * d->shape.V;
        const double at_p = logits[said->said[p]] - logits[DS_EOS];
        if (at_p < gap) {
            before = gap;
            gap = at_p;
            nearest = p;
        }
    }
    if (nearest < 2 || before - gap < 10 * DRAW_MARGIN)
        return FALSE;
    bias(d)[DS_EOS] = (float)(bias(d)[DS_EOS] + (gap + before) / 2);
    return TRUE;
}

static gboolean try_draw(struct drawn *d, struct nn_random *random, enum drawn_way way)
{
    draw_weights(d, random);
    draw_sentence(d, random, d->source, d->pair.S);
    draw_sentence(d, random, d->target, d->pair.T);
    if (way == DRAW_FORCED)
        return TRUE;

    bias(d)[DS_EOS] = -100;
    g_autoptr(reference) said = reference_forward(&d->shape, d->weights, &d->pair);
    aim_beside(d, said);
    if (way == DRAW_EARLY_END && !end_early(d, said))
        return FALSE;
    g_autoptr(reference) again = reference_forward(&d->shape, d->weights, &d->pair);
    g_assert_true((again->T < d->pair.T) == (way == DRAW_EARLY_END));
    return reference_margin(again) > DRAW_MARGIN;
}

void draw(struct drawn *d, const struct nn_shape *shape, int S, int T, enum drawn_way way,
          guint64 seed)
{
    struct nn_random random;
    nn_random_init(&random, seed, NN_STREAM_TRAINING);
    d->shape = *shape;
    d->n_weight = nn_network_layout(shape, d->tensor);
    d->weights = g_new(double, d->n_weight);
    d->pair = (struct reference_pair){d->source, d->target, S, T, way == DRAW_FORCED};
    for (int i = 0; i < 1000; i++)
        if (try_draw(d, &random, way))
            return;
    g_error("no pair of %d and %d words found", S, T);
}

void draw_clear(struct drawn *d)
{
    g_free(d->weights);
}

char *draw_name(const struct nn_shape *shape)
{
    return g_strdup_printf("%s-%s", nn_cell_names[shape->cell],
                           nn_attention_names[shape->attention]);
}
