#include "experiments/command.h"
#include "experiments/model_record.h"
#include "experiments/ranking.h"
#include "experiments/score_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct rank_arguments {
    char *store, *task, *against, *missing_text;
    char **files;   /* NULL: none given */
    double missing; /* NAN: not given */
    gint64 seed;
    int n_bootstrap;
    gboolean null, force, json;
};

struct rank_state {
    const struct ex_command *command;
    const struct rank_arguments *a;
    const char *line; /* command line */
    ds_store *store;
    ex_task *task;
    ex_field *field;
    GArray *ranked[EX_N_UNIT]; /* of struct ex_ranked, best first */
};

/* ---- scores from outside ------------------------------------------------- */

/* The name of the file without .csv; not what score itself may write. */
static char *name_detector(const char *path, GError **error)
{
    char *name = g_path_get_basename(path);
    if (g_str_has_suffix(name, ".csv"))
        name[strlen(name) - strlen(".csv")] = '\0';
    if (*name && !strchr(name, ':') && g_utf8_validate(name, -1, NULL) &&
        !g_strv_contains(ex_built_in_names, name))
        return name;
    g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                "--scores '%s': '%s' is no name for a detector of one's own: give the file another",
                path, name);
    g_free(name);
    return NULL;
}

/* In a unit that the file scores, it must score all candidates, or be told what to take. */
static gboolean fill_missing(const struct rank_state *s, const char *path, double *scores,
                             GError **error)
{
    int n[EX_N_UNIT] = {0}, n_missing[EX_N_UNIT] = {0};
    for (int i = 0; i < s->field->n; i++) {
        const enum ex_unit unit = ex_unit_of(&s->field->candidates[i]);
        n[unit]++;
        n_missing[unit] += isnan(scores[i]) != 0;
    }
    if (n_missing[EX_RUNS] == n[EX_RUNS] && n_missing[EX_WINDOWS] == n[EX_WINDOWS]) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: there are no scores in it", path);
        return FALSE;
    }
    for (int unit = 0; unit < EX_N_UNIT; unit++)
        if (n_missing[unit] > 0 && n_missing[unit] < n[unit] && isnan(s->a->missing)) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                        "%s: %d of %d candidates (pairs in a %s) have no score (view candidate "
                        "lists them; --missing SCORE gives them one)",
                        path, n_missing[unit], n[unit], ex_unit_names[unit]);
            return FALSE;
        }
    for (int i = 0; i < s->field->n; i++) {
        const enum ex_unit unit = ex_unit_of(&s->field->candidates[i]);
        if (isnan(scores[i]) && n_missing[unit] < n[unit])
            scores[i] = s->a->missing;
    }
    return TRUE;
}

static gboolean take_file(const struct rank_state *s, const char *path, GError **error)
{
    gboolean is_due;
    g_autofree char *name = name_detector(path, error);
    g_autofree char *sha256 = name ? ex_sha256_file(path, error) : NULL;
    g_autofree double *scores = g_new(double, s->field->n);
    if (!sha256 ||
        !ex_score_file_read(path, s->task, s->field->candidates, s->field->n, scores, error) ||
        !fill_missing(s, path, scores, error))
        return FALSE;
    char missing[G_ASCII_DTOSTR_BUF_SIZE] = "null";
    if (!isnan(s->a->missing))
        g_ascii_dtostr(missing, sizeof missing, s->a->missing);
    g_autofree char *source =
        g_strdup_printf("{\"sha256\":\"%s\",\"missing\":%s}", sha256, missing);
    const struct ex_detector detector = {name, 0, source, s->line};
    return ex_detector_is_due(s->task, &detector, s->a->force, &is_due, error) &&
           (!is_due || ex_detector_write(s->task, &detector, s->field->candidates, scores,
                                         s->field->n, error));
}

/* ---- measures ------------------------------------------------------------ */

static void report_missing(const struct rank_state *s, const struct ex_ranked *ranked)
{
    if (ranked->value[EX_N_MISSING] > 0)
        g_printerr("adliotlog %s: %s: %.0f of %.0f pairs in %ss have no score, and count as least "
                   "suspicious\n",
                   s->command->name, ranked->name, ranked->value[EX_N_MISSING], ranked->value[EX_N],
                   ex_unit_names[ranked->unit]);
}

static gboolean rank_detector(struct rank_state *s, gint64 detector_id, const char *name,
                              GError **error)
{
    const struct ex_ranking_options options = {.against = s->a->against,
                                               .n_bootstrap = s->a->n_bootstrap,
                                               .seed = (guint64)s->a->seed,
                                               .null = s->a->null};
    g_autofree double *scores = ex_field_load_scores(s->field, detector_id, error);
    if (!scores)
        return FALSE;
    for (enum ex_unit unit = 0; unit < EX_N_UNIT; unit++) {
        struct ex_ranked ranked;
        if (!ex_rank_detector(s->field, scores, unit, &options, &ranked))
            continue;
        ranked.detector_id = detector_id;
        ranked.name = g_strdup(name);
        g_array_append_val(s->ranked[unit], ranked);
        report_missing(s, &ranked);
    }
    return tg_check_interrupt(error);
}

static gboolean rank_all(struct rank_state *s, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) rows =
        ds_query_new(s->store, error,
                     "SELECT detector_id, name FROM detector WHERE detection_id = ? ORDER BY name",
                     "i", s->task->detection_id);
    if (!rows)
        return FALSE;
    while (ds_query_next(rows, &failure) &&
           rank_detector(s, ds_query_int(rows, 0), ds_query_text(rows, 1), &failure))
        ;
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    for (int unit = 0; unit < EX_N_UNIT; unit++)
        ex_rank_compare(s->field, (struct ex_ranked *)(void *)s->ranked[unit]->data,
                        (int)s->ranked[unit]->len, s->a->against);
    return TRUE;
}

/* What a measure is not defined for has no row; what is not defined for these scores has NULL. */
static gboolean is_measured(const struct ex_ranked *ranked, int measure)
{
    if (measure == EX_TIME_TO_DETECTION || measure == EX_DETECTED)
        return ranked->unit == EX_WINDOWS;
    return measure < EX_N_RESAMPLED || !isnan(ranked->value[measure]);
}

static gboolean write_measures(const struct rank_state *s, GError **error)
{
    if (!ds_execute(s->store, error,
                    "DELETE FROM measure WHERE detector_id IN"
                    " (SELECT detector_id FROM detector WHERE detection_id = ?)",
                    "i", s->task->detection_id))
        return FALSE;
    g_autoptr(ds_query) insert =
        ds_query_new(s->store, error, "INSERT INTO measure VALUES (?, ?, ?, ?, ?, ?)", "");
    for (int unit = 0; unit < EX_N_UNIT; unit++)
        for (guint i = 0; insert && i < s->ranked[unit]->len; i++) {
            const struct ex_ranked *r = &g_array_index(s->ranked[unit], struct ex_ranked, i);
            for (int k = 0; k < EX_N_MEASURE; k++) /* SQLite stores NAN as NULL */
                if (is_measured(r, k) &&
                    !ds_query_run(insert, error, "issddd", r->detector_id, ex_unit_names[unit],
                                  ex_measure_names[k], r->value[k], r->low[k], r->high[k]))
                    return FALSE;
        }
    return insert != NULL;
}

/* ---- printing ------------------------------------------------------------ */

static void print_number(const char *name, double value)
{
    if (isnan(value) || isinf(value))
        printf(",\"%s\":null", name);
    else
        printf(",\"%s\":%.9g", name, value);
}

static const char *judge_null(const struct ex_ranked *r)
{
    const double low = r->low[EX_NULL_ROC_AUC], high = r->high[EX_NULL_ROC_AUC];
    if (isnan(low))
        return "not measured";
    return low <= 0.5 && high >= 0.5 ? "as chance" : "not as chance";
}

static void print_json(const struct rank_state *s, const struct ex_ranked *r, int rank)
{
    g_autofree char *task = ex_json_string(s->task->name), *name = ex_json_string(r->name);
    printf("{\"task\":%s,\"unit\":\"%s\",\"rank\":%d,\"detector\":%s", task, ex_unit_names[r->unit],
           rank, name);
    for (int k = 0; k < EX_N_MEASURE; k++) {
        if (!is_measured(r, k))
            continue;
        print_number(ex_measure_names[k], r->value[k]);
        if (k < EX_N_RESAMPLED || k == EX_NULL_ROC_AUC) {
            g_autofree char *low = g_strconcat(ex_measure_names[k], "_low", NULL);
            g_autofree char *high = g_strconcat(ex_measure_names[k], "_high", NULL);
            print_number(low, r->low[k]);
            print_number(high, r->high[k]);
        }
    }
    if (s->a->null)
        printf(",\"null\":\"%s\"", judge_null(r));
    puts("}");
}

static void print_cell(const struct ex_ranked *r, enum ex_measure k, int digits)
{
    if (isnan(r->value[k]))
        printf("\t-");
    else if (isnan(r->low[k]))
        printf("\t%.*f", digits, r->value[k]);
    else
        printf("\t%.*f (%.*f to %.*f)", digits, r->value[k], digits, r->low[k], digits, r->high[k]);
}

static void print_row(const struct rank_state *s, const struct ex_ranked *r, int rank)
{
    printf("%s\t%d\t%s", ex_unit_names[r->unit], rank, r->name);
    print_cell(r, EX_ROC_AUC, 3);
    print_cell(r, EX_PR_AUC, 3);
    print_cell(r, EX_F1, 3);
    print_cell(r, EX_MCC, 3);
    print_cell(r, EX_FALSE_POSITIVES, 2);
    print_cell(r, EX_PRECISION_1, 3);
    print_cell(r, EX_TIME_TO_DETECTION, 2);
    if (r->is_reference)
        printf("\tthe reference");
    else if (r->value[EX_HOLM_P] < 0.0001)
        fputs("\t<0.0001", stdout);
    else
        print_cell(r, EX_HOLM_P, 4);
    if (s->a->null)
        printf("\t%s", judge_null(r));
    putchar('\n');
}

static void print_ranking(const struct rank_state *s)
{
    if (!s->a->json)
        printf("unit\trank\tdetector\tROC-AUC\tPR-AUC\tF1\tMCC\tfalse positives a run at recall "
               "0.9\tprecision at 1 %%\ts to detection\tp (Holm)%s\n",
               s->a->null ? "\tnull" : "");
    for (int unit = 0; unit < EX_N_UNIT; unit++)
        for (guint i = 0; i < s->ranked[unit]->len; i++) {
            const struct ex_ranked *r = &g_array_index(s->ranked[unit], struct ex_ranked, i);
            if (s->a->json)
                print_json(s, r, (int)i + 1);
            else
                print_row(s, r, (int)i + 1);
        }
}

static void print_remarks(const struct rank_state *s)
{
    for (int unit = 0; unit < EX_N_UNIT; unit++)
        if (s->ranked[unit]->len > 0) {
            const struct ex_ranked *r = &g_array_index(s->ranked[unit], struct ex_ranked, 0);
            g_printerr("adliotlog %s: %.0f pairs in %ss, of which %.0f are part of an attack "
                       "(%.2f %%)\n",
                       s->command->name, r->value[EX_N], ex_unit_names[unit],
                       r->value[EX_N_POSITIVE], 100 * r->value[EX_BASE_RATE]);
        }
    if (s->field->n_group == 1)
        g_printerr("adliotlog %s: one seed alone: no thresholds, which are chosen on other seeds, "
                   "and no intervals\n",
                   s->command->name);
}

/* ---- the command --------------------------------------------------------- */

static gboolean check_against(const struct rank_state *s, GError **error)
{
    gint64 known = 0;
    if (!s->a->against)
        return TRUE;
    if (!ds_lookup(s->store, &known, error,
                   "SELECT count(*) FROM detector WHERE detection_id = ? AND name = ?", "is",
                   s->task->detection_id, s->a->against))
        return FALSE;
    if (!known)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "task '%s' has no detector '%s'",
                    s->task->name, s->a->against);
    return known != 0;
}

static gboolean rank_in_transaction(struct rank_state *s, GError **error)
{
    if (!(s->task = ex_task_find(s->store, s->a->task, error)) ||
        !(s->field = ex_field_load(s->task, error)))
        return FALSE;
    if (s->a->null && s->field->n_benign == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "--null needs twins: no test run of '%s' is the benign twin of another",
                    s->task->name);
        return FALSE;
    }
    for (char **file = s->a->files; file && *file; file++)
        if (!take_file(s, *file, error))
            return FALSE;
    return check_against(s, error) && rank_all(s, error) && write_measures(s, error);
}

static void clear_ranked(gpointer data)
{
    ex_ranked_clear(data);
}

static int rank(const struct ex_command *command, const struct rank_arguments *a, const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_WRITE, &error);
    struct rank_state s = {.command = command, .a = a, .line = line, .store = store};
    for (int unit = 0; unit < EX_N_UNIT; unit++) {
        s.ranked[unit] = g_array_new(FALSE, FALSE, sizeof(struct ex_ranked));
        g_array_set_clear_func(s.ranked[unit], clear_ranked);
    }
    const gboolean done = store && ds_begin(store, &error) && rank_in_transaction(&s, &error) &&
                          ds_commit(store, &error);
    if (store && !done)
        ds_rollback(store);
    if (done) {
        print_ranking(&s);
        print_remarks(&s);
    }
    for (int unit = 0; unit < EX_N_UNIT; unit++)
        g_array_unref(s.ranked[unit]);
    ex_field_free(s.field);
    ex_task_free(s.task);
    return done ? 0 : ex_fail(command, error);
}

static gboolean read_missing(struct rank_arguments *a)
{
    char *end = NULL;
    a->missing = a->missing_text ? g_ascii_strtod(a->missing_text, &end) : NAN;
    return !a->missing_text || (*a->missing_text && !*end && isfinite(a->missing));
}

/* NULL when all is possible. */
static const char *find_mistake(struct rank_arguments *a)
{
    if (!a->store)
        return "--store is missing";
    if (!a->task)
        return "--task is missing";
    if (a->n_bootstrap < 0 || a->n_bootstrap > 100000)
        return "--bootstrap must be between 0 and 100000";
    if (a->seed < 0)
        return "--seed must not be negative";
    if (!read_missing(a))
        return "--missing must be a finite number";
    return a->missing_text && !a->files ? "--missing is for --scores" : NULL;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    struct rank_arguments a = {.n_bootstrap = 1000, .seed = 1};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store", "FILE"},
        {"task", 0, 0, G_OPTION_ARG_STRING, &a.task, "Task of 'adliotlog score'", "NAME"},
        {"scores", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a.files,
         "Scores of your own detector, CSV with the columns run, src, dst, score and perhaps "
         "window; may be given more than once",
         "FILE"},
        {"missing", 0, 0, G_OPTION_ARG_STRING, &a.missing_text,
         "Score of candidates that --scores does not name (default: they must all be there)",
         "SCORE"},
        {"against", 0, 0, G_OPTION_ARG_STRING, &a.against,
         "Detector that the others are tested against (default: the best)", "NAME"},
        {"bootstrap", 0, 0, G_OPTION_ARG_INT, &a.n_bootstrap,
         "Resamples behind the intervals, 0 for none (default: 1000)", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &a.seed, "Of all that is drawn (default: 1)", "N"},
        {"null", 0, 0, G_OPTION_ARG_NONE, &a.null,
         "Also measure with labels that mean nothing, drawn among the benign twins", NULL},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a.force,
         "Replace scores of a file of the same name that had others", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Print one JSON object a detector and unit",
         NULL},
        G_OPTION_ENTRY_NULL};
    g_autofree char *line = ex_command_line(argc, argv);
    int status;
    tg_catch_interrupts();
    if (ex_parse(command, entries, &argc, &argv, &status)) {
        const char *mistake = find_mistake(&a);
        status = mistake ? ex_usage(command, "%s", mistake) : rank(command, &a, line);
    }
    char *strings[] = {a.store, a.task, a.against, a.missing_text};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_strfreev(a.files);
    return status;
}

const struct ex_command ex_command_rank = {
    .name = "rank",
    .summary = "compare detectors, also your own, by how well they find who collaborates",
    .arguments = "",
    .description =
        "Holds the scores of a task against its labels, by run and by window, and prints the "
        "detectors from best to worst by PR-AUC (average precision). All figures go to table "
        "measure; view detector_rank shows them, view alert who was suspected. Scores are only "
        "compared with scores of the same detector.\n\n"
        "Thresholds are chosen without looking at what they are tested on: for each seed, the one "
        "with the best F1 on all other seeds. Precision, recall, F1, MCC, precision at base rates "
        "of 1 %, 0.1 % and 0.01 % and the time to detection (from the start of the attack to the "
        "end of its first flagged window; median of those detected) are at these thresholds. "
        "Intervals are 95 % percentile intervals over resampled seeds: all runs of a seed come "
        "together, and thresholds stay. p is of Wilcoxon's signed-rank test of the ROC-AUC, seed "
        "by seed, against the best detector or --against, corrected by Holm.\n\n"
        "--null asks whether the measurement itself is sound: in each benign run, as many random "
        "pairs as are attacked in its twin are called attacks, 200 times. The ROC-AUC is then as "
        "chance has it: 0.5 is in the interval.\n\n"
        "--scores takes a file of your own detector, as\n"
        " run,src,dst,score\n"
        " 12,14,15,0.93\n"
        "\n"
        "run is a run_id, the name of the folder that the trace was in, or the first digits of "
        "the trace's SHA-256. With a column window (0 begins at 0 s; empty: the whole run) windows "
        "are judged too. The file must score all candidates of what it judges: view candidate "
        "lists them. It becomes a detector with the name of the file.",
    .examples = "adliotlog rank --store S --task t\n"
                "# what there is to score\n"
                "adliotlog sql --store S \"SELECT run_id, src, dst FROM candidate WHERE detection "
                "= 't' AND\n"
                "    window = -1\"\n"
                "# is my own detector better than counting packets?\n"
                "adliotlog rank --store S --task t --scores mine.csv --against volume\n"
                "# is the measurement sound?\n"
                "adliotlog rank --store S --task t --null --json",
    .run = run,
};
