#!/usr/bin/env bash
# Scenarios field and cloud in real ns: what is planned happens, and packets arrive.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

simulate() { # SCENARIO TRACE NAME=VALUE...
    ns "$TOP/scenarios/$1.tcl" --trace "$2" "${@:3}"
}
# Percent of the packets of flows in an old-format trace that arrive at a wireless node's agent.
delivery() {
    awk '$4 == "AGT" && $7 == "cbr" { n[$1]++ } END { print int(100 * n["r"] / n["s"]) }' "$1"
}
# The same for those that wired servers, with numbers from FIRST on, get from the router.
wired_delivery() { # TRACE FIRST
    awk -v first="$2" '$4 == "AGT" && $7 == "cbr" { sent++ }
        $1 == "r" && NF == 12 && $4 >= first { got++ }
        END { print int(100 * got / sent) }' "$1"
}

# ---- every shape, every routing ---------------------------------------------

for topology in hexagon grid random tree clustered; do
    for routing in AODV DSDV DSR static; do
        # DSDV takes seconds to find its routes.
        least=90 duration=3
        [ $routing = DSDV ] && least=40 duration=6
        exits 0 "$topology with $routing runs" simulate field trace.tr topology=$topology \
            routing=$routing nodes=14 gateways=2 duration=$duration levels=AGT,RTR
        check "and delivers" test "$(delivery trace.tr)" -ge $least
        [ $routing = static ] && unlike 'with no routing packets at all' trace.tr \
            ' (AODV|DSR|message|ARP) '
    done
done

exits 0 'devices can upload to neighbours' simulate field trace.tr uploads=neighbour nodes=14 \
    gateways=2 duration=2 levels=AGT
check 'which get it' test "$(delivery trace.tr)" -ge 90

# Port 255 is that of routing.
exits 0 'a gateway takes 258 uploads' simulate field trace.tr nodes=259 gateways=1 duration=0.2 \
    rate=1kb levels=AGT
is 'over the ports behind that of routing, too' \
    "$(grep -o '^s .*\[[0-9]*:[0-9]* 0:25[4-9]' trace.tr | grep -o '25.$' | sort | tr '\n' ' ')" \
    '254 256 257 258 '

# ---- movement ---------------------------------------------------------------

# Places of node 5 in a new-format trace.
places() { sed -En 's/.* -Ni 5 -Nx ([0-9.]+) -Ny ([0-9.]+) .*/\1 \2/p' "$1" | sort -u; }

common=(nodes=14 gateways=2 duration=4 levels=AGT format=new)
exits 0 'nodes can stay' simulate field still.tr "${common[@]}"
is 'where they are' "$(places still.tr | wc -l)" 1
exits 0 'nodes can move' simulate field moving.tr "${common[@]}" mobility=waypoint speed=10
check 'and do' test "$(places moving.tr | wc -l)" -gt 5
exits 0 'the plan says where' tclsh "$TOP/scenarios/field.tcl" --plan "${common[@]}" \
    mobility=waypoint speed=10
cp out plan.json
# Each place seen is within 50 m of home.
read -r x y < <(sqlite3 -separator ' ' :memory: "SELECT json_extract(value, '\$.x'),
    json_extract(value, '\$.y') FROM json_each(readfile('plan.json'), '\$.nodes')
    WHERE json_extract(value, '\$.node') = 5")
is 'nowhere else' \
    "$(places moving.tr | awk -v x="$x" -v y="$y" '($1 - x) ^ 2 + ($2 - y) ^ 2 > 50.1 ^ 2' | wc -l)" 0
exits 0 'the gateway, too' sh -c "sed -En 's/.* -Ni 0 -Nx ([0-9.]+ -Ny [0-9.]+) .*/\1/p' moving.tr |
    sort -u | wc -l | grep -qx 1"

# ---- the wired cloud ----------------------------------------------------------

for routing in static DSDV; do
    exits 0 "the cloud with $routing runs" simulate cloud trace.tr routing=$routing nodes=14 \
        gateways=2 servers=2 duration=4 levels=AGT,RTR
    least=95
    [ $routing = DSDV ] && least=40
    check 'and delivers to its servers' test "$(wired_delivery trace.tr 15)" -ge $least
    like 'over wired links from a base station' trace.tr '^\+ [0-9.]+ (0|7) 14 cbr [0-9]+ .* 1\.0\.'
    like 'on to a server' trace.tr '^r [0-9.]+ 14 1[56] cbr [0-9]+ .* 0\.[12]\.0\.'
    like 'with hierarchical addresses' trace.tr '^s .*AGT.* cbr .*\[4194305:0 (2048|4096):'
done

exits 2 'AODV in the cloud is refused' simulate cloud trace.tr routing=AODV
like 'with the reason' err "^cloud: routing 'AODV': base stations have hierarchical addresses"

# ---- twins ------------------------------------------------------------------

for routing in AODV static; do
    for attack in none hidden-channel; do
        exits 0 "$attack with $routing runs" simulate field $attack.tr attack=$attack attack_start=2 \
            routing=$routing nodes=14 gateways=2 duration=3 format=new colluders=2
    done
    line=$(cmp none.tr hidden-channel.tr | awk '{ print $NF }')
    sed -n "${line:-1}p" hidden-channel.tr >first
    like 'twins are equal until the first packet of the attack' first '^s -t 2\.[0-9]+ .* -Nl AGT '
done
# Over hidden static hops, too, data goes both ways.
for traffic in udp tcp http; do
    world=("traffic=$traffic" routing=static nodes=14 gateways=2 duration=4 relayed_uploads=2)
    attack=(attack=hidden-channel attack_start=2 colluders=2)
    for scenario in field cloud; do
        exits 0 "$scenario, static, $traffic: a benign run" simulate $scenario none.tr "${world[@]}"
        exits 0 'its twin' simulate $scenario hidden.tr "${world[@]}" "${attack[@]}"
        sed -i 's/ ---A--- / ------- /' none.tr hidden.tr # ns never sets it (scenarios/README.md)
        sed -n "$(cmp none.tr hidden.tr | awk '{ print $NF }')p" hidden.tr >first
        like 'equal until a colluder sends' first '^s 2\.[0-9]+ _[0-9]+_ AGT '
        exits 0 'what only colluders log' simulate $scenario gateways.tr --hidden-trace covert.tr \
            "${world[@]}" "${attack[@]}"
        exits 0 'the plan' tclsh "$TOP/scenarios/$scenario.tcl" --plan "${world[@]}" "${attack[@]}"
        cp out plan.json
        check 'its labels' "$TOP/tests/labels.py" plan.json gateways.tr covert.tr
        unlike 'is routed as all is' covert.tr ' (AODV|ARP) '
        if [ $traffic != udp ]; then
            is 'is answered' "$(awk '$1 == "r" && $4 == "MAC" && $7 ~ /^(tcp|ack)$/ { n[$3]++ }
                END { for (k in n) if (n[k] > 20) few++; print few }' covert.tr)" 4
        fi
    done
done

for format in old new; do
    for scenario in field cloud; do
        exits 0 "$scenario runs" simulate $scenario a.tr format=$format duration=1 seed=4
        exits 0 'and again' simulate $scenario b.tr format=$format duration=1 seed=4
        check 'byte for byte' cmp a.tr b.tr
    done
done

finish
