# Nodes with their radios and routing, and their movements.

namespace eval ::scn::emit::nodes {}

# Results: dict from node number to ns node
proc ::scn::emit::nodes::build {context} {
    set plan [dict get $context plan]
    set ns [dict get $context ns]
    if {[llength [dict get $plan links]]} {
        ::scn::emit::wired::address_nodes $context
    }
    configure $context
    set nodes {}
    foreach node [dict get $plan nodes] {
        dict set nodes [dict get $node node] [build_node $context $node]
    }
    dict set context nodes $nodes
    foreach interface [dict get $plan interfaces] {
        if {![dict get $interface hidden]} {
            set object [dict get $nodes [dict get $interface node]]
            ::scn::emit::expect "MAC number" [[$object getMac 0] id] [dict get $interface mac]
        }
    }
    ::scn::emit::wired::build_links $context
    ::scn::emit::routes::build $context
    schedule_movements $context
    return $nodes
}

# Results: ns node
proc ::scn::emit::nodes::build_node {context node} {
    set ns [dict get $context ns]
    if {[dict exists $node address]} {
        set object [::scn::emit::wired::build_node $context $node]
    } else {
        set object [$ns node]
    }
    ::scn::emit::expect "node" [$object id] [dict get $node node]
    if {[dict get $node gateway] eq ""} {
        return $object
    }
    $object random-motion 0
    $object set X_ [expr {double([dict get $node x])}]
    $object set Y_ [expr {double([dict get $node y])}]
    $object set Z_ 0.0
    if {[$ns get-nam-traceall] ne ""} {
        $ns initial_node_pos $object 30
    }
    return $object
}

proc ::scn::emit::nodes::configure {context} {
    set plan [dict get $context plan]
    set levels [::scn::plan::value $plan levels]
    set routing [dict get $plan routing]
    Mac/802_11 set dataRate_ [::scn::plan::value $plan data_rate]
    set topography [new Topography]
    $topography load_flatgrid {*}[dict get $plan area]
    create-god [llength [dict get $plan nodes]]
    # DSR looks into its queue, which has to be of the kind that it knows.
    [dict get $context ns] node-config \
        -adhocRouting [expr {$routing eq "static" ? "DumbAgent" : $routing}] -llType LL \
        -macType Mac/802_11 \
        -ifqType [expr {$routing eq "DSR" ? "CMUPriQueue" : "Queue/DropTail/PriQueue"}] -ifqLen 50 \
        -antType Antenna/OmniAntenna -propType Propagation/TwoRayGround -phyType Phy/WirelessPhy \
        -channel [new Channel/WirelessChannel] -topoInstance $topography \
        -agentTrace [on_off AGT $levels] -routerTrace [on_off RTR $levels] \
        -macTrace [on_off MAC $levels] -movementTrace OFF
}

proc ::scn::emit::nodes::on_off {level levels} {
    return [expr {$level in $levels ? "ON" : "OFF"}]
}

proc ::scn::emit::nodes::schedule_movements {context} {
    set ns [dict get $context ns]
    foreach movement [dict get $context plan movements] {
        set object [dict get $context nodes [dict get $movement node]]
        $ns at [dict get $movement time] [list $object setdest [dict get $movement x] \
            [dict get $movement y] [dict get $movement speed]]
    }
}
