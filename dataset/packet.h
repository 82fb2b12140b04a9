/* Data packets from send to arrival, followed line by line in bounded memory. */
#ifndef DATASET_PACKET_H
#define DATASET_PACKET_H

#include <glib.h>

/* What a line tells of a data packet. */
enum ds_step {
    DS_NO_STEP,
    DS_SENT,     /* its sender's agent sends it */
    DS_ARRIVED,  /* an agent gets it */
    DS_ENQUEUED, /* wired: it waits for a link */
    DS_CROSSED,  /* wired: it has crossed a link, maybe the last one */
    DS_DROPPED,  /* wired: it was dropped, maybe before it could wait for a link */
    DS_LEFT      /* it goes on from the node that a link took it to, over the air */
};

/* A row of packet. Integers are TG_ABSENT, times NAN where nothing is known. */
struct ds_packet {
    gint64 flow, uid;
    gboolean forward;
    gint64 seq, size;
    double sent, received; /* s */
    gint64 hops;           /* links crossed */
    gint64 sent_line, received_line;
};

typedef struct ds_packets ds_packets;

ds_packets *ds_packets_new(void);
void ds_packets_free(ds_packets *packets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ds_packets, ds_packets_free)

/* One line about a packet: of which, what happened, when. */
struct ds_sight {
    gint64 flow, uid, node;
    gboolean forward;        /* from flow.src to flow.dst */
    gboolean at_src, at_dst; /* the number of the node is the address it is from, or for */
    gboolean to_group;       /* for a multicast address */
    enum ds_step step;
    gint64 line;
    double time;
    gint64 seq, size, forwards; /* as in struct tg_event */
};

/*
 * Takes the line in. When a packet has to make room, its row is appended to `done`, an array of
 * struct ds_packet: the oldest of all that are being followed, which is next to always complete.
 * Should it be seen again after that, it gets a second row, and the two are to be merged.
 */
void ds_packets_see(ds_packets *packets, const struct ds_sight *sight, GArray *done);

/* Appends at most max rows of packets that are still being followed; FALSE when none is left. */
gboolean ds_packets_finish(ds_packets *packets, guint max, GArray *done);

#endif
