/* The types of values in SQLite. */
#ifndef DATASET_TYPE_H
#define DATASET_TYPE_H

enum ds_type { DS_NULL, DS_INTEGER, DS_REAL, DS_TEXT, DS_BLOB };

#endif
