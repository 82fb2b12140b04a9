#!/usr/bin/env bash
# Random options either run or are refused with one line; ns never hangs, and never fails.
# OPTION_SETS=1000 tries more of them, OPTION_SEED=2 others.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

for scenario in iot16 field cloud; do
    tclsh "$TOP/scenarios/$scenario.tcl" --list | sed "s/^/$scenario  /"
done >listing

# One set a line: scenario, then --set NAME=VALUE ... Values are drawn from what --list allows, small enough
# to run in a second; now and then one is beyond it, nonsense, written in another way, or without effect.
awk -v sets="${OPTION_SETS:-40}" -v seed="${OPTION_SEED:-1}" '
function pick(n) { return int(rand() * n) }
function number(low, high, whole) {
    if (rand() < 0.05) return high * 2 + 1
    x = low + (high - low) * rand() ^ 4
    x = whole ? int(x) : sprintf("%.3f", x)
    if (rand() < 0.2) sub(/^0\./, ".", x)
    return x
}
function value(name, allowed, words, n, i, list) {
    if (rand() < 0.02) return "nonsense"
    whole = allowed ~ /integer/
    if (allowed ~ /, or 0$/ && rand() < 0.2) return 0
    if (match(allowed, /(number|integer|time) from [0-9.]+ to [0-9.]+/)) {
        sub(/^.* from/, "from", allowed)
        match(allowed, /from [0-9.]+ to [0-9.]+/)
        split(substr(allowed, RSTART + 5, RLENGTH - 5), words, " to ")
        return number(words[1] + 0, words[2] + 0, whole)
    }
    if (match(allowed, /bandwidth from/)) {
        if (rand() < 0.2) return pick(54) "." pick(100) "Mb"
        return rand() < 0.1 ? "." 1 + pick(99) "Mb" : (1 + pick(900)) "kb"
    }
    if (allowed ~ /^pairs/) return pick(20) "-" pick(20)
    if (allowed ~ /node number/) return pick(20) (rand() < 0.2 ? "," pick(20) : "")
    sub(/^(one|any) of /, "", allowed)
    joined = sub(/, joined by \+$/, "", allowed)
    n = split(allowed, words, ", ")
    list = words[1 + pick(n)]
    if (joined && rand() < 0.3) list = list "+" words[1 + pick(n)]
    return list
}
# Whether an option has what it needs, given the values of this set.
function is_met(option, n, i, words, part, j, v, met) {
    n = split(needs[scenario, option], words, "; ")
    for (i = 1; i <= n; i++) {
        if (words[i] ~ /^no /) {
            if (substr(words[i], 4) in used) return 0
        } else if (words[i] ~ /^a scenario/) {
            if (scenario != "iot16") return 0
        } else {
            split(words[i], part, " ")
            v = (part[1] in used) ? used[part[1]] : default_of[scenario, part[1]]
            met = part[2] == "not" && v != part[3]
            for (j = 2; part[2] != "not" && j in part; j++) met = met || v == part[j]
            if (!met) return 0
        }
    }
    return 1
}
# Options of an attack follow a heading that names it; rarely, another attack gets them.
$2 == "#" { attack = $3 == "attack" && NF > 3 ? $4 : ""; sub(/:$/, "", attack); next }
$2 !~ /^[a-z_]+$/ { next }
{ split($0, field, /  +/)
  scenario = field[1]
  if (!(scenario in n)) scenarios[++n_scenario] = scenario
  name[scenario, n[scenario]] = field[2]
  of[scenario, field[2]] = attack
  default_of[scenario, field[2]] = field[3]
  if (match($0, /\[needs .*\]$/))
      needs[scenario, field[2]] = substr($0, RSTART + 7, RLENGTH - 8)
  for (i = 3; i in field; i++)
      if (field[i] ~ /^(one of|any of|an? [a-z]+ from|pairs of|node num|a node num)/) {
          allowed[scenario, field[2]] = field[i]
          break
      }
  n[scenario]++ }
END {
    srand(seed)
    for (k = 1; k <= sets; k++) {
        scenario = scenarios[1 + pick(n_scenario)]
        line = scenario " --set duration=" sprintf("%.1f", 0.3 + rand())
        split("", used)
        split("", chosen)
        fixed["duration"] = fixed["seed"] = fixed["nodes"] = fixed["attack"] = 1
        if (scenario != "iot16") line = line " --set nodes=" 4 + pick(40)
        attacks = value("attack", allowed[scenario, "attack"])
        line = line " --attack " attacks
        n_chosen = 0
        for (o = pick(24); o > 0; o--) {
            option = name[scenario, pick(n[scenario])]
            if (option in used || option in fixed || !((scenario, option) in allowed)) continue
            its = of[scenario, option]
            if (its != "" && index(attacks, its) == 0 && rand() < 0.98) continue
            chosen[n_chosen++] = option
            used[option] = value(option, allowed[scenario, option])
        }
        # One that is left out may be what another needs. A few stay, without effect.
        for (c = 0; c < n_chosen; c++) stubborn[c] = rand() < 0.03
        for (round = 0; round < 3; round++)
            for (c = 0; c < n_chosen; c++)
                if (chosen[c] in used && !stubborn[c] && !is_met(chosen[c])) delete used[chosen[c]]
        for (c = 0; c < n_chosen; c++)
            if (chosen[c] in used) line = line " --set " chosen[c] "=" used[chosen[c]]
        print line " --seeds " k
    }
}' listing >sets
is 'there are as many sets as asked for' "$(wc -l <sets)" "${OPTION_SETS:-40}"

try() { # SET: prints how it ended
    local set=$1 status=0
    # shellcheck disable=SC2086
    "$ADLIOTLOG" simulate --scenario ${set} --timeout 60 --jobs 1 --out runs >"$$.out" \
        2>"$$.err" </dev/null || status=$?
    if [ $status = 0 ] && [ -s "$$.out" ]; then
        echo ran
        rm -rf "$(cat "$$.out")"
    elif [ $status = 2 ] && [ "$(wc -l <"$$.err")" = 1 ]; then
        echo refused
    else
        echo "status $status: $set: $(head -n 3 "$$.err" | tr '\n' ' ')"
    fi
    rm -f "$$.out" "$$.err"
}
export -f try
# shellcheck disable=SC2016
xargs -P "$(nproc)" -d '\n' -n 1 bash -c 'try "$0"' <sets >ended
is 'each runs, or is refused in a line' "$(grep -vE '^(ran|refused)$' ended)" ''
echo "# $(grep -c '^ran$' ended) ran, $(grep -c '^refused$' ended) were refused"
check 'some of them run' test "$(grep -c '^ran$' ended)" -ge 5
check 'and some are refused' test "$(grep -c '^refused$' ended)" -ge 5

finish
