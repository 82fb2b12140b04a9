#!/usr/bin/env bash
# Labels by the matchers of a manifest: a trace of 24 lines made by hand, and for each kind of matcher
# the lines that it means, found by eye.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

ask() { sqlite3 s.db "$1"; }
ingest() { "$ADLIOTLOG" ingest --store s.db --force --max-reject 0 "$@"; }

# Node 5 is known to IP as 4194312. Node 1 drops packets that it should forward; 4 and 5 have a hidden
# channel, MAC number 6 is its end at 4; 2 and 1 ask for a route to 99, which there is not.
cat >t.tr <<'END'
s 0.500000000 _0_ AGT  --- 1 cbr 100 [0 0 0 0] ------- [0:1 3:2 32 0] [0] 0 0
s 1.000000000 _0_ AGT  --- 2 cbr 100 [0 0 0 0] ------- [0:1 3:2 32 0] [1] 0 0
s 1.100000000 _0_ MAC  --- 2 cbr 178 [13a 1 0 800] ------- [0:1 3:2 30 1] [1] 0 0
r 1.200000000 _1_ MAC  --- 2 cbr 120 [13a 1 0 800] ------- [0:1 3:2 30 1] [1] 1 0
f 1.300000000 _1_ RTR  --- 2 cbr 120 [13a 1 0 800] ------- [0:1 3:2 29 3] [1] 1 0
D 1.400000000 _1_ RTR  --- 2 cbr 120 [13a 1 0 800] ------- [0:1 3:2 29 3] [1] 1 0
D 1.500000000 _1_ RTR  NRTE 3 cbr 120 [13a 1 0 800] ------- [0:1 3:2 29 3] [2] 1 0
s 1.600000000 _4_ MAC  --- 4 cbr 178 [13a 5 6 800] ------- [4:1 4194312:2 30 5] [0] 0 0
r 1.700000000 _5_ AGT  --- 4 cbr 120 [13a 5 6 800] ------- [4:1 4194312:2 30 5] [0] 1 0
s 1.800000000 _5_ AGT  --- 5 cbr 100 [0 0 0 0] ------- [4194312:2 4:1 32 0] [0] 0 0
s 1.850000000 _4_ MAC  --- 0 ARP 86 [0 ffffffff 6 806] ------- [REQUEST 6/4 0/5]
s 1.900000000 _2_ MAC  --- 0 ARP 86 [13a 2 2 806] ------- [REPLY 2/2 6/4]
s 1.950000000 _2_ RTR  --- 0 AODV 48 [0 0 0 0] ------- [2:255 -1:255 30 0] [0x2 1 1 [99 0] [2 4]] (REQUEST)
r 1.960000000 _3_ RTR  --- 0 AODV 48 [0 ffffffff 2 800] ------- [2:255 -1:255 30 0] [0x2 1 1 [99 0] [2 4]] (REQUEST)
s 1.970000000 _2_ RTR  --- 0 AODV 48 [0 0 0 0] ------- [2:255 -1:255 30 0] [0x2 1 2 [3 0] [2 4]] (REQUEST)
s 1.980000000 _1_ RTR  --- 0 AODV 48 [0 0 0 0] ------- [1:255 -1:255 30 0] [0x2 1 1 [99 0] [1 4]] (REQUEST)
s 2.100000000 _4_ RTR  --- 0 AODV 48 [0 0 0 0] ------- [4:255 -1:255 30 0] [0x2 1 1 [4194312 0] [4 4]] (REQUEST)
s 2.200000000 _5_ RTR  --- 0 AODV 44 [0 0 0 0] ------- [4194312:255 4:255 30 4] [0x4 1 [4194312 4] 10.000000] (REPLY)
s 2.300000000 _4_ RTR  --- 0 AODV 32 [0 0 0 0] ------- [4:255 -1:255 1 0] [0x8 1 [4194312 0] 0.000000] (ERROR)
s 2.400000000 _1_ RTR  --- 0 AODV 32 [0 0 0 0] ------- [1:255 -1:255 1 0] [0x8 1 [4194312 0] 0.000000] (ERROR)
r 2.500000000 _1_ MAC  --- 0 RTS 44 [14be 2 0 0]
r 2.600000000 _1_ MAC  --- 0 CTS 38 [1384 0 0 0]
r 2.700000000 _1_ MAC  --- 2 cbr 178 [13a 3 0 800] ------- [0:1 3:2 29 3] [1] 1 0
s 2.800000000 _3_ AGT  --- 6 udp 100 [0 0 0 0] ------- [3:7 0:9 32 0]
END

flow0='{"flow": 0, "proto": "udp", "src": 0, "sport": 1, "dst": 3, "dport": 2, "attack": false}'
flow1='{"flow": 1, "proto": "udp", "src": 4, "sport": 1, "dst": 5, "dport": 2, "attack": true}'
# ATTACK FLOWS [ATTACKS]: writes the manifest
manifest() {
    printf '{"format": "adliotlog-run", "format_version": 1, "scenario": "hand", "seed": 1,
"duration": 3, "trace": {"file": "t.tr", "sha256": "%s"}, "attack": "%s",
"nodes": [{"node": 0}, {"node": 1}, {"node": 2}, {"node": 3}, {"node": 4},
          {"node": 5, "address": 4194312}],
"interfaces": [{"mac": 0, "node": 0, "hidden": false}, {"mac": 1, "node": 1, "hidden": false},
    {"mac": 2, "node": 2, "hidden": false}, {"mac": 3, "node": 3, "hidden": false},
    {"mac": 4, "node": 4, "hidden": false}, {"mac": 5, "node": 5, "hidden": false},
    {"mac": 6, "node": 4, "hidden": true}],
"flows": [%s]%s}\n' "$(sha256sum <t.tr | cut -c 1-64)" "$1" "$2" "${3:+, \"attacks\": [$3]}" \
        >manifest.json
}
# NAME START LABELS: an attack as JSON
attack() {
    echo "{\"attack\": \"$1\", \"start\": $2, \"stop\": 3, \"labels\": [$3]}"
}
labelled() { ask "SELECT line FROM event WHERE attack ORDER BY line" | tr '\n' ' ' | sed 's/ $//'; }
sound() { is "$1: the checks find nothing" "$(ask ".read '$TOP/dataset/checks.sql'")" ''; }

# MATCHER LINES
means() {
    manifest x "$flow0, ${flow1/true/false}" "$(attack x 1 "$1")"
    exits 0 "ingest: $1" ingest t.tr
    is 'means these lines' "$(labelled)" "$2"
    is 'all of them of the only attack' "$(ask 'SELECT DISTINCT attack, attack_no, covert FROM event
        WHERE attack OR covert OR attack_no')" '1|1|0'
    sound "$1"
}
means '{"flow": 0}' '2 3 4 5 6 7 23'
means '{"flow": 1}' '8 9 10'
means '{"mac": 6}' '8 9 11 12'
means '{"node": 3}' '14 24'
means '{"op": "d"}' '6 7'
means '{"layer": "RTR"}' '5 6 7 13 14 15 16 17 18 19 20'
means '{"ptype": "ARP"}' '11 12'
means '{"src": 4194312}' '10 18'
means '{"sport": 7}' '24'
means '{"dst": 4194312}' '8 9'
means '{"dst": -1, "op": "r"}' '14'
means '{"foreign": true}' '4 5 6 7 9 14 23'
means '{"foreign_mac": true}' '4 5 6 7 9 14 21 23'
means '{"op": "d", "unexplained": true}' '6'
means '{"between": [4, 5]}' '17 18 19'
means '{"between": [5, 4]}' '17 18 19'
means '{"between": [2, 3]}' '15'
means '{"seeking_nobody": 2}' '13 14'
means '{"seeking_nobody": 1}' '16'
means '{"node": 1, "op": "d", "layer": "RTR", "ptype": "cbr", "src": 0, "sport": 1, "dst": 3,
    "flow": 0, "mac": 1, "foreign": true, "foreign_mac": true, "unexplained": true}' '6'
means '{"node": 3, "op": "r"}, {"sport": 7}, {"node": 3, "sport": 7}' '14 24'

# ---- several attacks ------------------------------------------------------

manifest a+b "$flow0, $flow1" "$(attack a 2 '{"flow": 0}, {"between": [4, 5], "covert": true}'),
    $(attack b 1 '{"node": 1, "op": "d", "covert": true}, {"node": 1}, {"flow": 1}, {"node": 4}')"
exits 0 'two attacks' ingest t.tr
is 'the first matcher of an attack at work decides' \
    "$(ask 'SELECT line, attack_no, covert FROM event WHERE attack ORDER BY line' | tr '\n' ' ')" \
    '4|2|0 5|2|0 6|2|1 7|2|1 8|2|0 9|2|0 10|2|0 11|2|0 16|2|0 17|1|1 18|1|1 19|1|1 20|2|0 21|2|0 22|2|0 23|1|0 '
is 'the rest is part of none' "$(ask 'SELECT count(*), count(attack_no), sum(covert) FROM event
    WHERE attack = 0')" '8|0|0'
is 'they are listed' "$(ask 'SELECT attack_no, attack, start, stop, params FROM attack')" \
    '1|a|2.0|3.0|
2|b|1.0|3.0|'
is 'counts have them too' "$(ask 'SELECT attack_no, covert, sum(n) FROM event_count WHERE attack
    GROUP BY 1, 2')" '1|0|1
1|1|3
2|0|10
2|1|2'
sound 'two attacks'
is 'the label of each second: attacks at work, events, of attacks, covert' \
    "$(ask 'SELECT second, attack, n, n_attack, n_covert FROM attack_window')" '0|none|1|0|0
1|b|15|9|2
2|a+b|8|7|3'
is 'the address is kept, where it is not the number' "$(ask 'SELECT node, address FROM node
    WHERE address NOT NULL')" '5|4194312'
is 'flows name nodes' "$(ask 'SELECT src, dst FROM flow WHERE flow = 1')" '4|5'
ask 'DELETE FROM run'
is 'attacks go with their run' "$(ask 'SELECT count(*) FROM attack')" 0

manifest a "$flow0, ${flow1/, \"attack\"/, \"profile\": \"camera\", \"attack\"}" '{"attack": "a",
    "start": 1, "stop": 2, "parameters": {"a_rate": 0.5}, "labels": [{"flow": 1}],
    "nodes": [{"node": 4, "role": "attacker"}, {"node": 5, "role": "accomplice"},
              {"node": 4, "role": "victim"}]}'
exits 0 'an attack with all that can be told' ingest t.tr
is 'is kept' "$(ask 'SELECT params, node, role FROM attack JOIN attack_node USING (run_id, attack_no)')" \
    '{"a_rate":0.5}|4|attacker
{"a_rate":0.5}|4|victim
{"a_rate":0.5}|5|accomplice'
is 'as is the profile of a flow' "$(ask 'SELECT flow, profile FROM flow')" '0|
1|camera'
sound 'all that can be told'
is 'the label of each node: its attacks, its roles, events, of attacks' \
    "$(ask 'SELECT node, attack, role, n, n_attack FROM node_label WHERE node > 2')" '3|none||2|0
4|a|attacker+victim|4|1
5|a|accomplice|3|2'
is 'an attack is at work until it stops' "$(ask 'SELECT second, attack FROM attack_window')" '0|none
1|a
2|none'

# ---- when it ends ---------------------------------------------------------

# NAME START STOP LABELS
during() { attack "$1" "$2" "$4" | sed "s/\"stop\": 3/\"stop\": $3/"; }
at_1='{"node": 1, "op": "d"}'
manifest a+b "$flow0, $flow1" "$(during a 1 1.45 "$at_1"), $(during b 1.2 3 "$at_1, {\"node\": 1}")"
exits 0 'an attack that stops, and another on the same node' ingest t.tr
is 'an event is of the one at work' "$(ask 'SELECT line, attack_no FROM event WHERE attack' | tr '\n' ' ')" \
    '4|2 5|2 6|1 7|2 16|2 20|2 21|2 22|2 23|2 '
manifest a+b "$flow0, $flow1" "$(during a 1 1.45 "$at_1"), $(during b 2 3 "$at_1")"
exits 0 'an attack that stops before another begins' ingest t.tr
is 'keeps what comes in between' "$(ask 'SELECT line, attack_no FROM event WHERE attack' | tr '\n' ' ')" '6|1 7|1 '
manifest a+b "$flow0, $flow1" "$(attack a 1 '{"flow": 1}'), $(attack b 1.65 '{"mac": 6, "covert": true}')"
exits 0 'a label that another attack has before' ingest t.tr
is 'makes covert what it holds of' "$(ask 'SELECT line, attack_no, covert FROM event WHERE attack' | tr '\n' ' ')" \
    '8|1|0 9|1|1 10|1|0 11|2|1 12|2|1 '
sound 'attacks that end'

"$ADLIOTLOG" simulate --attack flood+wormhole --set wormhole_ends=14-15 --set flood_nodes=14 \
    --set flood_victim=15 --set duration=1 --out runs >dirs 2>err
xargs "$ADLIOTLOG" ingest --store leak.db <dirs >ingested 2>&1
is 'what leaks over a hidden radio is covert wherever its MAC number shows' "$(sqlite3 leak.db 'SELECT
    sum(attack_no = 1) > 20, sum(NOT covert) FROM event WHERE 16 IN (mac_src, mac_dst) OR
    17 IN (mac_src, mac_dst)')" '1|0'

# ---- when it begins -------------------------------------------------------

manifest a "$flow0" "$(attack a 1.0999999996 '{"flow": 0}')"
exits 0 'a beginning between two nanoseconds' ingest t.tr
is 'begins where it is printed' "$(labelled)" '3 4 5 6 7 23'
manifest a "$flow0" "$(attack a 1.1000000004 '{"flow": 0}')"
exits 0 'also when that is before it' ingest t.tr
is 'begins where it is printed' "$(labelled)" '3 4 5 6 7 23'
sound 'between two nanoseconds'
manifest none "$flow0" ' '
exits 0 'a benign run that lists no attack' ingest t.tr
is 'has no label' "$(ask 'SELECT DISTINCT attack, attack_no, covert FROM event')" '0||0'

# ---- manifests that list no attacks ---------------------------------------

manifest x "$flow0, $flow1"
exits 0 'no attacks listed: flows and interfaces tell' ingest t.tr
is 'what is part of the attack, and what is covert' \
    "$(ask 'SELECT line, attack_no, covert FROM event WHERE attack' | tr '\n' ' ')" \
    '8||1 9||1 10||0 11||1 12||1 17||0 18||0 19||0 '
sound 'no attacks listed'
is 'a second has the attack of the run, if an event of it is part of that' \
    "$(ask 'SELECT second, attack, n_attack FROM attack_window')" '0|none|0
1|x|5
2|x|3'
is 'of nodes nothing is known but their events' "$(ask 'SELECT node, attack, role, n_attack
    FROM node_label WHERE node > 2')" '3|||0
4|||4
5|||3'
manifest x "$flow0, $flow1, {\"flow\": 2, \"proto\": \"tcp\", \"src\": 5, \"sport\": 3, \"dst\": 4,
    \"dport\": 9, \"attack\": false}"
exits 0 'an honest flow between the same nodes' ingest t.tr
is 'excuses the routing packets' "$(labelled)" '8 9 10 11 12'
rm manifest.json
exits 0 'without a manifest' ingest t.tr
is 'nothing is labelled' "$(ask 'SELECT count(attack), count(attack_no), count(covert),
    (SELECT count(*) FROM attack) FROM event')" '0|0|0|0'

# ---- wires, where no address is the number of its node --------------------

cat >nodes <<'END'
{"format": "adliotlog-run", "format_version": 1, "scenario": "wires", "seed": 1, "duration": 5,
"attack": "none", "nodes": [{"node": 0, "address": 1}, {"node": 1, "address": 2},
    {"node": 2, "address": 2049}, {"node": 3, "address": 4194305}, {"node": 4, "address": 4196353}],
"flows": [{"flow": 0, "proto": "tcp", "src": 0, "sport": 0, "dst": 4, "dport": 0, "attack": false},
    {"flow": 1, "proto": "udp", "src": 1, "sport": 0, "dst": 4, "dport": 1, "attack": false}],
END
mkdir wires
ns "$TOP/tests/data/traces/wired.tcl" out levels.tr hier 1 >ns.out 2>&1
# The last line of a packet on its way: it vanishes at node 2, where nobody says so.
lost=$(awk '$1 == "r" && $5 == "cbr" && $4 == 2 { print $12; exit }' levels.tr)
awk -v lost="$lost" '$12 != lost || $3 < 2' levels.tr >wires/trace.tr
{ cat nodes; printf '"trace": {"file": "trace.tr", "sha256": "%s"}}\n' \
    "$(sha256sum <wires/trace.tr | cut -c 1-64)"; } >wires/manifest.json
exits 0 'hierarchical addresses' "$ADLIOTLOG" ingest --store w.db wires
is 'flows are found by them, and packets arrive where they are for' "$(sqlite3 w.db "SELECT flow, src,
    dst, sent, received FROM flow_summary WHERE forward")" "$(awk '
    $10 ~ /^1\.1\.1\./ { k = $5 == "tcp" ? "0|0|4" : "1|1|4" }
    $10 ~ /^1\.1\.1\./ && $1 == "+" && !(($5, $12) in sent) { sent[$5, $12] = 1; n[k]++ }
    $10 ~ /^1\.1\.1\./ && $1 == "r" && $4 == 4 { got[k]++ }
    END { for (k in n) print k "|" n[k] "|" got[k] }' wires/trace.tr | sort)"
is 'but for one' "$(sqlite3 w.db "SELECT uid, received FROM packet WHERE uid = $lost AND flow = 1")" "$lost|"
is 'the checks find nothing' "$(sqlite3 w.db ".read '$TOP/dataset/checks.sql'")" ''

# ---- many of them ---------------------------------------------------------

many() { # N LABEL: N labels, in which N is a number
    seq 1 "$1" | awk -v label="$2" '{ one = label; sub("N", $0, one); print one }' | paste -sd ,
}
manifest a "$flow0, $flow1" "$(attack a 1 "$(many 16384 '{"between": [4, 5], "seeking_nobody": 4}'),
    $(many 100000 '{"between": [4, 5]}'), $(many 100000 '{"flow": 1}')")"
exits 0 'two hundred thousand labels' ingest t.tr
is 'label what one of a kind would' "$(labelled)" '8 9 10 17 18 19'

# ---- refusals -------------------------------------------------------------

refused() { # NAME ATTACKS PATTERN
    manifest a "$flow0, $flow1" "$2"
    mkdir -p d
    mv manifest.json t.tr d
    exits 3 "$1" ingest d
    like 'says what, and where' err "^adliotlog ingest: d/manifest.json: $3"
    mv d/t.tr .
}
refused 'an attack of an unknown node' '{"attack": "a", "start": 1, "stop": 2, "labels": [],
    "nodes": [{"node": 9, "role": "attacker"}]}' 'attacks\[0\].nodes: there is no node 9$'
refused 'an attack that ends before it begins' '{"attack": "a", "start": 2, "stop": 2, "labels": []}' \
    'attacks\[0\].start is not before stop$'
refused 'a matcher with a key that is none' "$(attack a 1 '{"flow": 1, "uid": 7}')" \
    'attacks\[0\].labels\[0\].uid is no condition of a label$'
refused 'more labels than can be asked' "$(attack a 1 "$(many 16385 '{"sport": N}')")" \
    "more than 16384 labels that ask for more than 'flow' or 'between' alone\$"
refused 'more attacks' "$(seq 1 4097 | sed 's/.*/{"attack": "a", "start": 1, "stop": 2, "labels": []}/' |
    paste -sd ,)" 'more than 4096 attacks$'
refused 'an attack that the run has not' "$(attack b 1 '{"flow": 1}')" \
    "attack 'a' is not that of attacks, 'b'\$"

# ---- what the checks would find -------------------------------------------

finds() { # PATTERN CHANGE
    manifest a "$flow0, $flow1" "$(attack a 1 '{"flow": 1}')"
    ingest t.tr >out 2>err
    ask "$2"
    ask ".read '$TOP/dataset/checks.sql'" >found
    like "the checks find: $1" found "^$1"
}
finds 'label without attack\|' 'UPDATE shape SET attack_no = 2 WHERE attack'
finds 'label without attack\|' 'UPDATE shape SET attack_no = NULL WHERE attack'
finds 'label without attack\|' 'UPDATE shape SET attack = 0 WHERE attack'
finds 'label before its attack\|1\|8' 'UPDATE attack SET start = 1.65'
finds 'attack flow without label\|' 'UPDATE shape SET attack = 0, attack_no = NULL WHERE attack'
finds 'covert without attack\|' 'UPDATE shape SET covert = 1 WHERE NOT attack'
finds 'covert without attack\|' 'UPDATE shape SET covert = NULL WHERE attack'
finds 'attacker without attack or node\|1\|1\|9' "INSERT INTO attack_node VALUES (1, 1, 9, 'victim')"
finds 'attacker without attack or node\|1\|2\|1' "INSERT INTO attack_node VALUES (1, 2, 1, 'victim')"
finds 'attack of a benign run\|1\|1' "UPDATE run SET attack = 'none'"
finds 'value out of range\|1' 'UPDATE shape SET covert = 2 WHERE attack'

finish
