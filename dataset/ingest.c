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

static gboolean find_input(const char *path, struct input *input, GError **error)
{
    gboolean directory = g_file_test(path, G_FILE_TEST_IS_DIR);
    g_autofree char *folder = directory ? g_strdup(path) : g_path_get_dirname(path);
    g_autofree char *manifest_path = g_build_filename(folder, "manifest.json", NULL);
    gboolean has_manifest =
        strcmp(path, "-") != 0 && g_file_test(manifest_path, G_FILE_TEST_EXISTS);
    *input = (struct input){NULL, NULL};
    if (directory && !has_manifest) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: no manifest.json in it, so not a finished run (name a trace file instead)",
                    path);
        return FALSE;
    }
    if (has_manifest) {
        input->manifest = tg_manifest_read(manifest_path, error);
        if (!input->manifest)
            return FALSE;
        input->trace_path = g_build_filename(folder, input->manifest->trace_file, NULL);
        g_autofree char *name = g_path_get_basename(path);
        if (directory || strcmp(name, input->manifest->trace_file) == 0)
            return TRUE;
        input_clear(input); /* the manifest speaks of another file */
        input->manifest = NULL;
    }
    input->trace_path = g_strdup(path);
    return TRUE;
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
};

static gboolean store_line(struct reading *reading, const struct tg_line *line,
                           struct ds_ingest_result *result, GError **error)
{
    switch (line->kind) {
    case TG_LINE_EVENT: {
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
        result->n_reject++;
        if (reading->options->rejected)
            reading->options->rejected(reading->options->data, reading->path, line);
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
        if (result->n_line % 4096 == 0 && !tg_check_interrupt(error))
            return FALSE;
    }
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    if (result->n_event + result->n_noise == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "%s: no line of an ns-2 trace among its %" G_GINT64_FORMAT " lines",
                    reading->path, result->n_line);
        return FALSE;
    }
    return TRUE;
}

static gboolean read_trace(ds_store *store, const struct input *input,
                           const struct ds_ingest_options *options, char **sha256,
                           struct ds_ingest_result *result, GError **error)
{
    g_autoptr(tg_reader) reader = tg_reader_open(input->trace_path, error);
    if (!reader)
        return FALSE;
    g_autoptr(ds_labeller) labeller = ds_labeller_new(input->manifest);
    g_autoptr(ds_event_writer) writer = ds_event_writer_new(store, error);
    if (!writer)
        return FALSE;
    g_autoptr(ds_query) reject =
        ds_query_new(store, error, "INSERT INTO reject VALUES (?, ?, ?, ?)", "");
    if (!reject)
        return FALSE;
    struct reading reading = {reader, labeller, writer, reject, options, input->trace_path};
    if (!read_lines(&reading, result, error) ||
        !ds_labeller_write(labeller, store, result->run_id, error))
        return FALSE;
    *sha256 = g_strdup(tg_reader_sha256(reader));
    return TRUE;
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
    const tg_manifest *m = input->manifest;
    if (!ds_execute(store, error,
                    "UPDATE run SET trace_sha256 = ?, n_line = ?, n_event = ?, n_noise = ?,"
                    " n_blank = ?, n_reject = ?, unterminated = ?, trace_path = ?, version = ?,"
                    " command = ? WHERE run_id = ?",
                    "siiiiiisssi", sha256, result->n_line, result->n_event, result->n_noise,
                    result->n_blank, result->n_reject, (gint64)result->unterminated,
                    input->trace_path, ADLIOTLOG_VERSION, command, result->run_id))
        return FALSE;
    return !m || ds_execute(store, error,
                            "UPDATE run SET scenario = ?, attack = ?, traffic = ?, seed = ?,"
                            " duration = ?, ns_version = ?, params = ? WHERE run_id = ?",
                            "sssidssi", m->scenario, m->attack, m->traffic, m->seed, m->duration,
                            m->ns_version, m->params, result->run_id);
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

static gboolean ingest_in_transaction(ds_store *store, const struct input *input,
                                      const struct ds_ingest_options *options,
                                      struct ds_ingest_result *result, GError **error)
{
    const tg_manifest *manifest = input->manifest;
    g_autofree char *sha256 = NULL;
    gint64 old_run = 0;
    if (manifest && !check_new(store, input->trace_path, manifest->trace_sha256, options->force,
                               &old_run, error))
        return FALSE;
    if (!open_run(store, &result->run_id, error) ||
        !read_trace(store, input, options, &sha256, result, error))
        return FALSE;
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
           ds_commit(store, error);
}

gboolean ds_ingest(ds_store *store, const char *path, const struct ds_ingest_options *options,
                   struct ds_ingest_result *result, GError **error)
{
    struct input input;
    *result = (struct ds_ingest_result){0};
    if (!find_input(path, &input, error))
        return FALSE;
    gboolean done =
        ds_begin(store, error) && ingest_in_transaction(store, &input, options, result, error);
    if (!done)
        ds_rollback(store);
    input_clear(&input);
    return done;
}
