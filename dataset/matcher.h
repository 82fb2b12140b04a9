/*
 * Which attack an event is part of, by the matchers of the manifest. Most of what they ask of an
 * event is the same for all lines of one shape, and is asked but once for each.
 */
#ifndef DATASET_MATCHER_H
#define DATASET_MATCHER_H

#include "tracegen/manifest.h"

/* What is said of an event, as one number: 0 when it is part of no attack. */
typedef gint64 ds_verdict;

static inline gint64 ds_verdict_attack(ds_verdict verdict)
{
    return verdict & 1;
}

static inline gint64 ds_verdict_covert(ds_verdict verdict)
{
    return verdict >> 1 & 1;
}

/* Number of the attack; TG_ABSENT when it is none, or the manifest numbers none. */
static inline gint64 ds_verdict_attack_no(ds_verdict verdict)
{
    return verdict >> 2 ? verdict >> 2 : TG_ABSENT;
}

typedef struct ds_matchers ds_matchers;

/*
 * Of a manifest, which they outlive not. One that lists no attacks is taken to mean: packets of
 * attack flows; what crosses a hidden interface, which is covert; routing packets about the way
 * between the ends of an attack flow, unless another flow has the same ends.
 */
ds_matchers *ds_matchers_new(const tg_manifest *manifest);
void ds_matchers_free(ds_matchers *matchers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_matchers, ds_matchers_free)

/*
 * The matchers that events with the kind, place and ends of this one may fulfil, as the number of a
 * list of them: 0 when there are none. `flow` is the number of its flow, or TG_ABSENT.
 */
guint16 ds_matchers_select(ds_matchers *matchers, const struct tg_event *event, gint64 flow);

/*
 * What the matchers of the list that the event fulfils say of it: its attack is that of the first
 * whose attack is at work (from start to before stop), otherwise of the first that has begun; it is
 * covert when one of them is.
 */
ds_verdict ds_matchers_judge(ds_matchers *matchers, guint16 list, const struct tg_event *event,
                             gint64 flow);

#endif
