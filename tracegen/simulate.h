/* Runs ns-2: several simulations at a time, each finished whole or not at all. */
#ifndef TRACEGEN_SIMULATE_H
#define TRACEGEN_SIMULATE_H

#include <glib.h>

struct tg_simulate_options {
    const char *library; /* folder with the Tcl scenario library, or NULL */
    const char *out;     /* folder of the run directories; made if it is missing */
    int jobs;            /* simulations at a time, at least 1 */
    double timeout;      /* seconds of wall time for each simulation */
    gboolean nam;        /* write a nam file too */
    gboolean force;      /* simulate again what is finished */
};

/* One simulation that is asked for. */
struct tg_simulation {
    const char *script;          /* path of the scenario script */
    const char *const *settings; /* its name=value arguments, ended by NULL */
};

/* What became of one. Strings belong to tg_simulate(). */
struct tg_run {
    const char *directory; /* below `out` */
    const char *scenario, *attack, *traffic;
    gint64 seed;
    const char *sha256; /* of the trace; NULL if the run failed */
    gint64 bytes;       /* of the trace */
    double seconds;     /* wall time; 0 when skipped */
    gboolean skipped;   /* was finished already */
};

/* Hears of each run in the order in which they were asked for; error is NULL when it is finished.
 */
typedef void (*tg_run_report)(const struct tg_run *run, const GError *error, gpointer data);

/* Hears of progress several times a second: how many of the runs have ended. */
typedef void (*tg_run_progress)(int ended, int n, gpointer data);

struct tg_simulate_callbacks {
    tg_run_report report;     /* or NULL */
    tg_run_progress progress; /* or NULL */
    gpointer data;
};

/*
 * Plans all n simulations first, so that no ns is started when a setting is wrong, then runs those
 * that are not finished in directories of their own (see tracegen/rundir.h). One that fails does
 * not stop the others. Environment variable NS names another ns.
 *
 * Call from the main thread: iterates the default main context. Looks at tg_check_interrupt(), and
 * ends all simulations when it is set. FALSE when any failed; the code of the error is that of the
 * first failure: TG_ERROR_USAGE for a refused setting or two equal runs, TG_ERROR_NS,
 * TG_ERROR_DATA, TG_ERROR_SYSTEM, TG_ERROR_INTERRUPTED.
 */
gboolean tg_simulate(const struct tg_simulate_options *options,
                     const struct tg_simulation *simulations, int n,
                     const struct tg_simulate_callbacks *callbacks, GError **error);

#endif
