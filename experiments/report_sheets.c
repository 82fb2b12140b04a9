/* Fills the sheets of a report: which tables there are, and what goes into which files. */
#include "experiments/report.h"

#include "experiments/report_claims.h"
#include "experiments/report_comparison.h"
#include "experiments/report_federation.h"
#include "experiments/report_results.h"
#include "experiments/report_rows.h"

const char *ex_sheet_name(enum ex_sheet_id id)
{
    static const char *const names[] = {
        [EX_SHEET_RUNS] = "runs",           [EX_SHEET_TABLE1] = "table1",
        [EX_SHEET_TABLE2] = "table2",       [EX_SHEET_CLAIMS] = "claims",
        [EX_SHEET_FALL] = "fall",           [EX_SHEET_COMPARISON] = "comparison",
        [EX_SHEET_DETECTION] = "detection", [EX_SHEET_FEDERATION] = "federation",
        [EX_SHEET_AUDIT] = "audit",         [EX_SHEET_PAIR_SETS] = "pair_sets",
        [EX_SHEET_MODELS] = "models"};
    return names[id];
}

/* Four decimals of a percent in data: who recomputes an accuracy from the store finds it to 1e-6.
 */
static gboolean make_accuracies(ex_report *report, GError **error)
{
    struct ex_sheet *sheets = report->sheets;
    const ex_trials *trials = report->trials;
    sheets[EX_SHEET_TABLE1].shown[0] = ex_make_table1(report->store, trials, error);
    if (!sheets[EX_SHEET_TABLE1].shown[0] ||
        !(sheets[EX_SHEET_TABLE2].shown[0] = ex_make_table2(report->store, trials, error)) ||
        !(report->comparisons = ex_comparisons_read(report->store, trials->plan, error)))
        return FALSE;
    sheets[EX_SHEET_TABLE2].shown[1] = ex_make_table2_full(trials, 2, TRUE);
    sheets[EX_SHEET_TABLE2].data = ex_make_table2_full(trials, 4, FALSE);
    sheets[EX_SHEET_COMPARISON].shown[0] = ex_make_comparison(report->comparisons, 2);
    sheets[EX_SHEET_COMPARISON].data = ex_make_comparison(report->comparisons, 4);
    sheets[EX_SHEET_FALL].shown[0] = ex_make_falls(report->comparisons, 2);
    sheets[EX_SHEET_FALL].data = ex_make_falls(report->comparisons, 4);
    return TRUE;
}

static gboolean make_claims(ex_report *report, GError **error)
{
    struct ex_sheet *sheet = &report->sheets[EX_SHEET_CLAIMS];
    report->claims = ex_claims_judge(report->store, report->trials, error);
    if (!report->claims)
        return FALSE;
    sheet->shown[0] = ex_make_claim_figures(report->claims);
    sheet->shown[1] = ex_make_claim_rules(report->claims);
    sheet->data = ex_make_claims(report->claims);
    return TRUE;
}

static gboolean make_rows(ex_report *report, GError **error)
{
    static const struct {
        enum ex_sheet_id sheet;
        int place; /* among those shown; EX_N_SHOWN: the data */
        ex_table *(*make)(ds_store *store, const char *plan, GError **error);
    } makers[] = {{EX_SHEET_RUNS, 0, ex_make_runs},
                  {EX_SHEET_RUNS, 1, ex_make_traces},
                  {EX_SHEET_RUNS, EX_N_SHOWN, ex_make_all_of_runs},
                  {EX_SHEET_PAIR_SETS, 0, ex_make_pair_sets},
                  {EX_SHEET_MODELS, 0, ex_make_models},
                  {EX_SHEET_AUDIT, 0, ex_make_audit}};
    for (gsize i = 0; i < G_N_ELEMENTS(makers); i++) {
        struct ex_sheet *sheet = &report->sheets[makers[i].sheet];
        ex_table *table = makers[i].make(report->store, report->trials->plan, error);
        if (!table)
            return FALSE;
        *(makers[i].place == EX_N_SHOWN ? &sheet->data : &sheet->shown[makers[i].place]) = table;
    }
    struct ex_sheet *audit = &report->sheets[EX_SHEET_AUDIT];
    if (ex_table_n_row(audit->shown[0]) == 0) /* was not made: the page says so */
        g_clear_pointer(&audit->shown[0], ex_table_free);
    return TRUE;
}

static gboolean make_detection(ex_report *report, GError **error)
{
    struct ex_sheet *sheet = &report->sheets[EX_SHEET_DETECTION];
    if (!ex_detection_read(report->store, report->trials->plan, &report->detection, error))
        return FALSE;
    if (!report->detection)
        return TRUE;
    sheet->shown[0] = ex_make_detection(report->store, report->detection, FALSE, error);
    if (sheet->shown[0])
        sheet->data = ex_make_detection(report->store, report->detection, TRUE, error);
    return sheet->data != NULL;
}

static gboolean make_federation(ex_report *report, GError **error)
{
    struct ex_sheet *sheet = &report->sheets[EX_SHEET_FEDERATION];
    g_autoptr(GPtrArray) federations =
        ex_federations_read(report->store, report->trials->plan, error);
    if (!federations)
        return FALSE;
    if (federations->len == 0)
        return TRUE;
    sheet->shown[0] = ex_make_federations(federations);
    sheet->data = ex_make_federation_trials(report->store, report->trials->plan, error);
    return sheet->data != NULL;
}

static gboolean make_sets_a(ex_report *report, GError **error)
{
    for (guint i = 0; i < report->trials->groups->len; i++) {
        const struct ex_group *group = report->trials->groups->pdata[i];
        ex_table *table = ex_make_set_a(report->store, group, error);
        if (!table)
            return FALSE;
        /* The first group is set_a. Others, which its columns could not tell apart, have names. */
        char *stem = i == 0 ? g_strdup("set_a")
                            : g_strdup_printf("set_a_%s_%s", group->protocol, group->context);
        ex_table_set_stem(table,
                          g_strcanon(stem, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '_'));
        g_ptr_array_add(report->sets_a, table);
    }
    return TRUE;
}

gboolean ex_report_make_tables(ex_report *report, GError **error)
{
    if (!make_accuracies(report, error) || !make_claims(report, error) ||
        !make_rows(report, error) || !make_detection(report, error) ||
        !make_federation(report, error) || !make_sets_a(report, error))
        return FALSE;
    for (int id = 0; id < EX_N_SHEET; id++) {
        struct ex_sheet *sheet = &report->sheets[id];
        ex_table *last = sheet->shown[1] && id != EX_SHEET_RUNS ? sheet->shown[1] : sheet->shown[0];
        if (last)
            ex_table_set_stem(last, g_strdup(ex_sheet_name(id)));
    }
    if (report->sheets[EX_SHEET_RUNS].shown[1]) /* stands in another section */
        ex_table_set_stem(report->sheets[EX_SHEET_RUNS].shown[1],
                          g_strdup(ex_sheet_name(EX_SHEET_RUNS)));
    return TRUE;
}
