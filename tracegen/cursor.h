/*
 * Strict reading of one line from left to right. The first field that does not fit is remembered
 * and everything after it fails, so that a decoder is a plain list of what it expects.
 */
#ifndef TRACEGEN_CURSOR_H
#define TRACEGEN_CURSOR_H

#include "tracegen/line.h"

struct tg_cursor {
    const char *p, *end;
    const char *bad; /* name of the first field that did not fit, or NULL */
};

static inline gboolean tg_fail(struct tg_cursor *c, const char *field)
{
    if (!c->bad)
        c->bad = field;
    c->p = c->end;
    return FALSE;
}

static inline gboolean tg_at_end(const struct tg_cursor *c)
{
    return c->p == c->end;
}

static inline gboolean tg_sees(const struct tg_cursor *c, const char *text)
{
    gsize n = strlen(text);
    return (gsize)(c->end - c->p) >= n && memcmp(c->p, text, n) == 0;
}

/* Takes exactly this text. */
static inline gboolean tg_expect(struct tg_cursor *c, const char *text, const char *field)
{
    if (!tg_sees(c, text))
        return tg_fail(c, field);
    c->p += strlen(text);
    return TRUE;
}

/* Takes the text when it is there. */
static inline gboolean tg_accept(struct tg_cursor *c, const char *text)
{
    gboolean seen = tg_sees(c, text);
    if (seen)
        c->p += strlen(text);
    return seen;
}

static inline void tg_skip_blanks(struct tg_cursor *c)
{
    while (c->p < c->end && *c->p == ' ')
        c->p++;
}

/* A decimal integer between min and max. */
gint64 tg_take_int(struct tg_cursor *c, gint64 min, gint64 max, const char *field);

/* A hexadecimal integer of at most 32 bits, without 0x. */
gint64 tg_take_hex(struct tg_cursor *c, const char *field);

/* A decimal number as printf %f, %e or %g prints it; the double nearest to it. Not nan, not inf. */
double tg_take_real(struct tg_cursor *c, const char *field);

/* As tg_take_real(), not negative. */
double tg_take_time(struct tg_cursor *c);

/* A word of letters, digits and _ - / . + up to the next other character; at most 40 long. */
struct tg_text tg_take_word(struct tg_cursor *c, const char *field);

/* The rest of the line without blanks around it; printable ASCII only. */
struct tg_text tg_take_rest(struct tg_cursor *c, const char *field);

/* What decoders share. A number that is one node, port or counter; IP broadcast becomes -1. */
#define TG_MAX_INT ((gint64)G_MAXINT32)
gint64 tg_take_address(struct tg_cursor *c, const char *field);

/* The operation of an AODV packet. */
struct tg_text tg_take_route_op(struct tg_cursor *c);

/* A drop reason or `---`, which is an absent text. */
struct tg_text tg_take_reason(struct tg_cursor *c);

/* The decoders, one file each. The line's operation and the cursor behind it are given. */
void tg_decode_old(struct tg_cursor *c, struct tg_event *event);
void tg_decode_new(struct tg_cursor *c, struct tg_event *event);
void tg_decode_wired(struct tg_cursor *c, struct tg_event *event);

#endif
