#!/usr/bin/env bash
# What flows really carry, with real ns: transports, patterns, connections, twins.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

simulate() { "$ADLIOTLOG" simulate --out runs "$@"; }
ask() { sqlite3 -separator ' ' s.db "$1"; }

exits 0 'twins of each transport' simulate --traffic udp,tcp,http,mixed \
    --attack none,hidden-channel --seeds 1..2 --set attack_start=3 --set duration=8 \
    --set rate=300kb
mapfile -t runs <out
check 'are ingested' "$ADLIOTLOG" ingest --store s.db "${runs[@]}"

for ((i = 0; i < ${#runs[@]}; i += 2)); do
    n=$(cmp "${runs[i]}/trace.tr" "${runs[i + 1]}/trace.tr" | awk '{ print $NF }')
    sed -n "${n}p" "${runs[i + 1]}/trace.tr" >first
    like "${runs[i]%-*}: equal to its twin until 14 sends to 15" first \
        '^s 3\.[0-9]+ _14_ AGT .*\[14:[0-9] 15:0 '
done

is 'what a flow speaks' "$(ask "SELECT DISTINCT traffic, proto FROM flow JOIN run USING (run_id)
    WHERE traffic != 'mixed' ORDER BY 1")" $'http http\ntcp tcp\nudp udp'
is 'mixed has all of it' "$(ask "SELECT group_concat(DISTINCT proto) FROM
    (SELECT proto FROM flow JOIN run USING (run_id) WHERE traffic = 'mixed' ORDER BY 1)")" \
    'http,tcp,udp'

# A flow of 8 s that is not starved: every second but the last something arrives, both ways.
is 'tcp: nothing is starved, and acknowledgements come back' \
    "$(ask "SELECT min(bytes_received) > 200000, min(delivery_ratio) > 0.9, count(*)
        FROM flow_summary JOIN run USING (run_id)
        WHERE traffic = 'tcp' AND attack = 'none' AND forward = 1")
$(ask "SELECT min(received) > 50, min(delivery_ratio) > 0.9, count(*)
        FROM flow_summary JOIN run USING (run_id)
        WHERE traffic = 'tcp' AND attack = 'none' AND forward = 0")" $'1 1 16\n1 1 16'
is 'http: data both ways, on all flows, more of it up' \
    "$(ask "SELECT forward, min(bytes_received) > 5000, min(delivery_ratio) > 0.9, count(*)
        FROM flow_summary JOIN run USING (run_id)
        WHERE traffic = 'http' AND attack = 'none' GROUP BY forward")" $'0 1 1 16\n1 1 1 16'
is 'over several connections each' \
    "$(ask "SELECT min(n) > 2 FROM (SELECT count(*) AS n FROM packet JOIN run USING (run_id)
        WHERE traffic = 'http' AND run.attack = 'none' AND forward = 1
         AND seq = 0 AND size = 40 GROUP BY run_id, flow)")" 1
is 'hidden flows carry data to the accomplice, and its answers back' \
    "$(ask "SELECT traffic, sum(forward) > 0, sum(NOT forward) > 0, min(received) > 10
        FROM flow_summary AS s JOIN run USING (run_id)
        WHERE flow = 8 AND 15 IN (src, dst) AND traffic IN ('tcp', 'http') GROUP BY traffic")" \
    $'http 1 1 1\ntcp 1 1 1'

# ---- patterns ----------------------------------------------------------------

# Times between the sends of each flow, s: mean and coefficient of variation.
gaps() {
    awk '$1 == "s" && $4 == "AGT" { if ($14 in last) { d = $2 - last[$14]; n++; s += d; q += d * d }
            last[$14] = $2 }
        END { m = s / n; v = q / n - m * m
              printf "%.4f %.2f\n", m, sqrt(v > 0 ? v : 0) / m }' "$1"
}
within() { awk -v x="$1" -v a="$2" -v b="$3" 'BEGIN { exit !(x >= a && x <= b) }'; }
for pattern in cbr poisson onoff; do
    ns "$TOP/scenarios/iot16.tcl" --trace $pattern.tr pattern=$pattern rate=80kb packet_size=500 \
        duration=20 levels=AGT >ns.out 2>&1
done
read -r mean spread < <(gaps cbr.tr)
is 'cbr sends 500 bytes at 80 kb/s in even time' "$mean $spread" '0.0500 0.00'
read -r mean spread < <(gaps poisson.tr)
check "poisson at the same rate ($mean)" within "$mean" 0.047 0.053
check "with a spread of one ($spread)" within "$spread" 0.9 1.1
read -r mean spread < <(gaps onoff.tr)
check "on and off at half of it ($mean)" within "$mean" 0.08 0.125
check "in bursts ($spread)" within "$spread" 2 8

# ---- sizes -------------------------------------------------------------------

for sizes in constant exponential pareto; do
    simulate --traffic http --set sizes=$sizes --set request_size=1000 --set response_size=400 \
        --set think_time=0.02 --set session_pause=0.05 --set duration=20 --set levels=AGT --json \
        >$sizes.json 2>err
    "$ADLIOTLOG" ingest --store $sizes.db "$(sed 's/.*"directory":"\([^"]*\)".*/\1/' $sizes.json)" \
        >/dev/null 2>err
    # Bytes back, without the headers of 40, by exchange: those are counted by its first response.
    sqlite3 $sizes.db "SELECT sum(size - 40) FROM packet WHERE forward = 0 GROUP BY flow" >back
    check "$sizes sizes are sent" test "$(wc -l <back)" = 8
done

exits 0 'profiles' simulate --set profile=mixed --traffic mixed
check 'are ingested' "$ADLIOTLOG" ingest --store p.db "$(cat out)"
is 'and are known by flow' "$(sqlite3 p.db "SELECT count(*), count(profile), count(DISTINCT profile) > 2
    FROM flow")" '8|8|1'
is 'each of which sends' \
    "$(sqlite3 p.db "SELECT min(sent) > 2 FROM flow_summary WHERE forward = 1")" 1

finish
