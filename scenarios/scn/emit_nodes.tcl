# Nodes with their radios and routing.

namespace eval ::scn::emit::nodes {}

# Results: dict from node number to ns node
proc ::scn::emit::nodes::build {context} {
    set plan [dict get $context plan]
    set ns [dict get $context ns]
    configure $context
    set nodes {}
    foreach node [dict get $plan nodes] {
        set object [$ns node]
        $object random-motion 0
        $object set X_ [expr {double([dict get $node x])}]
        $object set Y_ [expr {double([dict get $node y])}]
        $object set Z_ 0.0
        ::scn::emit::expect "node" [$object id] [dict get $node node]
        dict set nodes [dict get $node node] $object
        if {[$ns get-nam-traceall] ne ""} {
            $ns initial_node_pos $object 30
        }
    }
    foreach interface [dict get $plan interfaces] {
        if {![dict get $interface hidden]} {
            set object [dict get $nodes [dict get $interface node]]
            ::scn::emit::expect "MAC number" [[$object getMac 0] id] [dict get $interface mac]
        }
    }
    return $nodes
}

proc ::scn::emit::nodes::configure {context} {
    set plan [dict get $context plan]
    set levels [::scn::plan::value $plan levels]
    Mac/802_11 set dataRate_ [::scn::plan::value $plan data_rate]
    set topography [new Topography]
    $topography load_flatgrid {*}[dict get $plan area]
    create-god [llength [dict get $plan nodes]]
    [dict get $context ns] node-config -adhocRouting [dict get $plan routing] -llType LL \
        -macType Mac/802_11 -ifqType Queue/DropTail/PriQueue -ifqLen 50 \
        -antType Antenna/OmniAntenna -propType Propagation/TwoRayGround -phyType Phy/WirelessPhy \
        -channel [new Channel/WirelessChannel] -topoInstance $topography \
        -agentTrace [on_off AGT $levels] -routerTrace [on_off RTR $levels] \
        -macTrace [on_off MAC $levels] -movementTrace OFF
}

proc ::scn::emit::nodes::on_off {level levels} {
    return [expr {$level in $levels ? "ON" : "OFF"}]
}
