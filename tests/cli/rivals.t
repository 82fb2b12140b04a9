#!/usr/bin/env bash
# The rivals of the network: evaluate --rival on real runs, what they say computed a second time from texts.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

ask() { sqlite3 s.db "$1"; }
evaluate() { "$ADLIOTLOG" evaluate --store s.db "$@"; }
detect() { "$ADLIOTLOG" detect --store s.db "$@"; }
rows() { # RIVAL PAIRS: its rows of prediction
    ask "SELECT pair_id, output, printf('%.17g|%.17g|%.17g', bleu1, logprob, target_logprob), target_outside
        FROM prediction JOIN pair USING (pair_id) JOIN pair_set USING (pair_set_id)
        JOIN model USING (model_id) WHERE model.name = '$1' AND pair_set.name = '$2' ORDER BY 1"
}

exits 0 'simulate a twin and a held-out run' "$ADLIOTLOG" simulate --attack none,hidden-channel \
    --seeds 1,2 --set duration=1 --out runs
exits 0 'ingest' "$ADLIOTLOG" ingest --store s.db runs/*
for seed in 1 2; do
    exits 0 "pairs of seed $seed" "$ADLIOTLOG" pairs --store s.db --name "both$seed" \
        --runs "seed = $seed" --limit 150
done
# Without the fields that count up sentences come again, so that there is something to look up.
exits 0 'pairs of few fields' "$ADLIOTLOG" pairs --store s.db --name few --runs 'seed = 1' \
    --limit 150 --fields op,node,src,dst,size
exits 0 'and others' "$ADLIOTLOG" pairs --store s.db --name more --runs 'seed = 2' --limit 150 \
    --fields op,node,src,dst,size

exits 0 'what rivals are there' evaluate --rival help
is 'their names' "$(cut -f 1 out | tr '\n' ' ')" 'copy constant majority lookup markov ngram '
is 'and formulas' "$(grep -c 'P(w) =\|P_k(w | h) =' out)" 6
rivals=$(cut -f 1 out)

# ---- what they say --------------------------------------------------------

for rival in $rivals; do
    for pairs in both1 both2; do
        exits 0 "$rival on $pairs" evaluate --rival "$rival" --train both1 --pairs $pairs --score --threads 1
    done
    for pairs in few more; do
        exits 0 "$rival on $pairs" evaluate --rival "$rival" --train few --pairs $pairs --score --threads 2
    done
done
is 'a model for each rival and what it learned' "$(ask "SELECT count(*), count(DISTINCT model_sha256),
    sum(path = ''), sum(options ->> '$.rival' = name) FROM model")" '12|12|12|12'
is 'with the pair set and its checksum' "$(ask "SELECT count(*) FROM model JOIN pair_set
    ON pair_set.name = model.options ->> '$.pairs' AND sha256 = model.options ->> '$.pairs_sha256'
    WHERE model.options ->> '$.version' NOT NULL AND model.options ->> '$.command' LIKE 'adliotlog evaluate %'")" 12
is 'and an evaluation for each of two sets' "$(ask "SELECT count(*), sum(n_pair), sum(beam)
    FROM evaluation")" '24|7200|24'
is 'a prediction with scores for each pair' "$(ask "SELECT count(*), count(target_logprob),
    count(target_outside) FROM prediction")" '7200|7200|7200'
is 'no more words are outside than there are' "$(ask "SELECT count(*) FROM prediction
    JOIN pair_text USING (pair_id)
    WHERE target_outside > length(target) - length(replace(target, ' ', '')) + 2")" 0
is 'accuracy is the mean BLEU-1' "$(ask "SELECT count(*) FROM evaluation AS e WHERE abs(accuracy -
    (SELECT avg(bleu1) FROM prediction JOIN pair USING (pair_id)
     WHERE model_id = e.model_id AND pair_set_id = e.pair_set_id)) > 1e-12")" 0
is 'exact predictions are counted' "$(ask "SELECT count(*) FROM evaluation AS e WHERE n_exact <>
    (SELECT count(*) FROM prediction JOIN pair_text USING (pair_id) JOIN pair USING (pair_id)
     WHERE model_id = e.model_id AND pair_set_id = e.pair_set_id AND output = target)")" 0
is 'BLEU-1 as awk computes it' "$(ask 'SELECT target, output, bleu1 FROM pair_text
    JOIN prediction USING (pair_id)' |
    awk -F '|' '{ n = split($1, r, " "); m = split($2, o, " "); hits = 0; split("", left)
        for (i = 1; i <= n; i++) left[r[i]]++
        for (i = 1; i <= m; i++) if (left[o[i]]-- > 0) hits++
        b = m ? hits / m : 0; if (m && m < n) b *= exp(1 - n / m)
        if ($3 - b > 1e-9 || b - $3 > 1e-9) wrong++ }
        END { print wrong + 0, NR }')" '0 7200'

is 'copy says the source, unknown words and all' "$(ask "SELECT count(*) FROM prediction
    JOIN model USING (model_id) JOIN pair_text USING (pair_id) WHERE name = 'copy' AND output = source")" 1200
is 'its accuracy is what every evaluation compares with' "$(ask "SELECT count(*) FROM evaluation AS e
    JOIN evaluation AS c USING (pair_set_id) JOIN model ON model.model_id = c.model_id
    WHERE name = 'copy' AND abs(c.accuracy - e.copy_baseline) < 1e-12")" 24
is 'it alone knows all words' "$(ask "SELECT group_concat(DISTINCT model.name) FROM evaluation
    JOIN model USING (model_id) JOIN pair_set USING (pair_set_id)
    WHERE n_unknown = 0 AND pair_set.name = 'both2'")" copy
is 'lookup knows its training by heart, but for sources with two targets' "$(ask "SELECT count(*)
    FROM prediction JOIN model USING (model_id) JOIN pair_text AS p USING (pair_id)
    WHERE name = 'lookup' AND pair_set = options ->> '$.pairs' AND output <> target AND NOT EXISTS
        (SELECT * FROM pair_text AS q
         WHERE q.pair_set = p.pair_set AND q.source = p.source AND q.target <> p.target)")" 0
is 'constant is one sentence' "$(ask "SELECT count(DISTINCT output), count(DISTINCT model_id)
    FROM prediction JOIN model USING (model_id) WHERE name = 'constant'")" '2|2'

# The rivals once more, from lines train|source|target and test|source|target: what they say, and
# for majority and markov how probable the target is and how many of its words are outside.
cat >rival.awk <<'AWK'
BEGIN { FS = "|"; number["<SOS>"] = 0; number["<EOS>"] = 1; number["<UNK>"] = 2; V = 3 }
function learn(word) { if (!(word in number)) number[word] = V++ }
function at(words, n, p) { return p <= n ? words[p] : "<EOS>" }
$1 == "train" {
    n = split($2, x, " "); m = split($3, y, " ")
    for (p = 1; p <= n; p++) learn(x[p])
    for (p = 1; p <= m; p++) learn(y[p])
    for (p = 1; p <= m + 1; p++) {
        w = at(y, m, p); v = at(x, n, p)
        if (!c[p, w]++) t[p]++
        all[p]++
        if (!cx[p, v, w]++) tx[p, v]++
        allx[p, v]++
    }
    if (!times[$3]++) order[$3] = NR
    if (times[$3] > times[most] || (times[$3] == times[most] && order[$3] < order[most])) most = $3
    if (!after[$2, $3]++) firstly[$2, $3] = NR
    best = answer[$2]
    if (!($2 in answer) || after[$2, $3] > after[$2, best] ||
        (after[$2, $3] == after[$2, best] && firstly[$2, $3] < firstly[$2, best])) answer[$2] = $3
}
function majority(p, w) { return p in all ? (c[p, w] + t[p] / V) / (all[p] + t[p]) : 1 / V }
function probability(p, v, w) {
    if (rival != "markov" || !((p, v) in allx)) return majority(p, w)
    return (cx[p, v, w] + tx[p, v] * majority(p, w)) / (allx[p, v] + tx[p, v])
}
# The most probable word of one place, and how many words come before another one.
function greedy(p, v,    w, best, most) {
    most = -1
    for (w in number) {
        q = probability(p, v, w)
        if (q > most || (q == most && number[w] < number[best])) { most = q; best = w }
    }
    return best
}
function place(p, v, w,    other, mine, q, before) {
    mine = probability(p, v, w)
    for (other in number) {
        q = probability(p, v, other)
        before += q > mine || (q == mine && number[other] < number[w])
    }
    return before
}
function say(    p, w, said) {
    for (p = 1; p <= 100; p++) {
        if (!((p, at(x, n, p)) in known)) known[p, at(x, n, p)] = greedy(p, at(x, n, p))
        w = known[p, at(x, n, p)]
        if (w == "<EOS>") break
        said = said (p > 1 ? " " : "") w
    }
    return said
}
$1 == "test" {
    n = split($2, x, " "); m = split($3, y, " ")
    if (rival == "constant") { print most; next }
    if (rival == "lookup" && $2 in answer) { print answer[$2]; next }
    for (p = 1; p <= n; p++) if (!(x[p] in number)) x[p] = "<UNK>"
    if (rival == "lookup") { print say(); next }
    sum = outside = 0
    for (p = 1; p <= m + 1; p++) {
        w = at(y, m, p); v = at(x, n, p)
        if (!(w in number)) w = "<UNK>"
        sum += log(probability(p, v, w))
        outside += place(p, v, w) >= 9
    }
    printf "%s|%.6f|%d\n", say(), sum, outside
}
AWK
texts() { # TRAIN TEST: lines for it
    ask "SELECT 'train', source, target FROM pair_text WHERE pair_set = '$1' ORDER BY pair_id"
    ask "SELECT 'test', source, target FROM pair_text WHERE pair_set = '$2' ORDER BY pair_id"
}
for sets in 'both1 both1' 'both1 both2' 'few few' 'few more'; do
    read -r train test <<<"$sets"
    for rival in constant lookup majority markov; do
        columns=output
        case $rival in m*) columns="output, printf('%.6f', target_logprob), target_outside" ;; esac
        is "$rival of $train on $test as awk computes it" "$(texts "$train" "$test" |
            awk -v rival=$rival -f rival.awk | md5sum)" "$(ask "SELECT $columns FROM prediction
                JOIN model USING (model_id) JOIN pair USING (pair_id) JOIN pair_set USING (pair_set_id)
                WHERE model.name = '$rival' AND model.options ->> '$.pairs' = '$train'
                    AND pair_set.name = '$test' ORDER BY pair_id" | md5sum)"
    done
done
check 'some sources of the held-out pairs were seen' test "$(ask "SELECT count(*) FROM pair_text
    WHERE pair_set = 'more' AND source IN (SELECT source FROM pair_text WHERE pair_set = 'few')")" -gt 10

# ---- the same bits, the same model ----------------------------------------

for rival in $rivals; do
    rows "$rival" both2 >"$rival.one"
    exits 0 "$rival with three threads" evaluate --rival "$rival" --train both1 --pairs both2 --score \
        --threads 3 --force --json
    cp out json
    check "$rival: the same rows" cmp "$rival.one" <(rows "$rival" both2)
done
is 'no model was added' "$(ask 'SELECT count(*) FROM model')" 12
is 'the figures for a program' "$(sqlite3 :memory: "SELECT json_extract('$(cat json)', '$.model', '$.train',
    '$.pairs', '$.n_pair')")" '["ngram","both1","both2",300]'
is 'are those of the store' "$(sqlite3 :memory: "SELECT printf('%.6f %.6f %.6f', j ->> '$.accuracy',
    j ->> '$.target_logprob', j ->> '$.target_outside') FROM (SELECT '$(cat json)' AS j)")" \
    "$(ask "SELECT printf('%.6f %.6f %.6f', avg(bleu1), avg(target_logprob), avg(target_outside))
        FROM prediction JOIN pair USING (pair_id) JOIN pair_set USING (pair_set_id)
        JOIN model USING (model_id) WHERE model.name = 'ngram' AND pair_set.name = 'both2'")"
exits 0 'the same pairs under another name' "$ADLIOTLOG" pairs --store s.db --name again \
    --runs 'seed = 1' --limit 150
exits 3 'make no other rival' evaluate --rival markov --train again --pairs both2
like 'which was evaluated already' err "markov was evaluated on 'both2' already, with --beam 1"
exits 0 'on them it is evaluated' evaluate --rival markov --train both1 --pairs again
is 'as one of 12 models' "$(ask 'SELECT count(*) FROM model')" 12
is 'and, without --score, without scores' "$(ask "SELECT count(target_logprob), count(target_outside)
    FROM prediction JOIN pair USING (pair_id) JOIN pair_set USING (pair_set_id) WHERE name = 'again'")" '0|0'

# ---- set A of a rival -----------------------------------------------------

exits 0 'detect by a rival' detect --rival markov --train both1 --pairs both1
cp out set_a
is 'five tuples' "$(wc -l <set_a)" 5
is 'known by the rival and what it learned' "$(ask "SELECT DISTINCT name, options ->> '$.pairs'
    FROM verdict JOIN model USING (model_id)")" 'markov|both1'
exits 2 'by its name alone' detect --model markov --pairs both1
like 'there are two' err 'markov: more than one model of that name'
exits 2 'what was not evaluated' detect --rival ngram --train few --pairs both1
like 'is said' err "ngram was not evaluated on 'both1' yet"
exits 2 'what was not even fitted' detect --rival ngram --train both2 --pairs both1
like 'is said too' err "ngram was not fitted on 'both2' yet: run adliotlog evaluate --rival ngram"
exits 2 'detect by an unknown rival' detect --rival gpt --train both1 --pairs both1
exits 2 'detect by a rival of nothing' detect --rival copy --pairs both1
exits 2 'detect by both' detect --rival copy --train both1 --model x --pairs both1

# ---- the network beside them ----------------------------------------------

exits 0 'train a network' "$ADLIOTLOG" train --store s.db --pairs both1 --model n.safetensors \
    --hidden 16 --iterations 500 --lr 0.03
exits 0 'evaluate it with scores' evaluate --model n.safetensors --pairs both2 --score
like 'the words outside are told' out ', [0-9.]+ of its words outside the top 9$'
is 'and kept' "$(ask "SELECT count(target_outside), min(target_outside) >= 0, avg(target_outside) > 0
    FROM prediction JOIN model USING (model_id) WHERE name = 'n'")" '300|1|1'

# DeepLog: a language model of words with the same rule, and a network without attention.
exits 0 'train a language model' "$ADLIOTLOG" train --store s.db --pairs few --model deeplog.safetensors \
    --hidden 32 --iterations 4000 --lr 0.03 --lr-end 0.003 --task next-word --cell lstm
exits 0 'and a network without attention' "$ADLIOTLOG" train --store s.db --pairs few \
    --model plain.safetensors --hidden 32 --iterations 4000 --lr 0.03 --lr-end 0.003 --attention none
for model in deeplog plain; do
    exits 0 "evaluate $model" evaluate --model $model.safetensors --pairs few --score --json
    exits 0 "detect by $model" detect --model $model --pairs few
done
is 'a target that is said has the score of what was said' "$(ask "SELECT count(*) > 0,
    sum(abs(logprob - target_logprob) > 1e-6) FROM prediction JOIN pair_text USING (pair_id)
    JOIN model USING (model_id) WHERE name IN ('deeplog', 'plain') AND output = target")" '1|0'
is 'both have learned more than the most frequent words' "$(ask "SELECT count(*) FROM evaluation AS e
    JOIN model USING (model_id) WHERE name IN ('deeplog', 'plain') AND accuracy >
        (SELECT accuracy FROM evaluation JOIN model USING (model_id)
         WHERE name = 'majority' AND pair_set_id = e.pair_set_id)")" 2

# ---- refused --------------------------------------------------------------

refused() { # NAME STATUS PATTERN OPTION...
    local name=$1 status=$2 pattern=$3
    shift 3
    exits "$status" "$name" evaluate --pairs both1 "$@"
    like "$name: the message says why" err "$pattern"
}
refused 'an unknown rival' 2 "no rival 'gpt': there are copy, constant, majority, lookup, markov, ngram" \
    --rival gpt --train both1
refused 'neither model nor rival' 2 '\-\-model is missing, or --rival'
refused 'both' 2 '\-\-model and --rival exclude each other' --rival copy --train both1 --model x
refused 'nothing to learn from' 2 '\-\-train is missing' --rival copy
refused 'a network that learns' 2 '\-\-train is for --rival alone' --model x --train both1
refused 'a beam' 2 '\-\-beam is for --model alone' --rival copy --train both1 --beam 2
refused 'no such pair set' 2 "no pair set 'no' in the store" --rival copy --train no
refused 'a second time' 3 '\-\-force puts another result in its place' --rival copy --train both1
exits 2 'no such pair set to test on' evaluate --rival copy --train both1 --pairs no
check 'the store is whole' test "$(ask 'PRAGMA foreign_key_check; PRAGMA integrity_check')" = ok

finish
