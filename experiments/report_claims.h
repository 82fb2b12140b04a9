/*
 * The paper's claims, each with a rule that decides it. Rules were written before the results that
 * they decide were seen.
 */
#ifndef EXPERIMENTS_REPORT_CLAIMS_H
#define EXPERIMENTS_REPORT_CLAIMS_H

#include "experiments/report_results.h"

/* Fewer seeds decide nothing. */
enum { EX_MIN_SEEDS = 3 };

struct ex_claim {
    char *plan, *protocol, *context; /* whose trials speak; context NULL: of more than one */
    char *claim;
    const char *words, *number; /* the paper's; static; number NULL: it gives none */
    char *ours, *interval;      /* under its own protocol; NULL: not measured */
    char *held_out, *held_out_interval;
    char *null; /* the same of what learns nothing */
    int n_seed; /* 0: not measured */
    const char *verdict, *rule;
    char *command; /* that repeats it; NULL: there is none yet */
};

/* reproduced, not reproduced, undecided. */
extern const char *const ex_verdicts[3];
enum ex_verdict { EX_REPRODUCED, EX_NOT_REPRODUCED, EX_UNDECIDED };

/*
 * All claims of the paper, as far as the store can speak to them: those about the plan of the
 * trials, then those about other plans in the store (quick ones for a quick plan). Of struct
 * ex_claim *; NULL on error. Caller unrefs.
 */
GPtrArray *ex_claims_judge(ds_store *store, const ex_trials *trials, GError **error);

/* A row a claim, with all that is known of it. */
ex_table *ex_make_claims(const GPtrArray *claims);

/* The same in two tables that a page has room for: figures, and words with rules and commands. */
ex_table *ex_make_claim_figures(const GPtrArray *claims);
ex_table *ex_make_claim_rules(const GPtrArray *claims);

/* ---- between the files of claims ---- */

/* An undecided claim of which nothing is known yet; protocol and context may be NULL. */
struct ex_claim *ex_claims_add(GPtrArray *claims, const char *plan, const char *protocol,
                               const char *context, char *claim, const char *words,
                               const char *number);

/* Puts the figures of a claim in. */
void ex_claim_measure(struct ex_claim *claim, const struct ex_summary *ours,
                      const struct ex_summary *held_out, const struct ex_summary *null);

/* `adliotlog reproduce` of a plan, by its name in the store. seeds NULL: the plan's. */
char *ex_reproduce_command(const char *plan, const char *seeds);

/* Claims that compare protocols, or need plans of their own. */
gboolean ex_claims_add_contrasts(GPtrArray *claims, ds_store *store, const char *plan,
                                 GError **error);

/* Claims about who collaborates, and those that nothing here measures. */
gboolean ex_claims_add_detection(GPtrArray *claims, ds_store *store, const char *plan,
                                 GError **error);

#endif
