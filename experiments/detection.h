/* Detection tasks in the store: their runs, what is judged, and the scores of detectors. */
#ifndef EXPERIMENTS_DETECTION_H
#define EXPERIMENTS_DETECTION_H

#include "dataset/store.h"

/* ---- what is judged ------------------------------------------------------ */

/* A row of view candidate, but for its label: src sends data to dst. */
struct ex_candidate {
    gint64 run_id, src, dst;
    gint64 window; /* from window * ex_task.window s on; EX_WHOLE_RUN */
};

enum { EX_WHOLE_RUN = -1 };

/* By run, src, dst, window: a pair's windows follow the candidate of the whole run. */
int ex_candidate_compare(const void *a, const void *b);

/* The place of a candidate among sorted ones [n], -1 when it is not there. */
int ex_candidate_find(const struct ex_candidate *sorted, int n, const struct ex_candidate *wanted);

/* ---- tasks --------------------------------------------------------------- */

typedef struct ex_task {
    ds_store *store; /* not owned */
    gint64 detection_id;
    char *name;
    double window;        /* s */
    GArray *train, *test; /* of gint64: run_id, ascending */
} ex_task;

struct ex_task_options {
    const char *name;
    const char *train, *test; /* SQL conditions on table run */
    double window;            /* s, > 0 */
    gboolean force;           /* replace a task of that name with other runs or windows */
    const char *command;      /* command line, for provenance */
};

/*
 * The task of that name, made when there is none. Inside a transaction. TG_ERROR_USAGE for a
 * condition that cannot be asked and for runs that are both trained and tested on, TG_ERROR_NO when
 * no run meets a condition, TG_ERROR_DATA when the task has other runs or windows. Caller frees.
 */
ex_task *ex_task_make(ds_store *store, const struct ex_task_options *options, GError **error);

/*
 * The task of that name. TG_ERROR_USAGE when there is none, TG_ERROR_DATA when a run of it is no
 * longer in the store. Caller frees.
 */
ex_task *ex_task_find(ds_store *store, const char *name, GError **error);
void ex_task_free(ex_task *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_task, ex_task_free)

/* ---- detectors ----------------------------------------------------------- */

/* Those that every task has. */
enum ex_built_in {
    EX_CROSSES_GATEWAYS,
    EX_NEW_PAIR,
    EX_VOLUME,
    EX_INTER_ARRIVAL,
    EX_NEW_EVENT,
    EX_COUNT_VECTOR,
    EX_EDIT_DISTANCE,
    EX_N_BUILT_IN
};

extern const char *const ex_built_in_names[EX_N_BUILT_IN + 1]; /* ended by NULL */

struct ex_detector {
    const char *name;
    gint64 model_id;     /* 0: none */
    const char *source;  /* what its scores come from: JSON */
    const char *command; /* command line, for provenance */
};

/*
 * Whether scores are to be written: not when there is a detector of that name from the same
 * source, unless it is forced. TG_ERROR_DATA when there is one from another source.
 */
gboolean ex_detector_is_due(const ex_task *task, const struct ex_detector *detector, gboolean force,
                            gboolean *due, GError **error);

/*
 * Writes a detector with its scores [n] of the candidates, NAN where it has none, in the place of
 * one of that name. Inside a transaction. Returns detector_id, 0 on error.
 */
gint64 ex_detector_write(const ex_task *task, const struct ex_detector *detector,
                         const struct ex_candidate *candidates, const double *scores, int n,
                         GError **error);

#endif
