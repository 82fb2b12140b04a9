#!/usr/bin/env bash
# adliotlog federate through a folder: the model of one process; who is late, lost or no gateway at all; who is killed and
# comes back; and what never crosses.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

ask() { sqlite3 s.db "$1"; }
sha() { sha256sum "$1" | cut -c1-64; }
weights() { # MODEL: SHA-256 of what follows the header
    tail -c +$((9 + $(od -An -N8 -tu8 "$1"))) "$1" | sha256sum | cut -c1-64
}
gateways=(--client "12=own12" --client "13=own13" --client-store "13=ag13.db")
federate() { "$ADLIOTLOG" federate --store s.db --hidden 8 "$@"; }
count() { echo $#; }
look() { python3 "$TOP/tests/cli/federate.py" "$@"; }
head -c 32 /dev/urandom >key

exits 0 'simulate' "$ADLIOTLOG" simulate --seeds 1 --attack hidden-channel --set duration=1 --out runs
exits 0 'ingest' "$ADLIOTLOG" ingest --store s.db runs/*
cp s.db ag13.db
exits 0 'the log of gateway 12' "$ADLIOTLOG" pairs --store s.db --name own12 --gateway 12 --limit 60
exits 0 'that of gateway 13' "$ADLIOTLOG" pairs --store ag13.db --name own13 --gateway 13 --limit 70
exits 0 'in one process' federate "${gateways[@]}" --model g.st --rounds 3 --iterations 40

# ---- each in a process of its own -----------------------------------------

serve() { # GATEWAY OPTION...: in the background
    local gateway=$1
    shift
    : >"err$gateway" # what is there is of another one
    "$ADLIOTLOG" federate --folder F --gateway "$gateway" --pairs own"$gateway" "$@" \
        >out"$gateway" 2>err"$gateway" &
    served+=($!)
}
served_well() { # waits; are all exit statuses 0?
    local status=0 pid
    for pid in "${served[@]}"; do wait "$pid" || status=$?; done
    served=()
    return $status
}
aggregate() { "$ADLIOTLOG" federate --folder F --gateways 12,13 --hidden 8 "$@"; }

mkdir F
touch F/mine F/federate-mine F/federate-00000000-0000003-answer-12x
served=()
serve 12 --store s.db --model m12.st
serve 13 --store ag13.db
exits 0 'an aggregator without a store' aggregate --model f.st --rounds 3 --iterations 40 --keep-messages
check 'and two gateways, each with its own' served_well
is 'make the model of one process' "$(sha f.st)" "$(sha g.st)"
is 'of which a gateway has a copy' "$(sha m12.st)" "$(sha g.st)"
like 'and says so' out12 '^m12.st	the finished model, of gateway 12$'
is 'files of others are left alone' "$(cd F && echo federate-00000000* *mine)" \
    'federate-00000000-0000003-answer-12x federate-mine mine'
is 'all messages are kept when asked for' "$(count F/*-question) $(count F/*-answer-1[23])" '6 12'
is 'and nothing else is in them' "$(look members F/*-question F/*-answer-1[23] | sort -u)" \
'invite: gateways kind number session version words_wanted
plan: gateways iterations kind number options rounds session test_limit vocabulary
ready: gateway kind number session
round: asked finished kind number round session test weights
update: accuracy gateway kind loss n_iteration n_pair number round session
update: accuracy gateway kind loss n_iteration n_pair number round session weights
words: gateway hash_key isa kind n_pair number pairs_sha256 session words'
mkdir messages
cp F/*-question F/*-answer-1[23] messages
is 'each round begins with the average of the one before, weighted by pairs' "$(look averages messages)" '3 of 3'
ask "SELECT text FROM sentence LIMIT 1" >leak
exits 1 'a sentence would be found' look sentences s.db leak
exits 0 'none crosses' look sentences s.db F/*-question F/*-answer-1[23]
rm -r F

# Words that cannot be mistaken for anything else.
for store in s.db ag13.db; do
    sqlite3 $store "UPDATE sentence SET text = replace(replace(text, 'cbr', 'sensorreading'), 'AGT', 'Agentlevel')"
done
mkdir F
serve 12 --store s.db --hash-words key --model h12.st
serve 13 --store ag13.db --hash-words key --model h13.st
exits 0 'with hashed words' aggregate --store agg.db --model h.st --rounds 2 --iterations 20 --keep-messages
check 'both gateways end well' served_well
exits 0 'no word crosses' look words s.db F/*-question F/*-answer-1[23]
exits 0 'and no sentence' look sentences s.db F/*-question F/*-answer-1[23]
rm -r F
mkdir F
serve 12 --store s.db
serve 13 --store ag13.db
exits 0 'without' aggregate --model p.st --rounds 2 --iterations 20 --keep-messages
check 'likewise' served_well
exits 1 'words cross' look words s.db F/*-question F/*-answer-1[23]
exits 0 'but no sentence' look sentences s.db F/*-question F/*-answer-1[23]
rm -r F
is 'the aggregator has a store of its own, without events' "$(sqlite3 agg.db "SELECT count(*),
    (SELECT count(*) FROM run), (SELECT count(*) FROM pair_set) FROM federation_round")" '6|0|0'
is 'a copy in own words has the same weights' "$(weights h12.st) $(weights h13.st)" "$(weights h.st) $(weights h.st)"
exits 0 'it can be evaluated' "$ADLIOTLOG" evaluate --store s.db --model h12.st --pairs own12 --json
is 'it knows all words of its gateway' "$(grep -o '"n_unknown":[0-9]*' out)" '"n_unknown":0'
exits 0 'in one process' federate "${gateways[@]}" --hash-words key --model h2.st --rounds 2 --iterations 20
is 'it is the same model' "$(sha h2.st)" "$(sha h.st)"
is 'and the same copies' "$(sha h2.st-12) $(sha h2.st-13)" "$(sha h12.st) $(sha h13.st)"
rm h2.st
exits 3 'copies are not overwritten' federate "${gateways[@]}" --hash-words key --rounds 1 --iterations 1 --model h2.st
like 'without --force' err 'h2.st-12 is there already \(--force replaces it\)'

# ---- who is late ----------------------------------------------------------

outcomes() { # MODEL: of gateway 13, each once, in order
    sqlite3 agg.db "SELECT outcome FROM federation_round JOIN model USING (model_id)
        WHERE path = '$1' AND gateway = 13 ORDER BY round" | uniq | tr '\n' ' '
}
begin() { # OPTION...: an aggregator in the background
    : >out
    : >err
    "$ADLIOTLOG" federate --folder F --gateways 12,13 --hidden 8 --store agg.db "$@" >out 2>err &
    pid=$!
}
until_line() { # PATTERN FILE [PROCESS]: waits for it, as long as the aggregator lives
    while kill -0 "${3:-$pid}" 2>/dev/null && ! grep -Eqs "$1" "$2"; do :; done
}
mkdir F
serve 12 --store s.db
serve 13 --store ag13.db
begin --model late.st --rounds 40 --iterations 20 --wait 0.6
until_line '^round 2/' out
kill -STOP "${served[1]}"
until_line 'gateway 13.late' out
kill -CONT "${served[1]}"
wait $pid
is 'a late gateway: the federation ends well' $? 0
check 'and so do the gateways' served_well
like 'it was late, and took part again' <(outcomes late.st) '(^| )late in time '
is 'a round without it counts nothing of it' "$(sqlite3 agg.db "SELECT sum(n_iteration), sum(bytes_up), count(loss)
    FROM federation_round WHERE outcome = 'late'")" '0|0|0'
is 'nothing is left in the folder' "$(ls F)" ''

# ---- who is killed, and comes back ----------------------------------------

exits 0 'a straight run' federate "${gateways[@]}" --model straight.st --rounds 20 --iterations 40 --test-limit 20
serve 12 --store s.db
serve 13 --store ag13.db
begin --model k.st --rounds 20 --iterations 40 --test-limit 20
for round in 2 7; do
    until_line "^round $round/" out
    kill -KILL "${served[1]}"
    wait "${served[1]}" 2>/dev/null
    served=("${served[0]}")
    serve 13 --store ag13.db
done
until_line '^round 12/' out
cp out told
kill -KILL $pid
wait $pid 2>/dev/null
begin --model k.st --rounds 20 --iterations 40 --test-limit 20 --resume
wait $pid
is 'a gateway is killed twice, and the aggregator once: all ends well' $? 0
like 'the aggregator said from where' err 'going on after round 1[2-9] of 20'
check 'for all' served_well
is 'to the same file' "$(sha k.st)" "$(sha straight.st)"
sqlite3 agg.db "SELECT round, gateway, printf('%.4f', loss) FROM federation_round JOIN model USING (model_id)
    WHERE path = 'k.st'" | sort >table
sed -nE 's/^round ([0-9]+).20\tgateway (1[23])\tin time\tloss ([0-9.]+)\t.*/\1|\2|\3/p' told | sort >before
check 'rounds had been reported' test "$(wc -l <before)" -ge 23
is 'none of them is lost' "$(comm -23 before table)" ''
serve 12 --store s.db --model again12.st
serve 13 --store ag13.db
exits 0 'it is done, and is handed out again' "$ADLIOTLOG" federate --folder F --gateways 12,13 --hidden 8 --store agg.db \
    --model k.st --rounds 20 --iterations 40 --test-limit 20 --resume
like 'which is said' err 'k.st is trained already'
check 'the gateways end well' served_well
is 'and have it' "$(sha again12.st)" "$(sha k.st)"

serve 12 --store s.db
serve 13 --store ag13.db
begin --model q.st --rounds 300 --iterations 20 --wait 0.1 --quorum 2
until_line '^round 2/' out
kill -KILL "${served[1]}"
wait "${served[1]}" 2>/dev/null
served=("${served[0]}")
until_line 'waiting in F for( 12)? 13' err
kill -0 $pid
is 'without a quorum it waits' $? 0
exits 4 'another aggregator cannot have the folder' "$ADLIOTLOG" federate --folder F --gateways 12 --model o.st
like 'which is said' err 'F: another aggregator is at work there'
kill -INT $pid
wait $pid
is 'until it is interrupted' $? 130
kill -TERM "${served[0]}"
wait "${served[0]}"
is 'and so is a gateway' $? 130
is 'in one line' "$(tail -n 1 err12)" 'adliotlog federate: interrupted'
served=()
rm -r F q.st.checkpoint

# ---- who is no gateway ----------------------------------------------------

mkdir F
serve 12 --store s.db
"$TOP/tests/cli/federate.py" gateway F 13 fine cut shape nan round more none >fake.out 2>&1 &
fake=$!
exits 0 'a gateway that sends what cannot be' "$ADLIOTLOG" federate --folder F --gateways 12,13 --hidden 8 --store agg.db \
    --model b.st --rounds 8 --iterations 10 --wait 2
cp err why
check 'the other ends well' served_well
wait $fake
is 'it got the finished model' "$? $(cat fake.out)" '0 '
is 'what it sent is refused' "$(sqlite3 agg.db "SELECT round, outcome FROM federation_round JOIN model USING (model_id)
    WHERE path = 'b.st' AND gateway = 13 ORDER BY round" | tr '\n' ' ')" \
    '1|in time 2|refused 3|refused 4|refused 5|refused 6|refused 7|late 8|in time 9|in time '
for why in 'cut off: [0-9]+ bytes of weights instead of' '3 weights instead of [0-9]+' 'weights that are not finite' \
    'an update of another round' 'with a member that it does not have'; do
    like "and why: $why" why "round [0-9] goes on without an answer: gateway 13: .*$why"
done
unlike 'nobody else is' <(sqlite3 agg.db "SELECT outcome FROM federation_round JOIN model USING (model_id)
    WHERE path = 'b.st' AND gateway = 12") 'refused|lost'

serve 12 --store s.db
serve 14 --store s.db --pairs own12
"$ADLIOTLOG" federate --folder F --gateways 12 --hidden 8 --model a.st --rounds 1 --iterations 1 >out 2>err
is 'a gateway that is in no list: the others go on' "$?" 0
kill "${served[1]}"
wait "${served[1]}"
is 'it waits until it is ended' $? 130
served=("${served[0]}")
check 'and the other has ended well' served_well

serve 12 --store s.db --pairs none
exits 2 'a gateway that does not find its pairs' "$ADLIOTLOG" federate --folder F --gateways 12 --hidden 8 --model c.st
like 'tells the aggregator' err "gateway 12: no pair set 'none'"
wait "${served[0]}"
is 'and its user' "$? $(tail -n 1 err12)" "2 adliotlog federate: gateway 12: no pair set 'none' in the store"
served=()
serve 12 --store s.db --hash-words key
serve 13 --store ag13.db
exits 3 'only one has a key' "$ADLIOTLOG" federate --folder F --gateways 12,13 --hidden 8 --model c.st
like 'that is said' err 'the gateways have different keys for --hash-words, or not all one'
is 'no message is left' "$(ls F)" ''
kill "${served[@]}"
served_well
serve 12 --store s.db
until_line 'gateway 12 waits for an aggregator in F' err12 "${served[0]}"
like 'a gateway says that it waits' err12 'gateway 12 waits for an aggregator in F'
kill "${served[@]}"
served_well
echo nonsense >F/federate-00000000-0000007-question
serve 12 --store s.db
wait "${served[0]}"
is 'a question that is none: exit 3' $? 3
like 'is named' err12 'federate-00000000-0000007-question: not a message, or cut off'
served=()
rm -r F
exits 4 'a gateway without a folder' "$ADLIOTLOG" federate --folder F --gateway 12 --store s.db --pairs own12
like 'says so' err 'F'

finish
