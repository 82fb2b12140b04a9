#include "experiments/command.h"
#include "experiments/network.h"
#include "experiments/svg.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static int run(const struct ex_command *command, int argc, char **argv)
{
    g_autofree char *output = NULL;
    gboolean force = FALSE;
    const GOptionEntry entries[] = {{"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
                                     "File to write; - is standard output (the default)", "FILE"},
                                    {"force", 0, 0, G_OPTION_ARG_NONE, &force,
                                     "Replace a file of that name", NULL},
                                    G_OPTION_ENTRY_NULL};
    int status;
    if (!ex_parse(command, entries, &argc, &argv, &status))
        return status;
    if (argc < 2)
        return ex_usage(command, "what to draw is missing: the directory of a run, a manifest or a "
                                 "plan, - for standard input");
    if (argc > 2)
        return ex_usage(command, "one picture at a time: '%s' is one too many", argv[2]);
    g_autoptr(GError) error = NULL;
    g_autoptr(ex_network) network = ex_network_read(argv[1], &error);
    if (!network)
        return ex_fail(command, error);
    g_autoptr(GString) svg = g_string_new(NULL);
    ex_network_put_svg(network, svg);
    signal(SIGPIPE, SIG_IGN); /* what was cut off says so */
    if (!ex_svg_write(svg, output, force, &error))
        return ex_fail(command, error);
    if (output && strcmp(output, "-") != 0)
        puts(output);
    return 0;
}

const struct ex_command ex_command_draw = {
    .name = "draw",
    .summary = "draw the network of a run, with its flows and attacks",
    .arguments = "RUN|MANIFEST|PLAN|-",
    .description =
        "Draws a scenario as SVG: from the directory of a run, from its manifest.json, or from "
        "what adliotlog simulate --plan prints, before anything is simulated; - reads standard "
        "input.\n"
        "\n"
        "Nodes stand where they are at the beginning, with their numbers where there is room, in "
        "the colour of their network; gateways are square. Wired servers and routers, whose "
        "positions mean nothing, stand in rows above. Arrows are flows, one for all that go from "
        "one node to another; those of an attack are thick and red-orange. A wide dashed line is a "
        "channel between two hidden radios. Who attacks (A), is in league (C) or suffers (V) has "
        "a ring and that letter. Titles, which a browser shows below the pointer, tell the rest. "
        "The legend explains what is in the picture, and nothing else.\n"
        "\n"
        "The same input gives the same bytes. The picture has no style sheet, no script and no "
        "ids: several of them can be put in one page. A file appears whole or not at all, is "
        "replaced only with --force, and its name is printed.",
    .examples = "# a run\n"
                "adliotlog draw runs/iot16-none-udp-s1-0123456789ab --output iot16.svg\n"
                "# what would be simulated\n"
                "adliotlog simulate --scenario field --set nodes=60 --attack flood --plan | "
                "adliotlog draw - --output field.svg --force\n"
                "# for a program that wants PDF\n"
                "adliotlog draw manifest.json | rsvg-convert --format pdf >network.pdf",
    .run = run,
};
