#include "experiments/command.h"
#include "experiments/report.h"

#include <stdio.h>

static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *store_path = NULL, *out = NULL, *plan = NULL;
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &store_path, "Event store", "FILE"},
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "Folder of the results (default: results)",
         "DIR"},
        {"plan", 0, 0, G_OPTION_ARG_STRING, &plan,
         "Report the trials of this plan (default: the only one in the store)", "NAME"},
        G_OPTION_ENTRY_NULL};
    g_autofree char *line = ex_command_line(argc, argv);
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    if (!store_path)
        return ex_usage(command, "--store is missing");

    g_autoptr(GError) error = NULL;
    g_autoptr(ds_store) store = ds_store_open(store_path, DS_READ, &error);
    if (!store)
        return ex_fail(command, error);
    g_autoptr(GPtrArray) written = g_ptr_array_new_with_free_func(g_free);
    gboolean done = ex_report_write(store, plan, out ? out : "results", line, written, &error);
    for (guint i = 0; i < written->len; i++)
        puts(written->pdata[i]);
    return done ? 0 : ex_fail(command, error);
}

const struct ex_command ex_command_report = {
    .name = "report",
    .summary = "write tables, figures and claims from what the store holds",
    .arguments = "",
    .description =
        "Writes the results of one plan into a folder: report.html, one page that needs nothing "
        "else; its tables as CSV, Markdown and LaTeX (runs, table1, table2, set_a, claims, fall, "
        "comparison, detection, audit, pair_sets, models); figure2a.svg, figure2b.svg, "
        "figure3.svg, plots of accuracies, falls and detectors; and provenance.json. The data of "
        "figures and the gnuplot script of Figure 3 are kept in its folder data. Prints the files "
        "written, one a line.\n"
        "\n"
        "Claims of the paper that need other plans are judged by those that the store holds. "
        "Curves of detectors come from the task that has the plan's name (see adliotlog score).\n"
        "\n"
        "All of these are derived from the store, so those of an earlier report are replaced, "
        "each atomically. Without gnuplot figure3.svg is left out, which is said on stderr. A "
        "store "
        "without trials (see adliotlog reproduce) is left alone, and so is the folder: status 1.",
    .examples = "# what reproduce has done so far\n"
                "adliotlog report --store results/store.db --out results/\n"
                "# a figure drawn anew after its script was changed\n"
                "cd results/data && gnuplot -c figure3.gp figure3 >../figure3.svg",
    .run = run,
};
