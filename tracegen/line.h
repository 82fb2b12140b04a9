/*
 * One line of an ns-2 trace. Formats share files, so each line is told apart by itself.
 */
#ifndef TRACEGEN_LINE_H
#define TRACEGEN_LINE_H

#include <glib.h>
#include <string.h>

/* What a line is; each line is exactly one of these. */
enum tg_line_kind { TG_LINE_EVENT, TG_LINE_NOISE, TG_LINE_BLANK, TG_LINE_REJECT };

enum tg_noise {
    TG_NOISE_MOVEMENT,    /* M */
    TG_NOISE_ENERGY,      /* N */
    TG_NOISE_ANNOTATION,  /* v ... sim_annotation */
    TG_NOISE_LINK,        /* v ... link-up, link-down */
    TG_NOISE_VARIABLE,    /* f tT aOWNER nNAME vVALUE */
    TG_NOISE_EVENT_TRACE, /* E */
    TG_NOISE_ROUTING_LOG, /* DSR S..., its queue I, TORA and IMEP T, IL, AODV A, DSDV V... */
    TG_N_NOISE
};

/* The name of a kind in table `noise`. */
const char *tg_noise_name(enum tg_noise noise);

enum tg_format { TG_FORMAT_OLD, TG_FORMAT_NEW, TG_FORMAT_WIRED };
const char *tg_format_name(enum tg_format format);

#define TG_ABSENT G_MININT64 /* an integer that the line does not print */

/* A piece of the line's text; at is NULL when the line does not print it. */
struct tg_text {
    const char *at;
    int n;
};

static inline gboolean tg_text_is(struct tg_text text, const char *word)
{
    return (gsize)text.n == strlen(word) && memcmp(text.at, word, (gsize)text.n) == 0;
}

/* A line about a packet. Integers are TG_ABSENT, reals NAN, texts NULL where nothing is printed. */
struct tg_event {
    enum tg_format format;
    double time; /* s */
    char op;     /* one spelling for all formats: s r f d x, + - r d h e c m */
    gint64 node;
    struct tg_text layer, reason, ptype;
    gint64 uid, size;
    gint64 mac_duration, mac_dst, mac_src, mac_type;
    gint64 src, sport, dst, dport, ttl, next_hop; /* IP header, -1 broadcast */
    gint64 seq, ack, forwards, optimal, fid;
    gint64 hop_src, hop_dst; /* new: -Hs -Hd; wired: from, to */
    double x, y, z, energy;
    struct tg_text flags;
    struct tg_text arp_op;
    gint64 arp_src_mac, arp_src, arp_dst_mac, arp_dst;
    struct tg_text route_op; /* AODV: REQUEST REPLY ERROR HELLO */
    gint64 route_dst, route_src;
    struct tg_text tail; /* what has no field of its own */
};

struct tg_line {
    enum tg_line_kind kind;
    gint64 number;         /* 1-based, set by the reader */
    struct tg_text text;   /* the whole line without its end */
    gboolean unterminated; /* the file ends without a line end */
    union {
        struct tg_event event; /* TG_LINE_EVENT; its texts point into `text` */
        enum tg_noise noise;   /* TG_LINE_NOISE */
        char reason[80];       /* TG_LINE_REJECT */
    };
};

/* Parses line->text; sets kind and what goes with it. Reads nothing beyond the text. */
void tg_parse_line(struct tg_line *line);

#endif
