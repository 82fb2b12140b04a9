#include "experiments/report_table.h"

#include <string.h>

struct ex_table {
    char *caption;
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
    g_free(table);
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
                                          [EX_TEX] = {"", " & ", " \\\\\n"},
                                          [EX_HTML] = {"<tr><td>", "</td><td>", "</td></tr>\n"}};
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

/* The frame around the table scrolls where the page is narrow, by keyboard too. */
static void write_html(const ex_table *table, GString *out)
{
    static const struct frame head = {"<thead>\n<tr><th scope=\"col\">", "</th><th scope=\"col\">",
                                      "</th></tr>\n</thead>\n<tbody>\n"};
    static const struct frame note = {"<p class=\"note\">", "", "</p>\n"};
    g_string_append(out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"");
    ex_escape(EX_HTML, table->caption, out);
    g_string_append(out, "\">\n<table>\n<caption>");
    ex_escape(EX_HTML, table->caption, out);
    g_string_append(out, "</caption>\n");
    g_auto(GStrv) heads = g_strdupv(table->columns);
    for (int column = 0; column < table->n_column; column++)
        g_strdelimit(heads[column], "_", ' '); /* so that they wrap */
    put_line(table, EX_HTML, &head, heads, out);
    put_rows(table, EX_HTML, out);
    g_string_append(out, "</tbody>\n</table>\n</div>\n");
    put_notes(table, EX_HTML, &note, out);
}

void ex_table_write(const ex_table *table, enum ex_format format, GString *out)
{
    static void (*const write[])(const ex_table *, GString *) = {
        [EX_CSV] = write_csv, [EX_MD] = write_md, [EX_TEX] = write_tex, [EX_HTML] = write_html};
    write[format](table, out);
}
