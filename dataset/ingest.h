/* From a trace to the store: one run, one transaction. */
#ifndef DATASET_INGEST_H
#define DATASET_INGEST_H

#include "dataset/store.h"
#include "tracegen/line.h"

struct ds_ingest_options {
    gboolean force;      /* replace a run whose trace is in the store already */
    gboolean keep_noise; /* also store the lines that are not about packets */
    gint64 max_reject; /* refuse a trace with more refused lines than that; -1: none is too many */
    const char *command; /* command line, for provenance */
    /* Called for each refused line, in order. May be NULL. */
    void (*rejected)(void *data, const char *path, gint64 line, const char *reason);
    void *data;
};

struct ds_ingest_result {
    gint64 run_id;
    gint64 namesake; /* another run, of a file of the same path with other content; 0: none */
    gint64 n_line, n_event, n_noise, n_blank, n_reject;
    gint64 n_noise_of[TG_N_NOISE];
    gboolean unterminated;        /* the last line has no line end */
    double first_time, last_time; /* s, of its events; NAN: it has none */
};

/*
 * Ingests a run directory (with manifest.json; its trace may be packed by gzip), a trace file (a
 * manifest beside it that names it is used) or "-". On failure the store is as it was:
 * TG_ERROR_DATA when the trace is in the store already, differs from its manifest, is of a node
 * that its manifest does not list, has too many refused lines, or holds no line of an ns-2 trace;
 * TG_ERROR_SYSTEM; TG_ERROR_INTERRUPTED. Other writers of the store wait from the first bytes of
 * the trace to its last.
 */
gboolean ds_ingest(ds_store *store, const char *path, const struct ds_ingest_options *options,
                   struct ds_ingest_result *result, GError **error);

#endif
