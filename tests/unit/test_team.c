/* Threads that compute together: shares, meetings and runs, with more threads than processors. */
#include "model/team.h"
#include <string.h>

enum { MAX_THREAD = 9 };

/* ---- shares ---- */

static void test_share(void)
{
    for (int n = 1; n <= MAX_THREAD; n++)
        for (int total = 1; total <= 300; total++) {
            int next = 0, most = 0, least = total;
            for (int rank = 0; rank < n; rank++) {
                const struct nn_worker me = {NULL, NULL, rank, n};
                const struct nn_range share = nn_share(&me, total);
                g_assert_cmpint(share.first, ==, next);
                next = share.first + share.n;
                most = MAX(most, share.n);
                least = MIN(least, share.n);
            }
            g_assert_cmpint(next, ==, total);
            g_assert_cmpint(most - least, <=, 1);
        }
}

/* Every number is in one block, every block is one thread's, and lines are whole. */
static void test_own(void)
{
    for (int total = 1; total <= 300; total++) {
        int next = 0;
        for (int b = 0; b < NN_BLOCKS; b++) {
            const struct nn_range block = nn_block(total, b);
            if (block.n == 0)
                continue;
            g_assert_cmpint(block.first, ==, next);
            g_assert_cmpint(block.first % NN_LINE, ==, 0);
            next = block.first + block.n;
        }
        g_assert_cmpint(next, ==, total);
        for (int n = 1; n <= MAX_THREAD; n++) {
            int n_block = 0, n_number = 0;
            for (int rank = 0; rank < n; rank++) {
                const struct nn_worker me = {NULL, NULL, rank, n};
                const struct nn_range blocks = nn_own_blocks(&me), own = nn_own(&me, total);
                g_assert_cmpint(blocks.first, ==, n_block);
                if (own.n > 0)
                    g_assert_cmpint(own.first, ==, n_number);
                n_block += blocks.n;
                n_number += own.n;
            }
            g_assert_cmpint(n_block, ==, NN_BLOCKS);
            g_assert_cmpint(n_number, ==, total);
        }
    }
}

/* Ranks times items go beyond what an int holds. */
static void test_share_large(void)
{
    enum { N = 64 };
    int next = 0;
    for (int rank = 0; rank < N; rank++) {
        const struct nn_worker me = {NULL, NULL, rank, N};
        const struct nn_range own = nn_share(&me, 1 << 30);
        g_assert_cmpint(own.first, ==, next);
        g_assert_cmpint(own.n, ==, (1 << 30) / N);
        next = own.first + own.n;
    }
    g_assert_cmpint(next, ==, 1 << 30);
}

/* ---- runs ---- */

struct count {
    int calls[MAX_THREAD];
    const struct nn_kernels *kernels;
    int n;
};

static void count_call(const struct nn_worker *me, gpointer data)
{
    struct count *count = data;
    g_assert_true(me->kernels == count->kernels);
    g_assert_cmpint(me->n, ==, count->n);
    count->calls[me->rank]++;
}

/* Each thread once a run, and what it wrote is seen by the caller. */
static void test_runs(void)
{
    enum { RUNS = 200 };
    for (int n = 1; n <= MAX_THREAD; n++) {
        struct count count = {.kernels = nn_kernels_at(0), .n = n};
        g_autoptr(nn_team) team = nn_team_new(n, count.kernels);
        for (int run = 1; run <= RUNS; run++) {
            nn_team_run(team, count_call, &count);
            for (int i = 0; i < n; i++)
                g_assert_cmpint(count.calls[i], ==, run);
        }
    }
}

/* Teams that are never run, or a single time. */
static void test_short_lives(void)
{
    for (int i = 0; i < 50; i++) {
        struct count count = {.kernels = nn_kernels_at(0), .n = 1 + i % 4};
        g_autoptr(nn_team) idle = nn_team_new(count.n, count.kernels);
        g_autoptr(nn_team) once = nn_team_new(count.n, count.kernels);
        nn_team_run(once, count_call, &count);
        g_assert_cmpint(count.calls[count.n - 1], ==, 1);
    }
}

/* ---- meetings ---- */

enum { ROUNDS = 300 };

struct sums {
    int x[2][MAX_THREAD]; /* of this round, and of the one before */
    int last[MAX_THREAD];
};

/*
 * In each round a thread's number becomes the sum of all numbers of the round before, and its rank:
 * a thread that ran ahead, or saw an old number, would spoil all that follows.
 */
static void add_up(const struct nn_worker *me, gpointer data)
{
    struct sums *sums = data;
    for (int round = 0; round < ROUNDS; round++) {
        const int *before = sums->x[round % 2];
        int sum = me->rank;
        for (int i = 0; i < me->n; i++)
            sum = (sum + before[i]) % 9973;
        sums->x[(round + 1) % 2][me->rank] = sum;
        if (me->rank == round % me->n && round % 50 == 0)
            g_usleep(300); /* the others go through all of their ways of waiting */
        nn_meet(me);
    }
    sums->last[me->rank] = sums->x[ROUNDS % 2][me->rank];
}

static void add_up_alone(int n, struct sums *sums)
{
    for (int round = 0; round < ROUNDS; round++) {
        int sum = 0;
        for (int i = 0; i < n; i++)
            sum += sums->x[round % 2][i];
        for (int i = 0; i < n; i++)
            sums->x[(round + 1) % 2][i] = (sum + i) % 9973;
    }
    memcpy(sums->last, sums->x[ROUNDS % 2], sizeof(sums->last));
}

static void test_meet(void)
{
    for (int n = 1; n <= MAX_THREAD; n++) {
        g_autoptr(nn_team) team = nn_team_new(n, nn_kernels_at(0));
        struct sums together = {0}, alone = {0};
        for (int run = 0; run < 3; run++) {
            nn_team_run(team, add_up, &together);
            add_up_alone(n, &alone);
            g_assert_cmpmem(together.last, n * sizeof(int), alone.last, n * sizeof(int));
        }
    }
}

/* Two teams at a time do not disturb each other. */
static void run_inner(const struct nn_worker *me, gpointer data)
{
    struct sums *sums = data;
    g_autoptr(nn_team) inner = nn_team_new(2, me->kernels);
    nn_team_run(inner, add_up, &sums[me->rank]);
    nn_meet(me);
}

static void test_two_teams(void)
{
    struct sums sums[2] = {0}, alone = {0};
    g_autoptr(nn_team) team = nn_team_new(2, nn_kernels_at(0));
    nn_team_run(team, run_inner, sums);
    add_up_alone(2, &alone);
    for (int i = 0; i < 2; i++)
        g_assert_cmpmem(sums[i].last, 2 * sizeof(int), alone.last, 2 * sizeof(int));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/team/share", test_share);
    g_test_add_func("/team/own", test_own);
    g_test_add_func("/team/share/large", test_share_large);
    g_test_add_func("/team/runs", test_runs);
    g_test_add_func("/team/short-lives", test_short_lives);
    g_test_add_func("/team/meet", test_meet);
    g_test_add_func("/team/two-teams", test_two_teams);
    return g_test_run();
}
