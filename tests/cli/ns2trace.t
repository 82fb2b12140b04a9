#!/usr/bin/env bash
# ns2trace() and ns2line(): SQL on traces as they lie there, in SQLite's own shell and in adliotlog
# sql; the same events, column by column, as a store has of the same traces.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

traces=$TOP/tests/data/traces
preload= # the shell is not built with the sanitizer that the extension then needs
if [[ $BUILD == */asan ]]; then preload=$("${CC:-cc}" -print-file-name=libasan.so); fi
shell() { # DATABASE COMMAND...: SQLite's shell with the extension
    local db=$1
    shift
    LD_PRELOAD=$preload sqlite3 -bail "$db" ".load '$BUILD/ns2trace'" "$@"
}
ask() { shell :memory: "$@"; }

# ---- the extension --------------------------------------------------------

exits 0 'it is loaded by its name' ask "SELECT count(*) FROM ns2trace('$traces/wired.tr')"
is 'and reads a trace' "$(cat out)" 8
exits 0 'also by the entry point that is named after the file' env LD_PRELOAD="$preload" \
    sqlite3 -bail :memory: ".load '$BUILD/ns2trace.so' sqlite3_nstrace_init" \
    "SELECT count(*) FROM ns2trace('$traces/wired.tr')"
if [[ $BUILD == */asan ]]; then
    skip 'it shows its entry points alone' 'the sanitizer adds its own'
else
    is 'it shows its entry points alone' \
        "$(nm -D --defined-only "$BUILD/ns2trace.so" | awk '{ print $3 }' | sort | tr '\n' ' ')" \
        'sqlite3_extension_init sqlite3_nstrace_init '
fi
unlike 'and brings no SQLite of its own' <(readelf -d "$BUILD/ns2trace.so") sqlite
exits 0 'twice in one connection, and in another beside it' ask \
    ".load '$BUILD/ns2trace'" '.connection 1' ".load '$BUILD/ns2trace'" \
    "CREATE TABLE n AS SELECT count(*) AS n FROM ns2trace('$traces/wired.tr')" '.connection 0' \
    '.connection close 1' "SELECT count(*) FROM ns2trace('$traces/wired.tr')"
is 'also after another database was opened in its place' "$(ask '.open other.db' \
    ".load '$BUILD/ns2trace'" "SELECT count(*) FROM ns2trace('$traces/wired.tr')")" 8

# ---- the events of a store ------------------------------------------------

exits 0 'simulate a wireless run' ns "$TOP/scenarios/iot16.tcl" --trace iot16.tr duration=1 seed=3
{ # all that a line can be; the last one is cut off
    head -n 100 iot16.tr
    printf '%s\n' 'M 0.10000 3 (1.00, 2.00, 0.00), (3.00, 4.00), 5.00' '' \
        'N -t 0.100000 -n 3 -e 9.900000' 'q 0.1 what is this' $'s 0.1\t\377' \
        'r 1.2 0 1 cbr 500 ------- 2 0.0 1.0 3 4' $'r 1.20 0 1 cbr 500 ------- 2 0.0 1.0 3 5\r'
    sed -n 101,150p iot16.tr | head -c -20
} >broken.tr
exits 3 'ingest all of them' "$ADLIOTLOG" ingest --store s.db "$traces"/*.tr iot16.tr broken.tr
columns() { # EXPRESSION: of each column that ns2trace() and event share, separated by commas
    shell s.db "SELECT group_concat($1, ', ') FROM pragma_table_info('ns2trace')"
}
is 'ns2trace() has the columns that event has from the line alone, in their order' \
    "$(columns name)" "$(shell s.db "SELECT group_concat(name, ', ') FROM pragma_table_info('event')
    WHERE name NOT IN ('run_id', 'proto', 'flow', 'attack', 'text', 'attack_no', 'covert')")"
every=$(columns "name || ', typeof(' || name || ')'")
raw="SELECT run_id, $every FROM run JOIN ns2trace(run.trace_path)"
stored="SELECT run_id, $every FROM event"
is 'each event of each trace is the one in the store, value and type' "$(shell s.db \
    "SELECT count(*) FROM ($raw EXCEPT $stored)" "SELECT count(*) FROM ($stored EXCEPT $raw)" \
    "SELECT (SELECT count(*) FROM ($raw)) = (SELECT sum(n_event) FROM run)")" "0
0
1"
is 'the lines that the store keeps are the text' "$(shell s.db "SELECT count(*), sum(e.text = t.text)
    FROM run JOIN ns2trace(trace_path) AS t JOIN event AS e USING (run_id, line)
    WHERE e.text IS NOT NULL")" "$(shell s.db \
    'SELECT count(*), count(*) FROM event WHERE text IS NOT NULL')"
is 'the text of every line is there, CR or not' "$(shell :memory: \
    "SELECT text FROM ns2line('broken.tr')" | sha256sum)" \
    "$({ tr -d '\r' <broken.tr; echo; } | sha256sum)"
is 'ns2line() counts what ingest counts' "$(shell s.db "SELECT sum(n = n_line), sum(e = n_event),
    sum(o = n_noise), sum(b = n_blank), sum(r = n_reject), sum(u = unterminated) FROM run
    JOIN (SELECT run_id, count(*) AS n, sum(kind = 'event') AS e, sum(kind = 'noise') AS o,
          sum(kind = 'blank') AS b, sum(kind = 'reject') AS r, sum(l.unterminated) AS u
          FROM run JOIN ns2line(trace_path) AS l GROUP BY 1) USING (run_id)")" \
    "$(shell s.db "SELECT n, n, n, n, n, n FROM (SELECT count(*) AS n FROM run)")"
detail="SELECT run_id, detail, count(*) FROM run JOIN ns2line(trace_path)
        WHERE kind = 'noise' GROUP BY 1, 2"
is 'and names noise as it does' "$(shell s.db "SELECT count(*) FROM
    ($detail EXCEPT SELECT run_id, kind, n FROM noise)" "SELECT count(*) FROM
    (SELECT run_id, kind, n FROM noise EXCEPT $detail)" 'SELECT count(*) > 2 FROM noise')" "0
0
1"
is 'and refuses the same lines for the same reasons, without what stands there' \
    "$(ask "SELECT line, detail FROM ns2line('broken.tr') WHERE kind = 'reject'")" \
    "$(shell s.db "SELECT line, substr(reason, 1, instr(reason || ' at ''', ' at ''') - 1) FROM reject
        ORDER BY line")"
is 'of which there are three' "$(shell s.db 'SELECT count(*) FROM reject')" 3
exits 0 'a trace with refused lines' ask '.log stderr' "SELECT count(*) FROM ns2trace('broken.tr')"
like "tells SQLite's log of them" err \
    "broken.tr: 3 lines could not be read, the first: unknown event 'q'"

# ---- ways to ask ----------------------------------------------------------

by_hand=$(awk '{ sub("D", "d", $1); print $1 }' iot16.tr | sort | uniq -c |
    awk '{ print $2 "|" $1 }')
is 'operations as awk counts them' \
    "$(ask "SELECT op, count(*) FROM ns2trace('iot16.tr') GROUP BY op")" "$by_hand"
gzip -k iot16.tr
is 'of a packed trace as well' \
    "$(ask "SELECT op, count(*) FROM ns2trace('iot16.tr.gz') GROUP BY op")" "$by_hand"
mkfifo pipe
cat iot16.tr >pipe &
is 'of a pipe' "$(ask "SELECT op, count(*) FROM ns2trace('pipe') GROUP BY op")" "$by_hand"
is 'two traces in one join' "$(ask "WITH b AS MATERIALIZED (SELECT line, time FROM
    ns2trace('iot16.tr.gz')) SELECT count(*) FROM ns2trace('iot16.tr') AS a JOIN b
    ON b.line = a.line AND b.time = a.time")" "$(wc -l <iot16.tr)"
is 'also when one is read again for each line of the other' \
    "$(ask "SELECT count(*), sum(a.line = b.line) FROM ns2trace('$traces/wired.tr') AS a,
            ns2trace('$traces/wired.tr') AS b")" '64|8'
is 'several by their path' "$(ask "SELECT count(DISTINCT path), count(*) FROM ns2trace
    WHERE path IN ('iot16.tr', 'iot16.tr.gz')")" "2|$((2 * $(wc -l <iot16.tr)))"
is 'a path that a column holds' "$(ask "SELECT count(*) FROM (SELECT '$traces/wired.tr' AS name
    UNION ALL SELECT '$traces/wired-lan.tr') JOIN ns2line(name)")" \
    "$(cat "$traces"/wired.tr "$traces"/wired-lan.tr | wc -l)"
like 'lines come in their order' <(ask \
    "EXPLAIN QUERY PLAN SELECT op FROM ns2trace('iot16.tr') ORDER BY line") 'SCAN ns2trace'
unlike 'without a sort' <(ask \
    "EXPLAIN QUERY PLAN SELECT op FROM ns2trace('iot16.tr') ORDER BY line") 'B-TREE'
is 'from the last to the first with one' "$(ask \
    "SELECT line FROM ns2trace('$traces/wired.tr') ORDER BY line DESC LIMIT 1")" 13
endless() { # LINE SQL: the answer about a pipe that never ends
    yes "$1" >pipe 2>/dev/null &
    ask "$2"
    kill $! 2>/dev/null
    wait $! 2>/dev/null
}
event=$(head -n 1 iot16.tr)
is 'an upper bound ends the reading' "$(endless "$event" \
    "SELECT count(*) FROM ns2trace('pipe') WHERE line <= 1000")" 1000
is 'one that is not reached as well' "$(endless "$event" \
    "SELECT count(*) FROM ns2line('pipe') WHERE line < 1000 AND rowid > 990")" 9
is 'a limit does' "$(endless "$event" "SELECT line FROM ns2trace('pipe') LIMIT 2" | tr '\n' ' ')" \
    '1 2 '
is 'bounds that are no integers are met' "$(ask "SELECT (SELECT count(*) FROM ns2trace('iot16.tr')
    WHERE line < 10.5), (SELECT count(*) FROM ns2trace('iot16.tr') WHERE line <= NULL),
    (SELECT count(*) FROM ns2trace('iot16.tr') WHERE line < -9223372036854775808),
    (SELECT count(*) FROM ns2trace('iot16.tr') WHERE line < '10')")" \
    '10|0|0|9'

# ---- errors ---------------------------------------------------------------

not() { ! "$@"; }
refused() { # NAME PATTERN SQL
    check "$1" not ask "$3"
    like "$1: the message says why" err "$2"
}
refused 'no path' 'ns2trace\(PATH\) needs a path$' 'SELECT * FROM ns2trace'
refused 'no path for lines' 'ns2line\(PATH\) needs a path$' 'SELECT * FROM ns2line'
refused 'a path that is none' 'ns2trace\(PATH\) needs a path, not NULL' \
    'SELECT * FROM ns2trace(NULL)'
refused 'a path with a NUL byte' 'ns2trace\(PATH\) needs a path without NUL bytes' \
    "SELECT * FROM ns2trace('iot16.tr' || char(0))"
refused 'standard input' "'-' is './-'" "SELECT * FROM ns2trace('-')"
refused 'a missing file' ' nothere.tr: No such file or directory' \
    "SELECT * FROM ns2trace('nothere.tr')"
refused 'a directory' ' \.: Is a directory' "SELECT * FROM ns2trace('.')"
seq 100 >numbers.tr
: >empty.tr
refused 'a file of something else' \
    "numbers.tr: no line of an ns-2 trace among its 100 lines; the first: unknown event '1'" \
    "SELECT * FROM ns2trace('numbers.tr')"
echo '0.00000  0  0  4  0  cwnd_ 1.000 ' >cwnd.tr
refused 'a file of variables' 'cwnd.tr: no line of an ns-2 trace among its 1 lines; they are traced variables' \
    "SELECT * FROM ns2trace('cwnd.tr')"
refused 'an empty file' 'empty.tr: no line of an ns-2 trace among its 0 lines' \
    "SELECT * FROM ns2trace('empty.tr')"
is 'whose lines can be looked at' "$(ask "SELECT kind, count(*) FROM ns2line('numbers.tr')
    UNION ALL SELECT 'none', count(*) FROM ns2line('empty.tr')")" "reject|100
none|0"
head -c -9 iot16.tr.gz >cut.tr.gz
refused 'a packed file that was cut off' 'cut.tr.gz: gzip data is cut off' \
    "SELECT count(*) FROM ns2trace('cut.tr.gz')"
check 'an error in the middle' not shell t.db 'CREATE TABLE t (line)' \
    "INSERT INTO t SELECT line FROM ns2trace('cut.tr.gz')"
is 'leaves nothing half done' "$(sqlite3 t.db 'SELECT count(*) FROM t')" 0
check 'a view in the database that would open files' not shell t.db \
    "CREATE VIEW v AS SELECT * FROM ns2trace('iot16.tr')" 'SELECT count(*) FROM v'
like 'is refused' err 'unsafe use of virtual table "ns2trace"'
is 'a temporary one is your own' "$(ask "CREATE TEMP VIEW v AS SELECT * FROM ns2trace('iot16.tr')" \
    'SELECT count(*) FROM v')" "$(wc -l <iot16.tr)"

# ---- memory, and interrupts -----------------------------------------------

if [[ $BUILD == */asan ]]; then # its shadow memory alone is more
    skip '200 MB in 32 MB' 'address sanitizer'
elif command -v prlimit >/dev/null; then
    n=$((200000000 / $(stat -c %s iot16.tr)))
    for ((i = 0; i < n; i++)); do cat iot16.tr; done >pipe &
    exits 0 '200 MB in 32 MB' prlimit --data=32000000 sqlite3 -bail :memory: \
        ".load '$BUILD/ns2trace'" "SELECT count(*), max(time) > 0.9 FROM ns2trace('pipe')"
    is 'are all read' "$(cat out)" "$((n * $(wc -l <iot16.tr)))|1"
    wait
else
    skip '200 MB in 32 MB' 'no prlimit'
fi

interrupt() { # NAME LINE
    LD_PRELOAD=$preload sqlite3 -bail :memory: ".load '$BUILD/ns2trace'" \
        "SELECT count(*) FROM ns2trace('pipe')" >out 2>err &
    local shell=$! status=0
    exec 9>pipe # waits until it is opened for reading
    yes "$2" >&9 2>/dev/null &
    exec 9>&-
    kill -INT $shell
    wait $shell || status=1
    is "$1, interrupted: an error" $status 1
    like "$1: says so" err interrupted
    wait
}
interrupt 'events without end' "$event"
interrupt 'noise without end' 'M 0.10000 3 (1.00, 2.00, 0.00), (3.00, 4.00), 5.00'

# ---- adliotlog sql --------------------------------------------------------

sql() { "$ADLIOTLOG" sql --no-header "$@"; }
exits 0 'adliotlog sql without a store' sql --format csv \
    "SELECT op, count(*) FROM ns2trace('iot16.tr') GROUP BY op"
is 'reads a trace' "$(tr , '|' <out)" "$by_hand"
is 'from standard input, too' "$(sql "SELECT count(*) FROM ns2trace('-')" <iot16.tr)" \
    "$(wc -l <iot16.tr)"
is 'and beside a store' "$(sql --store s.db "SELECT count(*), sum(time = raw.time) FROM event
    JOIN run USING (run_id) JOIN ns2trace('iot16.tr') AS raw USING (line, time)
    WHERE trace_path = 'iot16.tr'" | cut -f 1)" "$(wc -l <iot16.tr)"
fails() { # STATUS NAME PATTERN ARGUMENT...
    local status=$1 name=$2 pattern=$3
    shift 3
    exits "$status" "$name" sql "$@"
    like "$name: the message says why" err "^adliotlog sql: $pattern"
    is "$name: nothing on stdout" "$(wc -c <out)" 0
}
fails 4 'a missing trace' 'nothere.tr: No such file or directory$' \
    "SELECT * FROM ns2trace('nothere.tr')"
fails 3 'no trace' 'numbers.tr: no line of an ns-2 trace' "SELECT * FROM ns2trace('numbers.tr')"
fails 3 'a trace that is cut off' 'cut.tr.gz: gzip data is cut off$' \
    "SELECT count(*) FROM ns2trace('cut.tr.gz')"
fails 2 'a trace without a path' 'ns2trace\(PATH\) needs a path$' 'SELECT * FROM ns2trace'
fails 2 'a table without a store' 'without --store: no such table: event$' 'SELECT * FROM event'
fails 2 'a name without a store' '--store is missing$' event
fails 2 'a statement that writes' 'refused: not a statement that only reads' 'CREATE TABLE t (x)'

"$ADLIOTLOG" sql "SELECT count(*) FROM ns2trace('pipe')" >out 2>err &
exec 9>pipe
kill -INT $!
wait $!
is 'a pipe that says nothing, interrupted: exit 130' $? 130
is 'says so' "$(cat err)" 'adliotlog sql: interrupted'
exec 9>&-

finish
