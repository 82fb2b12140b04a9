/* What columns mean: from the comments of a schema, and for all that a dataset has. */
#include "dataset/event_column.h"
#include "dataset/glossary.h"
#include "dataset/store.h"

#include <glib/gstdio.h>
#include <string.h>

static void test_parse(void)
{
    static const char schema[] = "-- Not of a table.\n"
                                 "PRAGMA user_version = 2;\n"
                                 "\n"
                                 "-- Far from any table.\n"
                                 "\n"
                                 "-- Two\n"
                                 "-- lines.\n"
                                 "CREATE TABLE a (\n"
                                 "    -- of nothing\n"
                                 "    x INTEGER PRIMARY KEY,  -- one, (s)\n"
                                 "    y TEXT CHECK (y IN ('a', 'b')),\n"
                                 "    z REAL,                 -- ground truth: goes\n"
                                 "                            -- on\n"
                                 "    PRIMARY KEY (x, y),     -- a key\n"
                                 "    UNIQUE (x)\n"
                                 ") STRICT;\n"
                                 "CREATE INDEX i ON a (x); -- by x\n"
                                 "CREATE TABLE b (\n"
                                 "    x INTEGER -- another\n"
                                 ") STRICT;\n";
    g_autoptr(ds_glossary) glossary = ds_glossary_parse(schema);
    g_assert_cmpstr(ds_glossary_table(glossary, "a"), ==, "Two lines.");
    g_assert_null(ds_glossary_table(glossary, "b"));
    g_assert_cmpstr(ds_glossary_column(glossary, "a", "x"), ==, "one, (s)");
    g_assert_null(ds_glossary_column(glossary, "a", "y"));
    g_assert_cmpstr(ds_glossary_column(glossary, "a", "z"), ==, "ground truth: goes on");
    g_assert_null(ds_glossary_column(glossary, "a", "PRIMARY"));
    g_assert_cmpstr(ds_glossary_column(glossary, "b", "x"), ==, "another");
    g_assert_null(ds_glossary_column(glossary, "c", "x"));
    g_assert_true(ds_glossary_is_truth(glossary, "a", "z"));
    g_assert_false(ds_glossary_is_truth(glossary, "a", "x"));
    g_assert_false(ds_glossary_is_truth(glossary, "a", "y"));
}

static void check_known(const ds_glossary *glossary, const char *table, const char *column)
{
    if (!ds_glossary_column(glossary, table, column))
        g_error("nothing says what %s.%s is", table, column);
}

/* Whatever becomes of the schema: each column that is published is described. */
static void test_store(void)
{
    static const char *const tables[] = {"run",    "node",  "interface", "flow",    "noise",
                                         "reject", "event", "packet",    "pair_set"};
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_glossary) glossary = ds_glossary_new();
    g_autofree char *folder = g_dir_make_tmp("glossary-XXXXXX", &error);
    g_autofree char *path = g_build_filename(folder, "s.db", NULL);
    ds_store *store = ds_store_open(path, DS_CREATE, &error);
    g_assert_no_error(error);
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
        int n = 0;
        g_assert_nonnull(ds_glossary_table(glossary, tables[i]));
        g_autoptr(ds_query) query =
            ds_query_new(store, &error, "SELECT name FROM pragma_table_info(?)", "s", tables[i]);
        for (; ds_query_next(query, &error); n++)
            check_known(glossary, tables[i], ds_query_text(query, 0));
        g_assert_no_error(error);
        g_assert_cmpint(n, >=, 3);
    }
    for (int i = 0; i < ds_n_event_column; i++)
        check_known(glossary, "event", ds_event_columns[i].name);
    ds_store_close(store);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(folder, name, NULL);
        g_unlink(file);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

/* The list at the head of schema.sql. */
static void test_truth(void)
{
    g_autoptr(ds_glossary) glossary = ds_glossary_new();
    g_assert_true(ds_glossary_is_truth(glossary, "flow", "intended_dst"));
    g_assert_true(ds_glossary_is_truth(glossary, "flow", "attack"));
    g_assert_true(ds_glossary_is_truth(glossary, "event", "attack"));
    g_assert_true(ds_glossary_is_truth(glossary, "interface", "hidden"));
    g_assert_false(ds_glossary_is_truth(glossary, "flow", "dst"));
    g_assert_false(ds_glossary_is_truth(glossary, "node", "role"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/glossary/parse", test_parse);
    g_test_add_func("/glossary/store", test_store);
    g_test_add_func("/glossary/truth", test_truth);
    return g_test_run();
}
