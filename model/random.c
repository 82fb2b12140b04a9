#include "model/random.h"
#include <math.h>

static guint64 rotate_left(guint64 x, int n)
{
    return x << n | x >> (64 - n);
}

/* splitmix64: one step of a counter, mixed. */
static guint64 splitmix(guint64 *counter)
{
    guint64 x = *counter += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

void nn_random_init(struct nn_random *random, guint64 seed, enum nn_stream stream)
{
    /* The seed is mixed before the stream comes in: neighbouring seeds share no stream. */
    guint64 counter = splitmix(&seed) + stream;
    counter = splitmix(&counter);
    for (int i = 0; i < 4; i++)
        random->state[i] = splitmix(&counter);
}

guint64 nn_random_next(struct nn_random *random)
{
    guint64 *s = random->state;
    const guint64 result = rotate_left(s[0] + s[3], 23) + s[0];
    const guint64 t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double nn_random_uniform(struct nn_random *random)
{
    return (double)(nn_random_next(random) >> 11) * 0x1p-53;
}

int nn_random_below(struct nn_random *random, int n)
{
    /* What lies above the last whole multiple of n is drawn again. */
    const guint64 count = (guint64)n, last = G_MAXUINT64 - G_MAXUINT64 % count;
    guint64 x;
    do
        x = nn_random_next(random);
    while (x >= last);
    return (int)(x % count);
}

double nn_random_normal(struct nn_random *random)
{
    double x, y, square;
    do {
        x = 2 * nn_random_uniform(random) - 1;
        y = 2 * nn_random_uniform(random) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    return x * sqrt(-2 * log(square) / square);
}
