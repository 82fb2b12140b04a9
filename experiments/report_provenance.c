/* provenance.json: what the results were made from, by whom and how. */
#include "experiments/report.h"
#include "tracegen/json.h"

#include <json-glib/json-glib.h>

/* How a column of a query becomes a member. */
struct member {
    const char *name;
    char type; /* 'i' integer, 'd' real, 's' text, 'j' JSON text */
};

/* JSON text of the store as what it says; as a string if it is none. */
static void add_json(JsonBuilder *builder, const char *text)
{
    JsonNode *node = json_from_string(text, NULL);
    if (node)
        json_builder_add_value(builder, node); /* takes it over */
    else
        json_builder_add_string_value(builder, text);
}

static void add_value(JsonBuilder *builder, ds_query *query, int column, char type)
{
    g_autofree char *text = ex_query_text(query, column);
    if (!text)
        json_builder_add_null_value(builder);
    else if (type == 'i')
        json_builder_add_int_value(builder, ds_query_int(query, column));
    else if (type == 'd')
        json_builder_add_double_value(builder, ds_query_double(query, column));
    else if (type == 's')
        json_builder_add_string_value(builder, text);
    else
        add_json(builder, text);
}

/* "name": [{...}, ...], an object a row of the query over the plan's trials. */
static gboolean add_rows(JsonBuilder *builder, const ex_report *report, const char *name,
                         const char *sql, const struct member *members, int n_member,
                         GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query = ds_query_new(report->store, error, sql, "s", report->trials->plan);
    if (!query)
        return FALSE;
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    while (ds_query_next(query, &failure)) {
        json_builder_begin_object(builder);
        for (int i = 0; i < n_member; i++) {
            json_builder_set_member_name(builder, members[i].name);
            add_value(builder, query, i, members[i].type);
        }
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static gboolean add_runs(JsonBuilder *builder, const ex_report *report, GError **error)
{
    static const struct member members[] = {{"run_id", 'i'},       {"scenario", 's'},
                                            {"attack", 's'},       {"traffic", 's'},
                                            {"seed", 'i'},         {"duration", 'd'},
                                            {"ns_version", 's'},   {"params", 'j'},
                                            {"trace_path", 's'},   {"n_line", 'i'},
                                            {"trace_sha256", 's'}, {"version", 's'},
                                            {"command", 's'}};
    return add_rows(builder, report, "runs",
                    "SELECT run_id, scenario, attack, traffic, seed, duration, ns_version, params,"
                    " trace_path, n_line, trace_sha256, version, command FROM run "
                    "WHERE run_id IN (SELECT run_id FROM trial JOIN pair_set_run"
                    "  USING (pair_set_id) WHERE plan = ?) ORDER BY run_id",
                    members, G_N_ELEMENTS(members), error);
}

static gboolean add_pair_sets(JsonBuilder *builder, const ex_report *report, GError **error)
{
    static const struct member members[] = {
        {"name", 's'}, {"n_pair", 'i'}, {"n_token", 'i'}, {"sha256", 's'}, {"options", 'j'}};
    return add_rows(
        builder, report, "pair_sets",
        "SELECT name, n_pair, n_token, sha256, options FROM pair_set WHERE pair_set_id IN"
        " (SELECT pair_set_id FROM trial WHERE plan = ?) ORDER BY pair_set_id",
        members, G_N_ELEMENTS(members), error);
}

static gboolean add_models(JsonBuilder *builder, const ex_report *report, GError **error)
{
    static const struct member members[] = {{"name", 's'},
                                            {"path", 's'},
                                            {"model_sha256", 's'},
                                            {"options", 'j'}};
    return add_rows(builder, report, "models",
                    "SELECT name, path, model_sha256, options FROM model WHERE model_id IN"
                    " (SELECT model_id FROM trial WHERE plan = ?) ORDER BY model_id",
                    members, G_N_ELEMENTS(members), error);
}

static void add_string(JsonBuilder *builder, const char *name, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    json_builder_set_member_name(builder, name);
    json_builder_add_string_value(builder, valid);
}

static void add_files(JsonBuilder *builder, const ex_report *report)
{
    json_builder_set_member_name(builder, "files");
    json_builder_begin_array(builder);
    for (guint i = 0; i < report->files->len; i++) {
        const struct ex_file *file = report->files->pdata[i];
        json_builder_begin_object(builder);
        add_string(builder, "name", file->name);
        add_string(builder, "sha256", file->sha256);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

char *ex_report_make_provenance(const ex_report *report, GError **error)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    add_string(builder, "program", "adliotlog");
    add_string(builder, "version", ADLIOTLOG_VERSION);
    add_string(builder, "command", report->command);
    add_string(builder, "plan", report->trials->plan);
    if (!add_runs(builder, report, error) || !add_pair_sets(builder, report, error) ||
        !add_models(builder, report, error))
        return NULL;
    add_files(builder, report);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *text = tg_json_to_string(root, TRUE);
    return g_strconcat(text, "\n", NULL);
}
