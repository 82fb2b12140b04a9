/*
 * The detectors that look at the events of a pair's flows as symbols. A symbol is the shape of an
 * event: op, layer, ptype, reason, size, MAC type, flags, TCP header, kind of ARP and routing
 * packet, transport, ports and TTL; no node, sequence number or time. Labels are not read.
 */
#ifndef EXPERIMENTS_DETECTION_EVENT_H
#define EXPERIMENTS_DETECTION_EVENT_H

#include "experiments/detection_traffic.h"

/* Distances are to the nearest of at most so many training candidates, chosen evenly. */
enum { EX_MAX_REFERENCE = 1000 };

/* [test->n] each; NAN is no score: without events, or without training candidates. */
struct ex_event_scores {
    double *new_event;     /* share of its events whose symbol does not occur in training */
    double *count_vector;  /* 1 - cosine of its counts of symbols and those of the nearest */
    double *edit_distance; /* Levenshtein's distance of its first NN_MAX_SEQUENCE symbols to those
                            * of the nearest, by the length of the longer */
};

/* Training candidates are of the same unit (runs, windows) as what is judged. */
gboolean ex_score_events(const ex_task *task, const ex_traffic *train, const ex_traffic *test,
                         const struct ex_event_scores *scores, GError **error);

#endif
