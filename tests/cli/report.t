#!/usr/bin/env bash
# adliotlog report: a small store, whose figures were worked out by hand, becomes results/.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

make_store() { # FILE [SQL FILE]
    cat "$TOP/dataset/schema.sql" "$TOP/dataset/views.sql" "$TOP/dataset/views_detection.sql" "$TOP/tests/data/report/results.sql" \
        ${2:+"$2"} | sqlite3 -bail "$1"
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
for name in figure2a.svg figure2b.svg figure3.svg accuracy_udp.svg accuracy_tcp.svg fall.svg \
    report.html provenance.json data/figure2a.dat data/figure2b.dat data/figure3.dat \
    data/figure3.gp; do
    check "$name is not empty" test -s "results/$name"
done
for stem in runs table1 table2 set_a set_a_tcp_flow claims fall comparison pair_sets models; do
    check "$stem is there as CSV, Markdown and LaTeX" \
        test -s results/$stem.csv -a -s results/$stem.md -a -s results/$stem.tex
done
# Each table of the page names its files, but those that share them with the table behind.
is 'the page links to the files of its tables, and they are there' \
    "$(grep -o 'href="[^"#]*"' results/report.html | sed 's/href="//; s/"$//' |
        while read -r name; do test -s "results/$name" || echo "$name"; done)" ''
is 'every table of the page has files' "$(grep -c '<table>' results/report.html)" \
    "$(($(grep -c 'class="files"' results/report.html) + 2))"

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
    grep -- "^small,$1,\"\\?$2" results/claims.csv |
        grep -o ',[0-9],\(undecided\|reproduced\|not reproduced\),'
}
is 'two seeds decide nothing' "$(verdict udp,flow 'accuracy without')" ',2,undecided,'
is 'far from the range' "$(verdict udp,none 'accuracy without')" ',3,not reproduced,'
is 'mean outside, interval reaches the range' "$(verdict tcp,flow 'accuracy without')" ',3,undecided,'
is 'mean in the range' "$(verdict tcp,flow 'accuracy with')" ',3,reproduced,
,3,undecided,'
is 'a fall of 3.5 points' "$(verdict udp,none 'fall')" ',3,reproduced,'
is 'no fall' "$(verdict tcp,flow 'fall')" ',3,not reproduced,'
is 'tuples across gateways in two of three seeds, and wrong' "$(verdict udp,none 'under attack')" \
    ',3,reproduced,
,3,reproduced,'
is 'none without attack' "$(verdict udp,none 'without attack')" ',3,reproduced,'
is 'columns of claims.csv' "$(head -n 1 results/claims.csv)" \
    'plan,protocol,context,claim,paper_number,ours,interval,held_out,held_out_interval,null,n_seed,verdict,paper_words,rule,command'
like 'the fall is paired by seed' results/claims.csv \
    '^small,tcp,flow,"fall .*,3-4,-2\.00,-6\.97 to 2\.97,,,0\.00 \(0\.00 to 0\.00\),3,'
like 'what repeats it' results/claims.csv \
    '^small,tcp,flow,"fall .*,adliotlog reproduce --seeds 1\.\.3 experiments/small.ini$'
like 'set A: its null is without attack' results/claims.csv \
    '^small,udp,none,"under attack, set A has a tuple across gateways","\(14,2,15\)",in 2 of 3 seeds,,,,in 0 of 3 seeds,3,'
# Seeds 1 and 2 have both: UDP .90 and .96 with attack, TCP .90 and .92.
like 'UDP against TCP' results/claims.csv \
    '^small,"udp, tcp",flow,"accuracy with attack: UDP less TCP, points",,2\.00,-23\.41 to 27\.41,,,0\.00 \(0\.00 to 0\.00\),2,undecided,'
# TCP falls by -4 and -2, UDP by 2 and -2; copying on UDP by 0 and 10.
like 'and its fall' results/claims.csv \
    '^small,"udp, tcp",flow,"fall under attack: TCP less UDP, points",,-3\.00,-41\.12 to 35\.12,,,-5\.00 .*,2,undecided,'
like 'HTTP has no context in common with UDP' results/claims.csv \
    '^small,"udp, http",,"accuracy with attack: UDP less HTTP, points",,not measured,,,,,0,undecided,'
for plan in delimiting less-data cells fields detection; do
    like "plan $plan is not there: not measured, and what would" results/claims.csv \
        "^$plan,.*,not measured,,,,,0,undecided,.*,adliotlog reproduce experiments/$plan.ini\$"
done
like 'federated learning has a plan of its own' results/claims.csv \
    '^federated,,,"federated less central learning, points",,not measured,,,,,0,undecided,.*,adliotlog reproduce experiments/federated.ini$'
is 'the fall seed by seed' "$(row results/fall.csv udp,flow,paper,2)" \
    'udp,flow,paper,2,94.0000,96.0000,-2.0000,10.0000,-12.0000'

# ---- escapes ---------------------------------------------------------------

like 'CSV quotes' results/table2.csv '^http,"a\|b, ""c"" <d> & e_f\\g",paper,'
like 'Markdown escapes' results/table2.md '^\| http \| a\\\|b, "c" \\<d\\> \\& e\\_f\\\\g \|'
# shellcheck disable=SC2016 # dollars of LaTeX
like 'LaTeX escapes' results/table2.tex \
    '^http & a\$\|\$b, "c" \$<\$d\$>\$ \\& e\\_f\\textbackslash\{\}g &'
like 'HTML escapes' results/report.html '>a\|b, &quot;c&quot; &lt;d&gt; &amp; e_f\\g<'
like 'no markup from names' results/report.html '&lt;script&gt;alert\(1\)&lt;/script&gt;'
is 'the only script is our own' "$(grep -c '<script' results/report.html)" 1
check 'a context that is no file name' test -s results/set_a_http_a_b___c___d____e_f_g.csv
is 'CSV reads back with as many fields in each row' "$(sqlite3 :memory: -cmd '.mode csv' \
    '.import results/claims.csv claims' 'SELECT count(*), count(rule) FROM claims')" '42,42'

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
$page =~ s/<!.*?>|<\?.*?\?>|<(style|script)>.*?<\/\1>//gs;
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
is 'figures and plots in the page' "$(grep -c '<svg' results/report.html)" 6
like 'no detection task: said' results/report.html 'holds no detection task .*small'
like 'no audit: said' results/report.html 'were not audited'
check 'plots are well-formed' xmllint --noout results/accuracy_*.svg results/fall.svg
is 'a row of the plot for each of the table' \
    "$(cat results/accuracy_*.svg | grep -c '<g><title>default, network')" \
    "$(($(wc -l <results/comparison.csv) - 1))"
unlike 'numbers in coordinates' results/fall.svg '="[^"]*(nan|inf)'
unlike 'and in those of accuracies' results/accuracy_udp.svg '="[^"]*(nan|inf)'
for key in '$.version' '$.command' '$.runs[0].trace_sha256' '$.runs[0].params.rate' \
    '$.pair_sets[0].sha256' '$.pair_sets[0].options.context' '$.models[0].model_sha256' '$.models[0].options.hidden' '$.runs[1].ns_version'; do
    is "provenance has $key" \
        "$(sqlite3 :memory: "SELECT json_extract(readfile('results/provenance.json'), '$key') NOT NULL")" 1
done
is 'digests of the files are right' \
    "$(sqlite3 -separator '  ' :memory: "SELECT value->>'sha256', 'results/' || (value->>'name')
        FROM json_each(readfile('results/provenance.json'), '\$.files')" | sha256sum -c --quiet 2>&1)" ''

# ---- other plans, detection, audit ------------------------------------------

make_store plans.db "$TOP/tests/data/report/plans.sql"
exits 0 'report of one plan among others' report --store plans.db --plan small --out plans
cp out listed
is 'every file written is listed, with detection and audit too' "$(find plans -type f | sort)" \
    "$(sort listed)"
claim() { # PLAN PROTOCOL CLAIM
    sqlite3 -cmd '.mode csv' -cmd '.import plans/claims.csv claims' -cmd '.mode list' :memory: \
        "SELECT format('%s (%s), held out %s, null %s, %s seeds: %s', ours, interval, held_out,
            \"null\", n_seed, verdict)
         FROM claims WHERE plan = '$1' AND protocol = '$2' AND claim LIKE '$3'"
}
null='null 0.00 (0.00 to 0.00)'
copying="held out , $null"
is 'one event by context' "$(claim delimiting udp 'delimited %, 1 event a%')" \
    '11.00 (8.52 to 13.48), held out , null 10.00 (10.00 to 10.00), 3 seeds: reproduced'
is 'two events by context' "$(claim delimiting udp 'delimited %, 2 events a%')" \
    "-2.00 (-4.48 to 0.48), $copying, 3 seeds: undecided"
is 'mean over lengths' "$(claim delimiting udp 'delimited %, mean over%')" \
    '4.50 (4.50 to 4.50), held out , null 5.00 (5.00 to 5.00), 3 seeds: reproduced'
is 'less data needs more iterations' "$(claim less-data udp 'gain %on half%')" \
    "held out only (), held out 11.00, $null, 3 seeds: reproduced"
is 'half of the data is as good' "$(claim less-data udp 'trained on half%')" \
    "held out only (), held out 2.00, $null, 3 seeds: reproduced"
is 'a quarter: nobody knows' "$(claim less-data udp 'trained on a quarter%')" \
    "held out only (), held out 0.00, $null, 3 seeds: undecided"
is 'an eighth is worse' "$(claim less-data udp 'trained on an eighth%')" \
    "held out only (), held out -9.00, $null, 3 seeds: not reproduced"
is 'LSTM is as good as GRU' "$(claim cells udp 'accuracy%LSTM%')" \
    '1.00 (0.50 to 1.50), held out 5.00, null 0.00 (0.00 to 0.00), 3 seeds: reproduced'
is 'sizes are not as good as whole events' "$(claim fields udp 'sub-sequence%')" \
    "11.00 (8.52 to 13.48), $copying, 3 seeds: not reproduced"
is 'sizes fall' "$(claim fields udp 'fall of%')" \
    "5.00 (5.00 to 5.00), $copying, 3 seeds: reproduced"
is 'one seed' "$(claim fields tcp 'sub-sequence%')" \
    '10.00 (), held out , null 0.00, 1 seeds: undecided'
is 'gateways learn together as well as alone with all data' "$(claim federated udp 'federated%')" \
    'held out only (), held out 1.00, null , 3 seeds: reproduced'
is 'a model that finds them' "$(claim small '' 'ROC-AUC%net:bleu%')" \
    '0.800 (0.600 to 0.950), held out , null 0.500 (0.400 to 0.600), 3 seeds: reproduced'
is 'one that may or may not' "$(claim small '' 'ROC-AUC%net:set-a%')" \
    '0.550 (0.400 to 0.700), held out , null , 3 seeds: undecided'
is 'one that does not' "$(claim small '' 'ROC-AUC%net:top-g%')" \
    '0.300 (0.100 to 0.450), held out , null , 3 seeds: not reproduced'
is 'what has no network is no claim' "$(grep -c 'ROC-AUC' plans/claims.csv)" 3

curve() { # UNIT DETECTOR
    grep "^$1,$2," plans/data/detection_curves.csv
}
is 'a perfect curve' "$(curve run perfect)" 'run,perfect,1,0.000000,1.000000,1.000000
run,perfect,0,1.000000,1.000000,0.166667'
is 'ties are taken together' "$(curve run half)" 'run,half,0.9,0.200000,0.000000,0.000000
run,half,0.5,0.400000,1.000000,0.333333
run,half,0.1,1.000000,1.000000,0.166667'
is 'what has no score has the least' "$(curve window least)" 'window,least,3,0.200000,0.000000,0.000000
window,least,2,0.200000,1.000000,0.500000
window,least,1,1.000000,1.000000,0.166667'
is 'no curve of what was not scored' "$(curve window half)" ''
like 'areas of half' plans/report.html 'aria-label="half: ROC-AUC 0\.700, PR-AUC 0\.333"'
like 'areas of least' plans/report.html 'aria-label="least: ROC-AUC 0\.800, PR-AUC 0\.500"'
like 'chance is one half' plans/report.html 'aria-label="chance: ROC-AUC 0\.500, PR-AUC 0\.167"'
like 'base rate' plans/detection_run.svg 'base rate 0\.167'
is 'a card for each' "$(grep -c '<div class="plot">' plans/report.html)" 17
check 'curves are well-formed' xmllint --noout plans/detection_run.svg plans/detection_window.svg
like 'names of detectors are escaped' plans/detection_run.svg '&lt;b&gt;&amp;&quot;'
is 'measures, best first' "$(cut -d , -f 1-5 plans/detection.csv)" 'unit,detector,roc_auc,roc_auc_ci_low,roc_auc_ci_high
run,net:set-a,0.550000,0.400000,0.700000
run,net:bleu,0.800000,0.600000,0.950000
run,a-rival-of-a-long-name:log-probability,0.125000,0.062500,0.187500
run,"<b>&""",0.900000,0.800000,1.000000
run,net:top-g,0.300000,0.100000,0.450000
window,net:bleu,,,
window,a-rival-of-a-long-name:log-probability,0.125000,0.062500,0.187500'
is 'no measure is without a place' "$(tail -n 1 plans/detection.csv | grep -c ',,\|,$')" 0
like 'measures of a page have their interval with them' plans/detection.md \
    '^\| run \| net:bleu \| 0\.800 \(0\.600 to 0\.950\) \| 0\.500 \(0\.300 to 0\.700\) \|'
is 'the audit of the plan, worst first' "$(cut -d , -f 1-3 plans/audit.csv)" 'verdict,check,value
leak,same-events,3.0
warning,permuted-nodes,0.5
clean,same-text,0.25'
like 'in colour and words' plans/report.html '<span class="verdict bad">leak</span>'
check 'elements nest, ids are unique, with detection too' sh -c 'perl nesting.pl <plans/report.html'

sqlite3 plans.db "UPDATE trial SET plan = plan || '-quick'; UPDATE flow SET attack = NULL;
    UPDATE detection SET name = 'small-quick'"
exits 0 'quick plans, labels unknown' report --store plans.db --plan small-quick --out plans
like 'quick plans look for quick plans' plans/claims.csv \
    "^delimiting-quick,udp,.*,reproduced,.*,adliotlog reproduce --quick --seeds 1\.\.3 experiments/delimiting.ini$"
like 'no labels: no curves' plans/report.html 'No curves: run 1 has no labels'
check 'no labels: curves of an earlier report are gone' test ! -e plans/detection_run.svg
sqlite3 plans.db 'DELETE FROM detection; DELETE FROM audit'
exits 0 'no task, no audit' report --store plans.db --plan small-quick --out plans
check 'no task, no audit: nor their tables' test ! -e plans/detection.csv -a ! -e plans/audit.tex

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
# ---- federation -------------------------------------------------------------

make_store together.db "$TOP/tests/data/report/plans.sql"
sqlite3 together.db "INSERT INTO trial SELECT 'federated', '', method, protocol, context, seed, condition,
    split, model_id, pair_set_id FROM trial WHERE plan = 'small'"
exits 0 'report of gateways that learned together' report --store together.db --plan federated --out federated
is 'trial by trial' "$(sed -n '1p;2p;$p' federated/federation.csv)" \
    'gateways,protocol,seed,method,tested_on,accuracy,n_pair
2,udp,1,central,1,80.0000,100
2,udp,3,local 5,5,70.0000,100'
is 'local learning goes by whose pairs it is tested on' "$(grep -c '^2,udp,[123],local' federated/federation.csv)" 12
is 'four ways, mean over gateways, interval over seeds' "$(grep '^| 2 ' federated/federation.md)" \
    '| 2 | udp | central | all gateways | 3 | 77.00 | 72.03 to 81.97 |
| 2 | udp | federated | all gateways | 3 | 78.00 | 73.26 to 82.74 |
| 2 | udp | local | own gateway | 3 | 70.00 | 70.00 to 70.00 |
| 2 | udp | local | other gateways | 3 | 60.00 | 60.00 to 60.00 |'
like 'a page without says which plan has it' results/report.html 'experiments/federated.ini has one'

finish
