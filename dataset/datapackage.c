/*
 * datapackage.json: a Tabular Data Package of Frictionless Data, version 1, with the pattern for
 * compressed resources.
 */
#include "dataset/publication.h"
#include "tracegen/json.h"

#include <string.h>

static void add_string(JsonBuilder *json, const char *name, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    json_builder_set_member_name(json, name);
    json_builder_add_string_value(json, valid);
}

/* ---- schemas ------------------------------------------------------------- */

static void add_field(JsonBuilder *json, const ds_glossary *glossary, const char *table,
                      const struct ds_field *field)
{
    const char *text = ds_glossary_column(glossary, table, field->name);
    json_builder_begin_object(json);
    add_string(json, "name", field->name);
    add_string(json, "type", field->type);
    if (text)
        add_string(json, "description", text);
    if (ds_glossary_is_truth(glossary, table, field->name)) {
        json_builder_set_member_name(json, "groundTruth");
        json_builder_add_boolean_value(json, TRUE);
    }
    json_builder_end_object(json);
}

/* Names of columns: one as a string, several as an array. */
static void add_names(JsonBuilder *json, const char *member, const char *const *names)
{
    json_builder_set_member_name(json, member);
    if (!names[1]) {
        json_builder_add_string_value(json, names[0]);
        return;
    }
    json_builder_begin_array(json);
    for (; *names; names++)
        json_builder_add_string_value(json, *names);
    json_builder_end_array(json);
}

static void add_reference(JsonBuilder *json, const char *resource, const char *const *names)
{
    json_builder_begin_object(json);
    add_names(json, "fields", names);
    json_builder_set_member_name(json, "reference");
    json_builder_begin_object(json);
    add_string(json, "resource", resource);
    add_names(json, "fields", names);
    json_builder_end_object(json);
    json_builder_end_object(json);
}

/*
 * Only keys without missing values: what a missing part of a key of two columns means is not agreed
 * on among readers.
 */
static void add_references(JsonBuilder *json, const struct ds_resource *resource)
{
    static const char *const run[] = {"run_id", NULL}, *const node[] = {"run_id", "node", NULL};
    gboolean of_run = FALSE;
    for (guint i = 0; i < resource->fields->len; i++) {
        const struct ds_field *field = resource->fields->pdata[i];
        of_run |= strcmp(field->name, "run_id") == 0;
    }
    if (!of_run || strcmp(resource->table->name, "run") == 0)
        return;
    json_builder_set_member_name(json, "foreignKeys");
    json_builder_begin_array(json);
    add_reference(json, "runs", run);
    if (resource->table->names_node)
        add_reference(json, "nodes", node);
    json_builder_end_array(json);
}

static void add_schema(JsonBuilder *json, const ds_glossary *glossary,
                       const struct ds_resource *resource)
{
    json_builder_set_member_name(json, "schema");
    json_builder_begin_object(json);
    json_builder_set_member_name(json, "fields");
    json_builder_begin_array(json);
    for (guint i = 0; i < resource->fields->len; i++)
        add_field(json, glossary, resource->table->name, resource->fields->pdata[i]);
    json_builder_end_array(json);
    json_builder_set_member_name(json, "missingValues");
    json_builder_begin_array(json);
    json_builder_add_string_value(json, "");
    json_builder_end_array(json);
    add_names(json, "primaryKey", resource->table->key);
    add_references(json, resource);
    json_builder_end_object(json);
}

/* ---- resources ----------------------------------------------------------- */

/* What rows.h says of CSV, in the words of CSV Dialect. */
static void add_dialect(JsonBuilder *json)
{
    json_builder_set_member_name(json, "dialect");
    json_builder_begin_object(json);
    add_string(json, "delimiter", ",");
    add_string(json, "lineTerminator", "\n");
    add_string(json, "quoteChar", "\"");
    json_builder_set_member_name(json, "doubleQuote");
    json_builder_add_boolean_value(json, TRUE);
    json_builder_set_member_name(json, "header");
    json_builder_add_boolean_value(json, TRUE);
    json_builder_end_object(json);
}

static void add_resource(JsonBuilder *json, const ds_glossary *glossary,
                         const struct ds_resource *resource)
{
    const char *text = ds_glossary_table(glossary, resource->table->name);
    g_autofree char *hash = g_strconcat("sha256:", resource->sha256, NULL);
    json_builder_begin_object(json);
    add_string(json, "profile", "tabular-data-resource");
    add_string(json, "name", resource->name);
    add_string(json, "path", resource->path);
    if (resource->title)
        add_string(json, "title", resource->title);
    if (text)
        add_string(json, "description", text);
    add_string(json, "format", "csv");
    add_string(json, "mediatype", "text/csv");
    add_string(json, "encoding", "utf-8");
    if (g_str_has_suffix(resource->path, ".gz"))
        add_string(json, "compression", "gz");
    json_builder_set_member_name(json, "bytes");
    json_builder_add_int_value(json, resource->bytes);
    add_string(json, "hash", hash);
    add_dialect(json);
    add_schema(json, glossary, resource);
    json_builder_end_object(json);
}

/* ---- the package --------------------------------------------------------- */

static void add_license(JsonBuilder *json, const char *license)
{
    json_builder_set_member_name(json, "licenses");
    json_builder_begin_array(json);
    json_builder_begin_object(json);
    add_string(json, strstr(license, "://") ? "path" : "name", license);
    json_builder_end_object(json);
    json_builder_end_array(json);
}

static void add_creators(JsonBuilder *json, const char *const *creators)
{
    json_builder_set_member_name(json, "contributors");
    json_builder_begin_array(json);
    for (; *creators; creators++) {
        json_builder_begin_object(json);
        add_string(json, "title", *creators);
        add_string(json, "role", "author");
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

/* The traces that it all was read from. */
static gboolean add_sources(JsonBuilder *json, const struct ds_publication *p, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query =
        ds_query_new(p->store, error,
                     "SELECT printf('run %d: trace of ns-2%s%s, SHA-256 %s', run_id,"
                     " coalesce(' ' || ns_version, ''), coalesce(', scenario ' || scenario, ''),"
                     " trace_sha256) FROM run"
                     " WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY run_id",
                     "s", p->run_list);
    if (!query)
        return FALSE;
    json_builder_set_member_name(json, "sources");
    json_builder_begin_array(json);
    while (ds_query_next(query, &failure)) {
        json_builder_begin_object(json);
        add_string(json, "title", ds_query_text(query, 0));
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* What is in it, as far as that is known of its runs. */
static void add_description(JsonBuilder *json, const struct ds_publication *p)
{
    const char *truth =
        p->n_known == 0             ? "There is no ground truth: fields with groundTruth are empty."
        : p->n_known < p->runs->len ? "Fields with groundTruth are empty for runs without a "
                                      "scenario, and for scoring only: nothing that learns or "
                                      "detects may read them."
                                    : "Fields with groundTruth are for scoring only: nothing that "
                                      "learns or detects may read them.";
    g_autofree char *text =
        g_strdup_printf("Every packet event of ns-2 traces, with the network%s beside it. "
                        "README.md is the datasheet. %s",
                        p->n_known > 0 ? ", the flows and the ground truth" : " and the flows",
                        truth);
    add_string(json, "description", text);
}

static void add_keywords(JsonBuilder *json, const struct ds_publication *p)
{
    const char *const keywords[] = {"network simulation", "ns-2", "packet trace",
                                    p->of_things ? "Internet of Things" : NULL,
                                    p->has_attack ? "intrusion detection" : NULL};
    json_builder_set_member_name(json, "keywords");
    json_builder_begin_array(json);
    for (gsize i = 0; i < G_N_ELEMENTS(keywords); i++)
        if (keywords[i])
            json_builder_add_string_value(json, keywords[i]);
    json_builder_end_array(json);
}

/* What was said of it by those who publish it. */
static void add_given(JsonBuilder *json, const struct ds_publish_options *given)
{
    if (given->version)
        add_string(json, "version", given->version);
    if (given->created >= 0) {
        g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(given->created);
        g_autofree char *text = time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
        if (text)
            add_string(json, "created", text);
    }
    if (*given->creators)
        add_creators(json, given->creators);
    if (given->license)
        add_license(json, given->license);
}

char *ds_make_datapackage(const struct ds_publication *p, GError **error)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    add_string(json, "profile", "tabular-data-package");
    add_string(json, "name", p->name);
    add_string(json, "title", p->title);
    add_description(json, p);
    add_keywords(json, p);
    add_given(json, p->options);
    if (!add_sources(json, p, error))
        return NULL;
    json_builder_set_member_name(json, "resources");
    json_builder_begin_array(json);
    for (guint i = 0; i < p->resources->len; i++)
        add_resource(json, p->glossary, p->resources->pdata[i]);
    json_builder_end_array(json);
    json_builder_end_object(json);
    g_autoptr(JsonNode) root = json_builder_get_root(json);
    g_autofree char *text = tg_json_to_string(root, TRUE);
    return g_strconcat(text, "\n", NULL);
}
