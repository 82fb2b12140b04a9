-- Questions about a store that its schema does not ask, because the rows of events are too many for
-- declared constraints. No statement returns a row as long as all is well:
--
--     sqlite3 -readonly results/store.db <dataset/checks.sql
--
-- The first column of a row says what is wrong, the others where.

-- Rows of no run, or of lines that the run does not have.
SELECT 'event without run', event_row.run_id, event_row.line
FROM event_row LEFT JOIN run USING (run_id)
WHERE run.run_id IS NULL OR event_row.line NOT BETWEEN 1 AND run.n_line;
SELECT 'noise line without run', noise_line.run_id, noise_line.line
FROM noise_line LEFT JOIN run USING (run_id)
WHERE run.run_id IS NULL OR noise_line.line NOT BETWEEN 1 AND run.n_line;

-- Every event has a shape, every shape its parts, all of one run; parts of lines are of events.
SELECT 'event without shape', event_row.run_id, event_row.line
FROM event_row LEFT JOIN shape USING (shape_id) WHERE shape.run_id IS NOT event_row.run_id;
SELECT 'shape without kind, place or ends', shape.run_id, shape_id
FROM shape
LEFT JOIN kind USING (kind_id)
LEFT JOIN place USING (place_id)
LEFT JOIN ends USING (ends_id)
WHERE kind.run_id IS NOT shape.run_id OR place.run_id IS NOT shape.run_id
   OR ends.run_id IS NOT shape.run_id;
SELECT 'extra of no event', event_extra.run_id, event_extra.line
FROM event_extra LEFT JOIN event_row USING (run_id, line) WHERE event_row.line IS NULL;
SELECT 'text of no event', event_text.run_id, event_text.line
FROM event_text LEFT JOIN event_row USING (run_id, line) WHERE event_row.line IS NULL;

-- The counts of a run are those of its rows.
SELECT 'n_event', run_id FROM run
WHERE n_event != (SELECT count(*) FROM event_row WHERE event_row.run_id = run.run_id);
SELECT 'lines of a shape', run_id, shape_id FROM shape
LEFT JOIN (SELECT shape_id, count(*) AS n_row FROM event_row GROUP BY 1) USING (shape_id)
WHERE n IS NOT n_row;
SELECT 'events of a node', c.run_id, c.node
FROM (SELECT run_id, node, sum(n) AS n_event FROM event_count GROUP BY run_id, node) AS c
LEFT JOIN node_activity AS a ON a.run_id = c.run_id AND a.node = c.node
WHERE a.n IS NOT n_event;
SELECT 'n_reject', run_id FROM run
WHERE n_reject != (SELECT count(*) FROM reject WHERE reject.run_id = run.run_id);
SELECT 'n_noise', run_id FROM run
WHERE n_noise != (SELECT coalesce(sum(n), 0) FROM noise WHERE noise.run_id = run.run_id);
SELECT 'noise lines', run_id FROM run
WHERE (SELECT count(*) FROM noise_line WHERE noise_line.run_id = run.run_id) NOT IN (0, n_noise);

-- A line is one thing only.
SELECT 'event and reject', run_id, line FROM event_row JOIN reject USING (run_id, line);
SELECT 'event and noise', run_id, line FROM event_row JOIN noise_line USING (run_id, line);

-- Events on nodes, of flows, and of protocols that the run does not have.
SELECT 'event without node', place.run_id, place_id
FROM place LEFT JOIN node USING (run_id, node) WHERE node.node IS NULL;
SELECT 'event without flow', ends.run_id, ends_id
FROM ends LEFT JOIN flow USING (run_id, flow)
WHERE ends.flow IS NOT NULL AND flow.flow IS NULL;
SELECT 'proto is not that of the flow', ends.run_id, ends_id
FROM ends LEFT JOIN flow USING (run_id, flow) WHERE ends.proto IS NOT flow.proto;

-- A MAC-level send of a known node goes out through an interface of that node (control frames
-- other than RTS print no transmitter), unless an attack sends again what it heard.
SELECT 'MAC number of another node', event_count.run_id, event_count.node, mac_src
FROM event_count LEFT JOIN interface ON interface.run_id = event_count.run_id AND mac = mac_src
WHERE op = 's' AND layer = 'MAC' AND (mac_type != 0 OR ptype = 'RTS')
  AND interface.node IS NOT event_count.node AND attack IS NOT 1;

-- Labels are there with a manifest and only then, and no benign run has an attack.
SELECT 'label and manifest', run_id, shape_id
FROM shape JOIN run USING (run_id) WHERE (shape.attack IS NULL) != (run.attack IS NULL);
SELECT 'attack in a benign run', run_id, shape_id
FROM shape JOIN run USING (run_id) WHERE shape.attack AND run.attack = 'none';
SELECT 'attack of a benign run', attack.run_id, attack_no
FROM attack JOIN run USING (run_id) WHERE run.attack IS NULL OR run.attack = 'none';

-- Where attacks are listed, what is labelled is of one of them, and nothing else is; no line before
-- its attack, rounded as traces print it; all packets of an attack's flow are labelled.
SELECT 'label without attack', run_id, shape_id
FROM shape LEFT JOIN attack USING (run_id, attack_no)
WHERE (shape.attack IS 1 AND attack.attack IS NULL
       AND run_id IN (SELECT run_id FROM attack)) OR (shape.attack IS NOT 1 AND attack_no NOT NULL);
SELECT 'label before its attack', event_row.run_id, line
FROM shape JOIN attack USING (run_id, attack_no)
JOIN event_row ON event_row.run_id = shape.run_id AND event_row.shape_id = shape.shape_id
WHERE time < round(start, 9);
SELECT 'attack flow without label', shape.run_id, shape_id
FROM shape JOIN ends USING (ends_id) JOIN flow ON flow.run_id = shape.run_id AND flow.flow = ends.flow
WHERE flow.attack AND shape.attack = 0;
SELECT 'covert without attack', run_id, shape_id
FROM shape WHERE covert AND attack IS NOT 1 OR (covert IS NULL) != (attack IS NULL);
SELECT 'attacker without attack or node', run_id, attack_no, node FROM attack_node
WHERE (run_id, attack_no) NOT IN (SELECT run_id, attack_no FROM attack)
   OR (run_id, node) NOT IN (SELECT run_id, node FROM node);

-- Closed sets and ranges.
SELECT 'value out of range', run_id, line FROM event_row WHERE time < 0;
SELECT 'value out of range', run_id, shape_id FROM shape
WHERE attack NOT IN (0, 1) OR covert NOT IN (0, 1);
SELECT 'value out of range', run_id, kind_id FROM kind
WHERE size < 0 OR length(op) != 1 OR instr('srfdx+-hecm', op) = 0
   OR format NOT IN ('old', 'new', 'tagged', 'wired', 'wired tagged', 'satellite');

-- Packets: of flows that there are, received after they were sent, as the lines say.
SELECT 'packet without flow', packet.run_id, packet.flow, uid
FROM packet LEFT JOIN flow USING (run_id, flow) WHERE flow.flow IS NULL;
SELECT 'received before sent', run_id, flow, uid FROM packet WHERE received_line < sent_line;
SELECT 'packet of another line', packet.run_id, packet.flow, packet.uid
FROM packet LEFT JOIN event_row AS s ON s.run_id = packet.run_id AND s.line = sent_line
LEFT JOIN event_row AS r ON r.run_id = packet.run_id AND r.line = received_line
WHERE s.time IS NOT sent OR r.time IS NOT received
   OR coalesce(s.uid, r.uid) != packet.uid OR coalesce(r.uid, s.uid) != packet.uid;

-- Pairs and sentences: of lines about a packet, of runs of the set, as many as were counted.
SELECT 'sentence without event', pair_set_id, run_id, line
FROM sentence LEFT JOIN event_row USING (run_id, line) WHERE event_row.line IS NULL;
SELECT 'pair without sentence', pair_id
FROM pair
LEFT JOIN sentence AS source
  ON source.pair_set_id = pair.pair_set_id AND source.run_id = pair.run_id
 AND source.line = source_line
LEFT JOIN sentence AS target
  ON target.pair_set_id = pair.pair_set_id AND target.run_id = pair.run_id
 AND target.line = target_line
WHERE source.line IS NULL OR target.line IS NULL;
SELECT 'n_pair', pair_set_id, run_id FROM pair_set_run
WHERE n_pair != (SELECT count(*) FROM pair WHERE pair.pair_set_id = pair_set_run.pair_set_id
                                             AND pair.run_id = pair_set_run.run_id);
SELECT 'n_pair', pair_set_id FROM pair_set
WHERE n_pair != (SELECT count(*) FROM pair WHERE pair.pair_set_id = pair_set.pair_set_id);
