/*
 * The new wireless format (`use-newtrace`), CMUTrace::format_mac_common() in trace/cmu-trace.cc:
 *
 *   r -t 0.008021000 -Hs 15 -Hd 15 -Ni 15 -Nx 900.00 -Ny 300.00 -Nz 0.00 -Ne -1.000000
 *     -Nl AGT -Nw --- -Ma 13a -Md 11 -Ms 10 -Mt 800
 *     -Is 14.0 -Id 15.0 -It cbr -Il 1520 -If 0 -Ii 0 -Iv 30 -Pn cbr -Pi 0 -Pf 1 -Po 0
 *
 * -H this node and next hop, -N node, position, energy, trace level, reason, -M MAC duration,
 * receiver, transmitter, type (hexadecimal), -I IP header, -P packet. MAC control frames, at level
 * MAC or PHY, end after -Mt; ARP has no -I block and so no size. S-MAC prints ` [0.05 2 1] ` for
 * -M. Lines end in a blank.
 */
#include "tracegen/take_steps.h"

static const struct tg_step head_steps[] = {TG_STEP(TG_STEP_TIME, "-t ", time, 9, "-t"),
                                            TG_INT(" -Hs ", hop_src, -2, "-Hs"),
                                            TG_INT(" -Hd ", hop_dst, G_MININT32, "-Hd"),
                                            TG_INT(" -Ni ", node, 0, "-Ni"),
                                            TG_STEP(TG_STEP_REAL, " -Nx ", x, 2, "-Nx"),
                                            TG_STEP(TG_STEP_REAL, " -Ny ", y, 2, "-Ny"),
                                            TG_STEP(TG_STEP_REAL, " -Nz ", z, 2, "-Nz"),
                                            TG_STEP(TG_STEP_REAL, " -Ne ", energy, 6, "-Ne"),
                                            TG_STEP(TG_STEP_WORD, " -Nl ", layer, 3, "-Nl"),
                                            TG_STEP(TG_STEP_REASON, " -Nw ", reason, 0, "-Nw"),
                                            TG_LITERAL(" ", "MAC header"),
                                            TG_END};
static const struct tg_step mac_steps[] = {TG_STEP(TG_STEP_DURATION, "-Ma ", mac_duration, 0,
                                                   "-Ma"),
                                           TG_STEP(TG_STEP_HEX, " -Md ", mac_dst, 0, "-Md"),
                                           TG_STEP(TG_STEP_HEX, " -Ms ", mac_src, 0, "-Ms"),
                                           TG_STEP(TG_STEP_HEX, " -Mt ", mac_type, 0, "-Mt"),
                                           TG_BLANK("end of MAC header"),
                                           TG_END};
static const struct tg_step arp_steps[] = {TG_STEP(TG_STEP_WORD, "-P arp -Po ", arp_op, 0, "-Po"),
                                           TG_INT(" -Pms ", arp_src_mac, G_MININT32, "-Pms"),
                                           TG_INT(" -Ps ", arp_src, G_MININT32, "-Ps"),
                                           TG_INT(" -Pmd ", arp_dst_mac, G_MININT32, "-Pmd"),
                                           TG_INT(" -Pd ", arp_dst, G_MININT32, "-Pd"),
                                           TG_BLANK("end of ARP header"),
                                           TG_END};
static const struct tg_step ip_steps[] = {TG_STEP(TG_STEP_ADDRESS, "-Is ", src,
                                                  TG_SPELLING_BROADCAST_SRC, "-Is"),
                                          TG_INT(".", sport, -1, "-Is"),
                                          TG_STEP(TG_STEP_ADDRESS, " -Id ", dst,
                                                  TG_SPELLING_BROADCAST_DST, "-Id"),
                                          TG_INT(".", dport, -1, "-Id"),
                                          TG_STEP(TG_STEP_WORD, " -It ", ptype, 0, "-It"),
                                          TG_INT(" -Il ", size, 0, "-Il"),
                                          TG_INT(" -If ", fid, G_MININT32, "-If"),
                                          TG_INT(" -Ii ", uid, G_MININT32, "-Ii"),
                                          TG_INT(" -Iv ", ttl, G_MININT32, "-Iv"),
                                          TG_BLANK("end of IP header"),
                                          TG_END};

void tg_decode_new(struct tg_cursor *c, struct tg_event *event)
{
    event->format = TG_FORMAT_NEW;
    tg_take_steps_inline(c, event, head_steps);
    tg_check_kind(c, event);
    event->next_hop = event->hop_dst >= 0 ? event->hop_dst : TG_ABSENT;
    gboolean smac = tg_sees(c, " [");
    if (smac)
        event->spelling |= TG_SPELLING_SMAC;
    if (smac)
        tg_take_steps(c, event, tg_smac_steps);
    else
        tg_take_steps_inline(c, event, mac_steps);
    if (c->bad)
        return;
    if (tg_at_end(c)) { /* a MAC control frame, which has no ether type; others are cut off */
        gboolean low = tg_text_is(event->layer, "MAC") || tg_text_is(event->layer, "PHY");
        if (!low || (!smac && event->mac_type != 0))
            tg_fail(c, "packet header");
    } else if (tg_sees(c, "-P arp ")) {
        event->ptype = (struct tg_text){c->p + 3, 3}; /* arp, as the line prints it */
        tg_take_steps(c, event, arp_steps);
        tg_check_kind(c, event);
    } else {
        tg_take_steps_inline(c, event, ip_steps);
        tg_check_kind(c, event);
        if (!c->bad)
            tg_take_tail(c, event);
    }
}

void tg_print_new(GString *out, const struct tg_event *event)
{
    tg_print_steps(out, event, head_steps);
    tg_print_steps(out, event, event->spelling & TG_SPELLING_SMAC ? tg_smac_steps : mac_steps);
    if (event->arp_op.at) {
        tg_print_steps(out, event, arp_steps);
    } else if (event->ptype.at) {
        tg_print_steps(out, event, ip_steps);
        tg_print_tail(out, event);
    }
}
