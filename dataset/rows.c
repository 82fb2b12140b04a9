#include "dataset/rows.h"

#include "tracegen/error.h"
#include "tracegen/json.h"
#include <math.h>
#include <string.h>

/* ---- values ------------------------------------------------------------- */

static void put_integer(gint64 value, GString *out)
{
    char digits[20];
    char *p = digits + sizeof digits;
    guint64 rest = value < 0 ? -(guint64)value : (guint64)value;
    if (value < 0)
        g_string_append_c(out, '-');
    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    g_string_append_len(out, p, digits + sizeof digits - p);
}

/*
 * Times and delays mostly are whole nanoseconds. Up to 15 digits these are what %.15g prints, which
 * takes ten times as long. FALSE: the value is not one of them.
 */
static gboolean put_nanoseconds(double value, GString *out)
{
    if (!(value >= 1e-4 && value < 1e6))
        return FALSE;
    guint64 n = (guint64)(value * 1e9 + 0.5), rest = n % 1000000000;
    if ((double)n / 1e9 != value)
        return FALSE;
    put_integer((gint64)(n / 1000000000), out);
    char digits[] = ".000000000";
    gsize length = sizeof digits - 1;
    for (gsize i = length - 1; i > 0; i--, rest /= 10)
        digits[i] = (char)('0' + rest % 10);
    while (length > 2 && digits[length - 1] == '0')
        length--;
    g_string_append_len(out, digits, (gssize)length);
    return TRUE;
}

void ds_put_real(double value, GString *out)
{
    if (!isfinite(value)) {
        g_string_append(out, isnan(value) ? "NaN" : value > 0 ? "INF" : "-INF");
        return;
    }
    if (put_nanoseconds(value, out))
        return;
    tg_json_print_double(out, value);
}

static void put_hex(const char *bytes, gsize length, GString *out)
{
    static const char digits[] = "0123456789abcdef";
    for (gsize i = 0; i < length; i++) {
        guchar byte = (guchar)bytes[i];
        g_string_append_c(out, digits[byte >> 4]);
        g_string_append_c(out, digits[byte & 15]);
    }
}

/* ---- text --------------------------------------------------------------- */

void ds_put_csv_text(const char *bytes, gsize length, GString *out)
{
    gboolean plain = length > 0;
    for (gsize i = 0; i < length && plain; i++)
        plain = bytes[i] != ',' && bytes[i] != '"' && bytes[i] != '\r' && bytes[i] != '\n';
    if (plain) {
        g_string_append_len(out, bytes, (gssize)length);
        return;
    }
    g_string_append_c(out, '"');
    for (gsize i = 0; i < length; i++) {
        if (bytes[i] == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, bytes[i]);
    }
    g_string_append_c(out, '"');
}

static void put_tsv_text(const char *bytes, gsize length, GString *out)
{
    for (gsize i = 0; i < length; i++) {
        const char c = bytes[i];
        const char escape = c == '\t'   ? 't'
                            : c == '\n' ? 'n'
                            : c == '\r' ? 'r'
                            : c == '\\' ? '\\'
                                        : '\0';
        if (escape)
            g_string_append_c(out, '\\');
        g_string_append_c(out, escape ? escape : c);
    }
}

/* The character at p as it stands in a JSON string; returns how many bytes it takes. */
static gsize put_json_character(const char *p, gsize left, GString *out)
{
    static const char plain[] = "\"\\\b\f\n\r\t", escaped[] = "\"\\bfnrt";
    const guchar c = (guchar)*p;
    const char *known = c ? strchr(plain, c) : NULL;
    if (known) {
        g_string_append_c(out, '\\');
        g_string_append_c(out, escaped[known - plain]);
    } else if (c < 0x20) {
        g_string_append_printf(out, "\\u%04x", c);
    } else if (c < 0x80) {
        g_string_append_c(out, *p);
    } else {
        gunichar character = g_utf8_get_char_validated(p, (gssize)left);
        if (character < (gunichar)-2) {
            g_string_append_unichar(out, character);
            return (gsize)g_unichar_to_utf8(character, NULL);
        }
        g_string_append_unichar(out, 0xfffd);
    }
    return 1;
}

/* json-glib would copy each of a million texts into a node first, and stop at a NUL byte. */
void ds_put_json_string(const char *bytes, gsize length, GString *out)
{
    g_string_append_c(out, '"');
    for (gsize i = 0; i < length;)
        i += put_json_character(bytes + i, length - i, out);
    g_string_append_c(out, '"');
}

/* ---- formats ------------------------------------------------------------ */

typedef void (*put_text)(const char *bytes, gsize length, GString *out);

/* One value; NULL is nothing. */
static void put_value(ds_query *query, int column, put_text put, GString *out)
{
    gsize length;
    const char *bytes;
    switch (ds_query_type(query, column)) {
    case DS_NULL:
        break;
    case DS_INTEGER:
        put_integer(ds_query_int(query, column), out);
        break;
    case DS_REAL:
        ds_put_real(ds_query_double(query, column), out);
        break;
    case DS_TEXT:
        bytes = ds_query_bytes(query, column, &length);
        put(bytes, length, out);
        break;
    case DS_BLOB:
        bytes = ds_query_bytes(query, column, &length);
        put_hex(bytes, length, out);
        break;
    }
}

static void put_line(const struct ds_row *row, char separator, put_text put, GString *out)
{
    for (int i = 0; i < row->n_column; i++) {
        if (i > 0)
            g_string_append_c(out, separator);
        put_value(row->query, i, put, out);
    }
    g_string_append_c(out, '\n');
}

static void put_names(const struct ds_row *row, char separator, put_text put, GString *out)
{
    for (int i = 0; i < row->n_column; i++) {
        if (i > 0)
            g_string_append_c(out, separator);
        put(row->names[i], strlen(row->names[i]), out);
    }
    g_string_append_c(out, '\n');
}

static void put_csv_header(const struct ds_row *row, GString *out)
{
    put_names(row, ',', ds_put_csv_text, out);
}

static void put_csv_row(const struct ds_row *row, GString *out)
{
    put_line(row, ',', ds_put_csv_text, out);
}

static void put_tsv_header(const struct ds_row *row, GString *out)
{
    put_names(row, '\t', put_tsv_text, out);
}

static void put_tsv_row(const struct ds_row *row, GString *out)
{
    put_line(row, '\t', put_tsv_text, out);
}

/* JSON knows no infinity, but numbers that read as one. */
static void put_jsonl_value(ds_query *query, int column, GString *out)
{
    const enum ds_type type = ds_query_type(query, column);
    const double real = type == DS_REAL ? ds_query_double(query, column) : 0;
    if (type == DS_NULL)
        g_string_append(out, "null");
    else if (isinf(real))
        g_string_append(out, real > 0 ? "9e999" : "-9e999");
    else {
        if (type == DS_BLOB)
            g_string_append_c(out, '"');
        put_value(query, column, ds_put_json_string, out);
        if (type == DS_BLOB)
            g_string_append_c(out, '"');
    }
}

static void put_jsonl_row(const struct ds_row *row, GString *out)
{
    for (int i = 0; i < row->n_column; i++) {
        g_string_append_c(out, i > 0 ? ',' : '{');
        g_string_append(out, row->keys[i]);
        g_string_append_c(out, ':');
        put_jsonl_value(row->query, i, out);
    }
    g_string_append(out, "}\n");
}

gboolean ds_put_json_row(ds_query *query, GString *out, GError **error)
{
    if (!ds_query_next(query, error))
        return FALSE;
    for (int i = 0; i < ds_query_n_column(query); i++) {
        const char *name = ds_query_name(query, i);
        g_string_append_c(out, i > 0 ? ',' : '{');
        ds_put_json_string(name, strlen(name), out);
        g_string_append_c(out, ':');
        put_jsonl_value(query, i, out);
    }
    g_string_append_c(out, '}');
    return TRUE;
}

const struct ds_format ds_format_csv = {"csv", put_csv_header, put_csv_row};
const struct ds_format ds_format_tsv = {"tsv", put_tsv_header, put_tsv_row};
const struct ds_format ds_format_jsonl = {"jsonl", NULL, put_jsonl_row};

const struct ds_format *ds_format_find(const char *name)
{
    static const struct ds_format *const formats[] = {&ds_format_csv, &ds_format_tsv,
                                                      &ds_format_jsonl};
    if (strcmp(name, "json") == 0)
        return &ds_format_jsonl;
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (strcmp(name, formats[i]->name) == 0)
            return formats[i];
    return NULL;
}

/* ---- rows --------------------------------------------------------------- */

static void init_row(struct ds_row *row, ds_query *query)
{
    g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
    row->query = query;
    row->n_column = ds_query_n_column(query);
    row->names = g_new0(char *, row->n_column + 1);
    row->keys = g_new0(char *, row->n_column + 1);
    for (int i = 0; i < row->n_column; i++) {
        const char *name = ds_query_name(query, i);
        char *unique = g_strdup(name);
        for (int n = 1; g_hash_table_contains(taken, unique); n++) {
            g_free(unique);
            unique = g_strdup_printf("%s:%d", name, n);
        }
        g_hash_table_add(taken, unique);
        row->names[i] = unique;
        GString *key = g_string_new(NULL);
        ds_put_json_string(unique, strlen(unique), key);
        row->keys[i] = g_string_free(key, FALSE);
    }
}

static void clear_row(struct ds_row *row)
{
    g_strfreev(row->names);
    g_strfreev(row->keys);
}

gboolean ds_rows_write(ds_query *query, const struct ds_format *format, gboolean header,
                       ds_sink *sink, gint64 *n_row, GError **error)
{
    struct ds_row row;
    init_row(&row, query);
    g_autoptr(GString) line = g_string_new(NULL);
    if (header && format->put_header)
        format->put_header(&row, line);

    gint64 n = 0;
    GError *failure = NULL;
    gboolean fine = ds_sink_write(sink, line->str, line->len, &failure);
    while (fine && ds_query_next(query, &failure)) {
        g_string_truncate(line, 0);
        format->put_row(&row, line);
        n++;
        fine = ds_sink_write(sink, line->str, line->len, &failure) && tg_check_interrupt(&failure);
    }
    clear_row(&row);
    if (n_row)
        *n_row = n;
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}
