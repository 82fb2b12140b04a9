#!/usr/bin/env bash
# adliotlog merge: stores of parts of a sweep become the store of the whole, or nothing at all.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"
# shellcheck source=tests/cli/contents.sh
. "$TOP/tests/cli/contents.sh"

merge() { "$ADLIOTLOG" merge "$@"; }
ask() { sqlite3 -readonly "$@"; }
# All rows with their numbers; who ingested them with which line, and statistics, apart.
rows() { # STORE
    sqlite3 -readonly "$1" "SELECT name FROM sqlite_schema WHERE type = 'table'
        AND name NOT LIKE 'sqlite_%' ORDER BY 1" | while read -r table; do
        columns=$(sqlite3 -readonly "$1" "SELECT group_concat(CASE
            WHEN name = 'options' THEN 'json_remove(options, ''$.command'')'
            ELSE '\"' || name || '\"' END) FROM pragma_table_info('$table')
            WHERE name NOT IN ('command')")
        sqlite3 -readonly "$1" "SELECT '$table', $columns FROM $table"
    done
}
sound() { # NAME STORE
    is "$1: nothing contradicts itself" "$(sqlite3 -readonly "$2" <"$TOP/dataset/checks.sql")$(
        ask "$2" 'PRAGMA foreign_key_check; PRAGMA integrity_check')" ok
}

# What a user does with the runs of one seed: pairs, a network, a rival, a detection task.
learn() { # SEED, in the folder of s.db
    "$ADLIOTLOG" pairs --store s.db --name "p$1" --runs "seed = $1" --limit 60 &&
        "$ADLIOTLOG" train --store s.db --pairs "p$1" --model "m$1.safetensors" --hidden 8 \
            --iterations 200 --seed "$1" &&
        "$ADLIOTLOG" evaluate --store s.db --model "m$1.safetensors" --pairs "p$1" --score &&
        "$ADLIOTLOG" evaluate --store s.db --rival markov --train "p$1" --pairs "p$1" &&
        "$ADLIOTLOG" score --store s.db --task "t$1" --train "seed = 1$1" --test "seed = $1" --model "m$1.safetensors" --pairs "p$1" &&
        "$ADLIOTLOG" rank --store s.db --task "t$1" || return
    "$ADLIOTLOG" detect --store s.db --model "m$1.safetensors" --pairs "p$1" || [ $? = 1 ]
}
ingest() { # FOLDER SEED...
    local folder=$1
    shift
    mkdir -p "$folder"
    for seed; do
        (cd "$folder" && shopt -s nullglob && "$ADLIOTLOG" ingest --store s.db ../runs/*-none-*-s"$seed"-* \
            ../runs/*-hidden-*-s"$seed"-*) || return
    done
}

check 'twins of two seeds' "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 1..2 \
    --set duration=1 --out runs
check 'benign runs of two others' "$ADLIOTLOG" simulate --seeds 11..12 --set duration=1 --out runs
check 'all of them in a store' ingest a 1 11 2 12
check 'half of them in a store' ingest b1 1 11
check 'the others in another' ingest b2 2 12
exits 0 'halves become a whole' merge --store c.db b1/s.db b2/s.db
like 'says what came of each' out '^b2/s.db	3 runs with [0-9]+ events, 0 pair sets, 0 models; 0 runs were'
is 'in silence: no table is left out' "$(cat err)" ''
check 'of the very same rows, numbers and all' diff <(rows a/s.db) <(rows c.db)

for seed in 1 2; do
    for folder in a "b$seed"; do
        (cd "$folder" && learn $seed) >out 2>err
        is "learning from seed $seed in $folder" $? 0
    done
done
rm c.db*
exits 0 'one way round' merge --store c.db b1/s.db b2/s.db
exits 0 'the other way round' merge --json --store d.db b2/s.db b1/s.db
like 'as JSON' out '^\{"path":"b1/s.db","n_run":3,"n_known":0,"n_event":[0-9]+,"n_pair_set":1,"n_model":2,"n_row":[0-9]+\}$'
contents a/s.db view >a.contents
check 'every table and view is that of the whole' diff a.contents <(contents c.db view)
check 'in whatever order the parts come' diff a.contents <(contents d.db view)
unlike 'none of which could not be asked' a.contents failed
is 'and no table with rows in the parts is empty' "$(for table in run event pair prediction verdict loss \
    score measure detector evaluation; do grep "^$table " a.contents; done | awk '$2 == 0')" ''
sound 'one way round' c.db
sound 'the other way round' d.db

# ---- again ------------------------------------------------------------------

ask c.db .sha3sum >before
exits 0 'the same part again' merge --store c.db b1/s.db
like 'brings nothing' out '	0 runs with 0 events, 0 pair sets, 0 models; 3 runs were there already$'
exits 0 'the whole' merge --store c.db a/s.db
check 'brings nothing either' diff before <(ask c.db .sha3sum)
mkdir 'odd ?%20#'
cp b1/s.db 'odd ?%20#/file:x.db'
(cd 'odd ?%20#' && merge --store 'file:y.db' 'file:x.db' ../b2/s.db) >out 2>err
is 'names that look like URIs' $? 0
check 'are names' diff <(rows c.db) <(cd 'odd ?%20#' && rows ./file:y.db)
ask b1/s.db '.backup extra.db'
sqlite3 extra.db 'CREATE TABLE mine (x); CREATE VIEW drops AS SELECT 1'
exits 0 'a part with tables of its own' merge --store c.db extra.db
like 'leaves them out and says so' err '^adliotlog merge: extra.db: left out, as not of the schema: drops, mine$'

# ---- contradictions ---------------------------------------------------------

conflict() { # NAME PATTERN SQL: a copy of b1 with a change
    rm -f bad.db*
    ask b1/s.db '.backup bad.db'
    sqlite3 bad.db "$3"
    exits 3 "$1" merge --store c.db bad.db
    is "$1: is told in one line" "$(wc -l <err)" 1
    like "$1: what and where" err "^adliotlog merge: bad.db: $2\$"
    check "$1: nothing has changed" diff before <(ask c.db .sha3sum)
}
conflict 'another gateway of a node' \
    'node \(run_id 1, node 3\) is there in c.db with another gateway' \
    'UPDATE node SET gateway = 0 WHERE run_id = 1 AND node = 3'
conflict 'another time of an event' \
    'event_row \(run_id 2, line 7\) is there in c.db with another time' \
    'UPDATE event_row SET time = time + 1e-9 WHERE run_id = 2 AND line = 7'
conflict 'another label of a shape' \
    'shape \(shape_id [0-9]+\) is there in c.db with another attack' \
    'UPDATE shape SET attack = 1 WHERE shape_id = 3'
conflict 'another place of a shape' \
    'shape \(shape_id [0-9]+\) is there in c.db with another place_id' \
    'UPDATE shape SET place_id = place_id + 1 WHERE shape_id = 3'
conflict 'a count of a run' \
    'run \(run_id 1, [^ ]*/trace.tr\) is there in c.db with another last_time' \
    'UPDATE run SET last_time = 0 WHERE run_id = 1'
conflict 'a label that is missing' 'run_id 2 has [0-9]+ rows of attack_node, and [0-9]+ in c.db' \
    'DELETE FROM attack_node WHERE run_id = 2 AND node = (SELECT min(node) FROM attack_node)'
conflict 'a label too many' \
    'attack_node \(run_id 2, attack_no 1, node 1, role victim\) is missing from what c.db has of the same run' \
    "INSERT INTO attack_node VALUES (2, 1, 1, 'victim')"
conflict 'a trace of which there is a plan, without one' \
    'run \(run_id 1, .*\) is there in c.db with another plan_sha256' \
    'UPDATE run SET plan_sha256 = NULL WHERE run_id = 1'
conflict 'noise that was kept' 'noise_line \(run_id 1, line 1\) is missing from what c.db has of the same run' \
    "INSERT INTO noise_line VALUES (1, 1, 'movement', 'M')"
conflict 'a pair set of that name with other content' \
    'pair_set \(pair_set_id 1, p1\) is there in c.db with another sha256' \
    "UPDATE pair_set SET sha256 = replace(sha256, 'a', 'b')"
conflict 'the same with other options' 'pair_set \(.*, p1\) is there in c.db with another options' \
    "UPDATE pair_set SET options = json_set(options, '$.span', 2)"
conflict 'another word' 'sentence \(.*\) is there in c.db with another text' \
    "UPDATE sentence SET text = text || ' x' WHERE line = (SELECT min(line) FROM sentence)"
conflict 'another prediction' 'prediction \(model_id 1, pair_id 5\) is there in c.db with another output' \
    "UPDATE prediction SET output = 'x' WHERE model_id = 1 AND pair_id = 5"
conflict 'another loss' 'loss \(model_id 1, iteration 100\) is there in c.db with another nll' \
    'UPDATE loss SET nll = nll + 1 WHERE iteration = 100'
conflict 'another window of a task' 'detection \(detection_id 1, t1\) is there in c.db with another window' \
    'UPDATE detection SET window = 2'
conflict 'another score' 'score \(.*\) is there in c.db with another score' 'UPDATE score SET score = score + 1'
conflict 'a measure' 'measure \(.*\) is there in c.db with another value' \
    "UPDATE measure SET value = 0.123 WHERE name = 'roc_auc'"
conflict 'rows of a run that is not there' '1 rows of noise are of no run' \
    "INSERT INTO noise VALUES (99, 'movement', 1)"
conflict 'a verdict about it' 'into c.db: cannot store TEXT value in INTEGER column verdict.run_id' \
    'INSERT INTO verdict SELECT 2, 1, 99, 0, 0, 0, 0, 1, 999, "benign"'
conflict 'a loss of a model that is not there' 'into c.db: cannot store TEXT .* loss.model_id' \
    'INSERT INTO loss VALUES (99, 100, 1)'
conflict 'another version' 'store of version 6; this program reads version [0-9]+' 'PRAGMA user_version = 6'
conflict 'a column too many' 'table flow has other columns than this program makes' \
    'ALTER TABLE flow ADD COLUMN mine TEXT'
exits 3 'a bad part among good ones' merge --store e.db b1/s.db bad.db b2/s.db
check 'does not keep the others out' diff <(rows c.db) <(rows e.db)

refused() { # NAME STATUS PATTERN ARGUMENT...
    local name=$1 status=$2 pattern=$3
    shift 3
    exits "$status" "$name" merge "$@"
    like "$name: why" err "$pattern"
}
echo 'no database, but long enough to be one, were it not text all of it' >text.db
sqlite3 other.db 'CREATE TABLE t (x)'
head -c 300000 b1/s.db >half.db
refused 'a text' 3 'merge: text.db: ' --store c.db text.db
refused 'a database of others' 3 'merge: other.db: not an adliotlog store' --store c.db other.db
refused 'half a store' 3 'half.db' --store c.db half.db
refused 'nothing' 4 'merge: no.db: no such store' --store c.db no.db
refused 'the store itself' 3 'merge: c.db: is the store itself' --store c.db c.db
refused 'the store by another name' 3 'is the store itself' --store c.db ./odd\ */../c.db
refused 'no part' 2 'no store given to merge into c.db' --store c.db
refused 'no store' 2 '--store is missing' c.db
check 'all that time nothing has changed' diff before <(ask c.db .sha3sum)

# ---- faults -----------------------------------------------------------------

# A part of some size: the twin of another seed, for longer.
check 'a long run' "$ADLIOTLOG" simulate --attack hidden-channel --seeds 3 --set duration=40 --out long
check 'in a store' "$ADLIOTLOG" ingest --store long.db long/*
sum=$(sha256sum <long.db)
(
    ulimit -f 2000
    trap '' XFSZ
    merge --store c.db long.db
) >out 2>err
is 'a full disk: exit 4' $? 4
like 'is named' err 'adliotlog merge: long.db: into c.db: .*(full|disk I/O error)'
check 'and nothing has changed' diff before <(ask c.db .sha3sum)

# Killed at the first byte beyond a limit: in the middle of the log, and of what comes after it.
ask c.db '.backup whole.db'
exits 0 'without a fault' merge --store whole.db long.db
ended=
for limit in 100 1000 3000 5000 7000 9000 11000 13000 15000 17000 50000; do
    rm -f killed.db*
    ask c.db '.backup killed.db'
    (
        ulimit -c 0 -f $limit
        exec "$ADLIOTLOG" merge --store killed.db long.db
    ) >out 2>err
    status=$?
    ended="$ended$status "
    [ $status = 0 ] && break
    n=$(ask killed.db 'SELECT count(*) FROM run WHERE seed = 3')
    is "killed after $limit KB: all of it or nothing" "$(ask killed.db .sha3sum)" \
        "$(ask "$([ "$n" = 0 ] && echo c.db || echo whole.db)" .sha3sum)"
done
like 'some were killed, the last one was not' <(echo "$ended") '^(153 ){3,}0 $'
is 'which has all of it' "$(ask killed.db .sha3sum)" "$(ask whole.db .sha3sum)"

# Interrupted among thousands of parts: those whose lines were printed are there.
mkfifo printed
# shellcheck disable=SC2046 # many words
"$ADLIOTLOG" merge --store c.db b1/s.db long.db $(yes b1/s.db | head -n 5000) >printed 2>err &
exec 3<printed
read -r _ <&3
read -r second <&3
kill -TERM $!
cat <&3 >out
wait $!
is 'interrupted: exit 130' $? 130
like 'after the second part' <(echo "$second") '^long.db	1 runs '
is 'which is there' "$(ask c.db .sha3sum)" "$(ask whole.db .sha3sum)"

exits 0 'once more' merge --store c.db long.db
is 'all events are there' "$(ask c.db 'SELECT count(*) FROM event_row JOIN run USING (run_id) WHERE seed = 3')" \
    "$(ask long.db 'SELECT count(*) FROM event_row')"
sound 'after all that' c.db
is 'the part is as it was' "$(sha256sum <long.db)" "$sum"

finish
