#!/usr/bin/env bash
# report.html in a browser: sorted by mouse and keyboard, on a phone, in the dark, on paper. What was
# seen is left in build/VARIANT/page.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

cat "$TOP/dataset/schema.sql" "$TOP/dataset/views.sql" "$TOP/dataset/views_detection.sql" "$TOP/tests/data/report/results.sql" \
    "$TOP/tests/data/report/plans.sql" | sqlite3 -bail store.db
exits 0 'a report with all sections' "$ADLIOTLOG" report --store store.db --plan small --out results

# The page allows its own script and style alone, by their SHA-256.
policy() { # DIRECTIVE
    grep -o "$1 'sha256-[^']*'" results/report.html | sed "s/.*sha256-//; s/'\$//"
}
digest() { # ELEMENT
    perl -0777 -ne "print \$1 if m{<$1>(.*?)</$1>}s" results/report.html |
        openssl dgst -sha256 -binary | base64
}
is 'the policy names the script by its digest' "$(policy script-src)" "$(digest script)"
is 'and the style' "$(policy style-src)" "$(digest style)"
unlike 'nothing unsafe is allowed' results/report.html 'unsafe-'

if ! command -v chromium >/dev/null; then
    skip 'the page in a browser' 'no chromium: run make deps-test'
    finish
    exit
fi
export HOME=$PWD
status=0
timeout 300 python3 "$TOP/tests/cli/page.py" results/report.html "$BUILD/page" \
    >seen 2>trouble || status=$?
is 'the browser was asked to the end' "$status $(tail -n 1 trouble)" '0 '
while read -r line; do
    tap_result "$([ "${line#ok }" != "$line" ]; echo $?)" "${line#*ok }"
done <seen
check 'checks were made' test "$(wc -l <seen)" -ge 28
finish
