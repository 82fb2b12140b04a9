#include "model/predictor.h"

struct network_predictor {
    nn_predictor base;
    const nn_network *network;
    enum nn_task task;
    int beam;
    const struct nn_kernels *kernels;
};

struct network_predicting {
    nn_predicting base;
    nn_decoding *decoding;
    int lanes;
};

static nn_predicting *begin(const nn_predictor *predictor, int max_S)
{
    const struct network_predictor *p = (const struct network_predictor *)predictor;
    struct network_predicting *predicting = g_new0(struct network_predicting, 1);
    predicting->lanes = p->beam > 1 ? p->beam : NN_SENTENCES;
    predicting->decoding =
        nn_decoding_new(p->network, p->task, max_S, predicting->lanes, p->kernels);
    return &predicting->base;
}

static void end(nn_predicting *predicting)
{
    nn_decoding_free(((struct network_predicting *)predicting)->decoding);
    g_free(predicting);
}

static void predict(nn_predicting *predicting, const struct nn_sentence *sources, int n,
                    struct nn_output *outputs)
{
    const struct network_predicting *p = (const struct network_predicting *)predicting;
    const int beam = ((const struct network_predictor *)predicting->predictor)->beam;
    for (int i = 0; beam > 1 && i < n; i++)
        nn_decode_beam(p->decoding, sources[i], &outputs[i]);
    for (int i = 0; beam == 1 && i < n; i += p->lanes)
        nn_decode_greedy(p->decoding, sources + i, MIN(p->lanes, n - i), outputs + i);
}

static void score(nn_predicting *predicting, const struct nn_sentence *sources,
                  const struct nn_sentence *targets, int n, struct nn_score *scores)
{
    const struct network_predicting *p = (const struct network_predicting *)predicting;
    for (int i = 0; i < n; i += p->lanes)
        nn_decode_score(p->decoding, sources + i, targets + i, MIN(p->lanes, n - i), scores + i);
}

static void free_predictor(nn_predictor *predictor)
{
    g_free(predictor);
}

nn_predictor *nn_predictor_of_network(const nn_network *network, enum nn_task task, int beam,
                                      const struct nn_kernels *kernels)
{
    static const struct nn_predictor_class class = {begin, end, predict, score, free_predictor};
    const char *summary = task == NN_NEXT_WORD
                              ? "says the most probable next words of a language model"
                              : "says what encoder, attention and decoder find most probable";
    g_assert(beam >= 1 && beam <= NN_MAX_LANES);
    struct network_predictor *p = g_new0(struct network_predictor, 1);
    p->base = (nn_predictor){&class, "network", summary, network->V};
    p->network = network;
    p->task = task;
    p->beam = beam;
    p->kernels = kernels;
    return &p->base;
}
