/*
 * What merging knows of the schema: its tables in one list, parents first, and the SQL that is made
 * of it. Columns are read from the store, so that a new one needs nothing here; a new table does.
 *
 * The SQL joins the two stores `main` and `part` with tables temp.map_NAME, one for each table that
 * others refer to: old, the number of a row in the part; new, that in the store; fresh, whether it
 * is new there; and what is added to the numbers of the tables that it owns.
 */
#ifndef DATASET_MERGE_TABLE_H
#define DATASET_MERGE_TABLE_H

#include "dataset/store.h"

struct ds_merge_table {
    const char *name;
    /*
     * The table of the list whose row a row belongs to, and comes and goes with. Its own name:
     * others refer to its rows, which have numbers and are the same when `match` says so. NULL: of
     * nobody; rows with the same key must be the same.
     */
    const char *owner;
    const char *match; /* SQL: is row t of the part what row m of the store is? */
    const char *label; /* column by which a person knows such a row */
    const char *loose; /* columns that tell where it came from, between blanks: need not be equal */
};

extern const struct ds_merge_table ds_merge_tables[]; /* ended by a name that is NULL */

/* Columns of this name hold the number of a row of that table, wherever they are. */
struct ds_merge_reference {
    const char *column, *table;
};
extern const struct ds_merge_reference ds_merge_references[]; /* ended by NULL */

const struct ds_merge_table *ds_merge_find(const char *name); /* NULL: not in the list */

/* Whether others refer to its rows; they have a map of their own. */
gboolean ds_merge_is_mapped(const struct ds_merge_table *table);

/* A table with its columns, as they are in the store. */
typedef struct ds_merge_plan {
    const struct ds_merge_table *table;
    GPtrArray *columns; /* char *, in order */
    GPtrArray *keys;    /* those of its primary key, not owned */
} ds_merge_plan;

/* Reads the columns. NULL on error. Caller frees. */
ds_merge_plan *ds_merge_plan_new(ds_store *store, const struct ds_merge_table *table,
                                 GError **error);
void ds_merge_plan_free(ds_merge_plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_merge_plan, ds_merge_plan_free)

/*
 * SQL; caller frees. _map_sql: statements, ended by NULL, that make and fill the map of a table
 * that has one. _difference_sql: one row when rows that are in both stores differ, with the part's
 * key in words and the column, '' where the store lacks the row. _count_sql: owners of which there
 * are more rows in the store than in the part: the owner's number in the part and both counts; NULL
 * for a table without an owner other than itself. _expected_sql: how many rows are to be copied.
 * _copy_sql copies them.
 */
GStrv ds_merge_map_sql(const struct ds_merge_table *table);
char *ds_merge_difference_sql(const ds_merge_plan *plan);
char *ds_merge_count_sql(const ds_merge_plan *plan);
char *ds_merge_expected_sql(const ds_merge_plan *plan);
char *ds_merge_copy_sql(const ds_merge_plan *plan);

#endif
