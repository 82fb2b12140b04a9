/*
 * The attacks of a run: their time windows, who takes part, and by which events they are known. All
 * of it is ground truth.
 */
#ifndef TRACEGEN_ATTACK_H
#define TRACEGEN_ATTACK_H

#include "tracegen/field.h"

struct tg_attack_node {
    gint64 node;
    char *role; /* 'attacker', 'accomplice' (receives, or is the other end), 'victim' */
};

/* The conditions of a matcher, bits. */
enum tg_condition {
    TG_MATCH_FLOW = 1,
    TG_MATCH_MAC = 2,
    TG_MATCH_NODE = 4,
    TG_MATCH_OP = 8,
    TG_MATCH_LAYER = 16,
    TG_MATCH_PTYPE = 32,
    TG_MATCH_SRC = 64,
    TG_MATCH_SPORT = 128,
    TG_MATCH_DST = 256,
    TG_MATCH_FOREIGN = 512,
    TG_MATCH_FOREIGN_MAC = 1024,
    TG_MATCH_UNEXPLAINED = 2048,
    TG_MATCH_BETWEEN = 4096,
    TG_MATCH_SEEKING_NOBODY = 8192
};

/* Events of an attack: those of which all conditions hold, from the start of the attack on. */
struct tg_matcher {
    guint conditions; /* of enum tg_condition; at least one. The members of the others are 0 */
    gint64 flow;      /* a packet of it, either direction */
    gint64 mac;       /* MAC or ARP header, sender or receiver */
    gint64 node, src, sport, dst; /* those of the event */
    char op, *layer, *ptype;      /* likewise */
    /* FOREIGN: the IP header names a sender, and it is not the node where it happens.
       FOREIGN_MAC: the MAC header names one, and it belongs to another node.
       UNEXPLAINED: no drop reason. */
    gint64 between[2]; /* a routing packet about the way between these nodes */
    gint64 seeker;     /* SEEKING_NOBODY: this node's request for a route to no node of the run */
    gboolean covert;   /* no condition: only the attackers' own logs would show such an event */
};

struct tg_attack {
    char *attack;       /* its name */
    double start, stop; /* s */
    GArray *nodes;      /* of struct tg_attack_node */
    char *params;       /* its parameters as one JSON object */
    GArray *labels;     /* of struct tg_matcher */
};

/*
 * What is asked line by line has a limit in a manifest: attacks, and labels that ask for more than
 * a flow alone or a way between two nodes alone, which can be looked up.
 */
enum { TG_MAX_ATTACKS = 4096, TG_MAX_LABELS = 16384 };

/* The attacks of a manifest, in the order of their numbers 1, 2 ...; array of struct tg_attack. */
GArray *tg_attacks_new(void);
void tg_attacks_read(struct tg_reading *r, struct tg_place root, GArray *attacks);

/* What the attacks refer to, as keys: `node 3`, `flow 8`, `MAC number 16`. */
struct tg_known {
    GHashTable *nodes, *flows, *macs;
};

/*
 * Refuses attacks that refer to what is not there, those that are too many, and those that the run,
 * whose attack is `name`, does not have: its name is theirs, each once, joined with '+', or 'none'.
 */
void tg_attacks_check(struct tg_reading *r, const GArray *attacks, const char *name,
                      const struct tg_known *known);

#endif
