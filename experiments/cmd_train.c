#include "experiments/cmd_train.h"
#include "dataset/vocabulary.h"
#include "experiments/command.h"
#include "experiments/model_record.h"
#include "experiments/progress.h"
#include "model/model_file.h"
#include "model/train.h"
#include "tracegen/json.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct train_arguments {
    char *store, *pairs, *model, *init, *loss;
    int hidden, iterations;
    gint64 seed;
    double lr, lr_end, teacher_forcing;
    gboolean force, json;
};

struct loss_row {
    gint64 iteration;
    double nll;
};

struct observer {
    struct ex_progress progress;
    int iterations;
    GArray *losses; /* of struct loss_row */
};

static gboolean note_progress(const struct nn_progress *now, gpointer data, GError **error)
{
    struct observer *observer = data;
    const struct loss_row row = {now->iteration, now->loss};
    g_array_append_val(observer->losses, row);
    g_autofree char *detail = g_strdup_printf(", loss %.3f", now->loss);
    ex_progress_show(&observer->progress, now->iteration, observer->iterations, detail);
    return tg_check_interrupt(error);
}

/* The command line with all options that decide the model, and no path. */
static char *recipe(const struct train_arguments *a)
{
    char lr[2][G_ASCII_DTOSTR_BUF_SIZE], p[G_ASCII_DTOSTR_BUF_SIZE];
    g_autofree char *pairs = g_shell_quote(a->pairs);
    return g_strdup_printf(
        "adliotlog train --pairs %s --hidden %d --iterations %d --lr %s --lr-end "
        "%s --teacher-forcing %s --loss %s --seed %" G_GINT64_FORMAT,
        pairs, a->hidden, a->iterations, g_ascii_dtostr(lr[0], sizeof lr[0], a->lr),
        g_ascii_dtostr(lr[1], sizeof lr[1], a->lr_end),
        g_ascii_dtostr(p, sizeof p, a->teacher_forcing), a->loss, a->seed);
}

/* What the network was trained on, and started from. */
struct origin {
    char *pairs_sha256, *init_sha256; /* the latter NULL without --init */
    int n_pair;
};

/*
 * Everything that decides the model. The store's copy has the command line too; the file's has not,
 * so that the same training gives the same file whatever it is called.
 */
static char *options_json(const struct train_arguments *a, const struct origin *origin,
                          int vocabulary, const char *line)
{
    g_autofree char *made_by = recipe(a);
    const struct {
        const char *name, *value;
    } texts[] = {{"cell", "gru"},
                 {"attention", "additive"},
                 {"optimizer", "SGD"},
                 {"loss", a->loss},
                 {"pairs", a->pairs},
                 {"pairs_sha256", origin->pairs_sha256},
                 {"init_sha256", origin->init_sha256},
                 {"recipe", made_by},
                 {"command", line},
                 {"version", ADLIOTLOG_VERSION}};
    const struct {
        const char *name;
        gint64 value;
    } integers[] = {{"layers", 1},
                    {"hidden", a->hidden},
                    {"vocabulary", vocabulary},
                    {"iterations", a->iterations},
                    {"batch", 1},
                    {"seed", a->seed},
                    {"n_pair", origin->n_pair}};
    g_autoptr(JsonObject) json = json_object_new();
    for (gsize i = 0; i < G_N_ELEMENTS(integers); i++)
        json_object_set_int_member(json, integers[i].name, integers[i].value);
    json_object_set_double_member(json, "lr", a->lr);
    json_object_set_double_member(json, "lr_end", a->lr_end);
    json_object_set_double_member(json, "teacher_forcing", a->teacher_forcing);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i].value)
            json_object_set_string_member(json, texts[i].name, texts[i].value);
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    json_node_set_object(node, json);
    return tg_json_to_string(node, FALSE);
}

static nn_model *new_model(const struct train_arguments *a, ds_store *store, gint64 pair_set_id,
                           GError **error)
{
    g_autoptr(nn_model) model = NULL;
    if (a->init) {
        model = nn_model_load(a->init, error);
        if (!model)
            return NULL;
    } else {
        g_autoptr(ds_vocabulary) vocabulary = ds_vocabulary_build(store, pair_set_id, error);
        if (!vocabulary)
            return NULL;
        model = g_new0(nn_model, 1);
        model->vocabulary = g_strdupv((char **)ds_vocabulary_words(vocabulary));
        model->network = nn_network_new(a->hidden, ds_vocabulary_size(vocabulary));
        nn_network_init(model->network, (guint64)a->seed);
    }
    return g_steal_pointer(&model);
}

/* The model's row and losses. What was known of the file that it replaced goes. */
static gboolean record(ds_store *store, const char *path, const char *replaced_sha256,
                       const char *options, const GArray *losses, GError **error)
{
    g_autofree char *sha256 = ex_sha256_file(path, error);
    if (!sha256 || !ds_begin(store, error))
        return FALSE;
    gint64 model_id = 0;
    gboolean done =
        ds_execute(store, error, "DELETE FROM model WHERE model_sha256 = ? AND model_sha256 <> ?",
                   "ss", replaced_sha256, sha256) &&
        (model_id = ex_record_model(store, path, sha256, options, error)) != 0;
    for (guint i = 0; done && i < losses->len; i++) {
        const struct loss_row *row = &g_array_index(losses, struct loss_row, i);
        done = ds_execute(store, error, "INSERT OR REPLACE INTO loss VALUES (?, ?, ?)", "iid",
                          model_id, row->iteration, row->nll);
    }
    done = done && ds_commit(store, error);
    if (!done)
        ds_rollback(store);
    return done;
}

/* Hours of training should not end at a path that cannot be written. */
static gboolean check_target(const struct train_arguments *a, char **replaced_sha256,
                             GError **error)
{
    g_autofree char *folder = g_path_get_dirname(a->model);
    if (!g_file_test(a->model, G_FILE_TEST_EXISTS)) {
        if (!g_file_test(folder, G_FILE_TEST_IS_DIR) || g_access(folder, W_OK) != 0) {
            g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: cannot write into folder '%s'",
                        a->model, folder);
            return FALSE;
        }
        return TRUE;
    }
    if (!a->force) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s is there already (--force replaces it)",
                    a->model);
        return FALSE;
    }
    if (!g_file_test(a->model, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s is not a file", a->model);
        return FALSE;
    }
    *replaced_sha256 = ex_sha256_file(a->model, error);
    return *replaced_sha256 != NULL;
}

static gboolean find_origin(ds_store *store, const struct train_arguments *a, gint64 pair_set_id,
                            struct origin *origin, GError **error)
{
    g_autoptr(ds_query) query =
        ds_query_new(store, error, "SELECT sha256, n_pair FROM pair_set WHERE pair_set_id = ?", "i",
                     pair_set_id);
    if (!query || !ds_query_next(query, error))
        return FALSE;
    origin->pairs_sha256 = g_strdup(ds_query_text(query, 0));
    origin->n_pair = (int)ds_query_int(query, 1);
    if (a->init)
        origin->init_sha256 = ex_sha256_file(a->init, error);
    return !a->init || origin->init_sha256;
}

/* Trains the model in place; losses receives struct loss_row. */
static gboolean descend(const struct train_arguments *a, nn_model *model, ds_store *store,
                        gint64 pair_set_id, GArray *losses, GError **error)
{
    g_autoptr(ds_vocabulary) vocabulary = ds_vocabulary_new((const char *const *)model->vocabulary);
    g_autoptr(ds_corpus) corpus = ds_corpus_load(store, pair_set_id, vocabulary, error);
    if (!corpus)
        return FALSE;
    const struct nn_train_options options = {.iterations = a->iterations,
                                             .lr = a->lr,
                                             .lr_end = a->lr_end,
                                             .teacher_forcing = a->teacher_forcing,
                                             .mean_loss = strcmp(a->loss, "mean") == 0,
                                             .seed = (guint64)a->seed};
    struct observer observer = {.iterations = a->iterations, .losses = losses};
    g_autofree char *label = g_path_get_basename(a->model);
    ex_progress_start(&observer.progress, label);
    gboolean trained = nn_train(model->network, corpus, &options, note_progress, &observer, error);
    ex_progress_end(&observer.progress);
    return trained;
}

static void print_result(const struct train_arguments *a, const nn_model *model,
                         const GArray *losses, double seconds)
{
    double last = g_array_index(losses, struct loss_row, losses->len - 1).nll;
    g_autofree char *path = a->json ? ex_json_string(a->model) : g_strdup(a->model);
    printf(a->json ? "{\"model\":%s,\"vocabulary\":%d,\"iterations\":%d,\"loss\":%.4f,"
                     "\"seconds\":%.1f}\n"
                   : "%s\t%d words, %d iterations, loss %.4f nats a word, %.1f s\n",
           path, model->network->V, a->iterations, last, seconds);
}

static gboolean train_from(struct train_arguments *a, ds_store *store, gint64 pair_set_id,
                           const struct origin *origin, const char *line, GError **error)
{
    g_autofree char *replaced_sha256 = NULL;
    if (!check_target(a, &replaced_sha256, error))
        return FALSE;
    g_autoptr(nn_model) model = new_model(a, store, pair_set_id, error);
    g_autoptr(GArray) losses = g_array_new(FALSE, FALSE, sizeof(struct loss_row));
    gint64 start = g_get_monotonic_time();
    if (!model || !descend(a, model, store, pair_set_id, losses, error))
        return FALSE;
    double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;

    a->hidden = model->network->H; /* --init brings its own */
    g_free(model->options);
    model->options = options_json(a, origin, model->network->V, NULL);
    g_free(model->command_line);
    model->command_line = recipe(a);
    g_autofree char *options = options_json(a, origin, model->network->V, line);
    if (!nn_model_save(model, a->model, error) ||
        !record(store, a->model, replaced_sha256, options, losses, error))
        return FALSE;
    print_result(a, model, losses, seconds);
    return TRUE;
}

static gboolean train(struct train_arguments *a, const char *line, GError **error)
{
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_WRITE, error);
    gint64 pair_set_id = store ? ds_find_pair_set(store, a->pairs, error) : 0;
    struct origin origin = {NULL, NULL, 0};
    gboolean done = pair_set_id && find_origin(store, a, pair_set_id, &origin, error) &&
                    train_from(a, store, pair_set_id, &origin, line, error);
    g_free(origin.pairs_sha256);
    g_free(origin.init_sha256);
    return done;
}

/* NULL when all is possible. */
static const char *find_mistake(const struct train_arguments *a)
{
    if (!a->store)
        return "--store is missing";
    if (!a->pairs)
        return "--pairs is missing";
    if (!a->model)
        return "--model is missing";
    if (a->iterations < 1)
        return "--iterations must be at least 1";
    if (a->hidden < 1 || a->hidden > NN_MAX_HIDDEN)
        return "--hidden must be between 1 and 16384";
    if (!(a->lr > 0) || !(a->lr_end > 0) || !isfinite(a->lr) || !isfinite(a->lr_end))
        return "--lr and --lr-end must be positive";
    if (!(a->teacher_forcing >= 0 && a->teacher_forcing <= 1))
        return "--teacher-forcing must be between 0 and 1";
    if (strcmp(a->loss, "sum") != 0 && strcmp(a->loss, "mean") != 0)
        return "--loss must be sum or mean";
    return NULL;
}

/* As ex_parse(), into a; the caller clears it in any case. */
static gboolean parse(const struct ex_command *command, struct train_arguments *a, int *argc,
                      char ***argv, int *status)
{
    const struct nn_train_options *d = &nn_train_defaults;
    *a = (struct train_arguments){.hidden = 256,
                                  .iterations = d->iterations,
                                  .lr = d->lr,
                                  .lr_end = d->lr_end,
                                  .teacher_forcing = d->teacher_forcing,
                                  .seed = (gint64)d->seed};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a->store, "Event store", "FILE"},
        {"pairs", 'p', 0, G_OPTION_ARG_STRING, &a->pairs, "Pair set to train on", "NAME"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &a->model, "Model file to write (safetensors)",
         "FILE"},
        {"iterations", 'i', 0, G_OPTION_ARG_INT, &a->iterations,
         "Iterations of one pair each (default: 70000)", "N"},
        {"hidden", 0, 0, G_OPTION_ARG_INT, &a->hidden, "Size of the hidden state (default: 256)",
         "H"},
        {"lr", 0, 0, G_OPTION_ARG_DOUBLE, &a->lr, "Learning rate at the start (default: 0.01)",
         "RATE"},
        {"lr-end", 0, 0, G_OPTION_ARG_DOUBLE, &a->lr_end,
         "Learning rate at the end; it falls geometrically (default: 0.0001)", "RATE"},
        {"teacher-forcing", 0, 0, G_OPTION_ARG_DOUBLE, &a->teacher_forcing,
         "Probability of teacher forcing, drawn for each pair (default: 0.5)", "P"},
        {"loss", 0, 0, G_OPTION_ARG_STRING, &a->loss,
         "Descend the sum or the mean of the NLL of a pair's words (default: sum)", "sum|mean"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &a->seed,
         "Seed of weights, order of pairs and teacher forcing (default: 1)", "N"},
        {"init", 0, 0, G_OPTION_ARG_FILENAME, &a->init,
         "Start from the weights and the vocabulary of this model", "FILE"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a->force, "Replace the model file", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a->json, "Print a JSON object", NULL},
        G_OPTION_ENTRY_NULL};
    if (!ex_parse(command, entries, argc, argv, status))
        return FALSE;
    if (!a->loss)
        a->loss = g_strdup("sum");
    const char *mistake = find_mistake(a);
    if (mistake)
        *status = ex_usage(command, "%s", mistake);
    return mistake == NULL;
}

static void clear(struct train_arguments *a)
{
    char *strings[] = {a->store, a->pairs, a->model, a->init, a->loss};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
}

char *ex_train_recipe(int argc, char **argv, int *status)
{
    struct train_arguments a;
    gboolean parsed = parse(&ex_command_train, &a, &argc, &argv, status);
    char *made_by = parsed ? recipe(&a) : NULL;
    clear(&a);
    return made_by;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *line = ex_command_line(argc, argv);
    g_autoptr(GError) error = NULL;
    struct train_arguments a;
    int status;
    tg_catch_interrupts();
    if (parse(command, &a, &argc, &argv, &status) && !train(&a, line, &error))
        status = ex_fail(command, error);
    clear(&a);
    return status;
}

const struct ex_command ex_command_train = {
    .name = "train",
    .summary = "train a network on a pair set",
    .arguments = "",
    .description =
        "Trains the paper's network (one GRU layer each for encoder and decoder, additive "
        "attention) to say the second sentence of a pair after the first: plain stochastic "
        "gradient "
        "descent on the negative log-likelihood, one pair an iteration. Writes the model as "
        "safetensors, and its options and its loss after every 100 iterations into the store "
        "(tables model, loss). The same seed gives the same file.",
    .examples = "# the paper's hyper-parameters\n"
                "adliotlog train --store S --pairs without --model without.safetensors\n"
                "# a small one, quickly\n"
                "adliotlog train --store S --pairs without --model m.safetensors \\\n"
                "    --hidden 64 --iterations 5000",
    .run = run,
};
