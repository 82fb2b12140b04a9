#include "model/bleu.h"
#include <math.h>

/* Words of output that reference holds too, each word of reference used once. */
static int count_matches(const gint32 *reference, int n_reference, const gint32 *output,
                         int n_output)
{
    gboolean used[DS_MAX_WORDS] = {FALSE};
    int n = 0;
    for (int i = 0; i < n_output; i++) {
        for (int j = 0; j < n_reference; j++) {
            if (output[i] == reference[j] && output[i] != DS_UNK && !used[j]) {
                used[j] = TRUE;
                n++;
                break;
            }
        }
    }
    return n;
}

double nn_bleu1(const gint32 *reference, int n_reference, const gint32 *output, int n_output)
{
    g_assert(n_reference <= DS_MAX_WORDS && n_output <= DS_MAX_WORDS);
    if (n_output == 0)
        return n_reference == 0;
    const double precision =
        (double)count_matches(reference, n_reference, output, n_output) / n_output;
    const double penalty = n_output < n_reference ? exp(1 - (double)n_reference / n_output) : 1;
    return penalty * precision;
}

double nn_bleu1_copy(const struct ds_pair *pair)
{
    return nn_bleu1(pair->target, pair->n_target - 1, pair->source, pair->n_source - 1);
}
