/*
 * The event store: an SQLite database laid out by schema.sql. Everything else in this room works
 * through an open store; other rooms ask it questions by ds_query.
 */
#ifndef DATASET_STORE_H
#define DATASET_STORE_H

#include <glib.h>

typedef struct ds_store ds_store;

enum ds_mode {
    DS_READ,  /* must exist */
    DS_WRITE, /* must exist */
    DS_CREATE /* is made when it does not exist */
};

/*
 * Opens a store in WAL mode. NULL and TG_ERROR_SYSTEM when it cannot be opened, TG_ERROR_DATA when
 * it is not a store of this version (application_id, user_version). A statement that runs for long
 * in a store opened with DS_READ ends with TG_ERROR_INTERRUPTED once tg_check_interrupt() says so.
 * With DS_READ, path may be NULL: an empty database in memory.
 */
ds_store *ds_store_open(const char *path, enum ds_mode mode, GError **error);
void ds_store_close(ds_store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_store, ds_store_close)

/*
 * A writing transaction. Waits up to a minute for another writer, or until tg_check_interrupt()
 * says so. What is not committed is rolled back, also when the store is closed or the program dies.
 */
gboolean ds_begin(ds_store *store, GError **error);
gboolean ds_commit(ds_store *store, GError **error);
void ds_rollback(ds_store *store); /* nothing to do is fine */

/* Whether long statements end with TG_ERROR_INTERRUPTED, as in a store opened with DS_READ. */
void ds_heed_interrupts(ds_store *store, gboolean heed);

/*
 * In place of that: statements, and waiting for another writer, end with TG_ERROR_INTERRUPTED once
 * so many seconds of wall time have passed from now; the next call begins anew.
 */
void ds_limit_time(ds_store *store, double seconds);

/*
 * From now on statements are kept for the next query with the same text, which spares reading it:
 * for those who ask the same few questions thousands of times.
 */
void ds_keep_statements(ds_store *store);

/* A number that changes whenever another connection has changed the store. */
gboolean ds_data_version(ds_store *store, gint64 *version, GError **error);

/*
 * From here to ds_rollback() every query sees the store as it was at the first of them, whatever
 * others write meanwhile.
 */
gboolean ds_begin_read(ds_store *store, GError **error);

/*
 * One statement. Parameters are bound by position: one letter of `types` each, 'i' gint64,
 * 'd' double, 's' const char * (NULL binds NULL), 'n' for NULL (no argument). Errors are
 * TG_ERROR_SYSTEM, or TG_ERROR_DATA for a damaged store and a broken constraint.
 */
gboolean ds_execute(ds_store *store, GError **error, const char *sql, const char *types, ...);

/* Rows, one at a time:  while (ds_query_next(q, &error)) ... ds_query_int(q, 0) ... */
typedef struct ds_query ds_query;
ds_query *ds_query_new(ds_store *store, GError **error, const char *sql, const char *types, ...);
gboolean ds_query_next(ds_query *query, GError **error); /* FALSE at the end or on error */
gboolean ds_query_is_null(ds_query *query, int column);
gint64 ds_query_int(ds_query *query, int column);
double ds_query_double(ds_query *query, int column);
const char *ds_query_text(ds_query *query, int column); /* NULL for NULL; valid until next */
void ds_query_free(ds_query *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_query, ds_query_free)

/*
 * The integer in the first column of the first row; *value stays as it is when there is no row.
 * FALSE on error only.
 */
gboolean ds_lookup(ds_store *store, gint64 *value, GError **error, const char *sql,
                   const char *types, ...);

/* The same statement many times: binds as above, runs it to its end, ready for the next row. */
gboolean ds_query_run(ds_query *query, GError **error, const char *types, ...);

gint64 ds_last_id(ds_store *store); /* of the last row inserted */

#endif
