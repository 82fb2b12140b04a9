#include "experiments/command.h"
#include "experiments/serve.h"
#include "experiments/serve_listen.h"

#include <stdio.h>

enum { DEFAULT_CONNECTIONS = 2048, DEFAULT_TIMEOUT = 10, MAX_THREADS = 64, MAX_TIMEOUT = 3600 };
enum { MAX_CONNECTIONS = 100000 };

struct serve_arguments {
    char *store, *listen, *token;
    int threads, connections, timeout;
    gboolean truth;
};

static gboolean check_range(const char *option, int value, int most, GError **error)
{
    if (value >= 1 && value <= most)
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "--%s must be from 1 to %d, not %d", option, most,
                value);
    return FALSE;
}

/* Where to listen, when everything that was asked for can be done. NULL on error. */
static GInetSocketAddress *check_arguments(const struct serve_arguments *a, GError **error)
{
    if (!a->store) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_USAGE, "--store is missing");
        return NULL;
    }
    if (!check_range("threads", a->threads, MAX_THREADS, error) ||
        !check_range("connections", a->connections, MAX_CONNECTIONS, error) ||
        !check_range("timeout", a->timeout, MAX_TIMEOUT, error))
        return NULL;
    g_autoptr(GInetSocketAddress) address =
        ex_listen_parse(a->listen ? a->listen : "127.0.0.1:8080", error);
    if (!address)
        return NULL;
    if (!a->token && !g_inet_address_get_is_loopback(g_inet_socket_address_get_address(address))) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "others can reach %s: --token FILE is needed, which says who may ask",
                    a->listen);
        return NULL;
    }
    return g_steal_pointer(&address);
}

static gboolean serve(const struct serve_arguments *a, GError **error)
{
    g_autoptr(GInetSocketAddress) address = check_arguments(a, error);
    if (!address)
        return FALSE;
    g_autofree char *token = a->token ? ex_token_read(a->token, error) : NULL;
    if (a->token && !token)
        return FALSE;
    g_autoptr(GSocket) listener = ex_listen(address, error);
    g_autofree char *url = listener ? ex_listen_url(listener, error) : NULL;
    if (!url)
        return FALSE;
    const struct ex_server_settings settings = {.store = a->store,
                                                .listener = listener,
                                                .token = token,
                                                .n_thread = (guint)a->threads,
                                                .n_connection = (guint)a->connections,
                                                .timeout = (guint)a->timeout,
                                                .truth = a->truth};
    tg_catch_interrupts();
    ex_server *server = ex_server_start(&settings, error);
    if (!server)
        return FALSE;
    if (puts(url) >= 0 && fflush(stdout) == 0) /* or else main() says so */
        ex_server_run(server);
    ex_server_stop(server);
    return TRUE;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    struct serve_arguments a = {.threads = (int)MIN(g_get_num_processors(), 8),
                                .connections = DEFAULT_CONNECTIONS,
                                .timeout = DEFAULT_TIMEOUT};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store, which is only read",
         "FILE"},
        {"listen", 'l', 0, G_OPTION_ARG_STRING, &a.listen,
         "Where to listen (default: 127.0.0.1:8080); port 0 is any that is free", "ADDRESS:PORT"},
        {"token", 't', 0, G_OPTION_ARG_FILENAME, &a.token,
         "File with the token that clients must have; needed unless ADDRESS is a loopback address",
         "FILE"},
        {"threads", 'j', 0, G_OPTION_ARG_INT, &a.threads,
         "Requests answered at a time (default: one for each core, at most 8)", "N"},
        {"connections", 0, 0, G_OPTION_ARG_INT, &a.connections,
         "Connections that are served; more get 503 (default: 2048)", "N"},
        {"timeout", 0, 0, G_OPTION_ARG_INT, &a.timeout,
         "Seconds that a request may take to come, to be answered, and its answer to go (default: "
         "10)",
         "SECONDS"},
        {"truth", 0, 0, G_OPTION_ARG_NONE, &a.truth,
         "Serve ground truth as well: attacks, labels, and where runs come from", NULL},
        G_OPTION_ENTRY_NULL};
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    g_autoptr(GError) error = NULL;
    status = 0;
    if (!serve(&a, &error))
        status = g_error_matches(error, TG_ERROR, TG_ERROR_USAGE)
                     ? ex_usage(command, "%s", error->message)
                     : ex_fail(command, error);
    g_free(a.store);
    g_free(a.listen);
    g_free(a.token);
    return status;
}

const struct ex_command ex_command_serve = {
    .name = "serve",
    .summary = "answer edge devices over HTTP, and show people a page",
    .arguments = "",
    .description =
        "Answers from an event store, which it only reads: others may write to it meanwhile, and "
        "every answer is of the store as it is then. The first line on stdout is the address, once "
        "it listens. SIGINT and SIGTERM end it: no connection is taken any more, what was asked is "
        "answered, exit status 0.\n\n"
        " /                              a page with the networks, flows and verdicts of all runs\n"
        " /v1/nodes/14                   who a device is suspected to collaborate with\n"
        " /v1/pairs/14/15                what models and detectors say of two nodes\n"
        " /v1/pairs/14/15/packets        the packets from one to the other\n"
        " /v1/verdicts                   verdicts of adliotlog detect\n"
        " /v1/verdicts/MODEL_ID/PAIR_SET_ID/RANK  one of them, as 'evidence' of its answer says, "
        "with\n"
        "                 the events behind it\n"
        " /v1/runs                       runs; /v1/runs/1, with /nodes, /flows, /network.svg\n"
        " /v1/health, /metrics           for monitors; the latter as Prometheus reads it\n"
        " /v1/openapi.json               all paths, parameters and answers, as OpenAPI 3.0\n"
        "\n"
        "Answers are JSON, also those that say what is wrong with a request: 400 for a parameter, "
        "404 for what is not there, 503 with Retry-After when there are too many connections, or "
        "an answer takes longer than half of --timeout. Each has an ETag.\n\n"
        "A node is anomalous when a tuple of set A (rank 1 to 5; max_rank=N takes more) has it at "
        "one end, and the other end behind another gateway; those are its adversaries. Numbers of "
        "nodes are those of a run: where runs differ, ask with run=N, and with model=NAME for what "
        "one model says.\n\n"
        "Without --token, only this machine is served. With it, all that is about the store needs "
        "the header 'Authorization: Bearer TOKEN', and the page asks for it. A token is one line "
        "of 16 to 1000 characters, in a file that its owner alone can read. Nothing is encrypted: "
        "beyond a network of one's own, put a TLS proxy before it.\n\n"
        "Ground truth is served with --truth alone. Without it an answer has no labels, and of "
        "where a run comes from only what does not name its attack.",
    .examples = "adliotlog serve --store S\n"
                "# what an edge device asks\n"
                "curl http://127.0.0.1:8080/v1/nodes/14\n"
                "# for others: a token, and a way to it\n"
                "(umask 077; openssl rand -hex 32 >token)\n"
                "adliotlog serve --store S --listen 0.0.0.0:8080 --token token\n"
                "curl -H \"Authorization: Bearer $(cat token)\" http://aggregator:8080/v1/nodes/14",
    .run = run,
};
