#!/usr/bin/env bash
# adliotlog audit: planted leaks are called by their names, and an honest test is clean.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

pairs() { "$ADLIOTLOG" pairs --store s.db "$@" >/dev/null; }
audit() { "$ADLIOTLOG" audit --store s.db "$@"; }
verdict() { awk -F '\t' -v check="$1" '$1 == check { print $2 }' out; }

exits 0 'simulate' "$ADLIOTLOG" simulate --attack none,hidden-channel --seeds 1,2 --set duration=3 \
    --out runs
exits 0 'ingest' "$ADLIOTLOG" ingest --store s.db runs/*
pairs --name train --runs 'seed = 1' --limit 600
pairs --name test --runs 'seed = 2' --limit 600
train() { "$ADLIOTLOG" train --store s.db --hidden 64 --iterations 3000 --pairs "$1" --model "$2.safetensors"; }
evaluate() { "$ADLIOTLOG" evaluate --store s.db --model "$1.safetensors" --pairs "$2"; }
exits 0 'train' train train model
exits 0 'evaluate' evaluate model test

exits 0 'an honest test is clean' audit --train train --test test --model model.safetensors
is 'in each check' "$(cut -f 2 out | sort -u)" clean
is 'the findings are in the store' "$(sqlite3 s.db 'SELECT count(*) FROM audit')" "$(wc -l <out)"
is 'accuracies are those of the predictions' "$(grep -o 'accuracy [0-9.]*' out)" \
    "$(sqlite3 s.db "SELECT printf('accuracy %.2f', 100 * avg(bleu1)) FROM prediction")"

exits 2 'a model that was not tested' audit --train train --test train --model model.safetensors
like 'has no accuracy' err 'not evaluated on the test set yet'
exits 1 'tested on the training pairs' audit --train train --test train
is 'that is called by its name' "$(verdict same-events)/$(verdict same-text)/$(verdict same-simulation)" \
    leak/leak/leak
pairs --name later --runs 'seed = 1' --skip 600 --limit 300
exits 0 'later in the same run is another test' audit --train train --test later
pairs --name benign --runs "seed = 1 AND attack = 'none'" --skip 200 --limit 300
pairs --name twin --runs "seed = 1 AND attack <> 'none'" --limit 300
exits 1 'the twin of a training run' audit --train benign --test twin
is 'is the same simulation' "$(verdict same-simulation)" leak

exits 0 'a longer run of the same seed' "$ADLIOTLOG" simulate --seeds 1 --set duration=3.5 --out longer
exits 0 'is ingested' "$ADLIOTLOG" ingest --store s.db longer/*
pairs --name longer --runs 'duration = 3.5' --limit 300
exits 1 'what it begins with' audit --train train --test longer --max-same 1
is 'is the same simulation too' "$(verdict same-simulation)" leak

# The same log under another name: other events, the same words.
mkdir copy
sed 's/ 0\.00/ 0.000/' runs/iot16-none-udp-s1-*/trace.tr >copy/trace.tr
"$ADLIOTLOG" ingest --store s.db copy/trace.tr >/dev/null 2>&1
pairs --name copied --runs "trace_path LIKE '%copy/trace.tr'" --limit 200
exits 1 'a copied log' audit --train train --test copied
is 'is there to the letter' "$(verdict same-text)" leak
exits 0 'unless that much is allowed' audit --train train --test copied --max-same 1

# Frames name the hidden radio by its MAC number.
pairs --name mac --runs "attack <> 'none' AND seed = 2" --noise none --context none \
    --fields op,layer,mac_src,mac_dst,mac_type --limit 0
sqlite3 s.db "DELETE FROM pair WHERE pair_set_id = (SELECT pair_set_id FROM pair_set WHERE name = 'mac')
    AND NOT EXISTS (SELECT 1 FROM event AS e WHERE e.run_id = pair.run_id AND e.line = target_line
        AND e.mac_src NOT NULL AND (e.attack OR e.mac_src < 16))
    OR pair_set_id = (SELECT pair_set_id FROM pair_set WHERE name = 'mac')
    AND EXISTS (SELECT 1 FROM event AS e WHERE e.run_id = pair.run_id AND e.line = target_line
        AND e.attack AND e.mac_src <> 16)"
exits 1 'a word that only the attack has' audit --train train --test mac
is 'is a shortcut' "$(verdict one-token)" leak
like 'and said' out "one-token.leak.the word that tells pairs of the attack best is 'target 3: 16' \(ROC-AUC 1.0000\)"

exits 1 'words from beyond training' audit --train copied --test test --model model.safetensors
is 'are a leak of the vocabulary' "$(verdict vocabulary)" leak

pairs --name shuffled --runs 'seed = 1' --limit 600 --shuffle 1
is 'shuffling keeps the sources' "$(sqlite3 s.db "SELECT count(*) FROM (
    SELECT source FROM pair_text WHERE pair_set = 'train' EXCEPT
    SELECT source FROM pair_text WHERE pair_set = 'shuffled')")" 0
is 'and moves nearly all targets' "$(sqlite3 s.db "SELECT count(*) < 60 FROM pair_text AS a JOIN pair_text AS b
    ON a.source = b.source AND a.target = b.target WHERE a.pair_set = 'train' AND b.pair_set = 'shuffled'")" 1
pairs --name permuted --runs 'seed = 2' --limit 600 --permute 1
is 'permuting keeps the number of words' "$(sqlite3 s.db "SELECT count(DISTINCT n_token) FROM pair_set
    WHERE name IN ('test', 'permuted')")" 1
exits 0 'train a control' train shuffled control
exits 0 'test it' evaluate control test
exits 0 'test the model on permuted nodes' evaluate model permuted
exits 0 'an audit with controls' audit --train train --test test --model model.safetensors \
    --control control.safetensors --permuted permuted
is 'the control has learned nothing' "$(verdict shuffled-targets)" clean
is 'all checks were made' "$(wc -l <out)" 7
exits 1 'a control that has learned' audit --train train --test test --control model.safetensors
is 'is a leak' "$(verdict shuffled-targets)" leak
exits 1 'JSON' audit --train train --test train --json
is 'is one object a check' "$(grep -o '"verdict":"[a-z]*' out | cut -d '"' -f 4 | sort | uniq -c | awk '{ print $1 $2 }' | tr '\n' ' ')" '1clean 3leak '

exits 2 'no test' audit --train train
exits 2 'no such set' audit --train train --test nothing
exits 2 'no such model' audit --train train --test test --model nothing
exits 2 'a share above 1' audit --train train --test test --max-same 2
finish
