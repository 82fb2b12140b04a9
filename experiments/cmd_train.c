#include "experiments/cmd_train.h"
#include "dataset/vocabulary.h"
#include "experiments/command.h"
#include "experiments/model_record.h"
#include "experiments/model_target.h"
#include "experiments/progress.h"
#include "experiments/train_checkpoint.h"
#include "experiments/train_recipe.h"
#include "model/model_file.h"
#include "model/train.h"

#include <math.h>
#include <stdio.h>

/* One call of the command. */
struct training {
    struct ex_train_options *options;
    const char *line; /* the command line */
    ds_store *store;
    gint64 pair_set_id;
    struct ex_train_origin origin;
    char *checkpoint; /* path */
    nn_model *model;
    struct nn_train_state state;
    GArray *losses; /* of double, one a report */
};

/* ---- what it starts from ---- */

static gboolean find_origin(struct training *t, GError **error)
{
    g_autoptr(ds_query) query =
        ds_query_new(t->store, error, "SELECT sha256, n_pair FROM pair_set WHERE pair_set_id = ?",
                     "i", t->pair_set_id);
    if (!query || !ds_query_next(query, error))
        return FALSE;
    t->origin.pairs_sha256 = g_strdup(ds_query_text(query, 0));
    t->origin.n_pair = (int)ds_query_int(query, 1);
    if (t->options->init)
        t->origin.init_sha256 = ex_sha256_file(t->options->init, error);
    return !t->options->init || t->origin.init_sha256;
}

static gboolean make_network(struct training *t, GError **error)
{
    struct ex_train_options *o = t->options;
    if (o->init) {
        t->model = nn_model_load(o->init, error);
        return t->model && ex_train_adopt_shape(o, &t->model->network->shape, error);
    }
    g_autoptr(ds_vocabulary) vocabulary = ds_vocabulary_build(t->store, t->pair_set_id, error);
    if (!vocabulary)
        return FALSE;
    o->shape.V = ds_vocabulary_size(vocabulary);
    t->model = g_new0(nn_model, 1);
    t->model->vocabulary = g_strdupv((char **)ds_vocabulary_words(vocabulary));
    t->model->network = nn_network_new(&o->shape);
    nn_network_init(t->model->network, o->how.seed);
    return TRUE;
}

/* The model as it will be written, but for the weights. */
static gboolean make_model(struct training *t, GError **error)
{
    if (!find_origin(t, error) || !make_network(t, error))
        return FALSE;
    g_free(t->model->options);
    t->model->options = ex_train_options_json(t->options, &t->origin, NULL);
    g_free(t->model->command_line);
    t->model->command_line = ex_train_print_recipe(t->options);
    g_clear_pointer(&t->model->training, g_free);
    nn_train_start(&t->state, &t->options->how);
    return TRUE;
}

/* Goes to where the checkpoint stands, if there is one to go on from. */
static gboolean find_start(struct training *t, GError **error)
{
    const struct ex_train_options *o = t->options;
    if (!g_file_test(t->checkpoint, G_FILE_TEST_EXISTS) || (o->force && !o->resume))
        return TRUE;
    if (!o->resume) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s is there: --resume goes on from it, --force starts anew", t->checkpoint);
        return FALSE;
    }
    g_autoptr(GError) failure = NULL;
    if (ex_checkpoint_load(t->model, &o->how, &t->state, t->losses, t->checkpoint, &failure)) {
        g_printerr("adliotlog train: %s: going on after iteration %d of %d\n", o->model,
                   t->state.iteration, o->how.iterations);
        return TRUE;
    }
    return ex_checkpoint_give_up("train", o->force, g_steal_pointer(&failure), error);
}

/* ---- the training itself ---- */

struct observer {
    struct training *training;
    struct ex_progress progress;
    int saved; /* iteration of the last checkpoint; 0: none is there */
};

static gboolean note_report(const struct nn_progress *now, gpointer data, GError **error)
{
    (void)error;
    struct observer *observer = data;
    g_array_append_val(observer->training->losses, now->loss);
    return TRUE;
}

static void show_progress(struct observer *observer, const struct nn_train_state *state)
{
    const GArray *losses = observer->training->losses;
    const double loss =
        losses->len ? g_array_index(losses, double, losses->len - 1) : state->loss / state->n_loss;
    g_autofree char *detail = g_strdup_printf(", loss %.3f", loss);
    ex_progress_show(&observer->progress, state->iteration,
                     observer->training->options->how.iterations, detail);
}

static gboolean save(struct observer *observer, GError **error)
{
    struct training *t = observer->training;
    if (!ex_checkpoint_save(t->model, &t->state, t->losses, t->checkpoint, error)) {
        g_prefix_error(error, "at iteration %d: ", t->state.iteration);
        return FALSE;
    }
    observer->saved = t->state.iteration;
    return TRUE;
}

/* Ctrl-C: keeps what has been done. FALSE if it was pressed. */
static gboolean go_on(gpointer data, GError **error)
{
    struct observer *observer = data;
    const struct training *t = observer->training;
    const int iteration = t->state.iteration, last = t->options->how.iterations;
    if (tg_check_interrupt(NULL))
        return TRUE;
    if (iteration == 0)
        g_set_error(error, TG_ERROR, TG_ERROR_INTERRUPTED, "interrupted in the first iteration");
    else if (save(observer, error))
        g_set_error(error, TG_ERROR, TG_ERROR_INTERRUPTED,
                    "interrupted after iteration %d of %d, kept in %s: the same command with "
                    "--resume goes on from there",
                    iteration, last, t->checkpoint);
    return FALSE;
}

/* After every iteration but the last: so a slow one is not waited for a hundred times. */
static gboolean note_iteration(const struct nn_train_state *state, gpointer data, GError **error)
{
    struct observer *observer = data;
    const int every = observer->training->options->how.checkpoint_every;
    if (observer->progress.shown)
        show_progress(observer, state);
    if (!go_on(data, error))
        return FALSE;
    return every == 0 || state->iteration % every != 0 || save(observer, error);
}

/* The pairs, as the task has them. */
static ds_corpus *load_corpus(const struct training *t, GError **error)
{
    g_autoptr(ds_vocabulary) vocabulary =
        ds_vocabulary_new((const char *const *)t->model->vocabulary);
    g_autoptr(ds_corpus) corpus = ds_corpus_load(t->store, t->pair_set_id, vocabulary, error);
    if (!corpus || t->options->task == NN_FOLLOW)
        return g_steal_pointer(&corpus);
    return nn_join_pairs(corpus, error);
}

/* Trains the model to the end. */
static gboolean descend(struct training *t, GError **error)
{
    g_autoptr(ds_corpus) corpus = load_corpus(t, error);
    if (!corpus)
        return FALSE;
    struct nn_train_options how = t->options->how;
    how.checkpoint_every = 1; /* note_iteration() knows when it is time */
    struct observer observer = {.training = t, .saved = t->state.iteration};
    const struct nn_train_observer callbacks = {note_report, note_iteration, &observer, go_on};
    g_autofree char *label = g_path_get_basename(t->options->model);
    ex_progress_start(&observer.progress, label);
    observer.progress.first = t->state.iteration;
    observer.progress.batch = how.batch;
    observer.progress.unit = " pairs";
    g_autoptr(GError) failure = NULL;
    gboolean trained = nn_train(t->model->network, corpus, &how, &t->state, &callbacks, &failure);
    ex_progress_end(&observer.progress);
    if (trained)
        return TRUE;
    if (failure->code == TG_ERROR_DATA && observer.saved > 0)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s; %s keeps iteration %d", failure->message,
                    t->checkpoint, observer.saved);
    else
        g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* ---- what it leaves ---- */

/* The model's row and losses. What was known of the file that it replaced goes. */
static gboolean record(const struct training *t, const char *replaced_sha256, GError **error)
{
    g_autofree char *options = ex_train_options_json(t->options, &t->origin, t->line);
    if (!ds_begin(t->store, error))
        return FALSE;
    const gint64 model_id =
        ex_target_record(t->store, t->options->model, options, replaced_sha256, error);
    gboolean done = model_id != 0;
    for (guint i = 0; done && i < t->losses->len; i++) {
        const gint64 iteration = ((gint64)i + 1) * NN_REPORT_EVERY;
        done = ds_execute(t->store, error, "INSERT OR REPLACE INTO loss VALUES (?, ?, ?)", "iid",
                          model_id, MIN(iteration, t->options->how.iterations),
                          g_array_index(t->losses, double, i));
    }
    done = done && ds_commit(t->store, error);
    if (!done)
        ds_rollback(t->store);
    return done;
}

static void print_result(const struct training *t, double loss, double seconds)
{
    const struct ex_train_options *o = t->options;
    g_autofree char *path = o->json ? ex_json_string(o->model) : g_strdup(o->model);
    printf(o->json ? "{\"model\":%s,\"vocabulary\":%d,\"iterations\":%d,\"loss\":%.4f,"
                     "\"seconds\":%.1f}\n"
                   : "%s\t%d words, %d iterations, loss %.4f nats a word, %.1f s\n",
           path, o->shape.V, o->how.iterations, loss, seconds);
    if (loss > log(o->shape.V) + 1) /* that of a network that knows nothing is near it */
        g_printerr("adliotlog train: the loss is far above that of guessing, %.2f nats a word: the "
                   "learning rate is too large\n",
                   log(o->shape.V));
}

/*
 * Is the model file this model, and known to the store? Then *done, and a checkpoint of this
 * training is removed, should one have been left behind.
 */
static gboolean find_result(struct training *t, const char *sha256, gboolean *done, GError **error)
{
    *done = FALSE;
    g_autoptr(ds_query) query =
        ds_query_new(t->store, error,
                     "SELECT nll FROM loss JOIN model USING (model_id) WHERE model_sha256 = ?"
                     " ORDER BY iteration DESC LIMIT 1",
                     "s", sha256);
    g_autoptr(GError) failure = NULL;
    if (!query)
        return FALSE;
    if (!ds_query_next(query, &failure)) {
        if (failure)
            g_propagate_error(error, g_steal_pointer(&failure));
        return !failure;
    }
    const double loss = ds_query_double(query, 0);
    *done = TRUE;
    g_printerr("adliotlog train: %s is trained already\n", t->options->model);
    print_result(t, loss, 0);
    return !g_file_test(t->checkpoint, G_FILE_TEST_EXISTS) ||
           !ex_checkpoint_load(t->model, &t->options->how, &t->state, t->losses, t->checkpoint,
                               NULL) ||
           ex_target_drop_checkpoint(t->checkpoint, error);
}

/* From where it stands to the model file and its rows. */
static gboolean finish(struct training *t, const char *replaced_sha256, GError **error)
{
    const gint64 start = g_get_monotonic_time();
    if (!descend(t, error))
        return FALSE;
    const double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
    if (!nn_model_save(t->model, t->options->model, error)) {
        g_prefix_error(error, "after iteration %d: ", t->state.iteration);
        return FALSE;
    }
    if (!record(t, replaced_sha256, error))
        return FALSE;
    print_result(t, g_array_index(t->losses, double, t->losses->len - 1), seconds);
    return ex_target_drop_checkpoint(t->checkpoint, error);
}

static gboolean train_model(struct training *t, GError **error)
{
    g_autofree char *replaced_sha256 = NULL;
    gboolean done = FALSE;
    if (!ex_target_check(t->options, t->checkpoint, &replaced_sha256, error) ||
        !make_model(t, error))
        return FALSE;
    if (replaced_sha256 && !t->options->force &&
        (!ex_target_is_same(t->options->model, t->model->options, error) ||
         !find_result(t, replaced_sha256, &done, error)))
        return FALSE;
    return done || (find_start(t, error) && finish(t, replaced_sha256, error));
}

static gboolean train(struct ex_train_options *o, const char *line, GError **error)
{
    o->how.kernels = nn_kernels_choose(error);
    if (!o->how.kernels)
        return FALSE;
    g_autoptr(ds_store) store = ds_store_open(o->store, DS_WRITE, error);
    struct training t = {.options = o,
                         .line = line,
                         .store = store,
                         .checkpoint = ex_checkpoint_path(o->model),
                         .losses = g_array_new(FALSE, FALSE, sizeof(double))};
    t.pair_set_id = store ? ds_find_pair_set(store, o->pairs, error) : 0;
    gboolean done = t.pair_set_id && train_model(&t, error);
    ex_train_origin_clear(&t.origin);
    g_free(t.checkpoint);
    nn_model_free(t.model);
    g_array_unref(t.losses);
    return done;
}

char *ex_train_recipe(int argc, char **argv, int *status)
{
    struct ex_train_options options;
    gboolean parsed = ex_train_parse(&ex_command_train, &options, &argc, &argv, status);
    char *recipe = parsed ? ex_train_print_recipe(&options) : NULL;
    ex_train_options_clear(&options);
    return recipe;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *line = ex_command_line(argc, argv);
    g_autoptr(GError) error = NULL;
    struct ex_train_options options;
    int status;
    tg_catch_interrupts();
    if (ex_train_parse(command, &options, &argc, &argv, &status) && !train(&options, line, &error))
        status = ex_fail(command, error);
    ex_train_options_clear(&options);
    return status;
}

const struct ex_command ex_command_train = {
    .name = "train",
    .summary = "train a network on a pair set",
    .arguments = "",
    .description =
        "Trains a network to say the second sentence of a pair after the first: an encoder and a "
        "decoder of one recurrent layer each, with attention between them, by plain stochastic "
        "gradient descent on the negative log-likelihood (NLL) of the second sentence. --store, "
        "--pairs and --model must be given; the other defaults are the paper's. Before: the store "
        "holds events (adliotlog ingest) and the pair set (adliotlog pairs), whose words become "
        "the vocabulary.\n\n"
        "What kind of network: --cell is a GRU or an LSTM. --attention scores each word of the "
        "source by its encoder state and the decoder's (additive: v tanh(W_s s + W_h h)), or by "
        "its position, from the decoder's input and state alone (location); without (none) the "
        "decoder knows of the source only the last state. --hidden is the size of states and "
        "embeddings. With --init these three, the vocabulary and the weights are those of another "
        "model; words that it does not know are <UNK>.\n\n"
        "What it learns: with --task follow to say the second sentence after the first. With "
        "--task "
        "next-word to say each word of the two, read as one sentence, after those before it: a "
        "language model, which the decoder alone is, always teacher-forced, and with --cell lstm "
        "DeepLog's (Du et al. 2017). The loss is then that of the words of both sentences, which "
        "together may have 100. 'adliotlog evaluate' feeds it the first and has it say or score "
        "the second.\n\n"
        "How it is trained: an iteration draws --batch pairs with replacement and subtracts the "
        "learning rate times the mean of their gradients. The rate goes from --lr to --lr-end, by "
        "a constant factor (geometric), by a constant difference (linear), or stays at --lr "
        "(constant). With probability --teacher-forcing the decoder is fed the right words of a "
        "pair, otherwise its own. --loss is the sum or the mean of the NLL of a pair's words; a "
        "step with the mean is as many times smaller as the sentence has words, so --lr must be "
        "larger. A rate that is too large leaves the loss far above that of guessing, the "
        "logarithm of "
        "the number of words, which is said at the end; if it ends up not finite, training stops "
        "with exit status 3, says at which iteration, and keeps the last checkpoint and the model "
        "file that was there.\n\n"
        "Where it goes: the model file (safetensors: tensors, vocabulary, options) is written at "
        "the end; the store then gets a row in table model, with all options, and in table loss "
        "the loss in nats a word of every 100 iterations, the last of which is printed. After: "
        "adliotlog evaluate and adliotlog detect use the model. The same options, seed and pairs "
        "give the same file, for any --threads: as many as there are idle processors, at most "
        "four, "
        "pay where --hidden is large. Processors with other instructions give other "
        "last digits, unless the environment variable ADLIOTLOG_ISA (avx512, avx2 or portable) "
        "names what both can do.\n\n"
        "Long runs: FILE.checkpoint beside the model file holds all that is needed to go on. It "
        "is replaced every --checkpoint-every iterations and at Ctrl-C, SIGTERM or SIGHUP, can be "
        "evaluated like a model, and is removed at the end. The same command with --resume goes "
        "on from it and ends with the very file and losses of a run without a stop; a checkpoint "
        "of other options, pairs, version or ADLIOTLOG_ISA is refused (--threads and "
        "--checkpoint-every may change). Without a checkpoint --resume begins at the beginning, "
        "and it does nothing when the model is there and the store knows it, so that a job script "
        "can always have it. --force alone starts anew; --resume --force goes on from a "
        "checkpoint of this training if there is one, and else starts anew.",
    .examples = "# before: events and pairs\n"
                "adliotlog ingest --store S runs/*\n"
                "adliotlog pairs --store S --name benign --runs \"attack = 'none'\"\n"
                "# the paper's hyper-parameters\n"
                "adliotlog train --store S --pairs benign --model gru.safetensors\n"
                "# another network with others, on two cores, that can be stopped at any time\n"
                "adliotlog train --store S --pairs benign --model lstm.safetensors \\\n"
                "    --cell lstm --attention location --hidden 64 --batch 8 --iterations 5000 \\\n"
                "    --lr 0.05 --lr-end 0.005 --schedule linear --threads 2 --resume\n"
                "# DeepLog's language model\n"
                "adliotlog train --store S --pairs benign --model deeplog.safetensors \\\n"
                "    --task next-word --cell lstm\n"
                "# from the LSTM above, other pairs at a constant rate\n"
                "adliotlog train --store S --pairs more --model tuned.safetensors \\\n"
                "    --init lstm.safetensors --iterations 1000 --schedule constant --lr 0.001\n"
                "# after: accuracy, and how the loss went\n"
                "adliotlog evaluate --store S --model lstm.safetensors --pairs benign\n"
                "sqlite3 S \"SELECT iteration, nll FROM loss JOIN model USING (model_id)\n"
                "           WHERE path = 'lstm.safetensors'\"",
    .run = run,
};
