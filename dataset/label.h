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

struct ds_label {
    gint64 flow;       /* TG_ABSENT for packets of no flow */
    const char *proto; /* NULL for packets of no flow */
    gint64 attack;     /* 0, 1; TG_ABSENT without a manifest */
};

/* Whether there is such a node: always, when there is no manifest. */
gboolean ds_labeller_knows(ds_labeller *labeller, gint64 node);

/* The label of one event, in trace order. */
struct ds_label ds_label_event(ds_labeller *labeller, const struct tg_event *event);

/* Writes nodes, interfaces and flows of the run, known or inferred. After the last event. */
gboolean ds_labeller_write(ds_labeller *labeller, ds_store *store, gint64 run_id, GError **error);

#endif
