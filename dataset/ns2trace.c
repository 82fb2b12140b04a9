/*
 * Compiled twice: into the program, which links SQLite, and with DS_EXTENSION into ns2trace.so,
 * which calls the SQLite of whatever program loads it.
 */
#include "dataset/ns2trace.h"

#include "dataset/event_column.h"
#include "tracegen/error.h"
#include "tracegen/reader.h"
#ifndef DS_EXTENSION
#define SQLITE_CORE 1
#endif
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

/* Lines that are passed over between two looks at sqlite3_interrupt(). */
enum { CHECK_LINES = 4096 };

/* What a function costs the planner: a file of a million lines, read whole. */
#define ESTIMATED_ROWS 1000000
#define ESTIMATED_COST 1e7

/* idxNum: which upper bound of `line` is the second argument of the scan. */
enum bound { NO_BOUND, BELOW, UP_TO };

/* Columns of ns2line(). */
enum { LINE_NUMBER, LINE_KIND, LINE_DETAIL, LINE_TEXT, LINE_PATH, LINE_UNTERMINATED };

struct table {
    sqlite3_vtab base;
    sqlite3 *db;
    GError **failure;    /* of ds_ns2trace_register() */
    gboolean every_line; /* ns2line */
    int path_column;
};

struct cursor {
    sqlite3_vtab_cursor base;
    char *path;
    tg_reader *reader;
    struct tg_line line;
    gint64 last; /* no line after this one is asked for */
    gboolean at_end, variables;
    gint64 n_line, n_trace, n_reject; /* lines so far; what only traces have; refused */
    char first_reason[sizeof((struct tg_line *)0)->reason]; /* why the first line was refused */
};

static const char *function_name(const struct table *table)
{
    return table->every_line ? "ns2line" : "ns2trace";
}

/* ---- errors ------------------------------------------------------------- */

static void set_message(struct table *table, char *message)
{
    sqlite3_free(table->base.zErrMsg);
    table->base.zErrMsg = message;
}

/* Takes the error; returns its code for SQLite. */
static int fail(struct table *table, GError *error)
{
    int code = SQLITE_ERROR;
    if (g_error_matches(error, TG_ERROR, TG_ERROR_INTERRUPTED))
        code = SQLITE_INTERRUPT;
    else if (g_error_matches(error, TG_ERROR, TG_ERROR_SYSTEM))
        code = SQLITE_CANTOPEN;
    set_message(table, sqlite3_mprintf("%s", error->message));
    if (table->failure) {
        g_clear_error(table->failure);
        *table->failure = g_error_copy(error);
    }
    g_error_free(error);
    return code;
}

static int refuse_path(struct table *table, const char *why)
{
    set_message(table, sqlite3_mprintf("%s(PATH) %s", function_name(table), why));
    return SQLITE_ERROR;
}

/*
 * Between two rows SQLite looks itself whether it was interrupted, but not before the next row is
 * there. SQLite before 3.41 has no function that tells; any statement does.
 */
static gboolean is_interrupted(sqlite3 *db)
{
    return sqlite3_exec(db, "SELECT 1", NULL, NULL, NULL) == SQLITE_INTERRUPT;
}

/* ---- tables ------------------------------------------------------------- */

static const char *declared_type(const struct ds_column *column)
{
    switch ((enum ds_column_type)column->type) {
    case DS_COLUMN_INT:
    case DS_COLUMN_BITS:
        return "INTEGER";
    case DS_COLUMN_REAL:
        return "REAL";
    case DS_COLUMN_TEXT:
    case DS_COLUMN_CHAR:
    case DS_COLUMN_FORMAT:
        return "TEXT";
    case DS_COLUMN_DURATION: /* ANY in the store; here that would mean a number */
        return "";
    }
    g_assert_not_reached();
}

static int connect_table(sqlite3 *db, GError **failure, const char *declaration,
                         const struct table *kind, sqlite3_vtab **vtab)
{
    int code = sqlite3_declare_vtab(db, declaration);
    if (code != SQLITE_OK)
        return code;
    /* It opens files: not to be had by the views and triggers of a database from somewhere. */
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    struct table *table = g_new0(struct table, 1);
    *table = *kind;
    table->db = db;
    table->failure = failure;
    *vtab = &table->base;
    return SQLITE_OK;
}

/* The first hidden column is the function's argument. */
static int connect_ns2trace(sqlite3 *db, void *failure, int argc, const char *const *argv,
                            sqlite3_vtab **vtab, char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    const struct table kind = {.path_column = 1 + ds_n_event_column};
    g_autoptr(GString) sql = g_string_new("CREATE TABLE ns2trace (line INTEGER");
    for (int i = 0; i < ds_n_event_column; i++)
        g_string_append_printf(sql, ", %s %s", ds_event_columns[i].name,
                               declared_type(&ds_event_columns[i]));
    g_string_append(sql, ", path TEXT HIDDEN, text TEXT HIDDEN)");
    return connect_table(db, failure, sql->str, &kind, vtab);
}

static int connect_ns2line(sqlite3 *db, void *failure, int argc, const char *const *argv,
                           sqlite3_vtab **vtab, char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    const struct table kind = {.every_line = TRUE, .path_column = LINE_PATH};
    return connect_table(db, failure,
                         "CREATE TABLE ns2line (line INTEGER, kind TEXT, detail TEXT, text TEXT,"
                         " path TEXT HIDDEN, unterminated INTEGER HIDDEN)",
                         &kind, vtab);
}

static int disconnect(sqlite3_vtab *vtab)
{
    g_free(vtab); /* its message is SQLite's to free */
    return SQLITE_OK;
}

/*
 * A plan needs the path; an upper bound of `line` ends the reading there. Bounds are not omitted:
 * what is no integer is left to SQLite.
 */
static int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    struct table *table = (struct table *)vtab;
    int path = -1, bound = -1;
    gboolean has_path = FALSE;
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];
        gboolean equal = constraint->op == SQLITE_INDEX_CONSTRAINT_EQ;
        gboolean above = constraint->op == SQLITE_INDEX_CONSTRAINT_LT ||
                         constraint->op == SQLITE_INDEX_CONSTRAINT_LE;
        has_path |= constraint->iColumn == table->path_column && equal;
        if (constraint->iColumn == table->path_column && equal && constraint->usable && path < 0)
            path = i;
        if (constraint->iColumn <= 0 && above && constraint->usable) /* line, rowid */
            bound = i;
    }
    if (path < 0) /* that of a join may come in another order of its tables */
        return has_path ? SQLITE_CONSTRAINT : refuse_path(table, "needs a path");
    info->aConstraintUsage[path].argvIndex = 1;
    info->aConstraintUsage[path].omit = 1;
    if (bound >= 0) {
        info->aConstraintUsage[bound].argvIndex = 2;
        info->idxNum = info->aConstraint[bound].op == SQLITE_INDEX_CONSTRAINT_LT ? BELOW : UP_TO;
    }
    info->estimatedRows = ESTIMATED_ROWS;
    info->estimatedCost = ESTIMATED_COST;
    info->orderByConsumed =
        info->nOrderBy > 0 && info->aOrderBy[0].iColumn <= 0 && !info->aOrderBy[0].desc;
    return SQLITE_OK;
}

/* ---- scans -------------------------------------------------------------- */

static int open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **base)
{
    (void)vtab;
    struct cursor *cursor = g_new0(struct cursor, 1);
    *base = &cursor->base;
    return SQLITE_OK;
}

static void clear_scan(struct cursor *cursor)
{
    tg_reader_free(cursor->reader);
    cursor->reader = NULL;
    g_free(cursor->path);
    cursor->path = NULL;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
    struct cursor *cursor = (struct cursor *)base;
    clear_scan(cursor);
    g_free(cursor);
    return SQLITE_OK;
}

static void count_line(struct cursor *cursor)
{
    enum tg_line_kind kind = cursor->line.kind;
    cursor->n_line++;
    /* Variables are also in files of their own that are no traces. */
    gboolean variable = kind == TG_LINE_NOISE && cursor->line.noise == TG_NOISE_VARIABLE;
    cursor->variables |= variable;
    cursor->n_trace += kind == TG_LINE_EVENT || (kind == TG_LINE_NOISE && !variable);
    if (kind == TG_LINE_REJECT && cursor->n_reject++ == 0)
        memcpy(cursor->first_reason, cursor->line.reason, sizeof cursor->first_reason);
}

/* All lines are read: was it a trace? What was refused is also told to SQLite's error log. */
static int end_of_trace(struct cursor *cursor)
{
    struct table *table = (struct table *)cursor->base.pVtab;
    if (table->every_line)
        return SQLITE_OK;
    if (cursor->n_trace == 0) {
        GError *error = NULL;
        tg_set_no_trace(&error, cursor->path, cursor->n_line, cursor->variables,
                        cursor->first_reason);
        return fail(table, error);
    }
    if (cursor->n_reject > 0)
        sqlite3_log(SQLITE_WARNING, "%s: %lld lines could not be read, the first: %s", cursor->path,
                    (sqlite3_int64)cursor->n_reject, cursor->first_reason);
    return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *base)
{
    struct cursor *cursor = (struct cursor *)base;
    struct table *table = (struct table *)base->pVtab;
    GError *error = NULL;
    for (guint n_passed = 1; cursor->n_line < cursor->last; n_passed++) {
        if (!tg_reader_next(cursor->reader, &cursor->line, &error)) {
            cursor->at_end = TRUE;
            return error ? fail(table, error) : end_of_trace(cursor);
        }
        count_line(cursor);
        if (table->every_line || cursor->line.kind == TG_LINE_EVENT)
            return SQLITE_OK;
        if (n_passed % CHECK_LINES == 0 && is_interrupted(table->db))
            return SQLITE_INTERRUPT;
    }
    cursor->at_end = TRUE;
    return SQLITE_OK;
}

static gint64 last_line(enum bound bound, sqlite3_value *value)
{
    if (sqlite3_value_type(value) != SQLITE_INTEGER)
        return G_MAXINT64;
    gint64 line = sqlite3_value_int64(value);
    return bound == BELOW && line > 0 ? line - 1 : line;
}

static int start_scan(sqlite3_vtab_cursor *base, int bound, const char *unused, int argc,
                      sqlite3_value **argv)
{
    (void)unused;
    (void)argc;
    struct cursor *cursor = (struct cursor *)base;
    struct table *table = (struct table *)base->pVtab;
    GError *error = NULL;
    clear_scan(cursor);
    *cursor = (struct cursor){.base = cursor->base};
    const char *path = (const char *)sqlite3_value_text(argv[0]);
    if (!path)
        return refuse_path(table, "needs a path, not NULL");
    if (strlen(path) != (gsize)sqlite3_value_bytes(argv[0]))
        return refuse_path(table, "needs a path without NUL bytes");
#ifdef DS_EXTENSION
    if (strcmp(path, "-") == 0)
        return refuse_path(table, "would take the shell's own input; a file named '-' is './-'");
#endif
    cursor->path = g_strdup(path);
    cursor->last = bound == NO_BOUND ? G_MAXINT64 : last_line((enum bound)bound, argv[1]);
    cursor->reader = tg_reader_open(path, &error);
    return cursor->reader ? next_row(base) : fail(table, error);
}

static int at_end(sqlite3_vtab_cursor *base)
{
    return ((struct cursor *)base)->at_end;
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *id)
{
    *id = ((struct cursor *)base)->line.number;
    return SQLITE_OK;
}

/* ---- values ------------------------------------------------------------- */

/* The line's text does not outlive the row, but SQLite's value may. */
static void give_text(sqlite3_context *context, struct tg_text text)
{
    sqlite3_result_text(context, text.at, text.n, SQLITE_TRANSIENT);
}

static void give_value(sqlite3_context *context, struct ds_value value)
{
    switch (value.type) {
    case DS_NULL:
    case DS_BLOB:
        break; /* NULL without a call; a line has no blob */
    case DS_INTEGER:
        sqlite3_result_int64(context, value.i);
        break;
    case DS_REAL:
        sqlite3_result_double(context, value.r);
        break;
    case DS_TEXT:
        give_text(context, value.text);
        break;
    }
}

static int ns2trace_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct cursor *cursor = (struct cursor *)base;
    const struct table *table = (struct table *)base->pVtab;
    if (column == 0)
        sqlite3_result_int64(context, cursor->line.number);
    else if (column <= ds_n_event_column)
        give_value(context, ds_event_value(&cursor->line.event, &ds_event_columns[column - 1]));
    else if (column == table->path_column)
        sqlite3_result_text(context, cursor->path, -1, SQLITE_TRANSIENT);
    else
        give_text(context, cursor->line.text);
    return SQLITE_OK;
}

/* What a line is counted by; what stands in its bad field is in its text. */
static void give_detail(sqlite3_context *context, const struct tg_line *line)
{
    if (line->kind == TG_LINE_NOISE)
        sqlite3_result_text(context, tg_noise_name(line->noise), -1, SQLITE_STATIC);
    else if (line->kind == TG_LINE_REJECT)
        sqlite3_result_text(context, line->reason, (int)tg_reason_length(line->reason),
                            SQLITE_TRANSIENT);
}

static int ns2line_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    static const char *const kinds[] = {[TG_LINE_EVENT] = "event",
                                        [TG_LINE_NOISE] = "noise",
                                        [TG_LINE_BLANK] = "blank",
                                        [TG_LINE_REJECT] = "reject"};
    const struct cursor *cursor = (struct cursor *)base;
    const struct tg_line *line = &cursor->line;
    switch (column) {
    case LINE_NUMBER:
        sqlite3_result_int64(context, line->number);
        break;
    case LINE_KIND:
        sqlite3_result_text(context, kinds[line->kind], -1, SQLITE_STATIC);
        break;
    case LINE_DETAIL:
        give_detail(context, line);
        break;
    case LINE_TEXT:
        give_text(context, line->text);
        break;
    case LINE_UNTERMINATED:
        sqlite3_result_int(context, line->unterminated);
        break;
    case LINE_PATH:
        sqlite3_result_text(context, cursor->path, -1, SQLITE_TRANSIENT);
        break;
    default:
        g_assert_not_reached();
    }
    return SQLITE_OK;
}

/* ---- functions ---------------------------------------------------------- */

/* Without xCreate: there, without CREATE VIRTUAL TABLE, and not to be made with it. */
#define FUNCTION(connect, column)                                                                  \
    {                                                                                              \
        .xConnect = connect, .xBestIndex = best_index, .xDisconnect = disconnect,                  \
        .xOpen = open_cursor, .xClose = close_cursor, .xFilter = start_scan, .xNext = next_row,    \
        .xEof = at_end, .xColumn = column, .xRowid = row_id                                        \
    }
static const sqlite3_module ns2trace = FUNCTION(connect_ns2trace, ns2trace_column);
static const sqlite3_module ns2line = FUNCTION(connect_ns2line, ns2line_column);

int ds_ns2trace_register(sqlite3 *db, GError **failure)
{
    int code = sqlite3_create_module(db, "ns2trace", &ns2trace, failure);
    return code == SQLITE_OK ? sqlite3_create_module(db, "ns2line", &ns2line, failure) : code;
}

#ifdef DS_EXTENSION
/* SQLite looks for the first name, then for that of the file, of which it takes the letters. */
int sqlite3_extension_init(sqlite3 *db, char **message, const sqlite3_api_routines *api);
int sqlite3_nstrace_init(sqlite3 *db, char **message, const sqlite3_api_routines *api);

__attribute__((visibility("default"))) int sqlite3_extension_init(sqlite3 *db, char **message,
                                                                  const sqlite3_api_routines *api)
{
    (void)message;
    SQLITE_EXTENSION_INIT2(api);
    return ds_ns2trace_register(db, NULL);
}

__attribute__((visibility("default"))) int sqlite3_nstrace_init(sqlite3 *db, char **message,
                                                                const sqlite3_api_routines *api)
{
    return sqlite3_extension_init(db, message, api);
}
#endif
