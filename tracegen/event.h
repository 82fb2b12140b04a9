/* A line about a packet, as fields. */
#ifndef TRACEGEN_EVENT_H
#define TRACEGEN_EVENT_H

#include <glib.h>
#include <string.h>

/* How a line is laid out; NS-2 mixes them in one file. */
enum tg_format {
    TG_FORMAT_OLD,    /* wireless, CMUTrace without options */
    TG_FORMAT_NEW,    /* wireless, use-newtrace */
    TG_FORMAT_TAGGED, /* wireless, use-taggedtrace */
    TG_FORMAT_WIRED,  /* links, LANs, queues */
    TG_FORMAT_WIRED_TAGGED /* the same, use-taggedtrace */,
    TG_FORMAT_SATELLITE,
    TG_N_FORMAT
};
const char *tg_format_name(enum tg_format format);

#define TG_ABSENT G_MININT64 /* an integer that the line does not print */

/* The longest text of an event, radio and tail excepted. */
enum { TG_MAX_WORD = 40 };

/* A piece of the line's text; at is NULL when the line does not print it. */
struct tg_text {
    const char *at;
    int n;
};

static inline gboolean tg_text_is(struct tg_text text, const char *word)
{
    gsize n = strlen(word); /* a constant where the word is one: then nothing is called */
    return (gsize)text.n == n && memcmp(text.at, word, n) == 0;
}

/* How the line spells what the fields below say in one way for all formats; bits. */
enum tg_spelling {
    TG_SPELLING_LEVELS_2 = 1,      /* wired addresses are A.B */
    TG_SPELLING_LEVELS_3 = 2,      /* wired addresses are A.B.C */
    TG_SPELLING_BROADCAST_SRC = 4, /* -1 is printed as 2147483647 (hierarchical addresses) */
    TG_SPELLING_BROADCAST_DST = 8, /* likewise */
    TG_SPELLING_POSITION = 16,     /* old format of an ns compiled with LOG_POSITION */
    TG_SPELLING_SMAC = 32,         /* the MAC header is that of S-MAC */
    TG_SPELLING_NO_MAC = 64,       /* old format at PHY level: no MAC header */
    TG_SPELLING_SESSION = 128      /* + and - are E and D (SessionSim) */
};

/*
 * Integers are TG_ABSENT, reals NAN, texts NULL where nothing is printed; texts point into the
 * line. The fields stand in groups by how much they vary in a trace, which is how the store keeps
 * them: few kinds of line, some places, some pairs of ends, and what each line has for itself.
 */
struct tg_event {
    /* kind */
    enum tg_format format;
    char op; /* one spelling for all formats: s r f d x, + - r d h e c m */
    guint spelling;
    struct tg_text layer, reason, ptype;
    struct tg_text flags;      /* wired: 7 characters, 8 with an SCTP header */
    struct tg_text tcp_header; /* wired, show_tcphdr_: flags, header length, SACK length */
    struct tg_text srm;        /* wired tagged: SRM message type; NULL for null */
    struct tg_text arp_op;     /* REQUEST REPLY */
    struct tg_text route_op;   /* of AODV, AOMDV, TORA, MDART: REQUEST REPLY ... */
    gint64 size;
    double mac_duration; /* 802.11: microseconds, integral; S-MAC: as printed */
    gint64 mac_type;
    gint64 forwards, optimal; /* of cbr, tcp, ack, sctp */
    /* place */
    gint64 node, next_hop, mac_src, mac_dst;
    gint64 hop_src, hop_dst; /* new: -Hs -Hd; tagged: -s -d; wired: from, to */
    /* ends; -1 is broadcast */
    gint64 src, sport, dst, dport, ttl, fid;
    gint64 arp_src_mac, arp_src, arp_dst_mac, arp_dst;
    /* row */
    double time; /* s */
    gint64 uid, seq, ack;
    /* extra: what few lines print */
    double x, y, z, energy; /* m, J */
    struct tg_text radio;   /* old: energy spent, `ei 0.100 es 0.000 et 0.200 er 0.200` */
    gint64 route_dst, route_src;
    gint64 n_chunk, stream, stream_seq; /* SCTP */
    struct tg_text tail;                /* what has no field of its own, as printed */
};

/* Prints the line that the event was read from, without its end, to the end of out. */
void tg_print_event(GString *out, const struct tg_event *event);

#endif
