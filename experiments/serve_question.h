/*
 * What a client of `adliotlog serve` asks, taken apart and checked before anything else looks at
 * it: which route, which parameters. Knows no HTTP library and no store.
 */
#ifndef EXPERIMENTS_SERVE_QUESTION_H
#define EXPERIMENTS_SERVE_QUESTION_H

#include <glib.h>

/* Of all routes, in paths as well as behind the question mark. */
enum ex_parameter {
    EX_RUN,
    EX_NODE,
    EX_SRC,
    EX_DST,
    EX_MODEL_ID,
    EX_PAIR_SET_ID,
    EX_RANK,
    EX_MAX_RANK,
    EX_SEED,
    EX_EVENTS,
    EX_LIMIT,
    EX_OFFSET,
    EX_SCENARIO,
    EX_TRAFFIC,
    EX_MODEL,
    EX_PAIRS,
    EX_VERDICT,
    EX_N_PARAMETER
};

#define EX_TAKES(parameter) (1u << (parameter))

/* Of a number that was not given, and has no default. */
enum { EX_ANY = -1 };

/* What the texts that come from outside may be at most, in bytes. */
enum { EX_MAX_URI = 4096, EX_MAX_TEXT = 200 };

struct ex_route;

typedef struct ex_question {
    const struct ex_route *route;
    gint64 number[EX_N_PARAMETER]; /* EX_ANY: none */
    char *text[EX_N_PARAMETER];    /* of those that are no numbers; NULL: none */
} ex_question;

/* Where a path leads to; see serve_route.h for those there are. */
struct ex_path {
    const char *pattern; /* "/v1/runs/{run}": a number in place of {run} */
    guint takes;         /* parameters behind the question mark, EX_TAKES() of each */
};

/*
 * Whether the path of a URI, as it came, is one of a pattern. The path ends where the URI does, or
 * at its question mark; a number may be anything there.
 */
gboolean ex_path_matches(const struct ex_path *path, const char *uri);

/*
 * Reads the numbers in the path and the parameters behind it; escapes (%41, +) are undone. TG_ERROR
 * with what is wrong (usage) for unknown, repeated or empty parameters, numbers out of range, and
 * what is no UTF-8 or holds a NUL byte. *question is to be cleared in any case.
 */
gboolean ex_question_read(ex_question *question, const struct ex_path *path, const char *uri,
                          GError **error);
void ex_question_clear(ex_question *question);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ex_question, ex_question_clear)

/*
 * What of a request line is the path and all behind it: of http://host/path, /path. NULL when it is
 * neither.
 */
const char *ex_uri_path(const char *uri);

#endif
