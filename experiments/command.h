/*
 * The frame around every command: options are declared once, as GOptionEntry, and serve parsing,
 * `--help` and the man page.
 */
#ifndef EXPERIMENTS_COMMAND_H
#define EXPERIMENTS_COMMAND_H

#include "tracegen/error.h"
#include <glib.h>

/* Texts are plain; a blank line starts a paragraph, a line that starts with a blank is verbatim. */
struct ex_command {
    const char *name;
    const char *summary;     /* one line, no full stop */
    const char *arguments;   /* what follows the options in the synopsis, or "" */
    const char *description; /* for --help and the man page */
    const char *examples;    /* commands, one a line, each preceded by a # comment */
    int (*run)(const struct ex_command *command, int argc, char **argv); /* exit status */
};

extern const struct ex_command ex_command_simulate, ex_command_ingest, ex_command_merge,
    ex_command_pairs, ex_command_train, ex_command_federate, ex_command_evaluate, ex_command_audit,
    ex_command_detect, ex_command_attend, ex_command_score, ex_command_rank, ex_command_report,
    ex_command_reproduce, ex_command_sql, ex_command_export, ex_command_draw, ex_command_serve;

/* What the exit statuses mean, for help and man pages. */
extern const char ex_exit_statuses[];

/* All commands, ended by NULL. */
extern const struct ex_command *const ex_commands[];

/*
 * Parses argv by entries, which point into the caller's option variables. Returns TRUE when the
 * command should go on, argc and argv then holding what is left; otherwise *status is the exit
 * status to return (0 after --help, 2 after a wrong option, with one line on stderr).
 */
gboolean ex_parse(const struct ex_command *command, const GOptionEntry *entries, int *argc,
                  char ***argv, int *status);

/* One line on stderr, `adliotlog COMMAND: message`; returns the exit status for the error. */
int ex_fail(const struct ex_command *command, const GError *error);

/* As ex_fail() with exit status 2. */
int ex_usage(const struct ex_command *command, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Exit status for an error: its code in TG_ERROR, 2 for options, 4 for files and I/O. */
int ex_exit_status(const GError *error);

/* Writes the man page of a command, or of the whole program (NULL), as troff to stdout. */
void ex_print_man(const struct ex_command *command, const GOptionEntry *entries);

/*
 * Finds a file that the program brings along: in $ADLIOTLOG_DATADIR, the source tree around the
 * program, or PREFIX/share/adliotlog beside PREFIX/bin, in this order. NULL and TG_ERROR_SYSTEM if
 * it is nowhere.
 */
char *ex_find_data(const char *name, GError **error);

/* The command line as a shell would take it, for provenance: `adliotlog` and argv. Caller frees. */
char *ex_command_line(int argc, char **argv);

/* A text as a JSON string with its quotes. Caller frees. */
char *ex_json_string(const char *text);

#endif
