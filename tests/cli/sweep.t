#!/usr/bin/env bash
# adliotlog simulate over many runs: which they are, what is the same run, what becomes of them when
# ns fails or someone stops it.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

simulate() { "$ADLIOTLOG" simulate "$@"; }
listing() { ls -A "$1"; }

# Writes an executable that stands for ns; only its version is always right. What it is started for
# is added to the file starts.
fake_ns() { # NAME SCRIPT
    { # shellcheck disable=SC2016
        printf '#!/bin/sh\ncase "$*" in *--ns-version*) echo 2.35; exit;; esac\n'
        printf 'echo "$*" >>%s/starts\n%s\n' "$PWD" "$2"
    } >"$1"
    chmod +x "$1"
}
# What was started, one a line: the values of these options, in order.
started() { # NAME...
    local name row
    touch starts
    while read -r row; do
        for name; do
            grep -oE "(^| )$name=[^ ]*" <<<"$row" | tail -n 1 | tr -d '\n'
        done
        echo
    done <starts | sed 's/^ //' | sort | tr '\n' ';'
}
# What was planned, one a line: members by JSON path.
planned() { # PATH...
    local columns='' path
    for path; do columns="$columns${columns:+ || ' ' || }ifnull(line ->> '$path', '-')"; done
    sqlite3 :memory: 'CREATE TABLE plan(line TEXT)' '.mode ascii' '.separator "\037" "\n"' \
        '.import out plan' '.mode list' '.separator "|" "\n"' "SELECT $columns FROM plan"
}

fake_ns tracing 'echo s 1.0 >trace.tr'
fake_ns counting 'exec ns "$@"'

# ---- which runs -------------------------------------------------------------

export NS=./no-such-ns
exits 0 'plans need no ns' simulate --seeds 1..2 --sweep packet_size=100,200 --sweep rate=1Mb,2Mb \
    --attack none,hidden-channel --plan
is 'seeds outermost, then sweeps as given, twins side by side' \
    "$(planned '$.seed' '$.parameters.packet_size' '$.parameters.rate' '$.attack' | head -n 6)" \
    '1 100 1000000 none
1 100 1000000 hidden-channel
1 100 2000000 none
1 100 2000000 hidden-channel
1 200 1000000 none
1 200 1000000 hidden-channel'
is 'all of them' "$(planned '$.seed' '$.parameters' '$.attack' | sort -u | wc -l)" 16
exits 0 'a range of integers' simulate --sweep packet_size=98..101,200 --plan
is 'is each of them' "$(planned '$.parameters.packet_size' | tr '\n' ' ')" '98 99 100 101 200 '
exits 0 'values with commas' simulate --sweep 'levels=AGT;AGT,MAC;RTR' --plan
is 'stand between semicolons' "$(planned '$.parameters.levels' | tr '\n' ' ')" \
    '["AGT"] ["AGT","MAC"] ["RTR"] '
exits 0 'a single plan' simulate --plan
is 'is for people to read' "$(head -n 2 out)" '{
  "scenario" : "iot16",'
unlike 'and about the run alone' out '"(sources|unused)"'
exits 0 'as JSON' simulate --plan --json
is 'it is one line' "$(wc -l <out)" 1

exits 0 'a list of options' simulate --list
like 'names the scenarios' out '^iot16:$'
exits 0 'that of one scenario' simulate --list --scenario iot16
unlike 'does not' out '^iot16:$'
is 'and is part of it' "$(sed -n '/^iot16:$/,/^[a-z0-9]*:$/p' <(simulate --list) | grep -cxFf out)" \
    "$(wc -l <out)"

# ---- what is refused, before ns runs ------------------------------------------

NS=./counting
refused() { # NAME PATTERN ARGUMENT...
    local name=$1 pattern=$2
    shift 2
    exits 2 "$name is refused" simulate --out refused "$@"
    is "$name: in one line" "$(wc -l <err)" 1
    like "$name: the message says why" err "$pattern"
}
refused 'a sweep without values' "--sweep 'rate' is not of the form NAME=VALUE,VALUE" --sweep rate
refused 'a sweep without a name' "--sweep '=1' is not of the form" --sweep =1
refused 'a range that is empty' "--sweep packet_size: the range '5..4' is empty" --sweep packet_size=5..4
refused 'a range without end' "the range '1..999999999' is too long" --sweep packet_size=1..999999999
refused 'more runs than anybody could wait for' 'more than 100000 runs' \
    --seeds 1..1000 --sweep packet_size=1..1000
refused 'one wrong value among many' "option 'packet_size': '0' is not an integer from 1" \
    --seeds 1..50 --sweep packet_size=11..15,0
refused 'an option that is swept twice' "'rate' is given twice" --sweep rate=1Mb --sweep rate=2Mb
refused 'an option that is swept and set' "'rate' is given twice" --sweep rate=1Mb --set rate=2Mb
refused 'a value that is swept twice' 'is asked for twice' --sweep rate=1Mb,2Mb,1Mb
refused 'a value of two lines' "setting 'rate=1\\\\n2' holds a tab or the end of a line" \
    --set $'rate=1\n2'
refused 'a seed that is set' '^adliotlog simulate: --set seed=3: use --seeds 3$' --set seed=3
refused 'seeds that are swept' '^adliotlog simulate: --sweep seed=1..3: use --seeds 1..3$' --sweep seed=1..3
refused 'an option of an attack that is not there' \
    "option 'attack_start' is of no attack that is simulated" --attack none --set attack_start=1
refused 'an option that has no effect on any run' "iot16: option 'rate' has no effect with traffic tcp$" \
    --traffic tcp --sweep rate=1Mb,2Mb
refused 'one that another makes useless' "'scan_count' has no effect with scan_nodes$" \
    --attack none,scan --set scan_nodes=4,7 --set scan_count=2
exits 0 'one that has an effect on some' simulate --traffic udp,tcp --sweep rate=1Mb,2Mb --plan
is 'is a parameter of these alone' "$(planned '$.traffic' '$.parameters.rate')" 'udp 1000000
udp 2000000
tcp 1000000'
check 'ns was never started and nothing was made' test ! -e starts -a ! -e refused

# A scenario script of one's own that breaks the rules.
broken() { # NAME STATUS PATTERN SCRIPT
    echo "$4" >broken.tcl
    exits "$2" "a script that $1" simulate --scenario ./broken.tcl --seeds 1..2 --out refused
    like "that $1: is told so" err "$3"
}
plan='{"scenario":"toy","attack":"none","traffic":"udp","seed":1,"parameters":{},"sources":[]}'
broken 'plans one run of two' 3 'broken.tcl: --plans printed no plan: there are fewer than runs' \
    "puts {$plan}"
broken 'plans three runs of two' 3 'broken.tcl: --plans printed no plan' \
    "puts {$plan}; puts {$plan}; puts {$plan}"
broken 'ends its line in the middle' 3 'broken.tcl: --plans printed no plan: not valid JSON' \
    'puts "{"'
broken 'plans without end' 3 'broken.tcl: --plans printed a plan of more than 64 MiB$' \
    'while 1 {puts -nonewline [string repeat 0123456789 100000]}'
broken 'plans at length' 3 'broken.tcl: --plans printed no plan: there are fewer than runs' \
    "puts [string map [list {{}} \\{\"doc\":\"[string repeat 0123456789 2000000]\"\\}] {$plan}]"
broken 'leads out of the folder' 3 'lacks a scenario, attack, traffic or seed that can name a run' \
    "puts {${plan/toy/..\/toy}}"
broken 'has its own words' 2 'adliotlog simulate: not on Sundays' \
    'puts {{"refused":"not on Sundays"}}'
broken 'fails' 3 'broken.tcl: tclsh ended with status 1: no idea' 'error "no idea"'
check 'nothing was made then either' test ! -e starts -a ! -e refused

# ---- one benign run for all attacks -------------------------------------------

exits 0 'attacks at three times, and without' \
    simulate --attack none,hidden-channel --sweep attack_start=0.1,0.2,0.3 --set duration=0.5 --out runs
is 'one benign run is the twin of all' "$(sed 's/-[0-9a-f]*$//' out)" 'runs/iot16-none-udp-s1
runs/iot16-hidden-channel-udp-s1
runs/iot16-hidden-channel-udp-s1
runs/iot16-hidden-channel-udp-s1'
is 'each was simulated once' "$(wc -l <starts) $(listing runs | wc -l)" '4 4'
benign=$(head -n 1 out)
exits 0 'the benign run alone' simulate --set duration=0.5 --json --out runs
like 'is the same, finished already' out "^\{\"directory\":\"$benign\",.*\"skipped\":true\}"
exits 0 'two ways to say the same' simulate --sweep rate=1Mb,1000kb --set duration=0.5 --out runs
is 'are one run' "$(cat out)" "$benign"
is 'that is finished' "$(wc -l <starts)" 4
sed '1a # another text' "$TOP/scenarios/iot16.tcl" >iot16.tcl
exits 0 'another text of the scenario' simulate --scenario ./iot16.tcl --set duration=0.5 --out runs
check 'is another run' test "$(cat out)" != "$benign"

# ---- ns that fails -------------------------------------------------------------

fake_ns failing 'case "$*" in
*seed=2*) echo out of luck >&2; exit 1;;
*seed=5*) ;;
*) echo s 1.0 >trace.tr;;
esac'
NS=./failing
exits 5 'two runs of six that fail' simulate --seeds 1..6 --jobs 2 --out failed
is 'the others are there' "$(sed 's/.*-s\([0-9]*\)-.*/\1/' out | tr '\n' ' ') $(listing failed | wc -l)" \
    '1 3 4 6  4'
is 'those that failed are listed at the end, with why' \
    "$(tail -n 3 err | sed -E 's/-[0-9a-f]{12}:/:/; s,: /.*/failing,: failing,')" \
    'adliotlog simulate: failed/iot16-none-udp-s2: failing ended with status 1: out of luck
adliotlog simulate: failed/iot16-none-udp-s5: ns wrote no trace
adliotlog simulate: 2 of 6 runs failed'
: >starts
NS=./tracing exits 0 'once ns is mended' simulate --seeds 1..6 --jobs 2 --out failed
is 'only those are done' "$(started seed)" 'seed=2;seed=5;'

# ---- stopped in the middle, and resumed ------------------------------------------

# An ns that works for the first three seeds, and never ends for others.
fake_ns stuck 'case "$*" in
*seed=[123]*) echo s 1.0 >trace.tr;;
*) exec sleep 1000;;
esac'
mkfifo printed
stop() { # SIGNAL JOBS; leaves the exit status in status
    rm -rf stopped starts
    NS=./stuck "$ADLIOTLOG" simulate --seeds 1..8 --jobs "$2" --out stopped >printed 2>err &
    local program=$! row
    for _ in 1 2 3; do
        read -r row
        echo "$row"
    done <printed >first
    kill "-$1" $program
    status=0
    wait $program 2>/dev/null || status=$?
}
for signal in KILL INT; do
    for jobs in 1 2; do
        stop $signal $jobs
        is "$signal with $jobs at a time: exit status" "$status" \
            "$([ $signal = INT ] && echo 130 || echo 137)"
        is "$signal with $jobs at a time: what is finished is there, nothing else looks so" \
            "$(listing stopped | grep -v '^\.' | sed 's,^,stopped/,')" "$(sort first)"
        : >starts
        NS=./tracing exits 0 "$signal with $jobs at a time: gone on" \
            simulate --seeds 1..8 --jobs "$jobs" --out stopped
        is "$signal with $jobs at a time: with the others alone, each once" "$(started seed)" \
            'seed=4;seed=5;seed=6;seed=7;seed=8;'
        is "$signal with $jobs at a time: nothing is missing or left over" \
            "$(listing stopped | sed 's,^,stopped/,')" "$(sort out)"
    done
done

# What another sweep has left, and what is not a run's at all, is left alone.
mkdir others others/.iot16-none-udp-s9-0123456789ab.abcdef_ others/.x others/.y.z_
NS=./tracing exits 0 'a folder with leftovers of others' simulate --out others
is 'keeps them' "$(listing others | grep -c '^\.')" 3

finish
