/*
 * Detectors made of what a model said: of its predictions of the sentence pairs of the flows from
 * src to dst. A sentence pair is of the flow of its source event, and of the window that its target
 * event is in. Labels are not read.
 */
#ifndef EXPERIMENTS_DETECTION_MODEL_H
#define EXPERIMENTS_DETECTION_MODEL_H

#include "experiments/detection.h"

enum ex_model_score {
    EX_LOG_PROBABILITY, /* mean of -log P(target) / (words of the target and <EOS>) */
    EX_BLEU,            /* mean of 1 - BLEU-1 */
    EX_SET_A,           /* the paper's verdict: probability of the best tuple (src, any, dst) of the
                         * run (window) that is among its first EX_SET_A_SIZE and crosses gateways,
                         * 0 without one; NAN if it has no sentence pair either */
    EX_TOP_G, /* mean share of the target's words (and <EOS>) outside the 9 most probable */
    EX_N_MODEL_SCORE
};

enum { EX_SET_A_SIZE = 5 };

/* How they are called behind the name of the model: "log-probability" ... */
extern const char *const ex_model_score_names[EX_N_MODEL_SCORE];

struct ex_judged_model {
    gint64 model_id, pair_set_id;
    const char *pairs; /* name of the pair set */
};

struct ex_model_scores {
    double *scores[EX_N_MODEL_SCORE];    /* [n candidates]; NAN: no sentence pair */
    const char *lacks[EX_N_MODEL_SCORE]; /* why there are none of the kind; NULL: there are */
    gint64 n_pair;                       /* sentence pairs of test runs */
    int n_candidate, n_unseen; /* candidates of whole runs; of them, without a sentence pair */
    gint64 n_unplaced; /* of them, of no candidate: of no flow, or in a window without a sending */
};

/*
 * Scores the candidates [n] of the task's test runs. TG_ERROR_USAGE when the model was not
 * evaluated on the pair set, or a test run is not in it.
 */
gboolean ex_score_model(const ex_task *task, const struct ex_judged_model *model,
                        const struct ex_candidate *candidates, int n,
                        struct ex_model_scores *result, GError **error);

#endif
