#include "experiments/federation_agree.h"

#include "experiments/federation_words.h"
#include "experiments/model_record.h"
#include "experiments/train_recipe.h"
#include "model/federation.h"
#include "tracegen/error.h"

#include <string.h>

/* The weights of a message, which GLib counts in an int, and MPI too. */
#define MAX_WEIGHTS ((gsize)1 << 28)

/* ---- answers ---- */

/* What kept a gateway from answering, as an error of this program. */
static void take_failure(const ex_message *message, GError **error)
{
    int code;
    g_autofree char *text = g_strescape(ex_message_text(message, "text"), "\"'\\");
    if (!ex_message_int(message, "code", TG_ERROR_NO, TG_ERROR_INTERRUPTED, &code, NULL))
        code = TG_ERROR_DATA;
    g_set_error(error, TG_ERROR, code, "%.400s", text);
}

ex_message *ex_take_answer(const ex_transport *transport, GBytes *bytes, int k,
                           enum ex_message_kind kind, int number, GError **error)
{
    const int gateway = transport->gateways[k];
    int from;
    g_autoptr(ex_message) message = ex_message_decode(bytes, error);
    if (!message) {
        g_prefix_error(error, "gateway %d: ", gateway);
        return NULL;
    }
    if (message->kind == EX_FAILURE) {
        take_failure(message, error);
        return NULL;
    }
    if (message->kind != kind || ex_message_number(message) != number ||
        strcmp(ex_message_session(message), transport->session) != 0 ||
        !ex_message_int(message, "gateway", gateway, gateway, &from, NULL)) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "gateway %d: a message that answers another question", gateway);
        return NULL;
    }
    return g_steal_pointer(&message);
}

static void free_answers(GBytes **answers, int n)
{
    for (int k = 0; k < n; k++)
        g_clear_pointer(&answers[k], g_bytes_unref);
    g_free(answers);
}

/*
 * Asks all gateways, and waits for all of them. take is called for each answer, in order. Takes the
 * reference of members.
 */
static gboolean ask_all(struct ex_agreement *a, ex_transport *transport, enum ex_message_kind kind,
                        JsonObject *members, enum ex_message_kind wanted,
                        gboolean (*take)(struct ex_agreement *a, int k, const ex_message *message,
                                         GError **error),
                        GError **error)
{
    const int n = transport->n_client;
    g_autofree gboolean *asked = g_new(gboolean, n);
    for (int k = 0; k < n; k++)
        asked[k] = TRUE;
    g_autoptr(GBytes) question =
        ex_message_encode(kind, members, transport->session, a->number, NULL, 0);
    json_object_unref(members);
    GBytes **answers = g_new0(GBytes *, n);
    gboolean fine = transport->class->ask(transport, question, asked, TRUE, answers, error);
    for (int k = 0; k < n && fine; k++) {
        g_autoptr(ex_message) message =
            ex_take_answer(transport, answers[k], k, wanted, a->number, error);
        fine = message && (!take || take(a, k, message, error));
    }
    free_answers(answers, n);
    a->number++;
    return fine;
}

static JsonArray *list_gateways(const ex_transport *transport)
{
    JsonArray *list = json_array_new();
    for (int k = 0; k < transport->n_client; k++)
        json_array_add_int_element(list, transport->gateways[k]);
    return list;
}

/* ---- words ---- */

/* Adds a word to a list between blanks, unless it is there. */
static void add_distinct(char **list, const char *word)
{
    g_auto(GStrv) words = g_strsplit(*list ? *list : "", " ", -1);
    if (*list && g_strv_contains((const char *const *)words, word))
        return;
    char *longer = *list ? g_strconcat(*list, " ", word, NULL) : g_strdup(word);
    g_free(*list);
    *list = longer;
}

static gboolean is_name(const char *text, gsize max)
{
    return strlen(text) <= max && strspn(text, G_CSET_a_2_z G_CSET_DIGITS) == strlen(text);
}

static gboolean take_words(struct ex_agreement *a, int k, const ex_message *message, GError **error)
{
    const char *sha256 = ex_message_text(message, "pairs_sha256");
    const char *isa = ex_message_text(message, "isa");
    const char *mark = ex_message_text(message, "hash_key");
    if (strlen(sha256) != 64 || !is_name(sha256, 64) || !is_name(isa, 16) || !is_name(mark, 16) ||
        !ex_message_int(message, "n_pair", 1, NN_MAX_SHARE, &a->n_pair[k], NULL)) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "a gateway that tells of no possible pairs, or of more than %d", NN_MAX_SHARE);
        return FALSE;
    }
    if (k > 0 && strcmp(a->hash_key, mark) != 0) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA,
                            "the gateways have different keys for --hash-words, or not all one");
        return FALSE;
    }
    if (k == 0)
        a->hash_key = g_strdup(mark);
    a->sha256[k] = g_strdup(sha256);
    add_distinct(&a->isa, isa);
    a->told[k] = ex_message_texts(message, "words");
    return TRUE;
}

/* The vocabulary of all; only what they say of themselves where the words are there already. */
static char **ask_for_words(struct ex_agreement *a, gboolean words_wanted, ex_transport *transport,
                            GError **error)
{
    JsonObject *members = json_object_new();
    json_object_set_string_member(members, "version", ADLIOTLOG_VERSION);
    json_object_set_array_member(members, "gateways", list_gateways(transport));
    json_object_set_boolean_member(members, "words_wanted", words_wanted);
    if (!ask_all(a, transport, EX_INVITE, members, EX_WORDS, take_words, error))
        return NULL;
    return ex_words_join(a->told, transport->n_client, error);
}

/* ---- the model ---- */

/* The command line with all that decides the model, as it is in the model file. Caller frees. */
static char *print_recipe(const struct ex_federation_options *o,
                          const struct ex_train_options *train, const char *gateways)
{
    g_autofree char *options = ex_train_print_options(train, o->n_iteration);
    g_autoptr(GString) recipe = g_string_new("adliotlog federate --gateways ");
    g_string_append_printf(recipe, "%s --rounds %d %s", gateways, o->n_round, options);
    const struct {
        const char *name;
        double value, otherwise;
    } more[] = {{"participation", o->participation, 1},
                {"drop", o->drop, 0},
                {"proximal", train->how.proximal, 0},
                {"clip", o->clip, 0},
                {"noise", o->noise, 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(more); i++)
        if (more[i].value != more[i].otherwise)
            g_string_append_printf(recipe, " --%s %.15g", more[i].name, more[i].value);
    return g_strdup(recipe->str);
}

char *ex_federation_pairs_sha256(const int *gateways, char *const *sha256, int n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int k = 0; k < n; k++)
        g_string_append_printf(text, "%d %s\n", gateways[k], sha256[k]);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, -1);
}

static void add_private(JsonObject *json, const struct ex_agreement *a,
                        const struct ex_federation_options *o)
{
    if (o->clip > 0)
        json_object_set_double_member(json, "clip", o->clip);
    if (o->noise > 0) {
        json_object_set_double_member(json, "noise", o->noise);
        json_object_set_double_member(json, "delta", o->delta);
        json_object_set_double_member(json, "epsilon",
                                      nn_federation_epsilon(o->n_round, o->noise, o->delta));
    }
    if (a->noise_key) {
        g_autofree char *mark = ex_key_mark(a->noise_key);
        json_object_set_string_member(json, "noise_key", mark);
    }
    if (*a->hash_key)
        json_object_set_string_member(json, "hash_key", a->hash_key);
}

/* What of the federation is kept with the model. */
static void add_federation(JsonObject *json, const struct ex_agreement *a,
                           const struct ex_federation_options *o,
                           const struct ex_train_options *train, const ex_transport *transport)
{
    JsonArray *pairs = json_array_new();
    for (int k = 0; k < transport->n_client; k++)
        json_array_add_int_element(pairs, a->n_pair[k]);
    json_object_set_array_member(json, "gateways", list_gateways(transport));
    json_object_set_array_member(json, "gateway_pairs", pairs);
    json_object_set_int_member(json, "rounds", o->n_round);
    json_object_set_int_member(json, "round_iterations", o->n_iteration);
    json_object_set_double_member(json, "participation", o->participation);
    json_object_set_double_member(json, "drop", o->drop);
    json_object_set_double_member(json, "proximal", train->how.proximal);
    json_object_set_string_member(json, "isa", a->isa);
    add_private(json, a, o);
}

static JsonObject *make_options(const struct ex_agreement *a, struct ex_train_options *train,
                                const struct ex_federation_options *o,
                                const ex_transport *transport, GError **error)
{
    g_autofree char *pairs_sha256 = ex_federation_pairs_sha256(transport->gateways, a->sha256,
                                                               transport->n_client),
                    *init_sha256 = NULL;
    struct ex_train_origin origin = {.pairs_sha256 = pairs_sha256};
    g_autoptr(GString) gateways = g_string_new(NULL);
    for (int k = 0; k < transport->n_client; k++) {
        g_string_append_printf(gateways, "%s%d", k ? "," : "", transport->gateways[k]);
        if (a->n_pair[k] > G_MAXINT - origin.n_pair) {
            g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, "too many pairs");
            return NULL;
        }
        origin.n_pair += a->n_pair[k];
    }
    if (train->init && !(origin.init_sha256 = init_sha256 = ex_sha256_file(train->init, error)))
        return NULL;
    g_autofree char *recipe = print_recipe(o, train, gateways->str);
    g_autofree char *pairs = g_strconcat("gateways ", gateways->str, NULL);
    train->pairs = pairs;
    JsonObject *json = ex_train_options_object(train, &origin, recipe, NULL);
    train->pairs = NULL;
    add_federation(json, a, o, train, transport);
    return json;
}

static gboolean make_network(struct ex_agreement *a, struct ex_train_options *train,
                             char **vocabulary, GError **error)
{
    struct nn_tensor tensor[NN_N_TENSOR];
    train->shape.V = (int)g_strv_length(vocabulary);
    if (nn_network_layout(&train->shape, tensor) > MAX_WEIGHTS) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "a network of more than %" G_GSIZE_FORMAT " weights is too large for a message",
                    MAX_WEIGHTS);
        return FALSE;
    }
    a->model = g_new0(nn_model, 1);
    a->model->vocabulary = g_strdupv(vocabulary);
    a->model->network = nn_network_new(&train->shape);
    nn_network_init(a->model->network, train->how.seed);
    return TRUE;
}

static gboolean make_model(struct ex_agreement *a, struct ex_train_options *train,
                           const struct ex_federation_options *o, ex_transport *transport,
                           GError **error)
{
    g_auto(GStrv) vocabulary = NULL;
    if (train->init) {
        a->model = nn_model_load(train->init, error);
        if (!a->model || !ex_train_adopt_shape(train, &a->model->network->shape, error))
            return FALSE;
    }
    vocabulary = ask_for_words(a, !train->init, transport, error);
    if (!vocabulary || (!train->init && !make_network(a, train, vocabulary, error)))
        return FALSE;
    a->options = make_options(a, train, o, transport, error);
    if (!a->options)
        return FALSE;
    g_free(a->model->options);
    g_free(a->model->command_line);
    g_clear_pointer(&a->model->training, g_free);
    a->model->options = ex_train_print_object(a->options);
    a->model->command_line = g_strdup(json_object_get_string_member(a->options, "recipe"));
    return TRUE;
}

gboolean ex_agree_on_model(struct ex_agreement *a, struct ex_train_options *train,
                           const struct ex_federation_options *o, ex_transport *transport,
                           GError **error)
{
    *a = (struct ex_agreement){.n_client = transport->n_client,
                               .n_pair = g_new0(int, transport->n_client),
                               .sha256 = g_new0(char *, transport->n_client + 1),
                               .told = g_new0(char **, transport->n_client)};
    transport->max_answer = (gsize)64 << 20;
    if (o->noise_key && !(a->noise_key = ex_key_read(o->noise_key, error)))
        return FALSE;
    if (!make_model(a, train, o, transport, error))
        return FALSE;
    transport->max_answer = a->model->network->n_weight * sizeof(nn_real) + ((gsize)1 << 16);
    return TRUE;
}

/* ---- the plan ---- */

gboolean ex_agree_on_plan(struct ex_agreement *a, const struct ex_federation_options *o,
                          ex_transport *transport, GError **error)
{
    JsonObject *members = json_object_new();
    JsonArray *words = json_array_new();
    for (char **word = a->model->vocabulary; *word; word++)
        json_array_add_string_element(words, *word);
    json_object_set_string_member(members, "options", a->model->options);
    json_object_set_array_member(members, "gateways", list_gateways(transport));
    json_object_set_int_member(members, "rounds", o->n_round);
    json_object_set_int_member(members, "iterations", o->n_iteration);
    json_object_set_int_member(members, "test_limit", o->test_limit);
    json_object_set_array_member(members, "vocabulary", words);
    return ask_all(a, transport, EX_PLAN, members, EX_READY, NULL, error);
}

void ex_agreement_clear(struct ex_agreement *a)
{
    for (int k = 0; k < a->n_client; k++)
        g_strfreev(a->told[k]);
    g_free(a->told);
    g_free(a->n_pair);
    g_strfreev(a->sha256);
    g_free(a->isa);
    g_free(a->hash_key);
    g_clear_pointer(&a->noise_key, g_bytes_unref);
    g_clear_pointer(&a->options, json_object_unref);
    nn_model_free(a->model);
}
