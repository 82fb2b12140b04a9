/*
 * A simulated network as a picture has it: who is where, who sends to whom, and who attacks. Made
 * from a manifest or plan (network_manifest.c) or from the store (network_store.c), drawn by
 * network_svg.c.
 */
#ifndef EXPERIMENTS_NETWORK_H
#define EXPERIMENTS_NETWORK_H

#include "dataset/store.h"
#include "tracegen/event.h"

/* What a node does in the attacks; bits. */
enum ex_part { EX_ATTACKER = 1, EX_ACCOMPLICE = 2, EX_VICTIM = 4 };

struct ex_network_node {
    gint64 node;
    gint64 gateway;   /* of its network, by number; TG_ABSENT: none */
    const char *role; /* 'gateway', 'device', 'server', 'relay', or NULL; interned */
    double x, y;      /* m */
    gboolean wired;   /* has links alone: its position means nothing */
    /* by ex_network_finish() */
    gboolean is_gateway;
    guint network; /* from 1, by the numbers of the gateways; 0: none */
    guint parts;   /* of enum ex_part */
};

/* Nodes by their index, here and below. */
struct ex_network_pair {
    guint a, b;
};

struct ex_network_flow {
    gint64 flow;
    guint src, dst;
    gboolean attack;
};

/* An attacker's extra radio. */
struct ex_network_radio {
    gint64 mac;
    guint node;
};

struct ex_network_attack {
    const char *name; /* interned */
    guint n_radio;    /* as many hidden radios as it has; in the order of MAC numbers they are those
                         of the first attack, of the second ... */
};

typedef struct ex_network {
    char *scenario, *attack, *traffic; /* NULL: not told; attack is 'none' in a benign run */
    gint64 seed;                       /* TG_ABSENT: not told */
    gboolean moving;                   /* positions are those of the start */
    GArray *nodes;                     /* of struct ex_network_node */
    GArray *flows;                     /* of struct ex_network_flow */
    GArray *links;                     /* of struct ex_network_pair: wires */
    GArray *radios;                    /* of struct ex_network_radio */
    GArray *attacks;                   /* of struct ex_network_attack */
    GArray *hidden;   /* of struct ex_network_pair: channels between two hidden radios */
    GArray *gateways; /* of gint64: the gateway of network 1, 2 ... */
    GHashTable *indexes;
} ex_network;

ex_network *ex_network_new(void);
void ex_network_free(ex_network *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_network, ex_network_free)

static inline struct ex_network_node *ex_network_node(const ex_network *network, guint i)
{
    return &g_array_index(network->nodes, struct ex_network_node, i);
}

/* Takes a copy. FALSE when there is a node of that number already. */
gboolean ex_network_add_node(ex_network *network, const struct ex_network_node *node);

/* FALSE when there is no such node. */
gboolean ex_network_find(const ex_network *network, gint64 node, guint *index);

/* Adds a part in an attack to a node, by the word for it; unknown words add none. */
void ex_network_add_part(ex_network *network, guint node, const char *part);

/* An attack, whose radios are counted as its parts are told: attackers and accomplices have one. */
void ex_network_add_attack(ex_network *network, const char *name);

/* Works out networks, gateways and hidden channels, once all else is there. */
void ex_network_finish(ex_network *network);

/* Whether one of the attacks has that name. */
gboolean ex_network_has_attack(const ex_network *network, const char *name);

/* ---- where it comes from ---- */

enum { EX_MAX_NETWORK_NODES = 100000 };
#define EX_MAX_COORDINATE 1e7 /* m, either way */

/*
 * Reads a manifest, or the JSON of `adliotlog simulate --plan`, from the file `path`, from the
 * directory of a run, or from standard input ("-"). It may come from anywhere. NULL and
 * TG_ERROR_DATA with file and field when it is not what it should be or has more than
 * EX_MAX_NETWORK_NODES nodes; TG_ERROR_SYSTEM when it cannot be read. Caller frees.
 */
ex_network *ex_network_read(const char *path, GError **error);

/*
 * The nodes of a run that have a position, with their flows; attacks, and whose part they are, with
 * `truth` only. Caller frees; NULL on error.
 */
ex_network *ex_network_load(ds_store *store, gint64 run_id, gboolean truth, GError **error);

/* ---- what becomes of it ---- */

/*
 * Appends the picture as an SVG document: the same network gives the same bytes. It has no ids and
 * no style sheet, so that several can stand in one page.
 */
void ex_network_put_svg(const ex_network *network, GString *out);

/* Appends the same as blocks of numbers, described in it. */
void ex_network_put_data(const ex_network *network, GString *out);

#endif
