#include "tests/fuzz/place.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* Names of the descriptor, since a reader knows packed files by the end of their names. */
struct place {
    char *folder, *plain, *packed;
    int fd; /* what the names stand for; the number never changes */
    int memory;
};

static struct place *place = NULL;

static void remove_place(void)
{
    g_unlink(place->plain);
    g_unlink(place->packed);
    g_rmdir(place->folder);
}

static void make_place(void)
{
    if (place)
        return;
    place = g_new0(struct place, 1);
    place->folder = g_dir_make_tmp("fuzz-XXXXXX", NULL);
    place->memory = memfd_create("fuzz", MFD_CLOEXEC);
    place->fd = fcntl(place->memory, F_DUPFD_CLOEXEC, 0);
    fuzz_check(place->folder && place->memory >= 0 && place->fd >= 0, "no place for files");
    place->plain = g_build_filename(place->folder, "fuzz.tr", NULL);
    place->packed = g_build_filename(place->folder, "fuzz.tr.gz", NULL);
    g_autofree char *target = g_strdup_printf("/proc/self/fd/%d", place->fd);
    fuzz_check(symlink(target, place->plain) == 0 && symlink(target, place->packed) == 0,
               "no names for files");
    atexit(remove_place);
}

static void stand_for(int fd)
{
    fuzz_check(dup3(fd, place->fd, O_CLOEXEC) == place->fd, "dup3");
}

const char *fuzz_put_file(const GByteArray *bytes, gboolean packed)
{
    make_place();
    fuzz_check(ftruncate(place->memory, 0) == 0, "ftruncate");
    gssize n = bytes->len > 0 ? pwrite(place->memory, bytes->data, bytes->len, 0) : 0;
    fuzz_check(n == (gssize)bytes->len, "pwrite");
    stand_for(place->memory);
    return packed ? place->packed : place->plain;
}

/* Writes in packets, of which each read() gets one. FALSE: the pipe is too small. */
static gboolean fill_pipe(int fd, const GByteArray *bytes, gsize n_packet)
{
    for (gsize at = 0; at < bytes->len;) {
        gsize n = MIN(n_packet, bytes->len - at);
        if (write(fd, bytes->data + at, n) != (gssize)n) {
            fuzz_check(errno == EAGAIN, "write to a pipe");
            return FALSE;
        }
        at += n;
    }
    return TRUE;
}

const char *fuzz_put_pipe(const GByteArray *bytes, uint8_t number)
{
    enum { N_PACKET = 200, CAPACITY = 1 << 20 }; /* a page holds one packet */
    int ends[2];
    make_place();
    fuzz_check(pipe2(ends, O_DIRECT | O_CLOEXEC | O_NONBLOCK) == 0, "pipe2");
    fcntl(ends[1], F_SETPIPE_SZ, CAPACITY); /* refused, it stays as small as it is */
    gsize n_packet = MIN(bytes->len / N_PACKET + 1 + number, 4096);
    gboolean all = fill_pipe(ends[1], bytes, n_packet);
    stand_for(ends[0]);
    close(ends[0]);
    close(ends[1]);
    return all ? place->plain : fuzz_put_file(bytes, FALSE);
}

static void pack_member(GConverter *zip, const guint8 *bytes, gsize n, GByteArray *packed)
{
    for (GConverterResult result = G_CONVERTER_CONVERTED; result != G_CONVERTER_FINISHED;) {
        guint8 out[4096];
        gsize n_read = 0, n_written = 0;
        result = g_converter_convert(zip, bytes, n, out, sizeof out, G_CONVERTER_INPUT_AT_END,
                                     &n_read, &n_written, NULL);
        fuzz_check(result != G_CONVERTER_ERROR, "gzip");
        bytes += n_read;
        n -= n_read;
        g_byte_array_append(packed, out, (guint)n_written);
    }
    g_converter_reset(zip);
}

GByteArray *fuzz_pack(const GByteArray *bytes, gsize n_first)
{
    GByteArray *packed = g_byte_array_new();
    g_autoptr(GZlibCompressor) zip = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 1);
    pack_member(G_CONVERTER(zip), bytes->data, n_first, packed);
    pack_member(G_CONVERTER(zip), bytes->data + n_first, bytes->len - n_first, packed);
    return packed;
}
