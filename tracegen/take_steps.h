/*
 * Reads a stretch of a line by its table (steps.h). All of it is inlined where a decoder names a
 * table: the compiler unrolls the loop and leaves what each field needs and no more.
 */
#ifndef TRACEGEN_TAKE_STEPS_H
#define TRACEGEN_TAKE_STEPS_H

#include "tracegen/cursor.h"
#include "tracegen/steps.h"

TG_INLINE gint64 tg_take_address(struct tg_cursor *c, struct tg_event *event, guint spelling,
                                 const char *field)
{
    gint64 address = tg_take_int(c, -1, TG_MAX_INT, field);
    if (address != TG_MAX_INT)
        return address;
    event->spelling |= spelling;
    return -1;
}

TG_INLINE struct tg_text tg_take_padded(struct tg_cursor *c, int width, const char *field)
{
    int n_blank = width ? tg_skip_blanks(c) : 0;
    struct tg_text word = tg_take_word(c, field);
    if (width && n_blank != MAX(width - word.n, 0))
        c->odd = TRUE;
    return word;
}

TG_INLINE void tg_take_int_again(struct tg_cursor *c, gint64 value, const char *field)
{
    const char *from = c->p;
    if (tg_take_int(c, G_MININT32, TG_MAX_INT, field) != value)
        tg_fail_at(c, field, from);
}

TG_INLINE void tg_take_word_again(struct tg_cursor *c, struct tg_text *word, const char *field)
{
    struct tg_text again = tg_take_word(c, field);
    if (!word->at)
        *word = again;
    else if (word->n != again.n || memcmp(word->at, again.at, (gsize)word->n) != 0)
        tg_fail_at(c, field, again.at);
}

/* The text before the field has been read. */
TG_INLINE void tg_take_field(struct tg_cursor *c, struct tg_event *event,
                             const struct tg_step *step)
{
    void *member = (char *)event + step->offset;
    switch ((enum tg_step_type)step->type) {
    case TG_STEP_INT:
        *(gint64 *)member = tg_take_int(c, step->least, TG_MAX_INT, step->field);
        break;
    case TG_STEP_ADDRESS:
        *(gint64 *)member = tg_take_address(c, event, (guint)step->least, step->field);
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
        *(struct tg_text *)member = tg_take_padded(c, step->least, step->field);
        break;
    case TG_STEP_REASON: {
        struct tg_text word = tg_take_padded(c, step->least, step->field);
        *(struct tg_text *)member =
            word.at && tg_text_is(word, "---") ? (struct tg_text){NULL, 0} : word;
        break;
    }
    case TG_STEP_AGAIN_INT:
        tg_take_int_again(c, *(gint64 *)member, step->field);
        break;
    case TG_STEP_AGAIN_WORD:
        tg_take_word_again(c, member, step->field);
        break;
    case TG_STEP_LITERAL:
    case TG_STEP_BLANK:
    case TG_STEP_END:
        break;
    }
}

TG_INLINE void tg_take_step(struct tg_cursor *c, struct tg_event *event, const struct tg_step *step)
{
    if (step->type == TG_STEP_BLANK && tg_at_end(c)) {
        c->odd = TRUE;
    } else if (!tg_sees_n(c, step->before, step->n_before)) {
        tg_fail(c, step->field);
    } else {
        c->p += step->n_before;
        tg_take_field(c, event, step);
    }
}

TG_INLINE void tg_take_n_steps(struct tg_cursor *cursor, struct tg_event *event,
                               const struct tg_step *steps, int n)
{
    struct tg_cursor c = *cursor; /* a copy that nothing points to can live in registers */
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
        if (c.bad)
            break;
        tg_take_step(&c, event, &steps[i]);
    }
    *cursor = c;
}

/* How many steps a table has; a pointer to one does not compile. */
#define TG_N_STEP(steps)                                                                           \
    ((int)(sizeof(char[sizeof(steps) > sizeof(struct tg_step) ? 1 : -1]) * G_N_ELEMENTS(steps)) - 1)

/* As tg_take_steps(), but `steps` is the name of a table. */
#define tg_take_steps_inline(c, event, steps) tg_take_n_steps(c, event, steps, TG_N_STEP(steps))

#endif
