# Radios beside a node's own: for the hidden channel, for tunnels and for jamming. Each has a MAC
# and what a node's own has above it, traced like it; only MAC numbers tell them apart. What they
# trace goes to the context's channel `covert`.

namespace eval ::scn::emit::radio {
    variable queueLength 50
    # Number of the packet type AODV in the common header of ns-2.35.
    variable aodvType 38
    variable aodvPort 255
}

# A channel that only radios made here are on.
proc ::scn::emit::radio::channel {} {
    # A Channel/WirelessChannel would enter the nodes into a second list of wireless neighbours,
    # which they have no room for. The default delay of a plain one makes every CTS come too late.
    set channel [new Channel]
    $channel set delay_ 0.000001
    return $channel
}

# A trace object like those of the node's own stack.
# Arguments: kind   Send, Recv, Drop or Forward
#            level  AGT, RTR, MAC or IFQ
proc ::scn::emit::radio::tracer {context id kind level} {
    set ns [dict get $context ns]
    set tracer [[dict get $context nodes $id] mobility-trace $kind $level]
    $tracer attach [dict get $context covert]
    if {[$ns get-nam-traceall] ne ""} {
        $tracer namattach [$ns get-nam-traceall]
    }
    return $tracer
}

# Interface, MAC, queue and link layer, wired up as Node/MobileNode's add-interface does it. What
# comes up goes to the node.
# Arguments: id       node
#            number   MAC number in the plan
#            channel  that it is on
#            power    W
# Results: dict {mac interface queue link}
proc ::scn::emit::radio::build {context id number channel power} {
    variable queueLength
    set ns [dict get $context ns]
    set node [dict get $context nodes $id]
    set interface [new Phy/WirelessPhy]
    set mac [new Mac/802_11]
    ::scn::emit::expect "hidden MAC number" [$mac id] $number
    set queue [new Queue/DropTail/PriQueue]
    set link [new LL]
    # Not the node's ARP table: it answers with the MAC number of the node's own radio.
    set arp [new ARPTable $node $mac]
    $arp drop-target [tracer $context $id Drop IFQ]
    $link arptable $arp
    $link mac $mac
    $link down-target $queue
    $link up-target [$node entry]
    $queue target $mac
    $queue set limit_ $queueLength
    $queue drop-target [tracer $context $id Drop IFQ]
    $mac netif $interface
    $mac up-target $link
    $mac down-target $interface
    # The MAC finds duplicates in a table by MAC number: as many as there are interfaces.
    $mac nodes [llength [dict get $context plan interfaces]]
    $interface channel $channel
    $interface up-target $mac
    $interface propagation [$ns set propInstance_]
    $interface node $node
    $interface antenna [new Antenna/OmniAntenna]
    $interface set Pt_ $power
    $interface drop-target [$ns nullagent]
    $channel addif $interface
    trace_mac $context $id $mac
    return [dict create mac $mac interface $interface queue $queue link $link]
}

proc ::scn::emit::radio::traces {context level} {
    return [expr {$level in [::scn::plan::value [dict get $context plan] levels]}]
}

proc ::scn::emit::radio::trace_mac {context id mac} {
    if {![traces $context MAC]} {
        set null [[dict get $context ns] nullagent]
        $mac log-target $null
        $mac drop-target $null
        return
    }
    $mac log-target [tracer $context $id Recv MAC]
    $mac drop-target [tracer $context $id Drop MAC]
    foreach {kind side} {Send down-target Recv up-target} {
        set tracer [tracer $context $id $kind MAC]
        $tracer target [$mac $side]
        $mac $side $tracer
    }
}

# A second AODV on the radio. What it receives from above and below goes to it alone.
# Results: where the node's packets for the hidden channel go in
proc ::scn::emit::radio::build_router {context id radio} {
    variable aodvType
    variable aodvPort
    set ns [dict get $context ns]
    set node [dict get $context nodes $id]
    set link [dict get $radio link]
    set router [new Agent/AODV [$node node-addr]]
    $router set agent_addr_ [$node node-addr]
    $router set agent_port_ $aodvPort
    $router set sport_ $aodvPort
    $router if-queue [dict get $radio queue]
    $router port-dmux [$node demux]
    $router drop-target [tracer $context $id Drop RTR]
    $router target $link
    set entry $router
    if {[traces $context RTR]} {
        set sent [tracer $context $id Send RTR]
        $sent target $link
        $router target $sent
        set entry [tracer $context $id Recv RTR]
        $entry target $router
    }
    $link up-target [::scn::emit::filter [PktHdr_offset PacketHeader/Common ptype_] $aodvType \
        $entry [$node entry]]
    $ns at 0.0 [list $router start]
    return $entry
}
