/* report.html: tables, figures, claims and provenance as one page that needs no network. */
#include "experiments/report.h"

#include "experiments/figure.h"
#include "experiments/report_plots.h"
#include <string.h>

/* ---- head ----------------------------------------------------------------- */

/* The text of a file of this room, whose SHA-256 in base64 the page's policy allows. */
static GBytes *read_part(const char *name, char **hash, GError **error)
{
    guint8 digest[32];
    gsize size, n_digest = sizeof digest;
    GBytes *bytes = ex_figure_script(name, error);
    if (!bytes)
        return NULL;
    const guchar *data = g_bytes_get_data(bytes, &size);
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(checksum, data, (gssize)size);
    g_checksum_get_digest(checksum, digest, &n_digest);
    *hash = g_base64_encode(digest, n_digest);
    return bytes;
}

static void put_part(GString *out, const char *element, GBytes *part)
{
    gsize size;
    const char *text = g_bytes_get_data(part, &size);
    g_string_append_printf(out, "<%s>", element);
    g_string_append_len(out, text, (gssize)size);
    g_string_append_printf(out, "</%s>\n", element);
}

static void put_head(const ex_report *report, GBytes *css, const char *css_hash,
                     const char *script_hash, GString *out)
{
    g_string_append_printf(out,
                           "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                           "'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri "
                           "'none'; form-action 'none'\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width, "
                           "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
                           "dark\">\n<title>adliotlog: results of plan ",
                           css_hash, script_hash);
    ex_escape(EX_HTML, report->trials->plan, out);
    g_string_append(out, "</title>\n");
    put_part(out, "style", css);
    g_string_append(out, "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the "
                         "results</a>\n<header>\n<h1>Results of plan ");
    ex_escape(EX_HTML, report->trials->plan, out);
    g_string_append(out,
                    "</h1>\n<p class=\"lead\">What was simulated, learned and measured, beside "
                    "what the paper <cite>Collaborative adversary nodes learning on the logs "
                    "of IoT devices in an IoT network</cite> says.</p>\n</header>\n");
}

/* ---- pieces --------------------------------------------------------------- */

static void put_table(const ex_table *table, GString *out)
{
    if (table)
        ex_table_write(table, EX_HTML, out);
}

static void put_shown(const ex_report *report, enum ex_sheet_id id, GString *out)
{
    for (int i = 0; i < EX_N_SHOWN; i++)
        put_table(report->sheets[id].shown[i], out);
}

static void put_paragraph(GString *out, const char *text)
{
    g_string_append(out, "<p>");
    ex_escape(EX_HTML, text, out);
    g_string_append(out, "</p>\n");
}

/* A drawing without its XML prolog, its ids made different from those of others by the prefix. */
static gboolean put_svg(const char *drawing, const char *prefix, const char *title, GString *out,
                        GError **error)
{
    const char *body = strstr(drawing, "<svg");
    g_autoptr(GRegex) ids =
        g_regex_new("(\\bid=[\"']|\\bhref=[\"']#|\\burl\\(#)", G_REGEX_DEFAULT, 0, error);
    g_autofree char *replacement = g_strdup_printf("\\1%s-", prefix);
    g_autofree char *svg =
        ids && body ? g_regex_replace(ids, body + strlen("<svg"), -1, 0, replacement, 0, error)
                    : NULL;
    if (!svg)
        return FALSE;
    g_string_append(out, "<svg role=\"img\" aria-label=\"");
    ex_escape(EX_HTML, title, out);
    g_string_append_printf(out, "\"%s", svg);
    return TRUE;
}

/* class: "drawn" for white paper, or a "plot" that can be dark. */
static gboolean put_figure(const struct ex_drawing *drawing, const char *class, GString *out,
                           GError **error)
{
    g_string_append(out, "<figure>\n");
    if (drawing->svg) {
        g_string_append_printf(out,
                               "<div class=\"wide %s\" tabindex=\"0\" role=\"region\" "
                               "aria-label=\"",
                               class);
        ex_escape(EX_HTML, drawing->title, out);
        g_string_append(out, "\">\n");
        if (!put_svg(drawing->svg, drawing->name, drawing->title, out, error))
            return FALSE;
        g_string_append(out, "</div>\n");
    }
    g_string_append(out, "<figcaption>");
    ex_escape(EX_HTML, drawing->title, out);
    if (drawing->missing) {
        g_string_append(out, " (left out: ");
        ex_escape(EX_HTML, drawing->missing, out);
        g_string_append_c(out, ')');
    } else {
        g_string_append_printf(out, " (<a href=\"%s.svg\">%s.svg</a>)", drawing->name,
                               drawing->name);
    }
    g_string_append(out, "</figcaption>\n</figure>\n");
    return TRUE;
}

/* ---- sections ------------------------------------------------------------- */

static gboolean put_summary(const ex_report *report, GString *out, GError **error)
{
    (void)error;
    ex_report_put_summary(report, out);
    return TRUE;
}

static gboolean put_runs(const ex_report *report, GString *out, GError **error)
{
    (void)error;
    put_paragraph(out, "The runs of the simulator that the plan's pairs of events come from: a run "
                       "under attack is the twin of the benign run of its seed, the same until "
                       "the attack begins.");
    put_table(report->sheets[EX_SHEET_RUNS].shown[0], out);
    return TRUE;
}

static gboolean put_tables(const ex_report *report, GString *out, GError **error)
{
    (void)error;
    put_shown(report, EX_SHEET_TABLE1, out);
    put_shown(report, EX_SHEET_TABLE2, out);
    for (guint i = 0; i < report->sets_a->len; i++)
        put_table(report->sets_a->pdata[i], out);
    return TRUE;
}

static gboolean put_figures(const ex_report *report, GString *out, GError **error)
{
    for (guint i = 0; i < report->figures->len; i++)
        if (!put_figure(report->figures->pdata[i], "drawn", out, error))
            return FALSE;
    return TRUE;
}

static gboolean put_claims(const ex_report *report, GString *out, GError **error)
{
    (void)error;
    put_paragraph(out, "Every claim of the paper that something can be said about, with a verdict "
                       "by a rule that was written before the results were seen. Fewer than three "
                       "seeds decide nothing.");
    put_shown(report, EX_SHEET_CLAIMS, out);
    return TRUE;
}

static gboolean put_fall(const ex_report *report, GString *out, GError **error)
{
    put_paragraph(out, "The paper takes a fall of accuracy as the sign of an attack. Its null is "
                       "copying: giving the input back as the answer learns nothing, so what it "
                       "loses comes from the traffic alone.");
    for (guint i = 0; i < report->plots->len; i++) {
        const struct ex_drawing *plot = report->plots->pdata[i];
        if (strcmp(plot->name, "fall") == 0 && !put_figure(plot, "plot", out, error))
            return FALSE;
    }
    put_shown(report, EX_SHEET_FALL, out);
    return TRUE;
}

static gboolean put_comparison(const ex_report *report, GString *out, GError **error)
{
    put_paragraph(out, "The default reading of the paper, the plan's variants of it, and rivals "
                       "that learned from the same pairs.");
    for (guint i = 0; i < report->plots->len; i++) {
        const struct ex_drawing *plot = report->plots->pdata[i];
        if (strcmp(plot->name, "fall") != 0 && !put_figure(plot, "plot", out, error))
            return FALSE;
    }
    put_shown(report, EX_SHEET_COMPARISON, out);
    return TRUE;
}

static gboolean put_cards(const ex_detection *d, enum ex_unit unit, GString *out, GError **error)
{
    g_autofree char *prefix = g_strdup_printf("cards-%s", ex_unit_names[unit]);
    g_string_append_printf(out,
                           "<h3>Judged by %s: %d candidates, %d of them part of an attack</h3>\n",
                           ex_unit_names[unit], d->n[unit], d->n_positive[unit]);
    if (d->missing[unit]) {
        g_autofree char *text = g_strdup_printf("No curves: %s.", d->missing[unit]);
        put_paragraph(out, text);
        return TRUE;
    }
    g_string_append(out, "<figure class=\"cards\">\n");
    for (guint i = 0; i < d->curves[unit]->len; i++) {
        const struct ex_curve *curve = d->curves[unit]->pdata[i];
        g_autoptr(GString) svg = g_string_new(NULL);
        g_autofree char *title = g_strdup_printf("%s: ROC-AUC %.3f, PR-AUC %.3f", curve->detector,
                                                 curve->roc_auc, curve->pr_auc);
        ex_plot_detector(d, unit, i, svg);
        g_string_append(out, "<div class=\"plot\">");
        if (!put_svg(svg->str, prefix, title, out, error))
            return FALSE;
        g_string_append(out, "</div>\n");
    }
    g_string_append(out, "</figure>\n");
    return TRUE;
}

static gboolean put_detection(const ex_report *report, GString *out, GError **error)
{
    const ex_detection *d = report->detection;
    if (!d) {
        g_autofree char *text =
            g_strdup_printf("The store holds no detection task '%s': see adliotlog help score.",
                            report->trials->plan);
        put_paragraph(out, text);
        return TRUE;
    }
    put_paragraph(out, "Which pairs of nodes collaborate? Each detector scores the pairs that send "
                       "to each other, in a run and in each window of it. In blue its own curve, "
                       "in grey those of the others; dashed what chance has.");
    for (int unit = 0; unit < EX_N_UNIT; unit++)
        if (!put_cards(d, unit, out, error))
            return FALSE;
    put_shown(report, EX_SHEET_DETECTION, out);
    return TRUE;
}

static gboolean put_federation(const ex_report *report, GString *out, GError **error)
{
    (void)error;
    if (report->sheets[EX_SHEET_FEDERATION].shown[0])
        put_paragraph(out, "What do gateways gain by learning together, without showing each other "
                           "their logs?");
    else
        put_paragraph(out, "This plan has no gateways that learn together (a plan asks for it by a "
                           "group [federation]; experiments/federated.ini has one).");
    put_shown(report, EX_SHEET_FEDERATION, out);
    return TRUE;
}

static gboolean put_audit(const ex_report *report, GString *out, GError **error)
{
    (void)error;
    if (report->sheets[EX_SHEET_AUDIT].shown[0])
        put_paragraph(out, "Could a test be passed without having learned?");
    else
        put_paragraph(out, "The tests of this plan were not audited (a plan asks for it by a group "
                           "[audit]; see adliotlog help audit).");
    put_shown(report, EX_SHEET_AUDIT, out);
    return TRUE;
}

static gboolean put_provenance(const ex_report *report, GString *out, GError **error)
{
    (void)error;
    g_string_append(out, "<p>adliotlog " ADLIOTLOG_VERSION ": <code>");
    ex_escape(EX_HTML, report->command, out);
    g_string_append(out, "</code></p>\n<p>All options are in <a href=\"provenance.json\">"
                         "provenance.json</a>.</p>\n");
    put_table(report->sheets[EX_SHEET_RUNS].shown[1], out);
    put_shown(report, EX_SHEET_PAIR_SETS, out);
    put_shown(report, EX_SHEET_MODELS, out);
    return TRUE;
}

static const struct {
    const char *id, *title;
    gboolean (*put)(const ex_report *report, GString *out, GError **error);
} sections[] = {{"summary", "In short", put_summary},
                {"run", "What was run", put_runs},
                {"results", "Tables I and II", put_tables},
                {"figures", "Figures 2 and 3", put_figures},
                {"claims", "Claims", put_claims},
                {"fall", "The fall and its null", put_fall},
                {"comparison", "Rivals and readings", put_comparison},
                {"detection", "Detection", put_detection},
                {"federation", "Federation", put_federation},
                {"audit", "Leak audit", put_audit},
                {"provenance", "Provenance", put_provenance}};

static void put_contents(GString *out)
{
    g_string_append(out, "<nav aria-label=\"Contents\">\n<ol>\n");
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
        g_string_append_printf(out, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id,
                               sections[i].title);
    g_string_append(out, "</ol>\n</nav>\n");
}

gboolean ex_report_put_page(const ex_report *report, GString *out, GError **error)
{
    g_autofree char *css_hash = NULL, *script_hash = NULL;
    g_autoptr(GBytes) css = read_part("report.css", &css_hash, error);
    g_autoptr(GBytes) script = css ? read_part("report.js", &script_hash, error) : NULL;
    if (!script)
        return FALSE;
    put_head(report, css, css_hash, script_hash, out);
    put_contents(out);
    g_string_append(out, "<main id=\"main\" tabindex=\"-1\">\n");
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++) {
        g_string_append_printf(out,
                               "<section id=\"%s\" aria-labelledby=\"%s-title\">\n"
                               "<h2 id=\"%s-title\">%s</h2>\n",
                               sections[i].id, sections[i].id, sections[i].id, sections[i].title);
        if (!sections[i].put(report, out, error))
            return FALSE;
        g_string_append(out, "</section>\n");
    }
    g_string_append(out, "</main>\n");
    put_part(out, "script", script);
    g_string_append(out, "</body>\n</html>\n");
    return TRUE;
}
