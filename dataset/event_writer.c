#include "dataset/event_writer.h"

#include "dataset/event_column.h"
#include "dataset/store_internal.h"

struct ds_event_writer {
    ds_store *store;
    sqlite3_stmt *insert;
};

static char *insert_sql(void)
{
    GString *sql = g_string_new("INSERT INTO event (run_id, line, proto, flow, attack, text");
    for (int i = 0; i < ds_n_event_column; i++)
        g_string_append_printf(sql, ", %s", ds_event_columns[i].name);
    g_string_append(sql, ") VALUES (?, ?, ?, ?, ?, ?");
    for (int i = 0; i < ds_n_event_column; i++)
        g_string_append(sql, ", ?");
    g_string_append(sql, ")");
    return g_string_free(sql, FALSE);
}

ds_event_writer *ds_event_writer_new(ds_store *store, GError **error)
{
    g_autofree char *sql = insert_sql();
    ds_event_writer *writer = g_new0(ds_event_writer, 1);
    writer->store = store;
    if (sqlite3_prepare_v2(store->db, sql, -1, &writer->insert, NULL) != SQLITE_OK) {
        ds_store_fail(store, error);
        ds_event_writer_free(writer);
        return NULL;
    }
    return writer;
}

void ds_event_writer_free(ds_event_writer *writer)
{
    if (!writer)
        return;
    sqlite3_finalize(writer->insert);
    g_free(writer);
}

static void bind_value(sqlite3_stmt *statement, int parameter, struct ds_value value)
{
    switch (value.type) {
    case DS_NULL:
        sqlite3_bind_null(statement, parameter);
        break;
    case DS_INTEGER:
        sqlite3_bind_int64(statement, parameter, value.i);
        break;
    case DS_REAL:
        sqlite3_bind_double(statement, parameter, value.r);
        break;
    case DS_TEXT:
    case DS_BLOB:
        sqlite3_bind_text(statement, parameter, value.text.at, value.text.n, SQLITE_STATIC);
        break;
    }
}

static void bind_int(sqlite3_stmt *statement, int parameter, gint64 value)
{
    if (value == TG_ABSENT)
        sqlite3_bind_null(statement, parameter);
    else
        sqlite3_bind_int64(statement, parameter, value);
}

gboolean ds_event_write(ds_event_writer *writer, gint64 run_id, const struct tg_line *line,
                        const struct ds_label *label, GError **error)
{
    bind_int(writer->insert, 1, run_id);
    bind_int(writer->insert, 2, line->number);
    sqlite3_bind_text(writer->insert, 3, label->proto, -1, SQLITE_STATIC);
    bind_int(writer->insert, 4, label->flow);
    bind_int(writer->insert, 5, label->attack);
    sqlite3_bind_text(writer->insert, 6, line->odd ? line->text.at : NULL, line->text.n,
                      SQLITE_STATIC);
    for (int i = 0; i < ds_n_event_column; i++)
        bind_value(writer->insert, 7 + i, ds_event_value(&line->event, &ds_event_columns[i]));
    int code = sqlite3_step(writer->insert);
    if (code != SQLITE_DONE)
        ds_store_fail(writer->store, error);
    sqlite3_reset(writer->insert);
    return code == SQLITE_DONE;
}
