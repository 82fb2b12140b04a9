# What a scenario must be, before anything is planned. Errors are SCN USAGE, one line each.

namespace eval ::scn::check {
    namespace import ::scn::options::require
}

# Errors: SCN USAGE when the scenario is not as described in plan.tcl
proc ::scn::check::scenario {scenario} {
    require {![catch {dict size $scenario}]} "the scenario is not a list of names and values"
    set known {name doc form nodes area uploads collusion defaults}
    foreach key [dict keys $scenario] {
        require {$key in $known} \
            "the scenario has an unknown '$key'[::scn::options::suggestion $key $known]"
    }
    require {[dict exists $scenario name]} "the scenario has no 'name'"
    require {[regexp {^[A-Za-z0-9_]+$} [dict get $scenario name]]} \
        "the scenario's name '[dict get $scenario name]' is not of letters, digits and _"
    if {[dict exists $scenario form]} {
        require {[dict get $scenario form] eq "cloud"} \
            "the scenario's form '[dict get $scenario form]' is not cloud"
        require {![dict exists $scenario uploads]} \
            "the scenario has 'uploads', but its form is cloud: all devices upload to wired servers"
    }
    if {[dict exists $scenario nodes]} {
        require {[dict exists $scenario area]} "the scenario has no 'area'"
        nodes [dict get $scenario nodes] [dict get $scenario area]
    }
    if {[dict exists $scenario uploads]} {
        require {[dict exists $scenario nodes]} "the scenario has 'uploads', but no 'nodes'"
        foreach upload [dict get $scenario uploads] {
            pair $upload [last_node $scenario] "upload"
            require {[same_network $scenario $upload]} "upload {$upload} goes to another network,\
                which no radio reaches: use option cross_uploads"
        }
    }
    if {[dict exists $scenario collusion]} {
        collusion $scenario
    }
}

proc ::scn::check::same_network {scenario pair} {
    lassign [lmap node $pair {lindex [dict get $scenario nodes] $node 3}] a b
    return [expr {$a == $b}]
}

proc ::scn::check::last_node {scenario} {
    return [expr {[llength [dict get $scenario nodes]] - 1}]
}

proc ::scn::check::collusion {scenario} {
    set pair [dict get $scenario collusion]
    require {[dict exists $scenario uploads]} "the scenario has a 'collusion', but no 'uploads'"
    pair $pair [last_node $scenario] "collusion"
    lassign $pair device accomplice
    require {$device in [lmap upload [dict get $scenario uploads] {lindex $upload 0}]} \
        "collusion {$pair}: $device has no upload that could go to $accomplice instead"
    require {![same_network $scenario $pair]} \
        "collusion {$pair}: both are in one network, and need no channel of their own"
}

proc ::scn::check::nodes {nodes area} {
    lassign $area width height
    require {[llength $area] == 2 && [are_numbers $area] && $width > 0 && $height > 0} \
        "area {$area} is not {WIDTH HEIGHT}"
    require {[llength $nodes] > 0} "the scenario's 'nodes' are none"
    set expected 0
    foreach node $nodes {
        lassign $node id x y gateway
        require {[llength $node] == 4 && [are_numbers [list $x $y]]} \
            "node {$node} is not {NODE X Y GATEWAY}"
        require {$id eq $expected} "node {$node} should have the number $expected"
        require {$x >= 0 && $x <= $width && $y >= 0 && $y <= $height} \
            "node $id is not within the area {$area}"
        require {[is_node $gateway [expr {[llength $nodes] - 1}]]} \
            "node $id: its gateway '$gateway' is no node"
        incr expected
    }
}

# Two different nodes, the last node having that number.
proc ::scn::check::pair {pair last what} {
    require {[llength $pair] == 2} "$what {$pair} is not {NODE NODE}"
    lassign $pair from to
    foreach node $pair {
        require {[is_node $node $last]} "$what {$pair}: '$node' is no node"
    }
    require {$from != $to} "$what {$pair}: a node and itself"
}

proc ::scn::check::is_node {node last} {
    return [expr {[regexp {^(0|[1-9][0-9]{0,8})$} $node] && $node <= $last}]
}

proc ::scn::check::are_numbers {values} {
    foreach value $values {
        if {![string is double -strict $value] || $value != $value} {
            return 0
        }
    }
    return 1
}
