#!/usr/bin/env bash
# adliotlog report: a small store, whose figures were worked out by hand, becomes results/.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

make_store() { # FILE
    sqlite3 "$1" <"$TOP/dataset/schema.sql" && sqlite3 "$1" <"$TOP/tests/data/report/results.sql"
}

# The fields of the first row of a CSV file that starts so.
row() { # FILE START
    grep -m 1 -- "^$2" "$1"
}

report() {
    "$ADLIOTLOG" report "$@"
}

make_store store.db
exits 0 'report' report --store store.db --out results
cp out listed
like 'a trial without evaluation is mentioned' err '^adliotlog report: 1 of 22 trials'

# ---- files -----------------------------------------------------------------

is 'every file written is listed, and every one listed is there' \
    "$(find results -type f | sort)" "$(sort listed)"
for name in table1.csv table1.md table1.tex table2.csv table2.md table2.tex set_a.csv figure2a.svg \
    figure2b.svg figure3.svg claims.csv claims.md report.html provenance.json \
    data/figure2a.dat data/figure2b.dat data/figure3.dat data/figure3.gp; do
    check "$name is not empty" test -s "results/$name"
done

# ---- Table II --------------------------------------------------------------
# Two seeds: the half interval is 12.7062 s / sqrt(2), three: 4.30265 s / sqrt(3).

is 'columns of table2.csv' "$(head -n 1 results/table2.csv)" \
    'protocol,context,split,condition,n_seed,accuracy_mean,accuracy_ci_low,accuracy_ci_high,accuracy_min,accuracy_max,paper_low,paper_high,copy_baseline'
is 'two seeds' "$(row results/table2.csv 'udp,flow,paper,without,')" \
    'udp,flow,paper,without,2,93.0000,80.2938,105.7062,92.0000,94.0000,91,98,55.0000'
is 'two seeds with attack' "$(row results/table2.csv 'udp,flow,paper,with,')" \
    'udp,flow,paper,with,2,93.0000,54.8814,131.1186,90.0000,96.0000,89,95,50.0000'
is 'one seed has no interval' "$(row results/table2.csv 'udp,flow,paper,with-attack-run,')" \
    'udp,flow,paper,with-attack-run,1,80.0000,,,80.0000,80.0000,89,95,40.0000'
is 'held out, only what is evaluated' "$(row results/table2.csv 'udp,flow,held-out,with,')" \
    'udp,flow,held-out,with,1,65.0000,,,65.0000,65.0000,89,95,50.0000'
is 'three seeds' "$(row results/table2.csv 'udp,none,paper,without,')" \
    'udp,none,paper,without,3,81.0000,78.5159,83.4841,80.0000,82.0000,91,98,50.0000'
is 'rows of table2.csv' "$(wc -l <results/table2.csv)" 11
like 'agreement with the paper is said' results/table2.md \
    '^udp, context flow, with attack: 93\.0; the paper has 89-95: in the range'
like 'contradiction of the paper is said' results/table2.md \
    '^udp, context none, without attack: 81\.0; the paper has 91-98: 10\.0 below'
like 'the paper stands beside ours' results/table2.md '^\| paper: IoT ns-2 \| 5 \| \(6,15,15\)'
like 'so do set A and accuracies' results/table2.md \
    '^\| ours: udp, context flow \| 5 \| \(3,2,2\), \(3,2,14\).* \| \(14,2,15\), \(3,2,2\) \| 93\.0%'

# ---- Table I, set A, claims ------------------------------------------------

is 'Table I' "$(row results/table1.csv '"ours: udp, context flow",without')" \
    '"ours: udp, context flow",without,1,700,0.01-0.0001,32,SGD,0.5,gru,a_b & 100%,,,1010-1020,2'
is 'set A' "$(cat results/set_a.csv)" \
    'condition,rank,node,actual_server,predicted_server,probability,verdict
without,1,3,2,2,1,benign
without,2,3,2,14,0.5,benign
without,3,3,2,3,0.333333,benign
without,4,3,2,12,0.25,benign
without,5,3,2,2,0.2,benign
with,1,14,2,15,0.875,anomalous
with,2,3,2,2,0.5,benign'
verdict() { # GROUP CLAIM
    grep -- "^$1,\"\\?$2" results/claims.csv | grep -o ',[0-9],\(undecided\|reproduced\|not reproduced\),'
}
is 'two seeds decide nothing' "$(verdict udp,flow 'accuracy without')" ',2,undecided,'
is 'far from the range' "$(verdict udp,none 'accuracy without')" ',3,not reproduced,'
is 'mean outside, interval reaches the range' "$(verdict tcp,flow 'accuracy without')" ',3,undecided,'
is 'mean in the range' "$(verdict tcp,flow 'accuracy with')" ',3,reproduced,
,3,undecided,'
is 'a fall of 3.5 points' "$(verdict udp,none 'fall')" ',3,reproduced,'
is 'no fall' "$(verdict tcp,flow 'fall')" ',3,not reproduced,'
is 'tuples across gateways in two of three seeds' "$(verdict udp,none 'under attack')" ',3,reproduced,'
is 'none without attack' "$(verdict udp,none 'without attack')" ',3,reproduced,'
like 'the fall is paired by seed' results/claims.csv \
    '^tcp,flow,"fall .*,3-4,-2\.00 \(-6\.97 to 2\.97\),,0\.00 \(0\.00 to 0\.00\),3,'

# ---- escapes ---------------------------------------------------------------

like 'CSV quotes' results/table2.csv '^http,"a\|b, ""c"" <d> & e_f\\g",paper,'
like 'Markdown escapes' results/table2.md '^\| http \| a\\\|b, "c" \\<d\\> \\& e\\_f\\\\g \|'
# shellcheck disable=SC2016 # dollars of LaTeX
like 'LaTeX escapes' results/table2.tex \
    '^http & a\$\|\$b, "c" \$<\$d\$>\$ \\& e\\_f\\textbackslash\{\}g &'
like 'HTML escapes' results/report.html '>a\|b, &quot;c&quot; &lt;d&gt; &amp; e_f\\g<'
unlike 'no markup from names' results/report.html '<script'
check 'a context that is no file name' test -s results/set_a_http_a_b___c___d____e_f_g.csv
is 'CSV reads back with as many fields in each row' "$(sqlite3 :memory: -cmd '.mode csv' \
    '.import results/claims.csv claims' 'SELECT count(*), count(rule) FROM claims')" '20,20'

# ---- figures, page, provenance ---------------------------------------------

is 'both directions of a pair of flows are told apart' \
    "$(grep -A 3 '^# flows' results/data/figure2a.dat | tail -n +2)" \
    '14 2 300.0 500.0 199.0 600.0 0
3 2 398.0 599.0 199.0 600.0 1
2 3 199.0 600.0 398.0 599.0 1'
is 'the attack flow' "$(grep -A 1 '^# attack' results/data/figure2b.dat | tail -n 1)" \
    '14 15 300.0 500.0 900.0 300.0 0'
is 'the hidden channel' "$(grep -A 1 '^# hidden' results/data/figure2b.dat | tail -n 1)" \
    '300.0 500.0 900.0 300.0'
unlike 'no hidden channel without attack' results/data/figure2a.dat '^# hidden'
like 'legend of figure 2b' results/figure2b.svg '<text [^>]*>hidden high-power channel<'
unlike 'legend of figure 2a' results/figure2a.svg '<text [^>]*>[^<]*(hidden|attack$|of the attack)'
is 'flows and hidden channel of figure 2b' \
    "$(grep -o 'class="[a-z-]*\(flow\|hidden\)"' results/figure2b.svg)" 'class="hidden"
class="flow"
class="flow"
class="attack-flow"'
check 'figures 2a and 2b are well-formed' xmllint --noout results/figure2a.svg results/figure2b.svg
like 'curve with attack' results/figure3.svg '<tspan [^>]*>with attack'
like 'curve without attack' results/figure3.svg '<tspan [^>]*>without attack'
is 'losses of the lowest seed' "$(grep -A 1 '^#.*seed 1' results/data/figure3.dat)" \
    '# benign: iteration nll, seed 1
100 5.1
--
# attack: iteration nll, seed 1
100 5.3'
check 'a figure is redrawn the same from its data' \
    sh -c 'cd results/data && gnuplot -d -c figure3.gp figure3 | cmp - ../figure3.svg'

cat >nesting.pl <<'PERL'
# Elements are closed in order and ids are unique.
local $/;
my ($page, @open, %seen) = <STDIN>;
$page =~ s/<!.*?>|<\?.*?\?>|<style>.*?<\/style>//gs;
while ($page =~ m{<(/?)([a-zA-Z0-9]+)((?:"[^"]*"|'[^']*'|[^"'>])*?)(/?)>}gs) {
    my ($close, $name, $attributes, $empty) = ($1, lc $2, $3, $4);
    die "id $1 twice\n" if $attributes =~ /\bid=["'](.*?)["']/ && $seen{$1}++;
    next if $empty || $name eq 'meta';
    if (!$close) { push @open, $name }
    elsif ((my $last = pop @open) ne $name) { die "</$name> closes <$last>\n" }
}
die "not closed: @open\n" if @open;
die "nothing read\n" if !%seen;
PERL
check 'elements of the page nest, ids are unique' sh -c 'perl nesting.pl <results/report.html'
unlike 'the page asks the network for nothing' results/report.html \
    '(src|href)=["'\''](https?:|//)|@import|url\((https?:|//)'
is 'three figures in the page' "$(grep -c '<svg' results/report.html)" 3
for key in '$.version' '$.command' '$.runs[0].trace_sha256' '$.runs[0].params.rate' \
    '$.pair_sets[0].sha256' '$.pair_sets[0].options.context' '$.models[0].model_sha256' '$.models[0].options.hidden' '$.runs[1].ns_version'; do
    is "provenance has $key" \
        "$(sqlite3 :memory: "SELECT json_extract(readfile('results/provenance.json'), '$key') NOT NULL")" 1
done
is 'digests of the files are right' \
    "$(sqlite3 -separator '  ' :memory: "SELECT value->>'sha256', 'results/' || (value->>'name')
        FROM json_each(readfile('results/provenance.json'), '\$.files')" | sha256sum -c --quiet 2>&1)" ''

# ---- again, and failures ---------------------------------------------------

cp -r results before
exits 0 'a second report' report --store store.db --out results
check 'is the same' diff -r before results

sqlite3 empty.db <"$TOP/dataset/schema.sql"
exits 1 'no trial: nothing to report' report --store empty.db --out results
like 'no trial: says so' err 'holds no trial'
check 'no trial: results are left alone' diff -r before results
exits 1 'unknown plan' report --store store.db --out results --plan big
sqlite3 store.db "CREATE TABLE keep AS SELECT * FROM trial;
    INSERT INTO trial SELECT 'big', variant, method, protocol, context, seed, condition, split, model_id, pair_set_id
    FROM keep WHERE context = 'none'"
exits 2 'two plans: one has to be chosen' report --store store.db --out other
check 'two plans: nothing is written before' test ! -e other
exits 0 'one of two plans' report --store store.db --out other --plan big
is 'one of two plans: only its rows' "$(wc -l <other/table2.csv)" 3

exits 2 'no store given' report --out results
exits 4 'no such store' report --store none.db --out results
exits 2 'a typo' report --stor store.db
echo 'no directory' >file
exits 4 'a file in place of the folder' report --store store.db --plan small --out file
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod a-w locked
    exits 4 'a folder that cannot be written' report --store store.db --plan small --out locked
else
    skip 'a folder that cannot be written' 'root may write everywhere'
fi
mkdir -p blocked/table2.csv
exits 4 'a file that cannot be replaced' report --store store.db --plan small --out blocked
like 'a file that cannot be replaced: what was written is listed' out '^blocked/table1.csv$'

mkdir empty_path
exits 0 'gnuplot is not there' env PATH="$PWD/empty_path" \
    "$ADLIOTLOG" report --store store.db --plan small --out results
like 'gnuplot is not there: said' err 'figure3.svg left out: gnuplot is not installed'
check 'gnuplot is not there: no figure of an earlier report stays' test ! -e results/figure3.svg
check 'gnuplot is not there: the rest is written' cmp results/table2.csv before/table2.csv
check 'gnuplot is not there: the networks are drawn all the same' \
    cmp results/figure2b.svg before/figure2b.svg
like 'gnuplot is not there: the page says so' results/report.html 'left out: gnuplot'
printf '#!/bin/sh\necho broken >&2\nexit 1\n' >empty_path/gnuplot
chmod +x empty_path/gnuplot
exits 0 'gnuplot fails' env PATH="$PWD/empty_path" \
    "$ADLIOTLOG" report --store store.db --plan small --out results
like 'gnuplot fails: its words are passed on' err 'figure3.svg left out: gnuplot failed: broken'
sqlite3 store.db 'DELETE FROM loss; UPDATE node SET x = NULL'
exits 0 'nothing to draw' report --store store.db --plan small --out results
like 'nothing to draw: no positions' err 'figure2b.svg left out: no run under attack'
like 'nothing to draw: no losses' err 'figure3.svg left out: no losses'
finish
