# hidden-channel: a second radio with everything that a node's own has above it (MAC, queue, link
# layer, and routing as the run's nodes have it) on each of a pair, on a channel that no other node
# shares. Its packets are routed, counted, sized and traced like all others.

# Each pair has a channel. From the attack's start on, what one of them sends to the other goes over
# it.
proc ::scn::attack::hidden_channel::build {context attack} {
    foreach pair [dict get $attack build] {
        set channel [::scn::emit::radio::channel]
        foreach id [dict get $pair members] peer [lreverse [dict get $pair members]] \
            mac [dict get $pair macs] peerMac [lreverse [dict get $pair macs]] {
            set radio [::scn::emit::radio::build $context $id $mac $channel [dict get $pair power]]
            switch [dict get $context plan routing] {
                AODV   {set entry [::scn::emit::radio::build_router $context $id $radio]}
                DSR    {set entry [build_dsr $context $id $radio]}
                DSDV   {set entry [build_dsdv $context $id $peer $radio]}
                static {set entry [build_hop $context $id $radio $peerMac]}
            }
            [dict get $context ns] at [dict get $attack start] \
                [list ::scn::attack::hidden_channel::open $context $id $peer $entry]
        }
    }
}

# With static routes, a hop like those of honest nodes.
proc ::scn::attack::hidden_channel::build_hop {context id radio peerMac} {
    set tracer ""
    if {[::scn::emit::radio::traces $context RTR]} {
        set tracer [::scn::emit::radio::tracer $context $id Send RTR]
    }
    return [::scn::emit::routes::hop [dict get $context nodes $id] [dict get $radio mac] \
        [dict get $radio queue] $peerMac $tracer]
}

# With DSDV, a second one that has a route to the peer from the beginning, and whose updates nobody
# gets: routing packets would be more of one kind than there are without the attack, and those that
# a node has sent itself do not tell over which radio.
proc ::scn::attack::hidden_channel::build_dsdv {context id peer radio} {
    set node [dict get $context nodes $id]
    set router [new Agent/DSDV]
    $router node $node
    $router port-dmux [$node demux]
    $router drop-target [::scn::emit::radio::tracer $context $id Drop RTR]
    # At random would be from the generator that all share, and an update takes a packet number.
    $router set be_random_ 0
    $router set perup_ 1e6
    set sent [::scn::emit::attacks::log $context $id Send RTR [dict get $radio link]]
    $router target [::scn::emit::filter [::scn::emit::attacks::ip_offset dst] -1 \
        [[dict get $context ns] nullagent] $sent]
    # The only route that DSDV has when it starts, and has for ever, is to itself: it starts as the
    # peer.
    return [start_late $context [join [list \
        [list $router addr [[dict get $context nodes $peer] node-addr]] \
        [list $router start-dsdv] \
        [list $router addr [$node node-addr]]] \n] \
        [::scn::emit::attacks::log $context $id Recv RTR $router]]
}

# With DSR, a second one, on the radio alone.
proc ::scn::attack::hidden_channel::build_dsr {context id radio} {
    set node [dict get $context nodes $id]
    set router [new Agent/DSRAgent]
    $router addr [$node node-addr]
    $router node $node
    $router mac-addr [[dict get $radio mac] id]
    $router drop-target [::scn::emit::radio::tracer $context $id Drop RTR]
    set log [new Trace/Generic]
    $log target [[dict get $context ns] nullagent]
    $log attach [dict get $context covert]
    $log set src_ $id
    $router log-target $log
    $router target [$node demux]
    $router add-ll [::scn::emit::attacks::log $context $id Send RTR [dict get $radio link]] \
        [dict get $radio queue]
    $router install-tap [dict get $radio mac]
    set entry [::scn::emit::attacks::log $context $id Recv RTR $router]
    [dict get $radio link] up-target $entry
    return [start_late $context [list $router startdsr] $entry]
}

# A router may take a packet number or a random number when it starts, which the benign twin has for
# another: it is started by the first packet, not before.
# Results: where packets for the entry go in
proc ::scn::attack::hidden_channel::start_late {context start entry} {
    # What has no slot is asked for once, and the copy that asks is forgotten.
    set starter [new Classifier/Addr]
    $starter set mask_ 0
    $starter proc no-slot slot [join [list $start \
        [list $starter install 0 [[dict get $context ns] nullagent]]] \n]
    return [::scn::emit::attacks::replicator $starter $entry]
}

# From now on, what the node sends to its peer goes to the entry.
proc ::scn::attack::hidden_channel::open {context id peer entry} {
    set plan [dict get $context plan]
    set node [dict get $context nodes $id]
    if {[dict get $plan routing] eq "DSR"} {
        divert $node [::scn::plan::address $plan $peer] $entry
        return
    }
    if {![dict exists [lindex [dict get $plan nodes] $id] address]} {
        [$node entry] install $peer $entry
        return
    }
    set address [::scn::plan::address $plan $peer]
    set domain [expr {$address >> 22}]
    if {$domain == [::scn::plan::address $plan $id] >> 22} {
        $node add-route [::scn::cloud::dotted $address] $entry
        return
    }
    # A node has one entry for all of another domain: what is there for others is kept. The port
    # of routing leads where what has no entry goes.
    set domains [[$node entry] classifier 1]
    if {[catch {$domains slot $domain} others]} {
        set others [[$node demux] slot [Node set rtagent_port_]]
    }
    $node add-route $domain [::scn::emit::filter [::scn::emit::attacks::ip_offset dst] $address \
        $entry $others]
}

# A node of DSR has no entries for addresses: all that its agents send goes to its router.
proc ::scn::attack::hidden_channel::divert {node address entry} {
    foreach agent [$node set agents_] {
        set last $agent
        if {[$last target] ne [$node entry]} {
            set last [$last target]
        }
        $last target [::scn::emit::filter [::scn::emit::attacks::ip_offset dst] $address $entry \
            [$node entry]]
    }
}
