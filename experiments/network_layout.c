#include "experiments/network_layout.h"

#include <math.h>
#include <string.h>

#define MAP_WIDTH   1000.0
#define MAP_HEIGHT  760.0
#define LEAST_WIDTH 720.0 /* of the picture: legends want some */
#define MARGIN      30.0
#define MIN_RADIUS  1.2
#define MAX_RADIUS  17.0
#define MIN_FONT    6.0

enum {
    SAMPLE = 256,        /* nodes whose nearest neighbour tells how crowded it is */
    MANY = 120,          /* nodes, from where on arrows are many */
    MAX_LABELLED = 5000, /* more have no room for numbers */
    MAX_CHECKS = 300000, /* pairs of arrow and node that are looked at for a way round */
    STEPS = 24           /* points of an arrow where it is looked at */
};

double ex_distance(struct ex_point a, struct ex_point b)
{
    const double x = a.x - b.x, y = a.y - b.y;
    return sqrt(x * x + y * y);
}

/* ---- scale -------------------------------------------------------------- */

struct box {
    double x1, y1, x2, y2;
    guint n;
};

static struct box find_box(const ex_network *network)
{
    struct box box = {INFINITY, INFINITY, -INFINITY, -INFINITY, 0};
    for (guint i = 0; i < network->nodes->len; i++) {
        const struct ex_network_node *node = ex_network_node(network, i);
        if (node->wired)
            continue;
        box.x1 = MIN(box.x1, node->x);
        box.y1 = MIN(box.y1, node->y);
        box.x2 = MAX(box.x2, node->x);
        box.y2 = MAX(box.y2, node->y);
        box.n++;
    }
    return box.n > 0 ? box : (struct box){0};
}

/* A box of nearly no extent says nothing: then a pixel is a metre. */
static double find_scale(struct box box)
{
    const double width = box.x2 - box.x1, height = box.y2 - box.y1;
    double scale = INFINITY;
    if (width > 1e-3)
        scale = MAP_WIDTH / width;
    if (height > 1e-3)
        scale = MIN(scale, MAP_HEIGHT / height);
    return isfinite(scale) ? scale : 1;
}

static int compare_doubles(gconstpointer a, gconstpointer b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double find_nearest(const ex_network *network, double scale, guint i)
{
    const struct ex_network_node *node = ex_network_node(network, i);
    double nearest = INFINITY;
    for (guint k = 0; k < network->nodes->len; k++) {
        const struct ex_network_node *other = ex_network_node(network, k);
        if (k != i && !other->wired)
            nearest = MIN(nearest, ex_distance((struct ex_point){node->x, node->y},
                                               (struct ex_point){other->x, other->y}) *
                                       scale);
    }
    return nearest;
}

/* So that nine of ten nodes do not touch their nearest neighbour, and arrows show between them. */
static double find_radius(const ex_network *network, double scale)
{
    double sample[SAMPLE];
    guint n = 0;
    const guint step = 1 + network->nodes->len / SAMPLE;
    for (guint i = 0; i < network->nodes->len; i += step)
        if (!ex_network_node(network, i)->wired)
            sample[n++] = find_nearest(network, scale, i);
    if (n == 0)
        return MAX_RADIUS;
    qsort(sample, n, sizeof *sample, compare_doubles);
    const double share = network->nodes->len > MANY ? 0.29 : 0.38;
    return CLAMP(share * sample[n / 10], MIN_RADIUS, MAX_RADIUS);
}

/* ---- nodes -------------------------------------------------------------- */

static gboolean is_router(const struct ex_network_node *node)
{
    return node->wired && g_strcmp0(node->role, "server") != 0;
}

/* In rows of their own above the map, servers first; returns where the rows end. */
static double place_wired(const ex_network *network, ex_layout *layout, gboolean routers, double y)
{
    const double step = MAX(4 * layout->radius, 12);
    const guint room = (guint)MAX(1, (layout->right - layout->left) / step);
    guint n = 0, done = 0;
    for (guint i = 0; i < network->nodes->len; i++)
        n +=
            ex_network_node(network, i)->wired && is_router(ex_network_node(network, i)) == routers;
    const guint n_row = (n + room - 1) / room;
    for (guint i = 0; i < network->nodes->len; i++) {
        const struct ex_network_node *node = ex_network_node(network, i);
        if (!node->wired || is_router(node) != routers)
            continue;
        const guint row = done * n_row / n, first = (row * n + n_row - 1) / n_row;
        const guint in_row = ((row + 1) * n + n_row - 1) / n_row - first;
        layout->at[i].x =
            layout->left + (layout->right - layout->left) * (done - first + 0.5) / in_row;
        layout->at[i].y = y + (row + 0.5) * step;
        done++;
    }
    return y + n_row * step + (n > 0 ? 1.5 * layout->radius + 14 : 0);
}

static void place_nodes(const ex_network *network, ex_layout *layout, double head)
{
    const struct box box = find_box(network);
    const double edge = MARGIN + 2 * layout->radius;
    const double map_width = (box.x2 - box.x1) * layout->scale;
    layout->width = MAX(LEAST_WIDTH, map_width + 2 * edge);
    layout->left = (layout->width - map_width) / 2;
    layout->right = layout->left + map_width;
    if (network->nodes->len > box.n) { /* wires take the whole width */
        layout->left = MIN(layout->left, edge);
        layout->right = layout->width - layout->left;
    }
    layout->wired_top = head;
    layout->top = place_wired(network, layout, FALSE, head);
    layout->top = place_wired(network, layout, TRUE, layout->top);
    const double x = (layout->width - map_width) / 2;
    layout->top += 2 * layout->radius + 8;
    for (guint i = 0; i < network->nodes->len; i++) {
        const struct ex_network_node *node = ex_network_node(network, i);
        if (node->wired)
            continue;
        layout->at[i].x = x + (node->x - box.x1) * layout->scale;
        layout->at[i].y = layout->top + (box.y2 - node->y) * layout->scale;
    }
    layout->end = layout->top + (box.y2 - box.y1) * layout->scale + 2 * layout->radius;
}

static double label_width(const ex_network *network, guint i, double font_size)
{
    char text[32];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, ex_network_node(network, i)->node);
    return 0.6 * font_size * (double)strlen(text);
}

/* One size for all; numbers that are longer than most, or stand below another node, are left out.
 */
static void fit_labels(const ex_network *network, ex_layout *layout)
{
    const guint n = network->nodes->len;
    double widest = 0;
    if (n > MAX_LABELLED)
        return;
    for (guint i = 0; i < n; i++)
        widest = MAX(widest, label_width(network, i, 1));
    layout->font_size = MIN(1.05 * layout->radius, 1.75 * layout->radius / MIN(widest, 2.4));
    if (layout->font_size < MIN_FONT)
        layout->font_size = 0;
    for (guint i = 0; i < n; i++) {
        gboolean clear = layout->font_size > 0 &&
                         label_width(network, i, layout->font_size) <= 1.8 * layout->radius;
        for (guint k = 0; k < n && clear; k++)
            clear = k == i || ex_distance(layout->at[i], layout->at[k]) > 1.75 * layout->radius;
        layout->labelled[i] = clear;
    }
}

/* ---- arrows ------------------------------------------------------------- */

static int compare_arrows(gconstpointer a, gconstpointer b)
{
    const struct ex_arrow *p = a, *q = b;
    const guint keys[][2] = {{MIN(p->src, p->dst), MIN(q->src, q->dst)},
                             {MAX(p->src, p->dst), MAX(q->src, q->dst)},
                             {p->src, q->src}, /* one direction, then the other */
                             {p->attack != (p->src > p->dst), q->attack != (q->src > q->dst)}};
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return (p->first_flow > q->first_flow) - (p->first_flow < q->first_flow);
}

static gboolean is_same_way(const struct ex_arrow *a, const struct ex_arrow *b)
{
    return a->src == b->src && a->dst == b->dst && a->attack == b->attack;
}

static gboolean is_same_pair(const struct ex_arrow *a, const struct ex_arrow *b)
{
    return (a->src == b->src && a->dst == b->dst) || (a->src == b->dst && a->dst == b->src);
}

/* Flows of one way become one arrow: sorted, they stand together. */
static void merge_arrows(GArray *arrows)
{
    guint n = 0;
    for (guint i = 0; i < arrows->len; i++) {
        const struct ex_arrow arrow = g_array_index(arrows, struct ex_arrow, i);
        struct ex_arrow *last = n > 0 ? &g_array_index(arrows, struct ex_arrow, n - 1) : NULL;
        if (last && is_same_way(last, &arrow))
            last->n_flow++;
        else
            g_array_index(arrows, struct ex_arrow, n++) = arrow;
    }
    g_array_set_size(arrows, n);
}

/* Arrows between the same two nodes side by side, each on the right of the opposite ones. */
static void shift_arrows(ex_layout *layout)
{
    GArray *arrows = layout->arrows;
    const double gap = CLAMP(0.5 * layout->radius, 1, 7);
    for (guint i = 0, end; i < arrows->len; i = end) {
        const struct ex_arrow *first = &g_array_index(arrows, struct ex_arrow, i);
        for (end = i + 1; end < arrows->len; end++)
            if (!is_same_pair(first, &g_array_index(arrows, struct ex_arrow, end)))
                break;
        for (guint k = i; k < end; k++) {
            struct ex_arrow *arrow = &g_array_index(arrows, struct ex_arrow, k);
            const double lane = (end - i - 1) / 2.0 - (k - i);
            arrow->shift = gap * (arrow->src < arrow->dst ? lane : -lane);
        }
    }
}

static gboolean collect_arrows(const ex_network *network, ex_layout *layout)
{
    for (guint i = 0; i < network->flows->len; i++) {
        const struct ex_network_flow *flow =
            &g_array_index(network->flows, struct ex_network_flow, i);
        const struct ex_arrow arrow = {.src = flow->src,
                                       .dst = flow->dst,
                                       .attack = flow->attack,
                                       .first_flow = flow->flow,
                                       .n_flow = 1};
        if (ex_distance(layout->at[flow->src], layout->at[flow->dst]) < 0.01)
            layout->n_within++;
        else
            g_array_append_val(layout->arrows, arrow);
    }
    g_array_sort(layout->arrows, compare_arrows);
    return layout->arrows->len > 0;
}

/* How many other nodes the arrow would run through. */
static guint count_hits(const ex_network *network, const ex_layout *layout,
                        const struct ex_arrow *arrow, double bend)
{
    const struct ex_point a = layout->at[arrow->src], b = layout->at[arrow->dst];
    const double length = ex_distance(a, b), reach = 1.25 * layout->radius;
    const double right_x = (a.y - b.y) / length, right_y = (b.x - a.x) / length;
    guint n = 0;
    for (guint i = 0; i < network->nodes->len; i++) {
        gboolean hit = FALSE;
        if (i == arrow->src || i == arrow->dst)
            continue;
        for (int step = 1; step < STEPS && !hit; step++) {
            const double t = (double)step / STEPS;
            const double off = 4 * t * (1 - t) * bend + arrow->shift;
            const struct ex_point p = {a.x + t * (b.x - a.x) + off * right_x,
                                       a.y + t * (b.y - a.y) + off * right_y};
            const double x = p.x - layout->at[i].x, y = p.y - layout->at[i].y;
            hit = x * x + y * y < reach * reach;
        }
        n += hit;
    }
    return n;
}

/* The flow of a hidden pair lies on its channel. */
static gboolean is_hidden(const ex_network *network, const struct ex_arrow *arrow)
{
    for (guint i = 0; i < network->hidden->len && arrow->attack; i++) {
        const struct ex_network_pair pair =
            g_array_index(network->hidden, struct ex_network_pair, i);
        if ((pair.a == arrow->src && pair.b == arrow->dst) ||
            (pair.b == arrow->src && pair.a == arrow->dst))
            return TRUE;
    }
    return FALSE;
}

/* A straight arrow, unless a slight bend passes by all the nodes that would be in its way. */
static void bend_arrow(const ex_network *network, const ex_layout *layout, struct ex_arrow *arrow)
{
    static const double bends[] = {0, 1.6, -1.6, 2.4, -2.4, 3.2, -3.2};
    const double length = ex_distance(layout->at[arrow->src], layout->at[arrow->dst]);
    for (gsize i = 0; i < G_N_ELEMENTS(bends) && !is_hidden(network, arrow); i++) {
        const double bend = bends[i] * layout->radius;
        if (fabs(bend) < 0.22 * length && count_hits(network, layout, arrow, bend) == 0) {
            arrow->bend = bend;
            return;
        }
    }
}

static int compare_layers(gconstpointer a, gconstpointer b)
{
    const struct ex_arrow *p = a, *q = b;
    if (p->attack != q->attack)
        return p->attack ? 1 : -1;
    return (p->first_flow > q->first_flow) - (p->first_flow < q->first_flow);
}

static void place_arrows(const ex_network *network, ex_layout *layout)
{
    if (!collect_arrows(network, layout))
        return;
    merge_arrows(layout->arrows);
    shift_arrows(layout);
    if ((guint64)layout->arrows->len * network->nodes->len <= MAX_CHECKS)
        for (guint i = 0; i < layout->arrows->len; i++)
            bend_arrow(network, layout, &g_array_index(layout->arrows, struct ex_arrow, i));
    g_array_sort(layout->arrows, compare_layers);
}

/* ---- the whole ---------------------------------------------------------- */

ex_layout *ex_layout_new(const ex_network *network, double head)
{
    ex_layout *layout = g_new0(ex_layout, 1);
    layout->at = g_new0(struct ex_point, network->nodes->len);
    layout->labelled = g_new0(gboolean, network->nodes->len);
    layout->arrows = g_array_new(FALSE, FALSE, sizeof(struct ex_arrow));
    layout->scale = find_scale(find_box(network));
    layout->radius = find_radius(network, layout->scale);
    place_nodes(network, layout, head);
    fit_labels(network, layout);
    place_arrows(network, layout);
    return layout;
}

void ex_layout_free(ex_layout *layout)
{
    if (!layout)
        return;
    g_free(layout->at);
    g_free(layout->labelled);
    g_array_unref(layout->arrows);
    g_free(layout);
}

struct ex_point ex_layout_place_mark(const ex_layout *layout, const ex_network *network, guint i,
                                     double off)
{
    static const double sides[][2] = {{0.707, -0.707}, {-0.707, -0.707},
                                      {0.707, 0.707},  {-0.707, 0.707},
                                      {0, -1},         {1, 0},
                                      {-1, 0},         {0, 1}};
    const gboolean crowded = network->nodes->len > MAX_LABELLED;
    struct ex_point best = {0, 0};
    double most = -1;
    for (gsize k = 0; k < (crowded ? 1 : G_N_ELEMENTS(sides)); k++) {
        const struct ex_point p = {layout->at[i].x + sides[k][0] * off,
                                   layout->at[i].y + sides[k][1] * off};
        double room = INFINITY;
        for (guint n = 0; n < network->nodes->len && !crowded; n++)
            if (n != i)
                room = MIN(room, ex_distance(p, layout->at[n]));
        room = MIN(room, 3 * layout->radius); /* enough is enough: then the upper right */
        if (room > most + 1e-6) {
            most = room;
            best = p;
        }
    }
    return best;
}
