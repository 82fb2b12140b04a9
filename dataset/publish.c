#include "dataset/publish.h"

#include "dataset/event_column.h"
#include "dataset/export.h"
#include "dataset/folder.h"
#include "dataset/license.h"
#include "dataset/publication.h"
#include "dataset/runs.h"
#include "dataset/vocabulary.h"
#include "tracegen/error.h"
#include <string.h>

/* In the order of their files. Those before `event` are one file each. */
static const struct ds_table tables[] = {
    {"run", "runs", {"run_id"}, FALSE},
    {"node", "nodes", {"run_id", "node"}, FALSE},
    {"interface", "interfaces", {"run_id", "mac"}, FALSE},
    {"flow", "flows", {"run_id", "flow"}, FALSE},
    {"attack", "attacks", {"run_id", "attack_no"}, FALSE},
    {"attack_node", "attack_nodes", {"run_id", "attack_no", "node", "role"}, TRUE},
    {"noise", "noise", {"run_id", "kind"}, FALSE},
    {"reject", "rejects", {"run_id", "line"}, FALSE},
    {"event", "events", {"run_id", "line"}, TRUE},
    {"packet", "packets", {"run_id", "flow", "forward", "uid"}, FALSE},
    {"pair_set", "pair_sets", {"pair_set_id"}, FALSE},
    {"pair", "pairs", {"pair_id"}, FALSE},
};

static const struct ds_table *find_table(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++)
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    g_assert_not_reached();
}

/* ---- resources ----------------------------------------------------------- */

static void field_free(void *data)
{
    struct ds_field *field = data;
    g_free(field->name);
    g_free(field);
}

static void resource_free(void *data)
{
    struct ds_resource *resource = data;
    g_free(resource->name);
    g_free(resource->path);
    g_free(resource->title);
    g_free(resource->sha256);
    g_ptr_array_unref(resource->fields);
    g_free(resource);
}

/* `suffix` makes one of several files of a table, which are packed; NULL for the only one. */
static struct ds_resource *add_resource(struct ds_publication *p, const char *table,
                                        const char *suffix)
{
    struct ds_resource *resource = g_new0(struct ds_resource, 1);
    resource->table = find_table(table);
    resource->name = suffix ? g_strdup_printf("%s-%s", resource->table->resource, suffix)
                            : g_strdup(resource->table->resource);
    resource->path = g_strdup_printf(suffix ? "data/%s.csv.gz" : "data/%s.csv", resource->name);
    resource->fields = g_ptr_array_new_with_free_func(field_free);
    g_ptr_array_add(p->resources, resource);
    return resource;
}

static const char *type_of_event(const char *column)
{
    static const char *const integers[] = {"run_id",    "line",   "flow", "attack",
                                           "attack_no", "covert", NULL};
    for (int i = 0; i < ds_n_event_column; i++) {
        const enum ds_column_type type = (enum ds_column_type)ds_event_columns[i].type;
        if (strcmp(ds_event_columns[i].name, column) != 0)
            continue;
        if (type == DS_COLUMN_INT || type == DS_COLUMN_BITS)
            return "integer";
        return type == DS_COLUMN_REAL || type == DS_COLUMN_DURATION ? "number" : "string";
    }
    return g_strv_contains(integers, column) ? "integer" : "string";
}

static const char *type_of(const struct ds_table *table, ds_query *query, int column)
{
    if (strcmp(table->name, "event") == 0)
        return type_of_event(ds_query_name(query, column));
    const char *declared = ds_query_declared_type(query, column);
    if (g_strcmp0(declared, "INTEGER") == 0)
        return "integer";
    return g_strcmp0(declared, "REAL") == 0 ? "number" : "string";
}

static void add_fields(struct ds_resource *resource, ds_query *query)
{
    for (int i = 0; i < ds_query_n_column(query); i++) {
        struct ds_field *field = g_new0(struct ds_field, 1);
        field->name = g_strdup(ds_query_name(query, i));
        field->type = type_of(resource->table, query, i);
        g_ptr_array_add(resource->fields, field);
    }
}

static gboolean write_resource(ds_folder *folder, struct ds_resource *resource, ds_query *query,
                               GError **error)
{
    if (!query)
        return FALSE;
    add_fields(resource, query);
    g_autoptr(ds_sink) sink = ds_folder_open(folder, resource->path, error);
    if (!sink || !ds_rows_write(query, &ds_format_csv, TRUE, sink, &resource->n_row, error) ||
        !ds_folder_add(folder, resource->path, sink, error))
        return FALSE;
    resource->bytes = ds_sink_bytes(sink);
    resource->sha256 = g_strdup(ds_sink_sha256(sink));
    return TRUE;
}

/* ---- data ---------------------------------------------------------------- */

static gboolean write_table(struct ds_publication *p, ds_folder *folder, const char *table,
                            GError **error)
{
    struct ds_resource *resource = add_resource(p, table, NULL);
    const gboolean of_pairs = strcmp(table, "pair_set") == 0;
    const char *const *key = resource->table->key;
    g_autofree char *order = g_strjoinv(", ", (char **)key);
    g_autofree char *sql =
        g_strdup_printf("SELECT * FROM %s WHERE %s IN (SELECT value FROM json_each(?)) ORDER BY %s",
                        table, key[0], order);
    g_autoptr(ds_query) query =
        ds_query_new(p->store, error, sql, "s", of_pairs ? p->pair_set_list : p->run_list);
    return write_resource(folder, resource, query, error);
}

static ds_query *ask_packets(ds_store *store, gint64 run_id, GError **error)
{
    return ds_query_new(store, error,
                        "SELECT * FROM packet WHERE run_id = ? ORDER BY flow, forward, uid", "i",
                        run_id);
}

/* A file a run; `ask` has its rows. */
static gboolean write_by_run(struct ds_publication *p, ds_folder *folder, const char *table,
                             const char *title,
                             ds_query *(*ask)(ds_store *, gint64 run_id, GError **), GError **error)
{
    for (guint i = 0; i < p->runs->len; i++) {
        const gint64 run_id = g_array_index(p->runs, gint64, i);
        g_autofree char *suffix = g_strdup_printf("%" G_GINT64_FORMAT, run_id);
        struct ds_resource *resource = add_resource(p, table, suffix);
        resource->title = g_strdup_printf("%s of run %s", title, suffix);
        g_autoptr(ds_query) query = ask(p->store, run_id, error);
        if (!write_resource(folder, resource, query, error))
            return FALSE;
    }
    return TRUE;
}

/* A name as it can be part of a file's name, and of a resource's. Caller frees. */
static char *make_slug(const char *name)
{
    GString *slug = g_string_new(NULL);
    for (const char *c = name; *c; c++)
        if (g_ascii_isalnum(*c) || *c == '_' || *c == '.')
            g_string_append_c(slug, g_ascii_tolower(*c));
        else if (slug->len > 0 && slug->str[slug->len - 1] != '-')
            g_string_append_c(slug, '-');
    while (slug->len > 0 && slug->str[slug->len - 1] == '-')
        g_string_truncate(slug, slug->len - 1);
    return g_string_free(slug, FALSE);
}

static gboolean write_pairs(struct ds_publication *p, ds_folder *folder, GError **error)
{
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < p->pair_sets->len; i++) {
        const char *name = p->options->pairs[i];
        g_autofree char *slug = make_slug(name);
        char *suffix = g_strdup(*slug ? slug : "set");
        for (int n = 2; !g_hash_table_add(taken, suffix); n++)
            suffix = g_strdup_printf("%s-%d", slug, n);
        struct ds_resource *resource = add_resource(p, "pair", suffix);
        resource->title = g_strdup_printf("Pairs of set '%s'", name);
        g_autoptr(ds_query) query =
            ds_export_ask_pairs(p->store, g_array_index(p->pair_sets, gint64, i), error);
        if (!write_resource(folder, resource, query, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_data(struct ds_publication *p, ds_folder *folder, GError **error)
{
    for (gsize i = 0; strcmp(tables[i].name, "event") != 0; i++)
        if (!write_table(p, folder, tables[i].name, error))
            return FALSE;
    if (!write_by_run(p, folder, "event", "Events", ds_export_ask_events, error) ||
        !write_by_run(p, folder, "packet", "Packets", ask_packets, error))
        return FALSE;
    return p->pair_sets->len == 0 ||
           (write_table(p, folder, "pair_set", error) && write_pairs(p, folder, error));
}

static gboolean write_about(struct ds_publication *p, ds_folder *folder, GError **error)
{
    g_autofree char *package = ds_make_datapackage(p, error);
    g_autofree char *sheet = package ? ds_make_datasheet(p, error) : NULL;
    return sheet && ds_folder_write(folder, "datapackage.json", package, error) &&
           ds_folder_write(folder, "README.md", sheet, error);
}

/* ---- what is published --------------------------------------------------- */

/* The numbers as a JSON array. Caller frees. */
static char *list(const GArray *numbers)
{
    GString *text = g_string_new("[");
    for (guint i = 0; i < numbers->len; i++)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "",
                               g_array_index(numbers, gint64, i));
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

static gboolean find_pair_sets(struct ds_publication *p, GError **error)
{
    for (const char *const *name = p->options->pairs; *name; name++) {
        gint64 run_id = 0, pair_set_id = ds_find_pair_set(p->store, *name, error);
        if (pair_set_id == 0 ||
            !ds_lookup(p->store, &run_id, error,
                       "SELECT run_id FROM pair_set_run WHERE pair_set_id = ?1 AND run_id NOT IN"
                       " (SELECT value FROM json_each(?2)) ORDER BY run_id",
                       "is", pair_set_id, p->run_list))
            return FALSE;
        if (run_id) {
            g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                        "pair set '%s' is of run %" G_GINT64_FORMAT ", which --runs leaves out",
                        *name, run_id);
            return FALSE;
        }
        g_array_append_val(p->pair_sets, pair_set_id);
    }
    p->pair_set_list = list(p->pair_sets);
    return TRUE;
}

/* What the words of datasheet and package depend on. */
static gboolean find_facts(struct ds_publication *p, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query =
        ds_query_new(p->store, error,
                     "SELECT count(scenario), coalesce(max(attack <> 'none'), 0),"
                     " coalesce(max(scenario LIKE 'iot%'), 0) FROM run"
                     " WHERE run_id IN (SELECT value FROM json_each(?))",
                     "s", p->run_list);
    if (!query)
        return FALSE;
    if (ds_query_next(query, &failure)) {
        p->n_known = (guint)ds_query_int(query, 0);
        p->has_attack = ds_query_int(query, 1) != 0;
        p->of_things = ds_query_int(query, 2) != 0;
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* From the scenarios, unless it is given. */
static gboolean find_title(struct ds_publication *p, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GString) scenarios = g_string_new(NULL);
    g_autoptr(ds_query) query =
        ds_query_new(p->store, error,
                     "SELECT DISTINCT scenario FROM run WHERE scenario IS NOT NULL"
                     " AND run_id IN (SELECT value FROM json_each(?)) ORDER BY 1",
                     "s", p->run_list);
    if (!query)
        return FALSE;
    while (ds_query_next(query, &failure))
        g_string_append_printf(scenarios, "%s%s", scenarios->len > 0 ? ", " : "",
                               ds_query_text(query, 0));
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    const char *plural = p->runs->len == 1 ? "" : "s", *title = p->options->title;
    if (title && *title)
        p->title = g_utf8_make_valid(title, -1);
    else if (p->n_known > 0 && p->n_known < p->runs->len)
        p->title = g_strdup_printf("Packet events of %u ns-2 traces: %s, and others", p->runs->len,
                                   scenarios->str);
    else if (scenarios->len > 0)
        p->title = g_strdup_printf("Packet events of %u simulated run%s: %s", p->runs->len, plural,
                                   scenarios->str);
    else
        p->title = g_strdup_printf("Packet events of %u ns-2 trace%s", p->runs->len, plural);
    return TRUE;
}

/* From the title that was given, or the folder's name, so that not all datasets have the same. */
static char *make_name(const struct ds_publication *p, const ds_folder *folder)
{
    g_autofree char *of_title = make_slug(p->options->title ? p->options->title : "");
    g_autofree char *base = g_path_get_basename(ds_folder_path(folder));
    g_autofree char *of_folder = make_slug(base);
    return g_strdup(*of_title ? of_title : *of_folder ? of_folder : "adliotlog");
}

gboolean ds_publish(ds_store *store, const struct ds_publish_options *options, GError **error)
{
    struct ds_publication p = {.store = store, .options = options};
    g_autoptr(ds_folder) folder = NULL;
    g_autoptr(ds_glossary) glossary = ds_glossary_new();
    g_autoptr(GArray) pair_sets = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GPtrArray) resources = g_ptr_array_new_with_free_func(resource_free);
    g_autoptr(GArray) runs = !options->license || ds_license_check(options->license, error)
                                 ? ds_runs_pick(store, options->runs, error)
                                 : NULL;
    p.glossary = glossary;
    p.pair_sets = pair_sets;
    p.resources = resources;
    p.runs = runs;
    p.run_list = runs ? list(runs) : NULL;
    if (runs && find_pair_sets(&p, error) && find_facts(&p, error) && find_title(&p, error))
        folder = ds_folder_create(options->path, options->force, error);
    p.name = folder ? make_name(&p, folder) : NULL;
    gboolean done = folder && write_data(&p, folder, error) && write_about(&p, folder, error) &&
                    tg_check_interrupt(error) && ds_folder_close(folder, error);
    for (guint i = 0; done && options->written && i < resources->len; i++) {
        const struct ds_resource *resource = resources->pdata[i];
        options->written(options->data, resource->path, resource->n_row);
    }
    g_free(p.run_list);
    g_free(p.pair_set_list);
    g_free(p.name);
    g_free(p.title);
    return done;
}
