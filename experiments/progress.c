#include "experiments/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { INTERVAL = G_USEC_PER_SEC / 4 };

void ex_progress_start(struct ex_progress *progress, const char *label)
{
    progress->label = label;
    progress->shown = isatty(STDERR_FILENO) && !g_getenv("ADLIOTLOG_QUIET");
    progress->start = progress->last = g_get_monotonic_time();
}

void ex_progress_show(struct ex_progress *progress, gint64 done, gint64 total, const char *detail)
{
    gint64 now = g_get_monotonic_time();
    if (!progress->shown || now - progress->last < INTERVAL || done <= 0)
        return;
    progress->last = now;
    double elapsed = (double)(now - progress->start) / G_USEC_PER_SEC;
    int left = (int)(elapsed * (double)(total - done) / (double)done);
    fprintf(stderr,
            "\r%s: %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " (%d%%) %.0f/s, %d:%02d to go%s\033[K",
            progress->label, done, total, (int)(100 * done / total), (double)done / elapsed,
            left / 60, left % 60, detail);
    fflush(stderr);
}

void ex_progress_end(struct ex_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
