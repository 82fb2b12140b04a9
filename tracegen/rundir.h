/*
 * The directory of a run. While ns runs it is a hidden one beside its final place; only when trace
 * and manifest are complete, and on disk, does it get its name. So what has the name is finished.
 */
#ifndef TRACEGEN_RUNDIR_H
#define TRACEGEN_RUNDIR_H

#include "tracegen/manifest.h"
#include "tracegen/plan.h"

#define TG_RUN_MANIFEST "manifest.json"
#define TG_RUN_TRACE    "trace.tr"
#define TG_RUN_NAM      "trace.nam"

typedef struct tg_rundir tg_rundir;

/*
 * Removes what interrupted runs have left in the folder `out`: of those whose names are keys of
 * `names`, and unless another process is still at it.
 */
void tg_rundir_clean(const char *out, GHashTable *names);

/*
 * Makes the hidden directory for the run `name` below `out`, which must be there. NULL and
 * TG_ERROR_SYSTEM when that fails. Caller frees.
 */
struct tg_rundir *tg_rundir_new(const char *out, const char *name, GError **error);

/* Removes the hidden directory, unless it has got its name. */
void tg_rundir_free(struct tg_rundir *dir);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tg_rundir, tg_rundir_free)

/* Where the run's files go for now. */
const char *tg_rundir_path(const struct tg_rundir *dir);

/* What else a manifest says. */
struct tg_provenance {
    const char *command; /* as a shell would take it */
    const char *ns_version;
    const char *sources_sha256;
    gboolean nam;
};

/* The trace of a finished run. */
struct tg_run_trace {
    char sha256[65]; /* lower-case hex */
    gint64 bytes;
};

/*
 * Checks the trace, writes the manifest and gives the directory its name, in place of what has that
 * name. Errors: TG_ERROR_NS when the trace is missing, empty or cut off, or the nam file missing;
 * TG_ERROR_DATA when the plan makes no valid manifest; TG_ERROR_SYSTEM. Any thread may call it,
 * each for another directory.
 */
gboolean tg_rundir_finish(struct tg_rundir *dir, const struct tg_plan *plan,
                          const struct tg_provenance *provenance, struct tg_run_trace *trace,
                          GError **error);

/*
 * Finds the finished run in the directory `path`. FALSE if there is none, if its trace has another
 * length than it had, or if a nam file is asked for and was not written.
 */
gboolean tg_rundir_find(const char *path, gboolean nam, struct tg_run_trace *trace);

#endif
