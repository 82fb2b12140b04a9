#include "tracegen/reader.h"

#include "tracegen/error.h"
#include "tracegen/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, CAPACITY = CHUNK + TG_MAX_LINE, POLL_MS = 100 };

/* So much of an overlong line is kept: too much for a line even without a CR at its end. */
enum { KEPT = TG_MAX_LINE + 2 };

struct tg_reader {
    char *path;
    int fd;
    GConverter *unzip; /* NULL: the file is not packed */
    char *packed;      /* [CHUNK], likewise */
    gsize packed_start, packed_end;
    gboolean in_member; /* of a gzip file; between two of them it may end */
    tg_sha256 *sha256;
    char *buffer;     /* [CAPACITY] */
    gsize start, end; /* what is not yet handed out */
    gint64 number;
    gint stopped;    /* atomic */
    gboolean at_end; /* there are no more bytes */
};

static gboolean fail(const tg_reader *reader, enum tg_error code, const char *why, GError **error)
{
    g_set_error(error, TG_ERROR, code, "%s: %s", reader->path, why);
    return FALSE;
}

void tg_reader_stop(tg_reader *reader)
{
    g_atomic_int_set(&reader->stopped, 1);
}

static gboolean check_stop(tg_reader *reader, GError **error)
{
    if (!g_atomic_int_get(&reader->stopped))
        return tg_check_interrupt(error);
    return fail(reader, TG_ERROR_INTERRUPTED, "stopped", error);
}

/* As read(2), but an interrupt also ends the wait for a pipe that has nothing to say. */
static gssize read_bytes(tg_reader *reader, char *bytes, gsize n, GError **error)
{
    struct pollfd ready = {reader->fd, POLLIN, 0};
    for (;;) {
        if (!check_stop(reader, error))
            return -1;
        /* The timeout is for an interrupt between the check and the wait. */
        int n_ready = poll(&ready, 1, POLL_MS);
        gssize n_read = n_ready > 0 ? read(reader->fd, bytes, n) : n_ready;
        if (n_ready != 0 && n_read >= 0)
            return n_read;
        if (n_ready != 0 && errno != EINTR && errno != EAGAIN) {
            fail(reader, TG_ERROR_SYSTEM, g_strerror(errno), error);
            return -1;
        }
    }
}

/* As read(2), of the unpacked bytes of all members of a gzip file. */
static gssize read_unpacked(tg_reader *reader, char *bytes, gsize n, GError **error)
{
    gboolean no_more = FALSE;
    for (;;) {
        if (reader->packed_start == reader->packed_end && !no_more) {
            gssize n_packed = read_bytes(reader, reader->packed, CHUNK, error);
            if (n_packed < 0)
                return -1;
            reader->packed_start = 0;
            reader->packed_end = (gsize)n_packed;
            no_more = n_packed == 0;
        }
        if (no_more && !reader->in_member)
            return 0;
        reader->in_member = TRUE;
        gsize n_in = 0, n_out = 0;
        GConverterResult result =
            g_converter_convert(reader->unzip, reader->packed + reader->packed_start,
                                reader->packed_end - reader->packed_start, bytes, n,
                                no_more ? G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS, &n_in,
                                &n_out, NULL);
        if (result == G_CONVERTER_ERROR) {
            fail(reader, TG_ERROR_DATA, no_more ? "gzip data is cut off" : "bad gzip data", error);
            return -1;
        }
        reader->packed_start += n_in;
        if (result == G_CONVERTER_FINISHED) {
            reader->in_member = FALSE;
            g_converter_reset(reader->unzip);
        }
        if (n_out > 0)
            return (gssize)n_out;
    }
}

/* Moves the rest to the front and reads on. FALSE on error. */
static gboolean fill(tg_reader *reader, GError **error)
{
    if (!check_stop(reader, error))
        return FALSE;
    memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
    reader->end -= reader->start;
    reader->start = 0;
    char *free_bytes = reader->buffer + reader->end;
    gssize n = (reader->unzip ? read_unpacked : read_bytes)(reader, free_bytes,
                                                            CAPACITY - reader->end, error);
    if (n < 0)
        return FALSE;
    reader->at_end = n == 0;
    tg_sha256_update(reader->sha256, free_bytes, (gsize)n);
    reader->end += (gsize)n;
    return TRUE;
}

static gboolean open_file(tg_reader *reader, GError **error)
{
    if (strcmp(reader->path, "-") == 0) {
        reader->fd = STDIN_FILENO;
        return TRUE;
    }
    do { /* a named pipe waits here for its writer */
        if (!tg_check_interrupt(error))
            return FALSE;
        reader->fd = open(reader->path, O_RDONLY | O_CLOEXEC);
    } while (reader->fd < 0 && errno == EINTR);
    return reader->fd >= 0 || fail(reader, TG_ERROR_SYSTEM, g_strerror(errno), error);
}

tg_reader *tg_reader_open(const char *path, GError **error)
{
    g_autoptr(tg_reader) reader = g_new0(tg_reader, 1);
    reader->path = g_strdup(path);
    reader->sha256 = tg_sha256_new();
    reader->buffer = g_malloc(CAPACITY);
    if (g_str_has_suffix(path, ".gz")) {
        reader->unzip = G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
        reader->packed = g_malloc(CHUNK);
        reader->in_member = TRUE;
    }
    if (!open_file(reader, error) || !fill(reader, error))
        return NULL;
    return g_steal_pointer(&reader);
}

void tg_reader_free(tg_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd > STDIN_FILENO)
        close(reader->fd);
    g_clear_object(&reader->unzip);
    tg_sha256_free(reader->sha256);
    g_free(reader->packed);
    g_free(reader->buffer);
    g_free(reader->path);
    g_free(reader);
}

/* Finds the next line's bytes in the buffer; *length excludes the line end. FALSE: none left. */
static gboolean next_bytes(tg_reader *reader, gsize *length, gboolean *ended, GError **error)
{
    gsize seen = 0;
    for (;;) {
        const char *from = reader->buffer + reader->start;
        gsize n = reader->end - reader->start;
        const char *newline = memchr(from + seen, '\n', n - seen);
        *ended = newline != NULL;
        *length = newline ? (gsize)(newline - from) : n;
        if (newline || reader->at_end)
            return *ended || n > 0;
        seen = MIN(n, KEPT);
        reader->end = reader->start + seen;
        if (!fill(reader, error))
            return FALSE;
    }
}

gboolean tg_reader_next(tg_reader *reader, struct tg_line *line, GError **error)
{
    gsize length;
    gboolean ended;
    if (!next_bytes(reader, &length, &ended, error))
        return FALSE;
    const char *text = reader->buffer + reader->start;
    reader->start += length + ended;
    if (length > 0 && text[length - 1] == '\r')
        length--;
    line->number = ++reader->number;
    line->unterminated = !ended;
    line->text = (struct tg_text){text, (int)MIN(length, (gsize)TG_MAX_LINE)};
    if (length > TG_MAX_LINE) {
        line->kind = TG_LINE_REJECT;
        g_strlcpy(line->reason, "line is longer than 65536 bytes", sizeof line->reason);
    } else {
        tg_parse_line(line);
    }
    return TRUE;
}

const char *tg_reader_sha256(tg_reader *reader)
{
    return tg_sha256_hex(reader->sha256);
}

void tg_set_no_trace(GError **error, const char *path, gint64 n_line, gboolean variables,
                     const char *first_reason)
{
    const char *what = variables       ? "; they are traced variables (side file)"
                       : *first_reason ? "; the first: "
                                       : "";
    g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                "%s: no line of an ns-2 trace among its %" G_GINT64_FORMAT " lines%s%s", path,
                n_line, what, variables ? "" : first_reason);
}
