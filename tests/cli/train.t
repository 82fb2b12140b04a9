#!/usr/bin/env bash
# adliotlog train: networks and ways to train them, checkpoints, and going on from them to the bit.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

store=s.db
ask() { sqlite3 $store "$1"; }
forget() { ask "PRAGMA foreign_keys = ON; DELETE FROM model WHERE path = '$1'"; }
train() { "$ADLIOTLOG" train --store $store --hidden 8 --iterations 600 "$@"; }
begin() { # in the background, as process $pid; a function in between would be a process of its own
    "$ADLIOTLOG" train --store $store --hidden 8 "$@" >out 2>err &
    pid=$!
}
rows() { # MODEL: its losses in the store
    ask "SELECT iteration, printf('%.17g', nll) FROM loss JOIN model USING (model_id)
        WHERE model_sha256 = '$(sha256sum "$1" | cut -c1-64)' ORDER BY 1"
}
caught() { # waits until it is the program, and catches signals
    while kill -0 $pid && ! { grep -qx adliotlog "/proc/$pid/comm" &&
        grep -q 'SigCgt:.*[4567cdef]...$' "/proc/$pid/status"; }; do :; done 2>/dev/null
}
interrupt() { # as soon as it can be
    caught
    kill -INT $pid
    wait $pid
}

exits 0 'simulate' "$ADLIOTLOG" simulate --seeds 1 --set duration=1 --out runs
exits 0 'ingest' "$ADLIOTLOG" ingest --store s.db runs/*
exits 0 'pairs' "$ADLIOTLOG" pairs --store s.db --name all --runs 1 --limit 60
exits 0 'other pairs' "$ADLIOTLOG" pairs --store s.db --name more --runs 1 --limit 90
exits 0 'pairs of long sentences' "$ADLIOTLOG" pairs --store s.db --name long --runs 1 --limit 5 --span 4
exits 0 'a single pair' "$ADLIOTLOG" pairs --store s.db --name one --runs 1 --limit 1

# ---- networks, and ways to train them -------------------------------------

for cell in gru lstm; do
    for attention in additive location none; do
        name=$cell-$attention
        exits 0 "$name: train" train --pairs all --model $name.st --cell $cell --attention $attention
        exits 0 "$name: evaluate" "$ADLIOTLOG" evaluate --store s.db --model $name.st --pairs all
        is "$name: the options say so" "$(ask "SELECT options ->> '$.cell', options ->> '$.attention'
            FROM model WHERE path = '$name.st'")" "$cell|$attention"
    done
done
is 'six networks' "$(sha256sum ./*.st | cut -c1-64 | sort -u | wc -l)" 6

"$ADLIOTLOG" train --store s.db --pairs all --model plain.st --hidden 8 --iterations 600 >out
check 'the defaults are a GRU with additive attention' cmp plain.st gru-additive.st
is 'loss every 100 iterations' "$(ask "SELECT group_concat(iteration) FROM (SELECT iteration
    FROM loss JOIN model USING (model_id) WHERE path = 'lstm-none.st' ORDER BY 1)")" \
    '100,200,300,400,500,600'
exits 0 'train for 250 iterations' train --pairs all --model odd.st --iterations 250
is 'loss after the last one too' "$(rows odd.st | cut -d '|' -f 1 | tr '\n' ' ')" '100 200 250 '

for option in '--batch 4' '--schedule linear' '--schedule constant' '--loss mean' '--seed 2' \
    '--lr 0.02' '--lr-end 0.001' '--teacher-forcing 1'; do
    # shellcheck disable=SC2086 # two words
    exits 0 "$option" train --pairs all --model "x${option// /}.st" $option
done
is 'each makes another model' "$(sha256sum gru-additive.st x*.st | cut -c1-64 | sort -u | wc -l)" 9
is 'and has a recipe of its own' "$(ask "SELECT count(DISTINCT options ->> '$.recipe') FROM model
    WHERE path LIKE 'x%'")" 8
recipe=$(ask "SELECT options ->> '$.recipe' FROM model WHERE path = 'x--batch4.st'")
exits 0 'a recipe' bash -c "$ADLIOTLOG ${recipe#adliotlog} --store s.db --model again.st"
check 'gives the same file' cmp x--batch4.st again.st

# A language model over both sentences, which is fed the first to say the second.
exits 0 'learn the next word' train --pairs all --model next.st --task next-word --cell lstm
exits 0 'evaluate: it is told from the options' "$ADLIOTLOG" evaluate --store s.db --model next.st \
    --pairs all --score --threads 1
said() { ask "SELECT pair_id, output, logprob, target_logprob, target_outside FROM prediction
    JOIN model USING (model_id) WHERE path = 'next.st' ORDER BY 1"; }
said >said.one
exits 0 'with three threads' "$ADLIOTLOG" evaluate --store s.db --model next.st --pairs all --score \
    --threads 3 --force
check 'the same rows' cmp said.one <(said)
is 'it has no attention and is always forced' "$(ask "SELECT options ->> '$.task',
    options ->> '$.attention', options ->> '$.teacher_forcing' FROM model WHERE path = 'next.st'")" \
    'next-word|none|1.0'
is 'the others follow' "$(ask "SELECT DISTINCT options ->> '$.task' FROM model WHERE path LIKE 'gru-%'")" follow
recipe=$(ask "SELECT options ->> '$.recipe' FROM model WHERE path = 'next.st'")
exits 0 'its recipe' bash -c "$ADLIOTLOG ${recipe#adliotlog} --store s.db --model again.st --force"
check 'gives the same file' cmp next.st again.st
exits 0 'from it, further' "$ADLIOTLOG" train --store s.db --pairs all --model further.st --init next.st \
    --task next-word --iterations 1

# Few iterations: threads that wait for each other on a busy machine are slow.
for network in 'gru additive 1' 'lstm location 3'; do
    read -r cell attention batch <<<"$network"
    for threads in 1 2 3; do
        exits 0 "$network, $threads threads" train --pairs all --model "threads-$cell-$threads.st" \
            --iterations 100 --cell "$cell" --attention "$attention" --batch "$batch" \
            --threads $threads
    done
    check "$network: the same file with two" cmp threads-"$cell"-[12].st
    check "$network: and with three" cmp threads-"$cell"-[13].st
done

exits 0 'another reader' tclsh "$TOP/tests/data/model/read_safetensors.tcl" lstm-location.st
is 'finds what the design names' "$(cut -d ' ' -f 1,2,3 out | sed -n '/metadata/!p' |
    sed 's/\b[0-9]*x8$/Vx8/; s/\b'"$(($(ask "SELECT options ->> '$.vocabulary' FROM model
        WHERE path = 'lstm-location.st'")))"'$/V/')" \
    'encoder.embedding.weight F32 Vx8
encoder.lstm.weight_ih F32 Vx8
encoder.lstm.weight_hh F32 Vx8
encoder.lstm.bias_ih F32 32
encoder.lstm.bias_hh F32 32
decoder.embedding.weight F32 Vx8
decoder.attention.weight F32 101x16
decoder.attention.bias F32 101
decoder.lstm.weight_ih F32 32x16
decoder.lstm.weight_hh F32 Vx8
decoder.lstm.bias_ih F32 32
decoder.lstm.bias_hh F32 32
decoder.output.weight F32 Vx8
decoder.output.bias F32 V'

# ---- starting from a model ------------------------------------------------

exits 0 'start from a model' "$ADLIOTLOG" train --store s.db --pairs more --model init.st \
    --init lstm-none.st --iterations 1 --lr 1e-30
is 'its shape and vocabulary are kept' "$(ask "SELECT count(DISTINCT json_array(options ->> '$.cell',
    options ->> '$.attention', options ->> '$.hidden', options ->> '$.vocabulary')) FROM model
    WHERE path IN ('init.st', 'lstm-none.st')")" 1
sums() { tclsh "$TOP/tests/data/model/read_safetensors.tcl" "$1" | grep -v '^metadata'; }
is 'and its weights' "$(sums init.st)" "$(sums lstm-none.st)"
exits 0 'the same shape, given' train --pairs more --model init.st --init lstm-none.st --cell lstm \
    --attention none --iterations 1 --lr 1 --force
# With one pair, a batch of equal gradients has their mean: one step is the gradient, times --lr.
for batch in 1 2; do
    exits 0 "one step from there, $batch pairs" "$ADLIOTLOG" train --store s.db --pairs one \
        --model step$batch.st --init lstm-none.st --iterations 1 --lr 1 --teacher-forcing 1 --batch $batch
done
is 'goes to the same place' "$(sums step2.st | sed 's/\(\....\).*/\1/')" \
    "$(sums step1.st | sed 's/\(\....\).*/\1/')"

# ---- refused --------------------------------------------------------------

refused() { # NAME STATUS PATTERN OPTION...
    local name=$1 status=$2 pattern=$3
    shift 3
    exits "$status" "$name" train --model x.safetensors "$@"
    like "$name: the message says why" err "$pattern"
}
refused 'no such pair set' 2 "no pair set 'al'" --pairs al
refused 'no iterations' 2 'iterations must be' --pairs all --iterations 0
refused 'a learning rate that is no number' 2 'lr' --pairs all --lr nan
refused 'a learning rate below zero' 2 'must be positive' --pairs all --lr -1
refused 'a probability above one' 2 'between 0 and 1' --pairs all --teacher-forcing 1.5
refused 'an unknown loss' 2 'sum or mean' --pairs all --loss max
refused 'an unknown cell' 2 'gru or lstm' --pairs all --cell GRU
refused 'an unknown task' 2 'follow or next-word' --pairs all --task next
refused 'a language model with attention' 2 'next-word has no --attention but none' --pairs all \
    --task next-word --attention location
refused 'one that runs free' 2 'next-word has no --teacher-forcing but 1' --pairs all \
    --task next-word --teacher-forcing 0.5
refused 'one from a network with attention' 2 \
    'task next-word, but gru-additive.st has attention additive' --pairs all --task next-word \
    --init gru-additive.st
refused 'one of sentences that are too long together' 3 \
    'pair [0-9]+: its sentences have 128 words together, more than 100' --pairs long --task next-word
refused 'an unknown attention' 2 'additive, location or none' --pairs all --attention all
refused 'an unknown schedule' 2 'geometric, linear or constant' --pairs all --schedule step
refused 'an end of a constant rate' 2 'constant has no --lr-end' --pairs all --schedule constant \
    --lr-end 0.001
refused 'no pairs an iteration' 2 'batch must be between 1 and 65536' --pairs all --batch 0
refused 'too many' 2 'batch must be between 1 and 65536' --pairs all --batch 65537
refused 'no threads' 2 'threads must be between 1 and 64' --pairs all --threads 0
refused 'no hidden state' 2 'hidden must be between 1 and 16384' --pairs all --hidden 0
refused 'checkpoints every -1' 2 'checkpoint-every must be' --pairs all --checkpoint-every -1
refused 'another cell than that of --init' 2 'cell gru, but lstm-none.st has lstm' --pairs all \
    --init lstm-none.st --cell gru
refused 'another attention' 2 'attention location, but lstm-none.st has none' --pairs all \
    --init lstm-none.st --attention location
refused 'another size' 2 'hidden 9, but lstm-none.st has 8' --pairs all --init lstm-none.st --hidden 9
refused 'a start that is no model' 3 's.db: not a model file' --pairs all --init s.db
refused 'a model folder that is not there' 4 'no/where' --pairs all --model no/where/x.safetensors
refused 'a learning rate that diverges' 3 'at iteration [0-9]+ ' --pairs all --lr 1e30 --lr-end 1e30
ADLIOTLOG_ISA=mmx refused 'unknown instructions' 2 "ADLIOTLOG_ISA: 'mmx'" --pairs all
is 'none of them left a file' "$(ls x.safetensors* 2>/dev/null)" ''

exits 3 'a model that is there already' train --pairs all --model odd.st
like 'is named, and the way on' err 'odd.st is there already \(--force replaces it\)'
exits 0 'with --force it is replaced' train --pairs all --model odd.st --force --seed 5
is 'in the store too' "$(ask "SELECT options ->> '$.seed' FROM model WHERE path = 'odd.st'")" 5

# ---- stopped, and going on ------------------------------------------------

# NAME SIGNALS OPTION...: stopped by one signal after the other, each after some more checkpoints
# (EARLY: before the first), then left alone; file and losses must be those of a straight run
stopped() {
    local name=$1 signals=$2 signal seen n at=()
    shift 2
    exits 0 "$name: a straight run" train --pairs all --model straight.st --force "$@"
    rows straight.st >straight.rows
    forget straight.st
    for signal in $signals; do
        begin --pairs all --model m.st --checkpoint-every 30 --resume "$@"
        caught
        n=0 seen=
        while [ "$signal" != EARLY ] && [ $n -lt 6 ] && kill -0 $pid 2>/dev/null; do
            [ "$(stat -c %y m.st.checkpoint 2>/dev/null)" = "$seen" ] && continue
            seen=$(stat -c %y m.st.checkpoint 2>/dev/null)
            n=$((n + 1))
        done
        kill "-${signal/EARLY/TERM}" $pid 2>/dev/null
        wait $pid 2>/dev/null
        at+=("$signal:$?")
    done
    echo "# ${at[*]}, then from $(grep -ao 'iteration[^0-9]*[0-9]*' m.st.checkpoint 2>/dev/null |
        tail -n 1)"
    like "$name: stopped" <(echo "${at[*]}") ':13[07]' # on a busy machine not by every signal
    exits 0 "$name: going on" train --pairs all --model m.st --resume "$@"
    like "$name: says from where" err '^adliotlog train: m.st(: going on after iteration [0-9]+ of| is trained already)'
    check "$name: the same file" cmp m.st straight.st
    is "$name: the same losses" "$(rows m.st)" "$(cat straight.rows)"
    is "$name: no checkpoint is left" "$(ls m.st.checkpoint 2>/dev/null)" ''
    rm m.st
    forget m.st
}
stopped 'GRU' 'EARLY KILL INT KILL TERM' --iterations 6000
stopped 'GRU, batches, two threads' 'EARLY INT KILL' --iterations 500 --batch 4 --threads 2
stopped 'LSTM' 'EARLY KILL' --iterations 4000 --cell lstm --attention location --schedule linear
stopped 'LSTM, batches' 'EARLY KILL INT' --iterations 2000 --cell lstm --attention none --batch 4 --loss mean
stopped 'next word' 'EARLY KILL INT' --iterations 3000 --task next-word
stopped 'from a model' 'EARLY INT' --iterations 4000 --init gru-none.st --attention none --lr 0.001

begin --pairs all --model m.st --iterations 1000000 --checkpoint-every 0
interrupt
is 'interrupted: exit 130' $? 130
is 'one line says how far, and the way on' "$(sed -E 's/iteration [0-9]+/iteration N/' err)" \
    'adliotlog train: interrupted after iteration N of 1000000, kept in m.st.checkpoint: the same command with --resume goes on from there'
check 'no file that looks finished' test ! -e m.st
exits 0 'its checkpoint can be evaluated' "$ADLIOTLOG" evaluate --store s.db --model m.st.checkpoint \
    --pairs one
cp m.st.checkpoint kept

# ---- checkpoints that are not gone on from --------------------------------

go_on() { # NAME PATTERN OPTION...
    local name=$1 pattern=$2
    shift 2
    exits 3 "$name" train --pairs all --model m.st --iterations 1000000 --resume "$@"
    like "$name: the message says why" err "^adliotlog train: m.st.checkpoint: $pattern"
    check "$name: the checkpoint stays" cmp m.st.checkpoint kept
}
exits 3 'neither --resume nor --force' train --pairs all --model m.st --iterations 1000000
like 'both are named' err 'm.st.checkpoint is there: --resume goes on from it, --force starts anew'
go_on 'another seed' '--seed is 1 there and 2 here \(--force starts anew\)' --seed 2
go_on 'another task' '--task is follow there and next-word here' --task next-word
go_on 'another cell' '--cell is gru there and lstm here' --cell lstm
go_on 'another rate' '--lr is 0.01[0-9]* there and 0.02[0-9]* here' --lr 0.02
go_on 'fewer iterations' '--iterations is 1000000 there and 10 here' --iterations 10
go_on 'other pairs' '--pairs is all there and more here' --pairs more
go_on 'another start' 'the content of --init is none there and [0-9a-f]{64} here' \
    --init gru-additive.st
isa=$(grep -ao 'isa\\":\\"[a-z0-9]*' kept | sed 's/.*"//')
if [ "$isa" = portable ]; then
    skip 'other instructions' 'this machine has only the portable ones'
else
    ADLIOTLOG_ISA=portable go_on 'other instructions' "ADLIOTLOG_ISA is $isa there and portable here"
fi
cp kept whole
printf '\1\2' | dd of=m.st.checkpoint bs=1 seek=$(($(stat -c %s kept) - 4)) conv=notrunc 2>dd.err
cp m.st.checkpoint kept
go_on 'a checkpoint with another weight' 'damaged: its checksum is another'
head -c 5000 whole >m.st.checkpoint
cp m.st.checkpoint kept
go_on 'a checkpoint that is cut off' '[0-9]+ bytes of tensors instead of'
cp gru-additive.st m.st.checkpoint
exits 3 'a model in place of a checkpoint' train --pairs all --model m.st --resume
like 'is none' err 'a model, but not a checkpoint'
exits 2 'the checkpoint as --init' train --pairs all --model m.st --init m.st.checkpoint --force
exits 0 'with --resume and --force it starts anew' train --pairs all --model m.st --resume --force
like 'and says so' err 'a model, but not a checkpoint: starting anew'
check 'to the right end' cmp m.st gru-additive.st
"$ADLIOTLOG" pairs --store s.db --name all --runs 1 --limit 50 --force >out 2>&1
rm m.st

# The pair set of that name is another one now: its content tells.
begin --pairs more --model m.st --iterations 1000000 --checkpoint-every 0
interrupt
"$ADLIOTLOG" pairs --store s.db --name more --runs 1 --limit 80 --force >out 2>&1
exits 3 'the pair set has changed' train --pairs more --model m.st --iterations 1000000 --resume
like 'is said' err 'the content of the pair set is [0-9a-f]{64} there and'
exits 0 'with --force alone it starts anew' train --pairs more --model m.st --force
is 'the checkpoint is gone' "$(ls m.st*)" m.st

# ---- nothing to do --------------------------------------------------------

cp m.st finished
exits 0 '--resume when all is done' train --pairs more --model m.st --resume --json
is 'prints the result' "$(sqlite3 :memory: "SELECT json_extract('$(cat out)', '$.model'),
    json_extract('$(cat out)', '$.iterations')")" 'm.st|600'
like 'and says so' err 'm.st is trained already'
exits 3 'other options' train --pairs more --model m.st --resume --seed 7
like 'are another training' err 'm.st is there already, of another training: --seed is 1 there and 7 here'
check 'the model stays' cmp m.st finished
rows m.st >finished.rows
forget m.st
exits 0 '--resume when the store does not know it yet' train --pairs more --model m.st --resume
check 'the same file' cmp m.st finished
is 'and the losses are there' "$(rows m.st)" "$(cat finished.rows)"

# ---- what goes wrong on the way -------------------------------------------

exits 3 'a rate that grows until the loss is not finite' train --pairs more --model m.st --force \
    --iterations 3000 --lr 0.01 --lr-end 1e30 --checkpoint-every 50
like 'iteration, cause and what is kept' err \
    'the loss is not finite at iteration [0-9]+ .*; m.st.checkpoint keeps iteration [0-9]+'
check 'the model stays' cmp m.st finished
exits 0 'the checkpoint is good' "$ADLIOTLOG" evaluate --store s.db --model m.st.checkpoint --pairs one
rm m.st.checkpoint

exits 0 'a rate that is too large, but not that large' train --pairs more --model large.st --lr 30 \
    --schedule constant --iterations 100
like 'is noticed' err 'the loss is far above that of guessing, [0-9.]+ nats a word: the learning rate is'

begin --pairs more --model batch.st --batch 65536 --iterations 10 --hidden 64
interrupt
is 'interrupted within the first iteration: exit 130' $? 130
like 'there is nothing to keep' err 'interrupted in the first iteration'
check 'and nothing is kept' test ! -e batch.st.checkpoint

big=(--pairs more --model m.st --hidden 64 --iterations 1000000 --force)
begin "${big[@]}" --checkpoint-every 0
interrupt
cp m.st.checkpoint kept
( # a file size limit stands for a full disk
    trap '' XFSZ
    ulimit -f 64
    train "${big[@]}" --checkpoint-every 10 --resume
) >out 2>err
is 'a full disk at a checkpoint: exit 4' $? 4
like 'is named' err 'at iteration [0-9]+: m.st.checkpoint: File too large'
check 'the checkpoint before it stays' cmp m.st.checkpoint kept
check 'and the model' cmp m.st finished
is 'nothing else is left' "$(ls m.st*)" 'm.st
m.st.checkpoint'

# ---- progress -------------------------------------------------------------

if command -v script >/dev/null; then
    script -qec "'$ADLIOTLOG' train --store s.db --pairs more --model p.st --hidden 32 \
        --iterations 5000" /dev/null >out 2>err </dev/null
    tr '\r' '\n' <out >lines
    like 'on a terminal: pairs a second, time to go, loss' lines \
        '^p.st: [0-9]+/5000 \([0-9]+%\) [0-9]+ pairs/s, [0-9]+:[0-9]{2} to go, loss [0-9.]+'
else
    skip 'progress on a terminal' 'no script(1)'
fi

finish
