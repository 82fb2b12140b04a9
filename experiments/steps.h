/* Runs this program's own commands, several at a time: how `reproduce` gets its work done. */
#ifndef EXPERIMENTS_STEPS_H
#define EXPERIMENTS_STEPS_H

#include <glib.h>

/* A command line without the program: g_strv-like array of char *, owned. */
GPtrArray *ex_step_new(const char *command, ...) G_GNUC_NULL_TERMINATED;

/* Gives an option a value, in place of what it had. */
void ex_step_set(GPtrArray *step, const char *option, const char *value);

/* The line as it is recorded and shown, `adliotlog COMMAND ...`. Caller frees. */
char *ex_step_line(const GPtrArray *step);

/*
 * Runs the steps (GPtrArray of GPtrArray), at most `jobs` at a time, each announced on stderr. The
 * first of those running may show its progress, the others are quiet. A step that ends with a
 * status other than 0, or `tolerated`, ends the rest; its status becomes the error's code.
 */
gboolean ex_steps_run(const GPtrArray *steps, int jobs, int tolerated, GError **error);

/* Runs one step and returns what it wrote to stdout. NULL on error, as above. Caller frees. */
char *ex_step_capture(const GPtrArray *step, GError **error);

#endif
