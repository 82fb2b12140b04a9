/*
 * Any bytes as one line. Whatever they are, the line is of exactly one kind and its texts lie in
 * it; an event that is not odd is printed again byte for byte; an odd one can be printed.
 */
#include "tests/fuzz/fields.h"
#include "tests/fuzz/fuzz.h"
#include "tracegen/reader.h"

#include <math.h>

const char fuzz_name[] = "line";

static gboolean lies_within(struct tg_text text, struct tg_text line)
{
    return !text.at || (text.n >= 0 && text.at >= line.at && text.at + text.n <= line.at + line.n);
}

static void check_texts(const struct tg_line *line)
{
    for (int i = 0; i < FUZZ_N_FIELD; i++)
        if (fuzz_fields[i].type == FUZZ_TEXT) {
            const struct tg_text *text = fuzz_member(&line->event, &fuzz_fields[i]);
            fuzz_check(lies_within(*text, line->text), fuzz_fields[i].name);
        }
}

/* Reals aside: an odd line may have more decimals than are printed. */
static void check_same(const struct tg_event *a, const struct tg_event *b)
{
    fuzz_check(a->format == b->format && a->op == b->op, "read again: format, op");
    for (int i = 0; i < FUZZ_N_FIELD; i++) {
        const struct fuzz_field *field = &fuzz_fields[i];
        const void *of_a = fuzz_member(a, field), *of_b = fuzz_member(b, field);
        if (field->type == FUZZ_INT)
            fuzz_check(*(const gint64 *)of_a == *(const gint64 *)of_b, field->name);
        else if (field->type == FUZZ_TEXT)
            fuzz_check(fuzz_same_text(*(const struct tg_text *)of_a, *(const struct tg_text *)of_b),
                       field->name);
    }
}

static gboolean is_text(const GString *string, struct tg_text text)
{
    return string->len == (gsize)text.n && memcmp(string->str, text.at, string->len) == 0;
}

/*
 * What an odd event is printed as may be no event: a real with more digits than are read, and flat
 * addresses printed by levels, because only the other end has them.
 */
static gboolean may_be_another(const struct tg_event *event)
{
    for (int i = 0; i < FUZZ_N_FIELD; i++)
        if (fuzz_fields[i].type == FUZZ_REAL &&
            fabs(*(const double *)fuzz_member(event, &fuzz_fields[i])) >= 1e49)
            return TRUE;
    return (event->spelling & (TG_SPELLING_LEVELS_2 | TG_SPELLING_LEVELS_3)) != 0;
}

/*
 * What is printed of an odd event is the same event. It may be odd too: texts are kept as they are,
 * and so is the sign of zero.
 */
static void check_odd(const struct tg_line *line, const GString *printed)
{
    static GString *out = NULL;
    if (!out)
        out = g_string_sized_new(1024);
    struct tg_line again = {.text = {printed->str, (int)printed->len}};
    tg_parse_line(&again);
    if (again.kind != TG_LINE_EVENT && may_be_another(&line->event))
        return;
    fuzz_check(again.kind == TG_LINE_EVENT, "an odd event, printed, is an event");
    check_same(&line->event, &again.event);
    g_string_truncate(out, 0);
    tg_print_event(out, &again.event);
    fuzz_check(is_text(out, again.text), "and is printed alike");
}

static void check_event(const struct tg_line *line)
{
    static GString *out = NULL; /* one for all executions, of which there are millions */
    if (!out)
        out = g_string_sized_new(1024);
    g_string_truncate(out, 0);
    tg_print_event(out, &line->event);
    if (line->odd)
        check_odd(line, out);
    else
        fuzz_check(is_text(out, line->text), "printed again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *newline = memchr(text, '\n', size);
    gsize n = MIN(newline ? (gsize)(newline - text) : size, (gsize)TG_MAX_LINE);
    struct tg_line line = {.text = {text, (int)n}};
    tg_parse_line(&line);
    fuzz_check(line.text.at == text && line.text.n == (int)n, "the text stays");
    switch (line.kind) {
    case TG_LINE_EVENT:
        check_texts(&line);
        check_event(&line);
        return 0;
    case TG_LINE_NOISE:
        fuzz_check(line.noise < TG_N_NOISE, "kind of noise");
        return 0;
    case TG_LINE_REJECT:
        fuzz_check(line.reason[0] && memchr(line.reason, '\0', sizeof line.reason), "reason");
        return 0;
    case TG_LINE_BLANK:
        for (gsize i = 0; i < n; i++)
            fuzz_check(text[i] == ' ', "blank");
        return 0;
    }
    fuzz_check(FALSE, "kind of line");
    return 0;
}
