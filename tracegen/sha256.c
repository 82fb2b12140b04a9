#include "tracegen/sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { N_BYTE = 32 };

struct tg_sha256 {
    EVP_MD_CTX *context;
    char hex[2 * N_BYTE + 1]; /* empty until it is asked for */
};

static void check(gboolean done)
{
    if (!done)
        g_error("libcrypto has no SHA-256");
}

tg_sha256 *tg_sha256_new(void)
{
    tg_sha256 *sha256 = g_new0(tg_sha256, 1);
    sha256->context = EVP_MD_CTX_new();
    check(sha256->context && EVP_DigestInit_ex(sha256->context, EVP_sha256(), NULL) == 1);
    return sha256;
}

void tg_sha256_free(tg_sha256 *sha256)
{
    if (!sha256)
        return;
    EVP_MD_CTX_free(sha256->context);
    g_free(sha256);
}

void tg_sha256_update(tg_sha256 *sha256, const void *bytes, gsize n)
{
    check(!sha256->hex[0] && EVP_DigestUpdate(sha256->context, bytes, n) == 1);
}

const char *tg_sha256_hex(tg_sha256 *sha256)
{
    if (sha256->hex[0])
        return sha256->hex;
    unsigned char digest[N_BYTE];
    check(EVP_DigestFinal_ex(sha256->context, digest, NULL) == 1);
    for (int i = 0; i < N_BYTE; i++)
        g_snprintf(sha256->hex + 2 * i, 3, "%02x", digest[i]);
    return sha256->hex;
}

void tg_sha256_leave_thread(void)
{
    OPENSSL_thread_stop();
}
