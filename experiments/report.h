/* The report: everything in results/ that is derived from the store. */
#ifndef EXPERIMENTS_REPORT_H
#define EXPERIMENTS_REPORT_H

#include "experiments/report_data.h"
#include "experiments/report_table.h"

/*
 * Writes tables, figures, claims, page and provenance into the directory `out`, which is made when
 * it is missing; what an earlier report left there is replaced, each file atomically. What is
 * written depends on the store and the arguments alone. plan: NULL for the only one in the store.
 * command: the command line, for the provenance. Paths are appended to `written` (of char *, the
 * array owns them) as they are done, also when a later one fails.
 *
 * A figure that cannot be drawn (gnuplot missing, nothing to draw) is left out, with a line on
 * stderr. FALSE and TG_ERROR_NO, with nothing written, when the store holds no trial; a file
 * error when a file cannot be written.
 */
gboolean ex_report_write(ds_store *store, const char *plan, const char *out, const char *command,
                         GPtrArray *written, GError **error);

/* ---- between the files of the report ---- */

enum { EX_N_FIGURE = 3 };

struct ex_drawing {
    const char *name, *title; /* figure2a, what it shows */
    char *svg;                /* NULL: left out */
    char *missing;            /* why it was left out */
};

struct ex_file {
    char *name, *sha256; /* relative to the directory of the report */
};

typedef struct ex_report {
    ds_store *store;
    ex_trials *trials;
    const char *directory, *command;
    ex_table *table1, *table2, *table2_full, *comparison, *claims;
    GPtrArray *sets_a; /* of ex_table *, one a group */
    struct ex_drawing drawings[EX_N_FIGURE];
    GPtrArray *files;   /* of struct ex_file *: written so far */
    GPtrArray *written; /* their paths, the caller's */
} ex_report;

/* Appends report.html, one page that needs nothing else. */
gboolean ex_report_put_page(const ex_report *report, GString *out, GError **error);

/* provenance.json: versions, command, runs, pair sets, models, and the files so far. Caller frees.
 */
char *ex_report_make_provenance(const ex_report *report, GError **error);

#endif
