# A plan as a running simulation. Only the files emit*.tcl talk to ns.
#
# What they share is a context, a dict: ns, the Simulator; plan; nodes, from node number to ns node;
# trace, the channel of the trace; covert, the channel of what only attackers could log.

namespace eval ::scn::emit {}

# Builds everything in the plan, runs it and exits: 0 done, 4 an output file could not be written.
# Arguments: plan   dict from ::scn::plan::make
#            files  dict: --trace FILE; optional --nam FILE, and --hidden-trace FILE, which takes
#                   what attackers' own radios trace instead of the trace (for tests of labels)
proc ::scn::emit::simulate {plan files} {
    set outputs [dict map {switch file} $files {::scn::output::open $file}]
    ns-random [dict get $plan ns_seed]
    set ns [new Simulator]
    # What is drawn while building, and when `run` resets the TCP agents of wired nodes, is
    # forgotten before anything happens: the simulation depends on the plan alone, and twins are
    # equal until the attack begins, whatever was built for it. At 0 s this is the first event.
    $ns at 0.0 [list ns-random [dict get $plan ns_seed]]
    set trace [dict get $outputs --trace]
    set context [dict create ns $ns plan $plan trace $trace \
        covert [expr {[dict exists $outputs --hidden-trace]
            ? [dict get $outputs --hidden-trace] : $trace}]]
    if {[::scn::plan::value $plan format] eq "new"} {
        $ns use-newtrace
    }
    $ns trace-all $trace
    if {[dict exists $outputs --nam]} {
        $ns namtrace-all-wireless [dict get $outputs --nam] {*}[dict get $plan area]
    }
    # A frame of more bytes than this is announced by RTS and CTS; none has as many as 3000.
    Mac/802_11 set RTSThreshold_ [expr {[::scn::plan::value $plan rts] ? 0 : 3000}]
    dict set context nodes [::scn::emit::nodes::build $context]
    set traffic [::scn::emit::traffic::build $context]
    ::scn::emit::attacks::build $context
    ::scn::emit::traffic::schedule $context $traffic
    $ns at [::scn::plan::value $plan duration] [list ::scn::emit::finish $ns $outputs $files]
    $ns run
}

# The plan says what ns will do; where ns does not, the labels would be wrong.
proc ::scn::emit::expect {what got planned} {
    if {$got != $planned} {
        error "ns made $what $got where the plan has $planned"
    }
}

# Attaches an agent to a node at the planned port.
proc ::scn::emit::attach {context node agent port} {
    [dict get $context nodes $node] attach $agent $port
    expect "port" [$agent set agent_port_] $port
}

# A branch on a packet's header: packets whose field at the offset has the value go to `yes`, all
# others to `no`.
proc ::scn::emit::filter {offset value yes no} {
    set filter [new Filter/Field]
    $filter set offset_ $offset
    $filter set match_ $value
    $filter filter-target $yes
    $filter target $no
    $filter drop-target [[Simulator instance] nullagent]
    return $filter
}

proc ::scn::emit::finish {ns outputs files} {
    $ns flush-trace
    set status 0
    dict for {switch channel} $outputs {
        set file [dict get $files $switch]
        set failure [::scn::output::close $channel $file]
        if {$failure ne ""} {
            puts stderr "couldn't write \"$file\": $failure"
            set status 4
        }
    }
    exit $status
}
