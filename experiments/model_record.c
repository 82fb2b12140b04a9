#include "experiments/model_record.h"

#include "tracegen/error.h"

char *ex_sha256_file(const char *path, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: not a regular file", path);
        return NULL;
    }
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &failure);
    if (!file) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s", failure->message);
        return NULL;
    }
    g_autoptr(GBytes) bytes = g_mapped_file_get_bytes(file);
    return g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
}

gint64 ex_record_model(ds_store *store, const char *path, const char *sha256, const char *options,
                       GError **error)
{
    gint64 model_id = 0;
    if (!ds_lookup(store, &model_id, error, "SELECT model_id FROM model WHERE model_sha256 = ?",
                   "s", sha256))
        return 0;
    if (model_id)
        return model_id;
    g_autofree char *name = g_path_get_basename(path);
    if (g_str_has_suffix(name, ".safetensors"))
        name[strlen(name) - strlen(".safetensors")] = '\0';
    if (!ds_execute(store, error,
                    "INSERT INTO model (name, path, options, model_sha256) VALUES (?, ?, ?, ?)",
                    "ssss", name, path, options, sha256))
        return 0;
    return ds_last_id(store);
}

gint64 ex_find_model(ds_store *store, const char *model, GError **error)
{
    gint64 n = 0, model_id = 0;
    if (g_file_test(model, G_FILE_TEST_EXISTS)) {
        g_autofree char *sha256 = ex_sha256_file(model, error);
        if (!sha256 || !ds_lookup(store, &model_id, error,
                                  "SELECT model_id FROM model WHERE model_sha256 = ?", "s", sha256))
            return 0;
    } else if (!ds_lookup(store, &n, error, "SELECT count(*) FROM model WHERE name = ?", "s",
                          model) ||
               (n == 1 && !ds_lookup(store, &model_id, error,
                                     "SELECT model_id FROM model WHERE name = ?", "s", model)))
        return 0;
    if (!model_id)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    n > 1 ? "%s: more than one model of that name, give the file"
                          : "%s: no such model in the store",
                    model);
    return model_id;
}
