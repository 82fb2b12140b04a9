/*
 * An experiment plan: an ini file. Group [plan] says what is compared; each group that has the name
 * of a command holds that command's options, but for those that follow from the plan (stores,
 * names, seeds ...). Further groups change keys for part of the plan, each as COMMAND.KEY:
 *
 *     [plan]
 *     name = readings
 *     protocols = udp,tcp
 *     seeds = 1..3
 *     held-out = 1000
 *     [pairs]
 *     limit = 12236
 *     [train]
 *     iterations = 70000
 *     [protocol tcp]
 *     plan.seeds = 1
 *     [variant digits]
 *     pairs.numbers = digits
 *     [test later]
 *     plan.held-out = 0
 *     pairs.skip = 12236
 *     [quick train]
 *     iterations = 1000
 *
 *     [detection]
 *     train-seeds = 1..5
 *     test-seeds = 101..120
 *     models = network,ngram
 *     simulate.set = hidden_drawn=on
 *
 * Group [detection] makes a task of which pairs of nodes collaborate, with runs, pairs and models
 * of its own: benign ones to learn from, and twins to judge, by the first protocol unless it names
 * one. `models` are network, next-word (a network as well) and rivals; `window` is in seconds. The
 * limit of pairs is that of training: all pairs of the runs to judge are judged.
 *
 * Group [federation] compares gateways that learn together with one that has all data, and with
 * each alone:
 *
 *     [federation]
 *     gateways = 2,4,8
 *     rounds = 20
 *     simulate.set = nodes=48
 *
 * Networks of so many gateways are simulated without attack, with the plan's seeds; `iterations` of
 * training are those of all gateways together.
 *
 * A variant is trained and tested beside the default, which has no name; a test is one more set of
 * pairs that all models are tested on. Of several groups that hold a key, the test's comes first,
 * then the variant's, the protocol's, and the command's; in quick runs, group [quick GROUP] before
 * each [GROUP].
 */
#ifndef EXPERIMENTS_PLAN_H
#define EXPERIMENTS_PLAN_H

#include <glib.h>

typedef struct ex_plan {
    char *path;
    char *name; /* with -quick behind it in quick runs: both can be in one store */
    char **protocols;
    char **variants; /* "" first, then in the order of the file */
    char **tests;    /* EX_TEST_PAPER, EX_TEST_HELD_OUT, then in the order of the file */
    char **rivals;   /* that are tested beside the network; may be empty */
    gboolean quick;
    GKeyFile *file;
    char *seeds; /* in place of the file's, or NULL */
} ex_plan;

/* Tests that every plan has: the training pairs, as in the paper, and runs of another seed. */
enum { EX_TEST_PAPER, EX_TEST_HELD_OUT };

/* Where in the plan: names of a protocol, variant and test, each NULL or "" for none. */
struct ex_place {
    const char *protocol, *variant, *test;
    const char *part; /* EX_PART_...: its group before all others; NULL: none */
};

/* Groups of parts with runs of their own. */
#define EX_PART_DETECTION  "detection"
#define EX_PART_FEDERATION "federation"

/*
 * Reads a plan; seeds, if not NULL, replace its own. NULL and TG_ERROR_DATA when the file is no
 * plan, TG_ERROR_USAGE for wrong seeds, TG_ERROR_SYSTEM when it cannot be read. Caller frees.
 */
ex_plan *ex_plan_read(const char *path, const char *seeds, gboolean quick, GError **error);
void ex_plan_free(ex_plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_plan, ex_plan_free)

/* A key of a command's group, or of [plan], at that place; NULL if there is none. Caller frees. */
char *ex_plan_get(const ex_plan *plan, struct ex_place place, const char *command, const char *key);

/* Seeds at a place, of gint64, ascending. Caller frees. */
GArray *ex_plan_seeds(const ex_plan *plan, struct ex_place place);

/* What is added to a seed for the runs of a test; 0 for those of training. */
gint64 ex_plan_seed_offset(const ex_plan *plan, struct ex_place place);

/* [pairs] limit: pairs of a set, even. */
gint64 ex_plan_limit(const ex_plan *plan, struct ex_place place);

/* Whether a part has a group. */
gboolean ex_plan_has_part(const ex_plan *plan, const char *part);

/* A key of a part's own; NULL if there is none. Caller frees. */
char *ex_plan_part_key(const ex_plan *plan, const char *part, const char *key);

/* `train-seeds` or `test-seeds` of detection, `gateways` or `rounds` of federation: numbers as
   seeds are written, of gint64, ascending. Caller frees. */
GArray *ex_plan_part_list(const ex_plan *plan, const char *part, const char *key);

/* Whether a variant changes options of a command; the default never does. */
gboolean ex_plan_varies(const ex_plan *plan, const char *variant, const char *command);

/*
 * Appends the keys of a command to a command line as `--key value`, `set` once for each of its
 * values between semicolons. Keys that reproduce itself puts to use (simulate's attack, the limit
 * of pairs) are left out.
 */
void ex_plan_append_options(const ex_plan *plan, struct ex_place place, const char *command,
                            GPtrArray *argv);

#endif
