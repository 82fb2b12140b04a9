/* The runs that a condition picks. */
#ifndef DATASET_RUNS_H
#define DATASET_RUNS_H

#include "dataset/store.h"

/*
 * The run_id of the runs that meet an SQL condition on table run, ascending, as gint64.
 * TG_ERROR_USAGE when the condition cannot be asked, TG_ERROR_NO when no run meets it. Caller
 * frees.
 */
GArray *ds_runs_pick(ds_store *store, const char *condition, GError **error);

/* The same; messages name the option that gave the condition. */
GArray *ds_runs_pick_for(ds_store *store, const char *option, const char *condition,
                         GError **error);

#endif
