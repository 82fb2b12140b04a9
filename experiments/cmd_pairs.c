#include "experiments/cmd_pairs.h"

#include "dataset/pairs.h"
#include "experiments/command.h"

#include <stdio.h>

struct pairs_arguments {
    char *store, *name, *runs, *context, *fields, *numbers, *noise, *vantage, *gateway;
    gint64 gateway_node; /* that gateway is */
    int span, limit, skip, shuffle, permute;
    gboolean force, json;
};

static void print_result(const char *name, const struct ds_pairs_result *r, gboolean json)
{
    const struct {
        const char *name;
        gint64 value;
    } figures[] = {{"pair_set_id", r->pair_set_id},
                   {"n_run", r->n_run},
                   {"n_pair", r->n_pair},
                   {"n_token", r->n_token},
                   {"n_refused", r->n_refused},
                   {"n_left_out", r->n_left_out},
                   {"n_incomplete", r->n_incomplete},
                   {"n_noise", r->n_noise},
                   {"n_covert", r->n_covert},
                   {"n_elsewhere", r->n_elsewhere}};
    if (json) {
        g_autofree char *quoted = ex_json_string(name);
        printf("{\"name\":%s", quoted);
        for (gsize i = 0; i < G_N_ELEMENTS(figures); i++)
            printf(",\"%s\":%" G_GINT64_FORMAT, figures[i].name, figures[i].value);
        puts("}");
        return;
    }
    printf("%s\t%" G_GINT64_FORMAT " pairs of %" G_GINT64_FORMAT " runs, %" G_GINT64_FORMAT
           " distinct words; %" G_GINT64_FORMAT " sentences too long; %" G_GINT64_FORMAT
           " events left out as noise, %" G_GINT64_FORMAT " without context, %" G_GINT64_FORMAT
           " in incomplete sentences, %" G_GINT64_FORMAT " covert, %" G_GINT64_FORMAT
           " of other gateways\n",
           name, r->n_pair, r->n_run, r->n_token, r->n_refused, r->n_noise, r->n_left_out,
           r->n_incomplete, r->n_covert, r->n_elsewhere);
}

static struct ds_pairs_options make_options(const struct pairs_arguments *a, const char *line)
{
    const struct ds_reading *paper = &ds_paper_reading;
    return (struct ds_pairs_options){
        .name = a->name,
        .runs = a->runs ? a->runs : "1",
        .reading = {.fields = a->fields ? a->fields : paper->fields,
                    .noise = a->noise ? a->noise : paper->noise,
                    .context = a->context ? a->context : paper->context,
                    .numbers = a->numbers ? a->numbers : paper->numbers,
                    .vantage = a->vantage ? a->vantage : paper->vantage,
                    .span = a->span,
                    .of_gateway = a->gateway != NULL,
                    .gateway = a->gateway_node},
        .skip = a->skip,
        .limit = a->limit,
        .shuffle = a->shuffle,
        .permute = a->permute,
        .force = a->force,
        .command = line,
    };
}

static int build(const struct ex_command *command, const struct pairs_arguments *a,
                 const char *line)
{
    const struct ds_pairs_options options = make_options(a, line);
    g_autoptr(GError) error = NULL;
    struct ds_pairs_result result;
    g_autoptr(ds_store) store = ds_store_open(a->store, DS_WRITE, &error);
    if (!store || !ds_pairs_build(store, &options, &result, &error))
        return ex_fail(command, error);
    print_result(a->name, &result, a->json);
    return 0;
}

static void clear_arguments(struct pairs_arguments *a)
{
    char *strings[] = {a->store,   a->name,  a->runs,    a->context, a->fields,
                       a->numbers, a->noise, a->vantage, a->gateway};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
}

/* FALSE when there is nothing to build: *status is what to end with. */
static gboolean parse(const struct ex_command *command, struct pairs_arguments *a, int *argc,
                      char ***argv, int *status)
{
    *a = (struct pairs_arguments){.span = ds_paper_reading.span, .limit = 12236};
    const GOptionEntry entries[] = {
        {"store", 's', 0, G_OPTION_ARG_FILENAME, &a->store, "Event store", "FILE"},
        {"name", 'n', 0, G_OPTION_ARG_STRING, &a->name, "Name of the pair set", "NAME"},
        {"runs", 'r', 0, G_OPTION_ARG_STRING, &a->runs,
         "Runs to take: a condition on table run, such as \"seed = 1 AND attack = 'none'\" "
         "(default: all)",
         "SQL"},
        {"context", 'c', 0, G_OPTION_ARG_STRING, &a->context,
         "Events that follow each other: none (all), or those of one gateway, protocol, flow or "
         "node (default: flow)",
         "CONTEXT"},
        {"fields", 'f', 0, G_OPTION_ARG_STRING, &a->fields,
         "Columns of table event that become the words of a sentence, comma separated (default: "
         "the whole line but time and MAC header)",
         "LIST"},
        {"numbers", 0, 0, G_OPTION_ARG_STRING, &a->numbers,
         "How packet, sequence and acknowledgement numbers are written: raw (the default), delta "
         "(the change since the context's event before) or digits (a word each)",
         "HOW"},
        {"noise", 0, 0, G_OPTION_ARG_STRING, &a->noise,
         "Events left out: none, or a comma list of control (packets of no flow), mac (MAC-level "
         "lines), below-agent (all but level AGT; the default)",
         "LIST"},
        {"vantage", 0, 0, G_OPTION_ARG_STRING, &a->vantage,
         "Whose logs are read: all (the default), or gateways, the honest logs of all nodes, "
         "without what only the adversaries' own radios or logs show (event.covert)",
         "WHOSE"},
        {"gateway", 'g', 0, G_OPTION_ARG_STRING, &a->gateway,
         "Read the log of one application gateway: only events at its nodes (node.gateway)",
         "NODE"},
        {"span", 0, 0, G_OPTION_ARG_INT, &a->span, "Events a sentence (default: 1)", "K"},
        {"limit", 'l', 0, G_OPTION_ARG_INT, &a->limit,
         "First N pairs of each run, in trace order (default: 12236; 0: all)", "N"},
        {"skip", 0, 0, G_OPTION_ARG_INT, &a->skip,
         "Pairs of each run that are passed over before these (default: 0)", "N"},
        {"shuffle", 0, 0, G_OPTION_ARG_INT, &a->shuffle,
         "A control: give each source the target of another pair of its run, by this seed, from 1 "
         "on",
         "SEED"},
        {"permute", 0, 0, G_OPTION_ARG_INT, &a->permute,
         "A control: let the nodes of each run exchange their numbers, by this seed, from 1 on",
         "SEED"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &a->force,
         "Replace a pair set of that name, with what was evaluated on it", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a->json, "Print a JSON object", NULL},
        G_OPTION_ENTRY_NULL};
    if (!ex_parse(command, entries, argc, argv, status))
        return FALSE;
    if (!a->store || !a->name)
        *status = ex_usage(command, "--%s is missing", a->store ? "name" : "store");
    else if (a->gateway &&
             !g_ascii_string_to_signed(a->gateway, 10, 0, G_MAXINT, &a->gateway_node, NULL))
        *status = ex_usage(command, "--gateway must be the number of a node, not '%s'", a->gateway);
    else if (a->limit < 0 || a->skip < 0)
        *status = ex_usage(command, "--%s must not be negative", a->limit < 0 ? "limit" : "skip");
    else if (a->shuffle < 0 || a->permute < 0)
        *status =
            ex_usage(command, "--%s must not be negative", a->shuffle < 0 ? "shuffle" : "permute");
    return *status == 0;
}

gboolean ex_pairs_are_built(ds_store *store, int argc, char **argv, gboolean *built, GError **error)
{
    struct pairs_arguments a;
    int status;
    gboolean done = parse(&ex_command_pairs, &a, &argc, &argv, &status);
    if (done) {
        const struct ds_pairs_options options = make_options(&a, "");
        done = ds_pairs_are_built(store, &options, built, error);
    } else {
        g_set_error(error, TG_ERROR, status, "wrong options for pairs");
    }
    clear_arguments(&a);
    return done;
}

static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *line = ex_command_line(argc, argv);
    struct pairs_arguments a;
    int status;
    if (parse(command, &a, &argc, &argv, &status)) {
        tg_catch_interrupts();
        status = build(command, &a, line);
    }
    clear_arguments(&a);
    return status;
}

const struct ex_command ex_command_pairs = {
    .name = "pairs",
    .summary = "build a named set of pairs of consecutive sentences",
    .arguments = "",
    .description =
        "Writes the events of the chosen runs as sentences of words and pairs each sentence with "
        "the next one of its context, in trace order. The pairs are rows of table pair, their "
        "sentences the view pair_text; every option is kept in pair_set.options. Sentences of more "
        "than 100 words are refused, events without the chosen context and incomplete last "
        "sentences left out; all of them are counted.\n\n"
        "With --vantage gateways, the honest logs of all nodes are read, without what only the "
        "adversaries' own radios or logs show, such as what goes through a hidden channel. Runs "
        "without a manifest are read whole, since nobody knows what is "
        "covert.\n\n"
        "With --gateway, a set is what one application gateway could learn from its own log, for "
        "adliotlog federate: pairs of events at its nodes, those elsewhere left out and "
        "counted.\n\n"
        "The defaults are the reading of the paper that experiments/README.md explains.",
    .examples =
        "# the paper's: a benign run, and both runs of a twin with as many pairs\n"
        "adliotlog pairs --store S --name without --runs \"seed = 1 AND attack = 'none'\"\n"
        "adliotlog pairs --store S --name with --runs \"seed = 1\" --limit 6118\n"
        "# whole traces in time order, without lines of the MAC level\n"
        "adliotlog pairs --store S --name flat --context none --noise mac --limit 0\n"
        "# what the gateway that is node 12 sees by itself\n"
        "adliotlog pairs --store S --name own12 --gateway 12 --runs \"seed = 1\"\n"
        "sqlite3 S \"SELECT source, target FROM pair_text WHERE pair_set = 'with' LIMIT 3\"",
    .run = run,
};
