/*
 * Which flow an event belongs to, and which attack it is part of: from the manifest where there is
 * one, otherwise flows and interfaces are inferred from the trace and labels are absent.
 */
#ifndef DATASET_LABEL_H
#define DATASET_LABEL_H

#include "dataset/matcher.h"
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

/* The matchers that label events; NULL: there is no ground truth, for want of a manifest. */
ds_matchers *ds_labeller_matchers(const ds_labeller *labeller);

/* The address by which IP headers know a node. */
gint64 ds_labeller_address(const ds_labeller *labeller, gint64 node);

/*
 * The rest is told of events in the order in which they appear in the trace, but once for those
 * that are the same in what each function looks at.
 */

/* What data packets of a type are carried by; by packet type as printed. */
enum ds_transport { DS_NO_TRANSPORT, DS_UDP, DS_TCP, DS_SCTP };
enum ds_transport ds_transport_of(struct tg_text ptype);

struct ds_ends_label {
    gint64 flow;       /* TG_ABSENT for packets of no flow */
    const char *proto; /* NULL for packets of no flow; owned by the labeller */
    gboolean forward;  /* from flow.src to flow.dst */
};

/* The flow of packets with such ends (IP header) and transport. */
struct ds_ends_label ds_label_ends(ds_labeller *labeller, const struct tg_event *event,
                                   enum ds_transport transport);

/* Without a manifest: notes the node, and the owner of the interface that the event names. */
void ds_label_interface(ds_labeller *labeller, const struct tg_event *event);

/* Writes nodes, interfaces and flows of the run, known or inferred, and its attacks. After the last
   event. */
gboolean ds_labeller_write(ds_labeller *labeller, ds_store *store, gint64 run_id, GError **error);

#endif
