/*
 * The network against PyTorch: loss, probabilities and the gradient of every tensor, for the cases
 * of tests/data/vectors (see make_vectors.py there).
 */
#include "model/pass.h"
#include <math.h>
#include <string.h>

/* Largest difference allowed, over the largest number of the reference. */
#define TOLERANCE 1e-4

static GKeyFile *cases;
static nn_network *network;

static char *path_of(const char *name)
{
    const char *top = g_getenv("TOP");
    g_assert_nonnull(top);
    return g_build_filename(top, "tests", "data", "vectors", name, NULL);
}

/* The numbers of a file of exactly n. Caller frees. */
static float *read_numbers(const char *name, gsize n)
{
    g_autofree char *path = path_of(name);
    g_autoptr(GError) error = NULL;
    char *contents;
    gsize size;
    g_file_get_contents(path, &contents, &size, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(size, ==, n * sizeof(float));
    return (float *)(void *)contents;
}

static void assert_close(const char *what, const nn_real *x, const float *reference, gsize n)
{
    double scale = 0, difference = 0;
    for (gsize i = 0; i < n; i++) {
        scale = fmax(scale, fabs(reference[i]));
        g_assert_true(isfinite(x[i]));
        difference = fmax(difference, fabs((double)x[i] - reference[i]));
    }
    /* A gradient that is zero must be zero: nothing to compare it with. */
    const double relative = scale > 0 ? difference / scale : difference;
    g_test_message("%s: %.1e", what, relative);
    g_assert_cmpfloat(relative, <, TOLERANCE);
}

static gint32 *read_words(const char *group, const char *key, int *n)
{
    gsize length;
    gint32 *words = g_key_file_get_integer_list(cases, group, key, &length, NULL);
    g_assert_nonnull(words);
    *n = (int)length;
    return words;
}

static void test_case(gconstpointer data)
{
    const char *group = data;
    int n_source, n_target;
    g_autofree gint32 *source = read_words(group, "source", &n_source);
    g_autofree gint32 *target = read_words(group, "target", &n_target);
    const gboolean forced = g_key_file_get_boolean(cases, group, "teacher_forcing", NULL);
    const int T = g_key_file_get_integer(cases, group, "steps", NULL);
    const gsize V = (gsize)network->V;
    g_autofree char *name = g_strconcat(strchr(group, ' ') + 1, ".bin", NULL);
    g_autofree float *reference = read_numbers(name, network->n_weight + T * V);
    const float *probability = reference + network->n_weight;

    g_autoptr(nn_pass) pass = nn_pass_new(network, n_source, n_target);
    g_autofree nn_real *gradient = g_new(nn_real, network->n_weight);
    for (int set = 0; nn_kernels_at(set); set++) {
        pass->kernels = nn_kernels_at(set);
        g_test_message("kernels: %s", pass->kernels->isa);
        const double nll = nn_pass_forward(pass, source, n_source, target, n_target, forced);
        g_assert_cmpint(pass->T, ==, T);
        const double expected = g_key_file_get_double(cases, group, "nll", NULL);
        g_assert_cmpfloat(fabs(nll - expected), <, TOLERANCE * expected);

        for (int p = 0; p < T; p++) /* logits hold the gradient, probability - 1 at the target */
            pass->logits[p * V + target[p]] += 1;
        assert_close("probabilities", pass->logits, probability, T * V);
        for (int p = 0; p < T; p++)
            pass->logits[p * V + target[p]] -= 1;

        nn_pass_backward(pass);
        memset(gradient, 0, network->n_weight * sizeof(*gradient));
        nn_pass_update(pass, gradient, 1);
        for (int i = 0; i < NN_N_TENSOR; i++) {
            const struct nn_tensor *tensor = &network->tensor[i];
            assert_close(tensor->name, gradient + tensor->offset, reference + tensor->offset,
                         tensor->size);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *path = path_of("cases.ini");
    cases = g_key_file_new();
    g_assert_true(g_key_file_load_from_file(cases, path, G_KEY_FILE_NONE, NULL));
    network = nn_network_new(g_key_file_get_integer(cases, "network", "hidden", NULL),
                             g_key_file_get_integer(cases, "network", "vocabulary", NULL));
    g_autofree float *weights = read_numbers("weights.bin", network->n_weight);
    memcpy(network->weights, weights, network->n_weight * sizeof(float));

    g_auto(GStrv) groups = g_key_file_get_groups(cases, NULL);
    int n_case = 0;
    for (int i = 0; groups[i]; i++) {
        if (!g_str_has_prefix(groups[i], "case "))
            continue;
        g_autofree char *test = g_strconcat("/vectors/", groups[i] + strlen("case "), NULL);
        g_test_add_data_func(test, groups[i], test_case);
        n_case++;
    }
    g_assert_cmpint(n_case, ==, 6);
    const int status = g_test_run();
    nn_network_free(network);
    g_key_file_free(cases);
    return status;
}
