#include "tracegen/reader.h"

#include "tracegen/error.h"
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, CAPACITY = CHUNK + TG_MAX_LINE };

struct tg_reader {
    char *path;
    GInputStream *stream;
    GChecksum *checksum;
    char *buffer;     /* [CAPACITY] */
    gsize start, end; /* what is not yet handed out */
    gint64 number;
    gboolean at_end;   /* the stream has no more */
    gboolean overlong; /* the rest of a line that was refused is being skipped */
};

tg_reader *tg_reader_open(const char *path, GError **error)
{
    g_autoptr(GInputStream) stream = NULL;
    if (strcmp(path, "-") == 0) {
        stream = g_unix_input_stream_new(STDIN_FILENO, FALSE);
    } else {
        g_autoptr(GFile) file = g_file_new_for_path(path);
        g_autoptr(GError) failure = NULL;
        stream = G_INPUT_STREAM(g_file_read(file, NULL, &failure));
        if (!stream) {
            g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", path, failure->message);
            return NULL;
        }
    }
    if (g_str_has_suffix(path, ".gz")) {
        g_autoptr(GConverter) unzip =
            G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
        g_autoptr(GInputStream) packed = g_steal_pointer(&stream);
        stream = g_converter_input_stream_new(packed, unzip);
    }
    tg_reader *reader = g_new0(tg_reader, 1);
    reader->path = g_strdup(path);
    reader->stream = g_steal_pointer(&stream);
    reader->checksum = g_checksum_new(G_CHECKSUM_SHA256);
    reader->buffer = g_malloc(CAPACITY);
    return reader;
}

void tg_reader_free(tg_reader *reader)
{
    if (!reader)
        return;
    g_clear_object(&reader->stream);
    g_checksum_free(reader->checksum);
    g_free(reader->buffer);
    g_free(reader->path);
    g_free(reader);
}

/* Moves the rest to the front and reads on. FALSE on error. */
static gboolean fill(tg_reader *reader, GError **error)
{
    memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
    reader->end -= reader->start;
    reader->start = 0;
    g_autoptr(GError) failure = NULL;
    gssize n = g_input_stream_read(reader->stream, reader->buffer + reader->end,
                                   CAPACITY - reader->end, NULL, &failure);
    if (n < 0) {
        gboolean data = g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_INVALID_DATA) ||
                        g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);
        g_set_error(error, TG_ERROR, data ? TG_ERROR_DATA : TG_ERROR_SYSTEM, "%s: %s", reader->path,
                    failure->message);
        return FALSE;
    }
    reader->at_end = n == 0;
    g_checksum_update(reader->checksum, (const guchar *)reader->buffer + reader->end, n);
    reader->end += (gsize)n;
    return TRUE;
}

/* Finds the next line's bytes in the buffer; *length excludes the line end. FALSE: none left. */
static gboolean next_bytes(tg_reader *reader, gsize *length, gboolean *ended, GError **error)
{
    gsize seen = 0;
    for (;;) {
        const char *from = reader->buffer + reader->start;
        gsize n = reader->end - reader->start;
        const char *newline = memchr(from + seen, '\n', n - seen);
        if (newline) {
            *length = (gsize)(newline - from);
            *ended = TRUE;
            return TRUE;
        }
        seen = n;
        if (n > TG_MAX_LINE || reader->at_end) {
            *length = n;
            *ended = FALSE;
            return n > 0;
        }
        if (!fill(reader, error))
            return FALSE;
    }
}

gboolean tg_reader_next(tg_reader *reader, struct tg_line *line, GError **error)
{
    gsize length;
    gboolean ended;
    GError *failure = NULL;
    for (;;) {
        if (!next_bytes(reader, &length, &ended, &failure)) {
            if (failure)
                g_propagate_error(error, failure);
            return FALSE;
        }
        const char *text = reader->buffer + reader->start;
        reader->start += length + ended;
        gboolean rest_of_overlong = reader->overlong;
        reader->overlong = !ended && !reader->at_end;
        if (rest_of_overlong)
            continue;

        if (length > 0 && text[length - 1] == '\r')
            length--;
        line->number = ++reader->number;
        line->unterminated = !ended && reader->at_end;
        line->text = (struct tg_text){text, (int)MIN(length, (gsize)TG_MAX_LINE)};
        if (length > TG_MAX_LINE) {
            line->kind = TG_LINE_REJECT;
            g_strlcpy(line->reason, "line is longer than 65536 bytes", sizeof line->reason);
        } else {
            tg_parse_line(line);
        }
        return TRUE;
    }
}

const char *tg_reader_sha256(tg_reader *reader)
{
    return g_checksum_get_string(reader->checksum);
}
