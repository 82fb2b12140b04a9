#include "dataset/describe.h"

#include "dataset/glossary.h"
#include "dataset/question.h"
#include "dataset/store_internal.h"
#include "tracegen/error.h"
#include <string.h>

/* ---- the store ----------------------------------------------------------- */

/* describe(type, name, sql): the comment of a view, of a table what the glossary says. */
static void describe(sqlite3_context *context, int n, sqlite3_value **values)
{
    const ds_glossary *glossary = sqlite3_user_data(context);
    const char *type = (const char *)sqlite3_value_text(values[0]);
    const char *name = (const char *)sqlite3_value_text(values[1]);
    const char *sql = (const char *)sqlite3_value_text(values[2]);
    (void)n;
    if (g_strcmp0(type, "view") == 0) {
        char *comment = ds_question_comment(sql ? sql : "");
        sqlite3_result_text(context, comment, -1, g_free);
    } else if (name) {
        sqlite3_result_text(context, ds_glossary_table(glossary, name), -1, SQLITE_TRANSIENT);
    }
}

static void free_glossary(void *glossary)
{
    ds_glossary_free(glossary);
}

ds_query *ds_describe_store(ds_store *store, GError **error)
{
    if (sqlite3_create_function_v2(store->db, "describe", 3, SQLITE_UTF8, ds_glossary_new(),
                                   describe, NULL, NULL, free_glossary) != SQLITE_OK) {
        ds_store_fail(store, error);
        return NULL;
    }
    return ds_query_new(store, error,
                        "SELECT name, describe(type, name, sql) AS description FROM sqlite_schema"
                        " WHERE type = 'view' OR type = 'table' AND name NOT LIKE 'sqlite\\_%'"
                        " ESCAPE '\\' ORDER BY type = 'table', name",
                        "");
}

/* ---- columns ------------------------------------------------------------- */

/* A column of view event, wherever it is kept. */
static gboolean is_of_event(const char *table)
{
    static const char *const pieces[] = {"event_row", "shape",       "kind",       "place",
                                         "ends",      "event_extra", "event_text", NULL};
    return g_strv_contains(pieces, table);
}

/* Whether a clause begins with `sent, received: ` or `delay_*: `; *text is what follows. */
static gboolean is_about(const char *clause, const char *column, const char **text)
{
    gboolean named = FALSE;
    for (const char *p = clause;; p += 2) {
        gsize length = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");
        gboolean all = p[length] == '*';
        named |= strncmp(p, column, length) == 0 && (all || column[length] == '\0');
        p += length + all;
        *text = p + 2;
        if (length == 0 || strncmp(p, ", ", 2) != 0)
            return named && length > 0 && strncmp(p, ": ", 2) == 0;
    }
}

/* What the comment of a view says of a column, between `; ` and `. `; NULL: nothing. */
static char *read_clause(const char *comment, const char *column)
{
    g_autoptr(GRegex) ends = g_regex_new("[;.]( |$)", 0, 0, NULL);
    g_auto(GStrv) clauses = g_regex_split(ends, comment, 0);
    const char *text;
    for (char **clause = clauses; *clause; clause++)
        if (is_about(*clause + strspn(*clause, " "), column, &text))
            return g_strdup(text);
    return NULL;
}

/* A column of a view: as its comment says, or as the column that it is taken from or named like. */
static char *describe_column_of_view(const ds_glossary *glossary, ds_query *all, int i,
                                     const char *comment)
{
    const char *column = ds_query_name(all, i);
    const char *table = sqlite3_column_table_name(all->statement, i);
    const char *origin = sqlite3_column_origin_name(all->statement, i);
    const char *text = NULL;
    char *clause = read_clause(comment, column);
    if (clause)
        return clause;
    if (table)
        text = ds_glossary_column(glossary, is_of_event(table) ? "event" : table, origin);
    if (!text)
        text = ds_glossary_column(glossary, "event", column);
    return g_strdup(text);
}

/* Column name -> description, of the columns that have one. */
static GHashTable *read_descriptions(ds_query *all, const char *name, const char *comment)
{
    g_autoptr(ds_glossary) glossary = ds_glossary_new();
    GHashTable *texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (int i = 0; i < ds_query_n_column(all); i++) {
        const char *column = ds_query_name(all, i);
        char *text = g_strdup(ds_glossary_column(glossary, name, column));
        if (!text && comment)
            text = describe_column_of_view(glossary, all, i, comment);
        if (text)
            g_hash_table_replace(texts, g_strdup(column), text);
    }
    return texts;
}

/* describe_column(name) */
static void describe_column(sqlite3_context *context, int n, sqlite3_value **values)
{
    const char *column = (const char *)sqlite3_value_text(values[0]);
    (void)n;
    if (column)
        sqlite3_result_text(context, g_hash_table_lookup(sqlite3_user_data(context), column), -1,
                            SQLITE_TRANSIENT);
}

static void free_texts(void *texts)
{
    g_hash_table_unref(texts);
}

/*
 * The name as it was declared, and the comment of a view (of a table: NULL). NULL without an error:
 * there is none.
 */
static char *find_name(ds_store *store, const char *name, char **comment, GError **error)
{
    g_autoptr(ds_query) query =
        ds_query_new(store, error,
                     "SELECT name, iif(type = 'view', sql, NULL) FROM sqlite_schema WHERE type IN"
                     " ('view', 'table') AND name = ? COLLATE NOCASE",
                     "s", name);
    *comment = NULL;
    if (!query || !ds_query_next(query, error))
        return NULL;
    const char *sql = ds_query_text(query, 1);
    *comment = sql ? ds_question_comment(sql) : NULL;
    return g_strdup(ds_query_text(query, 0));
}

ds_query *ds_describe_columns(ds_store *store, const char *name, GError **error)
{
    static const char *const no_condition[] = {NULL};
    GError *failure = NULL;
    g_autofree char *comment = NULL;
    g_autofree char *declared = find_name(store, name, &comment, &failure);
    if (!declared) {
        if (failure)
            g_propagate_error(error, failure);
        else
            ds_describe_unknown(store, name, error);
        return NULL;
    }
    g_autoptr(ds_query) all = ds_question_named(store, declared, no_condition, error);
    if (!all)
        return NULL;
    if (sqlite3_create_function_v2(store->db, "describe_column", 1, SQLITE_UTF8,
                                   read_descriptions(all, declared, comment), describe_column, NULL,
                                   NULL, free_texts) != SQLITE_OK) {
        ds_store_fail(store, error);
        return NULL;
    }
    return ds_query_new(store, error,
                        "SELECT name AS \"column\", nullif(type, '') AS type,"
                        " describe_column(name) AS description FROM pragma_table_info(?)",
                        "s", declared);
}

/* ---- names that are none ------------------------------------------------- */

/*
 * Letters to be put in, taken out or exchanged to make `b` of `a`, upper and lower case being the
 * same; of texts longer than 63 bytes only the first 63 are looked at.
 */
static int edit_distance(const char *a, const char *b)
{
    enum { MOST = 63 };
    const int n_a = (int)MIN(strlen(a), MOST), n_b = (int)MIN(strlen(b), MOST);
    int row[MOST + 1]; /* from the first i bytes of a to the first j of b */
    for (int j = 0; j <= MOST; j++)
        row[j] = j;
    for (int i = 1; i <= n_a; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n_b; j++) {
            int exchanged = diagonal + (g_ascii_tolower(a[i - 1]) != g_ascii_tolower(b[j - 1]));
            diagonal = row[j];
            row[j] = MIN(exchanged, 1 + MIN(row[j - 1], diagonal));
        }
    }
    return row[n_b];
}

gboolean ds_describe_unknown(ds_store *store, const char *name, GError **error)
{
    enum { FAR = 3 };
    g_autoptr(GString) known = g_string_new(NULL);
    g_autofree char *nearest = NULL;
    int distance = FAR;
    GError *failure = NULL;
    g_autoptr(ds_query) list = ds_describe_store(store, error);
    if (!list)
        return FALSE;
    while (ds_query_next(list, &failure)) {
        const char *other = ds_query_text(list, 0);
        const int edits = edit_distance(name, other);
        g_string_append_printf(known, "%s%s", known->len > 0 ? ", " : "", other);
        if (edits < distance && edits < (int)strlen(other)) {
            distance = edits;
            g_free(nearest);
            nearest = g_strdup(other);
        }
    }
    if (failure)
        g_propagate_error(error, failure);
    else
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "no question or table '%s'%s%s%s (known: %s)",
                    name, nearest ? ": did you mean '" : "", nearest ? nearest : "",
                    nearest ? "'?" : "", known->str);
    return FALSE;
}
