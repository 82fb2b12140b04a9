/* A program run by this one: in a process group of its own, never longer than a given time. */
#ifndef TRACEGEN_CHILD_H
#define TRACEGEN_CHILD_H

#include <glib.h>

typedef struct tg_child tg_child;
typedef void (*tg_child_ended)(struct tg_child *child, gpointer data);

/*
 * Takes one line of output, without its end; an unfinished last one is no line, nor is what is
 * longer than TG_CHILD_MAX_LINE bytes, and what follows that.
 */
#define TG_CHILD_MAX_LINE (64 * 1024 * 1024)
typedef void (*tg_child_line)(const char *line, gsize length, gpointer data);

/* What to run. Strings are copied. */
struct tg_child_command {
    const char *const *argv; /* argv[0] is looked for on PATH */
    const char *directory;   /* to run in, or NULL */
    const char *const *envp; /* its environment, or NULL for this program's */
    double timeout;          /* seconds of wall time */
    tg_child_line line; /* hears of what it writes to stdout, which is not kept then; or NULL */
    gpointer line_data;
};

/*
 * Starts a program, stdin empty. Once it has ended, or was killed at its time limit, with
 * everything that it started, `ended` is called from the default main context, which the calling
 * thread has to iterate. NULL and TG_ERROR_SYSTEM when it cannot be started. Caller frees, after
 * the end or before.
 */
struct tg_child *tg_child_start(const struct tg_child_command *command, tg_child_ended ended,
                                gpointer data, GError **error);

/* Kills the program, if it still runs, with everything that it started. */
void tg_child_free(struct tg_child *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tg_child, tg_child_free)

/* Exit status, or -1 when the program was killed or exceeded its time. Only after the end. */
int tg_child_status(const struct tg_child *child);

/* Whether a line was too long. At any time. */
gboolean tg_child_exceeds(const struct tg_child *child);

/*
 * What it wrote to stdout and, the first 2 KB, to stderr. Only after the end; valid until
 * tg_child_free().
 */
const char *tg_child_output(const struct tg_child *child);
const char *tg_child_errors(const struct tg_child *child);

/* How it failed, in words, with the beginning of its stderr. Only after the end. Caller frees. */
char *tg_child_failure(const struct tg_child *child);

/*
 * Runs a program to its end. NULL when it cannot be started (TG_ERROR_SYSTEM) and when the user
 * interrupts (TG_ERROR_INTERRUPTED). Caller frees.
 */
struct tg_child *tg_child_run(const struct tg_child_command *command, GError **error);

/*
 * Iterates the default main context until something has happened there, at most for a tenth of a
 * second, so that a caller's loop sees interrupts.
 */
void tg_child_wait(void);

/* A command line as a shell would take it. Caller frees. */
char *tg_quote_command(const char *const *argv);

#endif
