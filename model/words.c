/*
 * The words of an event line repeat: in ns-2's, one in four has come before. What depends on a word
 * alone, its product with a matrix and the gradient of that, is computed once for each distinct
 * word of a sentence: sum_i dy_i x_i^T over the places of one word is (sum_i dy_i) x^T.
 */
#include "model/layer.h"
#include <string.h>

static void find_distinct(struct nn_words *words, const gint32 *sentence, int n)
{
    g_assert(n <= NN_MAX_POSITION);
    words->n_place = n;
    words->n = 0;
    for (int i = 0; i < n; i++) { /* at most 101 words: less than a microsecond */
        int j = 0;
        while (j < words->n && words->word[j] != sentence[i])
            j++;
        if (j == words->n)
            words->word[words->n++] = sentence[i];
        words->index[i] = j;
    }
}

/* x [n][H] = the rows of an embedding, this thread's columns. */
static void embed(const struct nn_worker *me, const struct nn_network *network,
                  enum nn_tensor_id embedding, const struct nn_words *words, struct nn_matrix x)
{
    const struct nn_range own = nn_own(me, network->H);
    const struct nn_matrix rows = nn_matrix_of(network, network->weights, embedding);
    for (int j = 0; j < words->n; j++)
        memcpy(nn_row(x, j) + own.first, nn_row(rows, words->word[j]) + own.first,
               own.n * sizeof(nn_real));
}

void nn_words_spread(const struct nn_words *words, struct nn_matrix from, struct nn_matrix to,
                     struct nn_range columns)
{
    for (int i = 0; i < words->n_place; i++)
        memcpy(nn_row(to, i) + columns.first, nn_row(from, words->index[i]) + columns.first,
               columns.n * sizeof(nn_real));
}

void nn_words_collect(const struct nn_worker *me, const struct nn_words *words,
                      struct nn_matrix from, struct nn_matrix to, struct nn_range columns)
{
    if (columns.n == 0)
        return;
    from = nn_columns(from, columns.first, columns.n);
    to = nn_columns(to, columns.first, columns.n);
    int n = 0; /* rows of `to` that hold something */
    for (int i = 0; i < words->n_place; i++) {
        nn_real *sum = nn_row(to, words->index[i]);
        if (words->index[i] == n) {
            memcpy(sum, nn_row(from, i), columns.n * sizeof(nn_real));
            n++;
        } else {
            me->kernels->add_sum(sum, 1, nn_rows(from, i, 1));
        }
    }
}

/* This thread's columns in gate g of a vector of gates. */
static struct nn_range own_gate(const struct nn_worker *me, int H, int g)
{
    const struct nn_range own = nn_own(me, H);
    return (struct nn_range){g * H + own.first, own.n};
}

/* The part of w_ih that multiplies the words: the decoder's has columns for the context too. */
static struct nn_matrix word_columns(const struct nn_network *network, nn_real *weights,
                                     const struct nn_layer_tensors *tensors)
{
    return nn_columns(nn_matrix_of(network, weights, tensors->w_ih), 0, network->H);
}

void nn_input_forward(const struct nn_worker *me, const struct nn_network *network,
                      const struct nn_layer_tensors *tensors, const gint32 *sentence, int n,
                      const struct nn_input_scratch *scratch, struct nn_words *words,
                      struct nn_matrix gi)
{
    const nn_real *bias = nn_view(network, network->weights, tensors->b_ih);
    find_distinct(words, sentence, n);
    embed(me, network, tensors->embedding, words, scratch->x);
    nn_meet(me);
    nn_multiply(me, network->H, word_columns(network, network->weights, tensors), bias,
                nn_rows(scratch->x, 0, words->n), scratch->gi);
    for (int g = 0; g < network->G; g++)
        nn_words_spread(words, scratch->gi, gi, own_gate(me, network->H, g));
}

void nn_input_backward(nn_pass *pass, const struct nn_worker *me, const struct nn_layer *layer,
                       struct nn_sink sink)
{
    const struct nn_network *network = pass->network;
    struct nn_words words;
    find_distinct(&words, layer->words, layer->n);
    const struct nn_matrix x = nn_rows(pass->x, 0, words.n), dx = nn_rows(pass->dx, 0, words.n);
    const struct nn_matrix dgi = nn_rows(pass->x_gi, 0, words.n);
    embed(me, network, layer->tensors->embedding, &words, x);
    for (int g = 0; g < network->G; g++)
        nn_words_collect(me, &words, layer->gi, dgi, own_gate(me, network->H, g));
    nn_clear_columns(me, dx);
    nn_clear_sums(me, pass->word_sums, words.n);
    nn_meet(me);
    nn_backward(me, network->H, word_columns(network, network->weights, layer->tensors),
                word_columns(network, sink.weights, layer->tensors), sink.scale, dgi, x,
                pass->word_sums);
    if (layer == &pass->decoder)
        nn_attention_learn_words(pass, me, &words, sink);
    nn_meet(me);
    nn_add_sums(me, pass->word_sums, dx);

    const struct nn_range own = nn_own(me, network->H);
    const struct nn_matrix rows = nn_matrix_of(network, sink.weights, layer->tensors->embedding);
    for (int j = 0; j < words.n && own.n > 0; j++)
        me->kernels->add_sum(nn_row(rows, words.word[j]) + own.first, sink.scale,
                             nn_rows(nn_columns(dx, own.first, own.n), j, 1));
}
