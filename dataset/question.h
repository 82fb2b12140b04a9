/*
 * Questions: queries whose columns, or whose text, are only known when they are asked. The views of
 * a store are its named questions; what they answer is the comment behind their AS:
 *
 *     CREATE VIEW throughput AS
 *     -- Payload that arrived, in kbit/s of simulated time, flow by flow.
 *     SELECT ...
 */
#ifndef DATASET_QUESTION_H
#define DATASET_QUESTION_H

#include "dataset/store.h"
#include "dataset/type.h"

/*
 * Opens a store for questions, which may also read traces: ns2trace(PATH), ns2line(PATH). Without
 * a path there are only those. Errors are those of ds_store_open().
 */
ds_store *ds_question_open(const char *path, GError **error);

/* The columns of a query, also before its first row. */
int ds_query_n_column(ds_query *query);
const char *ds_query_name(ds_query *query, int column); /* valid until the query is freed */

/* As declared in the table that the column is taken from ('REAL' ...); NULL for an expression. */
const char *ds_query_declared_type(ds_query *query, int column);

/* What a column of the present row holds. */
enum ds_type ds_query_type(ds_query *query, int column);

/* Bytes of a text or blob, which may hold NUL bytes; valid until the next row. */
const char *ds_query_bytes(ds_query *query, int column, gsize *length);

/*
 * SQL that a person wrote: one statement, without parameters, that only reads. TG_ERROR_USAGE when
 * it is anything else, and from ds_query_next() when it cannot be answered. Caller frees.
 */
ds_query *ds_question_sql(ds_store *store, const char *sql, GError **error);

/*
 * All rows of a view or table where `conditions` hold, a list of COLUMN=VALUE ended by NULL. A
 * VALUE that reads as a number is also compared as one; an empty VALUE takes the rows without a
 * value. TG_ERROR_USAGE when there is no such view, table or column; the message lists those there
 * are. Caller frees.
 */
ds_query *ds_question_named(ds_store *store, const char *name, const char *const *conditions,
                            GError **error);

/*
 * What a person asks by one text: the rows of the view or table of that name, or else, when the
 * text has a blank in it, its answer as SQL. A name comes first, for it may hold a blank.
 * Conditions and errors as above; SQL takes none. Caller frees.
 */
ds_query *ds_question_any(ds_store *store, const char *text, const char *const *conditions,
                          GError **error);

/*
 * The comment behind the AS of a CREATE VIEW statement, up to its first empty line, as one line;
 * empty when there is none. Caller frees.
 */
char *ds_question_comment(const char *create_view);

#endif
