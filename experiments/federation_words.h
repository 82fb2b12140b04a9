/* The words of a federation's vocabulary, plain or hashed with a key that the aggregator lacks. */
#ifndef EXPERIMENTS_FEDERATION_WORDS_H
#define EXPERIMENTS_FEDERATION_WORDS_H

#include "model/random.h"

/*
 * The bytes of a key file, 16 to 4096. NULL and TG_ERROR_SYSTEM when it cannot be read,
 * TG_ERROR_DATA when it is shorter or longer. Caller unrefs.
 */
GBytes *ex_key_read(const char *path, GError **error);

/* HMAC-SHA-256 of a text in lower-case hex, its first n_digit digits (at most 64). Caller frees. */
char *ex_key_hash(GBytes *key, const char *text, int n_digit);

/* Random numbers that follow from a key and a round, and from nothing else. */
void ex_key_random(GBytes *key, int round, struct nn_random *random);

/* What tells two keys apart, and tells nobody the key: 16 digits; "" for NULL. Caller frees. */
char *ex_key_mark(GBytes *key);

/*
 * The words that a gateway tells, ended by NULL: those given, without the special words that come
 * first, hashed (128 bits, in hex) if there is a key, and sorted, since the order in which they
 * appear is that of the gateway's events. `alone`: it is the only gateway; then the order stays,
 * and its numbers are those of a training without a federation. Caller frees.
 */
char **ex_words_told(const char *const *words, GBytes *key, gboolean alone);

/*
 * The vocabulary of all, ended by NULL: the special words, then the union of what the n gateways
 * told, sorted; in the order told, of one gateway. NULL and TG_ERROR_DATA when that is no
 * vocabulary: a word that is empty, holds a blank, or comes twice from one gateway. Caller frees.
 */
char **ex_words_join(char **const *told, int n, GError **error);

/*
 * A vocabulary in the words of one gateway, given its own: hashes of words that it has are replaced
 * by the words, others stay. A copy if there is no key. Caller frees.
 */
char **ex_words_own(const char *const *vocabulary, const char *const *own, GBytes *key);

#endif
