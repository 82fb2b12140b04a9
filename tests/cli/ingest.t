#!/usr/bin/env bash
# adliotlog ingest: real traces, counted a second time by awk; labels against what the hidden stack
# itself traced; broken input and injected faults.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

ingest() { "$ADLIOTLOG" ingest --store s.db "$@"; }
ask() { sqlite3 s.db "$1"; }
iot16() { ns "$TOP/scenarios/iot16.tcl" "$@" >ns.out 2>&1; }

# ---- real traces ----------------------------------------------------------

exits 0 'simulate a twin' "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 3 \
    --set duration=1.5 --set attack_start=0.7 --out runs
mapfile -t run <out
exits 0 'ingest both runs' ingest "${run[@]}"
is 'a line a run on stdout' "$(wc -l <out)" 2
is 'every line is counted once' \
    "$(ask 'SELECT sum(n_line = n_event + n_noise + n_blank + n_reject) FROM run')" 2
is 'and every line of the trace' "$(ask 'SELECT sum(n_line) FROM run')" \
    "$(cat runs/*/trace.tr | wc -l)"

by_hand() { # FILE: operation, level, type, number, bytes of an old-format trace
    awk '{ gsub("D", "d", $1); k = $1 "|" $4 "|" $7; n[k]++; b[k] += $8 }
        END { for (k in n) print k "|" n[k] "|" b[k] }' "$1" | LC_ALL=C sort
}
is 'operations, levels, types and bytes as awk counts them' "$(ask \
    "SELECT op, layer, ptype, count(*), sum(size) FROM event WHERE run_id = 2 GROUP BY 1, 2, 3" |
    LC_ALL=C sort)" "$(by_hand "${run[1]}/trace.tr")"
is 'times are those of the trace' \
    "$(ask 'SELECT printf("%.9f", time) FROM event WHERE run_id = 1 ORDER BY line' | sha256sum)" \
    "$(awk '{ print $2 }' "${run[0]}/trace.tr" | sha256sum)"
is 'nodes, gateways, flows and interfaces come from the manifest' \
    "$(ask 'SELECT (SELECT count(*) FROM node), (SELECT count(DISTINCT gateway) FROM node),
            (SELECT group_concat(n) FROM (SELECT count(*) AS n FROM flow GROUP BY run_id)),
            (SELECT sum(hidden) FROM interface)')" '32|2|8,9|2'
is 'first and last time are those of the trace' \
    "$(ask 'SELECT printf("%.9f", first_time), printf("%.9f", last_time) FROM run WHERE run_id = 1')" \
    "$(head -n 1 "${run[0]}/trace.tr" | cut -d ' ' -f 2)|$(tail -n 1 "${run[0]}/trace.tr" |
        cut -d ' ' -f 2)"
# shellcheck disable=SC2016
is 'packets are sent and first received when agents say so' \
    "$(ask 'SELECT uid, printf("%.9f", sent), iif(received IS NULL, "", printf("%.9f", received)), sent_line,
        ifnull(received_line, "") FROM packet WHERE run_id = 2 ORDER BY uid')" \
    "$(awk '$4 == "AGT" { uid = $6 + 0 }
        $4 == "AGT" && $1 == "s" { sent[uid] = $2; sent_line[uid] = NR }
        $4 == "AGT" && $1 == "r" && !(uid in got) { got[uid] = $2; got_line[uid] = NR }
        END { for (uid in sent)
            print uid "|" sent[uid] "|" got[uid] "|" sent_line[uid] "|" got_line[uid] }' \
        "${run[1]}/trace.tr" | sort -n)"
is 'the benign run has no attack' "$(ask 'SELECT sum(attack) FROM event WHERE run_id = 1')" 0
is 'nothing is labelled before the attack begins' \
    "$(ask 'SELECT min(time) >= 0.7 FROM event WHERE attack')" 1

# The hidden stack's lines in a file of their own: what it traced is what must be labelled, with the
# sends and receptions of its flow at agent level.
set -- attack=hidden-channel seed=3 duration=1.5 attack_start=0.7
iot16 --trace main.tr --hidden-trace hidden.tr "$@"
iot16 --trace all.tr "$@"
exits 0 'ingest the run whose hidden lines are known' ingest --force "${run[1]}"
cmp -s all.tr "${run[1]}/trace.tr"
is 'it is the same trace' $? 0
ask "SELECT line FROM event WHERE run_id = 2 AND attack" | sort >labelled
{ # lines only in the whole trace are the hidden stack's; the flow's agents add theirs
    diff --unchanged-line-format= --old-line-format= --new-line-format='%dn
' main.tr all.tr
    awk '/ AGT / && /\[14:[0-9]+ 15:/ { print NR }' all.tr
    awk '/ RTR / && /\[14:[0-9]+ 15:/ { print NR }' all.tr
} | sort -u >known
check 'labels are exactly the lines of the hidden stack and its flow' cmp known labelled
check 'there are hundreds of them' test "$(wc -l <known)" -gt 300

exits 3 'the same trace twice is refused' ingest "${run[0]}"
like 'by name and number' err 'already in the store as run 1 \(--force replaces it\)'
cp "${run[0]}/trace.tr" copy.tr
exits 3 'also under another name, without its manifest' ingest copy.tr
is 'the store is as it was' "$(ask 'SELECT count(*), max(run_id) FROM run')" '2|2'
before=$(ask 'SELECT sum(time), count(*) FROM event')
exits 0 'with --force it is replaced' ingest --force "${run[0]}"
is 'in its place, with nothing doubled' "$(ask 'SELECT sum(time), count(*) FROM event')" "$before"
is 'under its number' "$(ask 'SELECT run_id FROM run WHERE seed = 3' | tr '\n' ' ')" '1 2 '

# ---- equal traces ---------------------------------------------------------

"$ADLIOTLOG" simulate --attack none,grayhole --sweep duration=0.5,0.500001 --set relayed_uploads=1 \
    --set grayhole_share=0.01 --set grayhole_start=0.4 --out equal >equal.dirs 2>err
mapfile -t equal <equal.dirs
is 'a sweep that changes nothing, and a hole that does nothing' \
    "${#equal[@]} $(sha256sum equal/*/trace.tr | cut -c 1-64 | sort -u | wc -l)" '4 1'
exits 0 'runs with equal traces are ingested' "$ADLIOTLOG" ingest --store equal.db "${equal[@]}"
is 'those whose attack came to nothing are named' "$(cat err)" \
    "$(grep grayhole equal.dirs | sed "s/.*/adliotlog ingest: &: attack 'grayhole' left no event: labelled by its window only/")"
is 'also in SQL' "$(sqlite3 equal.db 'SELECT count(*), sum(n_attack) FROM twin')" '2|0'
is 'each is the run of its plan' "$(sqlite3 equal.db 'SELECT count(DISTINCT trace_sha256),
    count(DISTINCT plan_sha256), count(DISTINCT scenario_sha256) FROM run')" '1|4|1'
is 'and has the twin of its own parameters' "$(sqlite3 equal.db "SELECT count(*), sum(a.params ->> 'duration'
    = b.params ->> 'duration') FROM twin JOIN run AS a USING (run_id)
    JOIN run AS b ON b.run_id = benign_run_id")" '2|2'
exits 3 'but no plan is there twice' "$ADLIOTLOG" ingest --store equal.db "${equal[3]}"
like 'as its own run' err 'already in the store as run 4 '
exits 0 'with --force it is replaced' "$ADLIOTLOG" ingest --store equal.db --force "${equal[3]}"
is 'and nothing else' "$(sqlite3 equal.db 'SELECT count(*), sum(run_id) FROM run')" '4|10'
sed '1a # another text' "$TOP/scenarios/iot16.tcl" >iot16.tcl
"$ADLIOTLOG" simulate --scenario ./iot16.tcl --seeds 1 --set duration=0.500002 --out equal >other 2>err
sqlite3 equal.db "DELETE FROM run WHERE attack = 'none'"
exits 0 'another text of the scenario' "$ADLIOTLOG" ingest --store equal.db "$(cat other)"
sqlite3 equal.db "UPDATE run SET params = (SELECT params FROM run WHERE attack != 'none')"
is 'makes no twin' "$(sqlite3 equal.db 'SELECT count(*) FROM twin')" 0

counts() { # RUN: its rows in each table that speaks of runs
    for table in $(ask "SELECT name FROM sqlite_schema AS t WHERE type = 'table'
        AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'run_id')"); do
        echo "$table $(ask "SELECT count(*) FROM $table WHERE run_id = $1")"
    done
}
counts 1 >before
exits 0 'replaced once more' ingest --force "${run[0]}"
is 'each table has as many rows of it as before' "$(counts 1)" "$(cat before)"

exits 0 'replaced by a copy without its manifest' ingest --force copy.tr
is 'nothing of the manifest is left' "$(ask 'SELECT count(scenario), count(run.attack),
    count(traffic), count(seed), count(duration), count(ns_version), count(params),
    count(event.attack) FROM run JOIN event USING (run_id) WHERE run_id = 1')" '0|0|0|0|0|0|0|0'
exits 0 'and by the run directory again' ingest --force "${run[0]}"
is 'as many rows as ever' "$(counts 1)" "$(cat before)"
is 'all of it is back' "$(ask 'SELECT scenario, attack, traffic, seed, duration, trace_path,
    (SELECT sum(attack) FROM event WHERE run_id = 1) FROM run WHERE run_id = 1')" \
    "iot16|none|udp|3|1.5|${run[0]}/trace.tr|0"

# ---- integrity ------------------------------------------------------------

"$ADLIOTLOG" pairs --store s.db --name all --noise none --context none >out
exits 0 'the checks run on a sound store' sqlite3 -bail s.db ".read '$TOP/dataset/checks.sql'"
is 'and find nothing' "$(cat out)" ''
finds() { # PATTERN SQL: the checks say so after that change
    cp s.db damaged.db
    sqlite3 damaged.db "PRAGMA ignore_check_constraints = ON; $2"
    sqlite3 damaged.db ".read '$TOP/dataset/checks.sql'" >out
    like "the checks find: $1" out "^$1"
}
of_line() { # TABLE: a condition that finds the row of it that line 9 of run 1 has
    echo "$1_id = (SELECT $1_id FROM event_row JOIN shape USING (shape_id)
                   WHERE event_row.run_id = 1 AND line = 9)"
}
finds 'event without run\|3\|1' 'UPDATE event_row SET run_id = 3 WHERE run_id = 1 AND line = 1'
finds 'event without run\|1\|-1' 'UPDATE event_row SET line = -1 WHERE run_id = 1 AND line = 1'
finds 'event without shape\|1\|9' "DELETE FROM shape WHERE $(of_line shape)"
finds 'shape without kind, place or ends\|1' "DELETE FROM kind WHERE $(of_line kind)"
finds 'shape without kind, place or ends\|1' "UPDATE ends SET run_id = 2 WHERE $(of_line ends)"
finds 'lines of a shape\|1' "UPDATE shape SET n = n + 1 WHERE $(of_line shape)"
finds 'extra of no event\|1\|0' 'INSERT INTO event_extra (run_id, line) VALUES (1, 0)'
finds 'text of no event\|1\|0' "INSERT INTO event_text VALUES (1, 0, '')"
finds 'event and noise\|1\|9' "INSERT INTO noise_line VALUES (1, 9, 'energy', '')"
finds 'noise lines\|1' "INSERT INTO noise_line VALUES (1, 9, 'energy', '')"
finds 'noise line without run\|9\|9' "INSERT INTO noise_line VALUES (9, 9, 'energy', '')"
finds 'event without node\|1' "UPDATE place SET node = 99 WHERE $(of_line place)"
finds 'event without flow\|1\|' 'DELETE FROM flow WHERE run_id = 1 AND flow = 2'
finds 'packet without flow\|1\|2' 'DELETE FROM flow WHERE run_id = 1 AND flow = 2'
finds 'proto is not that of the flow\|2\|' "UPDATE flow SET proto = 'tcp' WHERE run_id = 2"
finds 'MAC number of another node\|1\|' 'UPDATE interface SET node = 3 WHERE mac = 4'
finds 'label and manifest\|1' "UPDATE shape SET attack = NULL WHERE $(of_line shape)"
finds 'attack in a benign run\|1' "UPDATE shape SET attack = 1 WHERE $(of_line shape)"
finds 'value out of range\|1' "UPDATE kind SET op = 'D' WHERE $(of_line kind)"
finds 'received before sent\|1' 'UPDATE packet SET received_line = 1 WHERE run_id = 1 AND sent_line > 1'
finds 'packet of another line\|1' 'UPDATE packet SET sent_line = sent_line + 9 WHERE run_id = 1'
finds 'events of a node\|1\|3' 'UPDATE node_activity SET n = n + 1 WHERE node = 3'
finds 'n_event\|1' 'DELETE FROM event_row WHERE run_id = 1 AND line = 9'
finds 'n_reject\|1' "INSERT INTO reject VALUES (1, 9, '', '')"
finds 'event and reject\|1\|9' "INSERT INTO reject VALUES (1, 9, '', '')"
finds 'n_noise\|2' "INSERT INTO noise VALUES (2, 'energy', 1)"
finds 'sentence without event\|1\|1\|9' 'DELETE FROM event_row WHERE run_id = 1 AND line = 9'
finds 'pair without sentence\|8' 'DELETE FROM sentence WHERE run_id = 1 AND line = 9'
finds 'n_pair\|1\|2' 'DELETE FROM pair WHERE run_id = 2'

# ---- which manifest -------------------------------------------------------

fresh() { rm -f s.db*; }
cp -r "${run[1]}" packed
gzip packed/trace.tr
for path in packed packed/trace.tr.gz; do
    fresh
    exits 0 "ingest $path" ingest $path
    is 'its manifest is used' "$(ask "SELECT attack, (SELECT count(*) > 300 FROM event WHERE attack),
        trace_path FROM run")" 'hidden-channel|1|packed/trace.tr.gz'
done
mkdir odd
cp "${run[0]}/trace.tr" odd/mine.tr
cp "${run[0]}/trace.tr" odd/trace.tr
echo '{"some": "other program"}' >odd/manifest.json
fresh
exits 3 'a trace.tr beside a bad manifest' ingest odd/trace.tr
like 'is refused with the reason' err 'odd/manifest.json: .* is missing'
exits 0 'any other file beside it' ingest odd/mine.tr
is 'does without' "$(ask 'SELECT count(*), count(attack) FROM run')" '1|0'
cp -r "${run[0]}" stranger
sed -i '100 s/_[0-9]*_/_77_/' stranger/trace.tr
sed -i "s/$(sha256sum <"${run[0]}/trace.tr" | cut -c1-64)/$(sha256sum <stranger/trace.tr |
    cut -c1-64)/" stranger/manifest.json
fresh
exits 3 'a node that the manifest does not list' ingest stranger
like 'is named with its line' err 'stranger/trace.tr:100: node 77 is not in the manifest'
is 'and the run refused' "$(ask 'SELECT count(*) FROM run')" 0

# ---- new format, stdin, gzip, no manifest ---------------------------------

iot16 --trace new.tr format=new seed=3 duration=1
iot16 --trace old.tr format=old seed=3 duration=1
rm -f s.db*
check 'new format from standard input' sh -c "\"$ADLIOTLOG\" ingest --store s.db - <new.tr"
gzip -k old.tr
exits 0 'old format, gzipped' ingest old.tr.gz
is 'both hold the same events' "$(ask "SELECT count(*) FROM (
    SELECT line, time, op, layer, node, src, sport, dst, dport, seq, ttl, mac_src, mac_dst, reason
    FROM event WHERE run_id = 1 INTERSECT
    SELECT line, time, op, layer, node, src, sport, dst, dport, seq, ttl, mac_src, mac_dst, reason
    FROM event WHERE run_id = 2)")" "$(wc -l <old.tr)"
is 'flows are inferred' "$(ask "SELECT group_concat(src || '-' || dst, ' ') FROM
    (SELECT * FROM flow WHERE run_id = 2 ORDER BY src, dst)")" \
    '0-12 2-3 2-11 3-2 6-15 8-9 14-2 15-5'
is 'interfaces are inferred' "$(ask 'SELECT count(*), sum(mac = node) FROM interface
    WHERE run_id = 2')" '16|16'
is 'ground truth is not made up' "$(ask 'SELECT count(attack), (SELECT count(attack) FROM flow),
    (SELECT count(hidden) FROM interface) FROM event')" '0|0|0'

# ---- every format ---------------------------------------------------------

rm -f s.db*
exits 0 'traces of every kind' ingest "$TOP"/tests/data/traces/*.tr
is 'nothing of them is refused' "$(ask 'SELECT sum(n_reject), sum(n_event) > 300 FROM run')" '0|1'
is 'all formats are there' "$(ask 'SELECT group_concat(format) FROM
    (SELECT DISTINCT format FROM event ORDER BY 1)')" 'new,old,satellite,tagged,wired,wired tagged'
is 'the checks find nothing' "$(ask ".read '$TOP/dataset/checks.sql'")" ''
is 'hierarchical addresses of wired lines are numbers, as in wireless ones: 1.0.2' \
    "$(ask "SELECT count(*) > 0 FROM event WHERE format = 'wired' AND dst = 4194306")" 1

# ---- more than is remembered at once --------------------------------------

# 40,000 packets, each with ends of its own, cross two links side by side. The last is lost there.
awk 'BEGIN { N = 40000
    for (link = 0; link < 2; link++)
        for (step = 1; step <= 3; step++)
            for (i = 0; i < N; i++)
                printf "%s %.10g %d %d cbr 100 ------- 0 %d.0 %d.0 %d %d\n",
                    link && step == 3 && i == N - 1 ? "d" : substr("+-r", step, 1),
                    ((link * 3 + step - 1) * N + i) / 1e6, link, link + 1, i, N + i, i, i }' >many.tr
rm -f s.db*
exits 0 'a trace of more ends and packets than are remembered' ingest many.tr
is 'they are there more than once' \
    "$(ask 'SELECT count(*) > 40000, count(DISTINCT src) FROM ends')" '1|40000'
is 'but counted once' "$(ask 'SELECT sum(n), sum(bytes) FROM event_count;
    SELECT count(*), sum(size) FROM event')" '240000|24000000
240000|24000000'
is 'packets are received where no link follows' "$(ask "SELECT count(*), count(received),
    sum(sent_line = uid + 1), sum(received_line = uid + 200001) FROM packet")" \
    '40000|39999|40000|39999'
is 'how many links those crossed that were lost sight of is not made up' \
    "$(ask 'SELECT count(hops) FROM packet WHERE hops != 2')" 0
is 'the trace is what it was' "$("$ADLIOTLOG" export --store s.db --run 1 --format trace |
    sha256sum)" "$(sha256sum <many.tr)"
is 'the checks find nothing' "$(ask ".read '$TOP/dataset/checks.sql'")" ''

# ---- from wires into the air ----------------------------------------------

ns "$TOP/tests/data/traces/mixed.tcl" out mixed-run.tr traffic tcp,cbr stop 40 >/dev/null 2>&1
awk '$4 != "RTR"' mixed-run.tr >no-routers.tr
for trace in mixed-run.tr no-routers.tr; do
    rm -f s.db*
    exits 0 "a wired-cum-wireless run: $trace" ingest $trace
    # shellcheck disable=SC2016
    is 'only what agents received has arrived on the air' \
        "$(ask "SELECT count(received) FROM packet JOIN flow USING (run_id, flow)
            WHERE forward AND proto IN ('tcp', 'udp') GROUP BY proto ORDER BY proto")" \
        "$(awk '$4 == "AGT" && $1 == "r" && $7 ~ /^(tcp|cbr)$/ { n[$7]++ }
            END { print n["tcp"]; print n["cbr"] }' mixed-run.tr)"
done
is 'the checks find nothing' "$(ask ".read '$TOP/dataset/checks.sql'")" ''

# ---- runs that come again, and go -----------------------------------------

rm -f s.db*
head -n 500 old.tr >mended.tr
exits 0 'a trace' ingest mended.tr
unlike 'has no namesake' err .
head -n 600 old.tr >mended.tr
exits 0 'another of the same name' ingest mended.tr
like 'is no secret' err 'mended.tr: run 1 is of a file of that name with other content'
exits 0 'a third one' ingest new.tr
"$ADLIOTLOG" pairs --store s.db --name some --runs 'run_id = 3' --noise none --context none >out
is 'the planner knows how many rows there are' \
    "$(ask "SELECT count(*) > 5 FROM sqlite_stat1")" 1
exits 0 'a run is deleted' sqlite3 s.db 'DELETE FROM run WHERE run_id = 2'
is 'with all its rows' "$(ask 'SELECT count(*) FROM event WHERE run_id = 2'
    ask 'SELECT count(*) FROM shape WHERE run_id = 2'
    ask 'SELECT count(*) FROM packet WHERE run_id = 2')" '0
0
0'
is 'no table that speaks of runs keeps any' "$(counts 2 | grep -v ' 0$')" ''
is 'the others stay' "$(ask 'SELECT count(DISTINCT run_id) FROM event_row')" 2
exits 19 'one that a pair set needs is not' sqlite3 s.db 'DELETE FROM run WHERE run_id = 3'
like 'and the message says what to do' err 'a pair set was made from this run'
sqlite3 s.db 'PRAGMA foreign_keys = ON; DELETE FROM pair_set; DELETE FROM run WHERE run_id = 3'
exits 0 'its number is free again' ingest mended.tr
is 'the checks find nothing there' "$(ask ".read '$TOP/dataset/checks.sql'")" ''

# ---- broken input ---------------------------------------------------------

rm -f s.db*
{ head -n 100 old.tr; echo 'M 0.10000 3 (1.00, 2.00, 0.00), (3.00, 4.00), 5.00'; echo
  echo 'N -t 0.100000 -n 3 -e 9.900000'; echo 'q 0.1 what is this'; printf 's 0.1\t\377\n'
  echo 'r 1.2 0 1 cbr 500 ------- 2 0.0 1.0 3 4'; sed -n 101,150p old.tr
  echo '0.00000  0  0  4  0  cwnd_ 1.000 '; } >mixed.tr
exits 3 'more refused lines than wanted' ingest --max-reject 1 mixed.tr
like 'say which was too many' err 'mixed.tr:105: more than 1 lines refused'
is 'and what is wrong with each' "$(grep -c '^adliotlog ingest: mixed.tr:10[45]: ' err)" 3
is 'and the trace is refused as a whole' "$(ask 'SELECT count(*) FROM run')" 0
exits 2 'fewer than none' ingest --max-reject -2 mixed.tr
exits 3 'a trace with three kinds of trouble' ingest --max-reject 2 mixed.tr
like 'the message names file, line and reason' err "mixed.tr:104: unknown event 'q'"
is 'noise, blank and refused lines are counted' \
    "$(ask 'SELECT n_line, n_event, n_noise, n_blank, n_reject FROM run')" '157|151|3|1|2'
is 'by kind' "$(ask 'SELECT group_concat(kind || n) FROM noise')" 'energy1,movement1,variable1'
is 'noise is not kept unless it is asked for' "$(ask 'SELECT count(*) FROM noise_line')" 0
exits 3 'the same with --keep-noise' ingest --force --keep-noise mixed.tr
is 'keeps it to the letter' "$(ask "SELECT line || ' ' || kind || ' ' || text FROM noise_line")" \
    '101 movement M 0.10000 3 (1.00, 2.00, 0.00), (3.00, 4.00), 5.00
103 energy N -t 0.100000 -n 3 -e 9.900000
157 variable 0.00000  0  0  4  0  cwnd_ 1.000 '
is 'refused lines are kept, escaped' "$(ask 'SELECT line, text FROM reject' | tail -n 1)" \
    '105|s 0.1\x09\xff'
is 'a wired line among wireless ones' \
    "$(ask "SELECT format, node, src, dst, seq, uid FROM event WHERE format = 'wired'")" \
    'wired|1|0|1|3|4'

head -c 5000 old.tr | head -c -20 >cut.tr
exits 3 'a trace cut off in mid-line' ingest --json cut.tr
is 'the object on stdout says that it has no end' \
    "$(sqlite3 :memory: "SELECT '$(cat out)' ->> 'unterminated'")" 1
like 'says so' err 'cut.tr: the last line has no line end \(cut off\?\)'
is 'all but the last line is there' "$(ask "SELECT n_reject, n_line - n_event FROM run
    WHERE trace_path = 'cut.tr'")" '1|1'
cp -r "${run[0]}" cutrun
head -c 100000 "${run[0]}/trace.tr" >cutrun/trace.tr
exits 3 'a run directory whose trace was cut off' ingest cutrun
like 'is refused as a whole' err 'not the trace that its manifest describes'

ask 'SELECT count(*) FROM event' >before
: >empty.tr
seq 100 >numbers.tr
exits 3 'an empty file' ingest empty.tr
exits 3 'a file of something else' ingest numbers.tr
like 'has no line of a trace' err 'no line of an ns-2 trace among its 100 lines'
exits 4 'a file that is not there' ingest nothere.tr
exits 3 'a directory without a manifest' ingest .
exits 3 'a nam file' ingest <(printf 'V -t * -v 1.0a5 -a 0\nn -t * -a 0 -s 0\n')
like 'is told by its name' err 'no line of an ns-2 trace among its 2 lines; the first: line of a nam trace'
printf '0.00000  0  0  4  0  cwnd_ 1.000 \n0.10000  0  0  4  0  cwnd_ 2.000 \n' >cwnd.tr
exits 3 'a file of TCP variables' ingest cwnd.tr
like 'is told by its name' err 'among its 2 lines; they are traced variables \(side file\)'
printf '\037\213\010\000packed' >packed.tr
exits 3 'gzip data under the name of a trace' ingest packed.tr
like 'is told by its name' err 'gzip data'
is 'none of them left anything' "$(ask 'SELECT count(*) FROM event')" "$(cat before)"
exits 2 'no trace given' ingest
exits 2 'no store given' "$ADLIOTLOG" ingest old.tr

# ---- stores ---------------------------------------------------------------

echo 'not a database, but long enough to be mistaken for one by its name' >text.db
exits 3 'a store that is a text file' "$ADLIOTLOG" ingest --store text.db old.tr
sqlite3 foreign.db 'CREATE TABLE t (x)'
exits 3 'a database of another program' "$ADLIOTLOG" ingest --store foreign.db old.tr
like 'is left alone' err 'foreign.db: not an adliotlog store'
cp s.db future.db
sqlite3 future.db 'PRAGMA user_version = 99'
exits 3 'a store of a later version' "$ADLIOTLOG" ingest --store future.db old.tr
like 'is named' err 'store of version 99; this program reads version 8'

# ---- injected faults ------------------------------------------------------

for _ in $(seq 64); do cat "${run[0]}/trace.tr"; done >big.tr # its rows outgrow the cache
rm -f f.db*
exits 0 'a first run' "$ADLIOTLOG" ingest --store f.db old.tr
( # a file size limit stands for a full disk
    trap '' XFSZ
    ulimit -f 4000
    exec "$ADLIOTLOG" ingest --store f.db big.tr
) >out 2>err
is 'a full disk: exit 4' $? 4
is 'the store holds whole runs only' \
    "$(sqlite3 f.db 'PRAGMA integrity_check; SELECT count(*), count(DISTINCT run_id) FROM event')" \
    "ok
$(wc -l <old.tr)|1"
size() { stat -c %s "$1" 2>/dev/null || echo 0; }
for bytes in 1 2000000 8000000; do
    "$ADLIOTLOG" ingest --store f.db big.tr >out 2>err &
    while [ "$(size f.db-wal)" -lt $bytes ] && kill -0 $! 2>/dev/null; do :; done
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    is "killed with $bytes bytes written: whole runs only" "$(sqlite3 f.db 'PRAGMA integrity_check;
        SELECT count(*), count(DISTINCT run_id) FROM event')" "ok
$(wc -l <old.tr)|1"
done
exits 0 'and the trace can be ingested after all' "$ADLIOTLOG" ingest --store f.db big.tr

# ---- interrupts, and several writers at once ------------------------------

f_runs() { sqlite3 f.db 'SELECT count(*) FROM run' 2>/dev/null || echo 0; }
await_runs() { # PID: until there is a run in f.db; the program catches interrupts by then
    while [ "$(f_runs)" -lt 1 ] && kill -0 "$1" 2>/dev/null; do :; done
}
split -a 4 -l 5 old.tr part.
rm -f f.db*
"$ADLIOTLOG" ingest --store f.db part.* >out 2>err &
await_runs $!
kill -INT $!
wait $!
is 'many short traces, interrupted: exit 130' $? 130
like 'says so' err 'interrupted'
parts=(part.*)
check 'not all of them were read' test "$(f_runs)" -lt ${#parts[@]}
is 'the store holds whole runs only' "$(sqlite3 f.db "SELECT sum(n_event) =
    (SELECT count(*) FROM event) FROM run; PRAGMA integrity_check")" "1
ok"

rm -f f.db*
mkfifo idle
exec 9<>idle
"$ADLIOTLOG" ingest --store f.db "${parts[0]}" - <idle >out 2>err 9<&- &
idle=$!
await_runs $idle
exits 0 'another writer need not wait for a pipe that has not begun' \
    "$ADLIOTLOG" ingest --store f.db "${parts[1]}"
kill -INT $idle
wait $idle
is 'an idle pipe, interrupted: exit 130' $? 130
is 'the runs before it are there' "$(f_runs)" 2
"$ADLIOTLOG" ingest --store f.db "${parts[2]}" - <idle >out 2>err 9<&- &
idle=$!
head -n 3 old.tr >&9
while [ "$(f_runs)" -lt 3 ]; do :; done
kill -INT $idle
wait $idle
is 'a pipe that stopped in the middle, interrupted: exit 130' $? 130
is 'nothing of it is there' "$(f_runs)" 3
rm -f f.db*
"$ADLIOTLOG" ingest --store f.db "${parts[0]}" - <idle >out 2>err 9<&- &
idle=$!
await_runs $idle
mkfifo statements
exec 8<>statements
sqlite3 f.db <statements >/dev/null 8<&- 9<&- &
writer=$!
printf '%s\n' 'BEGIN IMMEDIATE;' '.shell touch locked' >&8
while [ ! -e locked ] && kill -0 $writer 2>/dev/null; do :; done
head -n 3 old.tr >&9
kill -INT $idle
wait $idle
is 'waiting for another writer, interrupted: exit 130' $? 130
like 'says that, and not that the store is locked' err 'ingest: interrupted'
printf '.quit\n' >&8
wait $writer
exec 8>&- 9>&-

rm -f f.db*
pids=()
for i in 0 1 2 3 4 5 6 7; do
    "$ADLIOTLOG" ingest --store f.db "${parts[i]}" >/dev/null 2>&1 &
    pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=$((failed + 1)); done
is 'eight programs make one store at once' "$failed|$(f_runs)" '0|8'

finish
