#include "experiments/subject.h"

#include "experiments/model_record.h"
#include "experiments/train_recipe.h"

static gboolean find_rival(ex_subject *subject, ds_store *store, GError **error)
{
    subject->rival = ex_find_rival(subject->name, error);
    if (!subject->rival ||
        !(subject->training_id = ds_find_pair_set(store, subject->training, error)))
        return FALSE;
    subject->pairs_sha256 = ex_sha256_pairs(store, subject->training_id, error);
    if (subject->pairs_sha256)
        subject->sha256 = ex_sha256_rival(subject->rival, subject->pairs_sha256);
    return subject->sha256 != NULL;
}

gboolean ex_subject_find(ex_subject *subject, ds_store *store, const char *path, const char *rival,
                         const char *training, GError **error)
{
    *subject = (ex_subject){.name = path ? path : rival, .training = training};
    if (!path)
        return find_rival(subject, store, error);
    subject->sha256 = ex_sha256_file(path, error);
    subject->model = subject->sha256 ? nn_model_load(path, error) : NULL;
    return subject->model != NULL;
}

static gboolean prepare_network(ex_subject *subject, int beam, GError **error)
{
    enum nn_task task;
    const struct nn_kernels *kernels = nn_kernels_choose(error);
    if (!kernels)
        return FALSE;
    if (!ex_train_read_task(subject->model->options, &task, error)) {
        g_prefix_error(error, "%s: ", subject->name);
        return FALSE;
    }
    subject->vocabulary = ds_vocabulary_new((const char *const *)subject->model->vocabulary);
    subject->predictor = nn_predictor_of_network(subject->model->network, task, beam, kernels);
    return TRUE;
}

gboolean ex_subject_prepare(ex_subject *subject, ds_store *store, gint64 pair_set_id, int beam,
                            GError **error)
{
    if (subject->model)
        return prepare_network(subject, beam, error);
    const gint64 more = subject->rival->knows_all ? pair_set_id : subject->training_id;
    subject->vocabulary = ds_vocabulary_build_two(store, subject->training_id, more, error);
    if (!subject->vocabulary)
        return FALSE;
    subject->corpus = ds_corpus_load(store, subject->training_id, subject->vocabulary, error);
    if (!subject->corpus)
        return FALSE;
    subject->predictor = nn_rival_fit(subject->rival, subject->corpus,
                                      ds_vocabulary_size(subject->vocabulary), error);
    return subject->predictor != NULL;
}

gint64 ex_subject_record(const ex_subject *subject, ds_store *store, const char *command_line,
                         GError **error)
{
    if (subject->model)
        return ex_record_model(store, subject->name, subject->sha256, subject->model->options,
                               error);
    return ex_record_rival(store, subject->rival, subject->training, subject->pairs_sha256,
                           command_line, error);
}

void ex_subject_clear(ex_subject *subject)
{
    nn_predictor_free(subject->predictor);
    ds_corpus_free(subject->corpus);
    ds_vocabulary_free(subject->vocabulary);
    nn_model_free(subject->model);
    g_free(subject->pairs_sha256);
    g_free(subject->sha256);
}
