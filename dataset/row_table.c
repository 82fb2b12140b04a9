#include "dataset/row_table.h"

#include <glib.h>

struct table {
    sqlite3_vtab base;
    const struct ds_row_source *source;
};

struct cursor {
    sqlite3_vtab_cursor base;
    const struct ds_row *row, *end;
};

static int connect_table(sqlite3 *db, void *source, int argc, const char *const *argv,
                         sqlite3_vtab **result, char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    int code = sqlite3_declare_vtab(db, "CREATE TABLE x(line, shape_id, time, uid, seq, ack)");
    struct table *table = code == SQLITE_OK ? sqlite3_malloc(sizeof *table) : NULL;
    if (!table)
        return code == SQLITE_OK ? SQLITE_NOMEM : code;
    *table = (struct table){.source = source};
    *result = &table->base;
    return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

static int plan_scan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = DS_BLOCK_LINES;
    info->estimatedRows = DS_BLOCK_LINES;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **result)
{
    (void)table;
    struct cursor *cursor = sqlite3_malloc(sizeof *cursor);
    if (!cursor)
        return SQLITE_NOMEM;
    *cursor = (struct cursor){.row = NULL};
    *result = &cursor->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int start_scan(sqlite3_vtab_cursor *base, int plan, const char *text, int argc,
                      sqlite3_value **argv)
{
    (void)plan;
    (void)text;
    (void)argc;
    (void)argv;
    struct cursor *cursor = (struct cursor *)base;
    const struct ds_row_source *source = ((const struct table *)base->pVtab)->source;
    cursor->row = source->rows;
    cursor->end = source->rows + source->n_row;
    return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *base)
{
    ((struct cursor *)base)->row++;
    return SQLITE_OK;
}

static int at_end(sqlite3_vtab_cursor *base)
{
    const struct cursor *cursor = (const struct cursor *)base;
    return cursor->row == cursor->end;
}

static void give_int(sqlite3_context *context, gint64 value)
{
    if (value != TG_ABSENT) /* the result is NULL unless it is set */
        sqlite3_result_int64(context, value);
}

static int give_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct ds_row *row = ((const struct cursor *)base)->row;
    switch (column) {
    case 0:
        give_int(context, row->line);
        break;
    case 1:
        give_int(context, row->shape_id);
        break;
    case 2:
        sqlite3_result_double(context, row->time);
        break;
    case 3:
        give_int(context, row->uid);
        break;
    case 4:
        give_int(context, row->seq);
        break;
    default:
        give_int(context, row->ack);
    }
    return SQLITE_OK;
}

static int give_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = ((const struct cursor *)base)->row->line;
    return SQLITE_OK;
}

/* Without xCreate: the table is there by its name alone. */
static const sqlite3_module module = {.xConnect = connect_table,
                                      .xDisconnect = disconnect_table,
                                      .xBestIndex = plan_scan,
                                      .xOpen = open_cursor,
                                      .xClose = close_cursor,
                                      .xFilter = start_scan,
                                      .xNext = next_row,
                                      .xEof = at_end,
                                      .xColumn = give_column,
                                      .xRowid = give_rowid};

int ds_row_table_register(sqlite3 *db, struct ds_row_source *source)
{
    return sqlite3_create_module(db, "block_row", &module, source);
}

void ds_row_table_forget(sqlite3 *db)
{
    sqlite3_create_module(db, "block_row", NULL, NULL);
}
