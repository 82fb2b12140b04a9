/*
 * SHA-256 of what passes by. GLib's own reads 250 MB/s, less than the reader does; libcrypto's uses
 * the processor's instructions for it.
 */
#ifndef TRACEGEN_SHA256_H
#define TRACEGEN_SHA256_H

#include <glib.h>

typedef struct tg_sha256 tg_sha256;

/* Like an allocation, it does not return when it fails: all that can is memory. */
tg_sha256 *tg_sha256_new(void);
void tg_sha256_free(tg_sha256 *sha256);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tg_sha256, tg_sha256_free)

void tg_sha256_update(tg_sha256 *sha256, const void *bytes, gsize n);

/* Of all bytes, in lower-case hex. Ends the updates; may be asked again. Owned by sha256. */
const char *tg_sha256_hex(tg_sha256 *sha256);

/*
 * Frees what libcrypto keeps for this thread. A thread that ends does so itself, but if nobody
 * joins it maybe only when the process is gone already, which leak checkers report.
 */
void tg_sha256_leave_thread(void);

#endif
