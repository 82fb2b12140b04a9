/* Files that a reader can open by name, in memory. A process has one at a time. */
#ifndef TESTS_FUZZ_PLACE_H
#define TESTS_FUZZ_PLACE_H

#include <glib.h>
#include <stdint.h>

/* Its name; ends in .gz for a packed one. Valid for ever, but of another file after the next call.
 */
const char *fuzz_put_file(const GByteArray *bytes, gboolean packed);

/* A pipe with the bytes in it, which a reader gets in pieces; their length depends on the number.
 */
const char *fuzz_put_pipe(const GByteArray *bytes, uint8_t number);

/* The bytes as a gzip file of two members, of which the first holds n_first bytes. Caller frees. */
GByteArray *fuzz_pack(const GByteArray *bytes, gsize n_first);

#endif
