/*
 * The network of paper.txt Sec. II: a recurrent encoder, attention and a recurrent decoder. This
 * header fixes its tensors; pass.h computes with them.
 *
 * H is the size of a hidden state and of an embedding, V the size of the vocabulary, G the gates
 * of a cell, P the positions that location attention can look at.
 */
#ifndef MODEL_NETWORK_H
#define MODEL_NETWORK_H

#include "dataset/corpus.h"
#include "model/kernel.h"

#define NN_MAX_HIDDEN     (1 << 14)
#define NN_MAX_VOCABULARY (1 << 26)

/* Words of the longest sentence, DS_EOS counted: P. */
enum { NN_MAX_POSITION = DS_MAX_WORDS + 1 };

enum nn_attention { NN_ADDITIVE, NN_LOCATION, NN_NO_ATTENTION, NN_N_ATTENTION };

/* What distinguishes one network from another before any weight is drawn. */
struct nn_shape {
    enum nn_cell cell;
    enum nn_attention attention;
    int H, V; /* 1 .. NN_MAX_HIDDEN, DS_FIRST_WORD .. NN_MAX_VOCABULARY */
};

/* Their names in options and model files, "gru" and "additive" first. */
extern const char *const nn_cell_names[NN_N_CELL], *const nn_attention_names[NN_N_ATTENTION];

/*
 * The union of all networks' tensors. Gates lie one after the other: r, z, n (reset-after form, as
 * PyTorch's GRU) or i, f, g, o (its LSTM).
 */
enum nn_tensor_id {
    NN_ENCODER_EMBEDDING, /* [V][H] */
    NN_ENCODER_W_IH,      /* [GH][H] */
    NN_ENCODER_W_HH,      /* [GH][H] */
    NN_ENCODER_B_IH,      /* [GH] */
    NN_ENCODER_B_HH,      /* [GH] */
    NN_DECODER_EMBEDDING, /* [V][H] */
    NN_ATTENTION_W_S,     /* [H][H] additive */
    NN_ATTENTION_W_H,     /* [H][H] additive */
    NN_ATTENTION_V,       /* [H] additive */
    NN_ATTENTION_WEIGHT,  /* [P][2H] location: columns 0..H-1 for the embedding, then the state */
    NN_ATTENTION_BIAS,    /* [P] location */
    NN_DECODER_W_IH,      /* [GH][2H]: columns 0..H-1 for the embedding, H..2H-1 the context;
                             [GH][H] without attention */
    NN_DECODER_W_HH,      /* [GH][H] */
    NN_DECODER_B_IH,      /* [GH] */
    NN_DECODER_B_HH,      /* [GH] */
    NN_OUTPUT_WEIGHT,     /* [V][H] */
    NN_OUTPUT_BIAS,       /* [V] */
    NN_N_TENSOR
};

/* A row-major view into the one array of weights. */
struct nn_tensor {
    char name[40];  /* in the model file */
    int rows, cols; /* cols is 0 for a vector */
    gsize offset;   /* of its first element in the array */
    gsize size;     /* elements; 0 where the network has no such tensor */
};

typedef struct nn_network {
    struct nn_shape shape;
    int H, V, G;
    struct nn_tensor tensor[NN_N_TENSOR];
    gsize n_weight;
    nn_real *weights; /* [n_weight], aligned to 64 bytes: all tensors, in the order above */
} nn_network;

/* Fills in tensor [NN_N_TENSOR]; returns the number of weights. */
gsize nn_network_layout(const struct nn_shape *shape, struct nn_tensor *tensor);

/* A network with all weights zero. Caller frees. */
nn_network *nn_network_new(const struct nn_shape *shape);
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

/* A tensor that is no vector, in such an array. */
static inline struct nn_matrix nn_matrix_of(const nn_network *network, nn_real *array,
                                            enum nn_tensor_id id)
{
    const struct nn_tensor *tensor = &network->tensor[id];
    return (struct nn_matrix){array + tensor->offset, tensor->rows, tensor->cols,
                              (gsize)tensor->cols};
}

#endif
