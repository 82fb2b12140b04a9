/* What the writer and the reader of model files agree on; see model_file.h. */
#ifndef MODEL_MODEL_FORMAT_H
#define MODEL_MODEL_FORMAT_H

#include "model/model_file.h"

/* The layout of header and tensors; another one is refused. */
#define NN_MODEL_FORMAT "1"

/* Longest header of the safetensors format, in bytes. */
#define NN_MAX_HEADER 100000000

/*
 * TG_ERROR_DATA when a member is not what model_file.h says: a weight that is not finite, options
 * or training that are no JSON object, a vocabulary with other special words or a word twice, text
 * that is not UTF-8.
 */
gboolean nn_model_check(const nn_model *model, GError **error);

/* Tensors are copied between memory and file as they are. */
#if G_BYTE_ORDER != G_LITTLE_ENDIAN
#error "the model file is little-endian"
#endif

/* Sets TG_ERROR_DATA; returns FALSE. */
gboolean nn_model_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
