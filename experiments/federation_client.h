/*
 * A gateway as the client of a federation: it answers the aggregator's messages, from pairs that it
 * alone reads. How the messages travel is for federation_transport.h.
 */
#ifndef EXPERIMENTS_FEDERATION_CLIENT_H
#define EXPERIMENTS_FEDERATION_CLIENT_H

#include "experiments/federation_message.h"

struct ex_client_options {
    int gateway;       /* number of its node */
    const char *store; /* where its pairs are, which is only read */
    const char *pairs; /* pair set that it trains on */
    const char *test;  /* that it tests on; NULL: that it trains on */
    const char *copy;  /* file for the finished model in its own words; NULL: none */
    const char *key;   /* key file: its words go hashed; NULL: as they are */
    int threads;
};

typedef struct ex_client ex_client;

/*
 * The strings must outlive it. NULL and the errors of ex_key_read(); the pairs are read when they
 * are asked for. Caller frees.
 */
ex_client *ex_client_new(const struct ex_client_options *options, GError **error);
void ex_client_free(ex_client *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_client, ex_client_free)

/*
 * The answer to a message, as bytes. A round needs the plan before it; apart from that any message
 * may come at any time and again. NULL with an error of what prevented it: TG_ERROR_DATA for a
 * message that cannot be, TG_ERROR_INTERRUPTED, those of the store and of training. Caller unrefs.
 */
GBytes *ex_client_answer(ex_client *client, const ex_message *question, GError **error);

/* Is it among those that the message asks? */
gboolean ex_client_is_asked(const ex_client *client, const ex_message *question);

/* That error, as the answer to that message. Caller unrefs. */
GBytes *ex_client_failure(const ex_client *client, const ex_message *question, const GError *error);

#endif
