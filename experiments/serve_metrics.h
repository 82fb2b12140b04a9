/* What `adliotlog serve` counts of itself, as Prometheus reads it. From any thread. */
#ifndef EXPERIMENTS_SERVE_METRICS_H
#define EXPERIMENTS_SERVE_METRICS_H

#include <glib.h>

typedef struct ex_metrics ex_metrics;

ex_metrics *ex_metrics_new(void);
void ex_metrics_free(ex_metrics *metrics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_metrics, ex_metrics_free)

/*
 * A request that was answered: by which route (its pattern, static; NULL: none), with which status,
 * and how many seconds after its first line.
 */
void ex_metrics_count(ex_metrics *metrics, const char *route, guint status, double seconds);

/* A request that was never answered: it was malformed, cut off, or too slow. */
void ex_metrics_count_broken(ex_metrics *metrics);

/* A connection was opened (1) or closed (-1). Returns how many there are. */
guint ex_metrics_connect(ex_metrics *metrics, int change);

/* Connections that were closed because they took too long. */
void ex_metrics_count_slow(ex_metrics *metrics, guint n);

/* Appends all of it in the text format of Prometheus, version 0.0.4. */
void ex_metrics_put(ex_metrics *metrics, GString *out);

#endif
