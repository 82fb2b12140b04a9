#!/usr/bin/env bash
# adliotlog draw: what is in a manifest is in the picture, once; bad input is refused.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

# The picture goes to the file drawn as well: the next check writes its own output to out.
draw() { "$ADLIOTLOG" draw "$@" | tee drawn; return "${PIPESTATUS[0]}"; }
plan() { "$ADLIOTLOG" simulate --plan "$@"; }
# An SQL expression on the JSON in plan.json, p.
ask() { sqlite3 :memory: "WITH plan AS (SELECT readfile('$1') AS p) SELECT $2 FROM plan"; }
# How many elements of a picture have a class among theirs.
count() { # FILE CLASS
    xmllint --xpath "count(//*[contains(concat(' ', @class, ' '), ' $2 ')])" "$1"
}
# The words of a picture's legend, an entry a line; letters of marks left out.
legend() {
    xmllint --xpath "//*[@class='legend']/*[local-name()='text']/text()" "$1" | grep ..
}

# ---- against the manifest -------------------------------------------------

flows="(SELECT count(*) FROM (SELECT DISTINCT value->>'src', value->>'dst'
    FROM json_each(p, '\$.flows') WHERE value->>'attack' ="
compare() { # NAME ARGUMENT...
    local name=$1
    shift
    plan "$@" >"$name.json"
    exits 0 "$name: drawn" draw "$name.json"
    mv out "$name.svg"
    is "$name: nothing on stderr" "$(cat err)" ''
    check "$name: well-formed" xmllint --noout "$name.svg"
    is "$name: nodes" "$(count "$name.svg" node)" "$(ask "$name.json" "json_array_length(p, '\$.nodes')")"
    is "$name: gateways" "$(count "$name.svg" gateway)" "$(ask "$name.json" "(SELECT count(DISTINCT
        value->>'gateway') FROM json_each(p, '\$.nodes'))")"
    is "$name: arrows of honest flows" "$(count "$name.svg" flow)" "$(ask "$name.json" "$flows 0))")"
    is "$name: arrows of the attack" "$(count "$name.svg" attack-flow)" \
        "$(ask "$name.json" "$flows 1))")"
    is "$name: wires" "$(count "$name.svg" link)" "$(ask "$name.json" "json_array_length(p, '\$.links')")"
    for part in attacker accomplice victim; do
        is "$name: ${part}s" "$(count "$name.svg" $part)" "$(ask "$name.json" "(SELECT count(DISTINCT
            node.value->>'node') FROM json_each(p, '\$.attacks') attack,
            json_each(attack.value, '\$.nodes') node WHERE node.value->>'role' = '$part')")"
    done
    is "$name: numbers in coordinates" "$(grep -Ec '="[^"]*(nan|inf|e[+-])[^"]*"' "$name.svg")" 0
}

compare iot16
is 'benign: no hidden channel' "$(count iot16.svg hidden)" 0
like 'the title says it all' iot16.svg '<title>Scenario iot16 without attack; udp traffic, seed 1: 16 nodes in 2 networks, 8 flows</title>'
is 'the legend explains what is there, and nothing else' "$(legend iot16.svg)" \
    'network of gateway 12
network of gateway 13
gateway
flow: device to data server'
is 'every number is shown' "$(xmllint --xpath "count(//*[contains(@class, 'node')]/*[local-name()='text'])" \
    iot16.svg)" 16

compare hidden --attack hidden-channel
is 'one hidden channel' "$(count hidden.svg hidden)" 1
like 'between the colluders' hidden.svg 'hidden radio channel between nodes 14 and 15<'
like 'whose flow is the attack' hidden.svg 'class="attack-flow"><title>flow 8: node 14 to 15, attack<'
like 'a node is told to the pointer' hidden.svg '<title>node 14, device behind gateway 12, attacker, at 300 m, 500 m</title>'
is 'legend of the attack' "$(legend hidden.svg | tail -n 4)" 'flow of the attack
hidden high-power channel
attacker
accomplice'
compare pairs --scenario field --set nodes=60 --set gateways=3 --attack hidden-channel --set colluders=3
is 'three hidden channels' "$(count pairs.svg hidden)" 3
compare cloud --scenario cloud --attack flood
is 'three servers' "$(count cloud.svg server)" 3
is 'a router' "$(count cloud.svg router)" 1
compare wormhole --scenario field --attack wormhole
is 'a tunnel' "$(count wormhole.svg hidden)" 1
like 'which is called one' wormhole.svg '>wormhole tunnel<'
compare mixture --scenario field --attack jamming+hidden-channel+wormhole --set jamming_count=2 \
    --set colluders=2
node_of() { ask mixture.json "p->>'\$.interfaces[$1].node'"; }
is 'jammers have no channel, the others have theirs' \
    "$(grep -o 'between nodes [0-9]* and [0-9]*' mixture.svg)" \
    "between nodes $(node_of 40) and $(node_of 41)
between nodes $(node_of 42) and $(node_of 43)
between nodes $(node_of 46) and $(node_of 47)"
compare large --scenario field --set nodes=500 --set gateways=5 --attack scan
compare http --traffic http
compare moving --scenario field --set mobility=waypoint
like 'positions of moving nodes are those of the beginning' moving.svg 'Nodes move'

# Texts of a picture are boxes; 0.6 of the font size is wider than most letters.
cat >overlap.py <<'PYTHON'
import sys, xml.etree.ElementTree as tree
boxes = []
for text in tree.parse(sys.argv[1]).iter('{http://www.w3.org/2000/svg}text'):
    size, x, y = (float(text.get(name)) for name in ('font-size', 'x', 'y'))
    width = 0.6 * size * len(text.text)
    x -= {'middle': width / 2, 'end': width}.get(text.get('text-anchor'), 0)
    boxes.append((x, y - 0.75 * size, x + width, y, text.text))
root = tree.parse(sys.argv[1]).getroot()
limit = float(root.get('width')), float(root.get('height'))
for i, a in enumerate(boxes):
    if a[0] < 0 or a[1] < 0 or a[2] > limit[0] or a[3] > limit[1]:
        print('outside:', a[4])
    for b in boxes[:i]:
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            print('overlap:', a[4], b[4])
print(len(boxes) > 10)
PYTHON
if command -v python3 >/dev/null; then
    for name in iot16 hidden pairs cloud wormhole mixture large; do
        is "$name: no text touches another" "$(python3 overlap.py $name.svg)" True
    done
else
    skip 'no text touches another' 'no python3'
fi

# ---- the same from everywhere ---------------------------------------------

"$ADLIOTLOG" simulate --attack hidden-channel --set duration=0.5 --out runs >run 2>err
run=$(cat run)
exits 0 'a directory of a run' draw "$run"
cp drawn run.svg
exits 0 'its manifest' draw "$run/manifest.json"
check 'is the same picture' cmp drawn run.svg
exits 0 'standard input' draw - <"$run/manifest.json"
check 'is the same, too' cmp drawn run.svg
plan --attack hidden-channel --set duration=0.5 >plan.json
exits 0 'a plan' draw plan.json
check 'is the same before it is simulated' cmp drawn run.svg
unlike 'nothing that two pictures in a page would fight for' run.svg '<style| id=|<script|(href|src)='

# ---- files ----------------------------------------------------------------

exits 0 'into a file' draw plan.json --output p.svg
is 'whose name is printed' "$(cat out)" p.svg
check 'the same bytes' cmp p.svg run.svg
echo mine >p.svg
exits 3 'a file is not replaced' draw plan.json --output p.svg
like 'and the message says how' err 'p\.svg.*--force'
is 'it is as it was' "$(cat p.svg)" mine
exits 0 'with --force it is' draw plan.json --output p.svg --force
check 'by the picture' cmp p.svg run.svg
exits 3 'bad input' draw /dev/null --output p.svg --force
check 'leaves a file alone' cmp p.svg run.svg
exits 0 '- is standard output' draw plan.json --output -
check 'as without it' cmp drawn run.svg
exits 4 'a folder that is not there' draw plan.json --output none/p.svg
exits 4 'a full standard output' sh -c "'$ADLIOTLOG' draw plan.json >/dev/full"
like 'one line says so' err 'adliotlog draw: .*standard output'
is 'one' "$(wc -l <err)" 1

# ---- what is refused ------------------------------------------------------

exits 2 'nothing to draw' draw
exits 2 'two things to draw' draw plan.json plan.json
like 'the second is named' err "'plan.json' is one too many"
exits 2 'a typo' draw plan.json --ouptut x
exits 4 'no such file' draw none.json
like 'is named' err 'cannot open none.json: No such file'
mkdir empty
exits 4 'a directory without a manifest' draw empty
like 'it should have one' err 'empty/manifest.json'

refused() { # NAME PATTERN, of bad.json
    exits 3 "$1" draw bad.json
    like "$1: what and where" err "^adliotlog draw: bad.json: $2"
    is "$1: one line, and no picture" "$(wc -l <err) $(wc -c <out)" '1 0'
}
# The plan with one thing changed, by JSON path and an SQL expression.
change() { ask plan.json "json_set(p, $1)" >bad.json; }

echo 'not JSON' >bad.json
refused 'not JSON' 'not valid JSON'
: >bad.json
refused 'an empty file' 'not valid JSON'
head -c 3000 plan.json >bad.json
refused 'a truncated plan' 'not valid JSON'
echo '[1]' >bad.json
refused 'a list' 'not a JSON object'
echo '{}' >bad.json
refused 'an empty object' 'nodes is missing'
plan --seeds 1..2 >bad.json
refused 'two plans' 'not valid JSON: several values'
ask plan.json "json_remove(p, '\$.nodes')" >bad.json
refused 'no nodes' 'nodes is missing'
change "'\$.nodes', json('[]')"
refused 'empty nodes' 'nodes is empty'
change "'\$.nodes[3].x', '12'"
refused 'a coordinate as a string' 'nodes\[3\]\.x is not a number'
change "'\$.nodes[3].y', NULL"
refused 'a coordinate that is null' 'nodes\[3\]\.y is not a number'
ask plan.json "replace(json_set(p, '\$.nodes[3].x', 'here'), '\"here\"', 'NaN')" >bad.json
refused 'NaN' 'not valid JSON'
ask plan.json "replace(json_set(p, '\$.nodes[3].x', 'here'), '\"here\"', '1e300')" >bad.json
refused 'far away' 'nodes\[3\]\.x is not from -10000000 to 10000000 m'
ask plan.json "replace(json_set(p, '\$.nodes[3].x', 'here'), '\"here\"', '1e999')" >bad.json
refused 'infinity' '(nodes\[3\]\.x is out of range|not valid JSON)'
change "'\$.nodes[3].node', 2"
refused 'a node twice' 'nodes\[3\]\.node: 2 is there twice'
change "'\$.nodes[3].node', -1"
refused 'a negative node' 'nodes\[3\]\.node is out of range'
change "'\$.nodes[3].node', 3000000000"
refused 'a node that ns cannot have' 'nodes\[3\]\.node is out of range'
change "'\$.nodes[3].gateway', 99"
refused 'a gateway that is not there' 'nodes\[3\]\.gateway: there is no node 99'
change "'\$.nodes[3].role', 'king'"
refused 'an unknown role' "nodes\[3\]\.role 'king' is unknown"
change "'\$.flows[1].dst', 99"
refused 'a flow to nowhere' 'flows\[1\]\.dst: there is no node 99'
change "'\$.interfaces[16].node', 99"
refused 'a radio of nobody' 'interfaces\[16\]\.node: there is no node 99'
change "'\$.attacks[0].nodes[0].node', 99"
refused 'an attacker that is not there' 'attacks\[0\]\.nodes\[0\]\.node: there is no node 99'
change "'\$.format', 'other'"
refused 'another format' "format 'other' is unknown"
many() { # N: a plan of N nodes and as many flows
    ask plan.json "json_object('scenario', 's', 'attack', 'none', 'nodes', (SELECT json_group_array(
        json_object('node', value, 'x', value % 317, 'y', value / 317)) FROM generate_series(0, $1 - 1)),
        'flows', (SELECT json_group_array(json_object('flow', value, 'src', value, 'dst', 0,
        'attack', json('false'))) FROM generate_series(0, $1 - 1)))"
}
many 100001 >bad.json
refused 'too many nodes' 'more than 100000 nodes'
head -c 70000000 /dev/zero | tr '\0' ' ' >bad.json
refused 'too many bytes' 'longer than 64 MiB'
{ printf '{"nodes":['; yes '{},' | head -n 2000000; echo '{}]}'; } >bad.json
refused 'what would take gigabytes to parse' 'not valid JSON here: too many values'
rm bad.json
many 100000 >many.json
limit=2000000
if [[ $BUILD == */asan ]]; then limit=unlimited; fi # its shadow memory alone is more
exits 0 'as many as may be' sh -c "ulimit -v $limit; '$ADLIOTLOG' draw many.json >drawn"
is 'all of them are there' "$(grep -c '^<g class="node"' drawn) $(grep -c '^<g class="flow"' drawn)" \
    '100000 99999'
like 'a flow from a node to itself is not' drawn 'Not drawn: flows whose two ends .* \(1\)'
rm many.json

# ---- odd, but true --------------------------------------------------------

change "'\$.scenario', '<script>alert(\"1\")</script> & ''' || char(7, 8238) || printf('%.*c', 300, 'x')"
exits 0 'a name that is markup' draw bad.json
check 'is none' xmllint --noout drawn
unlike 'not even a bit' drawn '<script'
like 'but text' drawn 'Scenario &lt;script&gt;alert\(&quot;1&quot;\)&lt;/script&gt; &amp; &#39;'
is 'without what cannot be printed' "$(grep -Pc '[\x00-\x08\x0b-\x1f]|\xe2\x80\xae' drawn)" 0
like 'and shortened' drawn 'font-weight="bold">Scenario .*…</text>'
echo '{"scenario":"s","attack":"none","flows":[],"nodes":[{"node":7,"x":-5,"y":0.5}]}' >bad.json
exits 0 'a node alone' draw bad.json
is 'is drawn' "$(count drawn node)" 1
sed 's/\[{/[{"node":8,"x":-5,"y":0.5},{/; s/"flows":\[\]/"flows":[{"flow":0,"src":8,"dst":7,"attack":false}]/' \
    bad.json >twice.json
exits 0 'two nodes at one place' draw twice.json
is 'and numbers that would lie upon each other are left out' "$(legend drawn | tail -n 2)" \
    'Numbers of nodes that have no room are in the titles.
Not drawn: flows whose two ends are at one place (1).'
check 'all of it well-formed' xmllint --noout drawn

finish
