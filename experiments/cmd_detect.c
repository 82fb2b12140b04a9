#include "dataset/vocabulary.h"
#include "experiments/command.h"
#include "experiments/explain.h"
#include "experiments/model_record.h"
#include "experiments/tuple.h"
#include "tracegen/json.h"

#include <stdio.h>

#define NOT_GIVEN G_MININT
enum { DEFAULT_EVENTS = 5 };

struct detect_arguments {
    char *store, *model, *rival, *train, *pairs, *node_text;
    int size;
    gint64 node; /* -1: all */
    int explain; /* a rank, or NOT_GIVEN */
    int events;  /* likewise */
    gboolean truth, json;
};

/* Which runs a tuple was seen in. */
enum { NO_RUN = 0, SEVERAL_RUNS = -1 };

struct detection {
    ds_store *store;
    gint64 model_id, pair_set_id;
    int node_word;        /* position of the acting node among a sentence's words */
    GArray *observations; /* of struct ex_observation */
    GArray *observed;     /* of struct nn_tuple: theirs */
    GHashTable *run_of;   /* "node actual predicted" -> run_id, or SEVERAL_RUNS */
    gint64 n_nodeless;    /* predictions that name no node of the run */
};

/* The position of field `node` in the pair set's sentences. */
static gboolean find_node_word(struct detection *d, const char *pairs, GError **error)
{
    if (!ex_find_node_word(d->store, d->pair_set_id, &d->node_word, error))
        return FALSE;
    if (d->node_word < 0)
        g_set_error(
            error, TG_ERROR, TG_ERROR_USAGE,
            "the sentences of '%s' have no field 'node' at a place of its own (none have it "
            "behind numbers in digits, or with --permute), so no event has an actor",
            pairs);
    return d->node_word >= 0;
}

static char *tuple_key(const struct nn_tuple *t)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, t->node,
                           t->actual, t->predicted);
}

static void note_run(struct detection *d, const struct nn_tuple *tuple, gint64 run_id)
{
    g_autofree char *key = tuple_key(tuple);
    gint64 known = (gintptr)g_hash_table_lookup(d->run_of, key);
    gint64 now = known == NO_RUN || known == run_id ? run_id : SEVERAL_RUNS;
    g_hash_table_insert(d->run_of, g_steal_pointer(&key), (gpointer)(gintptr)now);
}

static gboolean observe(struct detection *d, GError **error)
{
    if (!ex_observe_tuples(d->store, d->model_id, d->pair_set_id, d->node_word, d->observations,
                           &d->n_nodeless, error))
        return FALSE;
    for (guint i = 0; i < d->observations->len; i++) {
        const struct ex_observation *o = &g_array_index(d->observations, struct ex_observation, i);
        g_array_append_val(d->observed, o->tuple);
        note_run(d, &o->tuple, o->run_id);
    }
    return TRUE;
}

/* Are two nodes behind different gateways in a run? -1: one of them has none. */
static gboolean compare_gateways(struct detection *d, gint64 run_id, const struct nn_tuple *tuple,
                                 gint64 *differ, GError **error)
{
    *differ = -1;
    return ds_lookup(d->store, differ, error,
                     "SELECT a.gateway <> b.gateway FROM node AS a JOIN node AS b USING (run_id)"
                     " WHERE run_id = ? AND a.node = ? AND b.node = ?"
                     " AND a.gateway IS NOT NULL AND b.gateway IS NOT NULL",
                     "iii", run_id, tuple->node, tuple->predicted);
}

/* Section IV: behind the same gateway benign, across gateways anomalous, in any of the runs that
   the tuple was seen in. NULL on error. */
static const char *judge(struct detection *d, const struct nn_tuple *tuple, GError **error)
{
    gint64 worst = -1, last = NO_RUN;
    for (guint i = 0; i < d->observations->len && worst < 1; i++) {
        const struct ex_observation *o = &g_array_index(d->observations, struct ex_observation, i);
        gint64 differ;
        if (o->run_id == last || o->tuple.node != tuple->node || o->tuple.actual != tuple->actual ||
            o->tuple.predicted != tuple->predicted)
            continue;
        last = o->run_id; /* observations come run by run */
        if (!compare_gateways(d, last, tuple, &differ, error))
            return NULL;
        worst = MAX(worst, differ);
    }
    if (worst < 0) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA,
                            "the runs have no gateways, so nothing can be judged: ingest them with "
                            "their manifests, or set node.gateway in the store");
        return NULL;
    }
    return worst ? "anomalous" : "benign";
}

static void print_tuple(const struct detect_arguments *a, const struct nn_tuple *t, int rank,
                        const char *verdict)
{
    static const char json[] =
        "{\"rank\":%d,\"node\":%" G_GINT64_FORMAT ",\"actual_server\":%" G_GINT64_FORMAT
        ",\"predicted_server\":%" G_GINT64_FORMAT
        ",\"probability\":%.6f,\"n_pair\":%d,\"verdict\":\"%s\"}\n";
    static const char text[] = "%d\t(%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT
                               ")\tprobability %.6f\t%d pairs\t%s\n";
    if (a->node >= 0 ? t->node == a->node : rank <= a->size)
        printf(a->json ? json : text, rank, t->node, t->actual, t->predicted, t->probability,
               t->count, verdict);
}

static gboolean write_verdicts(struct detection *d, const struct nn_tuple *ranked, int n,
                               const char **verdicts, GError **error)
{
    if (!ds_execute(d->store, error, "DELETE FROM verdict WHERE model_id = ? AND pair_set_id = ?",
                    "ii", d->model_id, d->pair_set_id))
        return FALSE;
    g_autoptr(ds_query) insert =
        ds_query_new(d->store, error,
                     "INSERT INTO verdict VALUES (?, ?, nullif(?, -1), ?, ?, ?, ?, ?, ?, ?)", "");
    if (!insert || !ds_execute(d->store, error,
                               "UPDATE evaluation SET n_tuple = ? WHERE model_id = ? AND"
                               " pair_set_id = ?",
                               "iii", (gint64)n, d->model_id, d->pair_set_id))
        return FALSE;
    for (int i = 0; i < n; i++) {
        const struct nn_tuple *t = &ranked[i];
        const char *verdict = judge(d, t, error);
        g_autofree char *key = tuple_key(t);
        gint64 run_id = (gintptr)g_hash_table_lookup(d->run_of, key);
        if (!verdict || !ds_query_run(insert, error, "iiiiiidiis", d->model_id, d->pair_set_id,
                                      run_id, t->node, t->actual, t->predicted, t->probability,
                                      (gint64)t->count, (gint64)(i + 1), verdict))
            return FALSE;
        verdicts[i] = verdict;
    }
    return TRUE;
}

static gboolean check_evaluated(struct detection *d, const struct detect_arguments *a,
                                GError **error)
{
    gint64 n = 0;
    if (!ds_lookup(d->store, &n, error,
                   "SELECT count(*) FROM evaluation WHERE model_id = ? AND pair_set_id = ?", "ii",
                   d->model_id, d->pair_set_id))
        return FALSE;
    if (n == 0)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "%s was not evaluated on '%s' yet: run adliotlog evaluate first",
                    a->rival ? a->rival : a->model, a->pairs);
    return n > 0;
}

static gboolean explain(struct detection *d, const struct detect_arguments *a,
                        const struct nn_tuple *tuple, const char *verdict, GError **error)
{
    const struct ex_verdict subject = {.store = d->store,
                                       .model_id = d->model_id,
                                       .pair_set_id = d->pair_set_id,
                                       .tuple = tuple,
                                       .rank = a->explain,
                                       .verdict = verdict,
                                       .observations = d->observations,
                                       .n_pair =
                                           a->events == NOT_GIVEN ? DEFAULT_EVENTS : a->events,
                                       .truth = a->truth,
                                       .origin = TRUE};
    g_autoptr(JsonNode) explanation = ex_explain(&subject, error);
    if (!explanation)
        return FALSE;
    g_autoptr(GString) text = g_string_new(NULL);
    if (a->json) {
        g_autofree char *line = tg_json_to_string(explanation, FALSE);
        g_string_append_printf(text, "%s\n", line);
    } else
        ex_explanation_put_text(explanation, text);
    fputs(text->str, stdout);
    return TRUE;
}

/* Of n verdicts: the one that is asked for, or set A. */
static gboolean print_verdicts(struct detection *d, const struct detect_arguments *a,
                               const struct nn_tuple *ranked, int n, const char *const *verdicts,
                               GError **error)
{
    if (a->explain > n) {
        g_set_error(error, TG_ERROR, TG_ERROR_NO, "no verdict of rank %d: there are %d", a->explain,
                    n);
        return FALSE;
    }
    if (a->explain != NOT_GIVEN)
        return explain(d, a, &ranked[a->explain - 1], verdicts[a->explain - 1], error);
    for (int i = 0; i < n; i++)
        print_tuple(a, &ranked[i], i + 1, verdicts[i]);
    return TRUE;
}

static gboolean detect(struct detection *d, const struct detect_arguments *a, GError **error)
{
    if (!(d->pair_set_id = ds_find_pair_set(d->store, a->pairs, error)) ||
        !(d->model_id = a->rival ? ex_find_rival_model(d->store, a->rival, a->train, error)
                                 : ex_find_model(d->store, a->model, error)) ||
        !check_evaluated(d, a, error) || !find_node_word(d, a->pairs, error) ||
        !ds_begin(d->store, error))
        return FALSE;
    int n = 0;
    gboolean observed = observe(d, error);
    g_autofree struct nn_tuple *ranked =
        observed ? nn_rank_tuples((struct nn_tuple *)(void *)d->observed->data,
                                  (int)d->observed->len, &n)
                 : NULL;
    g_autofree const char **verdicts = g_new0(const char *, n + 1);
    gboolean done =
        observed && write_verdicts(d, ranked, n, verdicts, error) && ds_commit(d->store, error);
    if (!done)
        ds_rollback(d->store);
    if (done && n == 0) {
        g_set_error(
            error, TG_ERROR, TG_ERROR_NO,
            "no tuple: no pair of '%s' has a source event by a flow's sender, a target event "
            "by another node, and a prediction that names a node of its run (%" //
            G_GINT64_FORMAT " name none: a network that learned little says little)",
            a->pairs, d->n_nodeless);
        return FALSE;
    }
    return done && print_verdicts(d, a, ranked, n, verdicts, error);
}

static int detect_in_store(const struct ex_command *command, const struct detect_arguments *a)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_WRITE, &error);
    if (!store)
        return ex_fail(command, error);
    g_autoptr(GArray) observations = g_array_new(FALSE, FALSE, sizeof(struct ex_observation));
    g_autoptr(GArray) observed = g_array_new(FALSE, FALSE, sizeof(struct nn_tuple));
    g_autoptr(GHashTable) run_of = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct detection d = {.store = store,
                          .observations = observations,
                          .observed = observed,
                          .run_of = run_of};
    if (!detect(&d, a, &error))
        return ex_fail(command, error);
    if (d.n_nodeless)
        g_printerr("adliotlog %s: %" G_GINT64_FORMAT " predictions name no node of their run\n",
                   command->name, d.n_nodeless);
    gint64 known = 1;
    if (a->node >= 0 &&
        !ds_lookup(store, &known, &error,
                   "SELECT count(*) FROM verdict WHERE model_id = ? AND pair_set_id = ? AND"
                   " node = ?",
                   "iii", d.model_id, d.pair_set_id, a->node))
        return ex_fail(command, error);
    return known ? 0 : TG_ERROR_NO;
}

static const char *find_mistake_in_explain(const struct detect_arguments *a)
{
    if (a->explain == NOT_GIVEN)
        return a->truth                 ? "--truth is for --explain alone"
               : a->events != NOT_GIVEN ? "--events is for --explain alone"
                                        : NULL;
    if (a->explain < 1)
        return "--explain takes the rank of a verdict, from 1";
    if (a->node_text)
        return "--explain and --node exclude each other";
    if (a->events != NOT_GIVEN && a->events < 0)
        return "--events must not be negative";
    return NULL;
}

/* NULL when all is possible. */
static const char *find_mistake(const struct detect_arguments *a)
{
    if (!a->store)
        return "--store is missing";
    if (!a->model && !a->rival)
        return "--model is missing, or --rival";
    if (a->model && (a->rival || a->train))
        return a->rival ? "--model and --rival exclude each other" : "--train is for --rival alone";
    if (a->rival && !a->train)
        return "--train is missing: the pair set that --rival is fitted on";
    if (!a->pairs)
        return "--pairs is missing";
    if (a->size < 1)
        return "--size must be at least 1";
    return find_mistake_in_explain(a);
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    struct detect_arguments a = {.size = 5, .node = -1, .explain = NOT_GIVEN, .events = NOT_GIVEN};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store", "FILE"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &a.model, "Model file, or its name in the store",
         "FILE"},
        {"rival", 'r', 0, G_OPTION_ARG_STRING, &a.rival, "Rival instead of a model", "NAME"},
        {"train", 0, 0, G_OPTION_ARG_STRING, &a.train, "Pair set that the rival learned from",
         "NAME"},
        {"pairs", 'p', 0, G_OPTION_ARG_STRING, &a.pairs, "Pair set that the model was evaluated on",
         "NAME"},
        {"size", 0, 0, G_OPTION_ARG_INT, &a.size, "Size of set A (default: 5)", "N"},
        {"node", 0, 0, G_OPTION_ARG_STRING, &a.node_text,
         "Print all tuples of this device instead of set A; exit status 1 when there is none", "N"},
        {"explain", 'x', 0, G_OPTION_ARG_INT, &a.explain,
         "Print what stands behind the verdict of that rank instead of set A", "RANK"},
        {"events", 0, 0, G_OPTION_ARG_INT, &a.events,
         "Pairs of each run that --explain prints, the most probable first (default: 5)", "N"},
        {"truth", 0, 0, G_OPTION_ARG_NONE, &a.truth,
         "With --explain, ground truth beside each pair and run", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a.json,
         "Print one JSON object a tuple, or of all that --explain has", NULL},
        G_OPTION_ENTRY_NULL};
    int status;
    guint64 node;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    const char *mistake = find_mistake(&a);
    if (mistake)
        status = ex_usage(command, "%s", mistake);
    else if (a.node_text &&
             !g_ascii_string_to_unsigned(a.node_text, 10, 0, G_MAXINT32, &node, NULL))
        status = ex_usage(command, "--node must be a node number, not '%s'", a.node_text);
    else {
        a.node = a.node_text ? (gint64)node : -1;
        status = detect_in_store(command, &a);
    }
    g_free(a.store);
    g_free(a.model);
    g_free(a.rival);
    g_free(a.train);
    g_free(a.pairs);
    g_free(a.node_text);
    return status;
}

const struct ex_command ex_command_detect = {
    .name = "detect",
    .summary = "rank node tuples by probability and judge them by gateway",
    .arguments = "",
    .description =
        "Takes the predictions of 'adliotlog evaluate' for all pairs whose source event is by its "
        "flow's sender and whose target event is by another node, and forms tuples (acting node of "
        "the source, of the target, of the prediction) as in the paper's Table II. Distinct tuples "
        "are ranked by the mean probability of their predicted sentences; the first 5 are set A. A "
        "tuple whose node and predicted server are behind one gateway is benign, across gateways "
        "anomalous. All tuples go to table verdict; set A is printed.\n\n"
        "No ground truth is read: neither intended servers nor attack labels. A rival of the "
        "network (adliotlog evaluate --rival) is named together with what it learned from.\n\n"
        "--explain leads from the verdict of a rank to its evidence. Each line begins with what it "
        "is and, but for the verdict's own, the number of a run or pair, and has its fields behind "
        "tabs:\n"
        " verdict, because    the tuple and why it is judged so\n"
        " run, gateways       each run that has pairs of the tuple\n"
        " window              seconds in which they are, by the target event, and how many\n"
        " trace               the trace file as it was ingested, and its SHA-256\n"
        " replay, ns          the commands that simulate the run again\n"
        " pair                a pair: probability of the prediction, BLEU-1 against the target\n"
        " source, target, prediction  its sentences\n"
        " event               line and time of the source's and the target's event (where "
        "sentences\n"
        "                     hold several events, of the first), and the line as ns-2 wrote it\n"
        "\n"
        "A replay makes a trace of the same SHA-256, given the same scenario and ns. Options that "
        "are the scenario's defaults are left out; a script of one's own is to be given by its "
        "path. A run without a manifest of this program has neither command. Ground truth is "
        "printed with --truth only: flow, where it goes and should go, and whether that is an "
        "attack (1); but the commands, and mostly the path of the trace, name the attack that was "
        "simulated. View evidence (adliotlog sql) has the pairs of all verdicts; view "
        "alert_evidence the packets behind the alerts of a detection task.",
    .examples = "adliotlog detect --store S --model with.safetensors --pairs with\n"
                "# what is known of device 14\n"
                "adliotlog detect --store S --model with --pairs with --node 14\n"
                "# why the first tuple is judged as it is, and from which lines\n"
                "adliotlog detect --store S --model with --pairs with --explain 1\n"
                "# the command that simulates its runs again\n"
                "adliotlog detect --store S --model with --pairs with --explain 1 | grep ^replay\n"
                "# what counting transitions would find\n"
                "adliotlog detect --store S --rival markov --train with --pairs with",
    .run = run,
};
