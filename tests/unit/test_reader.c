/* A trace as a stream of lines: ends, overlong lines, gzip, hashes, errors. */
#include "tracegen/error.h"
#include "tracegen/reader.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

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
        check(bytes, 2, 1, 0, 1, lengths[i] <= TG_MAX_LINE);
        g_string_append_printf(bytes, "\n%s\n", event);
        check(bytes, 3, 2, 0, 1, FALSE);
    }
}

static void test_many_lines(void)
{
    g_autoptr(GString) bytes = g_string_new("");
    for (int i = 0; i < 50000; i++) /* some buffers full, cut at every place of a line */
        g_string_append_printf(bytes, "%s\n", event);
    check(bytes, 50000, 50000, 0, 0, FALSE);
}

static void test_gzip(void)
{
    g_autoptr(GString) bytes = g_string_new("");
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(bytes, "%s\n", event);
    g_autoptr(GZlibCompressor) zip = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
    g_autoptr(GInputStream) plain =
        g_memory_input_stream_new_from_data(bytes->str, (gssize)bytes->len, NULL);
    g_autoptr(GInputStream) packed = g_converter_input_stream_new(plain, G_CONVERTER(zip));
    char buffer[65536];
    gsize n = 0;
    g_assert_true(g_input_stream_read_all(packed, buffer, sizeof buffer, &n, NULL, NULL));
    g_autofree char *path = write_file("adliotlog-test.tr.gz", buffer, n);
    struct counts got = read_file(path);
    g_assert_cmpint(got.n[TG_LINE_EVENT], ==, 1000);
    g_free(got.sha256);
    g_unlink(path);

    g_autofree char *cut = write_file("adliotlog-cut.tr.gz", buffer, n / 2);
    g_autoptr(GError) error = NULL;
    g_autoptr(tg_reader) reader = tg_reader_open(cut, &error);
    g_assert_no_error(error);
    struct tg_line line;
    while (tg_reader_next(reader, &line, &error))
        ;
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_unlink(cut);
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
    g_test_add_func("/reader/gzip", test_gzip);
    g_test_add_func("/reader/unreadable", test_unreadable);
    int status = g_test_run();
    g_rmdir(folder);
    return status;
}
