#include "dataset/ingest.h"

#include "dataset/event_writer.h"
#include "dataset/label.h"
#include "tracegen/error.h"
#include "tracegen/reader.h"
#include <string.h>

/* What is ingested: the trace, and its manifest if it has one. */
struct input {
    char *trace_path;
    tg_manifest *manifest;
};

static void input_clear(struct input *input)
{
    g_free(input->trace_path);
    if (input->manifest)
        tg_manifest_free(input->manifest);
}

/* Whether this is the file that the manifest speaks of, packed or not. */
static gboolean is_its_trace(const tg_manifest *manifest, const char *name)
{
    gsize n = strlen(manifest->trace_file);
    return strncmp(name, manifest->trace_file, n) == 0 &&
           (name[n] == '\0' || strcmp(name + n, ".gz") == 0);
}

/* The trace in a run directory: packed by hand, it still is the same trace. */
static char *find_trace(const char *folder, const tg_manifest *manifest)
{
    g_autofree char *plain = g_build_filename(folder, manifest->trace_file, NULL);
    g_autofree char *packed = g_strconcat(plain, ".gz", NULL);
    gboolean only_packed =
        !g_file_test(plain, G_FILE_TEST_EXISTS) && g_file_test(packed, G_FILE_TEST_EXISTS);
    return only_packed ? g_steal_pointer(&packed) : g_steal_pointer(&plain);
}

static gboolean find_in_directory(const char *folder, const char *manifest_path,
                                  struct input *input, GError **error)
{
    if (!g_file_test(manifest_path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: no manifest.json in it, so not a finished run (name a trace file instead)",
                    folder);
        return FALSE;
    }
    input->manifest = tg_manifest_read(manifest_path, error);
    if (input->manifest)
        input->trace_path = find_trace(folder, input->manifest);
    return input->manifest != NULL;
}

/* A file named as a run's trace needs a sound manifest beside it, if any; others may have one. */
static gboolean find_beside(const char *path, const char *manifest_path, struct input *input,
                            GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    gboolean of_a_run = strcmp(name, "trace.tr") == 0 || strcmp(name, "trace.tr.gz") == 0;
    input->trace_path = g_strdup(path);
    if (strcmp(path, "-") == 0 || !g_file_test(manifest_path, G_FILE_TEST_EXISTS))
        return TRUE;
    g_autoptr(tg_manifest) manifest = tg_manifest_read(manifest_path, of_a_run ? error : NULL);
    if (!manifest)
        return !of_a_run;
    if (is_its_trace(manifest, name))
        input->manifest = g_steal_pointer(&manifest);
    return TRUE;
}

static gboolean find_input(const char *path, struct input *input, GError **error)
{
    gboolean directory = g_file_test(path, G_FILE_TEST_IS_DIR);
    g_autofree char *folder = directory ? g_strdup(path) : g_path_get_dirname(path);
    g_autofree char *manifest_path = g_build_filename(folder, "manifest.json", NULL);
    return (directory ? find_in_directory : find_beside)(path, manifest_path, input, error);
}

/* *run_id becomes the run that holds this trace already, or 0. */
static gboolean check_new(ds_store *store, const char *path, const char *sha256, gboolean force,
                          gint64 *run_id, GError **error)
{
    *run_id = 0;
    if (!ds_lookup(store, run_id, error, "SELECT run_id FROM run WHERE trace_sha256 = ?", "s",
                   sha256))
        return FALSE;
    if (*run_id == 0 || force)
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                "%s: already in the store as run %" G_GINT64_FORMAT " (--force replaces it)", path,
                *run_id);
    return FALSE;
}

static gboolean store_reject(ds_query *insert, gint64 run_id, const struct tg_line *line,
                             GError **error)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < MIN(line->text.n, 200); i++) {
        guchar ch = (guchar)line->text.at[i];
        if (g_ascii_isprint((gchar)ch) && ch != '\\')
            g_string_append_c(text, (char)ch);
        else
            g_string_append_printf(text, "\\x%02x", ch);
    }
    gboolean done =
        ds_query_run(insert, error, "iiss", run_id, line->number, line->reason, text->str);
    g_string_free(text, TRUE);
    return done;
}

/* Everything that reading one trace needs. */
struct reading {
    tg_reader *reader;
    ds_labeller *labeller;
    ds_event_writer *writer;
    ds_query *reject;
    const struct ds_ingest_options *options;
    const char *path;
    char first_reason[sizeof((struct tg_line *)0)->reason]; /* why the first line was refused */
};

static gboolean store_line(struct reading *reading, const struct tg_line *line,
                           struct ds_ingest_result *result, GError **error)
{
    switch (line->kind) {
    case TG_LINE_EVENT: {
        gint64 node = line->event.node;
        if (!ds_labeller_knows(reading->labeller, node)) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                        "%s:%" G_GINT64_FORMAT ": node %" G_GINT64_FORMAT " is not in the manifest",
                        reading->path, line->number, node);
            return FALSE;
        }
        struct ds_label label = ds_label_event(reading->labeller, &line->event);
        result->n_event++;
        return ds_event_write(reading->writer, result->run_id, line, &label, error);
    }
    case TG_LINE_NOISE:
        result->n_noise++;
        result->n_noise_of[line->noise]++;
        return TRUE;
    case TG_LINE_BLANK:
        result->n_blank++;
        return TRUE;
    case TG_LINE_REJECT:
        if (result->n_reject++ == 0)
            g_strlcpy(reading->first_reason, line->reason, sizeof reading->first_reason);
        if (reading->options->rejected)
            reading->options->rejected(reading->options->data, reading->path, line);
        if (reading->options->max_reject >= 0 && result->n_reject > reading->options->max_reject) {
            g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                        "%s:%" G_GINT64_FORMAT ": more than %" G_GINT64_FORMAT " lines refused",
                        reading->path, line->number, reading->options->max_reject);
            return FALSE;
        }
        return store_reject(reading->reject, result->run_id, line, error);
    }
    g_assert_not_reached();
}

static gboolean read_lines(struct reading *reading, struct ds_ingest_result *result, GError **error)
{
    struct tg_line line;
    GError *failure = NULL;
    while (tg_reader_next(reading->reader, &line, &failure)) {
        result->n_line++;
        result->unterminated = line.unterminated;
        if (!store_line(reading, &line, result, error))
            return FALSE;
    }
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    if (result->n_event + result->n_noise == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: no line of an ns-2 trace among its %" G_GINT64_FORMAT " lines%s%s",
                    reading->path, result->n_line, result->n_reject ? "; the first: " : "",
                    reading->first_reason);
        return FALSE;
    }
    return TRUE;
}

static gboolean read_trace(ds_store *store, const struct input *input, tg_reader *reader,
                           const struct ds_ingest_options *options, struct ds_ingest_result *result,
                           GError **error)
{
    g_autoptr(ds_labeller) labeller = ds_labeller_new(input->manifest);
    g_autoptr(ds_event_writer) writer = ds_event_writer_new(store, error);
    if (!writer)
        return FALSE;
    g_autoptr(ds_query) reject =
        ds_query_new(store, error, "INSERT INTO reject VALUES (?, ?, ?, ?)", "");
    if (!reject)
        return FALSE;
    struct reading reading = {reader, labeller, writer, reject, options, input->trace_path, ""};
    return read_lines(&reading, result, error) &&
           ds_labeller_write(labeller, store, result->run_id, error);
}

static gboolean write_noise(ds_store *store, const struct ds_ingest_result *result, GError **error)
{
    for (int kind = 0; kind < TG_N_NOISE; kind++)
        if (result->n_noise_of[kind] > 0 &&
            !ds_execute(store, error, "INSERT INTO noise VALUES (?, ?, ?)", "isi", result->run_id,
                        tg_noise_name((enum tg_noise)kind), result->n_noise_of[kind]))
            return FALSE;
    return TRUE;
}

static gboolean write_run(ds_store *store, const struct input *input, const char *sha256,
                          const char *command, const struct ds_ingest_result *result,
                          GError **error)
{
    static const tg_manifest none;
    const tg_manifest *m = input->manifest ? input->manifest : &none;
    const char *types = input->manifest ? "isiiiiiissssssssid" : "isiiiiiissssssssnn";
    return ds_execute(store, error,
                      "UPDATE run SET trace_sha256 = ?2, n_line = ?, n_event = ?, n_noise = ?,"
                      " n_blank = ?, n_reject = ?, unterminated = ?, trace_path = ?, version = ?,"
                      " command = ?, scenario = ?, attack = ?, traffic = ?, ns_version = ?,"
                      " params = ?, seed = ?, duration = ? WHERE run_id = ?1",
                      types, result->run_id, sha256, result->n_line, result->n_event,
                      result->n_noise, result->n_blank, result->n_reject,
                      (gint64)result->unterminated, input->trace_path, ADLIOTLOG_VERSION, command,
                      m->scenario, m->attack, m->traffic, m->ns_version, m->params, m->seed,
                      m->duration);
}

/* The row that the run's other rows refer to; what is not known yet is filled in at the end. */
static gboolean open_run(ds_store *store, gint64 *run_id, GError **error)
{
    static const char row[] =
        "INSERT INTO run (trace_path, trace_sha256, n_line, n_event, n_noise, n_blank, n_reject,"
        " unterminated, version, command) VALUES ('', lower(hex(randomblob(32))), 0, 0, 0, 0, 0,"
        " 0, '', '')";
    if (!ds_execute(store, error, row, ""))
        return FALSE;
    *run_id = ds_last_id(store);
    return TRUE;
}

/*
 * Puts the new run in the place of the old one. It takes over its number: the trace being the same,
 * so are the lines that pair sets point to.
 */
static gboolean replace_run(ds_store *store, gint64 old_run, gint64 *run_id, GError **error)
{
    static const char *const tables[] = {"noise", "reject", "node", "interface", "flow", "event"};
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *remove = g_strdup_printf("DELETE FROM %s WHERE run_id = ?", tables[i]);
        g_autofree char *move =
            g_strdup_printf("UPDATE %s SET run_id = ? WHERE run_id = ?", tables[i]);
        if (!ds_execute(store, error, remove, "i", old_run) ||
            !ds_execute(store, error, move, "ii", old_run, *run_id))
            return FALSE;
    }
    if (!ds_execute(store, error, "DELETE FROM run WHERE run_id = ?", "i", *run_id))
        return FALSE;
    *run_id = old_run;
    return TRUE;
}

static gboolean ingest_in_transaction(ds_store *store, const struct input *input, tg_reader *reader,
                                      const struct ds_ingest_options *options,
                                      struct ds_ingest_result *result, GError **error)
{
    const tg_manifest *manifest = input->manifest;
    gint64 old_run = 0;
    if (manifest && !check_new(store, input->trace_path, manifest->trace_sha256, options->force,
                               &old_run, error))
        return FALSE;
    if (!open_run(store, &result->run_id, error) ||
        !read_trace(store, input, reader, options, result, error))
        return FALSE;
    const char *sha256 = tg_reader_sha256(reader);
    if (manifest && strcmp(sha256, manifest->trace_sha256) != 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: not the trace that its manifest describes (cut off or changed: SHA-256 "
                    "differs); copy it elsewhere to ingest it without the manifest",
                    input->trace_path);
        return FALSE;
    }
    if (!check_new(store, input->trace_path, sha256, options->force, &old_run, error) ||
        (old_run && !replace_run(store, old_run, &result->run_id, error)))
        return FALSE;
    return write_noise(store, result, error) &&
           write_run(store, input, sha256, options->command, result, error) &&
           tg_check_interrupt(error) && ds_commit(store, error);
}

gboolean ds_ingest(ds_store *store, const char *path, const struct ds_ingest_options *options,
                   struct ds_ingest_result *result, GError **error)
{
    struct input input = {NULL, NULL};
    g_autoptr(tg_reader) reader = NULL;
    *result = (struct ds_ingest_result){0};
    if (find_input(path, &input, error)) /* nobody else is kept waiting for the first bytes */
        reader = tg_reader_open(input.trace_path, error);
    gboolean done = reader && ds_begin(store, error) &&
                    ingest_in_transaction(store, &input, reader, options, result, error);
    if (!done)
        ds_rollback(store);
    input_clear(&input);
    return done;
}
