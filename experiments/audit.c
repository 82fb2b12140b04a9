#include "experiments/audit.h"

#include "dataset/corpus.h"
#include "model/bleu.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

const char *const ex_audit_verdicts[] = {"clean", "warning", "leak"};

/* A word that tells an attack's pairs from the others this well is the label by another name. */
static const double shortcut_auc = 0.99;
enum { MIN_ATTACK_PAIRS = 10 };

/* Accuracy by which a control may seem to know what it cannot. */
static const double control_slack = 0.02;
/* Accuracy whose loss under other node numbers says that identities were learned by heart. */
static const double permuted_slack = 0.05;

/* Where a word stands, and in how many pairs of either kind. */
struct token_count {
    gint64 n[2]; /* [attack] */
};

struct audit {
    ds_store *store;
    const struct ex_audit_options *options;
    GArray *findings;
    GHashTable *events; /* trace and lines of the training pairs */
    GHashTable *texts;  /* their sentences */
    GHashTable *words;  /* and words */
    GHashTable *tokens; /* "s3 word" -> struct token_count, of the test pairs */
    gint64 n_test, n_same_event, n_same_text, n_label[2];
    double bleu[2]; /* sum over test pairs that training does not and does hold to the letter */
};

static void free_finding(gpointer data)
{
    g_free(((struct ex_finding *)data)->text);
}

static void add_finding(struct audit *a, const char *check, double value,
                        enum ex_audit_verdict verdict, const char *format, ...) G_GNUC_PRINTF(5, 6);

static void add_finding(struct audit *a, const char *check, double value,
                        enum ex_audit_verdict verdict, const char *format, ...)
{
    g_array_set_size(a->findings, a->findings->len + 1);
    struct ex_finding *finding =
        &g_array_index(a->findings, struct ex_finding, a->findings->len - 1);
    va_list arguments;
    va_start(arguments, format);
    *finding = (struct ex_finding){check, value, verdict, g_strdup_vprintf(format, arguments)};
    va_end(arguments);
}

/* ---- pairs ---------------------------------------------------------------- */

/* Of a pair set's pairs: trace, lines, sentences, label, BLEU-1 of the model. */
static ds_query *query_pairs(const struct audit *a, gint64 pair_set_id, GError **error)
{
    return ds_query_new(
        a->store, error,
        "SELECT trace_sha256 || ' ' || source_line || ' ' || target_line, source, target,"
        " target_event.attack, bleu1"
        " FROM pair_set JOIN pair_text ON pair_set = pair_set.name JOIN pair USING (pair_id)"
        " JOIN run USING (run_id)"
        " LEFT JOIN event AS target_event ON target_event.run_id = pair.run_id"
        "  AND target_event.line = target_line"
        " LEFT JOIN prediction ON prediction.pair_id = pair.pair_id AND model_id = ?2"
        " WHERE pair_set.pair_set_id = ?1 ORDER BY pair.pair_id",
        "ii", pair_set_id, a->options->model_id);
}

static char *both_sentences(ds_query *pair)
{
    g_autofree char *source = g_strdup(ds_query_text(pair, 1));
    return g_strconcat(source, "\n", ds_query_text(pair, 2), NULL);
}

static void learn_pair(struct audit *a, ds_query *pair)
{
    g_hash_table_add(a->events, g_strdup(ds_query_text(pair, 0)));
    for (int i = 1; i <= 2; i++) {
        g_auto(GStrv) words = g_strsplit(ds_query_text(pair, i), " ", -1);
        for (char **word = words; *word; word++)
            if (!g_hash_table_contains(a->words, *word))
                g_hash_table_add(a->words, g_strdup(*word));
    }
    g_hash_table_add(a->texts, both_sentences(pair));
}

static void count_tokens(struct audit *a, ds_query *pair, int label)
{
    a->n_label[label]++;
    for (int i = 1; i <= 2; i++) {
        g_auto(GStrv) words = g_strsplit(ds_query_text(pair, i), " ", -1);
        for (int position = 0; words[position]; position++) {
            g_autofree char *key = g_strdup_printf("%s %d: %s", i == 1 ? "source" : "target",
                                                   position + 1, words[position]);
            struct token_count *count = g_hash_table_lookup(a->tokens, key);
            if (!count) {
                count = g_new0(struct token_count, 1);
                g_hash_table_insert(a->tokens, g_steal_pointer(&key), count);
            }
            count->n[label]++;
        }
    }
}

static void test_pair(struct audit *a, ds_query *pair)
{
    g_autofree char *text = both_sentences(pair);
    const gboolean same = g_hash_table_contains(a->texts, text);
    a->n_test++;
    a->n_same_event += g_hash_table_contains(a->events, ds_query_text(pair, 0));
    a->n_same_text += same;
    a->bleu[same] += ds_query_double(pair, 4);
    if (!ds_query_is_null(pair, 3))
        count_tokens(a, pair, ds_query_int(pair, 3) != 0);
}

static gboolean visit_pairs(struct audit *a, gint64 pair_set_id,
                            void (*visit)(struct audit *, ds_query *), GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) pairs = query_pairs(a, pair_set_id, error);
    if (!pairs)
        return FALSE;
    while (ds_query_next(pairs, &failure))
        visit(a, pairs);
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* What the model has on all test pairs and on those that are not in training. Caller frees. */
static char *describe_accuracies(const struct audit *a)
{
    const gint64 n_other = a->n_test - a->n_same_text;
    const double all = 100 * (a->bleu[0] + a->bleu[1]) / (double)MAX(a->n_test, 1);
    if (!a->options->model_id)
        return g_strdup("");
    return n_other ? g_strdup_printf("; accuracy %.2f %% on all, %.2f %% on the others", all,
                                     100 * a->bleu[0] / (double)n_other)
                   : g_strdup_printf("; accuracy %.2f %% on all, there are no others", all);
}

static void judge_pairs(struct audit *a)
{
    const double share = (double)a->n_same_text / (double)MAX(a->n_test, 1);
    g_autofree char *accuracy = describe_accuracies(a);
    add_finding(a, "same-events", (double)a->n_same_event, a->n_same_event ? EX_LEAK : EX_CLEAN,
                "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                " test pairs are the very events of training pairs",
                a->n_same_event, a->n_test);
    add_finding(a, "same-text", share, share > a->options->max_same ? EX_LEAK : EX_CLEAN,
                "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                " test pairs are in training to the letter (%.1f %%)%s",
                a->n_same_text, a->n_test, 100 * share, accuracy);
}

/*
 * Twins are one simulation until the attack begins: what is later in both is new. So are runs that
 * differ in duration alone. A run that is itself in training is held against its own pairs.
 */
static gboolean judge_simulations(struct audit *a, GError **error)
{
    gint64 n = 0;
    if (!ds_lookup(a->store, &n, error,
                   "WITH used AS (SELECT run_id, scenario, seed,"
                   "   json_remove(params, '$.attack', '$.duration') AS params,"
                   "   max(target_line) AS last"
                   "  FROM pair JOIN run USING (run_id) WHERE pair_set_id = ?1 GROUP BY run_id)"
                   " SELECT count(*) FROM pair JOIN run USING (run_id)"
                   " WHERE pair_set_id = ?2 AND target_line <="
                   "  coalesce((SELECT last FROM used WHERE used.run_id = pair.run_id),"
                   "   (SELECT max(last) FROM used WHERE used.scenario = run.scenario"
                   "    AND used.seed = run.seed"
                   "    AND used.params IS json_remove(run.params, '$.attack', '$.duration')), 0)",
                   "ii", a->options->train_set, a->options->test_set))
        return FALSE;
    add_finding(a, "same-simulation", (double)n, n ? EX_LEAK : EX_CLEAN,
                "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                " test pairs come from a simulation of training, or its twin, and not from later "
                "in it",
                n, a->n_test);
    return TRUE;
}

/* The word that tells the attack's pairs best from the others. */
static void judge_tokens(struct audit *a)
{
    GHashTableIter iterator;
    gpointer key, value;
    const char *best = NULL;
    double best_auc = 0;
    if (a->n_label[1] < MIN_ATTACK_PAIRS || a->n_label[0] < MIN_ATTACK_PAIRS) {
        add_finding(a, "one-token", NAN, EX_CLEAN,
                    "%" G_GINT64_FORMAT " pairs are of an attack and %" G_GINT64_FORMAT
                    " are not: too few to look for words that tell them apart",
                    a->n_label[1], a->n_label[0]);
        return;
    }
    g_hash_table_iter_init(&iterator, a->tokens);
    while (g_hash_table_iter_next(&iterator, &key, &value)) {
        const struct token_count *count = value;
        const double auc = 0.5 + 0.5 * fabs((double)count->n[1] / (double)a->n_label[1] -
                                            (double)count->n[0] / (double)a->n_label[0]);
        if (auc > best_auc || (auc == best_auc && strcmp(key, best) < 0)) {
            best_auc = auc;
            best = key;
        }
    }
    add_finding(a, "one-token", best_auc, best_auc >= shortcut_auc ? EX_LEAK : EX_CLEAN,
                "the word that tells pairs of the attack best is '%s' (ROC-AUC %.4f)", best,
                best_auc);
}

/* ---- models --------------------------------------------------------------- */

static void judge_vocabulary(struct audit *a)
{
    enum { N_SPECIAL = 3 };
    gint64 n_foreign = 0;
    const char *foreign = NULL;
    char **vocabulary = a->options->vocabulary;
    for (int i = N_SPECIAL; vocabulary && vocabulary[i]; i++)
        if (!g_hash_table_contains(a->words, vocabulary[i])) {
            n_foreign++;
            foreign = vocabulary[i];
        }
    if (vocabulary)
        add_finding(a, "vocabulary", (double)n_foreign, n_foreign ? EX_LEAK : EX_CLEAN,
                    "%" G_GINT64_FORMAT " words of the model are not in the training pairs%s%s",
                    n_foreign, foreign ? ", such as " : "", foreign ? foreign : "");
}

/* Mean BLEU-1 of a model on a set, NAN if it was not tested on it. */
static gboolean read_accuracy(struct audit *a, gint64 model_id, gint64 pair_set_id,
                              double *accuracy, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query =
        ds_query_new(a->store, error,
                     "SELECT accuracy FROM evaluation WHERE model_id = ? AND pair_set_id = ?", "ii",
                     model_id, pair_set_id);
    *accuracy = NAN;
    if (!query)
        return FALSE;
    if (ds_query_next(query, &failure))
        *accuracy = ds_query_double(query, 0);
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* Words as numbers, all sentences one after the other. */
struct sentences {
    GHashTable *numbers; /* word -> its number + 1 */
    GArray *words;       /* of gint32 */
    GArray *ends;        /* of guint: where in words each ends */
};

static void add_sentence(struct sentences *s, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (char **word = words; *word && **word; word++) {
        gint32 number = GPOINTER_TO_INT(g_hash_table_lookup(s->numbers, *word));
        if (!number) {
            number = (gint32)g_hash_table_size(s->numbers) + 1;
            g_hash_table_insert(s->numbers, g_strdup(*word), GINT_TO_POINTER(number));
        }
        number += DS_FIRST_WORD;
        g_array_append_val(s->words, number);
    }
    g_array_append_val(s->ends, s->words->len);
}

static const gint32 *get_sentence(const struct sentences *s, guint i, int *n)
{
    const guint begin = i ? g_array_index(s->ends, guint, i - 1) : 0;
    *n = (int)(g_array_index(s->ends, guint, i) - begin);
    return (const gint32 *)(void *)s->words->data + begin;
}

/* Mean BLEU-1 of each output against the target so many outputs on; s holds them in turns. */
static double shifted_accuracy(const struct sentences *s, guint shift)
{
    const guint n = s->ends->len / 2;
    double sum = 0;
    for (guint i = 0; i < n; i++) {
        int n_target, n_output;
        const gint32 *output = get_sentence(s, 2 * i, &n_output);
        const gint32 *target = get_sentence(s, 2 * ((i + shift) % n) + 1, &n_target);
        sum += nn_bleu1(target, n_target, output, n_output);
    }
    return n ? sum / n : NAN;
}

static gboolean read_outputs(struct audit *a, struct sentences *s, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) rows = ds_query_new(
        a->store, error,
        "SELECT output, target FROM pair_set JOIN pair_text ON pair_set = pair_set.name"
        " JOIN prediction USING (pair_id) WHERE pair_set_id = ? AND model_id = ? ORDER BY pair_id",
        "ii", a->options->test_set, a->options->control_model);
    if (!rows)
        return FALSE;
    while (ds_query_next(rows, &failure))
        for (int i = 0; i < 2; i++)
            add_sentence(s, ds_query_text(rows, i));
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/*
 * A model that learned from shuffled targets cannot know which target belongs to a source: it must
 * be as good on targets that do not. Those are taken some way on in the set, far enough for none to
 * be an answer.
 */
static gboolean judge_control(struct audit *a, GError **error)
{
    static const guint shifts[] = {101, 211, 307, 401, 503};
    if (!a->options->control_model)
        return TRUE;
    g_autoptr(GHashTable) numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GArray) words = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(guint));
    struct sentences s = {numbers, words, ends};
    if (!read_outputs(a, &s, error))
        return FALSE;
    if (ends->len == 0)
        return TRUE;
    const double own = shifted_accuracy(&s, 0);
    double others = 0;
    const guint n_other = ends->len / 2 - 1; /* a shift by all of them would come back to the own */
    for (gsize i = 0; n_other > 0 && i < G_N_ELEMENTS(shifts); i++)
        others += shifted_accuracy(&s, 1 + shifts[i] % n_other) / G_N_ELEMENTS(shifts);
    add_finding(a, "shuffled-targets", own - others,
                own - others > control_slack ? EX_LEAK : EX_CLEAN,
                "trained on shuffled targets the model has %.2f %%, and %.2f %% against targets of "
                "other sources",
                100 * own, 100 * others);
    return TRUE;
}

static gboolean judge_permuted(struct audit *a, GError **error)
{
    double plain, permuted;
    if (!a->options->permuted_set || !a->options->model_id)
        return TRUE;
    if (!read_accuracy(a, a->options->model_id, a->options->test_set, &plain, error) ||
        !read_accuracy(a, a->options->model_id, a->options->permuted_set, &permuted, error))
        return FALSE;
    if (!isnan(plain) && !isnan(permuted))
        add_finding(a, "permuted-nodes", plain - permuted,
                    plain - permuted > permuted_slack ? EX_WARNING : EX_CLEAN,
                    "with node numbers exchanged accuracy is %.2f %% instead of %.2f %%: %s",
                    100 * permuted, 100 * plain,
                    plain - permuted > permuted_slack ? "who is who was learned by heart"
                                                      : "who is who matters little");
    return TRUE;
}

static gboolean check_tested(struct audit *a, GError **error)
{
    double accuracy = 0;
    if (a->options->model_id &&
        !read_accuracy(a, a->options->model_id, a->options->test_set, &accuracy, error))
        return FALSE;
    if (isnan(accuracy))
        g_set_error_literal(error, TG_ERROR, TG_ERROR_USAGE,
                            "the model was not evaluated on the test set yet: run adliotlog "
                            "evaluate first");
    return !isnan(accuracy);
}

GArray *ex_audit(ds_store *store, const struct ex_audit_options *options, GError **error)
{
    g_autoptr(GHashTable) events = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) tokens = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GArray) findings = g_array_new(FALSE, FALSE, sizeof(struct ex_finding));
    g_array_set_clear_func(findings, free_finding);
    struct audit a = {.store = store,
                      .options = options,
                      .findings = findings,
                      .events = events,
                      .texts = texts,
                      .words = words,
                      .tokens = tokens};
    if (!check_tested(&a, error) || !visit_pairs(&a, options->train_set, learn_pair, error) ||
        !visit_pairs(&a, options->test_set, test_pair, error))
        return NULL;
    judge_pairs(&a);
    if (!judge_simulations(&a, error))
        return NULL;
    judge_tokens(&a);
    judge_vocabulary(&a);
    if (!judge_control(&a, error) || !judge_permuted(&a, error))
        return NULL;
    return g_steal_pointer(&findings);
}
