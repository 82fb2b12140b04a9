#include "experiments/detection_model.h"

#include "experiments/tuple.h"
#include "tracegen/error.h"

#include <math.h>

const char *const ex_model_score_names[EX_N_MODEL_SCORE] = {"log-probability", "bleu", "set-a",
                                                            "top-g"};

struct judging {
    const ex_task *task;
    const struct ex_judged_model *model;
    const struct ex_candidate *candidates;
    int n;
    int *n_pair; /* [n] sentence pairs of each candidate */
    struct ex_model_scores *result;
};

static gboolean check_covered(const struct judging *j, GError **error)
{
    gint64 evaluated = 0, missing = 0;
    if (!ds_lookup(j->task->store, &evaluated, error,
                   "SELECT count(*) FROM evaluation WHERE model_id = ? AND pair_set_id = ?", "ii",
                   j->model->model_id, j->model->pair_set_id) ||
        !ds_lookup(j->task->store, &missing, error,
                   "SELECT run_id FROM detection_run WHERE detection_id = ? AND role = 'test'"
                   " AND run_id NOT IN (SELECT run_id FROM pair_set_run WHERE pair_set_id = ?)"
                   " ORDER BY run_id LIMIT 1",
                   "ii", j->task->detection_id, j->model->pair_set_id))
        return FALSE;
    if (!evaluated)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "the model was not evaluated on '%s' yet: run adliotlog evaluate --score first",
                    j->model->pairs);
    else if (missing)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "pair set '%s' has no pairs of run %" G_GINT64_FORMAT ", which is to be tested",
                    j->model->pairs, missing);
    return evaluated && !missing;
}

/* ---- means over sentence pairs ------------------------------------------- */

static const enum ex_model_score mean_kinds[] = {EX_LOG_PROBABILITY, EX_BLEU, EX_TOP_G};

/* The values of one pair, by kind; NAN where the evaluation has none. */
static void read_values(ds_query *row, double *values)
{
    int n_word = 1; /* <EOS> */
    const char *target = ds_query_text(row, 7);
    for (const char *c = target; *c; c++)
        n_word += c == target || *c == ' ';
    values[EX_BLEU] = 1 - ds_query_double(row, 4);
    values[EX_LOG_PROBABILITY] = ds_query_is_null(row, 5) ? NAN : -ds_query_double(row, 5) / n_word;
    values[EX_TOP_G] = ds_query_is_null(row, 6) ? NAN : ds_query_double(row, 6) / n_word;
}

static void add_values(struct judging *j, int candidate, const double *values)
{
    for (gsize k = 0; k < G_N_ELEMENTS(mean_kinds); k++)
        j->result->scores[mean_kinds[k]][candidate] += values[mean_kinds[k]];
    j->n_pair[candidate]++;
}

static void add_pair(struct judging *j, ds_query *row)
{
    double values[EX_N_MODEL_SCORE];
    struct ex_candidate wanted = {ds_query_int(row, 0), ds_query_int(row, 1), ds_query_int(row, 2),
                                  EX_WHOLE_RUN};
    const gboolean has_flow = !ds_query_is_null(row, 1);
    const int whole = has_flow ? ex_candidate_find(j->candidates, j->n, &wanted) : -1;
    wanted.window = (gint64)(ds_query_double(row, 3) / j->task->window);
    const int window = has_flow ? ex_candidate_find(j->candidates, j->n, &wanted) : -1;
    read_values(row, values);
    if (whole >= 0)
        add_values(j, whole, values);
    if (window >= 0)
        add_values(j, window, values);
    j->result->n_pair++;
    j->result->n_unplaced += window < 0;
    for (gsize k = 0; k < G_N_ELEMENTS(mean_kinds); k++)
        if (isnan(values[mean_kinds[k]]))
            j->result->lacks[mean_kinds[k]] = mean_kinds[k] == EX_TOP_G
                                                  ? "the evaluation has no ranks of target words"
                                                  : "it was not evaluated with --score";
}

static gboolean score_means(struct judging *j, GError **error)
{
    static const char sql[] =
        "SELECT pair.run_id, flow.src, flow.dst, target.time, bleu1, target_logprob,"
        "       target_outside, sentence.text"
        " FROM pair"
        " JOIN detection_run AS d ON d.detection_id = ?1 AND d.run_id = pair.run_id"
        "  AND d.role = 'test'"
        " JOIN prediction AS p ON p.model_id = ?2 AND p.pair_id = pair.pair_id"
        " JOIN sentence ON sentence.pair_set_id = pair.pair_set_id"
        "  AND sentence.run_id = pair.run_id AND sentence.line = target_line"
        " JOIN event_row AS target ON target.run_id = pair.run_id AND target.line = target_line"
        " JOIN event_row AS source ON source.run_id = pair.run_id AND source.line = source_line"
        " JOIN shape ON shape.shape_id = source.shape_id"
        " JOIN ends USING (ends_id)"
        " LEFT JOIN flow ON flow.run_id = pair.run_id AND flow.flow = ends.flow"
        " WHERE pair.pair_set_id = ?3 ORDER BY pair.pair_id";
    GError *failure = NULL;
    g_autoptr(ds_query) rows =
        ds_query_new(j->task->store, error, sql, "iii", j->task->detection_id, j->model->model_id,
                     j->model->pair_set_id);
    if (!rows)
        return FALSE;
    while (ds_query_next(rows, &failure))
        add_pair(j, rows);
    for (gsize k = 0; k < G_N_ELEMENTS(mean_kinds); k++)
        for (int i = 0; i < j->n; i++) /* 0 / 0 is NAN: no score */
            j->result->scores[mean_kinds[k]][i] /= j->n_pair[i];
    for (int i = 0; i < j->n; i++) {
        const gboolean whole = j->candidates[i].window == EX_WHOLE_RUN;
        j->result->n_candidate += whole;
        j->result->n_unseen += whole && j->n_pair[i] == 0;
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* ---- set A --------------------------------------------------------------- */

/* An observation with the window that it is judged in. */
struct place {
    gint64 run_id, window;
    const struct ex_observation *observation;
};

static int by_place(gconstpointer a, gconstpointer b)
{
    const struct place *x = a, *y = b;
    if (x->run_id != y->run_id)
        return x->run_id < y->run_id ? -1 : 1;
    return (x->window > y->window) - (x->window < y->window);
}

static gboolean crosses(const struct judging *j, gint64 run_id, const struct nn_tuple *tuple,
                        gint64 *result, GError **error)
{
    *result = 0;
    return ds_lookup(j->task->store, result, error,
                     "SELECT a.gateway <> b.gateway FROM node AS a JOIN node AS b USING (run_id)"
                     " WHERE run_id = ? AND a.node = ? AND b.node = ?",
                     "iii", run_id, tuple->node, tuple->predicted);
}

/* Ranks the tuples of one run or window, places [n], and scores those in its set A. */
static gboolean score_group(struct judging *j, const struct place *places, int n, GError **error)
{
    int n_ranked;
    g_autofree struct nn_tuple *observed = g_new(struct nn_tuple, n);
    for (int i = 0; i < n; i++)
        observed[i] = places[i].observation->tuple;
    g_autofree struct nn_tuple *ranked = nn_rank_tuples(observed, n, &n_ranked);
    for (int i = 0; i < MIN(n_ranked, EX_SET_A_SIZE); i++) {
        const struct ex_candidate wanted = {places[0].run_id, ranked[i].node, ranked[i].predicted,
                                            places[0].window};
        const int at = ex_candidate_find(j->candidates, j->n, &wanted);
        gint64 crossing;
        if (!crosses(j, wanted.run_id, &ranked[i], &crossing, error))
            return FALSE;
        if (at >= 0 && crossing)
            j->result->scores[EX_SET_A][at] =
                fmax(j->result->scores[EX_SET_A][at], ranked[i].probability);
    }
    return TRUE;
}

static gboolean score_unit(struct judging *j, const GArray *observations, gboolean whole,
                           GError **error)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(struct place));
    for (guint i = 0; i < observations->len; i++) {
        const struct ex_observation *o = &g_array_index(observations, struct ex_observation, i);
        const struct place place = {o->run_id,
                                    whole ? EX_WHOLE_RUN : (gint64)(o->time / j->task->window), o};
        g_array_append_val(places, place);
    }
    g_array_sort(places, by_place);
    const struct place *all = (const struct place *)(const void *)places->data;
    for (int i = 0, end; i < (int)places->len; i = end) {
        for (end = i + 1; end < (int)places->len && by_place(&all[i], &all[end]) == 0;)
            end++;
        if (!score_group(j, &all[i], end - i, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean score_set_a(struct judging *j, GError **error)
{
    int node_word;
    gint64 n_nodeless = 0;
    g_autoptr(GArray) observations = g_array_new(FALSE, FALSE, sizeof(struct ex_observation));
    if (!ex_find_node_word(j->task->store, j->model->pair_set_id, &node_word, error))
        return FALSE;
    if (node_word < 0) {
        j->result->lacks[EX_SET_A] = "the sentences have no field 'node'";
        return TRUE;
    }
    if (!ex_observe_tuples(j->task->store, j->model->model_id, j->model->pair_set_id, node_word,
                           observations, &n_nodeless, error) ||
        !score_unit(j, observations, TRUE, error) || !score_unit(j, observations, FALSE, error))
        return FALSE;
    for (int i = 0; i < j->n; i++) /* neither suspected nor seen */
        if (j->n_pair[i] == 0 && j->result->scores[EX_SET_A][i] == 0)
            j->result->scores[EX_SET_A][i] = NAN;
    return TRUE;
}

gboolean ex_score_model(const ex_task *task, const struct ex_judged_model *model,
                        const struct ex_candidate *candidates, int n,
                        struct ex_model_scores *result, GError **error)
{
    g_autofree int *n_pair = g_new0(int, n + 1);
    struct judging j = {task, model, candidates, n, n_pair, result};
    for (int kind = 0; kind < EX_N_MODEL_SCORE; kind++)
        for (int i = 0; i < n; i++)
            result->scores[kind][i] = 0;
    return check_covered(&j, error) && score_means(&j, error) && score_set_a(&j, error);
}
