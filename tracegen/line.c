/* Tells lines apart; see NS-2's manual, chapters 16 and 26, and the decoders' own files. */
#include "tracegen/line.h"

#include "tracegen/noise.h"
#include "tracegen/steps.h"
#include <math.h>
#include <stdio.h>

const char *tg_format_name(enum tg_format format)
{
    static const char *const names[TG_N_FORMAT] = {"old",   "new",          "tagged",
                                                   "wired", "wired tagged", "satellite"};
    return names[format];
}

static void reject(struct tg_line *line, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void reject(struct tg_line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    line->kind = TG_LINE_REJECT;
    vsnprintf(line->reason, sizeof line->reason, format, arguments);
    va_end(arguments);
}

/* A field that does not fit, with what stands there, as far as it can be shown. */
static void reject_field(struct tg_line *line, const char *what, const char *at)
{
    enum { MOST = 20 };
    const char *end = line->text.at + line->text.n;
    int n = 0;
    while (at && n < MOST && at + n < end && g_ascii_isprint(at[n]))
        n++;
    if (n > 0)
        reject(line, "%s at '%.*s'", what, n, at);
    else
        reject(line, "%s", what);
}

gsize tg_reason_length(const char *reason)
{
    const char *quotation = strstr(reason, " at '");
    return quotation ? (gsize)(quotation - reason) : strlen(reason);
}

static const struct tg_event no_event = {
    .time = NAN,
    .node = TG_ABSENT,
    .uid = TG_ABSENT,
    .size = TG_ABSENT,
    .mac_duration = NAN,
    .mac_dst = TG_ABSENT,
    .mac_src = TG_ABSENT,
    .mac_type = TG_ABSENT,
    .src = TG_ABSENT,
    .sport = TG_ABSENT,
    .dst = TG_ABSENT,
    .dport = TG_ABSENT,
    .ttl = TG_ABSENT,
    .next_hop = TG_ABSENT,
    .seq = TG_ABSENT,
    .ack = TG_ABSENT,
    .forwards = TG_ABSENT,
    .optimal = TG_ABSENT,
    .fid = TG_ABSENT,
    .hop_src = TG_ABSENT,
    .hop_dst = TG_ABSENT,
    .x = NAN,
    .y = NAN,
    .z = NAN,
    .energy = NAN,
    .arp_src_mac = TG_ABSENT,
    .arp_src = TG_ABSENT,
    .arp_dst_mac = TG_ABSENT,
    .arp_dst = TG_ABSENT,
    .route_dst = TG_ABSENT,
    .route_src = TG_ABSENT,
    .n_chunk = TG_ABSENT,
    .stream = TG_ABSENT,
    .stream_seq = TG_ABSENT,
};

/* In pieces, since gcc makes `rep movs` of larger ones, which takes long to start. */
static inline void clear_event(struct tg_event *event)
{
    enum { PIECE = 64, N_PIECE = sizeof no_event / PIECE, REST = sizeof no_event % PIECE };
    char *to = (char *)event;
    const char *from = (const char *)&no_event;
#pragma GCC unroll 8
    for (int i = 0; i < N_PIECE; i++)
        memcpy(to + PIECE * i, from + PIECE * i, PIECE);
    memcpy(to + PIECE * N_PIECE, from + PIECE * N_PIECE, REST);
}

/* What stands behind the time: `_` or `(` at old wireless lines, `-` at tagged ones. */
static char second_field(const struct tg_cursor *c)
{
    const char *blank = memchr(c->p, ' ', (gsize)(c->end - c->p));
    if (!blank || blank + 1 >= c->end)
        return '\0';
    if (tg_is_digit(blank[1])) { /* `14 (` of LOG_POSITION */
        const char *next = memchr(blank + 1, ' ', (gsize)(c->end - blank - 1));
        return next && next + 1 < c->end && next[1] == '(' ? '(' : '0';
    }
    if (blank[1] == '-') /* -s, or a hop that is -1 */
        return blank + 2 < c->end && blank[2] == 's' ? '-' : '0';
    return blank[1];
}

/* The formats that know an operation. */
enum { OLD = 1, NEW = 2, TAGGED = 4, WIRED = 8 };
static const guint8 formats_of[256] = {
    ['s'] = OLD | NEW,
    ['r'] = OLD | NEW | TAGGED | WIRED,
    ['f'] = OLD | NEW,
    ['d'] = NEW | TAGGED | WIRED,
    ['D'] = OLD | TAGGED | WIRED,
    ['x'] = OLD | NEW | TAGGED,
    ['+'] = TAGGED | WIRED,
    ['-'] = TAGGED | WIRED,
    ['h'] = TAGGED | WIRED,
    ['e'] = TAGGED | WIRED,
    ['c'] = TAGGED | WIRED,
    ['m'] = TAGGED | WIRED,
    ['E'] = TAGGED | WIRED,
};

/* A packet line: the operation is one character, what follows it tells the format. */
static void parse_event(struct tg_cursor *c, struct tg_line *line, char op)
{
    const guint8 formats = formats_of[(guchar)op];
    clear_event(&line->event);
    line->event.op = op;
    line->kind = TG_LINE_EVENT;
    if (tg_sees(c, "-t ")) {
        if (!(formats & NEW))
            tg_fail_at(c, "operation (a nam trace?)", NULL);
        else
            tg_decode_new(c, &line->event);
        return;
    }
    const char second = second_field(c);
    if ((second == '_' || second == '(') && (formats & OLD)) {
        tg_decode_old(c, &line->event);
    } else if (second == '-' && (formats & TAGGED)) {
        tg_decode_tagged(c, &line->event);
    } else if (formats & WIRED) {
        tg_decode_wired(c, &line->event);
    } else {
        const char *blank = memchr(c->p, ' ', (gsize)(c->end - c->p));
        tg_fail_at(c, "node", blank ? blank + 1 : NULL);
    }
}

/* Blanks at the end are harmless, but not as ns prints them unless the decoder took them. */
static void end_line(struct tg_cursor *c, struct tg_line *line)
{
    if (c->bad) {
        char what[sizeof line->reason];
        g_snprintf(what, sizeof what, "missing or bad %s", c->bad);
        reject_field(line, what, c->at);
        return;
    }
    if (tg_skip_blanks(c) > 0)
        c->odd = TRUE;
    if (!tg_at_end(c))
        reject_field(line, "text after the end of the line's fields", c->p);
    line->odd = c->odd;
}

/* E is an enqueue of SessionSim when all columns of a wired line follow, otherwise an event trace.
 */
static gboolean parse_session(struct tg_cursor c, struct tg_line *line)
{
    parse_event(&c, line, 'E');
    end_line(&c, line);
    return line->kind == TG_LINE_EVENT;
}

/* Whether the line is about a packet by its first word; f and x also begin lines of other kinds. */
static gboolean has_operation(const struct tg_line *line, int n_word, const struct tg_cursor *c)
{
    char op = line->text.at[0];
    if (n_word != 1 || op == 'E' || !formats_of[(guchar)op])
        return FALSE;
    if (op == 'f')
        return !tg_sees(c, "t") && !g_strstr_len(c->p, MIN(c->end - c->p, 30), " -a ");
    return op != 'x' || !g_strstr_len(c->p, MIN(c->end - c->p, 40), " mdart ");
}

void tg_parse_line(struct tg_line *line)
{
    const char *p = line->text.at, *end = p + line->text.n;
    struct tg_cursor c = {p, end, NULL, FALSE};
    while (c.p < end && *c.p != ' ')
        c.p++;
    int n_word = (int)(c.p - p);
    tg_accept(&c, " ");
    line->odd = FALSE;

    if (n_word == 0) {
        tg_skip_blanks(&c);
        line->kind = TG_LINE_BLANK;
        if (!tg_at_end(&c) && !tg_parse_indented(line))
            reject(line, "line starts with a blank");
        return;
    }
    if (has_operation(line, n_word, &c)) {
        parse_event(&c, line, *p);
        end_line(&c, line);
    } else if (n_word == 1 && *p == 'E' && parse_session(c, line)) {
        return;
    } else if (tg_parse_noise(&c, line, n_word)) {
        end_line(&c, line);
    } else {
        const char *other = tg_foreign_line(line->text);
        if (other)
            reject(line, "%s", other);
        else if (n_word == 1 && g_ascii_isgraph(*p))
            reject(line, "unknown event '%c'", *p);
        else
            reject(line, "not a line of an ns-2 trace");
    }
}
