/*
 * What the tables and columns of a store mean, in words for those who have exported files alone:
 * the comments of schema.sql. For table event, whose comments there rely on each other, and for
 * 'pair', the sentences that pairs are exported with, words of their own.
 */
#ifndef DATASET_GLOSSARY_H
#define DATASET_GLOSSARY_H

#include <glib.h>

typedef struct ds_glossary ds_glossary;

ds_glossary *ds_glossary_new(void);
void ds_glossary_free(ds_glossary *glossary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_glossary, ds_glossary_free)

/* NULL when nothing is known. Valid until the glossary is freed. */
const char *ds_glossary_table(const ds_glossary *glossary, const char *table);
const char *ds_glossary_column(const ds_glossary *glossary, const char *table, const char *column);

/* Columns that are for scoring only, never for learning or detection. */
gboolean ds_glossary_is_truth(const ds_glossary *glossary, const char *table, const char *column);

/*
 * Reads the comments of a schema: the lines before a CREATE TABLE, and those behind its columns,
 * one column a line. Caller frees.
 */
ds_glossary *ds_glossary_parse(const char *schema);

#endif
