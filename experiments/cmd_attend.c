#include "dataset/vocabulary.h"
#include "experiments/command.h"
#include "experiments/heat_map.h"
#include "experiments/svg.h"
#include "experiments/train_recipe.h"
#include "model/decode.h"
#include "model/model_file.h"
#include "model/train.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct attend_arguments {
    char *store, *model, *output;
    gint64 pair_id;
    gboolean target, force, json;
};

/* The last column of location attention: what goes to places beyond the sentence. */
#define BEYOND "(beyond)"
static const char beyond_label[] = BEYOND;

/* Where the decoder looks, as it is printed. */
typedef struct attention {
    const char *const *vocabulary;
    int n_row, n_column;
    const char **rows, **columns; /* [n_row], [n_column] words, the vocabulary's or BEYOND */
    double *values;               /* [n_row][n_column] */
} attention;

static void clear_attention(attention *table)
{
    g_free(table->rows);
    g_free(table->columns);
    g_free(table->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(attention, clear_attention)

/* ---- looking ------------------------------------------------------------- */

static gboolean fill_values(attention *table, const struct nn_attended *attended, int S,
                            GError **error)
{
    table->values = g_new0(double, NN_MAX_POSITION *(NN_MAX_POSITION + 1));
    for (int p = 0; p < table->n_row; p++)
        for (int t = 0; t < attended->n_place; t++) {
            const double alpha = (double)attended->alpha[p][t];
            if (!isfinite(alpha)) {
                g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA,
                                    "a weight of attention is not a number: the model's weights "
                                    "are too large");
                return FALSE;
            }
            table->values[p * table->n_column + MIN(t, S)] += alpha;
        }
    return TRUE;
}

/* Decodes the pair, or forces its target on the decoder. */
static gboolean look(attention *table, const nn_model *model, const struct ds_pair *pair,
                     gboolean forced, GError **error)
{
    const struct nn_kernels *kernels = nn_kernels_choose(error);
    if (!kernels)
        return FALSE;
    const nn_network *network = model->network;
    const int S = pair->n_source;
    const struct nn_sentence source = {pair->source, S}, target = {pair->target, pair->n_target};
    g_autoptr(nn_decoding) decoding = nn_decoding_new(network, NN_FOLLOW, S, 1, kernels);
    g_autofree struct nn_attended *attended = g_new(struct nn_attended, 1);
    struct nn_output output = {.n_word = 0};
    nn_decode_attended(decoding, source, forced ? &target : NULL, &output, attended);
    table->n_row = attended->n_row;
    table->n_column = S + (attended->n_place > S);
    table->rows = g_new(const char *, table->n_row);
    table->columns = g_new(const char *, table->n_column);
    for (int p = 0; p < table->n_row; p++)
        table->rows[p] = table->vocabulary[forced              ? target.words[p]
                                           : p < output.n_word ? output.words[p]
                                                               : DS_EOS];
    for (int t = 0; t < table->n_column; t++)
        table->columns[t] = t < S ? table->vocabulary[source.words[t]] : beyond_label;
    return fill_values(table, attended, S, error);
}

static const struct ds_pair *find_pair(const ds_corpus *corpus, gint64 pair_id)
{
    for (int i = 0; i < corpus->n_pair; i++)
        if (corpus->pairs[i].pair_id == pair_id)
            return &corpus->pairs[i];
    return NULL;
}

static gboolean check_attention(const struct attend_arguments *a, const nn_model *model,
                                GError **error)
{
    enum nn_task task;
    if (!ex_train_read_task(model->options, &task, error)) {
        g_prefix_error(error, "%s: ", a->model);
        return FALSE;
    }
    if (model->network->shape.attention != NN_NO_ATTENTION && task == NN_FOLLOW)
        return TRUE;
    g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "%s: the model has no attention", a->model);
    return FALSE;
}

static gboolean look_at_pair(attention *table, const struct attend_arguments *a,
                             const nn_model *model, GError **error)
{
    gint64 pair_set_id = 0;
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_READ, error);
    if (!store || !ds_lookup(store, &pair_set_id, error,
                             "SELECT pair_set_id FROM pair WHERE pair_id = ?", "i", a->pair_id))
        return FALSE;
    if (!pair_set_id) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "no pair %" G_GINT64_FORMAT " in %s",
                    a->pair_id, a->store);
        return FALSE;
    }
    g_autoptr(ds_vocabulary) vocabulary = ds_vocabulary_new((const char *const *)model->vocabulary);
    g_autoptr(ds_corpus) corpus = ds_corpus_load(store, pair_set_id, vocabulary, error);
    if (!corpus || !nn_check_words(model->network->V, corpus, error))
        return FALSE;
    table->vocabulary = (const char *const *)model->vocabulary;
    return look(table, model, find_pair(corpus, a->pair_id), a->target, error);
}

/* ---- printing ------------------------------------------------------------ */

static void print_table(const attention *table)
{
    fputs("word", stdout);
    for (int t = 0; t < table->n_column; t++)
        printf("\t%s", table->columns[t]);
    putchar('\n');
    for (int p = 0; p < table->n_row; p++) {
        fputs(table->rows[p], stdout);
        for (int t = 0; t < table->n_column; t++)
            printf("\t%.6f", table->values[p * table->n_column + t]);
        putchar('\n');
    }
}

static void print_words(const char *name, const char *const *words, int n)
{
    printf(",\"%s\":[", name);
    for (int i = 0; i < n; i++) {
        g_autofree char *word = ex_json_string(words[i]);
        printf("%s%s", i ? "," : "", word);
    }
    putchar(']');
}

static void print_json(const struct attend_arguments *a, const attention *table)
{
    g_autofree char *model = ex_json_string(a->model);
    printf("{\"model\":%s,\"pair_id\":%" G_GINT64_FORMAT ",\"forced\":%s", model, a->pair_id,
           a->target ? "true" : "false");
    print_words("source", table->columns, table->n_column);
    print_words("words", table->rows, table->n_row);
    fputs(",\"weights\":[", stdout);
    for (int i = 0; i < table->n_row * table->n_column; i++)
        printf("%s%.9g%s",
               i % table->n_column ? ","
               : i                 ? ",["
                                   : "[",
               table->values[i], (i + 1) % table->n_column ? "" : "]");
    puts("]}");
}

static gboolean write_picture(const struct attend_arguments *a, const attention *table,
                              GError **error)
{
    g_autofree char *model = g_path_get_basename(a->model);
    g_autofree char *title = g_strdup_printf("Attention, pair %" G_GINT64_FORMAT, a->pair_id);
    g_autofree char *subtitle =
        g_strdup_printf("%s, %s", model, a->target ? "target forced" : "greedy");
    const gboolean beyond = table->columns[table->n_column - 1] == beyond_label;
    const struct ex_heat_map map = {.title = title,
                                    .subtitle = subtitle,
                                    .row_axis = a->target ? "target word" : "said word",
                                    .column_axis = "source word",
                                    .quantity = beyond ? "weight; the rest goes beyond the sentence"
                                                       : "weight; rows sum to 1",
                                    .rows = table->rows,
                                    .columns = table->columns,
                                    .n_row = table->n_row,
                                    .n_column = table->n_column - beyond,
                                    .stride = table->n_column,
                                    .values = table->values};
    g_autoptr(GString) svg = g_string_new(NULL);
    ex_heat_map_put_svg(&map, svg);
    signal(SIGPIPE, SIG_IGN); /* what was cut off says so */
    return ex_svg_write(svg, a->output, a->force, error);
}

/* ---- the command --------------------------------------------------------- */

static gboolean attend(const struct attend_arguments *a, GError **error)
{
    g_auto(attention) table = {NULL};
    g_autoptr(nn_model) model = nn_model_load(a->model, error);
    if (!model || !check_attention(a, model, error) || !look_at_pair(&table, a, model, error) ||
        (a->output && !write_picture(a, &table, error)))
        return FALSE;
    if (a->output && strcmp(a->output, "-") == 0)
        return TRUE;
    if (a->json)
        print_json(a, &table);
    else
        print_table(&table);
    return TRUE;
}

/* NULL when all is possible. */
static const char *find_mistake(const struct attend_arguments *a)
{
    if (!a->store)
        return "--store is missing";
    if (!a->model)
        return "--model is missing";
    if (a->pair_id == 0)
        return "--pair is missing";
    if (a->json && a->output && strcmp(a->output, "-") == 0)
        return "--json and --output - exclude each other";
    return NULL;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    struct attend_arguments a = {NULL};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a.store, "Event store", "FILE"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &a.model, "Model file", "FILE"},
        {"pair", 'p', 0, G_OPTION_ARG_INT64, &a.pair_id, "Number of the pair (pair_id)", "N"},
        {"target", 't', 0, G_OPTION_ARG_NONE, &a.target,
         "Make the decoder say the pair's target, instead of what it finds most probable", NULL},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &a.output,
         "Also draw the weights as SVG, into that file; - draws on standard output, without the "
         "table",
         "FILE"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a.force, "Replace a file of that name", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Print one JSON object", NULL},
        G_OPTION_ENTRY_NULL};
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    g_autoptr(GError) error = NULL;
    const char *mistake = find_mistake(&a);
    if (mistake)
        status = ex_usage(command, "%s", mistake);
    else
        status = attend(&a, &error) ? 0 : ex_fail(command, error);
    g_free(a.store);
    g_free(a.model);
    g_free(a.output);
    return status;
}

const struct ex_command ex_command_attend = {
    .name = "attend",
    .summary = "show which source words a model looks at, word by word",
    .arguments = "",
    .description =
        "Lets a model say the sentence after the source sentence of one pair (greedy decoding), or "
        "with --target makes it say the pair's own, and prints the attention: a row for each word "
        "said, a column for each word of the source, and in it the weight that this word has for "
        "the decoder at that step. The rows of the table sum to 1, but for rounding to six "
        "decimals; --json has the numbers as they are. Words are those that the network sees: one "
        "that its vocabulary lacks is <UNK>.\n\n"
        "Additive attention looks at the words of the source, <EOS> included. Location attention "
        "looks at 101 places whatever the sentence is; what goes to those beyond it is lost, and "
        "is summed in a last column, " BEYOND ". A model without attention is refused.\n\n"
        "The picture has the same rows and columns but " BEYOND
        "; below the pointer a browser shows each cell's "
        "words and weight. A weight says where the network looked, not that the word is why it "
        "said what it said.",
    .examples = "# the pairs behind a verdict, and where the network looked in one of them\n"
                "adliotlog detect --store S --model M --pairs with --explain 1\n"
                "adliotlog attend --store S --model M --pair 187 --output pair187.svg\n"
                "# had it been told what really came\n"
                "adliotlog attend --store S --model M --pair 187 --target --json",
    .run = run,
};
