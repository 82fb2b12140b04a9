/*
 * A stretch of a trace on its way into the store. One thread reads lines into blocks, another
 * writes blocks into tables, so that two cores share the work.
 */
#ifndef DATASET_BLOCK_H
#define DATASET_BLOCK_H

#include "dataset/event_column.h"
#include "dataset/packet.h"

enum { DS_BLOCK_LINES = 4096, DS_BLOCK_TEXT = 1024 * 1024 };

/* A row of event_row. */
struct ds_row {
    gint64 line, shape_id;
    double time;          /* s */
    gint64 uid, seq, ack; /* TG_ABSENT is NULL */
};

/* A row of kind, place, ends or event_extra: the part of an event that goes there. */
struct ds_part {
    enum ds_column_table table;
    gint64 id;             /* of the row; for event_extra the line */
    gboolean pose;         /* with position and energy; otherwise they are NULL */
    gint64 flow;           /* of ends; TG_ABSENT is NULL */
    const char *proto;     /* of ends; not owned */
    struct tg_event event; /* what goes into the table; its texts are in the block */
};

/* A row of shape. */
struct ds_shape {
    gint64 shape_id, kind_id, place_id, ends_id, n;
    gint64 attack, attack_no, covert; /* TG_ABSENT is NULL */
};

/* A line that is kept as text. */
struct ds_text {
    enum ds_text_table { DS_REJECT, DS_EVENT_TEXT, DS_NOISE_LINE, DS_N_TEXT } table;
    gint64 line;
    const char *what; /* reason of a refusal (in the block), kind of noise (static), or NULL */
    struct tg_text text;
};

struct ds_block {
    struct ds_row rows[DS_BLOCK_LINES];
    int n_row, n_line;
    GArray *parts, *shapes, *packets, *texts; /* of struct ds_part, ds_shape ... */
    GStringChunk *chunk;                      /* of their texts */
    gsize n_byte;                             /* in it */
    gboolean last;                            /* no block follows */
};

struct ds_block *ds_block_new(void);
void ds_block_free(struct ds_block *block);

/* Empties the block. */
void ds_block_clear(struct ds_block *block);

/* Whether it must be written before the next line. */
gboolean ds_block_is_full(const struct ds_block *block);

/* Adds a copy; texts are copied into the block. */
void ds_block_add_part(struct ds_block *block, const struct ds_part *part);
void ds_block_add_text(struct ds_block *block, const struct ds_text *text);

#endif
