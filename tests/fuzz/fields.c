#include "tests/fuzz/fields.h"

#define FIELD(type, member)                                                                        \
    {                                                                                              \
        G_STRINGIFY(member), type, offsetof(struct tg_event, member)                               \
    }
#define INT(member)  FIELD(FUZZ_INT, member)
#define REAL(member) FIELD(FUZZ_REAL, member)
#define TEXT(member) FIELD(FUZZ_TEXT, member)

const struct fuzz_field fuzz_fields[FUZZ_N_FIELD] = {
    INT(size),     INT(mac_type),    INT(forwards),   INT(optimal),       INT(node),
    INT(next_hop), INT(mac_src),     INT(mac_dst),    INT(hop_src),       INT(hop_dst),
    INT(src),      INT(sport),       INT(dst),        INT(dport),         INT(ttl),
    INT(fid),      INT(arp_src_mac), INT(arp_src),    INT(arp_dst_mac),   INT(arp_dst),
    INT(uid),      INT(seq),         INT(ack),        INT(route_dst),     INT(route_src),
    INT(n_chunk),  INT(stream),      INT(stream_seq), REAL(mac_duration), REAL(time),
    REAL(x),       REAL(y),          REAL(z),         REAL(energy),       TEXT(layer),
    TEXT(reason),  TEXT(ptype),      TEXT(flags),     TEXT(tcp_header),   TEXT(srm),
    TEXT(arp_op),  TEXT(route_op),   TEXT(radio),     TEXT(tail),
};
