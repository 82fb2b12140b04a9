/* Statistics over seeds, and the tables of a report in their four formats. */
#include "experiments/plot.h"
#include "experiments/report_contrast.h"
#include "experiments/report_stats.h"
#include "experiments/report_table.h"

#include <math.h>
#include <string.h>

static void test_student(void)
{
    /* From printed tables of Student's distribution, two-sided 95 %. */
    static const struct {
        int df;
        double t;
    } cases[] = {{1, 12.7062}, {2, 4.30265},  {3, 3.18245},  {4, 2.77645},  {5, 2.57058},
                 {9, 2.26216}, {10, 2.22814}, {19, 2.09302}, {30, 2.04227}, {120, 1.97993}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpfloat_with_epsilon(ex_student_t95(cases[i].df), cases[i].t, 1e-4);
}

static void test_summary(void)
{
    static const double values[] = {81, 80, 82};
    struct ex_summary s = ex_summarize(values, 3);
    g_assert_cmpint(s.n, ==, 3);
    g_assert_cmpfloat_with_epsilon(s.mean, 81, 1e-12);
    g_assert_cmpfloat_with_epsilon(s.ci_low, 81 - 4.302653 / sqrt(3), 1e-6);
    g_assert_cmpfloat_with_epsilon(s.ci_high, 81 + 4.302653 / sqrt(3), 1e-6);
    g_assert_cmpfloat(s.min, ==, 80);
    g_assert_cmpfloat(s.max, ==, 82);

    s = ex_summarize(values, 1);
    g_assert_cmpfloat(s.mean, ==, 81);
    g_assert_true(isnan(s.ci_low) && isnan(s.ci_high));

    s = ex_summarize(values, 0);
    g_assert_cmpint(s.n, ==, 0);
    g_assert_true(isnan(s.mean) && isnan(s.min) && isnan(s.max));
}

static void check_escape(enum ex_format format, const char *text, const char *wanted)
{
    g_autoptr(GString) out = g_string_new(NULL);
    ex_escape(format, text, out);
    g_assert_cmpstr(out->str, ==, wanted);
}

static void test_escape(void)
{
    check_escape(EX_CSV, "plain text", "plain text");
    check_escape(EX_CSV, "", "");
    check_escape(EX_CSV, "a,b", "\"a,b\"");
    check_escape(EX_CSV, "say \"x\"", "\"say \"\"x\"\"\"");
    check_escape(EX_CSV, "two\nlines", "\"two\nlines\"");
    check_escape(EX_MD, "a|b*c_d`e<f>\\", "a\\|b\\*c\\_d\\`e\\<f\\>\\\\");
    check_escape(EX_MD, "two\r\nlines", "two  lines");
    check_escape(EX_TEX, "50% & $1 #2 _x {y}", "50\\% \\& \\$1 \\#2 \\_x \\{y\\}");
    check_escape(EX_TEX, "a~b^c\\d<e",
                 "a\\textasciitilde{}b\\textasciicircum{}c"
                 "\\textbackslash{}d$<$e");
    check_escape(EX_HTML, "<b>&\"'", "&lt;b&gt;&amp;&quot;&apos;");
}

static ex_table *new_sample(void)
{
    static const char *const columns[] = {"name", "figure_1", NULL};
    ex_table *table = ex_table_new("A & B", columns);
    char **row = ex_table_add_row(table);
    row[1] = g_strdup("1.5"); /* and an empty cell before it */
    row = ex_table_add_row(table);
    row[0] = g_strdup("x,y");
    row[1] = g_strdup("-2");
    ex_table_add_note(table, "note %d", 1);
    return table;
}

static void check_table(enum ex_format format, const char *wanted)
{
    g_autoptr(ex_table) table = new_sample();
    g_autoptr(GString) out = g_string_new(NULL);
    ex_table_write(table, format, out);
    g_assert_cmpstr(out->str, ==, wanted);
}

static void test_table(void)
{
    check_table(EX_CSV, "name,figure_1\n,1.5\n\"x,y\",-2\n");
    check_table(EX_MD, "**A \\& B**\n\n| name | figure\\_1 |\n| --- | ---: |\n|  | 1.5 |\n"
                       "| x,y | -2 |\n\nnote 1\n");
    check_table(EX_TEX, "% needs \\usepackage{graphicx}\n\\begin{table*}\n\\centering\n"
                        "\\footnotesize\n\\caption{A \\& B}\n\\resizebox{\\textwidth}{!}{%\n"
                        "\\begin{tabular}{lr}\n\\hline\nname & figure\\_1 \\\\\n\\hline\n"
                        " & 1.5 \\\\\nx,y & -2 \\\\\n\\hline\n\\end{tabular}}\n"
                        "\n\\par\\smallskip note 1\n\\end{table*}\n");
    check_table(EX_HTML,
                "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"A &amp; B\">\n"
                "<table>\n<caption><span>A &amp; B</span></caption>\n<thead>\n<tr><th "
                "scope=\"col\">name</th>"
                "<th scope=\"col\" class=\"n\">figure 1</th></tr>\n</thead>\n<tbody>\n"
                "<tr><td></td><td class=\"n\">1.5</td></tr>\n<tr><td>x,y</td>"
                "<td class=\"n\">-2</td></tr>\n"
                "</tbody>\n</table>\n</div>\n<p class=\"note\">note 1</p>\n");
}

/* Verdicts are coloured where they are verdicts; the page knows where the files are. */
static void test_verdict(void)
{
    static const char *const columns[] = {"verdict", "text", NULL};
    static const char *const verdicts[] = {"reproduced", "leak", "warning", "who knows"};
    g_autoptr(ex_table) table = ex_table_new("t", columns);
    g_autoptr(GString) out = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(verdicts); i++) {
        char **row = ex_table_add_row(table);
        row[0] = g_strdup(verdicts[i]);
        row[1] = g_strdup("leak");
    }
    ex_table_set_stem(table, g_strdup("a&b"));
    ex_table_write(table, EX_HTML, out);
    g_assert_nonnull(strstr(out->str, "<tr><td><span class=\"verdict good\">reproduced</span></td>"
                                      "<td>leak</td></tr>\n"
                                      "<tr><td><span class=\"verdict bad\">leak</span></td>"));
    g_assert_nonnull(strstr(out->str, "<span class=\"verdict open\">warning</span>"));
    g_assert_nonnull(strstr(out->str, "<td>who knows</td>"));
    g_assert_nonnull(strstr(out->str, "<a href=\"a&amp;b.csv\">a&amp;b.csv</a>"));
    g_assert_cmpuint(ex_table_n_row(table), ==, 4);
    g_assert_cmpstr(ex_table_cell(table, 3, 0), ==, "who knows");
}

static void test_seeds(void)
{
    static const gint64 seeds[] = {1, 2, 3, 7, 9, 10};
    g_autofree char *all = ex_describe_seeds(seeds, G_N_ELEMENTS(seeds));
    g_autofree char *none = ex_describe_seeds(seeds, 0);
    g_assert_cmpstr(all, ==, "1..3,7,9..10");
    g_assert_cmpstr(none, ==, "");
}

static void test_step(void)
{
    g_assert_cmpfloat(ex_plot_step(0, 100, 10), ==, 10);
    g_assert_cmpfloat(ex_plot_step(0, 100, 9), ==, 20);
    g_assert_cmpfloat_with_epsilon(ex_plot_step(-1, 4, 8), 1, 1e-12);
    g_assert_cmpfloat_with_epsilon(ex_plot_step(0, 0.04, 8), 0.005, 1e-12);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report/student", test_student);
    g_test_add_func("/report/summary", test_summary);
    g_test_add_func("/report/escape", test_escape);
    g_test_add_func("/report/table", test_table);
    g_test_add_func("/report/verdict", test_verdict);
    g_test_add_func("/report/seeds", test_seeds);
    g_test_add_func("/report/step", test_step);
    return g_test_run();
}
