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
# Results: where the node's packets for the hidden channel go in
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
    # The first packet starts it: no sooner is a packet number taken that the benign twin has.
    set starter [new Classifier/Addr]
    $starter set mask_ 0
    $starter proc no-slot slot [list ::scn::attack::hidden_channel::start_dsdv $context $starter \
        $router [$node node-addr] [[dict get $context nodes $peer] node-addr]]
    return [::scn::emit::attacks::replicator $starter \
        [::scn::emit::attacks::log $context $id Recv RTR $router]]
}

# The only route that DSDV has when it starts, and for ever, is to itself: it starts as the peer.
proc ::scn::attack::hidden_channel::start_dsdv {context starter router own peer} {
    $router addr $peer
    $router start-dsdv
    $router addr $own
    $starter install 0 [[dict get $context ns] nullagent]
}

# From now on, what the node sends to its peer goes to the entry.
proc ::scn::attack::hidden_channel::open {context id peer entry} {
    set plan [dict get $context plan]
    set node [dict get $context nodes $id]
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
