/*
 * The new wireless format (`use-newtrace`), CMUTrace::nformat() ... in trace/cmu-trace.cc:
 *
 *   r -t 0.008021000 -Hs 15 -Hd 15 -Ni 15 -Nx 900.00 -Ny 300.00 -Nz 0.00 -Ne -1.000000
 *     -Nl AGT -Nw --- -Ma 13a -Md 11 -Ms 10 -Mt 800
 *     -Is 14.0 -Id 15.0 -It cbr -Il 1520 -If 0 -Ii 0 -Iv 30 -Pn cbr -Pi 0 -Pf 1 -Po 0
 *
 * -H this node and next hop, -N node, position, energy, trace level, reason, -M MAC duration,
 * receiver, transmitter, type (hexadecimal), -I IP header, -P packet. MAC control frames end after
 * -Mt; ARP has no -I block and so no size.
 */
#include "tracegen/cursor.h"

static gint64 key_int(struct tg_cursor *c, const char *key, gint64 min)
{
    tg_expect(c, key, key);
    return tg_take_int(c, min, TG_MAX_INT, key);
}

static double key_real(struct tg_cursor *c, const char *key)
{
    tg_expect(c, key, key);
    return tg_take_real(c, key);
}

static gint64 key_hex(struct tg_cursor *c, const char *key)
{
    tg_expect(c, key, key);
    return tg_take_hex(c, key);
}

static struct tg_text key_word(struct tg_cursor *c, const char *key)
{
    tg_expect(c, key, key);
    return tg_take_word(c, key);
}

static void key_address(struct tg_cursor *c, const char *key, gint64 *address, gint64 *port)
{
    tg_expect(c, key, key);
    *address = tg_take_address(c, key);
    tg_expect(c, ".", key);
    *port = tg_take_int(c, -1, TG_MAX_INT, key);
}

static void decode_ip(struct tg_cursor *c, struct tg_event *event)
{
    key_address(c, "-Is ", &event->src, &event->sport);
    key_address(c, " -Id ", &event->dst, &event->dport);
    event->ptype = key_word(c, " -It ");
    event->size = key_int(c, " -Il ", 0);
    event->fid = key_int(c, " -If ", G_MININT32);
    event->uid = key_int(c, " -Ii ", G_MININT32);
    event->ttl = key_int(c, " -Iv ", G_MININT32);
    tg_expect(c, " ", "end of IP header");
}

/* -P arp -Po REQUEST -Pms 17 -Ps 15 -Pmd 0 -Pd 14 */
static void decode_arp(struct tg_cursor *c, struct tg_event *event)
{
    event->ptype = key_word(c, "-P ");
    event->arp_op = key_word(c, " -Po ");
    event->arp_src_mac = key_int(c, " -Pms ", G_MININT32);
    event->arp_src = key_int(c, " -Ps ", -1);
    event->arp_dst_mac = key_int(c, " -Pmd ", G_MININT32);
    event->arp_dst = key_int(c, " -Pd ", -1);
}

/* -P aodv -Pt 0x2 -Ph 1 -Pb 1 -Pd 15 -Pds 0 -Ps 14 -Pss 4 -Pc REQUEST, or ... -Pd -Pds -Pl -Pc */
static void decode_aodv(struct tg_cursor *c, struct tg_event *event)
{
    struct tg_cursor rest = *c;
    key_hex(c, "-P aodv -Pt 0x");
    key_int(c, " -Ph ", 0);
    gboolean request = tg_sees(c, " -Pb ");
    if (request)
        key_int(c, " -Pb ", G_MININT32);
    event->route_dst = key_int(c, " -Pd ", -1);
    key_int(c, " -Pds ", G_MININT32);
    if (request) {
        event->route_src = key_int(c, " -Ps ", -1);
        key_int(c, " -Pss ", G_MININT32);
    } else {
        key_real(c, " -Pl ");
    }
    tg_expect(c, " -Pc ", "AODV operation");
    event->route_op = tg_take_route_op(c);
    event->tail = tg_take_rest(&rest, "AODV header");
}

static void decode_packet(struct tg_cursor *c, struct tg_event *event)
{
    if (tg_text_is(event->ptype, "AODV")) {
        decode_aodv(c, event);
    } else if (tg_text_is(event->ptype, "cbr")) {
        event->seq = key_int(c, "-Pn cbr -Pi ", G_MININT32);
        event->forwards = key_int(c, " -Pf ", 0);
        event->optimal = key_int(c, " -Po ", 0);
    } else if (tg_text_is(event->ptype, "tcp") || tg_text_is(event->ptype, "ack")) {
        event->seq = key_int(c, "-Pn tcp -Ps ", G_MININT32);
        event->ack = key_int(c, " -Pa ", G_MININT32);
        event->forwards = key_int(c, " -Pf ", 0);
        event->optimal = key_int(c, " -Po ", 0);
    } else {
        event->tail = tg_take_rest(c, "tail");
    }
}

void tg_decode_new(struct tg_cursor *c, struct tg_event *event)
{
    event->format = TG_FORMAT_NEW;
    tg_expect(c, "-t ", "time");
    event->time = tg_take_time(c);
    event->hop_src = key_int(c, " -Hs ", -2);
    event->hop_dst = key_int(c, " -Hd ", -2);
    event->next_hop = event->hop_dst >= 0 ? event->hop_dst : TG_ABSENT;
    event->node = key_int(c, " -Ni ", 0);
    event->x = key_real(c, " -Nx ");
    event->y = key_real(c, " -Ny ");
    event->z = key_real(c, " -Nz ");
    event->energy = key_real(c, " -Ne ");
    event->layer = key_word(c, " -Nl ");
    tg_expect(c, " -Nw ", "reason");
    event->reason = tg_take_reason(c);
    event->mac_duration = key_hex(c, " -Ma ");
    event->mac_dst = key_hex(c, " -Md ");
    event->mac_src = key_hex(c, " -Ms ");
    event->mac_type = key_hex(c, " -Mt ");
    tg_expect(c, " ", "end of MAC header");
    if (c->bad)
        return;
    if (tg_at_end(c)) { /* a MAC control frame, which has no ether type; others are cut off */
        if (!tg_text_is(event->layer, "MAC") || event->mac_type != 0)
            tg_fail(c, "packet header");
        return;
    }
    if (tg_sees(c, "-P arp ")) {
        decode_arp(c, event);
    } else {
        decode_ip(c, event);
        if (!c->bad)
            decode_packet(c, event);
    }
    tg_skip_blanks(c);
}
