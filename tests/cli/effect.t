#!/usr/bin/env bash
# What each attack does to its benign twin, asked of the store: in the direction claimed, with a margin, on
# a few seeds. EFFECT_SEEDS=1..20 asks more of them and prints what was measured.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

seeds=${EFFECT_SEEDS:-1..2}
n_seed=$("$ADLIOTLOG" simulate --attack none --seeds "$seeds" --plan --json | wc -l)
check 'there are seeds' test "$n_seed" -ge 2
scenario=iot16 rate=300kb

# Twins of an attack on a world, into a store of its own. The benign runs are made once for a world.
# MARGIN is SQL over view twin_network that gives 1 in each row that shows the effect. There is one for each
# seed: a run that fails is a failure.
effect() { # NAME ATTACK MEASURE MARGIN OPTION...
    local name=$1 attack=$2 measure=$3 margin=$4 settings=()
    shift 4
    for option; do settings+=(--set "$option"); done
    [[ $* = *traffic=[th]* ]] || settings+=(--set "rate=$rate")
    [[ $* = *_start=* ]] || settings+=(--set attack_start=1)
    "$ADLIOTLOG" simulate --scenario "$scenario" --attack "none,$attack" --seeds "$seeds" \
        --set duration=6 "${settings[@]}" --out runs >dirs 2>err || sed 's/^/# /' err
    rm -f s.db*
    xargs "$ADLIOTLOG" ingest --store s.db <dirs >ingested 2>&1 || sed 's/^/# /' ingested
    sqlite3 -separator ' ' s.db "SELECT seed, $measure FROM twin_network AS t JOIN run USING (run_id)" |
        while read -r row; do echo "# $attack $name: seed, with, without: $row"; done
    is "$attack: $name" "$(sqlite3 s.db "SELECT count(*) = $n_seed AND count(*) = sum(coalesce($margin, 0))
        FROM twin_network AS t")" 1
}

# Packets that a node of that role in the attack received from the others, in both runs.
to_role="(SELECT coalesce(sum(received), 0) FROM talk AS k JOIN attack_node AS n ON n.run_id = t.run_id
    AND n.node = k.dst AND n.role"
delivery='t.delivery_ratio, t.benign_delivery_ratio'

effect 'the accomplice receives what the server does not' hidden-channel \
    "$to_role = 'accomplice' WHERE k.run_id = t.run_id), $to_role = 'accomplice'
     WHERE k.run_id = t.benign_run_id)" \
    "$to_role = 'accomplice' WHERE k.run_id = t.run_id) > 50 + $to_role = 'accomplice'
     WHERE k.run_id = t.benign_run_id)" colluders=1
# The same with each routing, and of holes where routes are planned.
accomplices="$to_role = 'accomplice' WHERE k.run_id = t.run_id)"
rate=20kb
for world in 'field routing=static' 'field routing=DSDV' 'field routing=DSR' \
    'cloud routing=static' 'cloud routing=DSDV'; do
    read -r scenario routing <<<"$world"
    for traffic in udp tcp http; do
        [[ $traffic = http && $routing = *DSDV ]] && continue
        effect "$scenario $routing $traffic: accomplices receive" hidden-channel "$accomplices" \
            "$accomplices > 10" colluders=2 nodes=14 gateways=2 "$routing" traffic=$traffic
    done
    [[ $routing = *static ]] || continue
    for attack in blackhole grayhole; do
        effect "$scenario $routing: what is forwarded is lost" $attack "$delivery" \
            't.delivery_ratio < t.benign_delivery_ratio - 0.005' nodes=24 gateways=2 "$routing" \
            ${attack}_count=2
    done
done
scenario=iot16 rate=300kb

effect 'uploads to another network arrive' wormhole "$delivery" \
    't.delivery_ratio > t.benign_delivery_ratio + 0.05' cross_uploads=4 wormhole_start=0
effect 'relayed uploads are lost' blackhole "$delivery" \
    't.delivery_ratio < t.benign_delivery_ratio - 0.01' relayed_uploads=4 blackhole_count=2
effect 'a share of them is' grayhole "$delivery" \
    't.delivery_ratio < t.benign_delivery_ratio - 0.005' relayed_uploads=4 grayhole_count=2
effect 'forged replies attract and lose more' blackhole "$delivery" \
    't.delivery_ratio < t.benign_delivery_ratio - 0.03' blackhole_forge=replies blackhole_start=0
effect 'less arrives' flood "$delivery" \
    't.delivery_ratio < t.benign_delivery_ratio - 0.05' flood_kind=data
effect 'requests fill the air' flood 't.requests, t.benign_requests' \
    't.requests > 10 * (t.benign_requests + 10)' flood_kind=request
effect 'little arrives' jamming "$delivery" \
    't.delivery_ratio < t.benign_delivery_ratio - 0.15'
again="(SELECT count(*) FROM (SELECT count(*) AS n FROM event AS e WHERE e.run_id"
effect 'frames are received twice' replay \
    "$again = t.run_id AND layer = 'AGT' AND op = 'r' GROUP BY uid HAVING n > 1)),
     $again = t.benign_run_id AND layer = 'AGT' AND op = 'r' GROUP BY uid HAVING n > 1))" \
    "$again = t.run_id AND layer = 'AGT' AND op = 'r' GROUP BY uid HAVING n > 1)) > 20
     + $again = t.benign_run_id AND layer = 'AGT' AND op = 'r' GROUP BY uid HAVING n > 1))" rts=off
peers="(SELECT max(n) FROM (SELECT count(DISTINCT dst) AS n FROM talk AS k WHERE k.run_id"
effect 'one node talks to all' scan "$peers = t.run_id GROUP BY src)), $peers = t.benign_run_id
     GROUP BY src))" "$peers = t.run_id GROUP BY src)) > 10 AND $peers = t.benign_run_id
     GROUP BY src)) < 4"
effect 'one node more is sent to, and the others get what they got' exfiltration \
    "t.received_all, t.benign_received_all, $delivery" \
    't.received_all > t.benign_received_all + 30
     AND abs(t.delivery_ratio - t.benign_delivery_ratio) < 0.1'
effect 'servers get more, and the others what they got' false-data \
    "t.received_all, t.benign_received_all, $delivery" \
    't.received_all > t.benign_received_all + 30
     AND abs(t.delivery_ratio - t.benign_delivery_ratio) < 0.1'
# As the run's uploads are sent: what is labelled is answered, and of no type that is not there anyway.
back="(SELECT count(*) FROM event AS e WHERE e.run_id = t.run_id AND attack AND op = 'r' AND layer = 'AGT'"
types="(SELECT count(DISTINCT ptype) FROM event AS e WHERE e.run_id = t.run_id AND attack AND layer = 'AGT'
    AND ptype NOT IN (SELECT ptype FROM event WHERE run_id = t.benign_run_id AND layer = 'AGT'))"
for attack in exfiltration false-data; do
    for traffic in tcp http; do
        effect "over $traffic as much, in packets as there are" $attack \
            "$back AND ptype = 'tcp'), $back), $types, $delivery" \
            "$back) > 30 AND $types = 0 AND abs(t.delivery_ratio - t.benign_delivery_ratio) < 0.1
             AND EXISTS (SELECT * FROM event AS e JOIN attack_node AS n USING (run_id) WHERE e.run_id = t.run_id
                AND e.attack AND op = 'r' AND layer = 'AGT' AND e.node = n.node AND n.role = 'attacker')" \
            traffic=$traffic
    done
done

finish
