/* The aggregator of a federation: from its gateways' answers to the model they share. */
#ifndef EXPERIMENTS_FEDERATION_H
#define EXPERIMENTS_FEDERATION_H

#include "dataset/store.h"
#include "experiments/federation_options.h"
#include "experiments/federation_transport.h"

/*
 * All of a federation over a transport: words, plan, rounds, test; then the model file, and, where
 * there is a store (which may be NULL), its rows. Prints each round once it is kept, and a line at
 * the end. kernels of the options are chosen. Errors of the store, files and transport;
 * TG_ERROR_DATA for what the gateways cannot agree on; TG_ERROR_INTERRUPTED, with what is kept.
 */
gboolean ex_federate(const struct ex_federation_options *options, const char *command_line,
                     ds_store *store, ex_transport *transport, GError **error);

#endif
