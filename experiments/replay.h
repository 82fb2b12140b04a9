/*
 * How a run was simulated, told from the store: the commands that do it again, to the same trace.
 * They say which attack was simulated, and so are no part of what a detector may look at.
 */
#ifndef EXPERIMENTS_REPLAY_H
#define EXPERIMENTS_REPLAY_H

#include "dataset/store.h"

typedef struct ex_replay {
    char *simulate; /* adliotlog simulate ...; NULL: the run has no manifest, or one by hand */
    char *ns;       /* ns SCRIPT ...; likewise */
} ex_replay;

/*
 * Options that are the scenario's defaults, as its script has them here and now, are left out; of a
 * script that is not among those brought along all are given, and it is called SCENARIO.tcl.
 */
gboolean ex_replay_find(ex_replay *replay, ds_store *store, gint64 run_id, GError **error);

void ex_replay_clear(ex_replay *replay);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ex_replay, ex_replay_clear)

#endif
