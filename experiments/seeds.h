/* Seeds as users write them. */
#ifndef EXPERIMENTS_SEEDS_H
#define EXPERIMENTS_SEEDS_H

#include <glib.h>

/* More than a person could mean. */
#define EX_MAX_SEEDS 100000

/*
 * Reads seeds and ranges between commas, `1..20` or `1,3,5..7`: an array of gint64 in ascending
 * order. NULL and TG_ERROR_USAGE when the text is anything else, holds a seed twice, or more than
 * EX_MAX_SEEDS. Caller frees.
 */
GArray *ex_seeds_parse(const char *text, GError **error);

#endif
