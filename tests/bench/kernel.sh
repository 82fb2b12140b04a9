#!/usr/bin/env bash
# The loops of model/kernel.h, each instruction set, beside what the machine could do.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

taskset -c "$one_core" "$BUILD/bench/kernel"
