/*
 * The old wireless format, CMUTrace::format() in trace/cmu-trace.cc:
 *
 *   s 0.002926948 _14_ MAC  --- 0 RTS 44 [436 2 e 0]
 *   r 0.008021000 _15_ AGT  --- 0 cbr 1520 [13a 11 10 800] ------- [14:0 15:0 30 15] [0] 1 0
 *   1 2           3    4    5   6 7   8     9   10 11 12           13 14 15 16 17 18  19 20 21
 *
 * 1 operation (s r f D x), 2 time, 3 node, 4 trace level, 5 reason, 6 uid, 7 packet type, 8 size,
 * 9 MAC duration, 10 receiver, 11 transmitter, 12 ether type (hexadecimal; none at PHY level),
 * 13-18 source:port destination:port ttl next hop, then a tail by packet type: 19 sequence number,
 * 20 forwards, 21 optimal hops. MAC control frames end after 12.
 */
#include "tracegen/cursor.h"

/* format_mac_common(): frames that end after the MAC header. */
static gboolean is_mac_control(struct tg_text ptype)
{
    static const char *const types[] = {"RTS",  "CTS",  "ACK",  "BCN",  "ACRQ", "ACRP",
                                        "AUTH", "PRRQ", "PRRP", "UNKN", "SYNC"};
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (tg_text_is(ptype, types[i]))
            return TRUE;
    return ptype.n == 3 && ptype.at[0] == 'C' && ptype.at[1] == 'M' && ptype.at[2] >= '1' &&
           ptype.at[2] <= '9';
}

static void decode_mac(struct tg_cursor *c, struct tg_event *event)
{
    tg_expect(c, "[", "MAC header");
    event->mac_duration = tg_take_hex(c, "MAC duration");
    tg_expect(c, " ", "MAC receiver");
    event->mac_dst = tg_take_hex(c, "MAC receiver");
    tg_expect(c, " ", "MAC transmitter");
    event->mac_src = tg_take_hex(c, "MAC transmitter");
    tg_expect(c, " ", "MAC type");
    event->mac_type = tg_take_hex(c, "MAC type");
    tg_expect(c, "] ", "MAC header");
}

/* format_arp():  ------- [REQUEST 2/2 0/14] */
static void decode_arp(struct tg_cursor *c, struct tg_event *event)
{
    tg_expect(c, "------- [", "ARP header");
    event->arp_op = tg_take_word(c, "ARP operation");
    tg_expect(c, " ", "ARP sender");
    event->arp_src_mac = tg_take_int(c, G_MININT32, TG_MAX_INT, "ARP sender");
    tg_expect(c, "/", "ARP sender");
    event->arp_src = tg_take_address(c, "ARP sender");
    tg_expect(c, " ", "ARP target");
    event->arp_dst_mac = tg_take_int(c, G_MININT32, TG_MAX_INT, "ARP target");
    tg_expect(c, "/", "ARP target");
    event->arp_dst = tg_take_address(c, "ARP target");
    tg_expect(c, "]", "ARP header");
}

/* format_ip():  ------- [14:0 15:0 30 15] */
static void decode_ip(struct tg_cursor *c, struct tg_event *event)
{
    tg_expect(c, "------- [", "IP header");
    event->src = tg_take_address(c, "source address");
    tg_expect(c, ":", "source port");
    event->sport = tg_take_int(c, -1, TG_MAX_INT, "source port");
    tg_expect(c, " ", "destination address");
    event->dst = tg_take_address(c, "destination address");
    tg_expect(c, ":", "destination port");
    event->dport = tg_take_int(c, -1, TG_MAX_INT, "destination port");
    tg_expect(c, " ", "ttl");
    event->ttl = tg_take_int(c, G_MININT32, TG_MAX_INT, "ttl");
    tg_expect(c, " ", "next hop");
    event->next_hop = tg_take_address(c, "next hop");
    tg_expect(c, "] ", "IP header");
}

/* format_tcp(): [SEQ ACK] FORWARDS OPTIMAL;  format_rtp() for cbr: [SEQ] FORWARDS OPTIMAL */
static void decode_counters(struct tg_cursor *c, struct tg_event *event, gboolean tcp)
{
    tg_expect(c, "[", "sequence number");
    event->seq = tg_take_int(c, G_MININT32, TG_MAX_INT, "sequence number");
    if (tcp) {
        tg_expect(c, " ", "acknowledgement");
        event->ack = tg_take_int(c, G_MININT32, TG_MAX_INT, "acknowledgement");
    }
    tg_expect(c, "] ", "sequence number");
    event->forwards = tg_take_int(c, 0, TG_MAX_INT, "forwards");
    tg_expect(c, " ", "optimal hops");
    event->optimal = tg_take_int(c, 0, TG_MAX_INT, "optimal hops");
}

/*
 * format_aodv():  [0x2 1 1 [15 0] [14 4]] (REQUEST)    type hops broadcast-id [dst seq] [src seq]
 *                 [0x4 1 [2 4] 10.000000] (REPLY)      type hops [dst seq] lifetime
 */
static void decode_aodv(struct tg_cursor *c, struct tg_event *event)
{
    struct tg_cursor rest = *c;
    tg_expect(c, "[0x", "AODV type");
    tg_take_hex(c, "AODV type");
    tg_expect(c, " ", "AODV hops");
    tg_take_int(c, 0, TG_MAX_INT, "AODV hops");
    tg_expect(c, " ", "AODV header");
    gboolean request = !tg_sees(c, "[");
    if (request) {
        tg_take_int(c, G_MININT32, TG_MAX_INT, "AODV broadcast id");
        tg_expect(c, " ", "AODV destination");
    }
    tg_expect(c, "[", "AODV destination");
    event->route_dst = tg_take_address(c, "AODV destination");
    tg_expect(c, " ", "AODV destination");
    tg_take_int(c, G_MININT32, TG_MAX_INT, "AODV sequence number");
    tg_expect(c, "] ", "AODV destination");
    if (request) {
        tg_expect(c, "[", "AODV source");
        event->route_src = tg_take_address(c, "AODV source");
        tg_expect(c, " ", "AODV source");
        tg_take_int(c, G_MININT32, TG_MAX_INT, "AODV sequence number");
        tg_expect(c, "]", "AODV source");
    } else {
        tg_take_real(c, "AODV lifetime");
    }
    tg_expect(c, "] (", "AODV header");
    event->route_op = tg_take_route_op(c);
    tg_expect(c, ")", "AODV operation");
    event->tail = tg_take_rest(&rest, "AODV header");
}

static void decode_tail(struct tg_cursor *c, struct tg_event *event)
{
    if (tg_text_is(event->ptype, "cbr"))
        decode_counters(c, event, FALSE);
    else if (tg_text_is(event->ptype, "tcp") || tg_text_is(event->ptype, "ack"))
        decode_counters(c, event, TRUE);
    else if (tg_text_is(event->ptype, "AODV"))
        decode_aodv(c, event);
    else
        event->tail = tg_take_rest(c, "tail");
}

void tg_decode_old(struct tg_cursor *c, struct tg_event *event)
{
    event->format = TG_FORMAT_OLD;
    if (event->op == 'D')
        event->op = 'd';
    event->time = tg_take_time(c);
    tg_expect(c, " _", "node");
    event->node = tg_take_int(c, 0, TG_MAX_INT, "node");
    tg_expect(c, "_ ", "node");
    event->layer = tg_take_word(c, "trace level");
    tg_expect(c, " ", "reason");
    tg_skip_blanks(c); /* %3s and %4s */
    event->reason = tg_take_reason(c);
    tg_expect(c, " ", "uid");
    event->uid = tg_take_int(c, G_MININT32, TG_MAX_INT, "uid");
    tg_expect(c, " ", "packet type");
    event->ptype = tg_take_word(c, "packet type");
    tg_expect(c, " ", "size");
    event->size = tg_take_int(c, 0, TG_MAX_INT, "size");
    tg_expect(c, " ", "MAC header");
    if (c->bad)
        return;
    if (!tg_sees(c, "-------") && !tg_sees(c, "[energy"))
        decode_mac(c, event);
    struct tg_cursor rest = *c;
    gboolean has_energy = tg_accept(c, "[energy ");
    if (has_energy) {
        event->energy = tg_take_real(c, "energy");
        while (c->p < c->end && *c->p != ']')
            c->p++;
        tg_expect(c, "] ", "energy");
    }
    if (c->bad || is_mac_control(event->ptype))
        ;
    else if (tg_text_is(event->ptype, "ARP"))
        decode_arp(c, event);
    else {
        decode_ip(c, event);
        if (!c->bad)
            decode_tail(c, event);
    }
    if (has_energy && !c->bad) { /* its other values stay in the tail, with all that follows */
        event->tail = tg_take_rest(&rest, "energy");
        if (rest.bad)
            tg_fail(c, rest.bad);
    }
    tg_skip_blanks(c);
}
