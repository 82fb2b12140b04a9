-- Views from what a model or a detector says to the events behind it, and of how well it says it. As
-- in views.sql, the comment behind AS is what a view answers.

CREATE VIEW evidence AS
-- What stands behind a verdict of adliotlog detect: the pairs whose prediction gave its tuple. Reads
-- no ground truth. model: its name; model_id: its number; pair_set: its name; pair_set_id: its
-- number; rank: of the verdict, 1 is the most probable tuple; verdict: 'benign', 'anomalous'; seed:
-- of the run; second: of the target event, from second to second + 1 of simulated time; source_line,
-- target_line: lines of the trace, where sentences hold several events the first; time: s, of the
-- target event; source, target: sentence of the pair; output: predicted sentence; probability: of it.
SELECT model.name AS model, v.model_id, s.pair_set, v.pair_set_id, v.rank, v.verdict, v.node,
       v.actual_server, v.predicted_server, p.run_id, run.seed, CAST(y.time AS INTEGER) AS second,
       p.pair_id, p.source_line, p.target_line, y.time, s.source, s.target, output,
       exp(logprob) AS probability, bleu1
FROM pair_set CROSS JOIN pair AS p USING (pair_set_id) CROSS JOIN prediction AS o USING (pair_id)
CROSS JOIN event AS x ON x.run_id = p.run_id AND x.line = source_line
CROSS JOIN event AS y ON y.run_id = p.run_id AND y.line = target_line AND y.node != x.node
CROSS JOIN flow ON flow.run_id = p.run_id AND flow.flow = x.flow AND flow.src = x.node
CROSS JOIN verdict AS v ON v.model_id = o.model_id AND v.pair_set_id = p.pair_set_id
 AND v.node = x.node AND v.actual_server = y.node
 AND '[' || replace(json_quote(output), ' ', '","') || ']' ->>
     (SELECT key FROM json_each(pair_set.options, '$.fields') WHERE value = 'node') =
     CAST(v.predicted_server AS TEXT)
JOIN node ON node.run_id = p.run_id AND node.node = v.predicted_server
JOIN model ON model.model_id = v.model_id JOIN run ON run.run_id = p.run_id
JOIN pair_text AS s ON s.pair_id = p.pair_id;

CREATE VIEW candidate AS
-- The pairs of nodes that detectors judge, in each test run and each of its windows: those of which
-- one sends data to the other. detection: name of the task; detection_id: its number; src: node that
-- sends; dst: node that it sends to; window: from window * detection.window s on, -1: the whole run;
-- n: packets sent from src to dst; attack: ground truth, 1 when a flow between them is part of an
-- attack, NULL without a manifest.
SELECT detection.name AS detection, detection_id, run_id, src, dst,
       iif(whole, -1, number) AS window, sum(n) AS n, max(attack) AS attack
FROM (SELECT detection_id, run_id, flow, CAST(sent / window AS INTEGER) AS number, count(*) AS n
      FROM detection
      JOIN detection_run USING (detection_id)
      CROSS JOIN packet USING (run_id)
      WHERE role = 'test' AND forward AND sent NOT NULL
      GROUP BY detection_id, run_id, flow, number)
JOIN detection USING (detection_id)
JOIN flow USING (run_id, flow)
JOIN (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY detection_id, run_id, src, dst, iif(whole, -1, number);

CREATE VIEW detector_rank AS
-- Who wins: the detectors of a task, best first, as adliotlog rank has measured them; table measure
-- has all figures. detection: name of the task; unit: 'run' or 'window', what was judged; rank: 1 is
-- the greatest pr_auc; detector: its name; roc_auc: chance that a pair that is part of an attack has
-- a higher score than one that is not, half for equal ones; pr_auc: average precision; roc_auc_low,
-- roc_auc_high, pr_auc_low, pr_auc_high: 95 % interval over resampled seeds; precision, recall, f1, mcc: at thresholds chosen on other
-- seeds; false_positives: a run, at a recall of 0.9; precision_1, precision_01, precision_001: where
-- 1 %, 0.1 %, 0.01 % of pairs are part of an attack; time_to_detection: s, median; detected: share of
-- attacked pairs; holm_p: of Wilcoxon's test of roc_auc against the reference, corrected by Holm,
-- NULL for the reference; null_roc_auc: with labels that mean nothing; n: pairs judged; n_positive:
-- of them, part of an attack (ground truth).
SELECT detection.name AS detection, unit,
       rank() OVER (PARTITION BY detection_id, unit
                    ORDER BY pr_auc DESC NULLS LAST, roc_auc DESC NULLS LAST) AS rank,
       detector.name AS detector, roc_auc, roc_auc_low, roc_auc_high, pr_auc, pr_auc_low,
       pr_auc_high, precision, recall, f1, mcc, false_positives, precision_1, precision_01,
       precision_001, time_to_detection, detected, holm_p, null_roc_auc, n, n_positive
FROM (SELECT detector_id, unit, max(value) FILTER (WHERE name = 'roc_auc') AS roc_auc,
             max(ci_low) FILTER (WHERE name = 'roc_auc') AS roc_auc_low,
             max(ci_high) FILTER (WHERE name = 'roc_auc') AS roc_auc_high,
             max(value) FILTER (WHERE name = 'pr_auc') AS pr_auc,
             max(ci_low) FILTER (WHERE name = 'pr_auc') AS pr_auc_low,
             max(ci_high) FILTER (WHERE name = 'pr_auc') AS pr_auc_high,
             max(value) FILTER (WHERE name = 'precision') AS precision,
             max(value) FILTER (WHERE name = 'recall') AS recall,
             max(value) FILTER (WHERE name = 'f1') AS f1,
             max(value) FILTER (WHERE name = 'mcc') AS mcc,
             max(value) FILTER (WHERE name = 'false_positives') AS false_positives,
             max(value) FILTER (WHERE name = 'precision_1') AS precision_1,
             max(value) FILTER (WHERE name = 'precision_01') AS precision_01,
             max(value) FILTER (WHERE name = 'precision_001') AS precision_001,
             max(value) FILTER (WHERE name = 'time_to_detection') AS time_to_detection,
             max(value) FILTER (WHERE name = 'detected') AS detected,
             max(value) FILTER (WHERE name = 'holm_p') AS holm_p,
             max(value) FILTER (WHERE name = 'null_roc_auc') AS null_roc_auc,
             max(value) FILTER (WHERE name = 'n') AS n,
             max(value) FILTER (WHERE name = 'n_positive') AS n_positive
      FROM measure
      GROUP BY detector_id, unit)
JOIN detector USING (detector_id)
JOIN detection USING (detection_id)
ORDER BY detection, unit, rank, detector;

CREATE VIEW alert AS
-- Whom a detector suspects: the pairs of each run by their scores. detection: name of the task;
-- detector: its name; src: node that sends; dst: node that it sends to; window: from window *
-- detection.window s on, -1: the whole run; score: higher is more suspicious, of one detector
-- comparable; rank: among the pairs of the run, or among its windows, 1 is the highest score;
-- flagged: 1 when the score reaches the threshold with the best F1 over all seeds (measure
-- 'threshold'), NULL before adliotlog rank; attack: ground truth, as in candidate.
SELECT c.detection, d.name AS detector, s.run_id, s.src, s.dst, s.window, score,
       rank() OVER (PARTITION BY s.detector_id, s.run_id, s.window = -1 ORDER BY score DESC)
           AS rank,
       score >= (SELECT value FROM measure AS m
                 WHERE m.detector_id = s.detector_id AND m.name = 'threshold'
                   AND m.unit = iif(s.window = -1, 'run', 'window')) AS flagged, attack
FROM candidate AS c
JOIN detector AS d ON d.detection_id = c.detection_id
CROSS JOIN score AS s ON s.detector_id = d.detector_id AND s.run_id = c.run_id AND s.src = c.src
 AND s.dst = c.dst AND s.window = c.window;

CREATE VIEW alert_evidence AS
-- What stands behind an alert: the packets that the pair's one node sent to the other, in the run or
-- in the window judged. Reads no ground truth. detection: name of the task; detector: its name; src:
-- node that sends; dst: node that it sends to; window: from window * detection.window s on, -1: the
-- whole run; score: higher is more suspicious; rank: as in alert; sent_line, received_line: lines of
-- the trace that say so, the latter NULL where the packet did not arrive.
SELECT detection.name AS detection, a.detector, a.run_id, a.src, a.dst, a.window, score, rank,
       flow, uid, size, sent, sent_line, received, received_line
FROM (SELECT s.*, d.name AS detector, detection_id,
             rank() OVER (PARTITION BY detector_id, run_id, s.window = -1 ORDER BY score DESC)
                 AS rank
      FROM score AS s JOIN detector AS d USING (detector_id)) AS a
JOIN detection USING (detection_id)
CROSS JOIN flow AS f ON f.run_id = a.run_id AND f.src = a.src AND f.dst = a.dst
CROSS JOIN packet AS p USING (run_id, flow)
WHERE forward AND sent NOT NULL AND a.window IN (-1, CAST(sent / detection.window AS INTEGER));
