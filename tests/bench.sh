#!/usr/bin/env bash
# make bench: CPU seconds on one core, as ratios where there is something to compare with. Not a
# test: machines are noisy, so nothing here can fail.
set -euo pipefail
: "${ADLIOTLOG:?run make bench}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cpu() { # COMMAND...: user and system seconds of the command, on the last core
    local TIMEFORMAT='%U %S'
    { time taskset -c "$(($(nproc) - 1))" "$@" >out 2>err; } 2>&1 | awk '{ print $1 + $2 }'
}
per() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%.0f", n / s }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }

ns_time=$(cpu ns "$(dirname "$ADLIOTLOG")/../../scenarios/iot16.tcl" --trace bare.tr duration=20)
run_time=$(cpu "$ADLIOTLOG" simulate --set duration=20 --out runs)
echo "simulate   $run_time s, bare ns $ns_time s ($(ratio "$run_time" "$ns_time") times)"

for _ in $(seq 10); do cat bare.tr; done >big.tr
lines=$(wc -l <big.tr)
# shellcheck disable=SC2016
awk_time=$(cpu awk '{ n[$1, $4, $7]++; b[$1] += $8 }' big.tr)
ingest_time=$(cpu "$ADLIOTLOG" ingest --store s.db big.tr)
echo "ingest     $ingest_time s for $lines lines ($(per "$lines" "$ingest_time")/s);" \
    "awk, which only counts, $awk_time s ($(ratio "$ingest_time" "$awk_time") times)"

"$ADLIOTLOG" ingest --store s.db runs/* >out
pairs_time=$(cpu "$ADLIOTLOG" pairs --store s.db --name p --runs "seed = 1")
echo "pairs      $pairs_time s for 12236 pairs ($(per 12236 "$pairs_time")/s)"

n=2000
load=$(cpu "$ADLIOTLOG" train --store s.db --pairs p --model m0.safetensors --iterations 1)
t=$(cpu "$ADLIOTLOG" train --store s.db --pairs p --model m.safetensors --iterations $n)
awk -v t="$t" -v l="$load" -v n=$n \
    'BEGIN { printf "train      %.2f ms a pair, H = 256\n", 1000 * (t - l) / n }'
t=$(cpu "$ADLIOTLOG" evaluate --store s.db --model m.safetensors --pairs p --threads 1)
awk -v t="$t" 'BEGIN { printf "evaluate   %.2f ms a pair, one thread\n", 1000 * t / 12236 }'
