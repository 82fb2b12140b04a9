#!/usr/bin/env bash
# From a trace of five million lines into SQLite, in four ways. Fails when they disagree about a
# single event.
#
# BENCH_ROUNDS (3): runs of each way, taken in turn; medians are shown.
# BENCH_DURATION (600): simulated seconds of the trace, which is kept in build/bench.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${BENCH_ROUNDS:-3}
duration=${BENCH_DURATION:-600}
trace=$cache/iot16-$duration.tr
here=$TOP/tests/bench
minimal=$BUILD/bench/minimal
declare -A size # of each database, MB

# Questions to the store and to the minimal loop's table.
questions=(
    "SELECT op, layer, ptype, count(*) FROM event GROUP BY 1, 2, 3"
    "SELECT node, count(*), max(time) FROM event GROUP BY 1"
    "SELECT reason, count(*) FROM event WHERE lower(op) = 'd' GROUP BY 1 ORDER BY 2 DESC"
    "SELECT src, dst, count(*), sum(size) FROM event WHERE layer = 'AGT' AND op = 'r' GROUP BY 1, 2"
    "SELECT line, time, op, layer, node FROM event WHERE uid = 100000 ORDER BY line"
)

make_trace() {
    if [ -s "$trace" ] && [ -z "$(find "$TOP/scenarios" -name '*.tcl' -newer "$trace")" ]; then
        return
    fi
    echo "ingest     simulating $duration s for a trace, which $cache keeps"
    ns "$TOP/scenarios/iot16.tcl" --trace new.tr duration="$duration" seed=1 >out 2>err ||
        die "ns: $(cat err)"
    mv new.tr "$trace"
}

# DATABASE NAME: leaves what the database holds in NAME.sums, and stops unless it is what the
# first one held.
check() {
    sqlite3 -readonly "$1" <"$here/check.sql" >"$2.sums" || die "$2: cannot be asked"
    [ -s "$2.sums" ] || die "$2: holds no events"
    [ -e expected ] || cp "$2.sums" expected
    diff expected "$2.sums" >difference || {
        cat difference >&2
        die "$2: other events than ${first:-}"
    }
    : "${first:=$2}"
}

megabytes() { # FILE...
    du -cb -- "$@" | awk 'END { printf "%.0f", $1 / 1e6 }'
}

fresh() { # DATABASE
    rm -f "$1" "$1"-*
    sync
}

round_mawk() {
    fresh mawk.db
    sqlite3 mawk.db <"$here/event.sql"
    # shellcheck disable=SC2016
    measure "$one_core" mawk.use bash -o pipefail -c '
        mawk -f "$1" "$2" | sqlite3 -bail mawk.db ".mode tabs" ".import /dev/stdin event"' \
        bash "$here/columns.awk" "$trace"
    check mawk.db mawk
    size[mawk]=$(megabytes mawk.db)
    rm mawk.db
}

round_minimal() {
    fresh minimal.db
    sqlite3 minimal.db <"$here/event.sql"
    measure "$one_core" minimal.use "$minimal" minimal.db "$trace"
    check minimal.db minimal
    size[minimal]=$(megabytes minimal.db)
    measure "$one_core" parse.use "$minimal" --parse "$trace"
}

# NAME CORES
round_store() {
    fresh store.db
    measure "$2" "$1.use" "$ADLIOTLOG" ingest --store store.db "$trace"
    check store.db "$1"
    measure "$one_core" read.use "$ADLIOTLOG" sql "SELECT count(*) FROM ns2trace('$trace')"
    size[$1]=$(megabytes store.db*)
}

row() { # NAME TITLE
    local used
    used=$(median "$1.use" 1)
    printf '  %-30s %8.2f %8.2f %10s %7s %8s %8.1f\n' "$2" "$used" "$(median "$1.use" 2)" \
        "$(per "$lines" "$used")" "$(ratio "$used" "$base")" "${size[$1]:--}" \
        "$(median "$1.use" 3)"
}

ask() { # DATABASE SQL: CPU seconds
    local used
    used=$(cpu sqlite3 -readonly "$1" "$2")
    printf '%.2f' "$used"
}

make_trace
cat "$trace" >/dev/null # all read it from memory
lines=$(wc -l <"$trace")
for _ in $(seq "$rounds"); do
    round_mawk
    round_minimal
    round_store one "$one_core"
    if [ "${#cores[@]}" -gt 1 ]; then
        round_store two "${cores[-2]},$one_core"
    fi
done

base=$(median minimal.use 1)
echo "ingest     $lines lines, median of $rounds; seconds, MB; x: CPU seconds, minimal C loop = 1"
printf '  %-30s %8s %8s %10s %7s %8s %8s\n' "" CPU wall lines/CPU x database memory
row mawk "mawk | sqlite3 .import"
row minimal "minimal C loop"
row parse "  its tokenizer alone"
row one "adliotlog ingest, one core"
row read "  its reader and SHA-256 alone"
if [ -e two.use ]; then
    row two "adliotlog ingest, two cores"
fi
echo "  the same events in all: $(awk -F '|' '{ n += $5 } END { print n }' expected)," \
    "$(wc -l <expected) kinds"

echo "  no index is built after the load: rows stand in the order of the trace, which is their key," \
    "and $(sqlite3 -readonly store.db 'SELECT count(*) FROM shape') shapes count them"
printf '  %-9s %-9s %s\n' store minimal "CPU seconds to answer"
for sql in "${questions[@]}"; do
    in_store=$(ask store.db "$sql")
    in_minimal=$(ask minimal.db "$sql")
    printf '  %-9s %-9s %s\n' "$in_store" "$in_minimal" "$sql"
done
for view in $(sqlite3 -readonly store.db "SELECT name FROM sqlite_schema WHERE type = 'view'
    AND name NOT IN ('event', 'pair_text') ORDER BY 1"); do
    in_store=$(ask store.db "SELECT * FROM $view")
    printf '  %-9s %-9s %s\n' "$in_store" - "SELECT * FROM $view"
done
