#!/usr/bin/env bash
# make bench: CPU seconds on one core, as ratios where there is something to compare with. Not a
# test: machines are noisy, so no time fails here; other answers than the competitors' do.
#
# bench.sh [NAME...]: runs bench/NAME.sh, all without a name.
set -euo pipefail
: "${ADLIOTLOG:?run make bench}"
all=(simulate ingest cluster model kernel serve)
[ $# -gt 0 ] || set -- "${all[@]}"
for name; do
    [[ " ${all[*]} " == *" $name "* ]] || {
        echo "bench: no '$name', only: ${all[*]}" >&2
        exit 2
    }
done
for name; do
    "$(dirname "$0")/bench/$name.sh"
done
