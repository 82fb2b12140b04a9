/*
 * Networks against PyTorch: loss, probabilities and the gradient of every tensor, for the cases of
 * tests/data/vectors (see make_vectors.py there).
 */
#include "model/pass.h"
#include <math.h>
#include <string.h>

/* Largest difference allowed, over the largest number of the reference. */
#define TOLERANCE 1e-4

enum { N_CASE = 16 };

static GKeyFile *cases;

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

/* The position of a name in a list of n. */
static int find(const char *const *names, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    g_error("no %s", name);
}

/* The network of a case, with its weights: the first one if the case names none. */
static nn_network *read_network(const char *group)
{
    g_autofree char *name = g_key_file_get_string(cases, group, "network", NULL);
    g_autofree char *in = name ? g_strconcat("network ", name, NULL) : g_strdup("network");
    g_autofree char *file =
        name ? g_strdup_printf("weights-%s.bin", name) : g_strdup("weights.bin");
    struct nn_shape shape = {.H = g_key_file_get_integer(cases, in, "hidden", NULL),
                             .V = g_key_file_get_integer(cases, in, "vocabulary", NULL)};
    if (name) {
        g_autofree char *cell = g_key_file_get_string(cases, in, "cell", NULL);
        g_autofree char *attention = g_key_file_get_string(cases, in, "attention", NULL);
        shape.cell = find(nn_cell_names, NN_N_CELL, cell);
        shape.attention = find(nn_attention_names, NN_N_ATTENTION, attention);
    }
    nn_network *network = nn_network_new(&shape);
    g_autofree float *weights = read_numbers(file, network->n_weight);
    memcpy(network->weights, weights, network->n_weight * sizeof(float));
    return network;
}

/* The probabilities of a pass's steps: the gradient of the logits is they, less 1 at the target. */
static float *probabilities(const nn_pass *pass, const gint32 *target)
{
    const int V = pass->network->V;
    float *p_of = g_new(float, (gsize)pass->T *V);
    for (int p = 0; p < pass->T; p++) {
        memcpy(p_of + (gsize)p * V, nn_row(pass->logits, p), V * sizeof(float));
        p_of[(gsize)p * V + target[p]] += 1;
    }
    return p_of;
}

static void test_case(gconstpointer data)
{
    const char *group = data;
    int n_source, n_target;
    g_autoptr(nn_network) network = read_network(group);
    g_autofree gint32 *source = read_words(group, "source", &n_source);
    g_autofree gint32 *target = read_words(group, "target", &n_target);
    const gboolean forced = g_key_file_get_boolean(cases, group, "teacher_forcing", NULL);
    const int T = g_key_file_get_integer(cases, group, "steps", NULL);
    const double expected = g_key_file_get_double(cases, group, "nll", NULL);
    const gsize TV = (gsize)T * network->V;
    g_autofree char *name = g_strconcat(strchr(group, ' ') + 1, ".bin", NULL);
    g_autofree float *reference = read_numbers(name, network->n_weight + TV);

    g_autofree nn_real *gradient = g_new(nn_real, network->n_weight);
    const struct nn_kernels *kernels;
    for (int set = 0; (kernels = nn_kernels_at(set)); set++) {
        g_test_message("kernels: %s", kernels->isa);
        g_autoptr(nn_pass) pass = nn_pass_new(network, n_source, n_target, 1, kernels);
        const double nll = nn_pass_forward(pass, source, n_source, target, n_target, forced);
        g_assert_cmpint(pass->T, ==, T);
        g_assert_cmpfloat(fabs(nll - expected), <, TOLERANCE * expected);
        g_autofree float *p_of = probabilities(pass, target);
        assert_close("probabilities", p_of, reference + network->n_weight, TV);

        memset(gradient, 0, network->n_weight * sizeof(*gradient));
        nn_pass_backward(pass, gradient, 1);
        for (int i = 0; i < NN_N_TENSOR; i++) {
            const struct nn_tensor *tensor = &network->tensor[i];
            if (tensor->size > 0)
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

    g_auto(GStrv) groups = g_key_file_get_groups(cases, NULL);
    int n_case = 0;
    for (int i = 0; groups[i]; i++) {
        if (!g_str_has_prefix(groups[i], "case "))
            continue;
        g_autofree char *test = g_strconcat("/vectors/", groups[i] + strlen("case "), NULL);
        g_test_add_data_func(test, groups[i], test_case);
        n_case++;
    }
    g_assert_cmpint(n_case, ==, N_CASE);
    const int status = g_test_run();
    g_key_file_free(cases);
    return status;
}
