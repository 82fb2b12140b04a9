#include "experiments/federation.h"

#include "experiments/federation_agree.h"
#include "experiments/federation_rounds.h"
#include "experiments/federation_words.h"
#include "experiments/model_target.h"
#include "experiments/train_checkpoint.h"
#include "experiments/train_recipe.h"
#include "model/federation.h"
#include "tracegen/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One federation, seen by its aggregator. */
struct federation {
    const struct ex_federation_options *options;
    struct ex_train_options train; /* a copy, whose shape is that of the network */
    ds_store *store;               /* NULL: none */
    ex_transport *transport;
    struct ex_agreement agreement;
    char *checkpoint; /* path */
    int round;        /* rounds that are kept */
    GArray *rows;     /* of struct ex_round_row, of these rounds */
};

/* ---- one round ---- */

/* A round while it lasts. */
struct exchange {
    int round; /* behind the last one: the finished model is tested */
    gboolean finished;
    enum nn_part *parts;      /* [n_client] */
    gboolean *asked;          /* [n_client] */
    GBytes **answers;         /* [n_client] */
    ex_message **updates;     /* [n_client] those that count, or NULL */
    struct ex_round_row *row; /* [n_client] */
};

static void exchange_init(struct exchange *x, const struct federation *f, int round)
{
    const struct ex_federation_options *o = f->options;
    const int n = f->transport->n_client;
    *x = (struct exchange){.round = round,
                           .finished = round > o->n_round,
                           .parts = g_new(enum nn_part, n),
                           .asked = g_new0(gboolean, n),
                           .answers = g_new0(GBytes *, n),
                           .updates = g_new0(ex_message *, n),
                           .row = g_new0(struct ex_round_row, n)};
    nn_federation_draw(f->train.how.seed, round, x->finished ? 1 : o->participation,
                       x->finished ? 0 : o->drop, n, x->parts);
    for (int k = 0; k < n; k++) {
        x->asked[k] = x->parts[k] == NN_ASKED;
        x->row[k] = (struct ex_round_row){.round = round,
                                          .gateway = f->transport->gateways[k],
                                          .loss = NAN,
                                          .accuracy = NAN,
                                          .outcome = x->parts[k] == NN_NOT_ASKED ? EX_NOT_ASKED
                                                     : x->parts[k] == NN_LOST    ? EX_LOST
                                                                                 : EX_LATE};
    }
}

static void exchange_clear(struct exchange *x, int n)
{
    for (int k = 0; k < n; k++) {
        g_clear_pointer(&x->answers[k], g_bytes_unref);
        g_clear_pointer(&x->updates[k], ex_message_free);
    }
    g_free(x->parts);
    g_free(x->asked);
    g_free(x->answers);
    g_free(x->updates);
    g_free(x->row);
}

static GBytes *make_question(const struct federation *f, const struct exchange *x)
{
    const nn_network *network = f->agreement.model->network;
    const int every = f->options->test_every;
    g_autoptr(JsonObject) members = json_object_new();
    JsonArray *asked = json_array_new();
    for (int k = 0; k < f->transport->n_client; k++)
        if (x->asked[k])
            json_array_add_int_element(asked, f->transport->gateways[k]);
    json_object_set_int_member(members, "round", x->round);
    json_object_set_array_member(members, "asked", asked);
    json_object_set_boolean_member(members, "test",
                                   x->finished || (every > 0 && (x->round - 1) % every == 0));
    json_object_set_boolean_member(members, "finished", x->finished);
    return ex_message_encode(EX_ROUND, members, f->transport->session, f->agreement.number,
                             network->weights, network->n_weight);
}

static double get_figure(const ex_message *message, const char *name)
{
    JsonNode *node = json_object_get_member(message->members, name);
    return JSON_NODE_HOLDS_NULL(node) ? NAN : json_node_get_double(node);
}

/* Is the update one of this round, from pairs that it told of, and what was asked for? */
static gboolean check_update(const struct federation *f, const struct exchange *x, int k,
                             const ex_message *update, GError **error)
{
    const gsize n = x->finished ? 0 : f->agreement.model->network->n_weight;
    const int n_iteration = x->finished ? 0 : f->options->n_iteration;
    const int n_pair = f->agreement.n_pair[k];
    const double loss = get_figure(update, "loss"), accuracy = get_figure(update, "accuracy");
    int value;
    if (update->n_weight != n)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "gateway %d: %" G_GSIZE_FORMAT " weights instead of %" G_GSIZE_FORMAT,
                    f->transport->gateways[k], update->n_weight, n);
    else if (!ex_message_int(update, "round", x->round, x->round, &value, NULL) ||
             !ex_message_int(update, "n_iteration", n_iteration, n_iteration, &value, NULL) ||
             !ex_message_int(update, "n_pair", n_pair, n_pair, &value, NULL) ||
             isnan(loss) != x->finished || loss < 0 || accuracy < 0 || accuracy > 1)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "gateway %d: an update of another round, of other pairs, or with impossible "
                    "figures",
                    f->transport->gateways[k]);
    else
        return TRUE;
    return FALSE;
}

/* Did the gateway say itself that it cannot answer? */
static gboolean is_failure(GBytes *answer)
{
    g_autoptr(ex_message) message = ex_message_decode(answer, NULL);
    return message && message->kind == EX_FAILURE;
}

/* Sees what the answer of gateway number k is worth. FALSE when that ends the federation. */
static gboolean take_update(const struct federation *f, struct exchange *x, int k, GError **error)
{
    struct ex_round_row *row = &x->row[k];
    g_autoptr(GError) failure = NULL;
    row->bytes_up = (gint64)g_bytes_get_size(x->answers[k]);
    g_autoptr(ex_message) update =
        ex_take_answer(f->transport, x->answers[k], k, EX_UPDATE, f->agreement.number, &failure);
    if (update && check_update(f, x, k, update, &failure)) {
        row->loss = get_figure(update, "loss");
        row->accuracy = get_figure(update, "accuracy");
        row->n_iteration = x->finished ? 0 : f->options->n_iteration;
        row->outcome = EX_IN_TIME;
        x->updates[k] = g_steal_pointer(&update);
        return TRUE;
    }
    if (!f->transport->tolerant) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    row->outcome = is_failure(x->answers[k]) ? EX_LOST : EX_REFUSED;
    g_printerr("adliotlog federate: round %d goes on without an answer: %s\n", x->round,
               failure->message);
    return TRUE;
}

/* ---- the average ---- */

/* Shortens updates to the length that is allowed, in copies of them. */
static void clip_all(const nn_network *network, const nn_real **weights, nn_real **copies, int n,
                     double limit)
{
    for (int k = 0; k < n; k++) {
        copies[k] = g_memdup2(weights[k], network->n_weight * sizeof(nn_real));
        nn_federation_clip(network->weights, copies[k], network->n_weight, limit);
        weights[k] = copies[k];
    }
}

static void add_noise(const struct federation *f, int round, int n)
{
    const struct ex_federation_options *o = f->options;
    nn_network *network = f->agreement.model->network;
    struct nn_random random;
    nn_random_init(&random, f->train.how.seed, (enum nn_stream)(NN_STREAM_NOISE + round));
    if (f->agreement.noise_key)
        ex_key_random(f->agreement.noise_key, round, &random);
    nn_federation_add_noise(network->weights, network->n_weight, o->noise * o->clip / n, &random);
}

/* The round's model: the average of the updates that came, weighted by pairs, or evenly with noise.
 */
static void average(const struct federation *f, const struct exchange *x)
{
    const struct ex_federation_options *o = f->options;
    nn_network *network = f->agreement.model->network;
    const int n_client = f->transport->n_client;
    g_autofree const nn_real **weights = g_new(const nn_real *, n_client);
    g_autofree nn_real **copies = g_new0(nn_real *, n_client);
    g_autofree double *share = g_new(double, n_client);
    int n = 0;
    for (int k = 0; k < n_client; k++) {
        if (!x->updates[k])
            continue;
        weights[n] = x->updates[k]->weights;
        share[n++] = o->noise > 0 ? 1 : f->agreement.n_pair[k];
    }
    if (n == 0)
        return;
    if (o->clip > 0)
        clip_all(network, weights, copies, n, o->clip);
    nn_federation_average(weights, share, n, network->n_weight, network->weights);
    for (int k = 0; k < n; k++)
        g_free(copies[k]);
    if (o->noise > 0)
        add_noise(f, x->round, n);
}

/* ---- the rounds ---- */

/* Nothing is printed before it is kept. */
static gboolean keep_round(struct federation *f, const struct exchange *x, GError **error)
{
    const int n = f->transport->n_client;
    g_array_append_vals(f->rows, x->row, (guint)n);
    if (!x->finished) {
        if (!ex_rounds_save(f->agreement.model, x->round, f->rows, f->checkpoint, error)) {
            g_prefix_error(error, "after round %d: ", x->round);
            return FALSE;
        }
        f->round = x->round;
    }
    for (int k = 0; k < n; k++)
        ex_round_print(&x->row[k], f->options->n_round, f->options->train.json);
    fflush(stdout);
    return TRUE;
}

static gboolean exchange(struct federation *f, struct exchange *x, GError **error)
{
    const int n = f->transport->n_client;
    int n_asked = 0, n_update = 0;
    g_autoptr(GBytes) question = make_question(f, x);
    if (!f->transport->class->ask(f->transport, question, x->asked, FALSE, x->answers, error))
        return FALSE;
    for (int k = 0; k < n; k++) {
        if (!x->asked[k])
            continue;
        x->row[k].bytes_down = (gint64)g_bytes_get_size(question);
        if (x->answers[k] && !take_update(f, x, k, error))
            return FALSE;
        n_asked++;
        n_update += x->updates[k] != NULL;
    }
    if (!x->finished && n_update < MIN(f->options->quorum, n_asked)) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "round %d: %d good updates, --quorum wants %d",
                    x->round, n_update, MIN(f->options->quorum, n_asked));
        return FALSE;
    }
    if (!x->finished)
        average(f, x);
    return TRUE;
}

static gboolean run_round(struct federation *f, int round, GError **error)
{
    struct exchange x;
    exchange_init(&x, f, round);
    const gboolean done =
        tg_check_interrupt(error) && exchange(f, &x, error) && keep_round(f, &x, error);
    exchange_clear(&x, f->transport->n_client);
    f->agreement.number++;
    return done;
}

/* What is kept when it stops on the way, and how to go on. */
static void tell_kept(const struct federation *f, GError **error)
{
    if (!error || !*error)
        return;
    const int n_round = f->options->n_round;
    g_autofree char *message =
        f->round == 0
            ? g_strdup_printf("%s (no round was finished)", (*error)->message)
            : g_strdup_printf("%s (%s keeps round %d of %d: the same command with --resume goes on "
                              "from there)",
                              (*error)->message, f->checkpoint, f->round, n_round);
    GError *longer = g_error_new_literal((*error)->domain, (*error)->code, message);
    g_clear_error(error);
    g_propagate_error(error, longer);
}

static gboolean run_rounds(struct federation *f, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gboolean going = ex_agree_on_plan(&f->agreement, f->options, f->transport, &failure);
    for (int round = f->round + 1; going && round <= f->options->n_round + 1; round++)
        going = run_round(f, round, &failure);
    if (going)
        return TRUE;
    tell_kept(f, &failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* ---- where it starts ---- */

/* Goes to where the checkpoint stands, if there is one to go on from. */
static gboolean find_start(struct federation *f, GError **error)
{
    const struct ex_train_options *o = &f->train;
    if (!g_file_test(f->checkpoint, G_FILE_TEST_EXISTS) || (o->force && !o->resume))
        return TRUE;
    if (!o->resume) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s is there: --resume goes on from it, --force starts anew", f->checkpoint);
        return FALSE;
    }
    g_autoptr(GError) failure = NULL;
    if (ex_rounds_load(f->agreement.model, f->options->n_round, &f->round, f->rows, f->checkpoint,
                       &failure)) {
        g_printerr("adliotlog federate: %s: going on after round %d of %d\n", o->model, f->round,
                   f->options->n_round);
        return TRUE;
    }
    return ex_checkpoint_give_up("federate", o->force, g_steal_pointer(&failure), error);
}

/* Is it done already, and known to the store? */
static gboolean find_result(const struct federation *f, const char *sha256, gboolean *done,
                            GError **error)
{
    gint64 model_id = 0;
    if (f->store && !ds_lookup(f->store, &model_id, error,
                               "SELECT model_id FROM federation_round JOIN model USING (model_id)"
                               " WHERE model_sha256 = ?",
                               "s", sha256))
        return FALSE;
    *done = !f->store || model_id;
    return TRUE;
}

/* ---- what it leaves ---- */

static gboolean record(struct federation *f, const char *line, const char *replaced_sha256,
                       GError **error)
{
    if (!f->store)
        return TRUE;
    json_object_set_string_member(f->agreement.options, "command", line);
    g_autofree char *options = ex_train_print_object(f->agreement.options);
    if (!ds_begin(f->store, error))
        return FALSE;
    const gint64 model_id =
        ex_target_record(f->store, f->train.model, options, replaced_sha256, error);
    const gboolean done =
        model_id && ex_rounds_record(f->store, model_id, f->rows, f->options->n_iteration, error) &&
        ds_commit(f->store, error);
    if (!done)
        ds_rollback(f->store);
    return done;
}

/* The mean over the gateways that tested the finished model; NAN if none did. */
static double final_accuracy(const struct federation *f)
{
    double sum = 0;
    int n = 0;
    for (guint i = 0; i < f->rows->len; i++) {
        const struct ex_round_row *row = &g_array_index(f->rows, struct ex_round_row, i);
        if (row->round <= f->options->n_round || isnan(row->accuracy))
            continue;
        sum += row->accuracy;
        n++;
    }
    return n > 0 ? sum / n : NAN;
}

/* Adds a figure of the last line, unless there is none. */
static void add_figure(GString *line, gboolean json, const char *name, double value,
                       const char *unit)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (isnan(value))
        return;
    g_ascii_formatd(text, sizeof(text), "%.6g", value);
    if (json)
        g_string_append_printf(line, ",\"%s\":%s", name, text);
    else
        g_string_append_printf(line, ", %s %s%s", name, text, unit);
}

static void print_result(const struct federation *f)
{
    const struct ex_federation_options *o = f->options;
    const gboolean json = o->train.json, private = o->noise > 0;
    const double accuracy = final_accuracy(f);
    const double epsilon = private ? nn_federation_epsilon(o->n_round, o->noise, o->delta) : NAN;
    g_autoptr(GString) figures = g_string_new(NULL);
    add_figure(figures, json, "loss", ex_rounds_loss(f->rows), " nats a word");
    add_figure(figures, json, "accuracy", json ? accuracy : 100 * accuracy, " %");
    add_figure(figures, json, "epsilon", epsilon, "");
    add_figure(figures, json, "delta", private ? o->delta : NAN, "");
    g_autofree char *path = json ? ex_json_string(f->train.model) : g_strdup(f->train.model);
    printf(json ? "{\"model\":%s,\"vocabulary\":%d,\"gateways\":%d,\"rounds\":%d,"
                  "\"iterations\":%d%s}\n"
                : "%s\t%d words, %d gateways, %d rounds of %d iterations%s\n",
           path, f->train.shape.V, f->transport->n_client, o->n_round, o->n_iteration,
           figures->str);
}

/* From where it stands to the model file and its rows. */
static gboolean finish(struct federation *f, const char *line, const char *replaced_sha256,
                       GError **error)
{
    if (!run_rounds(f, error) || !nn_model_save(f->agreement.model, f->train.model, error) ||
        !record(f, line, replaced_sha256, error))
        return FALSE;
    print_result(f);
    return ex_target_drop_checkpoint(f->checkpoint, error);
}

/* Gateways that are processes of their own wait for the finished model, also when it is there. */
static gboolean hand_out(struct federation *f, GError **error)
{
    g_autoptr(nn_model) finished = nn_model_load(f->train.model, error);
    if (!finished)
        return FALSE;
    nn_network *network = f->agreement.model->network;
    f->agreement.model->network = g_steal_pointer(&finished->network);
    finished->network = network;
    return ex_agree_on_plan(&f->agreement, f->options, f->transport, error) &&
           run_round(f, f->options->n_round + 1, error);
}

static gboolean federate(struct federation *f, const char *line, GError **error)
{
    g_autofree char *replaced_sha256 = NULL;
    gboolean done = FALSE;
    if (!ex_target_check(&f->train, f->checkpoint, &replaced_sha256, error) ||
        !ex_agree_on_model(&f->agreement, &f->train, f->options, f->transport, error))
        return FALSE;
    if (replaced_sha256 && !f->train.force &&
        (!ex_target_is_same(f->train.model, f->agreement.model->options, error) ||
         !find_result(f, replaced_sha256, &done, error)))
        return FALSE;
    if (!done)
        return find_start(f, error) && finish(f, line, replaced_sha256, error);
    g_printerr("adliotlog federate: %s is trained already\n", f->train.model);
    return !f->transport->tolerant || hand_out(f, error);
}

gboolean ex_federate(const struct ex_federation_options *options, const char *command_line,
                     ds_store *store, ex_transport *transport, GError **error)
{
    struct federation f = {.options = options,
                           .train = options->train,
                           .store = store,
                           .transport = transport,
                           .checkpoint = ex_checkpoint_path(options->train.model),
                           .rows = g_array_new(FALSE, FALSE, sizeof(struct ex_round_row))};
    const gboolean done = federate(&f, command_line, error);
    ex_agreement_clear(&f.agreement);
    g_free(f.checkpoint);
    g_array_unref(f.rows);
    return done;
}
