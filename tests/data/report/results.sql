-- A small store of results, made up so that every figure of a report can be worked out by hand.
-- Read into an empty database after dataset/schema.sql.

-- What the trials found, in the order of their numbers; NULL: not evaluated.
CREATE TEMP TABLE result (protocol, context, seed, condition, split, accuracy, copy_baseline);
INSERT INTO result VALUES
    -- udp, flow: two seeds, one of them not yet tested held out
    ('udp', 'flow', 1, 'without', 'paper', 0.92, 0.50),
    ('udp', 'flow', 2, 'without', 'paper', 0.94, 0.60),
    ('udp', 'flow', 1, 'with', 'paper', 0.90, 0.50),
    ('udp', 'flow', 2, 'with', 'paper', 0.96, 0.50),
    ('udp', 'flow', 1, 'with-attack-run', 'paper', 0.80, 0.40),
    ('udp', 'flow', 1, 'without', 'held-out', 0.70, 0.50),
    ('udp', 'flow', 2, 'without', 'held-out', 0.72, 0.50),
    ('udp', 'flow', 1, 'with', 'held-out', 0.65, 0.50),
    ('udp', 'flow', 2, 'with', 'held-out', NULL, NULL),
    -- udp, none: far from the paper, but the fall is 3.5 points in each seed
    ('udp', 'none', 1, 'without', 'paper', 0.80, 0.50),
    ('udp', 'none', 2, 'without', 'paper', 0.81, 0.50),
    ('udp', 'none', 3, 'without', 'paper', 0.82, 0.50),
    ('udp', 'none', 1, 'with', 'paper', 0.765, 0.50),
    ('udp', 'none', 2, 'with', 'paper', 0.775, 0.50),
    ('udp', 'none', 3, 'with', 'paper', 0.785, 0.50),
    -- tcp: seeds too far apart to tell without attack; in the range with it; no fall
    ('tcp', 'flow', 1, 'without', 'paper', 0.86, 0.50),
    ('tcp', 'flow', 2, 'without', 'paper', 0.90, 0.50),
    ('tcp', 'flow', 3, 'without', 'paper', 0.94, 0.50),
    ('tcp', 'flow', 1, 'with', 'paper', 0.90, 0.50),
    ('tcp', 'flow', 2, 'with', 'paper', 0.92, 0.50),
    ('tcp', 'flow', 3, 'with', 'paper', 0.94, 0.50),
    -- a name that every format has to escape
    ('http', 'a|b, "c" <d> & e_f\g', 1, 'without', 'paper', 0.91, 0.50);

INSERT INTO run (run_id, scenario, attack, traffic, seed, duration, ns_version, trace_path,
    trace_sha256, n_line, n_event, n_noise, n_blank, n_reject, unterminated, params, version,
    command)
VALUES (1, 'iot16', 'none', 'udp', 1, 10, '2.35', 'runs/1/trace.tr', printf('%064x', 1),
        10, 8, 2, 0, 0, 0, '{"rate":"1Mb"}', '0.1.0', 'adliotlog ingest'),
       (2, 'iot16', 'hidden-channel', 'udp', 1, 10, '2.35', 'runs/2/trace.tr', printf('%064x', 2),
        10, 8, 2, 0, 0, 0, NULL, '0.1.0', 'adliotlog ingest'),
       (3, 'iot16', 'none', 'udp', 2, 10, '2.35', 'runs/3/trace.tr', printf('%064x', 3),
        10, 8, 2, 0, 0, 0, NULL, '0.1.0', 'adliotlog ingest');

INSERT INTO node (run_id, node, gateway, role, x, y)
SELECT run_id, column1, column2, column3, column4, column5
FROM run, (VALUES (2, 12, 'server', 199, 600), (3, 12, 'device', 398, 599),
                  (12, 12, 'gateway', 299, 400), (13, 13, 'gateway', 900, 399),
                  (14, 12, 'device', 300, 500), (15, 13, 'server', 900, 300));

-- Flows 3-2 and 2-3 go against each other. Node 14 uploads to 2, under attack to 15.
INSERT INTO flow (run_id, flow, src, sport, dst, dport, intended_dst, proto, attack)
SELECT run_id, 0, 14, 0, iif(attack = 'none', 2, 15), 0, 2, 'udp', attack <> 'none' FROM run
UNION ALL SELECT run_id, 1, 3, 0, 2, 1, 2, 'udp', 0 FROM run
UNION ALL SELECT run_id, 2, 2, 0, 3, 1, 3, 'udp', 0 FROM run;

INSERT INTO interface (run_id, mac, node, hidden)
SELECT run_id, node, node, 0 FROM node
UNION ALL SELECT run_id, 16, 14, 1 FROM run
UNION ALL SELECT run_id, 17, 15, 1 FROM run;

-- A pair set for each trial. Without attack: run 1, with: runs 1 and 2, held out: run 3.
INSERT INTO pair_set (pair_set_id, name, options, n_pair, n_token, sha256)
SELECT rowid, 'pairs ' || rowid, '{"context":"flow"}', 100, 50, printf('%064x', rowid) FROM result;
INSERT INTO pair_set_run (pair_set_id, run_id, n_pair)
SELECT result.rowid, run_id, 100 FROM result JOIN run
ON CASE WHEN split = 'held-out' THEN run_id = 3
        WHEN condition = 'without' THEN run_id = 1
        ELSE run_id < 3 END;

-- A model for each paper trial, but with-attack-run, which tests the model 'with'.
INSERT INTO model (model_id, name, path, options, model_sha256)
SELECT rowid, iif(rowid = 1, '<script>alert(1)</script>', 'model ' || rowid),
    'models/' || rowid || '.safetensors',
    json_object('layers', 1, 'iterations', 700, 'lr', 0.01, 'lr_end', 0.0001, 'hidden', 32,
        'optimizer', 'SGD', 'teacher_forcing', 0.5, 'cell', 'gru', 'attention', 'a_b & 100%',
        'vocabulary', 1000 + 10 * seed),
    printf('%064x', rowid)
FROM result WHERE split = 'paper' AND condition <> 'with-attack-run';

INSERT INTO trial (plan, variant, method, protocol, context, seed, condition, split, model_id, pair_set_id)
SELECT 'small', '', 'network', r.protocol, r.context, r.seed, r.condition, r.split, m.rowid, r.rowid
FROM result r JOIN result m USING (protocol, context, seed)
WHERE m.split = 'paper' AND m.condition = replace(r.condition, '-attack-run', '');

INSERT INTO evaluation (model_id, pair_set_id, n_pair, accuracy, copy_baseline, n_exact, n_word,
                        n_unknown, beam)
SELECT model_id, pair_set_id, 100, accuracy, copy_baseline, 0, 1000, 0, 1
FROM trial JOIN result ON result.rowid = pair_set_id WHERE accuracy NOT NULL;

INSERT INTO loss (model_id, iteration, nll)
SELECT model_id, 100 * value, 5.0 / value + model_id / 10.0 FROM model, generate_series(1, 7);

-- Set A of udp, flow, seed 1, with six tuples of which the sixth is not in it; and one tuple for
-- each paper trial of udp, none: across gateways under attack in two of three seeds.
INSERT INTO verdict (model_id, pair_set_id, run_id, node, actual_server, predicted_server,
    probability, n_pair, rank, verdict)
SELECT 1, 1, 1, 3, 2, column1, 1.0 / column2, 4, column2, 'benign'
FROM (VALUES (2, 1), (14, 2), (3, 3), (12, 4), (2, 5))
UNION ALL SELECT 1, 1, 1, 3, 2, 15, 0.1, 4, 6, 'anomalous'
UNION ALL SELECT 3, 3, NULL, 14, 2, 15, 0.875, 4, 1, 'anomalous'
UNION ALL SELECT 3, 3, 1, 3, 2, 2, 0.5, 4, 2, 'benign'
UNION ALL SELECT model_id, pair_set_id, NULL, 14, 2, iif(condition = 'with' AND seed < 3, 15, 2),
    0.5, 4, 1, iif(condition = 'with' AND seed < 3, 'anomalous', 'benign')
FROM trial WHERE protocol = 'udp' AND context = 'none';
