#include "dataset/feed.h"

#include "tracegen/error.h"
#include <math.h>

enum { N_BLOCK = 4 };

struct ds_feed {
    tg_reader *reader;
    ds_shaper *shaper;
    const char *path;
    const struct ds_ingest_options *options;
    GThread *thread;
    GAsyncQueue *empty, *full; /* of struct ds_block; a block is in one of them, or in work */
    struct ds_block *given;    /* to the writer */
    /* The thread's, until it pushed its last block. */
    struct ds_ingest_result result;
    char first_reason[sizeof((struct tg_line *)0)->reason]; /* why the first line was refused */
    GError *error;
};

static gboolean add_reject(ds_feed *feed, struct ds_block *block, const struct tg_line *line)
{
    gint64 most = feed->options->max_reject;
    if (feed->result.n_reject++ == 0)
        g_strlcpy(feed->first_reason, line->reason, sizeof feed->first_reason);
    ds_block_add_text(block, &(struct ds_text){DS_REJECT, line->number, line->reason, line->text});
    if (most < 0 || feed->result.n_reject <= most)
        return TRUE;
    g_set_error(&feed->error, TG_ERROR, TG_ERROR_DATA,
                "%s:%" G_GINT64_FORMAT ": more than %" G_GINT64_FORMAT " lines refused", feed->path,
                line->number, most);
    return FALSE;
}

static gboolean add_event(ds_feed *feed, struct ds_block *block, const struct tg_line *line)
{
    struct ds_ingest_result *result = &feed->result;
    double time = line->event.time;
    if (!ds_shaper_add(feed->shaper, block, line)) {
        g_set_error(&feed->error, TG_ERROR, TG_ERROR_DATA,
                    "%s:%" G_GINT64_FORMAT ": node %" G_GINT64_FORMAT " is not in the manifest",
                    feed->path, line->number, line->event.node);
        return FALSE;
    }
    if (result->n_event++ == 0)
        result->first_time = result->last_time = time;
    result->first_time = MIN(result->first_time, time);
    result->last_time = MAX(result->last_time, time);
    return TRUE;
}

static gboolean add_line(ds_feed *feed, struct ds_block *block, const struct tg_line *line)
{
    feed->result.n_line++;
    feed->result.unterminated = line->unterminated;
    block->n_line++;
    switch (line->kind) {
    case TG_LINE_EVENT:
        return add_event(feed, block, line);
    case TG_LINE_NOISE:
        feed->result.n_noise++;
        feed->result.n_noise_of[line->noise]++;
        if (feed->options->keep_noise)
            ds_block_add_text(block, &(struct ds_text){DS_NOISE_LINE, line->number,
                                                       tg_noise_name(line->noise), line->text});
        return TRUE;
    case TG_LINE_BLANK:
        feed->result.n_blank++;
        return TRUE;
    case TG_LINE_REJECT:
        return add_reject(feed, block, line);
    }
    g_assert_not_reached();
}

/* Traced variables stand among packets, or in a file of their own that is no trace. */
static gboolean check_trace(ds_feed *feed)
{
    const struct ds_ingest_result *result = &feed->result;
    gint64 n_variable = result->n_noise_of[TG_NOISE_VARIABLE];
    if (result->n_event + result->n_noise > n_variable)
        return TRUE;
    tg_set_no_trace(&feed->error, feed->path, result->n_line, n_variable > 0, feed->first_reason);
    return FALSE;
}

static struct ds_block *hand_over(ds_feed *feed, struct ds_block *block)
{
    g_async_queue_push(feed->full, block);
    return g_async_queue_pop(feed->empty);
}

static gpointer read_trace(gpointer data)
{
    ds_feed *feed = data;
    struct tg_line line;
    struct ds_block *block = g_async_queue_pop(feed->empty);
    gboolean fine = TRUE;
    while (fine && tg_reader_next(feed->reader, &line, &feed->error)) {
        fine = add_line(feed, block, &line) && tg_check_interrupt(&feed->error);
        if (ds_block_is_full(block))
            block = hand_over(feed, block);
    }
    if (!feed->error && check_trace(feed))
        while (ds_shaper_finish(feed->shaper, block))
            block = hand_over(feed, block);
    block->last = TRUE;
    g_async_queue_push(feed->full, block);
    return NULL;
}

ds_feed *ds_feed_new(tg_reader *reader, ds_shaper *shaper, const char *path,
                     const struct ds_ingest_options *options)
{
    ds_feed *feed = g_new0(ds_feed, 1);
    feed->reader = reader;
    feed->shaper = shaper;
    feed->path = path;
    feed->options = options;
    feed->result.first_time = feed->result.last_time = NAN;
    feed->empty = g_async_queue_new();
    feed->full = g_async_queue_new();
    for (int i = 0; i < N_BLOCK; i++)
        g_async_queue_push(feed->empty, ds_block_new());
    feed->thread = g_thread_new("feed", read_trace, feed);
    return feed;
}

static void give_back(ds_feed *feed)
{
    if (!feed->given)
        return;
    ds_block_clear(feed->given);
    g_async_queue_push(feed->empty, feed->given);
    feed->given = NULL;
}

static void join(ds_feed *feed)
{
    if (feed->thread)
        g_thread_join(feed->thread);
    feed->thread = NULL;
}

const struct ds_block *ds_feed_next(ds_feed *feed, GError **error)
{
    give_back(feed);
    if (feed->thread) {
        feed->given = g_async_queue_pop(feed->full);
        if (feed->given->last)
            join(feed);
        return feed->given;
    }
    if (feed->error)
        g_propagate_error(error, g_steal_pointer(&feed->error));
    return NULL;
}

void ds_feed_result(const ds_feed *feed, struct ds_ingest_result *result)
{
    const gint64 run_id = result->run_id;
    *result = feed->result;
    result->run_id = run_id;
}

void ds_feed_free(ds_feed *feed)
{
    if (!feed)
        return;
    tg_reader_stop(feed->reader);
    while (feed->thread) /* it may wait for a block */
        ds_feed_next(feed, NULL);
    give_back(feed);
    for (struct ds_block *block; (block = g_async_queue_try_pop(feed->empty));)
        ds_block_free(block);
    g_async_queue_unref(feed->empty);
    g_async_queue_unref(feed->full);
    g_clear_error(&feed->error);
    g_free(feed);
}
