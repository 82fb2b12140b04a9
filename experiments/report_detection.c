/* The table of detectors, from table measure. */
#include "experiments/report_detection.h"

#include "experiments/report_data.h"
#include <string.h>

/* Measures in the order of the columns; experiments/README.md says what they mean. */
static const struct {
    const char *name;
    gboolean interval; /* has one */
    gboolean shown;    /* on a page */
    int decimals;      /* there */
} measures[] = {{"roc_auc", TRUE, TRUE, 3},
                {"pr_auc", TRUE, TRUE, 3},
                {"precision", TRUE, TRUE, 3},
                {"recall", TRUE, TRUE, 3},
                {"f1", TRUE, TRUE, 3},
                {"mcc", TRUE, TRUE, 3},
                {"false_positives", TRUE, TRUE, 2},
                {"precision_1", TRUE, TRUE, 3},
                {"precision_01", TRUE, TRUE, 3},
                {"precision_001", TRUE, TRUE, 4},
                {"time_to_detection", TRUE, TRUE, 2},
                {"detected", TRUE, TRUE, 3},
                {"base_rate", TRUE, FALSE, 4},
                {"threshold", FALSE, FALSE, 6},
                {"n", FALSE, FALSE, 0},
                {"n_positive", FALSE, FALSE, 0},
                {"n_missing", FALSE, FALSE, 0},
                {"n_seed", FALSE, FALSE, 0},
                {"wilcoxon_p", FALSE, FALSE, 4},
                {"holm_p", FALSE, TRUE, 4},
                {"null_roc_auc", TRUE, TRUE, 3}};

/* Columns of the table for each measure; -1: it has none. */
struct places {
    int first[G_N_ELEMENTS(measures)];
    GPtrArray *names; /* of char *, owned; ended by NULL */
};

static void place_measures(struct places *places, gboolean all)
{
    static const char *const suffixes[] = {"", "_ci_low", "_ci_high"};
    places->names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(places->names, g_strdup("unit"));
    g_ptr_array_add(places->names, g_strdup("detector"));
    for (gsize i = 0; i < G_N_ELEMENTS(measures); i++) {
        places->first[i] = all || measures[i].shown ? (int)places->names->len : -1;
        const gsize n = places->first[i] < 0 ? 0 : all && measures[i].interval ? 3 : 1;
        for (gsize k = 0; k < n; k++)
            g_ptr_array_add(places->names, g_strconcat(measures[i].name, suffixes[k], NULL));
    }
    g_ptr_array_add(places->names, NULL);
}

static char *format_value(ds_query *query, int column, int decimals)
{
    return ds_query_is_null(query, column)
               ? NULL
               : g_strdup_printf("%.*f", decimals, ds_query_double(query, column));
}

/* Columns 3 to 5 of the query: value and bounds of a measure. */
static void put_measure(char **row, const struct places *places, gsize i, gboolean all,
                        ds_query *query)
{
    const int at = places->first[i], decimals = all ? 6 : measures[i].decimals;
    if (at < 0)
        return;
    g_autofree char *value = format_value(query, 3, decimals);
    g_autofree char *low = format_value(query, 4, decimals);
    g_autofree char *high = format_value(query, 5, decimals);
    if (all) {
        row[at] = measures[i].decimals == 0 && value
                      ? g_strdup_printf("%.0f", ds_query_double(query, 3))
                      : g_strdup(value);
        if (measures[i].interval) {
            row[at + 1] = g_strdup(low);
            row[at + 2] = g_strdup(high);
        }
    } else {
        row[at] = value && low && high ? g_strdup_printf("%s (%s to %s)", value, low, high)
                                       : g_strdup(value);
    }
}

static void put_notes(ex_table *table, const ex_detection *d)
{
    if (!d->ranked) {
        ex_table_add_note(table, "Not measured: adliotlog rank --store STORE --task %s", d->name);
        return;
    }
    ex_table_add_note(table,
                      "In brackets the 95 %% interval over resampled simulations. precision, "
                      "recall, f1, mcc: at thresholds chosen on other seeds; precision_1, _01, "
                      "_001: where 1 %%, 0.1 %%, 0.01 %% collaborate; false_positives: a run, at "
                      "recall 0.9; time_to_detection: s, median; holm_p: against the best, or the "
                      "one that was asked for; null_roc_auc: with labels that mean nothing.");
}

/* A new row when the query has come to another unit or detector. */
static char **find_row(ex_table *table, char **row, ds_query *query)
{
    const char *unit = ds_query_text(query, 0), *detector = ds_query_text(query, 1);
    if (row && strcmp(row[0], unit) == 0 && strcmp(row[1], detector) == 0)
        return row;
    row = ex_table_add_row(table);
    row[0] = ex_query_text(query, 0);
    row[1] = ex_query_text(query, 1);
    return row;
}

ex_table *ex_make_detection(ds_store *store, const ex_detection *detection, gboolean all,
                            GError **error)
{
    GError *failure = NULL;
    g_autoptr(ds_query) query = ds_query_new(
        store, error,
        "SELECT m.unit, d.name, m.name, m.value, m.ci_low, m.ci_high "
        "FROM detector AS d JOIN measure AS m USING (detector_id)"
        " LEFT JOIN measure AS pr ON pr.detector_id = d.detector_id AND pr.unit = m.unit"
        "  AND pr.name = 'pr_auc' "
        "WHERE detection_id = ? ORDER BY m.unit, pr.value DESC NULLS LAST, d.name",
        "i", detection->detection_id);
    if (!query)
        return NULL;
    struct places places;
    place_measures(&places, all);
    g_autoptr(ex_table) table =
        ex_table_new("Detectors, best first", (const char *const *)places.names->pdata);
    char **row = NULL;
    while (ds_query_next(query, &failure)) {
        row = find_row(table, row, query);
        for (gsize i = 0; i < G_N_ELEMENTS(measures); i++)
            if (strcmp(measures[i].name, ds_query_text(query, 2)) == 0)
                put_measure(row, &places, i, all, query);
    }
    g_ptr_array_unref(places.names);
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    put_notes(table, detection);
    return g_steal_pointer(&table);
}
