#!/usr/bin/env bash
# Damaged traces: each line lands in exactly one counter, the message names file, line and reason,
# what is refused as a whole leaves nothing.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

ask() { sqlite3 s.db "$1"; }
ingest() { "$ADLIOTLOG" ingest --store s.db "$@"; }

# Five packet lines of a wired trace, five of a wireless one.
grep '^[-+r] ' "$TOP/tests/data/traces/wired.tr" | head -n 5 >wired.tr
grep -E '^[srfD] .*_ (AGT|RTR) ' "$TOP/tests/data/traces/old-aodv.tr" | head -n 5 >wireless.tr
is 'ten lines to damage' "$(cat wired.tr wireless.tr | wc -l)" 10

# NAME COUNTERS: those of the last run, lines|events|noise|blank|refused, and all that hangs on them.
counted() {
    is "$1: each line is counted once" "$(ask "SELECT n_line, n_event, n_noise, n_blank, n_reject
        FROM run ORDER BY run_id DESC LIMIT 1")" "$2"
}

# NAME REASON: a line on standard input, put between the others, is refused, and nothing else.
line() {
    local name=$1 reason=$2
    { cat wired.tr; cat; echo; cat wireless.tr; } >"$name.tr"
    exits 3 "$name" ingest "$name.tr"
    like "$name: file, line and reason" err "^adliotlog ingest: $name\.tr:6: ($reason)( at '.{1,20}')?\$"
    counted "$name" '11|10|0|0|1'
}
# NAME SED: the sixth line is the third of the wired ones, changed
changed() {
    sed -n 3p wired.tr | sed -E "$2" | tr -d '\n' >changed
    line "$1" "$3" <changed
}
# the same of the third wireless one
air() {
    sed -n 3p wireless.tr | sed -E "$2" | tr -d '\n' >changed
    line "$1" "$3" <changed
}

exits 0 'the lines without damage' sh -c "cat wired.tr wireless.tr >sound.tr; '$ADLIOTLOG' ingest \
    --store s.db sound.tr"
counted 'the lines without damage' '10|10|0|0|0'

line 'binary bytes' 'not a line of an ns-2 trace' < <(printf '\001\377\200\tbinary')
line 'a NUL byte in a line' '.+' < <(printf 'r 0.1\0 0 1 tcp')
line 'NUL bytes' '.*NUL.*|not a line of an ns-2 trace' < <(printf '\0\0\0\0')
line 'a byte order mark' '.*byte order mark.*' \
    < <(printf '\357\273\277%s' "$(sed -n 3p wired.tr)")
line 'UTF-16 in one line' '.+' < <(printf 'r\0 \0000\0.\0001\0')
line 'an unknown operation' "unknown event 'q'" < <(printf 'q 0.1 0 1')
line 'an operation alone' '.+' < <(printf 's')
line 'a line of nam' 'line of a nam trace' < <(printf 'V -t * -v 1.0a5 -a 0')
line 'gzip data' '.*gzip.*' < <(printf '\037\213\010\0\0')
line 'a packet capture' '.*pcap.*' < <(printf '\324\303\262\241\002\0')
line 'a leading blank' 'line starts with a blank' < <(printf ' %s' "$(sed -n 3p wired.tr)")
line 'tabs for blanks' '.+' < <(sed -n 3p wired.tr | tr ' \n' '\t ')
line 'a line of 64 KB' 'line is longer than 65536 bytes' < <(head -c 65537 /dev/zero | tr '\0' 'r')
line 'a megabyte of blanks' 'line is longer than 65536 bytes' < <(head -c 1048576 /dev/zero | tr '\0' ' ')
line 'a megabyte behind a good line' 'line is longer than 65536 bytes' \
    < <(sed -n 3p wired.tr | tr -d '\n'; head -c 1000000 /dev/zero | tr '\0' '9')

changed 'a time that is nan' 's/^(.) [^ ]+/\1 nan/' 'missing or bad time'
changed 'a time that is inf' 's/^(.) [^ ]+/\1 inf/' 'missing or bad time'
changed 'a time that overflows' 's/^(.) [^ ]+/\1 1e+400/' 'missing or bad time'
changed 'a negative time' 's/^(.) [^ ]+/\1 -0.5/' 'missing or bad time'
changed 'a comma in a time' 's/^(.) [^ ]+/\1 0,5/' "missing or bad from node at ',5 0 2 .*'"
changed 'a hexadecimal time' 's/^(.) [^ ]+/\1 0x1p3/' 'missing or bad .+'
changed 'a time without digits' 's/^(.) [^ ]+/\1 ./' 'missing or bad time'
changed 'a node that overflows' 's/^(. [^ ]+) [0-9]+/\1 99999999999999999999/' 'missing or bad .+'
changed 'a node that is a word' 's/^(. [^ ]+) [0-9]+/\1 here/' 'missing or bad .+'
changed 'a size that overflows' 's/^((.+ ){4}[^ ]+) [0-9]+ (---)/\1 4294967296 \3/' 'missing or bad .+'
changed 'a negative size' 's/ ([0-9]+) (---)/ -\1 \2/' 'missing or bad .+'
changed 'a real for a size' 's/ ([0-9]+) (---)/ \1.5 \2/' 'missing or bad .+'
changed 'flags that are too short' 's/-------/------/' 'missing or bad flags'
changed 'an address with too many levels' 's/ ([0-9]+)\.([0-9]+) /  1.2.3.4.5 /' 'missing or bad .+'
changed 'a field too few' 's/ [^ ]+$//' 'missing or bad .+'
changed 'a field too many' 's/$/ 7 8/' '.+'
changed 'a uid that overflows' 's/ [0-9]+$/ 2147483648/' 'missing or bad .+'
changed 'two lines in one' 's/$/r 0.1/' '.+'
air 'a node without its brackets' 's/_([0-9]+)_/\1/' 'missing or bad .+'
air 'a negative node' 's/_([0-9]+)_/_-1_/' 'missing or bad node'
air 'a bracket too few' 's/\]//' 'missing or bad .+'
air 'a level of eighty letters' "s/AGT|RTR/$(printf 'A%.0s' $(seq 80))/" 'missing or bad .+'
air 'a hexadecimal number of nine digits' 's/\[[0-9a-f]+ /[123456789 /' 'missing or bad .+'
air 'a line cut in the middle' 's/^(.{40}).*/\1/' 'missing or bad .+'

# ---- ends and line ends ---------------------------------------------------

{ cat wired.tr; head -c 30 wireless.tr; } >cut.tr
exits 3 'a last line that is cut off' ingest cut.tr
like 'a last line that is cut off: is named' err '^adliotlog ingest: cut.tr:6: '
counted 'a last line that is cut off' '6|5|0|0|1'
head -c -1 wired.tr >open.tr
exits 0 'a last line without its end' ingest open.tr
counted 'a last line without its end' '5|5|0|0|0'
is 'a last line without its end: is flagged' \
    "$(ask 'SELECT unterminated FROM run ORDER BY run_id DESC LIMIT 1')" 1
sed 's/$/\r/' wired.tr >cr.tr
exits 0 'carriage returns' ingest cr.tr
counted 'carriage returns' '5|5|0|0|0'
{ cat wired.tr; printf '\n   \n\r\n'; cat wireless.tr; } >blank.tr
exits 0 'blank lines' ingest blank.tr
counted 'blank lines' '13|10|0|3|0'
tr '\n' '\r' <wired.tr >mac.tr
n_run=$(ask 'SELECT count(*) FROM run')
exits 3 'line ends that are carriage returns alone' ingest mac.tr

# ---- refused as a whole ---------------------------------------------------

whole() { # STATUS NAME FILE PATTERN
    exits "$1" "$2" ingest "$3"
    like "$2: the message names it" err "^adliotlog ingest: $3: $4"
}
: >empty.tr
printf '\n\n' >blanks.tr
iconv -t UTF-16 sound.tr >utf16.tr
head -c 50000000 /dev/zero >zeros.tr
head -c 1000000 /dev/urandom >random.tr
sqlite3 database.tr 'CREATE TABLE t (x)'
gzip -c sound.tr >gzip.tr
gzip -c sound.tr | head -c 100 >cut.tr.gz
{ gzip -c sound.tr | head -c 200; echo damage; gzip -c sound.tr | tail -c 100; } >bad.tr.gz
{ gzip -c sound.tr; echo garbage; } >trailer.tr.gz
: >empty.tr.gz
cp sound.tr plain.tr.gz
ln -s nowhere dangling.tr
ln -s loop.tr loop.tr
mkdir folder.tr
printf 'V -t * -v 1.0a5 -a 0\nn -t * -a 0 -s 0\n' >nam.tr
printf '\324\303\262\241\002\0\004\0' >capture.tr
whole 3 'an empty file' empty.tr 'no line of an ns-2 trace among its 0 lines'
whole 3 'nothing but blank lines' blanks.tr 'no line of an ns-2 trace among its 2 lines'
whole 3 'UTF-16' utf16.tr '.*UTF-16'
whole 3 'fifty megabytes of NUL' zeros.tr 'no line of an ns-2 trace'
whole 3 'random bytes' random.tr 'no line of an ns-2 trace'
whole 3 'a database' database.tr '.*SQLite'
whole 3 'gzip data that is called a trace' gzip.tr '.*gzip'
whole 3 'a nam trace' nam.tr '.*nam trace'
whole 3 'a capture' capture.tr '.*pcap'
whole 3 'a gzip file that is cut off' cut.tr.gz 'gzip data is cut off'
whole 3 'a gzip file that is damaged' bad.tr.gz 'bad gzip data'
whole 3 'a gzip file with something behind it' trailer.tr.gz 'bad gzip data'
whole 3 'an empty gzip file' empty.tr.gz 'gzip data is cut off'
whole 3 'a trace that is called packed' plain.tr.gz 'bad gzip data'
whole 3 'a directory' folder.tr 'no manifest.json in it'
whole 3 '/dev/null' /dev/null 'no line of an ns-2 trace among its 0 lines'
whole 4 'a file that is not there' nothere.tr 'No such file or directory'
whole 4 'a link to nowhere' dangling.tr 'No such file or directory'
whole 4 'a link to itself' loop.tr 'Too many levels of symbolic links'
whole 4 'a file that cannot be read' /proc/self/mem 'Input/output error'
if [ "$(id -u)" -eq 0 ]; then
    skip 'a file without permission to read' 'root may read all'
else
    cp sound.tr secret.tr
    chmod 0 secret.tr
    whole 4 'a file without permission to read' secret.tr 'Permission denied'
fi
is 'none of them left anything' "$(ask 'SELECT count(*) FROM run')" "$n_run"
mkfifo pipe.tr
sed 's/ 0 / 1 /' sound.tr >pipe.tr &
exits 0 'a named pipe' ingest pipe.tr
counted 'a named pipe' '10|10|0|0|0'
wait

# ---- all together ---------------------------------------------------------

is 'the checks find nothing' "$(ask ".read '$TOP/dataset/checks.sql'")" ''
is 'the store is sound' "$(ask 'PRAGMA integrity_check')" ok
is 'every refused line is kept, with its number' "$(ask 'SELECT count(*) FROM run
    WHERE n_reject != (SELECT count(*) FROM reject WHERE reject.run_id = run.run_id)')" 0
rm s.db
if [[ $ADLIOTLOG = */asan/* ]]; then
    skip 'a trace of long bad lines, in bounded memory' 'sanitizers need more'
else
    for _ in $(seq 300); do
        head -c 65536 /dev/urandom | base64 -w 0
        echo
    done >long.tr
    cat sound.tr >>long.tr
    exits 3 'a trace of long bad lines, in bounded memory' \
        sh -c "ulimit -v 200000 && exec '$ADLIOTLOG' ingest --store s.db long.tr"
    counted 'a trace of long bad lines, in bounded memory' '310|10|0|0|300'
fi

finish
