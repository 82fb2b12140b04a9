#include "experiments/seeds.h"

#include "tracegen/error.h"

static gint compare_seeds(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

/* `7` or `1..20`. The scenario says which seeds it takes; here they are only numbers. */
static gboolean parse_range(const char *text, gint64 *first, gint64 *last)
{
    g_auto(GStrv) ends = g_strsplit(text, "..", 2);
    guint64 from = 0, to = 0;
    if (!ends[0] || !g_ascii_string_to_unsigned(ends[0], 10, 0, G_MAXINT64, &from, NULL))
        return FALSE;
    to = from;
    if (ends[1] && !g_ascii_string_to_unsigned(ends[1], 10, from, G_MAXINT64, &to, NULL))
        return FALSE;
    *first = (gint64)from;
    *last = (gint64)to;
    return TRUE;
}

GArray *ex_seeds_parse(const char *text, GError **error)
{
    g_auto(GStrv) ranges = g_strsplit(text, ",", -1);
    g_autoptr(GArray) seeds = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (char **range = ranges; *range || range == ranges; range++) {
        gint64 first, last;
        if (!*range || !parse_range(*range, &first, &last)) {
            g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                        "seeds '%s' are not like 1..20 or 1,3,5..7", text);
            return NULL;
        }
        if (last - first >= EX_MAX_SEEDS - (gint64)seeds->len) {
            g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "seeds '%s' are more than %d", text,
                        EX_MAX_SEEDS);
            return NULL;
        }
        for (gint64 seed = first; seed <= last; seed++)
            g_array_append_val(seeds, seed);
    }
    g_array_sort(seeds, compare_seeds);
    for (guint i = 1; i < seeds->len; i++)
        if (g_array_index(seeds, gint64, i) == g_array_index(seeds, gint64, i - 1)) {
            g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                        "seeds '%s' hold %" G_GINT64_FORMAT " twice", text,
                        g_array_index(seeds, gint64, i));
            return NULL;
        }
    return g_steal_pointer(&seeds);
}
