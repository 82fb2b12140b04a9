/* Which runs a command line asks for: the cross product of seeds, options and attacks. */
#ifndef EXPERIMENTS_SWEEP_H
#define EXPERIMENTS_SWEEP_H

#include <glib.h>

/* More than anybody could wait for. */
#define EX_MAX_RUNS 100000

/* As given on the command line; each is NULL or ended by NULL. */
struct ex_sweep {
    char **attacks, **traffics; /* each may hold several between commas */
    char **sweeps;              /* NAME=VALUES, see ex_sweep_expand() */
    char **settings;            /* NAME=VALUE, the same in all runs */
};

/*
 * One GStrv of NAME=VALUE a run: seeds outermost, then traffic, then sweeps in their order, attacks
 * innermost, so that twins are neighbours. The values of a sweep stand between commas, or between
 * semicolons where there are any, so that values may hold commas; 1..5 is the integers from 1 to 5.
 * What is not given is left to the script.
 *
 * NULL and TG_ERROR_USAGE when a sweep is not of this form, or there are more than EX_MAX_RUNS.
 * Caller unrefs.
 */
GPtrArray *ex_sweep_expand(const struct ex_sweep *sweep, const GArray *seeds, GError **error);

#endif
