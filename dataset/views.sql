-- The questions that a store answers by name; `adliotlog sql --store S` lists them. Each says in
-- the comment behind its first line what it is and in which unit. Made with the schema, and part of
-- its version.

CREATE VIEW event AS
-- Lines about packets, one row each: everything that the line says. Key (run_id, line).
SELECT r.run_id, r.line, r.time, k.op, k.layer, p.node, k.ptype, e.proto, e.src, e.sport, e.dst,
       e.dport, k.size, r.uid, r.seq, e.ttl, p.next_hop, p.mac_src, p.mac_dst, k.reason, e.flow,
       s.attack, k.format, k.mac_duration, k.mac_type, r.ack, k.forwards, k.optimal, e.fid, k.flags,
       p.hop_src, p.hop_dst, coalesce(x.x, p.x) AS x, coalesce(x.y, p.y) AS y,
       coalesce(x.z, p.z) AS z, coalesce(x.energy, p.energy) AS energy, k.arp_op, e.arp_src_mac,
       e.arp_src, e.arp_dst_mac, e.arp_dst, k.route_op, x.route_dst, x.route_src, k.tcp_header,
       k.srm, x.n_chunk, x.stream, x.stream_seq, x.radio, x.tail, k.spelling, t.text
FROM event_row AS r
CROSS JOIN shape AS s ON s.shape_id = r.shape_id
CROSS JOIN kind AS k ON k.kind_id = s.kind_id
CROSS JOIN place AS p ON p.place_id = s.place_id
CROSS JOIN ends AS e ON e.ends_id = s.ends_id
LEFT JOIN event_extra AS x ON x.run_id = r.run_id AND x.line = r.line
LEFT JOIN event_text AS t ON t.run_id = r.run_id AND t.line = r.line;

CREATE VIEW event_count AS
-- How many events of each sort a run has (n), and their bytes. Faster than event, wherever events
-- are only counted or summed.
SELECT s.run_id, k.op, k.layer, p.node, k.ptype, e.proto, e.src, e.sport, e.dst, e.dport, k.size,
       e.ttl, p.next_hop, p.mac_src, p.mac_dst, k.reason, e.flow, s.attack, k.format,
       k.mac_duration, k.mac_type, k.forwards, k.optimal, e.fid, k.flags, p.hop_src, p.hop_dst,
       k.arp_op, e.arp_src_mac, e.arp_src, e.arp_dst_mac, e.arp_dst, k.route_op, k.tcp_header,
       k.srm, s.n, s.n * k.size AS bytes
FROM shape AS s
CROSS JOIN kind AS k ON k.kind_id = s.kind_id
CROSS JOIN place AS p ON p.place_id = s.place_id
CROSS JOIN ends AS e ON e.ends_id = s.ends_id;
