#include "dataset/packet.h"

#include "tracegen/event.h"
#include <math.h>

/* Packets followed at once, and slots that find them; powers of two. */
enum { N_FOLLOWED = 32 * 1024, N_SLOT = 4 * N_FOLLOWED };

struct followed {
    struct ds_packet packet;
    guint slot;
    gint64 node;       /* that a link took it to, at its arrival */
    gint32 n_link;     /* wired links crossed */
    gint64 forwards;   /* wireless hops, as ns counted them; TG_ABSENT: none known */
    gboolean waits;    /* the last that is known: it waits for a link, or moves on one */
    gboolean flat;     /* addresses are numbers of nodes, so that its destination is known */
    gboolean by_agent; /* sent or received: an agent said so */
};

struct ds_packets {
    struct followed ring[N_FOLLOWED]; /* in the order in which they appeared */
    guint32 slots[N_SLOT];            /* position in the ring + 1; 0: free */
    guint first, n;                   /* of the ring */
};

ds_packets *ds_packets_new(void)
{
    return g_new0(ds_packets, 1);
}

void ds_packets_free(ds_packets *packets)
{
    g_free(packets);
}

static guint home_of(gint64 flow, gint64 uid)
{
    guint64 h = ((guint64)uid + (guint64)flow * 0x9e3779b97f4a7c15u) * 0x9e3779b97f4a7c15u;
    return (guint)(h >> 32) & (N_SLOT - 1);
}

/* The slot of a packet, or the free one where it would go. */
static guint find_slot(const ds_packets *packets, gint64 flow, gint64 uid)
{
    guint slot = home_of(flow, uid);
    for (; packets->slots[slot]; slot = (slot + 1) & (N_SLOT - 1)) {
        const struct ds_packet *p = &packets->ring[packets->slots[slot] - 1].packet;
        if (p->flow == flow && p->uid == uid)
            break;
    }
    return slot;
}

/* Frees a slot and moves up those behind it that would no longer be found. */
static void free_slot(ds_packets *packets, guint slot)
{
    for (guint next = slot;;) {
        packets->slots[slot] = 0;
        guint home;
        do {
            next = (next + 1) & (N_SLOT - 1);
            if (!packets->slots[next])
                return;
            const struct ds_packet *p = &packets->ring[packets->slots[next] - 1].packet;
            home = home_of(p->flow, p->uid);
        } while (((next - home) & (N_SLOT - 1)) < ((next - slot) & (N_SLOT - 1)));
        packets->slots[slot] = packets->slots[next];
        packets->ring[packets->slots[slot] - 1].slot = slot;
        slot = next;
    }
}

static void end_first(ds_packets *packets, GArray *done)
{
    struct followed *f = &packets->ring[packets->first];
    free_slot(packets, f->slot);
    packets->first = (packets->first + 1) & (N_FOLLOWED - 1);
    packets->n--;
    if (!isnan(f->packet.sent) || !isnan(f->packet.received))
        g_array_append_val(done, f->packet);
}

static struct followed *follow(ds_packets *packets, const struct ds_sight *sight, GArray *done)
{
    guint slot = find_slot(packets, sight->flow, sight->uid);
    if (packets->slots[slot])
        return &packets->ring[packets->slots[slot] - 1];
    if (packets->n == N_FOLLOWED) {
        end_first(packets, done);
        slot = find_slot(packets, sight->flow, sight->uid);
    }
    guint at = (packets->first + packets->n++) & (N_FOLLOWED - 1);
    packets->slots[slot] = at + 1;
    packets->ring[at] = (struct followed){.slot = slot,
                                          .forwards = TG_ABSENT,
                                          .packet = {.flow = sight->flow,
                                                     .uid = sight->uid,
                                                     .forward = sight->forward,
                                                     .seq = TG_ABSENT,
                                                     .size = TG_ABSENT,
                                                     .sent = NAN,
                                                     .received = NAN,
                                                     .hops = TG_ABSENT,
                                                     .sent_line = TG_ABSENT,
                                                     .received_line = TG_ABSENT}};
    return &packets->ring[at];
}

static void note_sent(struct ds_packet *packet, const struct ds_sight *sight)
{
    if (!isnan(packet->sent))
        return;
    packet->sent = sight->time;
    packet->sent_line = sight->line;
    packet->size = sight->size;
}

static void note_received(struct followed *f, const struct ds_sight *sight)
{
    f->packet.received = sight->time;
    f->packet.received_line = sight->line;
    /* Only cbr, tcp, ack and sctp lines print hops on the air. */
    gboolean whole = sight->step != DS_CROSSED || !isnan(f->packet.sent);
    if (whole && (f->n_link > 0 || f->forwards != TG_ABSENT))
        f->packet.hops = f->n_link + MAX(f->forwards, 0);
}

/* What seemed an arrival was a stop on the way. An agent's word stands. */
static void forget_received(struct followed *f)
{
    struct ds_packet *packet = &f->packet;
    if (f->by_agent)
        return;
    packet->received = NAN;
    packet->received_line = TG_ABSENT;
    packet->hops = TG_ABSENT;
}

void ds_packets_see(ds_packets *packets, const struct ds_sight *sight, GArray *done)
{
    struct followed *f = follow(packets, sight, done);
    struct ds_packet *packet = &f->packet;
    packet->seq = MAX(packet->seq, sight->seq); /* TG_ABSENT is the least */
    f->forwards = MAX(f->forwards, sight->forwards);
    switch (sight->step) {
    case DS_SENT:
        note_sent(packet, sight);
        break;
    case DS_ARRIVED:
        if (!f->by_agent) /* the first arrival counts */
            note_received(f, sight);
        f->by_agent = TRUE;
        break;
    case DS_ENQUEUED:
        if (isnan(packet->sent))
            f->flat = sight->at_src && !sight->to_group;
        note_sent(packet, sight);
        f->waits = TRUE;
        forget_received(f);
        break;
    case DS_CROSSED: /* SCTP prints a line for each chunk of a packet */
        f->n_link += f->waits;
        f->waits = FALSE;
        if (!f->by_agent && isnan(packet->received) && (sight->at_dst || !f->flat))
            note_received(f, sight);
        f->node = sight->node;
        break;
    case DS_DROPPED:
        note_sent(packet, sight);
        if (f->node == sight->node)
            forget_received(f);
        break;
    case DS_LEFT: /* elsewhere it is a copy that comes late */
        if (f->node == sight->node)
            forget_received(f);
        break;
    case DS_NO_STEP:
        break;
    }
}

gboolean ds_packets_finish(ds_packets *packets, guint max, GArray *done)
{
    for (; packets->n > 0 && max > 0; max--)
        end_first(packets, done);
    return packets->n > 0;
}
