/* Draws a network: from the ground up hidden channels, wires, flows, nodes, marks. */
#include "experiments/network_legend.h"
#include "experiments/network_marks.h"
#include "experiments/svg.h"

#include <math.h>

enum { MAX_TITLE = 80, MAX_SUBTITLE = 110 };

#define HEAD 76.0 /* what the title takes */

/* ---- words -------------------------------------------------------------- */

static char *make_title(const ex_network *network)
{
    const char *scenario = network->scenario ? network->scenario : "a trace of unknown origin";
    if (!network->attack)
        return g_strdup_printf("Scenario %s", scenario);
    return g_strcmp0(network->attack, "none") == 0
               ? g_strdup_printf("Scenario %s without attack", scenario)
               : g_strdup_printf("Scenario %s under attack: %s", scenario, network->attack);
}

static void append_count(GString *out, guint n, const char *one, const char *many)
{
    g_string_append_printf(out, "%u %s", n, n == 1 ? one : many);
}

static char *make_subtitle(const ex_network *network)
{
    GString *text = g_string_new(NULL);
    guint n_attack = 0;
    for (guint i = 0; i < network->flows->len; i++)
        n_attack += g_array_index(network->flows, struct ex_network_flow, i).attack;
    if (network->traffic)
        g_string_append_printf(text, "%s traffic, ", network->traffic);
    if (network->seed != TG_ABSENT)
        g_string_append_printf(text, "seed %" G_GINT64_FORMAT ": ", network->seed);
    append_count(text, network->nodes->len, "node", "nodes");
    if (network->gateways->len > 0) {
        g_string_append(text, " in ");
        append_count(text, network->gateways->len, "network", "networks");
    }
    g_string_append(text, ", ");
    append_count(text, network->flows->len, "flow", "flows");
    if (n_attack > 0)
        g_string_append_printf(text, ", %u of the attack", n_attack);
    return g_string_free(text, FALSE);
}

/* What a pointer over a node is told. */
static char *describe_node(const struct ex_network_node *node)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "node %" G_GINT64_FORMAT, node->node);
    if (node->role)
        g_string_append_printf(text, ", %s", node->role);
    if (node->gateway != TG_ABSENT && !node->is_gateway)
        g_string_append_printf(text, " behind gateway %" G_GINT64_FORMAT, node->gateway);
    for (guint part = EX_ATTACKER; part <= EX_VICTIM; part <<= 1)
        if (node->parts & part)
            g_string_append_printf(text, ", %s", ex_part_name(part));
    if (!node->wired)
        g_string_append_printf(text, ", at %.0f m, %.0f m", node->x, node->y);
    return g_string_free(text, FALSE);
}

static char *describe_arrow(const ex_network *network, const struct ex_arrow *arrow)
{
    g_autofree char *flows = arrow->n_flow == 1
                                 ? g_strdup_printf("flow %" G_GINT64_FORMAT, arrow->first_flow)
                                 : g_strdup_printf("%u flows, the first %" G_GINT64_FORMAT,
                                                   arrow->n_flow, arrow->first_flow);
    return g_strdup_printf("%s: node %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "%s", flows,
                           ex_network_node(network, arrow->src)->node,
                           ex_network_node(network, arrow->dst)->node,
                           arrow->attack ? ", attack" : "");
}

/* ---- layers ------------------------------------------------------------- */

static void open_group(GString *out, const char *class, const char *title)
{
    g_string_append_printf(out, "<g class=\"%s\">", class);
    ex_svg_put_title(out, title);
}

static void put_hidden(const ex_network *network, const ex_layout *layout, GString *out)
{
    for (guint i = 0; i < network->hidden->len; i++) {
        const struct ex_network_pair pair =
            g_array_index(network->hidden, struct ex_network_pair, i);
        g_autofree char *title =
            g_strdup_printf("hidden radio channel between nodes %" G_GINT64_FORMAT
                            " and %" G_GINT64_FORMAT,
                            ex_network_node(network, pair.a)->node,
                            ex_network_node(network, pair.b)->node);
        open_group(out, "hidden", title);
        ex_put_channel(out, layout->at[pair.a], layout->at[pair.b], layout->radius);
        g_string_append(out, "</g>\n");
    }
}

static void put_links(const ex_network *network, const ex_layout *layout, GString *out)
{
    for (guint i = 0; i < network->links->len; i++) {
        const struct ex_network_pair link =
            g_array_index(network->links, struct ex_network_pair, i);
        const struct ex_point a = layout->at[link.a], b = layout->at[link.b];
        g_autofree char *title =
            g_strdup_printf("wire between nodes %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                            ex_network_node(network, link.a)->node,
                            ex_network_node(network, link.b)->node);
        open_group(out, "link", title);
        ex_put_wire(out, a, b, layout->radius);
        g_string_append(out, "</g>\n");
    }
}

/* How far the drawing of a node reaches from its middle. */
static double reach_of(const struct ex_network_node *node, double radius, double u, double v)
{
    double reach = radius;
    if (ex_shape_of(node) == EX_SQUARE)
        reach = 0.98 * radius / MAX(fabs(u), fabs(v));
    else if (ex_shape_of(node) == EX_SERVER)
        reach = MIN(1.23 / MAX(fabs(u), 1e-6), 0.84 / MAX(fabs(v), 1e-6)) * radius;
    else if (ex_shape_of(node) == EX_ROUTER)
        reach = 1.35 * radius / (fabs(u) + fabs(v));
    return node->parts ? MAX(reach, ex_ring_radius(node, radius)) : reach;
}

/* Moves a point towards another. */
static struct ex_point go(struct ex_point from, struct ex_point to, double length)
{
    const double whole = MAX(ex_distance(from, to), 1e-6);
    return (struct ex_point){from.x + length * (to.x - from.x) / whole,
                             from.y + length * (to.y - from.y) / whole};
}

static double reach_towards(const ex_network *network, const ex_layout *layout, guint i,
                            struct ex_point to)
{
    const struct ex_point unit =
        go((struct ex_point){0, 0},
           (struct ex_point){to.x - layout->at[i].x, to.y - layout->at[i].y}, 1);
    return reach_of(ex_network_node(network, i), layout->radius, unit.x, unit.y);
}

/* From the rim of one node to the rim of the other, as a curve between their middles has it. */
static void put_arrow(const ex_network *network, const ex_layout *layout,
                      const struct ex_arrow *arrow, GString *out)
{
    const struct ex_stroke stroke = ex_flow_stroke(arrow->attack, layout->radius);
    struct ex_point a = layout->at[arrow->src], b = layout->at[arrow->dst];
    const double length = ex_distance(a, b);
    const double right_x = (a.y - b.y) / length, right_y = (b.x - a.x) / length;
    const double off = 2 * arrow->bend;
    struct ex_point control = {(a.x + b.x) / 2 + off * right_x, (a.y + b.y) / 2 + off * right_y};
    double start = reach_towards(network, layout, arrow->src, control);
    double stop =
        reach_towards(network, layout, arrow->dst, control) + CLAMP(0.12 * layout->radius, 0.3, 2);
    if (start + stop > 0.75 * length) /* nodes that touch: what is left of it is still seen */
        start = stop = 0.2 * length;
    a = go(a, control, start);
    b = go(b, control, stop);
    struct ex_point *const points[] = {&a, &control, &b};
    for (int i = 0; i < 3; i++) {
        points[i]->x += arrow->shift * right_x;
        points[i]->y += arrow->shift * right_y;
    }
    g_autofree char *title = describe_arrow(network, arrow);
    open_group(out, arrow->attack ? "attack-flow" : "flow", title);
    ex_put_arrow(out, &stroke, a, control, b);
    g_string_append(out, "</g>\n");
}

static void put_node(const ex_network *network, const ex_layout *layout, guint i, GString *out)
{
    static const char *const classes[] = {[EX_CIRCLE] = "node",
                                          [EX_SQUARE] = "node gateway",
                                          [EX_SERVER] = "node server",
                                          [EX_ROUTER] = "node router"};
    const struct ex_network_node *node = ex_network_node(network, i);
    const struct ex_point at = layout->at[i];
    g_autofree char *title = describe_node(node);
    open_group(out, classes[ex_shape_of(node)], title);
    ex_put_shape(out, ex_shape_of(node), node->network, at, layout->radius);
    if (layout->labelled[i])
        g_string_append_printf(out,
                               "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" "
                               "text-anchor=\"middle\" fill=\"%s\">%" G_GINT64_FORMAT "</text>",
                               at.x, at.y + 0.35 * layout->font_size, layout->font_size,
                               ex_text_colour(node->network), node->node);
    g_string_append(out, "</g>\n");
}

/* Rings one around the other; letters side by side at the ring. */
static void put_parts(const ex_network *network, const ex_layout *layout, guint i, GString *out)
{
    const struct ex_network_node *node = ex_network_node(network, i);
    const double size = CLAMP(0.5 * layout->radius, 3, 8);
    double ring = ex_first_ring(node, layout->radius);
    struct ex_point at = ex_layout_place_mark(layout, network, i, ring + 0.6 * size);
    const gboolean lettered = layout->radius >= 5;
    for (guint part = EX_ATTACKER; part <= EX_VICTIM; part <<= 1) {
        if (!(node->parts & part))
            continue;
        g_string_append_printf(out, "<g class=\"%s\">", ex_part_name(part));
        ex_put_ring(out, part, layout->at[i], ring);
        if (lettered)
            ex_put_letter(out, part, at, size);
        g_string_append(out, "</g>\n");
        ring += EX_RING_STEP(layout->radius);
        at.x += 2.1 * size;
    }
}

/* ---- the whole ---------------------------------------------------------- */

static void put_head(const ex_network *network, const ex_layout *layout, double height,
                     GString *out)
{
    g_autofree char *title = make_title(network), *subtitle = make_subtitle(network);
    g_autofree char *whole = g_strdup_printf("%s; %s", title, subtitle);
    const guint room = (guint)(layout->width / 11.0);
    g_string_append_printf(out,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
                           "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"" EX_SVG_FONT
                           "\" fill=\"" EX_INK "\">\n",
                           layout->width, height, layout->width, height);
    ex_svg_put_title(out, whole);
    g_string_append_printf(out,
                           "\n<rect width=\"%.0f\" height=\"%.0f\" fill=\"#ffffff\" "
                           "rx=\"4\"/>\n",
                           layout->width, height);
    ex_svg_put_label(out, 24, 34, 19, "font-weight=\"bold\"", title, MIN(MAX_TITLE, room));
    ex_svg_put_label(out, 24, 57, 14, "", subtitle, MIN(MAX_SUBTITLE, room * 4 / 3));
}

void ex_network_put_svg(const ex_network *network, GString *out)
{
    g_autoptr(ex_layout) layout = ex_layout_new(network, HEAD);
    g_autoptr(GString) legend = g_string_new(NULL);
    const double height = ex_put_legend(network, layout, legend);
    put_head(network, layout, height, out);
    put_hidden(network, layout, out);
    put_links(network, layout, out);
    for (guint i = 0; i < layout->arrows->len; i++)
        put_arrow(network, layout, &g_array_index(layout->arrows, struct ex_arrow, i), out);
    for (guint i = 0; i < network->nodes->len; i++)
        put_node(network, layout, i, out);
    for (guint i = 0; i < network->nodes->len; i++)
        if (ex_network_node(network, i)->parts)
            put_parts(network, layout, i, out);
    g_string_append_len(out, legend->str, (gssize)legend->len);
    g_string_append(out, "</svg>\n");
}
