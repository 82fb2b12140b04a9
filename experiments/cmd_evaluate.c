#include "dataset/vocabulary.h"
#include "experiments/command.h"
#include "experiments/model_record.h"
#include "experiments/progress.h"
#include "model/bleu.h"
#include "model/decode.h"
#include "model/model_file.h"
#include "model/train.h"

#include <stdio.h>

struct evaluate_arguments {
    char *store, *model, *pairs;
    int threads;
    gboolean force, json;
};

/* One model's predictions for one corpus; the threads take pairs from `next` on. */
struct decoding {
    const nn_network *network;
    const struct ds_corpus *corpus;
    struct nn_output *outputs; /* [n_pair] */
    double *bleu1;             /* [n_pair] */
    gint next;                 /* atomic */
    gint stop;                 /* atomic */
};

static gpointer decode_pairs(gpointer data)
{
    struct decoding *d = data;
    g_autoptr(nn_pass) pass = nn_pass_new(d->network, DS_MAX_WORDS + 1, DS_MAX_WORDS + 1);
    int i;
    while (!g_atomic_int_get(&d->stop) && (i = g_atomic_int_add(&d->next, 1)) < d->corpus->n_pair) {
        const struct ds_pair *pair = &d->corpus->pairs[i];
        struct nn_output *output = &d->outputs[i];
        nn_decode_greedy(pass, pair->source, pair->n_source, output);
        d->bleu1[i] = nn_bleu1(pair->target, pair->n_target - 1, output->words, output->n_word);
    }
    return NULL;
}

/* Each pair is decoded by itself, so that the number of threads changes nothing. */
static gboolean decode_all(struct decoding *d, int n_thread, const char *label, GError **error)
{
    GThread *threads[64];
    struct ex_progress progress;
    gboolean going = TRUE;
    ex_progress_start(&progress, label);
    for (int i = 0; i < n_thread; i++)
        threads[i] = g_thread_new("decode", decode_pairs, d);
    while (going && g_atomic_int_get(&d->next) < d->corpus->n_pair) {
        g_usleep(G_USEC_PER_SEC / 50);
        ex_progress_show(&progress, MIN(g_atomic_int_get(&d->next), d->corpus->n_pair),
                         d->corpus->n_pair, "");
        going = tg_check_interrupt(error);
    }
    g_atomic_int_set(&d->stop, !going);
    for (int i = 0; i < n_thread; i++)
        g_thread_join(threads[i]);
    ex_progress_end(&progress);
    return going;
}

/* Every word right, in its place. */
static gboolean is_exact(const struct ds_pair *pair, const struct nn_output *output)
{
    if (output->n_word != pair->n_target - 1)
        return FALSE;
    for (int i = 0; i < output->n_word; i++)
        if (output->words[i] != pair->target[i] || output->words[i] == DS_UNK)
            return FALSE;
    return TRUE;
}

static char *join_words(const struct nn_output *output, char **vocabulary)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < output->n_word; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", vocabulary[output->words[i]]);
    return g_string_free(text, FALSE);
}

/* The figures of one row of table evaluation. */
struct figures {
    gint64 model_id, pair_set_id;
    double accuracy, copy_baseline;
    gint64 n_exact, n_word;
};

static gboolean write_rows(ds_store *store, const struct decoding *d, char **vocabulary,
                           const struct figures *f, GError **error)
{
    const struct ds_corpus *corpus = d->corpus;
    g_autoptr(ds_query) insert =
        ds_query_new(store, error, "INSERT INTO prediction VALUES (?, ?, ?, ?, ?)", "");
    if (!insert ||
        !ds_execute(store, error,
                    "DELETE FROM prediction WHERE model_id = ? AND pair_id IN"
                    " (SELECT pair_id FROM pair WHERE pair_set_id = ?)",
                    "ii", f->model_id, f->pair_set_id) ||
        !ds_execute(store, error, "DELETE FROM verdict WHERE model_id = ? AND pair_set_id = ?",
                    "ii", f->model_id, f->pair_set_id))
        return FALSE;
    for (int i = 0; i < corpus->n_pair; i++) {
        g_autofree char *text = join_words(&d->outputs[i], vocabulary);
        if (!ds_query_run(insert, error, "iisdd", f->model_id, corpus->pairs[i].pair_id, text,
                          d->bleu1[i], d->outputs[i].log_probability))
            return FALSE;
    }
    return ds_execute(store, error,
                      "INSERT OR REPLACE INTO evaluation VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                      "iiiddiii", f->model_id, f->pair_set_id, (gint64)corpus->n_pair, f->accuracy,
                      f->copy_baseline, f->n_exact, f->n_word, corpus->n_unknown);
}

/* Copying needs no vocabulary, so its score is taken with all words of the set known. */
static gboolean score_copy(ds_store *store, struct figures *f, GError **error)
{
    g_autoptr(ds_vocabulary) own = ds_vocabulary_build(store, f->pair_set_id, error);
    g_autoptr(ds_corpus) corpus = own ? ds_corpus_load(store, f->pair_set_id, own, error) : NULL;
    if (!corpus)
        return FALSE;
    for (int i = 0; i < corpus->n_pair; i++) {
        f->copy_baseline += nn_bleu1_copy(&corpus->pairs[i]) / corpus->n_pair;
        f->n_word += corpus->pairs[i].n_source + corpus->pairs[i].n_target - 2;
    }
    return TRUE;
}

static gboolean check_free(ds_store *store, const struct evaluate_arguments *a, const char *sha256,
                           const struct figures *f, GError **error)
{
    gint64 n = 0;
    if (a->force)
        return TRUE;
    if (!ds_lookup(store, &n, error,
                   "SELECT count(*) FROM evaluation JOIN model USING (model_id)"
                   " WHERE model_sha256 = ? AND pair_set_id = ?",
                   "si", sha256, f->pair_set_id))
        return FALSE;
    if (n)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s was evaluated on '%s' already (--force does it again)", a->model, a->pairs);
    return n == 0;
}

static void print_figures(const struct evaluate_arguments *a, const struct figures *f,
                          const struct ds_corpus *corpus)
{
    if (a->json) {
        g_autofree char *model = ex_json_string(a->model), *pairs = ex_json_string(a->pairs);
        printf("{\"model\":%s,\"pairs\":%s,\"n_pair\":%d,\"accuracy\":%.6f,\"copy_baseline\":%.6f,"
               "\"n_exact\":%" G_GINT64_FORMAT ",\"n_word\":%" G_GINT64_FORMAT
               ",\"n_unknown\":%" G_GINT64_FORMAT "}\n",
               model, pairs, corpus->n_pair, f->accuracy, f->copy_baseline, f->n_exact, f->n_word,
               corpus->n_unknown);
        return;
    }
    printf("%s\t%s\taccuracy %.2f %% (copying the input %.2f %%), %" G_GINT64_FORMAT
           " of %d pairs exact, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " words unknown\n",
           a->model, a->pairs, 100 * f->accuracy, 100 * f->copy_baseline, f->n_exact,
           corpus->n_pair, corpus->n_unknown, f->n_word);
}

static gboolean decode_and_store(ds_store *store, const struct evaluate_arguments *a,
                                 const char *sha256, const nn_model *model,
                                 const struct ds_corpus *corpus, struct figures *f, GError **error)
{
    g_autofree struct nn_output *outputs = g_new(struct nn_output, corpus->n_pair);
    g_autofree double *bleu1 = g_new(double, corpus->n_pair);
    struct decoding d = {.network = model->network,
                         .corpus = corpus,
                         .outputs = outputs,
                         .bleu1 = bleu1};
    if (!decode_all(&d, a->threads, a->pairs, error))
        return FALSE;
    for (int i = 0; i < corpus->n_pair; i++)
        f->accuracy += bleu1[i] / corpus->n_pair;
    for (int i = 0; i < corpus->n_pair; i++)
        f->n_exact += is_exact(&corpus->pairs[i], &outputs[i]);
    if (!score_copy(store, f, error) || !ds_begin(store, error))
        return FALSE;
    f->model_id = ex_record_model(store, a->model, sha256, model->options, error);
    gboolean done = f->model_id && write_rows(store, &d, model->vocabulary, f, error) &&
                    ds_commit(store, error);
    if (!done)
        ds_rollback(store);
    return done;
}

static gboolean evaluate(const struct evaluate_arguments *a, GError **error)
{
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_WRITE, error);
    g_autofree char *sha256 = store ? ex_sha256_file(a->model, error) : NULL;
    g_autoptr(nn_model) model = sha256 ? nn_model_load(a->model, error) : NULL;
    struct figures f = {0};
    if (!model || !(f.pair_set_id = ds_find_pair_set(store, a->pairs, error)) ||
        !check_free(store, a, sha256, &f, error))
        return FALSE;
    g_autoptr(ds_vocabulary) vocabulary = ds_vocabulary_new((const char *const *)model->vocabulary);
    g_autoptr(ds_corpus) corpus = ds_corpus_load(store, f.pair_set_id, vocabulary, error);
    if (!corpus || !nn_check_words(model->network, corpus, error) ||
        !decode_and_store(store, a, sha256, model, corpus, &f, error))
        return FALSE;
    print_figures(a, &f, corpus);
    return TRUE;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    struct evaluate_arguments a = {.threads = CLAMP((int)g_get_num_processors(), 1, 64)};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store", "FILE"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &a.model, "Model file", "FILE"},
        {"pairs", 'p', 0, G_OPTION_ARG_STRING, &a.pairs, "Pair set to test on", "NAME"},
        {"threads", 't', 0, G_OPTION_ARG_INT, &a.threads,
         "Threads (default: all processors; the result is the same)", "N"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a.force, "Evaluate again, replacing the old result",
         NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Print a JSON object", NULL},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GError) error = NULL;
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    tg_catch_interrupts();
    if (!a.store || !a.model || !a.pairs)
        status = ex_usage(command, "--%s is missing",
                          !a.store   ? "store"
                          : !a.model ? "model"
                                     : "pairs");
    else if (a.threads < 1 || a.threads > 64)
        status = ex_usage(command, "--threads must be between 1 and 64");
    else if (!evaluate(&a, &error))
        status = ex_fail(command, error);
    g_free(a.store);
    g_free(a.model);
    g_free(a.pairs);
    return status;
}

const struct ex_command ex_command_evaluate = {
    .name = "evaluate",
    .summary = "test a model on a pair set",
    .arguments = "",
    .description =
        "Lets the model say the sentence after each source sentence (greedy decoding) and compares "
        "it with the target by BLEU-1. The paper's accuracy is the mean over the pairs. Writes one "
        "row a pair into table prediction and one into table evaluation, with the number of pairs "
        "predicted exactly, word by word, and the score of copying "
        "the input, which learns nothing. Words that the model's vocabulary lacks are counted; "
        "they "
        "never match.\n\n"
        "Tested on its own training pairs, as the paper evidently did, a network is flattered; "
        "build a pair set from runs of another seed to hold out.",
    .examples = "adliotlog evaluate --store S --model without.safetensors --pairs without\n"
                "sqlite3 S 'SELECT avg(bleu1) FROM prediction JOIN pair USING (pair_id)\n"
                "           GROUP BY model_id, pair_set_id'",
    .run = run,
};
