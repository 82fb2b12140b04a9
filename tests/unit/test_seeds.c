/* ex_seeds_parse() */
#include "experiments/seeds.h"
#include "tracegen/error.h"

#include <string.h>

static void test_good(void)
{
    static const struct {
        const char *text, *seeds;
    } cases[] = {{"7", "7"},         {"1..3", "1 2 3"},       {"5..5", "5"},
                 {"1,3,5", "1 3 5"}, {"9,1..2,4", "1 2 4 9"}, {"0", "0"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) seeds = ex_seeds_parse(cases[i].text, &error);
        g_assert_no_error(error);
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint j = 0; j < seeds->len; j++)
            g_string_append_printf(text, "%s%" G_GINT64_FORMAT, j ? " " : "",
                                   g_array_index(seeds, gint64, j));
        g_assert_cmpstr(text->str, ==, cases[i].seeds);
    }
}

static void test_bad(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {{"", "not like"},
                 {"1..", "not like"},
                 {"..2", "not like"},
                 {"3..1", "not like"},
                 {"1,,2", "not like"},
                 {"1,", "not like"},
                 {"-1", "not like"},
                 {" 1", "not like"},
                 {"1 2", "not like"},
                 {"1...3", "not like"},
                 {"1..2..3", "not like"},
                 {"x", "not like"},
                 {"1,2,1", "hold 1 twice"},
                 {"1..3,2", "hold 2 twice"},
                 {"1..1000000", "more than"},
                 {"1..99999999999999999999", "not like"},
                 {"0..9223372036854775807", "more than"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(ex_seeds_parse(cases[i].text, &error));
        g_assert_error(error, TG_ERROR, TG_ERROR_USAGE);
        g_assert_nonnull(strstr(error->message, cases[i].message));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/seeds/good", test_good);
    g_test_add_func("/seeds/bad", test_bad);
    return g_test_run();
}
