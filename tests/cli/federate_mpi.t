#!/usr/bin/env bash
# adliotlog federate over MPI: any number of ranks gives the file of one process; a rank that is killed loses nothing
# that had been reported; and what the ranks send to each other.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"

program=$ADLIOTLOG # built with MPI=1, or else the one that make test links beside it
nm -u "$ADLIOTLOG" 2>/dev/null | grep -q 'U MPI_' || program=$BUILD/mpi/adliotlog
if ! command -v mpirun >/dev/null || ! command -v mpicc >/dev/null || ! [ -x "$program" ]; then
    skip 'federations over MPI' 'no mpirun, no mpicc, or no program that was built with MPI'
    finish
    exit
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_btl=self,vader,tcp OMPI_MCA_btl_vader_single_copy_mechanism=none
# What MPI itself does not free is not looked for; and the dump comes before the sanitizer.
export ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0

sha() { sha256sum "$1" | cut -c1-64; }
common=(federate --store s.db --hidden 8 --client "12=own12" --client "13=own13" --client "14=all")
ranks() { # NUMBER OPTION...
    local n=$1
    shift
    mpirun -n "$n" "$program" "${common[@]}" "$@" </dev/null
}
look() { python3 "$TOP/tests/cli/federate.py" "$@"; }

exits 0 'simulate' "$ADLIOTLOG" simulate --seeds 1 --attack hidden-channel --set duration=1 --out runs
exits 0 'ingest' "$ADLIOTLOG" ingest --store s.db runs/*
for gateway in 12 13; do
    exits 0 "the log of gateway $gateway" "$ADLIOTLOG" pairs --store s.db --name own$gateway \
        --gateway $gateway --limit $((gateway * 10 - 60))
done
exits 0 'all of it' "$ADLIOTLOG" pairs --store s.db --name all --limit 50

# ---- the same bits --------------------------------------------------------

exits 0 'in one process' "$ADLIOTLOG" "${common[@]}" --model g.st --rounds 3 --iterations 40
cut -f 1-6 out | grep -v '^g.st' >wanted
for n in 1 2 3 4; do
    exits 0 "$n ranks" ranks $n --model n$n.st --rounds 3 --iterations 40
    is "$n ranks: the same file" "$(sha n$n.st)" "$(sha g.st)"
    is "$n ranks: the same rounds, once" "$(cut -f 1-6 out | grep -v '^n')" "$(cat wanted)"
done
rm g.st n?.st
for options in '--participation 0.4 --proximal 0.1' '--drop 0.3 --clip 0.1 --noise 0.5' '--hash-words key'; do
    head -c 64 "$TOP/LICENSE" >key
    # shellcheck disable=SC2086 # options
    exits 0 "one process, $options" "$ADLIOTLOG" "${common[@]}" --model g.st --rounds 3 --iterations 20 --force $options
    # shellcheck disable=SC2086
    exits 0 "three ranks, $options" ranks 3 --model n.st --rounds 3 --iterations 20 --force $options
    is "the same file" "$(sha n.st)" "$(sha g.st)"
done
is 'and each gateway the same copy' "$(cat g.st-1[234] | sha256sum)" "$(cat n.st-1[234] | sha256sum)"

# ---- a rank is killed -----------------------------------------------------

long=(--rounds 60 --iterations 60 --test-limit 20)
exits 0 'a straight run' "$ADLIOTLOG" "${common[@]}" "${long[@]}" --model straight.st
kill_rank() { # AFTER-LINES RANK RANKS: starts, and kills that rank once so many lines have been reported
    local pid ranks
    : >"killed.$1"
    mpirun -n "$3" "$program" "${common[@]}" "${long[@]}" --model m.st --resume --json >"killed.$1" 2>err </dev/null &
    pid=$!
    while kill -0 $pid 2>/dev/null && [ "$(wc -l <"killed.$1")" -lt "$1" ]; do :; done
    ranks=$(pgrep -P $pid | sort -n | tr '\n' ' ')
    kill -KILL "$(cut -d ' ' -f $(($2 + 1)) <<<"$ranks")" 2>/dev/null
    wait $pid
    echo "# rank $2 of $3 killed, mpirun ended with $?, $(grep -ao 'round[^0-9]*[0-9]*' m.st.checkpoint 2>/dev/null |
        tail -n 1)"
}
kill_rank 4 1 2
check 'a rank dies: there is no model' test ! -e m.st
check 'but the last round is kept' test -s m.st.checkpoint
exits 0 'it is whole' "$ADLIOTLOG" evaluate --store s.db --model m.st.checkpoint --pairs own12
kill_rank 10 0 3
kill_rank 16 $((RANDOM % 3)) 3
exits 0 'three were killed, one process goes on' "$ADLIOTLOG" "${common[@]}" "${long[@]}" --model m.st --resume --json
cp out rest
like 'from where they were' err 'm.st(: going on after round [0-9]+ of 60| is trained already)'
is 'to the same file' "$(sha m.st)" "$(sha straight.st)"
reported() { sed -nE 's/^\{"round":([0-9]+),"gateway":([0-9]+),"n_iteration":60,"loss":([0-9.]+),.*/\1|\2|\3/p' "$@" | sort -u; }
reported killed.* >before
check 'rounds had been reported' test "$(wc -l <before)" -ge 16
sqlite3 s.db "SELECT round, gateway, printf('%.6f', loss) FROM federation_round JOIN model USING (model_id)
    WHERE path = 'straight.st'" | sort >table
is 'none of them is lost' "$(comm -23 before table)" ''

# ---- what goes wrong ------------------------------------------------------

exits 2 'a pair set that another rank does not find' mpirun -n 2 "$program" "${common[@]}" --client 15=none \
    --model x.st --rounds 1 --iterations 1
is 'is one line' "$(grep -c '^adliotlog federate: ' err)" 1
like 'that names it' err "^adliotlog federate: gateway 15: no pair set 'none' in the store"
exits 3 'weights that grow without bound at one gateway' ranks 2 --model x.st --rounds 2 --iterations 200 \
    --lr 1e30 --lr-end 1e30
like 'are said' err '^adliotlog federate: gateway 1[234]: the loss is not finite'
exits 4 'a store that is not there' mpirun -n 2 "$program" federate --store no.db --client 12=a --client 13=b --model x.st
like 'is named' err 'no.db: no such store'
check 'none of them left a file' test ! -e x.st
if [ "$program" != "$ADLIOTLOG" ]; then
    exits 4 'a program without MPI in two ranks' mpirun -n 2 "$ADLIOTLOG" "${common[@]}" --model x.st
    like 'says so' err 'started in 2 ranks, but built without MPI: make MPI=1'
fi

# ---- what crosses ---------------------------------------------------------

is 'the program sends with one function of MPI alone' "$(nm -u "$program" | sed -n 's/.*U \(MPI_.*\)/\1/p' | sort | tr '\n' ' ')" \
    'MPI_Abort MPI_Comm_rank MPI_Comm_size MPI_Finalize MPI_Init_thread MPI_Irecv MPI_Isend MPI_Test '
exits 0 'a library that writes down what is sent' mpicc -shared -fPIC -o dump.so "$TOP/tests/cli/mpi_dump.c"
sqlite3 s.db "UPDATE sentence SET text = replace(replace(text, 'cbr', 'sensorreading'), 'AGT', 'Agentlevel')"
for mode in plain hashed; do
    mkdir $mode
    options=()
    [ $mode = plain ] || options=(--hash-words key)
    MPI_DUMP=$PWD/$mode exits 0 "$mode words" mpirun -n 3 -x LD_PRELOAD="$PWD/dump.so" "$program" "${common[@]}" \
        --model $mode.st --rounds 2 --iterations 20 "${options[@]}"
    find $mode -size -9c -delete # lengths
    # of rank 0: 2 times 5 questions; of ranks 1 and 2: 5 answers each
    is "$mode words: all messages are there" "$(find $mode -type f | wc -l)" 20
    is "$mode words: of these kinds" "$(look members $mode/* | cut -d : -f 1 | sort | uniq -c | tr -s ' \n' ' ')" \
        ' 2 invite 2 plan 2 ready 6 round 6 update 2 words '
    exits 0 "$mode words: no sentence crosses" look sentences s.db $mode/*
done
exits 1 'plain words cross' look words s.db plain/*
exits 0 'hashed words do not' look words s.db hashed/*

finish
