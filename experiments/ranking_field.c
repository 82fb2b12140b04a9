#include "experiments/ranking.h"
#include "tracegen/error.h"

#include <math.h>
#include <string.h>

const char *const ex_unit_names[EX_N_UNIT] = {"run", "window"};

enum ex_unit ex_unit_of(const struct ex_candidate *candidate)
{
    return candidate->window == EX_WHOLE_RUN ? EX_RUNS : EX_WINDOWS;
}

void ex_field_free(ex_field *field)
{
    if (!field)
        return;
    g_free(field->candidates);
    g_free(field->positive);
    g_free(field->pair_of);
    g_free(field->pairs);
    g_free(field->n_run);
    g_free(field->benign);
    g_free(field);
}

/* ---- groups -------------------------------------------------------------- */

/* Numbers the simulations of the test runs: run_id -> group + 1. */
static GHashTable *load_groups(ex_field *field, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GHashTable) groups = g_hash_table_new(g_direct_hash, g_direct_equal);
    g_autoptr(GArray) n_run = g_array_new(FALSE, TRUE, sizeof(int));
    g_autofree char *last = NULL;
    g_autoptr(ds_query) rows = ds_query_new(
        field->task->store, error,
        "SELECT run_id, ifnull('seed ' || seed, 'run ' || run_id) FROM detection_run JOIN run"
        " USING (run_id) WHERE detection_id = ? AND role = 'test' ORDER BY seed, 2, run_id",
        "i", field->task->detection_id);
    if (!rows)
        return NULL;
    while (ds_query_next(rows, &failure)) {
        if (g_strcmp0(last, ds_query_text(rows, 1)) != 0)
            g_array_set_size(n_run, n_run->len + 1);
        g_free(last);
        last = g_strdup(ds_query_text(rows, 1));
        g_array_index(n_run, int, n_run->len - 1)++;
        g_hash_table_insert(groups, (gpointer)(gintptr)ds_query_int(rows, 0),
                            GUINT_TO_POINTER(n_run->len));
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    field->n_group = (int)n_run->len;
    field->n_run = (int *)(void *)g_array_free(g_steal_pointer(&n_run), FALSE);
    return g_steal_pointer(&groups);
}

/* ---- candidates ---------------------------------------------------------- */

struct loading {
    GArray *candidates, *positive, *pair_of, *pairs;
};

static void add_candidate(struct loading *l, const struct ex_candidate *c, gboolean positive,
                          int group)
{
    if (c->window == EX_WHOLE_RUN) {
        const struct ex_pair pair = {.first = (int)l->candidates->len,
                                     .group = group,
                                     .attacked = positive};
        g_array_append_val(l->pairs, pair);
    }
    const int pair = (int)l->pairs->len - 1;
    g_array_append_vals(l->candidates, c, 1);
    g_array_append_val(l->positive, positive);
    g_array_append_val(l->pair_of, pair);
    g_array_index(l->pairs, struct ex_pair, pair).end = (int)l->candidates->len;
}

static gboolean read_candidates(struct loading *l, const ex_task *task, GHashTable *groups,
                                GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) rows =
        ds_query_new(task->store, error,
                     "SELECT run_id, src, dst, window, attack FROM candidate"
                     " WHERE detection_id = ? ORDER BY run_id, src, dst, window",
                     "i", task->detection_id);
    if (!rows)
        return FALSE;
    while (ds_query_next(rows, &failure)) {
        const struct ex_candidate c = {ds_query_int(rows, 0), ds_query_int(rows, 1),
                                       ds_query_int(rows, 2), ds_query_int(rows, 3)};
        if (ds_query_is_null(rows, 4)) {
            g_set_error(&failure, TG_ERROR, TG_ERROR_DATA,
                        "run %" G_GINT64_FORMAT " has no labels: ingest it with a manifest that "
                        "says which of its flows are part of an attack",
                        c.run_id);
            break;
        }
        add_candidate(l, &c, ds_query_int(rows, 4) != 0,
                      GPOINTER_TO_INT(g_hash_table_lookup(groups, (gpointer)(gintptr)c.run_id)) -
                          1);
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static gboolean load_candidates(ex_field *field, GHashTable *groups, GError **error)
{
    struct loading l = {.candidates = g_array_new(FALSE, FALSE, sizeof(struct ex_candidate)),
                        .positive = g_array_new(FALSE, FALSE, sizeof(gboolean)),
                        .pair_of = g_array_new(FALSE, FALSE, sizeof(int)),
                        .pairs = g_array_new(FALSE, FALSE, sizeof(struct ex_pair))};
    const gboolean done = read_candidates(&l, field->task, groups, error);
    field->n = (int)l.candidates->len;
    field->n_pair = (int)l.pairs->len;
    field->candidates = (struct ex_candidate *)(void *)g_array_free(l.candidates, FALSE);
    field->positive = (gboolean *)(void *)g_array_free(l.positive, FALSE);
    field->pair_of = (int *)(void *)g_array_free(l.pair_of, FALSE);
    field->pairs = (struct ex_pair *)(void *)g_array_free(l.pairs, FALSE);
    return done;
}

/* ---- attacks ------------------------------------------------------------- */

/*
 * When the attack on a pair began: that of the attacks of its run that src takes part in, otherwise
 * the first of the run, otherwise its first attacked window.
 */
static gboolean find_start(const ex_field *field, struct ex_pair *pair, GError **error)
{
    GError *failure = NULL;
    const struct ex_candidate *c = &field->candidates[pair->first];
    g_autoptr(ds_query) row =
        ds_query_new(field->task->store, error,
                     "SELECT coalesce(min(iif(attack_no IN (SELECT attack_no FROM attack_node AS n"
                     "  WHERE n.run_id = ?1 AND node = ?2), start, NULL)), min(start))"
                     " FROM attack WHERE run_id = ?1",
                     "ii", c->run_id, c->src);
    if (!row)
        return FALSE;
    int first = pair->first + 1;
    while (first < pair->end && !field->positive[first])
        first++;
    pair->start = first < pair->end ? field->candidates[first].window * field->task->window : NAN;
    if (ds_query_next(row, &failure) && !ds_query_is_null(row, 0))
        pair->start = ds_query_double(row, 0);
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* Finds the pairs of a run among those of all: they follow each other. */
static void find_pairs(const ex_field *field, gint64 run_id, int *first, int *end)
{
    *first = 0;
    while (*first < field->n_pair && field->candidates[field->pairs[*first].first].run_id != run_id)
        ++*first;
    *end = *first;
    while (*end < field->n_pair && field->candidates[field->pairs[*end].first].run_id == run_id)
        ++*end;
}

static void add_benign(const ex_field *field, gint64 benign_run_id, gint64 run_id, GArray *found)
{
    struct ex_benign benign = {.n_attacked = 0};
    int first, end;
    find_pairs(field, run_id, &first, &end);
    for (int i = first; i < end; i++)
        benign.n_attacked += field->pairs[i].attacked;
    find_pairs(field, benign_run_id, &benign.first_pair, &benign.end_pair);
    benign.n_attacked = MIN(benign.n_attacked, benign.end_pair - benign.first_pair);
    struct ex_benign *last =
        found->len ? &g_array_index(found, struct ex_benign, found->len - 1) : NULL;
    if (last && last->first_pair == benign.first_pair)
        last->n_attacked = MAX(last->n_attacked, benign.n_attacked);
    else if (benign.end_pair > benign.first_pair)
        g_array_append_val(found, benign);
}

static gboolean load_benign(ex_field *field, GError **error)
{
    static const char sql[] =
        "SELECT benign_run_id, twin.run_id FROM twin"
        " JOIN detection_run AS a ON a.run_id = twin.run_id"
        " JOIN detection_run AS b ON b.run_id = benign_run_id"
        " WHERE a.detection_id = ?1 AND b.detection_id = ?1 AND a.role = 'test'"
        "  AND b.role = 'test' ORDER BY 1, 2";
    GError *failure = NULL;
    GArray *found = g_array_new(FALSE, FALSE, sizeof(struct ex_benign));
    g_autoptr(ds_query) rows =
        ds_query_new(field->task->store, &failure, sql, "i", field->task->detection_id);
    while (rows && ds_query_next(rows, &failure))
        add_benign(field, ds_query_int(rows, 0), ds_query_int(rows, 1), found);
    field->n_benign = (int)found->len;
    field->benign = (struct ex_benign *)(void *)g_array_free(found, FALSE);
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static gboolean load_attacks(ex_field *field, GError **error)
{
    int n_attacked = 0;
    for (int i = 0; i < field->n_pair; i++) {
        struct ex_pair *pair = &field->pairs[i];
        if (pair->attacked && !find_start(field, pair, error))
            return FALSE;
        n_attacked += pair->attacked;
    }
    if (n_attacked == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "no pair of nodes in the test runs of '%s' is part of an attack: nothing can "
                    "be told apart",
                    field->task->name);
        return FALSE;
    }
    return load_benign(field, error);
}

ex_field *ex_field_load(const ex_task *task, GError **error)
{
    g_autoptr(ex_field) field = g_new0(ex_field, 1);
    field->task = task;
    g_autoptr(GHashTable) groups = load_groups(field, error);
    if (!groups || !load_candidates(field, groups, error) || !load_attacks(field, error))
        return NULL;
    return g_steal_pointer(&field);
}

/* ---- scores -------------------------------------------------------------- */

double *ex_field_load_scores(const ex_field *field, gint64 detector_id, GError **error)
{
    GError *failure = NULL;
    g_autofree double *scores = g_new(double, field->n);
    for (int i = 0; i < field->n; i++)
        scores[i] = NAN;
    g_autoptr(ds_query) rows =
        ds_query_new(field->task->store, error,
                     "SELECT run_id, src, dst, window, score FROM score WHERE detector_id = ?", "i",
                     detector_id);
    if (!rows)
        return NULL;
    while (ds_query_next(rows, &failure)) {
        const struct ex_candidate c = {ds_query_int(rows, 0), ds_query_int(rows, 1),
                                       ds_query_int(rows, 2), ds_query_int(rows, 3)};
        const int at = ex_candidate_find(field->candidates, field->n, &c);
        if (at < 0) {
            g_set_error(&failure, TG_ERROR, TG_ERROR_DATA,
                        "the runs have changed since '%s' was scored: run adliotlog score --force",
                        field->task->name);
            break;
        }
        scores[at] = ds_query_double(rows, 4);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&scores);
}
