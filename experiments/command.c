#include "experiments/command.h"

#include "tracegen/child.h"
#include "tracegen/json.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

/* Every command has these two besides its own. */
struct common_options {
    gboolean help, man;
};

/* Lines of at most 79 characters; those that start with a blank stay as they are. */
static char *wrap(const char *text)
{
    enum { WIDTH = 79 };
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *wrapped = g_string_new(NULL);
    for (char **line = lines; *line; line++) {
        char *rest = *line;
        while (*rest != ' ' && strlen(rest) > WIDTH) {
            char *blank = g_strrstr_len(rest, WIDTH + 1, " ");
            if (!blank)
                break;
            *blank = '\0';
            g_string_append_printf(wrapped, "%s\n", rest);
            rest = blank + 1;
        }
        g_string_append_printf(wrapped, "%s%s", rest, line[1] ? "\n" : "");
    }
    return g_string_free(wrapped, FALSE);
}

static GOptionContext *new_context(const struct ex_command *command, const GOptionEntry *entries,
                                   struct common_options *common)
{
    const GOptionEntry common_entries[] = {{"help", 'h', 0, G_OPTION_ARG_NONE, &common->help,
                                            "Show this help", NULL},
                                           {"man", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE,
                                            &common->man, NULL, NULL},
                                           G_OPTION_ENTRY_NULL};
    GOptionContext *context = g_option_context_new(command->arguments);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_main_entries(context, common_entries, NULL);
    g_autofree char *description = wrap(command->description);
    g_autofree char *summary =
        g_strdup_printf("adliotlog %s - %s\n\n%s", command->name, command->summary, description);
    g_autofree char *examples = g_strdup_printf("Examples:\n%s", command->examples);
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, examples);
    return context;
}

gboolean ex_parse(const struct ex_command *command, const GOptionEntry *entries, int *argc,
                  char ***argv, int *status)
{
    struct common_options common = {FALSE, FALSE};
    g_autoptr(GOptionContext) context = new_context(command, entries, &common);
    g_autoptr(GError) error = NULL;

    g_autofree char *program = g_strdup_printf("adliotlog %s", command->name);
    g_set_prgname(program);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        *status = ex_fail(command, error);
        return FALSE;
    }
    *status = 0;
    if (common.help) {
        g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);
        fputs(help, stdout);
        return FALSE;
    }
    if (common.man) {
        ex_print_man(command, entries);
        return FALSE;
    }
    /* What an option did not take and `--` let through stays an argument. */
    if (*argc > 1 && strcmp((*argv)[1], "--") == 0) {
        memmove(*argv + 1, *argv + 2, sizeof **argv * (size_t)(*argc - 1));
        --*argc;
    }
    if (*argc > 1 && *command->arguments == '\0') {
        *status = ex_usage(command, "unexpected argument '%s'", (*argv)[1]);
        return FALSE;
    }
    return TRUE;
}

int ex_exit_status(const GError *error)
{
    if (error->domain == TG_ERROR)
        return error->code;
    if (error->domain == G_OPTION_ERROR)
        return TG_ERROR_USAGE;
    return TG_ERROR_SYSTEM;
}

static int print_error(const struct ex_command *command, const GError *error, gboolean hint)
{
    g_printerr("adliotlog %s: %s\n", command->name, error->message);
    if (hint)
        g_printerr("Try 'adliotlog %s --help'.\n", command->name);
    return ex_exit_status(error);
}

int ex_fail(const struct ex_command *command, const GError *error)
{
    return print_error(command, error, error->domain == G_OPTION_ERROR);
}

int ex_usage(const struct ex_command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autoptr(GError) error = g_error_new_valist(TG_ERROR, TG_ERROR_USAGE, format, arguments);
    va_end(arguments);
    return print_error(command, error, TRUE);
}

char *ex_find_data(const char *name, GError **error)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *directory = program ? g_path_get_dirname(program) : NULL;
    char *found[3] = {NULL};
    int n = 0;
    if (g_getenv("ADLIOTLOG_DATADIR"))
        found[n++] = g_build_filename(g_getenv("ADLIOTLOG_DATADIR"), name, NULL);
    if (directory) { /* build/release/adliotlog, PREFIX/bin/adliotlog */
        found[n++] = g_build_filename(directory, "..", "..", name, NULL);
        found[n++] = g_build_filename(directory, "..", "share", "adliotlog", name, NULL);
    }

    char *path = NULL;
    for (int i = 0; i < n; i++) {
        if (!path && g_file_test(found[i], G_FILE_TEST_EXISTS))
            path = g_canonicalize_filename(found[i], NULL);
        g_free(found[i]);
    }
    if (!path)
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM,
                    "cannot find '%s' (ADLIOTLOG_DATADIR names the folder that holds it)", name);
    return path;
}

char *ex_command_line(int argc, char **argv)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_ptr_array_add(words, (gpointer) "adliotlog");
    for (int i = 0; i < argc; i++)
        g_ptr_array_add(words, argv[i]);
    g_ptr_array_add(words, NULL);
    return tg_quote_command((const char *const *)words->pdata);
}

char *ex_json_string(const char *text)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_VALUE);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    json_node_set_string(node, valid);
    return tg_json_to_string(node, FALSE);
}
