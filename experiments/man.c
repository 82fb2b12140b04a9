/* Man pages, made from the same declarations as --help, so that they cannot disagree. */
#include "experiments/command.h"

#include <stdio.h>
#include <string.h>

/* One text as troff: backslashes, hyphens and control characters at a line's start escaped. */
static void put_text(const char *text)
{
    gboolean line_start = TRUE;
    for (const char *p = text; *p; p++) {
        if (line_start && (*p == '.' || *p == '\''))
            fputs("\\&", stdout);
        if (*p == '\\')
            fputs("\\e", stdout);
        else if (*p == '-')
            fputs("\\-", stdout);
        else
            putchar(*p);
        line_start = *p == '\n';
    }
}

/* Paragraphs; lines that start with a blank are set verbatim. */
static void put_paragraphs(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    gboolean verbatim = FALSE;
    for (char **line = lines; *line; line++) {
        gboolean code = **line == ' ';
        if (code != verbatim)
            puts(code ? ".PP\n.nf\n.RS" : ".RE\n.fi");
        verbatim = code;
        if (**line == '\0')
            puts(".PP");
        else {
            put_text(*line);
            putchar('\n');
        }
    }
    if (verbatim)
        puts(".RE\n.fi");
}

static void put_options(const GOptionEntry *entries)
{
    for (const GOptionEntry *e = entries; e->long_name; e++) {
        if (e->flags & G_OPTION_FLAG_HIDDEN)
            continue;
        puts(".TP");
        fputs(".B ", stdout);
        if (e->short_name)
            printf("\\-%c, ", e->short_name);
        fputs("\\-\\-", stdout);
        put_text(e->long_name);
        if (e->arg_description) {
            fputs(" \\fI", stdout);
            put_text(e->arg_description);
            fputs("\\fR", stdout);
        }
        putchar('\n');
        put_text(e->description);
        putchar('\n');
    }
}

void ex_print_man(const struct ex_command *command, const GOptionEntry *entries)
{
    g_autofree char *title =
        command ? g_strdup_printf("ADLIOTLOG-%s", command->name) : g_strdup("ADLIOTLOG");
    g_autofree char *upper = g_ascii_strup(title, -1);
    g_autofree char *lower = g_ascii_strdown(title, -1);
    printf(".TH %s 1 \"\" \"adliotlog " ADLIOTLOG_VERSION "\"\n.SH NAME\n", upper);
    if (!command) {
        puts("adliotlog \\- security data from simulated IoT networks\n.SH SYNOPSIS\n"
             ".B adliotlog\n.I COMMAND\n[\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n.SH COMMANDS");
        for (const struct ex_command *const *c = ex_commands; *c; c++)
            printf(".TP\n.BR adliotlog\\-%s (1)\n%s\n", (*c)->name, (*c)->summary);
    } else {
        put_text(lower);
        printf(" \\- %s\n.SH SYNOPSIS\n.B adliotlog %s\n[\\fIOPTION\\fR...]", command->summary,
               command->name);
        printf("%s%s\n.SH DESCRIPTION\n", *command->arguments ? " " : "", command->arguments);
        put_paragraphs(command->description);
        puts(".SH OPTIONS");
        put_options(entries);
        puts(".SH EXAMPLES\n.nf");
        put_text(command->examples);
        puts("\n.fi");
    }
    if (!command)
        puts(".SH ENVIRONMENT\n.TP\n.B NS\nThe simulator to run in place of ns on PATH.\n.TP\n"
             ".B ADLIOTLOG_DATADIR\nThe folder that holds scenarios/ and experiments/, in place of "
             "the one beside the program.\n.TP\n.B ADLIOTLOG_ISA\nThe instructions that train and "
             "evaluate compute with (avx512, avx2, portable), in place of the best that the "
             "processor has.\n.TP\n.B ADLIOTLOG_QUIET\nIf set, no progress is shown.");
    printf(".SH EXIT STATUS\n%s\n", ex_exit_statuses);
}
