#include "experiments/figure.h"

#include "tracegen/error.h"
#include <gio/gio.h>
#include <string.h>

GResource *experiments_get_resource(void); /* made by glib-compile-resources */

/*
 * Appends "# head", the rows of the query with their columns between blanks, and the two empty
 * lines that end a block for gnuplot. NULL columns become NaN. Returns the number of rows, -1 on
 * failure and when the query is NULL because it failed before.
 */
static int put_block(const char *head, ds_query *query, int n_column, GString *out, GError **error)
{
    GError *failure = NULL;
    int n_row = 0;
    if (!query)
        return -1;
    g_string_append_printf(out, "# %s\n", head);
    for (; ds_query_next(query, &failure); n_row++) {
        for (int i = 0; i < n_column; i++)
            g_string_append_printf(out, "%s%s", i > 0 ? " " : "",
                                   ds_query_is_null(query, i) ? "NaN" : ds_query_text(query, i));
        g_string_append_c(out, '\n');
    }
    g_string_append(out, "\n\n");
    if (failure)
        g_propagate_error(error, failure);
    return failure ? -1 : n_row;
}

/* The run of lowest seed among those of the group's pair sets, training runs first. */
static gboolean find_run(ds_store *store, const char *plan, const struct ex_group *group,
                         gboolean attack, gint64 *run_id, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query = ds_query_new(
        store, error,
        "SELECT run_id FROM trial JOIN pair_set_run USING (pair_set_id)"
        " JOIN run USING (run_id) "
        "WHERE plan = ? AND protocol = ? AND context = ? AND (attack <> 'none') = ?"
        " AND EXISTS (SELECT 1 FROM node WHERE node.run_id = run.run_id AND x NOT NULL) "
        "ORDER BY split = 'paper' DESC, run.seed, run_id LIMIT 1",
        "sssi", plan, group->protocol, group->context, (gint64)attack);
    if (!query)
        return FALSE;
    gboolean found = ds_query_next(query, &failure);
    if (failure)
        g_propagate_error(error, failure);
    else if (!found)
        g_set_error(error, TG_ERROR, TG_ERROR_NO, "no run %s attack with positions of nodes",
                    attack ? "under" : "without");
    if (!found)
        return FALSE;
    *run_id = ds_query_int(query, 0);
    return TRUE;
}

ex_network *ex_figure2_network(ds_store *store, const char *plan, const struct ex_group *group,
                               gboolean attack, gint64 *run_id, GError **error)
{
    return find_run(store, plan, group, attack, run_id, error)
               ? ex_network_load(store, *run_id, TRUE, error)
               : NULL;
}

/* Returns the number of losses, -1 on failure. */
static int put_losses(ds_store *store, const struct ex_trial *trial, const char *head, GString *out,
                      GError **error)
{
    if (!trial)
        return 0;
    g_autoptr(ds_query) query =
        ds_query_new(store, error,
                     "SELECT iteration, nll FROM loss WHERE model_id = ? ORDER BY iteration", "i",
                     trial->model_id);
    g_autofree char *line =
        g_strdup_printf("%s: iteration nll, seed %" G_GINT64_FORMAT, head, trial->seed);
    return put_block(line, query, 2, out, error);
}

gboolean ex_figure3_data(ds_store *store, const struct ex_group *group, GString *out,
                         GError **error)
{
    g_string_append(out, "# NLL: nats a word, mean over the 100 iterations before.\n\n");
    int benign =
        put_losses(store, ex_first_trial(group, EX_WITHOUT, EX_PAPER), "benign", out, error);
    int attack = benign < 0 ? -1
                            : put_losses(store, ex_first_trial(group, EX_WITH, EX_PAPER), "attack",
                                         out, error);
    if (benign == 0 && attack == 0)
        g_set_error(error, TG_ERROR, TG_ERROR_NO, "no losses of the models of these trials");
    return attack >= 0 && benign + attack > 0;
}

GBytes *ex_figure_script(const char *script, GError **error)
{
    g_autofree char *path = g_strconcat("/adliotlog/experiments/", script, NULL);
    return g_resource_lookup_data(experiments_get_resource(), path, 0, error);
}

char *ex_figure_draw(const char *directory, const char *script, const char *figure, GError **error)
{
    g_autofree char *svg = NULL, *messages = NULL;
    g_autoptr(GError) failure = NULL;
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_subprocess_launcher_set_cwd(launcher, directory);
    g_autoptr(GSubprocess) gnuplot = g_subprocess_launcher_spawn(launcher, &failure, "gnuplot",
                                                                 "-d", "-c", script, figure, NULL);
    if (!gnuplot ||
        !g_subprocess_communicate_utf8(gnuplot, NULL, NULL, &svg, &messages, &failure)) {
        gboolean missing = g_error_matches(failure, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s",
                    missing ? "gnuplot is not installed (make deps)" : failure->message);
        return NULL;
    }
    if (!g_subprocess_get_successful(gnuplot) || !strstr(svg, "</svg>")) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "gnuplot failed: %s", g_strstrip(messages));
        return NULL;
    }
    return g_steal_pointer(&svg);
}
