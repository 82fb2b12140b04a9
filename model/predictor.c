#include "model/predictor.h"

void nn_predictor_free(nn_predictor *predictor)
{
    if (predictor)
        predictor->class->free(predictor);
}

nn_predicting *nn_predicting_new(const nn_predictor *predictor, int max_S)
{
    nn_predicting *predicting = predictor->class->begin(predictor, max_S);
    predicting->predictor = predictor;
    return predicting;
}

void nn_predicting_free(nn_predicting *predicting)
{
    if (predicting)
        predicting->predictor->class->end(predicting);
}

void nn_predict(nn_predicting *predicting, const struct nn_sentence *sources, int n,
                struct nn_output *outputs)
{
    predicting->predictor->class->predict(predicting, sources, n, outputs);
}

void nn_score(nn_predicting *predicting, const struct nn_sentence *sources,
              const struct nn_sentence *targets, int n, struct nn_score *scores)
{
    predicting->predictor->class->score(predicting, sources, targets, n, scores);
}
