#include "dataset/store.h"

#include "dataset/store_internal.h"
#include "tracegen/error.h"
#include <gio/gio.h>
#include <stdarg.h>
#include <string.h>

/* Of schema.sql. */
enum { APPLICATION_ID = 0x41644c49, USER_VERSION = 8, CHECK_STEPS = 10000 };
enum { BUSY_MS = 60 * 1000, WAIT_MS = 20 }; /* so long for another writer, so long at a time */

GResource *dataset_get_resource(void); /* made by glib-compile-resources */

static gboolean is_late(const ds_store *store)
{
    return store->deadline != 0 && g_get_monotonic_time() >= store->deadline;
}

gboolean ds_store_fail(const ds_store *store, GError **error)
{
    int code = sqlite3_errcode(store->db) & 0xff;
    const gboolean stopped = code == SQLITE_INTERRUPT || code == SQLITE_BUSY;
    if (stopped && is_late(store)) {
        g_set_error(error, TG_ERROR, TG_ERROR_INTERRUPTED, "%s: it took too long", store->path);
        return FALSE;
    }
    if (stopped && !tg_check_interrupt(error))
        return FALSE;
    gboolean data = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_CONSTRAINT;
    g_set_error(error, TG_ERROR, data ? TG_ERROR_DATA : TG_ERROR_SYSTEM, "%s: %s", store->path,
                sqlite3_errmsg(store->db));
    return FALSE;
}

static gboolean run_sql(ds_store *store, const char *sql, GError **error)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           ds_store_fail(store, error);
}

/* What the file holds: our schema, or nothing (*empty). Inside a transaction. */
static gboolean check_schema(ds_store *store, gboolean *empty, GError **error)
{
    gint64 application = 0, version = 0, tables = 0;
    if (!ds_lookup(store, &application, error, "PRAGMA application_id", "") ||
        !ds_lookup(store, &version, error, "PRAGMA user_version", "") ||
        !ds_lookup(store, &tables, error, "SELECT count(*) FROM sqlite_schema", ""))
        return FALSE;
    *empty = application == 0 && tables == 0;
    if (*empty || (application == APPLICATION_ID && version == USER_VERSION))
        return TRUE;
    if (application == APPLICATION_ID)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: store of version %d; this program reads version %d", store->path,
                    (int)version, USER_VERSION);
    else
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: not an adliotlog store", store->path);
    return FALSE;
}

const char *ds_sql(const char *name)
{
    g_autofree char *path = g_strconcat("/adliotlog/", name, NULL);
    g_autoptr(GBytes) text = g_resource_lookup_data(dataset_get_resource(), path, 0, NULL);
    g_assert(text);
    return g_bytes_get_data(text, NULL); /* static, and ends in a NUL */
}

/* Two programs may create a store at once: the second finds the schema of the first. */
static gboolean create_schema(ds_store *store, GError **error)
{
    gboolean empty;
    return run_sql(store, "PRAGMA page_size = 32768", error) && ds_begin(store, error) &&
           check_schema(store, &empty, error) &&
           (!empty || (run_sql(store, ds_sql("schema.sql"), error) &&
                       run_sql(store, ds_sql("views.sql"), error) &&
                       run_sql(store, ds_sql("views_detection.sql"), error))) &&
           ds_commit(store, error);
}

/* Waits for no other writer, unless the store is to be made. */
static gboolean prepare(ds_store *store, enum ds_mode mode, GError **error)
{
    gboolean empty;
    /* Sorts of a question about millions of events: in files, and beside what needs them. */
    static const char settings[] =
        "PRAGMA foreign_keys = ON; PRAGMA temp_store = FILE; PRAGMA threads = 2;"
        " PRAGMA analysis_limit = 1000; BEGIN";
    if (!run_sql(store, settings, error) || !check_schema(store, &empty, error) ||
        !ds_commit(store, error))
        return FALSE;
    if (empty && mode != DS_CREATE) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: not an adliotlog store", store->path);
        return FALSE;
    }
    /* The cache is counted in pages when its size is set, so their size must be known by then. */
    return (!empty || create_schema(store, error)) &&
           run_sql(store, "PRAGMA cache_size = -8000", error) &&
           (mode == DS_READ ||
            run_sql(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", error));
}

/* Called by SQLite while a statement runs; not 0 stops it. */
static int is_interrupted(void *nothing)
{
    (void)nothing;
    return !tg_check_interrupt(NULL);
}

void ds_heed_interrupts(ds_store *store, gboolean heed)
{
    sqlite3_progress_handler(store->db, CHECK_STEPS, heed ? is_interrupted : NULL, NULL);
}

static int is_store_late(void *store)
{
    return is_late(store);
}

void ds_limit_time(ds_store *store, double seconds)
{
    store->deadline = g_get_monotonic_time() + (gint64)(seconds * G_TIME_SPAN_SECOND);
    sqlite3_progress_handler(store->db, CHECK_STEPS, is_store_late, store);
}

gboolean ds_data_version(ds_store *store, gint64 *version, GError **error)
{
    return ds_lookup(store, version, error, "PRAGMA data_version", "");
}

/* Called by SQLite when another writer is in the way; 0 gives up. */
static int wait_for_writer(void *store, int n_wait)
{
    if (n_wait >= BUSY_MS / WAIT_MS || is_late(store) || !tg_check_interrupt(NULL))
        return 0;
    sqlite3_sleep(WAIT_MS);
    return 1;
}

ds_store *ds_store_open(const char *path, enum ds_mode mode, GError **error)
{
    static const int flags[] = {SQLITE_OPEN_READONLY, SQLITE_OPEN_READWRITE,
                                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    ds_store *store = g_new0(ds_store, 1);
    store->path = g_strdup(path ? path : ":memory:");
    /* The name of a store is a name, never a URI; but a statement may open another by one. */
    const gboolean looks_uri = g_str_has_prefix(store->path, "file:");
    g_autofree char *file = g_strconcat(looks_uri ? "./" : "", store->path, NULL);
    int code = sqlite3_open_v2(file, &store->db,
                               flags[mode] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
    if (code != SQLITE_OK) {
        gboolean missing = mode != DS_CREATE && !g_file_test(store->path, G_FILE_TEST_EXISTS);
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", store->path,
                    missing ? "no such store" : sqlite3_errmsg(store->db));
        ds_store_close(store);
        return NULL;
    }
    sqlite3_busy_handler(store->db, wait_for_writer, store);
    if (path && !prepare(store, mode, error)) {
        ds_store_close(store);
        return NULL;
    }
    if (mode == DS_READ)
        ds_heed_interrupts(store, TRUE);
    return store;
}

void ds_store_close(ds_store *store)
{
    if (!store)
        return;
    g_clear_pointer(&store->idle, g_hash_table_unref);
    sqlite3_close_v2(store->db);
    g_clear_error(&store->failure);
    g_free(store->path);
    g_free(store);
}

gboolean ds_begin(ds_store *store, GError **error)
{
    return run_sql(store, "BEGIN IMMEDIATE", error);
}

gboolean ds_begin_read(ds_store *store, GError **error)
{
    return run_sql(store, "BEGIN", error);
}

gboolean ds_commit(ds_store *store, GError **error)
{
    return run_sql(store, "COMMIT", error);
}

void ds_rollback(ds_store *store)
{
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

static int bind_all(sqlite3_stmt *statement, const char *types, va_list values)
{
    int code = SQLITE_OK;
    for (int i = 0; types[i] && code == SQLITE_OK; i++) {
        if (types[i] == 'i')
            code = sqlite3_bind_int64(statement, i + 1, va_arg(values, gint64));
        else if (types[i] == 'd')
            code = sqlite3_bind_double(statement, i + 1, va_arg(values, double));
        else if (types[i] == 's')
            code = sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1,
                                     SQLITE_TRANSIENT);
        else
            code = sqlite3_bind_null(statement, i + 1);
    }
    return code;
}

static void finalize(gpointer statement)
{
    sqlite3_finalize(statement);
}

void ds_keep_statements(ds_store *store)
{
    /* The text is the statement's own. */
    store->idle = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, finalize);
}

/* An idle statement of that text, which is the caller's then; NULL when there is none. */
static sqlite3_stmt *take_idle(ds_store *store, const char *sql)
{
    gpointer statement = NULL;
    if (store->idle)
        g_hash_table_steal_extended(store->idle, sql, NULL, &statement);
    return statement;
}

static void keep_idle(ds_store *store, sqlite3_stmt *statement)
{
    enum { MOST = 128 };
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (g_hash_table_size(store->idle) >= MOST)
        g_hash_table_remove_all(store->idle);
    g_hash_table_replace(store->idle, (gpointer)(gintptr)sqlite3_sql(statement), statement);
}

static ds_query *query_new_va(ds_store *store, GError **error, const char *sql, const char *types,
                              va_list values)
{
    ds_query *query = g_new0(ds_query, 1);
    query->store = store;
    const char *rest = "";
    query->statement = take_idle(store, sql);
    if ((!query->statement &&
         sqlite3_prepare_v2(store->db, sql, -1, &query->statement, &rest) != SQLITE_OK) ||
        bind_all(query->statement, types, values) != SQLITE_OK)
        ds_store_fail(store, error);
    else if (rest[strspn(rest, " \n")])
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "more than one statement: %s", sql);
    else
        return query;
    ds_query_free(query);
    return NULL;
}

ds_query *ds_query_new(ds_store *store, GError **error, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    ds_query *query = query_new_va(store, error, sql, types, values);
    va_end(values);
    return query;
}

gboolean ds_lookup(ds_store *store, gint64 *value, GError **error, const char *sql,
                   const char *types, ...)
{
    va_list values;
    va_start(values, types);
    g_autoptr(ds_query) query = query_new_va(store, error, sql, types, values);
    va_end(values);
    GError *failure = NULL;
    if (!query)
        return FALSE;
    if (ds_query_next(query, &failure))
        *value = ds_query_int(query, 0);
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

gboolean ds_query_next(ds_query *query, GError **error)
{
    int code = sqlite3_step(query->statement);
    if (code == SQLITE_ROW)
        return TRUE;
    if (code == SQLITE_DONE)
        return FALSE;
    if (query->asked)
        ds_question_fail(query->store, error);
    else
        ds_store_fail(query->store, error);
    return FALSE;
}

gboolean ds_query_run(ds_query *query, GError **error, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    int code = bind_all(query->statement, types, values);
    va_end(values);
    if (code == SQLITE_OK) {
        do
            code = sqlite3_step(query->statement);
        while (code == SQLITE_ROW);
    }
    gboolean done = code == SQLITE_DONE;
    if (!done)
        ds_store_fail(query->store, error);
    sqlite3_reset(query->statement);
    return done;
}

gboolean ds_execute(ds_store *store, GError **error, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    g_autoptr(ds_query) query = query_new_va(store, error, sql, types, values);
    va_end(values);
    return query && ds_query_run(query, error, "");
}

gboolean ds_query_is_null(ds_query *query, int column)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

gint64 ds_query_int(ds_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

double ds_query_double(ds_query *query, int column)
{
    return sqlite3_column_double(query->statement, column);
}

const char *ds_query_text(ds_query *query, int column)
{
    return (const char *)sqlite3_column_text(query->statement, column);
}

void ds_query_free(ds_query *query)
{
    if (!query)
        return;
    if (query->statement && query->store->idle && !query->asked)
        keep_idle(query->store, query->statement);
    else
        sqlite3_finalize(query->statement);
    g_free(query);
}

gint64 ds_last_id(ds_store *store)
{
    return sqlite3_last_insert_rowid(store->db);
}
