/* What reproduce asks of the command pairs. */
#ifndef EXPERIMENTS_CMD_PAIRS_H
#define EXPERIMENTS_CMD_PAIRS_H

#include "dataset/store.h"

/*
 * *built: whether the store has what that command line would build, see ds_pairs_are_built(); its
 * --store is not looked at. FALSE on error. argv is changed as by ex_parse().
 */
gboolean ex_pairs_are_built(ds_store *store, int argc, char **argv, gboolean *built,
                            GError **error);

#endif
