#include "experiments/federation_options.h"

#include "experiments/seeds.h"
#include "model/federation.h"

#include <math.h>
#include <string.h>

/* ---- which options go together ---- */

enum {
    NOT_GATEWAY = EX_ALL | EX_AGGREGATOR,
    READER = EX_ALL | EX_GATEWAY,
    FOLDER = EX_AGGREGATOR | EX_GATEWAY
};

/* More rows of table federation_round than a checkpoint, which is JSON, can hold. */
enum { MAX_ROWS = 400000 };

/* Options that not every part has; those that are not here are for all but gateways of a folder. */
static const struct {
    const char *name;
    int parts; /* of enum ex_part */
} uses[] = {
    {"store", EX_ALL | FOLDER}, {"model", EX_ALL | FOLDER}, {"force", EX_ALL | FOLDER},
    {"client", EX_ALL},         {"client-store", EX_ALL},   {"gateways", EX_AGGREGATOR},
    {"gateway", EX_GATEWAY},    {"pairs", EX_GATEWAY},      {"test", READER},
    {"hash-words", READER},     {"threads", READER},        {"folder", FOLDER},
    {"wait", EX_AGGREGATOR},    {"quorum", EX_AGGREGATOR},  {"keep-messages", EX_AGGREGATOR}};

static const char *part_name(int part)
{
    return part == EX_ALL          ? "without --folder"
           : part == EX_AGGREGATOR ? "with --folder and --gateways"
                                   : "with --folder and --gateway";
}

/* The long options that a command line has: names without the dashes. Caller unrefs. */
static GPtrArray *list_given(int argc, char **argv)
{
    static const char *const brief[][2] = {
        {"-s", "store"}, {"-m", "model"}, {"-i", "iterations"}, {"-r", "rounds"}, {"-p", "pairs"}};
    GPtrArray *given = g_ptr_array_new_with_free_func(g_free);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (g_str_has_prefix(argv[i], "--"))
            g_ptr_array_add(given, g_strndup(argv[i] + 2, strcspn(argv[i] + 2, "=")));
        for (gsize j = 0; j < G_N_ELEMENTS(brief); j++)
            if (strcmp(argv[i], brief[j][0]) == 0)
                g_ptr_array_add(given, g_strdup(brief[j][1]));
    }
    return given;
}

static int parts_of(const char *option)
{
    for (gsize i = 0; i < G_N_ELEMENTS(uses); i++)
        if (strcmp(uses[i].name, option) == 0)
            return uses[i].parts;
    return NOT_GATEWAY;
}

/* An option that would be ignored is a mistake. Caller frees; NULL when there is none. */
static char *find_ignored(const GPtrArray *given, enum ex_part part)
{
    for (guint i = 0; i < given->len; i++) {
        const char *name = given->pdata[i];
        if (!(parts_of(name) & (int)part))
            return g_strdup_printf("--%s has no meaning %s", name, part_name((int)part));
    }
    return NULL;
}

/* ---- gateways ---- */

/* `12=REST`: the number, and where the rest begins; NULL when it is anything else. */
static const char *split_word(const char *word, int *gateway)
{
    gint64 number;
    const char *sign = strchr(word, '=');
    if (!sign || sign[1] == '\0')
        return NULL;
    g_autofree char *text = g_strndup(word, (gsize)(sign - word));
    if (!g_ascii_string_to_signed(text, 10, 0, G_MAXINT, &number, NULL))
        return NULL;
    *gateway = (int)number;
    return sign + 1;
}

static int compare_clients(gconstpointer a, gconstpointer b)
{
    const struct ex_client_options *x = a, *y = b;
    return x->gateway < y->gateway ? -1 : x->gateway > y->gateway;
}

static struct ex_client_options *find_client(const struct ex_federation_options *o, int gateway)
{
    for (int k = 0; k < o->n_client; k++)
        if (o->clients[k].gateway == gateway)
            return &o->clients[k];
    return NULL;
}

/* Puts `12=VALUE` of --client-store or --test where it belongs. Caller frees the mistake. */
static char *assign(struct ex_federation_options *o, char **words, const char *option,
                    gboolean is_store)
{
    for (; words && *words; words++) {
        int gateway;
        const char *value = split_word(*words, &gateway);
        struct ex_client_options *client = value ? find_client(o, gateway) : NULL;
        if (!value)
            return g_strdup_printf("--%s must be GATEWAY=%s, not '%s'", option,
                                   is_store ? "FILE" : "NAME", *words);
        if (!client)
            return g_strdup_printf("--%s %s: there is no --client %d", option, *words, gateway);
        *(is_store ? &client->store : &client->test) = value;
    }
    return NULL;
}

static char *copy_path(const char *model, int gateway)
{
    static const char ending[] = ".safetensors";
    const gsize n = strlen(model) - (g_str_has_suffix(model, ending) ? strlen(ending) : 0);
    return g_strdup_printf("%.*s-%d%s", (int)n, model, gateway, model + n);
}

static char *read_clients(struct ex_federation_options *o)
{
    o->n_client = (int)g_strv_length(o->client_words);
    if (o->n_client > NN_MAX_CLIENT)
        return g_strdup_printf("more than %d gateways", NN_MAX_CLIENT);
    o->clients = g_new0(struct ex_client_options, o->n_client);
    for (int k = 0; k < o->n_client; k++) {
        struct ex_client_options *client = &o->clients[k];
        client->pairs = split_word(o->client_words[k], &client->gateway);
        client->store = o->train.store;
        client->key = o->hash_words;
        client->threads = o->train.how.threads;
        if (!client->pairs)
            return g_strdup_printf("--client must be GATEWAY=NAME, not '%s'", o->client_words[k]);
    }
    qsort(o->clients, (gsize)o->n_client, sizeof(*o->clients), compare_clients);
    for (int k = 1; k < o->n_client; k++)
        if (o->clients[k].gateway == o->clients[k - 1].gateway)
            return g_strdup_printf("--client %d is there twice", o->clients[k].gateway);
    for (int k = 0; o->hash_words && o->train.model && k < o->n_client; k++) {
        char *path = copy_path(o->train.model, o->clients[k].gateway);
        g_ptr_array_add(o->copies, path);
        o->clients[k].copy = path;
    }
    char *mistake = assign(o, o->store_words, "client-store", TRUE);
    return mistake ? mistake : assign(o, o->test_words, "test", FALSE);
}

static char *read_gateway(struct ex_federation_options *o)
{
    gint64 number;
    if (!g_ascii_string_to_signed(o->gateway_words, 10, 0, G_MAXINT, &number, NULL))
        return g_strdup_printf("--gateway must be the number of a node, not '%s'",
                               o->gateway_words);
    if (!o->train.pairs)
        return g_strdup("--pairs is missing");
    if (o->test_words && o->test_words[1])
        return g_strdup("more than one --test");
    o->n_client = 1;
    o->clients = g_new0(struct ex_client_options, 1);
    *o->clients = (struct ex_client_options){.gateway = (int)number,
                                             .store = o->train.store,
                                             .pairs = o->train.pairs,
                                             .test = o->test_words ? o->test_words[0] : NULL,
                                             .copy = o->train.model,
                                             .key = o->hash_words,
                                             .threads = o->train.how.threads};
    return NULL;
}

static char *read_gateway_list(struct ex_federation_options *o)
{
    g_autoptr(GError) error = NULL;
    if (!o->gateway_list)
        return g_strdup("--gateways is missing, or --gateway");
    g_autoptr(GArray) list = ex_seeds_parse(o->gateway_list, &error);
    if (!list)
        return g_strdup_printf("--gateways: %s", error->message);
    if (list->len > NN_MAX_CLIENT)
        return g_strdup_printf("more than %d gateways", NN_MAX_CLIENT);
    o->n_client = (int)list->len;
    o->gateways = g_new0(int, o->n_client);
    for (int k = 0; k < o->n_client; k++) {
        const gint64 number = g_array_index(list, gint64, k);
        if (number < 0 || number > G_MAXINT)
            return g_strdup_printf("--gateways: no node has number %" G_GINT64_FORMAT, number);
        o->gateways[k] = (int)number;
    }
    return NULL;
}

static char *read_gateways(struct ex_federation_options *o)
{
    if (o->part == EX_AGGREGATOR)
        return read_gateway_list(o);
    char *mistake = o->part == EX_GATEWAY ? read_gateway(o) : read_clients(o);
    o->gateways = g_new0(int, o->n_client);
    for (int k = 0; k < o->n_client; k++)
        o->gateways[k] = o->clients[k].gateway;
    return mistake;
}

/* ---- figures ---- */

/* A text as a number above 0; 0 for none. */
static gboolean read_positive(const char *text, double *value)
{
    char *end;
    if (!text)
        return TRUE;
    *value = g_ascii_strtod(text, &end);
    return end != text && *end == '\0' && *value > 0 && isfinite(*value);
}

/* NULL when all is possible. */
static const char *find_mistake(struct ex_federation_options *o)
{
    if (o->n_round < 1 || o->n_round > NN_MAX_ROUND)
        return "--rounds must be between 1 and 1000000";
    if ((gint64)o->n_round * o->n_iteration > G_MAXINT)
        return "--rounds times --iterations must be below 2147483648";
    if ((gint64)o->n_round * o->n_client > MAX_ROWS)
        return "--rounds times the number of gateways must be at most 400000";
    if (!(o->participation > 0 && o->participation <= 1))
        return "--participation must be above 0 and at most 1";
    if (!(o->drop >= 0 && o->drop < 1))
        return "--drop must be at least 0 and below 1";
    if (!(o->train.how.proximal >= 0 && isfinite(o->train.how.proximal)))
        return "--proximal must be at least 0";
    if (!read_positive(o->clip_words, &o->clip))
        return "--clip must be above 0";
    if (!read_positive(o->noise_words, &o->noise))
        return "--noise must be above 0";
    if (o->noise > 0 && o->clip == 0)
        return "--noise needs --clip: without it one gateway may change the sum by any amount";
    if (o->noise_key && o->noise == 0)
        return "--noise-key is for --noise";
    if (!(o->delta > 0 && o->delta < 1))
        return "--delta must be between 0 and 1";
    if (o->test_limit < 0 || o->test_every < 0)
        return "--test-limit and --test-every must be at least 0";
    if (!(o->wait >= 0 && o->wait < 1e6))
        return "--wait must be between 0 and a million";
    if (o->part == EX_AGGREGATOR && (o->quorum < 1 || o->quorum > o->n_client))
        return "--quorum must be between 1 and the number of gateways";
    return NULL;
}

/* Caller frees; NULL when all is possible. */
static char *complete(struct ex_federation_options *o, const GPtrArray *given)
{
    o->part = !o->folder ? EX_ALL : o->gateway_words ? EX_GATEWAY : EX_AGGREGATOR;
    char *mistake = find_ignored(given, o->part);
    if (mistake)
        return mistake;
    if (!o->train.store && o->part != EX_AGGREGATOR)
        return g_strdup("--store is missing");
    if (!o->client_words && o->part == EX_ALL)
        return g_strdup("--client is missing, or --folder");
    if (!o->train.model && o->part != EX_GATEWAY)
        return g_strdup("--model is missing");
    if (o->train.init && o->hash_words)
        return g_strdup("--init has its own words: it and --hash-words exclude each other");
    if ((mistake = read_gateways(o)))
        return mistake;
    o->n_iteration = o->train.how.iterations;
    mistake = g_strdup(find_mistake(o));
    if (!mistake)
        o->train.how.iterations = o->n_round * o->n_iteration;
    return mistake;
}

/* ---- all of them ---- */

/* Who takes part, and where. */
static void add_parts(GArray *list, struct ex_federation_options *o)
{
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &o->train.store,
         "Event store: of the pair sets, and for what is recorded (the aggregator of a folder "
         "makes it if need be, or does without)",
         "FILE"},
        {"client", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->client_words,
         "A gateway, by the number of its node, and the pair set of its own log; once for each",
         "GATEWAY=NAME"},
        {"client-store", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->store_words,
         "Store of a gateway's pair sets, where it is not --store", "GATEWAY=FILE"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &o->train.model,
         "Model file to write; of a gateway: its own copy", "FILE"},
        {"folder", 0, 0, G_OPTION_ARG_FILENAME, &o->folder,
         "Exchange messages through this folder, each part being a process of its own", "FOLDER"},
        {"gateways", 0, 0, G_OPTION_ARG_STRING, &o->gateway_list,
         "Be the aggregator of a folder, with these gateways: 12,13 or 12..15", "LIST"},
        {"gateway", 0, 0, G_OPTION_ARG_STRING, &o->gateway_words,
         "Be this gateway of a folder; how to train is the aggregator's to say", "GATEWAY"},
        {"pairs", 'p', 0, G_OPTION_ARG_STRING, &o->train.pairs,
         "Pair set of this gateway's own log", "NAME"}};
    g_array_append_vals(list, entries, G_N_ELEMENTS(entries));
}

/* What a round is. */
static void add_rounds(GArray *list, struct ex_federation_options *o)
{
    const GOptionEntry entries[] = {
        {"rounds", 'r', 0, G_OPTION_ARG_INT, &o->n_round, "Rounds, at least 1 (default: 10)", "R"},
        {"iterations", 'i', 0, G_OPTION_ARG_INT, &o->train.how.iterations,
         "Iterations of each gateway in a round, at least 1 (default: 7000)", "E"},
        {"participation", 0, 0, G_OPTION_ARG_DOUBLE, &o->participation,
         "Share of the gateways that a round asks, drawn from the seed (default: 1)", "F"},
        {"drop", 0, 0, G_OPTION_ARG_DOUBLE, &o->drop,
         "For experiments: probability that a gateway that is asked is lost, drawn from the seed "
         "(default: 0)",
         "P"},
        {"proximal", 0, 0, G_OPTION_ARG_DOUBLE, &o->train.how.proximal,
         "FedProx: mu of the pull towards the round's weights (default: 0, FedAvg)", "MU"},
        {"clip", 0, 0, G_OPTION_ARG_STRING, &o->clip_words,
         "Shorten each gateway's update to this L2 norm (default: not at all)", "C"},
        {"noise", 0, 0, G_OPTION_ARG_STRING, &o->noise_words,
         "Add Gaussian noise of Z times --clip to the sum of updates, and average them evenly "
         "(default: none)",
         "Z"},
        {"delta", 0, 0, G_OPTION_ARG_DOUBLE, &o->delta,
         "The delta for which epsilon is told (default: 1e-5)", "D"},
        {"noise-key", 0, 0, G_OPTION_ARG_FILENAME, &o->noise_key,
         "Draw the noise from this secret file of 16 to 4096 bytes instead of --seed", "FILE"}};
    g_array_append_vals(list, entries, G_N_ELEMENTS(entries));
}

/* What is told, tested and waited for. */
static void add_exchange(GArray *list, struct ex_federation_options *o)
{
    const GOptionEntry entries[] = {
        {"hash-words", 0, 0, G_OPTION_ARG_FILENAME, &o->hash_words,
         "Exchange keyed hashes in place of words; the key, a file of 16 to 4096 bytes, is the "
         "gateways' alone",
         "FILE"},
        {"test", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->test_words,
         "Pair set that a gateway tests on (with --gateway only NAME; default: those it trains "
         "on)",
         "GATEWAY=NAME"},
        {"test-limit", 0, 0, G_OPTION_ARG_INT, &o->test_limit,
         "Pairs that a gateway tests on, evenly chosen (default: 200; 0: all)", "N"},
        {"test-every", 0, 0, G_OPTION_ARG_INT, &o->test_every,
         "Rounds from one test to the next (default: 1; 0: only the finished model)", "N"},
        {"wait", 0, 0, G_OPTION_ARG_DOUBLE, &o->wait,
         "Seconds after which a gateway is late (default: 0, never)", "S"},
        {"quorum", 0, 0, G_OPTION_ARG_INT, &o->quorum,
         "Answers that a round needs to go on without those that are late (default: 1)", "N"},
        {"keep-messages", 0, 0, G_OPTION_ARG_NONE, &o->keep,
         "Leave the messages of all rounds in the folder", NULL}};
    g_array_append_vals(list, entries, G_N_ELEMENTS(entries));
}

gboolean ex_federation_parse(const struct ex_command *command, struct ex_federation_options *o,
                             int *argc, char ***argv, int *status)
{
    *o = (struct ex_federation_options){.n_round = 10,
                                        .participation = 1,
                                        .delta = 1e-5,
                                        .test_limit = 200,
                                        .test_every = 1,
                                        .quorum = 1,
                                        .copies = g_ptr_array_new_with_free_func(g_free)};
    struct ex_train_options *t = &o->train;
    ex_train_options_init(t);
    t->how.iterations = nn_train_defaults.iterations / o->n_round;
    const GOptionEntry after[] = {
        {"resume", 0, 0, G_OPTION_ARG_NONE, &t->resume,
         "Go on from the last round that was kept; do nothing if all is done", NULL},
        {"force", 0, 0, G_OPTION_ARG_NONE, &t->force, "Replace model file and checkpoint", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &t->json, "Print JSON objects", NULL},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GArray) before = g_array_new(TRUE, FALSE, sizeof(GOptionEntry));
    add_parts(before, o);
    add_rounds(before, o);
    add_exchange(before, o);
    g_autoptr(GPtrArray) given = list_given(*argc, *argv);
    if (!ex_train_parse_with(command, t, (const GOptionEntry *)(const void *)before->data, after,
                             argc, argv, status))
        return FALSE;
    g_autofree char *mistake = complete(o, given);
    if (mistake)
        *status = ex_usage(command, "%s", mistake);
    return mistake == NULL;
}

void ex_federation_options_clear(struct ex_federation_options *o)
{
    ex_train_options_clear(&o->train);
    g_strfreev(o->client_words);
    g_strfreev(o->store_words);
    g_strfreev(o->test_words);
    char *strings[] = {o->noise_key,    o->hash_words, o->folder,     o->gateway_words,
                       o->gateway_list, o->clip_words, o->noise_words};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_free(o->gateways);
    g_free(o->clients);
    g_ptr_array_unref(o->copies);
}
