/* Claims about who collaborates, from the measures of a detection task, and claims that nothing
 * here measures yet. */
#include "experiments/report_claims.h"

static const char chance_rule[] =
    "reproduced: the 95 % interval over resampled simulations lies above 0.5, which is chance; not "
    "reproduced: it does not reach above 0.5; undecided: it reaches both sides, or there is none, "
    "or "
    "fewer than 3 seeds, or pairs that collaborate have no score";
static const char no_rule[] = "undecided until it is measured";

static const char detect_words[] = "The resulting data set is trained by RNN and can detect the "
                                   "node pairs collaborating with each other";

static char *describe_value(ds_query *query, int column, gboolean interval)
{
    if (ds_query_is_null(query, column) || (interval && ds_query_is_null(query, column + 1)))
        return NULL;
    return interval ? g_strdup_printf("%.3f to %.3f", ds_query_double(query, column),
                                      ds_query_double(query, column + 1))
                    : g_strdup_printf("%.3f", ds_query_double(query, column));
}

/* Columns: name, ROC-AUC with its interval, seeds, the null with its interval, pairs that
 * collaborate without a score. */
static void add_detector(GPtrArray *claims, const char *plan, ds_query *query)
{
    g_autofree char *name = ex_query_text(query, 0);
    g_autofree char *null = describe_value(query, 5, FALSE);
    g_autofree char *null_interval = describe_value(query, 6, TRUE);
    struct ex_claim *c =
        ex_claims_add(claims, plan, NULL, NULL,
                      g_strdup_printf("ROC-AUC of pairs that collaborate in a run, by '%s'", name),
                      detect_words, NULL);
    c->ours = describe_value(query, 1, FALSE);
    c->interval = describe_value(query, 2, TRUE);
    c->null =
        null && null_interval ? g_strdup_printf("%s (%s)", null, null_interval) : g_strdup(null);
    c->n_seed = (int)ds_query_int(query, 4);
    c->rule = chance_rule;
    c->command = ex_reproduce_command(plan, NULL);
    const gboolean decided =
        c->interval && c->n_seed >= EX_MIN_SEEDS && ds_query_int(query, 8) == 0;
    if (decided && ds_query_double(query, 2) > 0.5)
        c->verdict = ex_verdicts[EX_REPRODUCED];
    else if (decided && ds_query_double(query, 3) <= 0.5)
        c->verdict = ex_verdicts[EX_NOT_REPRODUCED];
}

/* The detectors of a task that have a network behind them, no rival of it, in the paper's unit: the
 * run. */
static gboolean add_detectors(GPtrArray *claims, ds_store *store, const char *task, GError **error)
{
    GError *failure = NULL;
    const guint before = claims->len;
    g_autoptr(ds_query) query = ds_query_new(
        store, error,
        "SELECT d.name, a.value, a.ci_low, a.ci_high,"
        " (SELECT count(DISTINCT coalesce(seed, -run_id)) FROM detection_run"
        "  JOIN run USING (run_id)"
        "  WHERE detection_run.detection_id = d.detection_id AND role = 'test'),"
        " z.value, z.ci_low, z.ci_high,"
        " (SELECT count(*) FROM candidate AS c WHERE c.detection_id = d.detection_id"
        "  AND c.window = -1 AND c.attack AND NOT EXISTS (SELECT 1 FROM score AS s"
        "   WHERE s.detector_id = d.detector_id AND s.run_id = c.run_id AND s.src = c.src"
        "   AND s.dst = c.dst AND s.window = -1)) "
        "FROM detection JOIN detector AS d USING (detection_id) JOIN model USING (model_id)"
        " JOIN measure AS a ON a.detector_id = d.detector_id AND a.name = 'roc_auc'"
        "  AND a.unit = 'run'"
        " LEFT JOIN measure AS z ON z.detector_id = d.detector_id AND z.name = 'null_roc_auc'"
        "  AND z.unit = 'run' "
        "WHERE detection.name = ? AND model.options ->> '$.rival' IS NULL ORDER BY d.name",
        "s", task);
    if (!query)
        return FALSE;
    while (ds_query_next(query, &failure))
        add_detector(claims, task, query);
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    if (claims->len == before) {
        struct ex_claim *c =
            ex_claims_add(claims, task, NULL, NULL,
                          g_strdup("ROC-AUC of pairs that collaborate in a run, by the network"),
                          detect_words, NULL);
        c->rule = chance_rule;
        c->command = ex_reproduce_command(task, NULL);
    }
    return TRUE;
}

static void add_unmeasured(GPtrArray *claims)
{
    static const struct {
        const char *claim, *words;
    } rest[] = {
        {"simulated traffic is predicted better than traffic dumped from a network",
         "We observed the high accuracy of GRU RNN in predicting the network events for simulator "
         "data in comparison to dumped TCP/IP model output on a IoT network"},
        {"LSTM and GRU learn in less time (than what, the paper does not say)",
         "LSTM, GRU etc. are learned with less execution time"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rest); i++) {
        struct ex_claim *c =
            ex_claims_add(claims, NULL, NULL, NULL, g_strdup(rest[i].claim), rest[i].words, NULL);
        c->rule = no_rule;
    }
}

gboolean ex_claims_add_detection(GPtrArray *claims, ds_store *store, const char *plan,
                                 GError **error)
{
    gint64 own = 0;
    if (!ds_lookup(store, &own, error, "SELECT count(*) FROM detection WHERE name = ?", "s", plan))
        return FALSE;
    const char *other = g_str_has_suffix(plan, "-quick") ? "detection-quick" : "detection";
    if (!add_detectors(claims, store, own ? plan : other, error))
        return FALSE;
    add_unmeasured(claims);
    return TRUE;
}
