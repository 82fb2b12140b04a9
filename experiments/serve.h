/*
 * The HTTP server: answers the routes of serve_route.h from a store, which it only reads.
 * libmicrohttpd speaks the protocol; without it, starting fails.
 */
#ifndef EXPERIMENTS_SERVE_H
#define EXPERIMENTS_SERVE_H

#include <gio/gio.h>

struct ex_server_settings {
    const char *store;  /* path */
    GSocket *listener;  /* stays the caller's; closed when the server is stopped */
    const char *token;  /* that clients must have; NULL: none */
    guint n_thread;     /* that answer, each with a connection to the store */
    guint n_connection; /* that are served; more are told to come again */
    guint timeout;      /* s: for a request to come, to be answered, and for the answer to go */
    gboolean truth;     /* with ground truth */
};

typedef struct ex_server ex_server;

/*
 * From now on requests are answered. NULL and TG_ERROR_SYSTEM when the server cannot be started, or
 * the error of ds_store_open(). What settings point to must stay. Caller stops and frees it.
 */
ex_server *ex_server_start(const struct ex_server_settings *settings, GError **error);

/* Serves until tg_check_interrupt() says so; connections that take too long are closed meanwhile.
 */
void ex_server_run(ex_server *server);

/*
 * Takes no more connections, waits until what was asked is answered (at most as long as a request
 * may take), closes all connections and frees the server.
 */
void ex_server_stop(ex_server *server);

#endif
