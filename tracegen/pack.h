/* Text kept in memory, compressed: plans repeat themselves, and thousands of them wait for ns. */
#ifndef TRACEGEN_PACK_H
#define TRACEGEN_PACK_H

#include <glib.h>

/* Caller unrefs. */
GBytes *tg_pack(const char *text, gsize length);

/* The text, ended by NUL. Caller frees. */
char *tg_unpack(GBytes *packed);

#endif
