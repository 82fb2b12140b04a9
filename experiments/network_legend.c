#include "experiments/network_legend.h"

#include "experiments/network_marks.h"
#include "experiments/svg.h"
#include <math.h>

enum { MAX_NETWORKS = 12, SWATCH = 46, ROW = 24, FONT = 13, SIDE = 24 };

/* ---- scale -------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten: the longest that takes less than 160 pixels. */
static double find_length(double scale)
{
    static const double steps[] = {5, 2, 1};
    const double most = 160 / scale, power = pow(10, floor(log10(most)));
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (steps[i] * power <= most)
            return steps[i] * power;
    return power;
}

static void put_scale_bar(const ex_layout *layout, double y, GString *out)
{
    const double length = find_length(layout->scale), width = length * layout->scale;
    const double right = layout->width - SIDE, left = right - width;
    g_autofree char *text =
        length >= 1000 ? g_strdup_printf("%g km", length / 1000) : g_strdup_printf("%g m", length);
    g_string_append(out, "<g class=\"scale\">");
    g_string_append_printf(out,
                           "<path d=\"M%.1f %.1fv10m0 -5H%.1fm0 -5v10\" fill=\"none\" "
                           "stroke=\"" EX_INK "\" stroke-width=\"1.5\"/>\n",
                           left, y - 5, right);
    ex_svg_put_label(out, left - 8, y + 4.5, FONT, "text-anchor=\"end\"", text, 40);
    g_string_append(out, "</g>\n");
}

/* ---- entries ------------------------------------------------------------ */

enum kind { NETWORK, GATEWAY, LONER, SERVER, ROUTER, WIRE, FLOW, ATTACK, HIDDEN, PART };

struct entry {
    enum kind kind;
    guint what; /* network or part */
    char *text;
};

static void clear_entry(gpointer entry)
{
    g_free(((struct entry *)entry)->text);
}

static void add(GArray *entries, enum kind kind, guint what, char *text)
{
    const struct entry entry = {kind, what, text};
    g_array_append_val(entries, entry);
}

static void add_if(GArray *entries, guint n, enum kind kind, guint what, const char *text)
{
    if (n > 0)
        add(entries, kind, what, g_strdup(text));
}

static void add_networks(const ex_network *network, GArray *entries)
{
    const guint n = network->gateways->len;
    for (guint i = 0; i < n && n <= MAX_NETWORKS; i++)
        add(entries, NETWORK, i + 1,
            g_strdup_printf("network of gateway %" G_GINT64_FORMAT,
                            g_array_index(network->gateways, gint64, i)));
    if (n > MAX_NETWORKS)
        add(entries, NETWORK, 1,
            g_strdup_printf("one of %u networks (%d colours)", n, EX_N_COLOUR));
}

static void add_nodes(const ex_network *network, GArray *entries)
{
    guint n[] = {[EX_CIRCLE] = 0, [EX_SQUARE] = 0, [EX_SERVER] = 0, [EX_ROUTER] = 0}, loners = 0;
    for (guint i = 0; i < network->nodes->len; i++) {
        const struct ex_network_node *node = ex_network_node(network, i);
        n[ex_shape_of(node)]++;
        loners += !node->wired && node->network == 0;
    }
    add_if(entries, n[EX_SQUARE], GATEWAY, 0, "gateway");
    add_if(entries, loners, LONER, 0, "node without a gateway");
    add_if(entries, n[EX_SERVER], SERVER, 0, "data server, wired");
    add_if(entries, n[EX_ROUTER], ROUTER, 0, "router, wired");
    add_if(entries, network->links->len, WIRE, 0, "wire");
}

static void add_flows(const ex_network *network, const ex_layout *layout, GArray *entries)
{
    guint n[2] = {0, 0};
    for (guint i = 0; i < layout->arrows->len; i++)
        n[g_array_index(layout->arrows, struct ex_arrow, i).attack != 0]++;
    const gboolean tunnel = ex_network_has_attack(network, "wormhole");
    const gboolean channel = !tunnel || ex_network_has_attack(network, "hidden-channel");
    add_if(entries, n[0], FLOW, 0, "flow: device to data server");
    add_if(entries, n[1], ATTACK, 0, "flow of the attack");
    add_if(entries, network->hidden->len, HIDDEN, 0,
           tunnel && channel ? "hidden channel or wormhole tunnel"
           : tunnel          ? "wormhole tunnel"
                             : "hidden high-power channel");
}

static void add_parts(const ex_network *network, GArray *entries)
{
    guint all = 0;
    for (guint i = 0; i < network->nodes->len; i++)
        all |= ex_network_node(network, i)->parts;
    for (guint part = EX_ATTACKER; part <= EX_VICTIM; part <<= 1)
        add_if(entries, all & part, PART, part, ex_part_name(part));
}

/* ---- swatches ----------------------------------------------------------- */

static void put_line_swatch(GString *out, enum kind kind, struct ex_point at)
{
    const struct ex_point a = {at.x - 17, at.y}, b = {at.x + 17, at.y};
    const struct ex_stroke stroke = ex_flow_stroke(kind == ATTACK, 15);
    if (kind == WIRE)
        ex_put_wire(out, a, b, 15);
    else if (kind == HIDDEN)
        ex_put_channel(out, a, b, 15);
    else
        ex_put_arrow(out, &stroke, a, at, b);
}

static void put_swatch(GString *out, const struct entry *entry, struct ex_point at)
{
    switch (entry->kind) {
    case NETWORK:
    case LONER:
        ex_put_shape(out, EX_CIRCLE, entry->what, at, 8);
        break;
    case GATEWAY:
        ex_put_shape(out, EX_SQUARE, 0, at, 8);
        break;
    case SERVER:
        ex_put_shape(out, EX_SERVER, 0, at, 8);
        break;
    case ROUTER:
        ex_put_shape(out, EX_ROUTER, 0, at, 7);
        break;
    case PART:
        ex_put_ring(out, entry->what, (struct ex_point){at.x - 6, at.y}, 8);
        ex_put_letter(out, entry->what, (struct ex_point){at.x + 11, at.y}, 7);
        break;
    default:
        put_line_swatch(out, entry->kind, at);
    }
}

/* In columns as wide as the longest entry; returns where they end. */
static double put_entries(const GArray *entries, const ex_layout *layout, double y, GString *out)
{
    double widest = 0;
    for (guint i = 0; i < entries->len; i++)
        widest =
            MAX(widest,
                SWATCH + ex_svg_text_width(g_array_index(entries, struct entry, i).text, FONT));
    const double step = widest + 16;
    const guint n_column = (guint)CLAMP((layout->width - 2 * SIDE) / step, 1, entries->len);
    const guint n_row = (entries->len + n_column - 1) / n_column;
    for (guint i = 0; i < entries->len; i++) {
        const struct entry *entry = &g_array_index(entries, struct entry, i);
        const struct ex_point at = {SIDE + (i / n_row) * step + SWATCH / 2.0 - 6,
                                    y + (i % n_row) * ROW};
        put_swatch(out, entry, at);
        ex_svg_put_label(out, at.x - SWATCH / 2.0 + 6 + SWATCH - 6, at.y + 4.5, FONT, "",
                         entry->text, 60);
    }
    return y + n_row * ROW;
}

/* ---- notes -------------------------------------------------------------- */

static gboolean has_all_numbers(const ex_network *network, const ex_layout *layout)
{
    for (guint i = 0; i < network->nodes->len; i++)
        if (!layout->labelled[i])
            return FALSE;
    return TRUE;
}

static gboolean has_wired(const ex_network *network)
{
    for (guint i = 0; i < network->nodes->len; i++)
        if (ex_network_node(network, i)->wired)
            return TRUE;
    return FALSE;
}

static double put_notes(const ex_network *network, const ex_layout *layout, double y, GString *out)
{
    g_autofree char *within =
        layout->n_within > 0
            ? g_strdup_printf("Not drawn: flows whose two ends are at one place (%u).",
                              layout->n_within)
            : NULL;
    const char *notes[] = {
        network->moving ? "Nodes move: positions are those of the beginning." : NULL,
        has_wired(network) ? "Wired nodes stand above the map, which alone is to scale." : NULL,
        has_all_numbers(network, layout) ? NULL
                                         : "Numbers of nodes that have no room are in the titles.",
        within};
    for (gsize i = 0; i < G_N_ELEMENTS(notes); i++)
        if (notes[i]) {
            ex_svg_put_label(out, SIDE, y + 4.5, FONT - 1, "fill=\"#4d4d4d\"", notes[i], 120);
            y += ROW - 4;
        }
    return y;
}

double ex_put_legend(const ex_network *network, const ex_layout *layout, GString *out)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
    g_array_set_clear_func(entries, clear_entry);
    add_networks(network, entries);
    add_nodes(network, entries);
    add_flows(network, layout, entries);
    add_parts(network, entries);
    put_scale_bar(layout, layout->end + 14, out);
    g_string_append_printf(out, "<path d=\"M%d %.1fH%.1f\" stroke=\"#cccccc\"/>\n", SIDE,
                           layout->end + 32, layout->width - SIDE);
    g_string_append(out, "<g class=\"legend\">\n");
    double y = put_entries(entries, layout, layout->end + 54, out);
    y = put_notes(network, layout, y, out);
    g_string_append(out, "</g>\n");
    return ceil(y + 4);
}
