#!/usr/bin/env bash
# Pairs, training and evaluation: milliseconds a pair, by instruction set, threads and kind of
# network; the same training in PyTorch, where Debian's python3-torch is installed; and where the
# time of a pair goes.
#
# One thread is measured in CPU seconds (the median), several in seconds that passed (the least,
# because others pass them too); both as the difference between a long and a short run. All that is
# compared takes turns.
#
# BENCH_ROUNDS (3): runs of each kind.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${BENCH_ROUNDS:-3}
here=$TOP/tests/bench
words=4172   # of the paper's vocabulary, the special ones included
tested=12236 # the paper's pairs
short=5      # iterations of the short runs
two_cores=${cores[-2]:-},$one_core

# Of each case, by name: the instruction set ("": the fastest), threads, iterations of the long run,
# pairs an iteration, options of train.
declare -A isa threads long batch options
cases=()

make_pairs() { # sets $limit
    "$ADLIOTLOG" simulate --set duration=20 --out runs >out
    "$ADLIOTLOG" ingest --store s.db runs/* >out
    "$ADLIOTLOG" pairs --store s.db --name all --runs "seed = 1" --limit 0 >out
    # As many pairs as have that many words.
    limit=$(sqlite3 -readonly s.db "SELECT source || ' ' || target FROM pair_text
        WHERE pair_set = 'all' ORDER BY pair_id" | awk -v words="$words" '
        BEGIN { n = 3 }
        { for (i = 1; i <= NF; i++) if (!($i in seen)) { seen[$i]; n++ } }
        n <= words { pairs = NR }
        END { print pairs }')
    local used
    used=$(cpu "$ADLIOTLOG" pairs --store s.db --name p --runs "seed = 1" --limit "$limit")
    "$ADLIOTLOG" pairs --store s.db --name tested --runs "seed = 1" --limit "$tested" >out
    "$ADLIOTLOG" pairs --store s.db --name few --runs "seed = 1" --limit 2000 >out
    echo "pairs      $used s for $limit pairs ($(per "$limit" "$used")/s)"
}

# The pairs as word numbers, which are those of adliotlog train: words count as they come.
number_words() {
    sqlite3 -readonly -separator $'\t' s.db "SELECT source, target FROM pair_text
        WHERE pair_set = 'p' ORDER BY pair_id" | awk -F '\t' '
        BEGIN { n = 3 }
        {
            for (side = 1; side <= 2; side++) {
                count = split($side, words, " ")
                for (i = 1; i <= count; i++) {
                    if (!(words[i] in number)) number[words[i]] = n++
                    printf "%d ", number[words[i]]
                }
                printf side == 1 ? "1\t" : "1\n"
            }
        }' >numbers.txt
}

describe_pairs() {
    awk -F '\t' -v rounds="$rounds" '
        {
            total += split($2, words, " ")
            for (side = 1; side <= 2; side++) {
                count = split($side, words, " ")
                for (i = 1; i <= count; i++) if (words[i] > largest) largest = words[i]
            }
        }
        END {
            printf "train      V = %d, %.1f words a target with <EOS>, H = 256; ", largest + 1, total / NR
            printf "milliseconds a pair, of %d rounds\n", rounds
        }' numbers.txt
}

# ITERATIONS CASE FILE
train() {
    local name=$2 on=$one_core
    local -a with set=()
    read -ra with <<<"${options[$name]}"
    [ "${threads[$name]}" = 1 ] || on=$two_cores
    [ -z "${isa[$name]}" ] || set=(env ADLIOTLOG_ISA="${isa[$name]}")
    measure "$on" "$3" "${set[@]}" "$ADLIOTLOG" train --store s.db --pairs p --force \
        --model m.safetensors --iterations "$1" --threads "${threads[$name]}" \
        --schedule constant --lr 0.0001 --checkpoint-every 0 "${with[@]}"
}

# NAME ISA THREADS ITERATIONS BATCH OPTIONS
add() {
    cases+=("$1")
    isa[$1]=$2 threads[$1]=$3 long[$1]=$4 batch[$1]=$5 options[$1]=$6
}

# NAME ISA THREADS ITERATIONS: all modes; what is free depends on how well the network predicts.
add_modes() {
    add "$1.forced" "$2" "$3" "$4" 1 "--teacher-forcing 1"
    add "$1.free" "$2" "$3" "$4" 1 "--teacher-forcing 0"
    add "$1.mixed" "$2" "$3" "$4" 1 ""
    add "$1.trained-free" "$2" "$3" "$4" 1 "--init trained.safetensors --teacher-forcing 0"
    add "$1.trained-mixed" "$2" "$3" "$4" 1 "--init trained.safetensors"
}

add_all() {
    local set n
    for set in avx512 avx2 portable; do
        ADLIOTLOG_ISA=$set "$ADLIOTLOG" train --store s.db --pairs p --model m.safetensors --force \
            --iterations 1 >out 2>err || continue
        sets+=("$set")
        n=205
        [ $set != portable ] || n=65
        add_modes "$set.1" $set 1 $n
        [ "${#cores[@]}" = 1 ] || add_modes "$set.2" $set 2 $n
    done
    for set in "cell lstm" "attention location" "attention none" "hidden 128"; do
        add "${set#* }.forced" "" 1 205 1 "--${set% *} ${set#* } --teacher-forcing 1"
        add "${set#* }.mixed" "" 1 205 1 "--${set% *} ${set#* }"
    done
    add batch.forced "" 1 25 16 "--batch 16 --teacher-forcing 1"
    add batch.mixed "" 1 25 16 "--batch 16"
}

least() { # FILE: seconds that passed
    cut -d ' ' -f 2 "$1" | sort -g | head -n 1
}

cost() { # CASE: milliseconds a pair
    local of=(median "$1.long" 1) from=(median "$1.short" 1)
    if [ "${threads[$1]}" != 1 ]; then
        of=(least "$1.long") from=(least "$1.short")
    fi
    awk -v long="$("${of[@]}")" -v short="$("${from[@]}")" \
        -v n=$(((${long[$1]} - short) * ${batch[$1]})) \
        'BEGIN { printf "%.2f", (long - short) * 1000 / n }'
}

row() { # TITLE CASE...: milliseconds, and pairs a second of the last case
    local title=$1 name last=-
    shift
    printf '  %-24s' "$title"
    for name; do
        last=-
        [ "$name" = - ] || last=$(cost "$name")
        printf ' %8s' "$last"
    done
    printf ' %9s\n' "$(per 1000 "$last")"
}

# Debian's PyTorch, on one core, at the state that $1 names.
torch() { # NAME OPTIONS...
    local name=$1
    shift
    OPENBLAS_NUM_THREADS=1 taskset -c "$one_core" "$python" "$here/torch_train.py" "$@" \
        --iterations 12 --rounds "$rounds" numbers.txt >"torch.$name" ||
        die "torch_train.py failed"
}

torch_row() { # WAY: milliseconds, then how many times the fastest set's
    local cell name mode
    printf '  %-24s' "PyTorch, $1"
    for cell in fresh:forced fresh:free fresh:mixed trained:free trained:mixed; do
        name=${cell%:*} mode=${cell#*:}
        printf ' %8s' "$(awk -v way="$1" -v mode="$mode" \
            '$1 == way && $2 == mode { printf "%.2f", $3 }' "torch.$name")"
    done
    printf '\n  %-24s' "  times ${sets[0]}, 1 thread"
    for cell in fresh:forced fresh:free fresh:mixed trained:free trained:mixed; do
        name=${cell%:*} mode=${cell#*:}
        [ "$name" = fresh ] || mode=trained-$mode
        printf ' %8s' "$(awk -v way="$1" -v mode="${mode#trained-}" \
            -v ours="$(cost "${sets[0]}.1.$mode")" \
            '$1 == way && $2 == mode { printf "%.1f", $3 / ours }' "torch.$name")"
    done
    echo
}

compare_torch() {
    "$python" "$here/torch_train.py" --check numbers.txt >out || die "PyTorch: $(cat out)"
    torch fresh
    torch trained --model trained.safetensors
    torch_row tutorial
    torch_row best
    echo "  $(sed -n 's/^# //p' torch.fresh); both ways agree: $(cat out)"
}

evaluate() { # FILE OPTIONS...
    local file=$1
    shift
    measure "${two_cores#,}" "$file" "$ADLIOTLOG" evaluate --store s.db --force \
        --model trained.safetensors "$@"
}

evaluation_row() { # FILE PAIRS TITLE
    local wall
    wall=$(least "$1")
    printf '  %-24s %8.2f s, %s pairs/s\n' "$3" "$wall" "$(per "$2" "$wall")"
}

make_pairs
number_words
taskset -c "${two_cores#,}" "$ADLIOTLOG" train --store s.db --pairs p --model trained.safetensors \
    --iterations 5000 --threads 2 >out 2>err || die "$(cat err)"
sets=()
add_all
for _ in $(seq "$rounds"); do
    for name in "${cases[@]}"; do
        train "${long[$name]}" "$name" "$name.long"
        train $short "$name" "$name.short"
    done
    evaluate greedy.use --pairs tested
    evaluate score.use --pairs tested --score
    evaluate beam.use --pairs few --beam 4
done

describe_pairs
awk -v cores="${#cores[@]}" '$1 > cores + 0.5 {
    print "  the machine is busy (load " $1 "): seconds that passed, and ratios to them, mean little" }' \
    /proc/loadavg
printf '  %-24s %26s %17s %9s\n' "" "untrained" "5,000 iterations" "pairs/s"
printf '  %-24s %8s %8s %8s %8s %8s %9s\n' "" forced free mixed free mixed mixed
for set in "${sets[@]}"; do
    for n in 1 2; do
        [ $n = 1 ] || [ "${#cores[@]}" -gt 1 ] || continue
        name=$set.$n
        row "$set, $n thread$([ $n = 1 ] || echo s)" "$name.forced" "$name.free" "$name.mixed" \
            "$name.trained-free" "$name.trained-mixed"
    done
done
printf '  %-24s %8s %8s %8s\n' "variants, ${sets[0]}" forced mixed pairs/s
row "--cell lstm" lstm.forced lstm.mixed
row "--attention location" location.forced location.mixed
row "--attention none" none.forced none.mixed
row "--hidden 128" 128.forced 128.mixed
row "--batch 16" batch.forced batch.mixed

python=/usr/bin/python3
if "$python" -c 'import torch' 2>err; then
    compare_torch
else
    echo "  PyTorch: not installed (apt install python3-torch libopenblas0-pthread)"
fi

echo "evaluate   $([ "${#cores[@]}" = 1 ] && echo one core || echo two cores), seconds that passed"
evaluation_row greedy.use "$tested" "greedy, $tested pairs"
evaluation_row score.use "$tested" "--score, $tested pairs"
evaluation_row beam.use 2000 "--beam 4, 2000 pairs"

taskset -c "$one_core" "$BUILD/bench/phases"
