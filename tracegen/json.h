/* JSON as its standard has it, where json-glib 1.6 takes or gives something else. */
#ifndef TRACEGEN_JSON_H
#define TRACEGEN_JSON_H

#include <json-glib/json-glib.h>

/*
 * Parses a text that may come from anywhere. json-glib calls itself for every bracket, and takes
 * comments and more behind which brackets could hide; so what nests deeper than 32 levels, or holds
 * such things, is refused before; so are several values, and objects with a name twice, of which it
 * would keep the last; and more than a million objects and lists or four million commas, since it
 * takes a hundred times their memory. NULL and TG_ERROR_DATA, in one line that begins with "not
 * valid JSON", when it cannot be read. Caller frees; the node is immutable.
 */
JsonNode *tg_json_parse(const char *text, gsize length, GError **error);

/*
 * The bytes of a file, or of standard input (NULL), that may be as long as a text of JSON. NULL and
 * TG_ERROR_SYSTEM when it cannot be read, TG_ERROR_DATA when it is longer than 64 MiB. Caller
 * frees.
 */
char *tg_json_read_file(const char *path, gsize *length, GError **error);

/* Appends a finite double with the fewest digits that read back equal, as a double: 0.05, 1.0,
 * 1e-08. */
void tg_json_print_double(GString *out, double value);

/* The text of a node, its members in their order, doubles as above. Caller frees. */
char *tg_json_to_string(JsonNode *node, gboolean pretty);

#endif
