#!/usr/bin/env bash
# adliotlog reproduce: the whole line on a tiny plan; only what is missing is done.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

cat >tiny.ini <<'PLAN'
[plan]
name = tiny
protocols = udp
seeds = 1
held-out = 7
[simulate]
scenario = iot16
set = duration=1; levels=AGT,RTR
[pairs]
limit = 80
[train]
iterations = 400
hidden = 16
lr = 0.05
lr-end = 0.005
[quick train]
iterations = 100
PLAN
reproduce() { "$ADLIOTLOG" reproduce --jobs 2 "$@" tiny.ini; }
ask() { sqlite3 results/store.db "$1"; }
steps() { sed -n 's/^adliotlog \([a-z]*\) -.*/\1/p' "$1" | uniq -c | awk '{ printf "%s%d ", $2, $1 }'; }

exits 0 'the whole line' reproduce
is 'each stage once' "$(steps err)" 'simulate1 ingest1 pairs6 train2 evaluate6 detect6 report1 '
for file in store.db table1.csv table1.md table1.tex table2.csv table2.md table2.tex set_a.csv \
    figure2a.svg figure2b.svg figure3.svg claims.csv claims.md report.html provenance.json; do
    check "results/$file" test -s results/$file
done
is 'three conditions on two splits' "$(ask "SELECT count(*), count(DISTINCT condition),
    count(DISTINCT split), sum(accuracy BETWEEN 0 AND 1) FROM trial JOIN evaluation
    USING (model_id, pair_set_id)")" '6|3|2|6'
is 'the combined set has half its pairs from each run' "$(ask "SELECT group_concat(pair_set_run.n_pair)
    FROM pair_set_run JOIN pair_set USING (pair_set_id) WHERE name = 'tiny-udp-s1-with'")" '40,40'
is 'held-out runs have another seed' "$(ask "SELECT DISTINCT run.seed FROM run
    JOIN pair_set_run USING (run_id) JOIN pair_set USING (pair_set_id)
    WHERE name LIKE '%held-out'")" 8
is 'both models have as many training pairs' "$(ask "SELECT group_concat(options ->> '$.n_pair')
    FROM model")" '80,80'
is 'what the trial names is what the report says' \
    "$(sqlite3 :memory: -cmd '.import --csv results/table2.csv t' \
        "SELECT round(accuracy_mean, 1) FROM t WHERE condition = 'with' AND split = 'paper'")" \
    "$(ask "SELECT round(100 * accuracy, 1) FROM trial JOIN evaluation USING (model_id, pair_set_id)
        WHERE condition = 'with' AND split = 'paper'")"

sha256sum results/table2.csv results/set_a.csv results/models/* >first
exits 0 'a second time' reproduce
is 'only the report is written again' "$(steps err)" 'simulate1 report1 '
check 'with the same result' sha256sum -c first
rm -r results
exits 0 'all anew' reproduce
check 'the whole line gives the same digests' sha256sum -c first

sqlite3 results/store.db "DELETE FROM evaluation WHERE pair_set_id =
    (SELECT pair_set_id FROM pair_set WHERE name = 'tiny-udp-s1-without')"
rm results/models/tiny-udp-s1-with.safetensors
exits 0 'a model and an evaluation are gone' reproduce
is 'they are made again; the model being the same, its other results stay' "$(steps err)" \
    'simulate1 train1 evaluate1 detect1 report1 '
check 'as they were' sha256sum -c first
exits 0 'a quick run in the same store' reproduce --quick
is 'has pairs and models of its own' "$(steps err)" \
    'simulate1 pairs6 train2 evaluate6 detect6 report1 '
is 'under a plan name of its own' "$(ask 'SELECT group_concat(DISTINCT plan) FROM trial')" \
    'tiny,tiny-quick'
exits 0 'the full plan again' reproduce
is 'has lost nothing' "$(steps err)" 'simulate1 report1 '
check 'and gives what it gave' sha256sum -c first

# Repeated by hand, into another file: the same model, whose results stay.
exits 0 'a step by hand' "$ADLIOTLOG" train --store results/store.db --pairs tiny-udp-s1-without \
    --model copy.safetensors --iterations 400 --hidden 16 --lr 0.05 --lr-end 0.005
check 'gives the same bytes' cmp copy.safetensors results/models/tiny-udp-s1-without.safetensors
exits 0 'reproduce' reproduce
is 'still has nothing to do' "$(steps err)" 'simulate1 report1 '

# Interrupted while it trains: nothing half-made counts as done, and it goes on from there.
rm -r results
sed 's/^iterations = 400/iterations = 20000\ncheckpoint-every = 50/' tiny.ini >long.ini
"$ADLIOTLOG" reproduce --jobs 2 long.ini >out 2>err &
until ls results/models/*.checkpoint >/dev/null 2>&1; do kill -0 $! 2>/dev/null || break; done
kill -INT $!
wait $!
is 'interrupted: exit 130' $? 130
like 'says how to go on' err 'the same command goes on from here'
is 'no model is left' "$(ls results/models/*.safetensors 2>/dev/null)" ''
cp -r results half
exits 0 'started again' "$ADLIOTLOG" reproduce --jobs 2 long.ini
is 'it goes on where it was' "$(steps err)" 'simulate1 train2 evaluate6 detect6 report1 '
like 'within a training too' err 'safetensors: going on after iteration [0-9]+ of 20000'
exits 0 'one of the trainings without a stop' "$ADLIOTLOG" train --store results/store.db \
    --pairs tiny-udp-s1-with --model straight.safetensors --iterations 20000 --hidden 16 --lr 0.05 \
    --lr-end 0.005
check 'gives the same model' cmp straight.safetensors results/models/tiny-udp-s1-with.safetensors
rm -r results
mv half results
exits 0 'started again with another plan' reproduce
is 'that trains too' "$(steps err)" 'simulate1 train2 evaluate6 detect6 report1 '
like 'from the beginning' err 'iterations is 20000 there and 400 here: starting anew'
check 'to the same end' sha256sum -c first
is 'no checkpoint is left' "$(ls results/models/*.checkpoint 2>/dev/null)" ''

# SIGTERM while ns runs: at once, and nothing of the run is left.
cat >slow-ns <<'NS'
#!/bin/sh
case "$*" in *--ns-version*) echo 2.35; exit ;; esac
touch "$STARTED"
exec tail -f /dev/null
NS
chmod +x slow-ns
STARTED=$PWD/started NS=./slow-ns "$ADLIOTLOG" reproduce --out slow tiny.ini >out 2>err &
until [ -e started ]; do kill -0 $! 2>/dev/null || break; done
kill -TERM $!
wait $!
is 'terminated while it simulates: exit 130' $? 130
is 'no run is left' "$(ls -A slow/runs)" ''

# Variants, tests, a protocol of its own seeds, and an audit.
cat >parts.ini <<'PLAN'
[plan]
name = parts
protocols = udp,tcp
seeds = 1..2
held-out = 10
[simulate]
set = duration=2; levels=AGT
[pairs]
limit = 100
[train]
iterations = 60
hidden = 8
[protocol tcp]
plan.seeds = 1
simulate.set = duration=4; levels=AGT
[variant lstm]
train.cell = lstm
[variant few]
pairs.fields = op,node,size
[test later]
plan.held-out = 0
pairs.skip = 100
[test scan]
simulate.attack = scan
[audit]
iterations = 30
PLAN
parts() { "$ADLIOTLOG" reproduce --jobs 2 --out parts parts.ini; }
exits 0 'a plan of several parts' parts
cp err first.err
ask_parts() { sqlite3 parts/store.db "$1"; }
is 'each attack and protocol is simulated once, with the seeds of all tests' \
    "$(grep -c '^adliotlog simulate --' err)/$(sed -n 's/^adliotlog simulate.*--attack \(.*\) --out.*--seeds /\1 /p' err |
        sort | tr '\n' ';')" '4/none,hidden-channel 1,11;none,hidden-channel 1,11,2,12;none,scan 11;none,scan 11,12;'
is 'three seeds, three variants, three conditions, four tests' "$(ask_parts "SELECT count(*),
    count(DISTINCT variant), count(DISTINCT condition), count(DISTINCT split) FROM trial")" '108|3|3|4'
is 'the lstm shares the pairs of the default, and has models of its own' "$(ask_parts "
    SELECT count(DISTINCT pair_set_id), count(DISTINCT model_id) FROM trial
    WHERE variant IN ('', 'lstm') AND protocol = 'udp' AND seed = 1 AND split = 'paper'
    AND condition <> 'with-attack-run'")" '2|4'
is 'which are what they say' "$(ask_parts "SELECT DISTINCT variant, model.options ->> '$.cell'
    FROM trial JOIN model USING (model_id) ORDER BY 1")" '|gru
few|gru
lstm|lstm'
is 'few has other words' "$(ask_parts "SELECT DISTINCT json_array_length(pair_set.options, '$.fields')
    FROM trial JOIN pair_set USING (pair_set_id) WHERE variant = 'few'")" 3
is 'later is the same runs as in training' "$(ask_parts "SELECT count(*) FROM trial AS t
    JOIN pair_set_run AS r USING (pair_set_id) JOIN trial AS p ON p.split = 'paper' AND
    (p.variant, p.protocol, p.seed, p.condition) = (t.variant, t.protocol, t.seed, t.condition)
    WHERE t.split = 'later' AND r.run_id NOT IN
    (SELECT run_id FROM pair_set_run WHERE pair_set_id = p.pair_set_id)")" 0
is 'scan has that attack' "$(ask_parts "SELECT group_concat(DISTINCT attack) FROM trial
    JOIN pair_set_run USING (pair_set_id) JOIN run USING (run_id)
    WHERE split = 'scan' AND condition <> 'without' AND attack <> 'none'")" scan
is 'the comparison has a row for each' "$(tail -n +2 parts/comparison.csv | wc -l)" 24
is 'with the mean over seeds' "$(grep '^lstm,network,udp,flow,held-out' parts/comparison.csv | cut -d , -f 6,7)" \
    "$(ask_parts "SELECT printf('%d,%.4f', count(*), 100 * avg(accuracy)) FROM trial
        JOIN evaluation USING (model_id, pair_set_id) WHERE variant = 'lstm' AND protocol = 'udp'
        AND split = 'held-out' AND condition = 'without'")"
exits 0 'all accuracies, means and intervals a second time' python3 "$TOP/tests/cli/tables.py" parts parts
like 'none of which differs' out '^[0-9]{4,} compared in [0-9]{2,} rows, 0 differ$'
mkdir wrong
cp parts/*.csv parts/store.db wrong/
sqlite3 wrong/store.db "UPDATE prediction SET output = 'x' WHERE bleu1 > 0 AND model_id = 1"
exits 1 'predictions that are not those of the tables' python3 "$TOP/tests/cli/tables.py" wrong parts
like 'are noticed' out '^bleu1 of model 1: got'
is 'each test of the lowest seed is audited' "$(ask_parts "SELECT count(DISTINCT test_set), count(*) FROM audit")" '12|72'
exits 0 'again' parts
is 'nothing but audits is done again, no detection that found no tuple either' "$(steps err)" \
    'simulate4 audit12 report1 '
cat >>parts.ini <<'PLAN'
[detection]
train-seeds = 21..22
test-seeds = 31..33
models = network,next-word,markov
simulate.set = duration=2; levels=AGT; hidden_drawn=on; attack_start=1
pairs.limit = 100
pairs.fields = op,node,size,src,dst,seq
PLAN
exits 0 'with a detection task' parts
is 'the twins of three seeds are judged, by seven detectors and four scores of each model' "$(ask_parts "
    SELECT (SELECT count(*) FROM detection_run WHERE role = 'test'), count(*),
    count(DISTINCT model_id) FROM detector")" '6|19|3'
is 'each is measured' "$(ask_parts "SELECT count(DISTINCT detector_id) FROM measure
    WHERE unit = 'run' AND name = 'roc_auc'")" 19
is 'colluders are drawn' "$(ask_parts "SELECT count(DISTINCT src || '-' || dst) > 1 FROM candidate
    WHERE attack")" 1
cat >together.ini <<'PLAN'
[plan]
name = together
protocols = udp
seeds = 1
held-out = 10
[simulate]
set = duration=1; levels=AGT
[pairs]
limit = 100
[train]
iterations = 60
hidden = 8
[federation]
gateways = 2..3
rounds = 2
simulate.scenario = field
simulate.set = duration=3; nodes=9; levels=AGT
PLAN
together() { "$ADLIOTLOG" reproduce --jobs 2 --out together together.ini; }
exits 0 'gateways that learn together' together
ask_together() { sqlite3 together/store.db "$1"; }
is 'each way to learn, tested on each gateway' "$(ask_together "SELECT variant, count(DISTINCT method),
    count(DISTINCT split), count(*) FROM trial WHERE variant <> '' GROUP BY variant")" \
    '2 gateways|4|2|8
3 gateways|5|3|15'
is 'on pairs of another seed, of its own nodes' "$(ask_together "SELECT count(*) FROM trial AS t
    JOIN pair USING (pair_set_id) JOIN run USING (run_id) JOIN event AS e
    ON e.run_id = pair.run_id AND e.line = source_line JOIN node AS n ON n.run_id = e.run_id AND n.node = e.node
    WHERE t.variant <> '' AND NOT (run.seed = 11 AND 'gateway ' || n.gateway = t.split)")" 0
is 'in all with as many iterations' "$(ask_together "SELECT variant, substr(method, 1, 5),
    sum(DISTINCT (options ->> '$.iterations') * coalesce(json_array_length(options, '$.gateways'), 1))
    FROM trial JOIN model USING (model_id) WHERE variant <> '' GROUP BY 1, 2" | sort)" \
    '2 gateways|centr|60
2 gateways|feder|60
2 gateways|local|30
3 gateways|centr|60
3 gateways|feder|60
3 gateways|local|20'
exits 0 'again' together
is 'is no work' "$(steps err)" 'simulate3 report1 '
sed 's/^rounds = 2/rounds = 5/' together.ini >more.ini
is 'the report names what was trained on, too' "$(sed 1d together/pair_sets.csv | cut -d , -f 1 |
    grep -c '^together-[23]-gateways-udp-s1-\([0-9]*\|all\)$')" 7
is 'and its runs' "$(sed 1d together/runs.csv | wc -l)" 8
exits 0 'in more rounds' "$ADLIOTLOG" reproduce --jobs 2 --out together more.ini
is 'is another federation' "$(steps err)" 'simulate3 federate2 evaluate5 report1 '

sed 's/^pairs.skip = 100/pairs.skip = 10/' parts.ini >leak.ini
exits 1 'a test that overlaps the training' "$ADLIOTLOG" reproduce --jobs 2 --out parts leak.ini
like 'is a leak, and the run says so' err 'the audit found [0-9]+ leaks: do not trust'
check 'the report is there all the same' test -s parts/report.html

refused() { # NAME STATUS PATTERN SED-SCRIPT
    sed "$4" tiny.ini >bad.ini
    exits "$2" "$1" "$ADLIOTLOG" reproduce --out bad bad.ini
    like "$1: the message says why" err "$3"
}
refused 'an unknown group' 3 "bad.ini: unknown group 'trian'" 's/^\[train\]/[trian]/'
refused 'an unknown key' 3 "unknown key in \[plan\] 'seds'" 's/^seeds/seds/'
refused 'bad seeds' 2 'seeds' 's/^seeds = 1/seeds = one/'
refused 'an option that the command does not know' 2 'Unknown option --iteration' \
    's/^iterations/iteration/'
refused 'a scenario that is not there' 2 "unknown scenario 'iot61'" 's/iot16/iot61/'
refused 'a limit that is no number' 3 "even number of pairs, not '8O'" 's/^limit = 80/limit = 8O/'
refused 'an odd limit' 3 "even number of pairs, not '81'" 's/^limit = 80/limit = 81/'
refused 'more pairs than the runs have' 3 "has [0-9]+ pairs instead of 80000: simulate longer" \
    's/^limit = 80/limit = 80000/'
refused 'an option that the plan decides' 3 "key in \[pairs\] that the plan decides 'runs'" \
    's/^limit = 80/&\nruns = seed = 1/'
refused 'an option of training in a test' 3 "a test cannot change 'train.lr'" \
    's/^\[pairs\]/[test x]\ntrain.lr = 1\n&/'
refused 'a key without its command' 3 "\[variant x\] that is not COMMAND.KEY: 'lr'" \
    's/^\[pairs\]/[variant x]\nlr = 1\n&/'
refused 'a variant without a name' 3 "no name for a part of a plan: 'variant '" \
    's/^\[pairs\]/[variant ]\n&/'
refused 'an evaluation of another kind' 3 "the plan decides 'beam'" \
    's/^\[pairs\]/[variant x]\nevaluate.beam = 4\n&/'
refused 'a protocol that the plan has not' 3 "no such part of the plan: 'protocol tpc'" \
    's/^\[pairs\]/[protocol tpc]\npairs.limit = 2\n&/'
refused 'a quick variant without its variant' 3 "no such part of the plan: 'quick variant x'" \
    's/^\[pairs\]/[quick variant x]\npairs.limit = 2\n&/'
refused 'a seed to learn from and to judge' 3 "both train-seeds and test-seeds have '3'" \
    's/^\[pairs\]/[detection]\ntrain-seeds = 1..3\ntest-seeds = 3..4\n&/'
refused 'a wrong option of a variant' 2 'Unknown option --celt' \
    's/^\[pairs\]/[variant x]\ntrain.celt = lstm\n&/'
exits 4 'no such plan' "$ADLIOTLOG" reproduce no.ini
exits 2 'no plan' "$ADLIOTLOG" reproduce
mkdir empty
PATH_WITHOUT_NS=empty
for tool in tclsh sh env; do ln -s "$(command -v $tool)" empty/; done
exits 5 'no ns' env PATH="$PATH_WITHOUT_NS" "$ADLIOTLOG" reproduce --out none tiny.ini
like 'is said by name' err "cannot run 'ns'"

finish
