#include "experiments/report_contrast.h"

#include <string.h>

static void clear_record(gpointer data)
{
    struct ex_record *record = data;
    g_free(record->variant);
    g_free(record->protocol);
    g_free(record->context);
}

GArray *ex_records_read(ds_store *store, const char *plan, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct ex_record));
    g_array_set_clear_func(records, clear_record);
    /* Conditions and splits by number, as enum ex_condition and ex_split have them. */
    g_autoptr(ds_query) query =
        ds_query_new(store, error,
                     "SELECT variant, protocol, context, seed, condition = 'with',"
                     " split = 'held-out', accuracy, copy_baseline "
                     "FROM trial JOIN evaluation USING (model_id, pair_set_id)"
                     " WHERE plan = ? AND method = 'network'"
                     " AND condition IN ('without', 'with') AND split IN ('paper', 'held-out') "
                     "ORDER BY seed, protocol <> 'udp', protocol, variant, context",
                     "s", plan);
    if (!query)
        return NULL;
    while (ds_query_next(query, &failure)) {
        const struct ex_record record = {.variant = ex_query_text(query, 0),
                                         .protocol = ex_query_text(query, 1),
                                         .context = ex_query_text(query, 2),
                                         .seed = ds_query_int(query, 3),
                                         .condition = ds_query_int(query, 4) ? EX_WITH : EX_WITHOUT,
                                         .split = ds_query_int(query, 5) ? EX_HELD_OUT : EX_PAPER,
                                         .figures = {[EX_ACCURACY] =
                                                         100 * ds_query_double(query, 6),
                                                     [EX_COPY_BASELINE] =
                                                         100 * ds_query_double(query, 7)}};
        g_array_append_val(records, record);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&records);
}

static const struct ex_record *record_at(const GArray *records, guint i)
{
    return &g_array_index(records, struct ex_record, i);
}

static void add_distinct(GPtrArray *names, char *name)
{
    if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, name);
}

GPtrArray *ex_records_protocols(const GArray *records)
{
    GPtrArray *names = g_ptr_array_new();
    for (guint i = 0; i < records->len; i++)
        add_distinct(names, record_at(records, i)->protocol);
    return names;
}

GPtrArray *ex_records_variants(const GArray *records)
{
    GPtrArray *names = g_ptr_array_new();
    for (guint i = 0; i < records->len; i++)
        add_distinct(names, record_at(records, i)->variant);
    return names;
}

static gboolean is_of(const struct ex_record *record, const char *variant, const char *protocol,
                      const char *context)
{
    return g_strcmp0(record->variant, variant) == 0 && g_strcmp0(record->protocol, protocol) == 0 &&
           (!context || strcmp(record->context, context) == 0);
}

gboolean ex_records_have(const GArray *records, const char *variant, const char *protocol,
                         const char *context)
{
    for (guint i = 0; i < records->len; i++)
        if (is_of(record_at(records, i), variant, protocol, context))
            return TRUE;
    return FALSE;
}

static const struct ex_record *find_term(const GArray *records, const struct ex_term *term,
                                         enum ex_split split, gint64 seed)
{
    for (guint i = 0; i < records->len; i++) {
        const struct ex_record *record = record_at(records, i);
        if (record->seed == seed && record->split == split &&
            record->condition == term->condition &&
            is_of(record, term->variant, term->protocol, term->context))
            return record;
    }
    return NULL;
}

/* Sums the terms of a seed; FALSE when one is not there. */
static gboolean add_terms(const GArray *records, const struct ex_term *terms, guint n_term,
                          enum ex_split split, enum ex_trial_figure figure, gint64 seed,
                          double *sum)
{
    *sum = 0;
    for (guint i = 0; i < n_term; i++) {
        const struct ex_record *record = find_term(records, &terms[i], split, seed);
        if (!record)
            return FALSE;
        *sum += terms[i].factor * record->figures[figure];
    }
    return n_term > 0;
}

/* Calls of add_terms() for each seed: values [n], and their seeds. Returns n. */
static int sum_seeds(const GArray *records, const struct ex_term *terms, guint n_term,
                     enum ex_split split, enum ex_trial_figure figure, double *values,
                     gint64 *seeds)
{
    int n = 0;
    for (guint i = 0; i < records->len; i++) {
        const gint64 seed = record_at(records, i)->seed;
        if (i > 0 && seed == record_at(records, i - 1)->seed)
            continue;
        seeds[n] = seed;
        n += add_terms(records, terms, n_term, split, figure, seed, &values[n]);
    }
    return n;
}

struct ex_summary ex_contrast(const GArray *records, const struct ex_term *terms, guint n_term,
                              enum ex_split split, enum ex_trial_figure figure)
{
    g_autofree double *values = g_new(double, records->len + 1);
    g_autofree gint64 *seeds = g_new(gint64, records->len + 1);
    const int n = sum_seeds(records, terms, n_term, split, figure, values, seeds);
    return ex_summarize(values, n);
}

char *ex_describe_seeds(const gint64 *seeds, guint n)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n;) {
        guint last = i;
        while (last + 1 < n && seeds[last + 1] == seeds[last] + 1)
            last++;
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", seeds[i]);
        if (last > i)
            g_string_append_printf(text, "..%" G_GINT64_FORMAT, seeds[last]);
        i = last + 1;
    }
    return g_string_free(text, FALSE);
}

char *ex_contrast_seeds(const GArray *records, const struct ex_term *terms, guint n_term)
{
    g_autofree double *values = g_new(double, records->len + 1);
    g_autofree gint64 *seeds = g_new(gint64, records->len + 1);
    const int n = sum_seeds(records, terms, n_term, EX_PAPER, EX_ACCURACY, values, seeds);
    return ex_describe_seeds(seeds, (guint)n);
}
