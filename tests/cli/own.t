#!/usr/bin/env bash
# The scenario that scenarios/README.md teaches, taken from there, with the commands beside it.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

adliotlog() { "$ADLIOTLOG" "$@"; }

awk '/^```tcl$/ { inside = 1; next } /^```$/ { inside = 0 } inside' \
    "$TOP/scenarios/README.md" >lab.tcl
check 'the README has a scenario' test -s lab.tcl
check 'that is short' test "$(wc -l <lab.tcl)" -le 30

mapfile -t commands < <(grep -E '^    adliotlog simulate --scenario ./lab\.tcl' "$TOP/scenarios/README.md" |
    sed 's/^ *//')
is 'and three commands' "${#commands[@]}" 3
exits 0 'its options can be listed' eval "${commands[0]}"
like 'with its defaults' out '^rate +200kb '
exits 0 'it can be planned' eval "${commands[1]}"
like 'with the attack' out '"attack" : "hidden-channel"'
exits 0 'and simulated with its twins' eval "${commands[2]}"
is 'for each seed' "$(grep -c lab-hidden-channel-udp- out) $(grep -c lab-none-udp- out)" '5 5'

mapfile -t plain < <(grep -E '^    TCLLIBPATH=' "$TOP/scenarios/README.md" | sed 's/^ *//')
is 'and two without adliotlog' "${#plain[@]}" 2
ln -s "$TOP/scenarios" scenarios
dirs=$(cat out)
exits 0 'which plan it' eval "${plain[0]}"
like 'with the attack too' out '"attack" *: *"hidden-channel"'
exits 0 'and simulate it' eval "${plain[1]}"
check 'into a trace' test -s trace.tr
echo "$dirs" >out

xargs "$ADLIOTLOG" ingest --store lab.db <out >ingested 2>&1
is 'all of it can be ingested' "$(sqlite3 lab.db 'SELECT count(*), sum(n_reject) FROM run')" '10|0'
is 'twins find each other' "$(sqlite3 lab.db 'SELECT count(*) FROM twin')" 5
is 'the accomplice receives under attack only' \
    "$(sqlite3 lab.db "SELECT attack, count(DISTINCT run_id), min(received) > 100
        FROM talk JOIN run USING (run_id) WHERE dst = 5 GROUP BY attack")" 'hidden-channel|5|1'

sed 's/{2 250 250 1}/{2 550 250 1}/' lab.tcl >cut.tcl
exits 2 'a network that is cut in two is refused' adliotlog simulate --scenario ./cut.tcl
like 'with the reason' err 'node 2'
finish
