#!/usr/bin/env bash
# What a run costs beside bare ns.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

ns_time=$(cpu ns "$TOP/scenarios/iot16.tcl" --trace bare.tr duration=20)
run_time=$(cpu "$ADLIOTLOG" simulate --set duration=20 --out runs)
echo "simulate   $run_time s, bare ns $ns_time s ($(ratio "$run_time" "$ns_time") times)"
