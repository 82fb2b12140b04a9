#include "model/decoding.h"
#include <math.h>

/* One of the best continuations: lane `from` says `word`. */
struct choice {
    double log_probability; /* of the whole sentence so far */
    int from;
    gint32 word;
};

/*
 * Inserts a choice among the best, which are sorted; of equals, those that came first stay first.
 * Returns the new number, at most `room`.
 */
static int insert(struct choice *best, int n, int room, struct choice choice)
{
    int i = n < room ? n : room - 1;
    if (n == room && choice.log_probability <= best[i].log_probability)
        return n;
    for (; i > 0 && choice.log_probability > best[i - 1].log_probability; i--)
        best[i] = best[i - 1];
    best[i] = choice;
    return MIN(n + 1, room);
}

/* The best continuations of all lanes, whose sentences have log_probability. Returns how many. */
static int choose(const nn_decoding *d, const struct nn_output *sentences, struct choice *best)
{
    const int V = d->network->V;
    int n = 0;
    for (int i = 0; i < d->n; i++) {
        const nn_real *logits = nn_row(d->logits, i);
        const double before = sentences[i].log_probability - d->kernels->log_sum_exp(logits, V);
        /* One comparison decides for nearly all words. */
        double least = n < d->max_lanes ? -INFINITY : best[n - 1].log_probability - before;
        for (int word = 0; word < V; word++) {
            if (logits[word] <= least)
                continue;
            n = insert(best, n, d->max_lanes, (struct choice){before + logits[word], i, word});
            if (n == d->max_lanes)
                least = best[n - 1].log_probability - before;
        }
    }
    return n;
}

/* The sentences of the next step, and what has ended by the way if it is better than *found. */
static int extend(nn_decoding *d, const struct choice *best, int n,
                  const struct nn_output *sentences, struct nn_output *next,
                  struct nn_output *found)
{
    int n_next = 0;
    for (int i = 0; i < n; i++) {
        struct nn_output sentence = sentences[best[i].from];
        sentence.ended = best[i].word == DS_EOS;
        const gboolean full = sentence.n_word == DS_MAX_WORDS;
        if (!full || sentence.ended)
            sentence.log_probability = best[i].log_probability;
        if (!full && !sentence.ended)
            sentence.words[sentence.n_word++] = best[i].word;
        if (full || sentence.ended) {
            if (sentence.log_probability > found->log_probability)
                *found = sentence;
            continue;
        }
        nn_decoding_keep(d, n_next, best[i].from);
        d->lane[n_next].word = best[i].word;
        next[n_next++] = sentence;
    }
    return n_next;
}

void nn_decode_beam(nn_decoding *d, struct nn_sentence source, struct nn_output *output)
{
    struct nn_output *sentences = d->sentences, *next = d->sentences + d->max_lanes;
    struct choice best[NN_MAX_LANES];
    nn_decoding_begin(d, &source, 1);
    for (int i = 1; i < d->max_lanes; i++)
        d->lane[i] = d->lane[0]; /* all look at one source */
    sentences[0].n_word = 0;
    sentences[0].log_probability = 0;
    *output = (struct nn_output){.log_probability = -INFINITY};
    /* Words only take probability away: a sentence that is over is beaten by none that is worse. */
    while (d->n > 0 && sentences[0].log_probability > output->log_probability) {
        nn_decoding_step(d);
        const int n = choose(d, sentences, best);
        d->n = extend(d, best, n, sentences, next, output);
        struct nn_output *swap = sentences;
        sentences = next;
        next = swap;
    }
}
