#include "dataset/sink.h"

#include "tracegen/error.h"
#include "tracegen/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

struct ds_sink {
    int fd;
    gboolean owned;         /* fd is to be closed */
    char *name;             /* for messages */
    char *path, *temporary; /* of a file; temporary is NULL once it has its name */
    gboolean force;
    GConverter *packer;  /* NULL: as it is */
    GByteArray *pending; /* not packed yet */
    tg_sha256 *sha256;
    gint64 bytes;
};

static gboolean fail(const ds_sink *sink, const char *doing, GError **error)
{
    int cause = errno;
    g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot %s %s: %s", doing, sink->name,
                g_strerror(cause));
    return FALSE;
}

ds_sink *ds_sink_new(int fd, const char *name, gboolean gzip)
{
    ds_sink *sink = g_new0(ds_sink, 1);
    sink->fd = fd;
    sink->name = g_strdup(name);
    /* No time and no name in the header, so that equal data makes equal files. */
    if (gzip)
        sink->packer = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
    sink->pending = g_byte_array_sized_new(2 * BLOCK);
    sink->sha256 = tg_sha256_new();
    return sink;
}

/* Makes the file that will be renamed: in the same folder, hidden, with the rights of a new file.
 */
static gboolean open_temporary(ds_sink *sink, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(sink->path);
    g_autofree char *base = g_path_get_basename(sink->path);
    sink->temporary = g_strdup_printf("%s/.%s.XXXXXX", folder, base);
    sink->fd = g_mkstemp_full(sink->temporary, O_WRONLY | O_CLOEXEC, 0666);
    if (sink->fd >= 0)
        return TRUE;
    g_clear_pointer(&sink->temporary, g_free);
    return fail(sink, "make", error);
}

ds_sink *ds_sink_create(const char *path, gboolean gzip, gboolean force, GError **error)
{
    struct stat status;
    g_autoptr(ds_sink) sink = ds_sink_new(-1, path, gzip);
    sink->owned = TRUE;
    sink->force = force;
    gboolean there = stat(path, &status) == 0;
    if (there && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        sink->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (sink->fd < 0)
            fail(sink, "open", error);
    } else if (there && (!force || S_ISDIR(status.st_mode))) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    S_ISDIR(status.st_mode) ? "%s is a folder"
                                            : "%s is there already (--force replaces it)",
                    path);
    } else {
        /* Of a link, what it points to is replaced. */
        char *real = there ? realpath(path, NULL) : NULL;
        sink->path = g_strdup(real ? real : path);
        free(real);
        open_temporary(sink, error);
    }
    return sink->fd >= 0 ? g_steal_pointer(&sink) : NULL;
}

static gboolean write_all(ds_sink *sink, const guint8 *bytes, gsize length, GError **error)
{
    tg_sha256_update(sink->sha256, bytes, length);
    sink->bytes += (gint64)length;
    while (length > 0) {
        ssize_t n = write(sink->fd, bytes, length);
        if (n < 0 && errno != EINTR)
            return fail(sink, "write to", error);
        if (n < 0 && !tg_check_interrupt(error))
            return FALSE;
        if (n > 0) {
            bytes += n;
            length -= (gsize)n;
        }
    }
    return TRUE;
}

static gboolean pack_all(ds_sink *sink, gboolean at_end, GError **error)
{
    guint8 packed[BLOCK];
    const guint8 *from = sink->pending->data;
    gsize left = sink->pending->len;
    GConverterResult result = G_CONVERTER_CONVERTED;
    while (left > 0 || (at_end && result != G_CONVERTER_FINISHED)) {
        gsize n_read = 0, n_written = 0;
        result = g_converter_convert(sink->packer, from, left, packed, sizeof packed,
                                     at_end ? G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS,
                                     &n_read, &n_written, error);
        if (result == G_CONVERTER_ERROR || !write_all(sink, packed, n_written, error))
            return FALSE;
        from += n_read;
        left -= n_read;
    }
    return TRUE;
}

static gboolean flush(ds_sink *sink, gboolean at_end, GError **error)
{
    gboolean done = sink->packer ? pack_all(sink, at_end, error)
                                 : write_all(sink, sink->pending->data, sink->pending->len, error);
    g_byte_array_set_size(sink->pending, 0);
    return done;
}

gboolean ds_sink_write(ds_sink *sink, const char *bytes, gsize length, GError **error)
{
    g_byte_array_append(sink->pending, (const guint8 *)bytes, (guint)length);
    return sink->pending->len < BLOCK || flush(sink, FALSE, error);
}

/* Gives the file its name, unless another program has given it to another file meanwhile. */
static gboolean take_name(ds_sink *sink, GError **error)
{
    int code = -1;
    errno = EINVAL;
    if (!sink->force)
        code = renameat2(AT_FDCWD, sink->temporary, AT_FDCWD, sink->path, RENAME_NOREPLACE);
    if (code != 0 &&
        errno == EINVAL) /* forced, or the file system cannot look and rename at once */
        code = rename(sink->temporary, sink->path);
    if (code != 0)
        return fail(sink, "make", error);
    g_clear_pointer(&sink->temporary, g_free);

    g_autofree char *folder = g_path_get_dirname(sink->path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean durable = fd >= 0 && fsync(fd) == 0;
    if (!durable)
        fail(sink, "write", error);
    if (fd >= 0)
        close(fd);
    return durable;
}

gboolean ds_sink_close(ds_sink *sink, GError **error)
{
    if (!flush(sink, TRUE, error))
        return FALSE;
    if (!sink->owned)
        return TRUE;
    gboolean written = !sink->temporary || fsync(sink->fd) == 0;
    written = close(sink->fd) == 0 && written;
    sink->fd = -1;
    if (!written)
        return fail(sink, "write to", error);
    return !sink->temporary || take_name(sink, error);
}

gint64 ds_sink_bytes(const ds_sink *sink)
{
    return sink->bytes;
}

const char *ds_sink_sha256(const ds_sink *sink)
{
    return tg_sha256_hex(sink->sha256);
}

void ds_sink_free(ds_sink *sink)
{
    if (!sink)
        return;
    if (sink->owned && sink->fd >= 0)
        close(sink->fd);
    if (sink->temporary)
        g_unlink(sink->temporary);
    g_clear_object(&sink->packer);
    g_byte_array_free(sink->pending, TRUE);
    tg_sha256_free(sink->sha256);
    g_free(sink->name);
    g_free(sink->path);
    g_free(sink->temporary);
    g_free(sink);
}
