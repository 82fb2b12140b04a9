#include "tracegen/steps.h"

/* The operation as the format spells it. */
static char spelled_op(const struct tg_event *event)
{
    if (event->format == TG_FORMAT_OLD)
        return event->op == 'd' ? 'D' : event->op;
    if (event->format == TG_FORMAT_TAGGED)
        return event->op == 's' ? '+' : event->op == 'f' ? 'h' : event->op;
    if (event->spelling & TG_SPELLING_SESSION)
        return event->op == '+' ? 'E' : 'D';
    return event->op;
}

void tg_print_event(GString *out, const struct tg_event *event)
{
    static void (*const print[TG_N_FORMAT])(GString *, const struct tg_event *) = {
        tg_print_old,   tg_print_new,          tg_print_tagged,
        tg_print_wired, tg_print_wired_tagged, tg_print_wired};
    g_string_append_c(out, spelled_op(event));
    g_string_append_c(out, ' ');
    print[event->format](out, event);
}
