#!/usr/bin/env bash
# adliotlog pairs: which events become which sentences, on a trace small enough to pair by hand.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

pairs() { "$ADLIOTLOG" pairs --store s.db "$@"; }
ask() { sqlite3 s.db "$1"; }
texts() { ask "SELECT source || ' > ' || target FROM pair_text WHERE pair_set = '$1' ORDER BY pair_id"; }

# Two flows, 1 to 2 and 3 to 2, and a routing packet.
cat >t.tr <<'TRACE'
s 0.100000000 _1_ AGT  --- 0 cbr 500 [0 0 0 0] ------- [1:0 2:0 32 0] [0] 0 0
s 0.100000000 _1_ RTR  --- 0 AODV 48 [0 0 0 0] ------- [1:255 -1:255 30 0] [0x2 1 1 [2 0] [1 4]] (REQUEST)
s 0.200000000 _3_ AGT  --- 1 cbr 500 [0 0 0 0] ------- [3:0 2:1 32 0] [0] 0 0
r 0.200000000 _2_ MAC  --- 0 cbr 500 [0 2 1 800] ------- [1:0 2:0 32 0] [0] 1 1
r 0.300000000 _2_ AGT  --- 0 cbr 520 [0 2 1 800] ------- [1:0 2:0 32 0] [0] 1 1
r 0.400000000 _2_ AGT  --- 1 cbr 520 [0 2 3 800] ------- [3:0 2:1 32 0] [0] 1 1
s 0.500000000 _1_ AGT  --- 2 cbr 500 [0 0 0 0] ------- [1:0 2:0 32 0] [1] 0 0
TRACE
exits 0 'ingest' "$ADLIOTLOG" ingest --store s.db t.tr

exits 0 'the default: agent level, flow by flow, whole events' pairs --name default
is 'three pairs in trace order' "$(texts default)" \
    's 1 AGT - 0 cbr 500 1 0 2 0 32 0 0 0 0 > r 2 AGT - 0 cbr 520 1 0 2 0 32 0 0 1 1
s 3 AGT - 1 cbr 500 3 0 2 1 32 0 0 0 0 > r 2 AGT - 1 cbr 520 3 0 2 1 32 0 0 1 1
r 2 AGT - 0 cbr 520 1 0 2 0 32 0 0 1 1 > s 1 AGT - 2 cbr 500 1 0 2 0 32 0 1 0 0'
is 'known by the lines of their events' "$(ask 'SELECT source_line, target_line FROM pair')" '1|5
3|6
5|7'
is 'distinct words are counted' "$(ask 'SELECT n_pair, n_token FROM pair_set')" '3|12'
is 'and the options are written down' \
    "$(ask "SELECT options ->> '$.context', options ->> '$.noise', options ->> '$.numbers',
            options ->> '$.fields[1]', options ->> '$.limit', options ->> '$.max_words',
            options ->> '$.runs' FROM pair_set")" 'flow|below-agent|raw|node|12236|100|1'

short() { pairs --fields op,node,layer "$@"; }
exits 0 'context none' short --name none --context none
is 'time order' "$(texts none)" 's 1 AGT > s 3 AGT
s 3 AGT > r 2 AGT
r 2 AGT > r 2 AGT
r 2 AGT > s 1 AGT'
exits 0 'context node' short --name node --context node
is 'what each node does' "$(texts node)" 'r 2 AGT > r 2 AGT
s 1 AGT > s 1 AGT'
exits 0 'context protocol, no noise removed' short --name protocol --context protocol --noise none
is 'routing packets are a protocol of their own' "$(texts protocol | head -n 3)" 's 1 AGT > s 3 AGT
s 3 AGT > r 2 MAC
r 2 MAC > r 2 AGT'
exits 0 'noise mac,control' short --name noise --context none --noise mac,control --limit 0
is 'leaves five events' "$(ask "SELECT n_pair FROM pair_set WHERE name = 'noise'")" 4
exits 0 'events without a flow' short --name left --noise none
is 'are left out of context flow, and counted' \
    "$(ask "SELECT options ->> '$.n_left_out' FROM pair_set WHERE name = 'left'")" 1
is 'as are those that are no noise' "$(ask "SELECT options ->> '$.n_noise' FROM pair_set
    WHERE name IN ('default', 'left', 'noise') ORDER BY name" | tr '\n' ' ')" '2 0 2 '
exits 0 'two events a sentence' short --name span --context none --span 2
is 'sentences follow each other without overlap' "$(texts span)" 's 1 AGT s 3 AGT > r 2 AGT r 2 AGT'
is 'events of the last, incomplete one are counted' \
    "$(ask "SELECT options ->> '$.n_incomplete' FROM pair_set WHERE name = 'span'")" 1
is 'and shown' "$(cut -d ';' -f 3- out)" \
    ' 2 events left out as noise, 0 without context, 1 in incomplete sentences, 0 covert, 0 of other gateways'
exits 0 'the first pair of each run' short --name limit --context none --limit 1
is 'and no more' "$(texts limit)" 's 1 AGT > s 3 AGT'
exits 0 'the pairs behind it' short --name skip --context none --skip 1 --limit 2
is 'in the same order' "$(texts skip)" 's 3 AGT > r 2 AGT
r 2 AGT > r 2 AGT'
numbers() { pairs --fields node,uid,seq,size "$@"; }
exits 0 'numbers as changes' numbers --name delta --numbers delta
is 'are those within the context' "$(texts delta)" '1 first first 500 > 2 +0 +0 520
3 first first 500 > 2 +0 +0 520
2 +0 +0 520 > 1 +2 +1 500'
sed 's/ 2 cbr 500/ 1234 cbr 500/' t.tr >digits.tr
exits 0 'a trace with a longer number' "$ADLIOTLOG" ingest --store digits.db digits.tr
exits 0 'numbers as digits' "$ADLIOTLOG" pairs --store digits.db --name d --fields node,uid,size \
    --numbers digits
is 'have a word a digit' "$(sqlite3 digits.db 'SELECT target FROM pair_text ORDER BY pair_id' | tail -n 1)" \
    '1 1 2 3 4 500'
exits 2 'other numbers' numbers --name other --numbers roman
like 'are refused with those there are' err "unknown numbers 'roman' \(known: raw, delta, digits\)"
exits 1 'no gateways, so no pair' short --name gateway --context gateway
like 'says so, and why' err 'no pair: .*2 events left out as noise, 5 without context, 0 in incom'

# Sentences of more than 100 words are refused by count.
many=op$(printf ',op%.0s' $(seq 100))
exits 1 'sentences of 101 words' pairs --name long --fields "$many" --context none
like 'are refused by count' err '5 sentences of more than 100 words refused'
exits 0 'sentences of 100 words' pairs --name full --fields "${many%,op}" --context none
exits 0 'one object with --json' pairs --name json --json --context none
is 'with its figures' "$(sqlite3 :memory: "SELECT json_extract('$(cat out)', '$.n_pair'),
    json_extract('$(cat out)', '$.n_noise'), json_extract('$(cat out)', '$.n_incomplete')")" '4|2|0'

# ---- gateways, on a real twin ---------------------------------------------

exits 0 'simulate a twin' "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 3 \
    --set duration=1.5 --out runs
exits 0 'ingest it' "$ADLIOTLOG" ingest --store twin.db runs/*
for context in gateway none; do
    "$ADLIOTLOG" pairs --store twin.db --name $context --context $context >out
    sqlite3 twin.db "SELECT count(*) > 500, sum(a.gateway != b.gateway) FROM pair_set
        JOIN pair USING (pair_set_id)
        JOIN event AS s ON s.run_id = pair.run_id AND s.line = source_line
        JOIN event AS t ON t.run_id = pair.run_id AND t.line = target_line
        JOIN node AS a ON a.run_id = s.run_id AND a.node = s.node
        JOIN node AS b ON b.run_id = t.run_id AND b.node = t.node
        WHERE name = '$context'" >crossing.$context
done
is 'no pair of context gateway crosses from one to the other' "$(cat crossing.gateway)" '1|0'
unlike 'many of context none do' crossing.none '^1\|0$'

# ---- whose logs -----------------------------------------------------------

for vantage in all gateways; do
    exits 0 "vantage $vantage" "$ADLIOTLOG" pairs --store twin.db --name $vantage --context none \
        --noise none --limit 0 --runs "attack != 'none'" --vantage $vantage
    sqlite3 twin.db "SELECT n_pair + 1, options ->> '$.n_covert', options ->> '$.vantage',
        sum(covert) FROM pair_set JOIN sentence USING (pair_set_id) JOIN event USING (run_id, line)
        WHERE name = '$vantage'" >sums.$vantage
done
covert=$(sqlite3 twin.db 'SELECT sum(covert) FROM event')
check 'some events are covert' test "$covert" -gt 100
is 'all logs have them' "$(cat sums.all)" "$(sqlite3 twin.db "SELECT n_event, 0, 'all', $covert
    FROM run WHERE attack != 'none'")"
is 'those of gateways have not' "$(cat sums.gateways)" "$(sqlite3 twin.db "SELECT n_event - $covert,
    $covert, 'gateways', 0 FROM run WHERE attack != 'none'")"
# ---- the log of one gateway -----------------------------------------------

gateways=$(sqlite3 twin.db 'SELECT DISTINCT gateway FROM node WHERE gateway IS NOT NULL')
for gateway in $gateways; do
    exits 0 "gateway $gateway" "$ADLIOTLOG" pairs --store twin.db --name "own$gateway" --context none \
        --noise none --limit 0 --runs "attack != 'none'" --gateway "$gateway" --json
    is "gateway $gateway: as many events as its nodes have, the others are counted" \
        "$(sqlite3 twin.db "SELECT n_pair + 1, options ->> '$.gateway', options ->> '$.n_elsewhere'
            FROM pair_set WHERE name = 'own$gateway'")" \
        "$(sqlite3 twin.db "SELECT sum(gateway IS $gateway), $gateway, sum(gateway IS NOT $gateway)
            FROM event JOIN run USING (run_id) LEFT JOIN node USING (run_id, node)
            WHERE run.attack != 'none'")"
    is "gateway $gateway: no sentence is of another" "$(sqlite3 twin.db "SELECT DISTINCT gateway
        FROM pair_set JOIN sentence USING (pair_set_id) JOIN event USING (run_id, line)
        JOIN node ON node.run_id = event.run_id AND node.node = event.node
        WHERE name = 'own$gateway'")" "$gateway"
    like "gateway $gateway: JSON counts what is elsewhere" out '"n_elsewhere":[1-9]'
done
is 'there are two' "$(wc -w <<<"$gateways")" 2
is 'without the option there is none' "$(sqlite3 twin.db "SELECT options ->> '$.gateway' IS NULL,
    options ->> '$.n_elsewhere' FROM pair_set WHERE name = 'all'")" '1|0'
exits 1 'a gateway that is none' "$ADLIOTLOG" pairs --store twin.db --name x --gateway 9999
like 'has no pair' err 'no pair: .* [1-9][0-9]* of another gateway'

exits 0 'without a manifest all logs are those of gateways' pairs --name plain --context none \
    --vantage gateways
is 'nothing is left out' "$(ask "SELECT n_pair, options ->> '$.n_covert' FROM pair_set
    WHERE name = 'plain'")" "$(ask "SELECT n_pair, 0 FROM pair_set WHERE name = 'full'")"

# ---- what is refused ------------------------------------------------------

refused() { # NAME STATUS PATTERN OPTION...
    local name=$1 status=$2 pattern=$3
    shift 3
    exits "$status" "$name" pairs "$@"
    like "$name: the message says why" err "$pattern"
}
refused 'an unknown field' 2 "unknown field 'colour' \(known: op, layer" --name x --fields op,colour
refused 'ground truth as a field' 2 "unknown field 'attack'" --name x --fields op,attack
refused 'an unknown context' 2 "unknown context 'flows'" --name x --context flows
refused 'unknown noise' 2 "unknown noise 'macs'" --name x --noise mac,macs
refused 'unknown vantage' 2 "unknown vantage 'victims' \(known: all, gateways\)" --name x \
    --vantage victims
refused 'a gateway by name' 2 "gateway must be the number of a node, not 'AG_1'" --name x --gateway AG_1
refused 'a gateway below zero' 2 "not '-1'" --name x --gateway -1
refused 'unknown numbers' 2 "unknown numbers 'roman'" --name x --numbers roman
refused 'a condition that is no SQL' 2 'no such column: sead' --name x --runs 'sead = 1'
refused 'a condition that cannot be read' 2 'syntax error' --name x --runs 'seed = = 1'
refused 'a condition with a second statement' 2 'more than one statement' --name x \
    --runs '1); DELETE FROM run; SELECT (1'
refused 'a condition that no run meets' 1 'no run in the store has seed = 99' --name x \
    --runs 'seed = 99'
refused 'a name that is taken' 3 "'default' is there already" --name default
refused 'a negative limit' 2 'must not be negative' --name x --limit -1
refused 'no span' 2 'span must be at least 1' --name x --span 0
refused 'no name' 2 'name is missing'
is 'none of them left a pair set' "$(ask "SELECT count(*) FROM pair_set WHERE name = 'x'")" 0
exits 0 'a taken name with --force' pairs --name default --force --limit 2
is 'is replaced' "$(texts default | wc -l)" 2
is 'with all that belonged to it' "$(ask 'SELECT count(*) FROM sentence
    WHERE pair_set_id NOT IN (SELECT pair_set_id FROM pair_set)')" 0
exits 4 'a store that is not there' "$ADLIOTLOG" pairs --store no.db --name x
check 'is not made' test ! -e no.db

finish
