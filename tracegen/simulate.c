#include "tracegen/simulate.h"

#include "tracegen/child.h"
#include "tracegen/error.h"
#include "tracegen/plan.h"
#include "tracegen/rundir.h"
#include "tracegen/sha256.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* Threads that digest traces: what is at hand when one waits for the disk. */
#define MAX_FINISHERS 8

/* One simulation on its way from plan to report. */
struct job {
    struct pool *pool;
    const struct tg_plan *plan;
    char *name;      /* of its directory */
    char *directory; /* below `out` */
    char *command;
    struct tg_rundir *dir;
    struct tg_child *ns;
    gint64 started; /* microseconds */
    double seconds;
    gboolean ended, skipped;
    struct tg_run_trace trace; /* of the finished run */
    GError *error;
};

/*
 * Jobs are the main thread's, but for the time between ns's end and `finished`, when a thread of
 * `finishers` has one: the processor is ns's again at once, not when the disk has the last trace.
 */
struct pool {
    const struct tg_simulate_options *options;
    const struct tg_simulate_callbacks *callbacks;
    const struct tg_plans *plans;
    char *ns, *ns_version;
    struct job *jobs; /* [counts.n] */
    struct tg_run_counts counts;
    int n_started, n_running, n_finishing, n_reported;
    GThreadPool *finishers;
    GAsyncQueue *finished; /* of struct job */
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

static GStrv ns_arguments(const struct job *job)
{
    const struct pool *pool = job->pool;
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    g_strv_builder_add_many(argv, pool->ns, pool->plans->script, "--trace", TG_RUN_TRACE, NULL);
    if (pool->options->nam)
        g_strv_builder_add_many(argv, "--nam", TG_RUN_NAM, NULL);
    g_strv_builder_addv(argv, (const char **)job->plan->settings);
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
    job->ended = TRUE;
    job->pool->counts.ended++;
    job->pool->counts.failed += job->error != NULL;
    g_clear_pointer(&job->dir, tg_rundir_free);
}

/* In a thread of `finishers`: digests the trace and puts the run into place. */
static void finish_job(gpointer data, gpointer user_data)
{
    struct job *job = data;
    struct pool *pool = user_data;
    const struct tg_provenance provenance = {.command = job->command,
                                             .ns_version = pool->ns_version,
                                             .sources_sha256 = pool->plans->sources_sha256,
                                             .nam = pool->options->nam};
    tg_rundir_finish(job->dir, job->plan, &provenance, &job->trace, &job->error);
    tg_sha256_leave_thread();
    g_async_queue_push(pool->finished, job);
    g_main_context_wakeup(NULL);
}

static void on_ns_ended(struct tg_child *ns, gpointer data)
{
    struct job *job = data;
    struct pool *pool = job->pool;
    job->seconds = (double)(g_get_monotonic_time() - job->started) / G_USEC_PER_SEC;
    pool->n_running--;
    gboolean done = check_ns(ns, pool->ns, &job->error);
    g_clear_pointer(&job->ns, tg_child_free);
    if (!done) {
        end_job(job);
        return;
    }
    pool->n_finishing++;
    g_thread_pool_push(pool->finishers, job, NULL); /* its threads are there already */
}

static void start_job(struct job *job)
{
    const struct tg_simulate_options *options = job->pool->options;
    if (job->skipped)
        return;
    job->dir = tg_rundir_new(options->out, job->name, &job->error);
    if (!job->dir) {
        end_job(job);
        return;
    }
    g_auto(GStrv) argv = ns_arguments(job);
    g_auto(GStrv) envp = tg_plan_environment(job->pool->plans->library);
    job->started = g_get_monotonic_time();
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

static void report_job(const struct pool *pool, const struct job *job)
{
    struct tg_run run = {.directory = job->directory,
                         .scenario = job->plan->scenario,
                         .attack = job->plan->attack,
                         .traffic = job->plan->traffic,
                         .seed = job->plan->seed,
                         .sha256 = job->error ? NULL : job->trace.sha256,
                         .bytes = job->error ? 0 : job->trace.bytes,
                         .seconds = job->seconds,
                         .skipped = job->skipped};
    if (pool->callbacks->report)
        pool->callbacks->report(&run, job->error, pool->callbacks->data);
}

static void show_progress(const struct pool *pool)
{
    if (pool->callbacks->progress)
        pool->callbacks->progress(&pool->counts, pool->callbacks->data);
}

/* Before any is run, so that the time to go is of those that will be. */
static gboolean find_finished(struct pool *pool, GError **error)
{
    for (int i = 0; i < pool->counts.n && !pool->options->force; i++) {
        struct job *job = &pool->jobs[i];
        if (!tg_check_interrupt(error))
            return FALSE;
        if (!tg_rundir_find(job->directory, pool->options->nam, &job->trace))
            continue;
        job->skipped = job->ended = TRUE;
        pool->counts.skipped++;
        pool->counts.ended++;
    }
    show_progress(pool);
    return TRUE;
}

static void collect_finished(struct pool *pool)
{
    struct job *job;
    while ((job = g_async_queue_try_pop(pool->finished))) {
        pool->n_finishing--;
        end_job(job);
    }
}

/* Should the disk be slower than ns, traces that wait for it must not pile up. */
static gboolean may_start(const struct pool *pool)
{
    return pool->n_started < pool->counts.n && pool->n_running < pool->options->jobs &&
           pool->n_finishing <= pool->options->jobs;
}

static gboolean run_jobs(struct pool *pool, GError **error)
{
    while (pool->n_reported < pool->counts.n) {
        collect_finished(pool);
        while (may_start(pool)) {
            if (!tg_check_interrupt(error))
                return FALSE;
            start_job(&pool->jobs[pool->n_started++]);
        }
        while (pool->n_reported < pool->counts.n && pool->jobs[pool->n_reported].ended)
            report_job(pool, &pool->jobs[pool->n_reported++]);
        show_progress(pool);
        if (!tg_check_interrupt(error))
            return FALSE;
        if (pool->n_running + pool->n_finishing > 0)
            tg_child_wait();
    }
    return TRUE;
}

static gboolean summarize(const struct pool *pool, GError **error)
{
    for (int i = 0; i < pool->counts.n; i++)
        if (pool->jobs[i].error) {
            g_set_error(error, TG_ERROR, pool->jobs[i].error->code, "%d of %d runs failed",
                        pool->counts.failed, pool->counts.n);
            return FALSE;
        }
    return TRUE;
}

/*
 * Asks ns for its version, by way of the scenario. A missing or broken ns is found here,
 * before anything is written.
 */
static gboolean ask_version(struct pool *pool, GError **error)
{
    const char *const argv[] = {pool->ns, pool->plans->script, "--ns-version", NULL};
    g_auto(GStrv) envp = tg_plan_environment(pool->plans->library);
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

static gboolean make_folder(const char *out, GError **error)
{
    if (g_mkdir_with_parents(out, 0777) == 0)
        return TRUE;
    int cause = errno;
    g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot make the folder '%s': %s", out,
                g_strerror(cause));
    return FALSE;
}

/* Gives the runs their directories' names, and clears away what interrupted ones have left. */
static gboolean name_jobs(struct pool *pool, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (int i = 0; i < pool->counts.n; i++) {
        struct job *job = &pool->jobs[i];
        job->pool = pool;
        job->plan = pool->plans->plans->pdata[i];
        job->name = tg_plan_directory(job->plan, pool->plans->sources_sha256, pool->ns_version);
        job->directory = g_build_filename(pool->options->out, job->name, NULL);
        if (!g_hash_table_add(names, job->name)) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA, "two runs would have the name '%s'",
                        job->name);
            return FALSE;
        }
    }
    tg_rundir_clean(pool->options->out, names);
    return TRUE;
}

static gboolean start_finishers(struct pool *pool, GError **error)
{
    g_autoptr(GError) cause = NULL;
    pool->finished = g_async_queue_new();
    pool->finishers =
        g_thread_pool_new(finish_job, pool, MIN(pool->options->jobs, MAX_FINISHERS), TRUE, &cause);
    if (!pool->finishers)
        g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, cause->message);
    return pool->finishers != NULL;
}

/* What ns has ended is put into place still: that is short, and not to be done again. */
static void await_finishers(struct pool *pool)
{
    if (!pool->finishers)
        return;
    g_thread_pool_free(pool->finishers, FALSE, TRUE);
    collect_finished(pool);
}

/* Who interrupts is told what is left to do. */
static void tell_done(const struct pool *pool, GError **error)
{
    if (!error || !g_error_matches(*error, TG_ERROR, TG_ERROR_INTERRUPTED))
        return;
    g_autofree char *cause = g_strdup((*error)->message);
    g_clear_error(error);
    g_set_error(error, TG_ERROR, TG_ERROR_INTERRUPTED, "%s: %d of %d runs are done%s", cause,
                pool->counts.ended - pool->counts.failed, pool->counts.n,
                pool->options->force ? "" : "; the same command goes on from here");
}

static void clear_pool(struct pool *pool)
{
    g_clear_pointer(&pool->finished, g_async_queue_unref);
    for (int i = 0; i < pool->counts.n; i++) {
        struct job *job = &pool->jobs[i];
        tg_child_free(job->ns);
        tg_rundir_free(job->dir);
        g_clear_error(&job->error);
        g_free(job->name);
        g_free(job->directory);
        g_free(job->command);
    }
    g_free(pool->jobs);
    g_free(pool->ns);
    g_free(pool->ns_version);
}

gboolean tg_simulate(const struct tg_simulate_options *options, const struct tg_plans *plans,
                     const struct tg_simulate_callbacks *callbacks, GError **error)
{
    const int n = (int)plans->plans->len;
    if (n == 0)
        return TRUE;
    struct pool pool = {.options = options,
                        .callbacks = callbacks,
                        .plans = plans,
                        .ns = find_ns(),
                        .jobs = g_new0(struct job, (gsize)n),
                        .counts = {.n = n}};
    gboolean done = ask_version(&pool, error) && make_folder(options->out, error) &&
                    name_jobs(&pool, error) && find_finished(&pool, error) &&
                    start_finishers(&pool, error) && run_jobs(&pool, error) &&
                    summarize(&pool, error);
    await_finishers(&pool);
    if (!done)
        tell_done(&pool, error);
    clear_pool(&pool);
    return done;
}
