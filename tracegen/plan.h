/* What one run will be, as its scenario script plans it, before ns runs. */
#ifndef TRACEGEN_PLAN_H
#define TRACEGEN_PLAN_H

#include <json-glib/json-glib.h>

typedef struct tg_plan {
    char *scenario, *attack, *traffic;
    gint64 seed;
    char *script;         /* absolute path of the scenario script */
    char **settings;      /* the name=value arguments it was planned with */
    char *library;        /* folder of Tcl packages, or NULL */
    char *sources_sha256; /* of the script and the library it uses */
    JsonObject *object;   /* the plan itself; members as in the manifest */
} tg_plan;

/*
 * Plans a run: `tclsh SCRIPT --plan SETTINGS...`. `library` is a folder where Tcl finds packages
 * (the scenario library), or NULL. Errors: TG_ERROR_USAGE with the script's own message when it
 * refuses a setting; TG_ERROR_DATA when it prints no plan; TG_ERROR_SYSTEM when tclsh or a file is
 * missing. Caller frees.
 */
struct tg_plan *tg_plan_new(const char *script, const char *const *settings, const char *library,
                            GError **error);
void tg_plan_free(struct tg_plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tg_plan, tg_plan_free)

/*
 * The name of the run's directory, SCENARIO-ATTACK-TRAFFIC-sSEED-HASH. The hash covers everything
 * that the trace depends on: all parameters, the scenario's source text and the version of ns.
 * Caller frees.
 */
char *tg_plan_directory(const struct tg_plan *plan, const char *ns_version);

/* The options of a scenario script, as a table to read. Errors as above. Caller frees. */
char *tg_plan_list_options(const char *script, const char *library, GError **error);

/* This program's environment with the plan's library on Tcl's path. Caller frees. */
char **tg_plan_environment(const char *library);

#endif
