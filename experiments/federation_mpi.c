/*
 * A federation over the ranks of MPI: rank 0 aggregates, and gateway number k, counted from 0, is
 * at rank k modulo their number. A message is its length and then its bytes; length 0 is the end.
 *
 * MPI waits by asking again and again, without a look at signals. So nothing here blocks in it:
 * what is not there yet is waited for with naps, which leave the processor to a rank that trains.
 */
#include "experiments/federation_transport.h"

#include "tracegen/error.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>

enum { AGGREGATOR = 0, TAG_LENGTH = 1, TAG_BYTES = 2, EAGER_TESTS = 100, NAP_US = 500 };

/* Also by a signal: mpirun ends all ranks when one has died. */
static gboolean wait_for(MPI_Request *request, GError **error)
{
    int done = 0;
    for (int n_test = 0;; n_test++) {
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done)
            return TRUE;
        if (!tg_check_interrupt(error))
            return FALSE;
        if (n_test >= EAGER_TESTS)
            g_usleep(NAP_US);
    }
}

/* What is sent or received must stay where it is when a wait is interrupted; then the process ends.
 */
static gboolean send_message(int rank, GBytes *bytes, GError **error)
{
    MPI_Request request;
    gsize n = 0;
    const void *data = bytes ? g_bytes_get_data(bytes, &n) : NULL;
    guint64 *length = g_new(guint64, 1);
    *length = n;
    MPI_Isend(length, 1, MPI_UINT64_T, rank, TAG_LENGTH, MPI_COMM_WORLD, &request);
    if (!wait_for(&request, error))
        return FALSE;
    g_free(length);
    if (n == 0)
        return TRUE;
    MPI_Isend(data, (int)n, MPI_BYTE, rank, TAG_BYTES, MPI_COMM_WORLD, &request);
    if (wait_for(&request, error))
        return TRUE;
    g_bytes_ref(bytes);
    return FALSE;
}

/* NULL without an error at the end. Caller unrefs. */
static GBytes *receive_message(int rank, GError **error)
{
    MPI_Request request;
    guint64 *length = g_new(guint64, 1);
    MPI_Irecv(length, 1, MPI_UINT64_T, rank, TAG_LENGTH, MPI_COMM_WORLD, &request);
    if (!wait_for(&request, error))
        return NULL;
    const guint64 n = *length;
    g_free(length);
    if (n == 0)
        return NULL;
    if (n > G_MAXINT) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "rank %d: a message of %" G_GUINT64_FORMAT " bytes", rank, n);
        return NULL;
    }
    guint8 *data = g_malloc(n);
    MPI_Irecv(data, (int)n, MPI_BYTE, rank, TAG_BYTES, MPI_COMM_WORLD, &request);
    return wait_for(&request, error) ? g_bytes_new_take(data, n) : NULL;
}

/* ---- rank 0 ---- */

struct ranks {
    ex_transport transport;
    ex_client *const *clients; /* NULL: of another rank */
    int n_rank;
};

/* Own gateways train while those of other ranks do. */
static gboolean ask(ex_transport *transport, GBytes *question, const gboolean *asked, gboolean all,
                    GBytes **answers, GError **error)
{
    const struct ranks *r = (struct ranks *)transport;
    (void)all;
    g_autoptr(ex_message) message = ex_message_decode(question, error);
    if (!message)
        return FALSE;
    for (int rank = 1; rank < r->n_rank; rank++)
        if (!send_message(rank, question, error))
            return FALSE;
    GError *failure = NULL;
    for (int k = 0; k < transport->n_client && !failure; k++)
        if (asked[k] && r->clients[k])
            answers[k] = ex_client_answer(r->clients[k], message, &failure);
    /* Those of others must be taken in any case, or the ranks could not be told of the end. */
    for (int k = 0; k < transport->n_client; k++)
        if (asked[k] && !r->clients[k] &&
            !(answers[k] = receive_message(k % r->n_rank, failure ? NULL : &failure)))
            break;
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static void close_ranks(ex_transport *transport, gboolean done)
{
    (void)done;
    g_free(transport);
}

static ex_transport *transport_new(ex_client *const *clients, const int *gateways, int n_client)
{
    static const struct ex_transport_class class = {ask, close_ranks};
    struct ranks *r = g_new0(struct ranks, 1);
    r->transport = (ex_transport){.class = &class,
                                  .session = ex_no_session,
                                  .n_client = n_client,
                                  .gateways = gateways};
    r->clients = clients;
    MPI_Comm_size(MPI_COMM_WORLD, &r->n_rank);
    return &r->transport;
}

/* ---- other ranks ---- */

/* The answers of this rank's gateways, in order; what goes wrong is for the aggregator to say. */
static gboolean answer_all(ex_client *const *clients, int n_client, const ex_message *question,
                           GError **error)
{
    for (int k = 0; k < n_client; k++) {
        if (!clients[k] || !ex_client_is_asked(clients[k], question))
            continue;
        g_autoptr(GError) failure = NULL;
        g_autoptr(GBytes) bytes = ex_client_answer(clients[k], question, &failure);
        if (failure)
            bytes = ex_client_failure(clients[k], question, failure);
        if (!send_message(AGGREGATOR, bytes, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean serve(ex_client *const *clients, int n_client, GError **error)
{
    for (;;) {
        GError *failure = NULL;
        g_autoptr(GBytes) bytes = receive_message(AGGREGATOR, &failure);
        if (failure) {
            g_propagate_error(error, failure);
            return FALSE;
        }
        if (!bytes)
            return TRUE;
        g_autoptr(ex_message) question = ex_message_decode(bytes, error);
        if (!question || !answer_all(clients, n_client, question, error))
            return FALSE;
    }
}

/* ---- beginning and end ---- */

static gboolean init(int *rank, int *n_rank, GError **error)
{
    int provided;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, "MPI cannot be started");
        return FALSE;
    }
    MPI_Comm_rank(MPI_COMM_WORLD, rank);
    MPI_Comm_size(MPI_COMM_WORLD, n_rank);
    return TRUE;
}

/*
 * The aggregator tells the others that it has come to its end, well or not. When it is interrupted,
 * others may be gone, and whoever waits for them waits forever: then mpirun cleans up. A rank that
 * cannot serve ends all.
 */
static void finish(const GError *error)
{
    int rank, n_rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &n_rank);
    if (!tg_check_interrupt(NULL))
        return;
    if (rank != AGGREGATOR && error) {
        g_printerr("adliotlog federate: rank %d: %s\n", rank, error->message);
        MPI_Abort(MPI_COMM_WORLD, error->domain == TG_ERROR ? error->code : TG_ERROR_SYSTEM);
    }
    for (int other = 1; rank == AGGREGATOR && other < n_rank; other++)
        if (!send_message(other, NULL, NULL))
            return;
    MPI_Finalize();
}

const struct ex_mpi ex_mpi = {init, transport_new, serve, finish};
