#include "tracegen/noise.h"

#include <string.h>

const char *tg_noise_name(enum tg_noise noise)
{
    static const char *const names[TG_N_NOISE] = {"movement", "energy",      "annotation", "link",
                                                  "variable", "event trace", "routing log"};
    return names[noise];
}

static gboolean starts_with(struct tg_text text, const char *prefix)
{
    gsize n = strlen(prefix);
    return (gsize)text.n >= n && memcmp(text.at, prefix, n) == 0;
}

/* M 0.0 nn 5 x 670 y 670, M 0.0 nn:5 x:670 and the like: what scripts put before the run. */
static gboolean is_script_header(struct tg_cursor c)
{
    return tg_accept(&c, "0.0 ") && !tg_at_end(&c) && g_ascii_islower(*c.p);
}

/* M 0.00000 0 (83.36, 239.44, 0.00), (89.66, 283.49), 19.15   MobileNode::log_movement() */
static void movement(struct tg_cursor *c)
{
    static const char *const before[] = {" (", ", ", ", ", "), (", ", ", "), "};
    tg_take_time(c, TG_ANY_DECIMALS);
    tg_expect(c, " ", "node");
    tg_take_int(c, 0, TG_MAX_INT, "node");
    for (gsize i = 0; i < G_N_ELEMENTS(before); i++) {
        tg_expect(c, before[i], "position");
        tg_take_real(c, TG_ANY_DECIMALS, "position");
    }
}

/* N -t 1.000000 -n 3 -e 9.986   MobileNode, EnergyModel */
static void energy(struct tg_cursor *c)
{
    tg_expect(c, "-t ", "time");
    tg_take_time(c, TG_ANY_DECIMALS);
    tg_expect(c, " -n ", "node");
    tg_take_int(c, 0, TG_MAX_INT, "node");
    tg_expect(c, " -e ", "energy");
    tg_take_real(c, TG_ANY_DECIMALS, "energy");
}

/* v 1.0 eval {set sim_annotation {TEXT}};  v 1.0 -e {sim_annotation 1 TEXT};  v 1.0 link-down 3 4
 */
static enum tg_noise annotation_or_link(struct tg_cursor *c)
{
    if (tg_accept(c, "testName ")) { /* v testName reno   what ns's own tests put first */
        tg_take_word(c, "annotation");
        return TG_NOISE_ANNOTATION;
    }
    tg_take_time(c, TG_ANY_DECIMALS);
    tg_expect(c, " ", "annotation");
    if (tg_accept(c, "link-down ") || tg_accept(c, "link-up ")) {
        tg_take_int(c, 0, TG_MAX_INT, "from node");
        tg_expect(c, " ", "to node");
        tg_take_int(c, 0, TG_MAX_INT, "to node");
        return TG_NOISE_LINK;
    }
    if (tg_sees(c, "eval {") || tg_sees(c, "-e {"))
        c->p = c->end; /* free text */
    else
        tg_fail(c, "annotation");
    return TG_NOISE_ANNOTATION;
}

/* f t0.000000 a_o17 ncwnd_ v1;  f 0.000000 -a _o17 -n cwnd_ -v 1   Trace::trace() */
static void variable(struct tg_cursor *c)
{
    static const char *const keys[2][3] = {{" a", " n", " v"}, {" -a ", " -n ", " -v "}};
    gboolean tagged = !tg_accept(c, "t");
    tg_take_time(c, TG_ANY_DECIMALS);
    for (gsize i = 0; i < G_N_ELEMENTS(keys[0]); i++) {
        tg_expect(c, keys[tagged][i], "variable");
        while (c->p < c->end && *c->p != ' ')
            c->p++;
    }
}

/* I 0.700000000 _1_ ifq rx 3 tx 2 bl 0 [1 1] [0 0] [0 0] [0 0];  I 0.7 -prq:adr 1 -prq:rx 3 ...
   CMUPriQueue::log_stats() */
static void queue_log(struct tg_cursor *c)
{
    tg_take_time(c, TG_ANY_DECIMALS);
    if (tg_accept(c, " -prq:")) {
        tg_take_rest(c, "queue log");
        return;
    }
    tg_expect(c, " _", "node");
    tg_take_int(c, 0, TG_MAX_INT, "node");
    tg_expect(c, "_ ifq ", "queue log");
    tg_take_rest(c, "queue log");
}

/* 0.00000  0  0  4  0  cwnd_ 1.000 : time, source and destination with ports, value, padded to
   width   TcpAgent::traceVar() */
static void tcp_variable(struct tg_cursor *c)
{
    tg_take_time(c, 5);
    for (int i = 0; i < 4; i++) {
        tg_expect(c, " ", "variable");
        tg_skip_blanks(c);
        tg_take_int(c, -1, TG_MAX_INT, "variable");
    }
    tg_expect(c, " ", "variable");
    tg_skip_blanks(c);
    if (!tg_at_end(c) && !g_ascii_isalpha(*c->p))
        tg_fail(c, "variable");
    tg_take_word(c, "variable");
    tg_expect(c, " ", "value");
    tg_take_real(c, TG_ANY_DECIMALS, "value");
}

static gboolean is_tcp_variable(struct tg_text text)
{
    struct tg_cursor c = {text.at, text.at + text.n, NULL, FALSE};
    if (starts_with(text, "time: ")) { /* trace_all_oneline_, and SCTP */
        c.p += strlen("time: ");
        tg_take_time(&c, TG_ANY_DECIMALS);
        tg_expect(&c, " ", "variable");
        return tg_take_rest(&c, "variable").at != NULL;
    }
    if (text.n == 0 || !tg_is_digit(*c.p))
        return FALSE;
    tcp_variable(&c);
    tg_skip_blanks(&c);
    return !c.bad && !c.odd && tg_at_end(&c);
}

/* E 0.5 0 4 TCP SLOW_START 0 1 1;  E -t 0.5 ... of MACs;  E 1.2 ErrModelTimer 0x... */
static void event_trace(struct tg_cursor *c)
{
    gboolean of_mac = tg_accept(c, "-t ");
    tg_take_time(c, TG_ANY_DECIMALS);
    tg_expect(c, " ", "event");
    if (!of_mac && !tg_at_end(c) && (tg_is_digit(*c->p) || *c->p == '-')) {
        tg_take_int(c, -1, TG_MAX_INT, "from node"); /* otherwise it is a damaged session line */
        tg_expect(c, " ", "to node");
        tg_take_int(c, -1, TG_MAX_INT, "to node");
        if (!tg_accept(c, " TCP ") && !tg_accept(c, " PGM "))
            tg_fail(c, "event");
    } else if (!tg_at_end(c) && !g_ascii_isalpha(*c->p)) {
        tg_fail(c, "event");
    }
    tg_take_rest(c, "event");
}

/* E -t 0.1 -s 0 -d 1 ..., E -t 0.5 -o TCP -e ...: the same in a nam trace. */
static gboolean is_nam_event(struct tg_cursor c)
{
    if (!tg_accept(&c, "-t "))
        return FALSE;
    tg_take_time(&c, TG_ANY_DECIMALS);
    return !c.bad && tg_sees(&c, " -");
}

/* Whether the rest of the line begins with a time. */
static gboolean sees_time(struct tg_cursor c)
{
    tg_skip_blanks(&c);
    return !tg_at_end(&c) && tg_is_digit(*c.p);
}

/* SRR 0.5 _1_ ... SFESTs, S$hit, SYFU; some have no time   DSRAgent::trace() */
static gboolean is_dsr_log(const char *p, int n_word, const struct tg_cursor *c)
{
    static const char *const timeless[] = {"Sdebug", "SDFU", "SDFU:"};
    struct tg_text word = {p, n_word};
    for (gsize i = 0; i < G_N_ELEMENTS(timeless); i++)
        if (tg_text_is(word, timeless[i]))
            return TRUE;
    if (n_word > 16 || !sees_time(*c))
        return FALSE;
    for (int i = 1; i < n_word; i++)
        if (!g_ascii_isalpha(p[i]) && !(i == 1 && p[i] == '$'))
            return FALSE;
    return TRUE;
}

/* Routing pkts outside domain: VFP 0.5 _1_ 0:0 -> 4194305:0   DSDV_Agent::forwardPacket() */
static gboolean is_domain_log(struct tg_text text)
{
    return starts_with(text, "Routing pkts outside domain: ") ||
           starts_with(text, "DFU: deimplemented");
}

/* Free text behind a first word that only routing agents write. */
static gboolean is_routing_log(const char *p, int n_word, const struct tg_cursor *c)
{
    if (n_word == 1)
        return (*p == 'T' || *p == 'A') && (sees_time(*c) || (*p == 'T' && tg_sees(c, "----")));
    if (n_word == 2 && p[0] == 'I' && p[1] == 'L')
        return sees_time(*c);
    if (*p == 'S')
        return is_dsr_log(p, n_word, c);
    return sees_time(*c) && *p == 'V' && (n_word == 3 || n_word == 4) && g_ascii_isupper(p[1]) &&
           g_ascii_isupper(p[2]) && g_ascii_isupper(p[n_word - 1]);
}

/* x -t 1.0 mdart table -Hs 3 ...; and the lines of its tables, behind a tab   MDART */
static gboolean is_mdart_log(struct tg_text text)
{
    static const char *const rows[] = {"\tid\t", "\tinfo idInfo ", "\tlevel sibling = ",
                                       "\t\tnextHopId = ", "\tneighbor id = "};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (starts_with(text, rows[i]))
            return TRUE;
    struct tg_cursor c = {text.at, text.at + text.n, NULL, FALSE};
    if (!tg_accept(&c, "x -t "))
        return FALSE;
    tg_take_time(&c, TG_ANY_DECIMALS);
    return !c.bad && tg_sees(&c, " mdart ");
}

/* f TIME -a ... */
static gboolean is_tagged_variable(struct tg_cursor c)
{
    tg_take_time(&c, TG_ANY_DECIMALS);
    return !c.bad && tg_sees(&c, " -a ");
}

gboolean tg_parse_noise(struct tg_cursor *c, struct tg_line *line, int n_word)
{
    const char *p = line->text.at;
    line->kind = TG_LINE_NOISE;
    if (n_word == 1 && *p == 'M' && is_script_header(*c)) {
        line->noise = TG_NOISE_ANNOTATION;
        tg_take_rest(c, "annotation");
    } else if (n_word == 1 && *p == 'M') {
        line->noise = TG_NOISE_MOVEMENT;
        movement(c);
    } else if (n_word == 1 && *p == 'N') {
        line->noise = TG_NOISE_ENERGY;
        energy(c);
    } else if (n_word == 1 && *p == 'v') {
        line->noise = annotation_or_link(c);
    } else if (n_word == 1 && *p == 'f' && (tg_sees(c, "t") || is_tagged_variable(*c))) {
        line->noise = TG_NOISE_VARIABLE;
        variable(c);
    } else if (n_word == 1 && *p == 'E' && !is_nam_event(*c)) {
        line->noise = TG_NOISE_EVENT_TRACE;
        event_trace(c);
    } else if (n_word == 1 && *p == 'I') {
        line->noise = TG_NOISE_ROUTING_LOG;
        queue_log(c);
    } else if (is_mdart_log(line->text)) {
        line->noise = TG_NOISE_ROUTING_LOG;
        c->p = c->end;
    } else if (is_tcp_variable(line->text)) {
        line->noise = TG_NOISE_VARIABLE;
        c->p = c->end;
    } else if (is_routing_log(p, n_word, c) || is_domain_log(line->text)) {
        line->noise = TG_NOISE_ROUTING_LOG;
        tg_take_rest(c, "routing log");
    } else {
        return FALSE;
    }
    return TRUE;
}

/* ` (1,0,4)`: all that remains of what DSDV_Agent::tracepkt() meant to print   with verbose_ */
gboolean tg_parse_indented(struct tg_line *line)
{
    struct tg_cursor c = {line->text.at, line->text.at + line->text.n, NULL, FALSE};
    tg_expect(&c, " (", "destination");
    for (int i = 0; i < 3; i++) {
        tg_take_int(&c, G_MININT32, TG_MAX_INT, "number");
        tg_expect(&c, i < 2 ? "," : ")", "number");
    }
    if (c.bad || !tg_at_end(&c))
        return FALSE;
    line->kind = TG_LINE_NOISE;
    line->noise = TG_NOISE_ROUTING_LOG;
    return TRUE;
}

/* How many words of the line are whole numbers, and how many words there are. */
static int count_numbers(struct tg_text text, int *n_word)
{
    int n_number = 0;
    *n_word = 0;
    for (const char *p = text.at, *end = p + text.n; p < end; p++) {
        const char *word = p;
        gboolean number = TRUE;
        for (; p < end && *p != ' '; p++)
            number = number && (tg_is_digit(*p) || strchr("+-.e", *p)) && *p != '\0';
        *n_word += p > word;
        n_number += p > word && number;
    }
    return n_number;
}

const char *tg_foreign_line(struct tg_text text)
{
    static const struct {
        const char *magic, *name;
    } files[] = {
        {"\x1f\x8b", "gzip data (the name of a packed trace ends in .gz)"},
        {"\xd4\xc3\xb2\xa1", "a packet capture (pcap), not a trace"},
        {"\xa1\xb2\xc3\xd4", "a packet capture (pcap), not a trace"},
        {"\x4d\x3c\xb2\xa1", "a packet capture (pcap), not a trace"},
        {"\xa1\xb2\x3c\x4d", "a packet capture (pcap), not a trace"},
        {"SQLite format 3", "an SQLite database, not a trace"},
        {"\xff\xfe", "UTF-16 text"},
        {"\xfe\xff", "UTF-16 text"},
        {"\xef\xbb\xbf", "byte order mark at the start of the line"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        if (starts_with(text, files[i].magic))
            return files[i].name;
    if (memchr(text.at, '\0', (gsize)text.n))
        return "line holds NUL bytes";
    const char *p = text.at;
    if (text.n > 4 && g_ascii_isgraph(*p) && memcmp(p + 1, " -t ", 4) == 0)
        return "line of a nam trace";
    int n_word, n_number = count_numbers(text, &n_word);
    if (n_word == 11 && n_number == 11)
        return "line of a queue monitor (side file)";
    if ((n_word == 20 || n_word == 22) && n_number == n_word)
        return "line of a flow monitor (side file)";
    if (n_word >= 5 && g_ascii_isdigit(*p) &&
        (g_strstr_len(p, text.n, " i ") || g_strstr_len(p, text.n, " C ") ||
         g_strstr_len(p, text.n, " S ") || g_strstr_len(p, text.n, " E ")))
        return "line of an HTTP log (side file)";
    if ((n_word == 3 && n_number == 2 && *p == 'Q') ||
        (n_word == 3 && n_number == 2 && strchr("apc", *p) && p[1] == ' '))
        return "line of a RED queue trace (side file)";
    return NULL;
}
