/*
 * Reads a trace line by line, in bounded memory, from a file, a gzip file or standard input, and
 * hashes its bytes on the way.
 */
#ifndef TRACEGEN_READER_H
#define TRACEGEN_READER_H

#include "tracegen/line.h"

/* A line longer than this is refused; no line that ns writes comes near. */
#define TG_MAX_LINE (64 * 1024)

typedef struct tg_reader tg_reader;

/*
 * path is a file, gzipped (all members) when its name ends in .gz, or "-" for standard input. Waits
 * for the first bytes. TG_ERROR_SYSTEM when it cannot be read, otherwise as tg_reader_next().
 */
tg_reader *tg_reader_open(const char *path, GError **error);
void tg_reader_free(tg_reader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tg_reader, tg_reader_free)

/*
 * Parses the next line into *line, whose texts stay valid until the next call. FALSE at the end of
 * the trace, or with TG_ERROR_SYSTEM or TG_ERROR_DATA set when reading or unpacking fails, or with
 * TG_ERROR_INTERRUPTED, also while it waits for a pipe.
 */
gboolean tg_reader_next(tg_reader *reader, struct tg_line *line, GError **error);

/*
 * Lets a tg_reader_next() of another thread, also one that waits for a pipe, and all that follow
 * end with TG_ERROR_INTERRUPTED.
 */
void tg_reader_stop(tg_reader *reader);

/* After the end: SHA-256 of all bytes (unpacked) in lower-case hex. Owned by the reader. */
const char *tg_reader_sha256(tg_reader *reader);

/*
 * Sets TG_ERROR_DATA: no line of a trace was among the n_line lines of the file. variables: some
 * were traced variables, which also stand in files of their own. first_reason: why the first line
 * was refused, "" when none was.
 */
void tg_set_no_trace(GError **error, const char *path, gint64 n_line, gboolean variables,
                     const char *first_reason);

#endif
