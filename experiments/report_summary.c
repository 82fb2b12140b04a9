/* The section that says in short what came out. */
#include "experiments/report.h"

#include "experiments/report_claims.h"
#include "experiments/report_results.h"
#include <string.h>

static void put_tile(GString *out, const char *class, guint n, const char *text)
{
    g_string_append_printf(out, "<li%s%s%s><b>%u</b> %s</li>\n", *class ? " class=\"" : "", class,
                           *class ? "\"" : "", n, text);
}

/* How often a text stands in a column of a table that may be NULL. */
static guint count_cells(const ex_table *table, int column, const char *text)
{
    guint n = 0;
    for (guint i = 0; table && i < ex_table_n_row(table); i++)
        n += g_strcmp0(ex_table_cell(table, i, column), text) == 0;
    return n;
}

static void put_tiles(const ex_report *report, GString *out)
{
    static const char *const classes[] = {"good", "bad", "open"};
    const ex_table *audit = report->sheets[EX_SHEET_AUDIT].shown[0];
    g_string_append(out, "<ul class=\"tiles\">\n");
    for (gsize k = 0; k < G_N_ELEMENTS(classes); k++) {
        guint n = 0;
        for (guint i = 0; i < report->claims->len; i++)
            n += strcmp(((const struct ex_claim *)report->claims->pdata[i])->verdict,
                        ex_verdicts[k]) == 0;
        g_autofree char *text = g_strdup_printf("claim%s %s", n == 1 ? "" : "s", ex_verdicts[k]);
        put_tile(out, classes[k], n, text);
    }
    if (audit) {
        const guint n = count_cells(audit, 0, "leak");
        put_tile(out, n > 0 ? "bad" : "good", n, n == 1 ? "leak found" : "leaks found");
    }
    put_tile(out, "", ex_table_n_row(report->sheets[EX_SHEET_RUNS].shown[0]), "simulations");
    put_tile(out, "", ex_table_n_row(report->sheets[EX_SHEET_MODELS].shown[0]),
             "models and rivals");
    g_string_append(out, "</ul>\n");
}

/* "78.8 %" or "not measured". */
static void put_value(GString *out, const char *before, const struct ex_summary *s,
                      const char *after)
{
    if (s->n > 0)
        g_string_append_printf(out, "%s%.1f%s", before, s->mean, after);
    else
        g_string_append_printf(out, "%snot measured", before);
}

/* The figures of one row of Table II, in a sentence each. */
static void put_group(const struct ex_group *group, GString *out)
{
    struct ex_summary without = ex_summarize_trials(group, EX_WITHOUT, EX_PAPER, EX_ACCURACY);
    struct ex_summary with = ex_summarize_trials(group, EX_WITH, EX_PAPER, EX_ACCURACY);
    struct ex_summary other = ex_summarize_trials(group, EX_WITHOUT, EX_HELD_OUT, EX_ACCURACY);
    struct ex_summary other_with = ex_summarize_trials(group, EX_WITH, EX_HELD_OUT, EX_ACCURACY);
    struct ex_summary copy = ex_summarize_trials(group, EX_WITHOUT, EX_PAPER, EX_COPY_BASELINE);
    struct ex_summary fall = ex_summarize_fall(group, EX_PAPER, EX_ACCURACY);
    struct ex_summary copy_fall = ex_summarize_fall(group, EX_PAPER, EX_COPY_BASELINE);
    g_string_append(out, "<p><strong>");
    ex_escape(EX_HTML, group->protocol, out);
    g_string_append(out, ", context ");
    ex_escape(EX_HTML, group->context, out);
    g_string_append_printf(out, "</strong>, %d seed%s: ", without.n, without.n == 1 ? "" : "s");
    put_value(out, "accuracy on the training pairs, as in the paper, is ", &without, " %");
    put_value(out, " without attack (paper: 91-98 %) and ", &with, " %");
    g_string_append(out, " with it (89-95 %). ");
    if (other.n > 0 || other_with.n > 0) {
        put_value(out, "On another seed it is ", &other, " %");
        put_value(out, " and ", &other_with, " %. ");
    }
    if (fall.n > 0) {
        put_value(out, "The attack costs ", &fall, " points (paper: 3-4)");
        put_value(out, "; copying the input, which learns nothing, loses ", &copy_fall, "");
        put_value(out, " and alone has ", &copy, " % without attack.");
    }
    g_string_append(out, "</p>\n");
}

static void put_best_detector(const ex_detection *detection, GString *out)
{
    if (!detection || detection->missing[EX_RUNS])
        return;
    const GPtrArray *curves = detection->curves[EX_RUNS];
    const struct ex_curve *best = curves->pdata[0];
    g_string_append_printf(out, "<p>Of %u detectors of who collaborates, judged by run, <em>",
                           curves->len);
    ex_escape(EX_HTML, best->detector, out);
    g_string_append_printf(out,
                           "</em> is best: PR-AUC %.3f, ROC-AUC %.3f, at a base rate of "
                           "%.3f.</p>\n",
                           best->pr_auc, best->roc_auc,
                           (double)detection->n_positive[EX_RUNS] / detection->n[EX_RUNS]);
}

void ex_report_put_summary(const ex_report *report, GString *out)
{
    put_tiles(report, out);
    for (guint i = 0; i < report->trials->groups->len; i++)
        put_group(report->trials->groups->pdata[i], out);
    put_best_detector(report->detection, out);
    if (report->trials->n_unevaluated > 0)
        g_string_append_printf(out,
                               "<p class=\"note\">%d of %d trials are not evaluated and left out "
                               "of accuracies.</p>\n",
                               report->trials->n_unevaluated, report->trials->n_trial);
}
