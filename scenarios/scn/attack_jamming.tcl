# jamming: a second radio of the attacker, which hears nothing and so never waits, fills the air
# with noise.

namespace eval ::scn::attack::jamming {}

::scn::attack::declare jamming {
    doc "radios that do not listen fill the air with noise"
    prefix jamming
    routing {AODV DSDV DSR static}
    who {nodes 1 "nodes that jam, drawn"}
    options {
        jamming_rate {bandwidth bit/s 800kb {range 1kb 2Mb}
            "of noise; it is sent at 1 Mb/s, so that 800kb is eight tenths of the time"}
        jamming_size {integer byte 1000 {range 1 2284}
            "of one burst of noise"}
        jamming_power {number W 0.28183815 {range 0.000001 1000}
            "sent; as much as others' by default, which disturbs up to 550 m; no more reaches\
            farther"}
    }
}

# Results: list of plan and attack
proc ::scn::attack::jamming::add {plan scenario attack} {
    set stream [::scn::attack::stream $plan $attack]
    ::scn::traffic::require_possible "attack 'jamming'" \
        [::scn::attack::parameter $attack jamming_rate] \
        [::scn::attack::parameter $attack jamming_size]
    dict set attack start [first_noise $plan $attack]
    foreach node [::scn::attack::choose $plan stream jamming_nodes \
        [::scn::attack::parameter $attack jamming_count] \
        [::scn::attack::with_role $plan device server relay] "nodes that can jam"] {
        set mac [::scn::plan::add_interface plan $node 1]
        ::scn::attack::add_node attack $node attacker
        ::scn::attack::add_label attack mac $mac covert true
        dict lappend attack build [dict create node $node mac $mac \
            start [lindex [::scn::attack::window $attack stream] 0]]
    }
    return [list $plan $attack]
}

# When the attack can begin: once an honest radio has sent, as ns takes the reach of all radios of a
# channel from the first that sends.
proc ::scn::attack::jamming::first_noise {plan attack} {
    set first [dict get $attack start]
    set starts [lmap flow [::scn::attack::honest $plan] {
        if {![llength [dict get $flow periods]]} continue
        lindex [dict get $flow periods] 0 0
    }]
    if {[llength $starts]} {
        set first [tcl::mathfunc::max $first [expr {[lindex [lsort -real $starts] 0] + 0.002}]]
    }
    ::scn::options::require {$first < [dict get $attack stop]} "attack 'jamming': its stop at\
        [dict get $attack stop] s is before anybody has sent, at $first s, and nothing is jammed"
    return $first
}
