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

/* Numbers, of which some are of one kind. */
static guint n_kind;

static char *name_kind(gconstpointer number)
{
    return g_strdup_printf("kind %u", GPOINTER_TO_UINT(number) % n_kind);
}

static GPtrArray *new_share(struct ex_shard shard, guint n)
{
    GPtrArray *numbers = g_ptr_array_new();
    for (guint i = 0; i < n; i++)
        g_ptr_array_add(numbers, GUINT_TO_POINTER(i));
    ex_shard_reduce(shard, numbers, name_kind);
    return numbers;
}

static void check_share(const GPtrArray *share, struct ex_shard shard, guint n, int *owners)
{
    guint n_of[8] = {0};
    for (guint i = 0; i < share->len; i++) {
        const guint number = GPOINTER_TO_UINT(share->pdata[i]);
        owners[number]++;
        n_of[number % n_kind]++;
        g_assert_true(i == 0 || GPOINTER_TO_UINT(share->pdata[i - 1]) < number);
    }
    g_assert_cmpuint(share->len, >=, n / (guint)shard.count);
    g_assert_cmpuint(share->len, <=, (n + (guint)shard.count - 1) / (guint)shard.count);
    for (guint kind = 0; kind < n_kind; kind++) {
        const guint of_kind = n / n_kind + (kind < n % n_kind);
        g_assert_cmpuint(n_of[kind], >=, of_kind / (guint)shard.count);
        g_assert_cmpuint(n_of[kind], <=, of_kind / (guint)shard.count + 1);
    }
}

/* All shares together are the whole; each has its part of each kind, in order. */
static void test_reduce(void)
{
    for (n_kind = 1; n_kind <= 8; n_kind++)
        for (int count = 1; count <= 12; count++)
            for (guint n = 0; n < 40; n++) {
                int owners[40] = {0};
                for (int number = 1; number <= count; number++) {
                    const struct ex_shard shard = {number, count};
                    g_autoptr(GPtrArray) share = new_share(shard, n);
                    check_share(share, shard, n, owners);
                }
                for (guint i = 0; i < n; i++)
                    g_assert_cmpint(owners[i], ==, 1);
            }
}

static int n_freed;

static void note_freed(gpointer text)
{
    n_freed++;
    g_free(text);
}

static char *name_same(gconstpointer thing)
{
    (void)thing;
    return g_strdup("");
}

/* What is removed is freed, and nothing else. */
static void test_free(void)
{
    const struct ex_shard shard = {2, 3};
    g_autoptr(GPtrArray) things = g_ptr_array_new_with_free_func(note_freed);
    for (int i = 0; i < 7; i++)
        g_ptr_array_add(things, g_strdup_printf("%d", i));
    ex_shard_reduce(shard, things, name_same);
    g_assert_cmpuint(things->len, ==, 2);
    g_assert_cmpstr(things->pdata[0], ==, "1");
    g_assert_cmpstr(things->pdata[1], ==, "4");
    g_assert_cmpint(n_freed, ==, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shard/parse", test_parse);
    g_test_add_func("/shard/reduce", test_reduce);
    g_test_add_func("/shard/free", test_free);
    return g_test_run();
}
