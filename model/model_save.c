#include "model/model_format.h"
#include "tracegen/error.h"
#include "tracegen/json.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void nn_model_free(nn_model *model)
{
    if (!model)
        return;
    nn_network_free(model->network);
    g_strfreev(model->vocabulary);
    g_free(model->options);
    g_free(model->command_line);
    g_free(model->training);
    g_free(model->version);
    g_free(model);
}

static char *print_vocabulary(char *const *words)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_array(builder);
    for (int i = 0; words[i]; i++)
        json_builder_add_string_value(builder, words[i]);
    json_builder_end_array(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    return tg_json_to_string(root, FALSE);
}

static void add_string(JsonBuilder *builder, const char *name, const char *value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_string_value(builder, value);
}

static void add_metadata(JsonBuilder *builder, const nn_model *model)
{
    g_autofree char *vocabulary = print_vocabulary(model->vocabulary);
    json_builder_set_member_name(builder, "__metadata__");
    json_builder_begin_object(builder);
    add_string(builder, "model_format", NN_MODEL_FORMAT);
    add_string(builder, "version", ADLIOTLOG_VERSION);
    add_string(builder, "command_line", model->command_line);
    add_string(builder, "options", model->options);
    if (model->training)
        add_string(builder, "training", model->training);
    add_string(builder, "vocabulary", vocabulary);
    json_builder_end_object(builder);
}

static void add_tensor(JsonBuilder *builder, const struct nn_tensor *tensor)
{
    const gint64 begin = (gint64)(tensor->offset * sizeof(float));
    json_builder_set_member_name(builder, tensor->name);
    json_builder_begin_object(builder);
    add_string(builder, "dtype", "F32");
    json_builder_set_member_name(builder, "shape");
    json_builder_begin_array(builder);
    json_builder_add_int_value(builder, tensor->rows);
    if (tensor->cols > 0)
        json_builder_add_int_value(builder, tensor->cols);
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "data_offsets");
    json_builder_begin_array(builder);
    json_builder_add_int_value(builder, begin);
    json_builder_add_int_value(builder, begin + (gint64)(tensor->size * sizeof(float)));
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

static GString *print_header(const nn_model *model)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    add_metadata(builder, model);
    for (int i = 0; i < NN_N_TENSOR; i++)
        if (model->network->tensor[i].size > 0)
            add_tensor(builder, &model->network->tensor[i]);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *text = tg_json_to_string(root, FALSE);
    GString *header = g_string_new(text);
    while (header->len % 8 != 0) /* blanks, so that the tensors begin at a multiple of 8 */
        g_string_append_c(header, ' ');
    return header;
}

/* ---- the file ---- */

static gboolean write_all(int fd, const void *bytes, gsize n)
{
    for (const char *p = bytes; n > 0;) {
        const gssize written = write(fd, p, n);
        if (written < 0 && errno != EINTR)
            return FALSE;
        p += MAX(written, 0);
        n -= (gsize)MAX(written, 0);
    }
    return TRUE;
}

/*
 * A new file in path's folder, without a name where the system can do that: then nothing is left
 * of it should the program be killed. *name is NULL, or the name it has nevertheless.
 */
static int open_beside(const char *path, const char *folder, char **name)
{
    const gboolean nameable = access("/proc/self/fd", F_OK) == 0; /* not in every chroot */
    const int fd = nameable ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666) : -1;
    if (fd >= 0 || (nameable && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    *name = g_strconcat(path, ".XXXXXX", NULL);
    return g_mkstemp_full(*name, O_WRONLY | O_CLOEXEC, 0666);
}

/* Gives the file a name beside path, if it has none. */
static gboolean name_it(int fd, const char *path, char **name)
{
    g_autofree char *handle = g_strdup_printf("/proc/self/fd/%d", fd);
    while (!*name) {
        *name = g_strdup_printf("%s.%06x", path, g_random_int() & 0xffffff);
        if (linkat(AT_FDCWD, handle, AT_FDCWD, *name, AT_SYMLINK_FOLLOW) == 0)
            return TRUE;
        g_clear_pointer(name, g_free);
        if (errno != EEXIST)
            return FALSE;
    }
    return TRUE;
}

/* The directory too must reach the disk, or a crash takes the new name away. Best effort. */
static void sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* What is at path is replaced by all of it, or stays. FALSE with errno. */
static gboolean write_file(const char *path, const GString *header, const nn_network *network)
{
    g_autofree char *folder = g_path_get_dirname(path), *name = NULL;
    const guint64 length = GUINT64_TO_LE(header->len);
    const int fd = open_beside(path, folder, &name);
    if (fd < 0)
        return FALSE;
    gboolean done = write_all(fd, &length, sizeof(length)) &&
                    write_all(fd, header->str, header->len) &&
                    write_all(fd, network->weights, network->n_weight * sizeof(float)) &&
                    fsync(fd) == 0 && name_it(fd, path, &name);
    int cause = errno;
    if (close(fd) != 0 && done) {
        done = FALSE;
        cause = errno;
    }
    if (done && rename(name, path) != 0) {
        done = FALSE;
        cause = errno;
    }
    if (done)
        sync_folder(folder);
    else if (name)
        unlink(name);
    errno = cause;
    return done;
}

gboolean nn_model_save(const nn_model *model, const char *path, GError **error)
{
    g_assert(g_strv_length(model->vocabulary) == (guint)model->network->V);

    if (!nn_model_check(model, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    /* The rename would put a plain file in the place of a device. */
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: not a regular file", path);
        return FALSE;
    }
    g_autoptr(GString) header = print_header(model);
    if (header->len > NN_MAX_HEADER) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: a header of %" G_GSIZE_FORMAT " bytes",
                    path, header->len);
        return FALSE;
    }
    if (!write_file(path, header, model->network)) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", path, g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}
