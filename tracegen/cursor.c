#include "tracegen/cursor.h"

#include <math.h>

gint64 tg_take_any_int(struct tg_cursor *c, gint64 min, gint64 max, const char *field)
{
    const char *p = c->p;
    gboolean negative = p < c->end && *p == '-';
    p += negative;
    const char *digits = p;
    gint64 value = 0;
    while (p < c->end && tg_is_digit(*p) && p - digits < 18) /* 18 digits cannot overflow */
        value = value * 10 + (*p++ - '0');
    if (p - digits > 1 || (negative && p > digits))
        c->odd |= *digits == '0';
    if (negative)
        value = -value;
    if (p == digits || (p < c->end && tg_is_digit(*p)) || value < min || value > max) {
        tg_fail(c, field);
        return 0;
    }
    c->p = p;
    return value;
}

const gint8 tg_hex_digit[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};

const double tg_power_of_ten[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                  1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};

/* The longest text of a number: digits of both sides, exponent. Longer ones are refused. */
enum { MAX_NUMBER = 60 };

/* A number as its characters tell it. */
struct number {
    const char *end;      /* NULL: it is none */
    gint64 mantissa;      /* of the first 18 digits */
    int n_digit;          /* from the first that is not 0 on */
    int n_whole, n_after; /* digits before and after the point */
    gboolean exponent, negative;
};

static struct number scan_number(const struct tg_cursor *c)
{
    struct number n = {0};
    const char *p = c->p;
    n.negative = p < c->end && *p == '-';
    p += n.negative;
    for (; p < c->end && tg_is_digit(*p); p++, n.n_whole++) {
        n.n_digit += n.n_digit > 0 || *p != '0';
        if (n.n_digit <= 18)
            n.mantissa = n.mantissa * 10 + (*p - '0');
    }
    if (n.n_whole == 0)
        return n;
    if (p + 1 < c->end && *p == '.' && tg_is_digit(p[1]))
        for (p++; p < c->end && tg_is_digit(*p); p++, n.n_after++) {
            n.n_digit += n.n_digit > 0 || *p != '0';
            if (n.n_digit <= 18)
                n.mantissa = n.mantissa * 10 + (*p - '0');
        }
    if (p + 2 < c->end && *p == 'e' && (p[1] == '-' || p[1] == '+') && tg_is_digit(p[2])) {
        n.exponent = TRUE;
        for (p += 2; p < c->end && tg_is_digit(*p);)
            p++;
    }
    n.end = p - c->p < MAX_NUMBER ? p : NULL;
    return n;
}

/* Whether printf with so many decimals would have printed the same text. */
static gboolean is_printed(const struct tg_cursor *c, const struct number *n, int decimals,
                           double value)
{
    gboolean leading_zero = n->n_whole > 1 && c->p[n->negative] == '0';
    if (value == 0 && n->negative) /* the store does not keep the sign of zero */
        return FALSE;
    if (!n->exponent && n->n_digit <= 15 && !leading_zero) {
        if (decimals >= 0)
            return n->n_after == decimals;
        if (value == 0 || fabs(value) >= 1e-4)
            return n->n_after == 0 || n->end[-1] != '0';
    }
    char format[8], again[400];
    g_snprintf(format, sizeof format, decimals < 0 ? "%%.%dg" : "%%.%df", ABS(decimals));
    g_ascii_formatd(again, sizeof again, format, value);
    gsize length = (gsize)(n->end - c->p);
    return strlen(again) == length && memcmp(again, c->p, length) == 0;
}

double tg_take_any_real(struct tg_cursor *c, int decimals, const char *field)
{
    struct number n = scan_number(c);
    if (!n.end) {
        tg_fail(c, field);
        return NAN;
    }
    double value;
    /* Both operands are exact, so the quotient is the nearest double, as strtod would give. */
    if (!n.exponent && n.n_digit <= 15 && n.n_after < (int)G_N_ELEMENTS(tg_power_of_ten))
        value =
            (n.negative ? -(double)n.mantissa : (double)n.mantissa) / tg_power_of_ten[n.n_after];
    else {
        char copy[MAX_NUMBER + 1] = {0};
        memcpy(copy, c->p, (gsize)(n.end - c->p));
        value = g_ascii_strtod(copy, NULL);
    }
    if (!isfinite(value)) {
        tg_fail(c, field);
        return NAN;
    }
    if (decimals != TG_ANY_DECIMALS && !is_printed(c, &n, decimals, value))
        c->odd = TRUE;
    c->p = n.end;
    return value;
}

const char tg_in_word[256] = {
    ['-'] = 1, ['.'] = 1, ['/'] = 1, ['+'] = 1, ['_'] = 1, ['0'] = 1, ['1'] = 1, ['2'] = 1,
    ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1, ['A'] = 1,
    ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1,
    ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1,
    ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1,
    ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1,
    ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1,
    ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1,
    ['x'] = 1, ['y'] = 1, ['z'] = 1};

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
    c->p = end;
    return rest;
}
