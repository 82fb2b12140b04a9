#include "experiments/sweep.h"

#include "tracegen/error.h"
#include <string.h>

/* ---- one option's values ------------------------------------------------- */

/* `FIRST..LAST` of plain integers. */
static gboolean parse_range(const char *text, gint64 *first, gint64 *last)
{
    g_auto(GStrv) ends = g_strsplit(text, "..", 2);
    return ends[0] && ends[1] &&
           g_ascii_string_to_signed(ends[0], 10, -G_MAXINT32, G_MAXINT32, first, NULL) &&
           g_ascii_string_to_signed(ends[1], 10, -G_MAXINT32, G_MAXINT32, last, NULL);
}

/* Appends NAME=VALUE, or one for each integer of a range. */
static gboolean append_values(GPtrArray *options, const char *name, const char *value,
                              GError **error)
{
    gint64 first, last;
    if (!parse_range(value, &first, &last)) {
        g_ptr_array_add(options, g_strconcat(name, "=", value, NULL));
        return TRUE;
    }
    if (first > last || last - first >= EX_MAX_RUNS) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "--sweep %s: the range '%s' %s", name, value,
                    first > last ? "is empty" : "is too long");
        return FALSE;
    }
    for (gint64 i = first; i <= last; i++)
        g_ptr_array_add(options, g_strdup_printf("%s=%" G_GINT64_FORMAT, name, i));
    return TRUE;
}

/* The NAME=VALUE of one sweep. NULL when it is not of the form NAME=VALUES. */
static GPtrArray *parse_sweep(const char *sweep, GError **error)
{
    const char *equals = strchr(sweep, '=');
    if (!equals || equals == sweep) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "--sweep '%s' is not of the form NAME=VALUE,VALUE", sweep);
        return NULL;
    }
    g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *name = g_strndup(sweep, (gsize)(equals - sweep));
    g_auto(GStrv) values = g_strsplit(equals + 1, strchr(equals, ';') ? ";" : ",", -1);
    for (char **value = values; *value; value++)
        if (!append_values(options, name, *value, error))
            return NULL;
    if (options->len == 0) /* g_strsplit() makes nothing of nothing */
        g_ptr_array_add(options, g_strconcat(name, "=", NULL));
    return g_steal_pointer(&options);
}

/* The NAME=VALUE of an option that may be repeated and may hold several between commas. */
static GPtrArray *split_values(const char *name, char **given)
{
    GPtrArray *options = g_ptr_array_new_with_free_func(g_free);
    for (; given && *given; given++) {
        g_auto(GStrv) values = g_strsplit(*given, ",", -1);
        for (char **value = values; *value; value++)
            g_ptr_array_add(options, g_strconcat(name, "=", *value, NULL));
        if (!*values)
            g_ptr_array_add(options, g_strconcat(name, "=", NULL));
    }
    return options;
}

/* ---- their product ------------------------------------------------------- */

static GPtrArray *new_seeds(const GArray *seeds)
{
    GPtrArray *options = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < seeds->len; i++)
        g_ptr_array_add(options,
                        g_strdup_printf("seed=%" G_GINT64_FORMAT, g_array_index(seeds, gint64, i)));
    return options;
}

static void free_axis(gpointer axis)
{
    g_ptr_array_unref(axis);
}

/* An axis without values is an option that is not given. */
static void add_axis(GPtrArray *axes, GPtrArray *options)
{
    if (options->len > 0)
        g_ptr_array_add(axes, options);
    else
        g_ptr_array_unref(options);
}

/* The axes of the product, outermost first; each is an array of NAME=VALUE. */
static GPtrArray *make_axes(const struct ex_sweep *sweep, const GArray *seeds, GError **error)
{
    g_autoptr(GPtrArray) axes = g_ptr_array_new_with_free_func(free_axis);
    add_axis(axes, new_seeds(seeds));
    add_axis(axes, split_values("traffic", sweep->traffics));
    for (char **text = sweep->sweeps; text && *text; text++) {
        GPtrArray *options = parse_sweep(*text, error);
        if (!options)
            return NULL;
        add_axis(axes, options);
    }
    add_axis(axes, split_values("attack", sweep->attacks));
    return g_steal_pointer(&axes);
}

/* Refuses a NAME=VALUE that an option of the command is there for. */
static gboolean check_seed(char **given, const char *option, GError **error)
{
    for (; given && *given; given++)
        if (g_str_has_prefix(*given, "seed=")) {
            g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "%s %s: use --seeds %s", option, *given,
                        *given + strlen("seed="));
            return FALSE;
        }
    return TRUE;
}

/* How many runs that is, or EX_MAX_RUNS + 1 for more than EX_MAX_RUNS. */
static guint64 count_runs(const GPtrArray *axes)
{
    guint64 n = 1;
    for (guint i = 0; i < axes->len; i++)
        n = MIN(n * ((const GPtrArray *)axes->pdata[i])->len, EX_MAX_RUNS + 1);
    return n;
}

/* The run of a number, of which the last axis is the lowest digit. */
static GStrv make_run(const GPtrArray *axes, guint64 number, char **settings)
{
    g_autofree const char **run = g_new0(const char *, axes->len + 1);
    for (guint i = axes->len; i > 0; i--) {
        const GPtrArray *axis = axes->pdata[i - 1];
        run[i - 1] = axis->pdata[number % axis->len];
        number /= axis->len;
    }
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_strv_builder_addv(builder, run);
    if (settings)
        g_strv_builder_addv(builder, (const char **)settings);
    return g_strv_builder_end(builder);
}

static void free_run(gpointer run)
{
    g_strfreev(run);
}

GPtrArray *ex_sweep_expand(const struct ex_sweep *sweep, const GArray *seeds, GError **error)
{
    if (!check_seed(sweep->settings, "--set", error) ||
        !check_seed(sweep->sweeps, "--sweep", error))
        return NULL;
    g_autoptr(GPtrArray) axes = make_axes(sweep, seeds, error);
    if (!axes)
        return NULL;
    const guint64 n = count_runs(axes);
    if (n > EX_MAX_RUNS) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "that is more than %d runs", EX_MAX_RUNS);
        return NULL;
    }
    GPtrArray *runs = g_ptr_array_new_with_free_func(free_run);
    for (guint64 i = 0; i < n; i++)
        g_ptr_array_add(runs, make_run(axes, i, sweep->settings));
    return runs;
}
