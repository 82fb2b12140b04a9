#!/usr/bin/env bash
# adliotlog train, evaluate, detect on real runs, with a network small enough to be quick.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

ask() { sqlite3 s.db "$1"; }
train() { "$ADLIOTLOG" train --store s.db --hidden 32 --iterations 2000 --lr 0.03 --lr-end 0.003 "$@"; }
evaluate() { "$ADLIOTLOG" evaluate --store s.db "$@"; }
detect() { "$ADLIOTLOG" detect --store s.db "$@"; }

exits 0 'simulate a twin and a held-out run' "$ADLIOTLOG" simulate --attack none,hidden-channel \
    --seeds 1,2 --set duration=1 --out runs
exits 0 'ingest' "$ADLIOTLOG" ingest --store s.db runs/*
for seed in 1 2; do
    exits 0 "pairs of seed $seed" "$ADLIOTLOG" pairs --store s.db --name "both$seed" \
        --runs "seed = $seed" --limit 150
done

# ---- train ----------------------------------------------------------------

exits 0 'train' train --pairs both1 --model c.safetensors --seed 2
is 'the store has one row a model file, known by its hash' \
    "$(ask "SELECT name, path FROM model WHERE model_sha256 = '$(sha256sum c.safetensors | cut -c1-64)'")" \
    'c|c.safetensors'
check 'the loss falls' test "$(ask "SELECT max(nll) FILTER (WHERE iteration = 100) >
    1.5 * max(nll) FILTER (WHERE iteration = 2000) FROM loss")" -eq 1
is 'options are kept' "$(ask "SELECT options ->> '$.hidden', options ->> '$.iterations',
    options ->> '$.pairs', options ->> '$.loss', options ->> '$.n_pair' FROM model WHERE name = 'c'")" \
    '32|2000|both1|sum|300'
is 'and the checksum of what it was trained on' "$(ask "SELECT count(*) FROM model JOIN pair_set
    ON sha256 = model.options ->> '$.pairs_sha256' AND pair_set.name = 'both1'")" 1
exits 0 'start from a model' train --pairs both2 --model d.safetensors --init c.safetensors \
    --iterations 1 --lr 1e-30 --lr-end 1e-30
is 'keeps its vocabulary' "$(ask "SELECT count(DISTINCT options ->> '$.vocabulary') FROM model
    WHERE name IN ('c', 'd')")" 1

# ---- evaluate -------------------------------------------------------------

exits 0 'evaluate on the training pairs' evaluate --model c.safetensors --pairs both1 --threads 1
ask 'SELECT pair_id, output, bleu1, logprob FROM prediction ORDER BY 1' >one
is 'a prediction for each pair' "$(wc -l <one)" 300
exits 3 'a second time' evaluate --model c.safetensors --pairs both1
exits 0 'a second time with --force' evaluate --model c.safetensors --pairs both1 --threads 3 --force
check 'the number of threads changes nothing' cmp one \
    <(ask 'SELECT pair_id, output, bleu1, logprob FROM prediction ORDER BY 1')
is 'accuracy is the mean BLEU-1' "$(ask 'SELECT abs(avg(bleu1) - accuracy) < 1e-12
    FROM prediction, evaluation')" 1

# BLEU-1 a second time, from the texts alone: clipped counts and brevity penalty.
bleu1() {
    awk -F '|' '{ n = split($1, r, " "); m = split($2, o, " "); hits = 0; split("", left)
        for (i = 1; i <= n; i++) left[r[i]]++
        for (i = 1; i <= m; i++) if (left[o[i]]-- > 0) hits++
        b = m ? hits / m : 0; if (m && m < n) b *= exp(1 - n / m)
        sum += b; if ($3 - b > 1e-9 || b - $3 > 1e-9) wrong++ }
        END { printf "%d wrong %.9f\n", wrong, sum / NR }'
}
is 'BLEU-1 as awk computes it' "$(ask "SELECT target, output, bleu1 FROM pair_text
    JOIN prediction USING (pair_id) WHERE pair_set = 'both1'" | bleu1)" \
    "$(ask "SELECT printf('0 wrong %.9f', accuracy) FROM evaluation")"
is 'and that of copying the input' "$(ask "SELECT target, source, 9 FROM pair_text
    WHERE pair_set = 'both1'" | bleu1 | cut -d ' ' -f 3)" \
    "$(ask "SELECT printf('%.9f', copy_baseline) FROM evaluation")"
exits 0 'evaluate on held-out pairs' evaluate --model c.safetensors --pairs both2 --json
is 'unknown words are counted' "$(sqlite3 :memory: "SELECT json_extract('$(cat out)', '$.n_unknown')")" \
    "$(ask "WITH word(set_name, word) AS (
        SELECT pair_set, value FROM pair_text,
            json_each('[\"' || replace(source || ' ' || target, ' ', '\",\"') || '\"]'))
        SELECT count(*) FROM word WHERE set_name = 'both2'
            AND word NOT IN (SELECT word FROM word WHERE set_name = 'both1')")"
check 'and there are some' test "$(ask 'SELECT max(n_unknown) FROM evaluation')" -gt 0

# Beam search, and what the model thinks of the targets.
ask "SELECT pair_id, output, logprob FROM prediction JOIN pair USING (pair_id)
    JOIN pair_set USING (pair_set_id) WHERE name = 'both1' ORDER BY 1" >greedy
exits 3 'another way of decoding' evaluate --model c.safetensors --pairs both1 --beam 4
like 'is refused with what is there' err "was evaluated on 'both1' already, with --beam 1"
exits 0 'beam search, with scores' evaluate --model c.safetensors --pairs both1 --beam 4 --score --force
like 'is told' out ', beam 4, log-probability of a target -[0-9.]+, [0-9.]+ of its words outside the top 9$'
is 'and kept' "$(ask "SELECT beam FROM evaluation JOIN pair_set USING (pair_set_id)
    WHERE name = 'both1'")" 4
is 'every target has a score' "$(ask "SELECT count(*), count(target_logprob) FROM prediction
    JOIN pair USING (pair_id) JOIN pair_set USING (pair_set_id) WHERE name = 'both1'")" '300|300'
is 'one that is predicted has the score of the prediction' "$(ask "SELECT count(*) FROM prediction
    JOIN pair_text USING (pair_id) WHERE output = target AND target NOT GLOB '*<UNK>*'
    AND abs(logprob - target_logprob) > 1e-6")" 0
is 'no target is likelier than what a beam finds, but for few' "$(ask "SELECT
    avg(target_logprob > logprob + 1e-6) < 0.1 FROM prediction WHERE target_logprob NOT NULL")" 1
exits 0 'a beam of one' evaluate --model c.safetensors --pairs both1 --beam 1 --force
is 'is greedy decoding' "$(ask "SELECT pair_id, output, logprob FROM prediction JOIN pair
    USING (pair_id) JOIN pair_set USING (pair_set_id) WHERE name = 'both1' ORDER BY 1")" "$(cat greedy)"
for beam in 0 102; do
    exits 2 "a beam of $beam" evaluate --model c.safetensors --pairs both1 --beam $beam
done
exits 4 'a folder for a model' evaluate --model runs --pairs both1
like 'is none' err 'runs: not a regular file'
ADLIOTLOG_ISA=mmx exits 2 'instructions that there are not' evaluate --model c.safetensors \
    --pairs both1 --force
like 'are named' err "ADLIOTLOG_ISA: 'mmx' is none of what this machine can run: .*portable"

head -c 1000 c.safetensors >cut.safetensors
exits 3 'a model that is cut off' evaluate --model cut.safetensors --pairs both1
exits 3 'a model that is something else' evaluate --model s.db --pairs both1
exits 4 'a model that is not there' evaluate --model no.safetensors --pairs both1
exits 2 'no such pair set' evaluate --model c.safetensors --pairs no

# ---- detect ---------------------------------------------------------------

exits 0 'detect' detect --model c.safetensors --pairs both1
cp out set_a
is 'set A has five tuples' "$(wc -l <set_a)" 5
is 'verdicts by gateway' "$(ask "SELECT count(*) FROM verdict
    JOIN node AS a ON a.run_id = 1 AND a.node = verdict.node
    JOIN node AS b ON b.run_id = 1 AND b.node = predicted_server
    WHERE verdict <> iif(a.gateway = b.gateway, 'benign', 'anomalous')")" 0
is 'tuples as SQL finds them, by mean sequence probability' \
    "$(ask 'SELECT node, actual_server, predicted_server, n_pair, printf("%.9f", probability)
        FROM verdict ORDER BY rank')" \
    "$(ask "SELECT s.node, t.node, p.word AS predicted, count(*), printf('%.9f', avg(exp(p.logprob)))
        FROM pair JOIN (SELECT *, CAST(substr(output, instr(output, ' ') + 1) AS INT) AS word
                        FROM prediction WHERE output GLOB '* [0-9]*') AS p USING (pair_id)
        JOIN pair_set USING (pair_set_id)
        JOIN event AS s ON s.run_id = pair.run_id AND s.line = source_line
        JOIN event AS t ON t.run_id = pair.run_id AND t.line = target_line
        JOIN flow ON flow.run_id = pair.run_id AND flow.flow = s.flow AND flow.src = s.node
        WHERE name = 'both1' AND t.node <> s.node AND p.word IN (SELECT node FROM node)
        GROUP BY 1, 2, 3 ORDER BY avg(exp(p.logprob)) DESC, 1, 2, 3")"
check 'all ground truth is turned round' ask 'UPDATE flow SET attack = 1 - attack, intended_dst = 7;
    UPDATE shape SET attack = 1 - attack; UPDATE interface SET hidden = 1 - hidden'
exits 0 'with it, detect' detect --model c --pairs both1
is 'the same set A' "$(cat out)" "$(cat set_a)"
node=$(ask 'SELECT node FROM verdict LIMIT 1')
cp s.db two.db
sqlite3 two.db "UPDATE node SET gateway = 1 WHERE run_id = (SELECT max(run_id) FROM node)"
exits 0 'a run with one gateway for all' "$ADLIOTLOG" detect --store two.db --model c --pairs both1
is 'each run has gateways of its own' "$(sqlite3 two.db "SELECT count(*) FROM verdict AS v
    JOIN node AS a ON a.run_id = v.run_id AND a.node = v.node
    JOIN node AS b ON b.run_id = v.run_id AND b.node = predicted_server
    WHERE (verdict = 'anomalous') <> (a.gateway <> b.gateway)")" 0
exits 0 'the tuples of one device' detect --model c --pairs both1 --node "$node"
is 'and of no other' "$(sed 's/.*(\([0-9]*\),.*/\1/' out | sort -u)" "$node"
exits 1 'a device that is in no tuple' detect --model c --pairs both1 --node 10
exits 2 'a device that is no number' detect --model c --pairs both1 --node ten
exits 2 'a set that was not evaluated' detect --model d.safetensors --pairs both1
exits 2 'no such model' detect --model e --pairs both1

finish
