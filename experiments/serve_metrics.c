#include "experiments/serve_metrics.h"

#include <string.h>

/* Upper bounds of the buckets, s; one more has the rest. */
static const double bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                0.1,    0.25,  0.5,    1,     2.5,  5};

/* Of one route and one status. */
struct series {
    const char *route;
    guint status;
    guint64 n;
};

struct ex_metrics {
    GMutex lock;
    GArray *series; /* of struct series, in the order in which they came */
    guint64 bucket[G_N_ELEMENTS(bounds) + 1];
    double seconds;
    guint64 n, n_broken, n_slow, n_connected;
    guint n_connection;
};

ex_metrics *ex_metrics_new(void)
{
    ex_metrics *metrics = g_new0(ex_metrics, 1);
    g_mutex_init(&metrics->lock);
    metrics->series = g_array_new(FALSE, FALSE, sizeof(struct series));
    return metrics;
}

void ex_metrics_free(ex_metrics *metrics)
{
    if (!metrics)
        return;
    g_array_unref(metrics->series);
    g_mutex_clear(&metrics->lock);
    g_free(metrics);
}

static struct series *find_series(ex_metrics *metrics, const char *route, guint status)
{
    for (guint i = 0; i < metrics->series->len; i++) {
        struct series *s = &g_array_index(metrics->series, struct series, i);
        if (s->status == status && strcmp(s->route, route) == 0)
            return s;
    }
    const struct series fresh = {.route = route, .status = status};
    g_array_append_val(metrics->series, fresh);
    return &g_array_index(metrics->series, struct series, metrics->series->len - 1);
}

void ex_metrics_count(ex_metrics *metrics, const char *route, guint status, double seconds)
{
    gsize bucket = 0;
    while (bucket < G_N_ELEMENTS(bounds) && seconds > bounds[bucket])
        bucket++;
    g_mutex_lock(&metrics->lock);
    find_series(metrics, route ? route : "", status)->n++;
    metrics->bucket[bucket]++;
    metrics->seconds += seconds;
    metrics->n++;
    g_mutex_unlock(&metrics->lock);
}

void ex_metrics_count_broken(ex_metrics *metrics)
{
    g_mutex_lock(&metrics->lock);
    metrics->n_broken++;
    g_mutex_unlock(&metrics->lock);
}

void ex_metrics_count_slow(ex_metrics *metrics, guint n)
{
    g_mutex_lock(&metrics->lock);
    metrics->n_slow += n;
    g_mutex_unlock(&metrics->lock);
}

guint ex_metrics_connect(ex_metrics *metrics, int change)
{
    g_mutex_lock(&metrics->lock);
    metrics->n_connection += (guint)change;
    metrics->n_connected += change > 0;
    const guint n = metrics->n_connection;
    g_mutex_unlock(&metrics->lock);
    return n;
}

/* ---- text ---------------------------------------------------------------- */

static void put_head(const char *name, const char *type, const char *help, GString *out)
{
    g_string_append_printf(out, "# HELP adliotlog_%s %s\n# TYPE adliotlog_%s %s\n", name, help,
                           name, type);
}

static void put_number(const char *name, const char *type, const char *help, guint64 value,
                       GString *out)
{
    put_head(name, type, help, out);
    g_string_append_printf(out, "adliotlog_%s %" G_GUINT64_FORMAT "\n", name, value);
}

static void put_seconds(double seconds, GString *out)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(out, g_ascii_formatd(text, sizeof text, "%.9g", seconds));
}

static void put_durations(const ex_metrics *metrics, GString *out)
{
    guint64 n = 0;
    put_head("http_request_duration_seconds", "histogram",
             "Time from the first line of a request to the end of its answer.", out);
    for (gsize i = 0; i < G_N_ELEMENTS(bounds); i++) {
        n += metrics->bucket[i];
        g_string_append(out, "adliotlog_http_request_duration_seconds_bucket{le=\"");
        put_seconds(bounds[i], out);
        g_string_append_printf(out, "\"} %" G_GUINT64_FORMAT "\n", n);
    }
    g_string_append_printf(out,
                           "adliotlog_http_request_duration_seconds_bucket{le=\"+Inf\"} "
                           "%" G_GUINT64_FORMAT "\nadliotlog_http_request_duration_seconds_sum ",
                           metrics->n);
    put_seconds(metrics->seconds, out);
    g_string_append_printf(out,
                           "\nadliotlog_http_request_duration_seconds_count %" G_GUINT64_FORMAT
                           "\n",
                           metrics->n);
}

void ex_metrics_put(ex_metrics *metrics, GString *out)
{
    put_head("build_info", "gauge", "The version of the program.", out);
    g_string_append(out, "adliotlog_build_info{version=\"" ADLIOTLOG_VERSION "\"} 1\n");
    g_mutex_lock(&metrics->lock);
    put_head("http_requests_total", "counter", "Requests that were answered.", out);
    for (guint i = 0; i < metrics->series->len; i++) {
        const struct series *s = &g_array_index(metrics->series, struct series, i);
        g_string_append_printf(out,
                               "adliotlog_http_requests_total{route=\"%s\",code=\"%u\"} "
                               "%" G_GUINT64_FORMAT "\n",
                               s->route, s->status, s->n);
    }
    put_durations(metrics, out);
    put_number("http_requests_broken_total", "counter",
               "Requests that were malformed, cut off or too slow to be answered.",
               metrics->n_broken, out);
    put_number("http_connections", "gauge", "Connections that are open.", metrics->n_connection,
               out);
    put_number("http_connections_total", "counter", "Connections that were opened.",
               metrics->n_connected, out);
    put_number("http_connections_slow_total", "counter",
               "Connections that were closed because they took too long.", metrics->n_slow, out);
    g_mutex_unlock(&metrics->lock);
}
