#include "dataset/glossary.h"

#include <gio/gio.h>
#include <string.h>

GResource *dataset_get_resource(void); /* made by glib-compile-resources */

struct ds_glossary {
    GHashTable *texts; /* "TABLE" and "TABLE.COLUMN": char * */
};

static const char *const events[][2] = {
    {"event", "The lines about packets, one row each, as the trace has them; with the flow and the "
              "label of each."},
    {"event.run_id", "Number of the run"},
    {"event.line", "1-based line of the trace"},
    {"event.time", "Simulated time, s, as exact as the trace prints it"},
    {"event.op", "What happened, one letter for all formats. Wireless: s send (tagged format: "
                 "printed as +), r receive, f forward (tagged: h), d drop (old format: D), x end; "
                 "wired and satellite: + enqueue and - dequeue (SessionSim: E and D), r receive, d "
                 "drop, h hop in a LAN, c collision, e early or error drop, m monitored early "
                 "drop"},
    {"event.layer", "Where in the node it was traced: AGT application, RTR routing, MAC, IFQ "
                    "queue of the interface, PHY ...; missing on wired lines"},
    {"event.node", "The node it happened on; wired: the sender of + - d, the receiver of r"},
    {"event.ptype", "Packet type as printed: cbr, tcp, ack, AODV, ARP, RTS ...; missing on MAC "
                    "control lines of the new format, which print none"},
    {"event.proto", "Protocol of its flow: udp, tcp ...; missing for packets of no flow"},
    {"event.src", "Sender in the IP header; -1 broadcast; missing on ARP and MAC control lines; "
                  "hierarchical A.B.C is (A << 22) + (B << 11) + C"},
    {"event.sport", "Port of the sender in the IP header"},
    {"event.dst", "Receiver in the IP header; -1 broadcast; missing as src is"},
    {"event.dport", "Port of the receiver in the IP header"},
    {"event.size", "Size of the packet at this level, bytes: grows with each header"},
    {"event.uid",
     "Number that ns-2 gives the packet, shared by its copies; 0 also for control. One "
     "counter for all: the numbers of covert packets are missing among the others"},
    {"event.seq", "Sequence number of cbr, tcp and ack; wired: -1 for none"},
    {"event.ttl", "Time to live in the IP header, hops"},
    {"event.next_hop", "Node that the packet goes to next: of the IP header, where 0 can also mean "
                       "unknown; wired: end of the link"},
    {"event.mac_src", "MAC number of the sender: it is of an interface, not of a node"},
    {"event.mac_dst", "MAC number of the receiver, likewise; broadcast is as printed, 4294967295"},
    {"event.reason",
     "Why it was dropped, ns-2's code: COL collision, RET retries, CBK no acknowledgement, BSY "
     "busy, IFQ queue full, ARP, NRTE no route, TTL, LOOP ...; missing where the trace has --- "
     "(also for full queues) or none"},
    {"event.flow", "Number of the flow in its run; missing for packets of no flow"},
    {"event.attack",
     "Ground truth: 1 for what is part of an attack, as the scenario tells (where it "
     "lists no attacks: of an attack flow, over a hidden interface, or about the "
     "route of an attack flow), 0 otherwise; missing without a manifest"},
    {"event.attack_no", "Ground truth: number of the attack that it is part of, in its run; "
                        "missing where there is none, or the scenario lists no attacks"},
    {"event.covert", "Ground truth: 1 for what only the attackers' own logs would show, 0 "
                     "otherwise; missing without a manifest"},
    {"event.format", "Format of the line: old, new, tagged (wireless), wired, wired tagged, "
                     "satellite"},
    {"event.mac_duration", "Duration field of the MAC header, microseconds; S-MAC: s"},
    {"event.mac_type", "Ether type in the MAC header: 2048 IP, 2054 ARP, 0 control"},
    {"event.ack", "Acknowledgement number of tcp"},
    {"event.forwards", "Hops made so far, of tcp, ack, cbr and sctp"},
    {"event.optimal", "Fewest hops that would do, as the simulator knows, likewise"},
    {"event.fid", "Flow identifier in the IP header, 0 where none was set; not in the old format"},
    {"event.flags", "Flags of wired lines, seven characters; eight of an SCTP chunk"},
    {"event.hop_src", "This hop: from node (new format: node; wired: link from)"},
    {"event.hop_dst", "This hop: to node; new format: -1 broadcast, -2 unset; wired: link to"},
    {"event.x", "Position of the node, m; new and tagged format"},
    {"event.y", "Position of the node, m; new and tagged format"},
    {"event.z", "Position of the node, m; new and tagged format"},
    {"event.energy", "Energy of the node, J; new and tagged: -1 for none"},
    {"event.arp_op", "ARP: REQUEST or REPLY"},
    {"event.arp_src_mac", "ARP: MAC number of the sender"},
    {"event.arp_src", "ARP: address of the sender"},
    {"event.arp_dst_mac", "ARP: MAC number of the target"},
    {"event.arp_dst", "ARP: address of the target"},
    {"event.route_op", "Kind of an AODV, AOMDV, TORA or MDART packet: REQUEST, REPLY, ERROR, "
                       "HELLO ..."},
    {"event.route_dst", "AODV, AOMDV, TORA: destination that the packet is about"},
    {"event.route_src", "AODV and AOMDV requests: who asks"},
    {"event.tcp_header", "Wired lines with TCP headers: flags, header length, SACK length"},
    {"event.srm", "Wired tagged lines: SRM message type"},
    {"event.n_chunk", "SCTP: chunks in the packet"},
    {"event.stream", "SCTP: stream"},
    {"event.stream_seq", "SCTP: sequence number in the stream"},
    {"event.radio", "Old format: energy spent idle, sleeping, sending and receiving, J"},
    {"event.tail", "What the line has that no column is for, as printed"},
    {"event.spelling", "How the line spells all this, as bits; 0: plainly. With it, the line can "
                       "be printed again to the letter. 1 wired addresses are A.B, 2 they are "
                       "A.B.C, 4 src and 8 dst -1 is printed as 2147483647, 16 with LOG_POSITION, "
                       "32 MAC header of S-MAC, 64 no MAC header, 128 + and - are E and D"},
    {"event.text", "The line itself, where it is not to the letter what ns-2 prints"},
    {"pair", "Pairs of consecutive sentences, as they were learned from: a row each."},
    {"pair.pair_id", "Number of the pair; follows run and trace order"},
    {"pair.run_id", "Number of the run"},
    {"pair.source_line", "First line of the trace that the source sentence is about"},
    {"pair.target_line", "First line of the trace that the target sentence is about"},
    {"pair.source", "A sentence: words between single blanks"},
    {"pair.target", "The next sentence of its context: words between single blanks"},
};

/* ---- comments of a schema ------------------------------------------------ */

struct parser {
    GHashTable *texts;
    GString *before;      /* comment lines since the last blank or other line */
    char *table, *column; /* inside of which we are; NULL */
};

static void add(GHashTable *texts, const char *name, const char *comment)
{
    char *old = g_hash_table_lookup(texts, name);
    char *text = old ? g_strconcat(old, " ", comment, NULL) : g_strdup(comment);
    g_hash_table_insert(texts, g_strdup(name), text);
}

static char *word_at(const char *p)
{
    gsize n = 0;
    while (g_ascii_isalnum(p[n]) || p[n] == '_')
        n++;
    return g_strndup(p, n);
}

static gboolean is_constraint(const char *word)
{
    static const char *const words[] = {"PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "", NULL};
    return g_strv_contains(words, word);
}

/* A line between the brackets of a CREATE TABLE, without the blanks around it. */
static void read_column(struct parser *p, const char *line)
{
    const char *comment = strstr(line, "--");
    if (comment != line) {
        g_autofree char *word = word_at(line);
        g_clear_pointer(&p->column, g_free);
        if (!is_constraint(word))
            p->column = g_strdup_printf("%s.%s", p->table, word);
    }
    if (!comment || !p->column)
        return;
    g_autofree char *text = g_strdup(comment + 2);
    add(p->texts, p->column, g_strstrip(text));
}

static void read_line(struct parser *p, char *line)
{
    static const char create[] = "CREATE TABLE ";
    g_strstrip(line);
    if (p->table && *line != ')') {
        read_column(p, line);
        return;
    }
    g_clear_pointer(&p->table, g_free);
    g_clear_pointer(&p->column, g_free);
    if (g_str_has_prefix(line, "--")) {
        g_string_append_printf(p->before, "%s%s", p->before->len > 0 ? " " : "",
                               g_strstrip(line + 2));
        return;
    }
    if (g_str_has_prefix(line, create)) {
        p->table = word_at(line + strlen(create));
        if (p->before->len > 0)
            add(p->texts, p->table, p->before->str);
    }
    g_string_truncate(p->before, 0);
}

ds_glossary *ds_glossary_parse(const char *schema)
{
    ds_glossary *glossary = g_new0(ds_glossary, 1);
    glossary->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    struct parser p = {.texts = glossary->texts, .before = g_string_new(NULL)};
    g_auto(GStrv) lines = g_strsplit(schema, "\n", -1);
    for (char **line = lines; *line; line++)
        read_line(&p, *line);
    g_free(p.table);
    g_free(p.column);
    g_string_free(p.before, TRUE);
    return glossary;
}

/* ---- answers ------------------------------------------------------------- */

ds_glossary *ds_glossary_new(void)
{
    g_autoptr(GBytes) schema =
        g_resource_lookup_data(dataset_get_resource(), "/adliotlog/schema.sql", 0, NULL);
    g_assert(schema); /* it is part of the program */
    ds_glossary *glossary = ds_glossary_parse(g_bytes_get_data(schema, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(events); i++)
        g_hash_table_insert(glossary->texts, g_strdup(events[i][0]), g_strdup(events[i][1]));
    return glossary;
}

void ds_glossary_free(ds_glossary *glossary)
{
    if (!glossary)
        return;
    g_hash_table_unref(glossary->texts);
    g_free(glossary);
}

const char *ds_glossary_table(const ds_glossary *glossary, const char *table)
{
    return g_hash_table_lookup(glossary->texts, table);
}

const char *ds_glossary_column(const ds_glossary *glossary, const char *table, const char *column)
{
    g_autofree char *name = g_strdup_printf("%s.%s", table, column);
    const char *text = g_hash_table_lookup(glossary->texts, name);
    return !text && strcmp(column, "run_id") == 0 ? "Number of the run" : text;
}

gboolean ds_glossary_is_truth(const ds_glossary *glossary, const char *table, const char *column)
{
    const char *text = ds_glossary_column(glossary, table, column);
    return text && (strstr(text, "ground truth") || strstr(text, "Ground truth"));
}
