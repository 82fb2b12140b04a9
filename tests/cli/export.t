#!/usr/bin/env bash
# adliotlog export: traces come back to the letter; every format is read back by SQLite's own shell;
# names, streams, full disks, damaged stores; a writer at work.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

export_() { "$ADLIOTLOG" export --store s.db "$@"; }
ask() { sqlite3 s.db "$1"; }
traces=$TOP/tests/data/traces

# ---- traces ---------------------------------------------------------------

printf 's 0.1 _0_ AGT  --- 7 cbr 1500 [0 0 0 0] ------- [0:0 12:0 32 0]' >odd.tr
printf '\r\n\nwhat is this\n r 0.2\n' >>odd.tr
sed 's/$/ /; s/ 0\./ 00./' "$traces/old-aodv.tr" >>odd.tr
exits 3 'ingest traces of every kind, and a bad one' "$ADLIOTLOG" ingest --store s.db \
    "$traces"/*.tr odd.tr
check 'lines that are not to the letter what ns prints are among them' \
    test "$(ask 'SELECT count(text) FROM event')" -gt 10
wrong=0 n=0
while IFS='|' read -r run path; do
    ask "SELECT line FROM event WHERE run_id = $run" >lines
    export_ --run "$run" --format trace >got || wrong=$((wrong + 1))
    awk 'NR == FNR { packet[$1]; next } FNR in packet { sub("\r$", ""); print }' lines "$path" >want
    cmp got want || wrong=$((wrong + 1))
    n=$((n + $(wc -l <got)))
done < <(ask 'SELECT run_id, trace_path FROM run')
is 'every packet line of every trace comes back, byte for byte' "$wrong $n" \
    "0 $(ask 'SELECT sum(n_event) FROM run')"
is 'which are hundreds' "$((n > 400))" 1

tr -s ' \n' ' ' < <("$ADLIOTLOG" export --help) >help
like 'the help says what becomes of line ends' help 'ends in a line feed; a carriage return .* is not kept'
like 'and what is not printed' help 'Noise, blank and refused lines are not printed'
like 'so does that of the option' help 'each with a line feed; no noise, blank or refused lines'
run=$(ask "SELECT run_id FROM run WHERE trace_path LIKE '%/old-aodv.tr'")
exits 0 'a trace by the name of the output' export_ --run "$run" --output again.tr.gz
is 'its name and number of lines are printed' "$(cat out)" "again.tr.gz	$(ask "SELECT n_event
    FROM run WHERE run_id = $run")"
gunzip again.tr.gz
exits 0 'it can be ingested' "$ADLIOTLOG" ingest --store t.db again.tr
differences=$(sqlite3 t.db "ATTACH 's.db' AS s;
    CREATE TEMP TABLE ours AS SELECT * FROM main.event;
    CREATE TEMP TABLE theirs AS SELECT * FROM s.event WHERE run_id = $run;
    UPDATE ours SET run_id = 0, line = 0; UPDATE theirs SET run_id = 0, line = 0;
    SELECT count(*) FROM (SELECT * FROM ours EXCEPT SELECT * FROM theirs)
        FULL JOIN (SELECT * FROM theirs EXCEPT SELECT * FROM ours) ON 0")
is 'and gives the same events' "$differences" 0

# ---- formats --------------------------------------------------------------

exits 0 'simulate a twin' "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 3 \
    --set duration=1 --out runs
rm -f s.db*
exits 0 'ingest it' "$ADLIOTLOG" ingest --store s.db runs/*
exits 0 'pair it' "$ADLIOTLOG" pairs --store s.db --name 'two words' --limit 50

exits 0 'two runs as CSV' export_ --runs 'seed = 3' --output both.csv
is 'with its name and number of rows' "$(cat out)" "both.csv	$(ask 'SELECT count(*) FROM event')"
columns=$(ask "SELECT group_concat(name) FROM pragma_table_info('event')")
is 'has all columns of event, once' "$(head -n 1 both.csv) $(grep -c run_id both.csv)" "$columns 1"
reals="'time', 'x', 'y', 'z', 'energy'"
typed=$(ask "SELECT group_concat(name || CASE WHEN name IN ($reals) THEN ' REAL'
    WHEN name IN ('op', 'layer', 'ptype', 'proto', 'reason', 'format', 'flags', 'arp_op', 'route_op',
        'tcp_header', 'srm', 'radio', 'tail', 'text') THEN ' TEXT'
    ELSE ' INTEGER' END) FROM pragma_table_info('event')")
sqlite3 back.db "CREATE TABLE t ($typed)" '.mode csv' '.import --skip 1 both.csv t' "UPDATE t SET
    $(ask "SELECT group_concat(name || ' = nullif(' || name || ', '''')') FROM
        pragma_table_info('event')")"
# SQLite 3.40 reads some reals as the double beside the nearest one.
values=$(ask "SELECT group_concat(iif(name IN ($reals), 'printf(''%.14g'', ' || name || ')', name))
    FROM pragma_table_info('event')")
is 'every value reads back as the one in the store' "$(sqlite3 back.db "ATTACH 's.db' AS s;
    SELECT count(*) FROM t;
    SELECT count(*) FROM (SELECT $values FROM s.event EXCEPT SELECT $values FROM t)")" \
    "$(ask 'SELECT count(*) FROM event')
0"
attacked=$(ask "SELECT run_id FROM run WHERE attack != 'none'")
exits 0 'what honest logs show' export_ --run "$attacked" --vantage gateways --output honest.csv
is 'is all but what is covert' "$(cut -d , -f 2 honest.csv | sed 1d | cksum)" \
    "$(ask "SELECT line FROM event WHERE run_id = $attacked AND NOT covert ORDER BY line" | cksum)"
exits 0 'also as a trace' export_ --run "$attacked" --vantage gateways --output honest.tr
is 'to the letter' "$(cksum <honest.tr)" "$(awk 'NR == FNR { covert[$1] = 1; next } !(FNR in covert)' \
    <(ask "SELECT line FROM event WHERE run_id = $attacked AND covert") \
    "$(ask "SELECT trace_path FROM run WHERE run_id = $attacked")" | cksum)"
check 'and something is' test "$(wc -l <honest.tr)" -lt "$(ask "SELECT n_event FROM run WHERE run_id = $attacked")"
exits 0 'one run as TSV' export_ --run 2 --output one.tsv
is 'is what sql prints' "$(sha256sum <one.tsv)" \
    "$("$ADLIOTLOG" sql --store s.db event run_id=2 | sha256sum)"
exits 0 'as JSON Lines' export_ --run 2 --output - --format jsonl
{ echo '['; paste -sd ',' out; echo ']'; } >array.json
is 'sums to the same' "$(sqlite3 :memory: "SELECT count(*), sum(value ->> 'size'),
    count(value ->> 'reason') FROM json_each(readfile('array.json'))")" \
    "$(ask 'SELECT count(*), sum(size), count(reason) FROM event WHERE run_id = 2')"
exits 0 'nothing said, to standard output' export_ --run 2
is 'is CSV' "$(cat out)" "$(sed -n '1p; /^2,/p' both.csv)"
exits 0 'packed by its name' export_ --run 2 --output one.csv.gz
is 'holds the same' "$(gunzip -c one.csv.gz | sha256sum)" "$(sed -n '1p; /^2,/p' both.csv | sha256sum)"
exits 0 'the name says one format, --format another' export_ --run 2 --output x.tsv.gz --format csv
is 'which counts' "$(gunzip -c x.tsv.gz | sha256sum)" "$(gunzip -c one.csv.gz | sha256sum)"
is 'the packed files are equal: no time, no name in them' "$(sha256sum <x.tsv.gz)" \
    "$(sha256sum <one.csv.gz)"

exits 0 'the pairs of a set' export_ --pairs 'two words' --output pairs.csv
is 'in order, with their sentences' "$(cat pairs.csv)" \
    "$(sqlite3 -csv -header s.db 'SELECT pair_id, run_id, source_line, target_line, source, target
        FROM pair_text JOIN pair USING (pair_id) ORDER BY pair_id' | tr -d '\r"')"
exits 0 'a named question' export_ --sql noise --output noise.tsv
is 'without rows' "$(cat noise.tsv)" 'run_id	kind	n'
exits 0 'any SQL' export_ --sql 'SELECT op, count(*) AS n FROM event GROUP BY 1' --format jsonl
is 'is answered' "$(cat out)" "$(ask "SELECT json_object('op', op, 'n', count(*)) FROM event
    GROUP BY op")"

# ---- a writer at work -----------------------------------------------------
# Run 2 is ingested again without its manifest, and so without labels, while run 1 is on its way.

mkfifo pipe
export_ --runs 1 --output pipe --format csv >listed 2>err &
exec 5<pipe
read -r header <&5
cp "$(ask 'SELECT trace_path FROM run WHERE run_id = 2')" bare.tr
exits 0 'ingest while an export reads' "$ADLIOTLOG" ingest --store s.db --force bare.tr
{ echo "$header"; cat <&5; } >seen.csv
exec 5<&-
wait $!
is 'the export ends well' $? 0
is 'and has seen the store as it was' "$(sha256sum <seen.csv)" "$(sha256sum <both.csv)"
exits 0 'the next one' export_ --run 2 --output later.csv
check 'sees it as it is' test "$(sha256sum <later.csv)" != "$(gunzip -c one.csv.gz | sha256sum)"

cp one.tsv before.tsv

# ---- refused --------------------------------------------------------------

refused() { # STATUS NAME PATTERN ARGUMENT...: one line, no output, no file
    local status=$1 name=$2 pattern=$3 before
    shift 3
    before=$(ls -I "s.db-*")
    exits "$status" "$name" export_ "$@"
    like "$name: the message says why" err "^adliotlog export: $pattern"
    is "$name: in one line, with nothing written" \
        "$(grep -vc '^Try ' err) $(wc -c <out) $(ls -I "s.db-*")" "1 0 $before"
}
refused 2 'nothing to export' 'one of --run, --runs, --pairs and --sql' --output x.csv
refused 2 'an unknown vantage' "unknown vantage 'victims' \(known: all, gateways\)" --run 1 --vantage victims \
    --output x.csv
refused 2 'a vantage of pairs' '--vantage is of runs' --pairs 'two words' --vantage gateways --output x.csv
refused 2 'a vantage of a dataset' '--vantage and --dataset exclude' --dataset d --vantage gateways
refused 2 'a creator of a file' '--creator is of a --dataset' --run 1 --creator Me --output x.csv
refused 2 'two things' 'one of --run, --runs, --pairs and --sql' --run 1 --pairs 'two words'
refused 2 'an unknown run' 'no run 7 in the store' --run 7 --output x.csv
refused 1 'a condition that no run meets' 'no run in the store has seed = 9' --runs 'seed = 9'
refused 2 'a condition that is none' "--runs 'sed = 3': no such column" --runs 'sed = 3'
refused 2 'an unknown pair set' "no pair set 'x' in the store" --pairs x --output x.csv
refused 2 'an unknown question' "no question or table 'nothere'" --sql nothere
refused 2 'SQL that writes' 'refused: not a statement that only reads' --sql 'DELETE FROM run'
refused 2 'an unknown format' "unknown format 'xml'" --run 1 --format xml
refused 2 'a name without a format' "--format is missing, and 'x.json'" --run 1 --output x.json
refused 2 'two runs in one trace' 'a trace is of one run, and 2 have 1' --runs 1 --output x.tr
refused 2 'pairs as a trace' 'only runs can be written' --pairs 'two words' --output x.tr
refused 3 'a file that is there' 'one.tsv is there already' --run 1 --output one.tsv
refused 3 'a folder' 'runs is a folder' --run 1 --output runs --format csv --force
refused 4 'a folder that is not there' 'cannot make no/x.csv: No such file' --run 1 \
    --output no/x.csv
check 'the file is as it was' cmp one.tsv before.tsv
exits 0 'with --force' export_ --run 1 --output one.tsv --force
is 'it is replaced' "$(sha256sum <one.tsv)" \
    "$("$ADLIOTLOG" sql --store s.db event run_id=1 | sha256sum)"
exits 2 'no store' "$ADLIOTLOG" export --run 1
exits 4 'a store that is not there' "$ADLIOTLOG" export --store no.db --run 1

# ---- faults ---------------------------------------------------------------

exits 4 'a full standard output' sh -c "'$ADLIOTLOG' export --store s.db --run 1 >/dev/full"
is 'is one error' "$(wc -l <err)" 1
( # a pipe that nobody reads
    exec 3> >(:)
    wait $!
    export_ --run 1 >&3 2>err
)
is 'a closed pipe: exit 4' $? 4
is 'and one error' "$(cat err)" \
    'adliotlog export: cannot write to standard output: Broken pipe'
( # a file size limit stands for a full disk
    trap '' XFSZ
    ulimit -f 100
    export_ --run 1 --output full.csv
) >out 2>err
is 'a full disk: exit 4' $? 4
is 'one error and no file' "$(wc -l <err) $(find . -name '*full.csv*')" '1 '

cp s.db damaged.db
size=$(stat -c %s damaged.db)
head -c $((size / 2)) /dev/zero | tr '\0' '\377' |
    dd of=damaged.db bs=1M seek=$((size / 3)) oflag=seek_bytes conv=notrunc status=none
exits 3 'a damaged store' "$ADLIOTLOG" export --store damaged.db --runs 1 --output damaged.csv
is 'is one error, and no file' "$(wc -l <err) $(find . -name '*damaged.csv*')" '1 '

edited() { # SQL PATTERN: rows changed by hand, in a store whose events are one table
    cp t.db edited.db
    sqlite3 edited.db 'CREATE TABLE e AS SELECT * FROM event' \
        "DROP $(sqlite3 t.db "SELECT type FROM sqlite_schema WHERE name = 'event'") event" \
        'CREATE TABLE event AS SELECT * FROM e' "$1"
    exits 3 "$1" "$ADLIOTLOG" export --store edited.db --run 1 --output edited.tr
    like 'is refused by run and line' err "^adliotlog export: run 1, line 3: $2"
    check 'and leaves no file' test ! -e edited.tr
}
edited "UPDATE event SET op = 'send' WHERE line = 3" 'no event has such a value of op'
edited "UPDATE event SET src = 'me' WHERE line = 3" 'no event has such a value of src'
edited 'UPDATE event SET time = NULL, src = NULL WHERE line = 3' 'not a line of a trace'
edited "UPDATE event SET tail = 'a' || char(10) || 'b', ptype = 'DSR' WHERE line = 3" \
    'not a line of a trace'

"$ADLIOTLOG" export --store s.db --sql "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
    SELECT i + 1 FROM n) SELECT i FROM n" --output endless.csv >out 2>err &
while kill -0 $! 2>/dev/null && ! { grep -qx adliotlog "/proc/$!/comm" &&
    grep -q 'SigCgt:.*[4567cdef]...$' "/proc/$!/status"; }; do :; done
kill -INT $!
wait $!
is 'interrupted: exit 130' $? 130
is 'no file' "$(find . -name '*endless.csv*')" ''

finish
