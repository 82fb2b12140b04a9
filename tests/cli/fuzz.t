#!/usr/bin/env bash
# The replay of fuzz inputs can fail, and what it replays is there and small.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

mkdir none one
printf '+ 0 1 2 tcp 40 ------- 0 1.0 2.0 0 0' >one/event

for target in line file; do
    replay=$BUILD/tests/replay_$target
    exits 0 "$target: a folder of one input" "$replay" one
    is "$target: is one case" "$(cat out)" $'ok 1 - event\n1..1'
    exits 1 "$target: a folder without inputs" "$replay" one none
    like "$target: is named" err 'none: no inputs'
    exits 1 "$target: no such input" "$replay" one missing
    like "$target: is not ok" out '^not ok 2 - missing$'
    for file in "$TOP/tests/data/fuzz/$target"/*; do
        [ "$(wc -c <"$file")" -le 4096 ] || echo "$file"
    done >large
    is "$target: no input is large" "$(cat large)" ''
done

is 'every line of the dictionary is one that libFuzzer takes' \
    "$(grep -vE '^$|^#|^"([^"\\]|\\["\\]|\\x[0-9a-f]{2})+"$' "$TOP/tests/fuzz/ns2.dict")" ''

finish
