/* Curves of detectors: scores of table score held against the labels of view candidate. */
#include "experiments/report_detection.h"

#include "experiments/report_data.h"
#include <math.h>
#include <string.h>

const char *const ex_judged_names[] = {"run", "window"};

/* ---- candidates ----------------------------------------------------------- */

enum { N_KEY = 4 }; /* run_id, src, dst, window */

struct candidate {
    gint64 key[N_KEY];
    gboolean positive;
};

static enum ex_judged judged_of(const struct candidate *c)
{
    return c->key[N_KEY - 1] < 0 ? EX_JUDGED_RUN : EX_JUDGED_WINDOW;
}

static void read_key(ds_query *query, gint64 *key)
{
    for (int i = 0; i < N_KEY; i++)
        key[i] = ds_query_int(query, i);
}

static int compare_keys(const gint64 *a, const gint64 *b)
{
    for (int i = 0; i < N_KEY; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

/* All candidates in the order of their keys, and how many are positive; a unit with a candidate
 * that nobody knows the label of has no curves. */
static GArray *read_candidates(ds_store *store, ex_detection *d, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(struct candidate));
    g_autoptr(ds_query) query =
        ds_query_new(store, error,
                     "SELECT run_id, src, dst, window, attack FROM candidate"
                     " WHERE detection_id = ? ORDER BY run_id, src, dst, window",
                     "i", d->detection_id);
    if (!query)
        return NULL;
    while (ds_query_next(query, &failure)) {
        struct candidate c = {.positive = ds_query_int(query, 4) != 0};
        read_key(query, c.key);
        const enum ex_judged unit = judged_of(&c);
        if (ds_query_is_null(query, 4) && !d->missing[unit])
            d->missing[unit] = g_strdup_printf("run %" G_GINT64_FORMAT " has no labels", c.key[0]);
        d->n[unit]++;
        d->n_positive[unit] += c.positive;
        g_array_append_val(candidates, c);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    for (int unit = 0; unit < EX_N_JUDGED; unit++)
        if (!d->missing[unit] && (d->n_positive[unit] == 0 || d->n_positive[unit] == d->n[unit]))
            d->missing[unit] =
                g_strdup(d->n[unit] == 0 ? "there is nothing to judge"
                                         : "all that is judged is of one kind, attack or not");
    return g_steal_pointer(&candidates);
}

/* ---- curves --------------------------------------------------------------- */

struct scored {
    double score;
    gboolean positive;
};

static int by_score(gconstpointer a, gconstpointer b)
{
    const double x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;
    return (x < y) - (x > y);
}

/* Appends a point; one that only has more false positives than the last replaces it where that in
 * turn only had more than the one before. */
static void add_point(GArray *points, const struct ex_curve_point *point)
{
    const guint n = points->len;
    if (n >= 2 && g_array_index(points, struct ex_curve_point, n - 1).recall == point->recall &&
        g_array_index(points, struct ex_curve_point, n - 2).recall == point->recall)
        g_array_index(points, struct ex_curve_point, n - 1) = *point;
    else
        g_array_append_val(points, *point);
}

/* Goes down the scores [n], sorted, ties together. Needs positives and negatives. */
static void trace_curve(struct ex_curve *curve, const GArray *scores, int n_positive)
{
    const double n_negative = (double)scores->len - n_positive;
    double tp = 0, fp = 0;
    for (guint i = 0; i < scores->len;) {
        const double score = g_array_index(scores, struct scored, i).score;
        const double tp_before = tp, fp_before = fp;
        for (; i < scores->len && g_array_index(scores, struct scored, i).score == score; i++) {
            tp += g_array_index(scores, struct scored, i).positive != 0;
            fp += g_array_index(scores, struct scored, i).positive == 0;
        }
        const struct ex_curve_point point = {score, fp / n_negative, tp / n_positive,
                                             tp / (tp + fp)};
        curve->roc_auc += (fp - fp_before) / n_negative * (tp + tp_before) / 2 / n_positive;
        curve->pr_auc += (tp - tp_before) / n_positive * point.precision;
        add_point(curve->points, &point);
    }
}

static void free_curve(gpointer data)
{
    struct ex_curve *curve = data;
    g_free(curve->detector);
    g_array_unref(curve->points);
    g_free(curve);
}

/* Scores of a unit, those that are missing with the least; NULL: there are none. */
static GArray *complete_scores(const GArray *candidates, const double *scores, enum ex_judged unit,
                               int *n_missing)
{
    double least = INFINITY;
    *n_missing = 0;
    for (guint i = 0; i < candidates->len; i++)
        if (judged_of(&g_array_index(candidates, struct candidate, i)) == unit) {
            *n_missing += isnan(scores[i]) != 0;
            least = fmin(least, scores[i]); /* passes over NAN */
        }
    if (isinf(least))
        return NULL;
    GArray *complete = g_array_new(FALSE, FALSE, sizeof(struct scored));
    for (guint i = 0; i < candidates->len; i++) {
        const struct candidate *c = &g_array_index(candidates, struct candidate, i);
        const struct scored s = {isnan(scores[i]) ? least : scores[i], c->positive};
        if (judged_of(c) == unit)
            g_array_append_val(complete, s);
    }
    g_array_sort(complete, by_score);
    return complete;
}

static void add_curves(ex_detection *d, const char *detector, const GArray *candidates,
                       const double *scores)
{
    for (int unit = 0; unit < EX_N_JUDGED; unit++) {
        int n_missing;
        g_autoptr(GArray) complete =
            d->missing[unit] ? NULL : complete_scores(candidates, scores, unit, &n_missing);
        if (!complete)
            continue;
        struct ex_curve *curve = g_new0(struct ex_curve, 1);
        curve->detector = g_strdup(detector);
        curve->points = g_array_new(FALSE, FALSE, sizeof(struct ex_curve_point));
        curve->n_missing = n_missing;
        trace_curve(curve, complete, d->n_positive[unit]);
        g_ptr_array_add(d->curves[unit], curve);
    }
}

/* The scores of a detector, one a candidate, NAN for none. Caller frees; NULL on error. */
static double *read_scores(ds_store *store, gint64 detector_id, const GArray *candidates,
                           GError **error)
{
    GError *failure = NULL;
    g_autofree double *scores = g_new(double, candidates->len + 1);
    g_autoptr(ds_query) query =
        ds_query_new(store, error,
                     "SELECT run_id, src, dst, window, score FROM score WHERE detector_id = ?"
                     " ORDER BY run_id, src, dst, window",
                     "i", detector_id);
    if (!query)
        return NULL;
    gboolean more = ds_query_next(query, &failure);
    for (guint i = 0; i < candidates->len; i++) { /* both are in the order of keys */
        const struct candidate *c = &g_array_index(candidates, struct candidate, i);
        gint64 key[N_KEY];
        int order = 1;
        for (; more; more = ds_query_next(query, &failure)) {
            read_key(query, key);
            if ((order = compare_keys(key, c->key)) >= 0)
                break;
        }
        scores[i] = more && order == 0 ? ds_query_double(query, 4) : NAN;
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&scores);
}

static int by_area(gconstpointer a, gconstpointer b)
{
    const struct ex_curve *x = *(const struct ex_curve *const *)a;
    const struct ex_curve *y = *(const struct ex_curve *const *)b;
    if (x->pr_auc != y->pr_auc)
        return x->pr_auc < y->pr_auc ? 1 : -1;
    if (x->roc_auc != y->roc_auc)
        return x->roc_auc < y->roc_auc ? 1 : -1;
    return strcmp(x->detector, y->detector);
}

static gboolean read_curves(ds_store *store, ex_detection *d, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GArray) candidates = read_candidates(store, d, error);
    g_autoptr(ds_query) detectors =
        candidates ? ds_query_new(store, error,
                                  "SELECT detector_id, name FROM detector WHERE detection_id = ?",
                                  "i", d->detection_id)
                   : NULL;
    if (!detectors)
        return FALSE;
    while (ds_query_next(detectors, &failure)) {
        g_autofree char *name = ex_query_text(detectors, 1);
        g_autofree double *scores =
            read_scores(store, ds_query_int(detectors, 0), candidates, &failure);
        if (!scores)
            break;
        add_curves(d, name, candidates, scores);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    for (int unit = 0; unit < EX_N_JUDGED; unit++) {
        g_ptr_array_sort(d->curves[unit], by_area);
        if (d->curves[unit]->len == 0 && !d->missing[unit])
            d->missing[unit] = g_strdup("no detector has scored it");
    }
    return TRUE;
}

/* ---- the task ------------------------------------------------------------- */

void ex_detection_free(ex_detection *detection)
{
    if (!detection)
        return;
    for (int unit = 0; unit < EX_N_JUDGED; unit++) {
        g_ptr_array_unref(detection->curves[unit]);
        g_free(detection->missing[unit]);
    }
    g_free(detection->name);
    g_free(detection);
}

gboolean ex_detection_read(ds_store *store, const char *plan, ex_detection **detection,
                           GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query = ds_query_new(
        store, error,
        "SELECT detection_id, name, window,"
        " EXISTS (SELECT 1 FROM measure JOIN detector USING (detector_id)"
        "  WHERE detector.detection_id = detection.detection_id) FROM detection WHERE name = ?",
        "s", plan);
    *detection = NULL;
    if (!query)
        return FALSE;
    const gboolean found = ds_query_next(query, &failure);
    if (failure)
        g_propagate_error(error, failure);
    if (!found)
        return failure == NULL;
    ex_detection *d = g_new0(ex_detection, 1);
    d->detection_id = ds_query_int(query, 0);
    d->name = ex_query_text(query, 1);
    d->window = ds_query_double(query, 2);
    d->ranked = ds_query_int(query, 3) != 0;
    for (int unit = 0; unit < EX_N_JUDGED; unit++)
        d->curves[unit] = g_ptr_array_new_with_free_func(free_curve);
    if (!read_curves(store, d, error)) {
        ex_detection_free(d);
        return FALSE;
    }
    *detection = d;
    return TRUE;
}

void ex_detection_put_curves(const ex_detection *detection, GString *out)
{
    g_string_append(out, "unit,detector,threshold,false_positive_rate,recall,precision\n");
    for (int unit = 0; unit < EX_N_JUDGED; unit++)
        for (guint i = 0; i < detection->curves[unit]->len; i++) {
            const struct ex_curve *curve = detection->curves[unit]->pdata[i];
            for (guint k = 0; k < curve->points->len; k++) {
                const struct ex_curve_point *p =
                    &g_array_index(curve->points, struct ex_curve_point, k);
                g_string_append_printf(out, "%s,", ex_judged_names[unit]);
                ex_escape(EX_CSV, curve->detector, out);
                g_string_append_printf(out, ",%.9g,%.6f,%.6f,%.6f\n", p->threshold,
                                       p->false_positive_rate, p->recall, p->precision);
            }
        }
}
