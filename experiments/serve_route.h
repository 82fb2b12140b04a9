/* What `adliotlog serve` answers: a table of paths, each with the function that writes the answer.
 */
#ifndef EXPERIMENTS_SERVE_ROUTE_H
#define EXPERIMENTS_SERVE_ROUTE_H

#include "dataset/store.h"
#include "experiments/serve_metrics.h"
#include "experiments/serve_question.h"

/* What an answer is made from. */
struct ex_asked {
    const ex_question *question;
    ds_store *store; /* within ds_begin_read() */
    gboolean truth;  /* with ground truth */
    ex_metrics *metrics;
};

/*
 * Appends the answer. TG_ERROR_NO when what is asked for is not there, TG_ERROR_INTERRUPTED when it
 * takes too long; what was appended before is for nobody.
 */
typedef gboolean (*ex_answer)(const struct ex_asked *asked, GString *out, GError **error);

struct ex_route {
    struct ex_path path;
    const char *type;     /* media type of the answer */
    ex_answer answer;     /* NULL: a file that is part of the program, the same for everybody */
    const char *resource; /* its name in this room */
    gboolean is_open;     /* needs no token: says nothing about the store */
    gboolean is_live;     /* differs from one second to the next: not worth keeping */
};

enum { EX_N_ROUTE = 18 };
extern const struct ex_route ex_routes[EX_N_ROUTE];

/* The route of a URI's path; NULL when there is none. */
const struct ex_route *ex_find_route(const char *uri);

/* ---- the answers, in serve_runs.c and serve_verdicts.c ---- */

gboolean ex_answer_health(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_metrics(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_runs(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_run(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_run_nodes(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_run_flows(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_run_network(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_verdicts(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_verdict(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_node(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_pair(const struct ex_asked *asked, GString *out, GError **error);
gboolean ex_answer_packets(const struct ex_asked *asked, GString *out, GError **error);

/* ---- what they have in common ---- */

/* Appends all rows that are left as an array of objects. Takes the query over, which may be NULL.
 */
gboolean ex_put_rows(ds_query *query, GString *out, GError **error);

/* Appends {"n":..,"limit":..,"offset":..,"NAME":[...]}: a piece of a list of n rows. Likewise. */
gboolean ex_put_list(const struct ex_asked *asked, const char *name, gint64 n, ds_query *query,
                     GString *out, GError **error);

/* TG_ERROR_NO with what is not there; returns FALSE. */
gboolean ex_is_not_there(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
