# The hidden high-power channel: on each member a second radio with everything that a node's own has
# above it (MAC, queue, link layer, ARP, AODV), on a channel that no other node shares. Its packets
# are routed, counted, sized and traced like all others; only MAC numbers tell them apart.

namespace eval ::scn::hidden {
    # Reaches 15's radio from 14's, 632 m away; the default of 0.28 W ends at 250 m.
    variable power 200.0
    variable queueLength 50
    # Number of the packet type AODV in the common header of ns-2.35.
    variable aodvType 38
    variable aodvPort 255
}

# Builds the stack on every member, and on each a route through it to the others. The stacks are
# silent until a flow uses them.
# Arguments: ns     Simulator
#            plan   dict from ::scn::plan::make
#            nodes  dict from node number to ns node
#            trace  channel for what the stacks trace
proc ::scn::hidden::build {ns plan nodes trace} {
    # A Channel/WirelessChannel would enter the nodes into a second list of wireless neighbours,
    # which they have no room for. The default delay of a plain one makes every CTS come too late.
    set channel [new Channel]
    $channel set delay_ 0.000001
    set members [dict get $plan hidden_channel members]
    foreach interface [dict get $plan interfaces] {
        if {![dict get $interface hidden]} continue
        set id [dict get $interface node]
        set node [dict get $nodes $id]
        set radio [build_radio $ns $plan $node $channel $trace]
        ::scn::emit::expect "hidden MAC number" [[dict get $radio mac] id] \
            [dict get $interface mac]
        set router [build_router $ns $plan $node $radio $trace]
        foreach peer $members {
            if {$peer != $id} {
                [$node entry] install $peer $router
            }
        }
    }
}

# A trace object like those of the node's own stack, writing to the channel `trace`.
proc ::scn::hidden::tracer {ns node trace kind level} {
    set tracer [$node mobility-trace $kind $level]
    $tracer attach $trace
    if {[$ns get-nam-traceall] ne ""} {
        $tracer namattach [$ns get-nam-traceall]
    }
    return $tracer
}

# Interface, MAC, queue and link layer, wired up as Node/MobileNode's add-interface does it.
# Results: dict {mac queue link}
proc ::scn::hidden::build_radio {ns plan node channel trace} {
    variable power
    variable queueLength
    set interface [new Phy/WirelessPhy]
    set mac [new Mac/802_11]
    set queue [new Queue/DropTail/PriQueue]
    set link [new LL]
    # Not the node's ARP table: it answers with the MAC number of the node's own radio.
    set arp [new ARPTable $node $mac]
    $arp drop-target [tracer $ns $node $trace Drop IFQ]
    $link arptable $arp
    $link mac $mac
    $link down-target $queue
    $queue target $mac
    $queue set limit_ $queueLength
    $queue drop-target [tracer $ns $node $trace Drop IFQ]
    $mac netif $interface
    $mac up-target $link
    $mac down-target $interface
    # The MAC finds duplicates in a table by MAC number: as many as there are interfaces.
    $mac nodes [llength [dict get $plan interfaces]]
    $interface channel $channel
    $interface up-target $mac
    $interface propagation [$ns set propInstance_]
    $interface node $node
    $interface antenna [new Antenna/OmniAntenna]
    $interface set Pt_ $power
    $interface drop-target [$ns nullagent]
    $channel addif $interface
    trace_mac $ns $plan $node $mac $trace
    return [dict create mac $mac queue $queue link $link]
}

proc ::scn::hidden::trace_mac {ns plan node mac trace} {
    if {"MAC" ni [dict get $plan parameters levels]} {
        $mac log-target [$ns nullagent]
        $mac drop-target [$ns nullagent]
        return
    }
    $mac log-target [tracer $ns $node $trace Recv MAC]
    $mac drop-target [tracer $ns $node $trace Drop MAC]
    foreach {kind side} {Send down-target Recv up-target} {
        set tracer [tracer $ns $node $trace $kind MAC]
        $tracer target [$mac $side]
        $mac $side $tracer
    }
}

# A second AODV on the radio. What it receives from above and below goes to it alone.
# Results: where the node's packets for the hidden channel go in
proc ::scn::hidden::build_router {ns plan node radio trace} {
    variable aodvType
    variable aodvPort
    set link [dict get $radio link]
    set router [new Agent/AODV [$node node-addr]]
    $router set agent_addr_ [$node node-addr]
    $router set agent_port_ $aodvPort
    $router set sport_ $aodvPort
    $router if-queue [dict get $radio queue]
    $router port-dmux [$node demux]
    $router drop-target [tracer $ns $node $trace Drop RTR]
    $router target $link
    set entry $router
    if {"RTR" in [dict get $plan parameters levels]} {
        set sent [tracer $ns $node $trace Send RTR]
        $sent target $link
        $router target $sent
        set entry [tracer $ns $node $trace Recv RTR]
        $entry target $router
    }
    set filter [new Filter/Field]
    $filter set offset_ [PktHdr_offset PacketHeader/Common ptype_]
    $filter set match_ $aodvType
    $filter filter-target $entry
    $filter target [$node entry]
    $filter drop-target [$ns nullagent]
    $link up-target $filter
    $ns at 0.0 [list $router start]
    return $entry
}
