/*
 * The run manifest: what was simulated, as the scenario planned it. Its ground truth (intended
 * servers, attack labels, hidden interfaces) is for labelling and scoring only.
 *
 * One that a person wrote, for a trace of his own, has no `generator`, and may leave out what is
 * marked optional below. Scenarios too leave out what `may be left out` stands beside.
 */
#ifndef TRACEGEN_MANIFEST_H
#define TRACEGEN_MANIFEST_H

#include "tracegen/attack.h"
#include "tracegen/event.h"

#include <gio/gio.h>

struct tg_node {
    gint64 node;    /* number in the trace */
    gint64 address; /* by which IP headers know it; may be left out: the number of the node */
    gint64 gateway; /* node number of its application gateway; may be left out: TG_ABSENT */
    char *role;     /* 'gateway', 'device' (sends), 'server' (only receives), 'relay' (neither);
                       optional */
    double x, y;    /* metres; optional: NAN */
};

/* A flow as the simulator sees it: one sending agent, one receiving agent. */
struct tg_flow {
    gint64 flow;
    char *proto;                   /* 'udp', 'tcp', 'http' */
    char *profile;                 /* what it carries: 'camera' ...; may be left out: NULL */
    gint64 src, sport, dst, dport; /* nodes by number, not by address */
    gint64 intended_dst; /* the data server that src should upload to; optional, and left out where
                            an attack added the flow: TG_ABSENT */
    gboolean attack;     /* dst is not the intended server; all else where that is left out */
};

/* Who owns a MAC number. */
struct tg_interface {
    gint64 mac, node;
    gboolean hidden; /* an attacker's extra radio: hidden channel, tunnel, jammer */
};

typedef struct tg_manifest {
    char *scenario, *attack; /* attack is 'none' in a benign run, of several their names and '+' */
    char *traffic;           /* optional, as are ns_version, params and interfaces */
    gint64 seed;
    double duration; /* seconds of simulated time */
    char *ns_version;
    char *trace_file;   /* name of the trace inside the run directory */
    char *trace_sha256; /* of its bytes, lower-case hex */
    gint64 trace_bytes; /* optional: 0 */
    char *nam_file;     /* likewise a name in the run directory, or NULL */
    char *params;       /* all parameters as one JSON object */
    GArray *nodes;      /* of struct tg_node */
    GArray *flows;      /* of struct tg_flow */
    GArray *interfaces; /* of struct tg_interface */
    gboolean by_hand;   /* not written by `adliotlog simulate` */
    GArray *attacks;    /* of struct tg_attack; may be left out: NULL, and labels are those of
                           attack flows and hidden interfaces */

    /* Of the scenario's text, and of the plan, which tells apart runs whose traces are equal; NULL
       when written by hand. */
    char *scenario_sha256, *plan_sha256;
} tg_manifest;

#define TG_MANIFEST_FORMAT  "adliotlog-run"
#define TG_MANIFEST_VERSION 1

/*
 * Reads the file `path` (DIR/manifest.json). NULL and TG_ERROR_DATA with file and field when it is
 * not valid JSON, lacks a field or contradicts itself; TG_ERROR_SYSTEM when it cannot be read.
 * Caller frees.
 */
struct tg_manifest *tg_manifest_read(const char *path, GError **error);
void tg_manifest_free(struct tg_manifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tg_manifest, tg_manifest_free)

#endif
