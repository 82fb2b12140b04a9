#include "experiments/detection_traffic.h"

#include "model/distance.h"
#include "tracegen/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- packets ------------------------------------------------------------- */

struct loading {
    const ex_task *task;
    GArray *candidates, *sendings, *gaps;
    double duration;  /* of the run, s */
    int whole;        /* place of the pair's first candidate, -1: none yet */
    double last_sent; /* of the pair, s */
};

static void add_candidate(struct loading *l, const struct ex_candidate *candidate, double seconds)
{
    const struct ex_sending sending = {.seconds = seconds, .gap_at = (int)l->gaps->len};
    g_array_append_vals(l->candidates, candidate, 1);
    g_array_append_val(l->sendings, sending);
}

/* Packets come in the order of pair and time. */
static void add_packet(struct loading *l, struct ex_candidate pair, double sent)
{
    pair.window = EX_WHOLE_RUN;
    const gboolean is_new =
        l->whole < 0 ||
        ex_candidate_compare(&g_array_index(l->candidates, struct ex_candidate, l->whole), &pair);
    if (is_new) {
        l->whole = (int)l->candidates->len;
        add_candidate(l, &pair, l->duration);
    }
    /* As view candidate has it: the quotient without its fraction. */
    pair.window = (gint64)(sent / l->task->window);
    if (g_array_index(l->candidates, struct ex_candidate, l->candidates->len - 1).window !=
        pair.window)
        add_candidate(l, &pair, l->task->window);
    struct ex_sending *run = &g_array_index(l->sendings, struct ex_sending, l->whole);
    struct ex_sending *window =
        &g_array_index(l->sendings, struct ex_sending, l->sendings->len - 1);
    run->n_packet++;
    window->n_packet++;
    if (!is_new) {
        const double gap = sent - l->last_sent;
        g_array_append_val(l->gaps, gap);
        run->n_gap++;
        window->n_gap++;
    }
    l->last_sent = sent;
}

static gboolean find_duration(struct loading *l, gint64 run_id, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) row = ds_query_new(
        l->task->store, error,
        "SELECT coalesce(duration, last_time - first_time, 0) FROM run WHERE run_id = ?", "i",
        run_id);
    if (!row)
        return FALSE;
    l->duration = ds_query_next(row, &failure) ? ds_query_double(row, 0) : 0;
    if (failure)
        g_propagate_error(error, failure);
    if (!(l->duration > 0))
        l->duration = 1;
    return failure == NULL;
}

static gboolean load_run(struct loading *l, gint64 run_id, GError **error)
{
    static const char sql[] =
        "SELECT src, dst, sent FROM packet JOIN flow USING (run_id, flow)"
        " WHERE run_id = ? AND forward AND sent NOT NULL ORDER BY src, dst, sent";
    GError *failure = NULL;
    if (!find_duration(l, run_id, error))
        return FALSE;
    g_autoptr(ds_query) rows = ds_query_new(l->task->store, error, sql, "i", run_id);
    if (!rows)
        return FALSE;
    l->whole = -1;
    while (ds_query_next(rows, &failure))
        add_packet(l,
                   (struct ex_candidate){.run_id = run_id,
                                         .src = ds_query_int(rows, 0),
                                         .dst = ds_query_int(rows, 1)},
                   ds_query_double(rows, 2));
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

ex_traffic *ex_traffic_load(const ex_task *task, const GArray *runs, GError **error)
{
    struct loading l = {.task = task,
                        .candidates = g_array_new(FALSE, FALSE, sizeof(struct ex_candidate)),
                        .sendings = g_array_new(FALSE, FALSE, sizeof(struct ex_sending)),
                        .gaps = g_array_new(FALSE, FALSE, sizeof(double))};
    gboolean done = TRUE;
    for (guint i = 0; i < runs->len && done; i++)
        done = tg_check_interrupt(error) && load_run(&l, g_array_index(runs, gint64, i), error);
    ex_traffic *traffic = g_new0(ex_traffic, 1);
    traffic->n = (int)l.candidates->len;
    traffic->n_gap = (int)l.gaps->len;
    traffic->candidates = (struct ex_candidate *)(void *)g_array_free(l.candidates, FALSE);
    traffic->sendings = (struct ex_sending *)(void *)g_array_free(l.sendings, FALSE);
    traffic->gaps = (double *)(void *)g_array_free(l.gaps, FALSE);
    if (!done)
        g_clear_pointer(&traffic, ex_traffic_free);
    return traffic;
}

void ex_traffic_free(ex_traffic *traffic)
{
    if (!traffic)
        return;
    g_free(traffic->candidates);
    g_free(traffic->sendings);
    g_free(traffic->gaps);
    g_free(traffic);
}

/* ---- detectors ----------------------------------------------------------- */

gboolean ex_score_crossing(const ex_task *task, const ex_traffic *test, double *scores,
                           GError **error)
{
    for (int i = 0; i < test->n; i++) {
        const struct ex_candidate *c = &test->candidates[i];
        gint64 crosses = 0;
        if (c->window != EX_WHOLE_RUN) { /* the pair's first candidate was the run */
            scores[i] = scores[i - 1];
            continue;
        }
        if (!ds_lookup(task->store, &crosses, error,
                       "SELECT a.gateway <> b.gateway FROM node AS a JOIN node AS b USING (run_id)"
                       " WHERE run_id = ? AND a.node = ? AND b.node = ?",
                       "iii", c->run_id, c->src, c->dst))
            return FALSE;
        scores[i] = crosses;
    }
    return TRUE;
}

/* The pair of nodes alone. */
static struct ex_candidate name_pair(const struct ex_candidate *c)
{
    return (struct ex_candidate){.src = c->src, .dst = c->dst};
}

void ex_score_new_pair(const ex_traffic *train, const ex_traffic *test, double *scores)
{
    g_autofree struct ex_candidate *known = g_new(struct ex_candidate, train->n + 1);
    int n = 0;
    for (int i = 0; i < train->n; i++)
        if (train->candidates[i].window == EX_WHOLE_RUN)
            known[n++] = name_pair(&train->candidates[i]);
    qsort(known, n, sizeof(*known), ex_candidate_compare);
    for (int i = 0; i < test->n; i++) {
        const struct ex_candidate pair = name_pair(&test->candidates[i]);
        scores[i] = ex_candidate_find(known, n, &pair) < 0;
    }
}

static double log_rate(const struct ex_sending *s)
{
    return log(s->n_packet / s->seconds);
}

static void score_volume_of(const ex_traffic *train, const ex_traffic *test, gboolean whole,
                            double *scores)
{
    double sum = 0, squares = 0;
    int n = 0;
    for (int i = 0; i < train->n; i++)
        if ((train->candidates[i].window == EX_WHOLE_RUN) == whole) {
            sum += log_rate(&train->sendings[i]);
            n++;
        }
    const double mean = sum / n; /* NAN for none, and so are all scores then */
    for (int i = 0; i < train->n; i++)
        if ((train->candidates[i].window == EX_WHOLE_RUN) == whole) {
            const double difference = log_rate(&train->sendings[i]) - mean;
            squares += difference * difference;
        }
    const double sd = squares > 0 ? sqrt(squares / n) : 1;
    for (int i = 0; i < test->n; i++)
        if ((test->candidates[i].window == EX_WHOLE_RUN) == whole)
            scores[i] = fabs(log_rate(&test->sendings[i]) - mean) / sd;
}

void ex_score_volume(const ex_traffic *train, const ex_traffic *test, double *scores)
{
    score_volume_of(train, test, TRUE, scores);
    score_volume_of(train, test, FALSE, scores);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *sort_gaps(const double *gaps, int n)
{
    double *sorted = g_new(double, n + 1);
    if (n > 0)
        memcpy(sorted, gaps, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), by_value);
    return sorted;
}

void ex_score_inter_arrival(const ex_traffic *train, const ex_traffic *test, double *scores)
{
    g_autofree double *known = sort_gaps(train->gaps, train->n_gap);
    for (int i = 0; i < test->n; i++) {
        const struct ex_sending *s = &test->sendings[i];
        g_autofree double *gaps = sort_gaps(&test->gaps[s->gap_at], s->n_gap);
        scores[i] = s->n_gap > 0 && train->n_gap > 0
                        ? nn_ks_distance(gaps, s->n_gap, known, train->n_gap)
                        : NAN;
    }
}
