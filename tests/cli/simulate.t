#!/usr/bin/env bash
# adliotlog simulate, with real ns and with several that fail.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

simulate() { "$ADLIOTLOG" simulate "$@"; }
iot16() { ns "$TOP/scenarios/iot16.tcl" "$@" >ns.out 2>&1; }
listing() { ls -A "$1"; }
# A member of a manifest, by JSON path.
member() { sqlite3 :memory: "SELECT json_extract(readfile('$1/manifest.json'), '$2')"; }
# The first line of file 2 that differs from file 1.
first_difference() { sed -n "$(cmp "$1" "$2" | awk '{ print $NF }')p" "$2"; }

# Writes an executable that stands for ns; only its version is always right.
fake_ns() { # NAME SCRIPT
    { # shellcheck disable=SC2016
        printf '#!/bin/sh\ncase "$*" in *--ns-version*) echo 2.35; exit;; esac\n%s\n' "$2"
    } >"$1"
    chmod +x "$1"
}

# ---- what is refused, before ns runs --------------------------------------

fake_ns marking 'touch ns-was-here'
refused() { # NAME PATTERN ARGUMENT...
    local name=$1 pattern=$2
    shift 2
    NS=./marking exits 2 "$name is refused" simulate --out refused "$@"
    like "$name: the message says why" err "$pattern"
}
refused 'a typo in an option' "unknown option 'atack' \(did you mean 'attack'\?\)" --set atack=none
refused 'an unknown attack' "'wormhoel' is not one of none, .*hidden-channel.*wormhole" --attack none,wormhoel
refused 'unknown traffic' "'sctp' is not one of udp" --traffic sctp
refused 'an attack after the end' '9\.0 s is not before the end' --attack hidden-channel \
    --set attack_start=9 --set duration=9
refused 'a trace without levels' 'at least one of' --set levels=
refused 'a bad seed among good ones' "'0' is not an integer from 1" --seeds 0..3
refused 'no seeds at all' "seeds 'x' are not like" --seeds x
refused 'a seed that is set' '--set seed=3: use --seeds 3' --set seed=3
refused 'one run asked for twice' 'is asked for twice' --attack none --attack none
refused 'an unknown scenario' "unknown scenario 'iot61' \(there is .*iot16" --scenario iot61
refused 'a script that is not there' "no scenario script './no.tcl'" --scenario ./no.tcl
refused 'an argument' "unexpected argument 'runs'" runs
refused 'no jobs' 'jobs is not from 1' --jobs 0
refused 'no time' 'timeout is not from' --timeout 0
check 'ns was never started and nothing was made' test ! -e ns-was-here -a ! -e refused

exits 0 'the options of a scenario can be listed' simulate --list
like 'with their defaults and units' out '^data_rate +11Mb +bit/s '

# ---- twins ----------------------------------------------------------------

exits 0 'both twins of two seeds' \
    simulate --attack none,hidden-channel --seeds 1..2 --set duration=2 --jobs 2 --out runs
mapfile -t run <out
is 'one directory a line, in the order of the seeds' "$(sed 's/-[0-9a-f]*$//' out)" \
    'runs/iot16-none-udp-s1
runs/iot16-hidden-channel-udp-s1
runs/iot16-none-udp-s2
runs/iot16-hidden-channel-udp-s2'
is 'nothing else is made' "$(listing runs | wc -l) $(listing "${run[0]}" | tr '\n' ' ')" \
    '4 manifest.json trace.tr '
benign=${run[0]}/trace.tr attack=${run[1]}/trace.tr
check 'seeds give different traces' test "$(cmp "$benign" "${run[2]}/trace.tr" | wc -l)" = 1
first_difference "$benign" "$attack" >first
like 'twins are equal up to the first packet of the attack' first \
    '^s [0-9.]+ _14_ AGT .* cbr 1500 .*\[14:0 15:0 32 0\]'

like 'under attack 15 receives what 14 sends it' "$attack" '^r [0-9.]+ _15_ AGT .*\[14:0 15:0 '
check 'most of it' test "$(grep -Ec '^r [0-9.]+ _15_ AGT .*\[14:0 15:0 ' "$attack")" -gt 150
like 'after ARP over the hidden channel' "$attack" '^r .*_14_ MAC .* ARP .*\[REQUEST 17/15 0/14\]'
like 'and AODV' "$attack" '^r .*_14_ RTR .* AODV .*\[15:255 14:255 .*\(REPLY\)'
unlike 'and 2 is left alone by 14' "$attack" '^s [0-9.]+ _14_ AGT .* \[14:0 2:0 '
hidden_mac='^[srD].* MAC .*\[[0-9a-f]+ (1[01] [0-9a-f]+|[0-9a-f]+ 1[01]) [0-9a-f]+\]'
like 'hidden MAC numbers are seen under attack' "$attack" "$hidden_mac"
unlike 'and only then' "$benign" "$hidden_mac"
unlike 'there are no lines of another kind' "$attack" '^[^srfD]'

exits 0 'both twins, the attack from 3 s on' simulate --attack none,hidden-channel --seeds 3 \
    --set attack_start=3 --set duration=4 --set format=new --out late
mapfile -t late <out
first_difference "${late[0]}/trace.tr" "${late[1]}/trace.tr" >first
is 'they are equal until 3 s and differ from then on' "$(awk '{ print int($3) }' first)" 3
like 'with flow 8 after flow 0, of the same flow id' "${late[1]}/trace.tr" \
    '^r -t 3\.[0-9]+ .*-Nl AGT .*-Is 14\.0 -Id 15\.0 .*-If 0 '
is 'both are in the manifest' \
    "$(member "${late[1]}" '$.flows[0].stop') $(member "${late[1]}" '$.flows[8].start')" '3.0 3.0'

exits 0 'AGT lines alone' \
    simulate --attack hidden-channel --set levels=AGT --set duration=1 --out levels
unlike 'leave no others but drops, hidden or not' "$(cat out)/trace.tr" '^[srf] .* (RTR|MAC|IFQ) '

# ---- options that change what is sent ----------------------------------------

exits 0 'radios of 2 Mb/s' simulate --set data_rate=2Mb --set duration=2 --out slow
received() { grep -c '^r .* AGT ' "$1"; }
check 'deliver less than those of 11 Mb/s in the same time' \
    test "$(received "$(cat out)/trace.tr")" -lt $(($(received "$benign") / 2))

exits 0 'packets of 500 bytes at 0.5 Mb/s' \
    simulate --set packet_size=500 --set rate=0.5Mb --set duration=1 --out small
is 'are sent with that size, 8 ms apart, by each flow' \
    "$(awk '$1 == "s" && $4 == "AGT" { key = $8 " " ($14 in last ? sprintf("%.3f", $2 - last[$14]) : "-")
           kinds[key]++; last[$14] = $2 }
       END { for (key in kinds) print key }' "$(cat out)/trace.tr" | sort | tr '\n' ' ')" \
    '500 - 500 0.008 '

exits 0 'an attack that begins after 10 ns' \
    simulate --attack hidden-channel --set attack_start=0.00000001 --set duration=1 --out early
is 'has a manifest that others can read' \
    "$(sqlite3 :memory: "SELECT json_valid(m), json_extract(m, '\$.attacks[0].start') = 1e-8
        FROM (SELECT CAST(readfile('$(cat out)/manifest.json') AS TEXT) AS m)")" '1|1'
exits 0 'and that is found again' simulate --attack hidden-channel \
    --set attack_start=0.00000001 --set duration=1 --out early
like 'as finished' err 'is finished already, skipped'

# ---- what an attack could be known by --------------------------------------

# op, level, reason, packet type, size, TTL, ports, MAC duration and type (new: flow id) of each line
kinds_old() {
    awk '{ header = match($0, /------- \[[0-9]+:[^\]]*\]/) ? substr($0, RSTART, RLENGTH) : ""
           split(header, ip, " "); split($0, mac, "[][]"); split(mac[2], field, " ")
           sub(".*:", "", ip[2]); sub(".*:", "", ip[3])
           print $1, $4, $5, $7, $8, ip[4], ip[2], ip[3], field[1], field[4] }' "$@" | sort -u
}
kinds_new() {
    awk '{ for (i = 2; i < NF; i += 2) value[$i] = $(i + 1)
           sub(".*[.]", "", value["-Is"]); sub(".*[.]", "", value["-Id"])
           print $1, value["-Nl"], value["-Nw"], value["-It"], value["-Il"], value["-If"],
                 value["-Iv"], value["-Is"], value["-Id"], value["-Ma"], value["-Mt"],
                 value["-Po"]; split("", value) }' "$@" | sort -u
}
for format in old new; do
    for seed in 1 2 3; do
        iot16 --trace "b$seed.tr" seed=$seed duration=2 format=$format
        iot16 --trace "a$seed.tr" --hidden-trace "h$seed.tr" attack=hidden-channel seed=$seed \
            duration=2 format=$format
    done
    "kinds_$format" b?.tr >benign.kinds
    # What the flow's agents do is traced by the nodes themselves.
    cat h?.tr <(grep -hE 'AGT .*(\[14:0 15:0 |-Is 14\.0 -Id 15\.0 )' a?.tr) >hidden.tr
    "kinds_$format" hidden.tr >hidden.kinds
    is "$format format: hidden stack and flow write no kind of line that benign runs lack" \
        "$(comm -13 benign.kinds hidden.kinds)" ''
    check "$format format: it writes all kinds that a first contact takes" \
        test "$(wc -l <hidden.kinds)" -ge 28
    iot16 --trace whole.tr attack=hidden-channel seed=3 duration=2 format=$format
    is "$format format: its lines and the others are the whole trace" \
        "$(sort a3.tr h3.tr | sha256sum)" "$(sort whole.tr | sha256sum)"
done
for routing in DSDV DSR static; do
    for seed in 1 2 3; do
        # DSDV takes a while to let its nodes send at all.
        world=("seed=$seed" duration=4 "routing=$routing" rate=200kb)
        iot16 --trace "b$seed.tr" "${world[@]}"
        iot16 --trace "a$seed.tr" --hidden-trace "h$seed.tr" attack=hidden-channel attack_start=2 "${world[@]}"
    done
    # What DSR notes for itself is no event.
    kinds_old b?.tr | grep '^[srfD]' >benign.kinds
    kinds_old <(cat h?.tr; grep -h 'AGT .*\[14:0 15:0 ' a?.tr) | grep '^[srfD]' >hidden.kinds
    is "$routing: neither does a hidden channel that is routed as all is" \
        "$(comm -13 benign.kinds hidden.kinds)" ''
    check "$routing: which writes some kinds" test "$(wc -l <hidden.kinds)" -ge 11
done

# ---- the manifest ----------------------------------------------------------

is 'the manifest has the SHA-256 of the trace' "$(member "${run[1]}" '$.trace.sha256')" \
    "$(sha256sum <"$attack" | cut -d ' ' -f 1)"
is 'and its size' "$(member "${run[1]}" '$.trace.bytes')" "$(wc -c <"$attack")"
is 'numbers are numbers' "$(sqlite3 :memory: "WITH m(j) AS (SELECT readfile('${run[1]}/manifest.json'))
    SELECT json_type(j, '$.seed'), json_type(j, '$.duration'), json_type(j, '$.nodes[0].x'),
           json_type(j, '$.parameters.data_rate'), json_type(j, '$.flows[0].start') FROM m")" \
    'integer|real|integer|integer|real'
is 'flows under attack' "$(sqlite3 :memory: "SELECT group_concat(value ->> '\$.flow' || ':' ||
    (value ->> '\$.src') || '-' || (value ->> '\$.dst') || '/' || (value ->> '\$.attack'), ' ')
    FROM json_each(readfile('${run[1]}/manifest.json'), '$.flows')")" \
    '1:6-15/0 2:3-2/0 3:2-3/0 4:8-9/0 5:0-12/0 6:2-11/0 7:15-5/0 8:14-15/1'
is 'the attack is in one twin, with who did it and what its events are known by' \
    "$(for i in 0 1; do member "${run[$i]}" '$.attacks[0].nodes'
        member "${run[$i]}" '$.attacks[0].labels[1]'; done | tr '\n' ' ')" \
    '  [{"node":14,"role":"attacker"},{"node":15,"role":"accomplice"}] {"mac":16,"covert":true} '
is 'and so are its radios' \
    "$(for i in 0 1; do member "${run[$i]}" '$.interfaces[16]'; done | tr '\n' ' ')" \
    ' {"mac":16,"node":14,"hidden":true} '
mkdir again
(cd again && sh -c "$(member "../${run[1]}" '$.command')") >ns.out 2>&1
check 'the command in it makes the same trace' cmp again/trace.tr "$attack"

# ---- running again ---------------------------------------------------------

inode() { stat -c %i "$1"; }
before=$(inode "$benign")
exits 0 'a finished run is skipped' simulate --set duration=2 --out runs
is 'its directory is printed' "$(cat out)" "${run[0]}"
like 'and that it was skipped' err "${run[0]} is finished already, skipped"
is 'and it is left alone' "$(inode "$benign")" "$before"
exits 0 'the same values in other words are the same run' \
    simulate --set duration=2.0 --set data_rate=11000kb --set levels=MAC,RTR,AGT --json --out runs
like 'JSON says so' out '^\{"directory":"runs/iot16-none-udp-s1-[0-9a-f]{12}","scenario":"iot16",.*"skipped":true\}$'

cp "$benign" first.tr
exits 0 'with --force it is done again' simulate --force --set duration=2 --out runs
check 'anew' test "$(inode "$benign")" != "$before"
check 'with the same bytes' cmp "$benign" first.tr
truncate -s -100 "$benign"
exits 0 'a run whose trace was damaged' simulate --set duration=2 --out runs
check 'is done again' cmp "$benign" first.tr
exits 0 'a run that has no nam file yet' simulate --nam --set duration=2 --out runs
check 'is done again with one, and the same trace' cmp "$benign" first.tr
like 'the nam file has nodes and packets' "${run[0]}/trace.nam" '^n -t \* -s 15 '
is 'the manifest names it' "$(member "${run[0]}" '$.nam')" trace.nam
is 'no run left anything else behind' "$(listing runs | wc -l)" 4

full_stdout() { simulate --set duration=2 --out runs >/dev/full; }
exits 4 'stdout that is full' full_stdout
touch file
exits 4 'a file in the place of the folder' simulate --set duration=1 --out file
like 'is named' err "file"

# A scenario of the user's own, with the library that the program brings along.
sed 's/name iot16/name mine/' "$TOP/scenarios/iot16.tcl" >mine.tcl
exits 0 "a scenario script of one's own" simulate --scenario ./mine.tcl --set duration=1 --out own
like 'gives its name to the run' out '^own/mine-none-udp-s1-'
echo 'puts nonsense' >mine.tcl
exits 3 'one that plans nothing' simulate --scenario ./mine.tcl --out own
like 'is told so' err 'mine.tcl: --plans printed no plan'

sed 's/collusion {14 15}/collusion {13 15}/' "$TOP/scenarios/iot16.tcl" >mine.tcl
exits 2 'one that contradicts itself' simulate --scenario ./mine.tcl --out own
is 'is told so in one line' "$(sed 's/^.*iot16: //' err)" \
    'collusion {13 15}: 13 has no upload that could go to 15 instead'

sed '/^scn::main/,$ s/defaults/defaults {/' "$TOP/scenarios/field.tcl" >open.tcl
exits 2 'one that does not end' simulate --scenario ./open.tcl --out own
is 'is told where, in one line' "$(sed 's,^.*/open.tcl,open.tcl,' err)" \
    'open.tcl:12: a brace, bracket or quote of the command that begins here is not closed'
for text in 'name' 'name mine nodes {{0 1 2 0}x} area {9 9}' 'nodes {}'; do
    # shellcheck disable=SC2016 # Tcl's
    printf 'package require scn\nscn::main {%s} $argv\n' "$text" >odd.tcl
    exits 2 "one that declares '$text'" simulate --scenario ./odd.tcl --out own
    is 'is told so in one line' "$(wc -l <err)" 1
    like 'that names it' err '(/odd.tcl|: mine): the scenario '
    exits 2 'also when it is asked for its options' simulate --scenario ./odd.tcl --list
done
sed '/^scn::main/i source [file join [file dirname [info script]] part.tcl]' "$TOP/scenarios/field.tcl" >whole.tcl
echo 'set a 1' >part.tcl
exits 0 'one of two files' simulate --scenario ./whole.tcl --set nodes=6 --set gateways=1 --set duration=0.2 --out own
first=$(cat out)
echo 'set a 2' >part.tcl
exits 0 'of which the other has another text' simulate --scenario ./whole.tcl --set nodes=6 --set gateways=1 \
    --set duration=0.2 --out own
check 'is another run' test "$(cat out)" != "$first"

# ---- the script itself -------------------------------------------------------

script() { "$1" "$TOP/scenarios/iot16.tcl" "${@:2}"; }
for shell in tclsh ns; do
    exits 2 "$shell: a wrong option" script $shell seed=x
    like 'is named' err "^iot16: option 'seed': 'x' is not an integer from 1 to 2147483647$"
    exits 2 "$shell: an unknown switch" script $shell --tarce t.tr
    like 'with the one that was meant' err "^iot16: unknown option '--tarce' \(did you mean '--trace'\?\)$"
done
exits 2 'ns without --trace' script ns seed=1
like 'is told so' err '^iot16: --trace FILE is missing$'
exits 2 '--trace without a name' script ns --trace
like 'too' err '^iot16: --trace needs a file name$'
exits 2 'tclsh' script tclsh --trace t.tr
like 'cannot simulate' err "^iot16: tclsh can only --list and --plan: to simulate, call 'ns iot16.tcl'$"
check 'nothing was written' test ! -e t.tr
exits 4 'a trace that cannot be made' script ns --trace no/such/folder/t.tr
like 'is named' err '^iot16: .*no/such/folder/t.tr'
exits 4 'a trace on a full disk' script ns --trace /dev/full duration=1
like 'is named too' err '/dev/full'

# ---- ns that fails ---------------------------------------------------------

mkdir bin
ln -s "$(command -v tclsh)" bin/tclsh
PATH=$PWD/bin exits 5 'no ns on PATH' simulate --out failed
like 'what to do about it' err "cannot run 'ns'.*make deps.*NS"
NS=/bin/true exits 5 'something else than ns' simulate --out failed
check 'nothing was made' test ! -e failed

fake_ns failing 'case "$*" in
*seed=1*) kill -SEGV $$;;
*seed=2*) ;;
*seed=3*) : >trace.tr;;
*seed=4*) printf "s 1.0 half a li" >trace.tr;;
*seed=5*) echo s 1.0 >trace.tr; echo cannot go on >&2; exit 3;;
*) exec ns "$@";;
esac'
NS=./failing exits 5 'an ns that fails in every way' \
    simulate --seeds 1..6 --jobs 4 --set duration=1 --out failed
like 'the run that went well is printed' out '^failed/iot16-none-udp-s6-[0-9a-f]{12}$'
is 'alone' "$(wc -l <out) $(cat out)" "1 failed/$(listing failed)"
like 'crashed' err 's1-[0-9a-f]*: .* was ended by signal 11'
like 'without a trace' err 's2-[0-9a-f]*: ns wrote no trace'
like 'with an empty one' err 's3-[0-9a-f]*: ns wrote an empty trace'
like 'with one that is cut off' err 's4-[0-9a-f]*: ns wrote a trace that ends inside a line'
like 'in its own words' err 's5-[0-9a-f]*: .* ended with status 3: cannot go on'
like 'the sum' err '5 of 6 runs failed'

fake_ns hanging 'case "$*" in *seed=1*) sleep 1000;; *) yes >&2;; esac'
NS=./hanging exits 5 'an ns that does not end' simulate --seeds 1..2 --timeout 1 --out hung
is 'is killed, idle or busy' "$(grep -c 'did not end within 1 s' err) $(listing hung)" '2 '
check 'stderr stays bounded' test "$(wc -c <err)" -lt 4000

# A file size limit stands for a full disk: writes fail in the middle, and ns does not notice.
full_disk() (
    trap '' XFSZ
    ulimit -f 200
    simulate --set duration=4 --out full
)
exits 4 'a full disk' full_disk
like 'is named' err 'trace.tr'
is 'and leaves nothing behind' "$(listing full)" ''

# ---- interrupted -----------------------------------------------------------

# An ns that says that it runs, and never ends.
mkfifo started
fake_ns waiting "echo s >trace.tr; echo \$\$ >$PWD/started; sleep 1000"
interrupt() { # SIGNAL; leaves the exit status in status, the number of that ns in child
    NS=./waiting "$ADLIOTLOG" simulate --out interrupted >out 2>err &
    local program=$!
    read -r child <started
    kill "-$1" $program
    status=0
    wait $program 2>/dev/null || status=$?
}
interrupt INT
is 'Ctrl-C ends it with 130' "$status" 130
like 'and says so' err \
    'interrupted: 0 of 1 runs are done; the same command goes on from here$'
is 'leaves nothing behind' "$(listing interrupted)" ''
check 'and ends ns' test ! -e "/proc/$child"
fake_ns second "case \"\$*\" in *seed=1*) echo s 1 >trace.tr;; *) exec $PWD/waiting;; esac"
: >err
NS=$PWD/second "$ADLIOTLOG" simulate --seeds 1..3 --jobs 1 --out some >out 2>err &
program=$!
read -r child <started
kill -INT $program
wait $program
is 'of several runs it says how many are done' "$? $(sed 's/.*: //' err)" \
    '130 1 of 3 runs are done; the same command goes on from here'
interrupt TERM
is 'SIGTERM does the same' "$status $(listing interrupted)" '130 '
interrupt KILL
is 'killed outright, it leaves nothing that looks finished' \
    "$(listing interrupted | grep -c '^\.iot16') $(listing interrupted | grep -vc '^\.iot16')" '1 0'
exits 0 'the next run clears that away' simulate --out interrupted
is 'and is the only one there' "interrupted/$(listing interrupted)" "$(cat out)"

finish
