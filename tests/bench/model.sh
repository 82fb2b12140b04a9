#!/usr/bin/env bash
# Pairs, training and evaluation, a pair.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

"$ADLIOTLOG" simulate --set duration=20 --out runs >out
"$ADLIOTLOG" ingest --store s.db runs/* >out
t=$(cpu "$ADLIOTLOG" pairs --store s.db --name p --runs "seed = 1")
pairs=$(sqlite3 -readonly s.db "SELECT n_pair FROM pair_set")
echo "pairs      $t s for $pairs pairs ($(per "$pairs" "$t")/s)"

n=2000
load=$(cpu "$ADLIOTLOG" train --store s.db --pairs p --model m0.safetensors --iterations 1)
t=$(cpu "$ADLIOTLOG" train --store s.db --pairs p --model m.safetensors --iterations $n)
awk -v t="$t" -v l="$load" -v n=$n \
    'BEGIN { printf "train      %.2f ms a pair, H = 256\n", 1000 * (t - l) / n }'
t=$(cpu "$ADLIOTLOG" evaluate --store s.db --model m.safetensors --pairs p --threads 1)
awk -v t="$t" -v n="$pairs" 'BEGIN { printf "evaluate   %.2f ms a pair, one thread\n", 1000 * t / n }'
