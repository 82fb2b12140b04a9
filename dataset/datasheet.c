/*
 * README.md of a dataset: datasheet.md, whose comments are replaced by what they ask for: a word
 * that is known here, or SQL, whose answer becomes a table. Text behind `else` on a comment's first
 * line stands in place of an answer without rows.
 */
#include "dataset/publication.h"
#include "dataset/question.h"
#include "dataset/rows.h"
#include "tracegen/error.h"

#include <gio/gio.h>
#include <string.h>

GResource *dataset_get_resource(void); /* made by glib-compile-resources */

/* A text as it stands in a cell: on one line, without what Markdown or HTML would take for more. */
static void put_cell(const char *text, GString *out)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (const char *c = valid; *c; c++)
        if (strchr("\\|`*_<&[", *c))
            g_string_append_printf(out, "\\%c", *c);
        else
            g_string_append_c(out, g_ascii_iscntrl(*c) ? ' ' : *c);
}

static void put_value(ds_query *query, int column, GString *out)
{
    if (ds_query_type(query, column) == DS_REAL)
        ds_put_real(ds_query_double(query, column), out);
    else if (!ds_query_is_null(query, column))
        put_cell(ds_query_text(query, column), out);
}

static void put_header(ds_query *query, GString *out)
{
    for (int i = 0; i < ds_query_n_column(query); i++)
        g_string_append_printf(out, "| %s ", ds_query_name(query, i));
    g_string_append(out, "|\n");
    for (int i = 0; i < ds_query_n_column(query); i++)
        g_string_append(out, "|---");
    g_string_append(out, "|\n");
}

static void put_row(ds_query *query, GString *out)
{
    for (int i = 0; i < ds_query_n_column(query); i++) {
        g_string_append(out, "| ");
        put_value(query, i, out);
        g_string_append_c(out, ' ');
    }
    g_string_append(out, "|\n");
}

static gboolean put_answer(const struct ds_publication *p, const char *sql, const char *otherwise,
                           GString *out, GError **error)
{
    GError *failure = NULL;
    const gboolean of_pairs = strstr(sql, "?2") != NULL;
    g_autoptr(ds_query) query =
        ds_query_new(p->store, error, sql, of_pairs ? "ss" : "s", p->run_list, p->pair_set_list);
    if (!query)
        return FALSE;
    gboolean any = FALSE;
    for (; ds_query_next(query, &failure); any = TRUE) {
        if (!any)
            put_header(query, out);
        put_row(query, out);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    if (any)
        g_string_truncate(out, out->len - 1); /* the line end behind the comment is left */
    else
        g_string_append(out, otherwise);
    return TRUE;
}

/* ---- words --------------------------------------------------------------- */

static void put_title(const struct ds_publication *p, GString *out)
{
    put_cell(p->title, out);
}

static void put_files(const struct ds_publication *p, GString *out)
{
    g_string_append(out, "| file | rows | what it holds |\n|---|---|---|");
    for (guint i = 0; i < p->resources->len; i++) {
        const struct ds_resource *resource = p->resources->pdata[i];
        const char *text = ds_glossary_table(p->glossary, resource->table->name);
        g_string_append_printf(out, "\n| `%s` | %" G_GINT64_FORMAT " | ", resource->path,
                               resource->n_row);
        put_cell(resource->title ? resource->title : text ? text : resource->table->name, out);
        g_string_append(out, " |");
    }
}

static void put_license(const struct ds_publication *p, GString *out)
{
    g_string_append(out, p->options->license ? p->options->license
                                             : "None was given: whoever publishes it names one.");
}

static void put_version(const struct ds_publication *p, GString *out)
{
    (void)p;
    g_string_append(out, ADLIOTLOG_VERSION);
}

static const struct {
    const char *word;
    void (*put)(const struct ds_publication *p, GString *out);
} words[] = {{"title", put_title},
             {"files", put_files},
             {"license", put_license},
             {"version", put_version}};

/* ---- the sheet ----------------------------------------------------------- */

/* What a comment asks for; `comment` is changed. */
static gboolean put_comment(const struct ds_publication *p, char *comment, GString *out,
                            GError **error)
{
    const char *otherwise = "";
    g_strstrip(comment);
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(comment, words[i].word) == 0) {
            words[i].put(p, out);
            return TRUE;
        }
    char *end = strchr(comment, '\n');
    if (end && g_str_has_prefix(comment, "else ")) {
        *end = '\0';
        otherwise = comment + strlen("else ");
        comment = end + 1;
    }
    return put_answer(p, comment, otherwise, out, error);
}

char *ds_make_datasheet(const struct ds_publication *p, GError **error)
{
    g_autoptr(GBytes) sheet =
        g_resource_lookup_data(dataset_get_resource(), "/adliotlog/datasheet.md", 0, error);
    if (!sheet)
        return NULL;
    GString *out = g_string_new(NULL);
    const char *at = g_bytes_get_data(sheet, NULL), *begin, *end = NULL;
    for (; (begin = strstr(at, "<!--")) && (end = strstr(begin, "-->")); at = end + 3) {
        g_autofree char *comment = g_strndup(begin + 4, (gsize)(end - begin - 4));
        g_string_append_len(out, at, begin - at);
        if (!put_comment(p, comment, out, error) || !tg_check_interrupt(error)) {
            g_string_free(out, TRUE);
            return NULL;
        }
    }
    g_string_append(out, at);
    return g_string_free(out, FALSE);
}
