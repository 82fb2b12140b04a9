/*
 * From events to pairs of sentences: each sentence and the next one of its context, in trace order
 * (paper.txt Sec. V-A: "paired following the order of timestamps ... one after the other").
 */
#ifndef DATASET_PAIRS_H
#define DATASET_PAIRS_H

#include "dataset/store.h"

/*
 * How events become sentences. Every choice is kept in pair_set.options.
 *
 * fields:  columns of event, comma separated, one word each, `-` where the column is NULL. Ground
 *          truth and what names it (flow, attack) cannot be chosen.
 * noise:   which events are left out: "none", or of "control" (packets of no flow: MAC control,
 *          ARP, routing), "mac" (lines of trace level MAC), "below-agent" (all but level AGT),
 *          comma separated.
 * context: which events follow each other: "none" (the whole run), or those of one "gateway" (of
 *          the node), "protocol" (udp, tcp, http, otherwise the packet type), "flow" or "node".
 *          Events without such a context are left out and counted.
 *
 * vantage: whose logs are read: "all", or with "gateways" the honest logs of all nodes, without
 * what only the adversaries' own radios or logs show (event.covert).
 *
 * numbers: how the numbers that count on from event to event are written (packet, sequence and
 *          acknowledgement numbers): "raw", as printed, a word each; "delta", the difference to
 *          the event before of the same context (`+1`; `first` in the first); "digits", a word a
 *          digit.
 *
 * gateway: with of_gateway, only events at the nodes of that application gateway (node.gateway):
 * the log that it has itself. The others are left out and counted.
 *
 * But for digits, all sentences of a reading have the same number of words, fields times span.
 */
struct ds_reading {
    const char *fields;
    const char *noise;
    const char *context;
    const char *numbers;
    const char *vantage;
    int span; /* events a sentence, >= 1 */
    gboolean of_gateway;
    gint64 gateway; /* number of its node */
};

/* The reading of the paper; experiments/README.md says why. */
extern const struct ds_reading ds_paper_reading;

struct ds_pairs_options {
    const char *name; /* of the pair set */
    const char *runs; /* SQL condition on table run */
    struct ds_reading reading;
    gint64 skip;  /* passes over so many pairs of each run first */
    gint64 limit; /* first so many pairs of each run, the rest is not looked at; 0 is all */
    /* Controls, each with a seed above 0; 0: not done. */
    gint64 shuffle;      /* gives each source the target of another pair of its run, at random */
    gint64 permute;      /* gives the nodes of each run each other's numbers, at random */
    gboolean force;      /* replace a set of that name, and what was evaluated on it */
    const char *command; /* command line, for provenance */
};

struct ds_pairs_result {
    gint64 pair_set_id, n_run, n_pair, n_token;
    gint64 n_refused;    /* sentences longer than DS_MAX_WORDS words */
    gint64 n_left_out;   /* events that have no such context */
    gint64 n_incomplete; /* events after the last whole sentence of their context, span > 1 */
    gint64 n_noise;      /* events of the runs that the noise policy leaves out */
    gint64 n_covert;     /* others that the vantage leaves out */
    gint64 n_elsewhere;  /* others at nodes of no or another gateway, when one was asked for */
};

/*
 * Builds a pair set in one transaction. TG_ERROR_USAGE for an impossible option, TG_ERROR_DATA when
 * the name is taken, TG_ERROR_NO when no run or no pair is found.
 */
gboolean ds_pairs_build(ds_store *store, const struct ds_pairs_options *options,
                        struct ds_pairs_result *result, GError **error);

/*
 * *built: whether the store has a set of that name which these options would build again: by this
 * version, from the same runs, which may be picked by another condition. The command line does not
 * matter, which may name another store or the numbers that the runs had there. FALSE on error,
 * which are those of ds_runs_pick().
 */
gboolean ds_pairs_are_built(ds_store *store, const struct ds_pairs_options *options,
                            gboolean *built, GError **error);

#endif
