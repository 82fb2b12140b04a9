#include "tracegen/rundir.h"

#include "tracegen/error.h"
#include "tracegen/json.h"
#include "tracegen/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* What follows the run's name in that of its hidden directory, and where a replaced one goes. */
#define HIDDEN_END ".XXXXXX_"
#define HIDDEN_OLD ".old"

struct tg_rundir {
    char *out, *name, *path;
    int lock; /* held while the hidden directory is in use; the kernel lets go of it at a crash */
};

static void set_system_error(GError **error, const char *doing, const char *path)
{
    int cause = errno;
    g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot %s '%s': %s", doing, path,
                g_strerror(cause));
}

/* Removes a directory and the files in it; a run has no others below. */
static void remove_directory(const char *path)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const char *name;
    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_unlink(file);
    }
    g_rmdir(path);
}

static int open_directory(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Only a directory that can be locked is known to be nobody's: some file systems lock none. */
static void remove_leftover(const char *path)
{
    int fd = open_directory(path);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        remove_directory(path);
    if (fd >= 0)
        close(fd);
}

/* The run whose hidden directory it is, `.NAME.XXXXXX_` or `.NAME.XXXXXX_.old`; NULL for others. */
static char *name_of_hidden(const char *file)
{
    gsize length = strlen(file);
    if (g_str_has_suffix(file, HIDDEN_OLD))
        length -= strlen(HIDDEN_OLD);
    if (file[0] != '.' || length <= 1 + strlen(HIDDEN_END))
        return NULL;
    const char *end = file + length - strlen(HIDDEN_END);
    return end[0] == '.' && end[strlen(HIDDEN_END) - 1] == '_'
               ? g_strndup(file + 1, (gsize)(end - file) - 1)
               : NULL;
}

void tg_rundir_clean(const char *out, GHashTable *names)
{
    int out_fd = open_directory(out);
    if (out_fd < 0)
        return;
    flock(out_fd, LOCK_EX); /* as in tg_rundir_new() */
    g_autoptr(GDir) directory = g_dir_open(out, 0, NULL);
    const char *file;
    while (directory && (file = g_dir_read_name(directory))) {
        g_autofree char *name = name_of_hidden(file);
        g_autofree char *path = g_build_filename(out, file, NULL);
        if (name && g_hash_table_contains(names, name))
            remove_leftover(path);
    }
    close(out_fd);
}

struct tg_rundir *tg_rundir_new(const char *out, const char *name, GError **error)
{
    int out_fd = open_directory(out);
    if (out_fd < 0) {
        set_system_error(error, "open", out);
        return NULL;
    }
    /* Between making and locking it, another process must not take it for a leftover. */
    flock(out_fd, LOCK_EX);
    g_autoptr(tg_rundir) dir = g_new0(struct tg_rundir, 1);
    dir->out = g_strdup(out);
    dir->name = g_strdup(name);
    dir->path = g_strdup_printf("%s/.%s" HIDDEN_END, out, name);
    dir->lock = -1;
    gboolean made = g_mkdtemp_full(dir->path, 0777) != NULL;
    if (made) {
        dir->lock = open_directory(dir->path);
        flock(dir->lock, LOCK_EX | LOCK_NB);
    } else {
        set_system_error(error, "make a directory in", out);
        g_clear_pointer(&dir->path, g_free);
    }
    close(out_fd);
    return made ? g_steal_pointer(&dir) : NULL;
}

void tg_rundir_free(struct tg_rundir *dir)
{
    if (!dir)
        return;
    if (dir->path)
        remove_directory(dir->path);
    if (dir->lock >= 0)
        close(dir->lock);
    g_free(dir->out);
    g_free(dir->name);
    g_free(dir->path);
    g_free(dir);
}

const char *tg_rundir_path(const struct tg_rundir *dir)
{
    return dir->path;
}

/* ---- the trace ---------------------------------------------------------- */

struct digest {
    char *sha256;
    gint64 bytes;
    char last; /* byte of the file */
};

static gboolean digest_stream(int fd, struct digest *digest)
{
    g_autoptr(tg_sha256) sha256 = tg_sha256_new();
    guchar buffer[65536];
    for (;;) {
        gssize n = read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        if (n == 0)
            break;
        tg_sha256_update(sha256, buffer, (gsize)n);
        digest->bytes += n;
        digest->last = (char)buffer[n - 1];
    }
    digest->sha256 = g_strdup(tg_sha256_hex(sha256));
    return TRUE;
}

/* Digests a trace that ns has written, and sees to it that it is on disk. */
static gboolean digest_trace(const char *path, struct digest *digest, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_NS, "ns wrote no trace");
        return FALSE;
    }
    gboolean done = digest_stream(fd, digest) && fsync(fd) == 0;
    if (!done)
        set_system_error(error, "read back", path);
    close(fd);
    if (done && (digest->bytes == 0 || digest->last != '\n')) {
        g_set_error(error, TG_ERROR, TG_ERROR_NS, "ns wrote %s",
                    digest->bytes == 0 ? "an empty trace" : "a trace that ends inside a line");
        return FALSE;
    }
    return done;
}

/* ---- the manifest ------------------------------------------------------- */

static JsonNode *new_manifest(const struct tg_plan *plan, const struct tg_provenance *provenance,
                              const struct digest *digest)
{
    JsonObject *manifest = json_object_new();
    json_object_set_string_member(manifest, "format", TG_MANIFEST_FORMAT);
    json_object_set_int_member(manifest, "format_version", TG_MANIFEST_VERSION);
    json_object_set_string_member(manifest, "generator", "adliotlog " ADLIOTLOG_VERSION);
    json_object_set_string_member(manifest, "command", provenance->command);
    json_object_set_string_member(manifest, "ns_version", provenance->ns_version);
    json_object_set_string_member(manifest, "scenario_sha256", provenance->sources_sha256);
    json_object_set_string_member(manifest, "plan_sha256", plan->sha256);
    g_autoptr(JsonNode) planned = tg_plan_read(plan);
    JsonObjectIter iterator;
    const char *name;
    JsonNode *node;
    json_object_iter_init_ordered(&iterator, json_node_get_object(planned));
    while (json_object_iter_next_ordered(&iterator, &name, &node))
        json_object_set_member(manifest, name, json_node_copy(node));

    JsonObject *trace = json_object_new();
    json_object_set_string_member(trace, "file", TG_RUN_TRACE);
    json_object_set_string_member(trace, "sha256", digest->sha256);
    json_object_set_int_member(trace, "bytes", digest->bytes);
    json_object_set_object_member(manifest, "trace", trace);
    if (provenance->nam)
        json_object_set_string_member(manifest, "nam", TG_RUN_NAM);
    JsonNode *root = json_node_alloc();
    json_node_init_object(root, manifest);
    json_object_unref(manifest);
    return root;
}

/* Writes the manifest and reads it again: what a script planned has to be one. */
static gboolean write_manifest(const char *path, JsonNode *manifest, GError **error)
{
    g_autofree char *text = tg_json_to_string(manifest, TRUE);
    g_autofree char *lines = g_strconcat(text, "\n", NULL);
    g_autoptr(GError) write_error = NULL;
    if (!g_file_set_contents_full(path, lines, -1,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                  0666, &write_error)) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, write_error->message);
        return FALSE;
    }
    g_autoptr(tg_manifest) again = tg_manifest_read(path, error);
    return again != NULL;
}

/* ---- the name ----------------------------------------------------------- */

/* Renames the hidden directory; what has the name already becomes a leftover first. */
static gboolean take_name(struct tg_rundir *dir, GError **error)
{
    g_autofree char *final = g_build_filename(dir->out, dir->name, NULL);
    g_autofree char *old = g_strconcat(dir->path, HIDDEN_OLD, NULL);
    if (g_file_test(final, G_FILE_TEST_EXISTS) && g_rename(final, old) != 0) {
        set_system_error(error, "replace", final);
        return FALSE;
    }
    if (g_rename(dir->path, final) != 0) {
        set_system_error(error, "make", final);
        return FALSE;
    }
    remove_directory(old);
    g_clear_pointer(&dir->path, g_free);

    int out = open_directory(dir->out);
    gboolean durable = out >= 0 && fsync(out) == 0;
    if (!durable)
        set_system_error(error, "write", dir->out);
    if (out >= 0)
        close(out);
    return durable;
}

gboolean tg_rundir_finish(struct tg_rundir *dir, const struct tg_plan *plan,
                          const struct tg_provenance *provenance, struct tg_run_trace *trace,
                          GError **error)
{
    g_autofree char *trace_path = g_build_filename(dir->path, TG_RUN_TRACE, NULL);
    g_autofree char *nam = g_build_filename(dir->path, TG_RUN_NAM, NULL);
    g_autofree char *path = g_build_filename(dir->path, TG_RUN_MANIFEST, NULL);
    struct digest digest = {0};
    gboolean complete = digest_trace(trace_path, &digest, error);
    g_autofree char *sha256 = digest.sha256;
    if (!complete)
        return FALSE;
    if (provenance->nam && !g_file_test(nam, G_FILE_TEST_IS_REGULAR)) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_NS, "ns wrote no nam file");
        return FALSE;
    }
    g_strlcpy(trace->sha256, sha256, sizeof trace->sha256);
    trace->bytes = digest.bytes;
    g_autoptr(JsonNode) manifest = new_manifest(plan, provenance, &digest);
    return write_manifest(path, manifest, error) && take_name(dir, error);
}

gboolean tg_rundir_find(const char *path, gboolean nam, struct tg_run_trace *trace)
{
    g_autofree char *manifest_path = g_build_filename(path, TG_RUN_MANIFEST, NULL);
    g_autoptr(tg_manifest) manifest = tg_manifest_read(manifest_path, NULL);
    if (!manifest || (nam && !manifest->nam_file))
        return FALSE;
    g_autofree char *trace_path = g_build_filename(path, manifest->trace_file, NULL);
    g_autofree char *nam_path =
        manifest->nam_file ? g_build_filename(path, manifest->nam_file, NULL) : NULL;
    GStatBuf status;
    if (g_stat(trace_path, &status) != 0 || status.st_size != manifest->trace_bytes ||
        (nam && !g_file_test(nam_path, G_FILE_TEST_IS_REGULAR)))
        return FALSE;
    g_strlcpy(trace->sha256, manifest->trace_sha256, sizeof trace->sha256);
    trace->bytes = manifest->trace_bytes;
    return TRUE;
}
