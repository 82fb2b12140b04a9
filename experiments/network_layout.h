/* Where everything of a network stands in its picture, in pixels; y goes down. */
#ifndef EXPERIMENTS_NETWORK_LAYOUT_H
#define EXPERIMENTS_NETWORK_LAYOUT_H

#include "experiments/network.h"

struct ex_point {
    double x, y;
};

/* By sqrt(), which is exact, so that a picture is the same on every machine; hypot() need not be.
 */
double ex_distance(struct ex_point a, struct ex_point b);

/* The flows of one kind from one node to another: one arrow. */
struct ex_arrow {
    guint src, dst;
    gboolean attack;
    gint64 first_flow;
    guint n_flow;
    double shift; /* to the right of its way, beside other arrows between the same nodes */
    double bend;  /* how far its middle is off the straight way, to the right: round other nodes */
};

typedef struct ex_layout {
    double width;               /* of the picture */
    double scale;               /* pixels a metre */
    double radius;              /* of a node */
    double left, right;         /* of the map */
    double wired_top, top, end; /* of the wired nodes, of the map and its lower edge */
    struct ex_point *at;        /* of each node */
    gboolean *labelled;         /* does its number fit? */
    double font_size;           /* of the numbers; 0: none */
    GArray *arrows;             /* of struct ex_arrow; those of attacks last */
    guint n_within;             /* flows within one place, which are no arrows */
} ex_layout;

/* `head`: what the title above it takes. Caller frees. */
ex_layout *ex_layout_new(const ex_network *network, double head);
void ex_layout_free(ex_layout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_layout, ex_layout_free)

/* Where the mark of a node goes: towards the side with the most room. */
struct ex_point ex_layout_place_mark(const ex_layout *layout, const ex_network *network, guint i,
                                     double distance);

#endif
