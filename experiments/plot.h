/*
 * Pieces of plots as SVG. What is drawn has classes (ink, axis, grid, band, guide, first, second,
 * other, halo, paper) beside its colours, so that a page can turn it dark.
 */
#ifndef EXPERIMENTS_PLOT_H
#define EXPERIMENTS_PLOT_H

#include <glib.h>

#define EX_PLOT_INK "fill=\"#1a1a1a\" class=\"ink\""
#define EX_PLOT_HALO                                                                               \
    "fill=\"#1a1a1a\" class=\"ink halo\" stroke=\"#ffffff\" stroke-width=\"5\" "                   \
    "paint-order=\"stroke\""
#define EX_PLOT_FAINT  "fill=\"#595959\" class=\"faint\""
#define EX_PLOT_FIRST  "#0072b2" /* blue */
#define EX_PLOT_SECOND "#c04a00" /* vermilion, dark enough for thin lines */
#define EX_PLOT_OTHER  "#b8b8b8"

/* A rectangle of the picture and the values at its sides. */
struct ex_axes {
    double x, y, width, height; /* px */
    double low, high;           /* values at the left and right side */
    double bottom, top;         /* values at the lower and upper side */
};

double ex_axes_x(const struct ex_axes *axes, double value);
double ex_axes_y(const struct ex_axes *axes, double value);

/* <svg> with a title and a paper behind all; closed by ex_plot_close(). */
void ex_plot_open(GString *out, double width, double height, const char *title);
void ex_plot_close(GString *out);

/* A distance between round numbers that puts at most n of them between low and high. */
double ex_plot_step(double low, double high, int n);

/* Lines across the axes at the multiples of step, with numbers below. */
void ex_plot_put_x_grid(GString *out, const struct ex_axes *axes, double step);

/* Left and lower side of the axes, with 0, 0.5 and 1 at both. */
void ex_plot_put_unit_frame(GString *out, const struct ex_axes *axes);

void ex_plot_put_line(GString *out, double x1, double y1, double x2, double y2, const char *class,
                      const char *colour, double width);

/* From one x value to another, over the height of the axes. */
void ex_plot_put_band(GString *out, const struct ex_axes *axes, double from, double to);

enum ex_mark { EX_MARK_RING, EX_MARK_DOT, EX_MARK_TICK };
void ex_plot_put_mark(GString *out, enum ex_mark mark, double x, double y, const char *class,
                      const char *colour);

/* An interval as a line, cut off at the sides of the axes; nothing when low is NAN. */
void ex_plot_put_interval(GString *out, const struct ex_axes *axes, double low, double high,
                          double y, const char *class, const char *colour);

#endif
