/* The readers that are inlined for speed against those that know everything. */
#include "tracegen/cursor.h"

#include <math.h>

static const char *const numbers[] = {
    "0",
    "7",
    "-7",
    "-0",
    "00",
    "07",
    "10",
    "999999999",
    "1000000000",
    "0999999999",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "18446744073709551617",
    "340282366920938463463374607431768211463",
    "0.5",
    "0.50",
    "-0.50",
    "-0.00",
    "0.00",
    "00.50",
    "123456.123456789",
    "1234567.123456789",
    "0.000000000",
    "0.000000001",
    "1.00000000a",
    "1.0000000a0",
    "1.0000000:0",
    "1./00000000",
    "1.0000000000",
    "1.000000000e+01",
    "1.000000000e",
    "1.00000000",
    "12345678.5",
    ".5",
    "5.",
    "-",
    "",
    "x",
    "nan",
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    "1.\xff\xff\xff\xff\xff\xff\xff\xff\xff",
};

/* A number to the end of its own memory, or with something behind it. */
static struct tg_cursor cursor_at(const char *number, const char *behind, char **memory)
{
    gsize n = strlen(number) + strlen(behind);
    g_autofree char *text = g_strconcat(number, behind, NULL);
    *memory = g_malloc(n);
    if (n > 0)
        memcpy(*memory, text, n);
    return (struct tg_cursor){*memory, *memory + n, NULL, FALSE};
}

static void check_equal(const struct tg_cursor *fast, const struct tg_cursor *slow)
{
    g_assert_true(fast->p == slow->p);
    g_assert_true(fast->bad == slow->bad);
    g_assert_true(!fast->odd == !slow->odd || fast->bad);
}

static const char *const behind[] = {"", " ", " behind it", "]", "-", ".", "e", "0"};

static void test_integers(void)
{
    static const gint64 least[] = {G_MININT32, -1, 0, 5};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(behind); k++)
            for (gsize m = 0; m < G_N_ELEMENTS(least); m++) {
                g_autofree char *memory = NULL;
                struct tg_cursor fast = cursor_at(numbers[i], behind[k], &memory), slow = fast;
                gint64 value = tg_take_int(&fast, least[m], TG_MAX_INT, "number");
                g_assert_cmpint(value, ==, tg_take_any_int(&slow, least[m], TG_MAX_INT, "number"));
                check_equal(&fast, &slow);
            }
}

static void test_reals(void)
{
    static const int decimals[] = {9, 8, 6, 2, TG_GENERAL, TG_ANY_DECIMALS};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(behind); k++)
            for (gsize m = 0; m < G_N_ELEMENTS(decimals); m++) {
                g_autofree char *memory = NULL;
                struct tg_cursor fast = cursor_at(numbers[i], behind[k], &memory), slow = fast;
                double value = tg_take_real(&fast, decimals[m], "number");
                double other = tg_take_any_real(&slow, decimals[m], "number");
                g_assert_true(memcmp(&value, &other, sizeof value) == 0 ||
                              (isnan(value) && isnan(other)));
                check_equal(&fast, &slow);
            }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cursor/integers", test_integers);
    g_test_add_func("/cursor/reals", test_reals);
    return g_test_run();
}
