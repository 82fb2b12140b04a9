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

# ---- exchanges ---------------------------------------------------------------

# A run with AGT lines alone, ingested as NAME.db.
http() { # NAME SETTING...
    local name=$1
    shift
    "$ADLIOTLOG" simulate --traffic http --set levels=AGT "${@/#/--set=}" --out "$name" >"$name.run" &&
        "$ADLIOTLOG" ingest --store "$name.db" "$(cat "$name.run")"
}

# One exchange a connection: what comes back on it is the response. Its mean, by connections.
responses() {
    sqlite3 "$1" "SELECT sum(size - 40) FILTER (WHERE NOT forward) * 1.0 /
        count(*) FILTER (WHERE forward AND seq = 0 AND size = 40) FROM packet"
}
# What is over ten times the mean is cut: that leaves pareto 88 % of it.
while read -r sizes from to; do
    check "$sizes sizes" http "$sizes" sizes="$sizes" request_size=600 response_size=400 \
        think_time=0.05 session_pause=0.01 exchanges=1 duration=15
    mean=$(responses "$sizes.db")
    check "have the mean that they should have ($mean)" within "$mean" "$from" "$to"
done <<'ROWS'
constant 396 404
exponential 360 440
pareto 310 400
ROWS
is 'short pauses leave no flow behind: all go on to the end, over many connections' \
    "$(sqlite3 exponential.db "SELECT count(*), min(last) > 12, min(n) > 20 FROM (SELECT max(sent) AS last,
        count(*) FILTER (WHERE forward AND seq = 0 AND size = 40) AS n FROM packet GROUP BY flow)")" \
    '8|1|1'

# FullTcp would keep a single byte for ever, which small means have drawn now and then.
check 'messages of a few bytes' http tiny request_size=10 response_size=10 think_time=0.1 duration=8
is 'are all sent: no flow waits for one' "$(sqlite3 tiny.db "SELECT count(*), min(last) > 6, min(n) > 10 FROM
    (SELECT max(sent) AS last, count(*) FILTER (WHERE size > 40) AS n FROM packet GROUP BY flow)")" \
    '8|1|1'

exits 2 'http over DSDV is refused' simulate --traffic http --set routing=DSDV
like 'with the reason' err 'http is not possible with routing DSDV: ns.s two-way TCP takes the 20 bytes that DSDV adds'
exits 0 'tcp is not' simulate --traffic tcp --set routing=DSDV --set duration=1

ns "$TOP/scenarios/iot16.tcl" --trace small.tr traffic=tcp upload_size=200 duration=3 levels=AGT \
    >ns.out 2>&1
is 'small uploads are small packets' "$(awk '$1 == "s" && $7 == "tcp" { print $8 }' small.tr |
    sort -n | uniq | tr '\n' ' ')" '40 240 '

# ---- twins of what is random ---------------------------------------------------

for pattern in poisson onoff; do
    for attack in none hidden-channel; do
        ns "$TOP/scenarios/iot16.tcl" --trace $attack.tr attack=$attack attack_start=2 duration=4 \
            pattern=$pattern rate=300kb hidden_turn=0.5 >ns.out 2>&1
    done
    sed -n "$(cmp none.tr hidden-channel.tr | awk '{ print $NF }')p" hidden-channel.tr >first
    like "$pattern: twins are equal until 14 sends to 15" first '^s 2\.[0-9]+ _14_ AGT .*\[14:0 15:0 '
    sends() { awk '$1 == "s" && $4 == "AGT" && /\[14:0 / { print $2 }' "$1"; }
    is "$pattern: and 14 goes on in the same rhythm" "$(sends hidden-channel.tr)" "$(sends none.tr)"
done

# ---- profiles ------------------------------------------------------------------

exits 0 'profiles' simulate --set profile=mixed --traffic mixed
check 'are ingested' "$ADLIOTLOG" ingest --store p.db "$(cat out)"
is 'and are known by flow' "$(sqlite3 p.db "SELECT count(*), count(profile), count(DISTINCT profile) > 2
    FROM flow")" '8|8|1'
is 'each of which sends' \
    "$(sqlite3 p.db "SELECT min(sent) > 2 FROM flow_summary WHERE forward = 1")" 1

finish
