/* The one error domain of the project, and the interrupt flag that long loops look at. */
#ifndef TRACEGEN_ERROR_H
#define TRACEGEN_ERROR_H

#include <glib.h>

/* Codes are the exit status that the program ends with (see `adliotlog help`). */
enum tg_error {
    TG_ERROR_NO = 1,           /* done, and the answer is no */
    TG_ERROR_USAGE = 2,        /* an option or argument is wrong */
    TG_ERROR_DATA = 3,         /* input data is bad: part or all of it was refused */
    TG_ERROR_SYSTEM = 4,       /* I/O, full disk, missing file */
    TG_ERROR_NS = 5,           /* the simulator is missing, failed or hung */
    TG_ERROR_INTERRUPTED = 130 /* Ctrl-C */
};

#define TG_ERROR (tg_error_quark())
GQuark tg_error_quark(void);

/*
 * From now on SIGINT and SIGTERM only set a flag; a second one ends the program as usual.
 * tg_check_interrupt() returns FALSE and sets TG_ERROR_INTERRUPTED once the flag is set.
 */
void tg_catch_interrupts(void);
gboolean tg_check_interrupt(GError **error);

#endif
