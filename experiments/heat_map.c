#include "experiments/heat_map.h"

#include "experiments/svg.h"

#include <math.h>

enum { CELL = 22, FONT = 12, SIDE = 24, HEAD = 72, MAX_LABEL = 24, GAP = 6, AXIS = 20 };
enum { STEPS = 20, STEP_WIDTH = 10, BAR_HEIGHT = 12, LEGEND = 58 };

#define INK "#1a1a1a"

/* Where everything stands; px. */
struct frame {
    double left, top; /* of the first cell */
    double width, height;
    double most; /* the value of the darkest colour */
};

/* ---- colours ------------------------------------------------------------- */

/* From white to a dark blue: lightness alone tells, in print and to the colour-blind too. */
static void put_colour(GString *out, double share)
{
    static const double stops[3][3] = {{255, 255, 255}, {107, 174, 214}, {8, 48, 107}};
    const double at = 2 * CLAMP(share, 0, 1);
    const int i = at < 1 ? 0 : 1;
    g_string_append_c(out, '#');
    for (int c = 0; c < 3; c++)
        g_string_append_printf(out, "%02x",
                               (guint)lround(stops[i][c] +
                                             (at - i) * (stops[i + 1][c] - stops[i][c])));
}

static void put_rectangle(GString *out, double x, double y, double width, double height,
                          double share)
{
    g_string_append_printf(out,
                           "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"", x,
                           y, width, height);
    put_colour(out, share);
    g_string_append_c(out, '"');
}

/* ---- layout -------------------------------------------------------------- */

static double widest(const char *const *labels, int n)
{
    double width = 0;
    for (int i = 0; i < n; i++)
        width = MAX(width, ex_svg_text_width(labels[i], FONT));
    return MIN(width, 0.58 * FONT * MAX_LABEL);
}

static struct frame lay_out(const struct ex_heat_map *map)
{
    const double legend = STEPS * STEP_WIDTH + ex_svg_text_width(map->quantity, FONT) + 3 * SIDE;
    struct frame f = {.left = SIDE + AXIS + widest(map->rows, map->n_row) + GAP,
                      .top = HEAD + AXIS + widest(map->columns, map->n_column) + GAP,
                      .most = 0.1};
    f.width = MAX(f.left + map->n_column * CELL, legend) + SIDE;
    f.width = MAX(f.width, ex_svg_text_width(map->subtitle, 14) + 2 * SIDE);
    f.height = f.top + map->n_row * CELL + LEGEND;
    for (int i = 0; i < map->n_row; i++)
        for (int j = 0; j < map->n_column; j++)
            f.most = MAX(f.most, ceil(10 * map->values[i * map->stride + j] - 1e-9) / 10);
    return f;
}

/* ---- parts --------------------------------------------------------------- */

static void put_head(const struct ex_heat_map *map, const struct frame *f, GString *out)
{
    g_autofree char *whole = g_strdup_printf("%s; %s", map->title, map->subtitle);
    g_string_append_printf(out,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
                           "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"" EX_SVG_FONT
                           "\" fill=\"" INK "\">\n",
                           f->width, f->height, f->width, f->height);
    ex_svg_put_title(out, whole);
    g_string_append_printf(out,
                           "\n<rect width=\"%.0f\" height=\"%.0f\" fill=\"#ffffff\" rx=\"4\"/>\n",
                           f->width, f->height);
    ex_svg_put_label(out, SIDE, 34, 19, "font-weight=\"bold\"", map->title,
                     (guint)((f->width - 2 * SIDE) / 11));
    ex_svg_put_label(out, SIDE, 57, 14, "", map->subtitle, G_MAXUINT);
}

/* A text that is read from below. */
static void put_upright(GString *out, double x, double y, const char *class, const char *anchor,
                        const char *text)
{
    g_autofree char *attributes =
        g_strdup_printf("class=\"%s\" text-anchor=\"%s\" transform=\"rotate(-90 %.1f %.1f)\"",
                        class, anchor, x, y);
    ex_svg_put_label(out, x, y, FONT, attributes, text, MAX_LABEL);
}

static void put_axes(const struct ex_heat_map *map, const struct frame *f, GString *out)
{
    const double middle = f->top + map->n_row * CELL / 2.0;
    ex_svg_put_label(out, f->left, HEAD + FONT, FONT, "font-style=\"italic\"", map->column_axis,
                     G_MAXUINT);
    put_upright(out, SIDE + FONT, middle, "axis", "middle", map->row_axis);
    for (int j = 0; j < map->n_column; j++)
        put_upright(out, f->left + j * CELL + CELL / 2.0 + 0.35 * FONT, f->top - GAP, "column",
                    "start", map->columns[j]);
    for (int i = 0; i < map->n_row; i++)
        ex_svg_put_label(out, f->left - GAP, f->top + i * CELL + CELL / 2.0 + 0.35 * FONT, FONT,
                         "class=\"row\" text-anchor=\"end\"", map->rows[i], MAX_LABEL);
}

static void put_cells(const struct ex_heat_map *map, const struct frame *f, GString *out)
{
    for (int i = 0; i < map->n_row; i++)
        for (int j = 0; j < map->n_column; j++) {
            const double value = map->values[i * map->stride + j];
            g_autofree char *title =
                g_strdup_printf("%s %d '%s', %s %d '%s': %.6f", map->row_axis, i + 1, map->rows[i],
                                map->column_axis, j + 1, map->columns[j], value);
            g_string_append(out, "<g class=\"cell\">");
            ex_svg_put_title(out, title);
            put_rectangle(out, f->left + j * CELL, f->top + i * CELL, CELL - 1, CELL - 1,
                          value / f->most);
            g_string_append(out, "/></g>\n");
        }
    g_string_append_printf(out,
                           "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"none\" "
                           "stroke=\"#8c8c8c\"/>\n",
                           f->left - 1, f->top - 1, map->n_column * CELL + 1,
                           map->n_row * CELL + 1);
}

static void put_legend(const struct ex_heat_map *map, const struct frame *f, GString *out)
{
    const double y = f->height - LEGEND + SIDE;
    g_autofree char *most = g_strdup_printf("%.1f", f->most);
    g_string_append(out, "<g class=\"legend\">\n");
    for (int i = 0; i < STEPS; i++) {
        put_rectangle(out, SIDE + i * STEP_WIDTH, y, STEP_WIDTH, BAR_HEIGHT, i / (STEPS - 1.0));
        g_string_append(out, "/>\n");
    }
    g_string_append_printf(out,
                           "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"none\" "
                           "stroke=\"#8c8c8c\"/>\n",
                           SIDE, y, STEPS * STEP_WIDTH, BAR_HEIGHT);
    ex_svg_put_label(out, SIDE, y + BAR_HEIGHT + FONT + 2, FONT, "text-anchor=\"middle\"", "0", 9);
    ex_svg_put_label(out, SIDE + STEPS * STEP_WIDTH, y + BAR_HEIGHT + FONT + 2, FONT,
                     "text-anchor=\"middle\"", most, 9);
    ex_svg_put_label(out, 2 * SIDE + STEPS * STEP_WIDTH, y + BAR_HEIGHT - 2, FONT, "",
                     map->quantity, G_MAXUINT);
    g_string_append(out, "</g>\n");
}

void ex_heat_map_put_svg(const struct ex_heat_map *map, GString *out)
{
    const struct frame frame = lay_out(map);
    put_head(map, &frame, out);
    put_axes(map, &frame, out);
    put_cells(map, &frame, out);
    put_legend(map, &frame, out);
    g_string_append(out, "</svg>\n");
}
