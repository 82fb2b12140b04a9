/*
 * Training: plain stochastic gradient descent, one pair an iteration (paper.txt Sec. IV, Table I).
 */
#ifndef MODEL_TRAIN_H
#define MODEL_TRAIN_H

#include "dataset/corpus.h"
#include "model/network.h"

/* Iterations from one report of the loss to the next (paper.txt Sec. IV, Fig. 3). */
#define NN_REPORT_EVERY 100

struct nn_train_options {
    int iterations;         /* N >= 0, one pair each */
    double lr, lr_end;      /* of iteration i: lr (lr_end / lr)^(i / (N - 1)), lr if N = 1; > 0 */
    double teacher_forcing; /* probability, drawn for each pair, 0..1 */
    gboolean mean_loss;     /* descend the mean NLL of a pair's words instead of their sum */
    guint64 seed;
};

/* The paper's: 70,000 iterations, 0.01 to 0.0001, probability 0.5, the sum; seed 1. */
extern const struct nn_train_options nn_train_defaults;

struct nn_progress {
    int iteration;        /* iterations done */
    double loss;          /* NLL per word: mean of the pairs' means since the report before */
    double learning_rate; /* of the iteration just done */
};

/* Returns FALSE, with error set, to stop the training. */
typedef gboolean (*nn_progress_func)(const struct nn_progress *progress, gpointer data,
                                     GError **error);

/*
 * Trains the network on pairs drawn uniformly with replacement: an iteration takes from stream
 * NN_STREAM_TRAINING of the seed first the pair (nn_random_below()), then whether the target is
 * forced (nn_random_uniform() below teacher_forcing). After every NN_REPORT_EVERY iterations, and
 * after the last one, progress (may be NULL) is told. Same network, corpus and options: same bits.
 * Nothing is allocated once the loop has begun.
 *
 * FALSE: progress stopped it, with its error; TG_ERROR_DATA when the corpus is empty, holds a word
 * that the network has no row for, or the loss is not finite any more (the message says at which
 * iteration and pair; the weights are those before it).
 */
gboolean nn_train(nn_network *network, const struct ds_corpus *corpus,
                  const struct nn_train_options *options, nn_progress_func progress, gpointer data,
                  GError **error);

/* TG_ERROR_DATA, with the pair, when the corpus holds a word number outside 0 .. V - 1. */
gboolean nn_check_words(const nn_network *network, const struct ds_corpus *corpus, GError **error);

#endif
