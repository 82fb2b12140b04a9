/* What `adliotlog serve` takes apart before it looks at a store: paths, parameters, addresses,
 * hosts. */
#include "experiments/serve_listen.h"
#include "experiments/serve_metrics.h"
#include "experiments/serve_question.h"
#include "tracegen/error.h"

#include <string.h>

static const struct ex_path paths[] = {
    {"/", 0},
    {"/v1/health", 0},
    {"/v1/runs",
     EX_TAKES(EX_LIMIT) | EX_TAKES(EX_OFFSET) | EX_TAKES(EX_SCENARIO) | EX_TAKES(EX_SEED)},
    {"/v1/runs/{run}", 0},
    {"/v1/runs/{run}/nodes", 0},
    {"/v1/nodes/{node}", EX_TAKES(EX_RUN) | EX_TAKES(EX_MODEL) | EX_TAKES(EX_MAX_RANK)},
    {"/v1/verdicts", EX_TAKES(EX_VERDICT)},
    {"/v1/verdicts/{model_id}/{pair_set_id}/{rank}", 0},
};

/* The path that a URI has; NULL when it has none of them. */
static const struct ex_path *find_path(const char *uri)
{
    const struct ex_path *found = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        if (ex_path_matches(&paths[i], uri)) {
            g_assert_null(found);
            found = &paths[i];
        }
    return found;
}

static void test_paths(void)
{
    static const struct {
        const char *uri, *pattern; /* NULL: none */
    } cases[] = {{"/", "/"},
                 {"/?", "/"},
                 {"/v1/runs", "/v1/runs"},
                 {"/v1/runs?limit=1/2", "/v1/runs"},
                 {"/v1/runs/7", "/v1/runs/{run}"},
                 {"/v1/runs/x?y", "/v1/runs/{run}"},
                 {"/v1/runs/7/nodes", "/v1/runs/{run}/nodes"},
                 {"/v1/verdicts/1/2/3", "/v1/verdicts/{model_id}/{pair_set_id}/{rank}"},
                 {"/v1/runs/", NULL},
                 {"/v1/runs//nodes", NULL},
                 {"/v1/runs/7/", NULL},
                 {"/v1/run", NULL},
                 {"/v1/runsx", NULL},
                 {"//v1/runs", NULL},
                 {"/v1/verdicts/1/2", NULL},
                 {"", NULL},
                 {"v1/runs", NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct ex_path *path = find_path(cases[i].uri);
        g_assert_cmpstr(path ? path->pattern : NULL, ==, cases[i].pattern);
    }
    g_assert_cmpstr(ex_uri_path("http://host:80/v1?x"), ==, "/v1?x");
    g_assert_cmpstr(ex_uri_path("HTTP://h/"), ==, "/");
    g_assert_null(ex_uri_path("http://host"));
    g_assert_null(ex_uri_path("ftp://host/"));
    g_assert_null(ex_uri_path("*"));
    g_assert_null(ex_uri_path(""));
}

static gboolean read_question(const char *uri, ex_question *question, GError **error)
{
    const struct ex_path *path = find_path(uri);
    g_assert_nonnull(path);
    return ex_question_read(question, path, uri, error);
}

static void test_parameters(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(ex_question) question = {NULL};
    g_assert_true(
        read_question("/v1/nodes/14?run=3&model=a+b%2B%c3%a9%26&max_rank=7", &question, &error));
    g_assert_no_error(error);
    g_assert_cmpint(question.number[EX_NODE], ==, 14);
    g_assert_cmpint(question.number[EX_RUN], ==, 3);
    g_assert_cmpint(question.number[EX_MAX_RANK], ==, 7);
    g_assert_cmpint(question.number[EX_LIMIT], ==, 100);
    g_assert_cmpint(question.number[EX_MODEL_ID], ==, EX_ANY);
    g_assert_cmpstr(question.text[EX_MODEL], ==, "a b+\xc3\xa9&");
    g_assert_null(question.text[EX_PAIRS]);
}

static void test_bad_parameters(void)
{
    static const struct {
        const char *uri, *message;
    } cases[] = {{"/v1/nodes/x", "'node' must be a whole number from 0"},
                 {"/v1/nodes/-1", "'node' must be"},
                 {"/v1/nodes/9223372036854775808", "'node' must be"},
                 {"/v1/nodes/1%", "two hexadecimal digits"},
                 {"/v1/nodes/1%2", "two hexadecimal digits"},
                 {"/v1/nodes/1%00", "NUL byte"},
                 {"/v1/nodes/1+", "'node' must be"},
                 {"/v1/runs?limit=0", "from 1 to 1000"},
                 {"/v1/runs?limit=1001", "from 1 to 1000"},
                 {"/v1/runs?limit", "'limit' must be"},
                 {"/v1/runs?limit=", "'limit' must be"},
                 {"/v1/runs?limit=1&limit=1", "there twice"},
                 {"/v1/runs?li%6dit=1&limit=1", "there twice"},
                 {"/v1/runs?Limit=1", "unknown parameter 'Limit' (known: seed, limit, offset"},
                 {"/v1/runs?=1", "unknown parameter ''"},
                 {"/v1/runs?node=1", "unknown parameter 'node'"},
                 {"/v1/runs?&", "a parameter is empty"},
                 {"/v1/runs?seed=1&", "a parameter is empty"},
                 {"/v1/runs?seed=1&&limit=2", "a parameter is empty"},
                 {"/v1/runs?scenario=", "'scenario' is empty"},
                 {"/v1/runs?scenario=%ff", "no UTF-8"},
                 {"/v1/runs?scenario=a%00b", "NUL byte"},
                 {"/v1/verdicts?verdict=bad", "must be one of: anomalous benign"},
                 {"/v1/health?x=1", "there is none here"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(ex_question) question = {NULL};
        g_assert_false(read_question(cases[i].uri, &question, &error));
        g_assert_error(error, TG_ERROR, TG_ERROR_USAGE);
        if (!strstr(error->message, cases[i].message))
            g_error("%s: %s", cases[i].uri, error->message);
    }
}

static void test_addresses(void)
{
    static const char *const good[] = {"127.0.0.1:80", "0.0.0.0:0", "[::1]:8080", "localhost:1",
                                       "[::]:65535"};
    static const char *const bad[] = {"",          "127.0.0.1", ":80",           "127.0.0.1:",
                                      "::1:80",    "[::1]",     "[::1:80",       "[127.0.0.1]:80",
                                      "host:80",   "1.2.3:80",  "1.2.3.4:65536", "1.2.3.4:-1",
                                      "1.2.3.4:8 "};
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GInetSocketAddress) address = ex_listen_parse(good[i], &error);
        g_assert_no_error(error);
        g_assert_nonnull(address);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(ex_listen_parse(bad[i], &error));
        g_assert_error(error, TG_ERROR, TG_ERROR_USAGE);
    }
}

static void test_hosts(void)
{
    static const char *const local[] = {"localhost",      "LOCALHOST:80", "127.0.0.1",
                                        "192.168.1.2:80", "[::1]",        "[::1]:8080"};
    static const char *const strange[] = {"",           "evil.example",       "localhost.evil",
                                          "127.0.0.1.", "127.0.0.1:80:80",    "[::1",
                                          "[::1]x",     "localhost:80/other", "1.2.3.4@evil"};
    for (gsize i = 0; i < G_N_ELEMENTS(local); i++)
        g_assert_true(ex_host_is_local(local[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(strange); i++)
        g_assert_false(ex_host_is_local(strange[i]));
}

static void test_tokens(void)
{
    g_assert_true(ex_token_matches("0123456789abcdef", "0123456789abcdef"));
    g_assert_false(ex_token_matches("0123456789abcdef", "0123456789abcdeF"));
    g_assert_false(ex_token_matches("0123456789abcdef", "0123456789abcde"));
    g_assert_false(ex_token_matches("0123456789abcdef", ""));
}

static void test_metrics(void)
{
    g_autoptr(ex_metrics) metrics = ex_metrics_new();
    g_autoptr(GString) text = g_string_new(NULL);
    ex_metrics_count(metrics, "/a", 200, 0.0005);
    ex_metrics_count(metrics, "/a", 200, 0.002);
    ex_metrics_count(metrics, NULL, 404, 9);
    ex_metrics_count_broken(metrics);
    ex_metrics_connect(metrics, 1);
    ex_metrics_connect(metrics, 1);
    g_assert_cmpuint(ex_metrics_connect(metrics, -1), ==, 1);
    ex_metrics_put(metrics, text);
    static const char *const lines[] = {
        "\nadliotlog_http_requests_total{route=\"/a\",code=\"200\"} 2\n",
        "\nadliotlog_http_requests_total{route=\"\",code=\"404\"} 1\n",
        "_bucket{le=\"0.0005\"} 1\n",
        "_bucket{le=\"0.001\"} 1\n",
        "_bucket{le=\"0.0025\"} 2\n",
        "_bucket{le=\"5\"} 2\n",
        "_bucket{le=\"+Inf\"} 3\n",
        "_seconds_sum 9.0025\n",
        "_seconds_count 3\n",
        "\nadliotlog_http_requests_broken_total 1\n",
        "\nadliotlog_http_connections 1\n",
        "\nadliotlog_http_connections_total 2\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
        if (!strstr(text->str, lines[i]))
            g_error("no line %s", lines[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/serve/paths", test_paths);
    g_test_add_func("/serve/parameters", test_parameters);
    g_test_add_func("/serve/bad_parameters", test_bad_parameters);
    g_test_add_func("/serve/addresses", test_addresses);
    g_test_add_func("/serve/hosts", test_hosts);
    g_test_add_func("/serve/tokens", test_tokens);
    g_test_add_func("/serve/metrics", test_metrics);
    return g_test_run();
}
