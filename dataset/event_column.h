/* The columns of an event: one list for everything that stores, reads or prints events. */
#ifndef DATASET_EVENT_COLUMN_H
#define DATASET_EVENT_COLUMN_H

#include "dataset/type.h"
#include "tracegen/event.h"

enum ds_column_type {
    DS_COLUMN_INT,      /* gint64, TG_ABSENT is NULL */
    DS_COLUMN_REAL,     /* double, NAN is NULL */
    DS_COLUMN_TEXT,     /* struct tg_text */
    DS_COLUMN_CHAR,     /* char */
    DS_COLUMN_FORMAT,   /* enum tg_format, by its name */
    DS_COLUMN_DURATION, /* double; an integer unless it is S-MAC's */
    DS_COLUMN_BITS      /* guint */
};

/* Tables of the store that hold parts of an event; bits. */
enum ds_column_table {
    DS_IN_KIND = 1,
    DS_IN_PLACE = 2,
    DS_IN_ENDS = 4,
    DS_IN_ROW = 8,
    DS_IN_EXTRA = 16
};

struct ds_column {
    const char *name;
    guint8 type;    /* enum ds_column_type */
    guint8 tables;  /* bits of enum ds_column_table */
    guint16 offset; /* of the member in struct tg_event */
};

/* What a line says about a packet, in the order of view event. */
extern const struct ds_column ds_event_columns[];
extern const int ds_n_event_column;

/* The value of a column, as SQLite has them. */
struct ds_value {
    enum ds_type type; /* no DS_BLOB */
    union {
        gint64 i;
        double r;
        struct tg_text text; /* not owned */
    };
};

struct ds_value ds_event_value(const struct tg_event *event, const struct ds_column *column);

/*
 * Sets the member to what ds_event_value() gave; texts are not copied. FALSE, and nothing is set,
 * when the column cannot have such a value.
 */
gboolean ds_event_set_value(struct tg_event *event, const struct ds_column *column,
                            struct ds_value value);

#endif
