/*
 * The model file: safetensors, that is the length of the header (8 bytes, little-endian), the
 * header (JSON), and the tensors one after the other (float32, little-endian).
 *
 *     {"__metadata__":{"model_format":"1","version":"0.1.0","command_line":"...",
 *      "options":"{...}","vocabulary":"[\"<SOS>\",\"<EOS>\",\"<UNK>\",...]"},
 *      "encoder.embedding.weight":{"dtype":"F32","shape":[V,H],"data_offsets":[0,...]},...}
 *
 * Of the metadata only the vocabulary must be there; keys not named here are left alone. The
 * tensors tell the network's shape: V and H are those of encoder.embedding.weight, the cell is the
 * one that encoder.gru.* or encoder.lstm.* name, the attention is additive if there is any of
 * decoder.attention.{w_s,w_h,v}, location if there is any of {weight,bias}, otherwise none.
 */
#ifndef MODEL_MODEL_FILE_H
#define MODEL_MODEL_FILE_H

#include "model/network.h"

typedef struct nn_model {
    nn_network *network;
    char **vocabulary;  /* [V + 1], UTF-8, ended by NULL; "<SOS>", "<EOS>", "<UNK>" come first */
    char *options;      /* a JSON object, whatever the caller wants to keep with the model */
    char *training;     /* NULL, or a JSON object: where the training stands that goes on from it */
    char *command_line; /* that made the model, UTF-8 */
    char *version;      /* of the program that wrote it; filled by nn_model_load() only */
} nn_model;

/* Frees the model and all that it holds. */
void nn_model_free(nn_model *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nn_model, nn_model_free)

/*
 * Writes the model to path: a temporary file beside it, fsync, rename. Same model, same bytes.
 * Being killed leaves nothing, but for an instant before the rename, where the file system has
 * files without a name. TG_ERROR_DATA when nn_model_load() would refuse it (a weight that is not
 * finite, options that are no JSON object
 * ...), TG_ERROR_SYSTEM when it cannot be written; what was at path is then untouched.
 */
gboolean nn_model_save(const nn_model *model, const char *path, GError **error);

/*
 * Reads a model; every tensor must be there with its shape, and nothing else. Options that are
 * missing are "{}", other texts "". NULL and TG_ERROR_DATA, with path and cause, when the file is
 * damaged, cut off, of another format or inconsistent; TG_ERROR_SYSTEM when it cannot be read or is
 * no regular file. Caller frees.
 */
nn_model *nn_model_load(const char *path, GError **error);

#endif
