#!/usr/bin/env bash
# What all commands share: help, man pages, streams and exit statuses.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

exits 2 'no command is a usage error' "$ADLIOTLOG"
exits 2 'an unknown command' "$ADLIOTLOG" simulat
like 'is named' err "unknown command 'simulat'"
exits 0 'version' "$ADLIOTLOG" version
like 'prints one' out '^adliotlog [0-9]+\.[0-9]+\.[0-9]+(-dev)?$'
exits 0 'help' "$ADLIOTLOG" help
commands=$(sed -n '/^Commands:/,/^  help/s/^  \([a-z]*\) .*/\1/p' out | grep -v help)
is 'lists the commands of the design' "$(tr '\n' ' ' <<<"$commands")" \
    'simulate ingest merge pairs train federate evaluate audit detect attend score rank report reproduce sql export draw serve '

for command in $commands; do
    exits 0 "$command --help" "$ADLIOTLOG" "$command" --help
    like "$command --help shows examples" out '^Examples:'
    is "$command --help is on stdout alone" "$(wc -c <err)" 0
    exits 0 "help $command is the same" sh -c "'$ADLIOTLOG' $command --help >a &&
        '$ADLIOTLOG' help $command >b && cmp a b"
    exits 2 "$command: a typo in an option" "$ADLIOTLOG" "$command" --sed 1
    like "$command: the typo is named" err 'Unknown option --sed'
    is "$command: nothing on stdout" "$(wc -c <out)" 0
    exits 0 "$command --man" "$ADLIOTLOG" "$command" --man
    is "$command: every option is in the man page" \
        "$(grep -o '^\.B .*\\-\\-[a-z\\-]*' out | sed 's/.*\\-\\-//; s/\\//g' | sort -u)" \
        "$(sed -nE 's/^  (-., )?--([a-z-]*)[= ].*/\2/p' a | grep -vx help | sort -u)"
done

exits 4 'a full stdout' sh -c "'$ADLIOTLOG' help >/dev/full"
like 'is an error' err 'cannot write to standard output'

for command in '' $commands; do
    # shellcheck disable=SC2086 # no command: the page of the program
    "$ADLIOTLOG" ${command:-help} --man | groff -man -ww -Tutf8 2>warnings >/dev/null
    is "man page of ${command:-adliotlog} formats without warnings" "$(cat warnings)" ''
done

finish
