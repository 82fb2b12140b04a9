/*
 * What a store holds, written for other programs: events and pairs in one of the formats of rows.h,
 * and traces as ns-2 printed them. Memory does not grow with the number of rows. All of it sees one
 * state of the store inside ds_begin_read(). Errors are those of ds_rows_write().
 */
#ifndef DATASET_EXPORT_H
#define DATASET_EXPORT_H

#include "dataset/rows.h"

/* The rows of one run and of one pair set, as the functions below write them. Caller frees. */
ds_query *ds_export_ask_events(ds_store *store, gint64 run_id, GError **error);
ds_query *ds_export_ask_pairs(ds_store *store, gint64 pair_set_id, GError **error);

/*
 * The events of runs (gint64 each) that a vantage shows (see pairs.h; another one is
 * TG_ERROR_USAGE), run by run in trace order; one header before all of them.
 */
gboolean ds_export_events(ds_store *store, const GArray *runs, const char *vantage,
                          const struct ds_format *format, ds_sink *sink, gint64 *n_row,
                          GError **error);

/* The pairs of a set, in order: pair_id, run_id, source_line, target_line, source, target. */
gboolean ds_export_pairs(ds_store *store, gint64 pair_set_id, const struct ds_format *format,
                         ds_sink *sink, gint64 *n_row, GError **error);

/*
 * The lines about packets of a run that a vantage shows, likewise, as they stand in its trace, each
 * with a line feed behind it.
 * TG_ERROR_DATA, with run and line, for an event that no line can be printed from.
 */
gboolean ds_export_trace(ds_store *store, gint64 run_id, const char *vantage, ds_sink *sink,
                         gint64 *n_line, GError **error);

/*
 * Appends one of these lines to out, without a line feed. TG_ERROR_DATA also when the run has no
 * event there.
 */
gboolean ds_export_line(ds_store *store, gint64 run_id, gint64 line, GString *out, GError **error);

#endif
