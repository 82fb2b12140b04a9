/*
 * How questions reach the gateways of a federation, and their answers the aggregator. There are
 * three ways: within the process, over MPI (only where the program was built with it), and through
 * a shared folder. All carry the same bytes.
 */
#ifndef EXPERIMENTS_FEDERATION_TRANSPORT_H
#define EXPERIMENTS_FEDERATION_TRANSPORT_H

#include "experiments/federation_client.h"

typedef struct ex_transport ex_transport;

struct ex_transport_class {
    /*
     * Sends the question to the gateways asked [n_client], and sets answers [n_client] to what came
     * back in time: NULL where nothing did, or nobody was asked. all: waits for all of them. FALSE
     * when the federation cannot go on. The caller unrefs the answers in any case.
     */
    gboolean (*ask)(ex_transport *transport, GBytes *question, const gboolean *asked, gboolean all,
                    GBytes **answers, GError **error);
    /* done: the federation has come to its end, and everyone knows. */
    void (*close)(ex_transport *transport, gboolean done);
};

/* The first member of each. */
struct ex_transport {
    const struct ex_transport_class *class;
    const char *session; /* of the messages: 32 hex digits */
    int n_client;
    const int *gateways; /* [n_client] ascending */
    gboolean tolerant;   /* goes on without a gateway that fails */
    gsize max_answer;    /* bytes of the longest answer that is taken; the aggregator sets it */
};

/* The session of messages that nobody else could see. */
extern const char ex_no_session[];

/* All gateways in this process. The clients must outlive it. */
ex_transport *ex_local_transport_new(ex_client *const *clients, const int *gateways, int n_client);

/* What a folder's aggregator is given. Strings must outlive the transport. */
struct ex_folder_options {
    const char *folder;
    const int *gateways;
    int n_client;
    double wait; /* s; 0: without limit */
    int quorum;
    gboolean keep;
};

/* NULL and TG_ERROR_SYSTEM when the folder is none, or another aggregator is at work there. */
ex_transport *ex_folder_transport_new(const struct ex_folder_options *options, GError **error);

/* A gateway's side of a folder: answers what is asked until the model is finished. */
gboolean ex_folder_serve(ex_client *client, int gateway, const char *folder, GError **error);

/*
 * MPI, one file and one object of the program, which is linked only with MPI=1: elsewhere this is
 * NULL. init: once, before all else; TG_ERROR_SYSTEM. The clients that are NULL are other ranks'.
 * serve: the side of ranks other than 0, until the end. finish: once, behind all else, with the
 * error of this rank or NULL.
 */
struct ex_mpi {
    gboolean (*init)(int *rank, int *n_rank, GError **error);
    ex_transport *(*transport_new)(ex_client *const *clients, const int *gateways, int n_client);
    gboolean (*serve)(ex_client *const *clients, int n_client, GError **error);
    void (*finish)(const GError *error);
};
extern const struct ex_mpi ex_mpi __attribute__((weak));

#endif
