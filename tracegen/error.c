#include "tracegen/error.h"

#include <signal.h>

G_DEFINE_QUARK(tg_error, tg_error)

/*
 * The only mutable global of the project: a signal handler can reach nothing else. Atomic, since
 * the signal may come to another thread than the one that asks.
 */
static gint interrupted;

static void note_interrupt(int signal_number)
{
    (void)signal_number;
    g_atomic_int_set(&interrupted, 1);
}

void tg_catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction hangup; /* the terminal is gone; nohup has it ignored */
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

gboolean tg_check_interrupt(GError **error)
{
    if (!g_atomic_int_get(&interrupted))
        return TRUE;
    g_set_error_literal(error, TG_ERROR, TG_ERROR_INTERRUPTED, "interrupted");
    return FALSE;
}
