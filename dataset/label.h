/*
 * Which flow an event belongs to, and whether it is part of the attack: from the manifest where
 * there is one, otherwise flows and interfaces are inferred from the trace and labels are absent.
 */
#ifndef DATASET_LABEL_H
#define DATASET_LABEL_H

#include "dataset/store.h"
#include "tracegen/line.h"
#include "tracegen/manifest.h"

typedef struct ds_labeller ds_labeller;

/* manifest may be NULL; it must outlive the labeller. */
ds_labeller *ds_labeller_new(const tg_manifest *manifest);
void ds_labeller_free(ds_labeller *labeller);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_labeller, ds_labeller_free)

/* Whether there is such a node: always, when there is no manifest. */
gboolean ds_labeller_knows(ds_labeller *labeller, gint64 node);

/* Whether there is ground truth: there is a manifest. */
gboolean ds_labeller_has_truth(const ds_labeller *labeller);

/*
 * The rest labels an event by its parts, in the order in which they appear in the trace; each
 * function needs calling but once for the same part.
 */

/* What data packets of a type are carried by; by packet type as printed. */
enum ds_transport { DS_NO_TRANSPORT, DS_UDP, DS_TCP, DS_SCTP };
enum ds_transport ds_transport_of(struct tg_text ptype);

struct ds_ends_label {
    gint64 flow;       /* TG_ABSENT for packets of no flow */
    const char *proto; /* NULL for packets of no flow; owned by the labeller */
    gboolean forward;  /* from flow.src to flow.dst */
    gboolean attack;   /* the flow is of the attack, or ARP speaks of a hidden interface */
};

/* The flow of packets with such ends (IP or ARP header) and transport. */
struct ds_ends_label ds_label_ends(ds_labeller *labeller, const struct tg_event *event,
                                   enum ds_transport transport);

/* Whether a packet with such neighbours crosses a hidden interface, by MAC header. */
gboolean ds_label_place(ds_labeller *labeller, const struct tg_event *event);

/* Whether a packet is about the way between the two ends of an attack flow (routing). */
gboolean ds_label_route(ds_labeller *labeller, const struct tg_event *event);

/* Without a manifest: notes the node, and the owner of the interface that the event names. */
void ds_label_interface(ds_labeller *labeller, const struct tg_event *event);

/* Writes nodes, interfaces and flows of the run, known or inferred. After the last event. */
gboolean ds_labeller_write(ds_labeller *labeller, ds_store *store, gint64 run_id, GError **error);

#endif
