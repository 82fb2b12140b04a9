#!/usr/bin/env bash
# adliotlog sql: named questions and plain SQL, each format read back by SQLite's own shell; nothing
# can be written; streams, interrupts and full disks.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

sql() { "$ADLIOTLOG" sql --store s.db "$@"; }
ask() { sqlite3 s.db "$1"; }

exits 0 'simulate a twin' "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 3 \
    --set duration=1 --out runs
exits 0 'ingest it' "$ADLIOTLOG" ingest --store s.db runs/*
exits 0 'pair it' "$ADLIOTLOG" pairs --store s.db --name 'two words' --limit 50
ask "CREATE VIEW drops AS
-- Packets dropped, by node and reason:
-- one row each.
--
-- Only lines that the trace has.
SELECT run_id, node, reason, count(*) AS n FROM event WHERE op = 'd' GROUP BY 1, 2, 3;
CREATE VIEW \"my events\" (run_id, line, \"as\") AS -- A name with a blank; and a tab	here.
SELECT run_id, line, op FROM event;
CREATE VIEW uncommented AS SELECT 1 AS x -- one"

# ---- named questions ------------------------------------------------------

exits 0 'the named questions' sql
is 'are the views of the store, then its tables' "$(cut -f 1 out)" \
    "name
$(ask "SELECT name FROM sqlite_schema WHERE type IN ('view', 'table')
    AND name NOT LIKE 'sqlite%' ORDER BY type DESC, name")"
like 'each with its comment on one line' out \
    '^drops	Packets dropped, by node and reason: one row each\.$'
like 'escaped as any text' out '^my events	A name with a blank; and a tab\\there\.$'
like 'or nothing' out '^uncommented	$'
like 'tables with the comment of the schema' out '^reject	Lines that could not be read\.$'
exits 0 'their list as JSON' sql --json
is 'is an object a line' "$(sqlite3 :memory: "SELECT '$(grep '"drops"' out)' ->> 'description'")" \
    'Packets dropped, by node and reason: one row each.'

exits 0 'what the columns of a view mean' sql --describe EVENT
is 'has a row for each column, in their order' "$(cut -f 1 out)" "column
$(ask "SELECT name FROM pragma_table_info('event')")"
like 'with type and description' out '^time	REAL	Simulated time, s, '
for view in $(ask "SELECT name FROM sqlite_schema WHERE type = 'view' AND name NOT IN ('drops',
    'my events', 'uncommented')"); do
    exits 0 "what the columns of $view mean" sql --no-header --describe "$view"
    is 'each has a description' "$(awk -F '\t' '$3 == ""' out)" ''
done
for table in $(ask "SELECT name FROM sqlite_schema WHERE type IN ('view', 'table') AND name NOT LIKE '% %'"); do
    sql --no-header --describe "$table"
done >described
refers() { # to which tables: not to experiments/README.md
    grep -oE '(see|table|view) [a-z_]+([^a-z_/]|$)' | tr -cs 'a-z_\n' ' ' | cut -d ' ' -f 2 | sort -u
}
is 'they refer to no table that there is not' "$(refers <described | while read -r word; do
    ask "SELECT '$word' WHERE '$word' NOT IN (SELECT name FROM sqlite_schema)"
done)" ''
check 'but to some' test "$(refers <described | wc -l)" -ge 3
exits 0 'roles' sql --describe node
like 'are explained, that of gateways too' out '^role	TEXT	gateway: .*; device: .*; server: .*; relay: '
exits 0 'what the columns of a table mean' sql --describe flow
like 'is what the schema says' out '^sport	INTEGER	its port$'
exits 0 'a view of your own' sql --describe drops
like 'has what its columns are taken from' out '^node	INTEGER	The node it happened on'
like 'and nothing where it counts' out '^n		$'
exits 0 'a view without a comment' sql --describe 'my events'
like 'likewise' out '^line	INTEGER	1-based line of the trace$'

exits 0 'a question by name' sql --no-header event
is 'gives all its rows' "$(wc -l <out)" "$(ask 'SELECT count(*) FROM event')"
exits 0 'with two conditions' sql --no-header event run_id=1 op=s
is 'gives those that meet both' "$(cut -f 2 out)" \
    "$(ask "SELECT line FROM event WHERE run_id = 1 AND op = 's'")"
exits 0 'a real as condition' sql --no-header run duration=1.0
is 'is compared as a number' "$(wc -l <out)" 2
exits 0 'an empty condition' sql --no-header event reason= op=d
is 'means no value' "$(wc -l <out)" \
    "$(ask "SELECT count(*) FROM event WHERE op = 'd' AND reason IS NULL")"
exits 0 'a name and a value with blanks' sql --no-header 'my events' as=s run_id=1
is 'are no SQL' "$(wc -l <out)" "$(ask "SELECT count(*) FROM event WHERE op = 's' AND run_id = 1")"
exits 0 'a value that would be SQL' sql --no-header pair_text "pair_set=x' OR '1' = '1"
is 'is a value' "$(wc -c <out)" 0
exits 0 'a value with a blank' sql --no-header pair_text 'pair_set=two words'
is 'is found' "$(wc -l <out)" 100

refused() { # NAME PATTERN ARGUMENT...
    local name=$1 pattern=$2
    shift 2
    exits 2 "$name" sql "$@"
    like "$name: the message says why" err "^adliotlog sql: $pattern"
    is "$name: in one line, and nothing on stdout" "$(grep -vc '^Try ' err) $(wc -c <out)" '1 0'
}
refused 'an unknown name' \
    "no question or table 'nothere' \(known: alert, alert_evidence, attack_flow, attack_window, candidate, detector_rank, drop_count, drops, event, .*evidence, .*my events, .*pair_text.*uncommented" nothere
like 'tables are known, too' err 'uncommented, .*flow, .*verdict\)'
refused 'a typo in a name' "no question or table 'flow_sumary': did you mean 'flow_summary'\?" flow_sumary
refused 'another' "no question or table 'evnt': did you mean 'event'\?" --describe evnt
refused 'a name that is nothing like one' "no question or table 'xy' \(known:" xy
refused 'a description of two' "unexpected argument 'event' behind --describe" --describe flow event
refused 'an unknown column' "drops has no column 'colour' \(known: run_id, node, reason, n\)" \
    drops colour=red
refused 'a column that is only the beginning of one' "drops has no column 'nod'" drops nod=1
refused 'a condition without a value' "'node' is not COLUMN=VALUE" drops node
refused 'something behind SQL' "unexpected argument 'x=1'" 'SELECT 1' x=1
refused 'an unknown format' "unknown format 'xml' \(known: tsv, csv, json\)" --format xml
refused 'two formats' '--json and --format csv exclude' --json --format csv
exits 2 'no store' "$ADLIOTLOG" sql
exits 4 'a store that is not there' "$ADLIOTLOG" sql --store no.db
check 'is not made' test ! -e no.db
exits 3 'a file of something else' "$ADLIOTLOG" sql --store "$ADLIOTLOG"

# ---- only reading ---------------------------------------------------------

before=$(sha256sum s.db*)
for statement in 'DELETE FROM run' 'DROP VIEW drops' "ATTACH 'other.db' AS other" \
    "VACUUM INTO 'other.db'" 'PRAGMA journal_mode = delete' 'CREATE TEMP TABLE t (x)' 'BEGIN ' \
    "INSERT INTO noise VALUES (1, 'x', 1) RETURNING n" 'EXPLAIN DELETE FROM run'; do
    refused "$statement" 'refused: not a statement that only reads' "$statement"
done
refused 'two statements' 'more than one statement' 'SELECT 1; DELETE FROM run'
refused 'no statement' 'no statement' ' '
refused 'a parameter' 'the statement has a parameter' 'SELECT ?'
refused 'no SQL' 'near "SELEC": syntax error' 'SELEC 1'
refused 'a column that is not there' 'no such column: sead' 'SELECT sead FROM run'
refused 'what cannot be computed' 'integer overflow' 'SELECT abs(-9223372036854775808)'
refused 'an extension' 'not authorized' "SELECT load_extension('x')"
is 'none of them changed the store' "$(sha256sum s.db*)" "$before"
check 'or made another' test ! -e other.db
exits 0 'a semicolon and a comment at the end' sql 'SELECT 1 AS x; -- one'
is 'are fine' "$(cat out)" 'x
1'
exits 0 'a comment at the beginning' sql '-- one
SELECT 1 AS x'
is 'is no option' "$(cat out)" 'x
1'
exits 0 'a comment at the beginning, before an option' sql '-- one
SELECT 1 AS x' --no-header
is 'is none either' "$(cat out)" 1
exits 0 'a comment behind --' sql --no-header -- '--one
SELECT 2'
is 'is SQL' "$(cat out)" 2
exits 0 'standard input' sql --no-header - <<'SQL'
-- a question
SELECT name FROM pragma_table_info('noise')
LIMIT 1;
SQL
is 'is a statement' "$(cat out)" run_id
exits 0 'standard input, without a store' "$ADLIOTLOG" sql --no-header - <<<'SELECT 3'
is 'is one, too' "$(cat out)" 3
refused 'two statements on standard input' 'more than one statement' - <<<'SELECT 1; SELECT 2'
refused 'a name on standard input' 'near "event": syntax error' - <<<event
refused 'nothing on standard input' 'no statement' - </dev/null
refused 'an argument behind -' "unexpected argument 'x=1'" - x=1 </dev/null
refused 'a NUL byte' 'standard input: NUL byte in a statement' - < <(printf 'SELECT 1\0')
refused 'more than SQLite takes' 'standard input: too long' - < <(yes -- '-- comment' | head -c 1100000)
refused 'a write on standard input' 'refused: not a statement that only reads' - <<<'DELETE FROM run'
exits 4 'a standard input that cannot be read' sql - </
exits 0 'as is a question about the schema' sql --no-header \
    "SELECT name FROM pragma_table_info('noise')"
is 'with its answer' "$(tr '\n' ' ' <out)" 'run_id kind n '

# ---- what is printed reads back -------------------------------------------

sqlite3 hostile.db "CREATE TABLE h (id, value)"
sqlite3 hostile.db "INSERT INTO h VALUES
    (1, 'plain'), (2, 'a,b'), (3, 'say \"x\"'), (4, 'two' || char(10) || 'lines'),
    (5, char(13, 10)), (6, char(9) || 'tab'), (7, 'back\\slash\\n'), (8, '=1+1'), (9, ' blanks '),
    (10, CAST(x'ff61c3' AS TEXT)), (11, 'é🐧'), (12, char(1) || '''')"
ask "ATTACH 'hostile.db' AS h; CREATE TABLE hostile AS SELECT * FROM h.h"

exits 0 'hostile text as CSV' sql --format csv hostile
cp out hostile.csv
sqlite3 back.db 'CREATE TABLE h (id INTEGER, value TEXT)'
sqlite3 back.db '.mode csv' '.import --skip 1 hostile.csv h'
is 'reads back as it was' "$(sqlite3 back.db "ATTACH 'hostile.db' AS o;
    SELECT count(*) FROM h;
    SELECT id FROM (SELECT * FROM h EXCEPT SELECT * FROM o.h);
    SELECT id FROM (SELECT * FROM o.h EXCEPT SELECT * FROM h)")" 12
exits 0 'as TSV' sql --no-header hostile
is 'is a line each with one tab' "$(awk -F '\t' 'NF == 2' out | wc -l)" 12
is 'which printf turns back' "$(sed -n '4,7p' out | cut -f 2)" 'two\nlines
\r\n
\ttab
back\\slash\\n'
exits 0 'as JSON' sql --json hostile
{ echo '['; paste -sd ',' out; echo ']'; } >array.json
is 'is valid, and reads back; bytes that are no UTF-8 are replaced' "$(sqlite3 back.db "
    ATTACH 'hostile.db' AS o; SELECT json_array_length(readfile('array.json'));
    SELECT h.id, hex(line.value ->> 'value') FROM json_each(readfile('array.json')) AS line
    JOIN o.h ON h.id = line.value ->> 'id' WHERE line.value ->> 'value' != h.value")" '12
10|EFBFBD61EFBFBD'

exits 0 'numbers' sql --no-header "SELECT 0.1 + 0.2, 0.1, 1.0, -1e-300, 9e999,
    9223372036854775807, NULL, x'00FF'"
is 'are exact and short' "$(cat out)" \
    '0.30000000000000004	0.1	1.0	-1e-300	INF	9223372036854775807		00ff'
exits 0 'the times of all events, as CSV' sql --no-header --format csv 'SELECT time FROM event'
check 'of which there are many' test "$(wc -l <out)" -gt 10000
sqlite3 back.db 'CREATE TABLE t (time REAL)' '.mode csv' '.import out t'
is 'read back as the same doubles' "$(sqlite3 back.db "ATTACH 's.db' AS s; SELECT count(*) FROM
    (SELECT time FROM t EXCEPT SELECT time FROM s.event)")" 0
locale=$(locale -a | grep -Em 1 '^(de|fr|es|it|ru|pl|sv)_') || locale=
if [ -n "$locale" ]; then
    is 'whatever the locale' "$(LC_ALL=$locale sql --no-header 'SELECT 0.5')" 0.5
else
    skip 'whatever the locale' 'no locale with a decimal comma is installed'
fi
exits 0 'no rows' sql 'SELECT 1 AS x WHERE 0'
is 'have a header' "$(cat out)" x
exits 0 'no rows as JSON' sql --json 'SELECT 1 AS x WHERE 0'
is 'are nothing' "$(wc -c <out)" 0
exits 0 'columns of the same name' sql --json 'SELECT 1 AS x, 2 AS x'
is 'stay apart' "$(cat out)" '{"x":1,"x:1":2}'

# ---- streams --------------------------------------------------------------

exits 4 'a full stdout' sh -c "'$ADLIOTLOG' sql --store s.db 'SELECT 1' >/dev/full"
like 'is an error' err 'cannot write to standard output: No space left'
exits 4 'a full stdout, and much to write' sh -c "'$ADLIOTLOG' sql --store s.db event >/dev/full"
is 'is one error' "$(wc -l <err)" 1
endless='WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT'
is 'a reader that has enough ends an endless question' \
    "$(sql --no-header "$endless i FROM n" 2>err | head -n 2 | tr '\n' ' ')" '1 2 '
is 'quietly' "$(cat err)" ''
if [[ $BUILD == */asan ]]; then # its shadow memory alone is more
    skip 'two million rows in 64 MB' 'address sanitizer'
elif command -v prlimit >/dev/null; then
    exits 0 'two million rows in 64 MB' prlimit --data=64000000 "$ADLIOTLOG" sql --store s.db \
        "$endless i, 'some text' FROM n LIMIT 2000000"
    is 'are all there' "$(wc -l <out)" 2000001
else
    skip 'two million rows in 64 MB' 'no prlimit'
fi

interrupt() { # NAME SQL: waits for the first rows
    : >out
    "$ADLIOTLOG" sql --store s.db --no-header "$2" >out 2>err &
    while [ ! -s out ] && kill -0 $! 2>/dev/null; do :; done
    kill -INT $!
    wait $!
    is "$1: exit 130" $? 130
    is "$1: says so" "$(cat err)" 'adliotlog sql: interrupted'
}
interrupt 'rows without end' "$endless i FROM n"
interrupt 'rows, then none for ever' \
    "$endless hex(zeroblob(100000)) FROM n WHERE i = 1"

finish
