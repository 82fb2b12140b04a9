/*
 * The wired format, Trace::format() in trace/trace.cc:
 *
 *   + 1.20458 5 0 cbr 1020 ------- 5 2.0.1.0 0.2.0.1 0 19
 *   1 2       3 4 5   6    7       8 9       10      11 12
 *
 * 1 operation (+ enqueue, - dequeue, r receive, d drop, h hop, e c m), 2 time, 3 from node,
 * 4 to node, 5 packet type, 6 size, 7 flags, 8 flow identifier, 9 source address.port,
 * 10 destination address.port, 11 sequence number (-1 none), 12 uid.
 */
#include "tracegen/cursor.h"

/*
 * address.port, the address flat (a number) or hierarchical. Three levels of 10, 11 and 11 bits are
 * the default of set-address-format; wireless lines print the same address as one number.
 */
static void take_endpoint(struct tg_cursor *c, gint64 *address, gint64 *port, const char *field)
{
    gint64 part[4];
    int n = 0;
    do
        part[n++] = tg_take_int(c, -1, TG_MAX_INT, field);
    while (n < 4 && tg_accept(c, "."));
    if (n == 2) {
        *address = part[0] == TG_MAX_INT ? -1 : part[0];
    } else if (n == 4 && part[0] < 1024 && part[1] < 2048 && part[2] < 2048 && part[0] >= 0 &&
               part[1] >= 0 && part[2] >= 0) {
        *address = part[0] << 22 | part[1] << 11 | part[2];
    } else {
        tg_fail(c, field);
        return;
    }
    *port = part[n - 1];
}

static struct tg_text take_flags(struct tg_cursor *c)
{
    struct tg_text flags = {c->p, 0};
    while (c->p < c->end && (g_ascii_isalpha(*c->p) || *c->p == '-') && flags.n < 7)
        c->p++, flags.n++;
    if (flags.n != 7)
        tg_fail(c, "flags");
    return flags;
}

void tg_decode_wired(struct tg_cursor *c, struct tg_event *event)
{
    event->format = TG_FORMAT_WIRED;
    event->time = tg_take_time(c);
    tg_expect(c, " ", "from node");
    event->hop_src = tg_take_int(c, 0, TG_MAX_INT, "from node");
    tg_expect(c, " ", "to node");
    event->hop_dst = tg_take_int(c, 0, TG_MAX_INT, "to node");
    event->node = event->op == 'r' ? event->hop_dst : event->hop_src;
    event->next_hop = event->op == 'r' ? TG_ABSENT : event->hop_dst;
    tg_expect(c, " ", "packet type");
    event->ptype = tg_take_word(c, "packet type");
    tg_expect(c, " ", "size");
    event->size = tg_take_int(c, 0, TG_MAX_INT, "size");
    tg_expect(c, " ", "flags");
    event->flags = take_flags(c);
    tg_expect(c, " ", "flow identifier");
    event->fid = tg_take_int(c, G_MININT32, TG_MAX_INT, "flow identifier");
    tg_expect(c, " ", "source address");
    take_endpoint(c, &event->src, &event->sport, "source address");
    tg_expect(c, " ", "destination address");
    take_endpoint(c, &event->dst, &event->dport, "destination address");
    tg_expect(c, " ", "sequence number");
    event->seq = tg_take_int(c, G_MININT32, TG_MAX_INT, "sequence number");
    tg_expect(c, " ", "uid");
    event->uid = tg_take_int(c, G_MININT32, TG_MAX_INT, "uid");
}
