/*
 * Whatever, after a source sentence, says the next one: the network (predictor_network.c) and its
 * rivals (rival.h), behind one interface.
 *
 * A predictor does not change any more: threads share it, each with a nn_predicting of its own. A
 * sentence is predicted as if it were alone, to the bit, so that threads, and how many sentences
 * go side by side, change nothing.
 */
#ifndef MODEL_PREDICTOR_H
#define MODEL_PREDICTOR_H

#include "model/decode.h"

typedef struct nn_predictor nn_predictor;
typedef struct nn_predicting nn_predicting;

/* What predictors of one kind have in common. */
struct nn_predictor_class {
    nn_predicting *(*begin)(const nn_predictor *predictor, int max_S);
    void (*end)(nn_predicting *predicting);
    void (*predict)(nn_predicting *predicting, const struct nn_sentence *sources, int n,
                    struct nn_output *outputs);
    void (*score)(nn_predicting *predicting, const struct nn_sentence *sources,
                  const struct nn_sentence *targets, int n, struct nn_score *scores);
    void (*free)(nn_predictor *predictor);
};

/* The first member of every predictor, and of every thread's working memory. */
struct nn_predictor {
    const struct nn_predictor_class *class;
    const char *name, *summary; /* "network" ..., one line; live as long as the program */
    int V;                      /* words it knows: 0 .. V - 1 */
};
struct nn_predicting {
    const nn_predictor *predictor;
};

void nn_predictor_free(nn_predictor *predictor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nn_predictor, nn_predictor_free)

/* Working memory for one thread, for sources of up to max_S words. The predictor must outlive it.
 */
nn_predicting *nn_predicting_new(const nn_predictor *predictor, int max_S);
void nn_predicting_free(nn_predicting *predicting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nn_predicting, nn_predicting_free)

/* What it says after n sources, 1 <= n; some NN_SENTENCES at a time are the fastest. */
void nn_predict(nn_predicting *predicting, const struct nn_sentence *sources, int n,
                struct nn_output *outputs);

/* What it thinks of targets [n], each after its source. */
void nn_score(nn_predicting *predicting, const struct nn_sentence *sources,
              const struct nn_sentence *targets, int n, struct nn_score *scores);

/*
 * A network trained for a task, decoding greedily (beam = 1) or with a beam of 2 .. NN_MAX_LANES;
 * scores do not depend on it. kernels NULL: the fastest. The network must outlive it. Caller frees.
 */
nn_predictor *nn_predictor_of_network(const nn_network *network, enum nn_task task, int beam,
                                      const struct nn_kernels *kernels);

#endif
