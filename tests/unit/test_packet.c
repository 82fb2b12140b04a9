/* Packets from send to arrival, as lines tell of them. */
#include "dataset/packet.h"

#include "tracegen/event.h"
#include <math.h>

/* Lets the packet of a flow go through steps, one a line and second from `line` on. */
static void see(ds_packets *packets, GArray *done, gint64 uid, gint64 line,
                const enum ds_step *steps, int n)
{
    for (int i = 0; i < n; i++, line++)
        ds_packets_see(packets,
                       &(struct ds_sight){.flow = 3,
                                          .uid = uid,
                                          .forward = TRUE,
                                          .step = steps[i],
                                          .line = line,
                                          .time = (double)line,
                                          .seq = 5,
                                          .size = 100 + i,
                                          .forwards = TG_ABSENT},
                       done);
}

#define SEE(packets, done, uid, line, ...)                                                         \
    see(packets, done, uid, line, (const enum ds_step[]){__VA_ARGS__},                             \
        sizeof((const enum ds_step[]){__VA_ARGS__}) / sizeof(enum ds_step))

static GArray *new_done(void)
{
    return g_array_new(FALSE, FALSE, sizeof(struct ds_packet));
}

/* sent, received: lines, 0 for none; hops: TG_ABSENT for none. */
static void check(const GArray *done, guint i, gint64 sent, gint64 received, gint64 hops)
{
    g_assert_cmpuint(i, <, done->len);
    const struct ds_packet *p = &g_array_index(done, struct ds_packet, i);
    g_assert_cmpint(p->sent_line, ==, sent ? sent : TG_ABSENT);
    g_assert_cmpint(p->received_line, ==, received ? received : TG_ABSENT);
    g_assert_cmpint(p->hops, ==, hops);
    g_assert_true(sent ? p->sent == (double)sent : isnan(p->sent));
    g_assert_true(received ? p->received == (double)received : isnan(p->received));
}

static void test_wireless(void)
{
    g_autoptr(ds_packets) packets = ds_packets_new();
    GArray *done = new_done();
    SEE(packets, done, 0, 10, DS_SENT, DS_ARRIVED, DS_ARRIVED); /* a copy arrives later */
    SEE(packets, done, 1, 20, DS_SENT);
    SEE(packets, done, 2, 30, DS_ARRIVED); /* sent before the trace began */
    SEE(packets, done, 3, 40, DS_LEFT);    /* tells nothing */
    g_assert_cmpuint(done->len, ==, 0);
    g_assert_false(ds_packets_finish(packets, 100, done));
    g_assert_cmpuint(done->len, ==, 3);
    check(done, 0, 10, 11, TG_ABSENT); /* its lines print no hops */
    check(done, 1, 20, 0, TG_ABSENT);
    check(done, 2, 0, 30, TG_ABSENT);
    const struct ds_packet *p = &g_array_index(done, struct ds_packet, 0);
    g_assert_cmpint(p->flow, ==, 3);
    g_assert_cmpint(p->uid, ==, 0);
    g_assert_cmpint(p->seq, ==, 5);
    g_assert_cmpint(p->size, ==, 100);
    g_array_unref(done);
}

static void test_wired(void)
{
    g_autoptr(ds_packets) packets = ds_packets_new();
    GArray *done = new_done();
    SEE(packets, done, 0, 10, DS_ENQUEUED, DS_CROSSED, DS_ENQUEUED, DS_CROSSED); /* two links */
    SEE(packets, done, 1, 20, DS_ENQUEUED, DS_CROSSED, DS_ENQUEUED, DS_LEFT);    /* full queue */
    SEE(packets, done, 2, 30, DS_ENQUEUED, DS_CROSSED, DS_LEFT);
    SEE(packets, done, 3, 40, DS_ENQUEUED, DS_ENQUEUED, DS_CROSSED, DS_CROSSED); /* two chunks */
    SEE(packets, done, 4, 50, DS_ENQUEUED, DS_CROSSED, DS_LEFT, DS_ARRIVED); /* then on the air */
    SEE(packets, done, 6, 70, DS_DROPPED);                                   /* no link was up */
    SEE(packets, done, 7, 80, DS_ENQUEUED, DS_CROSSED, DS_DROPPED);
    SEE(packets, done, 5, 60, DS_SENT, DS_LEFT, DS_ENQUEUED, DS_CROSSED); /* from the air */
    SEE(packets, done, 8, 90, DS_CROSSED); /* on its way when the trace began */
    ds_packets_finish(packets, 100, done);
    g_assert_cmpuint(done->len, ==, 9);
    check(done, 0, 10, 13, 2);
    check(done, 1, 20, 0, TG_ABSENT);
    check(done, 2, 30, 0, TG_ABSENT);
    check(done, 3, 40, 42, 1);
    check(done, 4, 50, 53, 1);
    check(done, 5, 70, 0, TG_ABSENT);
    check(done, 6, 80, 0, TG_ABSENT);
    check(done, 7, 60, 63, 1);
    check(done, 8, 0, 90, TG_ABSENT);
    g_array_unref(done);
}

/* Where addresses are numbers of nodes, a packet that ends elsewhere has not arrived. */
static void test_destination(void)
{
    g_autoptr(ds_packets) packets = ds_packets_new();
    GArray *done = new_done();
    for (gint64 uid = 0; uid < 2; uid++) {
        struct ds_sight sight = {.uid = uid,
                                 .at_src = TRUE,
                                 .step = DS_ENQUEUED,
                                 .line = 10,
                                 .time = 10,
                                 .seq = TG_ABSENT,
                                 .size = TG_ABSENT,
                                 .forwards = TG_ABSENT};
        ds_packets_see(packets, &sight, done);
        sight.step = DS_CROSSED;
        sight.at_src = FALSE;
        sight.at_dst = uid == 1;
        sight.line++;
        sight.time++;
        ds_packets_see(packets, &sight, done);
    }
    ds_packets_finish(packets, 100, done);
    g_assert_cmpuint(done->len, ==, 2);
    check(done, 0, 10, 0, TG_ABSENT);
    check(done, 1, 10, 11, 1);
    g_array_unref(done);
}

/* A frame that is sent again on the air, when its packet has long crossed a wire, takes nothing
   back; what leaves the node that the wire ended at does. */
static void test_late_copy(void)
{
    g_autoptr(ds_packets) packets = ds_packets_new();
    GArray *done = new_done();
    static const struct {
        enum ds_step step;
        gint64 node;
    } steps[] = {{DS_SENT, 4}, {DS_LEFT, 2}, {DS_ENQUEUED, 2}, {DS_CROSSED, 1}, {DS_LEFT, 2}};
    for (gint64 i = 0; i < (gint64)G_N_ELEMENTS(steps); i++)
        ds_packets_see(packets,
                       &(struct ds_sight){.step = steps[i].step,
                                          .node = steps[i].node,
                                          .line = 1 + i,
                                          .time = (double)(1 + i),
                                          .forwards = TG_ABSENT},
                       done);
    ds_packets_finish(packets, 100, done);
    check(done, 0, 1, 4, 1);
    g_array_unref(done);
}

/* Hops on the air are the most that a line of the packet prints. */
static void test_hops(void)
{
    g_autoptr(ds_packets) packets = ds_packets_new();
    GArray *done = new_done();
    struct ds_sight sight = {.step = DS_SENT, .line = 1, .time = 1, .seq = TG_ABSENT};
    ds_packets_see(packets, &sight, done);
    sight = (struct ds_sight){.step = DS_ARRIVED, .line = 2, .time = 2, .forwards = 3};
    ds_packets_see(packets, &sight, done);
    ds_packets_finish(packets, 100, done);
    check(done, 0, 1, 2, 3);
    g_array_unref(done);
}

/* More packets than are followed at once: the oldest end first, none is lost or comes twice. */
static void test_many(void)
{
    enum { N = 100 * 1000 };
    g_autoptr(ds_packets) packets = ds_packets_new();
    GArray *done = new_done();
    for (gint64 i = 0; i < N; i++)
        SEE(packets, done, i * 1024, 1 + 2 * i, DS_SENT, DS_ARRIVED);
    g_assert_cmpuint(done->len, >, N / 2);
    while (ds_packets_finish(packets, 1000, done))
        continue;
    g_assert_cmpuint(done->len, ==, N);
    for (guint i = 0; i < N; i++) {
        g_assert_cmpint(g_array_index(done, struct ds_packet, i).uid, ==, (gint64)i * 1024);
        check(done, i, 1 + 2 * i, 2 + 2 * i, TG_ABSENT);
    }
    g_array_unref(done);
}

/* As many packets under way at once as are followed: each is found again. */
static void test_interleaved(void)
{
    enum { N = 32 * 1024 };
    g_autoptr(ds_packets) packets = ds_packets_new();
    GArray *done = new_done();
    for (gint64 i = 0; i < 3 * N; i++) {
        SEE(packets, done, i * i, 1 + i, DS_SENT);
        if (i >= N / 2)
            SEE(packets, done, (i - N / 2) * (i - N / 2), 1 + i, DS_ARRIVED);
    }
    ds_packets_finish(packets, G_MAXUINT, done);
    g_assert_cmpuint(done->len, ==, 3 * N);
    for (guint i = 0; i < done->len - N / 2; i++)
        check(done, i, 1 + i, 1 + i + N / 2, TG_ABSENT);
    g_array_unref(done);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/packet/wireless", test_wireless);
    g_test_add_func("/packet/wired", test_wired);
    g_test_add_func("/packet/destination", test_destination);
    g_test_add_func("/packet/late-copy", test_late_copy);
    g_test_add_func("/packet/hops", test_hops);
    g_test_add_func("/packet/many", test_many);
    g_test_add_func("/packet/interleaved", test_interleaved);
    return g_test_run();
}
