/* The report: everything in results/ that is derived from the store. */
#ifndef EXPERIMENTS_REPORT_H
#define EXPERIMENTS_REPORT_H

#include "experiments/report_data.h"
#include "experiments/report_detection.h"
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

/* The files of one name: what is shown of it, and all of it as data. */
enum ex_sheet_id {
    EX_SHEET_RUNS,
    EX_SHEET_TABLE1,
    EX_SHEET_TABLE2,
    EX_SHEET_CLAIMS,
    EX_SHEET_FALL,
    EX_SHEET_COMPARISON,
    EX_SHEET_DETECTION,
    EX_SHEET_FEDERATION,
    EX_SHEET_AUDIT,
    EX_SHEET_PAIR_SETS,
    EX_SHEET_MODELS,
    EX_N_SHEET
};

enum { EX_N_SHOWN = 2 };

struct ex_sheet {
    ex_table *shown[EX_N_SHOWN]; /* NULL: there is nothing to show */
    ex_table *data;              /* for CSV; NULL: the first that is shown */
};

enum { EX_N_FIGURE = 3 };

struct ex_drawing {
    char *name, *title; /* figure2a, what it shows */
    char *svg;          /* NULL: left out */
    char *missing;      /* why it was left out */
};

struct ex_file {
    char *name, *sha256; /* relative to the directory of the report */
};

typedef struct ex_report {
    ds_store *store;
    ex_trials *trials;
    const char *directory, *command;
    struct ex_sheet sheets[EX_N_SHEET];
    GPtrArray *sets_a;       /* of ex_table *, one a group */
    GPtrArray *claims;       /* of struct ex_claim * */
    GPtrArray *comparisons;  /* of struct ex_comparison * */
    ex_detection *detection; /* NULL: the plan has none */
    GPtrArray *figures;      /* of struct ex_drawing *: EX_N_FIGURE, the paper's */
    GPtrArray *plots;        /* of struct ex_drawing *: accuracies by protocol, then falls */
    GPtrArray *files;        /* of struct ex_file *: written so far */
    GPtrArray *written;      /* their paths, the caller's */
} ex_report;

/* Makes all tables, claims and curves; nothing is written. */
gboolean ex_report_make_tables(ex_report *report, GError **error);

/* The stem of a sheet's files: table1. */
const char *ex_sheet_name(enum ex_sheet_id id);

/* Appends report.html, one page that needs nothing else. */
gboolean ex_report_put_page(const ex_report *report, GString *out, GError **error);

/* The section of the page that says in short what came out. */
void ex_report_put_summary(const ex_report *report, GString *out);

/* provenance.json: versions, command, runs, pair sets, models, and the files so far. Caller frees.
 */
char *ex_report_make_provenance(const ex_report *report, GError **error);

#endif
