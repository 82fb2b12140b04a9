/* A table of text, written in four formats from one description. */
#ifndef EXPERIMENTS_REPORT_TABLE_H
#define EXPERIMENTS_REPORT_TABLE_H

#include <glib.h>

enum ex_format { EX_CSV, EX_MD, EX_TEX, EX_HTML };

typedef struct ex_table ex_table;

/* columns: the heads, ended by NULL. Caller frees the table. */
ex_table *ex_table_new(const char *caption, const char *const *columns);
void ex_table_free(ex_table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_table, ex_table_free)

/*
 * A new last row, one cell a column, all of them NULL, which is an empty cell. The caller puts
 * allocated UTF-8 text in; the table owns it.
 */
char **ex_table_add_row(ex_table *table);

/* A sentence to stand below the table (not in CSV, which holds data only). */
void ex_table_add_note(ex_table *table, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The table's files are STEM.csv, STEM.md and STEM.tex: the page links to them. Takes stem over. */
void ex_table_set_stem(ex_table *table, char *stem);
const char *ex_table_stem(const ex_table *table); /* NULL: it has none */

guint ex_table_n_row(const ex_table *table);
const char *ex_table_cell(const ex_table *table, guint row, int column); /* NULL: empty */

/*
 * Appends the table to out, every cell escaped for the format. CSV: quoted as RFC 4180 has it,
 * but with lines that end in a line feed alone. LaTeX: a table* environment, which needs
 * package graphicx. HTML: to be placed into a body; verdicts (of columns with that name) are
 * coloured by report.css.
 */
void ex_table_write(const ex_table *table, enum ex_format format, GString *out);

/* A verdict for HTML, in the colour that it has in tables. */
void ex_table_put_verdict(const char *text, GString *out);

/* Appends text as the format wants plain words. */
void ex_escape(enum ex_format format, const char *text, GString *out);

#endif
