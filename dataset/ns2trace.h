/*
 * SQL on traces as they lie there, without a store: table-valued functions that read a file anew
 * whenever a statement scans them, in constant memory.
 *
 *     ns2trace(PATH)  a row for each line about a packet: line, then ds_event_columns; hidden: text
 *     ns2line(PATH)   a row for each line: line, kind, detail, text; hidden: unterminated
 *
 * Both in the program and, as ns2trace.so, in any program that loads SQLite extensions.
 */
#ifndef DATASET_NS2TRACE_H
#define DATASET_NS2TRACE_H

#include <glib.h>
#include <sqlite3.h>

/*
 * Adds both functions to a connection; returns SQLite's code. Adding them twice is fine. Unless
 * failure is NULL, it outlives the connection, and *failure is set, beside SQLite's own message,
 * when a trace cannot be read: TG_ERROR_SYSTEM, TG_ERROR_DATA, TG_ERROR_INTERRUPTED.
 */
int ds_ns2trace_register(sqlite3 *db, GError **failure);

#endif
