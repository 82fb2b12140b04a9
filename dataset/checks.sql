-- Questions about a store that its schema does not ask, because the rows of event are too many for
-- declared constraints. No statement returns a row as long as all is well:
--
--     sqlite3 -readonly results/store.db <dataset/checks.sql
--
-- The first column of a row says what is wrong, the others where.

-- Events of no run, or of lines that the run does not have.
SELECT 'event without run', event.run_id, event.line
FROM event LEFT JOIN run USING (run_id)
WHERE run.run_id IS NULL OR event.line NOT BETWEEN 1 AND run.n_line;

-- The counts of a run are those of its rows.
SELECT 'n_event', run_id FROM run
WHERE n_event != (SELECT count(*) FROM event WHERE event.run_id = run.run_id);
SELECT 'n_reject', run_id FROM run
WHERE n_reject != (SELECT count(*) FROM reject WHERE reject.run_id = run.run_id);
SELECT 'n_noise', run_id FROM run
WHERE n_noise != (SELECT coalesce(sum(n), 0) FROM noise WHERE noise.run_id = run.run_id);

-- A line is one thing only.
SELECT 'event and reject', run_id, line FROM event JOIN reject USING (run_id, line);

-- Events on nodes, of flows, and of protocols that the run does not have.
SELECT 'event without node', event.run_id, event.line
FROM event LEFT JOIN node USING (run_id, node) WHERE node.node IS NULL;
SELECT 'event without flow', event.run_id, event.line
FROM event LEFT JOIN flow USING (run_id, flow)
WHERE event.flow IS NOT NULL AND flow.flow IS NULL;
SELECT 'proto is not that of the flow', event.run_id, event.line
FROM event LEFT JOIN flow USING (run_id, flow) WHERE event.proto IS NOT flow.proto;

-- A MAC-level send of a known node goes out through an interface of that node (control frames
-- other than RTS print no transmitter).
SELECT 'MAC number of another node', event.run_id, event.line
FROM event LEFT JOIN interface ON interface.run_id = event.run_id AND mac = mac_src
WHERE op = 's' AND layer = 'MAC' AND (mac_type != 0 OR ptype = 'RTS')
  AND interface.node IS NOT event.node;

-- Labels are there with a manifest and only then, and no benign run has an attack.
SELECT 'label and manifest', event.run_id, event.line
FROM event JOIN run USING (run_id) WHERE (event.attack IS NULL) != (run.attack IS NULL);
SELECT 'attack in a benign run', event.run_id, event.line
FROM event JOIN run USING (run_id) WHERE event.attack AND run.attack = 'none';

-- Closed sets and ranges.
SELECT 'value out of range', run_id, line FROM event
WHERE time < 0 OR size < 0 OR attack NOT IN (0, 1) OR format NOT IN ('old', 'new', 'tagged', 'wired', 'wired tagged', 'satellite')
   OR length(op) != 1 OR instr('srfdx+-hecm', op) = 0;

-- Pairs and sentences: of lines about a packet, of runs of the set, as many as were counted.
SELECT 'sentence without event', pair_set_id, run_id, line
FROM sentence LEFT JOIN event USING (run_id, line) WHERE event.line IS NULL;
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
