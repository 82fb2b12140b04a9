#!/usr/bin/env bash
# What a sweep costs beside bare ns: planning, and the same runs by xargs and by adliotlog, on all
# cores.
#
# BENCH_ROUNDS (3): of each, taken in turn; medians are shown.
# BENCH_RUNS (60): runs of a sweep, 10 s each.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${BENCH_ROUNDS:-3}
runs=${BENCH_RUNS:-60}
iot16=$TOP/scenarios/iot16.tcl
all=$(IFS=,; echo "${cores[*]}")

round_bare() {
    rm -rf bare
    mkdir bare
    sync
    # shellcheck disable=SC2016
    measure "$all" bare.use sh -c 'seq "$1" |
        xargs -P "$2" -I{} ns "$3" --trace bare/{}.tr duration=10 seed={}' \
        sh "$runs" "${#cores[@]}" "$iot16"
}

round_sweep() {
    rm -rf runs
    sync
    measure "$all" sweep.use "$ADLIOTLOG" simulate --seeds 1.."$runs" --set duration=10 \
        --jobs "${#cores[@]}" --out runs
}

# The same with a copy of a trace in the place of ns: what adliotlog itself takes.
cat >copying <<'END'
#!/bin/sh
case "$*" in *--ns-version*) echo 2.35; exit;; esac
exec cp ../../bare/1.tr trace.tr
END
chmod +x copying
round_own() {
    rm -rf copies
    NS=./copying measure "$all" own.use "$ADLIOTLOG" simulate --seeds 1.."$runs" \
        --set duration=10 --jobs "${#cores[@]}" --out copies
}

round_again() {
    measure "$one_core" again.use "$ADLIOTLOG" simulate --seeds 1.."$runs" --set duration=10 --out runs
}

round_plan() {
    measure "$one_core" plan.use "$ADLIOTLOG" simulate --seeds 1..1000 --plan
}

for _ in $(seq "$rounds"); do
    round_bare
    round_sweep
    round_own
    round_again
    round_plan
done
for i in $(seq "$runs"); do
    cmp bare/"$i".tr runs/*-s"$i"-*/trace.tr || die "run $i has another trace than bare ns"
done

# NAME: the part of all cores that was used
use() {
    awk -v cpu="$(median "$1.use" 1)" -v wall="$(median "$1.use" 2)" -v n="${#cores[@]}" \
        'BEGIN { printf "%.0f %%", 100 * cpu / wall / n }'
}
row() { # NAME TITLE
    printf '  %-24s %8.2f %8.2f %8s %10s\n' "$2" "$(median "$1.use" 1)" "$(median "$1.use" 2)" \
        "$(ratio "$(median "$1.use" 1)" "$(median bare.use 1)")" "$(use "$1")"
}
echo "simulate   $runs runs of 10 s on ${#cores[@]} cores, median of $rounds; seconds; x: CPU seconds," \
    "bare ns = 1"
printf '  %-24s %8s %8s %8s %10s\n' "" CPU wall x "core use"
row bare "xargs, bare ns"
row sweep "adliotlog simulate"
row own "  cp in the place of ns"
printf '  planned: 1,000 runs in %.2f CPU s, %.1f MB; skipped: %d finished runs in %.2f CPU s\n' \
    "$(median plan.use 1)" "$(median plan.use 3)" "$runs" "$(median again.use 1)"
