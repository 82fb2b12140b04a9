/*
 * A stretch of a line as a table of its fields, from left to right. The same table reads the line
 * into an event and prints it from one, so that the two cannot disagree.
 */
#ifndef TRACEGEN_STEPS_H
#define TRACEGEN_STEPS_H

#include "tracegen/cursor.h"
#include <stddef.h>

enum tg_step_type {
    TG_STEP_END,
    TG_STEP_LITERAL,   /* nothing but the text before it */
    TG_STEP_BLANK,     /* a blank, which may be missing at the end of the line */
    TG_STEP_INT,       /* %d, not less than `least` */
    TG_STEP_ADDRESS,   /* %d, -1 or more; 2147483647 is -1 as well and sets spelling bit `least` */
    TG_STEP_HEX,       /* %x */
    TG_STEP_DURATION,  /* %x into a double */
    TG_STEP_REAL,      /* %.*f, `least` decimals */
    TG_STEP_TIME,      /* the same, not negative, or %.15g */
    TG_STEP_WORD,      /* %s; `least` is its width as in %3s */
    TG_STEP_REASON,    /* the same; --- is an absent text */
    TG_STEP_AGAIN_INT, /* %d that must be what the event holds already */
    TG_STEP_AGAIN_WORD /* likewise a word; an absent one is filled in */
};

struct tg_step {
    const char *before; /* the text before the field */
    guint8 n_before;
    guint8 type;    /* enum tg_step_type */
    guint16 offset; /* of the field in struct tg_event */
    gint32 least;
    const char *field; /* its name in messages */
};

#define TG_STEP(type, before, member, least, field)                                                \
    {                                                                                              \
        before, sizeof before - 1, type, offsetof(struct tg_event, member), least, field           \
    }
#define TG_INT(before, member, min, field) TG_STEP(TG_STEP_INT, before, member, min, field)
#define TG_LITERAL(text, field)                                                                    \
    {                                                                                              \
        text, sizeof text - 1, TG_STEP_LITERAL, 0, 0, field                                        \
    }
#define TG_BLANK(field)                                                                            \
    {                                                                                              \
        " ", 1, TG_STEP_BLANK, 0, 0, field                                                         \
    }
#define TG_END                                                                                     \
    {                                                                                              \
        "", 0, TG_STEP_END, 0, 0, NULL                                                             \
    }

/* Reads the fields of the table; on a wrong one c->bad names it. take_steps.h has it inlined. */
void tg_take_steps(struct tg_cursor *c, struct tg_event *event, const struct tg_step *steps);

/* Prints them. */
void tg_print_steps(GString *out, const struct tg_event *event, const struct tg_step *steps);

/* Prints a real as tg_take_real() reads it. */
void tg_print_real(GString *out, double value, int decimals);

/* The decoders and printers of the formats. The line's operation and the cursor behind it are
   given; printers begin behind the operation. */
void tg_decode_old(struct tg_cursor *c, struct tg_event *event);
void tg_decode_new(struct tg_cursor *c, struct tg_event *event);
void tg_decode_wired(struct tg_cursor *c, struct tg_event *event);
void tg_decode_tagged(struct tg_cursor *c, struct tg_event *event); /* wireless or wired */
void tg_print_old(GString *out, const struct tg_event *event);
void tg_print_new(GString *out, const struct tg_event *event);
void tg_print_wired(GString *out, const struct tg_event *event); /* and satellite */
void tg_print_tagged(GString *out, const struct tg_event *event);
void tg_print_wired_tagged(GString *out, const struct tg_event *event);

/* What every packet has: a type, and at a node a trace level, which is three capitals; of ARP the
   operation. */
void tg_check_kind(struct tg_cursor *c, const struct tg_event *event);

/* Frames that end after the MAC header, by their packet type as the old format prints it. */
gboolean tg_is_mac_control(struct tg_text ptype);

/* S-MAC's header, which it has in all three wireless formats:  [0.05 2 1] */
extern const struct tg_step tg_smac_steps[];

/*
 * What follows the IP header of a wireless line, by packet type: empty, counters that are fields
 * of their own, or the header of a routing protocol, which is kept as the event's tail.
 */
void tg_take_tail(struct tg_cursor *c, struct tg_event *event);
void tg_print_tail(GString *out, const struct tg_event *event);

#endif
