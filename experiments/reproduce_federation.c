/*
 * The federation of a plan: the same pairs learned by one that has all of them, by each gateway
 * alone, and by all gateways together, with as many iterations in all; each model is tested on what
 * every gateway saw in simulations of other seeds.
 */
#include "experiments/federation_agree.h"
#include "experiments/model_record.h"
#include "experiments/reproduce.h"
#include "experiments/steps.h"
#include "tracegen/error.h"

#include <string.h>

/* What is simulated for training and for testing. */
enum { TRAINING, TESTING, N_ROLE };

/* One number of gateways, one seed. */
struct network {
    gint64 n_gateway, seed;
    gint64 run_ids[N_ROLE];
    GArray *gateways; /* of gint64: their nodes, ascending */
    char *name;       /* what the names of its pair sets and models begin with */
};

struct ex_federation_part {
    const struct ex_reproduction *r;
    struct ex_place place;
    char *protocol;
    gint64 rounds, iterations; /* the latter of all gateways together */
    GArray *networks;          /* of struct network */
};

typedef gboolean (*visit_network)(const struct ex_federation_part *f, struct network *network,
                                  GPtrArray *steps, GError **error);

static void clear_network(gpointer data)
{
    struct network *network = data;
    g_array_unref(network->gateways);
    g_free(network->name);
}

static gint64 gateway_at(const struct network *network, guint i)
{
    return g_array_index(network->gateways, gint64, i);
}

static gboolean visit_networks(const struct ex_federation_part *f, visit_network visit,
                               GPtrArray *steps, GError **error)
{
    for (guint i = 0; i < f->networks->len; i++)
        if (!visit(f, &g_array_index(f->networks, struct network, i), steps, error))
            return FALSE;
    return TRUE;
}

static gboolean run_stage(const struct ex_federation_part *f, visit_network visit, GError **error)
{
    g_autoptr(GPtrArray) steps = ex_steps_new();
    return visit_networks(f, visit, steps, error) && ex_steps_run(steps, 1, 0, error);
}

/* ---- plan ----------------------------------------------------------------- */

static gboolean read_iterations(struct ex_federation_part *f, GError **error)
{
    const ex_plan *plan = f->r->plan;
    guint64 iterations = 0;
    g_autoptr(GArray) rounds = ex_plan_part_list(plan, EX_PART_FEDERATION, "rounds");
    g_autofree char *text = ex_plan_get(plan, f->place, "train", "iterations");
    f->rounds = g_array_index(rounds, gint64, 0);
    if (text &&
        g_ascii_string_to_unsigned(text, 10, (guint64)f->rounds, G_MAXINT32, &iterations, NULL)) {
        f->iterations = (gint64)iterations;
        return TRUE;
    }
    g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                "%s: [federation] needs iterations of train, at least one for each of its %" //
                G_GINT64_FORMAT " rounds",
                plan->path, f->rounds);
    return FALSE;
}

static void list_networks(struct ex_federation_part *f)
{
    g_autoptr(GArray) numbers = ex_plan_part_list(f->r->plan, EX_PART_FEDERATION, "gateways");
    g_autoptr(GArray) seeds = ex_plan_seeds(f->r->plan, f->place);
    f->networks = g_array_new(FALSE, TRUE, sizeof(struct network));
    g_array_set_clear_func(f->networks, clear_network);
    for (guint i = 0; i < numbers->len; i++)
        for (guint k = 0; k < seeds->len; k++) {
            struct network network = {.n_gateway = g_array_index(numbers, gint64, i),
                                      .seed = g_array_index(seeds, gint64, k),
                                      .gateways = g_array_new(FALSE, FALSE, sizeof(gint64))};
            network.name =
                g_strdup_printf("%s-%" G_GINT64_FORMAT "-gateways-%s-s%" G_GINT64_FORMAT,
                                f->r->plan->name, network.n_gateway, f->protocol, network.seed);
            g_array_append_val(f->networks, network);
        }
}

/* ---- runs ----------------------------------------------------------------- */

static struct ex_request *request_of(const struct ex_federation_part *f,
                                     const struct network *network, GPtrArray *requests)
{
    GPtrArray *step = ex_simulation_step(f->r, f->place, "none");
    g_ptr_array_add(step, g_strdup("--set"));
    g_ptr_array_add(step, g_strdup_printf("gateways=%" G_GINT64_FORMAT, network->n_gateway));
    struct ex_request *request = ex_request_find(requests, step);
    request->benign_only = TRUE;
    return request;
}

static gint64 seed_of(const struct ex_federation_part *f, const struct network *network, int role)
{
    struct ex_place place = f->place;
    place.test = f->r->plan->tests[role == TESTING ? EX_TEST_HELD_OUT : EX_TEST_PAPER];
    return network->seed + ex_plan_seed_offset(f->r->plan, place);
}

/* Those that have logs in both runs. */
static gboolean find_gateways(const struct ex_federation_part *f, struct network *network,
                              GPtrArray *steps, GError **error)
{
    (void)steps;
    GError *failure = NULL;
    g_autoptr(ds_query) query =
        ds_query_new(f->r->store, error,
                     "SELECT node FROM node WHERE run_id IN (?1, ?2) AND gateway = node"
                     " GROUP BY node HAVING count(*) = 2 ORDER BY node",
                     "ii", network->run_ids[TRAINING], network->run_ids[TESTING]);
    if (!query)
        return FALSE;
    while (ds_query_next(query, &failure)) {
        const gint64 node = ds_query_int(query, 0);
        g_array_append_val(network->gateways, node);
    }
    if (!failure && network->gateways->len == (guint)network->n_gateway)
        return TRUE;
    if (failure)
        g_propagate_error(error, failure);
    else
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: the networks of seed %" G_GINT64_FORMAT
                    " have %u gateways in common instead of %" G_GINT64_FORMAT,
                    f->r->plan->path, network->seed, network->gateways->len, network->n_gateway);
    return FALSE;
}

static gboolean make_runs(struct ex_federation_part *f, GError **error)
{
    g_autoptr(GPtrArray) requests = ex_requests_new();
    const guint n = f->networks->len;
    g_autofree struct ex_request **found = g_new0(struct ex_request *, n);
    for (guint i = 0; i < n; i++) {
        const struct network *network = &g_array_index(f->networks, struct network, i);
        found[i] = request_of(f, network, requests);
        for (int role = 0; role < N_ROLE; role++)
            ex_request_add_seed(found[i], seed_of(f, network, role));
    }
    if (!ex_requests_run(f->r, requests, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        struct network *network = &g_array_index(f->networks, struct network, i);
        for (int role = 0; role < N_ROLE; role++) {
            const gint64 seed = seed_of(f, network, role);
            const struct ex_twin *twin = g_hash_table_lookup(found[i]->twins, &seed);
            network->run_ids[role] = twin->benign;
        }
    }
    return visit_networks(f, find_gateways, NULL, error);
}

/* ---- pairs ---------------------------------------------------------------- */

/* Of a gateway's own log, or of the whole run. */
enum { ALL_GATEWAYS = -1 };

static char *pairs_name(const struct network *network, gint64 gateway, int role)
{
    g_autofree char *own =
        gateway == ALL_GATEWAYS ? g_strdup("all") : g_strdup_printf("%" G_GINT64_FORMAT, gateway);
    return g_strdup_printf("%s-%s%s", network->name, own, role == TESTING ? "-held-out" : "");
}

static gboolean add_pairs_of(const struct ex_federation_part *f, const struct network *network,
                             gint64 gateway, int role, GPtrArray *steps, GError **error)
{
    g_autofree char *name = pairs_name(network, gateway, role);
    g_autofree char *runs = g_strdup_printf("run_id = %" G_GINT64_FORMAT, network->run_ids[role]);
    GPtrArray *step = ex_step_new("pairs", "--store", f->r->store_path, "--name", name, "--runs",
                                  runs, "--limit", "0", "--force", NULL);
    if (gateway != ALL_GATEWAYS) {
        g_ptr_array_add(step, g_strdup("--gateway"));
        g_ptr_array_add(step, g_strdup_printf("%" G_GINT64_FORMAT, gateway));
    }
    ex_plan_append_options(f->r->plan, f->place, "pairs", step);
    return ex_add_pairs(f->r, step, steps, error);
}

static gboolean add_pairs(const struct ex_federation_part *f, struct network *network,
                          GPtrArray *steps, GError **error)
{
    for (guint i = 0; i < network->gateways->len; i++)
        for (int role = 0; role < N_ROLE; role++)
            if (!add_pairs_of(f, network, gateway_at(network, i), role, steps, error))
                return FALSE;
    return add_pairs_of(f, network, ALL_GATEWAYS, TRAINING, steps, error);
}

/* What central learning has is what the gateways have together: no pair reaches across gateways. */
static gboolean check_union(const struct ex_federation_part *f, struct network *network,
                            GPtrArray *steps, GError **error)
{
    (void)steps;
    gint64 n = 0, n_all = 0;
    g_autofree char *all = pairs_name(network, ALL_GATEWAYS, TRAINING);
    for (guint i = 0; i < network->gateways->len; i++) {
        gint64 own = 0;
        g_autofree char *name = pairs_name(network, gateway_at(network, i), TRAINING);
        if (!ds_lookup(f->r->store, &own, error, "SELECT n_pair FROM pair_set WHERE name = ?", "s",
                       name))
            return FALSE;
        n += own;
    }
    if (!ds_lookup(f->r->store, &n_all, error, "SELECT n_pair FROM pair_set WHERE name = ?", "s",
                   all))
        return FALSE;
    if (n != n_all)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: the gateways have %" G_GINT64_FORMAT
                    " pairs in their own logs, but '%s' has %" G_GINT64_FORMAT
                    ": flows between gateways, or nodes without one, cannot be compared",
                    f->r->plan->path, n, all, n_all);
    return n == n_all;
}

/* ---- models --------------------------------------------------------------- */

/* "central", "federated", or "local GATEWAY": method in table trial, and part of a file's name. */
static char *local_method(gint64 gateway)
{
    return g_strdup_printf("local %" G_GINT64_FORMAT, gateway);
}

static char *model_path(const struct ex_federation_part *f, const struct network *network,
                        const char *method)
{
    g_autofree char *file = g_strdup_printf("%s-%s.safetensors", network->name, method);
    return g_build_filename(f->r->out, "models", g_strdelimit(file, " ", '-'), NULL);
}

/* Of one gateway in one round. */
static gint64 iterations_a_round(const struct ex_federation_part *f, const struct network *network)
{
    return MAX(f->iterations / f->rounds / network->n_gateway, 1);
}

static gboolean add_training(const struct ex_federation_part *f, const struct network *network,
                             const char *method, gint64 gateway, gint64 iterations,
                             GPtrArray *steps, GError **error)
{
    const struct ex_case c = {.place = f->place, .seed = network->seed};
    g_autofree char *pairs = pairs_name(network, gateway, TRAINING);
    g_autofree char *path = model_path(f, network, method);
    GPtrArray *step = ex_training_step(f->r, &c, pairs, path);
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, iterations);
    ex_step_set(step, "--iterations", text);
    return ex_add_training(f->r, step, pairs, path, steps, error);
}

static GPtrArray *federation_step(const struct ex_federation_part *f, const struct network *network,
                                  const char *path)
{
    g_autofree char *seed = g_strdup_printf("%" G_GINT64_FORMAT, network->seed);
    g_autofree char *rounds = g_strdup_printf("%" G_GINT64_FORMAT, f->rounds);
    g_autofree char *iterations =
        g_strdup_printf("%" G_GINT64_FORMAT, iterations_a_round(f, network));
    GPtrArray *step = ex_step_new("federate", "--store", f->r->store_path, "--model", path,
                                  "--seed", seed, "--resume", "--force", NULL);
    ex_plan_append_options(f->r->plan, f->place, "train", step);
    ex_plan_append_options(f->r->plan, f->place, "federate", step);
    ex_step_set(step, "--rounds", rounds);
    ex_step_set(step, "--iterations", iterations);
    for (guint i = 0; i < network->gateways->len; i++) {
        const gint64 gateway = gateway_at(network, i);
        g_autofree char *pairs = pairs_name(network, gateway, TRAINING);
        g_ptr_array_add(step, g_strdup("--client"));
        g_ptr_array_add(step, g_strdup_printf("%" G_GINT64_FORMAT "=%s", gateway, pairs));
    }
    return step;
}

/* As `federate` records it. NULL on error; caller frees. */
static char *pairs_sha256(const struct ex_federation_part *f, const struct network *network,
                          GError **error)
{
    const guint n = network->gateways->len;
    g_autofree int *gateways = g_new(int, n);
    g_auto(GStrv) sha256 = g_new0(char *, n + 1);
    for (guint i = 0; i < n; i++) {
        g_autofree char *name = pairs_name(network, gateway_at(network, i), TRAINING);
        g_autoptr(ds_query) query =
            ds_query_new(f->r->store, error, "SELECT sha256 FROM pair_set WHERE name = ?", "s",
                         name);
        if (!query || !ds_query_next(query, error))
            return NULL;
        gateways[i] = (int)gateway_at(network, i);
        sha256[i] = g_strdup(ds_query_text(query, 0));
    }
    return ex_federation_pairs_sha256(gateways, sha256, (int)n);
}

/* Is the file there, made by this very command from these pairs, and unchanged since? */
static gboolean is_federated(const struct ex_federation_part *f, const struct network *network,
                             const char *path, const char *line, gboolean *done, GError **error)
{
    gint64 n = 0;
    g_autofree char *pairs = pairs_sha256(f, network, error);
    g_autofree char *sha256 =
        g_file_test(path, G_FILE_TEST_EXISTS) ? ex_sha256_file(path, error) : g_strdup("");
    if (!pairs || !sha256 ||
        !ds_lookup(f->r->store, &n, error,
                   "SELECT count(*) FROM model WHERE model_sha256 = ?"
                   " AND options ->> '$.command' = ? AND options ->> '$.version' = ?"
                   " AND options ->> '$.pairs_sha256' = ?",
                   "ssss", sha256, line, ADLIOTLOG_VERSION, pairs))
        return FALSE;
    *done = n > 0;
    return TRUE;
}

static gboolean add_federation(const struct ex_federation_part *f, const struct network *network,
                               GPtrArray *steps, GError **error)
{
    gboolean done;
    g_autofree char *path = model_path(f, network, "federated");
    g_autoptr(GPtrArray) step = federation_step(f, network, path);
    g_autofree char *line = ex_step_line(step);
    if (!is_federated(f, network, path, line, &done, error))
        return FALSE;
    if (!done)
        ex_add_step(steps, g_steal_pointer(&step));
    return TRUE;
}

static gboolean add_models(const struct ex_federation_part *f, struct network *network,
                           GPtrArray *steps, GError **error)
{
    const gint64 each = iterations_a_round(f, network) * f->rounds;
    if (!add_federation(f, network, steps, error) ||
        !add_training(f, network, "central", ALL_GATEWAYS, each * network->n_gateway, steps, error))
        return FALSE;
    for (guint i = 0; i < network->gateways->len; i++) {
        g_autofree char *method = local_method(gateway_at(network, i));
        if (!add_training(f, network, method, gateway_at(network, i), each, steps, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- tests ---------------------------------------------------------------- */

/* What is done with each model of a network and each gateway's testing pairs. */
typedef gboolean (*visit_trial)(const struct ex_federation_part *f, const struct network *network,
                                const char *method, gint64 tested_on, GPtrArray *steps,
                                GError **error);

static gboolean visit_trials(const struct ex_federation_part *f, const struct network *network,
                             visit_trial visit, GPtrArray *steps, GError **error)
{
    g_autoptr(GPtrArray) methods = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(methods, g_strdup("central"));
    g_ptr_array_add(methods, g_strdup("federated"));
    for (guint i = 0; i < network->gateways->len; i++)
        g_ptr_array_add(methods, local_method(gateway_at(network, i)));
    for (guint m = 0; m < methods->len; m++)
        for (guint i = 0; i < network->gateways->len; i++)
            if (!visit(f, network, methods->pdata[m], gateway_at(network, i), steps, error))
                return FALSE;
    return TRUE;
}

static gboolean add_test(const struct ex_federation_part *f, const struct network *network,
                         const char *method, gint64 tested_on, GPtrArray *steps, GError **error)
{
    g_autofree char *path = model_path(f, network, method);
    g_autofree char *pairs = pairs_name(network, tested_on, TESTING);
    return ex_add_test(f->r, f->place, "evaluate", path, pairs, steps, error);
}

static gboolean add_tests(const struct ex_federation_part *f, struct network *network,
                          GPtrArray *steps, GError **error)
{
    return visit_trials(f, network, add_test, steps, error);
}

static gboolean write_trial(const struct ex_federation_part *f, const struct network *network,
                            const char *method, gint64 tested_on, GPtrArray *steps, GError **error)
{
    (void)steps;
    g_autofree char *path = model_path(f, network, method);
    g_autofree char *pairs = pairs_name(network, tested_on, TESTING);
    const gint64 model_id = ex_find_model(f->r->store, path, error);
    return model_id &&
           ds_execute(f->r->store, error,
                      "INSERT INTO trial SELECT ?1, ?2 || ' gateways', ?3, ?4,"
                      " options ->> '$.context', ?5, 'without', 'gateway ' || ?6, ?7, pair_set_id"
                      " FROM pair_set WHERE name = ?8",
                      "sissiiis", f->r->plan->name, network->n_gateway, method, f->protocol,
                      network->seed, tested_on, model_id, pairs);
}

static gboolean write_trials(const struct ex_federation_part *f, struct network *network,
                             GPtrArray *steps, GError **error)
{
    return visit_trials(f, network, write_trial, steps, error);
}

static gboolean record_trials(const struct ex_federation_part *f, GError **error)
{
    if (!ds_begin(f->r->store, error))
        return FALSE;
    gboolean done = visit_networks(f, write_trials, NULL, error) && ds_commit(f->r->store, error);
    if (!done)
        ds_rollback(f->r->store);
    return done;
}

void ex_federation_part_free(ex_federation_part *f)
{
    if (!f)
        return;
    g_array_unref(f->networks);
    g_free(f->protocol);
    g_free(f);
}

gboolean ex_prepare_federation(const struct ex_reproduction *r, ex_federation_part **part,
                               GPtrArray *trainings, GError **error)
{
    *part = NULL;
    if (!ex_plan_has_part(r->plan, EX_PART_FEDERATION))
        return TRUE;
    g_autoptr(ex_federation_part) f = g_new0(ex_federation_part, 1);
    f->r = r;
    f->protocol = ex_plan_part_key(r->plan, EX_PART_FEDERATION, "protocol");
    if (!f->protocol)
        f->protocol = g_strdup(r->plan->protocols[0]);
    f->place = (struct ex_place){f->protocol, "", NULL, EX_PART_FEDERATION};
    list_networks(f);
    if (!read_iterations(f, error) || !make_runs(f, error) || !run_stage(f, add_pairs, error) ||
        !visit_networks(f, check_union, NULL, error) ||
        !visit_networks(f, add_models, trainings, error))
        return FALSE;
    *part = g_steal_pointer(&f);
    return TRUE;
}

gboolean ex_finish_federation(const ex_federation_part *part, GError **error)
{
    return !part || (run_stage(part, add_tests, error) && record_trials(part, error));
}
