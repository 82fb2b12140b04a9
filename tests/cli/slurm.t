#!/usr/bin/env bash
# experiments/slurm: sweeps and plans as job arrays, as a user submits them to a Slurm of one node
# that this test starts; tasks are killed and requeued in the middle.
# shellcheck source=tests/cli/tap.sh
. "${TOP:?}/tests/cli/tap.sh"
# shellcheck source=tests/cli/contents.sh
. "$TOP/tests/cli/contents.sh"

scripts=$TOP/experiments/slurm
export ADLIOTLOG SWEEP RESULTS NS
sweep=(--seeds 1..6 --attack 'none,hidden-channel' --set duration=0.5)
"$ADLIOTLOG" simulate "${sweep[@]}" --out plain.runs >plain.list 2>err
check 'a plain sweep, in one store' sh -c "xargs '$ADLIOTLOG' ingest --store plain.db <plain.list"
contents plain.db view >plain.contents
like 'has events' plain.contents '^event [1-9][0-9]+ '

# An ns that writes down what it is started for, and hangs for seeds 2, 4 and 6, the last of three
# shares, in the shares that are named in the file hang.
cat >ns-that-hangs <<NS
#!/usr/bin/env bash
case "\$*" in *--ns-version*) exec ns "\$@";; esac
echo "\${PWD##*/runs/.}" | sed 's/\.[^.]*\$//' >>"$PWD/starts"
while read -r share; do
    case "\$PWD \$*" in *shard-\$share-of-*seed=[246]*) touch "$PWD/hangs-\$share"; exec tail -f /dev/null;; esac
done <"$PWD/hang"
exec ns "\$@"
NS
chmod +x ns-that-hangs
touch hang
NS=$PWD/ns-that-hangs

# ---- the scripts alone, without Slurm ---------------------------------------

task() { # SHARE OF OPTION...: as slurmd runs it
    local i=$1 n=$2
    shift 2
    SLURM_ARRAY_TASK_ID=$i SLURM_ARRAY_TASK_MAX=$n bash "$scripts/sweep.sbatch" "$@"
}
SWEEP=$PWD/alone
exits 2 'a sweep without options' task 1 2
like 'is no sweep' err '^sweep: no options for adliotlog simulate given$'
exits 0 'the first of two shares' task 1 2 "${sweep[@]}"
check 'is there, and nothing else' test "$(ls -A alone)" = "$(printf '%s\n' shard-1-of-2.db sweep)"
exits 0 'once more' task 1 2 "${sweep[@]}"
is 'is not done again' "$(cat out)" 'share 1 of 2 is finished already'
exits 2 'a share of another sweep' task 2 2 "${sweep[@]}" --set rate=2Mb
like 'is refused' err "holds another sweep: 2 shares of: adliotlog simulate --seeds 1..6 .*SWEEP names a folder"
exits 2 'one of another number of shares' task 2 3 "${sweep[@]}"
exits 3 'too early' bash "$scripts/merge.sbatch"
is 'to merge' "$(cat err)" 'merge: shares 2 of 2 are not finished'
exits 0 'the other share, on a disk of its own' env SCRATCH="$PWD/disk" KEEP=1 SLURM_ARRAY_TASK_ID=2 SHARDS=2 \
    bash "$scripts/sweep.sbatch" "${sweep[@]}"
is 'which is empty again, with the folders of the runs kept' "$(ls -A disk)$(find alone/runs -name trace.tr | wc -l)" 6
exits 0 'both' bash "$scripts/merge.sbatch"
check 'are the sweep' diff plain.contents <(contents alone/store.db view)
exits 0 'both again' bash "$scripts/merge.sbatch"
like 'are there' out 'store.db is there already'
SWEEP=$PWD/few
for i in 1 2 3; do task $i 3 --seeds 1..2 --set duration=0.3; done >out 2>err
like 'more shares than runs' out '^share 3 of 3 has no run$'
exits 0 'are merged' bash "$scripts/merge.sbatch"
is 'all the same' "$(sqlite3 -readonly few/store.db 'SELECT count(*) FROM run')" 2

# ---- a Slurm of one node ----------------------------------------------------

munge_pid='' ctld_pid='' slurmd_pid=''
stop_slurm() {
    # shellcheck disable=SC2086 # those that were started; they may wait for what hangs, if asked
    { kill -9 $slurmd_pid $ctld_pid $munge_pid; wait; } 2>/dev/null
    # What a step has left: its processes stand in this folder.
    for folder in /proc/[0-9]*; do
        case $(readlink "$folder/cwd") in "$tap_dir"/*) kill -9 "${folder#/proc/}" ;; esac
    done 2>/dev/null
}
trap 'cd /; stop_slurm; chmod -R u+rwx "$tap_dir" 2>/dev/null; rm -rf "$tap_dir"' EXIT

configure() {
    local ports
    ports=$(python3 -c 'import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))') || return
    mkdir -m 755 slurm slurm/state slurm/spool
    cat >slurm/slurm.conf <<CONF
ClusterName=test
SlurmctldHost=$(uname -n | cut -d. -f1)(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
SlurmctldPort=${ports% *}
SlurmdPort=${ports#* }
AuthType=auth/munge
AuthInfo=socket=$PWD/slurm/munge.sock,cred_expire=5
CredType=cred/munge
StateSaveLocation=$PWD/slurm/state
SlurmdSpoolDir=$PWD/slurm/spool
SlurmctldPidFile=$PWD/slurm/slurmctld.pid
SlurmdPidFile=$PWD/slurm/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
KillWait=2
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=1,sched_interval=1
NodeName=$(uname -n | cut -d. -f1) NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
}

# Repeats a question until it is answered by yes, or for so many times that it never will be.
await() { # COMMAND...
    local i
    for ((i = 0; i < 3000; i++)); do
        "$@" && return
        kill -0 "$ctld_pid" "$slurmd_pid" 2>/dev/null || return 1
        squeue -h >/dev/null 2>&1 # takes some milliseconds
    done
    return 1
}
is_idle() { [ "$(sinfo -h -o %t 2>/dev/null)" = idle ]; }

# Leaves in `absent` why there is none.
start_slurm() {
    local program
    absent=''
    for program in munged slurmctld slurmd sbatch; do
        PATH=$PATH:/usr/sbin command -v $program >/dev/null || absent="no $program: make deps-test"
    done
    [ -z "$absent" ] || return
    export PATH=$PATH:/usr/sbin SLURM_CONF=$PWD/slurm/slurm.conf
    configure || { absent='no free ports' && return; }
    (umask 077 && head -c 1024 /dev/urandom >slurm/munge.key)
    munged -F --force --key-file="$PWD/slurm/munge.key" --socket="$PWD/slurm/munge.sock" \
        --pid-file="$PWD/slurm/munge.pid" --seed-file="$PWD/slurm/munge.seed" >slurm/munge.log 2>&1 &
    munge_pid=$!
    until [ -S slurm/munge.sock ]; do
        kill -0 $munge_pid 2>/dev/null || { absent="munged: $(tail -n 1 slurm/munge.log)" && return; }
    done
    slurmctld -D >slurm/ctld.log 2>&1 &
    ctld_pid=$!
    slurmd -D >slurm/slurmd.log 2>&1 &
    slurmd_pid=$!
    await is_idle || absent="slurm: $(tail -qn 1 slurm/ctld.log slurm/slurmd.log | tr '\n' ' ')"
}

start_slurm
if [ -n "$absent" ]; then
    skip 'a sweep on Slurm whose tasks are killed and requeued' "$absent"
    skip 'a plan on Slurm' "$absent"
    finish
    exit
fi

over() { [ -z "$(squeue -h -j "$1" 2>/dev/null)" ]; }
all_hang() { [ -e hangs-1 ] && [ -e hangs-2 ]; }
states() { scontrol -o show job "$1" | sed -n 's/.*ArrayTaskId=\([0-9]*\).* JobState=\([A-Z]*\).*/\1 \2/p' | sort; }
# The finished runs that shares 1 and 2 have so far.
finished() { find sweep/.shard-[12]-of-3/runs -mindepth 1 -maxdepth 1 -name 'iot16-*' -printf '%f\n' | sort; }

SWEEP=$PWD/sweep
printf '1\n2\n' >hang
: >starts
array=$(sbatch --parsable --array=1-3 "$scripts/sweep.sbatch" "${sweep[@]}")
merge=$(sbatch --parsable --dependency="afterok:$array" "$scripts/merge.sbatch")
await all_hang
is 'two of three tasks hang in the middle' $? 0
[ $tap_failed -eq 0 ] || { cat slurm/ctld.log slurm/slurmd.log slurm-*.out >&2 && finish; exit 1; }
killed=$((RANDOM % 2 + 1))
requeued=$((3 - killed))
job=$(scontrol -o show job "${array}_$killed" | sed 's/^JobId=\([0-9]*\).*/\1/')
mapfile -t processes < <(scontrol listpids "$job" | awk 'NR > 1 && $1 > 1 { print $1 }')
victim=${processes[RANDOM % ${#processes[@]}]}
finished >before
: >hang
echo "# task $requeued is requeued; of task $killed, kill -9 $(tr '\0' ' ' <"/proc/$victim/cmdline" | cut -c 1-80)"
kill -9 "$victim"
scontrol requeue "${array}_$requeued"
await over "$array"
is 'the array ends' $? 0
is 'what was requeued has ended well, what was killed has not' "$(states "$array" | tr '\n' ' ')" \
    "$(printf '%s\n' "$requeued COMPLETED" "$killed FAILED" '3 COMPLETED' | sort | tr '\n' ' ')"
check 'so nothing is merged' test ! -e sweep/store.db -a ! -e "sweep/shard-$killed-of-3.db"
scancel "$merge"
again=$(sbatch --parsable --array=1-3 "$scripts/sweep.sbatch" "${sweep[@]}")
merge=$(sbatch --parsable --dependency="afterok:$again" "$scripts/merge.sbatch")
await over "$merge"
is 'the same lines again' "$(states "$again" | tr '\n' ' ')" '1 COMPLETED 2 COMPLETED 3 COMPLETED '
is 'do what was missing, and nothing that was finished' \
    "$(grep -lx 'share . of 3 is finished already' slurm-"$again"_*.out | wc -l) $(grep -cxFf before starts)" "2 $(wc -l <before)"
check 'some of it was finished when they were killed' test -s before
check 'what comes of it is the plain sweep' diff plain.contents <(contents sweep/store.db view)
is 'nothing contradicts itself' "$(sqlite3 -readonly sweep/store.db <"$TOP/dataset/checks.sql")" ''
is 'and nothing is left over' "$(find sweep -mindepth 1 -name '.*')" ''

# ---- a plan -----------------------------------------------------------------

cat >tiny.ini <<'PLAN'
[plan]
name = tiny
protocols = udp
seeds = 1..2
held-out = 7
[simulate]
set = duration=1; levels=AGT,RTR
[pairs]
limit = 60
[train]
iterations = 60
hidden = 8
PLAN
RESULTS=$PWD/results
array=$(sbatch --parsable --array=1-2 "$scripts/plan.sbatch" "$PWD/tiny.ini")
whole=$(sbatch --parsable --dependency="afterok:$array" "$scripts/plan.sbatch" "$PWD/tiny.ini")
check 'the plan as a whole' "$ADLIOTLOG" reproduce --out plain tiny.ini
await over "$whole"
is 'the plan on Slurm ends' $? 0
for file in table1 table2 set_a claims; do
    check "$file is the same" diff plain/$file.csv results/$file.csv
done
unlike 'nothing was trained or tested twice' "slurm-$whole.out" '^adliotlog (ingest|pairs|train|evaluate) '
exits 2 'another plan in that folder' bash "$scripts/plan.sbatch" --quick "$PWD/tiny.ini"
like 'is refused' err 'holds 2 shares of: adliotlog reproduce .*RESULTS names a folder'

finish
