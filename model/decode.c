#include "model/decode.h"

void nn_decode_greedy(nn_pass *pass, const gint32 *source, int n_source, struct nn_output *output)
{
    g_assert(pass->max_T > DS_MAX_WORDS);
    const gsize V = (gsize)pass->network->V;
    nn_pass_encode(pass, source, n_source);
    output->n_word = 0;
    output->ended = FALSE;
    output->log_probability = 0;
    pass->input[0] = DS_SOS;
    for (int p = 0; p <= DS_MAX_WORDS; p++) {
        nn_real *logits = pass->logits + p * V;
        nn_decoder_forward(pass, p, p + 1);
        const gint32 word = nn_argmax(logits, (int)V);
        output->ended = word == DS_EOS;
        if (p == DS_MAX_WORDS && !output->ended)
            break; /* no room for this word */
        const double score = logits[word];
        output->log_probability += score - pass->kernels->softmax(logits, (int)V);
        if (output->ended)
            break;
        output->words[output->n_word++] = word;
        pass->input[p + 1] = word;
    }
}
