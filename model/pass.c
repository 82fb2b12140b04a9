#include "model/pass.h"
#include "dataset/corpus.h"
#include <string.h>

struct array {
    nn_real **data;
    gsize size;
};

enum { N_ARRAY = 23 };

static void list_arrays(nn_pass *pass, struct array list[N_ARRAY])
{
    const gsize H = (gsize)pass->network->H, V = (gsize)pass->network->V;
    const gsize S = (gsize)pass->max_S, T = (gsize)pass->max_T;
    const struct array all[] = {
        {&pass->x, S * H},        {&pass->enc_gi, S * 3 * H}, {&pass->enc_gh, S * 3 * H},
        {&pass->h, (S + 1) * H},  {&pass->k, S * H},          {&pass->c, S * 3 * H},
        {&pass->y, T * H},        {&pass->q, T * H},          {&pass->u, T * S * H},
        {&pass->alpha, T * S},    {&pass->dec_gi, T * 3 * H}, {&pass->dec_gh, T * 3 * H},
        {&pass->s, (T + 1) * H},  {&pass->logits, T * V},     {&pass->dx, S * H},
        {&pass->dh, (S + 1) * H}, {&pass->dk, S * H},         {&pass->dc, S * 3 * H},
        {&pass->dy, T * H},       {&pass->dq, T * H},         {&pass->ds, (T + 1) * H},
        {&pass->dv, H},           {&pass->dscore, S},
    };
    G_STATIC_ASSERT(G_N_ELEMENTS(all) == N_ARRAY);
    memcpy(list, all, sizeof(all));
}

nn_pass *nn_pass_new(const struct nn_network *network, int max_S, int max_T)
{
    nn_pass *pass = g_new0(nn_pass, 1);
    pass->network = network;
    pass->kernels = nn_kernels_at(0);
    pass->max_S = max_S;
    pass->max_T = max_T;
    pass->source = g_new(gint32, max_S);
    pass->input = g_new(gint32, max_T);

    struct array list[N_ARRAY];
    list_arrays(pass, list);
    for (int i = 0; i < N_ARRAY; i++)
        *list[i].data = g_aligned_alloc0(list[i].size, sizeof(nn_real), 64);
    return pass;
}

void nn_pass_free(nn_pass *pass)
{
    if (!pass)
        return;
    struct array list[N_ARRAY];
    list_arrays(pass, list);
    for (int i = 0; i < N_ARRAY; i++)
        g_aligned_free(*list[i].data);
    g_free(pass->source);
    g_free(pass->input);
    g_free(pass);
}

struct nn_matrix nn_matrix(const struct nn_network *network, nn_real *weights, enum nn_tensor_id id)
{
    const struct nn_tensor *tensor = &network->tensor[id];
    return (struct nn_matrix){weights + tensor->offset, tensor->rows, tensor->cols,
                              (gsize)tensor->cols};
}

struct nn_matrix nn_columns(struct nn_matrix matrix, int first, int cols)
{
    return (struct nn_matrix){matrix.data + first, matrix.rows, cols, matrix.stride};
}

void nn_embed(const nn_pass *pass, enum nn_tensor_id id, const gint32 *words, int n, nn_real *x)
{
    const gsize H = (gsize)pass->network->H;
    const nn_real *embedding = nn_view(pass->network, pass->network->weights, id);
    for (int i = 0; i < n; i++)
        memcpy(x + i * H, embedding + (gsize)words[i] * H, H * sizeof(*x));
}

void nn_embed_update(const nn_pass *pass, nn_real *weights, nn_real scale, enum nn_tensor_id id,
                     const gint32 *words, int n, const nn_real *dx)
{
    const int H = pass->network->H;
    nn_real *embedding = nn_view(pass->network, weights, id);
    /* One word after the other: a word may come more than once. */
    for (int i = 0; i < n; i++)
        pass->kernels->add_sum(embedding + (gsize)words[i] * H, scale, dx + (gsize)i * H, H, 1);
}

int nn_argmax(const nn_real *x, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (x[i] > x[best])
            best = i;
    return best;
}

/*
 * Runs the decoder on its own predictions and returns the number of steps. Steps are computed
 * several at a time, on the guess that each predicts the word of the target; where one does not,
 * the steps after it are computed again, from the word that it did predict.
 */
static int run_free(nn_pass *pass, const gint32 *target, int n_target)
{
    const int V = pass->network->V;
    int at_once = 4;
    for (int from = 0; from < n_target;) {
        const int to = MIN(from + at_once, n_target);
        for (int p = from + 1; p < to; p++)
            pass->input[p] = target[p - 1];
        nn_decoder_forward(pass, from, to);
        at_once *= 2;
        for (int p = from; p < to; p++) {
            const gint32 word = nn_argmax(pass->logits + (gsize)p * V, V);
            from = p + 1;
            if (word == DS_EOS)
                return from;
            if (from < n_target)
                pass->input[from] = word;
            if (word != target[p]) {
                at_once = 1;
                break;
            }
        }
    }
    return n_target;
}

/* The summed NLL; logits become its gradient, softmax(logits) - 1 at the word of the target. */
static double take_loss(nn_pass *pass, const gint32 *target)
{
    const int V = pass->network->V;
    double nll = 0;
    for (int p = 0; p < pass->T; p++) {
        nn_real *logits = pass->logits + (gsize)p * V;
        const double score = logits[target[p]];
        nll += pass->kernels->softmax(logits, V) - score;
        logits[target[p]] -= 1;
    }
    return nll;
}

void nn_pass_encode(nn_pass *pass, const gint32 *source, int n_source)
{
    g_assert(n_source >= 1 && n_source <= pass->max_S);
    pass->S = n_source;
    memcpy(pass->source, source, n_source * sizeof(*source));
    nn_encoder_forward(pass);
    nn_decoder_begin(pass);
}

double nn_pass_forward(nn_pass *pass, const gint32 *source, int n_source, const gint32 *target,
                       int n_target, gboolean teacher_forcing)
{
    g_assert(n_target >= 1 && n_target <= pass->max_T);
    nn_pass_encode(pass, source, n_source);
    pass->input[0] = DS_SOS;
    if (teacher_forcing) {
        memcpy(pass->input + 1, target, (n_target - 1) * sizeof(*target));
        nn_decoder_forward(pass, 0, n_target);
        pass->T = n_target;
    } else {
        pass->T = run_free(pass, target, n_target);
    }
    return take_loss(pass, target);
}

void nn_pass_backward(nn_pass *pass)
{
    nn_decoder_backward(pass);
    nn_encoder_backward(pass);
}

void nn_pass_update(const nn_pass *pass, nn_real *weights, nn_real scale)
{
    nn_encoder_update(pass, weights, scale);
    nn_decoder_update(pass, weights, scale);
}
