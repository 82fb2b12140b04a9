/* Where `adliotlog serve` listens, and who may ask. */
#ifndef EXPERIMENTS_SERVE_LISTEN_H
#define EXPERIMENTS_SERVE_LISTEN_H

#include <gio/gio.h>

/*
 * Reads ADDRESS:PORT, with an IPv6 address in brackets; localhost is 127.0.0.1, port 0 any that is
 * free. TG_ERROR_USAGE otherwise. Caller unrefs.
 */
GInetSocketAddress *ex_listen_parse(const char *text, GError **error);

/* A socket that listens there. TG_ERROR_SYSTEM when it cannot. Caller unrefs. */
GSocket *ex_listen(GInetSocketAddress *address, GError **error);

/* http://ADDRESS:PORT/ of a socket that listens. Caller frees. */
char *ex_listen_url(GSocket *listener, GError **error);

/*
 * The token in a file: one line of 16 to 1000 characters without blanks. TG_ERROR_SYSTEM when it
 * cannot be read, TG_ERROR_USAGE when others than its owner may, or it is no token. Caller frees.
 */
char *ex_token_read(const char *path, GError **error);

/* Compares two texts in a time that tells nothing but the length of `given`. */
gboolean ex_token_matches(const char *token, const char *given);

/*
 * Whether a header Host names a machine by number, or this one: a page from elsewhere, whose name
 * has been made to point here, has another.
 */
gboolean ex_host_is_local(const char *host);

#endif
