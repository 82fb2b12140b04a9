/* JSON from anywhere, which must not bring the parser down, and JSON that others can read. */
#include "tracegen/error.h"
#include "tracegen/json.h"

#include <string.h>

static void assert_refused(const char *text, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(tg_json_parse(text, length, &error));
    g_assert_error(error, TG_ERROR, TG_ERROR_DATA);
    g_assert_true(g_str_has_prefix(error->message, "not valid JSON"));
    g_assert_null(strchr(error->message, '\n'));
}

static void test_parse(void)
{
    static const char *const good[] = {
        "{}",
        " [1, -2.5, 1e-08, 1E+30, true, null] ",
        "{\"a\": \"/* ' # // [[[[ \"}",
        "{\"a\": {\"a\": {}, \"b\": [{\"a\": 1}, {\"a\": 2}]}, \"b\": {}}",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"]",
        "[\"caf\303\251\"]",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(JsonNode) root = tg_json_parse(good[i], strlen(good[i]), &error);
        g_assert_no_error(error);
        g_assert_nonnull(root);
    }
    static const char *const bad[] = {
        "",
        " \n",
        "[1",
        "]",
        "{\"a\": 1,\n}",
        "{'a': 1}",
        "[1] // one",
        "[1] # one",
        "[/* one */ 1]",
        "[\"\\x\"]",
        "[\"\\u00g0\"]",
        "[\"\\u00",
        "[\"\\",
        "[\"\\ud800\"]",
        "[\"\\ud800\\u0041\"]",
        "[\"\\udc00\\ud800\"]",
        "[\"caf\351\"]",
        "{\"a\": 1, \"a\": 1}",
        "{\"a\": 1, \"\\u0061\": 1}",
        "[{\"b\": {\"c\": {}, \"d\": {}, \"c\": 1}}, {}]",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_refused(bad[i], strlen(bad[i]));
    assert_refused("[]\0[]", 5);
}

/* Of several values the parser would give one. */
static void test_several(void)
{
    static const char *const several[] = {"{} {}", "{}{}",    "{}\n[]", "1 [2]",     "[1] 2",
                                          "1 2",   "\"a\" 1", "[] ,",   "true null", "{}\n\"\""};
    for (gsize i = 0; i < G_N_ELEMENTS(several); i++)
        assert_refused(several[i], strlen(several[i]));
    static const char *const one[] = {"1", " \"a\" ", "[1] \n", "-2.5e3\t"};
    for (gsize i = 0; i < G_N_ELEMENTS(one); i++) {
        g_autoptr(JsonNode) root = tg_json_parse(one[i], strlen(one[i]), NULL);
        g_assert_nonnull(root);
    }
}

/* What would take gigabytes. */
static void test_size(void)
{
    static const char *const values[] = {"{}", "[]", "0"};
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(GString) text = g_string_new("[");
        for (int n = 0; n < 4000002; n++)
            g_string_append_printf(text, "%s%s", n > 0 ? "," : "", values[i]);
        g_string_append_c(text, ']');
        assert_refused(text->str, text->len);
    }
}

/* Brackets by the million, in the open and behind all that the parser takes and JSON has not. */
static void test_nesting(void)
{
    static const char *const before[] = {"",      "{\"a\": ", "/*\"*/",          "//\"\n",
                                         "#\"\n", "{'\"': ",  "[\"\\ud800\"\",", "[\"\\\"\","};
    g_autofree char *deep = g_strnfill(3000000, '[');
    for (gsize i = 0; i < G_N_ELEMENTS(before); i++) {
        g_autofree char *text = g_strconcat(before[i], deep, NULL);
        assert_refused(text, strlen(text));
    }
    static const char level_32[] =
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]";
    g_autoptr(JsonNode) root = tg_json_parse(level_32, strlen(level_32), NULL);
    g_assert_nonnull(root);
    g_autofree char *level_33 = g_strconcat("[", level_32, "]", NULL);
    assert_refused(level_33, strlen(level_33));
}

/* A number as JSON's grammar has it, with a fraction or an exponent. */
#define DOUBLE "-?(0|[1-9][0-9]*)(\\.[0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)"

static void test_numbers(void)
{
    static const double values[] = {0,     1,      -3,     0.1,  1e-8, 2e-8,   -1e-10,
                                    1e-99, 1e-100, 1e-300, 1e17, 1e30, -1e300, 2.5e-9};
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(JsonNode) node = json_node_init_double(json_node_alloc(), values[i]);
        g_autofree char *text = tg_json_to_string(node, FALSE);
        g_test_message("%s", text);
        g_assert_true(g_regex_match_simple("^" DOUBLE "$", text, 0, 0));
        g_assert_cmpfloat(g_ascii_strtod(text, NULL), ==, values[i]);
        g_assert_cmpuint(strspn(text, "-0123456789."), <=, 5); /* none needs more */
        g_autoptr(JsonNode) again = tg_json_parse(text, strlen(text), NULL);
        g_assert_nonnull(again);
        g_assert_true(json_node_equal(node, again));
    }
}

/* Only numbers are touched, and all of them. */
static void test_to_string(void)
{
    g_autoptr(JsonArray) list = json_array_new();
    json_array_add_string_element(list, "1e-08.0 \" e-1.0 \\");
    json_array_add_double_element(list, 1e-8);
    json_array_add_int_element(list, 7);
    json_array_add_boolean_element(list, TRUE);
    json_array_add_double_element(list, 1e30);
    g_autoptr(JsonNode) node = json_node_init_array(json_node_alloc(), list);
    g_autofree char *compact = tg_json_to_string(node, FALSE);
    g_assert_cmpstr(compact, ==, "[\"1e-08.0 \\\" e-1.0 \\\\\",1e-08,7,true,1e+30]");
    g_autofree char *pretty = tg_json_to_string(node, TRUE);
    g_assert_cmpstr(pretty, ==,
                    "[\n  \"1e-08.0 \\\" e-1.0 \\\\\",\n  1e-08,\n  7,\n  true,\n  1e+30\n]");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/parse", test_parse);
    g_test_add_func("/json/several", test_several);
    g_test_add_func("/json/size", test_size);
    g_test_add_func("/json/nesting", test_nesting);
    g_test_add_func("/json/numbers", test_numbers);
    g_test_add_func("/json/to-string", test_to_string);
    return g_test_run();
}
