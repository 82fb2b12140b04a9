#include "experiments/serve_listen.h"

#include "tracegen/error.h"
#include "tracegen/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 1024, MIN_TOKEN = 16, MAX_TOKEN = 1000 };

/* ---- the address --------------------------------------------------------- */

GInetSocketAddress *ex_listen_parse(const char *text, GError **error)
{
    const char *colon = strrchr(text, ':');
    guint64 port;
    if (colon && g_ascii_string_to_unsigned(colon + 1, 10, 0, G_MAXUINT16, &port, NULL)) {
        g_autofree char *host = g_strndup(text, (gsize)(colon - text));
        const gsize n = strlen(host);
        const gboolean bracketed = n > 2 && host[0] == '[' && host[n - 1] == ']';
        if (bracketed) {
            memmove(host, host + 1, n - 2);
            host[n - 2] = '\0';
        }
        const char *number = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
        g_autoptr(GInetAddress) address = g_inet_address_new_from_string(number);
        if (address && bracketed == (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6))
            return G_INET_SOCKET_ADDRESS(g_inet_socket_address_new(address, (guint16)port));
    }
    g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                "'%s' is no ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080", text);
    return NULL;
}

static GSocket *listen_there(GInetSocketAddress *address, GError **error)
{
    GInetAddress *inet = g_inet_socket_address_get_address(address);
    g_autoptr(GSocket) listener = g_socket_new(g_inet_address_get_family(inet),
                                               G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
    if (!listener)
        return NULL;
    g_socket_set_listen_backlog(listener, BACKLOG);
    return g_socket_bind(listener, G_SOCKET_ADDRESS(address), TRUE, error) &&
                   g_socket_listen(listener, error)
               ? g_steal_pointer(&listener)
               : NULL;
}

GSocket *ex_listen(GInetSocketAddress *address, GError **error)
{
    g_autoptr(GError) failure = NULL;
    GSocket *listener = listen_there(address, &failure);
    if (!listener) {
        g_autofree char *text = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", text, failure->message);
    }
    return listener;
}

char *ex_listen_url(GSocket *listener, GError **error)
{
    g_autoptr(GSocketAddress) address = g_socket_get_local_address(listener, error);
    if (!address)
        return NULL;
    g_autofree char *text = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
    return g_strdup_printf("http://%s/", text);
}

gboolean ex_host_is_local(const char *host)
{
    g_autofree char *name = g_ascii_strdown(host, -1);
    char *end = *name == '[' ? strchr(name, ']') : name + strcspn(name, ":");
    if (!end)
        return FALSE;
    const char *rest = *name == '[' ? end + 1 : end;
    if (*rest != '\0' && !(*rest == ':' && rest[1 + strspn(rest + 1, "0123456789")] == '\0'))
        return FALSE;
    *end = '\0';
    const char *bare = name + (*name == '[');
    return strcmp(bare, "localhost") == 0 || g_hostname_is_ip_address(bare);
}

/* ---- the token ----------------------------------------------------------- */

/* At most MAX_TOKEN bytes and a line end, of a file that is its owner's alone. */
static char *read_private(int fd, const char *path, GError **error)
{
    struct stat status;
    char text[MAX_TOKEN + 3];
    if (fd < 0 || fstat(fd, &status) != 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IRWXG | S_IRWXO))) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    S_ISREG(status.st_mode)
                        ? "%s: others can read this token: chmod 600 it, and make a new one"
                        : "%s: not a file",
                    path);
        return NULL;
    }
    gsize n = 0;
    ssize_t n_read = 1;
    while (n < sizeof text - 1 && n_read > 0) {
        n_read = read(fd, text + n, sizeof text - 1 - n);
        if (n_read > 0)
            n += (gsize)n_read;
        else if (n_read < 0 && errno == EINTR)
            n_read = 1;
    }
    if (n_read < 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    text[n] = '\0';
    return g_strdup(strlen(text) == n ? text : ""); /* a NUL byte is in no token */
}

char *ex_token_read(const char *path, GError **error)
{
    int fd = g_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    g_autofree char *token = read_private(fd, path, error);
    if (fd >= 0)
        close(fd);
    if (!token)
        return NULL;
    g_strchomp(token);
    const gsize n = strlen(token);
    gsize n_fine = 0;
    while (g_ascii_isgraph(token[n_fine]))
        n_fine++;
    if (n < MIN_TOKEN || n > MAX_TOKEN || n_fine < n) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "%s: a token is one line of %d to %d printable characters without blanks", path,
                    MIN_TOKEN, MAX_TOKEN);
        return NULL;
    }
    return g_steal_pointer(&token);
}

gboolean ex_token_matches(const char *token, const char *given)
{
    g_autoptr(tg_sha256) a = tg_sha256_new();
    g_autoptr(tg_sha256) b = tg_sha256_new();
    tg_sha256_update(a, token, strlen(token));
    tg_sha256_update(b, given, strlen(given));
    const char *x = tg_sha256_hex(a), *y = tg_sha256_hex(b);
    guint difference = 0;
    for (gsize i = 0; i < 64; i++)
        difference |= (guint)(x[i] ^ y[i]);
    return difference == 0;
}
