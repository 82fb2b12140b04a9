/* The lines of a trace that are not about packets, and lines of other files. */
#ifndef TRACEGEN_NOISE_H
#define TRACEGEN_NOISE_H

#include "tracegen/cursor.h"
#include "tracegen/line.h"

/*
 * Reads the line as noise; the cursor is behind its first word, of n_word characters. FALSE when
 * the line is none; otherwise c->bad tells whether all of it fits.
 */
gboolean tg_parse_noise(struct tg_cursor *c, struct tg_line *line, int n_word);

/* Likewise of a line that starts with a blank: all of it is noise, or it is none. */
gboolean tg_parse_indented(struct tg_line *line);

/* What else a line is of, `line of a nam trace` and the like; NULL when it is of nothing known. */
const char *tg_foreign_line(struct tg_text text);

#endif
