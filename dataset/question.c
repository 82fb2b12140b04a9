#include "dataset/question.h"

#include "dataset/describe.h"
#include "dataset/ns2trace.h"
#include "dataset/store_internal.h"
#include "tracegen/error.h"
#include <math.h>
#include <string.h>

/* ---- columns ------------------------------------------------------------ */

int ds_query_n_column(ds_query *query)
{
    return sqlite3_column_count(query->statement);
}

const char *ds_query_name(ds_query *query, int column)
{
    return sqlite3_column_name(query->statement, column);
}

const char *ds_query_declared_type(ds_query *query, int column)
{
    return sqlite3_column_decltype(query->statement, column);
}

enum ds_type ds_query_type(ds_query *query, int column)
{
    switch (sqlite3_column_type(query->statement, column)) {
    case SQLITE_INTEGER:
        return DS_INTEGER;
    case SQLITE_FLOAT:
        return DS_REAL;
    case SQLITE_TEXT:
        return DS_TEXT;
    case SQLITE_BLOB:
        return DS_BLOB;
    default:
        return DS_NULL;
    }
}

const char *ds_query_bytes(ds_query *query, int column, gsize *length)
{
    const char *bytes = sqlite3_column_blob(query->statement, column);
    *length = (gsize)sqlite3_column_bytes(query->statement, column);
    return bytes ? bytes : "";
}

/* ---- SQL of a person ---------------------------------------------------- */

ds_store *ds_question_open(const char *path, GError **error)
{
    g_autoptr(ds_store) store = ds_store_open(path, DS_READ, error);
    if (store && ds_ns2trace_register(store->db, &store->failure) != SQLITE_OK) {
        ds_store_fail(store, error);
        return NULL;
    }
    return g_steal_pointer(&store);
}

static const char only_reads[] = "refused: not a statement that only reads (SELECT, WITH, VALUES)";

gboolean ds_question_fail(ds_store *store, GError **error)
{
    if (store->failure) {
        g_propagate_error(error, g_steal_pointer(&store->failure));
        return FALSE;
    }
    int code = sqlite3_errcode(store->db) & 0xff;
    if (code == SQLITE_AUTH || code == SQLITE_READONLY)
        g_set_error_literal(error, TG_ERROR, TG_ERROR_USAGE, only_reads);
    else if (code == SQLITE_ERROR || code == SQLITE_TOOBIG || code == SQLITE_MISMATCH)
        g_set_error_literal(error, TG_ERROR, TG_ERROR_USAGE, sqlite3_errmsg(store->db));
    else
        return ds_store_fail(store, error);
    return FALSE;
}

/*
 * What a question may not do although SQLite says that it only reads: reach other files, stay in a
 * transaction, change settings.
 */
static int authorize(void *nothing, int action, const char *first, const char *second,
                     const char *database, const char *view)
{
    static const char *const pragmas[] = {"application_id",    "database_list",
                                          "foreign_key_check", "foreign_key_list",
                                          "index_info",        "index_list",
                                          "index_xinfo",       "integrity_check",
                                          "quick_check",       "table_info",
                                          "table_list",        "table_xinfo",
                                          "user_version",      NULL};
    (void)nothing;
    (void)second;
    (void)database;
    (void)view;
    gboolean refused = action == SQLITE_ATTACH || action == SQLITE_DETACH ||
                       action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT ||
                       (action == SQLITE_PRAGMA && !g_strv_contains(pragmas, first));
    return refused ? SQLITE_DENY : SQLITE_OK;
}

/* Prepares all of the text, which has to be one statement. */
static gboolean prepare_one(ds_query *query, const char *sql, GError **error)
{
    sqlite3 *db = query->store->db;
    for (const char *rest = sql; *rest;) {
        sqlite3_stmt *statement;
        if (sqlite3_prepare_v2(db, rest, -1, &statement, &rest) != SQLITE_OK)
            return ds_question_fail(query->store, error);
        if (statement && query->statement) {
            sqlite3_finalize(statement);
            g_set_error_literal(error, TG_ERROR, TG_ERROR_USAGE, "more than one statement");
            return FALSE;
        }
        if (statement)
            query->statement = statement;
    }
    const char *fault = NULL;
    if (!query->statement)
        fault = "no statement";
    else if (!sqlite3_stmt_readonly(query->statement))
        fault = only_reads;
    else if (sqlite3_bind_parameter_count(query->statement) > 0)
        fault = "the statement has a parameter, and there is nothing to put there";
    if (fault)
        g_set_error_literal(error, TG_ERROR, TG_ERROR_USAGE, fault);
    return fault == NULL;
}

ds_query *ds_question_sql(ds_store *store, const char *sql, GError **error)
{
    g_autoptr(ds_query) query = g_new0(ds_query, 1);
    query->store = store;
    query->asked = TRUE;
    sqlite3_set_authorizer(store->db, authorize, NULL);
    gboolean done = prepare_one(query, sql, error);
    sqlite3_set_authorizer(store->db, NULL, NULL);
    return done ? g_steal_pointer(&query) : NULL;
}

/* ---- named questions ---------------------------------------------------- */

/* A value to be bound: as text, or as the number that it reads as. */
struct value {
    char type; /* 's' 'i' 'd' */
    const char *text;
    gint64 integer;
    double real;
};

/* FALSE for a text that is no number, or not one that a store would print so ('007'). */
static gboolean read_number(const char *text, struct value *value)
{
    char *end;
    if (g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &value->integer, NULL)) {
        g_autofree char *again = g_strdup_printf("%" G_GINT64_FORMAT, value->integer);
        value->type = 'i';
        return strcmp(again, text) == 0;
    }
    value->type = 'd';
    value->real = g_ascii_strtod(text, &end);
    return *end == '\0' && text[strspn(text, "0123456789+-.eE")] == '\0' && isfinite(value->real);
}

static int bind_value(sqlite3_stmt *statement, int i, const struct value *value)
{
    if (value->type == 'i')
        return sqlite3_bind_int64(statement, i, value->integer);
    if (value->type == 'd')
        return sqlite3_bind_double(statement, i, value->real);
    return sqlite3_bind_text(statement, i, value->text, -1, SQLITE_TRANSIENT);
}

/* A name as SQL takes it whatever it holds. */
static void append_name(GString *sql, const char *name)
{
    char *quoted = sqlite3_mprintf("\"%w\"", name);
    g_string_append(sql, quoted);
    sqlite3_free(quoted);
}

static void append_condition(GString *sql, GArray *values, const char *column, const char *text)
{
    append_name(sql, column);
    if (*text == '\0') {
        /* As it is printed, so it is asked for. */
        g_string_append(sql, " IS NULL OR ");
        append_name(sql, column);
        g_string_append(sql, " = ''");
        return;
    }
    /* A column of a view may be an expression, to which 5 and '5' are two things. */
    struct value value = {.type = 's', .text = text}, number;
    g_array_append_val(values, value);
    if (!read_number(text, &number)) {
        g_string_append(sql, " = ?");
        return;
    }
    g_array_append_val(values, number);
    g_string_append(sql, " IN (?, ?)");
}

static void unknown_column(ds_query *query, const char *name, const char *column, int length,
                           GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);
    for (int i = 0; i < ds_query_n_column(query); i++)
        g_string_append_printf(known, "%s%s", i > 0 ? ", " : "", ds_query_name(query, i));
    g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "%s has no column '%.*s' (known: %s)", name,
                length, column, known->str);
}

/* Appends `COLUMN=VALUE` to the statement; the column is looked for among those of `all`. */
static gboolean add_condition(GString *sql, GArray *values, ds_query *all, const char *name,
                              const char *condition, GError **error)
{
    const char *equals = strchr(condition, '=');
    if (!equals) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "'%s' is not COLUMN=VALUE", condition);
        return FALSE;
    }
    gsize length = (gsize)(equals - condition);
    const char *column = NULL;
    for (int i = 0; i < ds_query_n_column(all) && !column; i++) {
        const char *known = ds_query_name(all, i);
        if (strlen(known) == length && g_ascii_strncasecmp(known, condition, length) == 0)
            column = known;
    }
    if (!column) {
        unknown_column(all, name, condition, (int)length, error);
        return FALSE;
    }
    g_string_append(sql, " AND (");
    append_condition(sql, values, column, equals + 1);
    g_string_append_c(sql, ')');
    return TRUE;
}

/* Is there a view or table of that name? FALSE with an error when it cannot be found out. */
static gboolean exists(ds_store *store, const char *name, GError **error)
{
    gint64 found = 0;
    return ds_lookup(store, &found, error,
                     "SELECT 1 FROM sqlite_schema WHERE type IN ('view', 'table')"
                     " AND name = ? COLLATE NOCASE",
                     "s", name) &&
           found;
}

ds_query *ds_question_named(ds_store *store, const char *name, const char *const *conditions,
                            GError **error)
{
    GError *failure = NULL;
    if (!exists(store, name, &failure)) {
        if (failure)
            g_propagate_error(error, failure);
        else
            ds_describe_unknown(store, name, error);
        return NULL;
    }
    g_autoptr(GString) sql = g_string_new("SELECT * FROM ");
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(struct value));
    append_name(sql, name);
    g_autoptr(ds_query) all = ds_question_sql(store, sql->str, error);
    if (!all)
        return NULL;
    g_string_append(sql, " WHERE 1");
    for (; *conditions; conditions++)
        if (!add_condition(sql, values, all, name, *conditions, error))
            return NULL;
    g_autoptr(ds_query) query = ds_query_new(store, error, sql->str, "");
    if (!query)
        return NULL;
    query->asked = TRUE;
    for (guint i = 0; i < values->len; i++)
        if (bind_value(query->statement, (int)i + 1, &g_array_index(values, struct value, i)) !=
            SQLITE_OK) {
            ds_store_fail(store, error);
            return NULL;
        }
    return g_steal_pointer(&query);
}

ds_query *ds_question_any(ds_store *store, const char *text, const char *const *conditions,
                          GError **error)
{
    GError *failure = NULL;
    gboolean named = exists(store, text, &failure);
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    if (named || !strpbrk(text, " \t\r\n"))
        return ds_question_named(store, text, conditions, error);
    if (*conditions) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "unexpected argument '%s' behind SQL",
                    *conditions);
        return NULL;
    }
    return ds_question_sql(store, text, error);
}

/* ---- what they answer --------------------------------------------------- */

/* The end of the quoted text or comment that begins at p; p itself if none does. */
static const char *skip_quoted(const char *p)
{
    static const char open[] = "\"'`[", close[] = "\"'`]";
    const char *quote = strchr(open, *p);
    if (quote) {
        const char *end = strchr(p + 1, close[quote - open]);
        return end ? end + 1 : p + strlen(p);
    }
    return p[0] == '-' && p[1] == '-' ? p + strcspn(p, "\n") : p;
}

static gsize length_of_word(const char *p)
{
    gsize length = 0;
    while (g_ascii_isalnum(p[length]) || p[length] == '_' || (p[length] & 0x80))
        length++;
    return length;
}

/* What follows the AS; the end of the text if there is none. */
static const char *find_body(const char *p)
{
    int depth = 0;
    while (*p) {
        const char *end = skip_quoted(p);
        gsize length = length_of_word(p);
        if (depth == 0 && length == 2 && g_ascii_strncasecmp(p, "AS", 2) == 0)
            return p + 2;
        depth += (*p == '(') - (*p == ')');
        p = end > p ? end : p + MAX(length, 1);
    }
    return p;
}

char *ds_question_comment(const char *create_view)
{
    GString *comment = g_string_new(NULL);
    const char *p = find_body(create_view);
    for (;;) {
        p += strspn(p, " \t\r\n");
        if (p[0] != '-' || p[1] != '-')
            break;
        gsize length = strcspn(p, "\n");
        g_autofree char *line = g_strndup(p + 2, length - 2);
        g_strstrip(line);
        if (*line == '\0')
            break;
        g_string_append_printf(comment, "%s%s", comment->len > 0 ? " " : "", line);
        p += length;
    }
    return g_string_free(comment, FALSE);
}
