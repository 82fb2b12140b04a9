#!/usr/bin/env bash
# Each scenario, routing, traffic and attack at a fixed seed, known by the SHA-256 of its trace: a changed
# default, or another stream of random numbers, shows up here and has to be said in the README's Changes.
# After a change that is meant: FINGERPRINT=write tests/cli/fingerprint.t renews the list.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

list=$TOP/tests/data/fingerprints.tsv

# Prints the fingerprint of each row (ns version, scenario, settings) of stdin behind it.
fingerprints() {
    # shellcheck disable=SC2016
    cut -f 1-3 | xargs -P "$(nproc)" -d '\n' -n 1 bash -c '
        IFS=$'"'\t'"' read -r version scenario settings <<<"$0"
        trace=$(mktemp -p .)
        # shellcheck disable=SC2086
        ns "$TOP/scenarios/$scenario.tcl" --trace "$trace" $settings >"$trace.log" 2>&1 ||
            tail -n 1 "$trace.log" >"$trace"
        printf "%s\t%s\t%s\t%s\n" "$version" "$scenario" "$settings" \
            "$(sha256sum <"$trace" | cut -d " " -f 1)"
        rm "$trace" "$trace.log"' | sort
}

if [[ ${FINGERPRINT:-} = write ]]; then
    fingerprints <"$list" >new.tsv && mv new.tsv "$list"
    exit
fi

version=$(ns "$TOP/scenarios/iot16.tcl" --ns-version 2>&1 | tail -n 1)
like 'ns tells its version' <(echo "$version") '^[0-9.]+$'
fingerprints <"$list" >now.tsv
check 'there are fingerprints' test -s now.tsv
while IFS=$'\t' read -r of scenario settings expected; do
    name="$scenario $settings"
    if [[ $of != "$version" ]]; then
        skip "$name" "made with ns $of"
        continue
    fi
    is "$name" "$(grep -F "$scenario"$'\t'"$settings"$'\t' now.tsv | cut -f 4)" "$expected"
done <"$list"

finish
