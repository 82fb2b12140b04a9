# Routing: a protocol, or shortest paths that are there from the beginning.

namespace eval ::scn::routes {
    namespace import ::scn::options::require
}

::scn::options::declare routing {
    routing {choice {} AODV {oneof AODV DSDV DSR static}
        "routing protocol; static: shortest paths by hops, for the run's flows"}
}

# Errors: SCN USAGE when the scenario cannot be with the routing that is asked for
proc ::scn::routes::check {plan scenario} {
    set routing [dict get $plan routing]
    require {$routing ne "static" || [::scn::plan::value $plan mobility] eq "static"} \
        "routing 'static': the shortest paths of nodes that move do not last"
    require {![::scn::cloud::is_form $scenario] || $routing in {DSDV static}} \
        "routing '$routing': base stations have hierarchical addresses, for which ns has only DSDV and\
         static routes"
}

# Adds to the plan, last of all, member `routes`: dicts {node destination next}, both ways for each
# flow. What an attack sends to another network has no way, unless the attack makes one; a wired
# destination is reached by the gateway.
proc ::scn::routes::add {plan} {
    dict set plan routes {}
    if {[dict get $plan routing] ne "static"} {
        return $plan
    }
    set trees {}
    set next {}
    foreach flow [dict get $plan flows] {
        foreach end {src dst} {
            set $end [dict get $flow $end]
            set network($end) [::scn::plan::of_node $plan [set $end] gateway]
        }
        set target $dst
        if {$network(dst) eq ""} {
            set target $network(src)
        }
        if {$network(src) eq "" || [::scn::plan::of_node $plan $target gateway] != $network(src)} {
            continue
        }
        if {![dict exists $trees $target]} {
            dict set trees $target [tree $plan $target]
        }
        for {set at $src} {$at != $target} {set at $hop} {
            set hop [dict get $trees $target $at]
            # Whoever came first: any of them is one hop nearer.
            foreach entry [list [list $at $dst] [list $hop $src]] to [list $hop $at] {
                if {![dict exists $next $entry]} {
                    dict set next $entry $to
                }
            }
        }
    }
    dict set plan routes [lmap {entry hop} $next {
        dict create node [lindex $entry 0] destination [lindex $entry 1] next $hop
    }]
    return $plan
}

# Breadth first from a node.
# Results: node -> its neighbour that is one hop nearer to the root, for all that can reach it
proc ::scn::routes::tree {plan root} {
    set near [dict get $plan neighbours]
    set parent [dict create $root $root]
    set level [list $root]
    while {[llength $level]} {
        set following {}
        foreach node $level {
            foreach other [dict get $near $node] {
                if {![dict exists $parent $other]} {
                    dict set parent $other $node
                    lappend following $other
                }
            }
        }
        set level $following
    }
    return $parent
}
