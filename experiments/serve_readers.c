#include "experiments/serve_readers.h"

/* What a reader keeps, at most: what exceeds it makes it forget all. */
enum { MAX_KEPT = 4 * 1024 * 1024, MAX_KEPT_ANSWERS = 4096 };

struct reader {
    ds_store *store;
    gint64 version;      /* of the store, when the answers were given */
    GHashTable *answers; /* URI -> GBytes */
    gsize n_byte;        /* of them */
};

struct ex_readers {
    GAsyncQueue *idle; /* of struct reader * */
};

static void free_reader(gpointer data)
{
    struct reader *reader = data;
    ds_store_close(reader->store);
    g_hash_table_unref(reader->answers);
    g_free(reader);
}

ex_readers *ex_readers_open(const char *path, guint n, GError **error)
{
    g_autoptr(ex_readers) readers = g_new0(ex_readers, 1);
    readers->idle = g_async_queue_new_full(free_reader);
    for (guint i = 0; i < n; i++) {
        ds_store *store = ds_store_open(path, DS_READ, error);
        if (!store)
            return NULL;
        ds_keep_statements(store);
        struct reader *reader = g_new0(struct reader, 1);
        reader->store = store;
        reader->answers =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
        g_async_queue_push(readers->idle, reader);
    }
    return g_steal_pointer(&readers);
}

void ex_readers_free(ex_readers *readers)
{
    if (!readers)
        return;
    g_async_queue_unref(readers->idle);
    g_free(readers);
}

static void forget(struct reader *reader)
{
    g_hash_table_remove_all(reader->answers);
    reader->n_byte = 0;
}

static void keep(struct reader *reader, const char *uri, GBytes *answer)
{
    const gsize n = g_bytes_get_size(answer);
    if (n > MAX_KEPT / 4)
        return;
    if (reader->n_byte + n > MAX_KEPT || g_hash_table_size(reader->answers) >= MAX_KEPT_ANSWERS)
        forget(reader);
    g_hash_table_insert(reader->answers, g_strdup(uri), g_bytes_ref(answer));
    reader->n_byte += n;
}

/* Within a transaction: what the version says holds for all that is read in it. */
static GBytes *read_answer(struct reader *reader, const ex_question *question,
                           const struct ex_reading *reading, GError **error)
{
    gint64 version = 0;
    if (!ds_data_version(reader->store, &version, error))
        return NULL;
    if (version != reader->version)
        forget(reader);
    reader->version = version;
    GBytes *kept = g_hash_table_lookup(reader->answers, reading->uri);
    if (kept)
        return g_bytes_ref(kept);
    const struct ex_asked asked = {.question = question,
                                   .store = reader->store,
                                   .truth = reading->truth,
                                   .metrics = reading->metrics};
    g_autoptr(GString) text = g_string_new(NULL);
    if (!question->route->answer(&asked, text, error))
        return NULL;
    if (text->len > 0 && text->str[text->len - 1] != '\n')
        g_string_append_c(text, '\n');
    GBytes *answer = g_string_free_to_bytes(g_steal_pointer(&text));
    if (!question->route->is_live)
        keep(reader, reading->uri, answer);
    return answer;
}

GBytes *ex_readers_ask(ex_readers *readers, const ex_question *question,
                       const struct ex_reading *reading, GError **error)
{
    struct reader *reader = g_async_queue_pop(readers->idle);
    ds_limit_time(reader->store, reading->seconds);
    GBytes *answer =
        ds_begin_read(reader->store, error) ? read_answer(reader, question, reading, error) : NULL;
    ds_rollback(reader->store);
    g_async_queue_push(readers->idle, reader);
    return answer;
}
