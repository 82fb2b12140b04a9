/*
 * The tagged formats (`use-taggedtrace`). Wireless, CMUTrace::format_mac_common():
 *
 *   + 0.57 -s 2 -d -1 -p cbr -k AGT -i 3 -N:loc {5.00 2.00 0.00} -N:en -1.000000
 *     -M:dur 0 -M:s 0 -M:d 0 -M:t 0
 *     -IP:s 2 -IP:sp 0 -IP:d 3 -IP:dp 0 -p cbr -e 512 -c 0 -i 3 -IP:ttl 32 -cbr:s 0 -cbr:f 0 ...
 *
 * Operations are + send, r, d, h forward, x; -s this node, -d next hop; -M:s is the receiver and
 * -M:d the transmitter (ns-2 swaps the names); drops have no reason. Links, Trace::format():
 *
 *   + 0.1 -s 0 -d 2 -p tcp -e 40 -c 1 -i 0 -a 1 -x {0.0 3.0 0 ------- null}
 *
 * -e size, -c and -a flow identifier, -i uid, -x source, destination, sequence number, flags, SRM
 * message type; operations as in the wired format. Behind every - line stands an h line with
 * sequence number -1.
 */
#include "tracegen/take_steps.h"
#include "tracegen/wired_address.h"

static const struct tg_step common_steps[] = {TG_STEP(TG_STEP_TIME, "", time, TG_GENERAL, "time"),
                                              TG_INT(" -s ", hop_src, -1, "-s"),
                                              TG_INT(" -d ", hop_dst, -1, "-d"),
                                              TG_STEP(TG_STEP_WORD, " -p ", ptype, 0, "-p"),
                                              TG_LITERAL(" -", "-p"),
                                              TG_END};
static const struct tg_step head_steps[] = {TG_STEP(TG_STEP_WORD, "k ", layer, 3, "-k"),
                                            TG_INT(" -i ", uid, G_MININT32, "-i"),
                                            TG_STEP(TG_STEP_REAL, " -N:loc {", x, 2, "-N:loc"),
                                            TG_STEP(TG_STEP_REAL, " ", y, 2, "-N:loc"),
                                            TG_STEP(TG_STEP_REAL, " ", z, 2, "-N:loc"),
                                            TG_STEP(TG_STEP_REAL, "} -N:en ", energy, 6, "-N:en"),
                                            TG_LITERAL(" ", "-N:en"),
                                            TG_END};
static const struct tg_step mac_steps[] = {TG_STEP(TG_STEP_DURATION, "-M:dur ", mac_duration, 0,
                                                   "-M:dur"),
                                           TG_STEP(TG_STEP_HEX, " -M:s ", mac_dst, 0, "-M:s"),
                                           TG_STEP(TG_STEP_HEX, " -M:d ", mac_src, 0, "-M:d"),
                                           TG_STEP(TG_STEP_HEX, " -M:t ", mac_type, 0, "-M:t"),
                                           TG_BLANK("end of MAC header"),
                                           TG_END};
static const struct tg_step arp_steps[] = {TG_STEP(TG_STEP_WORD, "-arp:op ", arp_op, 0, "-arp:op"),
                                           TG_INT(" -arp:ms ", arp_src_mac, G_MININT32, "-arp:ms"),
                                           TG_INT(" -arp:s ", arp_src, G_MININT32, "-arp:s"),
                                           TG_INT(" -arp:md ", arp_dst_mac, G_MININT32, "-arp:md"),
                                           TG_INT(" -arp:d ", arp_dst, G_MININT32, "-arp:d"),
                                           TG_BLANK("end of ARP header"),
                                           TG_END};
static const struct tg_step ip_steps[] = {TG_STEP(TG_STEP_ADDRESS, "-IP:s ", src,
                                                  TG_SPELLING_BROADCAST_SRC, "-IP:s"),
                                          TG_INT(" -IP:sp ", sport, -1, "-IP:sp"),
                                          TG_STEP(TG_STEP_ADDRESS, " -IP:d ", dst,
                                                  TG_SPELLING_BROADCAST_DST, "-IP:d"),
                                          TG_INT(" -IP:dp ", dport, -1, "-IP:dp"),
                                          TG_STEP(TG_STEP_AGAIN_WORD, " -p ", ptype, 0, "-p"),
                                          TG_INT(" -e ", size, 0, "-e"),
                                          TG_INT(" -c ", fid, G_MININT32, "-c"),
                                          TG_STEP(TG_STEP_AGAIN_INT, " -i ", uid, 0, "-i"),
                                          TG_INT(" -IP:ttl ", ttl, G_MININT32, "-IP:ttl"),
                                          TG_BLANK("end of IP header"),
                                          TG_END};
static const struct tg_step wired_steps[] = {TG_INT("e ", size, 0, "-e"),
                                             TG_INT(" -c ", fid, G_MININT32, "-c"),
                                             TG_INT(" -i ", uid, G_MININT32, "-i"),
                                             TG_STEP(TG_STEP_AGAIN_INT, " -a ", fid, 0, "-a"),
                                             TG_LITERAL(" -x {", "-x"),
                                             TG_END};
static const struct tg_step seq_steps[] = {TG_INT(" ", seq, G_MININT32, "sequence number"),
                                           TG_LITERAL(" ", "flags"), TG_END};

static void decode_wireless(struct tg_cursor *c, struct tg_event *event)
{
    event->format = TG_FORMAT_TAGGED;
    if (!strchr("+rhdx", event->op))
        tg_fail_at(c, "operation", NULL);
    event->op = event->op == '+' ? 's' : event->op == 'h' ? 'f' : event->op;
    event->node = event->hop_src;
    if (event->node < 0)
        tg_fail_at(c, "-s", NULL);
    event->next_hop = event->hop_dst >= 0 ? event->hop_dst : TG_ABSENT;
    tg_take_steps_inline(c, event, head_steps);
    tg_check_kind(c, event);
    gboolean smac = tg_sees(c, " [");
    if (smac)
        event->spelling |= TG_SPELLING_SMAC;
    if (smac)
        tg_take_steps(c, event, tg_smac_steps);
    else
        tg_take_steps_inline(c, event, mac_steps);
    if (c->bad)
        return;
    if (tg_is_mac_control(event->ptype)) { /* without its last blank it may be cut off */
        if (!smac && event->mac_type != 0 && c->p[-1] != ' ')
            tg_fail(c, "end of MAC header");
        return;
    }
    if (tg_text_is(event->ptype, "ARP")) {
        tg_take_steps(c, event, arp_steps);
        tg_check_kind(c, event);
    } else {
        tg_take_steps_inline(c, event, ip_steps);
        if (!c->bad)
            tg_take_tail(c, event);
    }
}

static void decode_wired(struct tg_cursor *c, struct tg_event *event)
{
    event->format = TG_FORMAT_WIRED_TAGGED;
    if (!strchr("+-rdhecmED", event->op))
        tg_fail_at(c, "operation", NULL);
    tg_take_session_op(event);
    if (event->hop_src < 0 || event->hop_dst < 0)
        tg_fail_at(c, "-s", NULL);
    event->node = event->op == 'r' ? event->hop_dst : event->hop_src;
    event->next_hop = event->op == 'r' ? TG_ABSENT : event->hop_dst;
    tg_take_steps_inline(c, event, wired_steps);
    tg_check_kind(c, event);
    tg_take_wired_ends(c, event);
    tg_take_steps_inline(c, event, seq_steps);
    event->flags = tg_take_flags(c);
    tg_expect(c, " ", "flags");
    event->srm = tg_take_word(c, "SRM type");
    if (event->srm.at && tg_text_is(event->srm, "null"))
        event->srm = (struct tg_text){NULL, 0};
    else if (event->srm.at && (event->srm.n < 4 || memcmp(event->srm.at, "SRM_", 4) != 0))
        tg_fail_at(c, "SRM type", event->srm.at);
    tg_expect(c, "}", "end of -x");
}

void tg_decode_tagged(struct tg_cursor *c, struct tg_event *event)
{
    tg_take_steps_inline(c, event, common_steps);
    if (tg_sees(c, "k "))
        decode_wireless(c, event);
    else
        decode_wired(c, event);
}

void tg_print_tagged(GString *out, const struct tg_event *event)
{
    tg_print_steps(out, event, common_steps);
    tg_print_steps(out, event, head_steps);
    tg_print_steps(out, event, event->spelling & TG_SPELLING_SMAC ? tg_smac_steps : mac_steps);
    if (event->arp_op.at) {
        tg_print_steps(out, event, arp_steps);
    } else if (!tg_is_mac_control(event->ptype)) {
        tg_print_steps(out, event, ip_steps);
        tg_print_tail(out, event);
    }
}

void tg_print_wired_tagged(GString *out, const struct tg_event *event)
{
    tg_print_steps(out, event, common_steps);
    tg_print_steps(out, event, wired_steps);
    tg_print_wired_ends(out, event);
    tg_print_steps(out, event, seq_steps);
    g_string_append_len(out, event->flags.at, event->flags.n);
    g_string_append_c(out, ' ');
    g_string_append_len(out, event->srm.at ? event->srm.at : "null",
                        event->srm.at ? event->srm.n : 4);
    g_string_append_c(out, '}');
}
