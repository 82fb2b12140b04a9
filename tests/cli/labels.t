#!/usr/bin/env bash
# The manifest that the event store's README shows for a trace of one's own, and what may be left out.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

ask() { sqlite3 s.db "$1"; }
ingest() { "$ADLIOTLOG" ingest --store s.db "$@"; }

cp "$TOP/tests/data/traces/old-aodv.tr" thesis.tr
sed -n '/^## Labels/,/^## Scope/p' "$TOP/dataset/README.md" >section
sed -n '/^    {$/,/^    }$/s/^    //p' section >shown
check 'the README shows a manifest' test "$(wc -l <shown)" -ge 8
sed "s/SHA256/$(sha256sum <thesis.tr | cut -c1-64)/" shown >manifest.json

exits 0 'a trace alone' ingest --max-reject 0 thesis.tr
is 'with the manifest that the README shows has a run' \
    "$(ask 'SELECT scenario, attack, traffic, seed FROM run')" 'thesis|flood||1'
is 'labels: packets of the attack flow, and about its route' "$(ask 'SELECT ptype, count(*), sum(attack)
    FROM event GROUP BY 1')" "$(awk '/^[srfD]/ { n[$7]++ } END { for (k in n) print k "|" n[k] "|" n[k] }' \
    thesis.tr | sort)"
is 'nodes, some with a gateway' "$(ask 'SELECT node, gateway, role, x FROM node')" '0|1||
1||gateway|
2|1||
5|2||250.0'
is 'interfaces' "$(ask 'SELECT mac, node, hidden FROM interface')" '0|0|0
1|1|0
2|2|0'
is 'the checks find nothing' "$(ask ".read '$TOP/dataset/checks.sql'")" ''

# The attacks that the README shows, in that manifest.
sed -n '/^    "attack": "blackhole+flood"/,/^    ]$/s/^    //p' section >attacks
check 'the README shows attacks' test "$(wc -l <attacks)" -ge 6
sed -i 's/"start": 40, "stop": 60/"start": 1.0, "stop": 60/' attacks
{ sed '$d; s/"attack": "flood", //; s/^\( *{"mac": 2.*\)$/\1,/' manifest.json; cat attacks; echo '}'; } >both.json
cp manifest.json one.json
mv both.json manifest.json
exits 0 'with them' ingest --force thesis.tr
is 'they are listed' "$(ask 'SELECT attack_no, attack.attack, start, stop, attack.params, node, role
    FROM attack JOIN attack_node USING (run_id, attack_no)')" '1|blackhole|20.0|60.0||1|attacker
2|flood|1.0|60.0|{"rate":2000000}|0|attacker
2|flood|1.0|60.0|{"rate":2000000}|5|victim'
is 'labels: packets of the flow' "$(ask "SELECT attack_no, covert, group_concat(DISTINCT ptype), count(*)
    FROM event WHERE attack GROUP BY 1, 2")" "2|0|tcp|$(grep -c '^[srfD] .* tcp ' thesis.tr)"
is 'the checks find nothing' "$(ask ".read '$TOP/dataset/checks.sql'")" ''
mv one.json manifest.json
exits 0 'and without them again' ingest --force thesis.tr

mv manifest.json with.json
sed '/"interfaces"/,/\]$/d; s/"attack": true}\],/"attack": true}]/' with.json >manifest.json
exits 0 'without interfaces' ingest --force thesis.tr
is 'they are inferred' "$(ask 'SELECT mac, node, hidden FROM interface')" '0|0|
1|1|
2|2|'
is 'and the labels are there' "$(ask 'SELECT count(*) > 5 FROM event WHERE attack')" 1
exits 0 'a store without a manifest' "$ADLIOTLOG" ingest --store plain.db - <thesis.tr
command=$(sed -n '/^    adliotlog sql/,/WHERE run_id = 1"$/p' section | sed 's/--store S/--store plain.db --no-header/')
exits 0 'the flows for the manifest' bash -c "PATH=${ADLIOTLOG%/*}:\$PATH; $command"
is 'are those of the README' "$(cat out)" \
    '{"flow":0,"proto":"tcp","src":0,"sport":0,"dst":5,"dport":0,"attack":false}'
# shellcheck disable=SC2016 # the backquotes are Markdown's
update=$(sed -n 's/.*`sqlite3 S "\(UPDATE node.*\)"`.*/\1/p' section)
check 'gateways can be told' test -n "$update"
is 'by what the README shows' "$(sqlite3 plain.db "$update; SELECT DISTINCT gateway FROM node
    WHERE node < 3")" 12
is 'and nothing is labelled' "$(sqlite3 plain.db 'SELECT count(attack) FROM event')" 0

finish
