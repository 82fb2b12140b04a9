#include "dataset/control.h"

#include "tracegen/error.h"
#include "tracegen/sha256.h"
#include <string.h>

/* Fisher and Yates. */
static void shuffle(gint64 *numbers, guint n, GRand *random)
{
    for (guint i = n; i > 1; i--) {
        guint other = (guint)g_rand_int_range(random, 0, (gint32)i);
        gint64 swap = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = swap;
    }
}

/* The first column of a query's rows. */
static GArray *read_numbers(ds_query *query, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
    while (query && ds_query_next(query, &failure)) {
        gint64 number = ds_query_int(query, 0);
        g_array_append_val(numbers, number);
    }
    if (failure)
        g_propagate_error(error, failure);
    return query && !failure ? g_steal_pointer(&numbers) : NULL;
}

GHashTable *ds_permute_nodes(ds_store *store, gint64 run_id, gint64 seed, GError **error)
{
    gint64 n_address = 0;
    g_autoptr(ds_query) query =
        ds_query_new(store, error, "SELECT node FROM node WHERE run_id = ? ORDER BY node", "i",
                     run_id);
    g_autoptr(GArray) nodes = read_numbers(query, error);
    if (!nodes ||
        !ds_lookup(store, &n_address, error,
                   "SELECT count(*) FROM node WHERE run_id = ? AND address NOT NULL", "i", run_id))
        return NULL;
    if (n_address) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "run %" G_GINT64_FORMAT
                    ": its nodes have addresses, which cannot be exchanged with their numbers",
                    run_id);
        return NULL;
    }
    g_autofree gint64 *others = g_memdup2(nodes->data, nodes->len * sizeof(gint64));
    GRand *random = g_rand_new_with_seed((guint32)seed);
    shuffle(others, nodes->len, random);
    g_rand_free(random);
    GHashTable *permutation = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    for (guint i = 0; i < nodes->len; i++)
        g_hash_table_insert(permutation,
                            g_memdup2(&g_array_index(nodes, gint64, i), sizeof(gint64)),
                            g_memdup2(&others[i], sizeof(gint64)));
    return permutation;
}

gint64 ds_permuted(GHashTable *permutation, gint64 number)
{
    const gint64 *other = g_hash_table_lookup(permutation, &number);
    return other ? *other : number;
}

static gboolean shuffle_run(ds_store *store, gint64 pair_set_id, gint64 run_id, GRand *random,
                            GError **error)
{
    g_autoptr(ds_query) query_pairs =
        ds_query_new(store, error,
                     "SELECT pair_id FROM pair WHERE pair_set_id = ? AND run_id = ?"
                     " ORDER BY pair_id",
                     "ii", pair_set_id, run_id);
    g_autoptr(ds_query) query_targets =
        ds_query_new(store, error,
                     "SELECT target_line FROM pair WHERE pair_set_id = ? AND run_id = ?"
                     " ORDER BY pair_id",
                     "ii", pair_set_id, run_id);
    g_autoptr(GArray) pairs = read_numbers(query_pairs, error);
    g_autoptr(GArray) targets = pairs ? read_numbers(query_targets, error) : NULL;
    g_autoptr(ds_query) update =
        targets
            ? ds_query_new(store, error, "UPDATE pair SET target_line = ? WHERE pair_id = ?", "")
            : NULL;
    if (!update)
        return FALSE;
    shuffle((gint64 *)(void *)targets->data, targets->len, random);
    for (guint i = 0; i < pairs->len; i++)
        if (!ds_query_run(update, error, "ii", g_array_index(targets, gint64, i),
                          g_array_index(pairs, gint64, i)))
            return FALSE;
    return TRUE;
}

/* Of all sentences, a line each, in order: as table pair_set has it. */
static char *digest(ds_store *store, gint64 pair_set_id, GError **error)
{
    GError *failure = NULL;
    g_autoptr(tg_sha256) sha256 = tg_sha256_new();
    g_autoptr(ds_query) query =
        ds_query_new(store, error,
                     "SELECT source, target FROM pair_text JOIN pair_set ON name = pair_set"
                     " WHERE pair_set_id = ? ORDER BY pair_id",
                     "i", pair_set_id);
    if (!query)
        return NULL;
    while (ds_query_next(query, &failure))
        for (int i = 0; i < 2; i++) {
            const char *text = ds_query_text(query, i);
            tg_sha256_update(sha256, text, strlen(text));
            tg_sha256_update(sha256, "\n", 1);
        }
    if (failure)
        g_propagate_error(error, failure);
    return failure ? NULL : g_strdup(tg_sha256_hex(sha256));
}

gboolean ds_shuffle_targets(ds_store *store, gint64 pair_set_id, gint64 seed, char **sha256,
                            GError **error)
{
    g_autoptr(ds_query) query =
        ds_query_new(store, error,
                     "SELECT run_id FROM pair_set_run WHERE pair_set_id = ? ORDER BY run_id", "i",
                     pair_set_id);
    g_autoptr(GArray) runs = read_numbers(query, error);
    GRand *random = g_rand_new_with_seed((guint32)seed);
    gboolean done = runs != NULL;
    for (guint i = 0; done && i < runs->len; i++)
        done = shuffle_run(store, pair_set_id, g_array_index(runs, gint64, i), random, error);
    g_rand_free(random);
    *sha256 = done ? digest(store, pair_set_id, error) : NULL;
    return *sha256 != NULL;
}
