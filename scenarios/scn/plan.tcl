# Plans: what a scenario and its parameters come to, as one dict, before any simulator is there. The
# ground truth of a run (who attacks, whom a node should upload to) is made here and nowhere else.
#
# A scenario is a dict: name; area {width height} in metres; nodes, each {node x y gateway};
# uploads, each {device server}, flows 0, 1, ...; collusion {device accomplice}: under attack the
# device sends its first upload to the accomplice instead, over a hidden channel.

namespace eval ::scn::plan {}

# Arguments: scenario    dict as above
#            parameters  dict from ::scn::options::parse
# Results:   dict with
#   scenario parameters area
#   nodes           dicts {node x y gateway role}
#   flows           those that can send, dicts {flow proto src sport dst dport intended_dst attack
#                   start stop}; times in s, sending from start until before stop
#   silent          flows of the same form that are built, so that twins have equal objects, and
#                   never send
#   hidden_channel  dict {active members replaces start}; start is "" unless active
#   interfaces      dicts {mac node hidden}
#   ns_seed         for ns's own generator (MAC backoff, AODV jitter)
proc ::scn::plan::make {scenario parameters} {
    set flows [flows $scenario $parameters]
    set hidden [hidden_channel $scenario $parameters $flows]
    return [dict create \
        scenario [dict get $scenario name] \
        parameters $parameters \
        area [dict get $scenario area] \
        nodes [nodes $scenario] \
        flows [lmap flow $flows {expr {[sends $flow] ? $flow : [continue]}}] \
        silent [lmap flow $flows {expr {[sends $flow] ? [continue] : $flow}}] \
        hidden_channel $hidden \
        interfaces [interfaces $scenario] \
        ns_seed [ns_seed [dict get $parameters seed]]]
}

proc ::scn::plan::sends {flow} {
    return [expr {[dict get $flow start] < [dict get $flow stop]}]
}

# A role is what a node does in the scenario, attack or not: the label must not be readable from it.
proc ::scn::plan::nodes {scenario} {
    set senders [lmap upload [dict get $scenario uploads] {lindex $upload 0}]
    set servers [lmap upload [dict get $scenario uploads] {lindex $upload 1}]
    set gateways [lmap node [dict get $scenario nodes] {lindex $node 3}]
    return [lmap node [dict get $scenario nodes] {
        lassign $node id x y gateway
        if {$id in $gateways} {
            set role gateway
        } elseif {$id in $senders} {
            set role device
        } elseif {$id in $servers} {
            set role server
        } else {
            set role relay
        }
        dict create node $id x $x y $y gateway $gateway role $role
    }]
}

# All flows, the hidden one last, so that building it renumbers no port of the others.
proc ::scn::plan::flows {scenario parameters} {
    set stream [::scn::random::stream [dict get $parameters seed] traffic]
    set duration [dict get $parameters duration]
    set flows {}
    set ports {}
    foreach upload [dict get $scenario uploads] {
        lassign $upload src dst
        # A whole number of microseconds in [0, 0.1) s, exact in six decimals.
        set start [expr {[::scn::random::below stream 100000] / 1e6}]
        lappend flows [flow [llength $flows] $parameters ports $src $dst $dst $start $duration]
    }
    lassign [dict get $scenario collusion] device accomplice
    set replaced [replaced_flow $scenario]
    set honest [lindex $flows $replaced]
    set start [tcl::mathfunc::max [dict get $parameters attack_start] [dict get $honest start]]
    if {[dict get $parameters attack] eq "hidden-channel"} {
        lset flows $replaced [dict replace $honest stop $start]
    } else {
        set start $duration
    }
    lappend flows [flow [llength $flows] $parameters ports $device $accomplice \
        [dict get $honest dst] $start $duration]
    return $flows
}

# The flow that the hidden one takes the place of: the device's first upload.
proc ::scn::plan::replaced_flow {scenario} {
    set device [lindex [dict get $scenario collusion] 0]
    return [lsearch -exact -index 0 [dict get $scenario uploads] $device]
}

# One flow. Agents get their ports in the order in which they are attached: portsVar holds the next
# free one of each node.
proc ::scn::plan::flow {number parameters portsVar src dst intended start stop} {
    upvar 1 $portsVar ports
    foreach {node name} [list $src sport $dst dport] {
        dict incr ports $node
        set $name [expr {[dict get $ports $node] - 1}]
    }
    return [dict create flow $number proto [dict get $parameters traffic] src $src sport $sport \
        dst $dst dport $dport intended_dst $intended attack [expr {$dst != $intended}] \
        start $start stop $stop]
}

proc ::scn::plan::hidden_channel {scenario parameters flows} {
    set active [expr {[dict get $parameters attack] eq "hidden-channel"}]
    return [dict create active $active members [dict get $scenario collusion] \
        replaces [replaced_flow $scenario] \
        start [expr {$active ? [dict get [lindex $flows end] start] : ""}]]
}

# MAC numbers are given in the order in which interfaces are made: the nodes', then the hidden ones.
proc ::scn::plan::interfaces {scenario} {
    set interfaces {}
    foreach node [dict get $scenario nodes] {
        lappend interfaces [dict create mac [llength $interfaces] node [lindex $node 0] hidden 0]
    }
    foreach node [dict get $scenario collusion] {
        lappend interfaces [dict create mac [llength $interfaces] node $node hidden 1]
    }
    return $interfaces
}

# ns's generator starts small, near seeds nearly alike; a mixed 31-bit number keeps runs apart. It
# must not be 0, which would mean the time of day.
proc ::scn::plan::ns_seed {seed} {
    set stream [::scn::random::stream $seed mac]
    return [expr {1 + [::scn::random::below stream 2147483647]}]
}
