/* Writes blocks into the tables of a run. */
#ifndef DATASET_BLOCK_WRITER_H
#define DATASET_BLOCK_WRITER_H

#include "dataset/block.h"
#include "dataset/store.h"

typedef struct ds_block_writer ds_block_writer;

/* Of a store in a writing transaction, which it must outlive. */
ds_block_writer *ds_block_writer_new(ds_store *store, gint64 run_id, GError **error);
void ds_block_writer_free(ds_block_writer *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_block_writer, ds_block_writer_free)

/* TG_ERROR_SYSTEM when it cannot be written. */
gboolean ds_block_write(ds_block_writer *writer, const struct ds_block *block, GError **error);

#endif
