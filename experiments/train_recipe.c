#include "experiments/train_recipe.h"

#include "tracegen/error.h"
#include "tracegen/json.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* As few digits as tell a number from all others. */
static const char *print_number(char text[G_ASCII_DTOSTR_BUF_SIZE], double x)
{
    g_ascii_formatd(text, G_ASCII_DTOSTR_BUF_SIZE, "%.15g", x);
    return g_ascii_strtod(text, NULL) == x ? text
                                           : g_ascii_dtostr(text, G_ASCII_DTOSTR_BUF_SIZE, x);
}

char *ex_train_print_options(const struct ex_train_options *o, int iterations)
{
    const struct nn_train_options *how = &o->how;
    char lr[2][G_ASCII_DTOSTR_BUF_SIZE], p[G_ASCII_DTOSTR_BUF_SIZE];
    return g_strdup_printf(
        "--task %s --cell %s --attention %s --hidden %d --iterations %d --batch %d"
        " --lr %s%s%s --schedule %s --teacher-forcing %s --loss %s --seed %" G_GINT64_FORMAT,
        nn_task_names[o->task], nn_cell_names[o->shape.cell],
        nn_attention_names[o->shape.attention], o->shape.H, iterations, how->batch,
        print_number(lr[0], how->lr), how->schedule == NN_CONSTANT ? "" : " --lr-end ",
        how->schedule == NN_CONSTANT ? "" : print_number(lr[1], how->lr_end),
        nn_schedule_names[how->schedule], print_number(p, how->teacher_forcing),
        how->mean_loss ? "mean" : "sum", o->seed);
}

char *ex_train_print_recipe(const struct ex_train_options *o)
{
    g_autofree char *pairs = g_shell_quote(o->pairs);
    g_autofree char *options = ex_train_print_options(o, o->how.iterations);
    return g_strdup_printf("adliotlog train --pairs %s %s", pairs, options);
}

void ex_train_origin_clear(struct ex_train_origin *origin)
{
    g_free(origin->pairs_sha256);
    g_free(origin->init_sha256);
}

JsonObject *ex_train_options_object(const struct ex_train_options *o,
                                    const struct ex_train_origin *origin, const char *recipe,
                                    const char *command_line)
{
    const struct {
        const char *name, *value;
    } texts[] = {{"task", nn_task_names[o->task]},
                 {"cell", nn_cell_names[o->shape.cell]},
                 {"attention", nn_attention_names[o->shape.attention]},
                 {"optimizer", "SGD"},
                 {"schedule", nn_schedule_names[o->how.schedule]},
                 {"loss", o->how.mean_loss ? "mean" : "sum"},
                 {"pairs", o->pairs},
                 {"pairs_sha256", origin->pairs_sha256},
                 {"init_sha256", origin->init_sha256},
                 {"isa", o->how.kernels->isa},
                 {"recipe", recipe},
                 {"command", command_line},
                 {"version", ADLIOTLOG_VERSION}};
    const struct {
        const char *name;
        gint64 value;
    } integers[] = {{"layers", 1},
                    {"hidden", o->shape.H},
                    {"vocabulary", o->shape.V},
                    {"iterations", o->how.iterations},
                    {"batch", o->how.batch},
                    {"seed", o->seed},
                    {"n_pair", origin->n_pair}};
    g_autoptr(JsonObject) json = json_object_new();
    for (gsize i = 0; i < G_N_ELEMENTS(integers); i++)
        json_object_set_int_member(json, integers[i].name, integers[i].value);
    json_object_set_double_member(json, "lr", o->how.lr);
    json_object_set_double_member(json, "lr_end", o->how.lr_end);
    json_object_set_double_member(json, "teacher_forcing", o->how.teacher_forcing);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i].value)
            json_object_set_string_member(json, texts[i].name, texts[i].value);
    return g_steal_pointer(&json);
}

char *ex_train_print_object(JsonObject *object)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    json_node_set_object(node, object);
    return tg_json_to_string(node, FALSE);
}

char *ex_train_options_json(const struct ex_train_options *o, const struct ex_train_origin *origin,
                            const char *command_line)
{
    g_autofree char *recipe = ex_train_print_recipe(o);
    g_autoptr(JsonObject) json = ex_train_options_object(o, origin, recipe, command_line);
    return ex_train_print_object(json);
}

gboolean ex_train_read_task(const char *options, enum nn_task *task, GError **error)
{
    g_autoptr(JsonNode) root = tg_json_parse(options, strlen(options), error);
    if (!root)
        return FALSE;
    JsonNode *node = json_object_get_member(json_node_get_object(root), "task");
    const char *name = nn_task_names[NN_FOLLOW];
    if (node)
        name = json_node_get_value_type(node) == G_TYPE_STRING ? json_node_get_string(node) : "";
    for (int i = 0; i < NN_N_TASK; i++) {
        if (strcmp(name, nn_task_names[i]) == 0) {
            *task = (enum nn_task)i;
            return TRUE;
        }
    }
    g_autofree char *escaped = g_strescape(name, NULL);
    g_set_error(error, TG_ERROR, TG_ERROR_DATA, "its options name an unknown task '%.64s'",
                escaped);
    return FALSE;
}

/* ---- one training, or two? ---- */

/* Members in the order in which a difference is told, with what a person calls them. */
static const struct {
    const char *member, *name;
} compared[] = {{"version", "the version"},
                {"pairs", "--pairs"},
                {"task", "--task"},
                {"cell", "--cell"},
                {"attention", "--attention"},
                {"hidden", "--hidden"},
                {"iterations", "--iterations"},
                {"batch", "--batch"},
                {"lr", "--lr"},
                {"lr_end", "--lr-end"},
                {"schedule", "--schedule"},
                {"teacher_forcing", "--teacher-forcing"},
                {"loss", "--loss"},
                {"seed", "--seed"},
                {"pairs_sha256", "the content of the pair set"},
                {"init_sha256", "the content of --init"},
                {"isa", "ADLIOTLOG_ISA"},
                {"rounds", "--rounds"},
                {"round_iterations", "--iterations"},
                {"participation", "--participation"},
                {"drop", "--drop"},
                {"proximal", "--proximal"},
                {"clip", "--clip"},
                {"noise", "--noise"},
                {"delta", "--delta"},
                {"noise_key", "the content of --noise-key"},
                {"hash_key", "the content of --hash-words"}};

/* A member, short and in one line; "none" where there is none. Caller frees. */
static char *print_member(JsonObject *object, const char *member)
{
    JsonNode *node = json_object_get_member(object, member);
    if (!node)
        return g_strdup("none");
    g_autofree char *text = json_node_get_value_type(node) == G_TYPE_STRING
                                ? json_node_dup_string(node)
                                : tg_json_to_string(node, FALSE);
    g_autofree char *escaped = g_strescape(text, NULL);
    return g_strdup_printf("%.64s", escaped);
}

gboolean ex_train_same_options(const char *here, const char *there, GError **error)
{
    g_autoptr(JsonNode) ours = tg_json_parse(here, strlen(here), error);
    g_autoptr(JsonNode) theirs = ours ? tg_json_parse(there, strlen(there), error) : NULL;
    if (!theirs)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(compared); i++) {
        JsonObject *a = json_node_get_object(ours), *b = json_node_get_object(theirs);
        JsonNode *x = json_object_get_member(a, compared[i].member);
        JsonNode *y = json_object_get_member(b, compared[i].member);
        if (x == y || (x && y && json_node_equal(x, y)))
            continue;
        g_autofree char *wanted = print_member(a, compared[i].member);
        g_autofree char *got = print_member(b, compared[i].member);
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s is %s there and %s here", compared[i].name,
                    got, wanted);
        return FALSE;
    }
    if (json_node_equal(ours, theirs))
        return TRUE;
    g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, "its options contradict each other");
    return FALSE;
}
