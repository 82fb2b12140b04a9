/* What is tested: a network from its model file, or a rival that is fitted on a pair set. */
#ifndef EXPERIMENTS_SUBJECT_H
#define EXPERIMENTS_SUBJECT_H

#include "dataset/vocabulary.h"
#include "model/model_file.h"
#include "model/rival.h"

typedef struct ex_subject {
    const char *name; /* the model file as it was given, or the rival's name */
    char *sha256;     /* model.model_sha256 */

    nn_model *model; /* a network ... */

    const struct nn_rival *rival; /* ... or a rival, and what it is fitted on */
    const char *training;         /* name of the pair set */
    gint64 training_id;
    char *pairs_sha256;
    ds_corpus *corpus;

    ds_vocabulary *vocabulary; /* of what it says */
    nn_predictor *predictor;
} ex_subject;

/*
 * Finds out what it is: reads the model file (path), or looks for the rival and its pair set
 * (path NULL). The strings must outlive it. The caller clears it in any case.
 */
gboolean ex_subject_find(ex_subject *subject, ds_store *store, const char *path, const char *rival,
                         const char *training, GError **error);

/* Makes the predictor, to be tested on a pair set; beam as in nn_predictor_of_network(). */
gboolean ex_subject_prepare(ex_subject *subject, ds_store *store, gint64 pair_set_id, int beam,
                            GError **error);

/* The number of its row in table model, which it gets if it has none. Inside a transaction. */
gint64 ex_subject_record(const ex_subject *subject, ds_store *store, const char *command_line,
                         GError **error);

void ex_subject_clear(ex_subject *subject);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ex_subject, ex_subject_clear)

#endif
