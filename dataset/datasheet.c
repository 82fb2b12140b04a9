/*
 * README.md of a dataset: datasheet.md, whose comments are replaced by what they ask for: a word
 * that is known here, or SQL, whose answer becomes a table. Text behind `else` on a comment's first
 * line stands in place of an answer without rows. What is between `if WORD...` and `end`, which
 * have lines of their own, is left out unless one of the words holds.
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

static void put_creators(const struct ds_publication *p, GString *out)
{
    if (!p->options->creators[0]) {
        g_string_append(out, "The store does not know.");
        return;
    }
    for (const char *const *name = p->options->creators; *name; name++) {
        if (name != p->options->creators)
            g_string_append(out, ", ");
        put_cell(*name, out);
    }
    g_string_append(out, ". For whom and who paid, the store does not know.");
}

/* A section of its own; as it is, since it is of those who publish it. */
static void put_about(const struct ds_publication *p, GString *out)
{
    g_autofree char *text = g_strdup(p->options->about ? p->options->about : "");
    if (*g_strchomp(text))
        g_string_append_printf(out, "## About\n\n%s\n\n", text);
}

static void put_dataset_version(const struct ds_publication *p, GString *out)
{
    if (!p->options->version)
        return;
    g_string_append(out, "*Which version is it?* ");
    put_cell(p->options->version, out);
    g_string_append(out, "\n\n");
}

static void put_n_known(const struct ds_publication *p, GString *out)
{
    g_string_append_printf(out, "%u", p->n_known);
}

static void put_n_run(const struct ds_publication *p, GString *out)
{
    g_string_append_printf(out, "%u", p->runs->len);
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
             {"creators", put_creators},
             {"about", put_about},
             {"version of the dataset", put_dataset_version},
             {"number of known runs", put_n_known},
             {"number of runs", put_n_run},
             {"version", put_version}};

/* ---- the sheet ----------------------------------------------------------- */

/* Whether one of the words holds. The first three are about how many runs have a manifest. */
static gboolean holds(const struct ds_publication *p, const char *words_of_if)
{
    const struct {
        const char *word;
        gboolean holds;
    } facts[] = {{"all", p->n_known == p->runs->len},
                 {"some", p->n_known > 0 && p->n_known < p->runs->len},
                 {"none", p->n_known == 0},
                 {"attack", p->has_attack},
                 {"benign", p->n_known > 0 && !p->has_attack}};
    gboolean any = FALSE;
    g_auto(GStrv) asked = g_strsplit(words_of_if, " ", -1);
    for (char **word = asked; *word; word++)
        for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
            any |= facts[i].holds && strcmp(facts[i].word, *word) == 0;
    return any;
}

/* What a comment asks for; `comment` is stripped already, and changed. */
static gboolean put_comment(const struct ds_publication *p, char *comment, GString *out,
                            GError **error)
{
    const char *otherwise = "";
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
    gboolean in = TRUE, alone;
    for (; (begin = strstr(at, "<!--")) && (end = strstr(begin, "-->")); at = end + 3 + alone) {
        g_autofree char *comment = g_strndup(begin + 4, (gsize)(end - begin - 4));
        g_strstrip(comment);
        alone = strcmp(comment, "end") == 0 || g_str_has_prefix(comment, "if ");
        if (in)
            g_string_append_len(out, at, begin - at);
        if (strcmp(comment, "end") == 0)
            in = TRUE;
        else if (g_str_has_prefix(comment, "if "))
            in = holds(p, comment + strlen("if "));
        else if ((in && !put_comment(p, comment, out, error)) || !tg_check_interrupt(error)) {
            g_string_free(out, TRUE);
            return NULL;
        }
    }
    g_string_append(out, at);
    return g_string_free(out, FALSE);
}
