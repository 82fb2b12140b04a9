/*
 * Any bytes as a trace file. The first byte says how the reader gets them, the second is a number
 * that some ways need, the rest is the content:
 *
 *   p  a plain file           w  the content again and again, so that it outgrows the buffer
 *   i  a pipe, in packets     z  packed here, in two members; then once more, cut off
 *   s  a plain file, which also goes into a store          g  the content is packed already
 *
 * Lines are numbered one by one and hold what stands between the line ends, each is what
 * tg_parse_line() says of it alone, and the SHA-256 is that of the content. What is ingested is
 * counted once and comes back from the store as it was read.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/place.h"
#include "tests/fuzz/store.h"
#include "tracegen/error.h"
#include "tracegen/reader.h"

#include <string.h>

const char fuzz_name[] = "file";

/* The next line of the content, as the reader should give it. FALSE: there is none. */
static gboolean cut_line(const GByteArray *content, gsize *at, struct tg_line *line)
{
    const char *from = (const char *)content->data + *at;
    gsize n = content->len - *at;
    if (n == 0)
        return FALSE;
    const char *newline = memchr(from, '\n', n);
    line->unterminated = !newline;
    n = newline ? (gsize)(newline - from) : n;
    *at += n + (newline != NULL);
    if (n > 0 && from[n - 1] == '\r')
        n--;
    line->text = (struct tg_text){from, (int)MIN(n, (gsize)TG_MAX_LINE)};
    if (n <= TG_MAX_LINE)
        tg_parse_line(line);
    else
        line->kind = TG_LINE_REJECT;
    return TRUE;
}

static void check_line(const struct tg_line *got, const struct tg_line *wanted, gint64 number)
{
    fuzz_check(got->number == number, "line number");
    fuzz_check(got->kind == wanted->kind, "kind of line");
    fuzz_check(got->unterminated == wanted->unterminated, "unterminated");
    fuzz_check(got->text.n == wanted->text.n &&
                   memcmp(got->text.at, wanted->text.at, (gsize)got->text.n) == 0,
               "text of the line");
}

/* Reads all of it; content is NULL when nobody knows what is in it. */
static gboolean read_all(const char *path, const GByteArray *content, GError **error)
{
    GError *failure = NULL;
    g_autoptr(tg_reader) reader = tg_reader_open(path, error);
    if (!reader)
        return FALSE;
    struct tg_line line, wanted;
    gsize at = 0;
    for (gint64 number = 1; tg_reader_next(reader, &line, &failure); number++) {
        fuzz_check(line.kind <= TG_LINE_REJECT && line.number == number, "line number");
        if (content) {
            fuzz_check(cut_line(content, &at, &wanted), "a line more than there is");
            check_line(&line, &wanted, number);
        }
    }
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    if (content) {
        fuzz_check(!cut_line(content, &at, &wanted), "a line less than there is");
        g_autofree char *sha256 =
            g_compute_checksum_for_data(G_CHECKSUM_SHA256, content->data, content->len);
        fuzz_check(strcmp(tg_reader_sha256(reader), sha256) == 0, "SHA-256");
    }
    return TRUE;
}

static void check_readable(const char *path, const GByteArray *content)
{
    g_autoptr(GError) error = NULL;
    if (!read_all(path, content, &error))
        fuzz_check(FALSE, error->message);
}

/* Gzip data that nobody can vouch for is read or refused; nothing else happens. */
static void check_packed(const char *path)
{
    g_autoptr(GError) error = NULL;
    if (!read_all(path, NULL, &error))
        fuzz_check(error && error->code == TG_ERROR_DATA, "gzip data is refused as data");
}

/* All of it is read; a byte less is too little. */
static void check_packed_here(const GByteArray *content, uint8_t number)
{
    g_autoptr(GByteArray) packed = fuzz_pack(content, content->len * number / 256);
    check_readable(fuzz_put_file(packed, TRUE), content);
    g_byte_array_set_size(packed, packed->len - 1 - number % 8);
    g_autoptr(GError) error = NULL;
    fuzz_check(!read_all(fuzz_put_file(packed, TRUE), NULL, &error), "cut off and not noticed");
    fuzz_check(error->code == TG_ERROR_DATA, "cut off is bad data");
}

/* To some 380 KiB at most: the reader's buffer holds 320. */
static void swell(GByteArray *content, uint8_t number)
{
    const guint n = content->len;
    while (n > 0 && content->len < number * 1500U) {
        g_byte_array_set_size(content, content->len + n);
        memcpy(content->data + content->len - n, content->data, n);
    }
}

static void check_ingested(const GByteArray *content)
{
    g_autoptr(ds_store) store = NULL;
    if (!fuzz_ingest(fuzz_put_file(content, FALSE), &store))
        return;
    g_autoptr(ds_query) query = fuzz_query_events(store);
    struct tg_line line;
    gsize at = 0;
    for (line.number = 1; cut_line(content, &at, &line); line.number++)
        if (line.kind == TG_LINE_EVENT)
            fuzz_check_row(query, &line);
    fuzz_check(!ds_query_next(query, NULL), "an event more than was read");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    g_autoptr(GByteArray) content = g_byte_array_sized_new((guint)size);
    g_byte_array_append(content, data + 2, (guint)size - 2);
    if (data[0] == 'w')
        swell(content, data[1]);
    if (data[0] == 's')
        check_ingested(content);
    else if (data[0] == 'i')
        check_readable(fuzz_put_pipe(content, data[1]), content);
    else if (data[0] == 'z')
        check_packed_here(content, data[1]);
    else if (data[0] == 'g')
        check_packed(fuzz_put_file(content, TRUE));
    else
        check_readable(fuzz_put_file(content, FALSE), content);
    return 0;
}
