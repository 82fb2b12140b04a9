/* Tables that are rows of the store as they stand there: what was run, made and audited. */
#ifndef EXPERIMENTS_REPORT_ROWS_H
#define EXPERIMENTS_REPORT_ROWS_H

#include "dataset/store.h"
#include "experiments/report_table.h"

/* Each NULL on error. */
ex_table *ex_make_runs(ds_store *store, const char *plan, GError **error);
ex_table *ex_make_traces(ds_store *store, const char *plan, GError **error);
ex_table *ex_make_all_of_runs(ds_store *store, const char *plan, GError **error); /* of both */
ex_table *ex_make_pair_sets(ds_store *store, const char *plan, GError **error);
ex_table *ex_make_models(ds_store *store, const char *plan, GError **error);
ex_table *ex_make_audit(ds_store *store, const char *plan, GError **error);

#endif
