/*
 * Strict reading of one line from left to right. The first field that does not fit is remembered
 * and everything after it fails, so that a decoder is a plain list of what it expects.
 */
#ifndef TRACEGEN_CURSOR_H
#define TRACEGEN_CURSOR_H

#include "tracegen/event.h"

struct tg_cursor {
    const char *p, *end;
    const char *bad; /* name of the first field that did not fit, or NULL */
    gboolean odd;    /* something is valid, but not as printf would have printed it */
    const char *at;  /* where that field begins, or NULL when it is no single place */
};

#define TG_MAX_INT ((gint64)G_MAXINT32) /* of one node, port or counter */

static inline gboolean tg_fail_at(struct tg_cursor *c, const char *field, const char *at)
{
    if (!c->bad) {
        c->bad = field;
        c->at = at;
    }
    c->p = c->end;
    return FALSE;
}

static inline gboolean tg_fail(struct tg_cursor *c, const char *field)
{
    return tg_fail_at(c, field, c->p);
}

static inline gboolean tg_at_end(const struct tg_cursor *c)
{
    return c->p == c->end;
}

static inline gboolean tg_sees_n(const struct tg_cursor *c, const char *text, gsize n)
{
    return (gsize)(c->end - c->p) >= n && memcmp(c->p, text, n) == 0;
}

static inline gboolean tg_sees(const struct tg_cursor *c, const char *text)
{
    return tg_sees_n(c, text, strlen(text));
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

/* Takes all blanks that are there; returns how many. */
static inline int tg_skip_blanks(struct tg_cursor *c)
{
    const char *from = c->p;
    while (c->p < c->end && *c->p == ' ')
        c->p++;
    return (int)(c->p - from);
}

/* Inlined even into long functions, where what is constant in a call saves most of the work. */
#define TG_INLINE static inline __attribute__((always_inline))

static inline gboolean tg_is_digit(char ch)
{
    return (guchar)(ch - '0') <= 9;
}

/* A decimal integer between min and max. */
gint64 tg_take_any_int(struct tg_cursor *c, gint64 min, gint64 max, const char *field);

/* The same; fast at the common ones, which have at most nine digits, no sign and no needless 0. */
TG_INLINE gint64 tg_take_int(struct tg_cursor *c, gint64 min, gint64 max, const char *field)
{
    const char *p = c->p, *end = c->end;
    guint64 digits = 0; /* may overflow; then there are too many */
    while (p < end && tg_is_digit(*p))
        digits = digits * 10 + (guint64)(*p++ - '0');
    gint64 n = p - c->p, value = (gint64)digits;
    if ((n == 1 || (n > 0 && n < 10 && *c->p != '0')) && value >= min && value <= max) {
        c->p = p;
        return value;
    }
    struct tg_cursor copy = *c; /* so that the cursor itself can live in registers */
    value = tg_take_any_int(&copy, min, max, field);
    *c = copy;
    return value;
}

/* 1 + the value of a hexadecimal digit, 0 for all else. */
extern const gint8 tg_hex_digit[256];

/* A hexadecimal integer of at most 32 bits, without 0x. */
TG_INLINE gint64 tg_take_hex(struct tg_cursor *c, const char *field)
{
    const char *p = c->p;
    gint64 value = 0;
    for (; p < c->end && tg_hex_digit[(guchar)*p] && p - c->p < 9; p++)
        value = value * 16 + tg_hex_digit[(guchar)*p] - 1;
    if (p == c->p || p - c->p > 8) {
        tg_fail(c, field);
        return 0;
    }
    c->odd |= *c->p == '0' && p - c->p > 1;
    c->p = p;
    return value;
}

/* So many decimals as in %.2f, or TG_GENERAL as in %.15g. */
enum { TG_GENERAL = -15, TG_ANY_DECIMALS = -1 };

/* The number of eight digits, -1 when one is none. Three times, neighbours join. */
TG_INLINE gint64 tg_eight_digits(const char *p)
{
    const guint64 pair = 0x000000ff000000ffu;
    guint64 bytes;
    memcpy(&bytes, p, sizeof bytes);
    bytes = GUINT64_FROM_LE(bytes) ^ 0x3030303030303030u; /* the first digit is the lowest byte */
    if ((bytes | (bytes + 0x0606060606060606u)) & 0xf0f0f0f0f0f0f0f0u)
        return -1;
    bytes = bytes * 10 + (bytes >> 8);
    bytes =
        (bytes & pair) * (100 + (1000000ULL << 32)) + (bytes >> 16 & pair) * (1 + (10000ULL << 32));
    return (gint64)(bytes >> 32);
}

/* Puts n more digits behind a number; FALSE when one is none. */
TG_INLINE gboolean tg_add_digits(gint64 *number, const char *p, int n)
{
    gboolean fits = TRUE;
    if (n >= 8) {
        gint64 eight = tg_eight_digits(p);
        fits = eight >= 0;
        *number = *number * 100000000 + eight;
        p += 8;
        n -= 8;
    }
    for (int i = 0; i < n; i++) {
        fits &= tg_is_digit(p[i]);
        *number = *number * 10 + (p[i] - '0');
    }
    return fits;
}

/*
 * A decimal number as printf %f, %e or %g prints it; the double nearest to it. Not nan, not inf.
 * One with other than so many decimals is odd.
 */
double tg_take_any_real(struct tg_cursor *c, int decimals, const char *field);

extern const double tg_power_of_ten[17];

/* The same; fast at the common ones, which have as many decimals as they should. */
TG_INLINE double tg_take_real(struct tg_cursor *c, int decimals, const char *field)
{
    const char *p = c->p, *end = c->end;
    gboolean negative = p < end && *p == '-';
    const char *digits = p += negative;
    gint64 mantissa = 0;
    while (p < end && tg_is_digit(*p) && p - digits < 6)
        mantissa = mantissa * 10 + (*p++ - '0');
    gsize n_whole = (gsize)(p - digits);
    if (decimals > 0 && decimals < 10 && end - p > decimals && n_whole > 0 && *p == '.' &&
        (n_whole == 1 || *digits != '0')) {
        gboolean fits = tg_add_digits(&mantissa, p + 1, decimals);
        p += decimals + 1;
        if (fits && (mantissa > 0 || !negative) && (p == end || (!tg_is_digit(*p) && *p != 'e'))) {
            c->p = p;
            return (double)(negative ? -mantissa : mantissa) / tg_power_of_ten[decimals];
        }
    }
    struct tg_cursor copy = *c; /* so that the cursor itself can live in registers */
    double value = tg_take_any_real(&copy, decimals, field);
    *c = copy;
    return value;
}

/* As tg_take_real(), not negative. */
TG_INLINE double tg_take_time(struct tg_cursor *c, int decimals)
{
    const char *from = c->p;
    double time = tg_take_real(c, decimals, "time");
    if (time < 0)
        tg_fail_at(c, "time", from);
    return time;
}

extern const char tg_in_word[256]; /* letters, digits and _ - / . + */

/* A word of them up to the next other character; at most TG_MAX_WORD long. */
TG_INLINE struct tg_text tg_take_word(struct tg_cursor *c, const char *field)
{
    const char *p = c->p;
    while (p < c->end && tg_in_word[(guchar)*p])
        p++;
    struct tg_text word = {c->p, (int)(p - c->p)};
    if (p == c->p || p - c->p > TG_MAX_WORD) {
        tg_fail(c, field);
        return (struct tg_text){NULL, 0};
    }
    c->p = p;
    return word;
}

/* The rest of the line without blanks around it; printable ASCII only. */
struct tg_text tg_take_rest(struct tg_cursor *c, const char *field);

#endif
