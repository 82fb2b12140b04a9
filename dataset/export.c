#include "dataset/export.h"

#include "dataset/event_column.h"
#include "dataset/reading.h"
#include "tracegen/error.h"
#include "tracegen/line.h"

ds_query *ds_export_ask_events(ds_store *store, gint64 run_id, GError **error)
{
    return ds_query_new(store, error, "SELECT * FROM event WHERE run_id = ? ORDER BY line", "i",
                        run_id);
}

/* SELECT what of the events of run ?1 where the condition holds; NULL when that is NULL. */
static char *events_sql(const char *what, const char *condition)
{
    return condition ? g_strdup_printf("SELECT %s FROM event WHERE run_id = ? AND %s ORDER BY line",
                                       what, condition)
                     : NULL;
}

ds_query *ds_export_ask_pairs(ds_store *store, gint64 pair_set_id, GError **error)
{
    return ds_query_new(store, error,
                        "SELECT pair_id, run_id, source_line, target_line, source, target"
                        " FROM pair JOIN pair_text USING (pair_id)"
                        " WHERE pair_set_id = ? ORDER BY pair_id",
                        "i", pair_set_id);
}

gboolean ds_export_events(ds_store *store, const GArray *runs, const char *vantage,
                          const struct ds_format *format, ds_sink *sink, gint64 *n_row,
                          GError **error)
{
    g_autofree char *sql = events_sql("*", ds_reading_vantage_sql(vantage, error));
    *n_row = 0;
    for (guint i = 0; sql && i < runs->len; i++) {
        gint64 n;
        g_autoptr(ds_query) query =
            ds_query_new(store, error, sql, "i", g_array_index(runs, gint64, i));
        if (!query || !ds_rows_write(query, format, i == 0, sink, &n, error))
            return FALSE;
        *n_row += n;
    }
    return sql != NULL;
}

gboolean ds_export_pairs(ds_store *store, gint64 pair_set_id, const struct ds_format *format,
                         ds_sink *sink, gint64 *n_row, GError **error)
{
    g_autoptr(ds_query) query = ds_export_ask_pairs(store, pair_set_id, error);
    return query && ds_rows_write(query, format, TRUE, sink, n_row, error);
}

/* ---- traces ------------------------------------------------------------- */

enum { LINE, TEXT, FIRST_FIELD };

static char *trace_sql(const char *condition)
{
    g_autoptr(GString) columns = g_string_new("line, text");
    for (int i = 0; i < ds_n_event_column; i++)
        g_string_append_printf(columns, ", %s", ds_event_columns[i].name);
    return events_sql(columns->str, condition);
}

static struct tg_text text_at(ds_query *query, int column)
{
    gsize length;
    const char *bytes = ds_query_bytes(query, column, &length);
    return (struct tg_text){bytes, (int)length};
}

/* FALSE for what is no value of an event. */
static gboolean value_at(ds_query *query, int column, struct ds_value *value)
{
    value->type = ds_query_type(query, column);
    switch (value->type) {
    case DS_NULL:
        return TRUE;
    case DS_INTEGER:
        value->i = ds_query_int(query, column);
        return TRUE;
    case DS_REAL:
        value->r = ds_query_double(query, column);
        return TRUE;
    case DS_TEXT:
        value->text = text_at(query, column);
        return TRUE;
    case DS_BLOB:
        return FALSE;
    }
    return FALSE;
}

/* Appends the line of the present row. FALSE, saying why, when it has none. */
static gboolean put_line(ds_query *query, GString *out, GError **error)
{
    struct tg_event event = {0};
    if (ds_query_type(query, TEXT) == DS_TEXT) {
        struct tg_text text = text_at(query, TEXT);
        g_string_append_len(out, text.at, text.n);
        return TRUE;
    }
    for (int i = 0; i < ds_n_event_column; i++) {
        struct ds_value value;
        if (!value_at(query, FIRST_FIELD + i, &value) ||
            !ds_event_set_value(&event, &ds_event_columns[i], value)) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA, "no event has such a value of %s",
                        ds_event_columns[i].name);
            return FALSE;
        }
    }
    tg_print_event(out, &event);
    return TRUE;
}

/* What is printed is read again: rows changed by hand may be like no line that ns-2 prints. */
static gboolean check_line(const GString *text, GError **error)
{
    struct tg_line line = {.text = {text->str, (int)text->len}};
    const char *fault = NULL;
    tg_parse_line(&line);
    if (line.kind != TG_LINE_EVENT)
        fault = line.kind == TG_LINE_REJECT ? line.reason : "not about a packet";
    else if (memchr(text->str, '\n', text->len))
        fault = "holds a line feed";
    if (fault)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "not a line of a trace: %s", fault);
    return fault == NULL;
}

/* Both. */
static gboolean put_checked(ds_query *query, gint64 run_id, GString *line, GError **error)
{
    if (put_line(query, line, error) && check_line(line, error))
        return TRUE;
    g_prefix_error(error, "run %" G_GINT64_FORMAT ", line %" G_GINT64_FORMAT ": ", run_id,
                   ds_query_int(query, LINE));
    return FALSE;
}

gboolean ds_export_trace(ds_store *store, gint64 run_id, const char *vantage, ds_sink *sink,
                         gint64 *n_line, GError **error)
{
    g_autofree char *sql = trace_sql(ds_reading_vantage_sql(vantage, error));
    g_autoptr(ds_query) query = sql ? ds_query_new(store, error, sql, "i", run_id) : NULL;
    g_autoptr(GString) line = g_string_new(NULL);
    GError *failure = NULL;
    *n_line = 0;
    if (!query)
        return FALSE;
    while (ds_query_next(query, &failure)) {
        g_string_truncate(line, 0);
        if (!put_checked(query, run_id, line, &failure))
            break;
        g_string_append_c(line, '\n');
        ++*n_line;
        if (!ds_sink_write(sink, line->str, line->len, &failure) || !tg_check_interrupt(&failure))
            break;
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

gboolean ds_export_line(ds_store *store, gint64 run_id, gint64 line, GString *out, GError **error)
{
    g_autofree char *sql = trace_sql("line = ?");
    g_autoptr(ds_query) query = ds_query_new(store, error, sql, "ii", run_id, line);
    g_autoptr(GString) text = g_string_new(NULL);
    GError *failure = NULL;
    if (!query)
        return FALSE;
    if (ds_query_next(query, &failure)) {
        if (!put_checked(query, run_id, text, error))
            return FALSE;
        g_string_append_len(out, text->str, (gssize)text->len);
        return TRUE;
    }
    if (failure)
        g_propagate_error(error, failure);
    else
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "run %" G_GINT64_FORMAT " has no event in line %" G_GINT64_FORMAT, run_id,
                    line);
    return FALSE;
}
