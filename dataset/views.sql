-- The questions that a store answers by name; `adliotlog sql --store S` lists them. Each says in
-- the comment behind its first line what it is and in which unit. Made with the schema, and part of
-- its version.

CREATE VIEW event AS
-- Lines about packets, one row each: everything that the line says. Key (run_id, line).
-- adliotlog sql --describe event says what each column is; op is not always the letter of the line
-- (table kind in schema.sql has the list).
SELECT r.run_id, r.line, r.time, k.op, k.layer, p.node, k.ptype, e.proto, e.src, e.sport, e.dst,
       e.dport, k.size, r.uid, r.seq, e.ttl, p.next_hop, p.mac_src, p.mac_dst, k.reason, e.flow,
       s.attack, k.format, k.mac_duration, k.mac_type, r.ack, k.forwards, k.optimal, e.fid, k.flags,
       p.hop_src, p.hop_dst, coalesce(x.x, p.x) AS x, coalesce(x.y, p.y) AS y,
       coalesce(x.z, p.z) AS z, coalesce(x.energy, p.energy) AS energy, k.arp_op, e.arp_src_mac,
       e.arp_src, e.arp_dst_mac, e.arp_dst, k.route_op, x.route_dst, x.route_src, k.tcp_header,
       k.srm, x.n_chunk, x.stream, x.stream_seq, x.radio, x.tail, k.spelling, t.text,
       s.attack_no, s.covert
FROM event_row AS r
CROSS JOIN shape AS s ON s.shape_id = r.shape_id
CROSS JOIN kind AS k ON k.kind_id = s.kind_id
CROSS JOIN place AS p ON p.place_id = s.place_id
CROSS JOIN ends AS e ON e.ends_id = s.ends_id
LEFT JOIN event_extra AS x ON x.run_id = r.run_id AND x.line = r.line
LEFT JOIN event_text AS t ON t.run_id = r.run_id AND t.line = r.line;

CREATE VIEW event_count AS
-- How many events of each sort a run has. Faster than event, wherever events are only counted or
-- summed. n: events of this sort; bytes: their sizes, summed.
SELECT s.run_id, k.op, k.layer, p.node, k.ptype, e.proto, e.src, e.sport, e.dst, e.dport, k.size,
       e.ttl, p.next_hop, p.mac_src, p.mac_dst, k.reason, e.flow, s.attack, k.format,
       k.mac_duration, k.mac_type, k.forwards, k.optimal, e.fid, k.flags, p.hop_src, p.hop_dst,
       k.arp_op, e.arp_src_mac, e.arp_src, e.arp_dst_mac, e.arp_dst, k.route_op, k.tcp_header,
       k.srm, s.n, s.n * k.size AS bytes, s.attack_no, s.covert
FROM shape AS s
CROSS JOIN kind AS k ON k.kind_id = s.kind_id
CROSS JOIN place AS p ON p.place_id = s.place_id
CROSS JOIN ends AS e ON e.ends_id = s.ends_id;

-- ---- runs -----------------------------------------------------------------

CREATE VIEW run_list AS
-- What the store holds, a row a run; table run has more. trace: file name of the trace; formats: of
-- its lines about packets; scenario, attack, seed: NULL without a manifest; n_event: lines about
-- packets; n_noise: lines about anything else; n_reject: lines that could not be read;
-- first_time: s, of its first event; last_time: s, of its last event.
SELECT run_id, substr(trace_path, length(rtrim(trace_path, replace(trace_path, '/', ''))) + 1)
           AS trace,
       (SELECT group_concat(format, ', ')
        FROM (SELECT DISTINCT format FROM kind WHERE kind.run_id = run.run_id ORDER BY format))
           AS formats,
       scenario, attack, seed, n_event, n_noise, n_reject, first_time, last_time
FROM run
ORDER BY run_id;

CREATE VIEW reject_count AS
-- Why lines of a run could not be read; table reject has the lines. reason: what is wrong, without
-- what stands there instead; n: lines; first_line: the first of them, a line of the trace.
SELECT run_id, substr(reason, 1, instr(reason || ' at ''', ' at ''') - 1) AS reason,
       count(*) AS n, min(line) AS first_line
FROM reject
GROUP BY run_id, 2
ORDER BY run_id, n DESC, first_line;

-- ---- flows ----------------------------------------------------------------
--
-- Of data packets, from table packet: sent by an agent (on wires: enqueued for the first link),
-- received where an agent first gets it (on wires: when a link has delivered it to its
-- destination). A flow has two directions: forward 1 from flow.src to flow.dst, 0 back
-- (acknowledgements); src and dst below are those of the direction. Bytes are those of packets as
-- they were sent. Where the trace shows no packet of a flow (wireless without agent lines), what
-- cannot be told is NULL. Times are rounded to the nanosecond, which is as exact as traces are; of
-- single packets and events by way of an integer, which is faster.

CREATE VIEW flow_summary AS
-- Throughput, delivery ratio, delay, jitter and hops: a row for each direction of a flow. Packets
-- of types that no transport carries (ping, routing) belong to no flow, and are not in it. forward:
-- 1 from flow.src to flow.dst, 0 back, as acknowledgements; sent, received: packets; bytes_*: bytes
-- of these packets, as sent; delivery_ratio: received / sent (packets still under way count as
-- lost); throughput: bit/s received, between the first packet sent and the last one received;
-- delay_*: s from sending to receiving; jitter: s, mean |difference| of the delays of successive
-- packets in order of arrival (RFC 3550 without its smoothing); hops: links crossed, mean.
SELECT t.run_id, t.flow, t.forward, proto, iif(t.forward, src, dst) AS src,
       iif(t.forward, sport, dport) AS sport, iif(t.forward, dst, src) AS dst,
       iif(t.forward, dport, sport) AS dport, sent, received,
       round(1.0 * both / nullif(sent, 0), 6) AS delivery_ratio, bytes_sent, bytes_received,
       iif(received = 0, 0.0, round(8 * bytes_received / nullif(last - first, 0), 3)) AS throughput,
       delay_mean, delay_min, delay_max,
       (SELECT round(avg(abs(change)), 9)
        FROM (SELECT delay - lead(delay) OVER (ORDER BY received_line) AS change
              FROM (SELECT received - sent AS delay, received_line FROM packet AS p
                    WHERE p.run_id = t.run_id AND p.flow = t.flow AND p.forward = t.forward
                      AND received IS NOT NULL))) AS jitter, hops
FROM (SELECT run_id, flow, forward, count(sent) AS sent, count(received) AS received,
             count(sent + received) AS both, sum(size) AS bytes_sent,
             sum(iif(received IS NULL, 0, size)) AS bytes_received, min(sent) AS first,
             max(received) AS last, round(avg(received - sent), 9) AS delay_mean,
             round(min(received - sent), 9) AS delay_min,
             round(max(received - sent), 9) AS delay_max, round(avg(hops), 3) AS hops
      FROM packet
      GROUP BY run_id, flow, forward
      UNION ALL
      SELECT run_id, flow, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
      FROM flow
      WHERE NOT EXISTS (SELECT 1 FROM packet AS p
                        WHERE p.run_id = flow.run_id AND p.flow = flow.flow)) AS t
JOIN flow USING (run_id, flow);

CREATE VIEW flow_series AS
-- A flow second by second: a row for each direction and second in which it sent or received.
-- second: from second to second + 1 of simulated time; sent, received: packets; bytes_*: bytes of
-- these packets, as sent; throughput: bit/s received in that second; delay_mean: s, of the packets
-- received in it.
SELECT run_id, flow, forward, second, sum(n_sent) AS sent, sum(n_received) AS received,
       sum(size_sent) AS bytes_sent, sum(size_received) AS bytes_received,
       8 * sum(size_received) AS throughput, round(sum(delay) / sum(n_delay), 9) AS delay_mean
FROM (SELECT run_id, flow, forward, CAST(sent AS INTEGER) AS second, count(*) AS n_sent,
             sum(size) AS size_sent, 0 AS n_received, 0 AS size_received, NULL AS delay,
             0 AS n_delay
      FROM packet WHERE sent IS NOT NULL GROUP BY run_id, flow, forward, second
      UNION ALL
      SELECT run_id, flow, forward, CAST(received AS INTEGER) AS second, 0, 0, count(*), sum(size),
             sum(received - sent), count(sent)
      FROM packet WHERE received IS NOT NULL GROUP BY run_id, flow, forward, second)
GROUP BY run_id, flow, forward, second;

CREATE VIEW gateway_series AS
-- A gateway second by second: data packets that the nodes behind it sent and received, as in
-- flow_series. Only where node.gateway is known. gateway: number of its node; second: from second
-- to second + 1 of simulated time; sent, received: packets of the nodes behind it; bytes_*: bytes
-- of these packets, as sent; throughput: bit/s that they received; crossed: how many of the packets
-- that they received came from behind another gateway.
SELECT run_id, iif(receiving, b_gateway, a_gateway) AS gateway, second,
       sum(iif(receiving, 0, sent)) AS sent, sum(iif(receiving, received, 0)) AS received,
       sum(iif(receiving, 0, bytes_sent)) AS bytes_sent,
       sum(iif(receiving, bytes_received, 0)) AS bytes_received,
       8 * sum(iif(receiving, bytes_received, 0)) AS throughput,
       sum(iif(receiving AND a_gateway != b_gateway, received, 0)) AS crossed
FROM (SELECT s.*, a.gateway AS a_gateway, b.gateway AS b_gateway
      FROM flow_series AS s
      JOIN flow AS f ON f.run_id = s.run_id AND f.flow = s.flow
      LEFT JOIN node AS a ON a.run_id = s.run_id AND a.node = iif(s.forward, f.src, f.dst)
      LEFT JOIN node AS b ON b.run_id = s.run_id AND b.node = iif(s.forward, f.dst, f.src))
JOIN (SELECT 0 AS receiving UNION ALL SELECT 1)
WHERE iif(receiving, b_gateway, a_gateway) IS NOT NULL
GROUP BY run_id, 2, second;

CREATE VIEW packet_delay AS
-- End-to-end delay, packet by packet: the data packets that arrived. delay: s from sending to
-- receiving, NULL where the trace does not show the sending; hops: links crossed.
SELECT run_id, flow, forward, uid, seq, size, sent, received,
       CAST((received - sent) * 1e9 + 0.5 AS INTEGER) / 1e9 AS delay, hops
FROM packet
WHERE received IS NOT NULL;

CREATE VIEW hop_count AS
-- How many data packets of each direction of a flow crossed how many links. Packets that did not
-- arrive are not in it. hops: links crossed, NULL where the trace does not tell; n: packets;
-- delay_mean: s from sending to receiving.
SELECT run_id, flow, forward, hops, count(*) AS n, round(avg(received - sent), 9) AS delay_mean
FROM packet
WHERE received IS NOT NULL
GROUP BY run_id, flow, forward, hops;

CREATE VIEW talk AS
-- Who talks to whom: a row for each pair of nodes (IP addresses) whose agents exchange data, by
-- direction and transport, with their gateways where known. n_flow: flows between them; sent,
-- received: packets; bytes_*: bytes; first_sent, last_sent: s.
SELECT t.run_id, src, a.gateway AS src_gateway, dst, b.gateway AS dst_gateway, proto, n_flow, sent,
       received, bytes_sent, bytes_received, first_sent, last_sent
FROM (SELECT p.run_id, iif(p.forward, src, dst) AS src, iif(p.forward, dst, src) AS dst, proto,
             count(*) AS n_flow, sum(sent) AS sent, sum(received) AS received,
             sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received,
             min(first) AS first_sent, max(last) AS last_sent
      FROM (SELECT run_id, flow, forward, count(sent) AS sent, count(received) AS received,
                   sum(size) AS bytes_sent, sum(iif(received IS NULL, 0, size)) AS bytes_received,
                   min(sent) AS first, max(sent) AS last
            FROM packet
            GROUP BY run_id, flow, forward
            UNION ALL
            SELECT run_id, flow, 1, NULL, NULL, NULL, NULL, NULL, NULL
            FROM flow
            WHERE NOT EXISTS (SELECT 1 FROM packet AS p
                              WHERE p.run_id = flow.run_id AND p.flow = flow.flow)) AS p
      JOIN flow USING (run_id, flow)
      GROUP BY p.run_id, 2, 3, proto) AS t
LEFT JOIN node AS a ON a.run_id = t.run_id AND a.node = t.src
LEFT JOIN node AS b ON b.run_id = t.run_id AND b.node = t.dst;

-- ---- network --------------------------------------------------------------

CREATE VIEW drop_count AS
-- Packets and frames dropped, by why and where. op: d dropped, e early by RED (wired) or corrupted
-- (satellite); layer NULL: on a link; reason as ns prints it (schema.sql), NULL where it prints
-- none, as for full queues; node: where, on a link its sender; n: packets and frames; bytes: their
-- sizes, summed.
SELECT run_id, op, reason, layer, node, ptype, sum(n) AS n, sum(bytes) AS bytes
FROM event_count
WHERE op IN ('d', 'e')
GROUP BY run_id, op, reason, layer, node, ptype;

CREATE VIEW routing_overhead AS
-- What routing costs, a row a run. packets: routing packets transmitted, each hop counted: at level
-- RTR those sent or forwarded to port 255, the routing agents' (AODV DSR DSDV TORA ...), on wires
-- those of rtProtoDV, rtProtoLS and multicast, NULL where the trace has neither level; bytes: of
-- these packets; data_received: data packets that arrived, acknowledgements aside; data_bytes:
-- their bytes; load: packets / data_received (normalized routing load); byte_load: bytes /
-- data_bytes.
SELECT run_id, packets, bytes, data_received, data_bytes,
       round(1.0 * packets / nullif(data_received, 0), 6) AS load,
       round(1.0 * bytes / nullif(data_bytes, 0), 6) AS byte_load
FROM run
LEFT JOIN (SELECT run_id, sum(iif(routing, n, 0)) AS packets, sum(iif(routing, bytes, 0)) AS bytes
           FROM (SELECT run_id, n, bytes,
                        iif(layer IS NULL, ptype IN ('rtProtoDV', 'rtProtoLS', 'prune', 'graft',
                                                     'graftAck', 'join', 'assert'), dport = 255)
                            AS routing
                 FROM event_count
                 WHERE layer = 'RTR' AND op IN ('s', 'f') OR layer IS NULL AND op = '-')
           GROUP BY run_id) USING (run_id)
LEFT JOIN (SELECT run_id, count(received) AS data_received,
                  sum(iif(received IS NULL, 0, size)) AS data_bytes
           FROM packet
           WHERE forward = 1
           GROUP BY run_id) USING (run_id)
ORDER BY run_id;

CREATE VIEW neighbour AS
-- Who transmits to whom, a hop away. Wireless traces without MAC lines have no rows. node: the
-- sender; neighbour: the receiver, -1 broadcast, NULL a MAC number whose owner is not known; n:
-- frames sent at level MAC (on wires: packets put on the link); bytes: their sizes, summed;
-- n_control: RTS, CTS and ACK frames among them, whose size only the old format prints.
SELECT c.run_id, c.node,
       CASE WHEN layer IS NULL THEN hop_dst WHEN mac_dst IN (-1, 0xffffffff) THEN -1
            ELSE interface.node END AS neighbour,
       sum(n) AS n, sum(bytes) AS bytes, sum(iif(mac_type = 0, n, 0)) AS n_control
FROM event_count AS c
LEFT JOIN interface ON interface.run_id = c.run_id AND mac = mac_dst
WHERE op = 's' AND layer = 'MAC' OR op = '-' AND layer IS NULL
GROUP BY c.run_id, c.node, 3;

-- ---- events ---------------------------------------------------------------

CREATE VIEW node_gap AS
-- Time between consecutive events of a node. n: gaps; gap_mean: s, their mean; gap_min: s, the
-- least; gap_max: s, the greatest.
SELECT run_id, node, n - 1 AS n, round((last_time - first_time) / nullif(n - 1, 0), 9) AS gap_mean,
       round(gap_min, 9) AS gap_min, round(gap_max, 9) AS gap_max
FROM node_activity;

CREATE VIEW event_gap AS
-- Time between events, one by one: a row for each event. Sorts all events of the run: seconds for
-- millions; node_gap has their summary at once. gap: s until the next event at the same node, NULL
-- for a node's last.
SELECT r.run_id, p.node, r.line, r.time,
       CAST((lead(r.time) OVER (PARTITION BY r.run_id, p.node ORDER BY r.line) - r.time) * 1e9 + 0.5
            AS INTEGER) / 1e9 AS gap
FROM event_row AS r
CROSS JOIN shape AS s ON s.shape_id = r.shape_id
CROSS JOIN place AS p ON p.place_id = s.place_id;

CREATE VIEW packet_path AS
-- The path of a packet, line by line: ask with run_id and uid. since: s since its line before.
-- Copies have the uid of their original; uid 0 also stands for all MAC control frames.
SELECT run_id, uid, line, time,
       CAST((time - lag(time) OVER (PARTITION BY run_id, uid ORDER BY line)) * 1e9 + 0.5
            AS INTEGER) / 1e9 AS since, op, layer, node, reason, ptype, size, src, dst, ttl, flow
FROM event;

-- ---- twins ----------------------------------------------------------------

CREATE VIEW twin AS
-- Runs that are twins: an attack run and the benign run (attack 'none') of the same scenario, by name
-- and text, traffic, seed, duration and other parameters, those whose name begins with attack aside.
-- n_attack: ground truth, events of the attack run that are part of an attack; 0: it came to nothing.
SELECT a.run_id, b.run_id AS benign_run_id, a.scenario, a.attack, a.traffic, a.seed, a.duration,
       (SELECT coalesce(sum(n), 0) FROM shape WHERE shape.run_id = a.run_id AND shape.attack)
           AS n_attack
FROM run AS a
JOIN run AS b ON b.attack = 'none' AND a.attack != 'none' AND b.scenario = a.scenario
 AND b.traffic IS a.traffic AND b.seed IS a.seed AND b.duration IS a.duration
 AND b.ns_version IS a.ns_version AND b.scenario_sha256 IS a.scenario_sha256
WHERE (SELECT json_group_object(key, value) FROM (SELECT * FROM json_each(a.params) ORDER BY key)
       WHERE key NOT LIKE 'attack%') =
      (SELECT json_group_object(key, value) FROM (SELECT * FROM json_each(b.params) ORDER BY key)
       WHERE key NOT LIKE 'attack%');

CREATE VIEW twin_diff AS
-- What an attack run has that its benign twin has not, and how often. what: 'event', a kind of line
-- (op, layer, reason, ptype) at node, 'talk', an agent at node sends data to one at peer, or
-- 'neighbour', node transmits to peer, a hop away; peer: the other node, -1 broadcast; n: lines,
-- packets or frames.
SELECT t.run_id, benign_run_id, what, op, layer, reason, ptype, s.node, peer,
       sum(iif(s.run_id = t.run_id, n, 0)) AS n
FROM twin AS t
JOIN (SELECT run_id, 'event' AS what, op, layer, reason, ptype, node, NULL AS peer, n
      FROM event_count
      UNION ALL
      SELECT run_id, 'talk', NULL, NULL, NULL, NULL, src, dst, sent FROM talk
      UNION ALL
      SELECT run_id, 'neighbour', NULL, NULL, NULL, NULL, node, neighbour, n FROM neighbour) AS s
  ON s.run_id IN (t.run_id, benign_run_id)
GROUP BY t.run_id, benign_run_id, what, op, layer, reason, ptype, s.node, peer
HAVING sum(s.run_id = benign_run_id) = 0;

CREATE VIEW twin_flow AS
-- How each flow fared under attack and without, by direction; not those that sent nothing in both
-- runs. src, dst: of the direction, in the
-- attack run where that has the flow; benign_dst: in the benign run, NULL where it has not; attack:
-- ground truth, 1 for a flow of the attack; sent, received: data packets, 0 where the run has no
-- such flow; delivery_ratio: received / sent; bytes_received: as sent; delay_mean: s from sending
-- to receiving; hops: links crossed, mean; benign_*: the same in the benign run.
SELECT s.run_id, s.benign_run_id, s.flow, forward,
       iif(forward, coalesce(a.src, b.src), coalesce(a.dst, b.dst)) AS src,
       iif(forward, coalesce(a.dst, b.dst), coalesce(a.src, b.src)) AS dst,
       iif(forward, b.dst, b.src) AS benign_dst, coalesce(a.proto, b.proto) AS proto,
       coalesce(a.attack, 0) AS attack, sent, benign_sent, received, benign_received,
       round(1.0 * both / nullif(sent, 0), 6) AS delivery_ratio,
       round(1.0 * benign_both / nullif(benign_sent, 0), 6) AS benign_delivery_ratio,
       bytes_received, benign_bytes_received, delay_mean, benign_delay_mean, hops, benign_hops
FROM (SELECT t.run_id, benign_run_id, flow, forward,
             count(sent) FILTER (WHERE p.run_id = t.run_id) AS sent,
             count(sent) FILTER (WHERE p.run_id != t.run_id) AS benign_sent,
             count(received) FILTER (WHERE p.run_id = t.run_id) AS received,
             count(received) FILTER (WHERE p.run_id != t.run_id) AS benign_received,
             count(sent + received) FILTER (WHERE p.run_id = t.run_id) AS both,
             count(sent + received) FILTER (WHERE p.run_id != t.run_id) AS benign_both,
             sum(iif(p.run_id = t.run_id AND received NOT NULL, size, 0)) AS bytes_received,
             sum(iif(p.run_id != t.run_id AND received NOT NULL, size, 0))
                 AS benign_bytes_received,
             round(avg(iif(p.run_id = t.run_id, received - sent, NULL)), 9) AS delay_mean,
             round(avg(iif(p.run_id != t.run_id, received - sent, NULL)), 9) AS benign_delay_mean,
             round(avg(iif(p.run_id = t.run_id, hops, NULL)), 3) AS hops,
             round(avg(iif(p.run_id != t.run_id, hops, NULL)), 3) AS benign_hops
      FROM twin AS t
      CROSS JOIN packet AS p ON p.run_id IN (t.run_id, benign_run_id)
      GROUP BY t.run_id, benign_run_id, flow, forward) AS s
LEFT JOIN flow AS a ON a.run_id = s.run_id AND a.flow = s.flow
LEFT JOIN flow AS b ON b.run_id = benign_run_id AND b.flow = s.flow;

CREATE VIEW twin_node AS
-- What each node did under attack and without. sent, received: data packets at level AGT, on wires
-- those that it is the address of; forwarded: data packets of others that it sent on, at level RTR
-- or over a link; frames: transmitted at level MAC, or put on a link; drops: packets and frames
-- dropped at it; benign_*: the same in the benign run.
SELECT run_id, benign_run_id, node, sum(iif(under, sent, 0)) AS sent,
       sum(iif(under, 0, sent)) AS benign_sent, sum(iif(under, received, 0)) AS received,
       sum(iif(under, 0, received)) AS benign_received,
       sum(iif(under, forwarded, 0)) AS forwarded,
       sum(iif(under, 0, forwarded)) AS benign_forwarded, sum(iif(under, frames, 0)) AS frames,
       sum(iif(under, 0, frames)) AS benign_frames, sum(iif(under, drops, 0)) AS drops,
       sum(iif(under, 0, drops)) AS benign_drops
FROM (SELECT t.run_id, benign_run_id, c.node, c.run_id = t.run_id AS under,
             iif(proto IS NULL, 0, CASE WHEN layer = 'AGT' THEN op = 's'
                 WHEN layer IS NULL THEN op = '+' AND src = coalesce(address, c.node) END) * n
                 AS sent,
             iif(proto IS NULL, 0, CASE WHEN layer = 'AGT' THEN op = 'r'
                 WHEN layer IS NULL THEN op = 'r' AND dst = coalesce(address, c.node) END) * n
                 AS received,
             iif(proto NOT NULL AND (layer = 'RTR' AND op IN ('s', 'f') OR
                                     layer IS NULL AND op = '-') AND
                 src != coalesce(address, c.node), n, 0) AS forwarded,
             iif(layer = 'MAC' AND op = 's' OR layer IS NULL AND op = '-', n, 0) AS frames,
             iif(op IN ('d', 'e'), n, 0) AS drops
      FROM twin AS t
      CROSS JOIN event_count AS c ON c.run_id IN (t.run_id, benign_run_id)
      LEFT JOIN node ON node.run_id = c.run_id AND node.node = c.node)
GROUP BY run_id, benign_run_id, node;

CREATE VIEW twin_network AS
-- How the whole network fared under attack and without, a row a twin. flows: those that both runs
-- have, from the same node to the same node and no part of the attack; sent, received: their data
-- packets from flow.src to flow.dst; delivery_ratio: received / sent; delay_mean: s from sending to
-- receiving; hops: links crossed, mean; received_all: data packets that arrived, of all flows and
-- both directions; receivers: nodes that any arrived at; routing: routing packets transmitted, as in
-- routing_overhead; requests: route requests of AODV and its like among them; collisions: frames that collided; drops:
-- packets and frames dropped; benign_*: the same in the benign run.
SELECT p.run_id, p.benign_run_id, run.attack, flows, sent, benign_sent, p.received,
       p.benign_received, round(1.0 * both / nullif(sent, 0), 6) AS delivery_ratio,
       round(1.0 * benign_both / nullif(benign_sent, 0), 6) AS benign_delivery_ratio,
       round(delay / nullif(both, 0), 9) AS delay_mean,
       round(benign_delay / nullif(benign_both, 0), 9) AS benign_delay_mean,
       round(1.0 * hops / nullif(n_hops, 0), 3) AS hops,
       round(1.0 * benign_hops / nullif(benign_n_hops, 0), 3) AS benign_hops, received_all,
       benign_received_all, receivers, benign_receivers, routing, benign_routing, requests,
       benign_requests, collisions, benign_collisions, drops, benign_drops
FROM (SELECT s.run_id, benign_run_id, count(DISTINCT iif(common, s.flow, NULL)) AS flows,
             sum(iif(common AND under, sent, 0)) AS sent,
             sum(iif(common AND NOT under, sent, 0)) AS benign_sent,
             sum(iif(common AND under, received, 0)) AS received,
             sum(iif(common AND NOT under, received, 0)) AS benign_received,
             sum(iif(common AND under, both, 0)) AS both,
             sum(iif(common AND NOT under, both, 0)) AS benign_both,
             sum(iif(common AND under, delay, NULL)) AS delay,
             sum(iif(common AND NOT under, delay, NULL)) AS benign_delay,
             sum(iif(common AND under, hops, NULL)) AS hops,
             sum(iif(common AND NOT under, hops, NULL)) AS benign_hops,
             sum(iif(common AND under, n_hops, 0)) AS n_hops,
             sum(iif(common AND NOT under, n_hops, 0)) AS benign_n_hops,
             sum(iif(under, received, 0)) AS received_all,
             sum(iif(under, 0, received)) AS benign_received_all,
             count(DISTINCT iif(under AND received, receiver, NULL)) AS receivers,
             count(DISTINCT iif(under OR NOT received, NULL, receiver)) AS benign_receivers
      FROM (SELECT s.*, s.forward AND a.src = b.src AND a.dst = b.dst AND NOT a.attack AS common,
                   CASE WHEN under THEN iif(forward, a.dst, a.src)
                        ELSE iif(forward, b.dst, b.src) END AS receiver
            FROM (SELECT t.run_id, benign_run_id, p.run_id = t.run_id AS under, flow, forward,
                         count(sent) AS sent, count(received) AS received,
                         count(sent + received) AS both, sum(received - sent) AS delay,
                         sum(hops) AS hops, count(hops) AS n_hops
                  FROM twin AS t
                  CROSS JOIN packet AS p ON p.run_id IN (t.run_id, benign_run_id)
                  GROUP BY t.run_id, benign_run_id, under, flow, forward) AS s
            LEFT JOIN flow AS a ON a.run_id = s.run_id AND a.flow = s.flow
            LEFT JOIN flow AS b ON b.run_id = benign_run_id AND b.flow = s.flow) AS s
      GROUP BY s.run_id, benign_run_id) AS p
JOIN run ON run.run_id = p.run_id
JOIN (SELECT run_id, benign_run_id, sum(iif(under AND routes, n, 0)) AS routing,
             sum(iif(under, 0, iif(routes, n, 0))) AS benign_routing,
             sum(iif(under AND routes AND route_op = 'REQUEST', n, 0)) AS requests,
             sum(iif(NOT under AND routes AND route_op = 'REQUEST', n, 0)) AS benign_requests,
             sum(iif(under AND collides, n, 0)) AS collisions,
             sum(iif(NOT under AND collides, n, 0)) AS benign_collisions,
             sum(iif(under AND op IN ('d', 'e'), n, 0)) AS drops,
             sum(iif(NOT under AND op IN ('d', 'e'), n, 0)) AS benign_drops
      FROM (SELECT t.run_id, benign_run_id, c.run_id = t.run_id AS under, op, route_op, n,
                   layer = 'MAC' AND op = 'd' AND reason = 'COL' AS collides,
                   iif(layer IS NULL, op = '-' AND ptype IN ('rtProtoDV', 'rtProtoLS', 'prune',
                       'graft', 'graftAck', 'join', 'assert'),
                       layer = 'RTR' AND op IN ('s', 'f') AND dport = 255) AS routes
            FROM twin AS t
            CROSS JOIN event_count AS c ON c.run_id IN (t.run_id, benign_run_id))
      GROUP BY run_id, benign_run_id) AS e USING (run_id, benign_run_id);

CREATE VIEW twin_second AS
-- How delivery went, second by second of sending, under attack and without: of the flows that
-- twin_network sums up. second: from second to second + 1 of simulated time; sent: data packets sent
-- in it from flow.src to flow.dst; received: those of them that arrived, then or later;
-- delivery_ratio: received / sent; benign_*: the same in the benign run.
SELECT s.run_id, benign_run_id, second, sum(iif(under, sent, 0)) AS sent,
       sum(iif(under, 0, sent)) AS benign_sent, sum(iif(under, received, 0)) AS received,
       sum(iif(under, 0, received)) AS benign_received,
       round(1.0 * sum(iif(under, received, 0)) / nullif(sum(iif(under, sent, 0)), 0), 6)
           AS delivery_ratio,
       round(1.0 * sum(iif(under, 0, received)) / nullif(sum(iif(under, 0, sent)), 0), 6)
           AS benign_delivery_ratio
FROM (SELECT t.run_id, benign_run_id, p.run_id = t.run_id AS under, flow,
             CAST(sent AS INTEGER) AS second, count(*) AS sent, count(received) AS received
      FROM twin AS t
      CROSS JOIN packet AS p ON p.run_id IN (t.run_id, benign_run_id)
      WHERE forward = 1 AND p.sent NOT NULL
      GROUP BY t.run_id, benign_run_id, under, flow, second) AS s
JOIN flow AS a ON a.run_id = s.run_id AND a.flow = s.flow
JOIN flow AS b ON b.run_id = benign_run_id AND b.flow = s.flow
WHERE a.src = b.src AND a.dst = b.dst AND NOT a.attack
GROUP BY s.run_id, benign_run_id, second;

-- ---- ground truth ---------------------------------------------------------

CREATE VIEW attack_window AS
-- The label of each second of a run in which there are events. Reads all events. second: from second
-- to second + 1 of simulated time; attack: ground truth, the attacks at work in it, which is to say
-- that their windows from start to stop reach into it, whether they left an event there or not, joined
-- with +, 'none' when there are none, though packets that were on their way at the stop may follow,
-- NULL without a manifest (where that lists no attacks: that of the run, if an event of the second is
-- part of it); n: events; n_attack: ground truth, those that are part of an attack, also behind its
-- stop; n_covert: ground truth, those that only the attackers' own logs would show.
SELECT w.run_id, second,
       CASE WHEN run.attack IS NULL THEN NULL
            WHEN EXISTS (SELECT 1 FROM attack AS a WHERE a.run_id = w.run_id) THEN
                coalesce((SELECT group_concat(attack, '+')
                          FROM (SELECT DISTINCT attack FROM attack AS a
                                WHERE a.run_id = w.run_id AND start < second + 1 AND stop > second
                                ORDER BY attack_no)), 'none')
            ELSE iif(n_attack > 0, run.attack, 'none') END AS attack, n, n_attack, n_covert
FROM (SELECT r.run_id, CAST(time AS INTEGER) AS second, count(*) AS n, sum(attack) AS n_attack,
             sum(covert) AS n_covert
      FROM event_row AS r
      CROSS JOIN shape AS s ON s.shape_id = r.shape_id
      GROUP BY r.run_id, second) AS w
JOIN run ON run.run_id = w.run_id;

CREATE VIEW attack_flow AS
-- The flows of attacks. attack, start, stop: ground truth, of the attack that most of its events are
-- part of (where the manifest lists no attacks: of the run, and NULL); src, dst, src_gateway,
-- dst_gateway: ground truth, its sender and receiver and their gateways; flow: ground truth, number of
-- the flow in its run; sent, received: its data packets from src to dst, NULL where the trace shows
-- none.
SELECT f.run_id, run.seed, coalesce(attack.attack, run.attack) AS attack, start, stop, f.flow, f.src,
       f.dst, s.gateway AS src_gateway, d.gateway AS dst_gateway,
       (SELECT sum(sent NOT NULL) FROM packet AS p
        WHERE p.run_id = f.run_id AND p.flow = f.flow AND forward = 1) AS sent,
       (SELECT sum(received NOT NULL) FROM packet AS p
        WHERE p.run_id = f.run_id AND p.flow = f.flow AND forward = 1) AS received
FROM flow AS f
JOIN run ON run.run_id = f.run_id
LEFT JOIN (SELECT run_id, flow, attack_no, max(n)
           FROM (SELECT s.run_id, e.flow, s.attack_no, sum(s.n) AS n
                 FROM shape AS s
                 CROSS JOIN ends AS e ON e.ends_id = s.ends_id
                 WHERE s.attack_no NOT NULL AND e.flow NOT NULL
                 GROUP BY s.run_id, e.flow, s.attack_no)
           GROUP BY run_id, flow) AS label ON label.run_id = f.run_id AND label.flow = f.flow
LEFT JOIN attack ON attack.run_id = f.run_id AND attack.attack_no = label.attack_no
LEFT JOIN node AS s ON s.run_id = f.run_id AND s.node = f.src
LEFT JOIN node AS d ON d.run_id = f.run_id AND d.node = f.dst
WHERE f.attack;

CREATE VIEW node_label AS
-- The label of each node. attack: ground truth, the attacks that it takes part in, joined with +,
-- 'none' when there are none, NULL where the manifest lists no attacks; role: ground truth, what it
-- is in them ('attacker', 'accomplice', 'victim'), joined with +; n: events at it; n_attack: ground
-- truth, those that are part of an attack; n_covert: ground truth, those that only the attackers'
-- own logs would show.
SELECT n.run_id, n.node,
       coalesce((SELECT group_concat(attack, '+')
                 FROM (SELECT DISTINCT attack FROM attack_node AS a
                       JOIN attack USING (run_id, attack_no)
                       WHERE a.run_id = n.run_id AND a.node = n.node ORDER BY attack_no)),
                iif(EXISTS (SELECT 1 FROM attack AS a WHERE a.run_id = n.run_id) OR
                    run.attack = 'none', 'none', NULL)) AS attack,
       (SELECT group_concat(role, '+')
        FROM (SELECT DISTINCT role FROM attack_node AS a
              WHERE a.run_id = n.run_id AND a.node = n.node ORDER BY role)) AS role,
       coalesce(c.n, 0) AS n, n_attack, n_covert
FROM node AS n
JOIN run ON run.run_id = n.run_id
LEFT JOIN (SELECT run_id, node, sum(n) AS n, sum(iif(attack, n, iif(attack IS NULL, NULL, 0)))
                      AS n_attack,
                  sum(iif(covert, n, iif(covert IS NULL, NULL, 0))) AS n_covert
           FROM event_count
           GROUP BY run_id, node) AS c ON c.run_id = n.run_id AND c.node = n.node;
