/* ROC and precision-recall curves: a card a detector, the curves of all others in grey behind it.
 * Ten curves on top of each other cannot be told apart, by colours or otherwise. */
#include "experiments/plot.h"
#include "experiments/report_plots.h"
#include "experiments/svg.h"

#include <math.h>

#define CARD_WIDTH  360.0
#define CARD_HEIGHT 240.0

enum { FONT = 12, N_ACROSS = 3, SIDE = 128 };

static const struct ex_axes roc_axes = {34, 70, SIDE, SIDE, 0, 1, 0, 1};
static const struct ex_axes pr_axes = {218, 70, SIDE, SIDE, 0, 1, 0, 1};

static const struct ex_curve_point *point_at(const struct ex_curve *curve, guint i)
{
    return &g_array_index(curve->points, struct ex_curve_point, i);
}

/* Straight lines from (0, 0) on. Points closer than half a pixel to the last are left out. */
static void put_roc(GString *out, const struct ex_curve *curve)
{
    double last_x = ex_axes_x(&roc_axes, 0), last_y = ex_axes_y(&roc_axes, 0);
    g_string_append_printf(out, "M%.1f %.1f", last_x, last_y);
    for (guint i = 0; i < curve->points->len; i++) {
        const struct ex_curve_point *p = point_at(curve, i);
        const double x = ex_axes_x(&roc_axes, p->false_positive_rate);
        const double y = ex_axes_y(&roc_axes, p->recall);
        if (hypot(x - last_x, y - last_y) < 0.5 && i + 1 < curve->points->len)
            continue;
        g_string_append_printf(out, "L%.1f %.1f", last_x = x, last_y = y);
    }
}

/* Steps, whose area is the average precision: each recall is reached at the precision there. */
static void put_pr(GString *out, const struct ex_curve *curve)
{
    double recall = 0;
    char command = 'M';
    for (guint i = 0; i < curve->points->len; i++) {
        const struct ex_curve_point *p = point_at(curve, i);
        if (p->recall <= recall)
            continue;
        g_string_append_printf(out, "%c%.1f %.1fH%.1f", command, ex_axes_x(&pr_axes, recall),
                               ex_axes_y(&pr_axes, p->precision), ex_axes_x(&pr_axes, p->recall));
        recall = p->recall;
        command = 'L';
    }
}

static void put_curve_id(GString *out, enum ex_unit unit, guint i)
{
    g_string_append_printf(out, "curve-%s-%u", ex_unit_names[unit], i);
}

/* Each curve is written once, and used by all cards of the unit. */
static void put_definitions(GString *out, const ex_detection *d, enum ex_unit unit)
{
    g_string_append(out, "<defs>\n");
    for (guint i = 0; i < d->curves[unit]->len; i++) {
        g_string_append(out, "<path id=\"");
        put_curve_id(out, unit, i);
        g_string_append(out, "\" fill=\"none\" d=\"");
        put_roc(out, d->curves[unit]->pdata[i]);
        put_pr(out, d->curves[unit]->pdata[i]);
        g_string_append(out, "\"/>\n");
    }
    g_string_append(out, "</defs>\n");
}

static void put_use(GString *out, enum ex_unit unit, guint i, gboolean own)
{
    g_string_append(out, "<use href=\"#");
    put_curve_id(out, unit, i);
    g_string_append_printf(out, "\" class=\"%s\" stroke=\"%s\" stroke-width=\"%s\"/>\n",
                           own ? "first" : "other", own ? EX_PLOT_FIRST : EX_PLOT_OTHER,
                           own ? "2.2" : "1");
}

static void put_guides(GString *out, double rate)
{
    const double y = ex_axes_y(&pr_axes, rate), right = pr_axes.x + pr_axes.width;
    g_string_append_printf(out,
                           "<path class=\"guide\" d=\"M%.1f %.1fL%.1f %.1fM%.1f %.1fH%.1f\" "
                           "stroke=\"#595959\" stroke-dasharray=\"3 3\" fill=\"none\"/>\n",
                           ex_axes_x(&roc_axes, 0), ex_axes_y(&roc_axes, 0),
                           ex_axes_x(&roc_axes, 1), ex_axes_y(&roc_axes, 1), pr_axes.x, y, right);
}

static void put_card(GString *out, const ex_detection *d, enum ex_unit unit, guint own)
{
    const struct ex_curve *curve = d->curves[unit]->pdata[own];
    const double rate = (double)d->n_positive[unit] / d->n[unit];
    g_autofree char *roc = g_strdup_printf("ROC-AUC %.3f", curve->roc_auc);
    g_autofree char *pr = g_strdup_printf("PR-AUC %.3f", curve->pr_auc);
    g_autofree char *base = g_strdup_printf("recall (base rate %.3f)", rate);
    ex_svg_put_label(out, 8, 20, 14, "font-weight=\"bold\" " EX_PLOT_INK, curve->detector, 40);
    ex_svg_put_label(out, 8, 40, FONT, EX_PLOT_INK, roc, 40);
    ex_svg_put_label(out, pr_axes.x - 26, 40, FONT, EX_PLOT_INK, pr, 40);
    ex_svg_put_label(out, 8, 58, FONT, EX_PLOT_FAINT, "recall", 40);
    ex_svg_put_label(out, pr_axes.x - 26, 58, FONT, EX_PLOT_FAINT, "precision", 40);
    ex_plot_put_unit_frame(out, &roc_axes);
    ex_plot_put_unit_frame(out, &pr_axes);
    ex_svg_put_label(out, roc_axes.x + SIDE / 2.0, 232, FONT,
                     "text-anchor=\"middle\" " EX_PLOT_FAINT, "false positive rate", 40);
    ex_svg_put_label(out, pr_axes.x + SIDE / 2.0, 232, FONT,
                     "text-anchor=\"middle\" " EX_PLOT_FAINT, base, 40);
    for (guint i = 0; i < d->curves[unit]->len; i++)
        if (i != own)
            put_use(out, unit, i, FALSE);
    put_guides(out, rate);
    put_use(out, unit, own, TRUE);
}

void ex_plot_detector(const ex_detection *detection, enum ex_unit unit, guint i, GString *out)
{
    const struct ex_curve *curve = detection->curves[unit]->pdata[i];
    g_autofree char *title =
        g_strdup_printf("Curves of %s, judged by %s: ROC-AUC %.3f, PR-AUC %.3f", curve->detector,
                        ex_unit_names[unit], curve->roc_auc, curve->pr_auc);
    ex_plot_open(out, CARD_WIDTH, CARD_HEIGHT, title);
    if (i == 0)
        put_definitions(out, detection, unit);
    put_card(out, detection, unit, i);
    ex_plot_close(out);
}

void ex_plot_detectors(const ex_detection *detection, enum ex_unit unit, GString *out)
{
    const guint n = detection->curves[unit]->len, across = MIN(n, N_ACROSS);
    const guint down = (n + N_ACROSS - 1) / N_ACROSS;
    g_autofree char *title = g_strdup_printf("ROC and precision-recall curves of detectors of task "
                                             "%s, judged by %s",
                                             detection->name, ex_unit_names[unit]);
    ex_plot_open(out, across * CARD_WIDTH, down * CARD_HEIGHT, title);
    put_definitions(out, detection, unit);
    for (guint i = 0; i < n; i++) {
        g_string_append_printf(out, "<g transform=\"translate(%.0f %.0f)\">\n",
                               i % N_ACROSS * CARD_WIDTH, i / N_ACROSS * CARD_HEIGHT);
        put_card(out, detection, unit, i);
        g_string_append(out, "</g>\n");
    }
    ex_plot_close(out);
}
