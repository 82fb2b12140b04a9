/* Simulations of a plan: each combination of options once, for all seeds that any test needs. */
#include "experiments/reproduce.h"
#include "experiments/steps.h"
#include "tracegen/error.h"
#include "tracegen/manifest.h"

#include <string.h>

static void free_request(gpointer data)
{
    struct ex_request *request = data;
    g_ptr_array_unref(request->step);
    g_array_unref(request->seeds);
    g_strfreev(request->directories);
    g_hash_table_unref(request->twins);
    g_free(request);
}

static struct ex_request *new_request(GPtrArray *step)
{
    struct ex_request *request = g_new0(struct ex_request, 1);
    request->step = step;
    request->seeds = g_array_new(FALSE, FALSE, sizeof(gint64));
    request->twins = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    return request;
}

GPtrArray *ex_requests_new(void)
{
    return g_ptr_array_new_with_free_func(free_request);
}

char *ex_place_attack(const struct ex_reproduction *r, struct ex_place place)
{
    char *attack = ex_plan_get(r->plan, place, "simulate", "attack");
    return attack ? attack : g_strdup("hidden-channel");
}

GPtrArray *ex_simulation_step(const struct ex_reproduction *r, struct ex_place place,
                              const char *attacks)
{
    g_autofree char *runs = g_build_filename(r->out, "runs", NULL);
    g_autofree char *jobs = g_strdup_printf("%d", r->jobs);
    GPtrArray *step = ex_step_new("simulate", "--traffic", place.protocol, "--attack", attacks,
                                  "--out", runs, "--jobs", jobs, NULL);
    ex_plan_append_options(r->plan, place, "simulate", step);
    return step;
}

struct ex_request *ex_request_find(GPtrArray *requests, GPtrArray *step)
{
    g_autofree char *line = ex_step_line(step);
    for (guint i = 0; i < requests->len; i++) {
        struct ex_request *request = requests->pdata[i];
        g_autofree char *other = ex_step_line(request->step);
        if (strcmp(line, other) == 0) {
            g_ptr_array_unref(step);
            return request;
        }
    }
    struct ex_request *request = new_request(step);
    g_ptr_array_add(requests, request);
    return request;
}

void ex_request_add_seed(struct ex_request *request, gint64 seed)
{
    for (guint i = 0; i < request->seeds->len; i++)
        if (g_array_index(request->seeds, gint64, i) == seed)
            return;
    g_array_append_val(request->seeds, seed);
}

struct ex_place ex_case_place(const struct ex_reproduction *r, const struct ex_case *c, int test)
{
    struct ex_place place = c->place;
    place.test = r->plan->tests[test];
    return place;
}

static gint64 run_seed(const struct ex_reproduction *r, const struct ex_case *c, int test)
{
    return c->seed + ex_plan_seed_offset(r->plan, ex_case_place(r, c, test));
}

/* requests_of [n_case * n_test] receives the request of each test of each case. */
static void collect_requests(const struct ex_reproduction *r, GPtrArray *requests,
                             struct ex_request **requests_of)
{
    for (guint i = 0; i < r->cases->len; i++)
        for (int test = 0; test < r->n_test; test++) {
            const struct ex_case *c = r->cases->pdata[i];
            const struct ex_place place = ex_case_place(r, c, test);
            g_autofree char *attack = ex_place_attack(r, place);
            g_autofree char *attacks = g_strconcat("none,", attack, NULL);
            struct ex_request *request =
                ex_request_find(requests, ex_simulation_step(r, place, attacks));
            ex_request_add_seed(request, run_seed(r, c, test));
            requests_of[(int)i * r->n_test + test] = request;
        }
}

static gboolean simulate(struct ex_request *request, GError **error)
{
    g_autoptr(GString) seeds = g_string_new(NULL);
    for (guint i = 0; i < request->seeds->len; i++)
        g_string_append_printf(seeds, "%s%" G_GINT64_FORMAT, seeds->len ? "," : "",
                               g_array_index(request->seeds, gint64, i));
    g_ptr_array_add(request->step, g_strdup("--seeds"));
    g_ptr_array_add(request->step, g_strdup(seeds->str));
    g_autofree char *output = ex_step_capture(request->step, error);
    if (output)
        request->directories = g_strsplit(g_strchomp(output), "\n", -1);
    return output != NULL;
}

static tg_manifest *read_manifest(const char *directory, GError **error)
{
    g_autofree char *path = g_build_filename(directory, "manifest.json", NULL);
    return tg_manifest_read(path, error);
}

/* Adds to the ingest step the directories that the store lacks, or has from another version. */
static gboolean add_missing(const struct ex_reproduction *r, const struct ex_request *request,
                            GPtrArray *ingest, GError **error)
{
    for (char **directory = request->directories; *directory; directory++) {
        gint64 current = 0;
        g_autoptr(tg_manifest) manifest = read_manifest(*directory, error);
        if (!manifest || !ds_lookup(r->store, &current, error,
                                    "SELECT run_id FROM run WHERE trace_sha256 = ? AND version = ?"
                                    " AND attack = ? AND plan_sha256 IS ?",
                                    "ssss", manifest->trace_sha256, ADLIOTLOG_VERSION,
                                    manifest->attack, manifest->plan_sha256))
            return FALSE;
        if (!current && !g_ptr_array_find_with_equal_func(ingest, *directory, g_str_equal, NULL))
            g_ptr_array_add(ingest, g_strdup(*directory));
    }
    return TRUE;
}

static gboolean ingest_missing(const struct ex_reproduction *r, const GPtrArray *requests,
                               GError **error)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new();
    g_autoptr(GPtrArray) ingest = ex_step_new("ingest", "--store", r->store_path, "--force", NULL);
    guint fixed = ingest->len;
    for (guint i = 0; i < requests->len; i++)
        if (!add_missing(r, requests->pdata[i], ingest, error))
            return FALSE;
    g_ptr_array_add(steps, ingest);
    return ingest->len == fixed || ex_steps_run(steps, 1, 0, error);
}

/* Both runs of each seed are there. */
static gboolean check_twins(const struct ex_reproduction *r, const struct ex_request *request,
                            GError **error)
{
    for (guint i = 0; i < request->seeds->len; i++) {
        const gint64 seed = g_array_index(request->seeds, gint64, i);
        const struct ex_twin *twin = g_hash_table_lookup(request->twins, &seed);
        if (!twin || !twin->benign || (!twin->attacked && !request->benign_only)) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                        "%s: no twins of seed %" G_GINT64_FORMAT " came of simulate", r->plan->path,
                        seed);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean find_twins(const struct ex_reproduction *r, struct ex_request *request,
                           GError **error)
{
    for (char **directory = request->directories; *directory; directory++) {
        gint64 run_id = 0;
        g_autoptr(tg_manifest) manifest = read_manifest(*directory, error);
        if (!manifest ||
            !ds_lookup(r->store, &run_id, error,
                       "SELECT run_id FROM run WHERE trace_sha256 = ?"
                       " AND attack = ? AND plan_sha256 IS ?",
                       "sss", manifest->trace_sha256, manifest->attack, manifest->plan_sha256))
            return FALSE;
        struct ex_twin *twin = g_hash_table_lookup(request->twins, &manifest->seed);
        if (!twin) {
            twin = g_new0(struct ex_twin, 1);
            g_hash_table_insert(request->twins, g_memdup2(&manifest->seed, sizeof(gint64)), twin);
        }
        *(strcmp(manifest->attack, "none") == 0 ? &twin->benign : &twin->attacked) = run_id;
    }
    return check_twins(r, request, error);
}

static void fill_cases(const struct ex_reproduction *r, struct ex_request **requests_of)
{
    for (guint i = 0; i < r->cases->len; i++)
        for (int test = 0; test < r->n_test; test++) {
            const struct ex_case *c = r->cases->pdata[i];
            const struct ex_request *request = requests_of[(int)i * r->n_test + test];
            const gint64 seed = run_seed(r, c, test);
            c->twins[test] = *(const struct ex_twin *)g_hash_table_lookup(request->twins, &seed);
        }
}

gboolean ex_requests_run(const struct ex_reproduction *r, GPtrArray *requests, GError **error)
{
    for (guint i = 0; i < requests->len; i++)
        if (!simulate(requests->pdata[i], error))
            return FALSE;
    if (!ingest_missing(r, requests, error))
        return FALSE;
    for (guint i = 0; i < requests->len; i++)
        if (!find_twins(r, requests->pdata[i], error))
            return FALSE;
    return TRUE;
}

gboolean ex_reproduce_runs(const struct ex_reproduction *r, GError **error)
{
    g_autoptr(GPtrArray) requests = ex_requests_new();
    g_autofree struct ex_request **requests_of =
        g_new0(struct ex_request *, r->cases->len * (guint)r->n_test);
    collect_requests(r, requests, requests_of);
    if (!ex_requests_run(r, requests, error))
        return FALSE;
    fill_cases(r, requests_of);
    return TRUE;
}
