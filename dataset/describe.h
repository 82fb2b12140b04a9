/*
 * What a store holds, in words: its views and tables, and the columns of one. Views say it in their
 * own comments, tables and columns in the glossary.
 */
#ifndef DATASET_DESCRIBE_H
#define DATASET_DESCRIBE_H

#include "dataset/store.h"

/* Columns name and description: the views by name, then the tables by name. Caller frees. */
ds_query *ds_describe_store(ds_store *store, GError **error);

/*
 * Columns column, type and description: a row for each column of the view or table. Where the
 * glossary does not know a column of a view, the view's comment may say what it is (`sent,
 * received: packets; delay_*: s from ...`); or else it is described as the column that it is taken
 * from, or as the one of that name in view event. TG_ERROR_USAGE when there is no such view or
 * table. Caller frees.
 */
ds_query *ds_describe_columns(ds_store *store, const char *name, GError **error);

/*
 * Sets TG_ERROR_USAGE, there being no view or table of that name: which there are, and which one
 * may have been meant. Returns FALSE.
 */
gboolean ds_describe_unknown(ds_store *store, const char *name, GError **error);

#endif
