/*
 * Threads that compute together. Every thread of a team runs the same function on its own share of
 * rows or columns, and waits for the others where it needs what they computed (nn_meet()). A team
 * of one is the calling thread alone and never waits.
 */
#ifndef MODEL_TEAM_H
#define MODEL_TEAM_H

#include "model/kernel.h"

typedef struct nn_team nn_team;

/* One thread's place in the team. */
struct nn_worker {
    nn_team *team;
    const struct nn_kernels *kernels;
    int rank, n; /* 0 .. n - 1; 0 is the thread that called nn_team_run() */
};

/* Consecutive items, or none. */
struct nn_range {
    int first, n;
};

/* Starts n - 1 threads, n >= 1. Caller frees, which ends them. */
nn_team *nn_team_new(int n, const struct nn_kernels *kernels);
void nn_team_free(nn_team *team);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nn_team, nn_team_free)

/* Runs part in every thread; returns when all have returned. */
void nn_team_run(nn_team *team, void (*part)(const struct nn_worker *me, gpointer data),
                 gpointer data);

/* Waits until every thread of the team has called it as often: what they wrote is then seen. */
void nn_meet(const struct nn_worker *me);

/* This thread's share of `total` items that no other thread's work depends on in its order. */
struct nn_range nn_share(const struct nn_worker *me, int total);

/*
 * What a sum runs over is cut into blocks, whose sums are added in the order of the blocks: so the
 * bits of a sum do not depend on how many threads made it. Threads beyond the number of blocks
 * have nothing to do. Blocks are whole cache lines of numbers: two threads never write to one.
 */
enum { NN_BLOCKS = 4 };
#define NN_LINE (64 / (int)sizeof(nn_real))

/* Block b of `total` numbers; it may be empty. */
struct nn_range nn_block(int total, int b);

/* This thread's blocks, and its numbers, which are those of its blocks. */
struct nn_range nn_own_blocks(const struct nn_worker *me);
struct nn_range nn_own(const struct nn_worker *me, int total);

#endif
