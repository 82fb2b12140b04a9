/*
 * Where exported bytes go: a descriptor that is open already, or a file that appears whole under
 * its name or not at all. Packed by gzip or not, counted and digested on the way.
 */
#ifndef DATASET_SINK_H
#define DATASET_SINK_H

#include <glib.h>

typedef struct ds_sink ds_sink;

/* Writes to a descriptor, which stays open; `name` is how messages call it. Caller frees. */
ds_sink *ds_sink_new(int fd, const char *name, gboolean gzip);

/*
 * Writes to a file beside `path`, which takes its name in ds_sink_close(). What has the name
 * already is replaced with `force`, and TG_ERROR_DATA without; what is no file (a pipe, /dev/null)
 * is written to as it is. TG_ERROR_SYSTEM when the file cannot be made. Caller frees.
 */
ds_sink *ds_sink_create(const char *path, gboolean gzip, gboolean force, GError **error);

/* Writes, or keeps for later. TG_ERROR_SYSTEM, or TG_ERROR_INTERRUPTED while a pipe takes nothing.
 */
gboolean ds_sink_write(ds_sink *sink, const char *bytes, gsize length, GError **error);

/* Writes what was kept; a file is on disk after it, and has its name. Nothing can follow. */
gboolean ds_sink_close(ds_sink *sink, GError **error);

/* Of what was written, after ds_sink_close(): bytes as they lie on disk. */
gint64 ds_sink_bytes(const ds_sink *sink);
const char *ds_sink_sha256(const ds_sink *sink); /* hexadecimal; valid until the sink is freed */

/* A file that was not closed is gone. */
void ds_sink_free(ds_sink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_sink, ds_sink_free)

#endif
