/*
 * An experiment plan: an ini file. Group [plan] says what is compared; each other group has the
 * name of a command, and its keys are that command's options, but for those that follow from the
 * plan (stores, names, seeds ...). Groups [quick COMMAND] replace keys in quick runs.
 *
 *     [plan]
 *     name = paper
 *     protocols = udp
 *     seeds = 1
 *     held-out = 1000
 *     [pairs]
 *     limit = 12236
 *     [train]
 *     iterations = 70000
 *     [quick train]
 *     iterations = 1000
 */
#ifndef EXPERIMENTS_PLAN_H
#define EXPERIMENTS_PLAN_H

#include <glib.h>

typedef struct ex_plan {
    char *path;
    char *name; /* with -quick behind it in quick runs: both can be in one store */
    char **protocols;
    GArray *seeds;   /* of gint64 */
    gint64 held_out; /* added to a seed for the runs that are held out */
    gint64 limit;    /* [pairs] limit: pairs of a set, even */
    gboolean quick;
    GKeyFile *file;
} ex_plan;

/*
 * Reads a plan; seeds, if not NULL, replace its own. NULL and TG_ERROR_DATA when the file is no
 * plan, TG_ERROR_USAGE for wrong seeds, TG_ERROR_SYSTEM when it cannot be read. Caller frees.
 */
ex_plan *ex_plan_read(const char *path, const char *seeds, gboolean quick, GError **error);
void ex_plan_free(ex_plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_plan, ex_plan_free)

/* A key of a command's group, NULL when the plan does not have it. Caller frees. */
char *ex_plan_get(const ex_plan *plan, const char *command, const char *key);

/*
 * Appends the group's keys to a command line as `--key value`, `set` once for each of its values
 * between semicolons. Keys that reproduce itself puts to use (simulate's attack, the limit of
 * pairs) are left out.
 */
void ex_plan_append_options(const ex_plan *plan, const char *command, GPtrArray *argv);

#endif
