#!/usr/bin/env bash
# run.sh BUILD SECONDS: what `make fuzz` does. Runs the targets one after the other, three quarters
# of the time the one for lines, and says how far each came. What they find new stays in
# BUILD/corpus and is where the next run begins. An input that breaks a target is left in BUILD.
set -euo pipefail
[[ $# -eq 2 && $2 =~ ^[1-9][0-9]*$ ]] || {
    echo "usage: run.sh BUILD SECONDS" >&2
    exit 2
}
build=$1 seconds=$2
broken=0
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

stat() { sed -n "s/^stat::$2: *//p" "$1"; }

run() { # NAME SECONDS LONGEST
    local name=$1 log=$build/$1.log corpus=$build/corpus/$1 status=0 executed input start=$SECONDS
    mkdir -p "$corpus"
    "$build/fuzz_$name" -max_total_time="$2" -max_len="$3" -timeout=10 -print_final_stats=1 \
        -entropic_scale_per_exec_time=1 -dict=tests/fuzz/ns2.dict -artifact_prefix="$build/$name-" \
        "$corpus" "tests/data/fuzz/$name" "$build/fuzz-seeds/$name" >"$log" 2>&1 || status=$?
    executed=$(stat "$log" number_of_executed_units)
    echo "fuzz $name: ${executed:-0} executions in $((SECONDS - start)) s," \
        "$(stat "$log" average_exec_per_sec) a second," \
        "$(stat "$log" new_units_added) new inputs in $corpus"
    [ $status -eq 0 ] && [ "${executed:-0}" -gt 0 ] && return
    broken=1
    grep -aE '^fuzz |ERROR|SUMMARY|runtime error' "$log" | head -n 5 >&2 || true
    input=$(sed -n 's/.*Test unit written to //p' "$log")
    echo "fuzz $name: ${input:+broken by $input; again: $build/fuzz_$name $input; }see $log" >&2
}

line=$((seconds * 3 / 4))
run line $((line > 0 ? line : 1)) 1000
run file $((seconds - line)) 4000
exit $broken
