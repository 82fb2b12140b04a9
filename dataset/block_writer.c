#include "dataset/block_writer.h"

#include "dataset/row_table.h"
#include "dataset/store_internal.h"

/* Tables of parts, by the bit that columns know them by. */
static const struct part_table {
    enum ds_column_table bit;
    const char *name, *id;
} part_tables[] = {{DS_IN_KIND, "kind", "kind_id"},
                   {DS_IN_PLACE, "place", "place_id"},
                   {DS_IN_ENDS, "ends", "ends_id"},
                   {DS_IN_EXTRA, "event_extra", "line"}};
enum { N_PART_TABLE = G_N_ELEMENTS(part_tables), N_REJECT_BYTE = 200 };

static const enum ds_column_table pose = DS_IN_PLACE | DS_IN_EXTRA;

struct ds_block_writer {
    ds_store *store;
    gint64 run_id;
    struct ds_row_source source;
    ds_query *rows, *shapes, *packets;
    ds_query *parts[N_PART_TABLE];
    ds_query *texts[DS_N_TEXT];
    GString *escaped;
};

/* INSERT INTO kind (run_id, kind_id, flow, proto, op ...) VALUES (?, ?, ?, ?, ? ...) */
static char *part_sql(const struct part_table *table)
{
    const char *labels = table->bit == DS_IN_ENDS ? ", flow, proto" : "";
    GString *names = g_string_new(NULL), *values = g_string_new("?, ?");
    g_string_append_printf(names, "run_id, %s%s", table->id, labels);
    g_string_append(values, *labels ? ", ?, ?" : "");
    for (int i = 0; i < ds_n_event_column; i++)
        if (ds_event_columns[i].tables & table->bit) {
            g_string_append_printf(names, ", %s", ds_event_columns[i].name);
            g_string_append(values, ", ?");
        }
    char *sql =
        g_strdup_printf("INSERT INTO %s (%s) VALUES (%s)", table->name, names->str, values->str);
    g_string_free(names, TRUE);
    g_string_free(values, TRUE);
    return sql;
}

/*
 * A packet that comes again after it was thought done is merged with what is known of it: when it
 * waits for another link, it had not arrived. How many it crossed before is not known.
 */
static const char packet_sql[] =
    "INSERT INTO packet (run_id, flow, uid, forward, seq, size, sent, received, hops, sent_line,"
    " received_line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET received = excluded.received,"
    " received_line = excluded.received_line,"
    " hops = CASE WHEN excluded.sent IS NULL THEN excluded.hops END"
    " WHERE received IS NULL OR received <= excluded.sent";

static gboolean prepare(ds_block_writer *writer, GError **error)
{
    static const char *const text_sql[DS_N_TEXT] = {
        [DS_REJECT] = "INSERT INTO reject (run_id, line, reason, text) VALUES (?, ?, ?, ?)",
        [DS_EVENT_TEXT] = "INSERT INTO event_text (run_id, line, text) VALUES (?1, ?2, ?4)",
        [DS_NOISE_LINE] = "INSERT INTO noise_line (run_id, line, kind, text) VALUES (?, ?, ?, ?)"};
    ds_store *store = writer->store;
    writer->rows = ds_query_new(store, error,
                                "INSERT INTO event_row (run_id, line, shape_id, time, uid, seq,"
                                " ack) SELECT ?1, line, shape_id, time, uid, seq, ack"
                                " FROM block_row",
                                "i", writer->run_id);
    writer->shapes = ds_query_new(store, error,
                                  "INSERT INTO shape (run_id, shape_id, kind_id, place_id, ends_id,"
                                  " attack, attack_no, covert, n)"
                                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                  "");
    writer->packets = ds_query_new(store, error, packet_sql, "");
    gboolean done = writer->rows && writer->shapes && writer->packets;
    for (int i = 0; done && i < N_PART_TABLE; i++) {
        g_autofree char *sql = part_sql(&part_tables[i]);
        writer->parts[i] = ds_query_new(store, error, sql, "");
        done = writer->parts[i] != NULL;
    }
    for (int i = 0; done && i < DS_N_TEXT; i++) {
        writer->texts[i] = ds_query_new(store, error, text_sql[i], "");
        done = writer->texts[i] != NULL;
    }
    return done;
}

ds_block_writer *ds_block_writer_new(ds_store *store, gint64 run_id, GError **error)
{
    g_autoptr(ds_block_writer) writer = g_new0(ds_block_writer, 1);
    writer->store = store;
    writer->run_id = run_id;
    writer->escaped = g_string_new(NULL);
    if (ds_row_table_register(store->db, &writer->source) != SQLITE_OK) {
        ds_store_fail(store, error);
        return NULL;
    }
    return prepare(writer, error) ? g_steal_pointer(&writer) : NULL;
}

void ds_block_writer_free(ds_block_writer *writer)
{
    if (!writer)
        return;
    ds_query_free(writer->rows);
    ds_query_free(writer->shapes);
    ds_query_free(writer->packets);
    for (int i = 0; i < N_PART_TABLE; i++)
        ds_query_free(writer->parts[i]);
    for (int i = 0; i < DS_N_TEXT; i++)
        ds_query_free(writer->texts[i]);
    ds_row_table_forget(writer->store->db);
    g_string_free(writer->escaped, TRUE);
    g_free(writer);
}

static void bind_int(sqlite3_stmt *statement, int parameter, gint64 value)
{
    if (value == TG_ABSENT)
        sqlite3_bind_null(statement, parameter);
    else
        sqlite3_bind_int64(statement, parameter, value);
}

static void bind_value(sqlite3_stmt *statement, int parameter, struct ds_value value)
{
    if (value.type == DS_INTEGER)
        sqlite3_bind_int64(statement, parameter, value.i);
    else if (value.type == DS_REAL)
        sqlite3_bind_double(statement, parameter, value.r);
    else if (value.type == DS_TEXT)
        sqlite3_bind_text(statement, parameter, value.text.at, value.text.n, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, parameter);
}

static gboolean write_part(ds_block_writer *writer, const struct ds_part *part, GError **error)
{
    int table = 0, parameter = 0;
    while (part_tables[table].bit != part->table)
        table++;
    sqlite3_stmt *statement = writer->parts[table]->statement;
    bind_int(statement, ++parameter, writer->run_id);
    bind_int(statement, ++parameter, part->id);
    if (part->table == DS_IN_ENDS) {
        bind_int(statement, ++parameter, part->flow);
        sqlite3_bind_text(statement, ++parameter, part->proto, -1, SQLITE_STATIC);
    }
    for (int i = 0; i < ds_n_event_column; i++) {
        const struct ds_column *column = &ds_event_columns[i];
        if (!(column->tables & part->table))
            continue;
        struct ds_value value = {DS_NULL};
        if (part->pose || column->tables != pose)
            value = ds_event_value(&part->event, column);
        bind_value(statement, ++parameter, value);
    }
    return ds_query_run(writer->parts[table], error, "");
}

static gboolean write_shape(ds_block_writer *writer, const struct ds_shape *shape, GError **error)
{
    const gint64 values[] = {writer->run_id,   shape->shape_id, shape->kind_id,
                             shape->place_id,  shape->ends_id,  shape->attack,
                             shape->attack_no, shape->covert,   shape->n};
    for (int i = 0; i < (int)G_N_ELEMENTS(values); i++)
        bind_int(writer->shapes->statement, i + 1, values[i]);
    return ds_query_run(writer->shapes, error, "");
}

static gboolean write_packet(ds_block_writer *writer, const struct ds_packet *p, GError **error)
{
    sqlite3_stmt *statement = writer->packets->statement;
    bind_int(statement, 1, writer->run_id);
    bind_int(statement, 2, p->flow);
    bind_int(statement, 3, p->uid);
    bind_int(statement, 4, p->forward);
    bind_int(statement, 5, p->seq);
    bind_int(statement, 6, p->size);
    sqlite3_bind_double(statement, 7, p->sent); /* NaN binds NULL */
    sqlite3_bind_double(statement, 8, p->received);
    bind_int(statement, 9, p->hops);
    bind_int(statement, 10, p->sent_line);
    bind_int(statement, 11, p->received_line);
    return ds_query_run(writer->packets, error, "");
}

/* Bytes outside printable ASCII as \xNN, so that any line is text. */
static const char *escape(GString *out, struct tg_text text)
{
    g_string_truncate(out, 0);
    for (int i = 0; i < text.n; i++) {
        guchar ch = (guchar)text.at[i];
        if (g_ascii_isprint((gchar)ch) && ch != '\\')
            g_string_append_c(out, (char)ch);
        else
            g_string_append_printf(out, "\\x%02x", ch);
    }
    return out->str;
}

static gboolean write_text(ds_block_writer *writer, const struct ds_text *text, GError **error)
{
    struct tg_text kept = text->text;
    if (text->table == DS_REJECT)
        kept.n = MIN(kept.n, N_REJECT_BYTE);
    /* The text of an event is printable as it is. */
    const char *shown = text->table == DS_EVENT_TEXT ? kept.at : escape(writer->escaped, kept);
    return ds_query_run(writer->texts[text->table], error, "iiss", writer->run_id, text->line,
                        text->what, shown);
}

gboolean ds_block_write(ds_block_writer *writer, const struct ds_block *block, GError **error)
{
    writer->source = (struct ds_row_source){block->rows, block->n_row};
    if (block->n_row > 0 && !ds_query_run(writer->rows, error, ""))
        return FALSE;
    for (guint i = 0; i < block->parts->len; i++)
        if (!write_part(writer, &g_array_index(block->parts, struct ds_part, i), error))
            return FALSE;
    for (guint i = 0; i < block->shapes->len; i++)
        if (!write_shape(writer, &g_array_index(block->shapes, struct ds_shape, i), error))
            return FALSE;
    for (guint i = 0; i < block->packets->len; i++)
        if (!write_packet(writer, &g_array_index(block->packets, struct ds_packet, i), error))
            return FALSE;
    for (guint i = 0; i < block->texts->len; i++)
        if (!write_text(writer, &g_array_index(block->texts, struct ds_text, i), error))
            return FALSE;
    return TRUE;
}
