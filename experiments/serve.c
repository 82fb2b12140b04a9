#include "experiments/serve.h"

#include "tracegen/error.h"

#ifdef EX_MICROHTTPD

#include "experiments/serve_reply.h"
#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

/*
 * SLACK: connections beyond the limit that are still told so; further ones wait. FILES: open files
 * besides connections. MEMORY: of each connection, holds the head of a request.
 */
enum { SLACK = 64, FILES = 64, MEMORY = 32 * 1024, LOOK_MS = 100 };

struct ex_server {
    const struct ex_server_settings *settings;
    struct MHD_Daemon *daemon;
    struct ex_service service;
    gint n_asked;  /* requests that are being answered */
    gint stopping; /* answers close their connections */
    GMutex lock;   /* of connections */
    GQueue connections;
};

struct connection {
    int fd;
    gint64 since;   /* when it was opened, a request began to be answered or was */
    gboolean asked; /* something is to be answered */
    gboolean ended; /* nothing more was to come when it was last looked at */
    gboolean spare; /* there were as many as may be when it was opened */
    GList link;     /* in server->connections */
};

struct request {
    char *uri; /* as it came; longer ones are cut behind EX_MAX_URI */
    gint64 since;
    const char *route;
    guint status; /* 0: not answered yet */
    gboolean heard;
};

/* ---- connections --------------------------------------------------------- */

static struct connection *connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void open_connection(ex_server *server, struct MHD_Connection *connection, void **context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *c = g_new0(struct connection, 1);
    c->fd = info ? info->connect_fd : -1;
    c->since = g_get_monotonic_time();
    c->link.data = c;
    c->spare = ex_metrics_connect(server->service.metrics, 1) > server->settings->n_connection;
    g_mutex_lock(&server->lock);
    g_queue_push_tail_link(&server->connections, &c->link);
    g_mutex_unlock(&server->lock);
    *context = c;
}

/* Its socket is closed after this, so that nobody shuts down a stranger's. */
static void close_connection(ex_server *server, void **context)
{
    struct connection *c = *context;
    g_mutex_lock(&server->lock);
    g_queue_unlink(&server->connections, &c->link);
    g_mutex_unlock(&server->lock);
    g_free(c);
    *context = NULL;
    ex_metrics_connect(server->service.metrics, -1);
}

static void notice_connection(void *data, struct MHD_Connection *connection, void **context,
                              enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        open_connection(data, connection, context);
    else if (*context)
        close_connection(data, context);
}

/*
 * Whether a client has said that nothing more comes, and all it sent was read. libmicrohttpd, when
 * it read the end together with something, waits for more.
 */
static gboolean is_at_end(int fd)
{
    char next;
    return recv(fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* The clock of a connection begins anew. `asked`: something is to be answered. */
static void touch(ex_server *server, struct MHD_Connection *connection, gboolean asked)
{
    struct connection *c = connection_of(connection);
    if (!c)
        return;
    g_mutex_lock(&server->lock);
    c->since = g_get_monotonic_time();
    c->asked = asked;
    c->ended = FALSE;
    g_mutex_unlock(&server->lock);
}

/*
 * Closes what has taken too long. libmicrohttpd does so when nothing comes at all; but a client may
 * send, or read, a byte now and then. So is closed what was at its end the last time as well.
 */
static void close_slow(ex_server *server)
{
    const gint64 limit = (gint64)server->settings->timeout * G_TIME_SPAN_SECOND;
    const gint64 now = g_get_monotonic_time();
    guint n = 0;
    g_mutex_lock(&server->lock);
    for (GList *link = server->connections.head; link; link = link->next) {
        struct connection *c = link->data;
        const gboolean late = now - c->since > limit;
        const gboolean ended = !late && !c->asked && is_at_end(c->fd);
        if (late || (ended && c->ended)) {
            shutdown(c->fd, SHUT_RDWR);
            c->since = now;
            n += late;
        }
        c->ended = ended;
    }
    g_mutex_unlock(&server->lock);
    if (n > 0)
        ex_metrics_count_slow(server->service.metrics, n);
}

/* ---- requests ------------------------------------------------------------ */

static void *begin_request(void *data, const char *uri, struct MHD_Connection *connection)
{
    (void)data;
    (void)connection;
    struct request *request = g_new0(struct request, 1);
    request->uri = g_strndup(uri, EX_MAX_URI + 1);
    request->since = g_get_monotonic_time();
    return request;
}

static void end_request(void *data, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code)
{
    ex_server *server = data;
    struct request *request = *context;
    if (!request)
        return;
    if (request->heard)
        g_atomic_int_add(&server->n_asked, -1);
    touch(server, connection, FALSE);
    if (request->status && code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        ex_metrics_count(server->service.metrics, request->route, request->status,
                         (double)(g_get_monotonic_time() - request->since) / G_TIME_SPAN_SECOND);
    else
        ex_metrics_count_broken(server->service.metrics);
    g_free(request->uri);
    g_free(request);
    *context = NULL;
}

/* Texts of the path are taken apart, and unescaped, in serve_question.c. */
static size_t leave_escaped(void *data, struct MHD_Connection *connection, char *text)
{
    (void)data;
    (void)connection;
    return strlen(text);
}

static void free_bytes(void *bytes)
{
    g_bytes_unref(bytes);
}

static enum MHD_Result send_reply(ex_server *server, struct MHD_Connection *connection,
                                  struct request *request, const struct ex_reply *reply)
{
    gsize n;
    /* The library does not change it, but says not so. */
    void *body = (void *)(gintptr)g_bytes_get_data(reply->body, &n);
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback_cls(n, body, free_bytes,
                                                               g_bytes_ref(reply->body));
    if (!response)
        return MHD_NO;
    for (guint i = 0; i < reply->n_header; i++)
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    if (reply->closes || g_atomic_int_get(&server->stopping))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    const enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    if (result == MHD_YES) {
        request->status = reply->status;
        request->route = reply->route;
    }
    touch(server, connection, TRUE);
    return result;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *n_upload, void **context)
{
    ex_server *server = data;
    struct request *request = *context;
    (void)url;
    (void)version;
    (void)upload;
    const struct ex_request asked = {
        .method = method,
        .uri = request->uri,
        .host = header(connection, MHD_HTTP_HEADER_HOST),
        .authorization = header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
        .if_none_match = header(connection, MHD_HTTP_HEADER_IF_NONE_MATCH),
        .length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH),
        .encoding = header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING)};
    if (!request->heard) {
        request->heard = TRUE;
        g_atomic_int_inc(&server->n_asked);
        touch(server, connection, TRUE);
        /* With a body, the answer goes before that is read, and closes the connection. */
        if (!ex_request_has_body(&asked))
            return MHD_YES;
    }
    if (request->status) { /* what still comes of a body */
        *n_upload = 0;
        return MHD_YES;
    }
    g_auto(ex_reply) reply = {0};
    const struct connection *c = connection_of(connection);
    ex_reply_make(&reply, &server->service, &asked, c && c->spare);
    return send_reply(server, connection, request, &reply);
}

/* ---- start and end ------------------------------------------------------- */

/* Room for so many open files. */
static gboolean raise_file_limit(guint n_connection, GError **error)
{
    const rlim_t wanted = (rlim_t)n_connection + SLACK + FILES;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return TRUE;
    if (limit.rlim_max < wanted) {
        g_set_error(
            error, TG_ERROR, TG_ERROR_SYSTEM,
            "%u connections need %lu open files, and this process may have %lu: ask for fewer "
            "by --connections, or raise ulimit -n",
            n_connection, (gulong)wanted, (gulong)limit.rlim_max);
        return FALSE;
    }
    limit.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
    return TRUE;
}

/* Its threads leave signals to the caller's. */
static struct MHD_Daemon *start_daemon(ex_server *server)
{
    const struct ex_server_settings *s = server->settings;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, server,
        MHD_OPTION_LISTEN_SOCKET, g_socket_get_fd(s->listener), MHD_OPTION_THREAD_POOL_SIZE,
        s->n_thread > 1 ? s->n_thread : 0, MHD_OPTION_CONNECTION_LIMIT, s->n_connection + SLACK,
        MHD_OPTION_CONNECTION_TIMEOUT, s->timeout, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)MEMORY, MHD_OPTION_NOTIFY_CONNECTION, notice_connection, server,
        MHD_OPTION_NOTIFY_COMPLETED, end_request, server, MHD_OPTION_URI_LOG_CALLBACK,
        begin_request, server, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, server,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

static void free_server(ex_server *server)
{
    ex_readers_free(server->service.readers);
    ex_metrics_free(server->service.metrics);
    g_mutex_clear(&server->lock);
    g_free(server);
}

ex_server *ex_server_start(const struct ex_server_settings *settings, GError **error)
{
    if (!raise_file_limit(settings->n_connection, error))
        return NULL;
    ex_readers *readers = ex_readers_open(settings->store, settings->n_thread, error);
    if (!readers)
        return NULL;
    ex_server *server = g_new0(ex_server, 1);
    server->settings = settings;
    server->service = (struct ex_service){.readers = readers,
                                          .metrics = ex_metrics_new(),
                                          .token = settings->token,
                                          .truth = settings->truth,
                                          .seconds = settings->timeout / 2.0};
    g_mutex_init(&server->lock);
    server->daemon = start_daemon(server);
    if (server->daemon)
        return server;
    g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot start the server: %s", g_strerror(errno));
    free_server(server);
    return NULL;
}

void ex_server_run(ex_server *server)
{
    while (tg_check_interrupt(NULL)) {
        poll(NULL, 0, LOOK_MS); /* a signal ends it */
        close_slow(server);
    }
}

void ex_server_stop(ex_server *server)
{
    enum { STEP_MS = 10 };
    g_atomic_int_set(&server->stopping, 1);
    MHD_quiesce_daemon(server->daemon);
    g_socket_close(server->settings->listener, NULL);
    for (guint ms = 0;
         g_atomic_int_get(&server->n_asked) > 0 && ms < server->settings->timeout * 1000;
         ms += STEP_MS)
        poll(NULL, 0, STEP_MS);
    MHD_stop_daemon(server->daemon);
    free_server(server);
}

#else

ex_server *ex_server_start(const struct ex_server_settings *settings, GError **error)
{
    (void)settings;
    g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM,
                        "this program was built without libmicrohttpd, which 'serve' needs: make "
                        "deps, and build it again");
    return NULL;
}

void ex_server_run(ex_server *server)
{
    (void)server;
}

void ex_server_stop(ex_server *server)
{
    (void)server;
}

#endif
