/* Runs ns-2: several simulations at a time, each finished whole or not at all. */
#ifndef TRACEGEN_SIMULATE_H
#define TRACEGEN_SIMULATE_H

#include "tracegen/plan.h"

struct tg_simulate_options {
    const char *out; /* folder of the run directories; made if it is missing */
    int jobs;        /* simulations at a time, at least 1 */
    double timeout;  /* seconds of wall time for each simulation */
    gboolean nam;    /* write a nam file too */
    gboolean force;  /* simulate again what is finished */
};

/* What became of one. Strings belong to tg_simulate(). */
struct tg_run {
    const char *directory; /* below `out` */
    const char *scenario, *attack, *traffic;
    gint64 seed;
    const char *sha256; /* of the trace; NULL if the run failed */
    gint64 bytes;       /* of the trace */
    double seconds;     /* wall time of ns; 0 when skipped */
    gboolean skipped;   /* was finished already */
};

/* Hears of each run in the order of their plans; error is NULL when it is finished. */
typedef void (*tg_run_report)(const struct tg_run *run, const GError *error, gpointer data);

/* How far all of it is. */
struct tg_run_counts {
    int n;       /* runs */
    int skipped; /* that were finished before */
    int ended;   /* with those that were skipped */
    int failed;
};

/* Hears of progress several times a second, first when the finished ones are known. */
typedef void (*tg_run_progress)(const struct tg_run_counts *counts, gpointer data);

struct tg_simulate_callbacks {
    tg_run_report report;     /* or NULL */
    tg_run_progress progress; /* or NULL */
    gpointer data;
};

/*
 * Runs those of the plans that are not finished, in directories of their own (see
 * tracegen/rundir.h). One that fails does not stop the others. While one is digested and put into
 * place the next is simulated. Environment variable NS names another ns.
 *
 * Call from the main thread: iterates the default main context. Looks at tg_check_interrupt(), and
 * ends all simulations when it is set. FALSE when any failed; the code of the error is that of the
 * first failure: TG_ERROR_NS, TG_ERROR_DATA, TG_ERROR_SYSTEM, TG_ERROR_INTERRUPTED.
 */
gboolean tg_simulate(const struct tg_simulate_options *options, const struct tg_plans *plans,
                     const struct tg_simulate_callbacks *callbacks, GError **error);

#endif
