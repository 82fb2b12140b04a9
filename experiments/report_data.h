/*
 * What Tables I and II are made from, read from the store: the trials of one plan's default variant
 * by the network, on the training pairs and held out.
 */
#ifndef EXPERIMENTS_REPORT_DATA_H
#define EXPERIMENTS_REPORT_DATA_H

#include "dataset/store.h"

/* Size of set A (paper.txt Table II). */
enum { EX_SET_A_SIZE = 5 };

/* Of table trial, in the order of the tables. */
enum ex_split { EX_PAPER, EX_HELD_OUT, EX_N_SPLIT };
enum ex_condition { EX_WITHOUT, EX_WITH, EX_WITH_ATTACK_RUN, EX_N_CONDITION };
extern const char *const ex_split_names[EX_N_SPLIT];
extern const char *const ex_condition_names[EX_N_CONDITION];

struct ex_trial {
    gint64 seed, model_id, pair_set_id;
    gboolean evaluated;
    double accuracy, copy_baseline; /* percent; 0 unless evaluated */
    int n_tuple;                    /* size of set A; 0: detect found none or was not run */
    int n_anomalous;                /* of them, across gateways */
    int n_duped;                    /* of these, with another server predicted than came */
};

/* The trials that make one row of Table II in the paper's layout. */
struct ex_group {
    char *protocol, *context;
    GArray *trials[EX_N_CONDITION][EX_N_SPLIT]; /* of struct ex_trial, by seed; never NULL */
};

typedef struct ex_trials {
    char *plan;
    GPtrArray *groups; /* of struct ex_group *; udp first, then by name */
    int n_trial, n_unevaluated;
} ex_trials;

/*
 * Reads the trials of a plan, or of the only plan that the store holds when plan is NULL. NULL
 * and TG_ERROR_NO when there is none, TG_ERROR_USAGE when there are several to choose from. Caller
 * frees.
 */
ex_trials *ex_trials_read(ds_store *store, const char *plan, GError **error);
void ex_trials_free(ex_trials *trials);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_trials, ex_trials_free)

/* The trial of the lowest seed, or NULL when there is none. */
const struct ex_trial *ex_first_trial(const struct ex_group *group, enum ex_condition condition,
                                      enum ex_split split);

/* A text column as valid UTF-8, NULL for NULL. Caller frees. */
char *ex_query_text(ds_query *query, int column);

#endif
