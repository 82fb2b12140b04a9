/* From a request to its reply: who may ask what, and what is said. Knows no HTTP library. */
#ifndef EXPERIMENTS_SERVE_REPLY_H
#define EXPERIMENTS_SERVE_REPLY_H

#include "experiments/serve_readers.h"

/* What the answers come from. */
struct ex_service {
    ex_readers *readers;
    ex_metrics *metrics;
    const char *token; /* NULL: none is needed */
    gboolean truth;
    double seconds; /* that an answer may take */
};

/* As it came; headers that are not there are NULL. */
struct ex_request {
    const char *method, *uri;
    const char *host, *authorization, *if_none_match, *length, *encoding;
};

struct ex_header {
    const char *name, *value; /* static, or owned by the reply */
};

enum { EX_MAX_HEADER = 8 };

typedef struct ex_reply {
    guint status;
    const char *route; /* pattern of its path; NULL: there is none */
    GBytes *body;
    struct ex_header headers[EX_MAX_HEADER];
    guint n_header;
    gboolean closes; /* the connection */
    char *etag;
} ex_reply;

gboolean ex_request_has_body(const struct ex_request *request);

/*
 * Makes the reply to a request: 200, 204, 304, or an error with its reason as JSON. With
 * `overloaded`, 503. *reply is empty before, and the caller clears it.
 */
void ex_reply_make(ex_reply *reply, const struct ex_service *service,
                   const struct ex_request *request, gboolean overloaded);
void ex_reply_clear(ex_reply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ex_reply, ex_reply_clear)

#endif
