#!/usr/bin/env bash
# Answers a second of `adliotlog serve` on one core, asked by wrk over 16 connections from another,
# while runs are ingested into its store without pause.
#
# BENCH_SECONDS (10): for each kind of question.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
seconds=${BENCH_SECONDS:-10}
command -v wrk >/dev/null || die "no wrk: run 'make deps-test' first"
[ ${#cores[@]} -gt 1 ] || die "one core for the server and one for those who ask are needed"
other_core=${cores[0]}
export ADLIOTLOG_QUIET=1

{
    "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 1..3 --set duration=10 --out runs
    "$ADLIOTLOG" ingest --store s.db runs/*-s1-* runs/*-s2-*
    "$ADLIOTLOG" pairs --store s.db --name both --runs 1 --limit 3000
    "$ADLIOTLOG" evaluate --store s.db --rival markov --train both --pairs both
    "$ADLIOTLOG" detect --store s.db --rival markov --train both --pairs both
} >made 2>&1 || die "$(tail -n 3 made)"

server=''
trap '[ -z "$server" ] || kill "$server"; touch stop; wait; cd /; rm -rf "$dir"' EXIT
mkfifo address
taskset -c "$one_core" "$ADLIOTLOG" serve --store s.db --listen 127.0.0.1:0 --threads 1 >address &
server=$!
read -r url <address || die 'the server has not started'

write() { # the runs of seed 3, again and again; a byte for each
    while [ ! -e stop ] &&
        taskset -c "$other_core" "$ADLIOTLOG" ingest --force --store s.db runs/*-s3-* >/dev/null; do
        printf . >>written
    done
}
: >written
write &
writer=$!

# A path that was asked before, and one that never was.
cat >new.lua <<'END'
local n = 0
function request()
    n = n + 1
    return wrk.format("GET", "/v1/nodes/" .. n % 16 .. "?max_rank=" .. n)
end
END
cat >mixed.lua <<'END'
local paths = {"/v1/nodes/14", "/v1/pairs/14/15", "/v1/verdicts?limit=20", "/v1/runs", "/v1/runs/2",
               "/v1/runs/1/flows", "/v1/health"}
local n = 0
function request()
    n = n + 1
    return wrk.format("GET", paths[n % #paths + 1])
end
END

ticks() { # CPU time of the server
    awk '{ print $14 + $15 }' "/proc/$server/stat"
}
hertz=$(getconf CLK_TCK)

row() { # NAME WRK-ARGUMENT...
    local name=$1 before start
    shift
    before=$(wc -c <written)
    start=$(ticks)
    taskset -c "$other_core" wrk --threads 1 --connections 16 --duration "${seconds}s" --latency "$@" >out 2>err ||
        die "$(cat err)"
    awk -v name="$name" -v ingests="$(($(wc -c <written) - before))" \
        -v cpu="$(awk -v t=$(($(ticks) - start)) -v hz="$hertz" 'BEGIN { print t / hz }')" '
        $1 == "50%" { p50 = $2 }
        $1 == "99%" { p99 = $2 }
        / requests in / { n = $1 }
        $1 == "Requests/sec:" { rate = $2 }
        /Non-2xx/ { errors += $NF }
        /Socket errors/ { gsub(",", ""); errors += $4 + $6 + $8 + $10 }
        END { printf "  %-30s %9.0f %12.0f %7d %9s %9s %8d\n", name, rate, n / cpu, errors, p50, p99, ingests }' out
}

echo "serve      16 connections, 1 thread on one core; wrk and an ingest of two runs on another;" \
    "$seconds s each"
printf '  %-30s %9s %12s %7s %9s %9s %8s\n' "" "a second" "a CPU second" errors p50 p99 ingests
row "/v1/nodes/14" "${url}v1/nodes/14"
row "/v1/verdicts?limit=100" "${url}v1/verdicts?limit=100"
row "seven kinds in turn" --script mixed.lua "$url"
row "/v1/nodes, never asked before" --script new.lua "$url"
kill -0 $writer 2>/dev/null || die 'the ingest has failed'
