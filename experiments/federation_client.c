#include "experiments/federation_client.h"

#include "dataset/vocabulary.h"
#include "experiments/federation_plan.h"
#include "experiments/federation_words.h"
#include "experiments/progress.h"
#include "model/bleu.h"
#include "model/federation.h"
#include "model/model_file.h"
#include "model/predictor.h"
#include "tracegen/error.h"

#include <math.h>
#include <string.h>

struct ex_client {
    struct ex_client_options options;
    GBytes *key;     /* NULL: none */
    ds_store *store; /* open while pairs are read */
    struct ex_training_plan plan;
    char **words;     /* the plan's vocabulary in its own words */
    ds_corpus *pairs; /* as the task has them; NULL: there is no plan yet */
    ds_corpus *test;  /* evenly chosen */
    nn_network *network;
    struct nn_train_state state; /* where its random numbers stand */
};

ex_client *ex_client_new(const struct ex_client_options *options, GError **error)
{
    GBytes *key = options->key ? ex_key_read(options->key, error) : NULL;
    if (options->key && !key)
        return NULL;
    ex_client *client = g_new0(ex_client, 1);
    client->options = *options;
    client->key = key;
    return client;
}

/* Forgets the plan, and what was made for it. */
static void forget_plan(ex_client *client)
{
    ex_training_plan_clear(&client->plan);
    g_clear_pointer(&client->words, g_strfreev);
    g_clear_pointer(&client->pairs, ds_corpus_free);
    g_clear_pointer(&client->test, ds_corpus_free);
    g_clear_pointer(&client->network, nn_network_free);
}

void ex_client_free(ex_client *client)
{
    if (!client)
        return;
    forget_plan(client);
    g_clear_pointer(&client->store, ds_store_close);
    g_clear_pointer(&client->key, g_bytes_unref);
    g_free(client);
}

/* ---- the words ---- */

/* A set that was built from another gateway's log is none of this gateway's. */
static gboolean check_owner(ex_client *client, gint64 pair_set_id, GError **error)
{
    gint64 owner = client->options.gateway;
    if (!ds_lookup(client->store, &owner, error,
                   "SELECT coalesce(options ->> '$.gateway', ?1) FROM pair_set"
                   " WHERE pair_set_id = ?2",
                   "ii", (gint64)client->options.gateway, pair_set_id))
        return FALSE;
    if (owner != client->options.gateway)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "'%s' is the log of gateway %" G_GINT64_FORMAT ", not of gateway %d",
                    client->options.pairs, owner, client->options.gateway);
    return owner == client->options.gateway;
}

static ds_vocabulary *learn_words(ex_client *client, gint64 *pair_set_id, GError **error)
{
    *pair_set_id = ds_find_pair_set(client->store, client->options.pairs, error);
    return *pair_set_id && check_owner(client, *pair_set_id, error)
               ? ds_vocabulary_build(client->store, *pair_set_id, error)
               : NULL;
}

/* The SHA-256 of the pairs, which with a key is hashed like a word. Caller frees. */
static char *tell_digest(const ex_client *client, const char *sha256)
{
    return client->key ? ex_key_hash(client->key, sha256, (int)strlen(sha256)) : g_strdup(sha256);
}

static GBytes *answer_invitation(ex_client *client, const ex_message *question, GError **error)
{
    gint64 pair_set_id;
    const char *version = ex_message_text(question, "version");
    const struct nn_kernels *kernels = nn_kernels_choose(error);
    if (!kernels)
        return NULL;
    if (strcmp(version, ADLIOTLOG_VERSION) != 0) {
        g_autofree char *escaped = g_strescape(version, NULL);
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "the aggregator is of version %.40s, this program of %s", escaped,
                    ADLIOTLOG_VERSION);
        return NULL;
    }
    g_autoptr(ds_vocabulary) vocabulary = learn_words(client, &pair_set_id, error);
    if (!vocabulary)
        return NULL;
    g_autoptr(ds_query) set =
        ds_query_new(client->store, error,
                     "SELECT n_pair, sha256 FROM pair_set WHERE pair_set_id = ?", "i", pair_set_id);
    if (!set || !ds_query_next(set, error))
        return NULL;
    JsonArray *gateways = json_object_get_array_member(question->members, "gateways");
    g_auto(GStrv) told = ex_words_told(ds_vocabulary_words(vocabulary), client->key,
                                       json_array_get_length(gateways) == 1);
    JsonArray *words = json_array_new();
    for (char **word = told; *word && ex_message_boolean(question, "words_wanted"); word++)
        json_array_add_string_element(words, *word);
    g_autofree char *sha256 = tell_digest(client, ds_query_text(set, 1));
    g_autofree char *mark = ex_key_mark(client->key);
    g_autoptr(JsonObject) members = json_object_new();
    json_object_set_int_member(members, "gateway", client->options.gateway);
    json_object_set_int_member(members, "n_pair", ds_query_int(set, 0));
    json_object_set_string_member(members, "pairs_sha256", sha256);
    json_object_set_string_member(members, "isa", kernels->isa);
    json_object_set_string_member(members, "hash_key", mark);
    json_object_set_array_member(members, "words", words);
    return ex_message_encode(EX_WORDS, members, ex_message_session(question),
                             ex_message_number(question), NULL, 0);
}

/* ---- the plan ---- */

/* Keeps at most limit of the pairs, evenly chosen. */
static void thin_out(ds_corpus *corpus, int limit)
{
    const int n = limit > 0 ? MIN(limit, corpus->n_pair) : corpus->n_pair;
    for (int i = 0; i < n; i++)
        corpus->pairs[i] = corpus->pairs[(gint64)i * corpus->n_pair / n];
    corpus->n_pair = n;
}

static gboolean load_pairs(ex_client *client, GError **error)
{
    const struct ex_training_plan *plan = &client->plan;
    const char *test = client->options.test ? client->options.test : client->options.pairs;
    gint64 pair_set_id;
    const gint64 test_id = ds_find_pair_set(client->store, test, error);
    g_autoptr(ds_vocabulary) own = test_id ? learn_words(client, &pair_set_id, error) : NULL;
    if (!own)
        return FALSE;
    client->words =
        ex_words_own((const char *const *)plan->vocabulary, ds_vocabulary_words(own), client->key);
    g_autoptr(ds_vocabulary) vocabulary = ds_vocabulary_new((const char *const *)client->words);
    g_autoptr(ds_corpus) pairs = ds_corpus_load(client->store, pair_set_id, vocabulary, error);
    client->test = pairs ? ds_corpus_load(client->store, test_id, vocabulary, error) : NULL;
    if (!client->test)
        return FALSE;
    thin_out(client->test, plan->test_limit);
    client->pairs = plan->task == NN_FOLLOW ? g_steal_pointer(&pairs) : nn_join_pairs(pairs, error);
    return client->pairs != NULL;
}

static GBytes *answer_plan(ex_client *client, const ex_message *question, GError **error)
{
    forget_plan(client);
    if (!ex_training_plan_read(&client->plan, question, client->options.gateway, error))
        return NULL;
    client->plan.how.threads = client->options.threads;
    client->plan.how.kernels = nn_kernels_choose(error);
    if (!client->plan.how.kernels || !load_pairs(client, error))
        return NULL;
    nn_federation_client_random(&client->state.random, client->plan.how.seed, client->plan.number);
    client->state.iteration = 0;
    g_autoptr(JsonObject) members = json_object_new();
    json_object_set_int_member(members, "gateway", client->options.gateway);
    return ex_message_encode(EX_READY, members, ex_message_session(question),
                             ex_message_number(question), NULL, 0);
}

/* ---- a round ---- */

/* Takes the weights of a message; without a network yet, one is made if they fit the plan. */
static gboolean take_weights(ex_client *client, const ex_message *question, GError **error)
{
    struct nn_tensor tensor[NN_N_TENSOR];
    const gsize n = nn_network_layout(&client->plan.shape, tensor);
    if (question->n_weight != n) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%" G_GSIZE_FORMAT " weights instead of the plan's %" G_GSIZE_FORMAT,
                    question->n_weight, n);
        return FALSE;
    }
    if (!client->network)
        client->network = nn_network_new(&client->plan.shape);
    memcpy(client->network->weights, question->weights, n * sizeof(nn_real));
    return TRUE;
}

/* The mean BLEU-1 of the network on the pairs for testing. */
static gboolean test_network(const ex_client *client, double *accuracy, GError **error)
{
    const ds_corpus *corpus = client->test;
    int max_S = 1;
    for (int i = 0; i < corpus->n_pair; i++)
        max_S = MAX(max_S, corpus->pairs[i].n_source);
    g_autoptr(nn_predictor) predictor =
        nn_predictor_of_network(client->network, client->plan.task, 1, client->plan.how.kernels);
    g_autoptr(nn_predicting) predicting = nn_predicting_new(predictor, max_S);
    *accuracy = 0;
    for (int i = 0; i < corpus->n_pair; i += NN_SENTENCES) {
        struct nn_sentence sources[NN_SENTENCES];
        struct nn_output outputs[NN_SENTENCES];
        const int n = MIN(NN_SENTENCES, corpus->n_pair - i);
        const struct ds_pair *pairs = &corpus->pairs[i];
        if (!tg_check_interrupt(error))
            return FALSE;
        for (int j = 0; j < n; j++)
            sources[j] = (struct nn_sentence){pairs[j].source, pairs[j].n_source};
        nn_predict(predicting, sources, n, outputs);
        for (int j = 0; j < n; j++)
            *accuracy += nn_bleu1(pairs[j].target, pairs[j].n_target - 1, outputs[j].words,
                                  outputs[j].n_word) /
                         corpus->n_pair;
    }
    return TRUE;
}

/* What is watched while the network trains. */
struct watch {
    double loss; /* sum of means, each as often as it has iterations */
    int last;    /* iteration of the last report */
    int first, end;
    struct ex_progress progress;
};

static gboolean note_report(const struct nn_progress *now, gpointer data, GError **error)
{
    (void)error;
    struct watch *watch = data;
    watch->loss += now->loss * (now->iteration - watch->last);
    watch->last = now->iteration;
    return TRUE;
}

static gboolean go_on(gpointer data, GError **error)
{
    (void)data;
    return tg_check_interrupt(error);
}

static gboolean note_iteration(const struct nn_train_state *state, gpointer data, GError **error)
{
    struct watch *watch = data;
    ex_progress_show(&watch->progress, state->iteration - watch->first, watch->end - watch->first,
                     "");
    return tg_check_interrupt(error);
}

/*
 * The iterations of a round, from the weights that the network has. Their number goes on over the
 * rounds, and so do the learning rate and the random numbers, whether or not the client took part
 * in the rounds before.
 */
static gboolean train_network(ex_client *client, const nn_real *anchor, int round, double *loss,
                              GError **error)
{
    struct nn_train_options how = client->plan.how;
    const int first = (round - 1) * client->plan.n_iteration;
    if (client->state.iteration > first) {
        client->state.iteration = 0;
        nn_federation_client_random(&client->state.random, how.seed, client->plan.number);
    }
    nn_train_skip(&client->state, &how, client->pairs->n_pair, first);
    how.until = first + client->plan.n_iteration;
    how.checkpoint_every = 1; /* looks for interrupts */
    how.anchor = anchor;
    struct watch watch = {.last = first, .first = first, .end = how.until};
    const struct nn_train_observer observer = {note_report, note_iteration, &watch, go_on};
    g_autofree char *label = g_strdup_printf("round %d/%d, gateway %d", round, client->plan.n_round,
                                             client->options.gateway);
    ex_progress_start(&watch.progress, label);
    struct nn_train_state state = client->state;
    const gboolean trained =
        nn_train(client->network, client->pairs, &how, &state, &observer, error);
    ex_progress_end(&watch.progress);
    if (!trained)
        return FALSE;
    *loss = (watch.loss + state.loss / how.batch) / client->plan.n_iteration;
    client->state = state;
    return TRUE;
}

/* The finished model in the gateway's own words. */
static gboolean save_copy(ex_client *client, GError **error)
{
    nn_model model = {.network = client->network,
                      .vocabulary = client->words,
                      .options = client->plan.options,
                      .command_line = client->plan.recipe};
    return !client->options.copy || nn_model_save(&model, client->options.copy, error);
}

static void set_figure(JsonObject *members, const char *name, gboolean known, double value)
{
    if (known)
        json_object_set_double_member(members, name, value);
    else
        json_object_set_null_member(members, name);
}

static GBytes *answer_round(ex_client *client, const ex_message *question, GError **error)
{
    int round;
    double accuracy = 0, loss = 0;
    const gboolean test = ex_message_boolean(question, "test");
    const gboolean finished = ex_message_boolean(question, "finished");
    if (!client->pairs) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, "a round without a plan before it");
        return NULL;
    }
    if (!ex_message_int(question, "round", finished ? client->plan.n_round + 1 : 1,
                        client->plan.n_round + finished, &round, error) ||
        !take_weights(client, question, error) ||
        (test && !test_network(client, &accuracy, error)) ||
        !(finished ? save_copy(client, error)
                   : train_network(client, question->weights, round, &loss, error)))
        return NULL;
    g_autoptr(JsonObject) members = json_object_new();
    json_object_set_int_member(members, "gateway", client->options.gateway);
    json_object_set_int_member(members, "round", round);
    json_object_set_int_member(members, "n_pair", client->pairs->n_pair);
    json_object_set_int_member(members, "n_iteration", finished ? 0 : client->plan.n_iteration);
    set_figure(members, "loss", !finished, loss);
    set_figure(members, "accuracy", test, accuracy);
    return ex_message_encode(EX_UPDATE, members, ex_message_session(question),
                             ex_message_number(question),
                             finished ? NULL : client->network->weights,
                             finished ? 0 : client->network->n_weight);
}

/* ---- any message ---- */

gboolean ex_client_is_asked(const ex_client *client, const ex_message *question)
{
    const gboolean round = question->kind == EX_ROUND;
    return (!round && question->kind != EX_INVITE && question->kind != EX_PLAN) ||
           ex_message_find(question, round ? "asked" : "gateways", client->options.gateway) >= 0;
}

static GBytes *answer(ex_client *client, const ex_message *question, GError **error)
{
    if (question->kind == EX_ROUND)
        return answer_round(client, question, error);
    if (question->kind != EX_INVITE && question->kind != EX_PLAN) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, "a message that is no question");
        return NULL;
    }
    client->store = ds_store_open(client->options.store, DS_READ, error);
    if (!client->store)
        return NULL;
    GBytes *bytes = question->kind == EX_PLAN ? answer_plan(client, question, error)
                                              : answer_invitation(client, question, error);
    g_clear_pointer(&client->store, ds_store_close);
    if (!bytes)
        g_clear_pointer(&client->pairs, ds_corpus_free);
    return bytes;
}

GBytes *ex_client_answer(ex_client *client, const ex_message *question, GError **error)
{
    GBytes *bytes = answer(client, question, error);
    if (!bytes)
        g_prefix_error(error, "gateway %d: ", client->options.gateway);
    return bytes;
}

GBytes *ex_client_failure(const ex_client *client, const ex_message *question, const GError *error)
{
    g_autoptr(JsonObject) members = json_object_new();
    g_autofree char *text = g_utf8_make_valid(error->message, -1);
    json_object_set_int_member(members, "gateway", client->options.gateway);
    json_object_set_int_member(members, "code",
                               error->domain == TG_ERROR ? error->code : TG_ERROR_SYSTEM);
    json_object_set_string_member(members, "text", text);
    return ex_message_encode(EX_FAILURE, members, ex_message_session(question),
                             ex_message_number(question), NULL, 0);
}
