#include "dataset/merge.h"
#include "experiments/command.h"
#include "experiments/progress.h"

#include <stdio.h>

static void print_result(const char *path, const struct ds_merge_result *r, gboolean json)
{
    const struct {
        const char *name;
        gint64 value;
    } figures[] = {{"n_run", r->n_run},           {"n_known", r->n_known}, {"n_event", r->n_event},
                   {"n_pair_set", r->n_pair_set}, {"n_model", r->n_model}, {"n_row", r->n_row}};
    if (!json) {
        printf("%s\t%" G_GINT64_FORMAT " runs with %" G_GINT64_FORMAT " events, %" G_GINT64_FORMAT
               " pair sets, %" G_GINT64_FORMAT " models; %" G_GINT64_FORMAT
               " runs were there already\n",
               path, r->n_run, r->n_event, r->n_pair_set, r->n_model, r->n_known);
        return;
    }
    g_autofree char *quoted = ex_json_string(path);
    printf("{\"path\":%s", quoted);
    for (gsize i = 0; i < G_N_ELEMENTS(figures); i++)
        printf(",\"%s\":%" G_GINT64_FORMAT, figures[i].name, figures[i].value);
    puts("}");
}

/* One part; returns the exit status it asks for. */
static int merge_one(const struct ex_command *command, ds_store *store, const char *path,
                     struct ex_progress *progress, gboolean json)
{
    g_autoptr(GError) error = NULL;
    struct ds_merge_result result;
    gboolean done = ds_merge(store, path, &result, &error);
    ex_progress_end(progress);
    if (!done)
        return ex_fail(command, error);
    if (result.left_out)
        g_printerr("adliotlog %s: %s: left out, as not of the schema: %s\n", command->name, path,
                   result.left_out);
    print_result(path, &result, json);
    fflush(stdout);
    g_free(result.left_out);
    return 0;
}

static int merge_all(const struct ex_command *command, const char *store_path, int n, char **parts,
                     gboolean json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_store) store = ds_store_open(store_path, DS_CREATE, &error);
    if (!store)
        return ex_fail(command, error);
    tg_catch_interrupts();
    struct ex_progress progress;
    int status = 0;
    ex_progress_start(&progress, "stores");
    for (int i = 0; i < n; i++) {
        ex_progress_show(&progress, i, n, "");
        int one = merge_one(command, store, parts[i], &progress, json);
        status = MAX(status, one);
        if (one == TG_ERROR_SYSTEM || one == TG_ERROR_INTERRUPTED)
            break;
    }
    return status;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *store_path = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"store", 's', 0, G_OPTION_ARG_FILENAME, &store_path,
                                     "Event store to merge into; made when it does not exist",
                                     "FILE"},
                                    {"json", 0, 0, G_OPTION_ARG_NONE, &json,
                                     "Print one JSON object a part", NULL},
                                    G_OPTION_ENTRY_NULL};
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    if (!store_path)
        return ex_usage(command, "--store is missing");
    if (argc < 2)
        return ex_usage(command, "no store given to merge into %s", store_path);
    return merge_all(command, store_path, argc - 1, argv + 1, json);
}

const struct ex_command ex_command_merge = {
    .name = "merge",
    .summary = "copy event stores into one",
    .arguments = "PART...",
    .description =
        "Copies all that other stores hold into one: runs with their events and labels, pair sets, "
        "models, what they were tested on and what came of it, detection tasks. Rows get numbers "
        "that are free in the store. The parts are only read; each is one transaction, so that it "
        "is in the store as a whole or not at all, also when the program is killed.\n\n"
        "What is there already is not copied again: a run with the same trace and plan, a pair set "
        "or task of the same name, a model with the same SHA-256. So merging a part twice changes "
        "nothing, and an interrupted merge is ended by the same command. But what is there twice "
        "has to be the same, row by row. Where it is not, the part is refused as a whole: the "
        "message names the table, the row and the column, and the exit status is 3; other parts "
        "are merged all the same. It may differ in where it came from alone, in paths and command "
        "lines: those that came first stay.\n\n"
        "Tables and views that are not of the schema are left out and named. Model files are no "
        "part of a store: copy them along.",
    .examples = "# the stores of a sweep that was simulated in shards\n"
                "adliotlog merge --store all.db shards/*.db",
    .run = run,
};
