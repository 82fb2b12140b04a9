/* Shares of a list: none has what another has, all together are the whole, and they balance. */
#include "experiments/shard.h"

#include "tracegen/error.h"

static void test_parse(void)
{
    static const char *const bad[] = {"",    "1",    "/",     "0/4",     "5/4",   "-1/4",
                                      "1/0", "1/4/", " 1/4",  "1/4 ",    "1.0/4", "a/b",
                                      "1/",  "/4",   "0x1/4", "1/100001"};
    struct ex_shard shard;
    g_assert_true(ex_shard_parse(NULL, &shard, NULL));
    g_assert_cmpint(shard.number, ==, 1);
    g_assert_cmpint(shard.count, ==, 1);
    g_assert_true(ex_shard_parse("3/8", &shard, NULL));
    g_assert_cmpint(shard.number, ==, 3);
    g_assert_cmpint(shard.count, ==, 8);
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(ex_shard_parse(bad[i], &shard, &error));
        g_assert_error(error, TG_ERROR, TG_ERROR_USAGE);
    }
}

/* ---- things that are groups of kinds ---- */

enum { MOST = 48 };

static guint n_group, n_kind;

/* Thing i is of group i / n_kind and kind i % n_kind. */
static guint find_group(gconstpointer thing, gconstpointer nothing)
{
    (void)nothing;
    return GPOINTER_TO_UINT(thing) / n_kind;
}

static char *name_kind(gconstpointer thing, gconstpointer nothing)
{
    (void)nothing;
    return g_strdup_printf("kind %u", GPOINTER_TO_UINT(thing) % n_kind);
}

/* All things of the groups that a share has something of, without what is of others. */
static GPtrArray *new_share(struct ex_shard shard)
{
    const struct ex_shard_names names = {find_group, name_kind, NULL};
    guint first, end;
    ex_shard_groups(shard, n_group, &first, &end);
    g_assert_cmpuint(first, <, end);
    g_assert_cmpuint(end, <=, n_group);
    g_assert_cmpuint(end - first, <=, n_group / (guint)shard.count + 2);
    GPtrArray *things = g_ptr_array_new();
    for (guint i = first * n_kind; i < end * n_kind; i++)
        g_ptr_array_add(things, GUINT_TO_POINTER(i));
    ex_shard_cut(shard, n_group, things, &names);
    return things;
}

static void check_share(const GPtrArray *share, struct ex_shard shard, int *owners)
{
    const guint n = n_group * n_kind, count = (guint)shard.count;
    guint n_of[MOST] = {0};
    for (guint i = 0; i < share->len; i++) {
        const guint thing = GPOINTER_TO_UINT(share->pdata[i]);
        owners[thing]++;
        n_of[thing % n_kind]++;
        g_assert_true(i == 0 || GPOINTER_TO_UINT(share->pdata[i - 1]) < thing);
    }
    g_assert_cmpuint(share->len, >=, n / count);
    g_assert_cmpuint(share->len, <=, (n + count - 1) / count);
    for (guint kind = 0; kind < n_kind; kind++) {
        g_assert_cmpuint(n_of[kind], >=, share->len / n_kind);
        g_assert_cmpuint(n_of[kind], <=, (share->len + n_kind - 1) / n_kind);
    }
}

/* All shares together are the whole; each has its part of each kind, in order. */
static void test_cut(void)
{
    for (n_kind = 1; n_kind <= 8; n_kind++)
        for (n_group = 1; n_group * n_kind <= MOST; n_group++)
            for (int count = 1; count <= 60; count++) {
                int owners[MOST] = {0};
                for (int number = 1; number <= count; number++) {
                    const struct ex_shard shard = {number, count};
                    g_autoptr(GPtrArray) share = new_share(shard);
                    check_share(share, shard, owners);
                }
                for (guint i = 0; i < n_group * n_kind; i++)
                    g_assert_cmpint(owners[i], ==, 1);
            }
}

/* ---- things that are dealt out ---- */

static int n_freed;

static void note_freed(gpointer text)
{
    n_freed++;
    g_free(text);
}

/* What is removed is freed, and nothing else. */
static void test_deal(void)
{
    const struct ex_shard shard = {2, 3};
    g_autoptr(GPtrArray) things = g_ptr_array_new_with_free_func(note_freed);
    for (int i = 0; i < 7; i++)
        g_ptr_array_add(things, g_strdup_printf("%d", i));
    ex_shard_deal(shard, things);
    g_assert_cmpuint(things->len, ==, 2);
    g_assert_cmpstr(things->pdata[0], ==, "1");
    g_assert_cmpstr(things->pdata[1], ==, "4");
    g_assert_cmpint(n_freed, ==, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shard/parse", test_parse);
    g_test_add_func("/shard/cut", test_cut);
    g_test_add_func("/shard/deal", test_deal);
    return g_test_run();
}
