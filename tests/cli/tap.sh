# shellcheck shell=bash
# TAP for shell tests. Source it, call `check` and friends, end with `finish`.
# Each test runs in a directory of its own, which is removed at the end.
#
#   check NAME COMMAND...      ok when the command succeeds
#   exits STATUS NAME COMMAND...   ok when it ends with that status; its output is left in out, err
#   is NAME GOT WANTED         ok when the two strings are equal
#   like NAME FILE PATTERN     ok when a line of FILE matches the extended regular expression
#   unlike NAME FILE PATTERN   ok when none does
#   skip NAME REASON           counted as skipped
set -u
: "${ADLIOTLOG:?run the tests with make test}" "${TOP:?}" "${BUILD:?}"

tap_count=0
tap_failed=0
tap_dir=$(mktemp -d)
trap 'chmod -R u+rwx "$tap_dir" 2>/dev/null; rm -rf "$tap_dir"' EXIT
cd "$tap_dir" || exit 1

tap_result() { # STATUS NAME
    tap_count=$((tap_count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tap_count - $2"
    else
        echo "not ok $tap_count - $2"
        tap_failed=$((tap_failed + 1))
    fi
}

check() {
    local name=$1 status=0
    shift
    "$@" >out 2>err || status=1
    [ $status -eq 0 ] || sed 's/^/# /' out err
    tap_result $status "$name"
}

exits() {
    local wanted=$1 name=$2 status=0
    shift 2
    "$@" >out 2>err || status=$?
    [ $status -eq "$wanted" ] || { echo "# exit status $status instead of $wanted"; sed 's/^/# /' err; }
    tap_result $((status != wanted)) "$name"
}

is() {
    local status=0
    [ "$2" = "$3" ] || status=1
    [ $status -eq 0 ] || printf '# got    %s\n# wanted %s\n' "${2//$'\n'/$'\n# '}" "${3//$'\n'/$'\n# '}"
    tap_result $status "$1"
}

like() {
    local status=0
    grep -Eq -- "$3" "$2" || status=1
    [ $status -eq 0 ] || { echo "# no match for: $3"; sed 's/^/# /' "$2" | head -n 20; }
    tap_result $status "$1"
}

unlike() {
    local status=0
    ! grep -Eq -- "$3" "$2" || status=1
    [ $status -eq 0 ] || { echo "# match for: $3"; grep -E -- "$3" "$2" | head -n 5 | sed 's/^/# /'; }
    tap_result $status "$1"
}

skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

finish() {
    echo "1..$tap_count"
    [ $tap_count -gt 0 ] && [ $tap_failed -eq 0 ]
}
