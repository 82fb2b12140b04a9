/* What decode.c and beam.c share. */
#ifndef MODEL_DECODING_H
#define MODEL_DECODING_H

#include "model/decode.h"
#include "model/layer.h"

/* A sentence in the making. */
struct nn_lane {
    int source;  /* which encoded source it looks at */
    int item;    /* the caller's number */
    gint32 word; /* input of the next step */
};

struct nn_decoding {
    const struct nn_network *network;
    enum nn_task task;
    const struct nn_kernels *kernels;
    nn_team *team; /* of this thread alone */
    int max_S, max_lanes;

    /* Sources, longest first. */
    int S[NN_MAX_LANES];
    const struct nn_sentence *const *sources; /* while they are encoded */
    struct nn_matrix source_h, source_c; /* [lanes (max_S + 1)][H] states of each, the first 0 */
    struct nn_matrix k, context;         /* [lanes max_S][H], [GH] as in struct nn_pass */

    /* Lanes that are going on, and one row of each matrix for each. */
    int n;
    struct nn_lane lane[NN_MAX_LANES];
    struct nn_matrix h, c;           /* [lanes][H] states before the step */
    struct nn_matrix h_next, c_next; /* and after it */
    struct nn_matrix gi, gh;         /* [lanes][GH] */
    struct nn_matrix q, from_word;   /* [lanes][H or P], [P] */
    struct nn_matrix logits;         /* [lanes][V] */

    struct nn_matrix x, x_gi, x_score; /* [lanes], as in struct nn_pass */
    struct nn_matrix u, score, alpha;  /* [max_S][H], [1][max_S], [1][P] of one lane */
    nn_real *arena;

    struct nn_output *sentences; /* [2 lanes] of a beam */
};

/*
 * Encodes n sources, or has the decoder read them (NN_NEXT_WORD); lane i begins with one of them,
 * the caller's number lane[i].item.
 */
void nn_decoding_begin(nn_decoding *decoding, const struct nn_sentence *sources, int n);

/* One step of all lanes, from lane[i].word and row i of h to those of h_next and logits. */
void nn_decoding_step(nn_decoding *decoding);

/* Lane `to` of the next step goes on where lane `from` got in this one. */
void nn_decoding_keep(nn_decoding *decoding, int to, int from);

#endif
