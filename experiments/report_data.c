#include "experiments/report_data.h"

#include "tracegen/error.h"
#include <string.h>

const char *const ex_split_names[] = {"paper", "held-out"};
const char *const ex_condition_names[] = {"without", "with", "with-attack-run"};

char *ex_query_text(ds_query *query, int column)
{
    const char *text = ds_query_text(query, column);
    return text ? g_utf8_make_valid(text, -1) : NULL;
}

static void free_group(gpointer data)
{
    struct ex_group *group = data;
    g_free(group->protocol);
    g_free(group->context);
    for (int condition = 0; condition < EX_N_CONDITION; condition++)
        for (int split = 0; split < EX_N_SPLIT; split++)
            g_array_free(group->trials[condition][split], TRUE);
    g_free(group);
}

static struct ex_group *new_group(const char *protocol, const char *context)
{
    struct ex_group *group = g_new0(struct ex_group, 1);
    group->protocol = g_strdup(protocol);
    group->context = g_strdup(context);
    for (int condition = 0; condition < EX_N_CONDITION; condition++)
        for (int split = 0; split < EX_N_SPLIT; split++)
            group->trials[condition][split] = g_array_new(FALSE, FALSE, sizeof(struct ex_trial));
    return group;
}

void ex_trials_free(ex_trials *trials)
{
    if (!trials)
        return;
    g_free(trials->plan);
    g_ptr_array_free(trials->groups, TRUE);
    g_free(trials);
}

const struct ex_trial *ex_first_trial(const struct ex_group *group, enum ex_condition condition,
                                      enum ex_split split)
{
    const GArray *found = group->trials[condition][split];
    return found->len > 0 ? &g_array_index(found, struct ex_trial, 0) : NULL;
}

/* The name of the only plan in the store. */
static char *find_plan(ds_store *store, GError **error)
{
    g_autoptr(ds_query) query =
        ds_query_new(store, error, "SELECT count(DISTINCT plan), min(plan), max(plan) FROM trial",
                     "");
    if (!query || !ds_query_next(query, error))
        return NULL;
    gint64 n = ds_query_int(query, 0);
    if (n == 1)
        return g_strdup(ds_query_text(query, 1));
    if (n == 0)
        g_set_error(error, TG_ERROR, TG_ERROR_NO,
                    "the store holds no trial: nothing to report (see adliotlog reproduce)");
    else
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "the store holds trials of %d plans ('%s' ... '%s'): choose one by --plan",
                    (int)n, ds_query_text(query, 1), ds_query_text(query, 2));
    return NULL;
}

static int find_name(const char *const *names, int n, const char *name)
{
    int i = 0;
    while (i < n && strcmp(names[i], name) != 0)
        i++;
    return i;
}

/* Puts the row of query, as read_trials() asks for it, into the last group or a new one. */
static gboolean add_trial(ex_trials *trials, ds_query *query, GError **error)
{
    g_autofree char *protocol = ex_query_text(query, 0);
    g_autofree char *context = ex_query_text(query, 1);
    int condition = find_name(ex_condition_names, EX_N_CONDITION, ds_query_text(query, 2));
    int split = find_name(ex_split_names, EX_N_SPLIT, ds_query_text(query, 3));
    if (condition == EX_N_CONDITION || split == EX_N_SPLIT) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "trial of unknown condition or split '%s %s'",
                    ds_query_text(query, 2), ds_query_text(query, 3));
        return FALSE;
    }
    GPtrArray *groups = trials->groups;
    struct ex_group *group = groups->len > 0 ? groups->pdata[groups->len - 1] : NULL;
    if (!group || strcmp(group->protocol, protocol) != 0 || strcmp(group->context, context) != 0) {
        group = new_group(protocol, context);
        g_ptr_array_add(groups, group);
    }
    const struct ex_trial trial = {.seed = ds_query_int(query, 4),
                                   .model_id = ds_query_int(query, 5),
                                   .pair_set_id = ds_query_int(query, 6),
                                   .evaluated = !ds_query_is_null(query, 7),
                                   .accuracy = 100 * ds_query_double(query, 7),
                                   .copy_baseline = 100 * ds_query_double(query, 8),
                                   .n_tuple = (int)ds_query_int(query, 9),
                                   .n_anomalous = (int)ds_query_int(query, 10),
                                   .n_duped = (int)ds_query_int(query, 11)};
    g_array_append_val(group->trials[condition][split], trial);
    trials->n_trial++;
    trials->n_unevaluated += !trial.evaluated;
    return TRUE;
}

static gboolean read_trials(ex_trials *trials, ds_store *store, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query = ds_query_new(
        store, error,
        "SELECT protocol, context, condition, split, seed, model_id, pair_set_id, accuracy,"
        " copy_baseline, (SELECT count(*) FROM verdict v WHERE v.model_id = trial.model_id"
        "  AND v.pair_set_id = trial.pair_set_id AND rank <= ?2),"
        " (SELECT count(*) FROM verdict v WHERE v.model_id = trial.model_id"
        "  AND v.pair_set_id = trial.pair_set_id AND rank <= ?2 AND verdict = 'anomalous'),"
        " (SELECT count(*) FROM verdict v WHERE v.model_id = trial.model_id"
        "  AND v.pair_set_id = trial.pair_set_id AND rank <= ?2 AND verdict = 'anomalous'"
        "  AND predicted_server <> actual_server) "
        "FROM trial LEFT JOIN evaluation USING (model_id, pair_set_id) WHERE plan = ?1"
        " AND variant = '' AND method = 'network' AND split IN ('paper', 'held-out') "
        "ORDER BY protocol <> 'udp', protocol, context, seed",
        "si", trials->plan, (gint64)EX_SET_A_SIZE);
    if (!query)
        return FALSE;
    while (ds_query_next(query, &failure))
        if (!add_trial(trials, query, &failure))
            break;
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

ex_trials *ex_trials_read(ds_store *store, const char *plan, GError **error)
{
    g_autoptr(ex_trials) trials = g_new0(ex_trials, 1);
    trials->groups = g_ptr_array_new_with_free_func(free_group);
    trials->plan = plan ? g_strdup(plan) : find_plan(store, error);
    if (!trials->plan || !read_trials(trials, store, error))
        return NULL;
    if (trials->n_trial == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_NO, "the store holds no trial of plan '%s'", plan);
        return NULL;
    }
    return g_steal_pointer(&trials);
}
