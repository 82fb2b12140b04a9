#include "experiments/command.h"
#include "experiments/federation.h"
#include "experiments/federation_options.h"
#include "experiments/federation_transport.h"

#include <stdio.h>
#include <string.h>

/* ---- everything in one process, or in the ranks of MPI ---- */

/* The ranks that this program was started in, says who started it; 0: it runs by itself. */
static int count_ranks(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *text = g_getenv(names[i]);
        guint64 n;
        if (text && g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT, &n, NULL))
            return (int)n;
    }
    return 0;
}

/* The clients of a rank, NULL for those of others: they are dealt out in order. */
static ex_client **make_clients(const struct ex_federation_options *o, int rank, int n_rank,
                                GError **error)
{
    ex_client **clients = g_new0(ex_client *, o->n_client);
    for (int k = 0; k < o->n_client; k++) {
        if (k % n_rank == rank && !(clients[k] = ex_client_new(&o->clients[k], error))) {
            while (k-- > 0)
                ex_client_free(clients[k]);
            g_free(clients);
            return NULL;
        }
    }
    return clients;
}

static void free_clients(ex_client **clients, int n)
{
    for (int k = 0; k < n && clients; k++)
        ex_client_free(clients[k]);
    g_free(clients);
}

/* The copies of the model that gateways write in their own words are files of the user's too. */
static gboolean check_copies(const struct ex_federation_options *o, GError **error)
{
    for (int k = 0; k < o->n_client; k++) {
        const char *copy = o->clients[k].copy;
        if (!copy || o->train.force || o->train.resume || !g_file_test(copy, G_FILE_TEST_EXISTS))
            continue;
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s is there already (--force replaces it)",
                    copy);
        return FALSE;
    }
    return TRUE;
}

/* The aggregator's part; the transport goes with it. */
static gboolean aggregate(struct ex_federation_options *o, const char *line, ds_store *store,
                          ex_transport *transport, GError **error)
{
    if (!transport)
        return FALSE;
    const gboolean done = ex_federate(o, line, store, transport, error);
    transport->class->close(transport, done);
    return done;
}

static ex_transport *new_transport(const struct ex_federation_options *o, ex_client *const *clients,
                                   int n_rank)
{
    return n_rank == 1 ? ex_local_transport_new(clients, o->gateways, o->n_client)
                       : ex_mpi.transport_new(clients, o->gateways, o->n_client);
}

/* A rank's part: the aggregator's, or to serve it. */
static gboolean federate_rank(struct ex_federation_options *o, const char *line, int rank,
                              int n_rank, GError **error)
{
    ex_client **clients = make_clients(o, rank, n_rank, error);
    gboolean done = FALSE;
    if (clients && rank > 0) {
        done = ex_mpi.serve(clients, o->n_client, error);
    } else if (clients && check_copies(o, error)) {
        g_autoptr(ds_store) store = ds_store_open(o->train.store, DS_WRITE, error);
        if (store)
            done = aggregate(o, line, store, new_transport(o, clients, n_rank), error);
    }
    free_clients(clients, o->n_client);
    return done;
}

static gboolean federate_all(struct ex_federation_options *o, const char *line, GError **error)
{
    int rank = 0, n_rank = count_ranks();
    if (n_rank == 0)
        return federate_rank(o, line, 0, 1, error);
    if (!&ex_mpi) {
        if (n_rank == 1)
            return federate_rank(o, line, 0, 1, error);
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM,
                    "started in %d ranks, but built without MPI: make MPI=1 builds with it",
                    n_rank);
        return FALSE;
    }
    if (!ex_mpi.init(&rank, &n_rank, error))
        return FALSE;
    GError *failure = NULL;
    const gboolean done = federate_rank(o, line, rank, n_rank, &failure);
    ex_mpi.finish(failure);
    if (rank > 0) { /* there is one aggregator to speak for all */
        g_clear_error(&failure);
        return TRUE;
    }
    if (failure)
        g_propagate_error(error, failure);
    return done;
}

/* ---- parts of a folder ---- */

static gboolean aggregate_folder(struct ex_federation_options *o, const char *line, GError **error)
{
    const struct ex_folder_options folder = {.folder = o->folder,
                                             .gateways = o->gateways,
                                             .n_client = o->n_client,
                                             .wait = o->wait,
                                             .quorum = o->quorum,
                                             .keep = o->keep};
    g_autoptr(ds_store) store = NULL;
    if (o->train.store && !(store = ds_store_open(o->train.store, DS_CREATE, error)))
        return FALSE;
    return aggregate(o, line, store, ex_folder_transport_new(&folder, error), error);
}

static gboolean serve_folder(const struct ex_federation_options *o, GError **error)
{
    const struct ex_client_options *client_options = o->clients;
    g_autoptr(ex_client) client = ex_client_new(client_options, error);
    if (!client || !check_copies(o, error))
        return FALSE;
    if (!ex_folder_serve(client, client_options->gateway, o->folder, error))
        return FALSE;
    if (client_options->copy)
        printf("%s\tthe finished model, of gateway %d\n", client_options->copy,
               client_options->gateway);
    return TRUE;
}

static gboolean federate(struct ex_federation_options *o, const char *line, GError **error)
{
    o->train.how.kernels = nn_kernels_choose(error);
    if (!o->train.how.kernels)
        return FALSE;
    if (o->part == EX_GATEWAY)
        return serve_folder(o, error);
    return o->part == EX_AGGREGATOR ? aggregate_folder(o, line, error)
                                    : federate_all(o, line, error);
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *line = ex_command_line(argc, argv);
    g_autoptr(GError) error = NULL;
    struct ex_federation_options options;
    int status;
    tg_catch_interrupts();
    if (ex_federation_parse(command, &options, &argc, &argv, &status) &&
        !federate(&options, line, &error))
        status = ex_fail(command, error);
    ex_federation_options_clear(&options);
    return status;
}

const struct ex_command ex_command_federate = {
    .name = "federate",
    .summary = "let gateways train one model together, each on its own log",
    .arguments = "",
    .description =
        "Trains a network as adliotlog train does, but no one holds all pairs: each application "
        "gateway trains on those of its own log (adliotlog pairs --gateway), and an aggregator, "
        "which never sees a pair, averages their weights (FedAvg, McMahan et al. 2017). In each of "
        "--rounds rounds every gateway takes the aggregator's weights, trains --iterations "
        "iterations on its own, and sends back its weights; their average, weighted by the number "
        "of pairs, is what the next round begins with. Learning rate and random numbers go on over "
        "the rounds, so that one gateway ends with the very weights of adliotlog train with as "
        "many iterations, in however many rounds. With --proximal MU gateways minimize their loss "
        "plus MU / 2 times the squared distance from the round's weights (FedProx, Li et al. "
        "2020).\n\n"
        "Where: by default in this process; --client names each gateway by the number of its node, "
        "and its pair set. Built with MPI=1 and started by mpirun, the same command spreads over "
        "the ranks: gateways are dealt to them in order, rank 0 aggregates. Or each part is a "
        "process of its own, in a terminal or on a machine of its own, and messages go through a "
        "shared --folder: gateways are started with --gateway, --store, --pairs, the aggregator "
        "with "
        "--gateways and no store of events. The model is the same file in all three, for any "
        "number of ranks.\n\n"
        "What is exchanged: first the words of each gateway's pairs, sorted, their number and "
        "SHA-256; then weights, losses and accuracies. No sentence, and no order of events. "
        "(A single gateway tells its words in the order of their appearance, as adliotlog train "
        "numbers them.) With --hash-words the words go as keyed hashes (HMAC-SHA-256, 128 bits), "
        "and the key stays with the gateways; the model then speaks in hashes, and each gateway "
        "writes a copy in its own words (MODEL-GATEWAY, or its --model). What a network learned "
        "can still give away what it learned from: that is what --clip and --noise are for.\n\n"
        "Noise: with --clip C and --noise Z an update is shortened to L2 norm C, updates are "
        "averaged evenly, and their sum gets Gaussian noise of deviation Z C in each weight. The "
        "models of R rounds are then (epsilon, delta)-differentially private for each gateway as a "
        "whole, its contribution present or zero, by R-fold composition of zCDP: rho = R / (2 "
        "Z^2), epsilon = rho + 2 sqrt(rho ln(1 / delta)), which is printed. This covers the "
        "models, "
        "for those who see only them. It does not cover what the aggregator sees (updates before "
        "the noise), words, numbers of pairs, losses and accuracies; nothing is claimed for "
        "--participation; and whoever knows the seed, which is in the model file, can take the "
        "noise off: --noise-key draws it from a secret file.\n\n"
        "Who is missing: --participation asks a share of the gateways a round. In a folder a "
        "gateway that has not answered after --wait seconds is late: the round goes on without it "
        "once --quorum answers are there, and the next one asks it again. One that fails, or sends "
        "what cannot be, is left out of the round likewise. Which gateways a model comes from is "
        "in "
        "table federation_round, a row for each round and gateway: loss, accuracy on its own pairs "
        "of the model it was sent, bytes of the messages, outcome.\n\n"
        "Each round is kept in MODEL.checkpoint before it is printed; the same command with "
        "--resume goes on from there, to the same file, whatever was killed. A gateway of a folder "
        "needs nothing to go on: start it again.",
    .examples =
        "# before: the log of each gateway\n"
        "adliotlog pairs --store S --name own12 --gateway 12 --runs 'seed = 1'\n"
        "adliotlog pairs --store S --name own13 --gateway 13 --runs 'seed = 1'\n"
        "# ten rounds in one process; the same over two ranks\n"
        "adliotlog federate --store S --client 12=own12 --client 13=own13 \\\n"
        "    --model global.safetensors --rounds 10 --iterations 1000\n"
        "mpirun -n 2 adliotlog federate --store S --client 12=own12 --client 13=own13 \\\n"
        "    --model global.safetensors --rounds 10 --iterations 1000\n"
        "# two gateways and an aggregator, each in a terminal of its own, in a folder they share\n"
        "mkdir F\n"
        "adliotlog federate --folder F --gateway 12 --store ag12.db --pairs own --model m12.st\n"
        "adliotlog federate --folder F --gateway 13 --store ag13.db --pairs own --model m13.st\n"
        "adliotlog federate --folder F --gateways 12,13 --store all.db \\\n"
        "    --model global.safetensors --rounds 10\n"
        "# after: a model like any other\n"
        "adliotlog evaluate --store S --model global.safetensors --pairs own12\n"
        "sqlite3 S 'SELECT round, gateway, loss, accuracy, outcome FROM federation_round'",
    .run = run,
};
