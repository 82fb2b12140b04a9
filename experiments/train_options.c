#include "experiments/train_options.h"

#include <math.h>
#include <string.h>

static const char *const loss_names[] = {"sum", "mean"};

/* Position of a name among n, or -1; no name is the first. */
static int find_name(const char *name, const char *const *names, int n)
{
    for (int i = 0; name && i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return name ? -1 : 0;
}

/* Puts the five options that are words in place; NULL when they are possible. */
static const char *read_names(struct ex_train_options *o)
{
    const int task = find_name(o->task_name, nn_task_names, NN_N_TASK);
    const int cell = find_name(o->cell, nn_cell_names, NN_N_CELL);
    const int attention = find_name(o->attention, nn_attention_names, NN_N_ATTENTION);
    const int schedule = find_name(o->schedule, nn_schedule_names, NN_N_SCHEDULE);
    const int loss = find_name(o->loss, loss_names, G_N_ELEMENTS(loss_names));
    if (task < 0)
        return "--task must be follow or next-word";
    if (cell < 0)
        return "--cell must be gru or lstm";
    if (attention < 0)
        return "--attention must be additive, location or none";
    if (schedule < 0)
        return "--schedule must be geometric, linear or constant";
    if (loss < 0)
        return "--loss must be sum or mean";
    if (task == NN_NEXT_WORD && o->attention && attention != NN_NO_ATTENTION)
        return "--task next-word has no --attention but none";
    o->task = (enum nn_task)task;
    o->shape.cell = (enum nn_cell)cell;
    o->shape.attention = task == NN_NEXT_WORD ? NN_NO_ATTENTION : (enum nn_attention)attention;
    o->how.schedule = (enum nn_schedule)schedule;
    o->how.mean_loss = loss == 1;
    return NULL;
}

static gboolean is_rate(double lr)
{
    return lr > 0 && isfinite(lr);
}

/* NULL when all is possible. */
static const char *find_mistake(const struct ex_train_options *o)
{
    if (o->how.iterations < 1)
        return "--iterations must be at least 1";
    if (o->how.batch < 1 || o->how.batch > NN_MAX_BATCH)
        return "--batch must be between 1 and 65536";
    if (o->shape.H < 1 || o->shape.H > NN_MAX_HIDDEN)
        return "--hidden must be between 1 and 16384";
    if (!is_rate(o->how.lr) || !is_rate(o->how.lr_end))
        return "--lr and --lr-end must be positive";
    if (o->how.schedule == NN_CONSTANT && o->how.lr_end != o->how.lr)
        return "--schedule constant has no --lr-end";
    if (!(o->how.teacher_forcing >= 0 && o->how.teacher_forcing <= 1))
        return "--teacher-forcing must be between 0 and 1";
    if (o->task == NN_NEXT_WORD && o->how.teacher_forcing < 1)
        return "--task next-word has no --teacher-forcing but 1: it reads what came";
    if (o->how.threads < 1 || o->how.threads > NN_MAX_THREAD)
        return "--threads must be between 1 and 64";
    if (o->how.checkpoint_every < 0)
        return "--checkpoint-every must be at least 0";
    return NULL;
}

/* No rate or probability that a person would give. */
static const double no_rate = -G_MAXDOUBLE;

static void complete(struct ex_train_options *o)
{
    o->how.seed = (guint64)o->seed;
    o->shape.H = o->hidden == EX_NOT_GIVEN ? 256 : o->hidden;
    if (o->how.lr_end == no_rate)
        o->how.lr_end = o->how.schedule == NN_CONSTANT ? o->how.lr : nn_train_defaults.lr_end;
    if (o->how.teacher_forcing == no_rate)
        o->how.teacher_forcing = o->task == NN_NEXT_WORD ? 1 : nn_train_defaults.teacher_forcing;
}

/* The options of the network and of its training, between those of the command. */
static GArray *collect_entries(struct ex_train_options *o, const GOptionEntry *before,
                               const GOptionEntry *after)
{
    const GOptionEntry shared[] = {
        {"batch", 0, 0, G_OPTION_ARG_INT, &o->how.batch,
         "Pairs an iteration, 1 to 65536; it descends their mean gradient (default: 1)", "B"},
        {"task", 0, 0, G_OPTION_ARG_STRING, &o->task_name,
         "Say the second sentence after the first, or each word after those before it (default: "
         "follow)",
         "follow|next-word"},
        {"cell", 0, 0, G_OPTION_ARG_STRING, &o->cell, "Recurrent cell (default: gru)", "gru|lstm"},
        {"attention", 0, 0, G_OPTION_ARG_STRING, &o->attention,
         "Attention (default: additive; none for next-word)", "additive|location|none"},
        {"hidden", 0, 0, G_OPTION_ARG_INT, &o->hidden,
         "Size of hidden states and embeddings, 1 to 16384 (default: 256)", "H"},
        {"lr", 0, 0, G_OPTION_ARG_DOUBLE, &o->how.lr,
         "Learning rate of the first iteration, above 0 (default: 0.01)", "RATE"},
        {"lr-end", 0, 0, G_OPTION_ARG_DOUBLE, &o->how.lr_end,
         "Learning rate of the last iteration, above 0 (default: 0.0001)", "RATE"},
        {"schedule", 0, 0, G_OPTION_ARG_STRING, &o->schedule,
         "How the rate gets there; constant stays at --lr (default: geometric)",
         "geometric|linear|constant"},
        {"teacher-forcing", 0, 0, G_OPTION_ARG_DOUBLE, &o->how.teacher_forcing,
         "Probability, 0 to 1, that a pair is teacher-forced (default: 0.5; 1 for next-word)", "P"},
        {"loss", 0, 0, G_OPTION_ARG_STRING, &o->loss,
         "Descend the sum or the mean of the NLL of a pair's words (default: sum)", "sum|mean"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &o->seed,
         "Seed of weights, order of pairs and teacher forcing (default: 1)", "N"},
        {"init", 0, 0, G_OPTION_ARG_FILENAME, &o->init,
         "Start from the shape, weights and vocabulary of this model", "FILE"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->how.threads,
         "Threads, 1 to 64, of which 4 are used; any number gives the same file (default: 1)", "N"},
        G_OPTION_ENTRY_NULL};
    const GOptionEntry *const parts[] = {before, shared, after};
    GArray *entries = g_array_new(TRUE, FALSE, sizeof(GOptionEntry));
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        for (const GOptionEntry *entry = parts[i]; entry->long_name; entry++)
            g_array_append_vals(entries, entry, 1);
    return entries;
}

void ex_train_options_init(struct ex_train_options *o)
{
    *o = (struct ex_train_options){.hidden = EX_NOT_GIVEN,
                                   .seed = (gint64)nn_train_defaults.seed,
                                   .how = nn_train_defaults};
    o->how.lr_end = o->how.teacher_forcing = no_rate;
}

gboolean ex_train_parse_with(const struct ex_command *command, struct ex_train_options *o,
                             const GOptionEntry *before, const GOptionEntry *after, int *argc,
                             char ***argv, int *status)
{
    g_autoptr(GArray) entries = collect_entries(o, before, after);
    if (!ex_parse(command, (const GOptionEntry *)(const void *)entries->data, argc, argv, status))
        return FALSE;
    const char *mistake = read_names(o);
    complete(o);
    if (!mistake)
        mistake = find_mistake(o);
    if (mistake)
        *status = ex_usage(command, "%s", mistake);
    return mistake == NULL;
}

gboolean ex_train_parse(const struct ex_command *command, struct ex_train_options *o, int *argc,
                        char ***argv, int *status)
{
    ex_train_options_init(o);
    const GOptionEntry before[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &o->store, "Event store", "FILE"},
        {"pairs", 'p', 0, G_OPTION_ARG_STRING, &o->pairs, "Pair set to train on", "NAME"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &o->model, "Model file to write", "FILE"},
        {"iterations", 'i', 0, G_OPTION_ARG_INT, &o->how.iterations,
         "Iterations, at least 1 (default: 70000)", "N"},
        G_OPTION_ENTRY_NULL};
    const GOptionEntry after[] = {
        {"checkpoint-every", 0, 0, G_OPTION_ARG_INT, &o->how.checkpoint_every,
         "Iterations between checkpoints; 0: only at an interrupt (default: 10000)", "N"},
        {"resume", 0, 0, G_OPTION_ARG_NONE, &o->resume,
         "Go on from the checkpoint if there is one; do nothing if all is done", NULL},
        {"force", 0, 0, G_OPTION_ARG_NONE, &o->force, "Replace model file and checkpoint", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print a JSON object", NULL},
        G_OPTION_ENTRY_NULL};
    if (!ex_train_parse_with(command, o, before, after, argc, argv, status))
        return FALSE;
    if (o->store && o->pairs && o->model)
        return TRUE;
    *status = ex_usage(command, "--%s is missing",
                       !o->store   ? "store"
                       : !o->pairs ? "pairs"
                                   : "model");
    return FALSE;
}

void ex_train_options_clear(struct ex_train_options *o)
{
    char *strings[] = {o->store, o->pairs,     o->model, o->init,    o->task_name,
                       o->cell,  o->attention, o->loss,  o->schedule};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
}

gboolean ex_train_adopt_shape(struct ex_train_options *o, const struct nn_shape *shape,
                              GError **error)
{
    const char *cell = nn_cell_names[shape->cell];
    const char *attention = nn_attention_names[shape->attention];
    if (o->cell && strcmp(o->cell, cell) != 0)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "--cell %s, but %s has %s", o->cell, o->init,
                    cell);
    else if (o->attention && strcmp(o->attention, attention) != 0)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "--attention %s, but %s has %s", o->attention,
                    o->init, attention);
    else if (o->task == NN_NEXT_WORD && shape->attention != NN_NO_ATTENTION)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "--task next-word, but %s has attention %s",
                    o->init, attention);
    else if (o->hidden != EX_NOT_GIVEN && o->hidden != shape->H)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "--hidden %d, but %s has %d", o->hidden,
                    o->init, shape->H);
    else {
        o->shape = *shape;
        return TRUE;
    }
    return FALSE;
}
