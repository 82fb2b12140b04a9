#include "model/decode.h"
#include "model/pass.h"

struct nn_decoder {
    nn_pass *pass;
};

nn_decoder *nn_decoder_new(const nn_network *network)
{
    nn_decoder *decoder = g_new(nn_decoder, 1);
    decoder->pass = nn_pass_new(network, DS_MAX_WORDS + 1, DS_MAX_WORDS + 1);
    return decoder;
}

void nn_decoder_free(nn_decoder *decoder)
{
    if (!decoder)
        return;
    nn_pass_free(decoder->pass);
    g_free(decoder);
}

void nn_decode_greedy(nn_decoder *decoder, const gint32 *source, int n_source,
                      struct nn_output *output)
{
    nn_pass *pass = decoder->pass;
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
