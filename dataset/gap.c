#include "dataset/gap.h"

/* What is known of a node; times in s. */
struct activity {
    gint64 node, n;
    double first, last;
    double least, greatest; /* gap; none as long as n < 2 */
};

struct ds_gaps {
    GArray *activities; /* of struct activity */
    GHashTable *places; /* node -> index into activities */
};

ds_gaps *ds_gaps_new(void)
{
    ds_gaps *gaps = g_new0(ds_gaps, 1);
    gaps->activities = g_array_new(FALSE, FALSE, sizeof(struct activity));
    gaps->places = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return gaps;
}

void ds_gaps_free(ds_gaps *gaps)
{
    if (!gaps)
        return;
    g_array_unref(gaps->activities);
    g_hash_table_unref(gaps->places);
    g_free(gaps);
}

guint ds_gaps_find(ds_gaps *gaps, gint64 node)
{
    gpointer place;
    if (g_hash_table_lookup_extended(gaps->places, &node, NULL, &place))
        return GPOINTER_TO_UINT(place);
    const struct activity activity = {.node = node};
    g_array_append_val(gaps->activities, activity);
    guint last = gaps->activities->len - 1;
    g_hash_table_insert(gaps->places, g_memdup2(&node, sizeof node), GUINT_TO_POINTER(last));
    return last;
}

void ds_gaps_see(ds_gaps *gaps, guint place, double time)
{
    struct activity *a = &g_array_index(gaps->activities, struct activity, place);
    double gap = time - a->last;
    if (a->n == 0)
        a->first = time;
    if (a->n == 1 || (a->n > 1 && gap < a->least))
        a->least = gap;
    if (a->n == 1 || (a->n > 1 && gap > a->greatest))
        a->greatest = gap;
    a->last = time;
    a->n++;
}

gboolean ds_gaps_write(const ds_gaps *gaps, ds_store *store, gint64 run_id, GError **error)
{
    for (guint i = 0; i < gaps->activities->len; i++) {
        const struct activity *a = &g_array_index(gaps->activities, struct activity, i);
        if (a->n > 0 &&
            !ds_execute(store, error, "INSERT INTO node_activity VALUES (?, ?, ?, ?, ?, ?, ?)",
                        a->n > 1 ? "iiidddd" : "iiiddnn", run_id, a->node, a->n, a->first, a->last,
                        a->least, a->greatest))
            return FALSE;
    }
    return TRUE;
}
