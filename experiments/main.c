/* adliotlog COMMAND ...: the command table, and nothing else. */
#include "experiments/command.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

const struct ex_command *const ex_commands[] = {&ex_command_simulate,
                                                &ex_command_ingest,
                                                &ex_command_merge,
                                                &ex_command_pairs,
                                                &ex_command_train,
                                                &ex_command_federate,
                                                &ex_command_evaluate,
                                                &ex_command_audit,
                                                &ex_command_detect,
                                                &ex_command_attend,
                                                &ex_command_score,
                                                &ex_command_rank,
                                                &ex_command_report,
                                                &ex_command_reproduce,
                                                &ex_command_sql,
                                                &ex_command_export,
                                                &ex_command_draw,
                                                &ex_command_serve,
                                                NULL};

const char ex_exit_statuses[] =
    "0 done; 1 done, and the answer is no; 2 usage; 3 bad input data (part or all\n"
    "refused); 4 system (I/O, full disk); 5 ns failed; 130 interrupted.";

static const struct ex_command *find_command(const char *name)
{
    for (const struct ex_command *const *command = ex_commands; *command; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

static void print_overview(FILE *stream)
{
    fputs("adliotlog - security data from simulated IoT networks\n\n"
          "Usage: adliotlog COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n",
          stream);
    for (const struct ex_command *const *command = ex_commands; *command; command++)
        fprintf(stream, "  %-10s %s\n", (*command)->name, (*command)->summary);
    fprintf(stream,
            "  help       describe a command: adliotlog help COMMAND\n"
            "  version    print the version\n\nExit status: %s\n",
            ex_exit_statuses);
}

static int unknown_command(const char *name)
{
    g_printerr("adliotlog: unknown command '%s'\nTry 'adliotlog help'.\n", name);
    return TG_ERROR_USAGE;
}

static int help(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--man") == 0) {
        ex_print_man(NULL, NULL);
        return 0;
    }
    const struct ex_command *command = find_command(argv[1]);
    if (!command)
        return unknown_command(argv[1]);
    char *help_argv[] = {argv[1], (char *)"--help", NULL};
    return command->run(command, 2, help_argv);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return TG_ERROR_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argc - 1, argv + 1);
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
        puts("adliotlog " ADLIOTLOG_VERSION);
        return 0;
    }
    const struct ex_command *command = find_command(name);
    return command ? command->run(command, argc - 1, argv + 1) : unknown_command(name);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* data and figures read the same everywhere */
    int status = dispatch(argc, argv);
    gboolean failed = ferror(stdout) != 0;
    if (fclose(stdout) != 0 || failed) {
        g_printerr("adliotlog: cannot write to standard output: %s\n", g_strerror(errno));
        return TG_ERROR_SYSTEM;
    }
    return status;
}
