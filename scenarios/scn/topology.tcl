# Where nodes are, and behind which gateway: those of the scenario, or shapes with options.
#
# Nodes are numbered network by network, in each the gateway first, then outwards. Networks have
# sizes that differ by one at most, and are laid out in rows.

namespace eval ::scn::topology {
    namespace import ::scn::options::require
    # m: ns hears up to 250.01 m. Positions are in whole millimetres.
    variable tolerance 0.005
    # m: how far apart neighbours are drawn at most.
    variable reach 225.0
    variable attempts 10000
}

::scn::options::declare topology {
    topology {choice {} hexagon {oneof hexagon grid random tree clustered}
        "shape of each network, around its gateway"}
    nodes {integer nodes 40 {range 4 500}
        "gateways and devices"}
    gateways {integer networks 3 {range 1 250}
        "each with a network of its own"}
    spacing {number m 200 {range 1 1000}
        "between neighbours; random: 1 node per square of it; clustered: farthest from the gateway"}
    gap {number m 400 {range 0 10000}
        "between networks, more than the radio range of 250; they disturb each other below 550"
        {{gateways !1}}}
    branches {integer nodes 3 {range 1 6}
        "that each node of a tree bears"
        {{topology tree}}}
}

# Adds nodes, their neighbours, their interfaces and the area to the plan.
# Errors: SCN USAGE when a network is not connected, or not apart from the others
proc ::scn::topology::add {plan scenario} {
    if {[dict exists $scenario nodes]} {
        set what "the scenario's nodes"
        dict set plan area [dict get $scenario area]
        dict set plan nodes [lmap node [dict get $scenario nodes] {
            lassign $node id x y gateway
            dict create node $id x $x y $y gateway $gateway
        }]
    } else {
        set what "topology '[::scn::plan::value $plan topology]'"
        set plan [lay_out $plan [shapes $plan]]
    }
    dict set plan neighbours [neighbours [dict get $plan nodes] [dict get $plan range]]
    check $plan $what
    dict set plan interfaces {}
    foreach node [dict get $plan nodes] {
        ::scn::plan::add_interface plan [dict get $node node] 0
    }
    return $plan
}

# ---- shapes -----------------------------------------------------------------

# Results: for each network its places {x y} relative to its gateway, which is the first, metres
proc ::scn::topology::shapes {plan} {
    set nodes [::scn::plan::value $plan nodes]
    set gateways [::scn::plan::value $plan gateways]
    require {$nodes >= 2 * $gateways} \
        "option 'gateways': $gateways networks of a gateway and a device at least need more than\
         $nodes nodes"
    set stream [::scn::plan::stream $plan topology]
    set shapes {}
    for {set i 0} {$i < $gateways} {incr i} {
        set size [expr {$nodes / $gateways + ($i < $nodes % $gateways)}]
        lappend shapes [shape_[::scn::plan::value $plan topology] $plan $size stream]
    }
    return $shapes
}

proc ::scn::topology::shape_hexagon {plan size streamVar} {
    return [lattice $size [::scn::plan::value $plan spacing] 0.5 [expr {sqrt(0.75)}]]
}

proc ::scn::topology::shape_grid {plan size streamVar} {
    return [lattice $size [::scn::plan::value $plan spacing] 0.0 1.0]
}

# The points of a lattice that are nearest to one of them. Its sides are {1 0} and {skew height}.
proc ::scn::topology::lattice {size spacing skew height} {
    set points {}
    set radius [expr {int(ceil(sqrt($size))) + 1}]
    for {set i -$radius} {$i <= $radius} {incr i} {
        for {set j -$radius} {$j <= $radius} {incr j} {
            set x [expr {$i + $j * $skew}]
            set y [expr {$j * $height}]
            lappend points [list [expr {round($x * $x + $y * $y)}] [expr {atan2($y, $x)}] \
                [expr {$x * $spacing}] [expr {$y * $spacing}]]
        }
    }
    set points [lsort -integer -index 0 [lsort -real -index 1 $points]]
    return [lmap point [lrange $points 0 [expr {$size - 1}]] {lrange $point 2 3}]
}

# Each level is on a circle around the gateway, and each node's children share its sector. The
# spacing is that of the second level from the first: further out, children are nearer.
proc ::scn::topology::shape_tree {plan size streamVar} {
    set branches [::scn::plan::value $plan branches]
    set spacing [::scn::plan::value $plan spacing]
    set pi [expr {acos(-1)}]
    set step [expr {$spacing / sqrt(5 - 4 * cos($pi / $branches * (1 - 1.0 / $branches)))}]
    set places {{0.0 0.0}}
    set level [list [list 0.0 [expr {2 * $pi}]]]
    for {set radius $step} {[llength $places] < $size} {set radius [expr {$radius + $step}]} {
        set sectors {}
        foreach sector $level {
            lassign $sector from width
            set width [expr {$width / $branches}]
            for {set i 0} {$i < $branches} {incr i} {
                lappend sectors [list [expr {$from + $i * $width}] $width]
            }
        }
        set level [lrange $sectors 0 [expr {$size - [llength $places] - 1}]]
        foreach sector $level {
            set angle [expr {[lindex $sector 0] + [lindex $sector 1] / 2}]
            lappend places [list [expr {$radius * cos($angle)}] [expr {$radius * sin($angle)}]]
        }
    }
    return $places
}

# A square with one node per spacing squared, grown from the gateway in its middle: each node is
# near one that is there already, and half the spacing at least from all.
proc ::scn::topology::shape_random {plan size streamVar} {
    upvar 1 $streamVar stream
    variable reach
    set spacing [::scn::plan::value $plan spacing]
    set half [expr {$spacing * sqrt($size) / 2}]
    return [grow $size stream $half [expr {$spacing / 2}] [expr {min($reach, 2 * $spacing)}] \
        "random"]
}

# All in one disc, near enough to the gateway to need no relay.
proc ::scn::topology::shape_clustered {plan size streamVar} {
    upvar 1 $streamVar stream
    set radius [::scn::plan::value $plan spacing]
    set apart [expr {$radius / (3 * sqrt($size))}]
    return [grow $size stream $radius $apart $radius "clustered"]
}

# Draws places until there are enough.
# Arguments: half     m, of the square that they are in
#            nearest  m, from any other
#            farthest m, from the node next to which it is drawn: the first in a clustered network,
#                     any in a random one
proc ::scn::topology::grow {size streamVar half nearest farthest shape} {
    upvar 1 $streamVar stream
    variable attempts
    set places {{0.0 0.0}}
    set cells [dict create [list 0 0] {{0.0 0.0}}]
    for {set tries 0} {[llength $places] < $size} {incr tries} {
        require {$tries < $attempts} \
            "topology '$shape': there is no room for $size nodes at this spacing"
        set anchor [expr {$shape eq "random" ? [::scn::random::below stream [llength $places]] : 0}]
        lassign [in_disc stream {*}[lindex $places $anchor] $farthest] x y
        if {abs($x) > $half || abs($y) > $half || [is_near $cells $x $y $nearest]} continue
        lappend places [list $x $y]
        dict lappend cells [cell $x $y $nearest] [list $x $y]
        set tries 0
    }
    return $places
}

# A place within radius of another, all equally likely.
proc ::scn::topology::in_disc {streamVar x y radius} {
    upvar 1 $streamVar stream
    while 1 {
        set dx [expr {(2 * [::scn::random::below stream 1000001] / 1e6 - 1) * $radius}]
        set dy [expr {(2 * [::scn::random::below stream 1000001] / 1e6 - 1) * $radius}]
        if {$dx * $dx + $dy * $dy <= $radius * $radius} {
            return [list [expr {$x + $dx}] [expr {$y + $dy}]]
        }
    }
}

proc ::scn::topology::cell {x y side} {
    return [list [expr {int(floor($x / $side))}] [expr {int(floor($y / $side))}]]
}

# Whether a place in cells of that side is nearer than it.
proc ::scn::topology::is_near {cells x y side} {
    lassign [cell $x $y $side] column row
    foreach dx {-1 0 1} {
        foreach dy {-1 0 1} {
            set key [list [expr {$column + $dx}] [expr {$row + $dy}]]
            if {![dict exists $cells $key]} continue
            foreach place [dict get $cells $key] {
                if {hypot([lindex $place 0] - $x, [lindex $place 1] - $y) < $side} {
                    return 1
                }
            }
        }
    }
    return 0
}

# ---- layout -----------------------------------------------------------------

# Sets the networks side by side, in rows of cells that are as large as the largest, and adds nodes
# and area to the plan. Around them is room to move in.
proc ::scn::topology::lay_out {plan shapes} {
    set boxes [lmap shape $shapes {box $shape}]
    set gap [::scn::plan::value $plan gap]
    set margin [expr {10 + ceil([::scn::mobility::roam $plan])}]
    set width [tcl::mathfunc::max {*}[lmap box $boxes {lindex $box 2}]]
    set height [tcl::mathfunc::max {*}[lmap box $boxes {lindex $box 3}]]
    set columns [expr {int(ceil(sqrt([llength $shapes])))}]
    set rows [expr {([llength $shapes] + $columns - 1) / $columns}]
    set nodes {}
    set index 0
    foreach shape $shapes box $boxes {
        set left [expr {$margin + ($index % $columns) * ($width + $gap) - [lindex $box 0]}]
        set top [expr {$margin + ($index / $columns) * ($height + $gap) - [lindex $box 1]}]
        set gateway [llength $nodes]
        foreach place $shape {
            lappend nodes [dict create node [llength $nodes] \
                x [millimetres [expr {$left + [lindex $place 0]}]] \
                y [millimetres [expr {$top + [lindex $place 1]}]] gateway $gateway]
        }
        incr index
    }
    dict set plan nodes $nodes
    dict set plan area [list \
        [expr {int(ceil(2 * $margin + $columns * $width + ($columns - 1) * $gap))}] \
        [expr {int(ceil(2 * $margin + $rows * $height + ($rows - 1) * $gap))}]]
    return $plan
}

proc ::scn::topology::millimetres {metres} {
    return [expr {round($metres * 1000) / 1000.0}]
}

# Results: least x and y, width and height
proc ::scn::topology::box {places} {
    foreach axis {0 1} {
        set values [lmap place $places {lindex $place $axis}]
        lappend least [tcl::mathfunc::min {*}$values]
        lappend size [expr {[tcl::mathfunc::max {*}$values] - [lindex $least end]}]
    }
    return [list {*}$least {*}$size]
}

# ---- who hears whom -----------------------------------------------------------

# Results: node -> nodes within the range, m, in the order of their numbers
proc ::scn::topology::neighbours {nodes range} {
    variable tolerance
    set limit [expr {$range + $tolerance}]
    foreach node $nodes {
        set id [dict get $node node]
        set x [dict get $node x]
        set y [dict get $node y]
        set near($id) {}
        lassign [cell $x $y $limit] column row
        for {set c [expr {$column - 1}]} {$c <= $column + 1} {incr c} {
            for {set r [expr {$row - 1}]} {$r <= $row + 1} {incr r} {
                if {![info exists cells($c,$r)]} continue
                foreach {other otherX otherY} $cells($c,$r) {
                    if {hypot($otherX - $x, $otherY - $y) <= $limit} {
                        lappend near($id) $other
                        lappend near($other) $id
                    }
                }
            }
        }
        lappend cells($column,$row) $id $x $y
    }
    return [concat {*}[lmap node $nodes {
        set id [dict get $node node]
        list $id [lsort -integer $near($id)]
    }]]
}

# Errors: SCN USAGE when nodes of different networks hear each other, two nodes are at one place, or
#         a node has no way to its gateway; `what` says whose fault it is
proc ::scn::topology::check {plan what} {
    check_places $plan $what
    set range [dict get $plan range]
    set gateways [lmap node [dict get $plan nodes] {dict get $node gateway}]
    dict for {id others} [dict get $plan neighbours] {
        foreach other $others {
            if {[lindex $gateways $id] == [lindex $gateways $other]} continue
            ::scn::options::refuse "$what: nodes $id and $other of different networks are\
                [format %.0f [::scn::plan::distance $plan $id $other]] m apart, in radio range\
                ($range m)"
        }
    }
    foreach gateway [lsort -integer -unique $gateways] {
        require {[lindex $gateways $gateway] == $gateway} \
            "$what: node $gateway is a gateway, but behind another one"
        set reached [::scn::routes::tree $plan $gateway]
        foreach id [lsearch -all -exact -integer $gateways $gateway] {
            require {[llength [dict get $plan neighbours $id]] || $id == $gateway} \
                "$what: node $id has no neighbour within $range m"
            require {[dict exists $reached $id]} \
                "$what: node $id has no way to its gateway $gateway over neighbours within $range m"
        }
    }
}

proc ::scn::topology::check_places {plan what} {
    foreach node [dict get $plan nodes] {
        set id [dict get $node node]
        set place [list [expr {double([dict get $node x])}] [expr {double([dict get $node y])}]]
        if {[info exists taken($place)]} {
            ::scn::options::refuse "$what: nodes $taken($place) and $id are at one place"
        }
        set taken($place) $id
    }
}
