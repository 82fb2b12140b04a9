# Plans: what a scenario and its parameters come to, as one dict, before any simulator is there. The
# ground truth of a run (who attacks, whom a node should upload to) is made here and nowhere else.
#
# A scenario is a dict: name; area {width height} in metres; nodes 0, 1, ..., each
# {node x y gateway}; uploads, each {device server}, flows 0, 1, ...; collusion {device accomplice}:
# under attack the device sends its first upload to the accomplice instead, over a hidden channel.
# Nothing else is sent between these two.

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
#   hidden_channel  dict {active members flow replaces start}: the number of the hidden flow, of the
#                   flow that it replaces, and when, "" unless active
#   interfaces      dicts {mac node hidden}
#   ns_seed         for ns's own generator (MAC backoff, AODV jitter)
# Errors:    SCN USAGE when the scenario contradicts itself
proc ::scn::plan::make {scenario parameters} {
    check $scenario
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

# All flows, the hidden one last. It is the device's first upload with another receiver: it has the
# port that this upload is sent from, and its sink is attached right behind that of the upload, not
# last: so in the paper's scenario no port number occurs under attack that does not occur without.
proc ::scn::plan::flows {scenario parameters} {
    set stream [::scn::random::stream [dict get $parameters seed] traffic]
    set duration [dict get $parameters duration]
    set replaced [replaced_flow $scenario]
    lassign [dict get $scenario collusion] device accomplice
    set flows {}
    set ports {}
    foreach upload [dict get $scenario uploads] {
        lassign $upload src dst
        # A whole number of microseconds in [0, 0.1) s, exact in six decimals.
        set start [expr {[::scn::random::below stream 100000] / 1e6}]
        lappend flows [flow [llength $flows] $parameters $src [next_port ports $src] \
            $dst [next_port ports $dst] $dst $start $duration]
        if {[llength $flows] == $replaced + 1} {
            set dport [next_port ports $accomplice]
        }
    }
    set honest [lindex $flows $replaced]
    set start [tcl::mathfunc::max [dict get $parameters attack_start] [dict get $honest start]]
    if {[dict get $parameters attack] eq "hidden-channel"} {
        lset flows $replaced [dict replace $honest stop $start]
    } else {
        set start $duration
    }
    lappend flows [flow [llength $flows] $parameters $device [dict get $honest sport] \
        $accomplice $dport [dict get $honest dst] $start $duration]
    return $flows
}

# The flow that the hidden one takes the place of: the device's first upload.
proc ::scn::plan::replaced_flow {scenario} {
    set device [lindex [dict get $scenario collusion] 0]
    return [lsearch -exact -index 0 [dict get $scenario uploads] $device]
}

# Agents get their ports in the order in which they are attached: portsVar holds how many each node
# has.
proc ::scn::plan::next_port {portsVar node} {
    upvar 1 $portsVar ports
    dict incr ports $node
    return [expr {[dict get $ports $node] - 1}]
}

proc ::scn::plan::flow {number parameters src sport dst dport intended start stop} {
    return [dict create flow $number proto [dict get $parameters traffic] src $src sport $sport \
        dst $dst dport $dport intended_dst $intended attack [expr {$dst != $intended}] \
        start $start stop $stop]
}

proc ::scn::plan::hidden_channel {scenario parameters flows} {
    set active [expr {[dict get $parameters attack] eq "hidden-channel"}]
    return [dict create active $active members [dict get $scenario collusion] \
        flow [dict get [lindex $flows end] flow] replaces [replaced_flow $scenario] \
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
# must not be 0, which would mean the time of day, nor 2^31 - 1, on which ns exits.
proc ::scn::plan::ns_seed {seed} {
    set stream [::scn::random::stream $seed mac]
    return [expr {1 + [::scn::random::below stream 2147483646]}]
}

# ---- what a scenario must be ----

# Errors: SCN USAGE when the scenario is not as described at the top
proc ::scn::plan::check {scenario} {
    foreach key {name area nodes uploads collusion} {
        require {[dict exists $scenario $key]} "the scenario has no '$key'"
    }
    check_nodes [dict get $scenario nodes] [dict get $scenario area]
    set last [expr {[llength [dict get $scenario nodes]] - 1}]
    foreach upload [dict get $scenario uploads] {
        check_pair $upload $last "upload"
    }
    set pair [dict get $scenario collusion]
    check_pair $pair $last "collusion"
    lassign $pair device accomplice
    require {[replaced_flow $scenario] >= 0} \
        "collusion {$pair}: $device has no upload that could go to $accomplice instead"
    # What one sends to the other goes over the hidden channel, attack or not.
    foreach upload [list $pair [lreverse $pair]] {
        require {$upload ni [dict get $scenario uploads]} \
            "collusion {$pair}: the pair has an upload of its own, {$upload}"
    }
}

proc ::scn::plan::check_nodes {nodes area} {
    lassign $area width height
    require {[llength $area] == 2 && [are_numbers $area] && $width > 0 && $height > 0} \
        "area {$area} is not {WIDTH HEIGHT}"
    set expected 0
    foreach node $nodes {
        lassign $node id x y gateway
        require {[llength $node] == 4 && [are_numbers [list $x $y]]} \
            "node {$node} is not {NODE X Y GATEWAY}"
        require {$id eq $expected} "node {$node} should have the number $expected"
        require {$x >= 0 && $x <= $width && $y >= 0 && $y <= $height} \
            "node $id is not within the area {$area}"
        require {[is_node $gateway [expr {[llength $nodes] - 1}]]} \
            "node $id: its gateway '$gateway' is no node"
        incr expected
    }
}

# Two different nodes, the last node having that number.
proc ::scn::plan::check_pair {pair last what} {
    require {[llength $pair] == 2} "$what {$pair} is not {NODE NODE}"
    lassign $pair from to
    foreach node $pair {
        require {[is_node $node $last]} "$what {$pair}: '$node' is no node"
    }
    require {$from != $to} "$what {$pair}: a node and itself"
}

proc ::scn::plan::is_node {node last} {
    return [expr {[regexp {^(0|[1-9][0-9]{0,8})$} $node] && $node <= $last}]
}

proc ::scn::plan::are_numbers {values} {
    foreach value $values {
        if {![string is double -strict $value] || $value != $value} {
            return 0
        }
    }
    return 1
}

# Refuses with the message unless the condition holds where it is written.
proc ::scn::plan::require {condition message} {
    if {![uplevel 1 [list expr $condition]]} {
        ::scn::options::refuse $message
    }
}
