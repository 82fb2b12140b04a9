#include "experiments/command.h"
#include "experiments/model_record.h"
#include "experiments/progress.h"
#include "experiments/subject.h"
#include "model/bleu.h"
#include "model/train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct evaluate_arguments {
    char *store, *model, *rival, *train, *pairs;
    int threads, beam;
    gboolean score, force, json;
    const char *line; /* the command line */
};

/* One predictor's answers to one corpus; the threads take pairs from `next` on. */
struct decoding {
    const nn_predictor *predictor;
    const struct ds_corpus *corpus;
    int max_S;
    struct nn_output *outputs; /* [n_pair] */
    double *bleu1;             /* [n_pair] */
    struct nn_score *scores;   /* [n_pair] of the targets, or NULL */
    gint next;                 /* atomic */
    gint stop;                 /* atomic */
};

/* Pairs first .. first + n - 1, side by side. */
static void decode_some(const struct decoding *d, nn_predicting *predicting, int first, int n)
{
    struct nn_sentence sources[NN_SENTENCES], targets[NN_SENTENCES];
    struct nn_output *outputs = &d->outputs[first];
    for (int i = 0; i < n; i++) {
        const struct ds_pair *pair = &d->corpus->pairs[first + i];
        sources[i] = (struct nn_sentence){pair->source, pair->n_source};
        targets[i] = (struct nn_sentence){pair->target, pair->n_target};
    }
    nn_predict(predicting, sources, n, outputs);
    if (d->scores)
        nn_score(predicting, sources, targets, n, &d->scores[first]);
    for (int i = 0; i < n; i++)
        d->bleu1[first + i] =
            nn_bleu1(targets[i].words, targets[i].n - 1, outputs[i].words, outputs[i].n_word);
}

static gpointer decode_pairs(gpointer data)
{
    struct decoding *d = data;
    const int n_pair = d->corpus->n_pair;
    g_autoptr(nn_predicting) predicting = nn_predicting_new(d->predictor, d->max_S);
    int i;
    while (!g_atomic_int_get(&d->stop) && (i = g_atomic_int_add(&d->next, NN_SENTENCES)) < n_pair)
        decode_some(d, predicting, i, MIN(NN_SENTENCES, n_pair - i));
    return NULL;
}

/* Each pair is decoded as if alone, so that the number of threads changes nothing. */
static gboolean decode_all(struct decoding *d, int n_thread, const char *label, GError **error)
{
    GThread *threads[NN_MAX_THREAD];
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

static char *join_words(const struct nn_output *output, const char *const *vocabulary)
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
    gint64 n_endless;              /* predictions that filled all the room without <EOS> */
    double target_log_probability; /* mean over the pairs, natural; with --score */
    double target_outside;         /* mean over the pairs; with --score */
    gint64 beam;
};

static gboolean write_rows(ds_store *store, const struct decoding *d, const char *const *vocabulary,
                           const struct figures *f, GError **error)
{
    const struct ds_corpus *corpus = d->corpus;
    g_autoptr(ds_query) insert =
        ds_query_new(store, error, "INSERT INTO prediction VALUES (?, ?, ?, ?, ?, ?, ?)", "");
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
        const gint64 pair_id = corpus->pairs[i].pair_id;
        const struct nn_score *score = d->scores ? &d->scores[i] : NULL;
        if (score ? !ds_query_run(insert, error, "iisdddi", f->model_id, pair_id, text, d->bleu1[i],
                                  d->outputs[i].log_probability, score->log_probability,
                                  (gint64)score->n_outside)
                  : !ds_query_run(insert, error, "iisddnn", f->model_id, pair_id, text, d->bleu1[i],
                                  d->outputs[i].log_probability))
            return FALSE;
    }
    return ds_execute(store, error,
                      "INSERT OR REPLACE INTO evaluation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                      "iiiddiiii", f->model_id, f->pair_set_id, (gint64)corpus->n_pair, f->accuracy,
                      f->copy_baseline, f->n_exact, f->n_word, corpus->n_unknown, f->beam);
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

static gboolean check_free(ds_store *store, const struct evaluate_arguments *a,
                           const ex_subject *subject, const struct figures *f, GError **error)
{
    gint64 beam = 0;
    if (a->force)
        return TRUE;
    if (!ds_lookup(store, &beam, error,
                   "SELECT beam FROM evaluation JOIN model USING (model_id)"
                   " WHERE model_sha256 = ? AND pair_set_id = ?",
                   "si", subject->sha256, f->pair_set_id))
        return FALSE;
    if (beam)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s was evaluated on '%s' already, with --beam %" G_GINT64_FORMAT
                    " (--force puts another result in its place)",
                    subject->name, a->pairs, beam);
    return beam == 0;
}

/* The figures of one evaluation for a program. */
static void print_json(const struct evaluate_arguments *a, const struct figures *f,
                       const struct ds_corpus *corpus)
{
    g_autofree char *model = ex_json_string(a->rival ? a->rival : a->model);
    g_autofree char *pairs = ex_json_string(a->pairs);
    g_autofree char *train = a->rival ? ex_json_string(a->train) : NULL;
    printf("{\"model\":%s%s%s,\"pairs\":%s,\"n_pair\":%d,\"beam\":%d,\"accuracy\":%.6f,"
           "\"copy_baseline\":%.6f,\"n_exact\":%" G_GINT64_FORMAT ",\"n_endless\":%" G_GINT64_FORMAT
           ",\"n_word\":%" G_GINT64_FORMAT ",\"n_unknown\":%" G_GINT64_FORMAT,
           model, train ? ",\"train\":" : "", train ? train : "", pairs, corpus->n_pair, a->beam,
           f->accuracy, f->copy_baseline, f->n_exact, f->n_endless, f->n_word, corpus->n_unknown);
    if (a->score)
        printf(",\"target_logprob\":%.6f,\"target_outside\":%.6f", f->target_log_probability,
               f->target_outside);
    puts("}");
}

static void print_figures(const struct evaluate_arguments *a, const struct figures *f,
                          const struct ds_corpus *corpus)
{
    printf("%s\t%s\taccuracy %.2f %% (copying the input %.2f %%), %" G_GINT64_FORMAT
           " of %d pairs exact, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " words unknown",
           a->rival ? a->rival : a->model, a->pairs, 100 * f->accuracy, 100 * f->copy_baseline,
           f->n_exact, corpus->n_pair, corpus->n_unknown, f->n_word);
    if (f->n_endless)
        printf(", %" G_GINT64_FORMAT " predictions without an end", f->n_endless);
    if (a->beam > 1)
        printf(", beam %d", a->beam);
    if (a->score)
        printf(", log-probability of a target %.2f, %.2f of its words outside the top %d",
               f->target_log_probability, f->target_outside, NN_TOP);
    putchar('\n');
}

/* Weights that are finite can still be too large to compute with. */
static gboolean check_finite(const struct decoding *d, const char *model, GError **error)
{
    for (int i = 0; i < d->corpus->n_pair; i++) {
        if (isfinite(d->outputs[i].log_probability) &&
            (!d->scores || isfinite(d->scores[i].log_probability)))
            continue;
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: pair %" G_GINT64_FORMAT ": the probability is not a number: the weights "
                    "are too large",
                    model, d->corpus->pairs[i].pair_id);
        return FALSE;
    }
    return TRUE;
}

/* The means over the pairs, always summed in their order. */
static void sum_up(const struct decoding *d, struct figures *f)
{
    const struct ds_corpus *corpus = d->corpus;
    for (int i = 0; i < corpus->n_pair; i++) {
        f->accuracy += d->bleu1[i] / corpus->n_pair;
        f->n_exact += is_exact(&corpus->pairs[i], &d->outputs[i]);
        f->n_endless += !d->outputs[i].ended;
        if (!d->scores)
            continue;
        f->target_log_probability += d->scores[i].log_probability / corpus->n_pair;
        f->target_outside += (double)d->scores[i].n_outside / corpus->n_pair;
    }
}

static gboolean decode_and_store(ds_store *store, const struct evaluate_arguments *a,
                                 const ex_subject *subject, const struct ds_corpus *corpus,
                                 struct figures *f, GError **error)
{
    g_autofree struct nn_output *outputs = g_new(struct nn_output, corpus->n_pair);
    g_autofree double *bleu1 = g_new(double, corpus->n_pair);
    g_autofree struct nn_score *scores = a->score ? g_new(struct nn_score, corpus->n_pair) : NULL;
    struct decoding d = {.predictor = subject->predictor,
                         .corpus = corpus,
                         .max_S = 1,
                         .outputs = outputs,
                         .bleu1 = bleu1,
                         .scores = scores};
    for (int i = 0; i < corpus->n_pair; i++)
        d.max_S = MAX(d.max_S, corpus->pairs[i].n_source);
    if (!decode_all(&d, a->threads, a->pairs, error) || !check_finite(&d, subject->name, error))
        return FALSE;
    sum_up(&d, f);
    if (!score_copy(store, f, error) || !ds_begin(store, error))
        return FALSE;
    f->model_id = ex_subject_record(subject, store, a->line, error);
    gboolean done = f->model_id &&
                    write_rows(store, &d, ds_vocabulary_words(subject->vocabulary), f, error) &&
                    ds_commit(store, error);
    if (!done)
        ds_rollback(store);
    return done;
}

static gboolean evaluate(const struct evaluate_arguments *a, GError **error)
{
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_WRITE, error);
    g_auto(ex_subject) subject = {0};
    struct figures f = {.beam = a->beam};
    if (!store || !ex_subject_find(&subject, store, a->model, a->rival, a->train, error) ||
        !(f.pair_set_id = ds_find_pair_set(store, a->pairs, error)) ||
        !check_free(store, a, &subject, &f, error) ||
        !ex_subject_prepare(&subject, store, f.pair_set_id, a->beam, error))
        return FALSE;
    g_autoptr(ds_corpus) corpus = ds_corpus_load(store, f.pair_set_id, subject.vocabulary, error);
    if (!corpus || !nn_check_words(subject.predictor->V, corpus, error) ||
        !decode_and_store(store, a, &subject, corpus, &f, error))
        return FALSE;
    if (a->json)
        print_json(a, &f, corpus);
    else
        print_figures(a, &f, corpus);
    return TRUE;
}

static void list_rivals(void)
{
    for (int i = 0; nn_rivals[i]; i++)
        printf("%s\t%s\n", nn_rivals[i]->name, nn_rivals[i]->summary);
}

/* NULL when all is possible. */
static const char *find_mistake(const struct evaluate_arguments *a)
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
    if (a->threads < 1 || a->threads > NN_MAX_THREAD)
        return "--threads must be between 1 and 64";
    if (a->beam < 1 || a->beam > NN_MAX_LANES)
        return "--beam must be between 1 and 101";
    if (a->rival && a->beam > 1)
        return "--beam is for --model alone";
    return NULL;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *line = ex_command_line(argc, argv);
    struct evaluate_arguments a = {.line = line,
                                   .threads = CLAMP((int)g_get_num_processors(), 1, NN_MAX_THREAD),
                                   .beam = 1};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store", "FILE"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &a.model, "Model file", "FILE"},
        {"rival", 'r', 0, G_OPTION_ARG_STRING, &a.rival,
         "Rival to test instead of a model; 'help' lists them", "NAME"},
        {"train", 0, 0, G_OPTION_ARG_STRING, &a.train, "Pair set that the rival learns from",
         "NAME"},
        {"pairs", 'p', 0, G_OPTION_ARG_STRING, &a.pairs, "Pair set to test on", "NAME"},
        {"beam", 'b', 0, G_OPTION_ARG_INT, &a.beam,
         "Beginnings of a sentence that beam search follows, 1 to 101 (default: 1, greedy)", "K"},
        {"score", 0, 0, G_OPTION_ARG_NONE, &a.score,
         "Also the log-probability of each target sentence, and how many of its words are not "
         "among the 9 most probable (prediction.target_logprob, target_outside)",
         NULL},
        {"threads", 't', 0, G_OPTION_ARG_INT, &a.threads,
         "Threads (default: all processors; the result is the same)", "N"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a.force, "Evaluate again, replacing the old result",
         NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Print a JSON object", NULL},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GError) error = NULL;
    int status;
    tg_catch_interrupts();
    if (ex_parse(command, entries, &argc, &argv, &status)) {
        const gboolean help = a.rival && strcmp(a.rival, "help") == 0;
        const char *mistake = help ? NULL : find_mistake(&a);
        if (help)
            list_rivals();
        else if (mistake)
            status = ex_usage(command, "%s", mistake);
        else if (!evaluate(&a, &error))
            status = ex_fail(command, error);
    }
    g_free(a.store);
    g_free(a.model);
    g_free(a.rival);
    g_free(a.train);
    g_free(a.pairs);
    return status;
}

const struct ex_command ex_command_evaluate = {
    .name = "evaluate",
    .summary = "test a model, or one of its rivals, on a pair set",
    .arguments = "",
    .description =
        "Lets the model say the sentence after each source sentence (greedy decoding, or the most "
        "probable sentence that a beam of K finds) and compares it with the target by BLEU-1. The "
        "paper's accuracy is the mean over the pairs. Writes one row a pair into table prediction, "
        "with the natural log-probability of what was said, and one into table evaluation, with "
        "the number of pairs predicted exactly, word by word, and the score of copying the input, "
        "which learns nothing. Words that the model's vocabulary lacks are counted; they never "
        "match. A prediction without an end went on to the limit of 100 words, which is what "
        "networks that were trained little do. A store keeps one result for a model and pair set; "
        "'adliotlog sql --describe' explains the columns.\n\n"
        "Tested on its own training pairs, as the paper evidently did, a network is flattered; "
        "build a pair set from runs of another seed to hold out.\n\n"
        "--rival tests what a network should be better than: copy, constant, majority, lookup, "
        "markov or ngram, fitted on the pair set --train. --rival help prints what each says, and "
        "the probability P it gives to word w at position p of the target. There V is the number "
        "of words, x_p the source's word at that position, [A] 1 if A holds and else 0; c counts "
        "what came in training, n all of that and t the distinct words; e is the share of the "
        "training words that the rival gets wrong, (wrong + 1) / (words + 2), for lookup with each "
        "pair taken out in turn; D is a discount, h' is h without its first word. Among equals the "
        "first in training is said. Copy alone knows all words, also those that training lacks. A "
        "rival on the same data is one row of table model, without a path. Two more rivals are "
        "networks: 'adliotlog train' with --attention none, and with --task next-word.\n\n"
        "With --score, DeepLog's rule can be asked of each of them: an event is suspicious if a "
        "word of it is not among the 9 most probable (prediction.target_outside > 0).",
    .examples = "adliotlog evaluate --store S --model without.safetensors --pairs without\n"
                "# and how probable the model finds what really came\n"
                "adliotlog evaluate --store S --model without.safetensors --pairs held-out \\\n"
                "    --beam 4 --score\n"
                "# what a bigram of fields achieves\n"
                "adliotlog evaluate --store S --rival markov --train without --pairs held-out\n"
                "sqlite3 S 'SELECT model.name, pair_set.name, accuracy, beam FROM evaluation\n"
                "           JOIN model USING (model_id) JOIN pair_set USING (pair_set_id)'\n"
                "sqlite3 S 'SELECT output, logprob, target_logprob FROM prediction LIMIT 3'",
    .run = run,
};
