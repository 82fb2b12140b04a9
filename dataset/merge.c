#include "dataset/merge.h"

#include "dataset/merge_table.h"
#include "dataset/store_internal.h"
#include "tracegen/error.h"

#include <glib/gstdio.h>

struct merge {
    ds_store *store;
    const char *path;
    struct ds_merge_result *result;
    gboolean refused; /* the error names the part already */
};

static gboolean refuse(struct merge *m, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static gboolean refuse(struct merge *m, GError **error, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *what = g_strdup_vprintf(format, values);
    va_end(values);
    m->refused = TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: %s", m->path, what);
    return FALSE;
}

/* What is done with each table in turn. */
typedef gboolean (*visit_table)(struct merge *m, const ds_merge_plan *plan, GError **error);

static gboolean visit_tables(struct merge *m, visit_table visit, GError **error)
{
    for (const struct ds_merge_table *table = ds_merge_tables; table->name; table++) {
        g_autoptr(ds_merge_plan) plan = ds_merge_plan_new(m->store, table, error);
        if (!plan || !visit(m, plan, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- the part ------------------------------------------------------------ */

/* Whether the part is a store at all; its own errors are told here. */
static gboolean check_part(struct merge *m, GError **error)
{
    GStatBuf store, part;
    m->refused = TRUE;
    g_autoptr(ds_store) opened = ds_store_open(m->path, DS_READ, error);
    if (!opened)
        return FALSE;
    m->refused = FALSE;
    if (g_stat(m->store->path, &store) == 0 && g_stat(m->path, &part) == 0 &&
        store.st_dev == part.st_dev && store.st_ino == part.st_ino)
        return refuse(m, error, "is the store itself");
    return TRUE;
}

/* So that nothing can change it, by a URI. */
static gboolean attach(struct merge *m, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(m->path, NULL);
    g_autofree char *escaped = g_uri_escape_string(path, "/", FALSE);
    g_autofree char *uri = g_strdup_printf("file:%s?mode=ro", escaped);
    return ds_execute(m->store, error, "ATTACH ? AS part", "s", uri);
}

static gboolean check_columns(struct merge *m, const ds_merge_plan *plan, GError **error)
{
    static const char sql[] =
        "SELECT (SELECT group_concat(name || type || pk) FROM pragma_table_info(?1, 'main'))"
        " IS (SELECT group_concat(name || type || pk) FROM pragma_table_info(?1, 'part'))";
    gint64 same = 0;
    return ds_lookup(m->store, &same, error, sql, "s", plan->table->name) &&
           (same || refuse(m, error, "table %s has other columns than this program makes",
                           plan->table->name));
}

/* Tables and views that somebody has added: they stay where they are. */
static gboolean list_left_out(struct merge *m, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(ds_query) query = ds_query_new(
        m->store, error,
        "SELECT name, type FROM part.sqlite_schema WHERE type IN ('table', 'view')"
        " AND substr(name, 1, 7) <> 'sqlite_'"
        " AND (type = 'table' OR name NOT IN (SELECT name FROM main.sqlite_schema)) ORDER BY 1",
        "");
    while (query && ds_query_next(query, &failure)) {
        const char *name = ds_query_text(query, 0);
        if (!ds_merge_find(name))
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", name);
    }
    if (failure)
        g_propagate_error(error, failure);
    m->result->left_out = names->len ? g_strdup(names->str) : NULL;
    return query && !failure;
}

/* ---- who is who ---------------------------------------------------------- */

static gboolean make_map(struct merge *m, const ds_merge_plan *plan, GError **error)
{
    if (!ds_merge_is_mapped(plan->table))
        return TRUE;
    g_auto(GStrv) sql = ds_merge_map_sql(plan->table);
    for (char **statement = sql; *statement; statement++)
        if (!ds_execute(m->store, error, *statement, ""))
            return FALSE;
    return TRUE;
}

static gboolean drop_map(struct merge *m, const ds_merge_plan *plan, GError **error)
{
    g_autofree char *sql = g_strconcat("DROP TABLE temp.map_", plan->table->name, NULL);
    return !ds_merge_is_mapped(plan->table) || ds_execute(m->store, error, sql, "");
}

/* What is in both has to be equal. */
static gboolean compare(struct merge *m, const ds_merge_plan *plan, GError **error)
{
    GError *failure = NULL;
    const char *name = plan->table->name;
    g_autofree char *sql = ds_merge_difference_sql(plan), *count = ds_merge_count_sql(plan);
    g_autoptr(ds_query) different = ds_query_new(m->store, error, sql, "");
    if (!different)
        return FALSE;
    if (ds_query_next(different, &failure)) {
        const char *row = ds_query_text(different, 0), *column = ds_query_text(different, 1);
        return *column ? refuse(m, error, "%s (%s) is there in %s with another %s", name, row,
                                m->store->path, column)
                       : refuse(m, error, "%s (%s) is missing from what %s has of the same %s",
                                name, row, m->store->path, plan->table->owner);
    }
    g_autoptr(ds_query) counts =
        count && !failure ? ds_query_new(m->store, &failure, count, "") : NULL;
    if (counts && ds_query_next(counts, &failure))
        return refuse(m, error,
                      "%s_id %" G_GINT64_FORMAT " has %" G_GINT64_FORMAT
                      " rows of %s, and %" G_GINT64_FORMAT " in %s",
                      plan->table->owner, ds_query_int(counts, 0), ds_query_int(counts, 2), name,
                      ds_query_int(counts, 1), m->store->path);
    if (failure)
        g_propagate_error(error, failure);
    return !failure;
}

/* ---- copying ------------------------------------------------------------- */

static gboolean copy(struct merge *m, const ds_merge_plan *plan, GError **error)
{
    gint64 expected = 0;
    g_autofree char *expected_sql = ds_merge_expected_sql(plan);
    g_autofree char *copy_sql = ds_merge_copy_sql(plan);
    if (!ds_lookup(m->store, &expected, error, expected_sql, ""))
        return FALSE;
    if (expected == 0)
        return TRUE;
    if (!ds_execute(m->store, error, copy_sql, ""))
        return FALSE;
    const gint64 copied = sqlite3_changes64(m->store->db);
    m->result->n_row += copied;
    return copied == expected ||
           refuse(m, error, "%" G_GINT64_FORMAT " rows of %s are of no %s", expected - copied,
                  plan->table->name, plan->table->owner ? plan->table->owner : "row");
}

static gboolean count_fresh(struct merge *m, GError **error)
{
    struct ds_merge_result *r = m->result;
    const struct {
        gint64 *value;
        const char *sql;
    } counts[] = {
        {&r->n_run, "SELECT count(*) FROM temp.map_run WHERE fresh"},
        {&r->n_known, "SELECT count(*) FROM temp.map_run WHERE NOT fresh"},
        {&r->n_event, "SELECT coalesce(sum(n_event), 0) FROM temp.map_run"
                      " JOIN main.run ON run_id = new WHERE fresh"},
        {&r->n_pair_set, "SELECT count(*) FROM temp.map_pair_set WHERE fresh"},
        {&r->n_model, "SELECT count(*) FROM temp.map_model WHERE fresh"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(counts); i++)
        if (!ds_lookup(m->store, counts[i].value, error, counts[i].sql, ""))
            return FALSE;
    return TRUE;
}

static gboolean merge_in_transaction(struct merge *m, GError **error)
{
    return visit_tables(m, check_columns, error) && list_left_out(m, error) &&
           visit_tables(m, make_map, error) && visit_tables(m, compare, error) &&
           visit_tables(m, copy, error) && count_fresh(m, error) &&
           visit_tables(m, drop_map, error) &&
           (m->result->n_row == 0 || ds_execute(m->store, error, "ANALYZE main", "")) &&
           tg_check_interrupt(error) && ds_commit(m->store, error);
}

static gboolean merge_attached(struct merge *m, GError **error)
{
    ds_heed_interrupts(m->store, TRUE);
    gboolean done = ds_begin(m->store, error) && merge_in_transaction(m, error);
    ds_heed_interrupts(m->store, FALSE);
    if (!done)
        ds_rollback(m->store);
    return ds_execute(m->store, done ? error : NULL, "DETACH part", "") && done;
}

gboolean ds_merge(ds_store *store, const char *path, struct ds_merge_result *result, GError **error)
{
    *result = (struct ds_merge_result){0};
    struct merge m = {.store = store, .path = path, .result = result};
    g_autoptr(GError) failure = NULL;
    if (check_part(&m, &failure) && attach(&m, &failure) && merge_attached(&m, &failure))
        return TRUE;
    g_clear_pointer(&result->left_out, g_free);
    if (!m.refused && failure->code != TG_ERROR_INTERRUPTED)
        g_prefix_error(&failure, "%s: into ", path);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}
