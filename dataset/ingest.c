#include "dataset/ingest.h"

#include "dataset/block_writer.h"
#include "dataset/feed.h"
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

/*
 * *run_id becomes the run that holds this trace already, or 0. Two plans may come to the same
 * trace, as when an attack comes to nothing: these are two runs. A trace of which nobody knows the
 * plan is the run of any.
 */
static gboolean check_new(ds_store *store, const struct input *input, const char *sha256,
                          gboolean force, gint64 *run_id, GError **error)
{
    const tg_manifest *manifest = input->manifest;
    const gboolean planned = manifest && !manifest->by_hand;
    *run_id = 0;
    if (!ds_lookup(store, run_id, error,
                   "SELECT run_id FROM run WHERE trace_sha256 = ?1"
                   " AND (?2 IS NULL OR attack IS NULL OR attack = ?2)"
                   " AND (?3 IS NULL OR plan_sha256 IS NULL OR plan_sha256 = ?3)",
                   "sss", sha256, planned ? manifest->attack : NULL,
                   planned ? manifest->plan_sha256 : NULL))
        return FALSE;
    if (*run_id == 0 || force)
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                "%s: already in the store as run %" G_GINT64_FORMAT " (--force replaces it)",
                input->trace_path, *run_id);
    return FALSE;
}

static void show_rejects(const struct ds_block *block, const char *path,
                         const struct ds_ingest_options *options)
{
    for (guint i = 0; options->rejected && i < block->texts->len; i++) {
        const struct ds_text *text = &g_array_index(block->texts, struct ds_text, i);
        if (text->table == DS_REJECT)
            options->rejected(options->data, path, text->line, text->what);
    }
}

/* Numbers go on where the store's other runs ended; it is ours as long as the transaction lasts. */
static gboolean find_first_ids(ds_store *store, struct ds_first_ids *ids, GError **error)
{
    return ds_lookup(store, &ids->kind, error, "SELECT coalesce(max(kind_id), 0) + 1 FROM kind",
                     "") &&
           ds_lookup(store, &ids->place, error, "SELECT coalesce(max(place_id), 0) + 1 FROM place",
                     "") &&
           ds_lookup(store, &ids->ends, error, "SELECT coalesce(max(ends_id), 0) + 1 FROM ends",
                     "") &&
           ds_lookup(store, &ids->shape, error, "SELECT coalesce(max(shape_id), 0) + 1 FROM shape",
                     "");
}

static gboolean write_blocks(ds_feed *feed, ds_block_writer *writer, const char *path,
                             const struct ds_ingest_options *options, GError **error)
{
    GError *failure = NULL;
    const struct ds_block *block;
    while ((block = ds_feed_next(feed, &failure))) {
        show_rejects(block, path, options);
        if (!ds_block_write(writer, block, error))
            return FALSE;
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/*
 * Where agents tell that packets of a flow arrived, those of which only a link tells did not: they
 * were lost behind it, on the way to a node on the air.
 */
static gboolean correct_arrivals(ds_store *store, gint64 run_id, GError **error)
{
    static const char sql[] =
        "WITH arrival AS MATERIALIZED (SELECT flow, forward, packet.uid, layer FROM packet"
        "  JOIN event_row ON event_row.run_id = packet.run_id AND line = received_line"
        "  JOIN shape USING (shape_id) JOIN kind USING (kind_id) WHERE packet.run_id = ?1)"
        " UPDATE packet SET received = NULL, received_line = NULL, hops = NULL WHERE run_id = ?1"
        " AND (flow, forward, uid) IN (SELECT flow, forward, uid FROM arrival WHERE layer IS NULL)"
        " AND (flow, forward) IN (SELECT flow, forward FROM arrival WHERE layer = 'AGT')";
    return ds_execute(store, error, sql, "i", run_id);
}

static gboolean read_trace(ds_store *store, const struct input *input, tg_reader *reader,
                           const struct ds_ingest_options *options, struct ds_ingest_result *result,
                           GError **error)
{
    struct ds_first_ids ids;
    if (!find_first_ids(store, &ids, error))
        return FALSE;
    g_autoptr(ds_labeller) labeller = ds_labeller_new(input->manifest);
    g_autoptr(ds_gaps) gaps = ds_gaps_new();
    g_autoptr(ds_shaper) shaper = ds_shaper_new(labeller, gaps, &ids);
    g_autoptr(ds_block_writer) writer = ds_block_writer_new(store, result->run_id, error);
    if (!writer)
        return FALSE;
    g_autoptr(ds_feed) feed = ds_feed_new(reader, shaper, input->trace_path, options);
    if (!write_blocks(feed, writer, input->trace_path, options, error))
        return FALSE;
    ds_feed_result(feed, result);
    if (ds_shaper_is_mixed(shaper) && !correct_arrivals(store, result->run_id, error))
        return FALSE;
    return ds_labeller_write(labeller, store, result->run_id, error) &&
           ds_gaps_write(gaps, store, result->run_id, error);
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
    const char *types = input->manifest ? "isiiiiiissssssssssddid" : "isiiiiiissssssssssddnn";
    return ds_execute(store, error,
                      "UPDATE run SET trace_sha256 = ?2, n_line = ?, n_event = ?, n_noise = ?,"
                      " n_blank = ?, n_reject = ?, unterminated = ?, trace_path = ?, version = ?,"
                      " command = ?, scenario = ?, attack = ?, traffic = ?, ns_version = ?,"
                      " params = ?, scenario_sha256 = ?, plan_sha256 = ?, first_time = ?, "
                      "last_time = ?, seed = ?, duration = ?"
                      " WHERE run_id = ?1",
                      types, result->run_id, sha256, result->n_line, result->n_event,
                      result->n_noise, result->n_blank, result->n_reject,
                      (gint64)result->unterminated, input->trace_path, ADLIOTLOG_VERSION, command,
                      m->scenario, m->attack, m->traffic, m->ns_version, m->params,
                      m->scenario_sha256, m->plan_sha256, result->first_time, result->last_time,
                      m->seed, m->duration);
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

/* What hangs on a run and comes from its trace. */
static const char *const run_tables[] = {"noise",      "reject",    "node",          "interface",
                                         "flow",       "kind",      "place",         "ends",
                                         "shape",      "event_row", "event_extra",   "event_text",
                                         "noise_line", "packet",    "node_activity", "attack",
                                         "attack_node"};

static gboolean empty_run(ds_store *store, gint64 run_id, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(run_tables); i++) {
        g_autofree char *sql = g_strdup_printf("DELETE FROM %s WHERE run_id = ?", run_tables[i]);
        if (!ds_execute(store, error, sql, "i", run_id))
            return FALSE;
    }
    return TRUE;
}

/*
 * Puts the new run in the place of the old one. It takes over its number: the trace being the same,
 * so are the lines that pair sets point to.
 */
static gboolean replace_run(ds_store *store, gint64 old_run, gint64 *run_id, GError **error)
{
    if (!empty_run(store, old_run, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(run_tables); i++) {
        g_autofree char *sql =
            g_strdup_printf("UPDATE %s SET run_id = ? WHERE run_id = ?", run_tables[i]);
        if (!ds_execute(store, error, sql, "ii", old_run, *run_id))
            return FALSE;
    }
    if (!ds_execute(store, error, "DELETE FROM run WHERE run_id = ?", "i", *run_id))
        return FALSE;
    *run_id = old_run;
    return TRUE;
}

/* What the planner of questions has to know of the new rows, and who else has their name. */
static gboolean look_around(ds_store *store, const char *path, struct ds_ingest_result *result,
                            GError **error)
{
    return ds_execute(store, error, "ANALYZE", "") &&
           ds_lookup(store, &result->namesake, error,
                     "SELECT run_id FROM run WHERE trace_path = ?1 AND run_id != ?2 AND ?1 != '-'"
                     " ORDER BY run_id DESC",
                     "si", path, result->run_id);
}

static gboolean ingest_in_transaction(ds_store *store, const struct input *input, tg_reader *reader,
                                      const struct ds_ingest_options *options,
                                      struct ds_ingest_result *result, GError **error)
{
    const tg_manifest *manifest = input->manifest;
    gint64 old_run = 0;
    if (manifest &&
        !check_new(store, input, manifest->trace_sha256, options->force, &old_run, error))
        return FALSE;
    result->run_id = old_run; /* known beforehand: nothing has to be moved later */
    if (!(old_run ? empty_run(store, old_run, error) : open_run(store, &result->run_id, error)) ||
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
    if (!check_new(store, input, sha256, options->force, &old_run, error) ||
        (old_run && old_run != result->run_id &&
         !replace_run(store, old_run, &result->run_id, error)))
        return FALSE;
    return write_noise(store, result, error) &&
           write_run(store, input, sha256, options->command, result, error) &&
           look_around(store, input->trace_path, result, error) && tg_check_interrupt(error) &&
           ds_commit(store, error);
}

gboolean ds_ingest(ds_store *store, const char *path, const struct ds_ingest_options *options,
                   struct ds_ingest_result *result, GError **error)
{
    struct input input = {NULL, NULL};
    g_autoptr(tg_reader) reader = NULL;
    *result = (struct ds_ingest_result){0};
    if (find_input(path, &input, error)) /* nobody else is kept waiting for the first bytes */
        reader = tg_reader_open(input.trace_path, error);
    ds_heed_interrupts(store, TRUE);
    gboolean done = reader && ds_begin(store, error) &&
                    ingest_in_transaction(store, &input, reader, options, result, error);
    ds_heed_interrupts(store, FALSE);
    if (!done)
        ds_rollback(store);
    input_clear(&input);
    return done;
}
