/* What merging knows of the schema is all of it: no table and no reference is forgotten. */
#include "dataset/merge_table.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct fixture {
    char *folder, *path;
    ds_store *store;
} fixture;

static void set_up(fixture *f, gconstpointer nothing)
{
    (void)nothing;
    g_autoptr(GError) error = NULL;
    f->folder = g_dir_make_tmp("merge-XXXXXX", &error);
    g_assert_no_error(error);
    f->path = g_build_filename(f->folder, "s.db", NULL);
    f->store = ds_store_open(f->path, DS_CREATE, &error);
    g_assert_no_error(error);
}

static void tear_down(fixture *f, gconstpointer nothing)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    (void)nothing;
    ds_store_close(f->store);
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *file = g_strconcat(f->path, ends[i], NULL);
        g_unlink(file);
    }
    g_rmdir(f->folder);
    g_free(f->path);
    g_free(f->folder);
}

static const char *find_reference(const char *column)
{
    for (const struct ds_merge_reference *r = ds_merge_references; r->column; r++)
        if (strcmp(r->column, column) == 0)
            return r->table;
    return NULL;
}

/* Each table of the schema is in the list, and each of the list in the schema, with a key. */
static void test_tables(fixture *f, gconstpointer nothing)
{
    (void)nothing;
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_query) tables = ds_query_new(
        f->store, &error,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'", "");
    int n = 0, n_listed = 0;
    for (; ds_query_next(tables, &error); n++)
        if (!ds_merge_find(ds_query_text(tables, 0)))
            g_error("table %s is not merged", ds_query_text(tables, 0));
    g_assert_no_error(error);
    for (const struct ds_merge_table *table = ds_merge_tables; table->name; table++, n_listed++) {
        g_autoptr(ds_merge_plan) plan = ds_merge_plan_new(f->store, table, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(plan->keys->len, >, 0);
    }
    g_assert_cmpint(n, ==, n_listed);
}

/* Each column that the schema says refers to a row is known to, and parents come first. */
static void test_references(fixture *f, gconstpointer nothing)
{
    (void)nothing;
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_query) keys =
        ds_query_new(f->store, &error,
                     "SELECT s.name, k.\"from\", k.\"table\" FROM sqlite_schema AS s,"
                     " pragma_foreign_key_list(s.name) AS k WHERE s.type = 'table'",
                     "");
    int n = 0;
    for (; ds_query_next(keys, &error); n++) {
        const char *table = ds_query_text(keys, 0), *column = ds_query_text(keys, 1);
        const char *to = ds_query_text(keys, 2);
        g_assert_cmpstr(find_reference(column), ==, to);
        if (ds_merge_find(to) >= ds_merge_find(table))
            g_error("%s stands before %s, which it refers to", table, to);
    }
    g_assert_no_error(error);
    g_assert_cmpint(n, >, 20);
}

/* Columns that are called like the number of a row are one, declared or not. */
static void test_names(fixture *f, gconstpointer nothing)
{
    (void)nothing;
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_query) columns =
        ds_query_new(f->store, &error,
                     "SELECT c.name FROM sqlite_schema AS s, pragma_table_info(s.name) AS c"
                     " WHERE s.type = 'table' AND c.name LIKE '%\\_id' ESCAPE '\\'",
                     "");
    int n = 0;
    for (; ds_query_next(columns, &error); n++)
        if (!find_reference(ds_query_text(columns, 0)))
            g_error("nothing says what %s refers to", ds_query_text(columns, 0));
    g_assert_no_error(error);
    g_assert_cmpint(n, >, 40);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/merge/tables", fixture, NULL, set_up, test_tables, tear_down);
    g_test_add("/merge/references", fixture, NULL, set_up, test_references, tear_down);
    g_test_add("/merge/names", fixture, NULL, set_up, test_names, tear_down);
    return g_test_run();
}
