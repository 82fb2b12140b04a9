#include "dataset/event_column.h"

#include <math.h>

#define COLUMN(name, type, tables)                                                                 \
    {                                                                                              \
#name, DS_COLUMN_##type, tables, offsetof(struct tg_event, name)                           \
    }

const struct ds_column ds_event_columns[] = {
    COLUMN(time, REAL, DS_IN_ROW),
    COLUMN(op, CHAR, DS_IN_KIND),
    COLUMN(layer, TEXT, DS_IN_KIND),
    COLUMN(node, INT, DS_IN_PLACE),
    COLUMN(ptype, TEXT, DS_IN_KIND),
    COLUMN(src, INT, DS_IN_ENDS),
    COLUMN(sport, INT, DS_IN_ENDS),
    COLUMN(dst, INT, DS_IN_ENDS),
    COLUMN(dport, INT, DS_IN_ENDS),
    COLUMN(size, INT, DS_IN_KIND),
    COLUMN(uid, INT, DS_IN_ROW),
    COLUMN(seq, INT, DS_IN_ROW),
    COLUMN(ttl, INT, DS_IN_ENDS),
    COLUMN(next_hop, INT, DS_IN_PLACE),
    COLUMN(mac_src, INT, DS_IN_PLACE),
    COLUMN(mac_dst, INT, DS_IN_PLACE),
    COLUMN(reason, TEXT, DS_IN_KIND),
    COLUMN(format, FORMAT, DS_IN_KIND),
    COLUMN(mac_duration, DURATION, DS_IN_KIND),
    COLUMN(mac_type, INT, DS_IN_KIND),
    COLUMN(ack, INT, DS_IN_ROW),
    COLUMN(forwards, INT, DS_IN_KIND),
    COLUMN(optimal, INT, DS_IN_KIND),
    COLUMN(fid, INT, DS_IN_ENDS),
    COLUMN(flags, TEXT, DS_IN_KIND),
    COLUMN(hop_src, INT, DS_IN_PLACE),
    COLUMN(hop_dst, INT, DS_IN_PLACE),
    COLUMN(x, REAL, DS_IN_PLACE | DS_IN_EXTRA),
    COLUMN(y, REAL, DS_IN_PLACE | DS_IN_EXTRA),
    COLUMN(z, REAL, DS_IN_PLACE | DS_IN_EXTRA),
    COLUMN(energy, REAL, DS_IN_PLACE | DS_IN_EXTRA),
    COLUMN(arp_op, TEXT, DS_IN_KIND),
    COLUMN(arp_src_mac, INT, DS_IN_ENDS),
    COLUMN(arp_src, INT, DS_IN_ENDS),
    COLUMN(arp_dst_mac, INT, DS_IN_ENDS),
    COLUMN(arp_dst, INT, DS_IN_ENDS),
    COLUMN(route_op, TEXT, DS_IN_KIND),
    COLUMN(route_dst, INT, DS_IN_EXTRA),
    COLUMN(route_src, INT, DS_IN_EXTRA),
    COLUMN(tcp_header, TEXT, DS_IN_KIND),
    COLUMN(srm, TEXT, DS_IN_KIND),
    COLUMN(n_chunk, INT, DS_IN_EXTRA),
    COLUMN(stream, INT, DS_IN_EXTRA),
    COLUMN(stream_seq, INT, DS_IN_EXTRA),
    COLUMN(radio, TEXT, DS_IN_EXTRA),
    COLUMN(tail, TEXT, DS_IN_EXTRA),
    COLUMN(spelling, BITS, DS_IN_KIND),
};
const int ds_n_event_column = G_N_ELEMENTS(ds_event_columns);

static struct ds_value int_value(gint64 i)
{
    return (struct ds_value){i == TG_ABSENT ? DS_NULL : DS_INTEGER, .i = i};
}

static struct ds_value real_value(double r)
{
    return (struct ds_value){isnan(r) ? DS_NULL : DS_REAL, .r = r};
}

static struct ds_value text_value(struct tg_text text)
{
    return (struct ds_value){text.at ? DS_TEXT : DS_NULL, .text = text};
}

struct ds_value ds_event_value(const struct tg_event *event, const struct ds_column *column)
{
    const void *member = (const char *)event + column->offset;
    switch ((enum ds_column_type)column->type) {
    case DS_COLUMN_INT:
        return int_value(*(const gint64 *)member);
    case DS_COLUMN_REAL:
        return real_value(*(const double *)member);
    case DS_COLUMN_TEXT:
        return text_value(*(const struct tg_text *)member);
    case DS_COLUMN_CHAR:
        return text_value((struct tg_text){member, 1});
    case DS_COLUMN_FORMAT: {
        const char *name = tg_format_name(*(const enum tg_format *)member);
        return text_value((struct tg_text){name, (int)strlen(name)});
    }
    case DS_COLUMN_DURATION: {
        double duration = *(const double *)member;
        return isnan(duration) || event->spelling & TG_SPELLING_SMAC ? real_value(duration)
                                                                     : int_value((gint64)duration);
    }
    case DS_COLUMN_BITS:
        return int_value(*(const guint *)member);
    }
    g_assert_not_reached();
}

static gboolean set_format(enum tg_format *format, struct ds_value value)
{
    for (int i = 0; value.type == DS_TEXT && i < TG_N_FORMAT; i++)
        if (tg_text_is(value.text, tg_format_name((enum tg_format)i))) {
            *format = (enum tg_format)i;
            return TRUE;
        }
    return FALSE;
}

static gboolean set_real(double *member, struct ds_value value)
{
    if (value.type == DS_TEXT)
        return FALSE;
    *member = value.type == DS_REAL ? value.r : value.type == DS_INTEGER ? (double)value.i : NAN;
    return TRUE;
}

static gboolean set_int(gint64 *member, struct ds_value value)
{
    if (value.type != DS_INTEGER && value.type != DS_NULL)
        return FALSE;
    *member = value.type == DS_INTEGER ? value.i : TG_ABSENT;
    return TRUE;
}

gboolean ds_event_set_value(struct tg_event *event, const struct ds_column *column,
                            struct ds_value value)
{
    void *member = (char *)event + column->offset;
    switch ((enum ds_column_type)column->type) {
    case DS_COLUMN_INT:
        return set_int(member, value);
    case DS_COLUMN_REAL:
    case DS_COLUMN_DURATION:
        return set_real(member, value);
    case DS_COLUMN_TEXT:
        if (value.type != DS_TEXT && value.type != DS_NULL)
            return FALSE;
        *(struct tg_text *)member = value.type == DS_TEXT ? value.text : (struct tg_text){NULL, 0};
        return TRUE;
    case DS_COLUMN_CHAR:
        if (value.type != DS_TEXT || value.text.n != 1)
            return FALSE;
        *(char *)member = *value.text.at;
        return TRUE;
    case DS_COLUMN_FORMAT:
        return set_format(member, value);
    case DS_COLUMN_BITS:
        if (value.type != DS_INTEGER || value.i < 0 || value.i > G_MAXUINT32)
            return FALSE;
        *(guint *)member = (guint)value.i;
        return TRUE;
    }
    g_assert_not_reached();
}
