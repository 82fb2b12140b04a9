#include "model/team.h"
#include <sched.h>
#include <stdatomic.h>

struct nn_team {
    int n;
    struct nn_worker *workers;                               /* [n] */
    GThread **threads;                                       /* [n], the first is NULL */
    void (*part)(const struct nn_worker *me, gpointer data); /* NULL: end */
    gpointer data;
    /* Apart from what is only read, and from each other: every waiting thread looks at them. */
    _Alignas(64) atomic_int n_waiting;
    _Alignas(64) atomic_uint n_met;
};

/* Looks before a thread that waits offers its processor to others, and before it sleeps. */
enum { PATIENCE = 200, YIELDS = 2000 };

static inline void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/*
 * The wait is mostly some microseconds. But where more threads want to run than there are
 * processors the one waited for may not be running at all, and burning its turn is the worst that
 * one can do; and between two calls of nn_team_run() there may be hours.
 */
static void wait_longer(int looks)
{
    if (looks < PATIENCE)
        relax();
    else if (looks < PATIENCE + YIELDS)
        sched_yield();
    else
        g_usleep(50);
}

void nn_meet(const struct nn_worker *me)
{
    nn_team *team = me->team;
    if (me->n == 1)
        return;
    const unsigned met = atomic_load_explicit(&team->n_met, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&team->n_waiting, 1, memory_order_acq_rel) == me->n - 1) {
        atomic_store_explicit(&team->n_waiting, 0, memory_order_relaxed);
        atomic_store_explicit(&team->n_met, met + 1, memory_order_release);
        return;
    }
    for (int looks = 0; atomic_load_explicit(&team->n_met, memory_order_acquire) == met;
         looks = MIN(looks + 1, PATIENCE + YIELDS))
        wait_longer(looks);
}

static gpointer work(gpointer data)
{
    const struct nn_worker *me = data;
    for (;;) {
        nn_meet(me); /* for something to do */
        if (!me->team->part)
            return NULL;
        me->team->part(me, me->team->data);
        nn_meet(me);
    }
}

nn_team *nn_team_new(int n, const struct nn_kernels *kernels)
{
    g_assert(n >= 1);
    nn_team *team = g_aligned_alloc0(1, sizeof(*team), 64);
    team->n = n;
    team->workers = g_new(struct nn_worker, n);
    team->threads = g_new0(GThread *, n);
    for (int i = 0; i < n; i++)
        team->workers[i] = (struct nn_worker){team, kernels, i, n};
    for (int i = 1; i < n; i++)
        team->threads[i] = g_thread_new("team", work, &team->workers[i]);
    return team;
}

void nn_team_run(nn_team *team, void (*part)(const struct nn_worker *me, gpointer data),
                 gpointer data)
{
    const struct nn_worker *me = &team->workers[0];
    team->part = part;
    team->data = data;
    nn_meet(me);
    if (!part)
        return;
    part(me, data);
    nn_meet(me);
}

void nn_team_free(nn_team *team)
{
    if (!team)
        return;
    nn_team_run(team, NULL, NULL);
    for (int i = 1; i < team->n; i++)
        g_thread_join(team->threads[i]);
    g_free(team->threads);
    g_free(team->workers);
    g_aligned_free(team);
}

/* Part i of n of `total` items. */
static struct nn_range part_of(int total, int i, int n)
{
    const int from = (int)((gint64)total * i / n), to = (int)((gint64)total * (i + 1) / n);
    return (struct nn_range){from, to - from};
}

struct nn_range nn_share(const struct nn_worker *me, int total)
{
    return part_of(total, me->rank, me->n);
}

struct nn_range nn_own_blocks(const struct nn_worker *me)
{
    return part_of(NN_BLOCKS, me->rank, me->n);
}

/* The numbers of whole lines. */
static struct nn_range numbers_of(struct nn_range lines, int total)
{
    const int from = MIN(lines.first * NN_LINE, total);
    return (struct nn_range){from, MIN((lines.first + lines.n) * NN_LINE, total) - from};
}

struct nn_range nn_block(int total, int b)
{
    return numbers_of(part_of((total + NN_LINE - 1) / NN_LINE, b, NN_BLOCKS), total);
}

struct nn_range nn_own(const struct nn_worker *me, int total)
{
    const struct nn_range blocks = nn_own_blocks(me);
    const int first = nn_block(total, blocks.first).first;
    int n = 0;
    for (int b = blocks.first; b < blocks.first + blocks.n; b++)
        n += nn_block(total, b).n;
    return (struct nn_range){first, n};
}
