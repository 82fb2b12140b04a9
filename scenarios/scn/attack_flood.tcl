# flood: bots send to a victim more than it can take, or have everybody look for nodes that do not
# exist.

namespace eval ::scn::attack::flood {}

::scn::attack::declare flood {
    doc "bots overload a victim with data, or their network with route requests"
    prefix flood
    routing {AODV DSDV DSR static}
    who {bots 3 "bots, drawn in the victim's network"}
    options {
        flood_kind {choice {} data {oneof data request}
            "data for a victim, over UDP in any traffic, or route requests for nodes that do not\
            exist (AODV only)"}
        flood_victim {nodes {} {} "a node number"
            "who is flooded, instead of a server that is drawn"
            {{flood_kind data}}}
        flood_rate {bandwidth bit/s 2Mb {range 1kb 54Mb}
            "of each bot"
            {{flood_kind data}}}
        flood_size {integer byte 512 {range 1 2284}
            "of one packet"
            {{flood_kind data}}}
        flood_requests {number 1/s 100 {range 0.1 1000}
            "nodes that each bot begins to seek; it asks for each until it gives up"
            {{flood_kind request}}}
    }
}

# Results: list of plan and attack
proc ::scn::attack::flood::add {plan scenario attack} {
    set stream [::scn::attack::stream $plan $attack]
    if {[::scn::attack::parameter $attack flood_kind] eq "data"} {
        return [add_data $plan $attack $stream]
    }
    return [add_requests $plan $attack $stream]
}

proc ::scn::attack::flood::add_data {plan attack stream} {
    set servers [lsort -integer -unique [lmap flow [::scn::attack::honest $plan] {
        dict get $flow dst
    }]]
    if {[llength [::scn::attack::parameter $attack flood_victim]]} {
        set servers [lmap node [dict get $plan nodes] {dict get $node node}]
    }
    set victims [::scn::attack::choose $plan stream flood_victim 1 $servers "servers"]
    ::scn::options::require {[llength $victims] == 1} "option 'flood_victim': one node is flooded"
    set victim [lindex $victims 0]
    set bots [bots $plan $attack stream [::scn::attack::reached $plan $victim] $victim]
    foreach bot $bots {
        ::scn::attack::add_flow plan attack $bot $victim \
            [list [::scn::attack::window $attack stream]] \
            [::scn::attack::parameter $attack flood_size] \
            [::scn::attack::parameter $attack flood_rate]
        ::scn::attack::add_node attack $bot attacker
    }
    ::scn::attack::add_node attack $victim victim
    return [list $plan $attack]
}

proc ::scn::attack::flood::add_requests {plan attack stream} {
    ::scn::options::require {[dict get $plan routing] eq "AODV"} \
        "option 'flood_kind': route requests are flooded with routing AODV only"
    set near [::scn::attack::with_role $plan device server relay]
    foreach bot [bots $plan $attack stream $near {}] {
        ::scn::attack::add_node attack $bot attacker
        ::scn::attack::add_label attack seeking_nobody $bot
        dict lappend attack build [dict create node $bot \
            start [lindex [::scn::attack::window $attack stream] 0]]
    }
    return [list $plan $attack]
}

# Gateways are none, unless they are named.
proc ::scn::attack::flood::bots {plan attack streamVar near victim} {
    upvar 1 $streamVar stream
    if {[llength [::scn::attack::parameter $attack flood_nodes]]} {
        set candidates [lmap node [dict get $plan nodes] {dict get $node node}]
    } else {
        set candidates [lmap node $near {
            if {[::scn::plan::of_node $plan $node role] eq "gateway"} continue
            set node
        }]
    }
    return [::scn::attack::choose $plan stream flood_nodes \
        [::scn::attack::parameter $attack flood_count] \
        [::scn::attack::others $candidates {*}$victim] "nodes that can be bots"]
}
