/* Tells lines apart; see NS-2's manual, chapters 16 and 26, and the decoders' own files. */
#include "tracegen/line.h"

#include "tracegen/cursor.h"
#include <math.h>
#include <stdio.h>

const char *tg_noise_name(enum tg_noise noise)
{
    static const char *const names[TG_N_NOISE] = {"movement", "energy",      "annotation", "link",
                                                  "variable", "event trace", "routing log"};
    return names[noise];
}

const char *tg_format_name(enum tg_format format)
{
    static const char *const names[] = {"old", "new", "wired"};
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

static void clear_event(struct tg_event *event, char op)
{
    static const struct tg_text none = {NULL, 0};
    *event = (struct tg_event){
        .op = op,
        .time = NAN,
        .layer = none,
        .node = TG_ABSENT,
        .uid = TG_ABSENT,
        .size = TG_ABSENT,
        .mac_duration = TG_ABSENT,
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
    };
}

/* M 0.00000 0 (83.36, 239.44, 0.00), (89.66, 283.49), 19.15   MobileNode::log_movement() */
static void movement(struct tg_cursor *c)
{
    static const char *const before[] = {" (", ", ", ", ", "), (", ", ", "), "};
    tg_take_time(c);
    tg_expect(c, " ", "node");
    tg_take_int(c, 0, TG_MAX_INT, "node");
    for (gsize i = 0; i < G_N_ELEMENTS(before); i++) {
        tg_expect(c, before[i], "position");
        tg_take_real(c, "position");
    }
}

/* N -t 1.000000 -n 3 -e 9.986   MobileNode, EnergyModel */
static void energy(struct tg_cursor *c)
{
    tg_expect(c, "-t ", "time");
    tg_take_time(c);
    tg_expect(c, " -n ", "node");
    tg_take_int(c, 0, TG_MAX_INT, "node");
    tg_expect(c, " -e ", "energy");
    tg_take_real(c, "energy");
    tg_accept(c, " ");
}

/* v 1.0 eval {set sim_annotation {TEXT}};  v 1.0 link-down 3 4 */
static enum tg_noise annotation_or_link(struct tg_cursor *c)
{
    tg_take_time(c);
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

/* f t0.000000 a_o17 ncwnd_ v1   TracedVar */
static void variable(struct tg_cursor *c)
{
    static const char *const keys[] = {" a", " n", " v"};
    tg_expect(c, "t", "time");
    tg_take_time(c);
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        tg_expect(c, keys[i], "variable");
        while (c->p < c->end && *c->p != ' ')
            c->p++;
    }
}

/* I 0.700000000 _1_ ifq rx 3 tx 2 bl 0 [1 1] [0 0] [0 0] [0 0]   CMUPriQueue::log_stats() */
static void queue_log(struct tg_cursor *c)
{
    tg_take_time(c);
    tg_expect(c, " _", "node");
    tg_take_int(c, 0, TG_MAX_INT, "node");
    tg_expect(c, "_ ifq ", "queue log");
    tg_take_rest(c, "queue log");
}

/* Free text behind a first word that only routing agents write. */
static gboolean is_routing_log(const char *p, int n_word, const struct tg_cursor *c)
{
    if (tg_at_end(c) || !g_ascii_isdigit(*c->p)) /* the time */
        return FALSE;
    if (n_word == 1)
        return *p == 'T' || *p == 'A';
    if (n_word == 2 && p[0] == 'I' && p[1] == 'L')
        return TRUE;
    gboolean letters = TRUE, capitals = TRUE;
    for (int i = 1; i < n_word; i++) {
        letters = letters && g_ascii_isalpha(p[i]);
        capitals = capitals && g_ascii_isupper(p[i]);
    }
    return *p == 'S' ? letters : *p == 'V' && capitals && (n_word == 3 || n_word == 4);
}

/* The kinds of line that are not about packets; FALSE when it is none of them. */
static gboolean parse_noise(struct tg_cursor *c, struct tg_line *line, int n_word)
{
    const char *p = line->text.at;
    enum tg_noise noise;
    if (n_word == 1 && *p == 'M') {
        noise = TG_NOISE_MOVEMENT;
        movement(c);
    } else if (n_word == 1 && *p == 'N') {
        noise = TG_NOISE_ENERGY;
        energy(c);
    } else if (n_word == 1 && *p == 'v') {
        noise = annotation_or_link(c);
    } else if (n_word == 1 && *p == 'f' && tg_sees(c, "t")) {
        noise = TG_NOISE_VARIABLE;
        variable(c);
    } else if (n_word == 1 && *p == 'E') {
        noise = TG_NOISE_EVENT_TRACE;
        tg_accept(c, "-t ");
        tg_take_time(c);
        tg_expect(c, " ", "event");
        tg_take_rest(c, "event");
    } else if (n_word == 1 && *p == 'I') {
        noise = TG_NOISE_ROUTING_LOG;
        queue_log(c);
    } else if (is_routing_log(p, n_word, c)) {
        noise = TG_NOISE_ROUTING_LOG;
        tg_take_rest(c, "routing log");
    } else {
        return FALSE;
    }
    line->kind = TG_LINE_NOISE;
    line->noise = noise;
    return TRUE;
}

/* A packet line: the operation is one character, what follows it tells the format. */
static void parse_event(struct tg_cursor *c, struct tg_line *line, char op)
{
    const char *second = memchr(c->p, ' ', (gsize)(c->end - c->p));
    clear_event(&line->event, op);
    line->kind = TG_LINE_EVENT;
    if (tg_sees(c, "-t ")) {
        if (!strchr("srfdx", op))
            tg_fail(c, "operation (a nam trace?)");
        else
            tg_decode_new(c, &line->event);
    } else if (second && second + 1 < c->end && second[1] == '_' && strchr("srfDx", op)) {
        tg_decode_old(c, &line->event);
    } else if (strchr("+-rdhecm", op)) {
        tg_decode_wired(c, &line->event);
    } else {
        tg_fail(c, "node");
    }
}

void tg_parse_line(struct tg_line *line)
{
    const char *p = line->text.at, *end = p + line->text.n;
    struct tg_cursor c = {p, end, NULL};
    while (c.p < end && *c.p != ' ')
        c.p++;
    int n_word = (int)(c.p - p);
    tg_accept(&c, " ");

    if (n_word == 0) {
        tg_skip_blanks(&c);
        line->kind = TG_LINE_BLANK;
        if (!tg_at_end(&c))
            reject(line, "line starts with a blank");
        return;
    }
    if (!parse_noise(&c, line, n_word)) {
        if (n_word != 1 || !*p || !strchr("srfdDx+-hecm", *p)) {
            if (n_word == 1 && g_ascii_isprint(*p))
                reject(line, "unknown event '%c'", *p);
            else
                reject(line, "not a line of an ns-2 trace");
            return;
        }
        parse_event(&c, line, *p);
    }
    if (c.bad) {
        g_autofree char *field = g_strstrip(g_strdup(c.bad)); /* keys carry their blanks */
        reject(line, "missing or bad %s", field);
    } else if (!tg_at_end(&c)) {
        reject(line, "text after the end of the line's fields");
    }
}
