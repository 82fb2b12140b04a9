#!/usr/bin/env bash
# The commands and the SQL of the READMEs do what they say, on a store of their own making.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

mkdir bin
ln -s "$ADLIOTLOG" bin/adliotlog
PATH=$PWD/bin:$PATH

# A line that ends in \ goes on in the next.
sed -e ':join' -e '/\\$/{N;s/\\\n *//;b join' -e '}' "$TOP/README.md" |
    sed -n '/^## Step by step/,/^## Map/s/^    \(adliotlog .*\)/\1/p' >steps
check 'the README has steps' test "$(wc -l <steps)" -ge 9
while read -r line; do
    exits 0 "$line" bash -c "$line" </dev/null
done <steps

# The indented block behind `$ sqlite3 my.db`, up to the next text.
sed -n '/^    \$ sqlite3 my.db/,/^[^ ]/s/^    //p' "$TOP/README.md" | sed 's/^\$ //' >query.sh
exits 0 "the README's question" bash query.sh
check 'has an answer' test "$(wc -l <out)" -ge 4

# The SQL of the event store's README, up to its cookbook, which is views.t's.
sed -n '/^## Cookbook/q; s/^    //p' "$TOP/dataset/README.md" >questions.sql
check 'the event store has questions in SQL' test "$(grep -c ';$' questions.sql)" -ge 2
exits 0 'all of them can be asked' sqlite3 -bail my.db '.read questions.sql'
check 'and have answers' test "$(wc -l <out)" -ge 6

finish
