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
 * 20 forwards, 21 optimal hops. MAC control frames end after 12, with a blank. Between 12 and 13:
 *
 *   [energy 9.948964 ei 0.050 es 0.000 et 0.000 er 0.001]     of a node with an energy model
 *
 * S-MAC has three decimal numbers for 9-12; an ns compiled with LOG_POSITION prints the node as
 * `14 (300.00 500.00)`.
 */
#include "tracegen/take_steps.h"

static const struct tg_step time_steps[] = {TG_STEP(TG_STEP_TIME, "", time, 9, "time"), TG_END};
static const struct tg_step node_steps[] = {TG_INT(" _", node, 0, "node"), TG_LITERAL("_ ", "node"),
                                            TG_END};
static const struct tg_step head_steps[] = {TG_STEP(TG_STEP_WORD, "", layer, 3, "trace level"),
                                            TG_STEP(TG_STEP_REASON, " ", reason, 4, "reason"),
                                            TG_INT(" ", uid, G_MININT32, "uid"),
                                            TG_STEP(TG_STEP_WORD, " ", ptype, 0, "packet type"),
                                            TG_INT(" ", size, 0, "size"),
                                            TG_END};
static const struct tg_step mac_steps[] = {TG_STEP(TG_STEP_DURATION, " [", mac_duration, 0,
                                                   "MAC duration"),
                                           TG_STEP(TG_STEP_HEX, " ", mac_dst, 0, "MAC receiver"),
                                           TG_STEP(TG_STEP_HEX, " ", mac_src, 0, "MAC transmitter"),
                                           TG_STEP(TG_STEP_HEX, " ", mac_type, 0, "MAC type"),
                                           TG_LITERAL("]", "MAC header"),
                                           TG_BLANK("MAC header"),
                                           TG_END};
const struct tg_step tg_smac_steps[] = {TG_STEP(TG_STEP_REAL, " [", mac_duration, 2,
                                                "MAC duration"),
                                        TG_INT(" ", mac_dst, G_MININT32, "MAC receiver"),
                                        TG_INT(" ", mac_src, G_MININT32, "MAC transmitter"),
                                        TG_LITERAL("]", "MAC header"),
                                        TG_BLANK("MAC header"),
                                        TG_END};
static const struct tg_step energy_steps[] = {TG_STEP(TG_STEP_REAL, "[energy ", energy, 6,
                                                      "energy"),
                                              TG_LITERAL(" ", "energy"), TG_END};
static const struct tg_step arp_steps[] = {TG_STEP(TG_STEP_WORD, "------- [", arp_op, 0,
                                                   "ARP operation"),
                                           TG_INT(" ", arp_src_mac, G_MININT32, "ARP sender"),
                                           TG_INT("/", arp_src, G_MININT32, "ARP sender"),
                                           TG_INT(" ", arp_dst_mac, G_MININT32, "ARP target"),
                                           TG_INT("/", arp_dst, G_MININT32, "ARP target"),
                                           TG_LITERAL("]", "ARP header"),
                                           TG_END};
static const struct tg_step ip_steps[] = {TG_STEP(TG_STEP_ADDRESS, "------- [", src,
                                                  TG_SPELLING_BROADCAST_SRC, "source address"),
                                          TG_INT(":", sport, -1, "source port"),
                                          TG_STEP(TG_STEP_ADDRESS, " ", dst,
                                                  TG_SPELLING_BROADCAST_DST, "destination address"),
                                          TG_INT(":", dport, -1, "destination port"),
                                          TG_INT(" ", ttl, G_MININT32, "ttl"),
                                          TG_INT(" ", next_hop, 0, "next hop"),
                                          TG_LITERAL("]", "IP header"),
                                          TG_BLANK("IP header"),
                                          TG_END};

void tg_check_kind(struct tg_cursor *c, const struct tg_event *event)
{
    const struct tg_text level = event->layer, ptype = event->ptype;
    if (level.at && (level.n != 3 || !g_ascii_isupper(level.at[0]) ||
                     !g_ascii_isupper(level.at[1]) || !g_ascii_isupper(level.at[2])))
        tg_fail_at(c, "trace level", level.at);
    if (ptype.at && !g_ascii_isalpha(ptype.at[0]))
        tg_fail_at(c, "packet type", ptype.at);
    if (event->arp_op.at && !tg_text_is(event->arp_op, "REQUEST") &&
        !tg_text_is(event->arp_op, "REPLY"))
        tg_fail_at(c, "ARP operation", event->arp_op.at);
}

/* format_mac_common(): frames without anything behind the MAC header. */
gboolean tg_is_mac_control(struct tg_text ptype)
{
    switch (ptype.n > 0 ? ptype.at[0] : '\0') {
    case 'A':
        return tg_text_is(ptype, "ACK") || tg_text_is(ptype, "ACRQ") || tg_text_is(ptype, "ACRP") ||
               tg_text_is(ptype, "AUTH");
    case 'B':
        return tg_text_is(ptype, "BCN");
    case 'C':
        return tg_text_is(ptype, "CTS") ||
               (ptype.n == 3 && ptype.at[1] == 'M' && ptype.at[2] >= '1' && ptype.at[2] <= '9');
    case 'M':
        return tg_text_is(ptype, "MAC");
    case 'P':
        return tg_text_is(ptype, "PRRQ") || tg_text_is(ptype, "PRRP");
    case 'R':
        return tg_text_is(ptype, "RTS");
    case 'S':
        return tg_text_is(ptype, "SYNC");
    case 'U':
        return tg_text_is(ptype, "UNKN");
    case 's':
        return tg_text_is(ptype, "smac");
    default:
        return FALSE;
    }
}

/* %6.2f */
static double take_coordinate(struct tg_cursor *c)
{
    int n_blank = tg_skip_blanks(c);
    const char *from = c->p;
    double value = tg_take_real(c, 2, "position");
    if (n_blank != MAX(6 - (int)(c->p - from), 0))
        c->odd = TRUE;
    return value;
}

/*  14 (300.00 500.00)  */
static void decode_position(struct tg_cursor *c, struct tg_event *event)
{
    event->spelling |= TG_SPELLING_POSITION;
    tg_expect(c, " ", "node");
    event->node = tg_take_int(c, 0, TG_MAX_INT, "node");
    tg_expect(c, " (", "position");
    event->x = take_coordinate(c);
    tg_expect(c, " ", "position");
    event->y = take_coordinate(c);
    tg_expect(c, ") ", "position");
}

static void decode_mac(struct tg_cursor *c, struct tg_event *event)
{
    if (event->spelling & TG_SPELLING_POSITION)
        tg_expect(c, " ", "MAC header");
    if (tg_text_is(event->layer, "PHY") && !tg_sees(c, " [")) { /* format_phy() */
        event->spelling |= TG_SPELLING_NO_MAC;
        tg_expect(c, " ", "MAC header");
        return;
    }
    if (!tg_expect(c, " [", "MAC header"))
        return;
    c->p -= 2;
    const char *p = c->p + 2;
    while (p < c->end && *p != ' ' && *p != '.')
        p++;
    gboolean smac = p < c->end && *p == '.';
    if (smac)
        event->spelling |= TG_SPELLING_SMAC;
    if (smac)
        tg_take_steps(c, event, tg_smac_steps);
    else
        tg_take_steps_inline(c, event, mac_steps);
}

/* The blank that ends a control frame, unless an editor took it away. */
static void take_last_blank(struct tg_cursor *c, const char *field)
{
    if (tg_at_end(c))
        c->odd = TRUE;
    else
        tg_expect(c, " ", field);
}

static void decode_energy(struct tg_cursor *c, struct tg_event *event)
{
    static const char *const keys[] = {"ei ", " es ", " et ", " er "};
    tg_take_steps_inline(c, event, energy_steps);
    const char *from = c->p;
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        tg_expect(c, keys[i], "energy");
        tg_take_real(c, 3, "energy");
    }
    event->radio = (struct tg_text){from, (int)(c->p - from)};
    tg_expect(c, "]", "energy");
    take_last_blank(c, "energy");
}

void tg_decode_old(struct tg_cursor *c, struct tg_event *event)
{
    event->format = TG_FORMAT_OLD;
    if (event->op == 'D')
        event->op = 'd';
    tg_take_steps_inline(c, event, time_steps);
    if (c->end - c->p > 1 && c->p[1] != '_')
        decode_position(c, event);
    else
        tg_take_steps_inline(c, event, node_steps);
    tg_take_steps_inline(c, event, head_steps);
    tg_check_kind(c, event);
    if (c->bad)
        return;
    decode_mac(c, event);
    if (!(event->spelling & TG_SPELLING_NO_MAC) && tg_sees(c, "[energy "))
        decode_energy(c, event);
    if (c->bad || tg_is_mac_control(event->ptype))
        return;
    if (tg_text_is(event->ptype, "ARP")) {
        tg_take_steps_inline(c, event, arp_steps);
        tg_check_kind(c, event);
        return;
    }
    tg_take_steps_inline(c, event, ip_steps);
    if (!c->bad)
        tg_take_tail(c, event);
}

static void print_position(GString *out, const struct tg_event *event)
{
    char x[400], y[400]; /* as long as a double can be */
    g_string_append_printf(out, " %" G_GINT64_FORMAT " (%6s %6s) ", event->node,
                           g_ascii_formatd(x, sizeof x, "%.2f", event->x),
                           g_ascii_formatd(y, sizeof y, "%.2f", event->y));
}

void tg_print_old(GString *out, const struct tg_event *event)
{
    gboolean position = (event->spelling & TG_SPELLING_POSITION) != 0;
    tg_print_steps(out, event, time_steps);
    if (position)
        print_position(out, event);
    else
        tg_print_steps(out, event, node_steps);
    tg_print_steps(out, event, head_steps);
    if (position)
        g_string_append_c(out, ' ');
    if (event->spelling & TG_SPELLING_NO_MAC)
        g_string_append_c(out, ' ');
    else
        tg_print_steps(out, event, event->spelling & TG_SPELLING_SMAC ? tg_smac_steps : mac_steps);
    if (event->radio.at) {
        tg_print_steps(out, event, energy_steps);
        g_string_append_len(out, event->radio.at, event->radio.n);
        g_string_append(out, "] ");
    }
    if (tg_is_mac_control(event->ptype))
        return;
    if (event->arp_op.at) {
        tg_print_steps(out, event, arp_steps);
    } else {
        tg_print_steps(out, event, ip_steps);
        tg_print_tail(out, event);
    }
}
