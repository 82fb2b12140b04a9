#include "experiments/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { INTERVAL = G_USEC_PER_SEC / 4 };

void ex_progress_start(struct ex_progress *progress, const char *label)
{
    *progress = (struct ex_progress){.label = label, .batch = 1, .unit = ""};
    progress->shown = isatty(STDERR_FILENO) && !g_getenv("ADLIOTLOG_QUIET");
    progress->start = progress->last = g_get_monotonic_time();
}

/* How fast, and how long to go; of what was done before nothing is known. */
static void show_rate(const struct ex_progress *progress, gint64 done, gint64 total, gint64 now)
{
    if (done <= progress->first)
        return;
    double rate =
        (double)(done - progress->first) * G_USEC_PER_SEC / (double)(now - progress->start);
    gint64 left = (gint64)((double)(total - done) / rate);
    double shown = rate * progress->batch;
    if (shown >= 1)
        fprintf(stderr, " %.0f%s/s, ", shown, progress->unit);
    else
        fprintf(stderr, " %.1f%s/min, ", shown * 60, progress->unit);
    if (left >= 3600)
        fprintf(stderr, "%" G_GINT64_FORMAT ":%02d:%02d to go", left / 3600, (int)(left / 60 % 60),
                (int)(left % 60));
    else
        fprintf(stderr, "%d:%02d to go", (int)left / 60, (int)left % 60);
}

void ex_progress_show(struct ex_progress *progress, gint64 done, gint64 total, const char *detail)
{
    gint64 now = g_get_monotonic_time();
    if (!progress->shown || now - progress->last < INTERVAL || total <= 0)
        return;
    progress->last = now;
    fprintf(stderr, "\r%s: %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " (%d%%)", progress->label, done,
            total, (int)(100 * done / total));
    show_rate(progress, done, total, now);
    fprintf(stderr, "%s\033[K", detail);
    fflush(stderr);
}

void ex_progress_end(struct ex_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
