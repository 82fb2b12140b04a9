#!/usr/bin/env bash
# What a sweep that is split over machines costs, part by part, each on one core: planning,
# simulation, ingest, merging the stores of two shares, reading all events. Merging is compared with
# SQLite's own INSERT ... SELECT of the same tables. Fails when the merged store has other events.
#
# BENCH_ROUNDS (3): of each; medians are shown.
# BENCH_RUNS (60): runs of the sweep, half of them attacked, 10 s each.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${BENCH_ROUNDS:-3}
runs=${BENCH_RUNS:-60}
sweep=(--attack 'none,hidden-channel' --set duration=10)

ask() { sqlite3 -readonly "$1" "$2"; }
quick() { printf 'PRAGMA cache_size = -8000; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;'; }

# What SQLite does by itself: all rows of a store into an empty one with the same schema.
plain_sql() { # STORE
    quick
    printf "ATTACH '%s' AS part; BEGIN;" "$1"
    for table in run $(ask "$1" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'run'
        AND name NOT LIKE 'sqlite_%'"); do
        columns=$(ask "$1" "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('$table')")
        # An expression, lest SQLite copy rows as they lie, which numbers that move do not allow.
        printf 'INSERT INTO "%s" SELECT %s FROM part."%s";' "$table" \
            "$(sed 's/"shape_id"/"shape_id" + 0/; s/"run_id"/"run_id" + 0/' <<<"$columns")" "$table"
    done
    printf 'COMMIT;'
}

rm -rf runs
measure "$one_core" simulate.use "$ADLIOTLOG" simulate --seeds 1..$((runs / 2)) "${sweep[@]}" --jobs 1 --out runs
mapfile -t folders <out
bytes=$(du -cb runs/*/trace.tr | awk 'END { print $1 }')
for _ in $(seq "$rounds"); do
    rm -f ./*.db*
    measure "$one_core" plan.use "$ADLIOTLOG" simulate --seeds 1..5000 "${sweep[@]}" --shard 1/100 --plan
    measure "$one_core" ingest.use "$ADLIOTLOG" ingest --store a.db "${folders[@]:0:runs / 2}"
    "$ADLIOTLOG" ingest --store b.db "${folders[@]:runs / 2}" >out
    sync
    measure "$one_core" merge.use "$ADLIOTLOG" merge --store all.db a.db
    measure "$one_core" second.use "$ADLIOTLOG" merge --store all.db b.db
    measure "$one_core" again.use "$ADLIOTLOG" merge --store all.db b.db
    cp a.db empty.db
    sqlite3 empty.db 'DELETE FROM run; VACUUM'
    plain_sql a.db >plain.sql
    measure "$one_core" plain.use sqlite3 -bail empty.db ".read plain.sql"
    measure "$one_core" scan.use sqlite3 -readonly all.db \
        'SELECT count(*), max(time), sum(uid) FROM event_row'
    measure "$one_core" view.use sqlite3 -readonly all.db \
        "SELECT node, reason, count(*), sum(size) FROM event WHERE op = 'd' GROUP BY 1, 2"
    measure "$one_core" count.use sqlite3 -readonly all.db \
        "SELECT node, reason, sum(n), sum(n * size) FROM event_count WHERE op = 'd' GROUP BY 1, 2"
done
in_a=$(ask a.db 'SELECT count(*) FROM event_row')
in_b=$(ask b.db 'SELECT count(*) FROM event_row')
all=$(ask all.db 'SELECT count(*) FROM event_row')
[ "$all" = $((in_a + in_b)) ] || die "the merged store has $all events instead of $in_a + $in_b"
[ "$(ask empty.db 'SELECT count(*) FROM event_row')" = "$in_a" ] || die "SQLite copied other events"

per_run() { awk -v a="$1" -v n="$2" 'BEGIN { printf "%.3f", a / n }'; }
row() { # NAME TITLE EVENTS
    local used
    used=$(median "$1.use" 1)
    printf '  %-34s %8.2f %8.2f %12s %8.1f\n' "$2" "$used" "$(median "$1.use" 2)" "$(per "$3" "$used")" \
        "$(median "$1.use" 3)"
}
echo "cluster    $runs runs of 10 s, $all events, one core, median of $rounds; seconds, MB"
printf '  %-34s %8s %8s %12s %8s\n' "" CPU wall events/CPU memory
row simulate 'simulate' "$all"
row ingest 'ingest, half of it' "$in_a"
row merge 'merge into a new store, half of it' "$in_a"
row second '  the other half behind it' "$in_b"
row again '  the same again: it compares' "$in_b"
row plain '  SQLite: INSERT ... SELECT' "$in_a"
row scan 'read all rows of events' "$all"
row view 'the same through view event' "$all"
row count 'the same by view event_count' "$all"
printf '  a run: %s CPU s, %.2f MB of trace, %.0f events; planned: 100 runs of 10,000 in %.2f CPU s\n' \
    "$(per_run "$(median simulate.use 1)" "$runs")" "$(per_run "$bytes" "${runs}e6")" \
    "$(per_run "$all" "$runs")" "$(median plan.use 1)"
printf '  an event: %.1f bytes of store, %.1f of trace\n' \
    "$(per_run "$(du -b all.db | cut -f 1)" "$all")" "$(per_run "$bytes" "$all")"
