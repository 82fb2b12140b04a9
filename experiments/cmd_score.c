#include "dataset/vocabulary.h"
#include "experiments/command.h"
#include "experiments/detection_event.h"
#include "experiments/detection_model.h"
#include "experiments/model_record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct score_arguments {
    char *store, *task, *train, *test;
    char **models, **pairs; /* NULL: none given */
    double window;          /* s; 0: not given */
    gboolean force, json;
};

/* What is printed of one detector. */
struct outcome {
    char *name;
    int scored[2]; /* candidates with a score: runs, windows */
    gboolean kept; /* its scores were there */
};

struct scoring {
    const struct ex_command *command;
    const struct score_arguments *a;
    const char *line; /* command line */
    ds_store *store;
    ex_task *task;
    ex_traffic *train, *test;
    GArray *outcomes; /* of struct outcome */
};

/* ---- writing ------------------------------------------------------------- */

static void note(struct scoring *s, const char *name, const double *scores)
{
    struct outcome outcome = {.name = g_strdup(name), .kept = scores == NULL};
    for (int i = 0; i < s->test->n && scores; i++)
        if (!isnan(scores[i]))
            outcome.scored[s->test->candidates[i].window != EX_WHOLE_RUN]++;
    g_array_append_val(s->outcomes, outcome);
}

static gboolean write_scores(struct scoring *s, const struct ex_detector *detector,
                             const double *scores, GError **error)
{
    note(s, detector->name, scores);
    return ex_detector_write(s->task, detector, s->test->candidates, scores, s->test->n, error) !=
           0;
}

/* ---- built-in detectors -------------------------------------------------- */

static gboolean compute_built_in(struct scoring *s, double *scores[EX_N_BUILT_IN], GError **error)
{
    const struct ex_event_scores of_events = {scores[EX_NEW_EVENT], scores[EX_COUNT_VECTOR],
                                              scores[EX_EDIT_DISTANCE]};
    ex_score_new_pair(s->train, s->test, scores[EX_NEW_PAIR]);
    ex_score_volume(s->train, s->test, scores[EX_VOLUME]);
    ex_score_inter_arrival(s->train, s->test, scores[EX_INTER_ARRIVAL]);
    return ex_score_crossing(s->task, s->test, scores[EX_CROSSES_GATEWAYS], error) &&
           ex_score_events(s->task, s->train, s->test, &of_events, error);
}

static gboolean score_built_in(struct scoring *s, GError **error)
{
    double *scores[EX_N_BUILT_IN] = {NULL};
    gboolean is_due[EX_N_BUILT_IN], any = FALSE, done = TRUE;
    struct ex_detector detector = {.source = "\"built-in\"", .command = s->line};
    for (int i = 0; i < EX_N_BUILT_IN; i++) {
        detector.name = ex_built_in_names[i];
        if (!ex_detector_is_due(s->task, &detector, s->a->force, &is_due[i], error))
            return FALSE;
        any |= is_due[i];
    }
    for (int i = 0; i < EX_N_BUILT_IN; i++)
        scores[i] = g_new(double, s->test->n + 1);
    done = !any || compute_built_in(s, scores, error);
    for (int i = 0; i < EX_N_BUILT_IN && done; i++) {
        detector.name = ex_built_in_names[i];
        if (is_due[i])
            done = write_scores(s, &detector, scores[i], error);
        else
            note(s, detector.name, NULL);
    }
    for (int i = 0; i < EX_N_BUILT_IN; i++)
        g_free(scores[i]);
    return done;
}

/* ---- models -------------------------------------------------------------- */

/* What scores of a model come from, as JSON, and the model's name. */
static gboolean describe_model(struct scoring *s, const struct ex_judged_model *model,
                               char **source, char **name, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) row =
        ds_query_new(s->store, error,
                     "SELECT model.name, json_object('model_sha256', model_sha256, 'pairs',"
                     "       pair_set.name, 'pairs_sha256', sha256, 'n_pair', pair_set.n_pair,"
                     "       'beam', beam)"
                     " FROM model, pair_set LEFT JOIN evaluation USING (model_id, pair_set_id)"
                     " WHERE model_id = ? AND pair_set_id = ?",
                     "ii", model->model_id, model->pair_set_id);
    if (row && ds_query_next(row, &failure)) {
        *name = g_strdup(ds_query_text(row, 0));
        *source = g_strdup(ds_query_text(row, 1));
    }
    if (failure)
        g_propagate_error(error, failure);
    return *name != NULL;
}

static gboolean write_model(struct scoring *s, const struct ex_judged_model *model,
                            const struct ex_model_scores *result, GError **error)
{
    g_autofree char *source = NULL, *name = NULL;
    if (!describe_model(s, model, &source, &name, error))
        return FALSE;
    for (int kind = 0; kind < EX_N_MODEL_SCORE; kind++) {
        gboolean is_due;
        g_autofree char *full = g_strdup_printf("%s:%s", name, ex_model_score_names[kind]);
        const struct ex_detector detector = {full, model->model_id, source, s->line};
        if (result->lacks[kind]) {
            g_printerr("adliotlog %s: no detector '%s': %s\n", s->command->name, full,
                       result->lacks[kind]);
            continue;
        }
        if (!ex_detector_is_due(s->task, &detector, s->a->force, &is_due, error))
            return FALSE;
        if (!is_due)
            note(s, full, NULL);
        else if (!write_scores(s, &detector, result->scores[kind], error))
            return FALSE;
    }
    if (result->n_unseen)
        g_printerr(
            "adliotlog %s: %s: %d of %d pairs of nodes have no sentence pair in '%s' (does its "
            "--limit end before they send?): they count as the least suspicious\n",
            s->command->name, name, result->n_unseen, result->n_candidate, model->pairs);
    if (result->n_unplaced)
        g_printerr("adliotlog %s: %s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                   " sentence pairs are in no window that is judged: of no flow, or nothing was "
                   "sent in it\n",
                   s->command->name, name, result->n_unplaced, result->n_pair);
    return TRUE;
}

static gboolean score_model(struct scoring *s, const char *file, const char *pairs, GError **error)
{
    struct ex_judged_model model = {.pairs = pairs};
    struct ex_model_scores result = {0};
    if (!(model.pair_set_id = ds_find_pair_set(s->store, pairs, error)) ||
        !(model.model_id = ex_find_model(s->store, file, error)))
        return FALSE;
    for (int kind = 0; kind < EX_N_MODEL_SCORE; kind++)
        result.scores[kind] = g_new(double, s->test->n + 1);
    const gboolean done =
        ex_score_model(s->task, &model, s->test->candidates, s->test->n, &result, error) &&
        write_model(s, &model, &result, error);
    for (int kind = 0; kind < EX_N_MODEL_SCORE; kind++)
        g_free(result.scores[kind]);
    if (!done && error && *error)
        g_prefix_error(error, "%s: ", file);
    return done;
}

/* ---- the command --------------------------------------------------------- */

static void print_outcomes(const struct scoring *s)
{
    int n[2] = {0, 0};
    for (int i = 0; i < s->test->n; i++)
        n[s->test->candidates[i].window != EX_WHOLE_RUN]++;
    g_autofree char *task = ex_json_string(s->task->name);
    for (guint i = 0; i < s->outcomes->len; i++) {
        const struct outcome *o = &g_array_index(s->outcomes, struct outcome, i);
        g_autofree char *name = ex_json_string(o->name);
        if (s->a->json && o->kept)
            printf("{\"task\":%s,\"detector\":%s,\"kept\":true}\n", task, name);
        else if (s->a->json)
            printf("{\"task\":%s,\"detector\":%s,\"kept\":false,\"n_run\":%d,\"n_run_scored\":%d,"
                   "\"n_window\":%d,\"n_window_scored\":%d}\n",
                   task, name, n[0], o->scored[0], n[1], o->scored[1]);
        else if (o->kept)
            printf("%s\t%s\tits scores are there already\n", s->task->name, o->name);
        else
            printf("%s\t%s\tscores for %d of %d pairs in runs, %d of %d in windows\n",
                   s->task->name, o->name, o->scored[0], n[0], o->scored[1], n[1]);
    }
}

static gboolean score_in_transaction(struct scoring *s, GError **error)
{
    const struct ex_task_options options = {.name = s->a->task,
                                            .train = s->a->train,
                                            .test = s->a->test,
                                            .window = s->a->window,
                                            .force = s->a->force,
                                            .command = s->line};
    if (!(s->task = ex_task_make(s->store, &options, error)) ||
        !(s->train = ex_traffic_load(s->task, s->task->train, error)) ||
        !(s->test = ex_traffic_load(s->task, s->task->test, error)))
        return FALSE;
    if (s->test->n == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_NO,
                    "nothing to judge: no packets of flows were sent in the runs with %s",
                    s->a->test);
        return FALSE;
    }
    if (!score_built_in(s, error))
        return FALSE;
    for (guint i = 0; s->a->models && s->a->models[i]; i++)
        if (!score_model(s, s->a->models[i], s->a->pairs[s->a->pairs[1] ? i : 0], error))
            return FALSE;
    return TRUE;
}

static void clear_outcome(gpointer data)
{
    g_free(((struct outcome *)data)->name);
}

static int score(const struct ex_command *command, const struct score_arguments *a,
                 const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_WRITE, &error);
    g_autoptr(GArray) outcomes = g_array_new(FALSE, FALSE, sizeof(struct outcome));
    g_array_set_clear_func(outcomes, clear_outcome);
    struct scoring s = {
        .command = command, .a = a, .line = line, .store = store, .outcomes = outcomes};
    const gboolean done = store && ds_begin(store, &error) && score_in_transaction(&s, &error) &&
                          ds_commit(store, &error);
    if (store && !done)
        ds_rollback(store);
    if (done)
        print_outcomes(&s);
    ex_traffic_free(s.train);
    ex_traffic_free(s.test);
    ex_task_free(s.task);
    return done ? 0 : ex_fail(command, error);
}

/* NULL when all is possible. */
static const char *find_mistake(const struct score_arguments *a)
{
    const guint n_model = a->models ? g_strv_length(a->models) : 0;
    const guint n_pairs = a->pairs ? g_strv_length(a->pairs) : 0;
    if (!a->store)
        return "--store is missing";
    if (!a->task || !*a->task)
        return "--task is missing";
    if (!a->train)
        return "--train is missing: which runs are learned from";
    if (!a->test)
        return "--test is missing: which runs are judged";
    if (!(a->window > 0) || !isfinite(a->window))
        return "--window must be a positive number of seconds";
    if (n_model != n_pairs && !(n_model > 1 && n_pairs == 1))
        return "each --model needs the --pairs that it was evaluated on, or all the same";
    return NULL;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    struct score_arguments a = {.window = 1};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store", "FILE"},
        {"task", 0, 0, G_OPTION_ARG_STRING, &a.task, "Name of the task", "NAME"},
        {"train", 0, 0, G_OPTION_ARG_STRING, &a.train,
         "Runs to learn from, which should be benign: a condition on table run, such as \"attack = "
         "'none' AND seed > 20\"",
         "SQL"},
        {"test", 0, 0, G_OPTION_ARG_STRING, &a.test, "Runs to judge, likewise", "SQL"},
        {"window", 'w', 0, G_OPTION_ARG_DOUBLE, &a.window,
         "Width of the windows that are judged (default: 1)", "SECONDS"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME_ARRAY, &a.models,
         "Also score by a model: its file, or its name in the store; may be given more than once",
         "FILE"},
        {"pairs", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &a.pairs,
         "Pair set of the test runs that the model was evaluated on with --score; one for each "
         "--model, or one for all",
         "NAME"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a.force,
         "Score again; replace a task of that name with other runs or windows", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Print one JSON object a detector", NULL},
        G_OPTION_ENTRY_NULL};
    g_autofree char *line = ex_command_line(argc, argv);
    int status;
    tg_catch_interrupts();
    if (ex_parse(command, entries, &argc, &argv, &status)) {
        const char *mistake = find_mistake(&a);
        status = mistake ? ex_usage(command, "%s", mistake) : score(command, &a, line);
    }
    char *strings[] = {a.store, a.task, a.train, a.test};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_strfreev(a.models);
    g_strfreev(a.pairs);
    return status;
}

const struct ex_command ex_command_score = {
    .name = "score",
    .summary = "say how suspicious each pair of nodes is, by several detectors",
    .arguments = "",
    .description =
        "Makes a detection task, or goes on with the one of that name: which pairs of nodes "
        "collaborate? Judged are all pairs of which one sends data to the other, in each test run "
        "and in each window of it (view candidate). Each detector gives each of them a score, "
        "higher being more suspicious, into tables detector and score; 'adliotlog rank' compares "
        "them. No detector reads a label.\n\n"
        "Always there:\n"
        " crosses-gateways  1 when the nodes are behind different gateways, 0 otherwise\n"
        " new-pair          1 when the one sent nothing to the other in any training run\n"
        " volume            |log(packets/s) - mean| / sd, of all training pairs\n"
        " inter-arrival     Kolmogorov-Smirnov distance of the gaps between its sendings to\n"
        "                   those of all training pairs\n"
        " new-event         share of its events of a shape that training lacks\n"
        " count-vector      1 - cosine similarity of the counts of its shapes with the\n"
        "                   nearest training pair's\n"
        " edit-distance     Levenshtein distance of its first 100 shapes to the nearest\n"
        "                   training pair's, by the length of the longer\n"
        "\n"
        "A shape is what an event looks like without nodes, numbers of packets, and times. For "
        "each model (networks and rivals alike):\n"
        " MODEL:log-probability  mean of -log P(target) a word, <EOS> being one\n"
        " MODEL:bleu             mean of 1 - BLEU-1\n"
        " MODEL:set-a            the paper's verdict: the probability of the best tuple\n"
        "                        (src, any, dst) of the run, or window, that is among its\n"
        "                        first 5 and crosses gateways; 0 without one\n"
        " MODEL:top-g            mean share of target words outside the 9 most probable\n"
        "\n"
        "A pair without events, gaps or sentence pairs has no score by the detectors that need "
        "them; the output says how many have one. What was scored already stays, unless it is "
        "forced.",
    .examples = "# learn from five benign runs, judge the others\n"
                "adliotlog score --store S --task t --train \"attack = 'none' AND seed <= 5\" \\\n"
                "    --test 'seed > 5'\n"
                "# and by a model that was evaluated on pairs of the test runs\n"
                "adliotlog pairs --store S --name test --runs 'seed > 5'\n"
                "adliotlog evaluate --store S --model gru.safetensors --pairs test --score\n"
                "adliotlog score --store S --task t --train \"attack = 'none' AND seed <= 5\" \\\n"
                "    --test 'seed > 5' --model gru.safetensors --pairs test\n"
                "# then compare them\n"
                "adliotlog rank --store S --task t",
    .run = run,
};
