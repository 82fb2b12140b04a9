/* Writes rows of table event. */
#ifndef DATASET_EVENT_WRITER_H
#define DATASET_EVENT_WRITER_H

#include "dataset/label.h"
#include "dataset/store.h"

typedef struct ds_event_writer ds_event_writer;

ds_event_writer *ds_event_writer_new(ds_store *store, GError **error);
void ds_event_writer_free(ds_event_writer *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_event_writer, ds_event_writer_free)

/* line->kind is TG_LINE_EVENT. TG_ERROR_SYSTEM when the row cannot be written. */
gboolean ds_event_write(ds_event_writer *writer, gint64 run_id, const struct tg_line *line,
                        const struct ds_label *label, GError **error);

#endif
