/* Pieces of SVG documents. Coordinates are written with one decimal. */
#ifndef EXPERIMENTS_SVG_H
#define EXPERIMENTS_SVG_H

#include <glib.h>

#define EX_SVG_FONT "Helvetica, Arial, 'Liberation Sans', sans-serif"

/* How wide a text may be, in pixels; fonts differ, so rather too much. */
double ex_svg_text_width(const char *text, double font_size);

/*
 * Appends a text as XML may have it: markup is escaped, and what is no printable character, which
 * a name may hold, becomes U+FFFD. Text that is longer than max_length characters ends in an
 * ellipsis.
 */
void ex_svg_put_text(GString *out, const char *text, guint max_length);

/* <text> ...: attributes are what else stands in the tag, or "". */
void ex_svg_put_label(GString *out, double x, double y, double font_size, const char *attributes,
                      const char *text, guint max_length);

void ex_svg_put_title(GString *out, const char *text);

/*
 * Writes a document to a file, which appears whole or not at all and is replaced only with force;
 * NULL and "-" are standard output. Errors are those of ds_sink_create() and ds_sink_write().
 */
gboolean ex_svg_write(const GString *svg, const char *output, gboolean force, GError **error);

#endif
