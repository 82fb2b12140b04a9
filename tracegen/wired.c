/*
 * The wired format, Trace::format() in trace/trace.cc:
 *
 *   + 0.1 0 2 tcp 40 ------- 1 0.0 3.0 0 0              with show_tcphdr_:  ... 0 0x0 40 0
 *   1 2   3 4 5   6  7       8 9   10  11 12                                13 14 15 16
 *
 * 1 operation (+ enqueue, - dequeue, r receive, d drop, h hop, e c m; SessionSim E and D for + and
 * -), 2 time, 3 from node, 4 to node, 5 packet type, 6 size, 7 flags, 8 flow identifier, 9 source
 * address.port, 10 destination address.port, 11 sequence number (-1 none), 12 uid, 13
 * acknowledgement, 14 TCP flags, 15 header length, 16 length of the selective acknowledgement.
 *
 *   + 0.5 0 1 sctp 56 -------I 0 0.0 1.0 1 1 0 65535 65535         with show_sctphdr_
 *
 * one line a chunk: 7 flags and kind of chunk (7 alone for a kind that ns does not name), 11
 * chunks, 12 transmission sequence number, 13 uid, 14 stream, 15 sequence number in it. Satellite
 * links, SatTrace::format() in satellite/sattrace.cc, have the time with four decimals, last and
 * next hop for 3 and 4, and behind all that the latitude and longitude of both; HDLC links a frame
 * header glued to it:
 *
 *   + 1.0000 66 26 cbr 210 ------- 0 66.0 67.0 0 0 37.90 -122.30 48.90 -120.94[2 0 I 0 1]
 */
#include "tracegen/take_steps.h"
#include "tracegen/wired_address.h"

static const struct tg_step wired_steps[] = {TG_INT(" ", hop_src, -2, "from node"),
                                             TG_INT(" ", hop_dst, -2, "to node"),
                                             TG_STEP(TG_STEP_WORD, " ", ptype, 0, "packet type"),
                                             TG_INT(" ", size, 0, "size"),
                                             TG_LITERAL(" ", "flags"),
                                             TG_END};
static const struct tg_step fid_steps[] = {TG_INT(" ", fid, G_MININT32, "flow identifier"),
                                           TG_LITERAL(" ", "source address"), TG_END};
static const struct tg_step seq_steps[] = {TG_INT(" ", seq, G_MININT32, "sequence number"),
                                           TG_INT(" ", uid, G_MININT32, "uid"), TG_END};
static const struct tg_step sctp_steps[] = {TG_INT(" ", n_chunk, 1, "number of chunks"),
                                            TG_INT(" ", seq, G_MININT32,
                                                   "transmission sequence number"),
                                            TG_INT(" ", uid, G_MININT32, "uid"),
                                            TG_INT(" ", stream, 0, "stream"),
                                            TG_INT(" ", stream_seq, 0, "stream sequence number"),
                                            TG_END};
static const struct tg_step ack_steps[] = {TG_INT(" ", ack, G_MININT32, "acknowledgement"),
                                           TG_LITERAL(" ", "TCP header"), TG_END};

/* 2.0.3.PORT; at most three levels. */
static void take_end(struct tg_cursor *c, struct tg_event *event, gint64 *address, gint64 *port,
                     guint broadcast, const char *field)
{
    gint64 part[4];
    const char *from = c->p;
    int n = 0;
    do
        part[n++] = tg_take_int(c, -1, TG_MAX_INT, field);
    while (n < 4 && tg_accept(c, "."));
    *port = part[n - 1];
    for (int i = 0; n > 2 && i < n - 1; i++)
        if (part[i] < 0 || part[i] >= (i == n - 2 || i == n - 3 ? 2048 : 512)) {
            tg_fail_at(c, field, from);
            return;
        }
    if (n == 2)
        *address = part[0];
    else if (n == 3)
        *address = part[0] << 11 | part[1];
    else if (n == 4)
        *address = part[0] << 22 | part[1] << 11 | part[2];
    else
        tg_fail_at(c, field, from);
    if (n > 2)
        event->spelling |= n == 3 ? TG_SPELLING_LEVELS_2 : TG_SPELLING_LEVELS_3;
    if (*address == TG_MAX_INT) {
        *address = -1;
        event->spelling |= broadcast;
    }
}

void tg_take_wired_ends(struct tg_cursor *c, struct tg_event *event)
{
    take_end(c, event, &event->src, &event->sport, TG_SPELLING_BROADCAST_SRC, "source address");
    const guint mask = TG_SPELLING_LEVELS_2 | TG_SPELLING_LEVELS_3;
    guint of_source = event->spelling & mask;
    event->spelling &= ~mask;
    tg_expect(c, " ", "destination address");
    take_end(c, event, &event->dst, &event->dport, TG_SPELLING_BROADCAST_DST,
             "destination address");
    if (of_source != (event->spelling & mask)) /* not by one ns */
        c->odd = TRUE;
    event->spelling |= of_source;
}

static void print_end(GString *out, const struct tg_event *event, gint64 address, gint64 port,
                      guint broadcast)
{
    if (event->spelling & broadcast)
        address = TG_MAX_INT;
    if (event->spelling & TG_SPELLING_LEVELS_3)
        g_string_append_printf(out, "%d.%d.%d", (int)(address >> 22), (int)(address >> 11 & 2047),
                               (int)(address & 2047));
    else if (event->spelling & TG_SPELLING_LEVELS_2)
        g_string_append_printf(out, "%d.%d", (int)(address >> 11), (int)(address & 2047));
    else
        g_string_append_printf(out, "%d", (int)address);
    g_string_append_printf(out, ".%d", (int)port);
}

void tg_print_wired_ends(GString *out, const struct tg_event *event)
{
    print_end(out, event, event->src, event->sport, TG_SPELLING_BROADCAST_SRC);
    g_string_append_c(out, ' ');
    print_end(out, event, event->dst, event->dport, TG_SPELLING_BROADCAST_DST);
}

struct tg_text tg_take_flags(struct tg_cursor *c)
{
    struct tg_text flags = {c->p, 0};
    while (flags.n < 7 && c->p < c->end && *c->p && strchr("CPAEFN-", *c->p))
        c->p++, flags.n++;
    if (flags.n == 7 && c->p < c->end && *c->p && strchr("IDSRHBN", *c->p))
        c->p++, flags.n++;
    if (flags.n < 7)
        tg_fail_at(c, "flags", flags.at);
    return flags;
}

/* 0x10 20 0 */
static void take_tcp_header(struct tg_cursor *c, struct tg_event *event)
{
    tg_take_steps(c, event, ack_steps);
    const char *from = c->p;
    tg_expect(c, "0x", "TCP flags");
    tg_take_hex(c, "TCP flags");
    tg_expect(c, " ", "TCP header length");
    tg_take_int(c, G_MININT32, TG_MAX_INT, "TCP header length");
    tg_expect(c, " ", "TCP SACK length");
    tg_take_int(c, G_MININT32, TG_MAX_INT, "TCP SACK length");
    event->tcp_header = (struct tg_text){from, (int)(c->p - from)};
}

/* [2 0 I 0 1]  [2 0 S 1 RR]  [2 0 U SABME]   SatTrace::format_hdlc() */
static void take_hdlc(struct tg_cursor *c)
{
    tg_expect(c, "[", "HDLC header");
    tg_take_int(c, G_MININT32, TG_MAX_INT, "HDLC source");
    tg_expect(c, " ", "HDLC destination");
    tg_take_int(c, G_MININT32, TG_MAX_INT, "HDLC destination");
    gboolean information = tg_accept(c, " I ");
    if (information || tg_accept(c, " S ")) {
        tg_take_int(c, G_MININT32, TG_MAX_INT, "HDLC sequence number");
        tg_expect(c, " ", "HDLC header");
    } else {
        tg_expect(c, " U ", "HDLC frame type");
    }
    if (information)
        tg_take_int(c, G_MININT32, TG_MAX_INT, "HDLC sequence number");
    else
        tg_take_word(c, "HDLC frame type");
    tg_expect(c, "]", "HDLC header");
}

static gboolean has_decimals(const char *from, const char *end, int n)
{
    return end - from > n && end[-n - 1] == '.';
}

static void take_satellite(struct tg_cursor *c, struct tg_event *event)
{
    const char *from = c->p + 1;
    event->format = TG_FORMAT_SATELLITE;
    for (int i = 0; i < 4; i++) {
        tg_expect(c, " ", "coordinates");
        const char *coordinate = c->p;
        tg_take_real(c, 2, "coordinates");
        if (!has_decimals(coordinate, c->p, 2))
            tg_fail_at(c, "coordinates", coordinate);
    }
    if (!tg_at_end(c) || tg_text_is(event->ptype, "HDLC"))
        take_hdlc(c);
    event->tail = (struct tg_text){from, (int)(c->p - from)};
}

/* Whether a chunk follows, for which SCTP lines have four integers where TCP headers have 0x. */
static gboolean sees_chunk(struct tg_cursor c)
{
    for (int i = 0; i < 4; i++) {
        tg_expect(&c, " ", "chunk");
        tg_take_int(&c, G_MININT32, TG_MAX_INT, "chunk");
    }
    return !c.bad && tg_sees(&c, " ");
}

/* Whether the next word is a number with a point. */
static gboolean sees_coordinate(const struct tg_cursor *c)
{
    const char *p = c->p + 1;
    while (p < c->end && (tg_is_digit(*p) || *p == '-'))
        p++;
    return p < c->end && *p == '.';
}

/* Whether the time is as satellite links print it. */
static gboolean has_four_decimals(struct tg_cursor at_time)
{
    at_time.odd = FALSE;
    tg_take_time(&at_time, 4);
    return !at_time.odd;
}

void tg_take_session_op(struct tg_event *event)
{
    if (event->op != 'E' && event->op != 'D')
        return;
    event->op = event->op == 'E' ? '+' : '-';
    event->spelling |= TG_SPELLING_SESSION;
}

void tg_decode_wired(struct tg_cursor *c, struct tg_event *event)
{
    event->format = TG_FORMAT_WIRED;
    tg_take_session_op(event);
    const struct tg_cursor at_time = *c;
    gboolean odd = c->odd;
    event->time = tg_take_time(c, TG_GENERAL);
    gboolean general = c->odd == odd;
    c->odd = odd;
    tg_take_steps_inline(c, event, wired_steps);
    event->node = event->op == 'r' ? event->hop_dst : event->hop_src;
    event->next_hop = event->op == 'r' ? TG_ABSENT : event->hop_dst;
    tg_check_kind(c, event);
    event->flags = tg_take_flags(c);
    tg_take_steps_inline(c, event, fid_steps);
    tg_take_wired_ends(c, event);
    gboolean sctp = tg_text_is(event->ptype, "sctp") && (event->flags.n == 8 || sees_chunk(*c));
    if (!sctp && event->flags.n == 8)
        tg_fail_at(c, "flags", event->flags.at);
    if (sctp)
        tg_take_steps(c, event, sctp_steps);
    else
        tg_take_steps_inline(c, event, seq_steps);
    if (!sctp && !c->bad && !tg_at_end(c) && !sees_coordinate(c))
        take_tcp_header(c, event);
    if (!c->bad && !tg_at_end(c))
        take_satellite(c, event);
    gboolean satellite = event->format == TG_FORMAT_SATELLITE;
    if (!satellite && (event->hop_src < 0 || event->hop_dst < 0))
        tg_fail_at(c, "node", NULL);
    if (satellite ? !has_four_decimals(at_time) : !general)
        c->odd = TRUE;
}

void tg_print_wired(GString *out, const struct tg_event *event)
{
    tg_print_real(out, event->time, event->format == TG_FORMAT_SATELLITE ? 4 : TG_GENERAL);
    tg_print_steps(out, event, wired_steps);
    g_string_append_len(out, event->flags.at, event->flags.n);
    tg_print_steps(out, event, fid_steps);
    tg_print_wired_ends(out, event);
    tg_print_steps(out, event, event->n_chunk != TG_ABSENT ? sctp_steps : seq_steps);
    if (event->tcp_header.at) {
        tg_print_steps(out, event, ack_steps);
        g_string_append_len(out, event->tcp_header.at, event->tcp_header.n);
    }
    if (event->tail.at) {
        g_string_append_c(out, ' ');
        g_string_append_len(out, event->tail.at, event->tail.n);
    }
}
