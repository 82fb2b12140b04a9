/* How the things of a network are drawn, in the map and in the legend alike. */
#ifndef EXPERIMENTS_NETWORK_MARKS_H
#define EXPERIMENTS_NETWORK_MARKS_H

#include "experiments/network_layout.h"

#define EX_INK           "#1a1a1a"
#define EX_FLOW_COLOUR   "#4d4d4d"
#define EX_ATTACK_COLOUR "#d55e00" /* vermilion: nothing else has it */
#define EX_HIDDEN_COLOUR "#cc79a7"
#define EX_LINK_COLOUR   "#8c8c8c"
#define EX_VICTIM_COLOUR "#000000"

/* Networks that colours tell apart; the next has the colour of the first. */
enum { EX_N_COLOUR = 8 };

/* What shape a node has. */
enum ex_shape { EX_CIRCLE, EX_SQUARE, EX_SERVER, EX_ROUTER };
enum ex_shape ex_shape_of(const struct ex_network_node *node);

/* A node of network 1, 2 ... or of none (0). */
void ex_put_shape(GString *out, enum ex_shape shape, guint network, struct ex_point at,
                  double radius);

/* What text on it has to be. */
const char *ex_text_colour(guint network);

/* The ring around a node that has a part in an attack (one bit of ex_part), and its letter. */
void ex_put_ring(GString *out, guint part, struct ex_point at, double radius);
void ex_put_letter(GString *out, guint part, struct ex_point at, double size);
const char *ex_part_name(guint part);

/* The radius of the first ring around a node, and of its last. */
double ex_first_ring(const struct ex_network_node *node, double radius);
double ex_ring_radius(const struct ex_network_node *node, double radius);
#define EX_RING_STEP(radius) CLAMP(0.3 * (radius), 2, 4.5)

struct ex_stroke {
    const char *colour;
    double width, head; /* of the shaft, length of the head; px */
    gboolean cased;     /* white around it */
};
struct ex_stroke ex_flow_stroke(gboolean attack, double radius);

/* An arrow from a to b, where it really begins and ends, as a curve that heads for `control`. */
void ex_put_arrow(GString *out, const struct ex_stroke *stroke, struct ex_point a,
                  struct ex_point control, struct ex_point b);

/* A wire. */
void ex_put_wire(GString *out, struct ex_point a, struct ex_point b, double radius);

/* The line of a hidden channel. */
void ex_put_channel(GString *out, struct ex_point a, struct ex_point b, double radius);

#endif
