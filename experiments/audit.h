/* The leak audit: could a test be passed without having learned? */
#ifndef EXPERIMENTS_AUDIT_H
#define EXPERIMENTS_AUDIT_H

#include "dataset/store.h"

enum ex_audit_verdict { EX_CLEAN, EX_WARNING, EX_LEAK };
extern const char *const ex_audit_verdicts[];

/* One check that was made. */
struct ex_finding {
    const char *check; /* static */
    double value;      /* NAN: nothing to measure */
    enum ex_audit_verdict verdict;
    char *text; /* in words */
};

struct ex_audit_options {
    gint64 train_set, test_set;
    gint64 model_id;      /* that was tested on test_set; 0: none */
    char **vocabulary;    /* of that model; NULL: unknown */
    gint64 control_model; /* trained on shuffled targets and tested on test_set; 0: none */
    gint64 permuted_set;  /* test_set with permuted nodes, on which the model was tested; 0: none */
    double max_same;      /* share of test pairs that training may hold to the letter */
};

/*
 * Makes all checks for which there is something: `same-events`, `same-simulation`, `same-text`,
 * `one-token`, and with models `vocabulary`, `shuffled-targets`, `permuted-nodes`. Only here labels
 * are read, to look for words that give them away. NULL on error; caller frees the array of struct
 * ex_finding.
 */
GArray *ex_audit(ds_store *store, const struct ex_audit_options *options, GError **error);

#endif
