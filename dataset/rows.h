/*
 * Rows of a query as text: the formats that `sql` and `export` write.
 *
 *   csv    RFC 4180 but for the line end, which is \n: a field that holds , " CR or LF is put in
 *          quotes, quotes in it are doubled. NULL is an empty field, an empty text is "".
 *   tsv    Tabs between fields; tab, LF, CR and backslash in a text are \t \n \r \\. NULL and an
 *          empty text are empty fields.
 *   jsonl  An object a line. Bytes that are no UTF-8 become U+FFFD.
 *
 * Integers are printed as such; reals with the fewest digits, of 15 to 17, that read back as the
 * same double, and with a point or an exponent (1.0, 1e-08), infinite ones as INF (9e999 in jsonl);
 * blobs as hexadecimal digits. csv and tsv leave the bytes of a text as they are. Nothing depends
 * on the locale.
 */
#ifndef DATASET_ROWS_H
#define DATASET_ROWS_H

#include "dataset/question.h"
#include "dataset/sink.h"

/* What a format is given to write. */
struct ds_row {
    ds_query *query; /* at the row */
    int n_column;
    char **names; /* all different: the second x is x:1 */
    char **keys;  /* the same as JSON strings, quotes and all */
};

/*
 * A way to write rows. put_row() appends the present row to `out`, put_header() what comes before
 * the first; NULL when nothing does. More may be added elsewhere, for rows of a known query.
 */
struct ds_format {
    const char *name; /* as in file.NAME */
    void (*put_header)(const struct ds_row *row, GString *out);
    void (*put_row)(const struct ds_row *row, GString *out);
};

extern const struct ds_format ds_format_csv, ds_format_tsv, ds_format_jsonl;

/* The format of that name ('json' is jsonl too); NULL when there is none. */
const struct ds_format *ds_format_find(const char *name);

/*
 * Writes all rows that a query still has; the sink stays open. *n_row (or NULL) is how many there
 * were. Errors are those of ds_query_next(), ds_sink_write() and tg_check_interrupt(). Memory does
 * not grow with the number of rows.
 */
gboolean ds_rows_write(ds_query *query, const struct ds_format *format, gboolean header,
                       ds_sink *sink, gint64 *n_row, GError **error);

/*
 * Appends the next row as the object that jsonl writes, without its line end; columns must have
 * different names. FALSE at the end or on error.
 */
gboolean ds_put_json_row(ds_query *query, GString *out, GError **error);

/* The pieces of it, for tests and other writers. */
void ds_put_real(double value, GString *out);
void ds_put_json_string(const char *bytes, gsize length, GString *out);
void ds_put_csv_text(const char *bytes, gsize length, GString *out);

#endif
