#include "dataset/event_writer.h"

#include "dataset/store_internal.h"
#include <math.h>
#include <string.h>

struct ds_event_writer {
    ds_store *store;
    sqlite3_stmt *insert;
};

ds_event_writer *ds_event_writer_new(ds_store *store, GError **error)
{
    static const char sql[] =
        "INSERT INTO event (run_id, line, time, op, layer, node, ptype, proto, src, sport, dst,"
        " dport, size, uid, seq, ttl, next_hop, mac_src, mac_dst, reason, flow, attack, format,"
        " mac_duration, mac_type, ack, forwards, optimal, fid, flags, hop_src, hop_dst, x, y, z,"
        " energy, arp_op, arp_src_mac, arp_src, arp_dst_mac, arp_dst, route_op, route_dst,"
        " route_src, tcp_header, srm, n_chunk, stream, stream_seq, radio, tail, spelling, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    ds_event_writer *writer = g_new0(ds_event_writer, 1);
    writer->store = store;
    if (sqlite3_prepare_v2(store->db, sql, -1, &writer->insert, NULL) != SQLITE_OK) {
        ds_store_fail(store, error);
        ds_event_writer_free(writer);
        return NULL;
    }
    return writer;
}

void ds_event_writer_free(ds_event_writer *writer)
{
    if (!writer)
        return;
    sqlite3_finalize(writer->insert);
    g_free(writer);
}

/* The parameters of the statement from left to right. */
struct binder {
    sqlite3_stmt *statement;
    int column;
};

static void put_int(struct binder *b, gint64 value)
{
    b->column++;
    if (value == TG_ABSENT)
        sqlite3_bind_null(b->statement, b->column);
    else
        sqlite3_bind_int64(b->statement, b->column, value);
}

static void put_real(struct binder *b, double value)
{
    b->column++; /* NaN binds NULL */
    sqlite3_bind_double(b->statement, b->column, value);
}

static void put_text(struct binder *b, struct tg_text text)
{
    b->column++;
    sqlite3_bind_text(b->statement, b->column, text.at, text.n, SQLITE_STATIC);
}

static void put_word(struct binder *b, const char *word)
{
    put_text(b, (struct tg_text){word, word ? (int)strlen(word) : 0});
}

static void put_packet(struct binder *b, const struct tg_event *e, const struct ds_label *label)
{
    put_real(b, e->time);
    put_text(b, (struct tg_text){&e->op, 1});
    put_text(b, e->layer);
    put_int(b, e->node);
    put_text(b, e->ptype);
    put_word(b, label->proto);
    put_int(b, e->src);
    put_int(b, e->sport);
    put_int(b, e->dst);
    put_int(b, e->dport);
    put_int(b, e->size);
    put_int(b, e->uid);
    put_int(b, e->seq);
    put_int(b, e->ttl);
    put_int(b, e->next_hop);
    put_int(b, e->mac_src);
    put_int(b, e->mac_dst);
    put_text(b, e->reason);
    put_int(b, label->flow);
    put_int(b, label->attack);
}

static void put_rest(struct binder *b, const struct tg_event *e)
{
    put_word(b, tg_format_name(e->format));
    if (e->spelling & TG_SPELLING_SMAC || isnan(e->mac_duration))
        put_real(b, e->mac_duration);
    else
        put_int(b, (gint64)e->mac_duration);
    put_int(b, e->mac_type);
    put_int(b, e->ack);
    put_int(b, e->forwards);
    put_int(b, e->optimal);
    put_int(b, e->fid);
    put_text(b, e->flags);
    put_int(b, e->hop_src);
    put_int(b, e->hop_dst);
    put_real(b, e->x);
    put_real(b, e->y);
    put_real(b, e->z);
    put_real(b, e->energy);
    put_text(b, e->arp_op);
    put_int(b, e->arp_src_mac);
    put_int(b, e->arp_src);
    put_int(b, e->arp_dst_mac);
    put_int(b, e->arp_dst);
    put_text(b, e->route_op);
    put_int(b, e->route_dst);
    put_int(b, e->route_src);
    put_text(b, e->tcp_header);
    put_text(b, e->srm);
    put_int(b, e->n_chunk);
    put_int(b, e->stream);
    put_int(b, e->stream_seq);
    put_text(b, e->radio);
    put_text(b, e->tail);
    put_int(b, e->spelling ? (gint64)e->spelling : TG_ABSENT);
}

gboolean ds_event_write(ds_event_writer *writer, gint64 run_id, const struct tg_line *line,
                        const struct ds_label *label, GError **error)
{
    struct binder b = {writer->insert, 0};
    put_int(&b, run_id);
    put_int(&b, line->number);
    put_packet(&b, &line->event, label);
    put_rest(&b, &line->event);
    put_text(&b, line->odd ? line->text : (struct tg_text){NULL, 0});
    int code = sqlite3_step(writer->insert);
    if (code != SQLITE_DONE)
        ds_store_fail(writer->store, error);
    sqlite3_reset(writer->insert);
    return code == SQLITE_DONE;
}
