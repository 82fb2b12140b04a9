/*
 * Federated averaging: what an aggregator does with the networks that its clients trained, each on
 * data of its own (McMahan et al. 2017, "Communication-efficient learning of deep networks from
 * decentralized data"). Arithmetic alone: who sends what to whom is for experiments/.
 *
 * K clients, n weights each, laid out as those of one network.
 */
#ifndef MODEL_FEDERATION_H
#define MODEL_FEDERATION_H

#include "model/random.h"
#include "model/real.h"

/* More than a person could mean; each has a stream of random numbers of its own. */
enum { NN_MAX_CLIENT = 4096, NN_MAX_ROUND = 1000000, NN_MAX_SHARE = (1 << 29) - 1 };

/*
 * mean[i] = sum_k share[k] weights[k][i] / sum_k share[k], summed in double in the order of the
 * clients; shares are whole numbers up to NN_MAX_SHARE, so that the mean of one client is its
 * weights, to the bit. mean may be one of the arrays. K >= 1.
 */
void nn_federation_average(const nn_real *const *weights, const double *share, int K, gsize n,
                           nn_real *mean);

/*
 * Shortens an update: weights = global + (weights - global) min(1, limit / |weights - global|),
 * the norm being L2 over all n. An update within the limit keeps its bits. Returns its norm before.
 */
double nn_federation_clip(const nn_real *global, nn_real *weights, gsize n, double limit);

/* Adds to each weight a number of N(0, deviation^2). */
void nn_federation_add_noise(nn_real *weights, gsize n, double deviation, struct nn_random *random);

/*
 * The epsilon of (epsilon, delta) differential privacy of n_round releases of a sum to which one
 * client contributes a vector of norm C at most, each with noise of deviation `noise` C: rho =
 * n_round / (2 noise^2) of zero-concentrated differential privacy (Bun and Steinke 2016, Prop. 1.6
 * and Lemma 1.7), epsilon = rho + 2 sqrt(rho ln(1 / delta)) (Prop. 1.3). Client level, a client's
 * contribution present or zero; nothing is claimed for rounds that drew only some of the clients.
 * n_round >= 0, noise > 0, 0 < delta < 1.
 */
double nn_federation_epsilon(int n_round, double noise, double delta);

/* Which clients a round goes to, and which of those are to be lost on the way. */
enum nn_part { NN_NOT_ASKED, NN_LOST, NN_ASKED };

/*
 * Draws parts [K] of a round from the seed: max(1, round(K participation)) clients are asked, each
 * of which is lost with probability `drop`. The draws of a round depend on no other round.
 */
void nn_federation_draw(guint64 seed, int round, double participation, double drop, int K,
                        enum nn_part *parts);

/*
 * The random numbers of client k: those of nn_train_start() for the first, so that a federation of
 * one is a training like any other; streams of their own for the others.
 */
void nn_federation_client_random(struct nn_random *random, guint64 seed, int k);

#endif
