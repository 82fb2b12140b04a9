/*
 * The open stores that a server's threads read from, one each at a time. Each keeps the answers
 * that it gave last, for as long as nobody writes.
 */
#ifndef EXPERIMENTS_SERVE_READERS_H
#define EXPERIMENTS_SERVE_READERS_H

#include "experiments/serve_route.h"

typedef struct ex_readers ex_readers;

/* Opens a store n times; errors are those of ds_store_open(). Caller frees, when none is in use. */
ex_readers *ex_readers_open(const char *path, guint n, GError **error);
void ex_readers_free(ex_readers *readers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_readers, ex_readers_free)

/* What readers need to know besides the question. */
struct ex_reading {
    const char *uri; /* path and parameters as they came: equal ones have equal answers */
    gboolean truth;
    ex_metrics *metrics;
    double seconds; /* that an answer may take */
};

/*
 * The answer to a question as the store is now. At most as many threads may ask at a time as there
 * are readers: one more waits. Errors are those of an ex_answer; caller unrefs.
 */
GBytes *ex_readers_ask(ex_readers *readers, const ex_question *question,
                       const struct ex_reading *reading, GError **error);

#endif
