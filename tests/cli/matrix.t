#!/usr/bin/env bash
# Every attack with every routing and transport, in a small field and a small cloud: each is either refused,
# with the line that the table below has for it, or runs, is its benign twin until it begins, has labelled
# events, and none outside its time.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

attacks=(hidden-channel wormhole blackhole grayhole flood jamming replay scan exfiltration false-data)
# What all attacks need something of; the same for all, so that they share their twins.
world=(nodes=20 gateways=2 flows=12 relayed_uploads=6 cross_uploads=2 rts=off rate=12kb upload_size=500
    upload_interval=0.25 think_time=0.3)
# AODV may go round one hole; few bots are enough.
attackers=(blackhole_count=2 grayhole_count=2 grayhole_share=0.9 flood_count=1 flood_rate=500kb replay_delay=0.05)
of_attack() { # SETTING ATTACK...: whether one of them has it
    local setting=$1
    shift
    [[ " ${*/#/ }" == *" ${setting%%_*}"* ]]
}
# DSDV knows ways of several hops after some 15 s.
times() { # ROUTING
    [ "$1" = DSDV ] && echo duration=17.6 attack_start=16 attack_stop=16.4 && return
    echo duration=2.6 attack_start=1 attack_stop=1.4
}
# s, for what is under way at the stop, retransmissions too; DSDV and DSR keep packets until they know a way,
# however long that takes. Nothing is sent after the stop, but what completes exchanges and pieces.
slack="CASE WHEN json_extract(r.params, '\$.routing') IN ('DSDV', 'DSR') THEN 100 ELSE 1 END"

# What is refused, as patterns of scenario, routing, traffic and attack: the first that matches says why.
table=(
    "cloud AODV * *|base stations have hierarchical addresses"
    "cloud DSR * *|base stations have hierarchical addresses"
    "* DSDV http *|http is not possible with routing DSDV"
    "* DSDV * wormhole|attack 'wormhole' is not possible with routing DSDV, only with AODV"
    "* DSR * wormhole|attack 'wormhole' is not possible with routing DSR, only with AODV"
    "* static * wormhole|attack 'wormhole' is not possible with routing static, only with AODV"
    "* DSR * blackhole|attack 'blackhole' is not possible with routing DSR"
    "* DSR * grayhole|attack 'grayhole' is not possible with routing DSR"
    "* DSR * replay|attack 'replay' is not possible with routing DSR"
)
reason() { # COMBINATION: why it is refused, or nothing
    local row
    for row in "${table[@]}"; do
        # shellcheck disable=SC2053 # patterns
        [[ $1 == ${row%|*} ]] && echo "${row#*|}" && return
    done
}

for scenario in field cloud; do
    for routing in AODV DSDV DSR static; do
        allowed=()
        for attack in "${attacks[@]}"; do
            [ -n "$(reason "$scenario $routing udp $attack")" ] || allowed+=("$attack")
            for traffic in udp tcp http; do
                read -ra when < <(times "$routing")
                settings=("${world[@]}" "${when[@]}" "routing=$routing" "traffic=$traffic"
                    "attack=$attack")
                (IFS=$'\t' && echo "${settings[*]}") >>"$scenario.sets"
                echo "$scenario $routing $traffic $attack" >>"$scenario.names"
            done
        done
        [ ${#allowed[@]} -gt 0 ] || continue
        [ $routing = DSDV ] && traffics=udp,tcp || traffics=udp,tcp,http
        options=()
        for setting in "${world[@]}" "${when[@]}" "routing=$routing"; do
            [[ $routing = DSDV && $setting = think_time=* ]] && continue # is of http alone
            options+=(--set "$setting")
        done
        for setting in "${attackers[@]}"; do
            of_attack "$setting" "${allowed[@]}" && options+=(--set "$setting")
        done
        exits 0 "$scenario with $routing: all that is not refused runs" "$ADLIOTLOG" simulate \
            --scenario $scenario --traffic "$traffics" --out runs "${options[@]}" \
            --attack "none,$(IFS=, && echo "${allowed[*]}")"
        cat out >>dirs
    done
    tclsh "$TOP/scenarios/$scenario.tcl" --plans $scenario.sets >$scenario.plans &
done
wait

# ---- what is refused ----------------------------------------------------------

while IFS=$'\t' read -r name plan; do
    expected=$(reason "$name")
    case $plan in
        '{"refused":'*) refused=$(sqlite3 :memory: "SELECT json_extract('${plan//"'"/"''"}', '\$.refused')") ;;
        *) refused= ;;
    esac
    if [[ -z $expected && -n $refused || -n $expected && $refused != *"$expected"* ]]; then
        is "$name is refused" "$refused" "$expected"
    fi
done < <(paste <(cat field.names cloud.names) <(cat field.plans cloud.plans)) >wrong
is 'what is refused is what the table says, and nothing else' "$(cat wrong)" ''
is 'of all combinations' "$(cat field.plans cloud.plans | wc -l)" $((2 * 4 * 3 * ${#attacks[@]}))

# ---- what runs ------------------------------------------------------------------

for attack in hidden-channel blackhole+flood; do
    exits 0 "moving nodes: $attack runs" "$ADLIOTLOG" simulate --scenario field --out runs \
        --attack "none,$attack" --sweep routing=AODV,DSDV --set mobility=waypoint --set speed=10 \
        --set nodes=20 --set gateways=2 --set relayed_uploads=4 --set duration=17.5 \
        --set attack_start=17 --set attack_stop=17.4
    cat out >>dirs
done
sort -u dirs >runs.list
exits 0 'all can be ingested' xargs -a runs.list "$ADLIOTLOG" ingest --store s.db --max-reject 0
is 'the checks find nothing' "$(sqlite3 s.db ".read '$TOP/dataset/checks.sql'")" ''

# Run, its twin's trace, what is labelled: number, first line, whether all is in time, and when it starts.
sqlite3 -separator '|' s.db "WITH labelled AS (SELECT run_id, count(*) AS n, min(line) AS first,
        min(time) AS begins, max(time) AS ends,
        max(time) FILTER (WHERE op = 's' AND layer = 'AGT') AS sends FROM event WHERE attack GROUP BY run_id),
    times AS (SELECT run_id, min(start) AS start, max(stop) AS stop FROM attack GROUP BY run_id)
    SELECT r.scenario || ' ' || json_extract(r.params, '\$.routing') || ' ' || r.traffic || ' ' || r.attack,
        r.trace_path, b.trace_path, coalesce(n, 0), coalesce(first, 0),
        coalesce(begins >= start AND ends <= stop + $slack AND
            (r.traffic != 'udp' AND r.attack IN ('hidden-channel', 'exfiltration', 'false-data') OR coalesce(sends, 0) <= stop), 0), ends, start
    FROM twin AS t JOIN run AS r USING (run_id) JOIN run AS b ON b.run_id = t.benign_run_id
    JOIN times ON times.run_id = r.run_id LEFT JOIN labelled AS l ON l.run_id = r.run_id
    ORDER BY 1" >runs.tsv
is 'each has its twin' "$(wc -l <runs.tsv)" "$(grep -vc -e '-none-' runs.list)"
while IFS='|' read -r name trace benign n first in_time ends start; do
    [ "$n" -gt 0 ] || { echo "$name: nothing is labelled" && continue; }
    [ "$in_time" = 1 ] || echo "$name: something is labelled outside its time, until $ends"
    # Flag A of acknowledgements on wires is whatever was in memory before: FullTcp never sets it.
    line=$(cmp <(sed 's/ ---A--- / ------- /' "$trace") <(sed 's/ ---A--- / ------- /' "$benign") |
        awk '{ print $NF }')
    [ -n "$line" ] || { echo "$name: is its benign twin" && continue; }
    time=$(sed -n "${line}p" "$trace" | awk '{ print $2 }')
    # The radio of a jammer or a tunnel draws how long it waits before it sends: from the generator of all.
    if [[ $name = *jamming || $name = *wormhole ]]; then
        awk "BEGIN { exit !($time >= $start) }" || echo "$name: differs from its twin before it starts, at $time"
    elif [ "$line" -lt "$first" ]; then
        echo "$name: differs from its twin before its first label, $first: $line, at $time"
    fi
done <runs.tsv >wrong
is 'each has labels in its time, and is its twin before it' "$(cat wrong)" ''
echo "# $(wc -l <runs.tsv) runs with attacks"

finish
