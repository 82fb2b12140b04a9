/* The options of the command train. */
#ifndef EXPERIMENTS_TRAIN_OPTIONS_H
#define EXPERIMENTS_TRAIN_OPTIONS_H

#include "experiments/command.h"
#include "model/task.h"
#include "model/train.h"

struct ex_train_options {
    char *store, *pairs, *model, *init;
    /* As given, or NULL and EX_NOT_GIVEN; shape and how have what they mean. */
    char *task_name, *cell, *attention, *loss, *schedule;
    int hidden;
    gint64 seed;
    enum nn_task task;
    struct nn_shape shape; /* V is not known from the options: 0 */
    struct nn_train_options how;
    gboolean resume, force, json;
};

enum { EX_NOT_GIVEN = G_MININT };

/*
 * As ex_parse(), and the options are possible ones, as far as they themselves can tell. The caller
 * clears them in any case.
 */
gboolean ex_train_parse(const struct ex_command *command, struct ex_train_options *options,
                        int *argc, char ***argv, int *status);

/* The same for a command with options of its own, which come before and after those that all have
 * that train: batch ... threads. Its options are initialized before; store, pairs and model are for
 * it to check. */
void ex_train_options_init(struct ex_train_options *options);
gboolean ex_train_parse_with(const struct ex_command *command, struct ex_train_options *options,
                             const GOptionEntry *before, const GOptionEntry *after, int *argc,
                             char ***argv, int *status);
void ex_train_options_clear(struct ex_train_options *options);

/* Takes the shape of a model to start from; TG_ERROR_USAGE when another one was given or is needed.
 */
gboolean ex_train_adopt_shape(struct ex_train_options *options, const struct nn_shape *shape,
                              GError **error);

#endif
