/* Turns the options of a reading into SQL over table event. For pairs.c and export.c. */
#ifndef DATASET_READING_H
#define DATASET_READING_H

#include "dataset/pairs.h"

/*
 * The statement that lists the events of run ?1 (of gateway ?2, if the reading is of one) in trace
 * order: column 0 the line, 1 the key of the context, then the fields. NULL and TG_ERROR_USAGE for
 * what cannot be. Caller frees.
 */
char *ds_reading_sql(const struct ds_reading *reading, GError **error);

/*
 * The statement that counts the events of run ?1 that the noise policy leaves out. NULL and
 * TG_ERROR_USAGE for what cannot be. Caller frees.
 */
char *ds_reading_noise_sql(const struct ds_reading *reading, GError **error);

/*
 * The statement that counts those of run ?1 that the noise policy leaves in and the vantage does
 * not. Likewise.
 */
char *ds_reading_covert_sql(const struct ds_reading *reading, GError **error);

/* Is a field a number that counts on from event to event? */
gboolean ds_reading_counts(const char *field);

/*
 * The statement that counts those of run ?1 that both leave in and that are not at a node of
 * gateway ?2. Likewise.
 */
char *ds_reading_elsewhere_sql(const struct ds_reading *reading, GError **error);

/* [n_field] which fields are written in another way than they are printed. Caller frees. */
gboolean *ds_reading_counting(const struct ds_reading *reading);

/* [n_field] which fields are numbers of nodes. Caller frees. */
gboolean *ds_reading_naming(const struct ds_reading *reading);

/* The condition on table event that a vantage is. NULL and TG_ERROR_USAGE for what is none. */
const char *ds_reading_vantage_sql(const char *vantage, GError **error);

/* The fields of a reading. Caller frees. */
char **ds_reading_fields(const struct ds_reading *reading);

#endif
