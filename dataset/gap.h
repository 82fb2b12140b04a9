/* The time between consecutive events of each node, summed up while a trace is read. */
#ifndef DATASET_GAP_H
#define DATASET_GAP_H

#include "dataset/store.h"

typedef struct ds_gaps ds_gaps;

ds_gaps *ds_gaps_new(void);
void ds_gaps_free(ds_gaps *gaps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_gaps, ds_gaps_free)

/* The place of a node among all that were asked for, from 0. */
guint ds_gaps_find(ds_gaps *gaps, gint64 node);

/* The node of that place has an event at a time, s. */
void ds_gaps_see(ds_gaps *gaps, guint place, double time);

/* Writes the rows of table node_activity. */
gboolean ds_gaps_write(const ds_gaps *gaps, ds_store *store, gint64 run_id, GError **error);

#endif
