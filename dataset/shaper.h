/* Takes lines apart into what the tables of the store hold, in bounded memory. */
#ifndef DATASET_SHAPER_H
#define DATASET_SHAPER_H

#include "dataset/block.h"
#include "dataset/gap.h"
#include "dataset/label.h"

/* The numbers that the next rows of the tables get. */
struct ds_first_ids {
    gint64 kind, place, ends, shape;
};

typedef struct ds_shaper ds_shaper;

/* Labeller and gaps must outlive the shaper. */
ds_shaper *ds_shaper_new(ds_labeller *labeller, ds_gaps *gaps, const struct ds_first_ids *first);
void ds_shaper_free(ds_shaper *shaper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_shaper, ds_shaper_free)

/*
 * Adds an event to the block, and whatever of it was not there before. FALSE when its node is not
 * in the manifest.
 */
gboolean ds_shaper_add(ds_shaper *shaper, struct ds_block *block, const struct tg_line *line);

/* Whether some packets crossed wires and some were given to agents on the air. */
gboolean ds_shaper_is_mixed(const ds_shaper *shaper);

/* After the last event: adds the shapes that are still being counted, and some of the packets that
   are still being followed. TRUE: call it again with another block, there are more. */
gboolean ds_shaper_finish(ds_shaper *shaper, struct ds_block *block);

#endif
