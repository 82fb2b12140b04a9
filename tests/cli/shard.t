#!/usr/bin/env bash
# simulate and reproduce in shares: no two the same, all together the whole, whoever does them.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

simulate() { "$ADLIOTLOG" simulate "$@"; }
sweep=(--seeds 1..6 --attack 'none,hidden-channel' --traffic 'udp,tcp' --sweep 'duration=1,2')

# ---- simulate ---------------------------------------------------------------

simulate "${sweep[@]}" --plan --json >list
is 'a sweep of two by two by two, six seeds each' "$(wc -l <list)" 48
for i in 1 2 3 4 5; do
    exits 0 "share $i of 5" simulate "${sweep[@]}" --shard $i/5 --plan --json
    cp out share.$i
    is "share $i of 5: in the order of the whole" "$(grep -xFf share.$i list)" "$(cat share.$i)"
done
is 'all shares together are the whole, and none has what another has' "$(sort share.[1-5])" "$(sort list)"
is 'they are as large, to one' "$(wc -l share.[1-5] | awk '$2 != "total" { print $1 }' | sort -nu | tr '\n' ' ')" '9 10 '
is 'each has of the six seeds of each combination one or two' \
    "$(for i in 1 2 3 4 5; do
        sqlite3 :memory: 'CREATE TABLE plan(line TEXT)' '.mode ascii' '.separator "\037" "\n"' \
            ".import share.$i plan" '.mode list' "SELECT count(*) FROM plan GROUP BY line ->> '$.attack',
            line ->> '$.traffic', line ->> '$.parameters.duration'"
    done | sort | uniq -c | awk '{ print $2 }' | tr '\n' ' ')" '1 2 '
is 'one benign run is of one share, for all attacks that it is the twin of' \
    "$(for i in 1 2 3; do
        simulate --attack none,hidden-channel --sweep attack_start=0.1,0.2,0.3 --shard $i/3 --plan --json
    done | sort | uniq -d | wc -l)" 0
exits 0 'more shares than runs' simulate --shard 2/2 --out none
is 'leave one with nothing to do' "$(cat out)$(ls none 2>/dev/null)" ''
for bad in 0/2 3/2 1 1/0 /2 1/ x/y 1/2/3 -1/2; do
    exits 2 "--shard $bad" simulate --shard "$bad" --plan
    like "--shard $bad: is told what it must be" err "^adliotlog simulate: --shard '$bad' is not like 3/8"
done

small=(--seeds 1..3 --attack 'none,hidden-channel' --set duration=0.3)
exits 0 'all in one' simulate "${small[@]}" --out whole.runs
simulate "${small[@]}" --shard 1/2 --out shared >first 2>err &
simulate "${small[@]}" --shard 2/2 --out shared >second 2>err2
wait $!
is 'two shares at a time in one folder' $? 0
is 'print the runs of the whole' "$(sort first second | sed 's,^shared,whole.runs,')" "$(sort out)"
check 'and make them, to the byte' diff -r whole.runs shared

# ---- reproduce ---------------------------------------------------------------

cat >tiny.ini <<'PLAN'
[plan]
name = tiny
protocols = udp,tcp
seeds = 1..2
held-out = 10
rivals = lookup
[simulate]
set = duration=2; levels=AGT
[pairs]
limit = 80
[train]
iterations = 60
hidden = 8
[protocol tcp]
simulate.set = duration=4; levels=AGT
[variant lstm]
train.cell = lstm
[audit]
iterations = 30
[detection]
train-seeds = 21
test-seeds = 31..32
models = network,lookup
simulate.set = duration=2; levels=AGT; hidden_drawn=on; attack_start=1
pairs.limit = 60
PLAN
reproduce() { "$ADLIOTLOG" reproduce --jobs 2 "$@" tiny.ini; }
steps() { sed -n 's/^adliotlog \([a-z]*\) -.*/\1/p' "$1" | sort | uniq -c | awk '{ printf "%s%d ", $2, $1 }'; }
ask() { sqlite3 -readonly "$1" "$2"; }

exits 0 'a plan as a whole' reproduce --out whole
n_trained=$(grep -c '^adliotlog train' err)
for i in 1 2 3; do
    exits 0 "share $i of 3" reproduce --shard $i/3 --out part$i
    unlike "share $i of 3: leaves what is of the whole" err '^adliotlog (audit|score|rank|report) '
    cp err err.$i
done
is 'each case is in one share' "$(for i in 1 2 3; do
    ask part$i/store.db "SELECT DISTINCT variant, protocol, seed FROM trial"
done | sort | uniq -c | awk '{ print $1 }' | tr '\n' ' ')" '1 1 1 1 1 1 1 1 '
exits 0 'a share again' reproduce --shard 2/3 --out part2
unlike 'does nothing again' err '^adliotlog (ingest|pairs|train|evaluate) '

mkdir merged
cp -R part[123]/runs part[123]/models merged
exits 0 'their stores merged' "$ADLIOTLOG" merge --store merged/store.db part1/store.db part2/store.db part3/store.db
exits 0 'the plan in the merged store' reproduce --out merged
is 'trains the controls of the audit and the network of the task, and nothing again' \
    "$(grep '^adliotlog train' err | grep -cvE -e '--pairs tiny-(udp|tcp)-s1-with-shuffled |--pairs tiny-detection-train ')/$(grep -c '^adliotlog train' err)" 0/3
is 'as all shares have trained the rest' "$(cat err.[123] | grep -c '^adliotlog train')" $((n_trained - 3))
is 'builds their pairs alone' "$(grep '^adliotlog pairs' err | grep -cvE 'shuffled|permuted|tiny-detection')" 0
is 'and tests those alone' "$(grep '^adliotlog evaluate' err | grep -cvE 'shuffled|permuted|tiny-detection')" 0
check 'all networks are those of the whole, to the byte' diff -r whole/models merged/models
for file in table1 table2 set_a comparison fall detection claims; do
    check "$file is that of the whole" diff whole/$file.csv merged/$file.csv
done
is 'nothing contradicts itself' "$(sqlite3 -readonly merged/store.db <"$TOP/dataset/checks.sql")" ''
is 'the store has the runs of the whole, each once' \
    "$(ask merged/store.db 'SELECT trace_sha256, plan_sha256 FROM run ORDER BY 1, 2')" \
    "$(ask whole/store.db 'SELECT trace_sha256, plan_sha256 FROM run ORDER BY 1, 2')"
exits 0 'once more' reproduce --out merged
is 'only what is always done anew is' "$(steps err | sed 's/detect[0-9]* //')" \
    "$(reproduce --out whole >out 2>err; steps err | sed 's/detect[0-9]* //')"

# What is the same set of pairs, and what is not.
pairs() { # EXTRA...: builds it, then asks whether the plan would build it again
    "$ADLIOTLOG" pairs --store merged/store.db --name tiny-udp-s1-without --force --limit 80 --noise below-agent "$@" >out 2>err ||
        sed 's/^/# /' err
    reproduce --shard 1/1 --out merged >out 2>err
    grep -c '^adliotlog pairs .*--name tiny-udp-s1-without ' err
}
run=$(ask merged/store.db "SELECT run_id FROM pair_set_run JOIN pair_set USING (pair_set_id)
    WHERE name = 'tiny-udp-s1-without'")
is 'the same run by another condition is the same set' \
    "$(pairs --runs "run_id + 0 = $run AND attack = 'none'")" 0
is 'another run is not' "$(pairs --runs "run_id = (SELECT max(run_id) FROM run WHERE attack = 'none')")" 1
is 'nor is one run more' "$(pairs --runs "run_id IN ($run, (SELECT max(run_id) FROM run))")" 1
is 'nor another reading' "$(pairs --runs "run_id = $run" --span 2)" 1

exits 2 'a share that there is not' reproduce --shard 4/3 --out bad
like 'is told what it must be' err "adliotlog reproduce: --shard '4/3' is not like 3/8"
check 'before anything is made' test ! -e bad

exits 0 'more shares than runs' "$ADLIOTLOG" simulate --seeds 1 --shard 2/2 --out empty
like 'leave some without any' err 'share 2/2 has no runs'

finish
