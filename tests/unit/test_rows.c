/* Rows as text, where they go, and the comments of views: all that needs no command line. */
#include "dataset/rows.h"
#include "tracegen/error.h"
#include "tracegen/json.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

struct fixture {
    char *folder, *store_path, *path;
    ds_store *store;
};

static void set_up(struct fixture *f, gconstpointer nothing)
{
    (void)nothing;
    g_autoptr(GError) error = NULL;
    f->folder = g_dir_make_tmp("rows-XXXXXX", &error);
    f->store_path = g_build_filename(f->folder, "s.db", NULL);
    f->path = g_build_filename(f->folder, "out", NULL);
    f->store = ds_store_open(f->store_path, DS_CREATE, &error);
    g_assert_no_error(error);
}

static void tear_down(struct fixture *f, gconstpointer nothing)
{
    (void)nothing;
    ds_store_close(f->store);
    g_autoptr(GDir) dir = g_dir_open(f->folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(f->folder, name, NULL);
        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(f->folder), ==, 0);
    g_free(f->folder);
    g_free(f->store_path);
    g_free(f->path);
}

/* ---- values ------------------------------------------------------------- */

static void check_real(double value, const char *wanted)
{
    g_autoptr(GString) out = g_string_new(NULL);
    ds_put_real(value, out);
    g_assert_cmpstr(out->str, ==, wanted);
}

static void test_real(void)
{
    check_real(0, "0.0");
    check_real(-0.0, "-0.0");
    check_real(1, "1.0");
    check_real(0.1, "0.1");
    check_real(0.1 + 0.2, "0.30000000000000004");
    check_real(1.0 / 3, "0.3333333333333333");
    check_real(0.189761, "0.189761");
    check_real(1.000000001, "1.000000001");
    check_real(1.0000000001, "1.0000000001");
    check_real(99999.000000001, "99999.000000001");
    check_real(999999.999999999, "999999.999999999");
    check_real(1000000.0000000001, "1000000.0000000001");
    check_real(0.0001, "0.0001");
    check_real(0.00009999, "9.999e-05");
    check_real(2.5e-05, "2.5e-05");
    check_real(-0.189761, "-0.189761");
    check_real(1e15, "1e+15");
    check_real(123456789012345.0, "123456789012345.0");
    check_real(9007199254740993.0, "9007199254740992.0");
    check_real(5e-324, "4.94065645841247e-324");
    check_real(1.7976931348623157e308, "1.7976931348623157e+308");
    check_real(INFINITY, "INF");
    check_real(-INFINITY, "-INF");
}

/* Any double reads back as itself, and no shorter form of those tried would have done. */
static void test_real_round_trip(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    g_autoptr(GString) out = g_string_new(NULL);
    for (int i = 0; i < 100000; i++) {
        guint64 bits = (guint64)g_rand_int(random) << 32 | g_rand_int(random);
        double value, again;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        g_string_truncate(out, 0);
        ds_put_real(value, out);
        again = g_ascii_strtod(out->str, NULL);
        g_assert_cmpint(memcmp(&again, &value, sizeof value), ==, 0);
    }
}

static void check_json(const char *bytes, gsize length, const char *wanted)
{
    g_autoptr(GString) out = g_string_new(NULL);
    ds_put_json_string(bytes, length, out);
    g_assert_cmpstr(out->str, ==, wanted);
    g_autofree char *array = g_strdup_printf("[%s]", out->str);
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) node = tg_json_parse(array, strlen(array), &error);
    g_assert_no_error(error);
}

static void test_json_string(void)
{
    check_json("", 0, "\"\"");
    check_json("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
    check_json("\b\f\n\r\t\x01\x1f", 7, "\"\\b\\f\\n\\r\\t\\u0001\\u001f\"");
    check_json("a\0b", 3, "\"a\\u0000b\"");
    check_json("\xc3\xa9\xf0\x9f\x90\xa7", 6, "\"\xc3\xa9\xf0\x9f\x90\xa7\"");
    check_json("\xff"
               "a",
               2,
               "\"\xef\xbf\xbd"
               "a\"");
    check_json("\xc3", 1, "\"\xef\xbf\xbd\"");                                 /* cut off */
    check_json("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* surrogate */
    check_json("\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");                 /* overlong */
}

static void check_csv(const char *text, const char *wanted)
{
    g_autoptr(GString) out = g_string_new(NULL);
    ds_put_csv_text(text, strlen(text), out);
    g_assert_cmpstr(out->str, ==, wanted);
}

static void test_csv_text(void)
{
    check_csv("plain text", "plain text");
    check_csv("", "\"\"");
    check_csv("=1+1", "=1+1");
    check_csv("a,b", "\"a,b\"");
    check_csv("say \"x\"", "\"say \"\"x\"\"\"");
    check_csv("two\nlines", "\"two\nlines\"");
    check_csv("two\r", "\"two\r\"");
    check_csv("\xff", "\xff");
}

/* ---- rows --------------------------------------------------------------- */

static char *rows_of(struct fixture *f, const char *sql, const struct ds_format *format,
                     gboolean header)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_query) query = ds_question_sql(f->store, sql, &error);
    g_assert_no_error(error);
    g_autoptr(ds_sink) sink = ds_sink_create(f->path, FALSE, TRUE, &error);
    g_assert_no_error(error);
    gint64 n_row;
    g_assert_true(ds_rows_write(query, format, header, sink, &n_row, &error));
    g_assert_true(ds_sink_close(sink, &error));
    g_assert_no_error(error);
    char *text;
    gsize length;
    g_assert_true(g_file_get_contents(f->path, &text, &length, &error));
    g_assert_cmpint(ds_sink_bytes(sink), ==, (gint64)length);
    g_autofree char *sha256 =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, (gssize)length);
    g_assert_cmpstr(ds_sink_sha256(sink), ==, sha256);
    return text;
}

static void check_rows(struct fixture *f, const char *sql, const struct ds_format *format,
                       const char *wanted)
{
    g_autofree char *text = rows_of(f, sql, format, TRUE);
    g_assert_cmpstr(text, ==, wanted);
}

static void test_rows(struct fixture *f, gconstpointer nothing)
{
    (void)nothing;
    static const char types[] = "SELECT 1 AS i, 1.5 AS r, 'a,' || char(9, 10, 13, 92) AS t, NULL "
                                "AS n, x'00fF' AS b, '' AS e";
    check_rows(f, types, &ds_format_csv, "i,r,t,n,b,e\n1,1.5,\"a,\t\n\r\\\",,00ff,\"\"\n");
    check_rows(f, types, &ds_format_tsv, "i\tr\tt\tn\tb\te\n1\t1.5\ta,\\t\\n\\r\\\\\t\t00ff\t\n");
    check_rows(
        f, types, &ds_format_jsonl,
        "{\"i\":1,\"r\":1.5,\"t\":\"a,\\t\\n\\r\\\\\",\"n\":null,\"b\":\"00ff\",\"e\":\"\"}\n");
    check_rows(f, "SELECT -9223372036854775808 AS \"a,\"\"b\", 9e999 AS c", &ds_format_csv,
               "\"a,\"\"b\",c\n-9223372036854775808,INF\n");
    check_rows(f, "SELECT 9e999 AS a, -9e999 AS \"b\"\"\"", &ds_format_jsonl,
               "{\"a\":9e999,\"b\\\"\":-9e999}\n");
    check_rows(f, "SELECT 1 AS a WHERE 0", &ds_format_csv, "a\n");
    check_rows(f, "SELECT 1 AS a WHERE 0", &ds_format_jsonl, "");
    g_autofree char *bare = rows_of(f, types, &ds_format_tsv, FALSE);
    g_assert_true(g_str_has_prefix(bare, "1\t1.5\t"));
}

/* A reader that keeps one value a name would lose the others without a word. */
static void test_equal_names(struct fixture *f, gconstpointer nothing)
{
    (void)nothing;
    check_rows(f, "SELECT 1 AS x, 2 AS x, 3 AS \"x:1\", 4 AS x", &ds_format_jsonl,
               "{\"x\":1,\"x:1\":2,\"x:1:1\":3,\"x:2\":4}\n");
    check_rows(f, "SELECT 1 AS x, 2 AS x", &ds_format_csv, "x,x:1\n1,2\n");
}

static void test_format_names(void)
{
    g_assert_true(ds_format_find("csv") == &ds_format_csv);
    g_assert_true(ds_format_find("json") == &ds_format_jsonl);
    g_assert_null(ds_format_find("CSV"));
    g_assert_null(ds_format_find(""));
}

/* ---- sinks -------------------------------------------------------------- */

static void test_gzip(struct fixture *f, gconstpointer nothing)
{
    (void)nothing;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) all = g_string_new(NULL);
    g_autoptr(GRand) random = g_rand_new_with_seed(2);
    g_autoptr(ds_sink) sink = ds_sink_create(f->path, TRUE, FALSE, &error);
    g_assert_no_error(error);
    for (int i = 0; i < 100000; i++) {
        char line[16];
        int n = g_snprintf(line, sizeof line, "%u\n", g_rand_int(random));
        g_string_append(all, line);
        g_assert_true(ds_sink_write(sink, line, (gsize)n, &error));
    }
    g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS)); /* not before it is whole */
    g_assert_true(ds_sink_close(sink, &error));

    g_autoptr(GFile) file = g_file_new_for_path(f->path);
    g_autoptr(GFileInputStream) packed = g_file_read(file, NULL, &error);
    g_autoptr(GZlibDecompressor) unpacker = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
    g_autoptr(GInputStream) stream =
        g_converter_input_stream_new(G_INPUT_STREAM(packed), G_CONVERTER(unpacker));
    g_autofree char *again = g_malloc(all->len + 1);
    gsize n;
    g_assert_true(g_input_stream_read_all(stream, again, all->len + 1, &n, NULL, &error));
    g_assert_cmpmem(again, n, all->str, all->len);
}

static void test_empty_gzip(struct fixture *f, gconstpointer nothing)
{
    (void)nothing;
    g_autoptr(GError) error = NULL;
    g_autoptr(ds_sink) sink = ds_sink_create(f->path, TRUE, FALSE, &error);
    g_assert_true(ds_sink_close(sink, &error));
    g_assert_cmpint(ds_sink_bytes(sink), ==, 20); /* header and trailer, no name, no time */
}

static int count_files(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    int n = 0;
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void test_sink_names(struct fixture *f, gconstpointer nothing)
{
    (void)nothing;
    g_autoptr(GError) error = NULL;
    int before = count_files(f->folder);
    ds_sink *sink = ds_sink_create(f->path, FALSE, FALSE, &error);
    g_assert_true(ds_sink_write(sink, "x", 1, &error));
    ds_sink_free(sink); /* never closed */
    g_assert_cmpint(count_files(f->folder), ==, before);

    sink = ds_sink_create(f->path, FALSE, FALSE, &error);
    g_assert_true(g_file_set_contents(f->path, "mine", -1, &error)); /* made meanwhile */
    g_assert_false(ds_sink_close(sink, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_SYSTEM);
    g_clear_error(&error);
    ds_sink_free(sink);
    g_assert_null(ds_sink_create(f->path, FALSE, FALSE, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_clear_error(&error);
    g_assert_null(ds_sink_create(f->folder, FALSE, TRUE, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(f->path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "mine");
    g_assert_cmpint(count_files(f->folder), ==, before + 1);
}

/* ---- questions ---------------------------------------------------------- */

static void check_comment(const char *sql, const char *wanted)
{
    g_autofree char *comment = ds_question_comment(sql);
    g_assert_cmpstr(comment, ==, wanted);
}

static void test_comment(void)
{
    check_comment("CREATE VIEW v AS\n-- Bits a second.\nSELECT 1", "Bits a second.");
    check_comment("CREATE VIEW v AS\n  --Two\n  --   lines, kbit/s. \nSELECT 1",
                  "Two lines, kbit/s.");
    check_comment("CREATE VIEW v AS\n-- First.\n--\n-- Details.\nSELECT 1", "First.");
    check_comment("CREATE VIEW v AS SELECT 1 -- not this", "");
    check_comment("CREATE VIEW v (a, b) as\r\n-- Listed.\r\nSELECT 1, 2", "Listed.");
    check_comment("CREATE VIEW \"x AS\n-- y\" AS\n-- Real.\nSELECT 1", "Real.");
    check_comment(
        "CREATE VIEW v -- no AS here\n([as], \"b\"\"as\", 'as') AS -- Same line.\nSELECT 1",
        "Same line.");
    check_comment("CREATE VIEW alias AS\nSELECT 1 AS\n-- not this\nx", "");
    check_comment("CREATE VIEW v AS -- ends here", "ends here");
    check_comment("CREATE VIEW v", "");
    check_comment("CREATE VIEW \"v", "");
    check_comment("", "");
}

static void check_refused(struct fixture *f, const char *sql, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(ds_question_sql(f->store, sql, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_USAGE);
    g_assert_nonnull(strstr(error->message, message));
}

/* Also in a store that could be written. */
static void test_refused(struct fixture *f, gconstpointer nothing)
{
    (void)nothing;
    static const char *const writing[] = {"DELETE FROM run",
                                          "EXPLAIN DELETE FROM run",
                                          "WITH x AS (SELECT 1) DELETE FROM run",
                                          "INSERT INTO pair_set_run VALUES (1, 1, 1) RETURNING 1",
                                          "DROP TABLE run",
                                          "CREATE TEMP TABLE t (x)",
                                          "ATTACH 'other.db' AS other",
                                          "DETACH main",
                                          "VACUUM INTO 'other.db'",
                                          "BEGIN",
                                          "SAVEPOINT s",
                                          "PRAGMA journal_mode = delete",
                                          "PRAGMA query_only",
                                          "PRAGMA user_version = 3",
                                          "ANALYZE"};
    for (gsize i = 0; i < G_N_ELEMENTS(writing); i++)
        check_refused(f, writing[i], "not a statement that only reads");
    check_refused(f, "SELECT 1; DELETE FROM run", "more than one statement");
    check_refused(f, " -- nothing\n;", "no statement");
    check_refused(f, "SELECT ?1", "parameter");
    check_refused(f, "SELEC 1", "syntax error");
    check_rows(f, "SELECT 1 AS a ; -- one\n ;", &ds_format_csv, "a\n1\n");
    check_rows(f, "PRAGMA application_id", &ds_format_csv, "application_id\n1097092169\n");
    check_rows(f, "SELECT count(*) AS n FROM pragma_table_info('noise')", &ds_format_csv, "n\n3\n");
}

static int count_named(struct fixture *f, const char *name, const char *condition)
{
    g_autoptr(GError) error = NULL;
    const char *conditions[] = {condition, NULL};
    g_autoptr(ds_query) query = ds_question_named(f->store, name, conditions, &error);
    g_assert_no_error(error);
    int n = 0;
    while (ds_query_next(query, &error))
        n++;
    g_assert_no_error(error);
    return n;
}

/* Columns that are expressions have no type that would turn '5' into 5. */
static void test_named(struct fixture *f, gconstpointer nothing)
{
    (void)nothing;
    g_autoptr(GError) error = NULL;
    g_assert_true(ds_execute(f->store, &error,
                             "CREATE VIEW \"my \"\"view\" AS SELECT column1 + 0 AS \"int eger\","
                             " column1 || '' AS text, column2 AS x FROM"
                             " (VALUES (5, 1.5), (7, NULL), (7, ''), (-2, '007'), (-2, 7))",
                             ""));
    g_assert_no_error(error);
    g_assert_cmpint(count_named(f, "my \"view", NULL), ==, 5);
    g_assert_cmpint(count_named(f, "MY \"VIEW", "int eger=7"), ==, 2);
    g_assert_cmpint(count_named(f, "my \"view", "INT EGER=-2"), ==, 2);
    g_assert_cmpint(count_named(f, "my \"view", "text=5"), ==, 1);
    g_assert_cmpint(count_named(f, "my \"view", "text=5.0"), ==, 0);
    g_assert_cmpint(count_named(f, "my \"view", "x=1.50"), ==, 1);
    g_assert_cmpint(count_named(f, "my \"view", "x=7"), ==, 1);
    g_assert_cmpint(count_named(f, "my \"view", "x=007"), ==, 1);
    g_assert_cmpint(count_named(f, "my \"view", "x="), ==, 2);
    g_assert_cmpint(count_named(f, "my \"view", "text=' OR 1 --"), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rows/real", test_real);
    g_test_add_func("/rows/real-round-trip", test_real_round_trip);
    g_test_add_func("/rows/json-string", test_json_string);
    g_test_add_func("/rows/csv-text", test_csv_text);
    g_test_add_func("/rows/format-names", test_format_names);
    g_test_add_func("/questions/comment", test_comment);
#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)
    ADD("/rows/formats", test_rows);
    ADD("/rows/equal-names", test_equal_names);
    ADD("/sink/gzip", test_gzip);
    ADD("/sink/empty-gzip", test_empty_gzip);
    ADD("/sink/names", test_sink_names);
    ADD("/questions/refused", test_refused);
    ADD("/questions/named", test_named);
    return g_test_run();
}
