/* Accuracies and falls as dots on a line, with their intervals. */
#include "experiments/report_plots.h"

#include "experiments/plot.h"
#include "experiments/report_results.h"
#include "experiments/svg.h"
#include <math.h>
#include <string.h>

#define WIDTH     760.0
#define FALL_LEFT 180.0 /* where the axes of falls begin */
#define RIGHT     20.0

enum { MAX_LEFT = 260, FONT = 13, HEAD = 62, ROW = 30, SECTION = 30, FOOT = 44, STRIP = 62 };

/* ---- both ----------------------------------------------------------------- */

struct key {
    enum ex_mark mark;
    const char *class, *colour, *text;
};

static void put_keys(GString *out, const struct key *keys, gsize n, double y)
{
    double x = 24;
    for (gsize i = 0; i < n; i++) {
        ex_plot_put_mark(out, keys[i].mark, x, y - 4, keys[i].class, keys[i].colour);
        ex_svg_put_label(out, x + 10, y, FONT, EX_PLOT_INK, keys[i].text, 60);
        x += 34 + ex_svg_text_width(keys[i].text, FONT);
    }
}

static void put_band_key(GString *out, double y, const char *text)
{
    const double x = WIDTH - RIGHT - ex_svg_text_width(text, FONT);
    g_string_append_printf(out,
                           "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"16\" height=\"13\" "
                           "fill=\"#f3e6b8\"/>\n",
                           x - 22, y - 11);
    ex_svg_put_label(out, x, y, FONT, EX_PLOT_INK, text, 60);
}

static void put_axis_title(GString *out, const struct ex_axes *axes, const char *text)
{
    ex_svg_put_label(out, axes->x + axes->width / 2, axes->y + axes->height + 36, FONT,
                     "text-anchor=\"middle\" " EX_PLOT_INK, text, 100);
}

/* What a reader who cannot see the marks is told of them. */
static void describe(GString *out, const struct ex_comparison *c)
{
    struct ex_summary without = ex_comparison_summary(c, EX_ACCURACY_WITHOUT);
    struct ex_summary with = ex_comparison_summary(c, EX_ACCURACY_WITH);
    struct ex_summary copy_without = ex_comparison_summary(c, EX_COPY_WITHOUT);
    struct ex_summary copy_with = ex_comparison_summary(c, EX_COPY_WITH);
    g_autofree char *text = g_strdup_printf(
        "%s, %s, %s: %.2f without attack, %.2f with; copying %.2f and %.2f; %d seed%s",
        *c->variant ? c->variant : "default", c->method, c->split, without.mean, with.mean,
        copy_without.mean, copy_with.mean, without.n, without.n == 1 ? "" : "s");
    ex_svg_put_title(out, text);
}

/* ---- accuracies ----------------------------------------------------------- */

static gboolean is_drawn(const struct ex_comparison *c, const char *protocol)
{
    return strcmp(c->protocol, protocol) == 0;
}

/* Variant and method, as far as they tell a row from the default; the context where rows differ in
 * nothing else. */
static char *make_label(const GPtrArray *comparisons, const struct ex_comparison *c)
{
    const gboolean rival = strcmp(c->method, "network") != 0;
    gboolean ambiguous = FALSE;
    for (guint i = 0; i < comparisons->len; i++) {
        const struct ex_comparison *other = comparisons->pdata[i];
        ambiguous |= other != c && strcmp(other->variant, c->variant) == 0 &&
                     strcmp(other->method, c->method) == 0 &&
                     strcmp(other->protocol, c->protocol) == 0 &&
                     strcmp(other->split, c->split) == 0;
    }
    GString *label = g_string_new(*c->variant ? c->variant : rival ? "" : "default: network");
    if (rival)
        g_string_append_printf(label, "%s%s", label->len > 0 ? ", " : "", c->method);
    if (ambiguous)
        g_string_append_printf(label, " (%s)", c->context);
    return g_string_free(label, FALSE);
}

/* How far to the right the axes begin: as little as the labels allow, for the sake of phones. */
static double find_left(const GPtrArray *comparisons, const char *protocol)
{
    double left = 0;
    for (guint i = 0; i < comparisons->len; i++) {
        const struct ex_comparison *c = comparisons->pdata[i];
        g_autofree char *label = is_drawn(c, protocol) ? make_label(comparisons, c) : g_strdup("");
        left = MAX(left, ex_svg_text_width(label, FONT));
    }
    return CLAMP(left + 24, 110, MAX_LEFT);
}

/* The tens below all that is drawn: dots need no zero, and a phone shows the left part first. */
static double find_least(const GPtrArray *comparisons, const char *protocol)
{
    double least = ex_paper_accuracy[EX_WITH].low;
    for (guint i = 0; i < comparisons->len; i++)
        for (int k = 0; k < EX_N_COMPARISON_FIGURE; k++) {
            const struct ex_comparison *c = comparisons->pdata[i];
            if (!is_drawn(c, protocol) || k == EX_FALL || k == EX_COPY_FALL)
                continue;
            struct ex_summary s = ex_comparison_summary(c, k);
            least = fmin(least, fmin(s.min, s.ci_low)); /* passes over NAN */
        }
    return CLAMP(10 * floor(least / 10 - 0.2), 0, 80);
}

static const char *name_split(const char *split)
{
    if (strcmp(split, "paper") == 0)
        return "Tested on the training pairs, as in the paper";
    return strcmp(split, "held-out") == 0 ? "Held out: another seed" : NULL;
}

static void put_row(GString *out, const struct ex_axes *axes, const GPtrArray *comparisons,
                    const struct ex_comparison *c, double y)
{
    static const struct {
        enum ex_comparison_figure accuracy, copy;
        enum ex_mark mark;
        const char *class, *colour;
        double off;
    } conditions[] = {{EX_ACCURACY_WITHOUT, EX_COPY_WITHOUT, EX_MARK_RING, "first", EX_PLOT_FIRST,
                       -6},
                      {EX_ACCURACY_WITH, EX_COPY_WITH, EX_MARK_DOT, "second", EX_PLOT_SECOND, 6}};
    g_autofree char *label = make_label(comparisons, c);
    g_string_append(out, "<g>");
    describe(out, c);
    ex_svg_put_label(out, axes->x - 12, y + 4, FONT, "text-anchor=\"end\" " EX_PLOT_INK, label, 32);
    ex_plot_put_line(out, axes->x, y, axes->x + axes->width, y, "grid", "#eeeeee", 1);
    for (gsize i = 0; i < G_N_ELEMENTS(conditions); i++) {
        struct ex_summary s = ex_comparison_summary(c, conditions[i].accuracy);
        struct ex_summary copy = ex_comparison_summary(c, conditions[i].copy);
        const double at = y + conditions[i].off;
        ex_plot_put_mark(out, EX_MARK_TICK, ex_axes_x(axes, copy.mean), at, "other", "#8c8c8c");
        ex_plot_put_interval(out, axes, s.ci_low, s.ci_high, at, conditions[i].class,
                             conditions[i].colour);
        ex_plot_put_mark(out, conditions[i].mark, ex_axes_x(axes, s.mean), at, conditions[i].class,
                         conditions[i].colour);
    }
    g_string_append(out, "</g>\n");
}

/* The splits of a protocol, in their order. */
static GPtrArray *list_splits(const GPtrArray *comparisons, const char *protocol, guint *n_row)
{
    static const char *const first[] = {"paper", "held-out"};
    GPtrArray *splits = g_ptr_array_new();
    *n_row = 0;
    for (gsize k = 0; k <= G_N_ELEMENTS(first); k++)
        for (guint i = 0; i < comparisons->len; i++) {
            struct ex_comparison *c = comparisons->pdata[i];
            if (!is_drawn(c, protocol) ||
                (k < G_N_ELEMENTS(first) && strcmp(c->split, first[k]) != 0))
                continue;
            *n_row += k == G_N_ELEMENTS(first);
            if (!g_ptr_array_find_with_equal_func(splits, c->split, g_str_equal, NULL))
                g_ptr_array_add(splits, c->split);
        }
    return splits;
}

static void put_accuracy_head(GString *out, const char *protocol)
{
    static const struct key keys[] = {{EX_MARK_RING, "first", EX_PLOT_FIRST, "without attack"},
                                      {EX_MARK_DOT, "second", EX_PLOT_SECOND, "with attack"},
                                      {EX_MARK_TICK, "other", "#8c8c8c", "copying the input"}};
    g_autofree char *upper = g_ascii_strup(protocol, -1);
    g_autofree char *title = g_strdup_printf("Accuracy over %s", upper);
    ex_svg_put_label(out, 16, 26, 16, "font-weight=\"bold\" " EX_PLOT_INK, title, 60);
    put_keys(out, keys, G_N_ELEMENTS(keys), 50);
    put_band_key(out, 50, "the paper's range");
}

void ex_plot_accuracies(const GPtrArray *comparisons, const char *protocol, GString *out)
{
    guint n_row;
    g_autoptr(GPtrArray) splits = list_splits(comparisons, protocol, &n_row);
    const double height = HEAD + SECTION * splits->len + ROW * n_row + FOOT;
    const double left = find_left(comparisons, protocol);
    const double least = find_least(comparisons, protocol);
    const struct ex_axes whole = {
        left, HEAD, WIDTH - left - RIGHT, height - HEAD - FOOT, least, 100, 0, 1};
    g_autofree char *title =
        g_strdup_printf("Accuracy in percent over %s: %u rows", protocol, n_row);
    if (n_row == 0)
        return;
    ex_plot_open(out, WIDTH, height, title);
    put_accuracy_head(out, protocol);
    ex_plot_put_band(out, &whole, ex_paper_accuracy[EX_WITH].low,
                     ex_paper_accuracy[EX_WITHOUT].high);
    ex_plot_put_x_grid(out, &whole, ex_plot_step(whole.low, 100, 10));
    double y = HEAD;
    for (guint k = 0; k < splits->len; k++) {
        const char *split = splits->pdata[k];
        g_autofree char *other = g_strdup_printf("Test '%s'", split);
        ex_svg_put_label(out, 16, y + 20, FONT, "font-weight=\"bold\" " EX_PLOT_HALO,
                         name_split(split) ? name_split(split) : other, 60);
        y += SECTION;
        for (guint i = 0; i < comparisons->len; i++) {
            const struct ex_comparison *c = comparisons->pdata[i];
            if (!is_drawn(c, protocol) || strcmp(c->split, split) != 0)
                continue;
            put_row(out, &whole, comparisons, c, y + 0.5 * ROW);
            y += ROW;
        }
    }
    put_axis_title(out, &whole, "accuracy (mean BLEU-1), percent; lines: 95 % interval over seeds");
    ex_plot_close(out);
}

/* ---- falls ---------------------------------------------------------------- */

static const struct {
    enum ex_comparison_figure figure;
    enum ex_mark mark;
    const char *class, *colour;
    double off;
} strips[] = {{EX_FALL, EX_MARK_DOT, "second", EX_PLOT_SECOND, -11},
              {EX_COPY_FALL, EX_MARK_RING, "first", EX_PLOT_FIRST, 11}};

/* From the least to the greatest fall, the paper's and none among them. */
static void find_limits(const GPtrArray *comparisons, double *low, double *high)
{
    *low = 0;
    *high = ex_paper_fall.high;
    for (guint i = 0; i < comparisons->len; i++)
        for (gsize k = 0; k < G_N_ELEMENTS(strips); k++) {
            const struct ex_comparison *c = comparisons->pdata[i];
            struct ex_summary s = ex_comparison_summary(c, strips[k].figure);
            if (!ex_comparison_is_default(c))
                continue;
            *low = MIN(*low, s.min);
            *high = MAX(*high, s.max);
        }
    const double step = ex_plot_step(*low, *high, 8);
    *low = step * floor(*low / step - 0.25);
    *high = step * ceil(*high / step + 0.25);
}

static void put_strips(GString *out, const struct ex_axes *axes, const struct ex_comparison *c,
                       double y)
{
    g_autofree char *name = g_strdup_printf("%s, context %s", c->protocol, c->context);
    const char *split = strcmp(c->split, "paper") == 0 ? "on the training pairs" : c->split;
    ex_svg_put_label(out, axes->x - 12, y - 3, FONT, "text-anchor=\"end\" " EX_PLOT_INK, name, 32);
    ex_svg_put_label(out, axes->x - 12, y + 14, FONT, "text-anchor=\"end\" " EX_PLOT_FAINT, split,
                     32);
    for (gsize k = 0; k < G_N_ELEMENTS(strips); k++) {
        const double at = y + strips[k].off;
        struct ex_summary s = ex_comparison_summary(c, strips[k].figure);
        ex_plot_put_interval(out, axes, s.ci_low, s.ci_high, at, strips[k].class, strips[k].colour);
        if (s.n > 1)
            ex_plot_put_line(out, ex_axes_x(axes, s.mean), at - 9, ex_axes_x(axes, s.mean), at + 9,
                             strips[k].class, strips[k].colour, 2);
        for (guint i = 0; i < c->seeds->len; i++) {
            const double fall = g_array_index(c->values[strips[k].figure], double, i);
            g_autofree char *text =
                g_strdup_printf("seed %" G_GINT64_FORMAT ": %.2f points%s",
                                g_array_index(c->seeds, gint64, i), fall,
                                strips[k].figure == EX_COPY_FALL ? " by copying" : "");
            g_string_append(out, "<g>");
            ex_svg_put_title(out, text);
            ex_plot_put_mark(out, strips[k].mark, ex_axes_x(axes, fall), at, strips[k].class,
                             strips[k].colour);
            g_string_append(out, "</g>\n");
        }
    }
}

void ex_plot_falls(const GPtrArray *comparisons, GString *out)
{
    static const struct key keys[] = {{EX_MARK_DOT, "second", EX_PLOT_SECOND,
                                       "the network, a seed"},
                                      {EX_MARK_RING, "first", EX_PLOT_FIRST,
                                       "copying the input, a seed"}};
    guint n = 0;
    for (guint i = 0; i < comparisons->len; i++)
        n += ex_comparison_is_default(comparisons->pdata[i]) != 0;
    if (n == 0)
        return;
    const double height = HEAD + STRIP * n + FOOT;
    struct ex_axes axes = {FALL_LEFT, HEAD, WIDTH - FALL_LEFT - RIGHT, STRIP * n, 0, 0, 0, 1};
    find_limits(comparisons, &axes.low, &axes.high);
    ex_plot_open(out, WIDTH, height, "Points of accuracy lost under attack, seed by seed");
    ex_svg_put_label(out, 16, 26, 16, "font-weight=\"bold\" " EX_PLOT_INK,
                     "Points of accuracy lost under attack", 60);
    put_keys(out, keys, G_N_ELEMENTS(keys), 50);
    put_band_key(out, 50, "the paper's 3-4");
    ex_plot_put_band(out, &axes, ex_paper_fall.low, ex_paper_fall.high);
    ex_plot_put_x_grid(out, &axes, ex_plot_step(axes.low, axes.high, 10));
    ex_plot_put_line(out, ex_axes_x(&axes, 0), axes.y, ex_axes_x(&axes, 0), axes.y + axes.height,
                     "axis", "#737373", 1.5);
    double y = HEAD + 0.5 * STRIP;
    for (guint i = 0; i < comparisons->len; i++)
        if (ex_comparison_is_default(comparisons->pdata[i])) {
            put_strips(out, &axes, comparisons->pdata[i], y);
            ex_plot_put_line(out, axes.x, y + 0.5 * STRIP, axes.x + axes.width, y + 0.5 * STRIP,
                             "grid", "#dddddd", 1);
            y += STRIP;
        }
    put_axis_title(out, &axes, "points lost; lines: mean and 95 % interval over seeds");
    ex_plot_close(out);
}
