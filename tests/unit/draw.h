/* Networks and sentence pairs, drawn so that the decoder does what a test is about. */
#ifndef TESTS_UNIT_DRAW_H
#define TESTS_UNIT_DRAW_H

#include "model/random.h"
#include "tests/unit/reference.h"

enum drawn_way {
    DRAW_FORCED,
    DRAW_ERRORS,    /* free: right for a while, wrong, and right again; DS_EOS is never said */
    DRAW_EARLY_END, /* free: DS_EOS is said before the last step, but not in the first two */
};

struct drawn {
    struct nn_shape shape;
    struct nn_tensor tensor[NN_N_TENSOR];
    gsize n_weight;
    double *weights; /* [n_weight], all of them floats */
    gint32 source[NN_MAX_POSITION], target[NN_MAX_POSITION];
    struct reference_pair pair; /* of these */
};

/*
 * Weights twice as large as nn_network_init()'s, out of the range where all gates are half open;
 * sentences of S and T words with repetitions. No choice of free running hangs on a difference of
 * less than DRAW_MARGIN.
 */
#define DRAW_MARGIN 2e-3
void draw(struct drawn *drawn, const struct nn_shape *shape, int S, int T, enum drawn_way way,
          guint64 seed);
void draw_clear(struct drawn *drawn);

/* "gru-additive" */
char *draw_name(const struct nn_shape *shape);

#endif
