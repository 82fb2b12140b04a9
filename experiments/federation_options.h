/* The options of the command federate. */
#ifndef EXPERIMENTS_FEDERATION_OPTIONS_H
#define EXPERIMENTS_FEDERATION_OPTIONS_H

#include "experiments/federation_client.h"
#include "experiments/train_options.h"

/* Who this program is. */
enum ex_part {
    EX_ALL = 1,        /* aggregator and all gateways, in one process or in the ranks of MPI */
    EX_AGGREGATOR = 2, /* the aggregator of a folder */
    EX_GATEWAY = 4     /* a gateway of a folder */
};

struct ex_federation_options {
    struct ex_train_options train; /* how.iterations: those of all rounds */
    enum ex_part part;
    int n_round, n_iteration;     /* rounds, iterations of each */
    double participation, drop;   /* share of the gateways asked, probability that one is lost */
    double clip, noise, delta;    /* 0: none; noise: deviation in units of clip */
    char *noise_key, *hash_words; /* files, or NULL */
    int test_limit, test_every;
    /* The gateways, ascending; clients [n_client] are there unless part is EX_AGGREGATOR. */
    int n_client;
    int *gateways;
    struct ex_client_options *clients;
    /* Of a folder. */
    char *folder;
    double wait; /* s until a gateway is late; 0: never */
    int quorum;
    gboolean keep;

    /* As given. */
    char **client_words, **store_words, **test_words;
    char *gateway_words, *gateway_list, *clip_words, *noise_words;
    GPtrArray *copies; /* of char *: paths */
};

/*
 * As ex_parse(), and the options are possible ones, as far as they themselves can tell. The caller
 * clears them in any case.
 */
gboolean ex_federation_parse(const struct ex_command *command,
                             struct ex_federation_options *options, int *argc, char ***argv,
                             int *status);
void ex_federation_options_clear(struct ex_federation_options *options);

#endif
