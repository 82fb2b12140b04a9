/* A trace as a stream of lines: ends, overlong lines, gzip, hashes, errors. */
#include "tracegen/error.h"
#include "tracegen/reader.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static const char event[] = "+ 0 1 2 tcp 40 ------- 0 1.0 2.0 0 0";

struct counts {
    gint64 n_line, n[4];
    gboolean unterminated;
    char *sha256;
};

static struct counts read_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(tg_reader) reader = tg_reader_open(path, &error);
    g_assert_no_error(error);
    struct counts counts = {0};
    struct tg_line line;
    while (tg_reader_next(reader, &line, &error)) {
        g_assert_cmpint(line.number, ==, ++counts.n_line);
        counts.n[line.kind]++;
        counts.unterminated = line.unterminated;
    }
    g_assert_no_error(error);
    counts.sha256 = g_strdup(tg_reader_sha256(reader));
    return counts;
}

static char *write_file(const char *name, const char *bytes, gsize n)
{
    char *path = g_build_filename(g_get_tmp_dir(), name, NULL);
    g_assert_true(g_file_set_contents(path, bytes, (gssize)n, NULL));
    return path;
}

static void check(const GString *bytes, gint64 n_line, gint64 n_event, gint64 n_blank,
                  gint64 n_reject, gboolean unterminated)
{
    g_autofree char *path = write_file("adliotlog-test.tr", bytes->str, bytes->len);
    struct counts got = read_file(path);
    g_autofree char *sha256 =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)bytes->str, bytes->len);
    g_assert_cmpint(got.n_line, ==, n_line);
    g_assert_cmpint(got.n[TG_LINE_EVENT], ==, n_event);
    g_assert_cmpint(got.n[TG_LINE_BLANK], ==, n_blank);
    g_assert_cmpint(got.n[TG_LINE_REJECT], ==, n_reject);
    g_assert_cmpint(got.unterminated, ==, unterminated);
    g_assert_cmpstr(got.sha256, ==, sha256);
    g_free(got.sha256);
    g_unlink(path);
}

static void test_ends(void)
{
    g_autoptr(GString) bytes = g_string_new("");
    check(bytes, 0, 0, 0, 0, FALSE);
    g_string_append(bytes, event);
    check(bytes, 1, 1, 0, 0, TRUE);
    g_string_append(bytes, "\n\r\n\n");
    check(bytes, 3, 1, 2, 0, FALSE);
    g_string_append_printf(bytes, "%s\r\nx", event);
    check(bytes, 5, 2, 2, 1, TRUE);
}

/* Lines around the limit and around the size of the buffer, in the middle and at the end. */
static void test_long_lines(void)
{
    static const int lengths[] = {TG_MAX_LINE - 1, TG_MAX_LINE, TG_MAX_LINE + 1,
                                  300 * 1024,      320 * 1024,  1024 * 1024};
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autoptr(GString) bytes = g_string_new(event);
        g_string_append_c(bytes, '\n');
        for (int n = 0; n < lengths[i]; n++)
            g_string_append_c(bytes, 'x');
        check(bytes, 2, 1, 0, 1, TRUE);
        g_string_append_printf(bytes, "\n%s\n", event);
        check(bytes, 3, 2, 0, 1, FALSE);
    }

    /* CR everywhere: the one before the line end does not make an overlong line a shorter one. */
    for (int n = TG_MAX_LINE - 2; n < TG_MAX_LINE + 4; n++) {
        g_autoptr(GString) bytes = g_string_new("");
        for (int i = 0; i < n; i++)
            g_string_append_c(bytes, '\r');
        g_string_append_printf(bytes, "\n%s\n", event);
        check(bytes, 2, 1, 0, 1, FALSE);
    }
}

/* A pipe hands out what it has: lines end wherever its writer paused. */
static void test_pipe(void)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "adliotlog-test.fifo", NULL);
    g_autofree char *script =
        g_strdup_printf("exec >'%s'; printf '%%s' '%.10s'; printf '%%s\\n%%s' '%s' '%s'", path,
                        event, event + 10, event);
    const char *const command[] = {"sh", "-c", script, NULL};
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    g_autoptr(GSubprocess) writer = g_subprocess_newv(command, G_SUBPROCESS_FLAGS_NONE, &error);
    g_assert_no_error(error);
    struct counts got = read_file(path);
    g_assert_cmpint(got.n[TG_LINE_EVENT], ==, 2);
    g_assert_true(got.unterminated);
    g_free(got.sha256);
    g_assert_true(g_subprocess_wait_check(writer, NULL, &error));
    g_unlink(path);
}

static void test_many_lines(void)
{
    g_autoptr(GString) bytes = g_string_new("");
    for (int i = 0; i < 50000; i++) /* some buffers full, cut at every place of a line */
        g_string_append_printf(bytes, "%s\n", event);
    check(bytes, 50000, 50000, 0, 0, FALSE);
}

/* A member of a gzip file that holds n lines. */
static void append_member(GString *packed, int n)
{
    g_autoptr(GString) bytes = g_string_new("");
    for (int i = 0; i < n; i++)
        g_string_append_printf(bytes, "%s\n", event);
    g_autoptr(GZlibCompressor) zip = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
    g_autoptr(GInputStream) plain =
        g_memory_input_stream_new_from_data(bytes->str, (gssize)bytes->len, NULL);
    g_autoptr(GInputStream) stream = g_converter_input_stream_new(plain, G_CONVERTER(zip));
    char buffer[65536];
    gsize n_packed = 0;
    g_assert_true(g_input_stream_read_all(stream, buffer, sizeof buffer, &n_packed, NULL, NULL));
    g_string_append_len(packed, buffer, (gssize)n_packed);
}

static void check_gzip(const GString *packed, gint64 n_event)
{
    g_autofree char *path = write_file("adliotlog-test.tr.gz", packed->str, packed->len);
    struct counts got = read_file(path);
    g_assert_cmpint(got.n[TG_LINE_EVENT], ==, n_event);
    g_assert_cmpint(got.n_line, ==, n_event);
    g_free(got.sha256);
    g_unlink(path);
}

static void check_bad_gzip(const char *bytes, gsize n, const char *why)
{
    g_autofree char *path = write_file("adliotlog-bad.tr.gz", bytes, n);
    g_autoptr(GError) error = NULL;
    g_autoptr(tg_reader) reader = tg_reader_open(path, &error);
    struct tg_line line;
    while (reader && tg_reader_next(reader, &line, &error))
        ;
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_true(g_str_has_suffix(error->message, why));
    g_unlink(path);
}

/* Members follow each other (gzip a >>all.gz; gzip b >>all.gz, bgzip, pigz): all are read. */
static void test_gzip(void)
{
    g_autoptr(GString) packed = g_string_new("");
    append_member(packed, 1000);
    check_gzip(packed, 1000);
    append_member(packed, 0);
    append_member(packed, 50000); /* some buffers full */
    check_gzip(packed, 51000);
    gsize before = packed->len;
    append_member(packed, 7);
    check_gzip(packed, 51007);
    gsize n = packed->len;
    for (gsize cut = before + 1; cut < n; cut++)
        check_bad_gzip(packed->str, cut, "gzip data is cut off");

    g_string_append(packed, "something else");
    check_bad_gzip(packed->str, packed->len, "bad gzip data");
    check_bad_gzip("", 0, "gzip data is cut off");
    check_bad_gzip("+ 0 1 2 tcp", 11, "bad gzip data");
}

static void test_unreadable(void)
{
    static const char *const paths[] = {"/nonexistent/trace.tr", "/"};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(tg_reader) reader = tg_reader_open(paths[i], &error);
        struct tg_line line;
        g_assert_true(!reader || !tg_reader_next(reader, &line, &error));
        g_assert_error(error, TG_ERROR, TG_ERROR_SYSTEM);
        g_assert_nonnull(strstr(error->message, paths[i]));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *folder = g_dir_make_tmp("adliotlog-XXXXXX", NULL);
    g_setenv("TMPDIR", folder, TRUE);
    g_test_add_func("/reader/ends", test_ends);
    g_test_add_func("/reader/long-lines", test_long_lines);
    g_test_add_func("/reader/many-lines", test_many_lines);
    g_test_add_func("/reader/pipe", test_pipe);
    g_test_add_func("/reader/gzip", test_gzip);
    g_test_add_func("/reader/unreadable", test_unreadable);
    int status = g_test_run();
    g_rmdir(folder);
    return status;
}
