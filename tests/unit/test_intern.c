/* Numbers for repeated content: the same for the same, in bounded memory. */
#include "dataset/intern.h"

static gint64 id_of(ds_intern *table, guint64 value, guint n, gboolean *is_new)
{
    guint64 key[DS_MAX_KEY] = {value};
    for (guint i = 1; i < n; i++)
        key[i] = i;
    return ds_intern_find(table, key, n, is_new)->id;
}

static void test_same(void)
{
    g_autoptr(ds_intern) table = ds_intern_new(1000, 4, 7);
    gboolean is_new;
    for (int round = 0; round < 2; round++)
        for (gint64 i = 0; i < 500; i++) {
            g_assert_cmpint(id_of(table, (guint64)i << 32, 1, &is_new), ==, 7 + 2 * i);
            g_assert_cmpint(is_new, ==, round == 0);
            /* The same first word, but longer. */
            g_assert_cmpint(id_of(table, (guint64)i << 32, 2, &is_new), ==, 7 + 2 * i + 1);
            g_assert_cmpint(is_new, ==, round == 0);
        }
}

static void count(void *data, const struct ds_entry *entry, const guint64 *key)
{
    gint64 *next = data;
    g_assert_cmpint(entry->id, ==, *next);
    g_assert_cmpuint(*key, ==, (guint64)(*next)++);
}

/* A full table is emptied, and goes on with new numbers. */
static void test_full(void)
{
    g_autoptr(ds_intern) table = ds_intern_new(100, 4, 1);
    gboolean is_new;
    for (guint64 i = 1; i <= 100; i++) {
        g_assert_false(ds_intern_is_full(table));
        g_assert_cmpint(id_of(table, i, 1, &is_new), ==, (gint64)i);
    }
    g_assert_true(ds_intern_is_full(table));
    g_assert_cmpint(id_of(table, 100, 1, &is_new), ==, 100);
    g_assert_false(is_new);
    gint64 next = 1;
    ds_intern_foreach(table, count, &next);
    g_assert_cmpint(next, ==, 101);
    g_assert_cmpint(id_of(table, 101, 1, &is_new), ==, 101);
    g_assert_false(ds_intern_is_full(table));
    g_assert_cmpint(id_of(table, 1, 1, &is_new), ==, 102);
    g_assert_true(is_new);
    ds_intern_clear(table);
    g_assert_cmpint(id_of(table, 1, 1, &is_new), ==, 103);
}

/* Long keys fill it before the number of entries does. */
static void test_long_keys(void)
{
    g_autoptr(ds_intern) table = ds_intern_new(100, 4, 1);
    gboolean is_new;
    for (guint64 i = 0; i < 1000; i++) {
        gint64 id = id_of(table, i, DS_MAX_KEY, &is_new);
        g_assert_true(is_new);
        g_assert_cmpint(id_of(table, i, DS_MAX_KEY, &is_new), ==, id);
        g_assert_false(is_new);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/intern/same", test_same);
    g_test_add_func("/intern/full", test_full);
    g_test_add_func("/intern/long-keys", test_long_keys);
    return g_test_run();
}
