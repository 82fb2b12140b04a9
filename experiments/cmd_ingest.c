#include "dataset/ingest.h"
#include "experiments/command.h"

#include <stdio.h>

/* Refused lines shown one by one; the rest are in table reject. */
enum { SHOWN_REJECTS = 10 };

struct rejects {
    const struct ex_command *command;
    int shown;
};

static void show_reject(void *data, const char *path, gint64 line, const char *reason)
{
    struct rejects *rejects = data;
    if (rejects->shown++ < SHOWN_REJECTS)
        g_printerr("adliotlog %s: %s:%" G_GINT64_FORMAT ": %s\n", rejects->command->name, path,
                   line, reason);
}

static void print_result(const char *path, const struct ds_ingest_result *r, gboolean json)
{
    const struct {
        const char *name;
        gint64 value;
    } figures[] = {{"run_id", r->run_id},
                   {"n_line", r->n_line},
                   {"n_event", r->n_event},
                   {"n_noise", r->n_noise},
                   {"n_blank", r->n_blank},
                   {"n_reject", r->n_reject},
                   {"unterminated", r->unterminated}};
    if (!json) {
        printf("run %" G_GINT64_FORMAT "\t%s\t%" G_GINT64_FORMAT " lines = %" G_GINT64_FORMAT
               " events + %" G_GINT64_FORMAT " noise + %" G_GINT64_FORMAT
               " blank + %" G_GINT64_FORMAT " refused\n",
               r->run_id, path, r->n_line, r->n_event, r->n_noise, r->n_blank, r->n_reject);
        return;
    }
    g_autofree char *quoted = ex_json_string(path);
    printf("{\"path\":%s", quoted);
    for (gsize i = 0; i < G_N_ELEMENTS(figures); i++)
        printf(",\"%s\":%" G_GINT64_FORMAT, figures[i].name, figures[i].value);
    for (int kind = 0; kind < TG_N_NOISE; kind++)
        if (r->n_noise_of[kind])
            printf(",\"noise %s\":%" G_GINT64_FORMAT, tg_noise_name((enum tg_noise)kind),
                   r->n_noise_of[kind]);
    puts("}");
}

/* An attack may come to nothing; who reads the labels of seconds should know. */
static gboolean tell_idle_attacks(const struct ex_command *command, ds_store *store,
                                  const char *path, gint64 run_id, GError **error)
{
    g_autoptr(ds_query) idle =
        ds_query_new(store, error,
                     "SELECT DISTINCT attack FROM attack AS a WHERE run_id = ? AND NOT EXISTS"
                     " (SELECT 1 FROM shape JOIN attack AS b USING (run_id, attack_no)"
                     " WHERE run_id = a.run_id AND b.attack = a.attack) ORDER BY attack_no",
                     "i", run_id);
    GError *failure = NULL;
    while (idle && ds_query_next(idle, &failure))
        g_printerr("adliotlog %s: %s: attack '%s' left no event: labelled by its window only\n",
                   command->name, path, ds_query_text(idle, 0));
    if (failure)
        g_propagate_error(error, failure);
    return idle && !failure;
}

/* One input; returns the exit status it asks for. */
static int ingest_one(const struct ex_command *command, ds_store *store, const char *path,
                      const struct ds_ingest_options *template, gboolean json)
{
    g_autoptr(GError) error = NULL;
    struct rejects rejects = {command, 0};
    struct ds_ingest_options options = *template;
    struct ds_ingest_result result;
    options.rejected = show_reject;
    options.data = &rejects;
    if (!ds_ingest(store, path, &options, &result, &error) ||
        !tell_idle_attacks(command, store, path, result.run_id, &error))
        return ex_fail(command, error);
    if (rejects.shown > SHOWN_REJECTS)
        g_printerr("adliotlog %s: %s: %d more lines refused (table reject has all)\n",
                   command->name, path, rejects.shown - SHOWN_REJECTS);
    if (result.namesake)
        g_printerr("adliotlog %s: %s: run %" G_GINT64_FORMAT
                   " is of a file of that name with other "
                   "content; both are kept\n",
                   command->name, path, result.namesake);
    if (result.unterminated)
        g_printerr("adliotlog %s: %s: the last line has no line end (cut off?)\n", command->name,
                   path);
    print_result(path, &result, json);
    return result.n_reject > 0 ? TG_ERROR_DATA : 0;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *store_path = NULL;
    gboolean force = FALSE, json = FALSE, keep_noise = FALSE;
    gint64 max_reject = -1;
    const GOptionEntry entries[] = {{"store", 's', 0, G_OPTION_ARG_FILENAME, &store_path,
                                     "Event store; made when it does not exist", "FILE"},
                                    {"force", 0, 0, G_OPTION_ARG_NONE, &force,
                                     "Replace runs whose trace is in the store already", NULL},
                                    {"keep-noise", 0, 0, G_OPTION_ARG_NONE, &keep_noise,
                                     "Also store the lines that are not about packets "
                                     "(table noise_line)",
                                     NULL},
                                    {"max-reject", 0, 0, G_OPTION_ARG_INT64, &max_reject,
                                     "Refuse a trace as a whole when more than N of its lines are "
                                     "refused (default: keep all the others)",
                                     "N"},
                                    {"json", 0, 0, G_OPTION_ARG_NONE, &json,
                                     "Print one JSON object a trace", NULL},
                                    G_OPTION_ENTRY_NULL};
    g_autofree char *line = ex_command_line(argc, argv);
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    if (!store_path)
        return ex_usage(command, "--store is missing");
    if (argc < 2)
        return ex_usage(command, "no trace or run directory given");

    if (max_reject < -1)
        return ex_usage(command, "--max-reject is less than 0");

    g_autoptr(GError) error = NULL;
    g_autoptr(ds_store) store = ds_store_open(store_path, DS_CREATE, &error);
    if (!store)
        return ex_fail(command, error);
    tg_catch_interrupts();
    const struct ds_ingest_options options = {.force = force,
                                              .keep_noise = keep_noise,
                                              .max_reject = max_reject,
                                              .command = line};
    for (int i = 1; i < argc; i++) {
        int one = ingest_one(command, store, argv[i], &options, json);
        if (one > status)
            status = one;
        if (one == TG_ERROR_SYSTEM || one == TG_ERROR_INTERRUPTED)
            break;
    }
    return status;
}

const struct ex_command ex_command_ingest = {
    .name = "ingest",
    .summary = "read traces or run directories into an event store",
    .arguments = "TRACE|DIRECTORY|-...",
    .description =
        "Reads ns-2 traces (wireless old, new and tagged, wired with all headers, tagged and "
        "satellite, told apart line by line; FILE.gz is unpacked, - is standard input) into an "
        "SQLite event store. Lines about packets become "
        "rows of table event; movement, energy, annotation and log lines are noise and only "
        "counted "
        "by kind; lines that are neither are kept in table reject with the reason, and make the "
        "exit status 3.\n\n"
        "A run directory of 'adliotlog simulate' brings its manifest: nodes, gateways, flows and "
        "attack labels; attacks that left no event are named. Without one, flows and interfaces "
        "are inferred and labels stay NULL.\n\n"
        "Each trace is one transaction: it is in the store as a whole or not at all. A trace that "
        "is there already (by SHA-256, and where 'adliotlog simulate' wrote its manifest, by its "
        "plan) is refused unless --force is given.",
    .examples = "# all runs of a directory\n"
                "adliotlog ingest --store results/store.db results/runs/*\n"
                "# a trace of your own\n"
                "adliotlog ingest --store my.db thesis.tr\n"
                "sqlite3 my.db 'SELECT op, layer, count(*) FROM event GROUP BY 1, 2'",
    .run = run,
};
