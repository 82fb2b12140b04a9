#include "dataset/vocabulary.h"
#include "experiments/audit.h"
#include "experiments/command.h"
#include "experiments/model_record.h"
#include "model/model_file.h"

#include <math.h>
#include <stdio.h>

struct audit_arguments {
    char *store, *train, *test, *model, *control, *permuted;
    double max_same;
    gboolean json;
};

static void print_finding(const struct ex_finding *f, gboolean json)
{
    if (!json) {
        printf("%s\t%s\t%s\n", f->check, ex_audit_verdicts[f->verdict], f->text);
        return;
    }
    g_autofree char *text = ex_json_string(f->text);
    printf("{\"check\":\"%s\",\"verdict\":\"%s\",\"value\":", f->check,
           ex_audit_verdicts[f->verdict]);
    printf(isnan(f->value) ? "null" : "%.6f", f->value);
    printf(",\"text\":%s}\n", text);
}

static gboolean write_findings(ds_store *store, const struct ex_audit_options *o,
                               const GArray *findings, GError **error)
{
    if (!ds_execute(store, error, "DELETE FROM audit WHERE train_set = ? AND test_set = ?", "ii",
                    o->train_set, o->test_set))
        return FALSE;
    for (guint i = 0; i < findings->len; i++) {
        const struct ex_finding *f = &g_array_index(findings, struct ex_finding, i);
        if (!ds_execute(store, error, "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", "iisdss",
                        o->train_set, o->test_set, f->check, f->value, /* NaN becomes NULL */
                        ex_audit_verdicts[f->verdict], f->text))
            return FALSE;
    }
    return TRUE;
}

/* The numbers of what is named. The vocabulary is in the model's file, if it is one. */
static gboolean find_all(ds_store *store, const struct audit_arguments *a,
                         struct ex_audit_options *o, nn_model **model, GError **error)
{
    if (!(o->train_set = ds_find_pair_set(store, a->train, error)) ||
        !(o->test_set = ds_find_pair_set(store, a->test, error)) ||
        (a->permuted && !(o->permuted_set = ds_find_pair_set(store, a->permuted, error))) ||
        (a->model && !(o->model_id = ex_find_model(store, a->model, error))) ||
        (a->control && !(o->control_model = ex_find_model(store, a->control, error))))
        return FALSE;
    if (!a->model || !g_file_test(a->model, G_FILE_TEST_IS_REGULAR))
        return TRUE;
    *model = nn_model_load(a->model, error);
    if (*model)
        o->vocabulary = (*model)->vocabulary;
    return *model != NULL;
}

/* Exit status: whether anything leaks. */
static int audit(const struct ex_command *command, const struct audit_arguments *a)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(nn_model) model = NULL;
    struct ex_audit_options o = {.max_same = a->max_same};
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_WRITE, &error);
    g_autoptr(GArray) findings =
        store && find_all(store, a, &o, &model, &error) ? ex_audit(store, &o, &error) : NULL;
    if (!findings || !ds_begin(store, &error))
        return ex_fail(command, error);
    if (!write_findings(store, &o, findings, &error) || !ds_commit(store, &error)) {
        ds_rollback(store);
        return ex_fail(command, error);
    }
    int status = 0;
    for (guint i = 0; i < findings->len; i++) {
        const struct ex_finding *f = &g_array_index(findings, struct ex_finding, i);
        print_finding(f, a->json);
        if (f->verdict == EX_LEAK)
            status = TG_ERROR_NO;
    }
    return status;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    struct audit_arguments a = {.max_same = 0.5};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store", "FILE"},
        {"train", 0, 0, G_OPTION_ARG_STRING, &a.train, "Pair set that was learned from", "NAME"},
        {"test", 0, 0, G_OPTION_ARG_STRING, &a.test, "Pair set that is tested on", "NAME"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &a.model,
         "Model that was tested, by file, or by name without a look at its vocabulary", "FILE"},
        {"control", 0, 0, G_OPTION_ARG_FILENAME, &a.control,
         "Model trained likewise on shuffled targets (pairs --shuffle), and tested", "FILE"},
        {"permuted", 0, 0, G_OPTION_ARG_STRING, &a.permuted,
         "The test set with exchanged node numbers (pairs --permute), on which the model was "
         "tested too",
         "NAME"},
        {"max-same", 0, 0, G_OPTION_ARG_DOUBLE, &a.max_same,
         "Share of test pairs that training may hold to the letter, 0 to 1 (default: 0.5)",
         "SHARE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Print one JSON object a check", NULL},
        G_OPTION_ENTRY_NULL};
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    if (!a.store || !a.train || !a.test)
        status = ex_usage(command, "--%s is missing",
                          !a.store   ? "store"
                          : !a.train ? "train"
                                     : "test");
    else if (!(a.max_same >= 0 && a.max_same <= 1))
        status = ex_usage(command, "--max-same must be between 0 and 1");
    else
        status = audit(command, &a);
    char *strings[] = {a.store, a.train, a.test, a.model, a.control, a.permuted};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    return status;
}

const struct ex_command ex_command_audit = {
    .name = "audit",
    .summary = "look for ways to pass a test without having learned",
    .arguments = "",
    .description =
        "Compares what was learned from with what is tested on. A line a check: its name, verdict "
        "and what was found. The exit status is 1 when anything leaks. The checks are\n"
        " same-events       test pairs that are training pairs: none may be\n"
        " same-simulation   test pairs of a simulation that training has, or of its\n"
        "                   twin, which is the same until the attack begins, and not\n"
        "                   from later in it: none may be\n"
        " same-text         test pairs that training holds to the letter, from other\n"
        "                   events: no more than --max-same; with --model the\n"
        "                   accuracy with and without them\n"
        " one-token         the word, at its place in a sentence, that tells pairs of\n"
        "                   an attack best from others: below ROC-AUC 0.99\n"
        " vocabulary        words of the model that are not in training: none (--model)\n"
        " shuffled-targets  trained on targets that do not belong to their sources, a\n"
        "                   model must be as good on the targets of other sources, by\n"
        "                   2 points (--control)\n"
        " permuted-nodes    a warning, no leak, when exchanged node numbers cost more\n"
        "                   than 5 points: who is who was learned (--permuted)\n"
        "\n"
        "The findings go to table audit. Labels are read for one-token alone.",
    .examples = "adliotlog audit --store S --train training --test held-out --model M.safetensors\n"
                "# controls\n"
                "adliotlog pairs --store S --name shuffled --runs 'seed = 1' --shuffle 1\n"
                "adliotlog pairs --store S --name exchanged --runs 'seed = 2' --permute 1",
    .run = run,
};
