/*
 * The network's own random numbers: xoshiro256++ (Blackman and Vigna), its state filled by
 * splitmix64. They are the same on every machine, and independent of any library's generator.
 */
#ifndef MODEL_RANDOM_H
#define MODEL_RANDOM_H

#include <glib.h>

struct nn_random {
    guint64 state[4];
};

/* Streams of one seed that never disturb each other. Behind the last three come many of a kind. */
enum nn_stream {
    NN_STREAM_WEIGHTS,
    NN_STREAM_TRAINING,
    NN_STREAM_BOOTSTRAP,
    NN_STREAM_NULL,
    NN_STREAM_CLIENT = 1 << 20, /* + the client's number */
    NN_STREAM_ROUND = 1 << 24,  /* + the round: who takes part */
    NN_STREAM_NOISE = 1 << 26   /* + the round */
};

void nn_random_init(struct nn_random *random, guint64 seed, enum nn_stream stream);

guint64 nn_random_next(struct nn_random *random);

/* Uniform in [0, 1), 53 bits. */
double nn_random_uniform(struct nn_random *random);

/* Uniform in 0 .. n - 1, without bias; n > 0. */
int nn_random_below(struct nn_random *random, int n);

/* Standard normal, by the polar method. */
double nn_random_normal(struct nn_random *random);

#endif
