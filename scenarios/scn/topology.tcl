# Where nodes are, and behind which gateway.

namespace eval ::scn::topology {}

# Adds nodes, their interfaces and the area to the plan.
proc ::scn::topology::add {plan scenario} {
    dict set plan area [dict get $scenario area]
    dict set plan nodes [lmap node [dict get $scenario nodes] {
        lassign $node id x y gateway
        dict create node $id x $x y $y gateway $gateway
    }]
    dict set plan interfaces {}
    foreach node [dict get $plan nodes] {
        ::scn::plan::add_interface plan [dict get $node node] 0
    }
    return $plan
}
