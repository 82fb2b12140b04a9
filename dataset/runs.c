#include "dataset/runs.h"

#include "dataset/question.h"
#include "tracegen/error.h"

GArray *ds_runs_pick(ds_store *store, const char *condition, GError **error)
{
    return ds_runs_pick_for(store, "--runs", condition, error);
}

GArray *ds_runs_pick_for(ds_store *store, const char *option, const char *condition, GError **error)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT run_id FROM run WHERE (%s\n) ORDER BY run_id", condition);
    GError *failure = NULL;
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(ds_query) query = ds_question_sql(store, sql, &failure);
    while (query && ds_query_next(query, &failure)) {
        gint64 run_id = ds_query_int(query, 0);
        g_array_append_val(runs, run_id);
    }
    if (failure) {
        if (failure->code == TG_ERROR_USAGE)
            g_prefix_error(&failure, "%s '%s': ", option, condition);
        g_propagate_error(error, failure);
        return NULL;
    }
    if (runs->len == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_NO, "no run in the store has %s", condition);
        return NULL;
    }
    return g_steal_pointer(&runs);
}
