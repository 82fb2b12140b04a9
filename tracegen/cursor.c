#include "tracegen/cursor.h"

#include <math.h>

static gboolean is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

gint64 tg_take_int(struct tg_cursor *c, gint64 min, gint64 max, const char *field)
{
    const char *p = c->p;
    gboolean negative = p < c->end && *p == '-';
    p += negative;
    const char *digits = p;
    gint64 value = 0;
    while (p < c->end && is_digit(*p) && p - digits < 18) /* 18 digits cannot overflow */
        value = value * 10 + (*p++ - '0');
    if (negative)
        value = -value;
    if (p == digits || (p < c->end && is_digit(*p)) || value < min || value > max) {
        tg_fail(c, field);
        return 0;
    }
    c->p = p;
    return value;
}

gint64 tg_take_hex(struct tg_cursor *c, const char *field)
{
    const char *p = c->p;
    gint64 value = 0;
    for (; p < c->end && g_ascii_isxdigit(*p) && p - c->p < 9; p++)
        value = value * 16 + g_ascii_xdigit_value(*p);
    if (p == c->p || p - c->p > 8) {
        tg_fail(c, field);
        return 0;
    }
    c->p = p;
    return value;
}

/* The longest text of a number: digits of both sides, exponent. Longer ones are refused. */
enum { MAX_NUMBER = 60 };

static const char *end_of_number(const struct tg_cursor *c)
{
    const char *p = c->p;
    p += p < c->end && *p == '-';
    const char *digits = p;
    while (p < c->end && is_digit(*p))
        p++;
    if (p == digits)
        return NULL;
    if (p + 1 < c->end && *p == '.' && is_digit(p[1]))
        for (p++; p < c->end && is_digit(*p);)
            p++;
    if (p + 2 < c->end && *p == 'e' && (p[1] == '-' || p[1] == '+') && is_digit(p[2]))
        for (p += 2; p < c->end && is_digit(*p);)
            p++;
    return p - c->p < MAX_NUMBER ? p : NULL;
}

double tg_take_real(struct tg_cursor *c, const char *field)
{
    static const double power_of_ten[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                          1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *end = end_of_number(c);
    if (!end) {
        tg_fail(c, field);
        return NAN;
    }
    /* At most 15 digits and no exponent: both operands are exact, so the quotient is the nearest
       double, as strtod would give. */
    gint64 mantissa = 0;
    int n_digit = 0, n_fraction = 0;
    gboolean fraction = FALSE, plain = TRUE;
    const char *p = c->p + (*c->p == '-');
    for (; p < end && plain; p++) {
        if (*p == '.')
            fraction = TRUE;
        else if (!is_digit(*p) || ++n_digit > 15)
            plain = FALSE;
        else {
            mantissa = mantissa * 10 + (*p - '0');
            n_fraction += fraction;
        }
    }
    double value;
    if (plain)
        value = (*c->p == '-' ? -(double)mantissa : (double)mantissa) / power_of_ten[n_fraction];
    else {
        char copy[MAX_NUMBER + 1] = {0};
        memcpy(copy, c->p, (gsize)(end - c->p));
        value = g_ascii_strtod(copy, NULL);
    }
    if (!isfinite(value)) {
        tg_fail(c, field);
        return NAN;
    }
    c->p = end;
    return value;
}

double tg_take_time(struct tg_cursor *c)
{
    double time = tg_take_real(c, "time");
    if (time < 0)
        tg_fail(c, "time");
    return time;
}

struct tg_text tg_take_word(struct tg_cursor *c, const char *field)
{
    const char *p = c->p;
    while (p < c->end && (g_ascii_isalnum(*p) || (*p && strchr("_-/.+", *p))))
        p++;
    struct tg_text word = {c->p, (int)(p - c->p)};
    if (p == c->p || p - c->p > 40) {
        tg_fail(c, field);
        return (struct tg_text){NULL, 0};
    }
    c->p = p;
    return word;
}

struct tg_text tg_take_rest(struct tg_cursor *c, const char *field)
{
    tg_skip_blanks(c);
    const char *end = c->end;
    while (end > c->p && end[-1] == ' ')
        end--;
    for (const char *p = c->p; p < end; p++)
        if (!g_ascii_isprint(*p)) {
            tg_fail(c, field);
            return (struct tg_text){NULL, 0};
        }
    struct tg_text rest = {end > c->p ? c->p : NULL, (int)(end - c->p)};
    c->p = c->end;
    return rest;
}

gint64 tg_take_address(struct tg_cursor *c, const char *field)
{
    gint64 address = tg_take_int(c, -1, TG_MAX_INT, field);
    return address == TG_MAX_INT ? -1 : address; /* IP_BROADCAST in hierarchical simulations */
}

struct tg_text tg_take_reason(struct tg_cursor *c)
{
    struct tg_text reason = tg_take_word(c, "reason");
    if (reason.at && tg_text_is(reason, "---"))
        return (struct tg_text){NULL, 0};
    return reason;
}

struct tg_text tg_take_route_op(struct tg_cursor *c)
{
    static const char *const known[] = {"REQUEST", "REPLY", "ERROR", "HELLO"};
    struct tg_text op = tg_take_word(c, "AODV operation");
    for (gsize i = 0; op.at && i < G_N_ELEMENTS(known); i++)
        if (tg_text_is(op, known[i]))
            return op;
    tg_fail(c, "AODV operation");
    return op;
}
