/* Several stores into one: runs, pair sets, models and all that hangs on them. */
#ifndef DATASET_MERGE_H
#define DATASET_MERGE_H

#include "dataset/store.h"

/* What came of one part. */
struct ds_merge_result {
    gint64 n_run, n_event;      /* that are new in the store */
    gint64 n_pair_set, n_model; /* likewise */
    gint64 n_row;               /* rows that were copied, of all tables */
    gint64 n_known;             /* runs of the part that were there already */
    char *left_out; /* tables and views that are not of the schema; NULL: none. Caller frees */
};

/*
 * Copies all that the store `path` holds into a store that is open for writing, in one transaction:
 * all of it or nothing. Rows get numbers that are free. A run is the same when its trace is, and
 * its plan where both are known; a pair set or detection task when its name is, a model when its
 * SHA-256 is: of what is there already nothing is copied, but it has to be equal, row by row. It
 * may differ in where it came from: paths, command lines, the numbers of runs in conditions.
 *
 * The part is only read. TG_ERROR_DATA for what is no store of this version, for the store itself,
 * and where the two contradict each other, with the first row and column that differ;
 * TG_ERROR_SYSTEM, TG_ERROR_INTERRUPTED.
 */
gboolean ds_merge(ds_store *store, const char *path, struct ds_merge_result *result,
                  GError **error);

#endif
