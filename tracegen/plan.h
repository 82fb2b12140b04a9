/* What runs will be, as their scenario script plans them, before ns runs. */
#ifndef TRACEGEN_PLAN_H
#define TRACEGEN_PLAN_H

#include <json-glib/json-glib.h>

/* The plan of one run. */
typedef struct tg_plan {
    char *scenario, *attack, *traffic;
    gint64 seed;
    char **settings; /* the name=value arguments it was planned with */
    char *sha256;    /* of its text */
    GBytes *packed;  /* its text, compressed: a sweep has thousands of plans */
} tg_plan;

/* The plans of all runs that are asked for. */
typedef struct tg_plans {
    char *script;         /* absolute path of the scenario script */
    char *library;        /* folder of Tcl packages, or NULL */
    char *sources_sha256; /* of the script and the library it uses; NULL without runs */
    GPtrArray *plans;     /* of struct tg_plan, in the order in which they were first asked for */
} tg_plans;

/* Hears several times a second how many of n runs are planned. */
typedef void (*tg_plan_progress)(int planned, int n, gpointer data);

/*
 * Plans runs: `tclsh SCRIPT --plans FILE`. settings has one GStrv a run, its name=value arguments.
 * Settings that come to the same plan are one run, as a benign run is that of every option of an
 * attack. `library` is a folder where Tcl finds packages (the scenario library), or NULL; progress
 * may be NULL.
 *
 * Errors: TG_ERROR_USAGE with the script's own message when it refuses a setting, when the very
 * same settings are asked for twice, and when no run uses an option that is given; TG_ERROR_DATA
 * when it prints no plan; TG_ERROR_SYSTEM when tclsh or a file is missing; TG_ERROR_INTERRUPTED.
 * Caller frees.
 */
struct tg_plans *tg_plans_new(const char *script, const char *library, const GPtrArray *settings,
                              tg_plan_progress progress, gpointer data, GError **error);
void tg_plans_free(struct tg_plans *plans);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tg_plans, tg_plans_free)

/* The plan's members, as in the manifest. Caller frees; the node is immutable. */
JsonNode *tg_plan_read(const struct tg_plan *plan);

/* The same as JSON text on one line. Caller frees. */
char *tg_plan_to_string(const struct tg_plan *plan);

/*
 * The name of the run's directory, SCENARIO-ATTACK-TRAFFIC-sSEED-HASH. The hash covers everything
 * that the trace depends on: the whole plan, the scenario's source text and the version of ns.
 * Caller frees.
 */
char *tg_plan_directory(const struct tg_plan *plan, const char *sources_sha256,
                        const char *ns_version);

/* The options of a scenario script, as a table to read. Errors as above. Caller frees. */
char *tg_plan_list_options(const char *script, const char *library, GError **error);

/* This program's environment with the plan's library on Tcl's path. Caller frees. */
char **tg_plan_environment(const char *library);

#endif
