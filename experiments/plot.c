#include "experiments/plot.h"

#include "experiments/svg.h"
#include <math.h>

enum { FONT = 12 };

double ex_axes_x(const struct ex_axes *axes, double value)
{
    return axes->x + axes->width * (value - axes->low) / (axes->high - axes->low);
}

double ex_axes_y(const struct ex_axes *axes, double value)
{
    return axes->y + axes->height * (axes->top - value) / (axes->top - axes->bottom);
}

void ex_plot_open(GString *out, double width, double height, const char *title)
{
    g_string_append_printf(out,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
                           "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"" EX_SVG_FONT
                           "\">\n",
                           width, height, width, height);
    ex_svg_put_title(out, title);
    g_string_append_printf(out,
                           "\n<rect class=\"paper\" width=\"%.0f\" height=\"%.0f\" "
                           "fill=\"#ffffff\"/>\n",
                           width, height);
}

void ex_plot_close(GString *out)
{
    g_string_append(out, "</svg>\n");
}

double ex_plot_step(double low, double high, int n)
{
    static const double steps[] = {1, 2, 5, 10};
    const double least = (high - low) / n, power = pow(10, floor(log10(least)));
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (steps[i] * power >= least)
            return steps[i] * power;
    return 10 * power;
}

void ex_plot_put_line(GString *out, double x1, double y1, double x2, double y2, const char *class,
                      const char *colour, double width)
{
    g_string_append_printf(out,
                           "<path d=\"M%.1f %.1fL%.1f %.1f\" class=\"%s\" stroke=\"%s\" "
                           "stroke-width=\"%.1f\" fill=\"none\"/>\n",
                           x1, y1, x2, y2, class, colour, width);
}

void ex_plot_put_x_grid(GString *out, const struct ex_axes *axes, double step)
{
    const double foot = axes->y + axes->height;
    for (double i = ceil(axes->low / step - 1e-9); i * step <= axes->high + 1e-9 * step; i++) {
        const double x = ex_axes_x(axes, i * step);
        g_autofree char *text = g_strdup_printf("%g", i * step + 0.0); /* no negative zero */
        ex_plot_put_line(out, x, axes->y, x, foot, "grid", "#dddddd", 1);
        ex_svg_put_label(out, x, foot + FONT + 4, FONT, "text-anchor=\"middle\" " EX_PLOT_FAINT,
                         text, 20);
    }
}

void ex_plot_put_unit_frame(GString *out, const struct ex_axes *axes)
{
    static const char *const numbers[] = {"0", "0.5", "1"};
    const double foot = axes->y + axes->height;
    for (int i = 0; i < 3; i++) {
        const double x = ex_axes_x(axes, 0.5 * i), y = ex_axes_y(axes, 0.5 * i);
        ex_plot_put_line(out, x, axes->y, x, foot, "grid", "#dddddd", 1);
        ex_plot_put_line(out, axes->x, y, axes->x + axes->width, y, "grid", "#dddddd", 1);
        ex_svg_put_label(out, x, foot + FONT + 3, FONT, "text-anchor=\"middle\" " EX_PLOT_FAINT,
                         numbers[i], 4);
        ex_svg_put_label(out, axes->x - 5, y + 4, FONT, "text-anchor=\"end\" " EX_PLOT_FAINT,
                         numbers[i], 4);
    }
    g_string_append_printf(out,
                           "<path d=\"M%.1f %.1fV%.1fH%.1f\" class=\"axis\" stroke=\"#737373\" "
                           "fill=\"none\"/>\n",
                           axes->x, axes->y, foot, axes->x + axes->width);
}

void ex_plot_put_band(GString *out, const struct ex_axes *axes, double from, double to)
{
    const double left = ex_axes_x(axes, from), right = ex_axes_x(axes, to);
    g_string_append_printf(out,
                           "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                           "height=\"%.1f\" fill=\"#f3e6b8\"/>\n",
                           left, axes->y, right - left, axes->height);
}

void ex_plot_put_mark(GString *out, enum ex_mark mark, double x, double y, const char *class,
                      const char *colour)
{
    if (mark == EX_MARK_TICK)
        ex_plot_put_line(out, x, y - 5, x, y + 5, class, colour, 2.5);
    else
        g_string_append_printf(
            out,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" class=\"%s %s\" stroke=\"%s\" fill=\"%s\" "
            "stroke-width=\"2\"/>\n",
            x, y, class, mark == EX_MARK_RING ? "ring" : "dot", colour,
            mark == EX_MARK_RING ? "#ffffff" : colour);
}

void ex_plot_put_interval(GString *out, const struct ex_axes *axes, double low, double high,
                          double y, const char *class, const char *colour)
{
    if (isnan(low) || high < axes->low || low > axes->high)
        return;
    ex_plot_put_line(out, ex_axes_x(axes, MAX(low, axes->low)), y,
                     ex_axes_x(axes, MIN(high, axes->high)), y, class, colour, 2);
}
