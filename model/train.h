/*
 * Training: plain stochastic gradient descent (paper.txt Sec. IV, Table I).
 */
#ifndef MODEL_TRAIN_H
#define MODEL_TRAIN_H

#include "dataset/corpus.h"
#include "model/network.h"
#include "model/random.h"

/* Iterations from one report of the loss to the next (paper.txt Sec. IV, Fig. 3). */
#define NN_REPORT_EVERY 100

enum { NN_MAX_BATCH = 1 << 16, NN_MAX_THREAD = 64 };

/*
 * How the learning rate goes from lr to lr_end: with x = i / (N - 1) of iteration i of N (0 when
 * N = 1), lr (lr_end / lr)^x, lr + (lr_end - lr) x, or lr.
 */
enum nn_schedule { NN_GEOMETRIC, NN_LINEAR, NN_CONSTANT, NN_N_SCHEDULE };
extern const char *const nn_schedule_names[NN_N_SCHEDULE]; /* "geometric" ... */

struct nn_train_options {
    int iterations;    /* N >= 0 */
    int batch;         /* pairs an iteration: 1 .. NN_MAX_BATCH */
    double lr, lr_end; /* > 0 */
    enum nn_schedule schedule;
    double teacher_forcing; /* probability, drawn for each pair, 0..1 */
    gboolean mean_loss;     /* descend the mean NLL of a pair's words instead of their sum */
    guint64 seed;
    int threads;                      /* 1 .. NN_MAX_THREAD; changes no bit of the result */
    const struct nn_kernels *kernels; /* NULL: the fastest */
    int checkpoint_every;             /* iterations; 0: never */
    int until;                        /* stops after so many of the N iterations; 0: after N */
    /* mu >= 0 and w^0 [n_weight] of FedProx: mu / 2 |w - w^0|^2 is added to the loss of an
     * iteration (Li et al. 2020, "Federated optimization in heterogeneous networks", eq. 2). 0,
     * NULL: none. */
    double proximal;
    const nn_real *anchor;
};

/* The paper's: 70,000 iterations of one pair, 0.01 to 0.0001, probability 0.5, the sum; seed 1. */
extern const struct nn_train_options nn_train_defaults;

/* Where a training stands between two iterations: with the weights, all that it goes on from. */
struct nn_train_state {
    int iteration;           /* iterations done */
    struct nn_random random; /* of pairs and forcing */
    double loss;             /* sum of the losses a word since the last report ... */
    int n_loss;              /* ... of so many pairs */
};

struct nn_progress {
    int iteration;        /* iterations done */
    double loss;          /* NLL per word: mean of the pairs' means since the report before */
    double learning_rate; /* of the iteration just done */
};

/* All may be NULL; they return FALSE, with error set, to stop the training. */
struct nn_train_observer {
    /* After every NN_REPORT_EVERY iterations, and after the last one. */
    gboolean (*report)(const struct nn_progress *progress, gpointer data, GError **error);
    /* After every checkpoint_every iterations, after the report, but not after the last. */
    gboolean (*checkpoint)(const struct nn_train_state *state, gpointer data, GError **error);
    gpointer data;
    /* Between the pairs of an iteration, which does not take place if it is stopped there. */
    gboolean (*go_on)(gpointer data, GError **error);
};

/* The state before the first iteration. */
void nn_train_start(struct nn_train_state *state, const struct nn_train_options *options);

/*
 * The state that a training on n_pair pairs has after so many iterations, but for the loss, which
 * starts anew: its random numbers are drawn, and not used. So a training that was carried on
 * elsewhere can be taken up again.
 */
void nn_train_skip(struct nn_train_state *state, const struct nn_train_options *options, int n_pair,
                   int iteration);

/*
 * Trains the network from state to the last iteration, on pairs drawn uniformly with replacement:
 * for each pair it takes from the state's random numbers first the pair (nn_random_below()), then
 * whether the target is forced (nn_random_uniform() below teacher_forcing). An iteration subtracts
 * the learning rate times the mean gradient of its pairs. state is kept up to date, also when an
 * observer stops the training, so that one that goes on from there gives the bits of one that
 * never stopped. Same network, corpus and options: same bits. Nothing is allocated once the loop
 * has begun.
 *
 * FALSE: an observer stopped it, with its error; TG_ERROR_DATA when the corpus is empty, holds a
 * word that the network has no row for, or a loss is not finite any more (the message says at
 * which iteration and pair; the weights are those before that iteration).
 */
gboolean nn_train(nn_network *network, const struct ds_corpus *corpus,
                  const struct nn_train_options *options, struct nn_train_state *state,
                  const struct nn_train_observer *observer, GError **error);

/* TG_ERROR_DATA, with the pair, when the corpus holds a word number outside 0 .. V - 1. */
gboolean nn_check_words(int V, const struct ds_corpus *corpus, GError **error);

#endif
