#include "tracegen/steps.h"

static gint64 take_address(struct tg_cursor *c, struct tg_event *event, const struct tg_step *step)
{
    gint64 address = tg_take_int(c, -1, TG_MAX_INT, step->field);
    if (address != TG_MAX_INT)
        return address;
    event->spelling |= (guint)step->least;
    return -1;
}

static struct tg_text take_padded(struct tg_cursor *c, const struct tg_step *step)
{
    int n_blank = step->least ? tg_skip_blanks(c) : 0;
    struct tg_text word = tg_take_word(c, step->field);
    if (n_blank != MAX(step->least - word.n, 0))
        c->odd = TRUE;
    return word;
}

static void take_again(struct tg_cursor *c, void *member, const struct tg_step *step)
{
    if (step->type == TG_STEP_AGAIN_INT) {
        if (tg_take_int(c, G_MININT32, TG_MAX_INT, step->field) != *(gint64 *)member)
            tg_fail(c, step->field);
        return;
    }
    struct tg_text *word = member, again = tg_take_word(c, step->field);
    if (!word->at)
        *word = again;
    else if (word->n != again.n || memcmp(word->at, again.at, (gsize)word->n) != 0)
        tg_fail(c, step->field);
}

void tg_take_steps(struct tg_cursor *c, struct tg_event *event, const struct tg_step *step)
{
    for (; step->type != TG_STEP_END && !c->bad; step++) {
        void *member = (char *)event + step->offset;
        const char *p = c->p;
        int n = step->n_before;
        if (step->type == TG_STEP_BLANK && tg_at_end(c)) {
            c->odd = TRUE;
            continue;
        }
        if (c->end - p < n) {
            tg_fail(c, step->field);
            return;
        }
        for (int i = 0; i < n; i++)
            if (p[i] != step->before[i]) {
                tg_fail(c, step->field);
                return;
            }
        c->p += n;
        switch ((enum tg_step_type)step->type) {
        case TG_STEP_INT:
            *(gint64 *)member = tg_take_int(c, step->least, TG_MAX_INT, step->field);
            break;
        case TG_STEP_ADDRESS:
            *(gint64 *)member = take_address(c, event, step);
            break;
        case TG_STEP_HEX:
            *(gint64 *)member = tg_take_hex(c, step->field);
            break;
        case TG_STEP_DURATION:
            *(double *)member = (double)tg_take_hex(c, step->field);
            break;
        case TG_STEP_REAL:
            *(double *)member = tg_take_real(c, step->least, step->field);
            break;
        case TG_STEP_TIME:
            *(double *)member = tg_take_time(c, step->least);
            break;
        case TG_STEP_WORD:
            *(struct tg_text *)member = take_padded(c, step);
            break;
        case TG_STEP_REASON: {
            struct tg_text word = take_padded(c, step);
            *(struct tg_text *)member =
                word.at && tg_text_is(word, "---") ? (struct tg_text){NULL, 0} : word;
            break;
        }
        case TG_STEP_AGAIN_INT:
        case TG_STEP_AGAIN_WORD:
            take_again(c, member, step);
            break;
        case TG_STEP_LITERAL:
        case TG_STEP_BLANK:
        case TG_STEP_END:
            break;
        }
    }
}

void tg_print_real(GString *out, double value, int decimals)
{
    char format[8], text[400];
    g_snprintf(format, sizeof format, decimals < 0 ? "%%.%dg" : "%%.%df", ABS(decimals));
    g_string_append(out, g_ascii_formatd(text, sizeof text, format, value));
}

static void print_word(GString *out, struct tg_text word, int width)
{
    for (int i = word.n; i < width; i++)
        g_string_append_c(out, ' ');
    g_string_append_len(out, word.at, word.n);
}

void tg_print_steps(GString *out, const struct tg_event *event, const struct tg_step *step)
{
    for (; step->type != TG_STEP_END; step++) {
        const void *member = (const char *)event + step->offset;
        g_string_append_len(out, step->before, step->n_before);
        switch ((enum tg_step_type)step->type) {
        case TG_STEP_ADDRESS:
            if (event->spelling & (guint)step->least) {
                g_string_append_printf(out, "%d", G_MAXINT32);
                break;
            }
            /* fall through */
        case TG_STEP_INT:
        case TG_STEP_AGAIN_INT:
            g_string_append_printf(out, "%" G_GINT64_FORMAT, *(const gint64 *)member);
            break;
        case TG_STEP_HEX:
            g_string_append_printf(out, "%x", (guint) * (const gint64 *)member);
            break;
        case TG_STEP_DURATION:
            g_string_append_printf(out, "%x", (guint) * (const double *)member);
            break;
        case TG_STEP_REAL:
        case TG_STEP_TIME:
            tg_print_real(out, *(const double *)member, step->least);
            break;
        case TG_STEP_WORD:
        case TG_STEP_AGAIN_WORD:
            print_word(out, *(const struct tg_text *)member, step->least);
            break;
        case TG_STEP_REASON: {
            struct tg_text word = *(const struct tg_text *)member;
            print_word(out, word.at ? word : (struct tg_text){"---", 3}, step->least);
            break;
        }
        case TG_STEP_LITERAL:
        case TG_STEP_BLANK:
        case TG_STEP_END:
            break;
        }
    }
}
