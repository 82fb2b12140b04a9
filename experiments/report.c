#include "experiments/report.h"

#include "experiments/figure.h"
#include "experiments/report_plots.h"
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

static void free_drawing(gpointer data)
{
    struct ex_drawing *drawing = data;
    g_free(drawing->name);
    g_free(drawing->title);
    g_free(drawing->svg);
    g_free(drawing->missing);
    g_free(drawing);
}

static void clear(ex_report *report)
{
    ex_trials_free(report->trials);
    ex_detection_free(report->detection);
    for (int id = 0; id < EX_N_SHEET; id++) {
        for (int i = 0; i < EX_N_SHOWN; i++)
            ex_table_free(report->sheets[id].shown[i]);
        ex_table_free(report->sheets[id].data);
    }
    GPtrArray *const arrays[] = {report->sets_a,  report->claims, report->comparisons,
                                 report->figures, report->plots,  report->files};
    for (gsize i = 0; i < G_N_ELEMENTS(arrays); i++)
        if (arrays[i])
            g_ptr_array_unref(arrays[i]);
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

static const char *const endings[] = {[EX_CSV] = "csv", [EX_MD] = "md", [EX_TEX] = "tex"};

/* The tables that are there one below the other, as STEM.csv, STEM.md or STEM.tex. */
static gboolean write_tables(ex_report *report, const char *stem, enum ex_format format,
                             ex_table *const *tables, int n, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s.%s", stem, endings[format]);
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < n && tables[i]; i++) {
        if (i > 0)
            g_string_append_c(text, '\n');
        ex_table_write(tables[i], format, text);
    }
    return write_file(report, name, text->str, text->len, error);
}

/* What an earlier report left there may be of another store. */
static void remove_file(const ex_report *report, const char *name)
{
    g_autofree char *path = g_build_filename(report->directory, name, NULL);
    g_remove(path);
}

static gboolean write_sheet(ex_report *report, const char *stem, const struct ex_sheet *sheet,
                            GError **error)
{
    if (!sheet->shown[0]) {
        for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
            g_autofree char *name = g_strdup_printf("%s.%s", stem, endings[i]);
            remove_file(report, name);
        }
        return TRUE;
    }
    return write_tables(report, stem, EX_CSV, sheet->data ? &sheet->data : sheet->shown, 1,
                        error) &&
           write_tables(report, stem, EX_MD, sheet->shown, EX_N_SHOWN, error) &&
           write_tables(report, stem, EX_TEX, sheet->shown, EX_N_SHOWN, error);
}

static gboolean write_sheets(ex_report *report, GError **error)
{
    for (int id = 0; id < EX_N_SHEET; id++)
        if (!write_sheet(report, ex_sheet_name(id), &report->sheets[id], error))
            return FALSE;
    for (guint i = 0; i < report->sets_a->len; i++) {
        const struct ex_sheet sheet = {{report->sets_a->pdata[i], NULL}, NULL};
        if (!write_sheet(report, ex_table_stem(sheet.shown[0]), &sheet, error))
            return FALSE;
    }
    return TRUE;
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
    struct ex_drawing *drawing = report->figures->pdata[figure];
    GError *failure = NULL;
    g_autofree char *name = g_strdup_printf("%s.svg", drawing->name);
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
    remove_file(report, name);
    return TRUE;
}

static void add_drawing(GPtrArray *drawings, char *name, char *title, GString *svg)
{
    struct ex_drawing *drawing = g_new0(struct ex_drawing, 1);
    drawing->name = g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '_');
    drawing->title = title;
    drawing->svg = svg ? g_string_free(svg, FALSE) : NULL;
    g_ptr_array_add(drawings, drawing);
}

static void draw_plots(ex_report *report)
{
    g_autoptr(GPtrArray) protocols = g_ptr_array_new();
    for (guint i = 0; i < report->comparisons->len; i++) {
        const struct ex_comparison *c = report->comparisons->pdata[i];
        if (g_ptr_array_find_with_equal_func(protocols, c->protocol, g_str_equal, NULL))
            continue;
        g_ptr_array_add(protocols, c->protocol);
        GString *svg = g_string_new(NULL);
        ex_plot_accuracies(report->comparisons, c->protocol, svg);
        add_drawing(report->plots, g_strdup_printf("accuracy_%s", c->protocol),
                    g_strdup_printf("Accuracy of all variants, methods and tests over %s",
                                    c->protocol),
                    svg);
    }
    GString *falls = g_string_new(NULL);
    ex_plot_falls(report->comparisons, falls);
    if (falls->len > 0)
        add_drawing(report->plots, g_strdup("fall"),
                    g_strdup("Points of accuracy lost under attack, seed by seed"), falls);
    else
        g_string_free(falls, TRUE);
}

static gboolean write_plots(ex_report *report, GError **error)
{
    draw_plots(report);
    for (guint i = 0; i < report->plots->len; i++) {
        const struct ex_drawing *drawing = report->plots->pdata[i];
        g_autofree char *name = g_strdup_printf("%s.svg", drawing->name);
        if (!write_file(report, name, drawing->svg, strlen(drawing->svg), error))
            return FALSE;
    }
    return TRUE;
}

/* The curves as pictures, and as data for other programs. */
static gboolean write_curves(ex_report *report, GError **error)
{
    static const char data_name[] = "data/detection_curves.csv";
    gboolean any = FALSE;
    for (int unit = 0; unit < EX_N_UNIT; unit++) {
        g_autofree char *name = g_strdup_printf("detection_%s.svg", ex_unit_names[unit]);
        if (!report->detection || report->detection->missing[unit]) {
            remove_file(report, name);
            continue;
        }
        g_autoptr(GString) svg = g_string_new(NULL);
        ex_plot_detectors(report->detection, unit, svg);
        any = TRUE;
        if (!write_file(report, name, svg->str, svg->len, error))
            return FALSE;
    }
    if (!any) {
        remove_file(report, data_name);
        return TRUE;
    }
    g_autoptr(GString) data = g_string_new(NULL);
    ex_detection_put_curves(report->detection, data);
    return write_file(report, data_name, data->str, data->len, error);
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

static void name_figures(ex_report *report)
{
    static const char *const figures[EX_N_FIGURE][2] = {
        {"figure2a", "Figure 2 (a): network without collaborating nodes"},
        {"figure2b", "Figure 2 (b): network with collaborating nodes"},
        {"figure3", "Figure 3: training loss"}};
    for (int i = 0; i < EX_N_FIGURE; i++)
        add_drawing(report->figures, g_strdup(figures[i][0]), g_strdup(figures[i][1]), NULL);
}

gboolean ex_report_write(ds_store *store, const char *plan, const char *out, const char *command,
                         GPtrArray *written, GError **error)
{
    g_auto(ex_report) report = {.store = store,
                                .directory = out,
                                .command = command,
                                .sets_a = g_ptr_array_new_with_free_func(free_table),
                                .figures = g_ptr_array_new_with_free_func(free_drawing),
                                .plots = g_ptr_array_new_with_free_func(free_drawing),
                                .files = g_ptr_array_new_with_free_func(free_file),
                                .written = written};
    /* Everything that can fail for want of data comes before the first file is written. */
    report.trials = ex_trials_read(store, plan, error);
    if (!report.trials || !ex_report_make_tables(&report, error) || !make_directories(out, error))
        return FALSE;
    if (report.trials->n_unevaluated > 0)
        g_printerr("adliotlog report: %d of %d trials are not evaluated: left out of accuracies\n",
                   report.trials->n_unevaluated, report.trials->n_trial);
    if (!write_sheets(&report, error))
        return FALSE;
    name_figures(&report);
    for (int i = 0; i < EX_N_FIGURE; i++)
        if (!write_figure(&report, i, error))
            return FALSE;
    return write_plots(&report, error) && write_curves(&report, error) &&
           write_page(&report, error) && write_provenance(&report, error);
}
