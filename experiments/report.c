#include "experiments/report.h"

#include "experiments/figure.h"
#include "experiments/report_results.h"
#include "tracegen/error.h"
#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

static void free_file(gpointer data)
{
    struct ex_file *file = data;
    g_free(file->name);
    g_free(file->sha256);
    g_free(file);
}

static void free_table(gpointer data)
{
    ex_table_free(data);
}

static void clear(ex_report *report)
{
    ex_trials_free(report->trials);
    ex_table_free(report->table1);
    ex_table_free(report->table2);
    ex_table_free(report->table2_full);
    ex_table_free(report->comparison);
    ex_table_free(report->claims);
    g_ptr_array_free(report->sets_a, TRUE);
    g_ptr_array_free(report->files, TRUE);
    for (int i = 0; i < EX_N_FIGURE; i++) {
        g_free(report->drawings[i].svg);
        g_free(report->drawings[i].missing);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ex_report, clear)

static gboolean write_file(ex_report *report, const char *name, const char *text, gsize length,
                           GError **error)
{
    g_autofree char *path = g_build_filename(report->directory, name, NULL);
    if (!g_file_set_contents_full(path, text, (gssize)length,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                  0666, error))
        return FALSE;
    struct ex_file *file = g_new(struct ex_file, 1);
    file->name = g_strdup(name);
    file->sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, length);
    g_ptr_array_add(report->files, file);
    g_ptr_array_add(report->written, g_steal_pointer(&path));
    return TRUE;
}

/* The tables [n] one below the other, as STEM.csv, STEM.md or STEM.tex. */
static gboolean write_tables(ex_report *report, const char *stem, enum ex_format format,
                             const ex_table *const *tables, int n, GError **error)
{
    static const char *const endings[] = {[EX_CSV] = "csv", [EX_MD] = "md", [EX_TEX] = "tex"};
    g_autofree char *name = g_strdup_printf("%s.%s", stem, endings[format]);
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < n; i++) {
        if (i > 0)
            g_string_append_c(text, '\n');
        ex_table_write(tables[i], format, text);
    }
    return write_file(report, name, text->str, text->len, error);
}

/*
 * The first group is set_a.csv. Others, whose rows its columns could not tell apart, have files of
 * their own.
 */
static gboolean write_sets_a(ex_report *report, GError **error)
{
    for (guint i = 0; i < report->sets_a->len; i++) {
        const struct ex_group *group = report->trials->groups->pdata[i];
        const ex_table *table = report->sets_a->pdata[i];
        g_autofree char *stem =
            i == 0 ? g_strdup("set_a")
                   : g_strdup_printf("set_a_%s_%s", group->protocol, group->context);
        g_strcanon(stem, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '_');
        if (!write_tables(report, stem, EX_CSV, &table, 1, error))
            return FALSE;
    }
    return TRUE;
}

/* Everything that can fail for want of data comes before the first file is written. */
static gboolean make_tables(ex_report *report, GError **error)
{
    const ex_trials *trials = report->trials;
    report->table1 = ex_make_table1(report->store, trials, error);
    report->table2 = report->table1 ? ex_make_table2(report->store, trials, error) : NULL;
    report->comparison =
        report->table2 ? ex_make_comparison(report->store, trials, 2, error) : NULL;
    if (!report->comparison)
        return FALSE;
    report->table2_full = ex_make_table2_full(trials, 2, TRUE);
    report->claims = ex_make_claims(trials);
    for (guint i = 0; i < trials->groups->len; i++) {
        ex_table *table = ex_make_set_a(report->store, trials->groups->pdata[i], error);
        if (!table)
            return FALSE;
        g_ptr_array_add(report->sets_a, table);
    }
    return TRUE;
}

static gboolean write_all_tables(ex_report *report, GError **error)
{
    /* Four decimals of a percent: who recomputes an accuracy from the store finds it to 1e-6. */
    g_autoptr(ex_table) data = ex_make_table2_full(report->trials, 4, FALSE);
    g_autoptr(ex_table) comparison_data =
        ex_make_comparison(report->store, report->trials, 4, error);
    const ex_table *const table2[] = {report->table2, report->table2_full};
    const ex_table *table1 = report->table1, *claims = report->claims, *table2_data = data;
    const ex_table *comparison = report->comparison, *comparison_csv = comparison_data;
    return comparison_data && write_tables(report, "table1", EX_CSV, &table1, 1, error) &&
           write_tables(report, "table1", EX_MD, &table1, 1, error) &&
           write_tables(report, "table1", EX_TEX, &table1, 1, error) &&
           write_tables(report, "table2", EX_CSV, &table2_data, 1, error) &&
           write_tables(report, "table2", EX_MD, table2, 2, error) &&
           write_tables(report, "table2", EX_TEX, table2, 2, error) &&
           write_tables(report, "comparison", EX_CSV, &comparison_csv, 1, error) &&
           write_tables(report, "comparison", EX_MD, &comparison, 1, error) &&
           write_tables(report, "comparison", EX_TEX, &comparison, 1, error) &&
           write_sets_a(report, error) &&
           write_tables(report, "claims", EX_CSV, &claims, 1, error) &&
           write_tables(report, "claims", EX_MD, &claims, 1, error);
}

/* Writes the data of Figure 2a or 2b and draws it. */
static gboolean make_figure2(ex_report *report, struct ex_drawing *drawing, gboolean attack,
                             GError **error)
{
    const struct ex_group *group = report->trials->groups->pdata[0];
    gint64 run_id;
    g_autoptr(ex_network) network =
        ex_figure2_network(report->store, report->trials->plan, group, attack, &run_id, error);
    if (!network)
        return FALSE;
    g_autofree char *name = g_strdup_printf("data/%s.dat", drawing->name);
    g_autoptr(GString) data = g_string_new(NULL);
    g_string_append_printf(data,
                           "# Run %" G_GINT64_FORMAT ", seed %" G_GINT64_FORMAT
                           ". Positions in metres.\n\n",
                           run_id, network->seed);
    ex_network_put_data(network, data);
    g_autoptr(GString) svg = g_string_new(NULL);
    ex_network_put_svg(network, svg);
    drawing->svg = g_string_free(g_steal_pointer(&svg), FALSE);
    return write_file(report, name, data->str, data->len, error);
}

/* Writes data and script of Figure 3, and has gnuplot draw it. */
static gboolean make_figure3(ex_report *report, struct ex_drawing *drawing, GError **error)
{
    static const char script_name[] = "figure3.gp";
    const struct ex_group *group = report->trials->groups->pdata[0];
    g_autoptr(GString) data = g_string_new(NULL);
    g_autoptr(GBytes) script = ex_figure_script(script_name, error);
    g_autofree char *directory = g_build_filename(report->directory, "data", NULL);
    if (!script || !ex_figure3_data(report->store, group, data, error) ||
        !write_file(report, "data/figure3.dat", data->str, data->len, error) ||
        !write_file(report, "data/figure3.gp", g_bytes_get_data(script, NULL),
                    g_bytes_get_size(script), error))
        return FALSE;
    g_autoptr(GError) failure = NULL;
    drawing->svg = ex_figure_draw(directory, script_name, drawing->name, &failure);
    drawing->missing = failure ? g_strdup(failure->message) : NULL;
    return TRUE;
}

/* One figure with its data, or a line on stderr that says why it is left out. */
static gboolean write_figure(ex_report *report, int figure, GError **error)
{
    struct ex_drawing *drawing = &report->drawings[figure];
    GError *failure = NULL;
    g_autofree char *name = g_strdup_printf("%s.svg", drawing->name);
    g_autofree char *path = g_build_filename(report->directory, name, NULL);
    if (!(figure < 2 ? make_figure2(report, drawing, figure == 1, &failure)
                     : make_figure3(report, drawing, &failure))) {
        if (!g_error_matches(failure, TG_ERROR, TG_ERROR_NO)) {
            g_propagate_error(error, failure);
            return FALSE;
        }
        drawing->missing = g_strdup(failure->message);
        g_error_free(failure);
    }
    if (drawing->svg)
        return write_file(report, name, drawing->svg, strlen(drawing->svg), error);
    g_printerr("adliotlog report: %s left out: %s\n", name, drawing->missing);
    g_remove(path); /* of an earlier report: it may show another store */
    return TRUE;
}

static gboolean write_page(ex_report *report, GError **error)
{
    g_autoptr(GString) page = g_string_new(NULL);
    return ex_report_put_page(report, page, error) &&
           write_file(report, "report.html", page->str, page->len, error);
}

static gboolean write_provenance(ex_report *report, GError **error)
{
    g_autofree char *text = ex_report_make_provenance(report, error);
    return text && write_file(report, "provenance.json", text, strlen(text), error);
}

static gboolean make_directories(const char *out, GError **error)
{
    g_autofree char *data = g_build_filename(out, "data", NULL);
    if (g_mkdir_with_parents(data, 0777) == 0)
        return TRUE;
    int code = errno;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s: %s", data,
                g_strerror(code));
    return FALSE;
}

gboolean ex_report_write(ds_store *store, const char *plan, const char *out, const char *command,
                         GPtrArray *written, GError **error)
{
    g_auto(ex_report) report = {
        .store = store,
        .directory = out,
        .command = command,
        .sets_a = g_ptr_array_new_with_free_func(free_table),
        .drawings = {{"figure2a", "Figure 2 (a): network without collaborating nodes", NULL, NULL},
                     {"figure2b", "Figure 2 (b): network with collaborating nodes", NULL, NULL},
                     {"figure3", "Figure 3: training loss", NULL, NULL}},
        .files = g_ptr_array_new_with_free_func(free_file),
        .written = written};
    report.trials = ex_trials_read(store, plan, error);
    if (!report.trials || !make_tables(&report, error) || !make_directories(out, error))
        return FALSE;
    if (report.trials->n_unevaluated > 0)
        g_printerr("adliotlog report: %d of %d trials are not evaluated: left out of accuracies\n",
                   report.trials->n_unevaluated, report.trials->n_trial);
    if (!write_all_tables(&report, error))
        return FALSE;
    for (int i = 0; i < EX_N_FIGURE; i++)
        if (!write_figure(&report, i, error))
            return FALSE;
    return write_page(&report, error) && write_provenance(&report, error);
}
