/* What the writer and the reader of model files agree on; see model_file.h. */
#ifndef MODEL_MODEL_FORMAT_H
#define MODEL_MODEL_FORMAT_H

#include <glib.h>

/* The layout of header and tensors; another one is refused. */
#define NN_MODEL_FORMAT "1"

/* Tensors are copied between memory and file as they are. */
#if G_BYTE_ORDER != G_LITTLE_ENDIAN
#error "the model file is little-endian"
#endif

#endif
