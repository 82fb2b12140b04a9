/* What the parts of a federation agree on before the first round: the words, and how to train. */
#ifndef EXPERIMENTS_FEDERATION_AGREE_H
#define EXPERIMENTS_FEDERATION_AGREE_H

#include "experiments/federation_options.h"
#include "experiments/federation_transport.h"
#include "model/model_file.h"

/* What the gateways said of themselves, and what follows from it. */
struct ex_agreement {
    int n_client;
    int *n_pair;          /* [n_client] */
    char **sha256;        /* [n_client + 1] of their pairs, NULL at the end */
    char ***told;         /* [n_client] their words */
    char *isa, *hash_key; /* of all; different ones between blanks, and "" without a key */
    int number;           /* of the next question */
    GBytes *noise_key;    /* NULL: none */
    JsonObject *options;  /* model.options, but for the command line */
    nn_model *model;      /* as it will be written, with the first weights */
};

/*
 * Asks all gateways for their words and makes the model. The caller clears the agreement in any
 * case. The options' shape becomes that of the network.
 */
gboolean ex_agree_on_model(struct ex_agreement *agreement, struct ex_train_options *train,
                           const struct ex_federation_options *options, ex_transport *transport,
                           GError **error);

/* Tells all gateways how to train. */
gboolean ex_agree_on_plan(struct ex_agreement *agreement,
                          const struct ex_federation_options *options, ex_transport *transport,
                          GError **error);

/*
 * The SHA-256 of the pairs of all gateways [n], ascending, which have those SHA-256: pairs_sha256
 * in model.options. Of lines `GATEWAY SHA-256`. Caller frees.
 */
char *ex_federation_pairs_sha256(const int *gateways, char *const *sha256, int n);

void ex_agreement_clear(struct ex_agreement *agreement);

/*
 * Takes an answer apart: of that kind, from gateway number k, to the question of that number. NULL
 * with an error of the gateway's own (a message of kind failure), or TG_ERROR_DATA. Caller frees.
 */
ex_message *ex_take_answer(const ex_transport *transport, GBytes *bytes, int k,
                           enum ex_message_kind kind, int number, GError **error);

#endif
