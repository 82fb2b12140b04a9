/*
 * What CMUTrace::format() prints behind the IP header, by packet type (trace/cmu-trace.cc). The
 * patterns are ns-2's own printf formats, where capitals stand for numbers and words that are
 * fields of the event.
 */
#include "tracegen/take_steps.h"

/* format_tcp(), format_rtp() */
static const struct tg_step old_tcp[] = {TG_INT("[", seq, G_MININT32, "sequence number"),
                                         TG_INT(" ", ack, G_MININT32, "acknowledgement"),
                                         TG_INT("] ", forwards, 0, "forwards"),
                                         TG_INT(" ", optimal, 0, "optimal hops"), TG_END};
static const struct tg_step old_cbr[] = {TG_INT("[", seq, G_MININT32, "sequence number"),
                                         TG_INT("] ", forwards, 0, "forwards"),
                                         TG_INT(" ", optimal, 0, "optimal hops"), TG_END};
static const struct tg_step new_tcp[] = {TG_INT("-Pn tcp -Ps ", seq, G_MININT32, "-Ps"),
                                         TG_INT(" -Pa ", ack, G_MININT32, "-Pa"),
                                         TG_INT(" -Pf ", forwards, 0, "-Pf"),
                                         TG_INT(" -Po ", optimal, 0, "-Po"),
                                         TG_BLANK("end of packet header"),
                                         TG_END};
static const struct tg_step new_cbr[] = {TG_INT("-Pn cbr -Pi ", seq, G_MININT32, "-Pi"),
                                         TG_INT(" -Pf ", forwards, 0, "-Pf"),
                                         TG_INT(" -Po ", optimal, 0, "-Po"),
                                         TG_BLANK("end of packet header"), TG_END};
static const struct tg_step tagged_tcp[] = {TG_INT("-tcp:s ", seq, G_MININT32, "-tcp:s"),
                                            TG_INT(" -tcp:a ", ack, G_MININT32, "-tcp:a"),
                                            TG_INT(" -tcp:f ", forwards, 0, "-tcp:f"),
                                            TG_INT(" -tcp:o ", optimal, 0, "-tcp:o"),
                                            TG_BLANK("end of packet header"),
                                            TG_END};
static const struct tg_step tagged_cbr[] = {TG_INT("-cbr:s ", seq, G_MININT32, "-cbr:s"),
                                            TG_INT(" -cbr:f ", forwards, 0, "-cbr:f"),
                                            TG_INT(" -cbr:o ", optimal, 0, "-cbr:o"),
                                            TG_BLANK("end of packet header"), TG_END};
static const struct tg_step *const tcp_steps[] = {old_tcp, new_tcp, tagged_tcp};
static const struct tg_step *const cbr_steps[] = {old_cbr, new_cbr, tagged_cbr};

/* D route_dst, S route_src, O route_op; N chunks, K kind of chunk, T seq, I stream, J stream_seq,
   F forwards, P optimal; otherwise as in printf, %s being a word. */
struct tail {
    const char *ptype, *old, *new, *tagged;
};

#define DSR_TAGGED                                                                                 \
    "-dsr:h %d -dsr:q %d -dsr:s %d -dsr:p %d -dsr:n %d -dsr:l %d -dsr:e {%d %d} -dsr:w %d "        \
    "-dsr:m %d -dsr:c %d -dsr:b {%d %d}"
#define DSR_NEW                                                                                    \
    "-P dsr -Ph %d -Pq %d -Ps %d -Pp %d -Pn %d -Pl %d -Pe %d->%d -Pw %d -Pm %d -Pc %d -Pb %d->%d"

static const struct tail tails[] = {
    {"AODV", "[0x%x %d %d [%D %d] [%S %d]] (%O)",
     "-P aodv -Pt 0x%x -Ph %d -Pb %d -Pd %D -Pds %d -Ps %S -Pss %d -Pc %O",
     "-aodv:t %x -aodv:h %d -aodv:b %d -aodv:d %D -aodv:ds %d -aodv:s %S -aodv:ss %d -aodv:c %O"},
    {"AODV", "[0x%x %d [%D %d] %f] (%O)", "-P aodv -Pt 0x%x -Ph %d -Pd %D -Pds %d -Pl %f -Pc %O",
     "-aodv:t %x -aodv:h %d -aodv:d %D -adov:ds %d -aodv:l %f -aodv:c %O"},
    {"AOMDV", "[0x%x %d %d [%D %d] [%S %d]] (%O)",
     "-P aomdv -Pt 0x%x -Ph %d -Pb %d -Pd %D -Pds %d -Ps %S -Pss %d -Pc %O",
     "-aomdv:t %x -aomdv:h %d -aomdv:b %d -aomdv:d %D -aomdv:ds %d -aomdv:s %S -aomdv:ss %d "
     "-aomdv:c %O"},
    {"AOMDV", "[0x%x %d [%D %d] %f] (%O) [%d %d]",
     "-P aomdv -Pt 0x%x -Ph %d -Pd %D -Pds %d -Pl %f -Pc %O",
     "-aomdv:t %x -aomdv:h %d -aomdv:d %D -admov:ds %d -aomdv:l %f -aomdv:c %O"},
    {"DSR", "%d [%d %d] [%d %d %d %d->%d] [%d %d %d %d->%d]", DSR_NEW, DSR_TAGGED},
    {"TORA", "[0x%x %D] (%O)", "-P tora -Pt 0x%x -Pd %D -Pc %O",
     "-tora:t %x -tora:d %D -tora:c %O"},
    {"TORA", "-Pt 0x%x -Pd %D -Pa %f -Po %d -Pr %d -Pe %d -Pi %d -Pc %O",
     "-P tora -Pt 0x%x -Pd %D (%f %d %d %d %d) -Pc %O",
     "-tora:t %x -tora:d %D -tora:a %f -tora:o %d -tora:r %d -tora:e %d -tora:i %d -tora:c %O"},
    {"TORA", "[0x%x %D %f %d] (%O)", "-P tora -Pt 0x%x -Pd %D -Pa %f -Po %d -Pc %O",
     "-tora:t %x -tora:d %D -tora:a %f -tora:o %d -tora:c %O"},
    {"IMEP", "[%c %c %c 0x%x]", "-P imep -Pa %c -Ph %c -Po %c -Pl 0x%x ]",
     "-imep:a %c -imep:h %c -imep:o %c -imep:l %x"},
    {"sctp", "[%N %K %T %I %J] %F %P",
     "-Pn sctp -Pnc %N -Pct %K -Ptsn %T -Psid %I -Pssn %J -Pf %F -Po %P", "[%N %K %T %I %J] %F %P"},
    {"MDART", "[0x%x [%d %d] [%d]]", "-type %O -srcId %d -srcAdd %s dstAdd %s -seqNum %d",
     "-mdart:t %x -mdart:dAdd %d -mdart:sAdd %d -mdart:sId %d"},
    {"MDART", "[0x%x [%d %d] [%d %d] [%d %d] [%d] %d] (%O)",
     "-type %O -srcId %d -srcAdd %s -forId %d -forAdd %s -dstId %d dstAdd %s -reqId %d -seqNum %d",
     "-mdart:t %x -mdart:dstAdd %d -mdart:srcAdd %d -mdart:dstId %d -mdart:srcId %d -mdart:forAdd "
     "%d -mdart:forId %d -mdart:rId %d -mdart:pId %d -mdart:c %O"},
    {"MDART", "[0x%x [%d %d] [%d %d] [%d %d] [%d %d] %d] (%O)",
     "-type %O -srcId %d -srcAdd %s -forId %d -forAdd %s -dstId %d dstAdd %s -reqId %d -reqAdd %s "
     "-seqNum %d",
     "-mdart:t %x -mdart:dAdd %d -mdart:sAdd %d -mdart:dId %d -mdart:sId %d -mdart:fAdd %d "
     "-mdart:fId %d -mdart:rAdd %d -mdart:rId %d -mdart:pAId %d mdart:c %O"},
    {"MDART", "[0x%x [%d %d] [%d %d] [%d %d] %d] (%O)",
     "-type %O -srcId %d -srcAdd %s -forId %d -forAdd %s -dstId %d dstAdd %s -seqNum %d",
     "-mdart:t %x -mdart:dAdd %d -mdart:sAdd %d -mdart:dId %d -mdart:sId %d -mdart:fAdd %d "
     "-mdart:fId %d -mdart:pAId %d -mdart:c %O"},
    {"MDART", "", "-type %O -srcId %d -srcAdd %s dstAdd %s", ""},
    /* Debian's binary prints nothing for MDART. */
    {"MDART", "", "", ""},
};

/* All other packet types of ns-2.35 (common/packet.h) print nothing here. */
static const char *const bare[] = {
    "message",       "udp",           "exp",         "pareto",        "ping",       "gaf",
    "diffusion",     "PUMA",          "PBC",         "audio",         "video",      "start",
    "stop",          "prune",         "graft",       "graftAck",      "join",       "assert",
    "rtcp",          "rtp",           "rtProtoDV",   "rtProtoLS",     "SRM",        "live",
    "telnet",        "ftp",           "http",        "httpInval",     "encap",      "mftp",
    "rap_data",      "rap_ack",       "tcpFriend",   "tcpFriendCtl",  "LDP",        "ra",
    "pushback",      "PGM",           "LMS",         "LMS_SETUP",     "sctp_app1",  "HDLC",
    "xcp",           "BellLabsTrace", "DCCP",        "DCCP_Request",  "DCCP_Ack",   "DCCP_Data",
    "DCCP_Response", "DCCP_DataAck",  "DCCP_Close",  "DCCP_CloseReq", "DCCP_Reset", "sa_req",
    "sa_accept",     "sa_conf",       "sa_teardown", "sa_reject",     "undefined"};

static const char *pattern_of(const struct tail *tail, enum tg_format format)
{
    return format == TG_FORMAT_OLD ? tail->old : format == TG_FORMAT_NEW ? tail->new : tail->tagged;
}

static gboolean is_route_op(struct tg_text op)
{
    static const char *const known[] = {"REQUEST", "REPLY", "ERROR", "HELLO", "QUERY", "UPDATE",
                                        "CLEAR",   "DARQ",  "DARP",  "DAUP",  "DABR"};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (tg_text_is(op, known[i]))
            return TRUE;
    return FALSE;
}

/* One number or word of a pattern. */
static void take_specifier(struct tg_cursor *c, struct tg_event *event, char specifier)
{
    gint64 *member = specifier == 'D'   ? &event->route_dst
                     : specifier == 'S' ? &event->route_src
                     : specifier == 'N' ? &event->n_chunk
                     : specifier == 'T' ? &event->seq
                     : specifier == 'I' ? &event->stream
                     : specifier == 'J' ? &event->stream_seq
                     : specifier == 'F' ? &event->forwards
                     : specifier == 'P' ? &event->optimal
                                        : NULL;
    if (member) {
        *member = tg_take_int(c, G_MININT32, TG_MAX_INT, "packet header");
    } else if (specifier == 'd') {
        tg_take_int(c, G_MININT32, G_MAXUINT32, "packet header");
    } else if (specifier == 'x') {
        tg_take_hex(c, "packet header");
    } else if (specifier == 'f') {
        tg_take_real(c, 6, "packet header");
    } else if (specifier == 'c' || specifier == 'K') { /* a kind that ns does not name is a blank */
        if (tg_at_end(c) || !(g_ascii_isgraph(*c->p) || (specifier == 'K' && *c->p == ' ')))
            tg_fail(c, "packet header");
        else
            c->p++;
    } else {
        struct tg_text word = tg_take_word(c, "packet header");
        if (specifier == 'O' && word.at && !is_route_op(word))
            tg_fail(c, "packet header");
        if (specifier == 'O')
            event->route_op = word;
    }
}

static gboolean take_pattern(struct tg_cursor *c, struct tg_event *event, const char *pattern)
{
    for (; *pattern && !c->bad; pattern++)
        if (*pattern == '%')
            take_specifier(c, event, *++pattern);
        else if (c->p < c->end && *c->p == *pattern)
            c->p++;
        else
            tg_fail(c, "packet header");
    return !c->bad && (tg_at_end(c) || *c->p == ' ');
}

/* Looks at the first character before it measures the word: most differ there. */
static gboolean is_word(struct tg_text ptype, const char *word)
{
    return ptype.at[0] == word[0] && tg_text_is(ptype, word);
}

/* One of the patterns of the packet type; FALSE: it has none. */
static gboolean take_patterns(struct tg_cursor *c, struct tg_event *event)
{
    gboolean known = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(tails); i++) {
        if (!is_word(event->ptype, tails[i].ptype))
            continue;
        const struct tg_event before = *event;
        struct tg_cursor try = *c;
        const char *pattern = pattern_of(&tails[i], event->format);
        known = TRUE;
        if (take_pattern(&try, event, pattern)) {
            if (*pattern)
                event->tail = (struct tg_text){c->p, (int)(try.p - c->p)};
            c->p = try.p;
            return TRUE;
        }
        *event = before;
    }
    if (known)
        tg_fail(c, "packet header");
    return known;
}

static gboolean is_bare(struct tg_text ptype)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bare); i++)
        if (is_word(ptype, bare[i]))
            return TRUE;
    return FALSE;
}

static const struct tg_step *steps_of(const struct tg_event *event)
{
    if (event->format > TG_FORMAT_TAGGED)
        return NULL;
    if (tg_text_is(event->ptype, "cbr"))
        return cbr_steps[event->format];
    if (tg_text_is(event->ptype, "tcp") || tg_text_is(event->ptype, "ack"))
        return tcp_steps[event->format];
    return NULL;
}

/* The tail of a protocol that ns-2.35 does not have. Blanks around it are not kept. */
static struct tg_text take_unknown(struct tg_cursor *c)
{
    c->odd |= tg_sees(c, " ");
    struct tg_text tail = tg_take_rest(c, "packet header");
    if (tail.at)
        c->p = tail.at + tail.n;
    return tail;
}

/* Whether ns prints a blank behind the tail: always in the newer formats, but for oversights. */
static gboolean ends_in_blank(const struct tg_event *event)
{
    const gboolean imep = tg_text_is(event->ptype, "IMEP"), tora = tg_text_is(event->ptype, "TORA");
    switch (event->format) {
    case TG_FORMAT_OLD: /* TORA's update is printed in the new format */
        return imep || (tora && event->tail.at[0] == '-');
    case TG_FORMAT_NEW:
        return !tg_text_is(event->ptype, "MDART");
    default:
        return !tg_text_is(event->ptype, "sctp") && !tg_text_is(event->ptype, "MDART") &&
               !(tora && !tg_text_is(event->route_op, "CLEAR"));
    }
}

void tg_take_tail(struct tg_cursor *c, struct tg_event *event)
{
    const struct tg_step *steps = steps_of(event);
    if (steps == old_cbr)
        tg_take_steps_inline(c, event, old_cbr);
    else if (steps == new_cbr)
        tg_take_steps_inline(c, event, new_cbr);
    else if (steps)
        tg_take_steps(c, event, steps);
    if (steps)
        return;
    if (!take_patterns(c, event) && !is_bare(event->ptype)) {
        if (tg_at_end(c) && c->p[-1] != ' ')
            tg_fail(c, "packet header"); /* that it has none is only known from the blank */
        event->tail = take_unknown(c);
    }
    if (event->tail.at && ends_in_blank(event) && !tg_accept(c, " "))
        c->odd = TRUE;
}

void tg_print_tail(GString *out, const struct tg_event *event)
{
    const struct tg_step *steps = steps_of(event);
    if (steps) {
        tg_print_steps(out, event, steps);
    } else if (event->tail.at) {
        g_string_append_len(out, event->tail.at, event->tail.n);
        if (ends_in_blank(event))
            g_string_append_c(out, ' ');
    }
}
