#!/usr/bin/env bash
# adliotlog score and rank: all scores and measures a second time by rank.py, planted truths, scores
# from outside, and whatever is refused.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

store=s.db
score() { "$ADLIOTLOG" score --store $store "$@"; }
rank() { "$ADLIOTLOG" rank --store $store "$@"; }
ask() { sqlite3 $store "$1"; }
again() { python3 "$TOP/tests/cli/rank.py" $store "$@"; }
measure() { # DETECTOR UNIT NAME
    ask "SELECT value FROM measure JOIN detector AS d USING (detector_id)
         WHERE d.name = '$1' AND unit = '$2' AND measure.name = '$3'"
}
scores() { # all of them, to compare
    ask "SELECT name, run_id, src, dst, window, printf('%.17g', score) FROM score
         JOIN detector USING (detector_id) ORDER BY 1, 2, 3, 4, 5"
}
measures() {
    ask "SELECT d.name, unit, m.name, printf('%.17g %.17g %.17g', value, ci_low, ci_high)
         FROM measure AS m JOIN detector AS d USING (detector_id) ORDER BY 1, 2, 3"
}

exits 0 'simulate twins' "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 1..4 \
    --set duration=3 --set attack_start=0.5 --set hidden_drawn=on --out runs
exits 0 'ingest them' "$ADLIOTLOG" ingest --store s.db runs/*
exits 0 'pairs to learn from' "$ADLIOTLOG" pairs --store s.db --name train \
    --runs "attack = 'none' AND seed = 4" --limit 400
exits 0 'pairs of the others' "$ADLIOTLOG" pairs --store s.db --name test --runs 'seed < 4' --limit 0
exits 0 'a network' "$ADLIOTLOG" train --store s.db --pairs train --model net.safetensors --hidden 8 \
    --iterations 400
exits 0 'is evaluated' "$ADLIOTLOG" evaluate --store s.db --model net.safetensors --pairs test --score

# ---- scores ---------------------------------------------------------------

task=(--task t --train "attack = 'none' AND seed = 4" --test 'seed < 4')
exits 0 'score by what is built in' score "${task[@]}"
is 'seven detectors' "$(cut -f 2 out | tr '\n' ' ')" \
    'crosses-gateways new-pair volume inter-arrival new-event count-vector edit-distance '
like 'all pairs have a score' out '^t	volume	scores for 51 of 51 pairs in runs, 147 of 147 in windows$'
exits 0 'go on with a model' score "${task[@]}" --model net.safetensors --pairs test
is 'what was scored stays' "$(grep -c 'are there already' out)" 7
is 'the model has a detector for each kind of score' "$(grep ':' out | cut -f 2 | tr '\n' ' ')" \
    "net:log-probability net:bleu net:set-a $(grep -o 'net:top-g' out | tr '\n' ' ')"
exits 0 'all scores a second time' again t scores net
scores >first
exits 0 'score again' score "${task[@]}" --model net --pairs test --force --json
is 'is an object a detector' "$(grep -c '^{"task":"t","detector":"[a-z:-]*","kept":false,' out)" \
    "$(ask 'SELECT count(*) FROM detector')"
scores >second
check 'gives the same scores' cmp first second

cp s.db truth.db
sqlite3 truth.db "UPDATE flow SET attack = NULL, intended_dst = NULL; DELETE FROM attack_node;
    UPDATE shape SET attack = 0, attack_no = NULL, covert = 1; DELETE FROM attack;
    UPDATE interface SET hidden = NULL"
store=truth.db
exits 0 'score without labels' score "${task[@]}" --model net --pairs test --force
scores >second
check 'no detector reads one' cmp first second
store=s.db

is 'the plain rule' "$(ask "SELECT count(*) FROM score JOIN detector AS d USING (detector_id)
    JOIN node AS a ON a.run_id = score.run_id AND a.node = src
    JOIN node AS b ON b.run_id = score.run_id AND b.node = dst
    WHERE d.name = 'crosses-gateways' AND score != (a.gateway != b.gateway)")" 0
exits 0 'narrow windows' score --task narrow --train 'run_id = 5' --test 'run_id = 4' --window 0.01
like 'a pair has no gap in its first' out 'inter-arrival	scores for 9 of 9 pairs in runs, 1964 of 1973'
is 'as view candidate counts them' "$(ask "SELECT count(*) FROM candidate WHERE detection = 'narrow'
    AND window >= 0")" "$(ask "SELECT count(*) FROM score JOIN detector USING (detector_id)
    JOIN detection AS t USING (detection_id) WHERE t.name = 'narrow' AND detector.name = 'volume'
    AND score.window >= 0")"

exits 0 'pairs that end before the attack begins' "$ADLIOTLOG" pairs --store s.db --name early \
    --runs 'seed < 4' --limit 100
exits 0 'are said' "$ADLIOTLOG" evaluate --store s.db --rival markov --train train --pairs early --score
exits 0 'and judged' score --task early "${task[@]:2}" --model markov --pairs early
like 'but not silently' err 'markov: 3 of 51 pairs of nodes have no sentence pair in .early.'
is 'nor are the others said to be harmless' "$(ask "SELECT count(*) FROM candidate AS c
    JOIN detector AS d USING (detection_id) LEFT JOIN score AS s USING (detector_id, run_id, src, dst, window)
    WHERE detection = 'early' AND d.name = 'markov:set-a' AND c.attack AND window = -1 AND score IS NULL")" 3

# ---- measures -------------------------------------------------------------

exits 0 'rank' rank --task t
cp out text
is 'a line a detector and unit' "$(wc -l <text)" "$((2 * $(ask "SELECT count(*) FROM detector
    WHERE detection_id = 1") + 1))"
like 'the base rate is said' err '51 pairs in runs, of which 3 are part of an attack \(5\.88 %\)'
measures >first
exits 0 'all measures a second time' again t measures
exits 0 'rank again' rank --task t
cp out more
check 'prints the same' cmp more text
measures >second
check 'and writes the same' cmp first second
exits 0 'another seed' rank --task t --seed 2
measures >second
check 'draws other resamples' bash -c '! cmp -s first second'
is 'which change intervals alone' "$(awk -F '[| ]' 'NR == FNR { v[$1 $2 $3] = $4; next }
    v[$1 $2 $3] != $4' first second)" ''
exits 0 'no resamples' rank --task t --bootstrap 0
is 'no intervals' "$(ask 'SELECT count(*) FROM measure WHERE ci_low NOT NULL')" 0
exits 0 'as JSON' rank --task t --json --null
check 'is an object a line' python3 -c '
import json
for line in open("out"): json.loads(line)["roc_auc_low"], json.loads(line)["pr_auc"]'
exits 0 'labels that mean nothing' rank --task t --null
is 'score as chance' "$(tail -n +2 out | awk -F '\t' '{ print $NF }' | sort | uniq -c | tr -s ' ')" \
    " $(ask "SELECT 2 * count(*) FROM detector WHERE detection_id = 1") as chance"
is 'within a twentieth of one half' "$(ask "SELECT count(*) FROM measure WHERE name = 'null_roc_auc'
    AND value NOT BETWEEN 0.45 AND 0.55")" 0
exits 0 'who wins' "$ADLIOTLOG" sql --store s.db --no-header "SELECT rank, detector FROM detector_rank
    WHERE detection = 't' AND unit = 'run' ORDER BY rank, detector"
is 'the plain rule: all that collude cross gateways' "$(head -n 1 out)" '1	crosses-gateways'
is 'and nobody else does' "$(measure crosses-gateways run roc_auc)" 1.0
is 'it needs the first window' "$(measure crosses-gateways window time_to_detection)" 0.5
is 'and finds all' "$(measure crosses-gateways window detected)" 1.0
is 'the alerts of a run begin with it' "$(ask "SELECT attack, flagged FROM alert
    WHERE detection = 't' AND detector = 'crosses-gateways' AND run_id = 1 AND window = -1
    AND rank = 1")" '1|1'
exits 0 'against a named one' rank --task t --against volume
is 'it is the reference' "$(grep -P '\tvolume\t' out | grep -c 'the reference')" 2
exits 0 'all measures against it' again t measures

cp s.db null.db
sqlite3 null.db "UPDATE flow SET attack = 1 WHERE flow = 1 + run_id % 8 AND run_id > 4"
store=null.db
exits 0 'a planted null: honest pairs called attacks' score --task t --train "attack = 'none' AND seed = 4" \
    --test "attack = 'none' AND seed < 4" --force
exits 0 'is ranked' rank --task t
is 'the plain rule is at one half' "$(measure crosses-gateways run roc_auc)" 0.5
is 'and so is what is new' "$(measure new-pair window roc_auc)" 0.5
is 'and nothing wins' "$(ask "SELECT count(*) FROM measure JOIN detector AS d USING (detector_id)
    WHERE detection_id = (SELECT detection_id FROM detection WHERE name = 't')
    AND measure.name = 'roc_auc' AND (ci_low > 0.95 OR value > 0.95)")" 0
exits 0 'its measures' again t measures
sqlite3 null.db "UPDATE flow SET attack = 0"
exits 3 'no attack at all' rank --task t
like 'is refused' err "no pair of nodes in the test runs of 't' is part of an attack"
sqlite3 null.db "UPDATE flow SET attack = NULL WHERE run_id = 6"
exits 3 'no labels' rank --task t
like 'are refused' err 'run 6 has no labels'
store=s.db

exits 0 'one seed alone' score --task one --train "attack = 'none' AND seed = 4" --test 'seed = 1'
exits 0 'can be ranked' rank --task one
like 'without thresholds' err 'one seed alone: no thresholds'
is 'nor intervals' "$(ask "SELECT count(*), count(value), count(ci_low) FROM measure
    JOIN detector AS d USING (detector_id) WHERE detection_id = (SELECT detection_id FROM detection
    WHERE name = 'one') AND measure.name IN ('f1', 'mcc', 'detected')")" '35|0|0'
exits 2 'a benign twin is no run to learn from' score --task attacked --train "attack = 'none'" \
    --test "attack != 'none'"
like 'since it is the same simulation' err 'run 5 in --train is the benign twin of run 1 in --test'
exits 0 'only attack runs' score --task attacked --train "attack = 'none' AND seed = 4" \
    --test "attack != 'none' AND seed < 4"
exits 0 'can be ranked' rank --task attacked
exits 3 'but have no null' rank --task attacked --null
like 'which needs twins' err 'no test run .* is the benign twin'

# ---- scores from outside --------------------------------------------------

truth="SELECT run_id AS run, src, dst, window, attack AS score FROM candidate WHERE detection = 't'"
exits 0 'the truth as a file' "$ADLIOTLOG" export --store s.db --output truth.csv --sql "$truth"
exits 0 'is ranked among the others' rank --task t --scores truth.csv
for unit in run window; do
    is "it is perfect by $unit" "$(for m in roc_auc pr_auc precision recall f1 mcc precision_001 \
        false_positives; do measure truth $unit $m; done | tr '\n' ' ')" \
        '1.0 1.0 1.0 1.0 1.0 1.0 1.0 0.0 '
done
is 'the scores know the file' "$(ask "SELECT options ->> '$.source.sha256' FROM detector
    WHERE name = 'truth'")" "$(sha256sum truth.csv | cut -c1-64)"
exits 0 'the same file again' rank --task t --scores truth.csv
sed -i 's/,1$/,0.5/' truth.csv
exits 3 'a file of that name with other scores' rank --task t --scores truth.csv
like 'is refused' err "has a detector 'truth' already.*--force"
exits 0 'unless it is forced' rank --task t --scores truth.csv --force
is 'and then there' "$(ask "SELECT max(score) FROM score JOIN detector USING (detector_id)
    WHERE name = 'truth'")" 0.5

count="SELECT run_id AS run, src, dst, n AS score FROM candidate WHERE detection = 't' AND window = -1"
"$ADLIOTLOG" export --store s.db --output mine.csv --sql "$count" >/dev/null
exits 0 'a detector of one own, of runs' rank --task t --scores mine.csv --against volume
is 'is ranked there alone' "$(grep -c '	mine	' out)" 1
exits 0 'all measures, with it' again t measures
own() { ask "SELECT run_id, src, dst, window, score FROM score JOIN detector USING (detector_id)
    WHERE name = '$1' ORDER BY 1, 2, 3, 4"; }
folder() { basename "$(dirname "$(ask "SELECT trace_path FROM run WHERE run_id = $1")")"; }
digits() { ask "SELECT upper(substr(trace_sha256, 1, 8)) FROM run WHERE run_id = $1"; }
{
    printf '\xef\xbb\xbfscore,dst,run,src\r\n'
    tail -n +2 mine.csv | while IFS=, read -r run src dst n; do
        case $run in
            1) run=\"$(folder 1)\" ;;
            2) run=$(digits 2) ;;
        esac
        printf '%se0,"%s",%s,%s\r\n' "$n" "$dst" "$run" "$src"
    done
} >other.csv
exits 0 'other words for the same' rank --task t --scores other.csv
is 'mean the same' "$(own other)" "$(own mine)"

head -n 40 mine.csv >few.csv
exits 3 'some are missing' rank --task t --scores few.csv
like 'how many is said' err 'few.csv: 12 of 51 candidates \(pairs in a run\) have no score'
exits 0 'they are given one' rank --task t --scores few.csv --missing 7
is 'and have it' "$(ask "SELECT count(*) FROM score JOIN detector USING (detector_id)
    WHERE name = 'few' AND score = 7")" 12

refused() { # NAME PATTERN LINE...: lines below a header and the scores of mine.csv
    local name=$1 pattern=$2
    shift 2
    { cat mine.csv && printf '%s\n' "$@"; } >bad.csv
    exits 3 "$name" rank --task t --scores bad.csv
    like "$name: says where and why" err "^adliotlog rank: bad.csv:53: $pattern"
    is "$name: in one line" "$(wc -l <err) $(wc -c <out)" '1 0'
}
refused 'a score that is none' "score 'high' is no number" 1,14,2,high
refused 'an empty score' "score '' is no number" 1,14,2,
refused 'a blank before it' "score ' 1' is no number" '1,14,2, 1'
refused 'not a number' "score 'nan' is not finite" 1,14,2,nan
refused 'too large' "score '1e999' is not finite" 1,14,2,1e999
refused 'an unknown run' "'99' is no test run of task 't'" 99,14,2,1
refused 'a training run' "'8' is no test run of task 't'" 8,14,2,1
refused 'an unknown folder' "'iot16' is no test run of task 't'" iot16,14,2,1
refused 'a node that is none' "src 'a' is no node number" 1,a,2,1
refused 'a pair that is no candidate' 'node 1 sends nothing to 2 in run 1: it is no candidate' 1,1,2,1
refused 'too few fields' '3 fields, and the first line names 4' 1,14,2
refused 'too many' '5 fields, and the first line names 4' 1,14,2,1,1
refused 'an empty line' '1 fields, and' '' 1,14,2,1
refused 'an open quote' 'field 2: a quote is not closed' '1,"14,2,1'
refused 'text behind a quote' 'field 1: a quote is not closed, or something follows' '"1"1,14,2,1'
refused 'a second score' 'a second score for a candidate' "$(sed -n 2p mine.csv)"
broken() { # NAME PATTERN TEXT
    printf '%b' "$3" >bad.csv
    exits 3 "$1" rank --task t --scores bad.csv
    like "$1: the message says why" err "^adliotlog rank: bad.csv$2"
}
broken 'an empty file' ":1: unknown column ''" ''
broken 'a header alone' ': there are no scores in it' 'run,src,dst,score\n'
broken 'no header' ":1: unknown column '1'" '1,14,2,0.5\n'
broken 'a column too few' ":1: the first line has no column 'score'" 'run,src,dst\n'
broken 'a column twice' ":1: column 'run' is there twice" 'run,src,dst,run\n'
broken 'a window that is none' ":2: window 'x' is no window number" 'run,src,dst,score,window\n1,6,15,1,x\n'
broken 'a window without a packet' ':2: node 6 sends nothing to 15 in window 99 of run 1' \
    'run,src,dst,score,window\n1,6,15,1,99\n'
broken 'bytes that are no text' ' is no text in UTF-8' 'run,\xff\n'
exits 4 'no such file' rank --task t --scores nothing.csv
cp mine.csv volume.csv
exits 2 'a name that is taken' rank --task t --scores volume.csv
like 'must be another' err "'volume' is no name for a detector of one's own"
is 'nothing of all that was written' "$(ask "SELECT group_concat(name) FROM (SELECT name FROM detector
    WHERE options ->> '$.source.sha256' NOT NULL ORDER BY name)")" 'few,mine,other,truth'

# ---- refused --------------------------------------------------------------

no() { # NAME STATUS PATTERN COMMAND...
    local name=$1 status=$2 pattern=$3
    shift 3
    exits "$status" "$name" "$@"
    like "$name: the message says why" err "$pattern"
}
none="attack = 'none'"
no 'a run in both' 2 'run 5 is both in --train and in --test' score --task x --train "$none" --test 'seed < 4'
no 'no such run' 1 'no run in the store has seed = 9' score --task x --train 'seed = 9' --test 'seed = 1'
no 'SQL that is none' 2 "--test 'sed = 1'" score --task x --train 'seed = 4' --test 'sed = 1'
no 'other runs' 3 "task 't' is there already.*--force" score --task t --train 'seed = 4' --test 'seed < 3'
no 'another window' 3 "task 't' is there already" score "${task[@]}" --window 2
no 'no window' 2 'must be a positive number' score "${task[@]}" --window 0
no 'a model without pairs' 2 'each --model needs the --pairs' score "${task[@]}" --model net
no 'pairs without a model' 2 'each --model needs the --pairs' score "${task[@]}" --pairs test
no 'an unknown model' 2 'nothing: no such model' score "${task[@]}" --model nothing --pairs test
no 'pairs of other runs' 2 "pair set 'train' has no pairs of run 1" \
    bash -c "'$ADLIOTLOG' evaluate --store s.db --model net.safetensors --pairs train >/dev/null &&
        '$ADLIOTLOG' score --store s.db --task t --train \"$none AND seed = 4\" --test 'seed < 4' \
            --model net --pairs train"
exits 0 'a second network' "$ADLIOTLOG" train --store s.db --pairs train --model raw.safetensors \
    --hidden 8 --iterations 100
no 'not evaluated' 2 "raw: the model was not evaluated on 'test' yet" score "${task[@]}" --model raw \
    --pairs test
exits 0 'evaluated without --score' "$ADLIOTLOG" evaluate --store s.db --model raw.safetensors --pairs test
exits 0 'is scored by the rest' score "${task[@]}" --model net --model raw --pairs test
like 'and what lacks is said' err "no detector 'raw:log-probability': it was not evaluated with --score"
is 'bleu and set A' "$(ask "SELECT group_concat(name) FROM (SELECT name FROM detector
    WHERE name LIKE 'raw:%' ORDER BY name)")" 'raw:bleu,raw:set-a'
exits 0 'all scores of both' again t models net raw
no 'no such task' 2 "no task 'x' in the store" rank --task x
no 'no such detector' 2 "task 't' has no detector 'x'" rank --task t --against x
no '--missing without a file' 2 'missing is for --scores' rank --task t --missing 1
no 'a --missing that is none' 2 'missing must be a finite number' rank --task t --scores few.csv --missing inf
no 'too many resamples' 2 'bootstrap must be' rank --task t --bootstrap -1
exits 0 'replaced by force' score --task t --train "$none AND seed = 4" --test 'seed < 3' --force
is 'without what was there' "$(ask "SELECT count(*) FROM detector AS d JOIN detection AS t
    USING (detection_id) WHERE t.name = 't'")" 7
ask 'PRAGMA foreign_keys = ON; DELETE FROM pair_set'
ask 'DELETE FROM run WHERE run_id = 2' # as dataset/README.md says
is 'a run that is removed takes its scores along' "$(ask 'SELECT count(*) FROM score WHERE run_id = 2')
$(ask 'SELECT count(*) FROM detection_run WHERE run_id = 2')" '0
0'
no 'and leaves no task to rank' 3 "runs of task 't' were removed or replaced \(1\)" rank --task t
no 'nor to go on with' 3 "task 't' is there already" score --task t --train "$none AND seed = 4" \
    --test 'seed < 3'
exits 0 'unless it is forced' score --task t --train "$none AND seed = 4" --test 'seed < 3' --force
exits 0 'then it can be ranked' rank --task t
exits 0 'checks.sql' sqlite3 s.db <"$TOP/dataset/checks.sql"
is 'finds nothing' "$(cat out)" ''

finish
