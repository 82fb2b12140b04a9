#!/usr/bin/env bash
# adliotlog serve: what it answers, by its OpenAPI file and by SQL; no ground truth; tokens; malformed
# requests, slow and silent clients, requests by chance; while others write; until it is told to end.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

openapi=$TOP/experiments/openapi.json
server="" locked_server=""
trap '[ -z "$server$locked_server" ] || kill -9 $server $locked_server 2>/dev/null; chmod -R u+rwx "$tap_dir"; rm -rf "$tap_dir"' EXIT

serve() { # OPTION...: starts a server; $url is where it listens
    rm -f address
    mkfifo address
    "$ADLIOTLOG" serve --listen 127.0.0.1:0 "$@" >address 2>server.err &
    server=$!
    url=
    read -r url <address
}
ends() { # NAME: the server, told to, as it should
    kill -TERM "$server" 2>/dev/null
    ended "$1"
}
ended() { # NAME: it was told to before; a second time would end it at once
    local status=0
    wait "$server" || status=$?
    server=
    is "$1" "$status $(cat server.err)" '0 '
}
get() { curl --silent --max-time 60 "$@"; } # [OPTION...] URL
asks() { # NAME LEAST WHAT ARGUMENT...: the checks of serve.py are ours
    local name=$1 least=$2 status=0
    shift 2
    timeout 300 python3 "$TOP/tests/cli/serve.py" "$@" >seen 2>trouble || status=$?
    is "$name: asked to the end" "$status $(tail -n 1 trouble)" '0 '
    while read -r line; do
        tap_result "$([ "${line#ok }" != "$line" ]; echo $?)" "$name: ${line#*ok }"
    done <seen
    check "$name: $least checks at least" test "$(wc -l <seen)" -ge "$least"
}
sql() { sqlite3 "$@"; }

serve --store none.db
if grep -q 'built without libmicrohttpd' server.err; then
    skip 'the server' 'no libmicrohttpd: run make deps'
    server=
    finish
    exit
fi
wait "$server"
is 'a store that is not there: exit status' $? 4
server=
like 'is named' server.err '^adliotlog serve: none\.db: no such store$'

exits 0 'simulate twins' "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 1 --set duration=2 \
    --set packet_size=1400 --out runs
exits 0 'and more' "$ADLIOTLOG" simulate --seeds 2..4 --set duration=2 --out more
exits 0 'ingest the twins, and one more' "$ADLIOTLOG" ingest --store s.db runs/* more/*-s2-*
exits 0 'pair the twins' "$ADLIOTLOG" pairs --store s.db --name both --runs 'seed = 1' --limit 800
exits 0 'a rival that says something' "$ADLIOTLOG" evaluate --store s.db --rival markov --train both --pairs both
exits 0 'its verdicts' "$ADLIOTLOG" detect --store s.db --rival markov --train both --pairs both
exits 0 'alerts' "$ADLIOTLOG" score --store s.db --task who --train 'seed = 2' --test 'seed = 1'
sqlite3 s.db 'PRAGMA wal_checkpoint(TRUNCATE)' >checkpoint
before=$(sha256sum s.db)

# ---- what it answers ------------------------------------------------------

serve --store s.db
like 'the first line is the address' <(echo "$url") '^http://127\.0\.0\.1:[0-9]+/$'
asks api 17 api "$url" "$openapi"
python3 "$TOP/tests/cli/serve.py" dump "$url" "$openapi" >told
check 'answers were kept' test "$(wc -l <told)" -gt 100
json() { # PATH EXPRESSION: of the answer j
    get "$url$1" >answer.json
    sqlite3 :memory: "SELECT $2 FROM (SELECT CAST(readfile('answer.json') AS TEXT) AS j)"
}
is 'verdicts are those of the store' "$(json 'v1/verdicts?limit=1000' "(SELECT group_concat(
    concat, char(10)) FROM (SELECT (value->>'rank') || ' ' || (value->>'node') || ' ' ||
    (value->>'actual_server') || ' ' || (value->>'predicted_server') || ' ' || (value->>'n_pair') ||
    ' ' || (value->>'verdict') AS concat FROM json_each(j, '\$.verdicts')))")" \
    "$(sql s.db -separator ' ' 'SELECT rank, node, actual_server, predicted_server, n_pair, verdict
        FROM verdict ORDER BY model_id, pair_set_id, rank')"
rank=$(sql s.db 'SELECT min(rank) FROM verdict WHERE node = 14 AND predicted_server = 15')
check 'the colluders are among them' test -n "$rank"
is 'a device asks for adversaries' "$(json "v1/nodes/14?max_rank=$rank" "j->>'verdict', j->>'adversaries'")" \
    'anomalous|[15]'
is 'so does the other' "$(json "v1/nodes/15?max_rank=$rank" "j->>'verdict', j->>'adversaries'")" \
    'anomalous|[14]'
is 'an honest one has none' "$(json "v1/nodes/3?max_rank=$rank" "j->>'verdict', j->>'adversaries'")" 'benign|[]'
is 'of one that nobody judged nothing is known' "$(json v1/nodes/10 "j->'verdict', j->>'adversaries'")" 'null|[]'
is 'nor by a model that is not there' "$(json 'v1/nodes/14?model=other' "j->'verdict'")" 'null'
check 'there are alerts' test "$(sql s.db 'SELECT count(*) FROM score')" -gt 0
is 'a pair has its alerts' "$(json v1/pairs/14/15 "json_array_length(j, '\$.alerts')")" \
    "$(sql s.db 'SELECT count(*) FROM alert WHERE src = 14 AND dst = 15 AND window = -1')"
is 'with their ranks' "$(json v1/pairs/14/15 "(SELECT group_concat((value->>'detector') || (value->>'rank'))
    FROM json_each(j, '\$.alerts'))")" "$(sql s.db "SELECT group_concat(detector || rank) FROM (SELECT *
    FROM alert WHERE src = 14 AND dst = 15 AND window = -1 ORDER BY detector)")"
is 'and its packets' "$(json 'v1/pairs/14/15/packets?limit=1000' "j->>'n', (SELECT sum(value->>'uid')
    FROM json_each(j, '\$.packets'))")" "$(sql s.db 'SELECT count(*), sum(uid) FROM packet JOIN flow
    USING (run_id, flow) WHERE src = 14 AND dst = 15 AND forward')"
get "${url}v1/verdicts/1/1/$rank?events=3" >explained.json
exits 0 'what detect --explain says' "$ADLIOTLOG" detect --store s.db --rival markov --train both --pairs both \
    --explain "$rank" --events 3 --json
sqlite3 :memory: "SELECT json_remove(value, '\$.trace', '\$.parameters', '\$.replay', '\$.ns') FROM
    (SELECT CAST(readfile('out') AS TEXT) AS j), json_each(j, '\$.runs')" >wanted.runs
sqlite3 :memory: "SELECT value FROM (SELECT CAST(readfile('explained.json') AS TEXT) AS j),
    json_each(j, '\$.runs')" >got.runs
check 'is what the server says' test -s got.runs
is 'but for where runs come from' "$(cat got.runs)" "$(cat wanted.runs)"
get "${url}v1/runs/1/network.svg" >network.svg
check 'the network is a picture' xmllint --noout network.svg
exits 0 'without attacks' grep -c '<g class="node' network.svg
unlike 'none is drawn' network.svg 'attack|attacker|hidden'
is 'the description is the file' "$(get "${url}v1/openapi.json" | sha256sum)" "$(sha256sum <"$openapi")"
get "${url}metrics" >metrics
like 'metrics count answers' metrics '^adliotlog_http_requests_total\{route="/v1/verdicts",code="200"\} [1-9]'
like 'and refusals' metrics '^adliotlog_http_requests_total\{route="/v1/runs",code="400"\} [1-9]'
like 'and what the store holds' metrics "^adliotlog_store_events $(sql s.db 'SELECT sum(n_event) FROM run')\$"
is 'the buckets add up' "$(sed -n 's/.*le="+Inf"} //p' metrics)" \
    "$(sed -n 's/^adliotlog_http_requests_total{.*} //p' metrics | awk '{ n += $1 } END { print n }')"

# ---- ground truth ---------------------------------------------------------

unlike 'the attack is nowhere named' told 'hidden|attack|intended|covert'
sqlite3 s.db "VACUUM INTO 'lies.db'" "VACUUM INTO 'page.db'"
sqlite3 lies.db "UPDATE flow SET attack = 1 - attack, intended_dst = 99;
    UPDATE shape SET attack = 1 - attack, covert = 1, attack_no = NULL;
    UPDATE interface SET hidden = 1 - hidden; UPDATE attack_node SET node = 1;
    UPDATE run SET attack = 'flood', params = '{}', trace_path = 'x' || run_id, command = ''"
ends 'a server ends when it is told to'
serve --store lies.db
python3 "$TOP/tests/cli/serve.py" dump "$url" "$openapi" >told.lies
is 'with other labels all answers are the same' "$(sha256sum <told.lies)" "$(sha256sum <told)"
ends 'that one too'
serve --store s.db --truth
is '--truth: the attack of a run' "$(json v1/runs/1 "j->>'attack'")" "$(sql s.db 'SELECT attack FROM run WHERE run_id = 1')"
get "${url}v1/verdicts/1/1/$rank" >answer.json
like 'and where it comes from' answer.json '"replay":"adliotlog simulate .*"intended_dst":'
asks truth 17 api "$url" "$openapi"
ends 'and that'

# ---- hard times -----------------------------------------------------------

serve --store s.db --timeout 60 --threads 2
asks rough 20 rough "$url"
asks fuzz 3 fuzz "$url" "$openapi" 1 1500
asks idle 2 idle "$url" 1000
asks end 1 end "$url" "$server"
ended 'a server that was asked all the time'
get "$url" >out
is 'nobody listens any more' $? 7
serve --store s.db --timeout 1
asks slow 4 slow "$url"
ends 'after slow clients'
serve --store s.db --connections 5 --threads 1
asks full 2 full "$url" 5
ends 'after too many clients'
is 'nobody has changed the store' "$(sha256sum s.db)" "$before"

serve --store s.db
"$ADLIOTLOG" ingest --store s.db more/*-s[34]-* >ingested 2>&1 &
ingest=$!
asks load 2 load "$url" $ingest 3,4,5
check 'meanwhile others could write' wait $ingest
ends 'after that'
serve --store s.db
{
    kill -9 "$server"
    wait "$server"
} 2>/dev/null
server=
is 'a server that is killed leaves the store whole' "$(sql s.db 'PRAGMA integrity_check; SELECT count(*) FROM run')" \
    $'ok\n5'

# ---- who may ask ----------------------------------------------------------

(umask 077 && echo '0123456789abcdef-secret' >token)
serve --store s.db --token token
code() { get -o answer.json -w '%{http_code}' "$@"; }
is 'without the token no answer' "$(code "${url}v1/runs")" 401
like 'but the reason' answer.json '^\{"status":401,"error":".*"\}$'
is 'with it there is' "$(code -H 'Authorization: Bearer 0123456789abcdef-secret' "${url}v1/runs")" 200
is 'whatever the name' "$(code -H 'Host: aggregator' -H 'authorization: bearer 0123456789abcdef-secret' "${url}v1/runs")" 200
for wrong in 'Bearer 0123456789abcdef-secreT' 'Bearer 0123456789abcdef' 'Bearer ' 'Basic 0123456789abcdef-secret' \
    '0123456789abcdef-secret' 'Bearer 0123456789abcdef-secretx'; do
    is "'$wrong' is none" "$(code -H "Authorization: $wrong" "${url}v1/runs")" 401
done
is 'nor does a token help in the address' "$(code "${url}v1/runs?token=0123456789abcdef-secret")" 401
is 'metrics need it' "$(code "${url}metrics")" 401
for open in '' v1/health v1/openapi.json serve.js; do
    is "/$open does not" "$(code "$url$open")" 200
done
get -D headers -o answer.json "${url}v1/runs"
like 'the scheme is named' headers '^WWW-Authenticate: Bearer'
ends 'after that as well'

refused() { # STATUS NAME PATTERN OPTION...
    local status=$1 name=$2 pattern=$3
    shift 3
    exits "$status" "$name" timeout 20 "$ADLIOTLOG" serve "$@"
    like "$name: the message says why" err "$pattern"
    is "$name: nothing on stdout" "$(wc -c <out)" 0
}
refused 2 'no store' '--store is missing'
refused 2 'an address for others, without a token' '--token FILE is needed' --store s.db --listen 0.0.0.0:0
refused 2 'the same in IPv6' '--token FILE is needed' --store s.db --listen '[::]:0'
refused 2 'no address' "'8080' is no ADDRESS:PORT" --store s.db --listen 8080
refused 2 'a name' 'is no ADDRESS:PORT' --store s.db --listen example.org:80
refused 2 'a port that is none' 'is no ADDRESS:PORT' --store s.db --listen 127.0.0.1:65536
refused 2 'no threads' '--threads must be from 1 to 64, not 0' --store s.db --threads 0
refused 2 'no connections' '--connections must be from 1' --store s.db --connections -1
refused 2 'no time' '--timeout must be from 1' --store s.db --timeout 0
refused 4 'more connections than files' 'need 100127 open files, and this process may have [0-9]+: ask for fewer' --store s.db --listen 127.0.0.1:0 \
    --connections 99999
cp token loud && chmod 644 loud
refused 2 'a token that others can read' 'loud: others can read this token' --store s.db --token loud
(umask 077 && echo short >short && printf 'two lines\nof a token.......' >lines)
refused 2 'a short token' 'short: a token is one line of 16 to 1000' --store s.db --token short
refused 2 'two lines' 'lines: a token is one line' --store s.db --token lines
refused 2 'a folder' 'runs: not a file' --store s.db --token runs
refused 4 'no token' 'nowhere: No such file' --store s.db --token nowhere
echo nonsense >bad.db
refused 3 'no store in it' 'bad\.db' --store bad.db --listen 127.0.0.1:0
serve --store s.db
refused 4 'a port that is taken' 'in use' --store s.db --listen "$(sed 's|http://||; s|/$||' <<<"$url")"
ends 'the one who had it'

# ---- the page -------------------------------------------------------------

if ! command -v chromium >/dev/null; then
    skip 'the page in a browser' 'no chromium: run make deps-test'
    finish
    exit
fi
export HOME=$PWD
serve --store page.db --token token
locked=$url locked_server=$server
serve --store page.db
status=0
timeout 300 python3 "$TOP/tests/cli/serve_page.py" "$url" "$locked" "$(cat token)" "$BUILD/page" "$rank" \
    >seen 2>trouble || status=$?
is 'the browser was asked to the end' "$status $(tail -n 1 trouble)" '0 '
while read -r line; do
    tap_result "$([ "${line#ok }" != "$line" ]; echo $?)" "${line#*ok }"
done <seen
check 'checks were made' test "$(wc -l <seen)" -ge 20
ends 'after the page'
server=$locked_server
ends 'and the locked one'
finish
