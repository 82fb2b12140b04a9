/*
 * What an aggregator and the gateways of a federation say to each other, and nothing else: the
 * members of each kind are listed in federation_message.c, and a message with any other member, or
 * with one missing, is refused.
 *
 *     invite  ->  words      which gateways there are; the words of a gateway's pairs, or their
 *                            HMACs, sorted; how many pairs it has, and their SHA-256
 *     plan    ->  ready      how to train, and the vocabulary of all
 *     round   ->  update     weights; weights, loss and accuracy
 *                 failure    instead of any of these: why there is none
 *
 * Each answer follows from its question and the plan alone, so that whoever was away can take part
 * again at any time.
 *
 * As bytes a message is a safetensors file: its members are the JSON text `message` in
 * __metadata__, weights the tensor `weights`, in the order of struct nn_network.
 */
#ifndef EXPERIMENTS_FEDERATION_MESSAGE_H
#define EXPERIMENTS_FEDERATION_MESSAGE_H

#include "model/real.h"
#include <json-glib/json-glib.h>

enum ex_message_kind {
    EX_INVITE,
    EX_WORDS,
    EX_PLAN,
    EX_READY,
    EX_ROUND,
    EX_UPDATE,
    EX_FAILURE,
    EX_N_MESSAGE
};

typedef struct ex_message {
    enum ex_message_kind kind;
    JsonObject *members;
    const nn_real *weights; /* [n_weight], all finite; NULL: it has none */
    gsize n_weight;
    GBytes *bytes; /* the message as it came, which holds the weights */
} ex_message;

void ex_message_free(ex_message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_message, ex_message_free)

/*
 * A message as bytes. The members must be those of the kind, but for `session` (of which run of the
 * aggregator it is) and `number` (of its question, counted from 0), which are added. Caller unrefs.
 */
GBytes *ex_message_encode(enum ex_message_kind kind, JsonObject *members, const char *session,
                          int number, const nn_real *weights, gsize n_weight);

/*
 * Nothing in the bytes is trusted. NULL and TG_ERROR_DATA, in words without a subject ("cut off
 * ..."), when they are not a message. Caller frees.
 */
ex_message *ex_message_decode(GBytes *bytes, GError **error);

const char *ex_message_session(const ex_message *message);
int ex_message_number(const ex_message *message);

/* Member `name` as what it is declared to be. An integer outside min .. max is TG_ERROR_DATA. */
gboolean ex_message_int(const ex_message *message, const char *name, gint64 min, gint64 max,
                        int *value, GError **error);
const char *ex_message_text(const ex_message *message, const char *name);
gboolean ex_message_boolean(const ex_message *message, const char *name);

/* A list of texts, ended by NULL. Caller frees with g_strfreev(). */
char **ex_message_texts(const ex_message *message, const char *name);

/* Is the integer in the list? Its place, or -1. */
int ex_message_find(const ex_message *message, const char *name, gint64 value);

#endif
