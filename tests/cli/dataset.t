#!/usr/bin/env bash
# adliotlog export --dataset: the folder as its readers see it, checked by sha256sum and SQLite alone;
# what --force replaces; nothing half-made after faults.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

publish() { "$ADLIOTLOG" export --store s.db --dataset "$@"; }
ask() { sqlite3 s.db "$1"; }
package() { # SQL: asks about datapackage.json, which is in :package
    sqlite3 :memory: '.param init' ".param set :package \"readfile('d/datapackage.json')\"" "$1"
}
digest() { (cd "$1" && find . -type f -not -name 's.db-*' -exec sha256sum {} + | sort | sha256sum); }

exits 0 'simulate a twin' "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 3 \
    --set duration=1 --set attack_start=0.5 --out runs
{ cat "$TOP"/tests/data/traces/mixed-*.tr; echo 'M 0.1 0 (1.00, 2.00, 0.00), (3.00, 4.00), 5.00'
  echo 'what is "this", a | b?'; } >own.tr
exits 3 'ingest it, and a trace without a manifest' "$ADLIOTLOG" ingest --store s.db runs/* own.tr
exits 0 'pair it' "$ADLIOTLOG" pairs --store s.db --name 'Two words/..' --limit 50 \
    --runs "attack = 'none'"

# ---- the folder -----------------------------------------------------------

exits 0 'a dataset' publish d --pairs 'Two words/..' --license CC-BY-4.0
cp out listed
is 'nothing is said' "$(cat err)" ''
is 'its data files are listed' "$(cut -f 1 listed | sort)" "$(find d/data -type f | sort)"
is 'there is nothing else' "$(find . -name '.*' -not -name . | sort)" ''
is 'files' "$(cd d && find . -type f | sort)" './README.md
./SHA256SUMS
./data/attack_nodes.csv
./data/attacks.csv
./data/events-1.csv.gz
./data/events-2.csv.gz
./data/events-3.csv.gz
./data/flows.csv
./data/interfaces.csv
./data/nodes.csv
./data/noise.csv
./data/packets-1.csv.gz
./data/packets-2.csv.gz
./data/packets-3.csv.gz
./data/pair_sets.csv
./data/pairs-two-words-...csv.gz
./data/rejects.csv
./data/runs.csv
./datapackage.json'
check 'SHA256SUMS is right' sh -c 'cd d && sha256sum --strict -c SHA256SUMS'
is 'and lists all but itself' "$(cut -c 67- d/SHA256SUMS)" \
    "$(cd d && find . -type f | sed 's|^./||' | grep -v SHA256SUMS | LC_ALL=C sort)"

# ---- datapackage.json -----------------------------------------------------

is 'is valid JSON' "$(package 'SELECT json_valid(:package)')" 1
is 'of the profile, with a name, a title, a licence, sources, and no date' "$(package "SELECT
    :package ->> 'profile', :package ->> 'name', :package ->> 'title',
    :package ->> '\$.licenses[0].name', json_array_length(:package, '\$.sources'),
    :package ->> 'created' IS NULL")" \
    'tabular-data-package|d|Packet events of 3 ns-2 traces: iot16, and others|CC-BY-4.0|3|1'
package "SELECT value ->> 'path', value ->> 'bytes', value ->> 'hash', value ->> 'compression',
    value ->> 'profile', value ->> 'name' GLOB '*[^a-z0-9._-]*',
    value ->> 'format' || ' ' || (value ->> 'mediatype') || ' ' || (value ->> 'encoding')
    FROM json_each(:package, '\$.resources')" >resources
while IFS='|' read -r path _; do
    case $path in *.gz) packing=gz ;; *) packing= ;; esac
    echo "$path|$(stat -c %s "d/$path")|sha256:$(sha256sum <"d/$path" | cut -c 1-64)|$packing|\
tabular-data-resource|0|csv text/csv utf-8"
done <resources >wanted
is 'describes the data files as they are' "$(cat resources)" "$(cat wanted)"
is 'all of them' "$(cut -d '|' -f 1 resources | sed 's|^|d/|' | sort)" "$(cut -f 1 listed | sort)"
is 'every field has a description and a type' "$(package "SELECT field.value
    FROM json_each(:package, '\$.resources') AS resource,
        json_each(resource.value, '\$.schema.fields') AS field
    WHERE coalesce(field.value ->> 'description', '') = ''
       OR field.value ->> 'type' NOT IN ('integer', 'number', 'string')")" ''
is 'ground truth is marked' "$(package "SELECT DISTINCT
    replace(resource.value ->> 'name', 'events-2', 'events-1') || '.' || (field.value ->> 'name')
    FROM json_each(:package, '\$.resources') AS resource,
        json_each(resource.value, '\$.schema.fields') AS field
    WHERE field.value ->> 'groundTruth' AND resource.value ->> 'name' != 'events-3' ORDER BY 1")" \
    'attack_nodes.attack_no
attack_nodes.node
attack_nodes.role
attacks.attack
attacks.attack_no
attacks.params
attacks.start
attacks.stop
events-1.attack
events-1.attack_no
events-1.covert
flows.attack
flows.intended_dst
interfaces.hidden'

# Every file becomes a table as its schema says: names, types, missing values, keys.
rm -f back.db
package "SELECT resource.value ->> 'name', resource.value ->> 'path',
    'CREATE TABLE \"' || (resource.value ->> 'name') || '\" (' || group_concat('\"' ||
        (field.value ->> 'name') || '\" ' || CASE field.value ->> 'type' WHEN 'integer' THEN 'INTEGER'
        WHEN 'number' THEN 'REAL' ELSE 'TEXT' END) || ')',
    'UPDATE \"' || (resource.value ->> 'name') || '\" SET ' || group_concat('\"' ||
        (field.value ->> 'name') || '\" = nullif(\"' || (field.value ->> 'name') || '\", '''')'),
    group_concat(field.value ->> 'name')
    FROM json_each(:package, '\$.resources') AS resource,
        json_each(resource.value, '\$.schema.fields') AS field GROUP BY resource.key" >schemas
wrong_header=''
while IFS='|' read -r name path create clear header; do
    case $path in *.gz) gunzip -c "d/$path" ;; *) cat "d/$path" ;; esac >table.csv
    [ "$(head -n 1 table.csv)" = "$header" ] || wrong_header="$wrong_header $name"
    sqlite3 back.db "$create" '.mode csv' ".import --skip 1 table.csv '$name'" "$clear"
done <schemas
is 'the header of each file is its fields' "$wrong_header" ''
package "SELECT 'SELECT ''' || (value ->> 'name') || ''', count(*) FROM \"' || (value ->> 'name') ||
    '\" GROUP BY ' || replace(replace(replace(value -> '\$.schema.primaryKey', '[', ''), ']', ''),
    '\"', '') || ' HAVING count(*) > 1;' FROM json_each(:package, '\$.resources')" >keys.sql
is 'there are keys' "$(wc -l <keys.sql)" "$(wc -l <listed)"
is 'and they are unique' "$(sqlite3 -bail back.db '.read keys.sql')" ''
package "SELECT 'SELECT ''' || (resource.value ->> 'name') || ''', * FROM \"' ||
    (resource.value ->> 'name') || '\" AS t WHERE NOT EXISTS (SELECT 1 FROM \"' ||
    (reference.value ->> '\$.reference.resource') || '\" AS r WHERE r.run_id = t.run_id' ||
    ifnull(' AND r.' || (reference.value ->> '\$.reference.fields[1]') || ' = t.' ||
        (reference.value ->> '\$.fields[1]'), '') || ');'
    FROM json_each(:package, '\$.resources') AS resource,
        json_each(resource.value, '\$.schema.foreignKeys') AS reference" >references.sql
is 'there are references' "$(wc -l <references.sql)" 18
is 'and they hold' "$(sqlite3 -bail back.db '.read references.sql' 2>&1)" ''

back() { sqlite3 back.db "ATTACH 's.db' AS s; $1"; }
is 'the small tables are those of the store' "$(back "
    SELECT * FROM (SELECT * FROM runs EXCEPT SELECT * FROM s.run);
    SELECT * FROM (SELECT * FROM s.run EXCEPT SELECT * FROM runs);
    SELECT * FROM (SELECT * FROM nodes EXCEPT SELECT * FROM s.node);
    SELECT * FROM (SELECT * FROM flows EXCEPT SELECT * FROM s.flow);
    SELECT * FROM (SELECT * FROM interfaces EXCEPT SELECT * FROM s.interface);
    SELECT * FROM (SELECT * FROM attacks EXCEPT SELECT * FROM s.attack);
    SELECT * FROM (SELECT * FROM attack_nodes EXCEPT SELECT * FROM s.attack_node);
    SELECT * FROM (SELECT * FROM noise EXCEPT SELECT * FROM s.noise);
    SELECT * FROM (SELECT * FROM rejects EXCEPT SELECT * FROM s.reject);
    SELECT * FROM (SELECT * FROM pair_sets EXCEPT SELECT * FROM s.pair_set)")" ''
is 'with as many rows as are listed' "$(cut -f 2 listed | tr '\n' ' ')" "$(ask "
    SELECT (SELECT count(*) FROM run) || ' ' || (SELECT count(*) FROM node) || ' ' ||
    (SELECT count(*) FROM interface) || ' ' || (SELECT count(*) FROM flow) || ' ' ||
    (SELECT count(*) FROM attack) || ' ' || (SELECT count(*) FROM attack_node) || ' ' ||
    (SELECT count(*) FROM noise) || ' ' || (SELECT count(*) FROM reject) || ' ' ||
    (SELECT group_concat(n_event, ' ') FROM run) || ' ' ||
    (SELECT group_concat(n, ' ') FROM (SELECT count(*) AS n FROM packet GROUP BY run_id)) ||
    ' 1 50 '")"
sums='count(*), sum(line), sum(size), sum(uid), sum(attack), sum(attack_no), sum(covert), count(reason), sum(length(op)),
    round(sum(time), 6), count(DISTINCT node), count(tail), sum(spelling), count(flow)'
is 'the events are those of the store' \
    "$(for i in 1 2 3; do back "SELECT run_id, $sums FROM \"events-$i\""; done)" \
    "$(ask "SELECT run_id, $sums FROM event GROUP BY run_id")"
is 'so are the packets' "$(back "SELECT * FROM (SELECT count(*) FROM \"packets-2\"
    AS p JOIN s.packet AS q USING (run_id, flow, uid, sent_line) WHERE abs(p.sent - q.sent) < 1e-12)")" \
    "$(ask 'SELECT count(*) FROM packet WHERE run_id = 2 AND sent IS NOT NULL')"
is 'so are the pairs' "$(back 'SELECT * FROM "pairs-two-words-.."')" \
    "$(ask 'SELECT pair_id, run_id, source_line, target_line, source, target FROM pair
        JOIN pair_text USING (pair_id) ORDER BY 1')"

# ---- the datasheet --------------------------------------------------------

unlike 'has nothing left to fill in' d/README.md '<!--|-->'
like 'a row for each run, with its attack' d/README.md \
    "^\\| 1 \\| iot16 \\| hidden-channel \\| udp \\| 3 \\| 1.0 \\| $(ask 'SELECT n_event FROM run') \\|$"
like 'one for the trace without a manifest' d/README.md '^\| 3 \|  \|  \|  \|  \|  \| [0-9]+ \|$'
counted=$(ask "SELECT '| ' || group_concat(n, ' | ') || ' |' FROM (SELECT sum(op = 's') AS n FROM event
    WHERE run_id = 1 UNION ALL SELECT sum(op = 'r') FROM event WHERE run_id = 1 UNION ALL SELECT
    sum(op = 'f') FROM event WHERE run_id = 1 UNION ALL SELECT sum(op = 'd') FROM event WHERE run_id = 1)")
is 'what happened, and how much of it is of the attack' "$(grep -cF -- "| 1 | old $counted 0 | 0 | 0 | $(
    ask 'SELECT sum(attack) FROM event WHERE run_id = 1') |" d/README.md)" 1
like 'parameters' d/README.md '^\| iot16 \| data\\_rate \| 11000000 \|$'
like 'the program and its command line' d/README.md '^\| [0-9.a-z-]+ \| adliotlog ingest --store s.db '
like 'what was noise' d/README.md '^\| movement \| [1-9][0-9]* \| 1 \|$'
like 'what was refused' d/README.md '^\| 3 \| [0-9]+ \| not a line of an ns-2 trace \| what is "this", a .. b\? \|$'
like 'the pair set' d/README.md '^\| Two words/.. \| 50 \| [0-9]+ \| flow \| below-agent \| 1 \|'
like 'the licence' d/README.md 'licence\?\* CC-BY-4.0'
exits 0 'a dataset without attack, noise or refused lines' publish plain --runs "attack = 'none'"
is 'says so' "$(grep -c '^There was none.$' plain/README.md)" 2
is 'has that run alone' "$(cut -d , -f 1 plain/data/runs.csv | tr '\n' ' ')" 'run_id 2 '
check 'and its checksums' sh -c 'cd plain && sha256sum --strict --quiet -c SHA256SUMS'

like 'what NULL is' d/README.md 'a missing value, NULL in the words above, is an empty field'
like 'what a manifest is' d/README.md 'A \*manifest\* is the file beside a trace'
like 'no run is there twice' d/README.md '^No two runs are of trace files of the same name'
# Run 2 is run 1 with other line ends; 3 and 4 are of a file that was written again; 5 has the times
# of 4, and another packet.
head -n 9 own.tr | sed 's/$/\r/' >crlf.tr
head -n 9 own.tr >lf.tr
tail -n 9 "$TOP/tests/data/traces/mixed-old.tr" >'new|.tr'
"$ADLIOTLOG" ingest --store twice.db lf.tr crlf.tr 'new|.tr' >out 2>err
tail -n 8 "$TOP/tests/data/traces/mixed-old.tr" >'new|.tr'
"$ADLIOTLOG" ingest --store twice.db 'new|.tr' >out 2>err
sed '5s/ tcp 1040 / tcp 99 /' 'new|.tr' >other.tr
exits 0 'ingest traces twice' "$ADLIOTLOG" ingest --store twice.db other.tr
exits 0 'a dataset of them' "$ADLIOTLOG" export --store twice.db --dataset twice
is 'names the runs that have a name or all events in common' \
    "$(sed -n '/there twice/,/personal/s/^| [0-9]/&/p' twice/README.md)" \
    '| 3, 4 | the name of their trace files: new\|.tr |
| 1, 2 | the times, nodes and packets of all events |'
rm -r twice twice.db* lf.tr crlf.tr other.tr 'new|.tr'

# ---- the same bytes -------------------------------------------------------

mkdir again
exits 0 'the same again, elsewhere' publish again/d/ --pairs 'Two words/..' --license CC-BY-4.0
check 'is the same, byte for byte' diff -r d again/d
exits 0 'with what a repository asks for' publish again/My.Data/ --run 3 --creator 'A. Writer' \
    --creator 'B | C' --dataset-version 1.2 --license my-own
is 'an unknown licence is a warning' "$(cat err)" "adliotlog export: --license 'my-own' is no SPDX \
identifier known here, such as CC-BY-4.0; it is written as it is"
is 'the package has all of it, and the name of the folder' "$(sqlite3 :memory: "SELECT
    package ->> 'name', package -> 'contributors', package ->> 'version',
    package ->> '\$.licenses[0].name' FROM (SELECT readfile('again/My.Data/datapackage.json')
    AS package)" | tr -d ' \n')" 'my.data|[{"title":"A.Writer","role":"author"},'\
'{"title":"B|C","role":"author"}]|1.2|my-own'
like 'so has the datasheet' again/My.Data/README.md 'who paid\?\* A. Writer, B \\\| C\. For whom'
like 'with the version' again/My.Data/README.md '^\*Which version is it\?\* 1.2$'
unlike 'which else is not named' d/README.md 'Which version'
printf '### Why\n\nOf <!-- title --> & <b>us</b>, \303\244.\n\n\n' >about.md
exits 0 'with a text' publish again/d/ --force --about about.md
is 'which has a section of the datasheet, as it is' \
    "$(sed -n '/^## About/,/^## Files/p' again/d/README.md)" "## About

$(cat about.md)

## Files"
(cd again/d && cp SHA256SUMS ../sums && echo 'Made by me.' >>README.md &&
    sh -c "$(sed -n 's/^    sha256sum/sha256sum/p' README.md)")
check 'the command of the datasheet renews SHA256SUMS' \
    sh -c 'cd again/d && sha256sum --strict --quiet -c SHA256SUMS'
is 'in the same order, of all files' "$(cut -c 67- again/d/SHA256SUMS)" "$(cut -c 67- again/sums)"
exits 0 'then it can be replaced' publish again/d --force --about about.md
is 'with the text of --about, and without the other' "$(grep -c '^### Why' again/d/README.md) $(
    grep -c 'Made by me' again/d/README.md)" '1 0'
: >about.md
exits 0 'an empty text' publish again/d --force --about about.md
unlike 'has no section' again/d/README.md '^## About'
printf 'no \377' >about.md
exits 0 'a licence by its URL' publish again/url --run 3 --license https://example.org/l
is 'is no warning' "$(cat err)" ''
exits 0 'with a date' env SOURCE_DATE_EPOCH=1700000000 "$ADLIOTLOG" export --store s.db \
    --dataset dated --run 3 --title 'Mine, all "mine"'
is 'the package says so' "$(sqlite3 :memory: "SELECT readfile('dated/datapackage.json') ->> 'created',
    readfile('dated/datapackage.json') ->> 'name', readfile('dated/datapackage.json') ->> 'title'")" \
    '2023-11-14T22:13:20Z|mine-all-mine|Mine, all "mine"'
claims='Ground truth is in these files|for 2 of 3 runs|There is no ground truth|^To train|collude
^The store does not know|the store does not know\.$|replay|^Simulated by|traffic is regular|known one
one seed|seed: the same ns-2|from their traces alone'
says() { # NAME FOLDER WANTED: the claims that depend on what is known of its runs, and keywords
    is "$1" "$(grep -oE "${claims//$'\n'/|}" "$2/README.md" | tr '\n' ';') $(sqlite3 :memory: "
        SELECT readfile('$2/datapackage.json') -> '\$.keywords'" | tr -d '[]" \n')" "$3"
}
kinds='networksimulation,ns-2,packettrace'
says 'of runs with and without a scenario, what is known of some' d "Ground truth is in these files;\
for 2 of 3 runs;To train;collude;the store does not know.;replay;\
traffic is regular;known one;one seed;seed: the same ns-2;from their traces alone; \
$kinds,InternetofThings,intrusiondetection"
says 'of a benign run, nothing about attacks' plain "Ground truth is in these files;To train;\
Simulated by;traffic is regular;one seed;seed: the same ns-2; $kinds,InternetofThings"
says 'of a trace without a manifest, nothing that is not known' dated "There is no ground truth;\
The store does not know;replay;from their traces alone; $kinds"
like 'the gateways of a scenario are counted' d/README.md '^\| 1 \| 16 \| [1-9] \| '
like 'without one they are not known' dated/README.md '^\| 3 \| [0-9]+ \|  \| '
like 'the datasheet has its title' dated/README.md '^# Mine, all "mine"$'
like 'and knows no parameters' dated/README.md '^None is known: the traces came without a manifest.$'
rm -r again dated plain

# ---- refused --------------------------------------------------------------

refused() { # STATUS NAME PATTERN ARGUMENT...: one line, nothing written or changed
    local status=$1 name=$2 pattern=$3 before
    shift 3
    before=$(digest .)
    exits "$status" "$name" publish "$@"
    cp out said
    cp err errors
    rm out err
    like "$name: the message says why" errors "^adliotlog export: $pattern"
    is "$name: in one line" "$(grep -vc '^Try ' errors) $(wc -c <said)" '1 0'
    rm said errors
    is "$name: nothing is written or changed" "$(digest .)" "$before"
}
rm -f out err s.db-*
refused 3 'a folder that is there' 'd is there already \(--force replaces a dataset\)' d
refused 1 'no run' 'no run in the store has seed = 9' x --runs 'seed = 9'
refused 2 'an unknown run' 'no run 7 in the store' x --run 7
refused 2 'an unknown pair set' "no pair set 'no' in the store" x --pairs no
refused 2 'a pair set of a run that is left out' \
    "pair set 'Two words/..' is of run 2, which --runs leaves out" x --runs 'run_id = 1' \
    --pairs 'Two words/..'
refused 2 'a licence that is none' "--license 'CC BY'" x --license 'CC BY'
refused 2 'a creator without a name' '--creator needs a name' x --creator ''
refused 2 'a version that is none' '--dataset-version needs a version' x --dataset-version ''
refused 3 'a text that is none' 'about.md is no text in UTF-8' x --about about.md
refused 4 'a text that is not there' 'cannot read --about: .*nothere' x --about nothere
refused 2 'a query' '--sql and --dataset exclude each other' x --sql run
refused 2 'an output' '--output and --dataset exclude each other' x --output x.csv
refused 2 'a format' '--format and --dataset exclude each other' x --format tsv
refused 4 'a folder in one that is not there' 'cannot make no/x: No such file' no/x
refused 3 'a file, with --force' 's.db is no dataset' s.db --force
refused 3 'a folder of something else, with --force' 'runs is no dataset' runs --force

exits 0 'an unchanged dataset, with --force' publish d --force --run 1
is 'is replaced' "$(cd d/data && echo events*)" events-1.csv.gz
is 'without a trace of the other' "$(find . -name '.*' -not -name . | sort)" ''
touch d/data/notes.txt
rm -f out err
refused 3 'one with a file more' '.*d/data/notes.txt is not of the dataset' d --force
rm d/data/notes.txt
mkdir d/data/inner
rm -f out err
refused 3 'one with a folder more' '.*d/data/inner is not of the dataset' d --force
rmdir d/data/inner
echo 'Made by me.' >>d/README.md
rm -f out err
refused 3 'one with a file changed' '.*d/README.md was changed since it was written' d --force
(cd d && find . -type f -not -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort |
    xargs sha256sum >../sums && mv ../sums SHA256SUMS)
exits 0 'one with its SHA256SUMS renewed' publish d --force
is 'is replaced, too' "$(grep -c 'Made by me' d/README.md)" 0
ln -s d link
exits 0 'one behind a link' publish link --force --run 2
is 'is replaced where it is' "$(readlink link) $(cd d/data && echo events*)" 'd events-2.csv.gz'
rm link

# ---- faults ---------------------------------------------------------------

digest d >before
for target in new d; do
    ( # a file size limit stands for a full disk
        trap '' XFSZ
        ulimit -f 40
        publish $target --force
    ) >out 2>err
    is "a full disk, $target: exit 4" $? 4
    is "$target: one error" "$(wc -l <err)" 1
done
is 'there is no new folder, whole or half-made' "$(find . -name '*new*'; find . -name '.*' -not -name .)" ''
is 'and the old one is as it was' "$(digest d)" "$(cat before)"

trace=$(ask 'SELECT trace_path FROM run WHERE run_id = 1')
for _ in {1..30}; do cat "$trace"; done >big.tr
exits 0 'ingest a long trace' "$ADLIOTLOG" ingest --store s.db big.tr
await_file() { # NAME PID: until the long run is being written into the folder of that name
    while [ -z "$(find . -path "./.$1.*" -name '.events-4*')" ] && kill -0 "$2" 2>/dev/null; do :; done
}
"$ADLIOTLOG" export --store s.db --dataset new >out 2>err &
await_file new $!
kill -INT $!
wait $!
is 'interrupted: exit 130' $? 130
is 'says so, and nothing is left' "$(cat err) $(find . -name '*new*')" \
    'adliotlog export: interrupted '
for target in new d; do
    "$ADLIOTLOG" export --store s.db --dataset $target --force >out 2>err &
    await_file $target $!
    kill -9 $!
    wait $! 2>/dev/null
done
check 'killed: there is no folder of that name' test ! -e new
is 'an old one is as it was' "$(digest d)" "$(cat before)"
is 'what was being written has another name' \
    "$(find . -maxdepth 1 -name '.*' -not -name . | sed 's/\.[^.]*$//' | sort | tr '\n' ' ')" \
    './.d ./.new '
exits 0 'and the next one is made all the same' publish new
check 'whole' sh -c 'cd new && sha256sum --strict --quiet -c SHA256SUMS'

cp s.db damaged.db
size=$(stat -c %s damaged.db)
head -c $((size / 2)) /dev/zero | tr '\0' '\377' |
    dd of=damaged.db bs=1M seek=$((size / 3)) oflag=seek_bytes conv=notrunc status=none
exits 3 'a damaged store' "$ADLIOTLOG" export --store damaged.db --dataset x
is 'is one error, and no folder' "$(wc -l <err) $(find . -name '*x.*' -o -name x)" '1 '

finish
