/*
 * Virtual table block_row: the rows of a block. `INSERT ... SELECT` over it is the fastest way into
 * SQLite that was found: a third of the time that binding and stepping takes, row by row.
 */
#ifndef DATASET_ROW_TABLE_H
#define DATASET_ROW_TABLE_H

#include "dataset/block.h"
#include <sqlite3.h>

/* What the table shows; set before each statement. */
struct ds_row_source {
    const struct ds_row *rows; /* [n_row], not owned */
    int n_row;
};

/* Makes the table known to a connection; the source must outlive it. Result is SQLite's code. */
int ds_row_table_register(sqlite3 *db, struct ds_row_source *source);

/* Makes it unknown again. */
void ds_row_table_forget(sqlite3 *db);

#endif
