#include "dataset/reading.h"

#include "tracegen/error.h"
#include <string.h>

const struct ds_reading ds_paper_reading = {
    .fields = "op,node,layer,reason,uid,ptype,size,src,sport,dst,dport,ttl,next_hop,seq,forwards,"
              "optimal",
    .noise = "below-agent",
    .context = "flow",
    .numbers = "raw",
    .vantage = "all",
    .span = 1,
};

/* A word that an option takes, and what it stands for in SQL. */
struct choice {
    const char *word, *sql;
};

/* The application gateway of the node of a row of that table. */
#define GATEWAY_OF(table)                                                                          \
    "(SELECT gateway FROM node"                                                                    \
    " WHERE node.run_id = " table ".run_id AND node.node = " table ".node)"

static const struct choice contexts[] = {
    {"none", "''"},
    {"gateway", GATEWAY_OF("event")},
    {"protocol", "coalesce(proto, ptype, layer)"},
    {"flow", "flow"},
    {"node", "node"},
    {NULL, NULL},
};

static const struct choice noises[] = {
    {"none", "1"},
    {"control", "proto IS NOT NULL"},
    {"mac", "layer IS NOT 'MAC'"},
    {"below-agent", "layer = 'AGT'"},
    {NULL, NULL},
};

/*
 * Whose logs are read: those of all, or the honest ones of all nodes. Without a manifest nobody
 * knows what is covert.
 */
static const struct choice vantages[] = {
    {"all", "1"},
    {"gateways", "covert IS NOT 1"},
    {NULL, NULL},
};

static const struct choice numbers[] = {{"raw", ""}, {"delta", ""}, {"digits", ""}, {NULL, NULL}};

/* Fields that count on from event to event. */
static const char *const counting_fields[] = {"uid", "seq", "ack", NULL};

/* Fields that are numbers of nodes. */
static const char *const naming_fields[] = {"node",      "src",       "dst", "next_hop",
                                            "route_dst", "route_src", NULL};

/* Columns of event that a sentence may hold: what a log shows, and no ground truth. */
static const struct choice fields[] = {
    {"op", "op"},
    {"layer", "layer"},
    {"node", "node"},
    {"ptype", "ptype"},
    {"proto", "proto"},
    {"src", "src"},
    {"sport", "sport"},
    {"dst", "dst"},
    {"dport", "dport"},
    {"size", "size"},
    {"uid", "uid"},
    {"seq", "seq"},
    {"ack", "ack"},
    {"ttl", "ttl"},
    {"next_hop", "next_hop"},
    {"mac_src", "mac_src"},
    {"mac_dst", "mac_dst"},
    {"mac_duration", "mac_duration"},
    {"mac_type", "mac_type"},
    {"reason", "reason"},
    {"forwards", "forwards"},
    {"optimal", "optimal"},
    {"flags", "flags"},
    {"arp_op", "arp_op"},
    {"route_op", "route_op"},
    {"route_dst", "route_dst"},
    {"route_src", "route_src"},
    {NULL, NULL},
};

static const char *find_choice(const struct choice *choices, const char *word, const char *option,
                               GError **error)
{
    GString *known = g_string_new(NULL);
    const char *sql = NULL;
    for (const struct choice *c = choices; c->word && !sql; c++) {
        if (strcmp(c->word, word) == 0)
            sql = c->sql;
        g_string_append_printf(known, "%s%s", known->len ? ", " : "", c->word);
    }
    if (!sql)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "unknown %s '%s' (known: %s)", option, word,
                    known->str);
    g_string_free(known, TRUE);
    return sql;
}

/* Appends `separator SQL` for each word of a comma separated list. */
static gboolean append_choices(GString *sql, const struct choice *choices, const char *list,
                               const char *separator, const char *option, GError **error)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);
    if (!words[0]) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "no %s given", option);
        return FALSE;
    }
    for (char **word = words; *word; word++) {
        const char *column = find_choice(choices, g_strstrip(*word), option, error);
        if (!column)
            return FALSE;
        g_string_append_printf(sql, "%s%s", separator, column);
    }
    return TRUE;
}

const char *ds_reading_vantage_sql(const char *vantage, GError **error)
{
    return find_choice(vantages, vantage, "vantage", error);
}

static gboolean append_vantage(GString *sql, const char *separator,
                               const struct ds_reading *reading, GError **error)
{
    const char *condition = ds_reading_vantage_sql(reading->vantage, error);
    if (condition)
        g_string_append_printf(sql, "%s%s", separator, condition);
    return condition != NULL;
}

char *ds_reading_sql(const struct ds_reading *reading, GError **error)
{
    const char *key = find_choice(contexts, reading->context, "context", error);
    if (!key)
        return NULL;
    if (!find_choice(numbers, reading->numbers, "numbers", error))
        return NULL;
    if (reading->span < 1) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE, "span must be at least 1");
        return NULL;
    }
    g_autoptr(GString) sql = g_string_new("SELECT line, ");
    g_string_append(sql, key);
    if (!append_choices(sql, fields, reading->fields, ", ", "field", error))
        return NULL;
    g_string_append(sql, " FROM event WHERE run_id = ?");
    if (!append_choices(sql, noises, reading->noise, " AND ", "noise", error))
        return NULL;
    if (!append_vantage(sql, " AND ", reading, error))
        return NULL;
    if (reading->of_gateway)
        g_string_append(sql, " AND " GATEWAY_OF("event") " = ?2");
    g_string_append(sql, " ORDER BY line");
    return g_strdup(sql->str);
}

char *ds_reading_noise_sql(const struct ds_reading *reading, GError **error)
{
    g_autoptr(GString) sql =
        g_string_new("SELECT (SELECT n_event FROM run WHERE run_id = ?1) - count(*)"
                     " FROM event WHERE run_id = ?1");
    if (!append_choices(sql, noises, reading->noise, " AND ", "noise", error))
        return NULL;
    return g_strdup(sql->str);
}

char *ds_reading_covert_sql(const struct ds_reading *reading, GError **error)
{
    g_autoptr(GString) sql =
        g_string_new("SELECT coalesce(sum(n), 0) FROM event_count WHERE run_id = ?1");
    if (!append_vantage(sql, " AND NOT ", reading, error) ||
        !append_choices(sql, noises, reading->noise, " AND ", "noise", error))
        return NULL;
    return g_strdup(sql->str);
}

char *ds_reading_elsewhere_sql(const struct ds_reading *reading, GError **error)
{
    g_autoptr(GString) sql =
        g_string_new("SELECT coalesce(sum(n), 0) FROM event_count"
                     " WHERE run_id = ?1 AND " GATEWAY_OF("event_count") " IS NOT ?2");
    if (!append_vantage(sql, " AND ", reading, error) ||
        !append_choices(sql, noises, reading->noise, " AND ", "noise", error))
        return NULL;
    return g_strdup(sql->str);
}

/* [n_field] which fields of a reading are among the names. */
static gboolean *mark_fields(const struct ds_reading *reading, const char *const *names)
{
    g_auto(GStrv) fields_read = ds_reading_fields(reading);
    gboolean *marks = g_new0(gboolean, g_strv_length(fields_read) + 1);
    for (int i = 0; fields_read[i]; i++)
        marks[i] = g_strv_contains(names, fields_read[i]);
    return marks;
}

gboolean ds_reading_counts(const char *field)
{
    return g_strv_contains(counting_fields, field);
}

gboolean *ds_reading_counting(const struct ds_reading *reading)
{
    static const char *const none[] = {NULL};
    return mark_fields(reading, strcmp(reading->numbers, "raw") == 0 ? none : counting_fields);
}

gboolean *ds_reading_naming(const struct ds_reading *reading)
{
    return mark_fields(reading, naming_fields);
}

char **ds_reading_fields(const struct ds_reading *reading)
{
    char **names = g_strsplit(reading->fields, ",", -1);
    for (char **name = names; *name; name++)
        g_strstrip(*name);
    return names;
}
