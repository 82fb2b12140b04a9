#include "tracegen/take_steps.h"

void tg_take_steps(struct tg_cursor *c, struct tg_event *event, const struct tg_step *step)
{
    for (; step->type != TG_STEP_END && !c->bad; step++)
        tg_take_step(c, event, step);
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
