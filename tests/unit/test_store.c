/* What a server needs of a store: statements that are kept, and that end in time. */
#include "dataset/store.h"
#include "tracegen/error.h"

static ds_store *open_store(void)
{
    g_autoptr(GError) error = NULL;
    ds_store *store = ds_store_open(NULL, DS_READ, &error);
    g_assert_no_error(error);
    return store;
}

/* How many rows a recursion has; it would take minutes to count them all. */
static gboolean count(ds_store *store, gint64 most, gint64 *n, GError **error)
{
    return ds_lookup(store, n, error,
                     "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < ?)"
                     " SELECT count(*) FROM r",
                     "i", most);
}

static void test_limit(void)
{
    g_autoptr(ds_store) store = open_store();
    g_autoptr(GError) error = NULL;
    gint64 n = 0;
    ds_limit_time(store, 0);
    g_assert_false(count(store, 10 * 1000 * 1000 * G_GINT64_CONSTANT(1000), &n, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_INTERRUPTED);
    g_clear_error(&error);
    ds_limit_time(store, 3600);
    g_assert_true(count(store, 100000, &n, &error));
    g_assert_no_error(error);
    g_assert_cmpint(n, ==, 100000);
}

/* The same text within itself, with other values, with none, and after an error. */
static void test_kept(void)
{
    static const char sql[] = "SELECT coalesce(?1, 'none') || coalesce(?2, '')";
    g_autoptr(ds_store) store = open_store();
    g_autoptr(GError) error = NULL;
    ds_keep_statements(store);
    for (int i = 0; i < 300; i++) {
        g_autoptr(ds_query) outer = ds_query_new(store, &error, sql, "si", "a", (gint64)i);
        g_assert_true(ds_query_next(outer, &error));
        g_autoptr(ds_query) inner = ds_query_new(store, &error, sql, "s", "b");
        g_assert_true(ds_query_next(inner, &error));
        g_autofree char *wanted = g_strdup_printf("a%d", i);
        g_assert_cmpstr(ds_query_text(outer, 0), ==, wanted);
        g_assert_cmpstr(ds_query_text(inner, 0), ==, "b");
    }
    g_autoptr(ds_query) unbound = ds_query_new(store, &error, sql, "");
    g_assert_true(ds_query_next(unbound, &error));
    g_assert_cmpstr(ds_query_text(unbound, 0), ==, "none");
    g_assert_false(ds_query_next(unbound, &error));
    g_assert_no_error(error);
    for (int i = 0; i < 300; i++) { /* more than are kept */
        g_autofree char *other = g_strdup_printf("SELECT ?1 + %d", i);
        gint64 sum = 0;
        g_assert_true(ds_lookup(store, &sum, &error, other, "i", (gint64)1));
        g_assert_cmpint(sum, ==, i + 1);
    }
    ds_limit_time(store, 0);
    gint64 n = 0;
    g_assert_false(count(store, 10 * 1000 * 1000 * G_GINT64_CONSTANT(1000), &n, &error));
    g_clear_error(&error);
    ds_limit_time(store, 3600);
    g_assert_true(count(store, 5, &n, &error));
    g_assert_cmpint(n, ==, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/limit", test_limit);
    g_test_add_func("/store/kept", test_kept);
    return g_test_run();
}
