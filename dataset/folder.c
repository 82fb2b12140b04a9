#include "dataset/folder.h"

#include "tracegen/error.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char sums_name[] = "SHA256SUMS";

struct ds_folder {
    char *given;     /* its name in messages */
    char *path;      /* its name in the end */
    char *temporary; /* its name until then; NULL once it has the other */
    gboolean replace;
    GTree *sums; /* name -> SHA-256, of the files added */
};

static gboolean fail(const char *doing, const char *path, GError **error)
{
    int cause = errno;
    g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot %s %s: %s", doing, path,
                g_strerror(cause));
    return FALSE;
}

static int compare(gconstpointer a, gconstpointer b, gpointer nothing)
{
    (void)nothing;
    return strcmp(a, b);
}

static GTree *new_sums(void)
{
    return g_tree_new_full(compare, NULL, g_free, g_free);
}

/* ---- a folder that is there ---------------------------------------------- */

/* The lines of SHA256SUMS; NULL when it is no such file. */
static GTree *read_sums(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, sums_name, NULL), *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    g_autoptr(GTree) sums = new_sums();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line && **line; line++) {
        if (strspn(*line, "0123456789abcdef") != 64 || strncmp(*line + 64, "  ", 2) != 0)
            return NULL;
        g_tree_insert(sums, g_strdup(*line + 66), g_strndup(*line, 64));
    }
    return g_steal_pointer(&sums);
}

static gboolean has_sum(const char *path, const char *wanted, GError **error)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 block[64 * 1024];
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return fail("read", path, error);
    while ((n = read(fd, block, sizeof block)) > 0 && tg_check_interrupt(error))
        g_checksum_update(checksum, block, n);
    if (n < 0)
        fail("read", path, error);
    close(fd);
    if (n != 0)
        return FALSE;
    gboolean same = strcmp(g_checksum_get_string(checksum), wanted) == 0;
    if (!same)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s was changed since it was written; move it away first", path);
    return same;
}

/* Whether all that is in the folder, or in its folder `below`, is listed and as it was written. */
static gboolean check_files(const char *folder, const char *below, GTree *sums, GError **error)
{
    g_autofree char *here = g_build_filename(folder, below, NULL);
    g_autoptr(GDir) dir = g_dir_open(here, 0, NULL);
    const char *entry;
    if (!dir)
        return fail("read", here, error);
    while ((entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(here, entry, NULL);
        g_autofree char *name = below ? g_strconcat(below, "/", entry, NULL) : g_strdup(entry);
        const char *sum = g_tree_lookup(sums, name);
        if (!below && strcmp(name, sums_name) == 0)
            continue;
        if (sum ? !has_sum(path, sum, error)
                : below || !g_file_test(path, G_FILE_TEST_IS_DIR) ||
                      g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
            if (!sum)
                g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                            "%s is not of the dataset; move it away first", path);
            return FALSE;
        }
        if (!sum && !check_files(folder, name, sums, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean check_replaceable(const char *path, GError **error)
{
    g_autoptr(GTree) sums = read_sums(path);
    if (sums)
        return check_files(path, NULL, sums, error);
    g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                "%s is no dataset: it has no %s of its files, so --force does not replace it", path,
                sums_name);
    return FALSE;
}

/* Removes the files of one of our folders, which hold no folders but those with files. */
static void remove_folder(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *entry;
    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *inner = g_build_filename(path, entry, NULL);
        if (g_unlink(inner) != 0)
            remove_folder(inner);
    }
    g_rmdir(path);
}

/* ---- a new folder -------------------------------------------------------- */

ds_folder *ds_folder_create(const char *path, gboolean force, GError **error)
{
    struct stat status;
    g_autoptr(ds_folder) folder = g_new0(ds_folder, 1);
    folder->sums = new_sums();
    folder->given = g_strdup(path);
    folder->replace = lstat(path, &status) == 0;
    if (folder->replace && !force) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s is there already (--force replaces a dataset)", path);
        return NULL;
    }
    /* Of a link, what it points to is replaced; "x/" is x. */
    char *real = folder->replace ? realpath(path, NULL) : NULL;
    folder->path = real ? g_strdup(real) : g_canonicalize_filename(path, NULL);
    free(real);
    if (folder->replace && !check_replaceable(path, error))
        return NULL;
    g_autofree char *parent = g_path_get_dirname(folder->path);
    g_autofree char *base = g_path_get_basename(folder->path);
    char *temporary = g_strdup_printf("%s/.%s.XXXXXX", parent, base);
    if (!g_mkdtemp_full(temporary, 0777)) {
        fail("make", path, error);
        g_free(temporary);
        return NULL;
    }
    folder->temporary = temporary;
    return g_steal_pointer(&folder);
}

const char *ds_folder_path(const ds_folder *folder)
{
    return folder->path;
}

ds_sink *ds_folder_open(ds_folder *folder, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(folder->temporary, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    if (g_mkdir(parent, 0777) != 0 && errno != EEXIST) {
        fail("make", parent, error);
        return NULL;
    }
    return ds_sink_create(path, g_str_has_suffix(name, ".gz"), FALSE, error);
}

gboolean ds_folder_add(ds_folder *folder, const char *name, ds_sink *sink, GError **error)
{
    if (!ds_sink_close(sink, error))
        return FALSE;
    g_tree_insert(folder->sums, g_strdup(name), g_strdup(ds_sink_sha256(sink)));
    return TRUE;
}

gboolean ds_folder_write(ds_folder *folder, const char *name, const char *text, GError **error)
{
    g_autoptr(ds_sink) sink = ds_folder_open(folder, name, error);
    return sink && ds_sink_write(sink, text, strlen(text), error) &&
           ds_folder_add(folder, name, sink, error);
}

static gboolean add_sum(gpointer name, gpointer sum, gpointer text)
{
    g_string_append_printf(text, "%s  %s\n", (const char *)sum, (const char *)name);
    return FALSE;
}

static gboolean write_sums(ds_folder *folder, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *path = g_build_filename(folder->temporary, sums_name, NULL);
    g_tree_foreach(folder->sums, add_sum, text);
    g_autoptr(ds_sink) sink = ds_sink_create(path, FALSE, FALSE, error);
    return sink && ds_sink_write(sink, text->str, text->len, error) && ds_sink_close(sink, error);
}

/* Makes the names in a folder outlive a crash. */
static gboolean sync_folder(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean done = fd >= 0 && fsync(fd) == 0;
    if (!done)
        fail("write", path, error);
    if (fd >= 0)
        close(fd);
    return done;
}

/* The old folder, if any, then has the temporary name. */
static gboolean take_name(ds_folder *folder, GError **error)
{
    unsigned flags = folder->replace ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    if (renameat2(AT_FDCWD, folder->temporary, AT_FDCWD, folder->path, flags) == 0)
        return TRUE;
    if (errno != EINVAL || folder->replace)
        return fail("make", folder->given, error);
    /* The file system cannot look and rename at once; what holds files is not replaced. */
    return rename(folder->temporary, folder->path) == 0 || fail("make", folder->given, error);
}

gboolean ds_folder_close(ds_folder *folder, GError **error)
{
    if (!write_sums(folder, error) || (folder->replace && !check_replaceable(folder->given, error)))
        return FALSE;
    g_autofree char *parent = g_path_get_dirname(folder->path);
    if (!take_name(folder, error))
        return FALSE;
    if (folder->replace)
        remove_folder(folder->temporary);
    g_clear_pointer(&folder->temporary, g_free);
    return sync_folder(parent, error);
}

void ds_folder_free(ds_folder *folder)
{
    if (!folder)
        return;
    if (folder->temporary)
        remove_folder(folder->temporary);
    g_tree_unref(folder->sums);
    g_free(folder->given);
    g_free(folder->path);
    g_free(folder->temporary);
    g_free(folder);
}
