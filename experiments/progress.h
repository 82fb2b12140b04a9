/* A progress line on stderr: only on a terminal, a few times a second, with the time to go. */
#ifndef EXPERIMENTS_PROGRESS_H
#define EXPERIMENTS_PROGRESS_H

#include <glib.h>

struct ex_progress {
    const char *label; /* what is being done */
    gboolean shown;
    gint64 start, last; /* monotonic time, microseconds */
};

void ex_progress_start(struct ex_progress *progress, const char *label);

/* done of total are finished; detail is appended as it is. */
void ex_progress_show(struct ex_progress *progress, gint64 done, gint64 total, const char *detail);

/* Removes the line. */
void ex_progress_end(struct ex_progress *progress);

#endif
