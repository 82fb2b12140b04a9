#include "experiments/model_record.h"

#include "dataset/vocabulary.h"
#include "tracegen/error.h"
#include "tracegen/json.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* ---- model files ---- */

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

/* The model of that SHA-256; it gets a row if it has none. */
static gint64 record(ds_store *store, const char *name, const char *path, const char *sha256,
                     const char *options, GError **error)
{
    gint64 model_id = 0;
    if (!ds_lookup(store, &model_id, error, "SELECT model_id FROM model WHERE model_sha256 = ?",
                   "s", sha256))
        return 0;
    if (model_id)
        return model_id;
    if (!ds_execute(store, error,
                    "INSERT INTO model (name, path, options, model_sha256) VALUES (?, ?, ?, ?)",
                    "ssss", name, path, options, sha256))
        return 0;
    return ds_last_id(store);
}

gint64 ex_record_model(ds_store *store, const char *path, const char *sha256, const char *options,
                       GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    if (g_str_has_suffix(name, ".safetensors"))
        name[strlen(name) - strlen(".safetensors")] = '\0';
    return record(store, name, path, sha256, options, error);
}

static gboolean is_digest(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

gint64 ex_find_model(ds_store *store, const char *model, GError **error)
{
    gint64 n = 0, model_id = 0;
    if (g_file_test(model, G_FILE_TEST_EXISTS)) {
        g_autofree char *sha256 = ex_sha256_file(model, error);
        if (!sha256 || !ds_lookup(store, &model_id, error,
                                  "SELECT model_id FROM model WHERE model_sha256 = ?", "s", sha256))
            return 0;
    } else if (is_digest(model)) {
        if (!ds_lookup(store, &model_id, error, "SELECT model_id FROM model WHERE model_sha256 = ?",
                       "s", model))
            return 0;
    } else if (!ds_lookup(store, &n, error, "SELECT count(*) FROM model WHERE name = ?", "s",
                          model) ||
               (n == 1 && !ds_lookup(store, &model_id, error,
                                     "SELECT model_id FROM model WHERE name = ?", "s", model)))
        return 0;
    if (!model_id)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    n > 1 ? "%s: more than one model of that name, give the file or SHA-256"
                          : "%s: no such model in the store",
                    model);
    return model_id;
}

/* ---- rivals ---- */

const struct nn_rival *ex_find_rival(const char *name, GError **error)
{
    const struct nn_rival *rival = nn_rival_find(name);
    if (rival)
        return rival;
    g_autoptr(GString) names = g_string_new(NULL);
    for (int i = 0; nn_rivals[i]; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "", nn_rivals[i]->name);
    g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "no rival '%s': there are %s", name, names->str);
    return NULL;
}

char *ex_sha256_pairs(ds_store *store, gint64 pair_set_id, GError **error)
{
    g_autoptr(ds_query) query =
        ds_query_new(store, error, "SELECT sha256 FROM pair_set WHERE pair_set_id = ?", "i",
                     pair_set_id);
    return query && ds_query_next(query, error) ? g_strdup(ds_query_text(query, 0)) : NULL;
}

char *ex_sha256_rival(const struct nn_rival *rival, const char *pairs_sha256)
{
    g_autofree char *text =
        g_strdup_printf("rival %s\nparameters %s\npairs_sha256 %s\nversion %s\n", rival->name,
                        rival->parameters, pairs_sha256, ADLIOTLOG_VERSION);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

gint64 ex_record_rival(ds_store *store, const struct nn_rival *rival, const char *pairs,
                       const char *pairs_sha256, const char *command_line, GError **error)
{
    const struct {
        const char *name, *value;
    } texts[] = {{"rival", rival->name},
                 {"parameters", rival->parameters},
                 {"pairs", pairs},
                 {"pairs_sha256", pairs_sha256},
                 {"version", ADLIOTLOG_VERSION},
                 {"command", command_line}};
    g_autofree char *sha256 = ex_sha256_rival(rival, pairs_sha256);
    g_autoptr(JsonObject) json = json_object_new();
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        json_object_set_string_member(json, texts[i].name, texts[i].value);
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    json_node_set_object(node, json);
    g_autofree char *options = tg_json_to_string(node, FALSE);
    return record(store, rival->name, "", sha256, options, error);
}

gint64 ex_find_rival_model(ds_store *store, const char *rival, const char *pairs, GError **error)
{
    gint64 model_id = 0;
    const struct nn_rival *found = ex_find_rival(rival, error);
    const gint64 pair_set_id = found ? ds_find_pair_set(store, pairs, error) : 0;
    g_autofree char *pairs_sha256 = pair_set_id ? ex_sha256_pairs(store, pair_set_id, error) : NULL;
    if (!pairs_sha256)
        return 0;
    g_autofree char *sha256 = ex_sha256_rival(found, pairs_sha256);
    if (ds_lookup(store, &model_id, error, "SELECT model_id FROM model WHERE model_sha256 = ?", "s",
                  sha256) &&
        !model_id)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "%s was not fitted on '%s' yet: run adliotlog evaluate --rival %s first", rival,
                    pairs, rival);
    return model_id;
}
