/* Reads a trace into blocks in a thread of its own, a few blocks ahead of whoever writes them. */
#ifndef DATASET_FEED_H
#define DATASET_FEED_H

#include "dataset/ingest.h"
#include "dataset/shaper.h"
#include "tracegen/reader.h"

typedef struct ds_feed ds_feed;

/* Starts reading. Until ds_feed_free(), reader and shaper belong to the thread. path is for
   messages; all must outlive the feed. */
ds_feed *ds_feed_new(tg_reader *reader, ds_shaper *shaper, const char *path,
                     const struct ds_ingest_options *options);

/*
 * The next block, or NULL at the end of the trace or on error, after all that was read until then;
 * it belongs to the feed and is valid until the next call. Errors are those of tg_reader_next(),
 * and TG_ERROR_DATA for a node that the manifest lacks, too many refused lines, or no line of a
 * trace.
 */
const struct ds_block *ds_feed_next(ds_feed *feed, GError **error);

/* What was read, after the last block: counters and times of *result. */
void ds_feed_result(const ds_feed *feed, struct ds_ingest_result *result);

/* Stops reading, wherever it is. */
void ds_feed_free(ds_feed *feed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_feed, ds_feed_free)

#endif
