# blackhole and grayhole: a branch between a node's link layer and the node takes out what is
# others' and data, and drops it, or a share of it. Before the MAC it would be no blackhole: without
# acknowledgements AODV finds another way.
#
# Forged replies come from a second AODV, the ghost, whose address is that of the node that others
# look for. It hears the requests that the attacker hears and replies as that node would; the
# attacker's own AODV forwards the reply and so becomes the next hop. A sequence number of its own
# would soon be outdated: it is raised by having the ghost ask for nodes that do not exist, which
# nobody hears. Now and then others are let hear it, if requests are forged: who hears a request
# learns the way to who asks.

namespace eval ::scn::attack::holes {
    # Requests a second that raise the ghost's sequence number, by two each; s between them in
    # bursts.
    variable pump 20
    variable pumpInterval 0.5
    # One burst in so many ends with a request that is heard: routes from requests live for 6 s.
    variable burstsPerRequest 4
}

proc ::scn::attack::holes::build {context attack} {
    foreach hole [dict get $attack build] {
        set node [dict get $context nodes [dict get $hole node]]
        set link [$node set ll_(0)]
        set outside [$link up-target]
        set inside [build_dropper $context $hole $outside]
        if {[llength [dict get $hole forged]]} {
            set inside [build_ghosts $context $attack $hole $outside $inside]
        }
        $link up-target [::scn::emit::attacks::gate $context $attack $outside $inside]
    }
}

# Results: what drops; it passes to `onward` what it does not drop
proc ::scn::attack::holes::build_dropper {context hole onward} {
    set id [dict get $hole node]
    set ns [dict get $context ns]
    set dropper [new ErrorModel]
    $dropper unit pkt
    $dropper set rate_ [dict get $hole share]
    $dropper ranvar [::scn::emit::attacks::uniform [dict get $hole seed]]
    $dropper target $onward
    if {[::scn::emit::radio::traces $context RTR]} {
        $dropper drop-target [::scn::emit::radio::tracer $context $id Drop RTR]
    } else {
        $dropper drop-target [$ns nullagent]
    }
    set head $onward
    foreach fid [dict get $hole fids] {
        set head [::scn::emit::filter [::scn::emit::attacks::ip_offset fid] $fid $dropper $head]
    }
    # Not what is for itself, nor routing, which has flow identifiers too.
    foreach {offset value} [list \
        [PktHdr_offset PacketHeader/Common ptype_] 38 \
        [::scn::emit::attacks::ip_offset dst] -1 \
        [::scn::emit::attacks::ip_offset dst] \
        [::scn::plan::address [dict get $context plan] $id]] {
        set head [::scn::emit::filter $offset $value $onward $head]
    }
    return $head
}

# Results: what hands requests to the attacker and to its ghosts, and all else to `onward`
proc ::scn::attack::holes::build_ghosts {context attack hole outside onward} {
    set id [dict get $hole node]
    set ghosts [lmap node [dict get $hole forged] {build_ghost $context $attack $id $node}]
    # The attacker hears first: it must know the way to who asks when the reply is forwarded.
    set requests [::scn::emit::attacks::replicator $outside {*}$ghosts]
    return [::scn::emit::filter [PktHdr_offset PacketHeader/Common ptype_] 38 \
        [::scn::emit::filter [::scn::emit::attacks::ip_offset dst] -1 $requests $outside] $onward]
}

# Results: the ghost of a node at the attacker
proc ::scn::attack::holes::build_ghost {context attack id victim} {
    set ns [dict get $context ns]
    set null [$ns nullagent]
    set attacker [dict get $context nodes $id]
    set address [[dict get $context nodes $victim] node-addr]
    set ghost [new Agent/AODV $address]
    $ghost set agent_addr_ $address
    $ghost set agent_port_ 255
    $ghost if-queue [$attacker set ifq_(0)]
    $ghost port-dmux [new Classifier/Port]
    $ghost drop-target $null
    # At level AGT: for its router, what is forged comes from above.
    set forged [::scn::emit::attacks::log $context $id Send AGT [$attacker set ragent_]]
    set sieve [::scn::emit::filter [::scn::emit::attacks::ip_offset dst] -1 $null $forged]
    $ghost target $sieve
    set agent [new Agent/UDP]
    $agent set agent_addr_ $address
    $agent set agent_port_ 0
    $agent target $ghost
    $ns at [dict get $attack start] [list $ghost start]
    set ask {}
    if {[dict get $attack parameters [dict get $attack attack]_forge] eq "requests"} {
        set ask [list ::scn::attack::holes::ask $ns $sieve $forged $agent]
    }
    $ns at [dict get $attack start] [list ::scn::attack::holes::raise $context $attack $agent $ask \
        [llength [dict get $context plan nodes]] 0]
    return $ghost
}

# One burst, and the next.
# Arguments: ask     command for a request that is heard, or nothing
#            nobody  first number that is no node's and has not been sought
#            burst   number of bursts before
proc ::scn::attack::holes::raise {context attack agent ask nobody burst} {
    variable pump
    variable pumpInterval
    variable burstsPerRequest
    set ns [dict get $context ns]
    for {set i 0} {$i < $pump} {incr i} {
        seek $agent $nobody
        incr nobody
    }
    if {[llength $ask] && $burst % $burstsPerRequest == 0} {
        # Once the burst is over: requests are scheduled, not sent at once.
        $ns at [expr {[$ns now] + 0.001}] [list {*}$ask $nobody]
        incr nobody
    }
    set next [expr {[$ns now] + $pumpInterval}]
    if {$next < [dict get $attack stop]} {
        $ns at $next [list ::scn::attack::holes::raise $context $attack $agent $ask $nobody \
            [incr burst]]
    }
}

proc ::scn::attack::holes::seek {agent nobody} {
    $agent set dst_addr_ $nobody
    $agent set dst_port_ 0
    $agent send 1
}

# A request that is heard.
proc ::scn::attack::holes::ask {ns sieve forged agent nobody} {
    $sieve filter-target $forged
    seek $agent $nobody
    $ns at [expr {[$ns now] + 0.001}] [list $sieve filter-target [$ns nullagent]]
}
