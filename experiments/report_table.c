#include "experiments/report_table.h"

#include <string.h>

struct ex_table {
    char *caption;
    char *stem; /* of its files; NULL: it has none */
    char **columns;
    int n_column;
    GPtrArray *rows;  /* of char ** [n_column], a cell may be NULL */
    GPtrArray *notes; /* of char * */
};

ex_table *ex_table_new(const char *caption, const char *const *columns)
{
    ex_table *table = g_new0(ex_table, 1);
    table->caption = g_strdup(caption);
    table->columns = g_strdupv((char **)columns);
    table->n_column = (int)g_strv_length(table->columns);
    table->rows = g_ptr_array_new();
    table->notes = g_ptr_array_new_with_free_func(g_free);
    return table;
}

void ex_table_free(ex_table *table)
{
    if (!table)
        return;
    for (guint i = 0; i < table->rows->len; i++) {
        char **row = table->rows->pdata[i];
        for (int column = 0; column < table->n_column; column++)
            g_free(row[column]); /* not g_strfreev: a NULL is an empty cell, not the end */
        g_free(row);
    }
    g_ptr_array_free(table->rows, TRUE);
    g_ptr_array_free(table->notes, TRUE);
    g_strfreev(table->columns);
    g_free(table->caption);
    g_free(table->stem);
    g_free(table);
}

void ex_table_set_stem(ex_table *table, char *stem)
{
    g_free(table->stem);
    table->stem = stem;
}

const char *ex_table_stem(const ex_table *table)
{
    return table->stem;
}

guint ex_table_n_row(const ex_table *table)
{
    return table->rows->len;
}

const char *ex_table_cell(const ex_table *table, guint row, int column)
{
    return ((char **)table->rows->pdata[row])[column];
}

char **ex_table_add_row(ex_table *table)
{
    char **row = g_new0(char *, table->n_column);
    g_ptr_array_add(table->rows, row);
    return row;
}

void ex_table_add_note(ex_table *table, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(table->notes, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static void escape_csv(const char *text, GString *out)
{
    if (!strpbrk(text, ",\"\r\n")) {
        g_string_append(out, text);
        return;
    }
    g_string_append_c(out, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
}

/* What would start markup, end the cell or be taken for HTML; a line break becomes a blank. */
static void escape_md(const char *text, GString *out)
{
    for (const char *p = text; *p; p++) {
        if (strchr("\\|`*_[]<>&~$", *p))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p == '\n' || *p == '\r' ? ' ' : *p);
    }
}

static void escape_tex(const char *text, GString *out)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\\')
            g_string_append(out, "\\textbackslash{}");
        else if (*p == '~')
            g_string_append(out, "\\textasciitilde{}");
        else if (*p == '^')
            g_string_append(out, "\\textasciicircum{}");
        else if (*p == '<' || *p == '>' || *p == '|')
            g_string_append_printf(out, "$%s$", *p == '<' ? "<" : *p == '>' ? ">" : "|");
        else if (*p == '\n' || *p == '\r')
            g_string_append_c(out, ' ');
        else {
            if (strchr("{}$&#_%", *p))
                g_string_append_c(out, '\\');
            g_string_append_c(out, *p);
        }
    }
}

static void escape_html(const char *text, GString *out)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    g_string_append(out, escaped);
}

void ex_escape(enum ex_format format, const char *text, GString *out)
{
    static void (*const escape[])(const char *, GString *) = {
        [EX_CSV] = escape_csv, [EX_MD] = escape_md, [EX_TEX] = escape_tex, [EX_HTML] = escape_html};
    escape[format](text, out);
}

/* What stands before, between and after the cells of a line. */
struct frame {
    const char *before, *between, *after;
};

static void put_line(const ex_table *table, enum ex_format format, const struct frame *frame,
                     char **cells, GString *out)
{
    g_string_append(out, frame->before);
    for (int column = 0; column < table->n_column; column++) {
        if (column > 0)
            g_string_append(out, frame->between);
        if (cells[column])
            ex_escape(format, cells[column], out);
    }
    g_string_append(out, frame->after);
}

static void put_rows(const ex_table *table, enum ex_format format, GString *out)
{
    static const struct frame frames[] = {[EX_CSV] = {"", ",", "\n"},
                                          [EX_MD] = {"| ", " | ", " |\n"},
                                          [EX_TEX] = {"", " & ", " \\\\\n"}};
    for (guint i = 0; i < table->rows->len; i++)
        put_line(table, format, &frames[format], table->rows->pdata[i], out);
}

/* A column is set flush right when all that it holds are numbers. */
static gboolean is_numeric(const ex_table *table, int column)
{
    gboolean any = FALSE;
    for (guint i = 0; i < table->rows->len; i++) {
        const char *cell = ((char **)table->rows->pdata[i])[column];
        if (!cell || *cell == '\0')
            continue;
        char *end;
        g_ascii_strtod(cell, &end);
        if (*end != '\0' || end == cell)
            return FALSE;
        any = TRUE;
    }
    return any;
}

static void write_csv(const ex_table *table, GString *out)
{
    static const struct frame head = {"", ",", "\n"};
    put_line(table, EX_CSV, &head, table->columns, out);
    put_rows(table, EX_CSV, out);
}

static void put_notes(const ex_table *table, enum ex_format format, const struct frame *frame,
                      GString *out)
{
    for (guint i = 0; i < table->notes->len; i++) {
        g_string_append(out, frame->before);
        ex_escape(format, table->notes->pdata[i], out);
        g_string_append(out, frame->after);
    }
}

static void write_md(const ex_table *table, GString *out)
{
    static const struct frame head = {"| ", " | ", " |\n|"}, note = {"\n", "", "\n"};
    g_string_append(out, "**");
    ex_escape(EX_MD, table->caption, out);
    g_string_append(out, "**\n\n");
    put_line(table, EX_MD, &head, table->columns, out);
    for (int column = 0; column < table->n_column; column++)
        g_string_append(out, is_numeric(table, column) ? " ---: |" : " --- |");
    g_string_append_c(out, '\n');
    put_rows(table, EX_MD, out);
    put_notes(table, EX_MD, &note, out);
}

/* l, r, or a paragraph where the longest cell or head would make the table too wide. */
static void put_tex_column(const ex_table *table, int column, GString *out)
{
    glong longest = g_utf8_strlen(table->columns[column], -1);
    for (guint i = 0; i < table->rows->len; i++) {
        const char *cell = ((char **)table->rows->pdata[i])[column];
        longest = MAX(longest, cell ? g_utf8_strlen(cell, -1) : 0);
    }
    if (longest > 30)
        g_string_append(out, "p{4.5cm}");
    else
        g_string_append_c(out, is_numeric(table, column) ? 'r' : 'l');
}

/* As wide as the page; \resizebox is of package graphicx. */
static void write_tex(const ex_table *table, GString *out)
{
    static const struct frame head = {"", " & ", " \\\\\n\\hline\n"};
    static const struct frame note = {"\n\\par\\smallskip ", "", "\n"};
    g_string_append(out, "% needs \\usepackage{graphicx}\n"
                         "\\begin{table*}\n\\centering\n\\footnotesize\n\\caption{");
    ex_escape(EX_TEX, table->caption, out);
    g_string_append(out, "}\n\\resizebox{\\textwidth}{!}{%\n\\begin{tabular}{");
    for (int column = 0; column < table->n_column; column++)
        put_tex_column(table, column, out);
    g_string_append(out, "}\n\\hline\n");
    put_line(table, EX_TEX, &head, table->columns, out);
    put_rows(table, EX_TEX, out);
    g_string_append(out, "\\hline\n\\end{tabular}}\n");
    put_notes(table, EX_TEX, &note, out);
    g_string_append(out, "\\end{table*}\n");
}

/* ---- HTML ----------------------------------------------------------------- */

/* What a verdict says of the thing judged: that it is well, that it is not, that nobody knows. */
static const char *judge_verdict(const char *text)
{
    static const struct {
        const char *verdict, *class;
    } classes[] = {{"reproduced", "good"}, {"not reproduced", "bad"}, {"undecided", "open"},
                   {"clean", "good"},      {"leak", "bad"},           {"warning", "open"},
                   {"benign", "good"},     {"anomalous", "bad"}};
    for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
        if (strcmp(classes[i].verdict, text) == 0)
            return classes[i].class;
    return NULL;
}

void ex_table_put_verdict(const char *text, GString *out)
{
    const char *class = judge_verdict(text);
    if (class)
        g_string_append_printf(out, "<span class=\"verdict %s\">", class);
    escape_html(text, out);
    if (class)
        g_string_append(out, "</span>");
}

static void put_html_head(const ex_table *table, const gboolean *numeric, GString *out)
{
    g_string_append(out, "<thead>\n<tr>");
    for (int column = 0; column < table->n_column; column++) {
        g_autofree char *head = g_strdup(table->columns[column]);
        g_strdelimit(head, "_", ' '); /* so that they wrap */
        g_string_append_printf(out, "<th scope=\"col\"%s>", numeric[column] ? " class=\"n\"" : "");
        escape_html(head, out);
        g_string_append(out, "</th>");
    }
    g_string_append(out, "</tr>\n</thead>\n");
}

/* One that has to break where there is no room, such as a SHA-256 or the path of a trace. */
static gboolean has_long_word(const char *text)
{
    gsize n = 0;
    for (; *text && n <= 24; text++)
        n = g_ascii_isspace(*text) ? 0 : n + 1;
    return n > 24;
}

static void put_html_row(const ex_table *table, const gboolean *numeric, char **cells, GString *out)
{
    g_string_append(out, "<tr>");
    for (int column = 0; column < table->n_column; column++) {
        const char *cell = cells[column] ? cells[column] : "";
        g_string_append(out, numeric[column]       ? "<td class=\"n\">"
                             : has_long_word(cell) ? "<td class=\"w\">"
                                                   : "<td>");
        if (strcmp(table->columns[column], "verdict") == 0)
            ex_table_put_verdict(cell, out);
        else
            escape_html(cell, out);
        g_string_append(out, "</td>");
    }
    g_string_append(out, "</tr>\n");
}

/* Where the same is found for other programs. */
static void put_html_files(const ex_table *table, GString *out)
{
    static const char *const endings[] = {"csv", "md", "tex"};
    g_autoptr(GString) stem = g_string_new(NULL);
    if (!table->stem)
        return;
    escape_html(table->stem, stem);
    g_string_append(out, "<p class=\"files\">The same as ");
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
        g_string_append_printf(out, "%s<a href=\"%s.%s\">%s.%s</a>", i > 0 ? ", " : "", stem->str,
                               endings[i], stem->str, endings[i]);
    g_string_append(out, "</p>\n");
}

/* The frame around the table scrolls where the page is narrow, by keyboard too. */
static void write_html(const ex_table *table, GString *out)
{
    static const struct frame note = {"<p class=\"note\">", "", "</p>\n"};
    g_autofree gboolean *numeric = g_new(gboolean, table->n_column);
    for (int column = 0; column < table->n_column; column++)
        numeric[column] = is_numeric(table, column);
    g_string_append(out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"");
    escape_html(table->caption, out);
    g_string_append(out, "\">\n<table>\n<caption><span>");
    escape_html(table->caption, out);
    g_string_append(out, "</span></caption>\n");
    put_html_head(table, numeric, out);
    g_string_append(out, "<tbody>\n");
    for (guint i = 0; i < table->rows->len; i++)
        put_html_row(table, numeric, table->rows->pdata[i], out);
    g_string_append(out, "</tbody>\n</table>\n</div>\n");
    put_notes(table, EX_HTML, &note, out);
    put_html_files(table, out);
}

void ex_table_write(const ex_table *table, enum ex_format format, GString *out)
{
    static void (*const write[])(const ex_table *, GString *) = {
        [EX_CSV] = write_csv, [EX_MD] = write_md, [EX_TEX] = write_tex, [EX_HTML] = write_html};
    write[format](table, out);
}
