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

/* Removes from an array all but the share's: things are dealt out in turn, like cards. */
void ex_shard_deal(struct ex_shard shard, GPtrArray *things);

/*
 * The other way, for things of which a share should need to know as few as possible: n groups of
 * things, such as the runs of a seed, stand in a row, which is cut into shares of equal length. The
 * groups first ... end - 1 are those that the share has something of.
 */
void ex_shard_groups(struct ex_shard shard, guint n_group, guint *first, guint *end);

/* Of a thing, the number of its group, and what kind it is of; the caller frees the latter. */
struct ex_shard_names {
    guint (*group_of)(gconstpointer thing, gconstpointer data);
    char *(*kind_of)(gconstpointer thing, gconstpointer data);
    gconstpointer data;
};

/*
 * Removes what is of other shares from an array that holds all things of those groups; the rest
 * stays in order. Where groups have the same kinds, shares have as many things, to one, of all
 * kinds and of each. Within a group, kinds stand in an order that has nothing to do with theirs in
 * the array, lest of those that alternate there one share gets all of one.
 */
void ex_shard_cut(struct ex_shard shard, guint n_group, GPtrArray *things,
                  const struct ex_shard_names *names);

#endif
