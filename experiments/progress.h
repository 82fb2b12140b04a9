/* A progress line on stderr: only on a terminal, a few times a second, with the time to go. */
#ifndef EXPERIMENTS_PROGRESS_H
#define EXPERIMENTS_PROGRESS_H

#include <glib.h>

struct ex_progress {
    const char *label; /* what is being done */
    /* For the rate, which also tells the time to go. The caller may change these at the start. */
    gint64 first;     /* done before; 0 */
    int batch;        /* things done in a step; 1 */
    const char *unit; /* what they are, as " pairs"; "" */

    gboolean shown;
    gint64 start, last; /* monotonic time, microseconds */
};

void ex_progress_start(struct ex_progress *progress, const char *label);

/* done of total steps are finished; detail is appended as it is. */
void ex_progress_show(struct ex_progress *progress, gint64 done, gint64 total, const char *detail);

/* Removes the line. */
void ex_progress_end(struct ex_progress *progress);

#endif
