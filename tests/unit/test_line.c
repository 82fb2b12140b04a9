/* One line of a trace: what it is, and what its fields hold. */
#include "tracegen/line.h"

#include <math.h>
#include <string.h>

static const char old_cbr[] =
    "r 0.008021000 _15_ AGT  --- 7 cbr 1520 [13a 11 10 800] ------- [14:0 15:1 30 15] [5] 1 0";
static const char old_rts[] = "s 0.002926948 _14_ MAC  --- 0 RTS 44 [436 2 e 0] ";
static const char old_arp[] =
    "s 0.001803474 _2_ MAC  --- 0 ARP 86 [0 ffffffff 2 806] ------- [REQUEST 2/2 0/14] ";
static const char old_request[] =
    "D 0.025295923 _12_ MAC  COL 0 AODV 106 [0 ffffffff 3 800] ------- [3:255 -1:255 30 0] [0x2 1 "
    "1 [2 0] [3 4]] (REQUEST)";
static const char old_reply[] = "s 0.001288474 _2_ RTR  --- 0 AODV 44 [0 0 0 0] ------- [2:255 "
                                "14:255 30 14] [0x4 1 [2 4] 10.000000] (REPLY)";
static const char old_tcp[] =
    "s 0.107043848 _2_ AGT  --- 1 ack 40 [0 0 0 0] ------- [2:0 14:0 32 0] [3 4] 0 0";
static const char old_energy[] =
    "r 0.5 _1_ RTR  --- 4 cbr 32 [0 1 0 800] [energy 9.500000 ei 0.100 es 0.000 et 0.200 er 0.200] "
    "------- [0:0 1:0 32 1] [2] 1 1";
static const char old_energy_request[] =
    "r 0.101223667 _1_ MAC  --- 0 AODV 48 [0 ffffffff 0 800] [energy 9.948964 ei 0.050 es 0.000 et "
    "0.000 er 0.001] ------- [0:255 -1:255 30 0] [0x2 1 1 [2 0] [0 4]] (REQUEST)";
static const char old_energy_rts[] =
    "s 0.163604622 _1_ MAC  --- 0 RTS 44 [52e 2 1 0] [energy 9.916513 ei 0.080 es 0.000 et 0.001 "
    "er 0.002] ";
static const char old_energy_dsr[] =
    "s 0.162225955 _2_ RTR  --- 7 DSR 52 [0 0 0 0] [energy 9.920086 ei 0.078 es 0.000 et 0.000 er "
    "0.002] ------- [2:255 0:255 254 1] 3 [0 2] [1 2 3 0->2] [0 0 0 0->0]";
static const char old_energy_exp[] =
    "s 1.029751309 _0_ AGT  --- 153 exp 210 [0 0 0 0] [energy 9.020686 ei 0.105 es 0.000 et 0.147 "
    "er 0.727] ------- [0:1 2:0 32 0] ";
static const char old_dsr[] = "s 0.162225955 _2_ RTR  --- 7 DSR 52 [0 0 0 0] ------- [2:255 0:255 "
                              "254 1] 3 [0 2] [1 2 3 0->2] [0 0 0 0->0]";
static const char new_cbr[] =
    "r -t 0.008021000 -Hs 15 -Hd 15 -Ni 15 -Nx 900.00 -Ny 300.00 -Nz 0.00 -Ne -1.000000 -Nl AGT "
    "-Nw --- -Ma 13a -Md 11 -Ms 10 -Mt 800 -Is 14.0 -Id 15.1 -It cbr -Il 1520 -If 3 -Ii 7 -Iv 30 "
    "-Pn cbr -Pi 5 -Pf 1 -Po 0 ";
static const char new_mac_cbr[] =
    "s -t 0.173609622 -Hs 0 -Hd 1 -Ni 0 -Nx 100.00 -Ny 100.00 -Nz 0.00 -Ne 9.905832 -Nl MAC -Nw "
    "--- -Ma 13a -Md 1 -Ms 0 -Mt 800 -Is 0.0 -Id 2.0 -It cbr -Il 598 -If 0 -Ii 0 -Iv 32 -Pn cbr "
    "-Pi 0 -Pf 0 -Po 0 ";
static const char new_control[] =
    "d -t 0.015200581 -Hs 6 -Hd -2 -Ni 6 -Nx 1000.00 -Ny 201.00 -Nz 0.00 -Ne -1.000000 -Nl MAC -Nw "
    "COL -Ma 377 -Md 6 -Ms f -Mt 0 ";
static const char new_arp[] =
    "s -t 0.001424000 -Hs 15 -Hd -2 -Ni 15 -Nx 900.00 -Ny 300.00 -Nz 0.00 -Ne -1.000000 -Nl MAC "
    "-Nw --- -Ma 0 -Md ffffffff -Ms 11 -Mt 806 -P arp -Po REQUEST -Pms 17 -Ps 15 -Pmd 0 -Pd 14 ";
static const char new_request[] =
    "s -t 0.000000000 -Hs 14 -Hd -2 -Ni 14 -Nx 300.00 -Ny 500.00 -Nz 0.00 -Ne -1.000000 -Nl RTR "
    "-Nw --- -Ma 0 -Md 0 -Ms 0 -Mt 0 -Is 14.255 -Id -1.255 -It AODV -Il 48 -If 0 -Ii 0 -Iv 30 -P "
    "aodv -Pt 0x2 -Ph 1 -Pb 1 -Pd 15 -Pds 0 -Ps 14 -Pss 4 -Pc REQUEST ";
static const char wired[] = "r 1.20458 5 0 cbr 1020 -A---N- 5 2.0.1.3 0.2.0.1 -1 19";

/* Lines without free text, and how many of their proper prefixes are lines as well. */
static const struct {
    const char *text;
    int n_prefix; /* without the last blank, digit, or the energy */
} event_lines[] = {
    {old_cbr, 0},        {old_rts, 1}, {old_arp, 1},     {old_request, 0},
    {old_reply, 0},      {old_tcp, 0}, {old_energy, 0},  {old_energy_request, 0},
    {old_energy_rts, 3}, {new_cbr, 1}, {new_mac_cbr, 1}, {new_control, 1},
    {new_arp, 2}, /* blank and digit */
    {new_request, 1},    {wired, 1},
};

/* Parses a copy of exactly that size, so that a sanitizer sees a byte too many. */
static struct tg_line parse_bytes(const char *text, gsize n)
{
    static char *copy;
    g_free(copy);
    copy = g_memdup2(text, n);
    struct tg_line line = {.text = {n ? copy : "", (int)n}};
    tg_parse_line(&line);
    return line;
}

static struct tg_line parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static struct tg_event parse_event(const char *text)
{
    struct tg_line line = parse(text);
    if (line.kind == TG_LINE_REJECT)
        g_error("%s: %s", text, line.reason);
    g_assert_cmpint(line.kind, ==, TG_LINE_EVENT);
    return line.event;
}

static void assert_text(struct tg_text text, const char *wanted)
{
    g_autofree char *got = text.at ? g_strndup(text.at, (gsize)text.n) : NULL;
    g_assert_cmpstr(got, ==, wanted);
}

static void test_old_fields(void)
{
    struct tg_event e = parse_event(old_cbr);
    g_assert_cmpint(e.format, ==, TG_FORMAT_OLD);
    g_assert_cmpfloat(e.time, ==, 0.008021);
    g_assert_cmpint(e.op, ==, 'r');
    assert_text(e.layer, "AGT");
    assert_text(e.reason, NULL);
    assert_text(e.ptype, "cbr");
    assert_text(e.tail, NULL);
    const gint64 got[] = {e.node,     e.uid, e.size,     e.mac_duration, e.mac_dst, e.mac_src,
                          e.mac_type, e.src, e.sport,    e.dst,          e.dport,   e.ttl,
                          e.next_hop, e.seq, e.forwards, e.optimal};
    const gint64 wanted[] = {15, 7, 1520, 0x13a, 0x11, 0x10, 0x800, 14, 0, 15, 1, 30, 15, 5, 1, 0};
    for (gsize i = 0; i < G_N_ELEMENTS(got); i++)
        g_assert_cmpint(got[i], ==, wanted[i]);
    g_assert_cmpint(e.ack, ==, TG_ABSENT);
    g_assert_cmpint(e.fid, ==, TG_ABSENT);
}

static void test_old_variants(void)
{
    struct tg_event e = parse_event(old_rts);
    assert_text(e.ptype, "RTS");
    g_assert_cmpint(e.src, ==, TG_ABSENT);
    g_assert_cmpint(e.mac_src, ==, 0xe);

    e = parse_event(old_arp);
    assert_text(e.arp_op, "REQUEST");
    g_assert_cmpint(e.src, ==, TG_ABSENT);
    g_assert_cmpint(e.mac_dst, ==, 0xffffffff);
    g_assert_cmpint(e.arp_dst, ==, 14);

    e = parse_event(old_request);
    g_assert_cmpint(e.op, ==, 'd');
    assert_text(e.reason, "COL");
    assert_text(e.route_op, "REQUEST");
    g_assert_cmpint(e.dst, ==, -1);
    g_assert_cmpint(e.route_dst, ==, 2);
    g_assert_cmpint(e.route_src, ==, 3);
    assert_text(e.tail, "[0x2 1 1 [2 0] [3 4]] (REQUEST)");

    e = parse_event(old_reply);
    assert_text(e.route_op, "REPLY");
    g_assert_cmpint(e.route_dst, ==, 2);
    g_assert_cmpint(e.route_src, ==, TG_ABSENT);

    e = parse_event(old_tcp);
    g_assert_cmpint(e.seq, ==, 3);
    g_assert_cmpint(e.ack, ==, 4);

    e = parse_event(old_energy);
    g_assert_cmpfloat(e.energy, ==, 9.5);
    g_assert_cmpint(e.seq, ==, 2);
    assert_text(e.radio, "ei 0.100 es 0.000 et 0.200 er 0.200");
    assert_text(e.tail, NULL);
}

/* With an energy model: how it was spent is kept as text. */
static void test_old_energy(void)
{
    struct tg_event e = parse_event(old_energy_request);
    g_assert_cmpfloat(e.energy, ==, 9.948964);
    assert_text(e.route_op, "REQUEST");
    g_assert_cmpint(e.route_dst, ==, 2);
    g_assert_cmpint(e.route_src, ==, 0);
    assert_text(e.radio, "ei 0.050 es 0.000 et 0.000 er 0.001");
    assert_text(e.tail, "[0x2 1 1 [2 0] [0 4]] (REQUEST)");

    e = parse_event(old_energy_dsr);
    g_assert_cmpfloat(e.energy, ==, 9.920086);
    g_assert_cmpint(e.src, ==, 2);
    g_assert_cmpint(e.next_hop, ==, 1);
    assert_text(e.tail, "3 [0 2] [1 2 3 0->2] [0 0 0 0->0]");

    e = parse_event(old_energy_rts);
    g_assert_cmpint(e.mac_src, ==, 1);
    assert_text(e.radio, "ei 0.080 es 0.000 et 0.001 er 0.002");
    e = parse_event(old_energy_exp);
    assert_text(e.ptype, "exp");
    g_assert_cmpint(e.sport, ==, 1);

    e = parse_event(old_dsr);
    g_assert_true(isnan(e.energy));
    assert_text(e.tail, "3 [0 2] [1 2 3 0->2] [0 0 0 0->0]");
}

static void test_new_fields(void)
{
    struct tg_event e = parse_event(new_cbr);
    g_assert_cmpint(e.format, ==, TG_FORMAT_NEW);
    g_assert_cmpfloat(e.x, ==, 900);
    g_assert_cmpfloat(e.energy, ==, -1);
    assert_text(e.reason, NULL);
    const gint64 got[] = {e.node,    e.uid,      e.size,     e.mac_duration, e.mac_dst,
                          e.mac_src, e.mac_type, e.src,      e.sport,        e.dst,
                          e.dport,   e.ttl,      e.next_hop, e.seq,          e.forwards,
                          e.optimal, e.fid,      e.hop_src,  e.hop_dst};
    const gint64 wanted[] = {15, 7,  1520, 0x13a, 0x11, 0x10, 0x800, 14, 0, 15,
                             1,  30, 15,   5,     1,    0,    3,     15, 15};
    for (gsize i = 0; i < G_N_ELEMENTS(got); i++)
        g_assert_cmpint(got[i], ==, wanted[i]);

    e = parse_event(new_control);
    assert_text(e.ptype, NULL);
    assert_text(e.reason, "COL");
    g_assert_cmpint(e.size, ==, TG_ABSENT);
    g_assert_cmpint(e.hop_dst, ==, -2);
    g_assert_cmpint(e.next_hop, ==, TG_ABSENT);

    e = parse_event(new_arp);
    assert_text(e.arp_op, "REQUEST");
    g_assert_cmpint(e.arp_src_mac, ==, 17);
    g_assert_cmpint(e.size, ==, TG_ABSENT);

    e = parse_event(new_request);
    assert_text(e.route_op, "REQUEST");
    g_assert_cmpint(e.route_dst, ==, 15);
    g_assert_cmpint(e.route_src, ==, 14);
}

static void test_wired_fields(void)
{
    struct tg_event e = parse_event(wired);
    g_assert_cmpint(e.format, ==, TG_FORMAT_WIRED);
    assert_text(e.flags, "-A---N-");
    assert_text(e.layer, NULL);
    const gint64 got[] = {e.node,  e.hop_src, e.hop_dst, e.size, e.fid, e.src,
                          e.sport, e.dst,     e.dport,   e.seq,  e.uid, e.next_hop};
    const gint64 wanted[] = {0, 5, 0, 1020, 5, 2 << 22 | 1, 3, 2 << 11, 1, -1, 19, TG_ABSENT};
    for (gsize i = 0; i < G_N_ELEMENTS(got); i++)
        g_assert_cmpint(got[i], ==, wanted[i]);
    e = parse_event("+ 0 1 2 tcp 40 ------- 0 1.0 2.0 0 0");
    g_assert_cmpint(e.node, ==, 1);
    g_assert_cmpint(e.next_hop, ==, 2);
    e = parse_event("d 1e-05 1 2 tcp 40 ------- 0 1.0 2147483647.0 0 0");
    g_assert_cmpfloat(e.time, ==, 1e-05);
    g_assert_cmpint(e.dst, ==, -1);
}

/* Lines after ns-2's printf formats, of layouts and tails that the tests above do not take apart.
 */
static const char *const more_lines[] = {
    "+ 0.57 -s 2 -d -1 -p cbr -k AGT -i 3 -N:loc {5.00 2.00 0.00} -N:en -1.000000 -M:dur 0 -M:s 0 "
    "-M:d 0 -M:t 0 -IP:s 2 -IP:sp 0 -IP:d 3 -IP:dp 0 -p cbr -e 512 -c 0 -i 3 -IP:ttl 32 -cbr:s 0 "
    "-cbr:f 0 -cbr:o 1 ",
    "h 0.168586995593313 -s 2 -d 1 -p AODV -k RTR -i 0 -N:loc {5.00 2.00 0.00} -N:en 9.100000 "
    "-M:dur 0 -M:s ffffffff -M:d 2 -M:t 800 -IP:s 2 -IP:sp 255 -IP:d -1 -IP:dp 255 -p AODV -e 48 "
    "-c 0 -i 0 -IP:ttl 30 -aodv:t 4 -aodv:h 1 -aodv:d 3 -adov:ds 4 -aodv:l 10.000000 -aodv:c "
    "REPLY ",
    "d 1.5 -s 2 -d 1 -p ARP -k IFQ -i 0 -N:loc {5.00 2.00 0.00} -N:en -1.000000 -M:dur 0 -M:s 1 "
    "-M:d 2 -M:t 806 -arp:op REQUEST -arp:ms 2 -arp:s 2 -arp:md 0 -arp:d 1 ",
    "r 0.25 -s 2 -d -1 -p MAC -k MAC -i 0 -N:loc {5.00 2.00 0.00} -N:en -1.000000 -M:dur 14e -M:s "
    "1 "
    "-M:d 2 -M:t 0 ",
    "+ 0.1 -s 0 -d 2 -p tcp -e 40 -c 1 -i 0 -a 1 -x {0.0 3.0 0 ------- null}",
    "h 0.1 -s 0 -d 2 -p cbr -e 40 -c 1 -i 0 -a 1 -x {2.0.1.0 1.0.0.0 -1 ------- SRM_DATA}",
    "+ 0.1 0 2 tcp 40 ------- 1 0.0 3.0 0 0 0 0x10 40 0",
    "r 1e-05 0 1 sctp 56 -------I 0 0.0 1.0 1 1 0 65535 65535",
    "+ 1.0000 66 26 cbr 210 ------- 0 66.0 67.0 0 0 37.90 -122.30 48.90 -120.94",
    "r 1.0129 -1 26 cbr 210 ------- 0 66.0 67.0 0 0 -999.00 -999.00 48.90 -120.94[2 0 U SABME]",
    "d 1.0129 1 26 ack 40 ------- 0 66.0 67.0 3 9 0 0x10 40 0 1.00 2.00 48.90 -120.94[2 0 I 0 1]",
    "r 1.0129 1 26 ack 40 ------- 0 66.0 67.0 3 9 1.00 2.00 48.90 -120.94[2 0 S 1 RR]",
    "E 0.5 0 4 cbr 210 ------- 0 0.0 1073741824.0 0 7",
    "D 0.5 0 4 cbr 210 ------- 0 0.0 1073741824.0 0 7",
    "r 2.5 1 0 message 40 ------- 0 1.0.0.255 511.2047.2047.255 -1 9",
    "s 1.100000000 _2_ MAC  --- 0 RTS 10 [0.05 1 2] ",
    "s 1.100000000 14 (300.00  50.00) AGT  --- 7 cbr 512  [0 0 0 0] ------- [14:0 15:0 32 0] [1] 0 "
    "2",
    "s 1.100000000 _4194305_ RTR  --- 7 AODV 48 [0 0 0 0] ------- [4194305:255 2147483647:255 30 "
    "0] "
    "[0x2 1 1 [3 0] [4194305 4]] (REQUEST)",
    "s 1.100000000 _2_ AGT  --- 7 sctp 56 [0 0 0 0] ------- [2:0 3:0 32 0] [1 I 1 0 65535] 0 1",
    "s 1.100000000 _2_ RTR  --- 7 AOMDV 48 [0 0 0 0] ------- [2:255 3:255 32 3] [0x4 1 [2 4] "
    "10.000000] (REPLY) [1 2]",
    "s 1.100000000 _2_ AGT  --- 7 exp 210 [0 0 0 0] ------- [2:0 3:0 32 0] ",
    "d -t 1.000600000 -Hs 5 -Hd -2 -Ni 5 -Nx 5.00 -Ny 3.00 -Nz 0.00 -Ne -1.000000 -Nl PHY -Nw SXB "
    "-Ma 0 -Md 0 -Ms 0 -Mt 0 ",
    "s 1.100000000 _2_ AGT  --- 7 sctp 56 [0 0 0 0] ------- [2:0 3:0 32 0] [1   0 0 1] 0 1",
    "s -t 1.100000000 -Hs 2 -Hd -1 -Ni 2 -Nx 5.00 -Ny 2.00 -Nz 0.00 -Ne -1.000000 -Nl AGT -Nw --- "
    "-Ma 0 -Md 0 -Ms 0 -Mt 0 -Is 2.0 -Id 3.0 -It sctp -Il 56 -If 0 -Ii 7 -Iv 32 -Pn sctp -Pnc 1 "
    "-Pct   -Ptsn 0 -Psid 0 -Pssn 1 -Pf 0 -Po 1 ",
    "+ 0.5 -s 2 -d -1 -p sctp -k AGT -i 3 -N:loc {5.00 2.00 0.00} -N:en -1.000000 -M:dur 0 -M:s 0 "
    "-M:d 0 -M:t 0 -IP:s 2 -IP:sp 0 -IP:d 3 -IP:dp 0 -p sctp -e 56 -c 0 -i 3 -IP:ttl 32 [1 D 1 0 "
    "0] 0 1",
    "r 1e-05 0 1 sctp 56 ------- 0 0.0 1.0 1 1 0 65535 65535",
    "r 1e-05 0 1 sctp 56 ------- 0 0.0 1.0 -1 17",
    "r 1e-05 0 1 sctp 56 ------- 0 0.0 1.0 -1 17 0 0x0 0 0",
    "+ 1.0000 66 26 sctp 56 ------- 0 66.0 67.0 1 1 0 0 1 37.90 -122.30 48.90 -120.94",
    "+ 1.0000 66 26 sctp 56 ------- 0 66.0 67.0 -1 17 37.90 -122.30 48.90 -120.94",
    "r 1.0129 1 26 HDLC 40 ------- 0 66.0 67.0 3 9 1.00 2.00 48.90 -120.94[2 1 S -1 REJ]",
    "r 1.0129 1 26 ack 40 ------- 0 66.0 67.0 3 9 1.00 2.00 48.90 -120.94[2 1 I -1 -1]",
    "E 0.1 -s 0 -d 2 -p cbr -e 210 -c 1 -i 0 -a 1 -x {0.0 1073741824.0 0 ------- null}",
    "D 0.1 -s 0 -d 2 -p SRM -e 40 -c 1 -i 0 -a 1 -x {0.0 3.0 -1 ------- SRM_SESS}",
    "D 1.000000000 _2_ RTR DROP_RTR_DADD 7 cbr 532 [0 0 0 0] ------- [2:0 3:0 32 0] [5] 0 1",
    "s 1.100000000 _2_ RTR  --- 9 IMEP 12 [0 0 0 0] ------- [2:255 -1:255 1 0] [- H - 0x0005] ",
    "s 1.100000000 _2_ RTR  --- 9 TORA 12 [0 0 0 0] ------- [2:255 -1:255 1 0] -Pt 0x2 -Pd 3 -Pa "
    "0.000000 -Po 0 -Pr 0 -Pe 0 -Pi 2 -Pc UPDATE ",
    "s -t 1.100000000 -Hs 2 -Hd -1 -Ni 2 -Nx 5.00 -Ny 2.00 -Nz 0.00 -Ne -1.000000 -Nl MAC -Nw ---  "
    "[0.05 1 2] ",
};

/* Unless it is called odd, a line can be printed again from what was read, to the byte. */
static gboolean prints_again(const struct tg_line *line)
{
    g_autoptr(GString) out = g_string_new(NULL);
    tg_print_event(out, &line->event);
    if (!line->odd &&
        (out->len != (gsize)line->text.n || memcmp(out->str, line->text.at, out->len) != 0))
        g_error("printed again as '%s': '%.*s'", out->str, line->text.n, line->text.at);
    return !line->odd;
}

static void test_print(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(event_lines); i++) {
        struct tg_line line = parse(event_lines[i].text);
        g_assert_cmpint(line.kind, ==, TG_LINE_EVENT);
        prints_again(&line);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(more_lines); i++) {
        struct tg_line line = parse(more_lines[i]);
        g_test_message("%s: %s", more_lines[i], line.kind == TG_LINE_REJECT ? line.reason : "");
        g_assert_cmpint(line.kind, ==, TG_LINE_EVENT);
        g_assert_true(prints_again(&line));
    }
}

/* Lines that an editor took the last blank from are still lines, but not what ns printed. */
static void test_stripped(void)
{
    static const char *const lines[] = {
        "s 0.002926948 _14_ MAC  --- 0 RTS 44 [436 2 e 0]",
        "s 0.163604622 _1_ MAC  --- 0 RTS 44 [52e 2 1 0] [energy 9.916513 ei 0.080 es 0.000 et "
        "0.001 er 0.002]",
        "s 1.100000000 _2_ MAC  --- 0 RTS 10 [0.05 1 2]",
        "s 1.100000000 _2_ AGT  --- 7 exp 210 [0 0 0 0] ------- [2:0 3:0 32 0]",
        "d -t 0.015200581 -Hs 6 -Hd -2 -Ni 6 -Nx 1000.00 -Ny 201.00 -Nz 0.00 -Ne -1.000000 -Nl MAC "
        "-Nw COL -Ma 377 -Md 6 -Ms f -Mt 0",
        "r 0.25 -s 2 -d -1 -p MAC -k MAC -i 0 -N:loc {5.00 2.00 0.00} -N:en -1.000000 -M:dur 14e "
        "-M:s 1 -M:d 2 -M:t 0",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *blank = g_strconcat(lines[i], " ", NULL);
        g_test_message("%s", lines[i]);
        struct tg_line line = parse(lines[i]);
        g_assert_cmpint(line.kind, ==, TG_LINE_EVENT);
        g_assert_true(line.odd);
        line = parse(blank);
        g_assert_cmpint(line.kind, ==, TG_LINE_EVENT);
        g_assert_true(prints_again(&line));
    }
}

/* Every line of the committed traces is read, and printed again where it is about a packet. */
static void test_traces(void)
{
    g_autofree char *folder = g_build_filename(g_getenv("TOP"), "tests", "data", "traces", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_assert_nonnull(dir);
    int n_file = 0, n_again = 0;
    for (const char *name; (name = g_dir_read_name(dir));) {
        if (!g_str_has_suffix(name, ".tr"))
            continue;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *bytes = NULL;
        g_assert_true(g_file_get_contents(path, &bytes, NULL, NULL));
        g_auto(GStrv) lines = g_strsplit(bytes, "\n", -1);
        n_file++;
        for (char **text = lines; text[0] && text[1]; text++) {
            struct tg_line line = parse(*text);
            g_test_message("%s: %s", name, *text);
            g_assert_cmpint(line.kind, <=, TG_LINE_NOISE);
            if (line.kind == TG_LINE_EVENT)
                n_again += prints_again(&line);
        }
    }
    g_assert_cmpint(n_file, >=, 58);
    g_assert_cmpint(n_again, >, 500);
}

static void test_normalised(void)
{
    struct tg_event e = parse_event(more_lines[1]);
    g_assert_cmpint(e.op, ==, 'f');
    g_assert_cmpint(e.mac_src, ==, 2);
    g_assert_cmpint(e.dst, ==, -1);
    g_assert_cmpint(e.route_dst, ==, 3);
    assert_text(e.route_op, "REPLY");
    e = parse_event("r 2.5 1 0 message 40 ------- 0 2.0.3.255 511.2047.2047.255 -1 9");
    g_assert_cmpint(e.src, ==, 8388611);
    g_assert_cmpint(e.dst, ==, -1);
    e = parse_event("E 0.5 0 4 cbr 210 ------- 0 0.0 1.0 0 7");
    g_assert_cmpint(e.op, ==, '+');
    e = parse_event("+ 1.0000 66 26 cbr 210 ------- 0 66.0 67.0 0 5 37.90 -122.30 48.90 -120.94");
    g_assert_cmpint(e.format, ==, TG_FORMAT_SATELLITE);
    g_assert_cmpint(e.uid, ==, 5);
    assert_text(e.tail, "37.90 -122.30 48.90 -120.94");
}

static void test_noise(void)
{
    static const struct {
        const char *text;
        enum tg_noise noise;
    } cases[] = {
        {"M 0.00000 0 (83.36, 239.44, 0.00), (89.66, 283.49), 19.15", TG_NOISE_MOVEMENT},
        {"N -t 1.000000 -n 3 -e 9.986000", TG_NOISE_ENERGY},
        {"N -t 1.000000 -n 3 -e 0 ", TG_NOISE_ENERGY},
        {"v 1.0 eval {set sim_annotation {r 1.0 _2_ not a record}}", TG_NOISE_ANNOTATION},
        {"v 1.5 link-down 3 4", TG_NOISE_LINK},
        {"f t0.2 a_o17 ncwnd_ v1", TG_NOISE_VARIABLE},
        {"E 0.5 0 4 TCP SLOW_START 0 1 1", TG_NOISE_EVENT_TRACE},
        {"SFESTs 1.003 _0_ 3 [0 -> 2]", TG_NOISE_ROUTING_LOG},
        {"T 0.100000000 _2_ tora enq", TG_NOISE_ROUTING_LOG},
        {"VTO 0.5 x", TG_NOISE_ROUTING_LOG},
        {"VWST 0.500000000000 frm 1 to 2 wst 0.250000000000 nxthp 2 [of 1]", TG_NOISE_ROUTING_LOG},
        {"v 0.1 -e {sim_annotation 0.1 hello}", TG_NOISE_ANNOTATION},
        {"f 0.2 -a _o17 -n cwnd_ -v 1", TG_NOISE_VARIABLE},
        {"x -t 1.000000000 mdart table -Hs 3 -Ds 000 -Rt 4", TG_NOISE_ROUTING_LOG},
        {"\tid\t3\taddress\t010", TG_NOISE_ROUTING_LOG},
        {"S$hit 0.5 _0_ 0 -> 2", TG_NOISE_ROUTING_LOG},
        {"I 0.700000000 _1_ ifq rx 3 tx 2 bl 0 [1 1] [0 0] [0 0] [0 0]", TG_NOISE_ROUTING_LOG},
        {"I 0.7 -prq:adr 1 -prq:rx 3 -prq:tx 2 -prq:bl 0 -prq:snd0 {1 1}", TG_NOISE_ROUTING_LOG},
        {" (1,0,4)", TG_NOISE_ROUTING_LOG},
        {"Routing pkts outside domain: VFP 0.50000 _1_ 0:0 -> 4194305:0", TG_NOISE_ROUTING_LOG},
        {"v testName reno", TG_NOISE_ANNOTATION},
        {"M 0.0 nn 5 x 670 y 670", TG_NOISE_ANNOTATION},
        {"M 0.0 nn:5 x:670 y:670 rp:dsdv", TG_NOISE_ANNOTATION},
        {"E 0.5 0 4 PGM SEND NACK 1", TG_NOISE_EVENT_TRACE},
        {"0.00000  0  0  4  0  cwnd_ 1.000 ", TG_NOISE_VARIABLE},
        {"12.50000 10 1  4  0  t_seqno_ 12", TG_NOISE_VARIABLE},
        {"time: 0.50000  saddr: 0  sport: 0  daddr: 4  dport: 0  maxseq: 3    hiack: 1",
         TG_NOISE_VARIABLE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct tg_line line = parse(cases[i].text);
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(line.kind, ==, TG_LINE_NOISE);
        g_assert_cmpint(line.noise, ==, cases[i].noise);
    }
}

static void test_reject(void)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {" ", NULL}, /* blank */
        {" s 0.1", "line starts with a blank"},
        {"q 0.1 1 2 tcp 40 ------- 0 1.0 2.0 0 0", "unknown event 'q'"},
        {"hello world", "not a line of an ns-2 trace"},
        {" (1,0,4", "line starts with a blank"},
        {"0.00000  0  0  4  0  cwnd_ 1.000 2", "not a line of an ns-2 trace"},
        {"0.00000  0  0  4  0  7 1.000", "not a line of an ns-2 trace"},
        {"E -t 0.1 -s 0 -d 1 -p cbr -e 210 -c 0 -i 0 -a 0 -x {0.0 1.0 0 ------- null}",
         "line of a nam trace"},
        {"s 0.1 _1_ MA7C --- 0 cbr 1 [0 0 0 0] ------- [1:0 2:0 1 0] [0] 0 0",
         "missing or bad trace level at 'MA7C --- 0 cbr 1 [0 '"},
        {"s 0.1 _1_ AGT  --- 0 1.5 1 [0 0 0 0] ------- [1:0 2:0 1 0] ",
         "missing or bad packet type at '1.5 1 [0 0 0 0] ----'"},
        {"d 1.5 -s 2 -d 1 -p ARP -k IFQ -i 0 -N:loc {5.00 2.00 0.00} -N:en -1.000000 -M:dur 0 -M:s "
         "1 -M:d 2 -M:t 806 -arp:op REQUES -arp:ms 2 -arp:s 2 -arp:md 0 -arp:d 1 ",
         "missing or bad ARP operation at 'REQUES -arp:ms 2 -ar'"},
        {"+ 0.1 0 1 88 56 ------- 0 0.0 1.0 1 1",
         "missing or bad packet type at '88 56 ------- 0 0.0 '"},
        {"+ 0.1 0 1 cbr 56 ----r-- 0 0.0 1.0 1 1",
         "missing or bad flags at '----r-- 0 0.0 1.0 1 '"},
        {"E 0.1 -s 0 -d 2 -p cbr -e 210 -c 1 -i 0 -a 1 -x {0.0 1.0 0 ------- nul}",
         "missing or bad from node at '-s 0 -d 2 -p cbr -e '"},
        {"E 0.5 0 4 cbr 210 ------- 0 0.0 1073741824.0 0",
         "missing or bad event at ' cbr 210 ------- 0 0'"},
        {"+ 0.1 -s 0 -d 2 -p cbr -e 210 -c 1 -i 0 -a 1 -x {0.0 1.0 0 ------- nul}",
         "missing or bad SRM type at 'nul}'"},
        {"+ 1.0000 66 26 cbr 210 ------- 0 66.0 67.0 0 0 37.90 -122.30 48.90 -120.9",
         "missing or bad coordinates at '-120.9'"},
        {"+ 1.0000 66 26 HDLC 210 ------- 0 66.0 67.0 0 0 37.90 -122.30 48.90 -120.94",
         "missing or bad HDLC header"},
        {"M 0.0 5", "missing or bad position"},
        {"+ 0.1 0 1 cbr 56 -------I 0 0.0 1.0 1 1",
         "missing or bad flags at '-------I 0 0.0 1.0 1'"},
        {"r 0.25 -s 2 -d -1 -p MAC -k MAC -i 0 -N:loc {5.00 2.00 0.00} -N:en -1.000000 -M:dur 14e "
         "-M:s 1 -M:d 2 -M:t 80",
         "missing or bad end of MAC header"},
        {"s 1.1 _2_ AGT  --- 7 newproto 210 [0 0 0 0] ------- [2:0 3:0 32 0]",
         "missing or bad packet header"},
        {"s", "missing or bad node"},
        {"s nan _1_ AGT  --- 0 cbr 1 [0 0 0 0] ------- [1:0 2:0 1 0] [0] 0 0",
         "missing or bad time at 'nan _1_ AGT  --- 0 c'"},
        {"s inf _1_ AGT  --- 0 cbr 1 [0 0 0 0] ------- [1:0 2:0 1 0] [0] 0 0",
         "missing or bad time at 'inf _1_ AGT  --- 0 c'"},
        {"s -1 _1_ AGT  --- 0 cbr 1 [0 0 0 0] ------- [1:0 2:0 1 0] [0] 0 0",
         "missing or bad time at '-1 _1_ AGT  --- 0 cb'"},
        {"s 1e+999 _1_ AGT  --- 0 cbr 1 [0 0 0 0] ------- [1:0 2:0 1 0] [0] 0 0",
         "missing or bad time at '1e+999 _1_ AGT  --- '"},
        {"s 0.1 _99999999999999999999_ AGT  --- 0 cbr 1 [0 0 0 0]",
         "missing or bad node at '99999999999999999999'"},
        {"s 0.1 _1_ AGT  --- 0 cbr -1 [0 0 0 0] ------- [1:0 2:0 1 0] [0] 0 0",
         "missing or bad size at '-1 [0 0 0 0] -------'"},
        {"s 0.1 _1_ AGT  --- 0 cbr 1 [0 0 0 123456789] ------- [1:0 2:0 1 0] [0] 0 0",
         "missing or bad MAC type at '123456789] ------- ['"},
        {"s 0.1 _1_ AGT  --- 0 cbr 1 [0 0 0 0] ------- [1:0 2:0 1 0] [0] 0 0 9",
         "text after the end of the line's fields at '9'"},
        {"r 1.2 5 0 cbr 1020 ------ 5 2.0 0.2 0 19",
         "missing or bad flags at '------ 5 2.0 0.2 0 1'"},
        {"r 1.2 5 0 cbr 1020 ------- 5 2.0.1.4.5 0.2 0 19",
         "missing or bad destination address at '.5 0.2 0 19'"},
        {"n -t * -s 0 -x 1", "line of a nam trace"},
        {"h -t 1 -s 0 -d 1", "missing or bad operation (a nam trace?)"},
        {"s -t 1.0 -Hs 1 -Hd", "missing or bad -Hd at ' -Hd'"},
        {"M 0.0 0 (1, 2, 3), (4, 5)", "missing or bad position at ')'"},
        {"v 0.1 something else", "missing or bad annotation at 'something else'"},
        {"VWSTX 0.5 x", "not a line of an ns-2 trace"},
        {"VwST 0.5 x", "not a line of an ns-2 trace"},
        {"I am not a queue", "missing or bad time at 'am not a queue'"},
        {"I 0.7 _1_ rx 3 tx 2", "missing or bad queue log at '_ rx 3 tx 2'"},
        {"s -t 0.1 -Hs 0 -Hd 1 -Ni 0 -Nx 1.00 -Ny 1.00 -Nz 0.00 -Ne 9.9 -Nl MAC -Nw --- -Ma 13a "
         "-Md 1 -Ms 0 -Mt 800 ",
         "missing or bad packet header"},
        {"s 0.1 _0_ RTR  --- 1 DSR 32 [0 0 0 0] [energy 1.0 \t] ------- [0:255 2:255 32 0] 1",
         "missing or bad energy"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct tg_line line = parse(cases[i].text);
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(line.kind, ==, cases[i].reason ? TG_LINE_REJECT : TG_LINE_BLANK);
        if (cases[i].reason)
            g_assert_cmpstr(line.reason, ==, cases[i].reason);
    }
    struct tg_line line = parse_bytes("s 0.1\0_1_", 9);
    g_assert_cmpint(line.kind, ==, TG_LINE_REJECT);
}

/* A line cut off anywhere is refused, unless what is left is a line that ns could have written. */
static void test_cut_off(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(event_lines); i++) {
        const char *text = event_lines[i].text;
        gsize n = strlen(text);
        int accepted = 0;
        g_assert_cmpint(parse_bytes(text, n).kind, ==, TG_LINE_EVENT);
        for (gsize cut = 1; cut < n; cut++)
            accepted += parse_bytes(text, cut).kind == TG_LINE_EVENT;
        g_test_message("%s: %d prefixes accepted", text, accepted);
        g_assert_cmpint(accepted, ==, event_lines[i].n_prefix);
    }
}

/* Any single damaged byte is survived; whatever the line then is, it is one of the four kinds. */
static void test_damaged(void)
{
    static const char damage[] = {'\0', ' ', '9', '-', '[', ']', '_', ':', '\xff', 'z'};
    const gsize n_old = G_N_ELEMENTS(event_lines), n_line = n_old + G_N_ELEMENTS(more_lines);
    for (gsize i = 0; i < n_line; i++) {
        const char *sound = i < n_old ? event_lines[i].text : more_lines[i - n_old];
        gsize n = strlen(sound);
        for (gsize at = 0; at < n; at++)
            for (gsize d = 0; d < G_N_ELEMENTS(damage); d++) {
                g_autofree char *text = g_memdup2(sound, n);
                text[at] = damage[d];
                struct tg_line line = parse_bytes(text, n);
                g_assert_cmpint(line.kind, <=, TG_LINE_REJECT);
                if (line.kind == TG_LINE_EVENT)
                    prints_again(&line);
            }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/line/old", test_old_fields);
    g_test_add_func("/line/old-variants", test_old_variants);
    g_test_add_func("/line/old-energy", test_old_energy);
    g_test_add_func("/line/new", test_new_fields);
    g_test_add_func("/line/wired", test_wired_fields);
    g_test_add_func("/line/print", test_print);
    g_test_add_func("/line/stripped", test_stripped);
    g_test_add_func("/line/traces", test_traces);
    g_test_add_func("/line/normalised", test_normalised);
    g_test_add_func("/line/noise", test_noise);
    g_test_add_func("/line/reject", test_reject);
    g_test_add_func("/line/cut-off", test_cut_off);
    g_test_add_func("/line/damaged", test_damaged);
    return g_test_run();
}
