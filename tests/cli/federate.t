#!/usr/bin/env bash
# adliotlog federate within a process: one gateway and train to the same bits; options; what is killed and goes on; what
# is refused.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

ask() { sqlite3 s.db "$1"; }
sha() { sha256sum "$1" | cut -c1-64; }
weights() { # MODEL: SHA-256 of what follows the header
    tail -c +$((9 + $(od -An -N8 -tu8 "$1"))) "$1" | sha256sum | cut -c1-64
}
gateways=(--client "12=own12" --client "13=own13")
federate() { "$ADLIOTLOG" federate --store s.db --hidden 8 "$@"; }
count() { echo $#; }

exits 0 'simulate' "$ADLIOTLOG" simulate --seeds 1 --attack hidden-channel --set duration=1 --out runs
exits 0 'ingest' "$ADLIOTLOG" ingest --store s.db runs/*
for gateway in 12 13; do
    exits 0 "the log of gateway $gateway" "$ADLIOTLOG" pairs --store s.db --name own$gateway \
        --gateway $gateway --limit $((gateway * 10 - 60))
done
exits 0 'all of it' "$ADLIOTLOG" pairs --store s.db --name all --limit 150

# ---- one gateway is a training like any other -----------------------------

exits 0 'train' "$ADLIOTLOG" train --store s.db --pairs all --model t.st --hidden 8 --iterations 360
for rounds in 1 2 6; do
    exits 0 "one gateway, $rounds rounds" federate --client 12=all --model one$rounds.st \
        --rounds $rounds --iterations $((360 / rounds))
    is "one gateway, $rounds rounds: the weights of train" "$(weights one$rounds.st)" "$(weights t.st)"
done
options=(--cell lstm --attention location --batch 3 --schedule linear --loss mean --seed 7)
exits 0 'another network' "$ADLIOTLOG" train --store s.db --pairs all --model t2.st --hidden 8 \
    --iterations 90 "${options[@]}"
exits 0 'the same in rounds' federate --client 0=all --model one.st --rounds 5 --iterations 18 "${options[@]}"
is 'has the same weights' "$(weights one.st)" "$(weights t2.st)"
options=(--task next-word --cell lstm)
exits 0 'a language model' "$ADLIOTLOG" train --store s.db --pairs all --model t3.st --hidden 8 \
    --iterations 60 "${options[@]}"
exits 0 'the same in rounds' federate --client 0=all --model lm.st --rounds 3 --iterations 20 "${options[@]}"
is 'has the same weights' "$(weights lm.st)" "$(weights t3.st)"
exits 0 'from a model' "$ADLIOTLOG" train --store s.db --pairs all --model t4.st --init t.st --iterations 60
exits 0 'the same in rounds' "$ADLIOTLOG" federate --store s.db --client 0=all --model init.st --init t.st \
    --rounds 2 --iterations 30
is 'has the same weights' "$(weights init.st)" "$(weights t4.st)"

# ---- two gateways ---------------------------------------------------------

exits 0 'two gateways' federate "${gateways[@]}" --model g.st --rounds 3 --iterations 40
like 'each round has a line for each' out '^round 3/3	gateway 13	in time	loss [0-9.]+	accuracy [0-9.]+ %	[0-9]+ bytes up	[0-9]+ down$'
like 'and the model one' out '^g.st	[0-9]+ words, 2 gateways, 3 rounds of 40 iterations, loss '
is 'rows of table federation_round' "$(ask "SELECT round, gateway, n_iteration, loss > 0,
    accuracy BETWEEN 0 AND 1, bytes_up > 0, bytes_down > 0, outcome FROM federation_round
    JOIN model USING (model_id) WHERE path = 'g.st' ORDER BY 1, 2")" \
'1|12|40|1|1|1|1|in time
1|13|40|1|1|1|1|in time
2|12|40|1|1|1|1|in time
2|13|40|1|1|1|1|in time
3|12|40|1|1|1|1|in time
3|13|40|1|1|1|1|in time
4|12|0||1|1|1|in time
4|13|0||1|1|1|in time'
is 'losses' "$(ask "SELECT iteration FROM loss JOIN model USING (model_id) WHERE path = 'g.st'")" '40
80
120'
exits 0 'it can be evaluated' "$ADLIOTLOG" evaluate --store s.db --model g.st --pairs own12 --json
is 'and has the accuracy that the gateway told' "$(sed 's/.*"accuracy":\([0-9.]*\).*/\1/' out)" \
    "$(ask "SELECT printf('%.6f', accuracy) FROM federation_round JOIN model USING (model_id)
        WHERE path = 'g.st' AND round = 4 AND gateway = 12")"
exits 0 'the order of the gateways' federate --client 13=own13 --client 12=own12 --model g2.st --rounds 3 \
    --iterations 40 --threads 2 --json
is 'and threads change nothing' "$(sha g2.st)" "$(sha g.st)"
is 'JSON: a row a round and gateway, and the model' "$(sqlite3 :memory: "SELECT count(*),
    sum(value ->> '$.round'), max(value ->> '$.gateways') FROM json_each('[' || '$(paste -sd, out)' || ']')")" '9|20|2'

cp s.db ag13.db
ask "UPDATE pair_set SET name = 'gone' WHERE name = 'own13'"
exits 2 'a pair set that is not there' federate "${gateways[@]}" --model x.st
like 'is named with its gateway' err "gateway 13: no pair set 'own13'"
exits 0 'each gateway may have a store of its own' federate "${gateways[@]}" --client-store 13=ag13.db \
    --model g3.st --rounds 3 --iterations 40
is 'the same model' "$(sha g3.st)" "$(sha g.st)"
ask "UPDATE pair_set SET name = 'own13' WHERE name = 'gone'"

for variant in '--proximal 0.5' '--clip 0.01' '--clip 0.5 --noise 0.1' '--participation 0.5' '--drop 0.5'; do
    # shellcheck disable=SC2086 # options
    exits 0 "with $variant" federate "${gateways[@]}" --model v.st --rounds 3 --iterations 40 --force $variant
    cp out v.out
    check "with $variant: another model" test "$(weights v.st)" != "$(weights g.st)"
    cp v.st before.st
    # shellcheck disable=SC2086
    exits 0 "with $variant: again" federate "${gateways[@]}" --model v.st --rounds 3 --iterations 40 --force $variant
    check "with $variant: the same" cmp v.st before.st
    case $variant in
    *noise*) like 'epsilon is told' v.out ', epsilon [0-9.]+.*, delta 1e-05' ;;
    --part*) is 'one of two is asked a round' "$(grep -c '^round.*not asked' v.out)" 3 ;;
    --drop*) like 'some are lost' v.out 'gateway 1[23]	lost	loss -	accuracy - %	0 bytes up	0 down' ;;
    esac
done
# Clipping to nothing leaves the first weights: those that train begins with.
exits 0 'an update that is shortened to nothing' federate "${gateways[@]}" --model nothing.st --rounds 2 \
    --iterations 40 --clip 1e-30
exits 0 'the first weights' federate "${gateways[@]}" --model first.st --rounds 1 --iterations 1 --lr 1e-30 --lr-end 1e-30
is 'are what is left' "$(weights nothing.st)" "$(weights first.st)"
head -c 32 /dev/urandom >key
head -c 15 key >short.key
exits 0 'noise from a key' federate "${gateways[@]}" --model k.st --rounds 3 --iterations 40 --clip 0.5 --noise 0.1 \
    --noise-key key
exits 0 'noise from the seed' federate "${gateways[@]}" --model v.st --rounds 3 --iterations 40 --clip 0.5 --noise 0.1 --force
check 'is another' test "$(weights k.st)" != "$(weights v.st)"

exits 2 'the log of another gateway' federate --client 12=own13 --client 13=own12 --model x.st --rounds 1 \
    --iterations 1
like 'is none of its own' err "'own13' is the log of gateway 13, not of gateway 12"

# ---- killed, and going on -------------------------------------------------

long=("${gateways[@]}" --rounds 40 --iterations 30 --test-limit 20)
exits 0 'a straight run' federate "${long[@]}" --model straight.st
told() { ask "SELECT round, gateway, printf('%.6f', loss), printf('%.6f', accuracy), bytes_up, outcome
    FROM federation_round JOIN model USING (model_id) WHERE model_sha256 = '$(sha m.st)'"; }
for after in 1 7 20 10; do # lines
    : >killed.$after
    "$ADLIOTLOG" federate --store s.db --hidden 8 "${long[@]}" --model m.st --resume --json >killed.$after 2>err &
    pid=$!
    while kill -0 $pid 2>/dev/null && [ "$(wc -l <killed.$after)" -lt $after ]; do :; done
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    echo "# killed: $?, $(grep -ao 'round[^0-9s_]*[0-9]*' m.st.checkpoint 2>/dev/null | tail -n 1) $(cat err)"
done
exits 0 'killed four times, it goes on' federate "${long[@]}" --model m.st --resume --json
cp out rest.out
like 'and says from where' err 'm.st(: going on after round [0-9]+ of 40| is trained already)'
check 'to the same file' cmp m.st straight.st
is 'no checkpoint is left' "$(ls m.st.checkpoint 2>/dev/null)" ''
cat killed.* rest.out >lines
told | sort >table
grep '^{.*"outcome":"[a-z ]*"}$' lines | grep -v '"loss":null' |
    sed -E 's/.*"round":([0-9]+),"gateway":([0-9]+),.*"loss":([^,]*),"accuracy":([^,]*),"bytes_up":([0-9]+),.*"outcome":"(.*)"}/\1|\2|\3|\4|\5|\6/' |
    sort -u >reported
check 'rounds had been reported' test "$(wc -l <reported)" -ge 20
is 'nothing that had been reported is lost' "$(comm -23 reported table)" ''
exits 0 'nothing is done again' federate "${long[@]}" --model m.st --resume
like 'and that is said' err 'm.st is trained already'

: >out
"$ADLIOTLOG" federate --store s.db --hidden 8 "${long[@]}" --rounds 4000 --model i.st >out 2>err &
pid=$!
while kill -0 $pid 2>/dev/null && ! [ -s out ]; do :; done 2>/dev/null
kill -INT $pid
wait $pid
is 'interrupted: exit 130' $? 130
like 'says what is kept' err 'interrupted \(i.st.checkpoint keeps round [0-9]+ of 4000: the same command with --resume goes on'
exits 0 'a checkpoint is a model' "$ADLIOTLOG" evaluate --store s.db --model i.st.checkpoint --pairs own12
exits 3 'neither --resume nor --force' federate "${long[@]}" --rounds 4000 --model i.st
like 'both are named' err 'i.st.checkpoint is there: --resume goes on from it, --force starts anew'
exits 3 'another number of rounds' federate "${long[@]}" --model i.st --resume
like 'is another federation' err 'is 4000 there and 40 here|--iterations is'
cp i.st.checkpoint kept
printf '\1\2' | dd of=i.st.checkpoint bs=1 seek=$(($(stat -c %s kept) - 4)) conv=notrunc 2>dd.err
exits 3 'a damaged checkpoint' federate "${long[@]}" --rounds 4000 --model i.st --resume
like 'is refused' err 'i.st.checkpoint: damaged: its checksum is another'
exits 3 'a checkpoint is not one of train' "$ADLIOTLOG" train --store s.db --pairs own12 --model i.st --hidden 8 --resume
rm i.st.checkpoint
( # a file size limit stands for a full disk
    trap '' XFSZ
    ulimit -f 64
    federate "${long[@]}" --hidden 64 --model full.st
) >out 2>err
is 'a full disk: exit 4' $? 4
like 'is named' err 'after round 1: full.st.checkpoint: File too large'
is 'nothing was reported' "$(wc -l <out)" 0

# ---- what is refused ------------------------------------------------------

refused() { # NAME STATUS PATTERN OPTION...
    local name=$1 status=$2 pattern=$3
    shift 3
    exits "$status" "$name" "$ADLIOTLOG" federate "$@"
    like "$name: the message says why" err "^adliotlog federate: .*$pattern"
}
one=(--store s.db --client "12=own12" --model x.st)
refused 'no gateway' 2 '--client is missing, or --folder' --store s.db --model x.st
refused 'no store' 2 '--store is missing' --client "12=own12" --model x.st
refused 'no model' 2 '--model is missing' --store s.db --client "12=own12"
refused 'a gateway without a pair set' 2 "client must be GATEWAY=NAME, not 'own12'" --store s.db --client own12 --model x.st
refused 'a gateway by name' 2 "client must be GATEWAY=NAME, not 'AG=own12'" --store s.db --client "AG=own12" --model x.st
refused 'a gateway twice' 2 '--client 12 is there twice' "${one[@]}" --client "12=all"
refused 'a test of another gateway' 2 'there is no --client 13' "${one[@]}" --test "13=all"
refused 'no rounds' 2 '--rounds must be' "${one[@]}" --rounds 0
refused 'no iterations' 2 '--iterations must be' "${one[@]}" --iterations 0
refused 'more iterations than can be counted' 2 '--rounds times --iterations' "${one[@]}" --rounds 100000 --iterations 100000
refused 'a share of 0' 2 '--participation must be' "${one[@]}" --participation 0
refused 'a certain loss' 2 '--drop must be' "${one[@]}" --drop 1
refused 'a push' 2 '--proximal must be' "${one[@]}" --proximal -1
refused 'no length' 2 '--clip must be above 0' "${one[@]}" --clip 0
refused 'noise without a limit' 2 '--noise needs --clip' "${one[@]}" --noise 1
refused 'no number' 2 '--noise must be above 0' "${one[@]}" --clip 1 --noise nan
refused 'a delta of 1' 2 '--delta must be' "${one[@]}" --delta 1
refused 'a learning rate of 0' 2 '--lr' "${one[@]}" --lr 0
refused 'waiting without a folder' 2 '--wait has no meaning without --folder' "${one[@]}" --wait 1
refused 'pairs without a folder' 2 '--pairs has no meaning without --folder' "${one[@]}" --pairs all
refused 'the same by a letter' 2 '--pairs has no meaning without --folder' "${one[@]}" -p all
refused 'a short key' 3 'key: a key has 16 to 4096 bytes' "${one[@]}" --hash-words short.key
refused 'no key' 4 'no.key: No such file' "${one[@]}" --hash-words no.key
refused 'hashed words for a model that has words' 2 '--hash-words exclude' "${one[@]}" --hash-words key --init t.st
refused 'a folder without a part' 2 '--gateways is missing, or --gateway' --folder F --model x.st
refused 'rounds of a gateway' 2 '--rounds has no meaning with --folder and --gateway' --folder F --gateway 12 \
    --store s.db --pairs own12 --rounds 3
refused 'a key of the aggregator' 2 '--hash-words has no meaning with --folder and --gateways' --folder F \
    --gateways 12 --model x.st --hash-words key
refused 'a quorum of more than all' 2 '--quorum must be between' --folder F --gateways 12,13 --model x.st --quorum 3
refused 'no list of gateways' 2 '--gateways' --folder F --gateways 12,,13 --model x.st
refused 'a folder that is not there' 4 'F' --folder F --gateways 12 --model x.st
refused 'no gateway of that number' 2 "gateway must be the number of a node" --folder F --gateway x --store s.db --pairs own12
refused 'another cell than that of --init' 2 'cell lstm, but t.st has gru' "${one[@]}" --init t.st --cell lstm
refused 'a model that is there' 3 'g.st is there already' --store s.db --client "12=own12" --model g.st
refused 'a store of events that is none' 3 'file is not a database' "${one[@]}" --store "$TOP/LICENSE"
is 'none of them left a file' "$(count x.st*) $(echo x.st*)" '1 x.st*'

finish
