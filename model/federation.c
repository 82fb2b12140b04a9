#include "model/federation.h"
#include <math.h>

void nn_federation_average(const nn_real *const *weights, const double *share, int K, gsize n,
                           nn_real *mean)
{
    double total = 0;
    for (int k = 0; k < K; k++)
        total += share[k];
    for (gsize i = 0; i < n; i++) {
        double sum = 0;
        for (int k = 0; k < K; k++)
            sum += share[k] * weights[k][i];
        mean[i] = (nn_real)(sum / total);
    }
}

double nn_federation_clip(const nn_real *global, nn_real *weights, gsize n, double limit)
{
    double square = 0;
    for (gsize i = 0; i < n; i++) {
        const double update = (double)weights[i] - global[i];
        square += update * update;
    }
    const double norm = sqrt(square);
    if (norm <= limit)
        return norm;
    const double factor = limit / norm;
    for (gsize i = 0; i < n; i++)
        weights[i] = (nn_real)(global[i] + ((double)weights[i] - global[i]) * factor);
    return norm;
}

void nn_federation_add_noise(nn_real *weights, gsize n, double deviation, struct nn_random *random)
{
    for (gsize i = 0; i < n; i++)
        weights[i] = (nn_real)(weights[i] + deviation * nn_random_normal(random));
}

double nn_federation_epsilon(int n_round, double noise, double delta)
{
    const double rho = n_round / (2 * noise * noise);
    return rho + 2 * sqrt(rho * log(1 / delta));
}

void nn_federation_draw(guint64 seed, int round, double participation, double drop, int K,
                        enum nn_part *parts)
{
    struct nn_random random;
    nn_random_init(&random, seed, (enum nn_stream)(NN_STREAM_ROUND + round));
    int left = MAX(1, (int)lround(participation * K));
    for (int k = 0; k < K; k++) { /* as many of those that come as are still to be asked */
        const gboolean asked = nn_random_below(&random, K - k) < left;
        const gboolean lost = nn_random_uniform(&random) < drop;
        parts[k] = !asked ? NN_NOT_ASKED : lost ? NN_LOST : NN_ASKED;
        left -= asked;
    }
}

void nn_federation_client_random(struct nn_random *random, guint64 seed, int k)
{
    nn_random_init(random, seed,
                   k == 0 ? NN_STREAM_TRAINING : (enum nn_stream)(NN_STREAM_CLIENT + k));
}
