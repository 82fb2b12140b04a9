/* What a plan's federation came to: central, local and federated learning side by side. */
#ifndef EXPERIMENTS_REPORT_FEDERATION_H
#define EXPERIMENTS_REPORT_FEDERATION_H

#include "dataset/store.h"
#include "experiments/report_stats.h"
#include "experiments/report_table.h"

/* Who learned, and on whose pairs it was tested: those that it also learned from, in another
   simulation, or only those of other gateways. */
enum ex_federation_method {
    EX_CENTRAL,
    EX_FEDERATED,
    EX_LOCAL_OWN,
    EX_LOCAL_OTHER,
    EX_N_FEDERATION_METHOD
};

/* One number of gateways and one protocol. */
struct ex_federation {
    int n_gateway;
    char *protocol;
    GArray *seeds[EX_N_FEDERATION_METHOD];  /* of gint64, ascending */
    GArray *values[EX_N_FEDERATION_METHOD]; /* of double: accuracy in percent, mean over gateways */
};

/* Of struct ex_federation *, by number of gateways; empty when the plan has no federation. NULL on
   error. Caller unrefs. */
GPtrArray *ex_federations_read(ds_store *store, const char *plan, GError **error);

struct ex_summary ex_federation_summary(const struct ex_federation *federation,
                                        enum ex_federation_method method);

/* Of what federated learning has more than central learning, seed by seed, points. */
struct ex_summary ex_federation_gain(const struct ex_federation *federation);

/* A row per number of gateways and method. */
ex_table *ex_make_federations(const GPtrArray *federations);

/* A row per trial: who learned with which seed, tested on which gateway's pairs. NULL on error. */
ex_table *ex_make_federation_trials(ds_store *store, const char *plan, GError **error);

#endif
