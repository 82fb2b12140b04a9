#include "experiments/ranking.h"
#include "model/metric.h"
#include "model/statistic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const ex_measure_names[EX_N_MEASURE] = {"roc_auc",
                                                    "pr_auc",
                                                    "precision",
                                                    "recall",
                                                    "f1",
                                                    "mcc",
                                                    "false_positives",
                                                    "precision_1",
                                                    "precision_01",
                                                    "precision_001",
                                                    "time_to_detection",
                                                    "detected",
                                                    "base_rate",
                                                    "threshold",
                                                    "n",
                                                    "n_positive",
                                                    "n_missing",
                                                    "n_seed",
                                                    "wilcoxon_p",
                                                    "holm_p",
                                                    "null_roc_auc"};

/* AUCs that differ by less differ by rounding alone. */
#define AUC_GRAIN 1e-12

/* One detector in one unit: what the measures of any resample are computed from. */
struct judging {
    const ex_field *field;
    const double *scores; /* [field->n], all known */
    struct nn_judged *sorted;
    int n;
    double *thresholds;              /* [n_group]: chosen on the other groups */
    struct nn_confusion *confusions; /* [n_group]: at that threshold */
    double *times;                   /* [n_pair]: s from start to alarm; NAN: none */
};

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- thresholds ---------------------------------------------------------- */

/* One group has no others: nothing is flagged, and nothing is known. */
static gboolean has_thresholds(const ex_field *field)
{
    return field->n_group > 1;
}

static void choose_thresholds(struct judging *j)
{
    const int n_group = j->field->n_group;
    g_autofree int *weights = g_new(int, n_group);
    for (int i = 0; i < n_group; i++)
        weights[i] = 1;
    for (int i = 0; i < n_group; i++) {
        weights[i] = 0;
        j->thresholds[i] = nn_best_threshold(j->sorted, j->n, weights);
        weights[i] = 1;
    }
    for (int i = 0; i < j->n && has_thresholds(j->field); i++) {
        const struct nn_judged *item = &j->sorted[i];
        nn_confusion_add(&j->confusions[item->group], item->score >= j->thresholds[item->group],
                         item->positive, 1);
    }
}

/* The end of the first attacked window that is flagged, from the start of the attack on. */
static void find_alarms(struct judging *j)
{
    for (int i = 0; i < j->field->n_pair; i++) {
        const struct ex_pair *pair = &j->field->pairs[i];
        j->times[i] = NAN;
        for (int at = pair->first + 1; at < pair->end && isnan(j->times[i]); at++)
            if (j->field->positive[at] && j->scores[at] >= j->thresholds[pair->group])
                j->times[i] =
                    (j->field->candidates[at].window + 1) * j->field->task->window - pair->start;
    }
}

/* ---- measures of a resample ---------------------------------------------- */

static void measure_alarms(const struct judging *j, const int *weights, double *values)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));
    int n_attacked = 0;
    values[EX_TIME_TO_DETECTION] = values[EX_DETECTED] = NAN;
    for (int i = 0; i < j->field->n_pair; i++) {
        const struct ex_pair *pair = &j->field->pairs[i];
        const int weight = weights ? weights[pair->group] : 1;
        if (!pair->attacked)
            continue;
        n_attacked += weight;
        for (int k = 0; k < weight && !isnan(j->times[i]); k++)
            g_array_append_val(times, j->times[i]);
    }
    if (n_attacked == 0)
        return;
    values[EX_DETECTED] = (double)times->len / n_attacked;
    if (times->len > 0)
        qsort(times->data, times->len, sizeof(double), by_value);
    values[EX_TIME_TO_DETECTION] =
        nn_quantile((const double *)(const void *)times->data, (int)times->len, 0.5);
}

static void measure_confusion(const struct judging *j, const int *weights, double *values)
{
    struct nn_confusion sum = {0};
    for (int i = 0; i < j->field->n_group; i++) {
        const struct nn_confusion *c = &j->confusions[i];
        const double weight = weights ? weights[i] : 1;
        sum.tp += weight * c->tp;
        sum.fp += weight * c->fp;
        sum.tn += weight * c->tn;
        sum.fn += weight * c->fn;
    }
    values[EX_PRECISION] = nn_precision(&sum);
    values[EX_RECALL] = nn_recall(&sum);
    values[EX_F1] = nn_f1(&sum);
    values[EX_MCC] = nn_mcc(&sum);
    values[EX_PRECISION_1] = nn_precision_at(&sum, 0.01);
    values[EX_PRECISION_01] = nn_precision_at(&sum, 0.001);
    values[EX_PRECISION_001] = nn_precision_at(&sum, 0.0001);
}

static void measure(const struct judging *j, enum ex_unit unit, const int *weights, double *values)
{
    double n = 0, n_positive = 0, n_run = 0;
    for (int i = 0; i < j->n; i++) {
        const double weight = weights ? weights[j->sorted[i].group] : 1;
        n += weight;
        n_positive += j->sorted[i].positive ? weight : 0;
    }
    for (int i = 0; i < j->field->n_group; i++)
        n_run += (weights ? weights[i] : 1) * j->field->n_run[i];
    values[EX_ROC_AUC] = nn_roc_auc(j->sorted, j->n, weights);
    values[EX_PR_AUC] = nn_average_precision(j->sorted, j->n, weights);
    values[EX_FALSE_POSITIVES] = nn_false_positives_at(j->sorted, j->n, weights, 0.9) / n_run;
    values[EX_BASE_RATE] = n > 0 ? n_positive / n : NAN;
    measure_confusion(j, weights, values);
    if (unit == EX_WINDOWS && has_thresholds(j->field))
        measure_alarms(j, weights, values);
    else
        values[EX_TIME_TO_DETECTION] = values[EX_DETECTED] = NAN;
}

/* ---- intervals ----------------------------------------------------------- */

/* The 95 % percentile interval of what is defined among values [n], which it sorts. */
static void find_interval(double *values, int n, double *low, double *high)
{
    int defined = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(values[i]))
            values[defined++] = values[i];
    if (defined > 0)
        qsort(values, defined, sizeof(*values), by_value);
    *low = nn_quantile(values, defined, 0.025);
    *high = nn_quantile(values, defined, 0.975);
}

/* Whole simulations are drawn, the same ones for all detectors; thresholds stay as they are. */
static void bootstrap(const struct judging *j, const struct ex_ranking_options *options,
                      struct ex_ranked *ranked)
{
    const int n = options->n_bootstrap;
    struct nn_random random;
    double values[EX_N_RESAMPLED];
    if (n == 0 || j->field->n_group < 2)
        return;
    nn_random_init(&random, options->seed, NN_STREAM_BOOTSTRAP);
    g_autofree int *weights = g_new(int, j->field->n_group);
    g_autofree double *columns = g_new(double, (gsize)n *EX_N_RESAMPLED);
    for (int i = 0; i < n; i++) {
        nn_resample(&random, j->field->n_group, weights);
        measure(j, ranked->unit, weights, values);
        for (int k = 0; k < EX_N_RESAMPLED; k++)
            columns[(gsize)k * n + i] = values[k];
    }
    for (int k = 0; k < EX_N_RESAMPLED; k++)
        if (!isnan(ranked->value[k]))
            find_interval(&columns[(gsize)k * n], n, &ranked->low[k], &ranked->high[k]);
}

/* ---- null ---------------------------------------------------------------- */

/* Calls as many pairs of each benign run attacked as its attack run has. */
static void draw_labels(const ex_field *field, struct nn_random *random, gboolean *chosen)
{
    memset(chosen, 0, field->n_pair * sizeof(*chosen));
    for (int i = 0; i < field->n_benign; i++) {
        const struct ex_benign *benign = &field->benign[i];
        for (int left = benign->n_attacked; left > 0;) {
            const int pair =
                benign->first_pair + nn_random_below(random, benign->end_pair - benign->first_pair);
            left -= !chosen[pair];
            chosen[pair] = TRUE;
        }
    }
}

/* Labels that mean nothing, 200 times: a sound measurement finds 0.5. */
static void measure_null(const struct judging *j, const struct ex_ranking_options *options,
                         struct ex_ranked *ranked)
{
    struct nn_random random;
    double draws[EX_N_NULL], sum = 0;
    int n = 0, n_defined = 0;
    const ex_field *field = j->field;
    g_autofree gboolean *chosen = g_new0(gboolean, field->n_pair + 1);
    g_autofree struct nn_judged *items = g_new(struct nn_judged, field->n + 1);
    for (int i = 0; i < field->n_benign; i++)
        for (int pair = field->benign[i].first_pair; pair < field->benign[i].end_pair; pair++)
            for (int at = field->pairs[pair].first; at < field->pairs[pair].end; at++)
                if (ex_unit_of(&field->candidates[at]) == ranked->unit)
                    items[n++] = (struct nn_judged){j->scores[at], pair, FALSE};
    nn_sort_judged(items, n);
    nn_random_init(&random, options->seed, NN_STREAM_NULL);
    for (int i = 0; i < EX_N_NULL; i++) {
        draw_labels(field, &random, chosen);
        for (int k = 0; k < n; k++)
            items[k].positive = chosen[items[k].group]; /* its pair */
        draws[i] = nn_roc_auc(items, n, NULL);
        if (!isnan(draws[i])) {
            sum += draws[i];
            n_defined++;
        }
    }
    ranked->value[EX_NULL_ROC_AUC] = n_defined ? sum / n_defined : NAN;
    find_interval(draws, EX_N_NULL, &ranked->low[EX_NULL_ROC_AUC], &ranked->high[EX_NULL_ROC_AUC]);
}

/* ---- a detector ---------------------------------------------------------- */

/* Scores of the unit with the least in the place of those that are missing; NULL: it has none. */
static double *complete(const ex_field *field, const double *scores, enum ex_unit unit,
                        int *n_missing)
{
    double least = INFINITY;
    *n_missing = 0;
    for (int i = 0; i < field->n; i++)
        if (ex_unit_of(&field->candidates[i]) == unit) {
            *n_missing += isnan(scores[i]);
            least = fmin(least, scores[i]); /* fmin passes over NAN */
        }
    if (isinf(least))
        return NULL;
    double *all = g_new(double, field->n);
    for (int i = 0; i < field->n; i++)
        all[i] = isnan(scores[i]) ? least : scores[i];
    return all;
}

static void collect(struct judging *j, enum ex_unit unit)
{
    for (int i = 0; i < j->field->n; i++)
        if (ex_unit_of(&j->field->candidates[i]) == unit)
            j->sorted[j->n++] =
                (struct nn_judged){.score = j->scores[i],
                                   .group = j->field->pairs[j->field->pair_of[i]].group,
                                   .positive = j->field->positive[i]};
    nn_sort_judged(j->sorted, j->n);
}

static void measure_groups(const struct judging *j, struct ex_ranked *ranked)
{
    g_autofree int *weights = g_new0(int, j->field->n_group);
    ranked->group_auc = g_new(double, j->field->n_group);
    for (int i = 0; i < j->field->n_group; i++) {
        weights[i] = 1;
        ranked->group_auc[i] = nn_roc_auc(j->sorted, j->n, weights);
        weights[i] = 0;
    }
}

static void measure_all(struct judging *j, const struct ex_ranking_options *options,
                        struct ex_ranked *ranked)
{
    double *value = ranked->value;
    collect(j, ranked->unit);
    choose_thresholds(j);
    find_alarms(j);
    measure(j, ranked->unit, NULL, value);
    value[EX_THRESHOLD] = nn_best_threshold(j->sorted, j->n, NULL);
    value[EX_N] = j->n;
    value[EX_N_POSITIVE] = 0;
    for (int i = 0; i < j->n; i++)
        value[EX_N_POSITIVE] += j->sorted[i].positive;
    measure_groups(j, ranked);
    bootstrap(j, options, ranked);
    if (options->null)
        measure_null(j, options, ranked);
}

gboolean ex_rank_detector(const ex_field *field, const double *scores, enum ex_unit unit,
                          const struct ex_ranking_options *options, struct ex_ranked *ranked)
{
    int n_missing;
    g_autofree double *all = complete(field, scores, unit, &n_missing);
    if (!all)
        return FALSE;
    *ranked = (struct ex_ranked){.unit = unit};
    for (int k = 0; k < EX_N_MEASURE; k++)
        ranked->value[k] = ranked->low[k] = ranked->high[k] = NAN;
    g_autofree struct nn_judged *sorted = g_new(struct nn_judged, field->n);
    g_autofree double *thresholds = g_new(double, field->n_group);
    g_autofree struct nn_confusion *confusions = g_new0(struct nn_confusion, field->n_group);
    g_autofree double *times = g_new(double, field->n_pair);
    struct judging j = {field, all, sorted, 0, thresholds, confusions, times};
    measure_all(&j, options, ranked);
    ranked->value[EX_N_MISSING] = n_missing;
    return TRUE;
}

void ex_ranked_clear(struct ex_ranked *ranked)
{
    g_free(ranked->name);
    g_free(ranked->group_auc);
}

/* ---- against each other -------------------------------------------------- */

static int descending(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a < b) - (a > b);
}

static int by_rank(const void *a, const void *b)
{
    const struct ex_ranked *x = a, *y = b;
    const int pr = descending(x->value[EX_PR_AUC], y->value[EX_PR_AUC]);
    const int roc = descending(x->value[EX_ROC_AUC], y->value[EX_ROC_AUC]);
    return pr ? pr : roc ? roc : strcmp(x->name, y->name);
}

/* Seeds without an attack, or with nothing else, have no AUC and are left out. */
static void test_against(const ex_field *field, struct ex_ranked *ranked,
                         const struct ex_ranked *reference)
{
    g_autofree double *differences = g_new(double, field->n_group);
    int n = 0;
    for (int i = 0; i < field->n_group; i++)
        if (!isnan(ranked->group_auc[i]))
            differences[n++] =
                round((ranked->group_auc[i] - reference->group_auc[i]) / AUC_GRAIN) * AUC_GRAIN;
    ranked->value[EX_N_SEED] = n;
    ranked->value[EX_WILCOXON_P] = nn_wilcoxon(differences, n);
}

void ex_rank_compare(const ex_field *field, struct ex_ranked *ranked, int n, const char *against)
{
    struct ex_ranked *reference = NULL;
    qsort(ranked, n, sizeof(*ranked), by_rank);
    for (int i = 0; i < n && !reference; i++)
        if (!against || strcmp(ranked[i].name, against) == 0)
            reference = &ranked[i];
    if (!reference)
        return;
    reference->is_reference = TRUE;
    g_autofree double *p = g_new(double, n), *adjusted = g_new(double, n);
    for (int i = 0; i < n; i++) {
        if (&ranked[i] != reference)
            test_against(field, &ranked[i], reference);
        p[i] = ranked[i].value[EX_WILCOXON_P];
    }
    nn_holm(p, n, adjusted);
    for (int i = 0; i < n; i++)
        ranked[i].value[EX_HOLM_P] = adjusted[i];
}
