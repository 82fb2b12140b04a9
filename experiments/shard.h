/* A share of some work: that of one of several programs that know nothing of each other. */
#ifndef EXPERIMENTS_SHARD_H
#define EXPERIMENTS_SHARD_H

#include <glib.h>

/* The most that work can be split into. */
#define EX_MAX_SHARDS 100000

struct ex_shard {
    int number, count; /* number is 1 ... count; 1 of 1 is all of it */
};

/* Reads I/N, 1/1 when the text is NULL. TG_ERROR_USAGE when it is no such thing. */
gboolean ex_shard_parse(const char *text, struct ex_shard *shard, GError **error);

/* What kind of work a thing is: things of one kind take about as long. Caller frees. */
typedef char *(*ex_shard_kind)(gconstpointer thing);

/*
 * Removes from an array what is of other shares; the rest stays in order. Things are dealt out like
 * cards, kind after kind, so that all shares have as many, to one, of all things and of each kind.
 * Kinds come in an order that has nothing to do with theirs in the array, lest of kinds with few
 * things those that alternate there all go to the same share.
 */
void ex_shard_reduce(struct ex_shard shard, GPtrArray *things, ex_shard_kind kind_of);

#endif
