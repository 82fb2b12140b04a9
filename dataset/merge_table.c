#include "dataset/merge_table.h"

#include <string.h>

const struct ds_merge_table ds_merge_tables[] = {
    /* A trace of which nobody knows the plan is the run of any, as for ingest. */
    {"run", "run",
     "m.trace_sha256 = t.trace_sha256 AND coalesce(m.attack = t.attack, 1)"
     " AND coalesce(m.plan_sha256 = t.plan_sha256, 1)",
     "trace_path", "trace_path command"},
    {"noise", "run"},
    {"reject", "run"},
    {"node", "run"},
    {"interface", "run"},
    {"flow", "run"},
    {"attack", "run"},
    {"attack_node", "run"},
    {"kind", "run"},
    {"place", "run"},
    {"ends", "run"},
    {"shape", "run"},
    {"event_row", "run"},
    {"event_extra", "run"},
    {"event_text", "run"},
    {"noise_line", "run"},
    {"packet", "run"},
    {"node_activity", "run"},
    {"pair_set", "pair_set", "m.name = t.name", "name"},
    {"pair_set_run", "pair_set"},
    {"sentence", "pair_set"},
    {"pair", "pair_set"},
    {"model", "model", "m.model_sha256 = t.model_sha256", "name", "name path options"},
    {"loss"},
    {"federation_round"},
    {"prediction"},
    {"evaluation"},
    {"verdict"},
    {"trial"},
    {"audit"},
    {"detection", "detection", "m.name = t.name", "name"},
    {"detection_run", "detection"},
    {"detector", "detector",
     "m.name = t.name"
     " AND m.detection_id = (SELECT new FROM temp.map_detection WHERE old = t.detection_id)",
     "name"},
    {"score", "detector"},
    {"measure"},
    {NULL},
};

const struct ds_merge_reference ds_merge_references[] = {
    {"run_id", "run"},
    {"kind_id", "kind"},
    {"place_id", "place"},
    {"ends_id", "ends"},
    {"shape_id", "shape"},
    {"pair_set_id", "pair_set"},
    {"train_set", "pair_set"},
    {"test_set", "pair_set"},
    {"pair_id", "pair"},
    {"model_id", "model"},
    {"detection_id", "detection"},
    {"detector_id", "detector"},
    {NULL},
};

/* What options say of where they came from: the numbers of runs are those of one store. */
#define OPTIONS_FORM "json_remove(%s, '$.command', '$.runs', '$.train', '$.test')"

const struct ds_merge_table *ds_merge_find(const char *name)
{
    for (const struct ds_merge_table *table = ds_merge_tables; name && table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

/* The table that a column refers to; NULL: it is no number of a row. */
static const struct ds_merge_table *find_referred(const char *column)
{
    for (const struct ds_merge_reference *r = ds_merge_references; r->column; r++)
        if (strcmp(r->column, column) == 0)
            return ds_merge_find(r->table);
    return NULL;
}

gboolean ds_merge_is_mapped(const struct ds_merge_table *table)
{
    return table->owner && strcmp(table->owner, table->name) == 0;
}

/* Whether its rows have numbers that move together with their owner. */
static gboolean is_numbered(const struct ds_merge_table *table)
{
    g_autofree char *id = g_strconcat(table->name, "_id", NULL);
    return table->owner && !ds_merge_is_mapped(table) && find_referred(id) == table;
}

/* ---- columns ------------------------------------------------------------- */

ds_merge_plan *ds_merge_plan_new(ds_store *store, const struct ds_merge_table *table,
                                 GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_merge_plan) plan = g_new0(ds_merge_plan, 1);
    plan->table = table;
    plan->columns = g_ptr_array_new_with_free_func(g_free);
    plan->keys = g_ptr_array_new();
    g_autoptr(ds_query) query =
        ds_query_new(store, &failure,
                     "SELECT name, pk FROM pragma_table_info(?, 'main') ORDER BY cid", "s",
                     table->name);
    while (query && ds_query_next(query, &failure)) {
        char *column = g_strdup(ds_query_text(query, 0));
        g_ptr_array_add(plan->columns, column);
        if (ds_query_int(query, 1))
            g_ptr_array_add(plan->keys, column);
    }
    if (!failure)
        return g_steal_pointer(&plan);
    g_propagate_error(error, failure);
    return NULL;
}

void ds_merge_plan_free(ds_merge_plan *plan)
{
    if (!plan)
        return;
    g_ptr_array_unref(plan->keys);
    g_ptr_array_unref(plan->columns);
    g_free(plan);
}

/* ---- pieces of SQL ------------------------------------------------------- */

/*
 * A column of row t of the part as the store is to have it. A number that leads nowhere becomes a
 * text, which no such column takes.
 */
static char *new_value(const struct ds_merge_table *table, const char *column)
{
    const struct ds_merge_table *to = find_referred(column);
    if (!to)
        return g_strdup_printf("t.\"%s\"", column);
    if (g_strcmp0(to->name, table->owner) == 0)
        return g_strdup("o.new");
    if (ds_merge_is_mapped(to))
        return g_strdup_printf("CASE WHEN t.%s NOT NULL THEN coalesce("
                               "(SELECT new FROM temp.map_%s WHERE old = t.%s), 'none') END",
                               column, to->name, column);
    if (g_strcmp0(to->owner, table->owner) == 0)
        return g_strdup_printf("t.%s + o.%s", column, to->name);
    return g_strdup_printf("(SELECT r.%s_id + s.%s FROM part.%s AS r"
                           " JOIN temp.map_%s AS s ON s.old = r.%s_id WHERE r.%s_id = t.%s)",
                           to->name, to->name, to->name, to->owner, to->owner, to->name, column);
}

/* FROM the rows t of the part, with the map o of their owners if they have one. */
static char *from_part(const struct ds_merge_table *table)
{
    return table->owner ? g_strdup_printf("FROM temp.map_%s AS o CROSS JOIN part.%s AS t"
                                          " ON t.%s_id = o.old",
                                          table->owner, table->name, table->owner)
                        : g_strdup_printf("FROM part.%s AS t", table->name);
}

/* When row m of the store has the key of row t. */
static void append_key_match(GString *sql, const ds_merge_plan *plan)
{
    for (guint i = 0; i < plan->keys->len; i++) {
        g_autofree char *value = new_value(plan->table, plan->keys->pdata[i]);
        g_string_append_printf(sql, "%sm.\"%s\" = %s", i ? " AND " : "",
                               (const char *)plan->keys->pdata[i], value);
    }
}

static gboolean is_compared(const ds_merge_plan *plan, const char *column)
{
    g_auto(GStrv) loose = g_strsplit(plan->table->loose ? plan->table->loose : "", " ", -1);
    return !g_strv_contains((const char *const *)loose, column) &&
           !g_ptr_array_find_with_equal_func(plan->keys, column, g_str_equal, NULL);
}

/* The name of the first column in which rows m and t differ, '' where there is no m, or NULL. */
static void append_difference(GString *sql, const ds_merge_plan *plan)
{
    g_string_append_printf(sql, "CASE WHEN m.\"%s\" IS NULL THEN ''",
                           (const char *)plan->keys->pdata[0]);
    for (guint i = 0; i < plan->columns->len; i++) {
        const char *column = plan->columns->pdata[i];
        if (!is_compared(plan, column))
            continue;
        g_autofree char *value = new_value(plan->table, column);
        g_autofree char *there = g_strdup_printf("m.\"%s\"", column);
        const char *form = strcmp(column, "options") == 0 ? OPTIONS_FORM : "%s";
        g_auto(GStrv) around = g_strsplit(form, "%s", 2);
        g_string_append_printf(sql, " WHEN %s%s%s IS NOT %s%s%s THEN '%s'", around[0], there,
                               around[1], around[0], value, around[1], column);
    }
    g_string_append(sql, " END");
}

/* The key of row t in words, as "run_id 3, line 7". */
static void append_words(GString *sql, const ds_merge_plan *plan)
{
    for (guint i = 0; i < plan->keys->len; i++)
        g_string_append_printf(sql, "%s'%s ' || t.\"%s\"", i ? " || ', ' || " : "",
                               (const char *)plan->keys->pdata[i],
                               (const char *)plan->keys->pdata[i]);
    if (plan->table->label)
        g_string_append_printf(sql, " || ', ' || t.%s", plan->table->label);
}

/* ---- statements ---------------------------------------------------------- */

GStrv ds_merge_map_sql(const struct ds_merge_table *table)
{
    const char *name = table->name;
    g_autoptr(GStrvBuilder) sql = g_strv_builder_new();
    g_autoptr(GString) make = g_string_new(NULL);
    g_autoptr(GPtrArray) offsets = g_ptr_array_new_with_free_func(g_free);
    g_string_printf(make,
                    "CREATE TEMP TABLE map_%s (old INTEGER PRIMARY KEY,"
                    " new INTEGER NOT NULL, fresh INTEGER NOT NULL",
                    name);
    for (const struct ds_merge_table *t = ds_merge_tables; t->name; t++) {
        if (!is_numbered(t) || strcmp(t->owner, name) != 0)
            continue;
        g_string_append_printf(make, ", %s INTEGER", t->name);
        g_ptr_array_add(offsets,
                        g_strdup_printf("UPDATE temp.map_%s SET %s = iif(fresh,"
                                        " (SELECT coalesce(max(%s_id), 0) FROM main.%s),"
                                        " (SELECT min(%s_id) FROM main.%s WHERE %s_id = new)"
                                        " - (SELECT min(%s_id) FROM part.%s WHERE %s_id = old))",
                                        name, t->name, t->name, t->name, t->name, t->name, name,
                                        t->name, t->name, name));
    }
    g_autofree char *whole = g_strconcat(make->str, ")", NULL);
    g_autofree char *known =
        g_strdup_printf("INSERT INTO temp.map_%s (old, new, fresh) SELECT t.%s_id, min(m.%s_id), 0"
                        " FROM part.%s AS t CROSS JOIN main.%s AS m ON %s GROUP BY 1",
                        name, name, name, name, name, table->match);
    g_autofree char *fresh = g_strdup_printf(
        "INSERT INTO temp.map_%s (old, new, fresh) SELECT %s_id,"
        " (SELECT coalesce(max(%s_id), 0) FROM main.%s) + row_number() OVER (ORDER BY %s_id), 1"
        " FROM part.%s WHERE %s_id NOT IN (SELECT old FROM temp.map_%s)",
        name, name, name, name, name, name, name, name);
    g_strv_builder_add_many(sql, whole, known, fresh, NULL);
    for (guint i = 0; i < offsets->len; i++)
        g_strv_builder_add(sql, offsets->pdata[i]);
    return g_strv_builder_end(sql);
}

/* Of rows with an owner that is there, a missing one is a difference too. */
char *ds_merge_difference_sql(const ds_merge_plan *plan)
{
    const gboolean owned = plan->table->owner != NULL;
    g_autofree char *from = from_part(plan->table);
    g_autoptr(GString) sql = g_string_new("SELECT ");
    append_words(sql, plan);
    g_string_append(sql, ", ");
    append_difference(sql, plan);
    g_string_append_printf(sql, " AS difference %s %s JOIN main.%s AS m ON ", from,
                           owned ? "LEFT" : "CROSS", plan->table->name);
    append_key_match(sql, plan);
    g_string_append_printf(sql, " WHERE %sdifference NOT NULL LIMIT 1",
                           owned ? "NOT o.fresh AND " : "");
    return g_string_free(g_steal_pointer(&sql), FALSE);
}

char *ds_merge_count_sql(const ds_merge_plan *plan)
{
    const struct ds_merge_table *table = plan->table;
    if (!table->owner || ds_merge_is_mapped(table))
        return NULL;
    return g_strdup_printf("SELECT old, there, here FROM (SELECT old,"
                           " (SELECT count(*) FROM main.%s WHERE %s_id = new) AS there,"
                           " (SELECT count(*) FROM part.%s WHERE %s_id = old) AS here"
                           " FROM temp.map_%s WHERE NOT fresh) WHERE there <> here LIMIT 1",
                           table->name, table->owner, table->name, table->owner, table->owner);
}

char *ds_merge_expected_sql(const ds_merge_plan *plan)
{
    const struct ds_merge_table *table = plan->table;
    g_autofree char *from = from_part(table);
    g_autoptr(GString) sql = g_string_new(NULL);
    g_string_printf(sql, "SELECT (SELECT count(*) FROM part.%s) - (SELECT count(*) %s", table->name,
                    from);
    if (table->owner) {
        g_string_append(sql, " WHERE NOT o.fresh)");
    } else {
        g_string_append_printf(sql, " CROSS JOIN main.%s AS m ON ", table->name);
        append_key_match(sql, plan);
        g_string_append_c(sql, ')');
    }
    return g_string_free(g_steal_pointer(&sql), FALSE);
}

char *ds_merge_copy_sql(const ds_merge_plan *plan)
{
    const struct ds_merge_table *table = plan->table;
    g_autofree char *from = from_part(table);
    g_autoptr(GString) sql = g_string_new(NULL);
    g_string_printf(sql, "INSERT INTO main.%s (", table->name);
    for (guint i = 0; i < plan->columns->len; i++)
        g_string_append_printf(sql, "%s\"%s\"", i ? ", " : "",
                               (const char *)plan->columns->pdata[i]);
    g_string_append(sql, ") SELECT ");
    for (guint i = 0; i < plan->columns->len; i++) {
        g_autofree char *value = new_value(table, plan->columns->pdata[i]);
        g_string_append_printf(sql, "%s%s", i ? ", " : "", value);
    }
    g_string_append_printf(sql, " %s WHERE %s", from,
                           table->owner ? "o.fresh" : "1 ON CONFLICT DO NOTHING");
    return g_string_free(g_steal_pointer(&sql), FALSE);
}
