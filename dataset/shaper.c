#include "dataset/shaper.h"

#include "dataset/intern.h"
#include <math.h>
#include <string.h>

enum { MAX_PARTS = 32 * 1024, MAX_SHAPES = 64 * 1024, MAX_KEY = 16, POSES = 4096 };
enum { FIRST_GROUP = 1 << 30 }; /* of ns's multicast addresses */
enum { NO_TRUTH = -1 };         /* instead of a verdict */

/* Where a node was, and with how much energy, when it was first seen. */
struct pose {
    gint64 node; /* + 1; 0: nobody yet */
    double of[4];
    gboolean moves; /* or spends energy: its pose is no longer part of its places */
};

struct ds_shaper {
    ds_labeller *labeller;
    ds_gaps *gaps;
    ds_intern *kinds, *places, *ends, *shapes;
    ds_packets *packets;
    gboolean agents; /* some packets arrived at agents, says level AGT */
    gboolean wired;  /* there are links: a packet on the air may have crossed some before */
    struct pose poses[POSES]; /* by node, modulo; others that share a slot count as moving */
};

ds_shaper *ds_shaper_new(ds_labeller *labeller, ds_gaps *gaps, const struct ds_first_ids *first)
{
    ds_shaper *shaper = g_new0(ds_shaper, 1);
    shaper->labeller = labeller;
    shaper->gaps = gaps;
    shaper->kinds = ds_intern_new(MAX_PARTS, MAX_KEY, first->kind);
    shaper->places = ds_intern_new(MAX_PARTS, MAX_KEY, first->place);
    shaper->ends = ds_intern_new(MAX_PARTS, MAX_KEY, first->ends);
    shaper->shapes = ds_intern_new(MAX_SHAPES, 4, first->shape);
    shaper->packets = ds_packets_new();
    return shaper;
}

void ds_shaper_free(ds_shaper *shaper)
{
    if (!shaper)
        return;
    ds_intern_free(shaper->kinds);
    ds_intern_free(shaper->places);
    ds_intern_free(shaper->ends);
    ds_intern_free(shaper->shapes);
    ds_packets_free(shaper->packets);
    g_free(shaper);
}

/* What makes a kind: numbers, lengths of texts, texts; filled up with zeros to whole words. */
union kind_key {
    guint64 words[DS_MAX_KEY];
    struct {
        gint64 numbers[4];
        double mac_duration;
        guint16 spelling;
        guint8 format, op;
        guint8 n_text[8];
        char texts[8 * TG_MAX_WORD + 8];
    };
};
G_STATIC_ASSERT(sizeof(union kind_key) == DS_MAX_KEY * sizeof(guint64));

/* Returns the number of words. */
static guint make_kind_key(union kind_key *key, const struct tg_event *e)
{
    const struct tg_text *const texts[] = {&e->layer,      &e->ptype, &e->reason, &e->flags,
                                           &e->tcp_header, &e->srm,   &e->arp_op, &e->route_op};
    key->numbers[0] = e->size;
    key->numbers[1] = e->mac_type;
    key->numbers[2] = e->forwards;
    key->numbers[3] = e->optimal;
    key->mac_duration = e->mac_duration;
    key->spelling = (guint16)e->spelling;
    key->format = (guint8)e->format;
    key->op = (guint8)e->op;
    char *p = key->texts;
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        int n = texts[i]->n;
        g_assert(n <= TG_MAX_WORD);
        key->n_text[i] = (guint8)n;
        for (int j = 0; j < n; j++)
            *p++ = texts[i]->at[j];
    }
    while ((p - (char *)key) % (int)sizeof(guint64) != 0)
        *p++ = 0;
    return (guint)(p - (char *)key) / (guint)sizeof(guint64);
}

static void add_part(struct ds_block *block, enum ds_column_table table, gint64 id,
                     const struct tg_event *event, gboolean pose)
{
    ds_block_add_part(block, &(struct ds_part){.table = table,
                                               .id = id,
                                               .pose = pose,
                                               .flow = TG_ABSENT,
                                               .event = *event});
}

/* What a line of this kind tells of a data packet. */
static enum ds_step step_of(const struct tg_event *e)
{
    if (!e->layer.at)
        return e->op == '+'                   ? DS_ENQUEUED
               : e->op == 'r'                 ? DS_CROSSED
               : e->op == 'd' || e->op == 'e' ? DS_DROPPED
                                              : DS_NO_STEP;
    if (tg_text_is(e->layer, "AGT"))
        return e->op == 's' ? DS_SENT : e->op == 'r' ? DS_ARRIVED : DS_LEFT;
    return DS_LEFT;
}

/* What is remembered of a kind: its transport, and the step of its packets. */
enum { STEP_SHIFT = 4, TRANSPORT_MASK = (1 << STEP_SHIFT) - 1 };

static struct ds_entry *find_kind(ds_shaper *s, struct ds_block *block, const struct tg_event *e)
{
    union kind_key key;
    gboolean is_new;
    guint n = make_kind_key(&key, e);
    struct ds_entry *entry = ds_intern_find(s->kinds, key.words, n, &is_new);
    if (is_new) {
        entry->info = (guint16)(ds_transport_of(e->ptype) | (guint)step_of(e) << STEP_SHIFT);
        add_part(block, DS_IN_KIND, entry->id, e, FALSE);
    }
    return entry;
}

/* Notes where the node is; TRUE when it has been there all the time. */
static gboolean rests(ds_shaper *s, const struct tg_event *e)
{
    struct pose *pose = &s->poses[(guint64)e->node % POSES];
    const double now[4] = {e->x, e->y, e->z, e->energy};
    if (pose->node == 0) {
        pose->node = e->node + 1;
        memcpy(pose->of, now, sizeof now);
    }
    if (pose->node != e->node + 1)
        return FALSE;
    pose->moves |= e->radio.at || memcmp(pose->of, now, sizeof now) != 0;
    return !pose->moves;
}

union place_key {
    guint64 words[10];
    struct {
        gint64 numbers[6];
        double pose[4];
    };
};
enum { N_PLACE_WORD = 6, N_POSE_WORD = 10 };

/* NULL: the manifest has no such node. */
static struct ds_entry *find_place(ds_shaper *s, struct ds_block *block, const struct tg_event *e,
                                   gboolean pose)
{
    const union place_key key = {.numbers = {e->node, e->next_hop, e->mac_src, e->mac_dst,
                                             e->hop_src, e->hop_dst},
                                 .pose = {e->x, e->y, e->z, e->energy}};
    gboolean is_new;
    struct ds_entry *entry =
        ds_intern_find(s->places, key.words, pose ? N_POSE_WORD : N_PLACE_WORD, &is_new);
    if (is_new) {
        if (!ds_labeller_knows(s->labeller, e->node))
            return NULL;
        entry->info = ds_labeller_address(s->labeller, e->node) != e->node;
        entry->n = ds_gaps_find(s->gaps, e->node);
        add_part(block, DS_IN_PLACE, entry->id, e, pose);
    }
    return entry;
}

static struct ds_entry *find_ends(ds_shaper *s, struct ds_block *block, const struct tg_event *e,
                                  enum ds_transport transport)
{
    const guint64 key[] = {transport,           (guint64)e->src,
                           (guint64)e->sport,   (guint64)e->dst,
                           (guint64)e->dport,   (guint64)e->ttl,
                           (guint64)e->fid,     (guint64)e->arp_src_mac,
                           (guint64)e->arp_src, (guint64)e->arp_dst_mac,
                           (guint64)e->arp_dst};
    enum { N_IP_WORD = 7, N_ARP_WORD = G_N_ELEMENTS(key) };
    gboolean is_new;
    struct ds_entry *entry =
        ds_intern_find(s->ends, key, e->arp_op.at ? N_ARP_WORD : N_IP_WORD, &is_new);
    if (is_new) {
        struct ds_ends_label label = ds_label_ends(s->labeller, e, transport);
        entry->info = (guint16)label.forward;
        entry->n = label.flow;
        ds_block_add_part(block, &(struct ds_part){.table = DS_IN_ENDS,
                                                   .id = entry->id,
                                                   .flow = label.flow,
                                                   .proto = label.proto,
                                                   .event = *e});
    }
    return entry;
}

static void add_shape(void *data, const struct ds_entry *entry, const guint64 *key)
{
    struct ds_block *block = data;
    struct ds_shape shape = {.shape_id = entry->id, .n = entry->n};
    const ds_verdict verdict = (ds_verdict)key[3];
    const gboolean judged = verdict != NO_TRUTH;
    if (entry->n == 0) /* all its lines are of an attack */
        return;
    shape.kind_id = (gint64)key[0];
    shape.place_id = (gint64)key[1];
    shape.ends_id = (gint64)key[2];
    shape.attack = judged ? ds_verdict_attack(verdict) : TG_ABSENT;
    shape.attack_no = judged ? ds_verdict_attack_no(verdict) : TG_ABSENT;
    shape.covert = judged ? ds_verdict_covert(verdict) : TG_ABSENT;
    g_array_append_val(block->shapes, shape);
}

static void add_shapes(ds_shaper *shaper, struct ds_block *block)
{
    ds_intern_foreach(shaper->shapes, add_shape, block);
    ds_intern_clear(shaper->shapes);
}

gboolean ds_shaper_finish(ds_shaper *shaper, struct ds_block *block)
{
    add_shapes(shaper, block);
    return ds_packets_finish(shaper->packets, DS_BLOCK_LINES, block->packets);
}

gboolean ds_shaper_is_mixed(const ds_shaper *shaper)
{
    return shaper->wired && shaper->agents;
}

/* What an event is made of. */
struct parts {
    const struct ds_entry *kind, *place, *ends;
};

static struct ds_entry *find_shape(ds_shaper *s, struct ds_block *block, const struct parts *parts,
                                   ds_verdict verdict, gboolean *is_new)
{
    const guint64 key[] = {(guint64)parts->kind->id, (guint64)parts->place->id,
                           (guint64)parts->ends->id, (guint64)verdict};
    if (ds_intern_is_full(s->shapes))
        add_shapes(s, block);
    return ds_intern_find(s->shapes, key, G_N_ELEMENTS(key), is_new);
}

/* The shape of lines that are part of no attack remembers which matchers the others may fulfil. */
static struct ds_entry *shape_of(ds_shaper *s, struct ds_block *block, const struct tg_event *e,
                                 const struct parts *parts)
{
    ds_matchers *matchers = ds_labeller_matchers(s->labeller);
    const gint64 flow = parts->ends->n;
    gboolean is_new;
    struct ds_entry *shape = find_shape(s, block, parts, matchers ? 0 : NO_TRUTH, &is_new);
    if (is_new) {
        shape->info = matchers ? ds_matchers_select(matchers, e, flow) : 0;
        ds_label_interface(s->labeller, e);
    }
    const ds_verdict verdict = shape->info ? ds_matchers_judge(matchers, shape->info, e, flow) : 0;
    return verdict ? find_shape(s, block, parts, verdict, &is_new) : shape;
}

/* Follows the packet that the line is about, if it is data. */
static void see_packet(ds_shaper *s, struct ds_block *block, const struct tg_line *line,
                       const struct parts *parts)
{
    const struct tg_event *e = &line->event;
    const struct ds_entry *ends = parts->ends;
    const enum ds_step step = (enum ds_step)(parts->kind->info >> STEP_SHIFT);
    const gint64 address = parts->place->info ? ds_labeller_address(s->labeller, e->node) : e->node;
    if (step == DS_ENQUEUED || step == DS_CROSSED || step == DS_DROPPED)
        s->wired = TRUE;
    s->agents |= step == DS_ARRIVED;
    if (step == DS_NO_STEP || (step == DS_LEFT && !s->wired) || ends->n == TG_ABSENT ||
        e->uid == TG_ABSENT)
        return;
    const struct ds_sight sight = {.flow = ends->n,
                                   .uid = e->uid,
                                   .node = e->node,
                                   .forward = ends->info,
                                   .at_src = address == e->src,
                                   .at_dst = address == e->dst,
                                   .to_group = e->dst >= FIRST_GROUP,
                                   .step = step,
                                   .line = line->number,
                                   .time = e->time,
                                   .seq = e->seq,
                                   .size = e->size,
                                   .forwards = e->forwards};
    ds_packets_see(s->packets, &sight, block->packets);
}

/* Whether the event has something for event_extra, its pose aside. */
static gboolean has_extra(const struct tg_event *e)
{
    return e->tail.at || e->radio.at || e->route_dst != TG_ABSENT || e->route_src != TG_ABSENT ||
           e->n_chunk != TG_ABSENT;
}

gboolean ds_shaper_add(ds_shaper *s, struct ds_block *block, const struct tg_line *line)
{
    const struct tg_event *e = &line->event;
    gboolean has_pose = !isnan(e->x) || !isnan(e->energy);
    gboolean moves = has_pose && !rests(s, e);
    struct ds_entry *kind = find_kind(s, block, e);
    struct ds_entry *place = find_place(s, block, e, has_pose && !moves);
    if (!place)
        return FALSE;
    const struct parts parts = {kind, place,
                                find_ends(s, block, e,
                                          (enum ds_transport)(kind->info & TRANSPORT_MASK))};
    struct ds_entry *shape = shape_of(s, block, e, &parts);
    shape->n++;
    block->rows[block->n_row++] =
        (struct ds_row){line->number, shape->id, e->time, e->uid, e->seq, e->ack};

    ds_gaps_see(s->gaps, (guint)place->n, e->time);
    see_packet(s, block, line, &parts);
    if (moves || has_extra(e))
        add_part(block, DS_IN_EXTRA, line->number, e, moves);
    if (line->odd)
        ds_block_add_text(block, &(struct ds_text){DS_EVENT_TEXT, line->number, NULL, line->text});
    return TRUE;
}
