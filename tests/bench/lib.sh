# shellcheck shell=bash
# What the benchmarks share. Sourced by tests/bench/*.sh, each of which runs in a folder of its own
# below build/bench that is removed at the end.
set -euo pipefail
shopt -s inherit_errexit
: "${BUILD:?run make bench}" "${TOP:?}" "${ADLIOTLOG:?}"
export LC_ALL=C

cache=$TOP/build/bench
mkdir -p "$cache"
dir=$(mktemp -d "$cache/tmp.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"

# The cores this process may use, one a line.
allowed_cores() {
    awk '/^Cpus_allowed_list:/ {
        n = split($2, parts, ",")
        for (i = 1; i <= n; i++) {
            if (split(parts[i], ends, "-") == 1) ends[2] = ends[1]
            for (core = ends[1]; core <= ends[2]; core++) print core
        }
    }' /proc/self/status
}
mapfile -t cores < <(allowed_cores)
one_core=${cores[-1]}

die() {
    echo "bench: $*" >&2
    exit 1
}

# CORES FILE COMMAND...: appends "CPU WALL PEAK" (seconds, seconds, MB) to FILE. The command's
# output goes to files out and err.
measure() {
    local on=$1 file=$2
    shift 2
    taskset -c "$on" "$BUILD/bench/rusage" usage "$@" >out 2>err || {
        cat err >&2
        die "failed: $*"
    }
    cat usage >>"$file"
}

cpu() { # COMMAND...: its CPU seconds on one core
    rm -f once
    measure "$one_core" once "$@"
    cut -d ' ' -f 1 once
}

median() { # FILE COLUMN: of a file that measure() wrote
    cut -d ' ' -f "$2" "$1" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

per() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%.0f", n / s }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
