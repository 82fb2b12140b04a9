#!/usr/bin/env bash
# adliotlog attend: the weights of attention of a pair as table, JSON and picture.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

ask() { sqlite3 s.db "$1"; }
attend() { "$ADLIOTLOG" attend --store s.db "$@"; }
json() { sqlite3 :memory: "SELECT $1 FROM (SELECT CAST(readfile('out') AS TEXT) AS j)"; }
# The sums of a table's rows, each 1 but for rounding.
sums() { awk -F '\t' 'NR > 1 { s = 0; for (i = 2; i <= NF; i++) s += $i
    print (s - 1) ^ 2 < (NF * 5e-7) ^ 2 ? "one" : s }' "$1" | sort -u; }
# How many elements of a picture have a class.
count() { xmllint --xpath "count(//*[@class='$2'])" "$1"; }

exits 0 'simulate' "$ADLIOTLOG" simulate --seeds 1 --set duration=1 --out runs
exits 0 'ingest' "$ADLIOTLOG" ingest --store s.db runs/*
exits 0 'pairs' "$ADLIOTLOG" pairs --store s.db --name all --runs 1 --limit 60
exits 0 'another set' "$ADLIOTLOG" pairs --store s.db --name few --runs 1 --limit 5 \
    --fields op,node,ptype
for attention in additive location none; do
    exits 0 "train: $attention" "$ADLIOTLOG" train --store s.db --pairs all --model $attention.st \
        --attention $attention --hidden 16 --iterations 4000 --lr 0.02
done
exits 0 'train a language model' "$ADLIOTLOG" train --store s.db --pairs all --model next.st \
    --task next-word --hidden 8 --iterations 100
exits 0 'evaluate' "$ADLIOTLOG" evaluate --store s.db --model additive.st --pairs all
pair=$(ask "SELECT pair_id FROM prediction WHERE length(output) < 100 ORDER BY bleu1 DESC, pair_id LIMIT 1")
source=$(ask "SELECT source FROM pair_text WHERE pair_id = $pair")
target=$(ask "SELECT target FROM pair_text WHERE pair_id = $pair")
output=$(ask "SELECT output FROM prediction WHERE pair_id = $pair")

# ---- the table ------------------------------------------------------------

exits 0 'attention' attend --model additive.st --pair "$pair"
cp out table
is 'a column for each word of the source' "$(head -n 1 table)" "word	${source// /	}	<EOS>"
is 'a row for each word that was said' "$(tail -n +2 table | cut -f 1 | tr '\n' ' ')" "$output <EOS> "
is 'whose sum is one' "$(sums table)" one
exits 0 'again' attend --model additive.st --pair "$pair"
is 'the same bytes' "$(sha256sum <out)" "$(sha256sum <table)"
exits 0 'of the target' attend --model additive.st --pair "$pair" --target
is 'a row for each of its words' "$(tail -n +2 out | cut -f 1 | tr '\n' ' ')" "$target <EOS> "
is 'whose sum is one, too' "$(cp out forced; sums forced)" one
if [ "$output" != "$target" ]; then
    check 'other words, other weights' test "$(sha256sum <forced)" != "$(sha256sum <table)"
else
    skip 'other words, other weights' 'the prediction is right'
fi
is 'the first step is the same' "$(sed -n 2p forced | cut -f 2-)" "$(sed -n 2p table | cut -f 2-)"

exits 0 'as JSON' attend --model additive.st --pair "$pair" --json
is 'is an object' "$(json "j->>'pair_id', j->>'forced', j->>'model'")" "$pair|0|additive.st"
is 'with the same words' "$(json "(SELECT group_concat(value, char(9)) FROM json_each(j, '\$.source')),
    (SELECT group_concat(value, ' ') FROM json_each(j, '\$.words'))")" \
    "${source// /	}	<EOS>|$output <EOS>"
is 'and the same weights' "$(json "(SELECT group_concat(printf('%.6f', c.value), ' ')
    FROM json_each(j, '\$.weights') AS r, json_each(r.value) AS c)")" \
    "$(tail -n +2 table | cut -f 2- | tr '\t\n' '  ' | sed 's/ $//')"
is 'rows sum to one within a millionth' "$(json "(SELECT max(abs(s - 1)) < 1e-6 FROM
    (SELECT sum(c.value) AS s FROM json_each(j, '\$.weights') AS r, json_each(r.value) AS c
     GROUP BY r.key))")" 1

exits 0 'location attention' attend --model location.st --pair "$pair"
is 'has a column for what is lost' "$(head -n 1 out)" "word	${source// /	}	<EOS>	(beyond)"
is 'with it the sum is one' "$(cp out table.location; sums table.location)" one

exits 0 'a pair of another set' attend --model additive.st --pair "$(ask "SELECT max(pair_id) FROM pair")"
is 'whose words the model knows or not' "$(head -n 1 out | cut -f 1-4)" \
    "word	$(ask "SELECT replace(source, ' ', char(9)) FROM pair_text ORDER BY pair_id DESC LIMIT 1")"

# ---- the picture ----------------------------------------------------------

exits 0 'draw it' attend --model additive.st --pair "$pair" --output a.svg
is 'the table is printed all the same' "$(sha256sum <out)" "$(sha256sum <table)"
check 'it is XML' xmllint --noout a.svg
rows=$(($(wc -l <table) - 1))
columns=$(($(head -n 1 table | wc -w) - 1))
is 'a cell for each weight' "$(count a.svg cell)" $((rows * columns))
is 'a label for each row' "$(count a.svg row)" $rows
is 'and each column' "$(count a.svg column)" $columns
is 'the legend' "$(count a.svg legend)" 1
is 'every weight is told' "$(grep -o ': [0-9.]*</title>' a.svg | sed 's/: //; s/<.*//' |
    tr '\n' ' ')" \
    "$(tail -n +2 table | cut -f 2- | tr '\t\n' '  ')"
unlike 'no odd numbers' a.svg '="[^"]*(nan|inf|e[+-])[^"]*"'
like 'special words are escaped' a.svg '&lt;EOS&gt;</text>'
exits 0 'on standard output' attend --model additive.st --pair "$pair" --output -
is 'without the table' "$(sha256sum <out)" "$(sha256sum <a.svg)"
exits 3 'a file that is there' attend --model additive.st --pair "$pair" --output a.svg
is 'nothing is printed' "$(wc -c <out)" 0
exits 0 'with --force' attend --model additive.st --pair "$pair" --target --output a.svg --force
like 'is replaced' a.svg 'target forced'
exits 0 'location attention' attend --model location.st --pair "$pair" --output l.svg
is 'is drawn without what is lost' "$(count l.svg column)" $columns
exits 4 'a folder that is not there' attend --model additive.st --pair "$pair" --output no/where.svg
is 'prints nothing either' "$(wc -c <out)" 0

# ---- refused --------------------------------------------------------------

refused() { # NAME STATUS PATTERN OPTION...
    local name=$1 status=$2 pattern=$3
    shift 3
    exits "$status" "$name" attend "$@"
    like "$name: the message says why" err "^adliotlog attend: $pattern"
    is "$name: in one line, and nothing on stdout" "$(grep -vc '^Try ' err) $(wc -c <out)" '1 0'
}
refused 'no attention' 2 'none.st: the model has no attention' --model none.st --pair "$pair"
refused 'a language model' 2 'next.st: the model has no attention' --model next.st --pair "$pair"
refused 'no such pair' 2 'no pair 999999 in s.db' --model additive.st --pair 999999
refused 'no pair' 2 '--pair is missing' --model additive.st
refused 'no model' 2 '--model is missing' --pair 1
refused 'a model that is not there' 4 '.*no.st' --model no.st --pair 1
refused 'a file that is no model' 3 's.db: not a model file' --model s.db --pair 1
refused 'JSON and a picture on one stream' 2 '--json and --output - exclude' --model additive.st \
    --pair 1 --json --output -
exits 2 'no store' "$ADLIOTLOG" attend --model additive.st --pair 1
exits 4 'a full disk' bash -c "'$ADLIOTLOG' attend --store s.db --model additive.st --pair $pair >/dev/full"

finish
