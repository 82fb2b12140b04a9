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
        "routing '$routing': base stations have hierarchical addresses, for which ns has only DSDV\
         and static routes"
}

# Adds to the plan, last of all, member `routes`: dicts {node destination next}, both ways for each
# flow. What an attack sends to another network has no way, unless the attack makes one; a wired
# destination is reached by the gateway.
proc ::scn::routes::add {plan} {
    dict set plan routes {}
    if {[dict get $plan routing] ne "static"} {
        return $plan
    }
    dict set plan routes [lmap {entry hop} [next_hops $plan] {
        dict create node [lindex $entry 0] destination [lindex $entry 1] next $hop
    }]
    return $plan
}

# Results: dict from {node destination} to the next node
proc ::scn::routes::next_hops {plan} {
    set busy {}
    set ways {}
    foreach flow [dict get $plan flows] {
        lassign [ends $plan $flow] from to
        if {$from eq ""} continue
        lappend ways [list $from $to [dict get $flow dst]]
        # The ways of honest flows, which are first, must be those of the benign twin.
        dict incr busy $from [expr {![dict get $flow attack]}]
        dict incr busy $to [expr {![dict get $flow attack]}]
    }
    set trees {}
    set next {}
    foreach way $ways {
        lassign $way from to destination
        set path [path $plan trees $busy $from $to]
        # Whoever came first: any of them is one hop nearer.
        foreach at [lrange $path 0 end-1] hop [lrange $path 1 end] {
            foreach entry [list [list $at $destination] [list $hop $from]] to [list $hop $at] {
                if {![dict exists $next $entry]} {
                    dict set next $entry $to
                }
            }
        }
    }
    return $next
}

# Nodes that forward packets of flows, once for each flow. Static routes say which; a protocol may
# take any shortest way.
proc ::scn::routes::relays {plan flows} {
    set static [expr {[dict get $plan routing] eq "static"}]
    set next [expr {$static ? [next_hops $plan] : ""}]
    set relays {}
    foreach flow $flows {
        lassign [ends $plan $flow] from to
        if {$from eq ""} continue
        if {!$static} {
            lappend relays {*}[between $plan $from $to]
            continue
        }
        set forward [walk $next $from $to [dict get $flow dst]]
        # Only connections have packets that go back.
        set back [expr {[dict get $flow proto] eq "udp" ? "" : [walk $next $to $from $from]}]
        lappend relays {*}[lsort -integer -unique [concat $forward $back]]
    }
    return $relays
}

# Nodes between two on the way that next hops give to a destination.
proc ::scn::routes::walk {next from to destination} {
    set nodes {}
    for {set at [dict get $next [list $from $destination]]} {$at != $to} {
        set at [dict get $next [list $at $destination]]} {
        lappend nodes $at
    }
    return $nodes
}

# Nodes between two on any of the shortest ways.
proc ::scn::routes::between {plan a b} {
    set from [hops $plan $a]
    set to [hops $plan $b]
    if {![dict exists $from $b]} {
        return {}
    }
    set length [dict get $from $b]
    set nodes {}
    dict for {node hops} $from {
        if {$hops > 0 && $hops < $length && [dict exists $to $node]
            && $hops + [dict get $to $node] == $length} {
            lappend nodes $node
        }
    }
    return $nodes
}

# Results: first and last node of a flow's way over the radio, or nothing if there is none
proc ::scn::routes::ends {plan flow} {
    set src [dict get $flow src]
    set dst [dict get $flow dst]
    set network [::scn::plan::of_node $plan $src gateway]
    if {$network eq ""} {
        return {}
    }
    switch [::scn::plan::of_node $plan $dst gateway] \
        $network {return [list $src $dst]} \
        "" {return [list $src $network]}
    return {}
}

# The nodes of a shortest path, both ends included. Trees are grown from the end with more flows,
# and kept.
proc ::scn::routes::path {plan treesVar busy from to} {
    upvar 1 $treesVar trees
    if {$to in [dict get $plan neighbours $from]} {
        return [list $from $to]
    }
    lassign [list $to $from] root leaf
    if {[dict get $busy $from] > [dict get $busy $to]} {
        lassign [list $from $to] root leaf
    }
    if {![dict exists $trees $root]} {
        dict set trees $root [tree $plan $root]
    }
    set path [list $leaf]
    while {$leaf != $root} {
        set leaf [dict get $trees $root $leaf]
        lappend path $leaf
    }
    return [expr {$root == $to ? $path : [lreverse $path]}]
}

# Breadth first from a node.
# Results: node -> its neighbour that is one hop nearer to the root, for all that can reach it
proc ::scn::routes::tree {plan root} {
    set parent [dict create $root $root]
    set level [list $root]
    while {[llength $level]} {
        set following {}
        foreach node $level {
            foreach other [::scn::plan::neighbours $plan $node] {
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

# Hops from a node to each that it reaches, over the fewest radios.
# Results: dict from node to hops, the nearest first
proc ::scn::routes::hops {plan from} {
    set hops {}
    dict for {node parent} [tree $plan $from] {
        dict set hops $node [expr {$node == $from ? 0 : [dict get $hops $parent] + 1}]
    }
    return $hops
}
