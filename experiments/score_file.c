#include "experiments/score_file.h"

#include "tracegen/error.h"

#include <math.h>
#include <string.h>

enum column { RUN, SRC, DST, SCORE, WINDOW, N_COLUMN };

static const char *const column_names[N_COLUMN] = {"run", "src", "dst", "score", "window"};

enum { MIN_DIGITS = 6, AMBIGUOUS = -1, UNKNOWN = 0 };

struct parsing {
    const char *path;
    const ex_task *task;
    const struct ex_candidate *candidates;
    int n;
    double *scores;
    int line;            /* from 1 */
    int place[N_COLUMN]; /* of the column in a line; -1: it is not there */
    int n_field;         /* of a line */
    GHashTable *runs;    /* run_id and folder, as text -> run_id, AMBIGUOUS */
    GPtrArray *digests;  /* of test runs, in the order of task->test */
};

static gboolean G_GNUC_PRINTF(3, 4)
    refuse(const struct parsing *p, GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s:%d: %s", p->path, p->line, reason);
    return FALSE;
}

/* ---- runs ---------------------------------------------------------------- */

static void name_run(struct parsing *p, char *name, gint64 run_id)
{
    const gint64 known = (gintptr)g_hash_table_lookup(p->runs, name);
    g_hash_table_insert(p->runs, name,
                        (gpointer)(gintptr)(known == UNKNOWN || known == run_id ? run_id
                                                                                : AMBIGUOUS));
}

static gboolean load_runs(struct parsing *p, GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) rows =
        ds_query_new(p->task->store, error,
                     "SELECT run_id, trace_path, trace_sha256 FROM detection_run JOIN run"
                     " USING (run_id) WHERE detection_id = ? AND role = 'test' ORDER BY run_id",
                     "i", p->task->detection_id);
    if (!rows)
        return FALSE;
    while (ds_query_next(rows, &failure)) {
        g_autofree char *folder = g_path_get_dirname(ds_query_text(rows, 1));
        name_run(p, g_path_get_basename(folder), ds_query_int(rows, 0));
        g_ptr_array_add(p->digests, g_strdup(ds_query_text(rows, 2)));
    }
    for (guint i = 0; i < p->task->test->len; i++) { /* numbers come before names */
        const gint64 run_id = g_array_index(p->task->test, gint64, i);
        g_hash_table_insert(p->runs, g_strdup_printf("%" G_GINT64_FORMAT, run_id),
                            (gpointer)(gintptr)run_id);
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static gint64 find_run(const struct parsing *p, const char *name)
{
    gint64 run_id = (gintptr)g_hash_table_lookup(p->runs, name);
    if (run_id != UNKNOWN || strlen(name) < MIN_DIGITS)
        return run_id;
    g_autofree char *digits = g_ascii_strdown(name, -1);
    for (guint i = 0; i < p->digests->len; i++)
        if (g_str_has_prefix(p->digests->pdata[i], digits))
            run_id = run_id == UNKNOWN ? g_array_index(p->task->test, gint64, i) : AMBIGUOUS;
    return run_id;
}

/* ---- lines --------------------------------------------------------------- */

/* Reads a field in place, up to the comma or end behind it; NULL where its quotes are wrong. */
static char *end_field(char *in, char **field)
{
    char *out = *field = in;
    if (*in != '"')
        return in + strcspn(in, ",");
    for (in++; *in; *out++ = *in++)
        if (*in == '"' && *++in != '"') {
            *out = '\0'; /* before the closing quote */
            return *in && *in != ',' ? NULL : in;
        }
    return NULL;
}

/* Takes a line apart, in place. Caller frees. */
static GPtrArray *split(const struct parsing *p, char *line, GError **error)
{
    g_autoptr(GPtrArray) fields = g_ptr_array_new();
    for (char *in = line, *field;; in++) {
        in = end_field(in, &field);
        if (!in) {
            refuse(p, error, "field %u: a quote is not closed, or something follows it",
                   fields->len + 1);
            return NULL;
        }
        g_ptr_array_add(fields, field);
        if (!*in)
            return g_steal_pointer(&fields);
        *in = '\0';
    }
}

static gboolean read_header(struct parsing *p, char *line, GError **error)
{
    g_autoptr(GPtrArray) fields = split(p, line, error);
    if (!fields)
        return FALSE;
    for (int column = 0; column < N_COLUMN; column++)
        p->place[column] = -1;
    for (guint i = 0; i < fields->len; i++) {
        int column = 0;
        while (column < N_COLUMN && strcmp(fields->pdata[i], column_names[column]) != 0)
            column++;
        if (column == N_COLUMN)
            return refuse(p, error, "unknown column '%s' (known: run, src, dst, score, window)",
                          (const char *)fields->pdata[i]);
        if (p->place[column] >= 0)
            return refuse(p, error, "column '%s' is there twice", column_names[column]);
        p->place[column] = (int)i;
    }
    for (int column = 0; column < WINDOW; column++)
        if (p->place[column] < 0)
            return refuse(p, error, "the first line has no column '%s'", column_names[column]);
    p->n_field = (int)fields->len;
    return TRUE;
}

static gboolean read_number(const struct parsing *p, enum column column, const char *text,
                            gint64 *number, GError **error)
{
    if (g_ascii_string_to_signed(text, 10, column == WINDOW ? -1 : 0, G_MAXINT64, number, NULL))
        return TRUE;
    return refuse(p, error, "%s '%s' is no %s number", column_names[column], text,
                  column == WINDOW ? "window" : "node");
}

static gboolean read_score(const struct parsing *p, const char *text, double *score, GError **error)
{
    char *end;
    *score = g_ascii_strtod(text, &end);
    if (end == text || *end || g_ascii_isspace(*text))
        return refuse(p, error, "score '%s' is no number", text);
    if (!isfinite(*score))
        return refuse(p, error, "score '%s' is not finite", text);
    return TRUE;
}

static gboolean read_candidate(const struct parsing *p, const GPtrArray *fields,
                               struct ex_candidate *candidate, GError **error)
{
    const char *run = fields->pdata[p->place[RUN]];
    const char *window = p->place[WINDOW] < 0 ? "" : fields->pdata[p->place[WINDOW]];
    candidate->run_id = find_run(p, run);
    candidate->window = EX_WHOLE_RUN;
    if (candidate->run_id == AMBIGUOUS)
        return refuse(p, error, "run '%s' may be more than one of the test runs", run);
    if (candidate->run_id == UNKNOWN)
        return refuse(p, error, "'%s' is no test run of task '%s'", run, p->task->name);
    return read_number(p, SRC, fields->pdata[p->place[SRC]], &candidate->src, error) &&
           read_number(p, DST, fields->pdata[p->place[DST]], &candidate->dst, error) &&
           (!*window || read_number(p, WINDOW, window, &candidate->window, error));
}

static gboolean read_line(struct parsing *p, char *line, GError **error)
{
    struct ex_candidate candidate;
    double score;
    g_autoptr(GPtrArray) fields = split(p, line, error);
    if (!fields)
        return FALSE;
    if ((int)fields->len != p->n_field)
        return refuse(p, error, "%u fields, and the first line names %d", fields->len, p->n_field);
    if (!read_candidate(p, fields, &candidate, error) ||
        !read_score(p, fields->pdata[p->place[SCORE]], &score, error))
        return FALSE;
    const int at = ex_candidate_find(p->candidates, p->n, &candidate);
    if (at < 0 && candidate.window != EX_WHOLE_RUN)
        return refuse(p, error,
                      "node %" G_GINT64_FORMAT " sends nothing to %" G_GINT64_FORMAT
                      " in window %" G_GINT64_FORMAT " of run %" G_GINT64_FORMAT
                      ": it is no candidate",
                      candidate.src, candidate.dst, candidate.window, candidate.run_id);
    if (at < 0)
        return refuse(p, error,
                      "node %" G_GINT64_FORMAT " sends nothing to %" G_GINT64_FORMAT
                      " in run %" G_GINT64_FORMAT ": it is no candidate",
                      candidate.src, candidate.dst, candidate.run_id);
    if (!isnan(p->scores[at]))
        return refuse(p, error, "a second score for a candidate");
    p->scores[at] = score;
    return TRUE;
}

static gboolean read_text(struct parsing *p, char *text, GError **error)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (g_str_has_prefix(text, byte_order_mark))
        text += strlen(byte_order_mark);
    for (char *next; text; text = next) {
        next = strchr(text, '\n');
        if (next)
            *next++ = '\0';
        else if (!*text && p->line > 0)
            break; /* behind the last line end */
        p->line++;
        const gsize length = strlen(text);
        if (length > 0 && text[length - 1] == '\r')
            text[length - 1] = '\0';
        if (!(p->line == 1 ? read_header(p, text, error) : read_line(p, text, error)))
            return FALSE;
    }
    return TRUE;
}

gboolean ex_score_file_read(const char *path, const ex_task *task,
                            const struct ex_candidate *candidates, int n, double *scores,
                            GError **error)
{
    gsize length;
    g_autofree char *text = NULL;
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(path, &text, &length, &failure)) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s", failure->message);
        return FALSE;
    }
    if (!g_utf8_validate_len(text, length, NULL)) { /* neither are NUL bytes */
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s is no text in UTF-8", path);
        return FALSE;
    }
    for (int i = 0; i < n; i++)
        scores[i] = NAN;
    struct parsing p = {.path = path,
                        .task = task,
                        .candidates = candidates,
                        .n = n,
                        .scores = scores,
                        .runs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                        .digests = g_ptr_array_new_with_free_func(g_free)};
    const gboolean done = load_runs(&p, error) && read_text(&p, text, error);
    g_hash_table_unref(p.runs);
    g_ptr_array_unref(p.digests);
    return done;
}
