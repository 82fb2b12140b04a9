#include "experiments/model_target.h"

#include "experiments/model_record.h"
#include "experiments/train_recipe.h"
#include "model/model_file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

static gboolean is_same_file(const char *a, const char *b)
{
    GStatBuf x, y;
    return g_stat(a, &x) == 0 && g_stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

gboolean ex_target_check(const struct ex_train_options *options, const char *checkpoint,
                         char **replaced_sha256, GError **error)
{
    const char *model = options->model, *init = options->init;
    g_autofree char *folder = g_path_get_dirname(model);
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR) || g_access(folder, W_OK) != 0)
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: cannot write into folder '%s'", model,
                    folder);
    else if (init && is_same_file(init, checkpoint))
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "--init %s is the checkpoint of --model, which will be removed: rename it",
                    init);
    else if (g_file_test(checkpoint, G_FILE_TEST_EXISTS) &&
             !g_file_test(checkpoint, G_FILE_TEST_IS_REGULAR))
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s is not a file", checkpoint);
    else if (!g_file_test(model, G_FILE_TEST_EXISTS))
        return TRUE;
    else if (!g_file_test(model, G_FILE_TEST_IS_REGULAR))
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s is not a file", model);
    else if (!options->force && !options->resume)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s is there already (--force replaces it)",
                    model);
    else {
        *replaced_sha256 = ex_sha256_file(model, error);
        return *replaced_sha256 != NULL;
    }
    return FALSE;
}

gboolean ex_target_is_same(const char *path, const char *options, GError **error)
{
    g_autoptr(GError) difference = NULL;
    g_autoptr(nn_model) finished = nn_model_load(path, error);
    if (!finished)
        return FALSE;
    if (ex_train_same_options(options, finished->options, &difference))
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                "%s is there already, of another training: %s (--force replaces it)", path,
                difference->message);
    return FALSE;
}

gint64 ex_target_record(ds_store *store, const char *path, const char *options,
                        const char *replaced_sha256, GError **error)
{
    g_autofree char *sha256 = ex_sha256_file(path, error);
    if (!sha256 ||
        !ds_execute(store, error, "DELETE FROM model WHERE model_sha256 = ? AND model_sha256 <> ?",
                    "ss", replaced_sha256, sha256))
        return 0;
    return ex_record_model(store, path, sha256, options, error);
}

gboolean ex_target_drop_checkpoint(const char *checkpoint, GError **error)
{
    if (g_unlink(checkpoint) == 0 || errno == ENOENT)
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", checkpoint, g_strerror(errno));
    return FALSE;
}
