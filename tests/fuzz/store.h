/* A store in memory, and whether an event comes back from it. */
#ifndef TESTS_FUZZ_STORE_H
#define TESTS_FUZZ_STORE_H

#include "dataset/store.h"
#include "tracegen/line.h"

/*
 * Ingests the trace into a store of its own and checks the counts. FALSE: it was refused, as it
 * must be when it holds no line of a trace. Caller closes the store.
 */
gboolean fuzz_ingest(const char *path, ds_store **store);

/* All events in the order of their lines, for fuzz_check_row(). Caller frees. */
ds_query *fuzz_query_events(ds_store *store);

/* The next row is this line, in all columns. */
void fuzz_check_row(ds_query *query, const struct tg_line *line);

#endif
