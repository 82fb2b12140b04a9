#include "dataset/describe.h"
#include "dataset/rows.h"
#include "experiments/command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct sql_arguments {
    char *store, *format, *describe;
    gboolean json, no_header;
};

/* A word alone is a name; - is standard input. */
static gboolean may_be_sql(const char *argument)
{
    return strpbrk(argument, " \t\r\n") != NULL || strcmp(argument, "-") == 0;
}

/* An SQL comment, not an option: an option has no blank behind its dashes. */
static gboolean is_comment(const char *argument)
{
    return strncmp(argument, "--", 2) == 0 && argument[2] != '\0' && strchr(" \t\r\n", argument[2]);
}

/* All of standard input; SQLite takes a million bytes of SQL. Caller frees. */
static char *read_sql(GError **error)
{
    enum { MOST = 1000000 };
    g_autoptr(GString) sql = g_string_new(NULL);
    const char *fault = NULL;
    while (!fault && tg_check_interrupt(error)) {
        char piece[4096];
        ssize_t n = read(STDIN_FILENO, piece, sizeof piece);
        if (n == 0)
            return g_strdup(sql->str);
        if (n < 0 && errno != EINTR) {
            g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "standard input: %s", g_strerror(errno));
            return NULL;
        }
        if (n > 0 && memchr(piece, '\0', (gsize)n))
            fault = "NUL byte in a statement";
        g_string_append_len(sql, piece, MAX(n, 0));
        if (sql->len > MOST)
            fault = "too long for a statement";
    }
    if (fault)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "standard input: %s", fault);
    return NULL;
}

static ds_query *ask_input(ds_store *store, const char *behind, GError **error)
{
    if (behind) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "unexpected argument '%s' behind -", behind);
        return NULL;
    }
    g_autofree char *sql = read_sql(error);
    return sql ? ds_question_sql(store, sql, error) : NULL;
}

/*
 * What the arguments ask: the list of questions, what one of them means, one of them by name, or
 * plain SQL. A name comes first: it may hold a blank.
 */
static ds_query *ask(ds_store *store, const struct sql_arguments *a, int n, char **arguments,
                     GError **error)
{
    if (a->describe)
        return ds_describe_columns(store, a->describe, error);
    if (n == 0)
        return ds_describe_store(store, error);
    if (strcmp(arguments[0], "-") == 0)
        return ask_input(store, arguments[1], error);
    return ds_question_any(store, arguments[0], (const char *const *)arguments + 1, error);
}

static int answer(const struct ex_command *command, const struct sql_arguments *a,
                  const struct ds_format *format, int n, char **arguments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_store) store = ds_question_open(a->store, &error);
    g_autoptr(ds_query) query = store ? ask(store, a, n, arguments, &error) : NULL;
    if (!query) {
        if (!a->store && g_str_has_prefix(error->message, "no such table"))
            g_prefix_error(&error, "without --store: ");
        return ex_fail(command, error);
    }
    g_autoptr(ds_sink) sink = ds_sink_new(STDOUT_FILENO, "standard output", FALSE);
    if (!ds_rows_write(query, format, !a->no_header, sink, NULL, &error) ||
        !ds_sink_close(sink, &error))
        return ex_fail(command, error);
    return 0;
}

static int parse_and_answer(const struct ex_command *command, int argc, char **argv)
{
    struct sql_arguments a = {NULL};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store", "FILE"},
        {"describe", 'd', 0, G_OPTION_ARG_STRING, &a.describe,
         "Print what the columns of the view or table NAME mean", "NAME"},
        {"format", 'f', 0, G_OPTION_ARG_STRING, &a.format,
         "How rows are written: tsv (the default), csv, or json, an object a line", "FORMAT"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Short for --format json", NULL},
        {"no-header", 0, 0, G_OPTION_ARG_NONE, &a.no_header,
         "Leave out the line with the names of the columns", NULL},
        G_OPTION_ENTRY_NULL};
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    const struct ds_format *format =
        a.format ? ds_format_find(a.format) : (a.json ? &ds_format_jsonl : &ds_format_tsv);
    if (a.describe && argc > 1)
        status = ex_usage(command, "unexpected argument '%s' behind --describe", argv[1]);
    else if (!a.store && (argc < 2 || !may_be_sql(argv[1])))
        status = ex_usage(command, "--store is missing");
    else if (!format)
        status = ex_usage(command, "unknown format '%s' (known: tsv, csv, json)", a.format);
    else if (a.json && format != &ds_format_jsonl)
        status = ex_usage(command, "--json and --format %s exclude each other", a.format);
    else {
        tg_catch_interrupts();
        status = answer(command, &a, format, argc - 1, argv + 1);
    }
    g_free(a.store);
    g_free(a.format);
    g_free(a.describe);
    return status;
}

/* SQL that begins with a comment gets a blank before it, or else it would be taken for an option.
 */
static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *sql = NULL;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0 && !sql; i++)
        if (is_comment(argv[i]))
            argv[i] = sql = g_strconcat(" ", argv[i], NULL);
    return parse_and_answer(command, argc, argv);
}

const struct ex_command ex_command_sql = {
    .name = "sql",
    .summary = "answer a named question, or any SQL, from an event store or a trace",
    .arguments = "[NAME [COLUMN=VALUE...] | SQL | -]",
    .description =
        "Without an argument, lists the named questions: the views of the store, each with what it "
        "answers; then its tables. --describe NAME says what the columns of one mean. With the "
        "NAME of a view or table, prints its rows, those alone whose COLUMN is "
        "VALUE where such are given (COLUMN= takes the rows that have no value there). An argument "
        "with a blank in it that is no name is SQL: one statement, which can only read; '-' reads "
        "it from standard input.\n\n"
        "A view of your own is a named question like the others. The comment behind its AS says "
        "what it answers:\n\n"
        "    CREATE VIEW drops AS\n"
        "    -- Packets dropped, by node and reason.\n"
        "    SELECT run_id, node, reason, count(*) AS n FROM event WHERE op = 'd' GROUP BY 1, 2, "
        "3\n"
        "\n"
        "Traces need no store: in SQL, ns2trace('PATH') is a table of the lines about packets, in "
        "whatever format ns wrote them, with the columns of event that the line itself says (and "
        "text, the line, when it is asked for); ns2line('PATH') is one of all lines, with the kind "
        "of each (event, noise, blank, reject) and, in detail, what noise, or why it was refused. "
        "Both take .tr, .tr.gz, a pipe (once) and '-' for standard input, and read the file anew "
        "for every scan, in constant memory. Without --store there are only these. The extension "
        "ns2trace.so brings them to sqlite3.\n\n"
        "tsv: tab, line feed, carriage return and backslash in a text are written \\t \\n \\r "
        "\\\\; NULL is an empty field. csv: as RFC 4180 quotes, lines end in a line feed; NULL is "
        "an empty field, an empty text \"\". json: an object a line, NULL is null, bytes that are "
        "no UTF-8 become U+FFFD. Reals have the fewest digits that read back as the same number; "
        "blobs are hexadecimal.",
    .examples =
        "# what can be asked\n"
        "adliotlog sql --store S\n"
        "adliotlog sql --store S --describe event\n"
        "# a question by name, for one run\n"
        "adliotlog sql --store S pair_text pair_set=training\n"
        "adliotlog sql --store S event run_id=1 op=d --format csv\n"
        "# a trace as it lies there, and what of it is not read as an event\n"
        "adliotlog sql \"SELECT op, count(*) FROM ns2trace('thesis.tr.gz') GROUP BY op\"\n"
        "adliotlog sql \"SELECT kind, detail, count(*) FROM ns2line('thesis.tr.gz') GROUP BY 1, "
        "2\"\n"
        "# anything else\n"
        "adliotlog sql --store S \"SELECT op, layer, count(*) AS n FROM event GROUP BY 1, 2\" "
        "--json\n"
        "adliotlog sql --store S - <question.sql",
    .run = run,
};
