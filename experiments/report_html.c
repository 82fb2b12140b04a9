/* report.html: tables, figures and provenance as one page that needs no network. */
#include "experiments/report.h"

#include "experiments/figure.h"
#include <string.h>

static void put_heading(GString *out, const char *id, const char *title)
{
    g_string_append_printf(out, "<h2 id=\"%s\">", id);
    ex_escape(EX_HTML, title, out);
    g_string_append(out, "</h2>\n");
}

static gboolean put_head(const ex_report *report, GString *out, GError **error)
{
    g_autoptr(GBytes) css = ex_figure_script("report.css", error);
    if (!css)
        return FALSE;
    g_string_append(out,
                    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" "
                    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<title>adliotlog: results</title>\n<style>\n");
    g_string_append_len(out, g_bytes_get_data(css, NULL), (gssize)g_bytes_get_size(css));
    g_string_append(out, "</style>\n</head>\n<body>\n<main>\n<h1>Results of plan ");
    ex_escape(EX_HTML, report->trials->plan, out);
    g_string_append(out, "</h1>\n");
    return TRUE;
}

/* A table of what the query over the plan's trials finds, columns named by the query's order. */
static gboolean put_query(const ex_report *report, const char *caption, const char *const *columns,
                          const char *sql, GString *out, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ex_table) table = ex_table_new(caption, columns);
    g_autoptr(ds_query) query = ds_query_new(report->store, error, sql, "s", report->trials->plan);
    if (!query)
        return FALSE;
    while (ds_query_next(query, &failure)) {
        char **row = ex_table_add_row(table);
        for (int i = 0; columns[i]; i++)
            row[i] = ex_query_text(query, i);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    ex_table_write(table, EX_HTML, out);
    return TRUE;
}

static gboolean put_what_was_run(const ex_report *report, GString *out, GError **error)
{
    static const char *const run_columns[] = {"run",   "scenario", "attack",  "traffic",
                                              "seed",  "seconds",  "lines",   "events",
                                              "noise", "blank",    "refused", NULL};
    put_heading(out, "run", "What was run");
    return put_query(report, "Runs of the simulator", run_columns,
                     "SELECT run_id, scenario, attack, traffic, seed, duration, n_line, n_event,"
                     " n_noise, n_blank, n_reject FROM run "
                     "WHERE run_id IN (SELECT run_id FROM trial JOIN pair_set_run"
                     "  USING (pair_set_id) WHERE plan = ?) ORDER BY run_id",
                     out, error);
}

static void put_results(const ex_report *report, GString *out)
{
    put_heading(out, "results", "Tables");
    ex_table_write(report->table1, EX_HTML, out);
    ex_table_write(report->table2, EX_HTML, out);
    ex_table_write(report->table2_full, EX_HTML, out);
    ex_table_write(report->comparison, EX_HTML, out);
    for (guint i = 0; i < report->sets_a->len; i++)
        ex_table_write(report->sets_a->pdata[i], EX_HTML, out);
    if (report->trials->n_unevaluated > 0)
        g_string_append_printf(out,
                               "<p class=\"note\">%d of %d trials are not evaluated and left out "
                               "of accuracies.</p>\n",
                               report->trials->n_unevaluated, report->trials->n_trial);
}

/* The drawing without its XML prolog; its ids made different from those of other drawings. */
static gboolean put_svg(const struct ex_drawing *drawing, GString *out, GError **error)
{
    const char *body = strstr(drawing->svg, "<svg");
    g_autoptr(GRegex) ids =
        g_regex_new("(\\bid=[\"']|\\bhref=[\"']#|\\burl\\(#)", G_REGEX_DEFAULT, 0, error);
    g_autofree char *replacement = g_strdup_printf("\\1%s-", drawing->name);
    g_autofree char *svg =
        ids && body ? g_regex_replace(ids, body + strlen("<svg"), -1, 0, replacement, 0, error)
                    : NULL;
    if (!svg)
        return FALSE;
    g_autoptr(GString) title = g_string_new(NULL);
    ex_escape(EX_HTML, drawing->title, title);
    g_string_append_printf(out,
                           "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n"
                           "<svg role=\"img\" aria-label=\"%s\"%s</div>\n",
                           title->str, title->str, svg);
    return TRUE;
}

static gboolean put_figures(const ex_report *report, GString *out, GError **error)
{
    put_heading(out, "figures", "Figures");
    for (int i = 0; i < EX_N_FIGURE; i++) {
        const struct ex_drawing *drawing = &report->drawings[i];
        g_string_append(out, "<figure>\n");
        if (drawing->svg && !put_svg(drawing, out, error))
            return FALSE;
        g_string_append(out, "<figcaption>");
        ex_escape(EX_HTML, drawing->title, out);
        if (drawing->missing) {
            g_string_append(out, " (left out: ");
            ex_escape(EX_HTML, drawing->missing, out);
            g_string_append_c(out, ')');
        }
        g_string_append(out, "</figcaption>\n</figure>\n");
    }
    return TRUE;
}

static gboolean put_provenance(const ex_report *report, GString *out, GError **error)
{
    static const char *const trace_columns[] = {"run", "ns", "trace", "SHA-256", NULL};
    static const char *const set_columns[] = {"pair set", "pairs", "distinct words", "options",
                                              NULL};
    static const char *const model_columns[] = {"model", "file", "SHA-256", NULL};
    put_heading(out, "provenance", "Provenance");
    g_string_append(out, "<p>adliotlog " ADLIOTLOG_VERSION ": <code>");
    ex_escape(EX_HTML, report->command, out);
    g_string_append(out, "</code></p>\n<p>All options are in <code>provenance.json</code>.</p>\n");
    return put_query(report, "Traces", trace_columns,
                     "SELECT run_id, ns_version, trace_path, trace_sha256 FROM run "
                     "WHERE run_id IN (SELECT run_id FROM trial JOIN pair_set_run"
                     "  USING (pair_set_id) WHERE plan = ?) ORDER BY run_id",
                     out, error) &&
           put_query(report, "Pairs of consecutive sentences", set_columns,
                     "SELECT name, n_pair, n_token, options FROM pair_set WHERE pair_set_id IN"
                     " (SELECT pair_set_id FROM trial WHERE plan = ?) ORDER BY pair_set_id",
                     out, error) &&
           put_query(report, "Models", model_columns,
                     "SELECT name, path, model_sha256 FROM model WHERE model_id IN"
                     " (SELECT model_id FROM trial WHERE plan = ?) ORDER BY model_id",
                     out, error);
}

gboolean ex_report_put_page(const ex_report *report, GString *out, GError **error)
{
    if (!put_head(report, out, error) || !put_what_was_run(report, out, error))
        return FALSE;
    put_results(report, out);
    if (!put_figures(report, out, error))
        return FALSE;
    put_heading(out, "claims", "Claims");
    ex_table_write(report->claims, EX_HTML, out);
    if (!put_provenance(report, out, error))
        return FALSE;
    g_string_append(out, "</main>\n</body>\n</html>\n");
    return TRUE;
}
