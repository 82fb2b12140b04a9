/* Curves of detectors: scores held against labels as `adliotlog rank` does. */
#include "experiments/report_detection.h"

#include "experiments/report_data.h"
#include "model/metric.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

/* ---- curves --------------------------------------------------------------- */

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
static void trace_curve(struct ex_curve *curve, const struct nn_judged *sorted, int n,
                        int n_positive)
{
    double tp = 0, fp = 0;
    for (int i = 0; i < n;) {
        const double score = sorted[i].score;
        for (; i < n && sorted[i].score == score; i++) {
            tp += sorted[i].positive != 0;
            fp += sorted[i].positive == 0;
        }
        const struct ex_curve_point point = {score, fp / (n - n_positive), tp / n_positive,
                                             tp / (tp + fp)};
        add_point(curve->points, &point);
    }
    curve->roc_auc = nn_roc_auc(sorted, n, NULL);
    curve->pr_auc = nn_average_precision(sorted, n, NULL);
}

static void free_curve(gpointer data)
{
    struct ex_curve *curve = data;
    g_free(curve->detector);
    g_array_unref(curve->points);
    g_free(curve);
}

/* The scores [n] of a unit, sorted, those that are missing with the least; NULL: it has none. */
static struct nn_judged *sort_scores(const ex_field *field, const double *scores, enum ex_unit unit,
                                     int *n, int *n_missing)
{
    double least = INFINITY;
    *n = *n_missing = 0;
    for (int i = 0; i < field->n; i++)
        if (ex_unit_of(&field->candidates[i]) == unit)
            least = fmin(least, scores[i]); /* passes over NAN */
    if (isinf(least))
        return NULL;
    struct nn_judged *sorted = g_new0(struct nn_judged, field->n);
    for (int i = 0; i < field->n; i++) {
        if (ex_unit_of(&field->candidates[i]) != unit)
            continue;
        *n_missing += isnan(scores[i]) != 0;
        sorted[*n].score = isnan(scores[i]) ? least : scores[i];
        sorted[(*n)++].positive = field->positive[i];
    }
    nn_sort_judged(sorted, *n);
    return sorted;
}

static void add_curves(ex_detection *d, const char *detector, const ex_field *field,
                       const double *scores)
{
    for (enum ex_unit unit = 0; unit < EX_N_UNIT; unit++) {
        int n, n_missing;
        g_autofree struct nn_judged *sorted =
            d->missing[unit] ? NULL : sort_scores(field, scores, unit, &n, &n_missing);
        if (!sorted)
            continue;
        struct ex_curve *curve = g_new0(struct ex_curve, 1);
        curve->detector = g_strdup(detector);
        curve->points = g_array_new(FALSE, FALSE, sizeof(struct ex_curve_point));
        curve->n_missing = n_missing;
        trace_curve(curve, sorted, n, d->n_positive[unit]);
        g_ptr_array_add(d->curves[unit], curve);
    }
}

static void count_candidates(ex_detection *d, const ex_field *field)
{
    for (int i = 0; i < field->n; i++) {
        const enum ex_unit unit = ex_unit_of(&field->candidates[i]);
        d->n[unit]++;
        d->n_positive[unit] += field->positive[i] != 0;
    }
    for (int unit = 0; unit < EX_N_UNIT; unit++)
        if (d->n_positive[unit] == 0 || d->n_positive[unit] == d->n[unit])
            d->missing[unit] = g_strdup("all that is judged is of one kind, attack or not");
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

static gboolean read_detectors(ds_store *store, ex_detection *d, const ex_field *field,
                               GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) detectors =
        ds_query_new(store, error, "SELECT detector_id, name FROM detector WHERE detection_id = ?",
                     "i", d->detection_id);
    if (!detectors)
        return FALSE;
    while (ds_query_next(detectors, &failure)) {
        g_autofree char *name = ex_query_text(detectors, 1);
        g_autofree double *scores =
            ex_field_load_scores(field, ds_query_int(detectors, 0), &failure);
        if (!scores)
            break;
        add_curves(d, name, field, scores);
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* Labels that are unknown, or runs that have changed, leave the curves out: the page says why. */
static gboolean read_curves(ds_store *store, ex_detection *d, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ex_task) task = ex_task_find(store, d->name, &failure);
    g_autoptr(ex_field) field = task ? ex_field_load(task, &failure) : NULL;
    if (field) {
        count_candidates(d, field);
        read_detectors(store, d, field, &failure);
    }
    if (failure && !g_error_matches(failure, TG_ERROR, TG_ERROR_DATA)) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    for (int unit = 0; unit < EX_N_UNIT; unit++) {
        if (failure)
            g_ptr_array_set_size(d->curves[unit], 0);
        g_ptr_array_sort(d->curves[unit], by_area);
        if (d->curves[unit]->len == 0 && !d->missing[unit])
            d->missing[unit] = g_strdup(failure ? failure->message : "no detector has scored it");
    }
    g_clear_error(&failure);
    return TRUE;
}

/* ---- the task ------------------------------------------------------------- */

void ex_detection_free(ex_detection *detection)
{
    if (!detection)
        return;
    for (int unit = 0; unit < EX_N_UNIT; unit++) {
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
    for (int unit = 0; unit < EX_N_UNIT; unit++)
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
    for (int unit = 0; unit < EX_N_UNIT; unit++)
        for (guint i = 0; i < detection->curves[unit]->len; i++) {
            const struct ex_curve *curve = detection->curves[unit]->pdata[i];
            for (guint k = 0; k < curve->points->len; k++) {
                const struct ex_curve_point *p =
                    &g_array_index(curve->points, struct ex_curve_point, k);
                g_string_append_printf(out, "%s,", ex_unit_names[unit]);
                ex_escape(EX_CSV, curve->detector, out);
                g_string_append_printf(out, ",%.9g,%.6f,%.6f,%.6f\n", p->threshold,
                                       p->false_positive_rate, p->recall, p->precision);
            }
        }
}
