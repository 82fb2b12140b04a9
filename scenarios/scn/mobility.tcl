# Nodes that move. Gateways stay; others roam around where they begin (random waypoint).

namespace eval ::scn::mobility {
    namespace import ::scn::options::require
    # Ways of all nodes in a run.
    variable most 100000
}

::scn::options::declare mobility {
    mobility {choice {} static {oneof static waypoint}
        "whether nodes move; gateways never do"}
    speed {number m/s 2 {range 0.1 100}
        "fastest; each way is drawn from half of it up"
        {{mobility waypoint}}}
    pause {number s 1 {range 0 3600}
        "at each place reached; the first is drawn up to this"
        {{mobility waypoint}}}
    roam {number m 50 {range 1 10000}
        "from where a node begins, at most"
        {{mobility waypoint}}}
}

# How far nodes get from where they begin, m.
proc ::scn::mobility::roam {plan} {
    if {[::scn::plan::value $plan mobility] eq "static"} {
        return 0
    }
    return [::scn::plan::value $plan roam]
}

# Adds movements to the plan, in the order of their times.
# Errors: SCN USAGE when networks could come into each other's range
proc ::scn::mobility::add {plan} {
    if {[::scn::plan::value $plan mobility] eq "static"} {
        return $plan
    }
    check $plan
    set stream [::scn::plan::stream $plan mobility]
    set movements {}
    foreach node [dict get $plan nodes] {
        if {[dict get $node gateway] != [dict get $node node]} {
            lappend movements {*}[waypoints $plan $node stream]
        }
    }
    dict set plan movements [lsort -real -index 1 $movements]
    return $plan
}

# The ways of one node until the end of the run.
proc ::scn::mobility::waypoints {plan node streamVar} {
    upvar 1 $streamVar stream
    set pause [::scn::plan::value $plan pause]
    set fastest [::scn::plan::value $plan speed]
    set x [dict get $node x]
    set y [dict get $node y]
    set time [expr {$pause * [::scn::random::below stream 1000001] / 1e6}]
    set movements {}
    while {$time < [::scn::plan::value $plan duration]} {
        lassign [place $plan $node stream] nextX nextY
        set distance [expr {hypot($nextX - $x, $nextY - $y)}]
        # ns would take a way of no length for an error.
        if {$distance < 0.01} continue
        set speed [expr {round($fastest * (500 + [::scn::random::below stream 501])) / 1000.0}]
        set time [expr {round($time * 1e6) / 1e6}]
        lappend movements [dict create time $time node [dict get $node node] x $nextX y $nextY \
            speed $speed]
        set time [expr {$time + $distance / $speed + $pause}]
        set x $nextX
        set y $nextY
    }
    return $movements
}

# Somewhere around where the node begins, within the area: ns ignores ways that lead out of it.
proc ::scn::mobility::place {plan node streamVar} {
    upvar 1 $streamVar stream
    lassign [dict get $plan area] width height
    # Rounding must not lead out of the circle.
    set roam [expr {[::scn::plan::value $plan roam] - 0.001}]
    while 1 {
        lassign [::scn::topology::in_disc stream [dict get $node x] [dict get $node y] $roam] x y
        set x [::scn::topology::millimetres $x]
        set y [::scn::topology::millimetres $y]
        if {$x > 0 && $y > 0 && $x < $width && $y < $height} {
            return [list $x $y]
        }
    }
}

# Networks stay apart wherever their nodes are, and the ways can be counted.
proc ::scn::mobility::check {plan} {
    variable most
    set range [dict get $plan range]
    set roam [roam $plan]
    set gateways [lmap node [dict get $plan nodes] {dict get $node gateway}]
    set near [::scn::topology::neighbours [dict get $plan nodes] [expr {$range + 2 * $roam}]]
    dict for {id others} $near {
        foreach other $others {
            if {[lindex $gateways $id] == [lindex $gateways $other]} continue
            set moving [expr {($id ni $gateways) + ($other ni $gateways)}]
            set distance [::scn::plan::distance $plan $id $other]
            require {$distance > $range + $moving * $roam} \
                "mobility 'waypoint': nodes $id and $other of different networks are\
                 [format %.0f $distance] m apart, and would come within $range m when they roam\
                 $roam m"
        }
    }
    # Two places in a circle are 0.905 of its radius apart on average, and 1 / speed is 1.386 /
    # fastest.
    set ways [expr {[llength $gateways] * [::scn::plan::value $plan duration]
        / ([::scn::plan::value $plan pause] + 1.25 * $roam / [::scn::plan::value $plan speed])}]
    require {$ways <= $most} \
        "mobility 'waypoint': [format %.0f $ways] ways are more than $most: make 'pause' or 'roam'\
         longer, 'speed' or 'duration' less"
}
