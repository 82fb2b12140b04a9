#!/usr/bin/env bash
# Attacks in real ns: twins, labels, and that each does what it says, on two seeds.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

script=$TOP/scenarios/iot16.tcl
iot16() { ns "$script" "$@" >ns.out 2>&1; }
# Runs both twins and plans the attack: benign.tr, attack.tr (all), gateways.tr and covert.tr, plan.json.
twins() { # ATTACK SETTING...
    local attack=$1
    shift
    iot16 --trace benign.tr attack=none "${world[@]}" &&
        iot16 --trace attack.tr attack="$attack" "${world[@]}" "$@" &&
        iot16 --trace gateways.tr --hidden-trace covert.tr attack="$attack" "${world[@]}" "$@" &&
        tclsh "$script" --plan attack="$attack" "${world[@]}" "$@" >plan.json
}
member() { sqlite3 :memory: "SELECT json_extract(CAST(readfile('plan.json') AS TEXT), '$1')"; }
# Whether the twins are the same until the attack begins, and differ from then on.
same_before() { # TIME
    local line
    line=$(cmp benign.tr attack.tr | awk '{ print $NF }')
    [ -n "$line" ] && sed -n "${line}p" attack.tr >first && awk -v t="$1" '{ exit !($2 >= t) }' first
}
# Packets that arrive, of those sent from a time on until shortly before the attacks stop, in percent; flows as a regular expression on ends.
delivery() { # TRACE FROM FLOWS
    awk -v from="$2" -v flows="$3" '$4 == "AGT" && $7 == "cbr" {
            split($0, part, /\[/); ends = part[3]; sub(/ [0-9]+ [0-9]+\].*/, "", ends)
            if (ends !~ flows) next
            if ($1 == "s" && $2 >= from && $2 < 3.8) sent[$6] = 1
            if ($1 == "r" && $6 in sent) got[$6] = 1 }
        END { for (u in sent) s++; for (u in got) g++; print s ? int(100 * g / s) : -1 }' "$1"
}
# Packets that arrive twice.
twice() { awk '$1 == "r" && $4 == "AGT" && seen[$6 " " $3]++ { n++ } END { print n + 0 }' "$1"; }
# Packets that arrive over the flows that the attack added.
added() {
    sqlite3 :memory: "SELECT json_extract(value, '\$.src') || ':' || json_extract(value, '\$.sport') || ' ' ||
            json_extract(value, '\$.dst') || ':' || json_extract(value, '\$.dport') || ' '
        FROM json_each(CAST(readfile('plan.json') AS TEXT), '\$.flows')
        WHERE json_extract(value, '\$.attack')" | sed 's/^/[/' >ends
    grep '^r .* AGT .* cbr' attack.tr | grep -cFf ends
}

# Each attack: what its world needs, and how it is asked for. The effect is asserted by effect_NAME.
run_attack() { # NAME ATTACK SEED SETTING...
    local name=$1 attack=$2 seed=$3
    shift 3
    world=(rate=300kb duration=5 seed="$seed" "${of_world[@]}")
    check "$name, seed $seed: both twins run" twins "$attack" "$@" attack_start="$start" attack_stop=4
    check "$name, seed $seed: equal until it begins" same_before "$start"
    check "$name, seed $seed: what is labelled is what it does, and its log is covert" \
        "$TOP/tests/labels.py" plan.json gateways.tr covert.tr
    check "$name, seed $seed: has its effect" "effect_$name"
}

# Probes go to higher ports.
honest='^[0-9]+:[0-9] [0-9]+:[0-9]$'
effect_flood() { [ "$(delivery benign.tr 1 "$honest")" -gt 97 ] && [ "$(added)" -gt 300 ] &&
    [ "$(delivery attack.tr 1 "$honest")" -lt 90 ]; }
effect_requests() { [ "$(grep -c '(REQUEST)' attack.tr)" -gt 5000 ] &&
    [ "$(grep -c '(REQUEST)' benign.tr)" -lt 1000 ] && [ "$(delivery attack.tr 1 "$honest")" -lt 95 ]; }
effect_jamming() { [ "$(delivery attack.tr 1 "$honest")" -lt $(($(delivery benign.tr 1 "$honest") - 15)) ] &&
    ! awk '$2 > 4.05' covert.tr | grep -q '^s'; }
effect_wormhole() { [ "$(delivery benign.tr 0 "$cross")" -le 0 ] && [ "$(delivery attack.tr 0 "$cross")" -gt 40 ]; }
# Uploads from one network to the other.
cross='^((0|1|2|3|4|10|11|14):[0-9]+ (5|6|7|8|9|15):|(5|6|7|8|9|15):[0-9]+ (0|1|2|3|4|10|11|14):)'
effect_drops() { [ "$(grep -c '^D .* RTR .* cbr' covert.tr)" -gt "$drops" ] &&
    ! awk '$2 > 4.0' covert.tr | grep -q '^D .* RTR'; }
effect_blackhole() { effect_drops &&
    [ "$(delivery attack.tr 1 "$honest")" -lt "$(delivery benign.tr 1 "$honest")" ]; }
effect_grayhole() { effect_blackhole; }
effect_forge() { effect_drops && [ "$(delivery attack.tr 1 "$honest")" -lt 90 ]; }
effect_replay() { [ "$(twice benign.tr)" = 0 ] && [ "$(twice attack.tr)" -gt 20 ] &&
    ! awk '$2 > 4.0' covert.tr | grep -q '^s'; }
effect_scan() {
    [ "$(grep -c ' AGT .* cbr 40 ' attack.tr)" -gt 30 ] && [ "$(delivery attack.tr 1 "$honest")" -gt 95 ]; }
effect_leak() { [ "$(added)" -gt 40 ] && [ "$(delivery attack.tr 1 "$honest")" -gt 95 ]; }

# Data that the attacker's flow carries, and what comes back.
effect_answered() {
    added >/dev/null
    [ "$(grep '^r .* AGT ' attack.tr | grep -cFf ends)" -gt 30 ] &&
        sed -E 's/^\[(.*) (.*) $/[\2 \1 /' ends >back && grep -q '' back &&
        [ "$(grep '^r .* AGT ' attack.tr | grep -cFf back)" -gt 15 ]
}

for seed in 1 2; do
    of_world=() start=1
    run_attack flood flood "$seed"
    run_attack requests flood "$seed" flood_kind=request
    run_attack jamming jamming "$seed"
    run_attack scan scan "$seed"
    run_attack leak exfiltration "$seed"
    run_attack leak false-data "$seed"
    of_world=(traffic=tcp)
    run_attack answered exfiltration "$seed"
    of_world=(traffic=http)
    run_attack answered false-data "$seed"
    of_world=() drops=50
    run_attack forge blackhole "$seed" blackhole_forge=requests
    of_world=(relayed_uploads=4) drops=50
    run_attack blackhole blackhole "$seed" blackhole_count=2
    drops=20
    run_attack grayhole grayhole "$seed" grayhole_count=2
    of_world=(rts=off)
    run_attack replay replay "$seed"
    of_world=(cross_uploads=4) start=0
    run_attack wormhole wormhole "$seed"
done

# ---- all at once ----------------------------------------------------------------

world=(rate=300kb duration=4 relayed_uploads=4 cross_uploads=4 rts=off)
all=wormhole+blackhole+grayhole+flood+jamming+replay+scan+exfiltration+false-data+hidden-channel
check 'all at once run' twins "$all" attack_start=1 attack_stop=3
check 'and are equal until they begin' same_before 1
check 'each with its labels' "$TOP/tests/labels.py" plan.json gateways.tr covert.tr
is 'all are in the plan' "$(member '$.attacks[#-1].attack') $(member '$.attacks[9].stop')" 'wormhole 3.0'

finish
