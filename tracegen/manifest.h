/*
 * The run manifest: what was simulated, as the scenario planned it. Its ground truth (intended
 * servers, attack labels, hidden interfaces) is for labelling and scoring only.
 */
#ifndef TRACEGEN_MANIFEST_H
#define TRACEGEN_MANIFEST_H

#include <gio/gio.h>

struct tg_node {
    gint64 node;    /* number in the trace */
    gint64 gateway; /* node number of the application gateway it sits behind */
    char *role;     /* 'gateway', 'device' (sends), 'server' (only receives), 'relay' (neither) */
    double x, y;    /* metres */
};

/* A flow as the simulator sees it: one sending agent, one receiving agent. */
struct tg_flow {
    gint64 flow;
    char *proto; /* 'udp', 'tcp', 'http' */
    gint64 src, sport, dst, dport;
    gint64 intended_dst; /* the data server that src should upload to */
    gboolean attack;     /* dst is not the intended server */
};

/* Who owns a MAC number. */
struct tg_interface {
    gint64 mac, node;
    gboolean hidden; /* an end of the hidden high-power channel */
};

typedef struct tg_manifest {
    char *scenario, *attack, *traffic; /* attack is 'none' in a benign run */
    gint64 seed;
    double duration; /* seconds of simulated time */
    char *ns_version;
    char *trace_file;   /* name of the trace inside the run directory */
    char *trace_sha256; /* of its bytes, lower-case hex */
    gint64 trace_bytes;
    char *nam_file;     /* likewise a name in the run directory, or NULL */
    char *params;       /* all parameters as one JSON object */
    GArray *nodes;      /* of struct tg_node */
    GArray *flows;      /* of struct tg_flow */
    GArray *interfaces; /* of struct tg_interface */
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
