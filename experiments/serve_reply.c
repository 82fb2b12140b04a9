#include "experiments/serve_reply.h"

#include "dataset/rows.h"
#include "experiments/figure.h"
#include "experiments/serve_listen.h"
#include "tracegen/error.h"
#include "tracegen/sha256.h"
#include <string.h>

/* As in HTTP. */
enum {
    OK = 200,
    NO_CONTENT = 204,
    NOT_MODIFIED = 304,
    BAD_REQUEST = 400,
    UNAUTHORIZED = 401,
    FORBIDDEN = 403,
    NOT_FOUND = 404,
    NOT_ALLOWED = 405,
    TOO_LARGE = 413,
    URI_TOO_LONG = 414,
    SERVER_ERROR = 500,
    UNAVAILABLE = 503
};

static void add_header(ex_reply *reply, const char *name, const char *value)
{
    g_assert(reply->n_header < EX_MAX_HEADER);
    reply->headers[reply->n_header++] = (struct ex_header){name, value};
}

/* The page may ask this server, and nobody else; nothing else needs anything. */
static void add_policy(ex_reply *reply, gboolean page)
{
    add_header(reply, "X-Content-Type-Options", "nosniff");
    add_header(reply, "Cross-Origin-Resource-Policy", "same-origin");
    add_header(reply, "Content-Security-Policy",
               page ? "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
                      "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'"
                    : "default-src 'none'; frame-ancestors 'none'");
}

static void refuse(ex_reply *reply, guint status, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void refuse(ex_reply *reply, guint status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autoptr(GString) body = g_string_new(NULL);
    g_string_append_printf(body, "{\"status\":%u,\"error\":", status);
    ds_put_json_string(reason, strlen(reason), body);
    g_string_append(body, "}\n");
    reply->status = status;
    reply->body = g_string_free_to_bytes(g_steal_pointer(&body));
    add_header(reply, "Content-Type", "application/json");
    add_header(reply, "Cache-Control", "no-store");
    add_policy(reply, FALSE);
    if (status == UNAVAILABLE)
        add_header(reply, "Retry-After", "1");
}

/* ---- who may ask --------------------------------------------------------- */

gboolean ex_request_has_body(const struct ex_request *request)
{
    return request->encoding || (request->length && strcmp(request->length, "0") != 0);
}

static gboolean is_authorized(const char *token, const char *authorization)
{
    static const char scheme[] = "bearer ";
    if (!authorization || g_ascii_strncasecmp(authorization, scheme, strlen(scheme)) != 0)
        return FALSE;
    const char *given = authorization + strlen(scheme);
    return ex_token_matches(token, given + strspn(given, " "));
}

/* FALSE when the request is refused for what it is, whatever it asks. */
static gboolean admit(ex_reply *reply, const struct ex_service *service,
                      const struct ex_request *request, const struct ex_route *route)
{
    const gboolean reads =
        strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    if (!reads) {
        refuse(reply, NOT_ALLOWED, "only GET, HEAD and OPTIONS are answered here");
        add_header(reply, "Allow", "GET, HEAD, OPTIONS");
    } else if (ex_request_has_body(request))
        refuse(reply, TOO_LARGE, "a question has no body");
    else if (service->token && !route->is_open &&
             !is_authorized(service->token, request->authorization)) {
        refuse(reply, UNAUTHORIZED,
               "a bearer token is needed (header Authorization), and this is %s",
               request->authorization ? "not the right one" : "none");
        add_header(reply, "WWW-Authenticate", "Bearer realm=\"adliotlog\"");
    } else if (!service->token && request->host && !ex_host_is_local(request->host))
        refuse(reply, FORBIDDEN,
               "this server has another name: without a token it answers to localhost and to "
               "numbers alone");
    else
        return TRUE;
    return FALSE;
}

/* ---- what is said -------------------------------------------------------- */

static void set_etag(ex_reply *reply)
{
    gsize n;
    const void *bytes = g_bytes_get_data(reply->body, &n);
    g_autoptr(tg_sha256) digest = tg_sha256_new();
    tg_sha256_update(digest, bytes, n);
    reply->etag = g_strdup_printf("\"%.32s\"", tg_sha256_hex(digest));
    add_header(reply, "ETag", reply->etag);
}

static gboolean is_known(const char *if_none_match, const char *etag)
{
    return if_none_match && (strcmp(if_none_match, "*") == 0 || strstr(if_none_match, etag));
}

/* Takes the body over. */
static void say(ex_reply *reply, const struct ex_request *request, const struct ex_route *route,
                GBytes *body)
{
    reply->status = OK;
    reply->body = body;
    add_header(reply, "Content-Type", route->type);
    add_policy(reply, g_str_has_prefix(route->type, "text/html"));
    if (route->is_live) {
        add_header(reply, "Cache-Control", "no-store");
        return;
    }
    add_header(reply, "Cache-Control", "no-cache");
    set_etag(reply);
    if (is_known(request->if_none_match, reply->etag)) {
        reply->status = NOT_MODIFIED;
        g_bytes_unref(reply->body);
        reply->body = g_bytes_new_static("", 0);
    }
}

static void say_why_not(ex_reply *reply, const GError *error)
{
    if (g_error_matches(error, TG_ERROR, TG_ERROR_NO))
        refuse(reply, NOT_FOUND, "%s", error->message);
    else if (g_error_matches(error, TG_ERROR, TG_ERROR_USAGE))
        refuse(reply, BAD_REQUEST, "%s", error->message);
    else if (g_error_matches(error, TG_ERROR, TG_ERROR_INTERRUPTED))
        refuse(reply, UNAVAILABLE, "there is no time to answer this now");
    else {
        /* Where the store lies, and what is wrong with it, is for its owner. */
        g_printerr("adliotlog serve: %s\n", error->message);
        refuse(reply, SERVER_ERROR, "the store cannot be read");
    }
}

static void ask(ex_reply *reply, const struct ex_service *service, const struct ex_request *request,
                const struct ex_route *route, const char *uri)
{
    g_autoptr(GError) error = NULL;
    g_auto(ex_question) question = {NULL};
    GBytes *body = NULL;
    if (ex_question_read(&question, &route->path, uri, &error)) {
        question.route = route;
        const struct ex_reading reading = {.uri = uri,
                                           .truth = service->truth,
                                           .metrics = service->metrics,
                                           .seconds = service->seconds};
        body = route->answer ? ex_readers_ask(service->readers, &question, &reading, &error)
                             : ex_figure_script(route->resource, &error);
    }
    if (body)
        say(reply, request, route, body);
    else
        say_why_not(reply, error);
}

static void say_methods(ex_reply *reply)
{
    reply->status = NO_CONTENT;
    reply->body = g_bytes_new_static("", 0);
    add_header(reply, "Allow", "GET, HEAD, OPTIONS");
}

void ex_reply_make(ex_reply *reply, const struct ex_service *service,
                   const struct ex_request *request, gboolean overloaded)
{
    const gboolean options = strcmp(request->method, "OPTIONS") == 0;
    const char *uri = ex_uri_path(request->uri);
    const struct ex_route *route = uri ? ex_find_route(uri) : NULL;
    reply->route = route ? route->path.pattern : NULL;
    reply->closes = overloaded || ex_request_has_body(request);
    if (overloaded)
        refuse(reply, UNAVAILABLE, "too many connections: come again");
    else if (strlen(request->uri) > EX_MAX_URI)
        refuse(reply, URI_TOO_LONG, "longer than %d bytes", EX_MAX_URI);
    else if (options && (route || strcmp(request->uri, "*") == 0))
        say_methods(reply);
    else if (!uri)
        refuse(reply, BAD_REQUEST, "not a path");
    else if (!route)
        refuse(reply, NOT_FOUND, "no such path: /v1/openapi.json has those there are");
    else if (admit(reply, service, request, route))
        ask(reply, service, request, route, uri);
}

void ex_reply_clear(ex_reply *reply)
{
    g_clear_pointer(&reply->body, g_bytes_unref);
    g_clear_pointer(&reply->etag, g_free);
}
