#!/usr/bin/env bash
# The views: the commands of the event store's cookbook with the output that it shows, and the
# figures of each view computed a second time from the trace by awk, wireless and wired.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

mkdir bin
ln -s "$ADLIOTLOG" bin/adliotlog
PATH=$PWD/bin:$PATH
ask() { sqlite3 "${db:?}" "$1"; }
ingest() { "$ADLIOTLOG" ingest --store "$db" "$@"; }

# ---- the cookbook ---------------------------------------------------------

# Its indented lines: `$ command`, lines of the command that are indented further, output. Blanks
# that align columns do not count, neither here nor there.
sed -n '/^## Cookbook/,/^## Labels/s/^    //p' "$TOP/dataset/README.md" >cookbook
squeeze() { tr '\t' ' ' | sed 's/  */ /g; s/^ //; s/ $//'; }
n_shown=0
answer() { # what the README shows behind it is in file shown
    exits 0 "$1" bash -c "$1" </dev/null
    [ -s shown ] || return
    n_shown=$((n_shown + 1))
    is 'prints what the README shows' "$(squeeze <out)" "$(squeeze <shown)"
}
command=
: >shown
: >commands
while IFS= read -r line <&3; do
    if [[ $line == '$ '* ]]; then
        [ -z "$command" ] || answer "$command"
        command=${line#'$ '}
        : >shown
        echo "$command" >>commands
    elif [[ $line == '    '* && ! -s shown ]]; then # the first line of output has a name in it
        command+=" ${line#    }"
        echo "$line" >>commands
    else
        echo "$line" >>shown
    fi
done 3<cookbook
answer "$command"
check 'the cookbook has answers' test $n_shown -ge 15

db=my.db
mapfile -t views < <(ask "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
check 'there are views' test ${#views[@]} -ge 15
exits 0 'their list' adliotlog sql --store my.db
cp out list
for view in "${views[@]}"; do
    like "$view is in the cookbook" commands "(^| |FROM )$view( |\$)"
    like "$view says what it answers" list "^$view	[A-Z].{20}"
done

# ---- stores that have little ----------------------------------------------

db=none.db
: >empty.tr
exits 3 'a store without a run' ingest empty.tr
for view in "${views[@]}"; do
    exits 0 "no run: $view" adliotlog sql --store none.db "$view"
    is "no run: $view has no rows" "$(wc -l <out)" 1
done
db=all.db
exits 0 'traces of every kind, without a manifest' ingest "$TOP"/tests/data/traces/*.tr
db=wired.db
exits 0 'one wired trace' ingest "$TOP/tests/data/traces/wired.tr"
for view in "${views[@]}"; do
    exits 0 "every kind: $view" adliotlog sql --store all.db "$view"
    exits 0 "one wired trace: $view" adliotlog sql --store wired.db "$view"
done

# ---- data packets, a second time ------------------------------------------

# Texts of many lines: the same but for roundings, a millionth of a value; says where they differ.
same() { # NAME GOT WANTED
    paste -d '\n' <(echo "$2") <(echo "$3") | awk '
        function near(a, b) {
            return a == b || a ~ /^-?[0-9]+\.[0-9]+$/ && b ~ /^-?[0-9]+\.[0-9]+$/ &&
                   (a - b) ^ 2 <= (1e-6 * b) ^ 2 + 4e-18 }
        NR % 2 { got = $0; next }
        { n = split(got, g); bad = n != NF
          for (i = 1; i <= n; i++) if (!near(g[i], $i)) bad = 1
          if (bad && wrong++ < 5) print "# got    " got "\n# wanted " $0 }
        END { exit wrong > 0 || NR < 2 }'
    tap_result $? "$1"
}

# What became of each packet, in order of lines: LINE S|R FLOW UID TIME SIZE|HOPS, where FLOW is
# src:sport>dst:dport. Wireless: agents send and receive, the first arrival counts.
packets_wireless() { # TRACE of the old format with cbr flows
    awk '$4 == "AGT" {
        split(substr($14, 2), from, ":"); split($15, to, ":")
        k = from[1] ":" from[2] ">" to[1] ":" to[2]; id = k " " $6
        if ($1 == "s") print NR, "S", id, $2, $8
        else if ($1 == "r" && !(id in got)) { got[id] = 1; print NR, "R", id, $2, $19 }
    }' "$1"
}
# Wired: sent when first enqueued, received when a link delivers it to the node that it is for.
packets_wired() { # TRACE of wired lines
    awk '$5 ~ /^(tcp|ack|cbr|exp)$/ && /^[-+rd] / {
        split($9, from, "."); split($10, to, ".")
        k = from[1] ":" from[2] ">" to[1] ":" to[2]; id = k " " $12
        if ($1 == "+" && !(id in sent)) { sent[id] = 1; print NR, "S", id, $2, $6 }
        if ($1 == "r") hops[id]++
        if ($1 == "r" && $4 == to[1]) print NR, "R", id, $2, hops[id]
    }' "$1"
}

summary_by_hand() { # file packets
    awk '{ k = $3; id = k " " $4 }
        $2 == "S" { n[k]++; bytes[k] += $6; at[id] = $5; size[id] = $6
                    if (!(k in first)) first[k] = $5 }
        $2 == "R" { got[k]++; in_bytes[k] += size[id]; end[k] = $5; hops[k] += $6
                    d = $5 - at[id]; sum[k] += d
                    if (!(k in least) || d < least[k]) least[k] = d
                    if (!(k in most) || d > most[k]) most[k] = d
                    if (k in before) { m[k]++; change[k] += d > before[k] ? d - before[k] : before[k] - d }
                    before[k] = d }
        END { for (k in n) {
            printf "%s %d %d %.6f %d %d ", k, n[k], got[k], got[k] / n[k], bytes[k], in_bytes[k]
            if (!got[k]) { print "0.000 - - - - -"; continue }
            printf "%.3f %.9f %.9f %.9f ", 8 * in_bytes[k] / (end[k] - first[k]), sum[k] / got[k],
                   least[k], most[k]
            if (m[k]) printf "%.9f ", change[k] / m[k]
            else printf "- "
            printf "%.3f\n", hops[k] / got[k] } }' packets | sort
}
summary_by_view() { # RUN
    ask "SELECT printf('%s:%s>%s:%s %d %d %.6f %d %d %.3f %s %s %s', src, sport, dst, dport,
        sent, received, delivery_ratio, bytes_sent, bytes_received, throughput,
        iif(received, printf('%.9f %.9f %.9f', delay_mean, delay_min, delay_max), '- - -'),
        iif(jitter IS NULL, '-', printf('%.9f', jitter)), iif(received, printf('%.3f', hops), '-'))
        FROM flow_summary WHERE run_id = $1" | sort
}
series_by_hand() {
    awk '{ k = $3 " " int($5); all[k] = 1; id = $3 " " $4 }
        $2 == "S" { n[k]++; at[id] = $5; size[id] = $6 }
        $2 == "R" { got[k]++; bits[k] += 8 * size[id]; sum[k] += $5 - at[id] }
        END { for (k in all) printf "%s %d %d %d %s\n", k, n[k], got[k], bits[k],
                             got[k] ? sprintf("%.9f", sum[k] / got[k]) : "-" }' packets | sort
}
series_by_view() { # RUN
    ask "SELECT printf('%s:%s>%s:%s %d %d %d %d %s', iif(forward, src, dst),
        iif(forward, sport, dport), iif(forward, dst, src), iif(forward, dport, sport), second, sent,
        received, throughput, iif(received, printf('%.9f', delay_mean), '-'))
        FROM flow_series JOIN flow USING (run_id, flow) WHERE run_id = $1" | sort
}
delays_by_hand() {
    awk '{ id = $3 " " $4 } $2 == "S" { at[id] = $5 }
        $2 == "R" { printf "%s %.9f %d\n", id, $5 - at[id], $6 }' packets | sort
}
delays_by_view() { # RUN
    ask "SELECT printf('%s:%s>%s:%s %d %.9f %d', iif(forward, src, dst),
        iif(forward, sport, dport), iif(forward, dst, src), iif(forward, dport, sport), uid, delay,
        hops) FROM packet_delay JOIN flow USING (run_id, flow) WHERE run_id = $1" | sort
}
hops_by_hand() {
    delays_by_hand | awk '{ n[$1 " " $4]++; sum[$1 " " $4] += $3 }
        END { for (k in n) printf "%s %d %.9f\n", k, n[k], sum[k] / n[k] }' | sort
}
hops_by_view() { # RUN
    ask "SELECT printf('%s:%s>%s:%s %d %d %.9f', iif(forward, src, dst), iif(forward, sport, dport),
        iif(forward, dst, src), iif(forward, dport, sport), hops, n, delay_mean)
        FROM hop_count JOIN flow USING (run_id, flow) WHERE run_id = $1" | sort
}
talk_by_hand() {
    awk '{ split($3, end, /[:>]/); k = end[1] " " end[3]; id = $3 " " $4 }
        $2 == "S" { n[k]++; size[id] = $6; last[k] = $5; if (!(k in first)) first[k] = $5 }
        $2 == "R" { got[k]++; bytes[k] += size[id] }
        END { for (k in n) printf "%s %d %d %d %.9f %.9f\n", k, n[k], got[k], bytes[k], first[k],
                           last[k] }' packets | sort
}
talk_by_view() { # RUN
    ask "SELECT printf('%d %d %d %d %d %.9f %.9f', src, dst, sum(sent), sum(received),
        sum(bytes_received), min(first_sent), max(last_sent)) FROM talk WHERE run_id = $1
        GROUP BY src, dst" | sort
}
same_packets() { # WHAT RUN
    check "$1: there are packets" test "$(wc -l <packets)" -ge 2
    local view
    for view in summary series delays hops talk; do
        same "$1: $view, as awk computes it" "$(${view}_by_view "$2")" "$(${view}_by_hand)"
    done
}

db=my.db
attack=$(ask 'SELECT trace_path FROM run WHERE run_id = 1')
benign=$(ask 'SELECT trace_path FROM run WHERE run_id = 2')
packets_wireless "$attack" >packets
same_packets 'wireless, attack' 1
gateway_by_hand() { # node N is behind 13 or 12, as the scenario has it
    awk 'function behind(n) { return n ~ /^(5|6|7|8|9|13|15)$/ ? 13 : 12 }
        { split($3, end, /[:>]/); a = behind(end[1]); b = behind(end[3]); s = int($5) }
        $2 == "S" { n[a " " s]++; all[a " " s] = 1 }
        $2 == "R" { got[b " " s]++; all[b " " s] = 1; crossed[b " " s] += a != b }
        END { for (k in all) printf "%s %d %d %d %d\n", k, n[k], got[k], 12000 * got[k],
                             crossed[k] }' packets | sort
}
same 'gateways second by second, as awk computes them' "$(ask "SELECT printf('%d %d %d %d %d %d',
    gateway, second, sent, received, throughput, crossed) FROM gateway_series WHERE run_id = 1" |
    sort)" "$(gateway_by_hand)"
packets_wireless "$benign" >packets
same_packets 'wireless, benign' 2

# ---- the network, a second time -------------------------------------------

drops_by_view() { # RUN
    ask "SELECT coalesce(layer, '-'), coalesce(reason, '-'), node, ptype, n, bytes FROM drop_count
        WHERE run_id = $1" | tr '|' ' ' | sort
}
drops_wireless() {
    awk '$1 == "D" { gsub("_", "", $3); sub("---", "-", $5); k = $4 " " $5 " " $3 " " $7; n[k]++
            bytes[k] += $8 }
        END { for (k in n) print k, n[k], bytes[k] }' "$1" | sort
}
drops_wired() {
    awk '$1 == "d" { k = "- - " $3 " " $5; n[k]++; bytes[k] += $6 }
        END { for (k in n) print k, n[k], bytes[k] }' "$1" | sort
}
neighbours_by_view() { # RUN
    ask "SELECT node, neighbour, n, bytes, n_control FROM neighbour WHERE run_id = $1" |
        tr '|' ' ' | sort
}
neighbours_wireless() { # interfaces 16 and 17 are hidden ones of 14 and 15
    awk '$1 == "s" && $4 == "MAC" { gsub("_", "", $3)
            to = index("0123456789abcdef", $10) - 1
            if ($10 == "ffffffff") to = -1
            else if (length($10) > 1) to = $10 == "10" ? 14 : 15
            k = $3 " " to; n[k]++; bytes[k] += $8; control[k] += $7 ~ /^(RTS|CTS|ACK)$/ }
        END { for (k in n) print k, n[k], bytes[k], control[k] }' "$1" | sort
}
neighbours_wired() {
    awk '$1 == "-" { k = $3 " " $4; n[k]++; bytes[k] += $6 }
        END { for (k in n) print k, n[k], bytes[k], 0 }' "$1" | sort
}
gaps_by_view() { # RUN
    ask "SELECT printf('%d %d %.9f', node, line, gap) FROM event_gap
        WHERE run_id = $1 AND gap IS NOT NULL ORDER BY line"
}
gaps_by_hand() { # TRACE: where each event is
    awk '/^[-+rsfdD] / {
            node = $3 ~ /^_/ ? substr($3, 2, length($3) - 2) : $1 == "r" ? $4 : $3
            if (node in last) printf "%d %d %.9f\n", node, line[node], $2 - last[node]
            last[node] = $2; line[node] = NR }' "$1" | sort -n -k 2
}
gap_summary_by_hand() { # file gaps
    awk '{ n[$1]++; sum[$1] += $3; if ($3 > most[$1] + 0) most[$1] = $3
            if (!($1 in least) || $3 < least[$1]) least[$1] = $3 }
        END { for (k in n) printf "%d %d %.6f %.9f %.9f\n", k, n[k], sum[k] / n[k], least[k],
                           most[k] }' gaps | sort
}
same_network() { # WHAT RUN TRACE wireless|wired
    check "$1: there are drops" test "$(drops_by_view "$2" | wc -l)" -ge "${5:-1}"
    same "$1: drops, as awk counts them" "$(drops_by_view "$2")" "$("drops_$4" "$3")"
    check "$1: there are neighbours" test "$(neighbours_by_view "$2" | wc -l)" -ge 3
    same "$1: neighbours, as awk counts them" "$(neighbours_by_view "$2")" "$("neighbours_$4" "$3")"
    gaps_by_hand "$3" >gaps
    same "$1: gaps between events, as awk has them" "$(gaps_by_view "$2")" "$(cat gaps)"
    same "$1: and their summary" "$(ask "SELECT printf('%d %d %.6f %.9f %.9f', node, n, gap_mean,
        gap_min, gap_max) FROM node_gap WHERE run_id = $2 AND n > 0" | sort)" "$(gap_summary_by_hand)"
}
same_network 'wireless, attack' 1 "$attack" wireless
same_network 'wireless, benign' 2 "$benign" wireless

overhead_by_view() { # RUN
    ask "SELECT printf('%d %d %d %.5f %.5f', packets, bytes, data_received, load, byte_load)
        FROM routing_overhead WHERE run_id = $1"
}
is 'routing overhead, as awk counts it' "$(overhead_by_view 1)" "$(awk '
    /^[sf] .* RTR .* AODV / { n++; bytes += $8 }
    /^r .* AGT / && !(($14, $6) in got) { got[$14, $6] = 1; data++ }
    END { printf "%d %d %d %.5f %.5f", n, bytes, data, n / data, bytes / data / 1500 }' "$attack")"

path_by_hand() { # UID
    awk -v uid="$1" '$6 == uid { printf "%d %s %s %s %d %.9f\n", NR, tolower($1), substr($3, 2,
        length($3) - 2), $4, $8, last ? $2 - last : 0; last = $2 }' "$attack"
}
uid=$(awk '$1 == "f" && $7 == "cbr" || $1 == "D" && $7 == "cbr" { print $6; exit }' "$attack")
check 'the path of a packet has several lines' test "$(path_by_hand "$uid" | wc -l)" -gt 3
is 'the path of a packet, as awk finds it' "$(ask "SELECT printf('%d %s %d %s %d %.9f', line, op,
    node, layer, size, since) FROM packet_path WHERE run_id = 1 AND uid = $uid ORDER BY line")" \
    "$(path_by_hand "$uid")"

# ---- twins ----------------------------------------------------------------

diff_by_hand() {
    awk 'function count(key) { if (attack) n[key]++; else if (!(key in had)) had[key] = 1 }
        FNR == 1 { attack = NR > 1 }
        { gsub("_", "", $3); reason = $5 == "---" ? "" : $5
          count("event|" tolower($1) "|" $4 "|" reason "|" $7 "|" $3 "|") }
        $4 == "AGT" && $1 == "s" { split(substr($14, 2), from, ":"); split($15, to, ":")
          count("talk|||||" from[1] "|" to[1]) }
        $4 == "MAC" && $1 == "s" {
          node = index("0123456789abcdef", $10) - 1
          if ($10 == "ffffffff") node = -1
          else if (length($10) > 1) node = $10 == "10" ? 14 : 15
          count("neighbour|||||" $3 "|" node) }
        END { for (key in n) if (!(key in had)) print key "|" n[key] }' "$benign" "$attack" | sort
}
same 'what the attack run has that its twin has not, as awk finds it' "$(ask "SELECT what, op, layer,
    reason, ptype, node, peer, n FROM twin_diff WHERE run_id = 1 AND benign_run_id = 2" | sort)" \
    "$(diff_by_hand)"
twins() { # CHANGE: the twins once run 1 was changed
    cp my.db changed.db
    sqlite3 changed.db "UPDATE run SET $1 WHERE run_id = 1;
        SELECT run_id, benign_run_id FROM twin; SELECT count(*) > 0 FROM twin_diff"
}
is 'twins may differ in what only the attack has' \
    "$(twins "params = json_set(params, '\$.attack_start', 0.5)")" '1|2
1'
for change in 'seed = 2' "params = json_set(params, '\$.rate', 1)" "traffic = 'tcp'" \
    "params = json_remove(params, '\$.levels')" "attack = 'none'" 'attack = NULL' "scenario = 'x'"; do
    is "but not: $change" "$(twins "$change")" 0
done

packets_wireless "$attack" >packets.attack
packets_wireless "$benign" >packets.benign
flows_by_hand() { # of both runs: ends, then for each sent received ratio bytes delay hops
    awk 'FNR == 1 { run++ }
        { k = $3; id = run " " k " " $4; r = run " " k; all[k] = 1 }
        $2 == "S" { n[r]++; at[id] = $5; size[id] = $6 }
        $2 == "R" { got[r]++; bytes[r] += size[id]; sum[r] += $5 - at[id]; hops[r] += $6 }
        function figures(r) {
            return sprintf(" %d %d %s %d %s", n[r], got[r], n[r] ? sprintf("%.6f", got[r] / n[r]) : "-",
                bytes[r], got[r] ? sprintf("%.9f %.3f", sum[r] / got[r], hops[r] / got[r]) : "- -") }
        END { for (k in all) print k figures("1 " k) figures("2 " k) }' packets.attack \
        packets.benign | sort
}
figures() { # PREFIX: their columns
    echo "$1sent, $1received, iif($1sent, printf('%.6f', $1delivery_ratio), '-'), $1bytes_received,
        iif($1received, printf('%.9f %.3f', $1delay_mean, $1hops), '- -')"
}
same 'flows of twins, as awk computes them' "$(ask "SELECT f.src || ':' || sport || '>' || f.dst ||
    ':' || dport, $(figures ''), $(figures benign_) FROM twin_flow
    JOIN (SELECT DISTINCT flow, src, sport, dst, dport FROM flow) AS f USING (flow)" |
    tr '|' ' ' | sort)" "$(flows_by_hand)"
is 'which of them are of the attack, and where they went without' "$(ask "SELECT flow, src, dst,
    benign_dst FROM twin_flow WHERE attack OR dst IS NOT benign_dst")" '8|14|15|'
seconds_by_hand() { # flows 0 and 8 are only of one run
    awk 'FNR == 1 { run++ }
        $3 ~ /^14:/ { next }
        $2 == "S" { s = int($5); all[s] = 1; n[run, s]++; of[run, $3, $4] = s }
        $2 == "R" { got[run, of[run, $3, $4]]++ }
        END { for (s in all) printf "%d|%d|%d|%d|%d|%.6f|%.6f\n", s, n[1, s], n[2, s], got[1, s],
            got[2, s], got[1, s] / n[1, s], got[2, s] / n[2, s] }' packets.attack packets.benign | sort
}
is 'twins second by second of sending, as awk counts them' "$(ask "SELECT second, sent, benign_sent,
    received, benign_received, printf('%.6f', delivery_ratio), printf('%.6f', benign_delivery_ratio)
    FROM twin_second")" "$(seconds_by_hand)"
is 'the flow of the attack, as awk counts it' "$(ask 'SELECT seed, attack, start, stop, src, dst,
    src_gateway, dst_gateway, sent, received FROM attack_flow')" "$(awk '$3 ~ /^14:.*>15:/ { n[$2]++ }
    END { print "1|hidden-channel|0.0|2.0|14|15|12|13|" n["S"] "|" n["R"] }' packets.attack)"
is 'packet numbers give away what is covert, as the READMEs say: 83 a second are missing' \
    "$(ask 'SELECT run_id, (max(uid) - count(DISTINCT uid)) / 2 IN (82, 83) AS missing,
        max(uid) - count(DISTINCT uid) FROM event WHERE NOT covert AND uid > 0 GROUP BY run_id' |
        sed 's/^1|1|.*/1|1/')" '1|1
2|0|0'
nodes_by_hand() {
    awk 'FNR == 1 { run++ }
        { gsub("_", "", $3); k = $3; all[k] = 1; r = run " " k }
        $7 == "cbr" && $4 == "AGT" && $1 == "s" { sent[r]++ }
        $7 == "cbr" && $4 == "AGT" && $1 == "r" { got[r]++ }
        $7 == "cbr" && $4 == "RTR" && $1 ~ /[sf]/ { split(substr($14, 2), from, ":")
            on[r] += from[1] != k }
        $4 == "MAC" && $1 == "s" { frames[r]++ }
        $1 == "D" { drops[r]++ }
        function figures(r) { return sprintf("|%d|%d|%d|%d|%d", sent[r], got[r], on[r], frames[r],
                                             drops[r]) }
        END { for (k in all) print k figures("1 " k) figures("2 " k) }' "$attack" "$benign" | sort
}
is 'what nodes do, as awk counts it' "$(ask 'SELECT node, sent, received, forwarded, frames, drops,
    benign_sent, benign_received, benign_forwarded, benign_frames, benign_drops FROM twin_node' |
    sort)" "$(nodes_by_hand)"
network_by_hand() { # flows 0 and 8 are only of one run, between 14 and 2 and 14 and 15
    awk 'FNR == 1 { run++ }
        $2 == "S" && $3 !~ /^14:/ { n[run]++; at[run, $3, $4] = $5 }
        $2 == "R" { all[run]++; split($3, end, /[:>]/)
                    if (!((run, end[3]) in seen)) who[run]++
                    seen[run, end[3]] = 1 }
        $2 == "R" && $3 !~ /^14:/ { got[run]++; sum[run] += $5 - at[run, $3, $4]; hops[run] += $6 }
        function figures(r) { return sprintf(" %d %d %.6f %.9f %.3f %d %d", n[r], got[r],
            got[r] / n[r], sum[r] / got[r], hops[r] / got[r], all[r], who[r]) }
        END { print figures(1) figures(2) }' packets.attack packets.benign
}
costs_by_hand() {
    awk 'FNR == 1 { run++ }
        $4 == "RTR" && $7 == "AODV" && $1 ~ /[sf]/ { n[run]++; ask[run] += /REQUEST/ }
        $1 == "D" && $4 == "MAC" && $5 == "COL" { col[run]++ }
        $1 == "D" { drops[run]++ }
        function figures(r) { return n[r] "|" ask[r] "|" col[r] "|" drops[r] }
        END { print figures(1) "|" figures(2) }' "$attack" "$benign"
}
network() { # PREFIX
    echo "' ' || $1sent, $1received, printf('%.6f', $1delivery_ratio), printf('%.9f', $1delay_mean),
        printf('%.3f', $1hops), $1received_all, $1receivers"
}
same 'the network of twins, as awk sums it up' "$(ask "SELECT $(network ''), $(network benign_)
    FROM twin_network" | sed 's/| /|/; s/|/ /g')" "$(network_by_hand)"
is 'and its costs' "$(ask 'SELECT routing, requests, collisions, drops, benign_routing,
    benign_requests, benign_collisions, benign_drops FROM twin_network')" "$(costs_by_hand)"
is 'of seven flows' "$(ask 'SELECT attack, flows FROM twin_network')" 'hidden-channel|7'
is 'one of a second: its events, and those of the attack' "$(ask 'SELECT second, n FROM attack_window
    WHERE run_id = 1')" "$(awk '{ n[int($2)]++ } END { for (s in n) print s "|" n[s] }' "$attack" |
    sort -n)"
cp my.db several.db
sqlite3 several.db "INSERT INTO attack VALUES (1, 2, 'scan', 1, 1.5, NULL);
    UPDATE shape SET attack_no = 2 WHERE run_id = 1 AND ends_id IN (SELECT ends_id FROM ends WHERE run_id = 1
        AND flow = 3); UPDATE shape SET attack = 1 WHERE attack_no = 2;
    UPDATE flow SET attack = 1 WHERE run_id = 1 AND flow = 3"
is 'of several attacks each flow has its own' "$(sqlite3 several.db 'SELECT flow, attack, start FROM attack_flow
    ORDER BY flow')" '3|scan|1.0
8|hidden-channel|0.0'
is 'labels of seconds and of nodes are those of events' "$(ask 'SELECT sum(n_attack), sum(n_covert)
    FROM attack_window; SELECT sum(n_attack), sum(n_covert) FROM node_label')" \
    "$(ask 'SELECT sum(attack), sum(covert) FROM event; SELECT sum(attack), sum(covert) FROM event')"

# ---- wired ----------------------------------------------------------------

# A run with lost packets and full queues, one with routing, and the thinned one that is kept.
ns "$TOP/tests/data/traces/wired.tcl" out lossy.tr traffic tcp,cbr,exp error 0.02 limit 5 >ns.out 2>&1
ns "$TOP/tests/data/traces/wired.tcl" out routed.tr down 1 >ns.out 2>&1
grep '^[-+rd] ' "$TOP/tests/data/traces/wired.tr" >thinned.tr
db=wires.db
exits 0 'wired traces' ingest lossy.tr routed.tr thinned.tr
i=0
for trace in lossy.tr routed.tr thinned.tr; do
    i=$((i + 1))
    packets_wired $trace >packets
    same_packets "$trace" $i
    same_network "$trace" $i $trace wired $((i < 3))
done
is 'in thinned.tr nothing was dropped' "$(drops_by_view 3)" ''
is 'routing overhead on wires, as awk counts it' "$(overhead_by_view 2)" "$(awk '
    $1 == "-" && $5 ~ /^rtProto/ { n++; bytes += $6 }
    $1 == "r" && ($5 == "tcp" || $5 == "cbr") && $4 == int($10) { data++; in_bytes += $6 }
    END { printf "%d %d %d %.5f %.5f", n, bytes, data, n / data, bytes / in_bytes }' routed.tr)"
is 'without routing it is none' "$(ask 'SELECT packets, load FROM routing_overhead WHERE run_id = 1')" \
    '0|0.0'
is 'gateways are not made up' "$(ask 'SELECT count(*) FROM gateway_series')" 0
ask 'UPDATE node SET gateway = iif(node IN (0, 1, 2), 2, 3)'
is 'but may be told' "$(ask 'SELECT DISTINCT gateway FROM gateway_series WHERE run_id = 1')" '2
3'

ns "$TOP/tests/data/traces/wired.tcl" out group.tr mcast 1 >ns.out 2>&1
ns "$TOP/tests/data/traces/wired.tcl" out levels.tr hier 1 >ns.out 2>&1
exits 0 'where addresses are no numbers of nodes' ingest group.tr levels.tr
is 'packets for a group arrive' "$(ask 'SELECT received > 50 AND received <= sent FROM flow_summary
    WHERE run_id = 4 AND dst = 1 << 30')" 1
is 'and those for 1.1.1, over three links' "$(ask 'SELECT min(delivery_ratio) > 0.8, min(hops), max(hops)
    FROM flow_summary WHERE run_id = 5')" '1|3.0|3.0'

# ---- what a trace does not show -------------------------------------------

grep -v ' AGT ' "$attack" >silent.tr
grep ' AGT ' "$attack" >agents.tr
db=partial.db
exits 0 'without agent lines, and with these alone' ingest silent.tr agents.tr
is 'without agent lines nothing is known of packets, but who they are from and for' \
    "$(ask 'SELECT count(*), count(sent), count(delivery_ratio), count(throughput), count(jitter)
        FROM flow_summary WHERE run_id = 1;
        SELECT count(*) > 5, count(sent) FROM talk WHERE run_id = 1;
        SELECT packets > 0, data_received IS NULL, load IS NULL FROM routing_overhead
        WHERE run_id = 1')" "$(awk '$7 == "cbr" { print $14, $15 }' silent.tr | sort -u | wc -l)|0|0|0|0
1|0
1|1|1"
is 'with these alone nothing is known of routing and neighbours' \
    "$(ask 'SELECT packets IS NULL, data_received > 0, load IS NULL FROM routing_overhead
        WHERE run_id = 2; SELECT count(*) FROM neighbour WHERE run_id = 2')" '1|1|1
0'
sed 's/ cbr / exp /' agents.tr | sed 's/ \[[0-9]*\] [0-9]* [0-9]*$/ /' >exp.tr
exits 0 'packets whose lines print no hops' ingest exp.tr
is 'have none' "$(ask 'SELECT count(*) > 5, count(hops), sum(n) > 0 FROM hop_count WHERE run_id = 3;
    SELECT count(hops), count(delay_mean) > 5 FROM flow_summary WHERE run_id = 3')" '1|0|1
0|1'

finish
