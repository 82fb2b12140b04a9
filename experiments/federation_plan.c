#include "experiments/federation_plan.h"

#include "tracegen/error.h"
#include "tracegen/json.h"

#include <math.h>
#include <string.h>

static gboolean refuse(GError **error, const char *name)
{
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "a plan without a possible '%s'", name);
    return FALSE;
}

/* Member `name` of the options as one of n names. */
static gboolean read_name(JsonObject *options, const char *name, const char *const *names, int n,
                          int *value, GError **error)
{
    const char *text = json_object_get_string_member_with_default(options, name, "");
    for (*value = 0; *value < n; ++*value)
        if (strcmp(names[*value], text) == 0)
            return TRUE;
    return refuse(error, name);
}

static gboolean read_int(JsonObject *options, const char *name, gint64 min, gint64 max, int *value,
                         GError **error)
{
    const gint64 found = json_object_get_int_member_with_default(options, name, min - 1);
    if (found < min || found > max)
        return refuse(error, name);
    *value = (int)found;
    return TRUE;
}

static gboolean read_double(JsonObject *options, const char *name, double min, double max,
                            double *value, GError **error)
{
    *value = json_object_get_double_member_with_default(options, name, NAN);
    return (*value >= min && *value <= max && isfinite(*value)) || refuse(error, name);
}

static gboolean read_names(struct ex_training_plan *plan, JsonObject *options, GError **error)
{
    static const char *const losses[] = {"sum", "mean"};
    int task, cell, attention, schedule, loss;
    if (!read_name(options, "task", nn_task_names, NN_N_TASK, &task, error) ||
        !read_name(options, "cell", nn_cell_names, NN_N_CELL, &cell, error) ||
        !read_name(options, "attention", nn_attention_names, NN_N_ATTENTION, &attention, error) ||
        !read_name(options, "schedule", nn_schedule_names, NN_N_SCHEDULE, &schedule, error) ||
        !read_name(options, "loss", losses, G_N_ELEMENTS(losses), &loss, error))
        return FALSE;
    plan->task = (enum nn_task)task;
    plan->shape.cell = (enum nn_cell)cell;
    plan->shape.attention = (enum nn_attention)attention;
    plan->how.schedule = (enum nn_schedule)schedule;
    plan->how.mean_loss = loss == 1;
    return task != NN_NEXT_WORD || attention == NN_NO_ATTENTION || refuse(error, "attention");
}

static gboolean read_options(struct ex_training_plan *plan, JsonObject *options, GError **error)
{
    struct nn_train_options *how = &plan->how;
    how->seed = (guint64)json_object_get_int_member_with_default(options, "seed", 1);
    plan->recipe = g_strdup(json_object_get_string_member_with_default(options, "recipe", ""));
    return read_names(plan, options, error) &&
           read_int(options, "hidden", 1, NN_MAX_HIDDEN, &plan->shape.H, error) &&
           read_int(options, "iterations", 1, G_MAXINT, &how->iterations, error) &&
           read_int(options, "batch", 1, NN_MAX_BATCH, &how->batch, error) &&
           read_double(options, "lr", G_MINDOUBLE, G_MAXDOUBLE, &how->lr, error) &&
           read_double(options, "lr_end", G_MINDOUBLE, G_MAXDOUBLE, &how->lr_end, error) &&
           read_double(options, "teacher_forcing", 0, 1, &how->teacher_forcing, error) &&
           read_double(options, "proximal", 0, G_MAXDOUBLE, &how->proximal, error);
}

/* The special words come first. */
static gboolean read_vocabulary(struct ex_training_plan *plan, const ex_message *message,
                                GError **error)
{
    static const char *const special[DS_FIRST_WORD] = {"<SOS>", "<EOS>", "<UNK>"};
    plan->vocabulary = ex_message_texts(message, "vocabulary");
    const guint V = g_strv_length(plan->vocabulary);
    if (V < DS_FIRST_WORD || V > NN_MAX_VOCABULARY)
        return refuse(error, "vocabulary");
    for (int i = 0; i < DS_FIRST_WORD; i++)
        if (strcmp(plan->vocabulary[i], special[i]) != 0)
            return refuse(error, "vocabulary");
    plan->shape.V = (int)V;
    return TRUE;
}

gboolean ex_training_plan_read(struct ex_training_plan *plan, const ex_message *message,
                               int gateway, GError **error)
{
    *plan = (struct ex_training_plan){.number = ex_message_find(message, "gateways", gateway)};
    plan->options = g_strdup(ex_message_text(message, "options"));
    if (plan->number < 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "gateway %d is not one of the federation",
                    gateway);
        return FALSE;
    }
    g_autoptr(JsonNode) root = tg_json_parse(plan->options, strlen(plan->options), error);
    if (!root)
        return FALSE;
    if (!JSON_NODE_HOLDS_OBJECT(root))
        return refuse(error, "options");
    if (!read_options(plan, json_node_get_object(root), error) ||
        !read_vocabulary(plan, message, error) ||
        !ex_message_int(message, "rounds", 1, G_MAXINT, &plan->n_round, error) ||
        !ex_message_int(message, "iterations", 1, G_MAXINT, &plan->n_iteration, error) ||
        !ex_message_int(message, "test_limit", 0, G_MAXINT, &plan->test_limit, error))
        return FALSE;
    return (gint64)plan->n_round * plan->n_iteration == plan->how.iterations ||
           refuse(error, "iterations");
}

void ex_training_plan_clear(struct ex_training_plan *plan)
{
    g_strfreev(plan->vocabulary);
    g_free(plan->options);
    g_free(plan->recipe);
    *plan = (struct ex_training_plan){0};
}
