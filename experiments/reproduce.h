/* What `reproduce` keeps while it carries out a plan; its stages, one after the other. */
#ifndef EXPERIMENTS_REPRODUCE_H
#define EXPERIMENTS_REPRODUCE_H

#include "dataset/store.h"
#include "experiments/plan.h"

/* The rows of Table II: what is trained on what, and tested on what. */
enum { EX_ROW_WITHOUT, EX_ROW_WITH, EX_ROW_WITH_ATTACK_RUN, EX_N_ROW };

/* The two runs of a test: their numbers in the store. */
struct ex_twin {
    gint64 benign, attacked;
};

/* What is trained and tested together: one seed of a protocol and variant. */
struct ex_case {
    struct ex_place place; /* without a test */
    gint64 seed;
    struct ex_twin *twins; /* [n_test] */
};

struct ex_reproduction {
    const ex_plan *plan;
    ds_store *store;
    const char *out, *store_path;
    int jobs;
    int n_test;
    GPtrArray *cases; /* of struct ex_case *, owned */
};

/* The place of a case with one of the plan's tests. */
struct ex_place ex_case_place(const struct ex_reproduction *r, const struct ex_case *c, int test);

/* A list of steps; adding one that it holds already changes nothing. Takes the step over. */
GPtrArray *ex_steps_new(void);
void ex_add_step(GPtrArray *steps, GPtrArray *step);

/* One call of simulate, and what came of it. */
struct ex_request {
    GPtrArray *step;      /* without its seeds */
    GArray *seeds;        /* of gint64 */
    char **directories;   /* that simulate printed */
    gboolean benign_only; /* it is not of twins: attacked stays 0 */
    GHashTable *twins;    /* seed (gint64 *) -> struct ex_twin *, both runs of each */
};

/*
 * A request that the list, of struct ex_request *, holds already, or a new one there. The step of
 * ex_simulation_step() is taken over. ex_requests_new() makes the list.
 */
GPtrArray *ex_requests_new(void);
struct ex_request *ex_request_find(GPtrArray *requests, GPtrArray *step);
void ex_request_add_seed(struct ex_request *request, gint64 seed);

/* simulate with the plan's options at a place, for "none" and an attack between commas. */
GPtrArray *ex_simulation_step(const struct ex_reproduction *r, struct ex_place place,
                              const char *attacks);

/* The attack that a place names. Caller frees. */
char *ex_place_attack(const struct ex_reproduction *r, struct ex_place place);

/* Simulates what is missing, ingests what the store lacks, and fills in directories and twins. */
gboolean ex_requests_run(const struct ex_reproduction *r, GPtrArray *requests, GError **error);

/* Simulates and ingests what is missing, and fills in the twins of all cases. */
gboolean ex_reproduce_runs(const struct ex_reproduction *r, GError **error);

/* The name of a pair set; variants that change nothing of it share that of the default. */
char *ex_set_name(const struct ex_reproduction *r, const struct ex_case *c, int row, int test);

/* Builds the pair sets that are missing, and checks that they have as many pairs as planned. */
gboolean ex_reproduce_pairs(const struct ex_reproduction *r, GError **error);

/* Errors in the options of train, at any place, before anything is simulated. */
gboolean ex_check_train_options(const ex_plan *plan, GError **error);

/*
 * Trainings take most of the time, so all that a plan needs are in one list: those of Table II,
 * which are long, then those of its parts, which fill what would be idle otherwise.
 */

/* Adds the trainings of Table II that are missing. */
gboolean ex_add_models(const struct ex_reproduction *r, GPtrArray *trainings, GError **error);

/* If the plan has a group [audit]: makes pairs of controls, and adds their trainings. */
gboolean ex_prepare_audit(const struct ex_reproduction *r, GPtrArray *trainings, GError **error);

/*
 * If the plan has a group [detection] or [federation]: simulates, makes pairs, and adds trainings.
 * *part is NULL when it has not. Caller frees.
 */
typedef struct ex_detection_part ex_detection_part;
gboolean ex_prepare_detection(const struct ex_reproduction *r, ex_detection_part **part,
                              GPtrArray *trainings, GError **error);
void ex_detection_part_free(ex_detection_part *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_detection_part, ex_detection_part_free)

typedef struct ex_federation_part ex_federation_part;
gboolean ex_prepare_federation(const struct ex_reproduction *r, ex_federation_part **part,
                               GPtrArray *trainings, GError **error);
void ex_federation_part_free(ex_federation_part *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ex_federation_part, ex_federation_part_free)

/* Tests them and the rivals, and writes the rows of table trial. */
gboolean ex_reproduce_tests(const struct ex_reproduction *r, GError **error);

/*
 * The step that builds the pair set of a row and test, under any name; the combined set takes half
 * of its pairs from each run. And the one that trains on a pair set as the plan says.
 */
GPtrArray *ex_pairs_step(const struct ex_reproduction *r, const struct ex_case *c, int row,
                         int test, const char *name);
GPtrArray *ex_training_step(const struct ex_reproduction *r, const struct ex_case *c,
                            const char *pairs, const char *path);

/* Each adds a step to the list, which it takes over, unless the store holds what it makes. */
gboolean ex_add_pairs(const struct ex_reproduction *r, GPtrArray *step, GPtrArray *steps,
                      GError **error);
gboolean ex_add_training(const struct ex_reproduction *r, GPtrArray *step, const char *pairs,
                         const char *path, GPtrArray *steps, GError **error);
/* The same for `evaluate --model --pairs`, or `detect`. */
gboolean ex_add_test(const struct ex_reproduction *r, struct ex_place place, const char *command,
                     const char *model, const char *pairs, GPtrArray *steps, GError **error);

/* The same for `evaluate --rival --train --pairs`. */
gboolean ex_add_rival(const struct ex_reproduction *r, const char *rival, const char *training,
                      const char *pairs, GPtrArray *steps, GError **error);

/* The SHA-256 of a rival that was tested so, by which the store knows it. Caller frees. */
char *ex_rival_sha256(const struct ex_reproduction *r, const char *rival, const char *training,
                      const char *pairs, GError **error);

/* With all models trained: looks for leaks in the tests of each protocol's lowest seed. */
gboolean ex_reproduce_audit(const struct ex_reproduction *r, GError **error);

/* Likewise: tests the models, then scores and ranks the detectors. part may be NULL. */
gboolean ex_finish_detection(const ex_detection_part *part, GError **error);

/* Likewise: tests the models. part may be NULL. */
gboolean ex_finish_federation(const ex_federation_part *part, GError **error);

/* TG_ERROR_NO when an audit of this plan has found a leak. */
gboolean ex_check_audit(const struct ex_reproduction *r, GError **error);

/* The file of the model that a row of Table II is tested with. Caller frees. */
char *ex_model_path(const struct ex_reproduction *r, const struct ex_case *c, int row);

#endif
