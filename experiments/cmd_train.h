/* What reproduce asks of the command train. */
#ifndef EXPERIMENTS_CMD_TRAIN_H
#define EXPERIMENTS_CMD_TRAIN_H

/*
 * What decides the model that a command line would train, as `train` keeps it in model.options
 * ($.recipe): two lines with one recipe and the same pairs give the same file. NULL, with *status
 * and a message on stderr, when the line is wrong. argv is changed as by ex_parse(). Caller frees.
 */
char *ex_train_recipe(int argc, char **argv, int *status);

#endif
