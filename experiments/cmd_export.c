#include "dataset/export.h"
#include "dataset/license.h"
#include "dataset/publish.h"
#include "dataset/reading.h"
#include "dataset/runs.h"
#include "dataset/vocabulary.h"
#include "experiments/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct export_arguments {
    char *store, *runs, *sql, *format, *vantage, *output;
    char *dataset, *title, *version, *license, *about;
    char **pairs, **creators; /* NULL: none given */
    gint64 run;               /* -1: not given */
    gboolean force;
};

static void clear(struct export_arguments *a)
{
    char *strings[] = {a->store,   a->runs,  a->sql,     a->format,  a->vantage, a->output,
                       a->dataset, a->title, a->version, a->license, a->about};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_strfreev(a->pairs);
    g_strfreev(a->creators);
}

/* How the data is written: rows in a format, or the lines of a trace. */
struct shape {
    const struct ds_format *rows; /* NULL: a trace */
    gboolean gzip;
};

/* ---- what is asked ------------------------------------------------------- */

static gboolean find_format(const char *name, struct shape *shape)
{
    shape->rows = ds_format_find(name);
    return shape->rows || strcmp(name, "trace") == 0;
}

/* From the endings of the name; an ending that says nothing leaves the format as it is. */
static gboolean read_name(const char *path, gboolean known, struct shape *shape)
{
    static const char *const names[][2] = {{".csv", "csv"},
                                           {".tsv", "tsv"},
                                           {".jsonl", "jsonl"},
                                           {".ndjson", "jsonl"},
                                           {".tr", "trace"}};
    shape->gzip = g_str_has_suffix(path, ".gz");
    g_autofree char *plain = g_strndup(path, strlen(path) - (shape->gzip ? 3 : 0));
    for (gsize i = 0; i < G_N_ELEMENTS(names) && !known; i++)
        if (g_str_has_suffix(plain, names[i][0]))
            known = find_format(names[i][1], shape);
    return known;
}

static gboolean is_stdout(const struct export_arguments *a)
{
    return !a->output || strcmp(a->output, "-") == 0;
}

/* An option that only a dataset has; NULL if none was given. */
static const char *find_dataset_option(const struct export_arguments *a)
{
    return a->title      ? "title"
           : a->creators ? "creator"
           : a->version  ? "dataset-version"
           : a->license  ? "license"
           : a->about    ? "about"
                         : NULL;
}

/* What is wrong with the arguments of one file; NULL if nothing is. Caller frees. */
static char *check_file(const struct export_arguments *a, struct shape *shape)
{
    int n_subject = (a->run >= 0) + (a->runs != NULL) + (a->pairs != NULL) + (a->sql != NULL);
    if (n_subject != 1 || (a->pairs && a->pairs[1]))
        return g_strdup("one of --run, --runs, --pairs and --sql says what to export");
    if (find_dataset_option(a))
        return g_strdup_printf("--%s is of a --dataset", find_dataset_option(a));
    if (a->format && !find_format(a->format, shape))
        return g_strdup_printf("unknown format '%s' (known: csv, tsv, jsonl, trace)", a->format);
    if (is_stdout(a))
        shape->rows = a->format ? shape->rows : &ds_format_csv;
    else if (!read_name(a->output, a->format != NULL, shape))
        return g_strdup_printf("--format is missing, and '%s' does not end in .csv, .tsv, .jsonl, "
                               ".tr or one of them and .gz",
                               a->output);
    if (!shape->rows && (a->pairs || a->sql))
        return g_strdup("only runs can be written as a trace");
    if (a->vantage && (a->pairs || a->sql))
        return g_strdup("--vantage is of runs (pairs have theirs, and SQL asks for covert)");
    return NULL;
}

/* Likewise, of a dataset. */
static char *check_dataset(const struct export_arguments *a)
{
    const char *excluded = a->sql                   ? "sql"
                           : a->output              ? "output"
                           : a->format              ? "format"
                           : a->vantage             ? "vantage"
                           : a->run >= 0 && a->runs ? "run"
                                                    : NULL;
    if (excluded)
        return g_strdup_printf("--%s and --%s exclude each other", excluded,
                               strcmp(excluded, "run") == 0 ? "runs" : "dataset");
    for (char **creator = a->creators; creator && *creator; creator++)
        if (!**creator)
            return g_strdup("--creator needs a name");
    if (a->version && !*a->version)
        return g_strdup("--dataset-version needs a version");
    return *a->dataset ? NULL : g_strdup("--dataset needs a name");
}

#define LAST_SECOND G_GINT64_CONSTANT(253402300799) /* of the year 9999 */

/* SOURCE_DATE_EPOCH, which says when a build is to have happened; -1 without it. */
static gboolean find_created(gint64 *created)
{
    const char *text = g_getenv("SOURCE_DATE_EPOCH");
    *created = -1;
    return !text || g_ascii_string_to_signed(text, 10, 0, LAST_SECOND, created, NULL);
}

/* ---- one file ------------------------------------------------------------ */

static GArray *pick_runs(ds_store *store, const struct export_arguments *a, GError **error)
{
    if (a->runs)
        return ds_runs_pick(store, a->runs, error);
    gint64 run_id = -1;
    if (!ds_lookup(store, &run_id, error, "SELECT run_id FROM run WHERE run_id = ?", "i", a->run))
        return NULL;
    if (run_id < 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "no run %" G_GINT64_FORMAT " in the store",
                    a->run);
        return NULL;
    }
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(gint64));
    return g_array_append_val(runs, run_id);
}

/* What is to be written, found before there is a file to write it to. */
struct subject {
    GArray *runs;        /* NULL: */
    const char *vantage; /* of runs */
    ds_query *question;  /* NULL: */
    gint64 pair_set_id;
};

static gboolean find_subject(ds_store *store, const struct export_arguments *a,
                             const struct shape *shape, struct subject *subject, GError **error)
{
    static const char *const nothing[] = {NULL};
    if (a->sql) {
        subject->question = ds_question_any(store, a->sql, nothing, error);
        return subject->question != NULL;
    }
    if (a->pairs) {
        subject->pair_set_id = ds_find_pair_set(store, a->pairs[0], error);
        return subject->pair_set_id != 0;
    }
    subject->vantage = a->vantage ? a->vantage : ds_paper_reading.vantage;
    if (!ds_reading_vantage_sql(subject->vantage, error))
        return FALSE;
    subject->runs = pick_runs(store, a, error);
    if (subject->runs && !shape->rows && subject->runs->len > 1) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "a trace is of one run, and %u have %s",
                    subject->runs->len, a->runs);
        return FALSE;
    }
    return subject->runs != NULL;
}

static gboolean write_runs(ds_store *store, const struct subject *subject,
                           const struct shape *shape, ds_sink *sink, gint64 *n_row, GError **error)
{
    const gint64 first = g_array_index(subject->runs, gint64, 0);
    if (!shape->rows)
        return ds_export_trace(store, first, subject->vantage, sink, n_row, error);
    return ds_export_events(store, subject->runs, subject->vantage, shape->rows, sink, n_row,
                            error);
}

static gboolean write_subject(ds_store *store, const struct subject *subject,
                              const struct shape *shape, ds_sink *sink, gint64 *n_row,
                              GError **error)
{
    if (subject->question)
        return ds_rows_write(subject->question, shape->rows, TRUE, sink, n_row, error);
    if (subject->runs)
        return write_runs(store, subject, shape, sink, n_row, error);
    return ds_export_pairs(store, subject->pair_set_id, shape->rows, sink, n_row, error);
}

static gboolean export_file(ds_store *store, const struct export_arguments *a,
                            const struct shape *shape, GError **error)
{
    struct subject subject = {NULL};
    gint64 n_row = 0;
    g_autoptr(ds_sink) sink = NULL;
    if (find_subject(store, a, shape, &subject, error))
        sink = is_stdout(a) ? ds_sink_new(STDOUT_FILENO, "standard output", FALSE)
                            : ds_sink_create(a->output, shape->gzip, a->force, error);
    gboolean done = sink && write_subject(store, &subject, shape, sink, &n_row, error) &&
                    ds_sink_close(sink, error);
    if (subject.runs)
        g_array_unref(subject.runs);
    ds_query_free(subject.question);
    if (done && !is_stdout(a))
        printf("%s\t%" G_GINT64_FORMAT "\n", a->output, n_row);
    return done;
}

/* ---- a dataset ----------------------------------------------------------- */

static void print_file(void *data, const char *path, gint64 n_row)
{
    g_autofree char *full = g_build_filename(data, path, NULL);
    printf("%s\t%" G_GINT64_FORMAT "\n", full, n_row);
}

/* Others may know it, so it is accepted. */
static void warn_of_license(const struct ex_command *command, const char *license)
{
    if (license && ds_license_check(license, NULL) && !ds_license_is_common(license))
        g_printerr("adliotlog %s: --license '%s' is no SPDX identifier known here, such as "
                   "CC-BY-4.0; it is written as it is\n",
                   command->name, license);
}

/* Text for people. NULL on error; caller frees. */
static char *read_text(const char *path, GError **error)
{
    gsize length;
    g_autofree char *text = NULL;
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(path, &text, &length, &failure)) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot read --about: %s", failure->message);
        return NULL;
    }
    if (!g_utf8_validate_len(text, length, NULL)) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s is no text in UTF-8", path);
        return NULL;
    }
    return g_steal_pointer(&text);
}

static gboolean export_dataset(ds_store *store, const struct export_arguments *a, gint64 created,
                               GError **error)
{
    static const char *const none[] = {NULL};
    g_autoptr(GArray) known = a->run >= 0 ? pick_runs(store, a, error) : NULL;
    if (a->run >= 0 && !known)
        return FALSE;
    g_autofree char *about = a->about ? read_text(a->about, error) : NULL;
    if (a->about && !about)
        return FALSE;
    g_autofree char *run =
        a->run >= 0 ? g_strdup_printf("run_id = %" G_GINT64_FORMAT, a->run) : NULL;
    const struct ds_publish_options options = {
        .path = a->dataset,
        .force = a->force,
        .runs = run ? run : (a->runs ? a->runs : "1"),
        .pairs = a->pairs ? (const char *const *)a->pairs : none,
        .title = a->title,
        .creators = a->creators ? (const char *const *)a->creators : none,
        .version = a->version,
        .license = a->license,
        .about = about,
        .created = created,
        .written = print_file,
        .data = a->dataset,
    };
    return ds_publish(store, &options, error);
}

static int export(const struct ex_command *command, const struct export_arguments *a,
                  const struct shape *shape, gint64 created)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_READ, &error);
    /* A writer at work is not seen: all rows, of all files, are of one state. */
    gboolean done = store && ds_begin_read(store, &error) &&
                    (a->dataset ? export_dataset(store, a, created, &error)
                                : export_file(store, a, shape, &error));
    return done ? 0 : ex_fail(command, error);
}

static int check_and_export(const struct ex_command *command, const struct export_arguments *a)
{
    struct shape shape = {NULL};
    gint64 created;
    if (!a->store)
        return ex_usage(command, "--store is missing");
    g_autofree char *fault = a->dataset ? check_dataset(a) : check_file(a, &shape);
    if (fault)
        return ex_usage(command, "%s", fault);
    if (!find_created(&created))
        return ex_usage(command, "SOURCE_DATE_EPOCH is no number of seconds");
    tg_catch_interrupts();
    warn_of_license(command, a->license);
    signal(SIGPIPE, SIG_IGN); /* what was cut off says so */
    return export(command, a, &shape, created);
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    struct export_arguments a = {.run = -1};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store", "FILE"},
        {"run", 0, 0, G_OPTION_ARG_INT64, &a.run, "Export the events of run N", "N"},
        {"runs", 'r', 0, G_OPTION_ARG_STRING, &a.runs,
         "Export the events of all runs that meet a condition on table run, such as \"attack = "
         "'none'\"",
         "SQL"},
        {"pairs", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &a.pairs,
         "Export the pairs of a pair set; for a dataset, may be given more than once", "NAME"},
        {"sql", 'q', 0, G_OPTION_ARG_STRING, &a.sql,
         "Export the answer to a named question, a table, or any SQL that only reads",
         "NAME|QUERY"},
        {"format", 'f', 0, G_OPTION_ARG_STRING, &a.format,
         "csv, tsv, jsonl (an object a line) or trace (the packet lines of one run as ns-2 printed "
         "them, each with a line feed; no noise, blank or refused lines); "
         "default: by the ending of the output's name, csv on standard output",
         "FORMAT"},
        {"vantage", 0, 0, G_OPTION_ARG_STRING, &a.vantage,
         "Which events of runs: all (the default), or gateways, the honest logs of all nodes, "
         "without what only the adversaries' own radios or logs show (event.covert)",
         "WHOSE"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &a.output,
         "File to write, packed by gzip if its name ends in .gz; - is standard output (the "
         "default)",
         "FILE"},
        {"dataset", 'd', 0, G_OPTION_ARG_FILENAME, &a.dataset,
         "Write a folder to publish: all runs, or those of --runs, and the pair sets of --pairs",
         "FOLDER"},
        {"title", 0, 0, G_OPTION_ARG_STRING, &a.title,
         "Title of the dataset, from which its package is named; without one, from the folder",
         "TEXT"},
        {"creator", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.creators,
         "Who made the dataset; may be given more than once", "NAME"},
        {"dataset-version", 0, 0, G_OPTION_ARG_STRING, &a.version, "Version of the dataset",
         "VERSION"},
        {"license", 0, 0, G_OPTION_ARG_STRING, &a.license,
         "Licence of the dataset: an SPDX identifier such as CC-BY-4.0, or a URL", "NAME"},
        {"about", 0, 0, G_OPTION_ARG_FILENAME, &a.about,
         "Text in Markdown for a section of its own in the dataset's datasheet", "FILE"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a.force,
         "Replace a file, or a dataset nobody has changed, of that name", NULL},
        G_OPTION_ENTRY_NULL};
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    status = check_and_export(command, &a);
    clear(&a);
    return status;
}

const struct ex_command ex_command_export = {
    .name = "export",
    .summary = "write events, pairs, any query or a whole dataset for others",
    .arguments = "",
    .description =
        "Writes what a store holds as CSV, TSV or JSON Lines: the events of runs (all columns of "
        "event, run by run in trace order), the pairs of a pair set with their sentences, or the "
        "answer to a question. How values are written is said in adliotlog-sql(1).\n\n"
        "The format trace prints the lines about packets of one run again, for the tools that read "
        "ns-2's formats: to the letter as they stand in its trace, but for their ends. Each line "
        "ends in a line feed; a carriage return before it is not kept. Noise, blank and refused "
        "lines are not printed.\n\n"
        "A file appears whole or not at all, and is replaced only with --force. All rows are of "
        "one state of the store, whatever is written to it meanwhile. For a file, its name and "
        "number of rows are printed; standard output holds the data alone.\n\n"
        "--dataset writes a folder for others: the events of each run, its nodes, interfaces, "
        "flows, noise counts and refused lines as CSV; datapackage.json, which describes every "
        "file and column as a Frictionless Tabular Data Package; README.md, a datasheet filled "
        "from the store; and SHA256SUMS. Ground truth, if there is one, is marked as such. Paths "
        "and "
        "command lines are published as the store has them. What the store does not know, such as "
        "who made the data and why, is for you to say: by --creator, --dataset-version, --license "
        "and, at length, in the file of --about, which a later export takes again; what was "
        "written into README.md by hand keeps --force from replacing the folder. "
        "Nothing in the folder depends on the time; SOURCE_DATE_EPOCH gives it a date.",
    .examples = "# a run for a spreadsheet or a data frame\n"
                "adliotlog export --store S --run 1 --output run1.csv.gz\n"
                "# the same run as the trace it was\n"
                "adliotlog export --store S --run 1 --output run1.tr\n"
                "# what honest logs show of it, for a detector of one's own\n"
                "adliotlog export --store S --run 1 --vantage gateways --output honest.csv\n"
                "# sentences for another trainer\n"
                "adliotlog export --store S --pairs training --output pairs.jsonl\n"
                "# anything else, into a pipe\n"
                "adliotlog export --store S --sql 'SELECT op, count(*) AS n FROM event GROUP BY 1' "
                "--format tsv | column -t\n"
                "# a folder to publish\n"
                "adliotlog export --store S --dataset iot16 --license CC-BY-4.0 --pairs training\n"
                "# the same with what only you know\n"
                "adliotlog export --store S --dataset mine --creator 'A. Writer' --about why.md",
    .run = run,
};
