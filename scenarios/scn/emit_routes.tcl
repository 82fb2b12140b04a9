# Static routes: entries in the nodes' address classifiers, which come before any routing agent.
# What an entry leads to is a link layer of its own for each neighbour, that knows the neighbour's
# MAC number and asks nobody for it.

namespace eval ::scn::emit::routes {}

proc ::scn::emit::routes::build {context} {
    set plan [dict get $context plan]
    set hops {}
    foreach route [dict get $plan routes] {
        set id [dict get $route node]
        set next [dict get $route next]
        if {![dict exists $hops $id $next]} {
            dict set hops $id $next [build_hop $context $id $next]
        }
        install $context $id [dict get $route destination] [dict get $hops $id $next]
    }
}

# Hierarchical addresses are looked up level by level: a route to a wired server is one to domain 0.
proc ::scn::emit::routes::install {context id destination hop} {
    set node [dict get $context nodes $id]
    set target [lindex [dict get $context plan nodes] $destination]
    if {![dict exists $target address]} {
        [$node entry] install $destination $hop
    } elseif {[::scn::cloud::is_wired $target]} {
        $node add-route 0 $hop
    } else {
        $node add-route [::scn::cloud::dotted [dict get $target address]] $hop
    }
}

# Results: where packets for the neighbour go in
proc ::scn::emit::routes::build_hop {context id next} {
    set node [dict get $context nodes $id]
    set tracer ""
    if {[::scn::emit::radio::traces $context RTR]} {
        set tracer [$node mobility-trace Send RTR]
        $tracer attach [dict get $context trace]
    }
    return [hop $node [$node getMac 0] [$node set ifq_(0)] \
        [[[dict get $context nodes $next] getMac 0] id] $tracer]
}

# A hop over a radio of the node to the radio with a MAC number.
# Arguments: mac, queue   of the node's radio
#            destination  MAC number
#            tracer       of what is sent, or nothing
# Results: where packets go in
proc ::scn::emit::routes::hop {node mac queue destination tracer} {
    set link [new LL]
    $link mac $mac
    $link down-target $queue
    $link up-target [$node entry]
    $link set macDA_ $destination
    set target $link
    if {$tracer ne ""} {
        $tracer target $link
        set target $tracer
    }
    # A packet that came in still says that it goes up: this takes its direction away.
    set entry [new NetworkInterface]
    $entry target $target
    return $entry
}
