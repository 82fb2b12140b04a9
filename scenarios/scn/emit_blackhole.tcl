# blackhole and grayhole: a branch between a node's link layer and the node takes out what is others' and
# data, and drops it, or a share of it. Before the MAC it would be no blackhole: without acknowledgements
# AODV finds another way.
#
# Forged replies come from a second AODV, the ghost, whose address is that of the node that others look
# for. It hears the requests that the attacker hears and replies as that node would; the attacker's own
# AODV forwards the reply and so becomes the next hop. A sequence number of its own would soon be
# outdated: it is raised by having the ghost ask for nodes that do not exist, which nobody hears.

namespace eval ::scn::attack::holes {
    # Requests a second that raise the ghost's sequence number, by two each; s between them in bursts.
    variable pump 20
    variable pumpInterval 0.5
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
        [::scn::emit::attacks::ip_offset dst] [[dict get $context nodes $id] node-addr]] {
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
    # At level AGT: for its router, a forged reply comes from above.
    $ghost target [::scn::emit::filter [::scn::emit::attacks::ip_offset dst] -1 $null \
        [::scn::emit::attacks::log $context $id Send AGT [$attacker set ragent_]]]
    set agent [new Agent/UDP]
    $agent set agent_addr_ $address
    $agent set agent_port_ 0
    $agent target $ghost
    $ns at [dict get $attack start] [list $ghost start]
    $ns at [dict get $attack start] [list ::scn::attack::holes::raise $context $attack $agent \
        [llength [dict get $context plan nodes]]]
    return $ghost
}

proc ::scn::attack::holes::raise {context attack agent nobody} {
    variable pump
    variable pumpInterval
    set ns [dict get $context ns]
    for {set i 0} {$i < $pump} {incr i} {
        $agent set dst_addr_ [expr {$nobody + $i}]
        $agent set dst_port_ 0
        $agent send 1
    }
    set next [expr {[$ns now] + $pumpInterval}]
    if {$next < [dict get $attack stop]} {
        $ns at $next [list ::scn::attack::holes::raise $context $attack $agent \
            [expr {$nobody + $pump}]]
    }
}
