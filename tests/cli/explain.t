#!/usr/bin/env bash
# adliotlog detect --explain: from a verdict to its pairs, lines and runs, and to the command that
# makes the same trace again; views evidence and alert_evidence; no ground truth unless asked for.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

store=s.db
mkdir bin
ln -s "$ADLIOTLOG" bin/adliotlog
PATH=$PWD/bin:$PATH
ask() { sqlite3 $store "$1"; }
detect() { "$ADLIOTLOG" detect --store $store --rival markov --train both --pairs both "$@"; }
field() { grep "^$1	" "${2:-out}" | cut -f "$3"; } # WHAT FILE COLUMN
sha() { sha256sum <"$1" | cut -c1-64; }

exits 0 'simulate twins of two seeds' adliotlog simulate --attack none,hidden-channel --seeds 1..2 \
    --set duration=2 --set packet_size=1400 --out runs
exits 0 'ingest them' adliotlog ingest --store s.db runs/*
exits 0 'pair them' adliotlog pairs --store s.db --name both --runs 1
exits 0 'a rival that says something' adliotlog evaluate --store s.db --rival markov --train both \
    --pairs both
exits 0 'the verdicts' detect --size 100
cp out verdicts
n=$(wc -l <verdicts)
rank=$(awk -F '\t' '$2 == "(14,15,15)" { print $1 }' verdicts)
check 'the colluders are among them' test -n "$rank"

# ---- what is explained ----------------------------------------------------

exits 0 'explain the colluders' detect --explain "$rank" --events 1000000
cp out full
is 'it is that verdict' "$(sed 's/^verdict	//; q' full)" "$(sed -n "${rank}p" verdicts)"
like 'and says why' full '^because	[0-9]+	node 14 and predicted server 15 are behind different gateways$'
like 'with the gateways' full '^gateways	[0-9]+	node 14 behind 12	predicted server 15 behind 13$'
is 'its pairs are those of the verdict' "$(field pair full 2 | sort -u | wc -l)" \
    "$(ask "SELECT n_pair FROM verdict WHERE rank = $rank")"
is 'as view evidence has them' "$(field pair full 2 | sort)" \
    "$(ask "SELECT pair_id FROM evidence WHERE rank = $rank" | sort)"
is 'run by run' "$(field run full 2)" \
    "$(ask "SELECT DISTINCT run_id FROM evidence WHERE rank = $rank ORDER BY 1")"
is 'the colluders only meet where they collude' "$(field run full 2)" \
    "$(ask "SELECT run_id FROM run WHERE attack != 'none' ORDER BY 1")"
is 'counted by second' "$(field window full 2,3,4)" \
    "$(ask "SELECT run_id, 'second ' || CAST(y.time AS INT) AS s, 'pairs ' || count(*)
        FROM evidence JOIN event AS y USING (run_id) WHERE rank = $rank AND y.line = target_line
        GROUP BY 1, 2" | tr '|' '\t')"
is 'with their sentences' "$(grep -E '^(source|target|prediction)	' full | cut -f 2- | sort)" \
    "$(ask "SELECT p.pair_id, value FROM pair_text AS p JOIN prediction USING (pair_id),
        json_each(json_array(source, target, output)) WHERE pair_id IN
        (SELECT pair_id FROM evidence WHERE rank = $rank)" | tr '|' '\t' | sort)"

# By hand, as the paper has it: what the sender, another node and the prediction are.
is 'the tuples of all pairs, worked out another way, have the counts of the verdicts' \
    "$(ask "SELECT node, actual_server, predicted_server, n_pair FROM verdict ORDER BY 1, 2, 3")" \
    "$(ask "SELECT pair_id, source, target, output, flow.src FROM pair_text JOIN pair USING (pair_id)
        JOIN prediction USING (pair_id) JOIN event ON event.run_id = pair.run_id
        AND event.line = source_line JOIN flow ON flow.run_id = pair.run_id
        AND flow.flow = event.flow" | awk -F '|' '{
            split($2, s, " "); split($3, t, " "); split($4, o, " ")
            if (s[2] == $5 && t[2] != s[2] && o[2] ~ /^[0-9]+$/ && o[2] < 16)
                n[s[2] "|" t[2] "|" o[2]]++ }
        END { for (k in n) print k "|" n[k] }' | sort -t '|' -n -k 1,1 -k 2,2 -k 3,3)"

# Raw lines, against the files.
field event full 2- >events
is 'two events a pair' "$(wc -l <events)" "$((2 * $(field pair full 2 | wc -l)))"
paths=$(ask "SELECT run_id, trace_path FROM run")
wrong=0
while IFS=$'\t' read -r pair line time text; do
    path=$(ask "SELECT trace_path FROM pair JOIN run USING (run_id) WHERE pair_id = $pair")
    [ "$text" = "$(sed -n "${line#line }p" "$path")" ] || wrong=$((wrong + 1))
    [ "$(awk -v a="${time#time }" 'BEGIN { print a + 0 }')" = \
        "$(awk '{ print $2 + 0 }' <<<"$text")" ] || wrong=$((wrong + 1))
done < <(head -n 60 events)
is 'the lines are those of the trace, with their times' $wrong 0
while IFS='|' read -r run path; do
    grep -q "^trace	$run	" full || continue
    is "run $run: the trace and its hash" "$(grep "^trace	$run	" full | cut -f 3,4)" \
        "$path	$(sha "$path")"
done <<<"$paths"

exits 0 'five pairs of each run without --events' detect --explain "$rank"
is 'no more' "$(field pair out 2 | wc -l)" $((5 * $(field run out 2 | wc -l)))
is 'the most probable of each' "$(field pair out 2)" \
    "$(ask "SELECT pair_id FROM (SELECT *, row_number() OVER (PARTITION BY run_id
        ORDER BY probability DESC, pair_id) AS i FROM evidence WHERE rank = $rank)
        WHERE i <= 5 ORDER BY run_id, i")"
exits 0 'none with --events 0' detect --explain "$rank" --events 0
is 'but runs and windows' "$(cut -f 1 out | sort -u | tr '\n' ' ')" \
    'because gateways ns replay run trace verdict window '
exits 0 'again' detect --explain "$rank" --events 1000000
is 'the same bytes' "$(sha out)" "$(sha full)"
exits 0 'a benign tuple' detect --explain 1
like 'says so' out '^because	1	.* behind one gateway$'

exits 0 'as JSON' detect --explain "$rank" --json
is 'is one object' "$(wc -l <out)" 1
json() { sqlite3 :memory: "SELECT $1 FROM (SELECT CAST(readfile('out') AS TEXT) AS j)"; }
is 'of the same verdict' "$(json "j->>'rank', j->>'node', j->>'actual_server', j->>'verdict'")" \
    "$rank|14|15|anomalous"
is 'with the same counts' "$(json "(SELECT sum(w.value->>'n') FROM json_each(j, '\$.runs') AS run,
    json_each(run.value, '\$.windows') AS w)")" "$(ask "SELECT n_pair FROM verdict WHERE rank = $rank")"
is 'with the same lines' "$(json "(SELECT group_concat(value->>'source_event'->>'text', char(10))
    FROM json_each(j, '\$.runs[0].pairs'))")" \
    "$(detect --explain "$rank" | awk -F '\t' '$1 == "run" { r++ } $1 == "event" && r == 1 { if (i++ % 2 == 0) print $5 }')"
is 'and all parameters, but for the attack' "$(json "j->>'\$.runs[0].parameters.packet_size',
    j->>'\$.runs[0].parameters.rate', j->'\$.runs[0].parameters.attack' IS NULL")" '1400|1000000|1'

# ---- ground truth ---------------------------------------------------------

sqlite3 s.db "VACUUM INTO 'lies.db'"
sqlite3 lies.db "UPDATE flow SET attack = 1 - attack, intended_dst = 99;
    UPDATE shape SET attack = 1 - attack, covert = 1, attack_no = NULL;
    UPDATE interface SET hidden = 1 - hidden; UPDATE attack_node SET node = 1"
exits 0 'with other labels' detect --store lies.db --explain "$rank" --events 1000000
is 'nothing changes' "$(sha out)" "$(sha full)"
exits 0 'with --truth' detect --explain "$rank" --truth
is 'there is more' "$(cut -f 1 out | sort -u | grep -Ex 'truth|attack' | tr '\n' ' ')" 'attack truth '
like 'flow, server and label' out '^truth	[0-9]+	flow 8	to 15	intended 2	attack 1$'
is 'and the attack of the run' "$(field attack out 3 | sort -u)" hidden-channel
sed -E '/^(truth|attack)	/d' out >less
exits 0 'all else' detect --explain "$rank"
is 'is as without it' "$(sha out)" "$(sha less)"
exits 0 '--truth as JSON' detect --explain "$rank" --truth --json
is 'has the labels' "$(json "j->>'\$.runs[0].attack', j->>'\$.runs[0].pairs[0].intended_dst',
    j->>'\$.runs[0].pairs[0].attack'")" 'hidden-channel|2|1'
exits 0 'as JSON without it' detect --explain "$rank" --json
unlike 'has none' out 'intended_dst|"attack"'

# ---- simulated again ------------------------------------------------------

# WHAT: each run of the store, simulated again by its command
same_traces() {
    detect --explain "$1" --events 0 >explained
    field replay explained 3 >commands
    while read -r line; do
        exits 0 "$line" bash -c "$line --out again" </dev/null
    done <commands
    is "$2: traces of the same hashes" "$(cat again/*/trace.tr | sha256sum)" \
        "$(field trace explained 3 | sort | xargs cat | sha256sum)"
    is "$2: in directories of the same names" "$(cd again && echo *)" \
        "$(field trace explained 3 | sed 's|/trace.tr||; s|.*/||' | sort | tr '\n' ' ' | sed 's/ $//')"
    rm -r again
}
same_traces "$rank" 'hidden channel'
is 'defaults are left out' "$(head -n 1 commands)" \
    'adliotlog simulate --scenario iot16 --seeds 1 --traffic udp --attack hidden-channel --set duration=2 --set packet_size=1400'
mkdir plain
field ns explained 3 | head -n 1 >plain/command
exits 0 'the same by ns alone' bash -c 'cd plain && sh command'
is 'is the same trace' "$(sha plain/trace.tr)" "$(field trace explained 4 | head -n 1)"

# An attack that its defaults do not allow, another that begins later, numbers of all kinds.
store=t.db
sed -e '/^    defaults/d' -e 's/name iot16/name mine/' "$TOP/scenarios/iot16.tcl" |
    sed "s|^lappend auto_path.*|lappend auto_path $TOP/scenarios|" >mine.tcl
exits 0 'replayed frames' adliotlog simulate --attack replay --set rts=off --set duration=1 --out odd
exits 0 'two attacks at two times' adliotlog simulate --attack flood+jamming --set flood_start=0.25 \
    --set jamming_power=0.000001 --set jamming_nodes=1,7 --set duration=1 --set levels=AGT,MAC --out odd
exits 0 'pairs that collude' adliotlog simulate --attack hidden-channel --set duration=1 \
    --set hidden_pairs=14-15,6-2 --set attack_start=0.125 --out odd
exits 0 'a field over TCP' adliotlog simulate --scenario field --traffic tcp --set nodes=12 \
    --set duration=2 --out odd
exits 0 "one's own scenario" adliotlog simulate --scenario ./mine.tcl --set duration=1 --out odd
exits 0 'ingest them' adliotlog ingest --store t.db odd/*
exits 0 'pair them' adliotlog pairs --store t.db --name both --runs 1
exits 0 'evaluate' adliotlog evaluate --store t.db --rival markov --train both --pairs both
exits 0 'their verdicts' detect --size 1000
first=$(sqlite3 t.db "SELECT rank FROM evidence GROUP BY rank HAVING count(DISTINCT run_id) >= 4
    ORDER BY rank LIMIT 1")
same_traces "${first:-1}" 'odd ones'
like 'lists and times are given' commands 'flood_start=0\.25 .*flood_stop=1|hidden_pairs=14-15,6-2'
like "one's own scenario is called by its script" commands '^adliotlog simulate --scenario mine\.tcl '
check 'runs of several kinds were simulated again' test "$(wc -l <commands)" -ge 4

# ---- little to go by ------------------------------------------------------

exits 0 'a trace without a manifest' adliotlog ingest --store bare.db - <"$(ls runs/*none*s1*/trace.tr)"
sqlite3 bare.db 'UPDATE node SET gateway = 1'
exits 0 'paired' adliotlog pairs --store bare.db --name both --runs 1 --limit 300
exits 0 'evaluated' adliotlog evaluate --store bare.db --rival markov --train both --pairs both
store=bare.db
exits 0 'is explained' detect --explain 1
like 'but nobody knows how it was made' out '^replay	1	-$'
like 'nor from what' out '^run	1	scenario -	traffic -	seed -	'
exits 0 'with --truth' detect --explain 1 --truth
like 'nor what is true' out '^truth	[0-9]+	flow [0-9]+	to [0-9]+	intended -	attack -$'
exits 0 'as JSON' detect --explain 1 --json
is 'it is null' "$(json "json_type(j, '\$.runs[0].replay'), json_type(j, '\$.runs[0].seed')")" 'null|null'

# ---- errors ---------------------------------------------------------------

store=s.db
exits 1 'a rank that is not there' detect --explain $((n + 1))
is 'says how many there are' "$(cat err)" "adliotlog detect: no verdict of rank $((n + 1)): there are $n"
is 'on stderr alone' "$(wc -c <out)" 0
refused() { # NAME PATTERN OPTION...
    local name=$1 pattern=$2
    shift 2
    exits 2 "$name" detect "$@"
    like "$name: the message says why" err "$pattern"
}
refused 'rank 0' 'takes the rank of a verdict' --explain 0
refused 'no number' 'Cannot parse integer' --explain one
refused 'two questions' 'exclude each other' --explain 1 --node 14
refused '--truth alone' 'for --explain alone' --truth
refused '--events alone' 'for --explain alone' --events 3
refused 'fewer pairs than none' 'must not be negative' --explain 1 --events -1
sqlite3 s.db "VACUUM INTO 'hurt.db'"
sqlite3 hurt.db "UPDATE kind SET layer = 'NO WHERE' WHERE layer = 'AGT'"
exits 3 'a store whose lines are none' detect --store hurt.db --explain 1
like 'names run and line' err '^adliotlog detect: run [0-9]+, line [0-9]+: '

# ---- alerts ---------------------------------------------------------------

exits 0 'a detection task' adliotlog score --store s.db --task who --train "attack = 'none' AND seed = 1" \
    --test 'seed = 2'
exits 0 'ranked' adliotlog rank --store s.db --task who
is 'each alert has the packets of its candidate' \
    "$(ask "SELECT a.detector, a.run_id, a.src, a.dst, a.window, a.rank, count(*) FROM alert AS a
        JOIN alert_evidence AS e USING (detection, detector, run_id, src, dst, window, rank, score)
        GROUP BY 1, 2, 3, 4, 5, 6" | sort)" \
    "$(ask "SELECT a.detector, a.run_id, a.src, a.dst, a.window, a.rank, n FROM alert AS a
        JOIN candidate USING (detection, run_id, src, dst, window)" | sort)"
is 'whose lines are sendings and arrivals of that packet' \
    "$(ask "SELECT count(*) FROM alert_evidence AS e JOIN event AS s ON s.run_id = e.run_id
        AND s.line = sent_line LEFT JOIN event AS r ON r.run_id = e.run_id AND r.line = received_line
        WHERE s.op != 's' OR s.node != e.src OR s.uid != e.uid OR s.time != sent
        OR r.op != 'r' OR r.node != e.dst OR r.uid != e.uid")" 0

finish
