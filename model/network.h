/*
 * The network of paper.txt Sec. II: a GRU encoder, additive attention and a GRU decoder. This
 * header fixes its tensors; pass.h computes with them. H is the size of a hidden state and of an
 * embedding, V the size of the vocabulary.
 */
#ifndef MODEL_NETWORK_H
#define MODEL_NETWORK_H

#include "model/real.h"
#include <glib.h>

#define NN_MAX_HIDDEN     (1 << 14)
#define NN_MAX_VOCABULARY (1 << 26)

/* Gates lie one after the other in the order r, z, n (reset-after form, as PyTorch's GRU). */
enum nn_tensor_id {
    NN_ENCODER_EMBEDDING, /* [V][H] */
    NN_ENCODER_W_IH,      /* [3H][H] */
    NN_ENCODER_W_HH,      /* [3H][H] */
    NN_ENCODER_B_IH,      /* [3H] */
    NN_ENCODER_B_HH,      /* [3H] */
    NN_DECODER_EMBEDDING, /* [V][H] */
    NN_ATTENTION_W_S,     /* [H][H] */
    NN_ATTENTION_W_H,     /* [H][H] */
    NN_ATTENTION_V,       /* [H] */
    NN_DECODER_W_IH,      /* [3H][2H]: columns 0..H-1 for the embedding, H..2H-1 the context */
    NN_DECODER_W_HH,      /* [3H][H] */
    NN_DECODER_B_IH,      /* [3H] */
    NN_DECODER_B_HH,      /* [3H] */
    NN_OUTPUT_WEIGHT,     /* [V][H] */
    NN_OUTPUT_BIAS,       /* [V] */
    NN_N_TENSOR
};

/* A row-major view into the one array of weights. */
struct nn_tensor {
    const char *name; /* in the model file, static */
    int rows, cols;   /* cols is 0 for a vector */
    gsize offset;     /* of its first element in the array */
    gsize size;       /* elements */
};

typedef struct nn_network {
    int H, V;
    struct nn_tensor tensor[NN_N_TENSOR];
    gsize n_weight;
    nn_real *weights; /* [n_weight], aligned to 64 bytes: all tensors, in the order above */
} nn_network;

/* Fills in tensor [NN_N_TENSOR] for given H and V; returns the number of weights. */
gsize nn_network_layout(int hidden, int vocabulary, struct nn_tensor *tensor);

/*
 * A network with all weights zero. 1 <= hidden <= NN_MAX_HIDDEN,
 * DS_FIRST_WORD <= vocabulary <= NN_MAX_VOCABULARY. Caller frees.
 */
nn_network *nn_network_new(int hidden, int vocabulary);
void nn_network_free(nn_network *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nn_network, nn_network_free)

/*
 * Draws all weights: embeddings from N(0, 1), all else uniformly from +-1/sqrt(H). Same seed, same
 * bits.
 */
void nn_network_init(nn_network *network, guint64 seed);

/* The first element of a tensor in an array laid out as network->weights. */
static inline nn_real *nn_view(const nn_network *network, nn_real *array, enum nn_tensor_id id)
{
    return array + network->tensor[id].offset;
}

#endif
