#include "experiments/network_marks.h"

#include "experiments/svg.h"
#include <math.h>

/* ---- nodes -------------------------------------------------------------- */

/*
 * Okabe and Ito's colours, which all eyes tell apart, without the two that are the attack's; then
 * the same lighter.
 */
static const struct colour {
    const char *fill, *text;
} colours[EX_N_COLOUR + 1] = {
    {"#d9d9d9", EX_INK}, {"#56b4e9", EX_INK}, {"#e69f00", EX_INK},
    {"#009e73", EX_INK}, {"#f0e442", EX_INK}, {"#0072b2", "#ffffff"},
    {"#bbe1f6", EX_INK}, {"#f7d999", EX_INK}, {"#99d8c7", EX_INK},
};

static const struct colour *colour_of(guint network)
{
    return &colours[network == 0 ? 0 : 1 + (network - 1) % EX_N_COLOUR];
}

const char *ex_text_colour(guint network)
{
    return colour_of(network)->text;
}

enum ex_shape ex_shape_of(const struct ex_network_node *node)
{
    if (node->wired)
        return g_strcmp0(node->role, "server") == 0 ? EX_SERVER : EX_ROUTER;
    return node->is_gateway ? EX_SQUARE : EX_CIRCLE;
}

void ex_put_shape(GString *out, enum ex_shape shape, guint network, struct ex_point at,
                  double radius)
{
    const char *fill = colour_of(network)->fill;
    const double width = CLAMP(0.07 * radius, 0.3, 1.2);
    double half = 0.98 * radius;
    switch (shape) {
    case EX_CIRCLE:
        g_string_append_printf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", at.x, at.y,
                               radius);
        break;
    case EX_SQUARE:
        g_string_append_printf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"",
                               at.x - half, at.y - half, 2 * half, 2 * half);
        break;
    case EX_SERVER:
        g_string_append_printf(
            out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\"",
            at.x - 1.25 * half, at.y - 0.85 * half, 2.5 * half, 1.7 * half, 0.4 * half);
        break;
    case EX_ROUTER:
        half = 1.35 * radius;
        g_string_append_printf(out, "<path d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fL%.1f %.1fZ\"",
                               at.x - half, at.y, at.x, at.y - half, at.x + half, at.y, at.x,
                               at.y + half);
        break;
    }
    g_string_append_printf(out, " fill=\"%s\" stroke=\"" EX_INK "\" stroke-width=\"%.2f\"/>", fill,
                           shape == EX_SQUARE ? 2.2 * width : width);
}

/* ---- parts in an attack ------------------------------------------------- */

const char *ex_part_name(guint part)
{
    return part == EX_ATTACKER ? "attacker" : part == EX_ACCOMPLICE ? "accomplice" : "victim";
}

double ex_first_ring(const struct ex_network_node *node, double radius)
{
    static const double corners[] = {
        [EX_CIRCLE] = 1, [EX_SQUARE] = 1.39, [EX_SERVER] = 1.45, [EX_ROUTER] = 1.35};
    return corners[ex_shape_of(node)] * radius + EX_RING_STEP(radius) * 0.7;
}

double ex_ring_radius(const struct ex_network_node *node, double radius)
{
    double ring = ex_first_ring(node, radius);
    for (guint rest = node->parts & (node->parts - 1); rest; rest &= rest - 1)
        ring += EX_RING_STEP(radius);
    return ring + CLAMP(0.1 * radius, 0.7, 1.5);
}

static const char *part_colour(guint part)
{
    return part == EX_VICTIM ? EX_VICTIM_COLOUR : EX_ATTACK_COLOUR;
}

void ex_put_ring(GString *out, guint part, struct ex_point at, double radius)
{
    const double width = CLAMP(0.2 * radius, 1.4, 3);
    g_string_append_printf(out,
                           "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"none\" "
                           "stroke=\"%s\" stroke-width=\"%.1f\"",
                           at.x, at.y, radius, part_colour(part), width);
    if (part == EX_ACCOMPLICE)
        g_string_append_printf(out, " stroke-dasharray=\"%.1f %.1f\"", 2.2 * width, 1.1 * width);
    else if (part == EX_VICTIM)
        g_string_append_printf(out, " stroke-dasharray=\"%.1f %.1f\"", 0.9 * width, 0.9 * width);
    g_string_append(out, "/>");
}

void ex_put_letter(GString *out, guint part, struct ex_point at, double size)
{
    static const char *const letters[] = {"A", "C", "V"};
    const char *letter = letters[part == EX_ATTACKER ? 0 : part == EX_ACCOMPLICE ? 1 : 2];
    g_string_append_printf(out,
                           "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"#ffffff\" "
                           "stroke=\"%s\" stroke-width=\"1.2\"/>",
                           at.x, at.y, size, part_colour(part));
    g_string_append_printf(out,
                           "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" "
                           "text-anchor=\"middle\" font-weight=\"bold\">%s</text>",
                           at.x, at.y + 0.5 * size, 1.4 * size, letter);
}

/* ---- arrows and lines --------------------------------------------------- */

struct ex_stroke ex_flow_stroke(gboolean attack, double radius)
{
    if (attack)
        return (struct ex_stroke){EX_ATTACK_COLOUR, CLAMP(0.22 * radius, 0.8, 3.2),
                                  CLAMP(0.85 * radius, 3, 12.5), TRUE};
    return (struct ex_stroke){EX_FLOW_COLOUR, CLAMP(0.085 * radius, 0.3, 1.3),
                              CLAMP(0.52 * radius, 1.5, 8), FALSE};
}

static void put_shaft(GString *out, struct ex_point a, struct ex_point control, struct ex_point end,
                      const char *colour, double width)
{
    g_string_append_printf(out,
                           "<path d=\"M%.1f %.1fQ%.1f %.1f %.1f %.1f\" fill=\"none\" "
                           "stroke=\"%s\" stroke-width=\"%.2f\"/>",
                           a.x, a.y, control.x, control.y, end.x, end.y, colour, width);
}

/* The head stands on the tangent at b; the shaft ends inside it. */
void ex_put_arrow(GString *out, const struct ex_stroke *stroke, struct ex_point a,
                  struct ex_point control, struct ex_point b)
{
    const double length = ex_distance(a, b);
    const double last = MAX(ex_distance(b, control), 1e-6);
    const double u = (b.x - control.x) / last, v = (b.y - control.y) / last;
    const double head = MIN(stroke->head, 0.7 * length), half = 0.36 * head;
    const struct ex_point back = {b.x - head * u, b.y - head * v};
    const struct ex_point end = {b.x - 0.8 * head * u, b.y - 0.8 * head * v};
    if (stroke->cased)
        put_shaft(out, a, control, end, "#ffffff", stroke->width + 1.6);
    put_shaft(out, a, control, end, stroke->colour, stroke->width);
    g_string_append_printf(out, "<path d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fZ\" fill=\"%s\"/>", b.x,
                           b.y, back.x - half * v, back.y + half * u, back.x + half * v,
                           back.y - half * u, stroke->colour);
}

void ex_put_wire(GString *out, struct ex_point a, struct ex_point b, double radius)
{
    g_string_append_printf(out,
                           "<path d=\"M%.1f %.1fL%.1f %.1f\" fill=\"none\" stroke=\"%s\" "
                           "stroke-width=\"%.1f\"/>",
                           a.x, a.y, b.x, b.y, EX_LINK_COLOUR, CLAMP(0.28 * radius, 0.6, 4));
}

void ex_put_channel(GString *out, struct ex_point a, struct ex_point b, double radius)
{
    const double width = CLAMP(0.85 * radius, 3, 13);
    g_string_append_printf(out,
                           "<path d=\"M%.1f %.1fL%.1f %.1f\" fill=\"none\" stroke=\"%s\" "
                           "stroke-width=\"%.1f\" stroke-dasharray=\"%.1f %.1f\"/>",
                           a.x, a.y, b.x, b.y, EX_HIDDEN_COLOUR, width, 0.9 * width, 0.45 * width);
}
