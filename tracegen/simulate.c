#include "tracegen/simulate.h"

#include "tracegen/child.h"
#include "tracegen/error.h"
#include "tracegen/plan.h"
#include "tracegen/rundir.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* One simulation on its way from plan to report. */
struct job {
    struct pool *pool;
    struct tg_plan *plan;
    char *name;      /* of its directory */
    char *directory; /* below `out` */
    char *command;
    struct tg_rundir *dir;
    struct tg_child *ns;
    gint64 started; /* microseconds */
    double seconds;
    gboolean ended, skipped;
    struct tg_manifest *manifest; /* of the finished run */
    GError *error;
};

struct pool {
    const struct tg_simulate_options *options;
    const struct tg_simulate_callbacks *callbacks;
    char *ns, *ns_version;
    struct job *jobs; /* [n] */
    int n;
    int n_started, n_running, n_ended, n_reported, n_failed;
};

/* The simulator: ns on PATH, or what NS names, from wherever it will be started. Caller frees. */
static char *find_ns(void)
{
    const char *ns = g_getenv("NS");
    if (!ns || *ns == '\0')
        return g_strdup("ns");
    return strchr(ns, '/') ? g_canonicalize_filename(ns, NULL) : g_strdup(ns);
}

/* Turns any failure to start ns into one about ns, which is what the user has to mend. */
static gboolean set_ns_missing(GError **error, GError *cause)
{
    if (cause->code == TG_ERROR_SYSTEM)
        g_set_error(error, TG_ERROR, TG_ERROR_NS,
                    "%s (install ns-2 with 'make deps', or name it in the environment variable NS)",
                    cause->message);
    else
        g_set_error_literal(error, TG_ERROR, cause->code, cause->message);
    g_error_free(cause);
    return FALSE;
}

/* ---- one simulation ----------------------------------------------------- */

static GStrv ns_arguments(const char *ns, const struct tg_plan *plan, gboolean nam)
{
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    g_strv_builder_add_many(argv, ns, plan->script, "--trace", TG_RUN_TRACE, NULL);
    if (nam)
        g_strv_builder_add_many(argv, "--nam", TG_RUN_NAM, NULL);
    g_strv_builder_addv(argv, (const char **)plan->settings);
    return g_strv_builder_end(argv);
}

/* What ns did, judged: scenario scripts exit 4 when they could not write. */
static gboolean check_ns(const struct tg_child *child, const char *ns, GError **error)
{
    int status = tg_child_status(child);
    if (status == 0)
        return TRUE;
    g_autofree char *failure = tg_child_failure(child);
    enum tg_error code = status == TG_ERROR_SYSTEM ? TG_ERROR_SYSTEM : TG_ERROR_NS;
    g_set_error(error, TG_ERROR, (int)code, "%s %s", ns, failure);
    return FALSE;
}

static void end_job(struct job *job)
{
    job->seconds = (double)(g_get_monotonic_time() - job->started) / G_USEC_PER_SEC;
    job->ended = TRUE;
    g_clear_pointer(&job->ns, tg_child_free);
    g_clear_pointer(&job->dir, tg_rundir_free);
    job->pool->n_ended++;
}

static void on_ns_ended(struct tg_child *ns, gpointer data)
{
    struct job *job = data;
    const struct tg_provenance provenance = {.command = job->command,
                                             .ns_version = job->pool->ns_version,
                                             .nam = job->pool->options->nam};
    job->pool->n_running--;
    if (check_ns(ns, job->pool->ns, &job->error) &&
        tg_rundir_finish(job->dir, job->plan, &provenance, &job->error)) {
        g_autofree char *manifest = g_build_filename(job->directory, TG_RUN_MANIFEST, NULL);
        job->manifest = tg_manifest_read(manifest, &job->error);
    }
    end_job(job);
}

static void start_job(struct job *job)
{
    const struct tg_simulate_options *options = job->pool->options;
    job->started = g_get_monotonic_time();
    if (!options->force && (job->manifest = tg_rundir_find(job->directory, options->nam))) {
        job->skipped = TRUE;
        end_job(job);
        return;
    }
    job->dir = tg_rundir_new(options->out, job->name, &job->error);
    if (!job->dir) {
        end_job(job);
        return;
    }
    g_auto(GStrv) argv = ns_arguments(job->pool->ns, job->plan, options->nam);
    g_auto(GStrv) envp = tg_plan_environment(job->plan->library);
    job->command = tg_quote_command((const char *const *)argv);
    job->ns = tg_child_start(&(struct tg_child_command){.argv = (const char *const *)argv,
                                                        .directory = tg_rundir_path(job->dir),
                                                        .envp = (const char *const *)envp,
                                                        .timeout = options->timeout},
                             on_ns_ended, job, &job->error);
    if (job->ns)
        job->pool->n_running++;
    else
        end_job(job);
}

/* ---- all of them -------------------------------------------------------- */

static void report_job(struct pool *pool, struct job *job)
{
    struct tg_run run = {.directory = job->directory,
                         .scenario = job->plan->scenario,
                         .attack = job->plan->attack,
                         .traffic = job->plan->traffic,
                         .seed = job->plan->seed,
                         .sha256 = job->manifest ? job->manifest->trace_sha256 : NULL,
                         .bytes = job->manifest ? job->manifest->trace_bytes : 0,
                         .seconds = job->skipped ? 0 : job->seconds,
                         .skipped = job->skipped};
    if (job->error)
        pool->n_failed++;
    if (pool->callbacks->report)
        pool->callbacks->report(&run, job->error, pool->callbacks->data);
}

static gboolean run_jobs(struct pool *pool, GError **error)
{
    while (pool->n_reported < pool->n) {
        if (!tg_check_interrupt(error))
            return FALSE;
        while (pool->n_started < pool->n && pool->n_running < pool->options->jobs)
            start_job(&pool->jobs[pool->n_started++]);
        while (pool->n_reported < pool->n && pool->jobs[pool->n_reported].ended)
            report_job(pool, &pool->jobs[pool->n_reported++]);
        if (pool->callbacks->progress)
            pool->callbacks->progress(pool->n_ended, pool->n, pool->callbacks->data);
        if (pool->n_running > 0)
            tg_child_wait();
    }
    return TRUE;
}

static gboolean summarize(const struct pool *pool, GError **error)
{
    for (int i = 0; i < pool->n; i++)
        if (pool->jobs[i].error) {
            g_set_error(error, TG_ERROR, pool->jobs[i].error->code, "%d of %d runs failed",
                        pool->n_failed, pool->n);
            return FALSE;
        }
    return TRUE;
}

/*
 * Asks ns for its version, by way of the first scenario. A missing or broken ns is found here,
 * before anything is written.
 */
static gboolean ask_version(struct pool *pool, GError **error)
{
    const struct tg_plan *plan = pool->jobs[0].plan;
    const char *const argv[] = {pool->ns, plan->script, "--ns-version", NULL};
    g_auto(GStrv) envp = tg_plan_environment(plan->library);
    GError *cause = NULL;
    g_autoptr(tg_child) ns =
        tg_child_run(&(struct tg_child_command){.argv = argv,
                                                .envp = (const char *const *)envp,
                                                .timeout = pool->options->timeout},
                     &cause);
    if (!ns)
        return set_ns_missing(error, cause);
    if (!check_ns(ns, pool->ns, error))
        return FALSE;
    pool->ns_version = g_strchomp(g_strdup(tg_child_output(ns)));
    gsize length = strlen(pool->ns_version);
    if (length == 0 || length > 32 || strspn(pool->ns_version, "0123456789.") != length) {
        g_set_error(error, TG_ERROR, TG_ERROR_NS, "'%s' is not ns-2: it does not tell its version",
                    pool->ns);
        return FALSE;
    }
    return TRUE;
}

static gboolean plan_jobs(struct pool *pool, const struct tg_simulation *simulations,
                          GError **error)
{
    const struct tg_simulate_options *options = pool->options;
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (int i = 0; i < pool->n; i++) {
        struct job *job = &pool->jobs[i];
        job->pool = pool;
        job->plan =
            tg_plan_new(simulations[i].script, simulations[i].settings, options->library, error);
        if (!job->plan)
            return FALSE;
    }
    if (pool->n > 0 && !ask_version(pool, error))
        return FALSE;
    for (int i = 0; i < pool->n; i++) {
        struct job *job = &pool->jobs[i];
        job->name = tg_plan_directory(job->plan, pool->ns_version);
        job->directory = g_build_filename(options->out, job->name, NULL);
        if (!g_hash_table_add(names, job->name)) {
            g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "run '%s' is asked for twice", job->name);
            return FALSE;
        }
    }
    return TRUE;
}

static void clear_pool(struct pool *pool)
{
    for (int i = 0; i < pool->n; i++) {
        struct job *job = &pool->jobs[i];
        tg_child_free(job->ns);
        tg_rundir_free(job->dir);
        tg_plan_free(job->plan);
        tg_manifest_free(job->manifest);
        g_clear_error(&job->error);
        g_free(job->name);
        g_free(job->directory);
        g_free(job->command);
    }
    g_free(pool->jobs);
    g_free(pool->ns);
    g_free(pool->ns_version);
}

gboolean tg_simulate(const struct tg_simulate_options *options,
                     const struct tg_simulation *simulations, int n,
                     const struct tg_simulate_callbacks *callbacks, GError **error)
{
    struct pool pool = {.options = options,
                        .callbacks = callbacks,
                        .ns = find_ns(),
                        .jobs = g_new0(struct job, (gsize)n),
                        .n = n};
    gboolean done = plan_jobs(&pool, simulations, error);
    if (done && g_mkdir_with_parents(options->out, 0777) != 0) {
        int cause = errno;
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot make the folder '%s': %s",
                    options->out, g_strerror(cause));
        done = FALSE;
    }
    done = done && run_jobs(&pool, error) && summarize(&pool, error);
    clear_pool(&pool);
    return done;
}
