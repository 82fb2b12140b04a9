# wormhole: two nodes that are no neighbours route for others over a tunnel of their own, as if they
# were. Honest nodes see two good neighbours; what has no way otherwise, or a longer one, goes
# through the tunnel.

namespace eval ::scn::attack::wormhole {}

::scn::attack::declare wormhole {
    doc "pairs of nodes carry others' traffic and routing over tunnels; cross_uploads gives them\
        some"
    prefix wormhole
    routing {AODV}
    options {
        wormhole_count {integer tunnels 1 {range 1 50}
            "tunnels, drawn"
            {{wormhole_ends {}}}}
        wormhole_ends {pairs {} {} {pairs of nodes, as in 14-15,0-7}
            "who has the ends of tunnels, instead of drawing"}
    }
}

namespace eval ::scn::attack::wormhole {
    # W, at least: tunnels lose nothing.
    variable power 200.0
}

# Results: list of plan and attack
proc ::scn::attack::wormhole::add {plan scenario attack} {
    variable power
    foreach pair [pairs $plan $attack] {
        set macs {}
        foreach node $pair {
            ::scn::attack::add_node attack $node attacker
            lappend macs [::scn::plan::add_interface plan $node 1]
            ::scn::attack::add_label attack mac [lindex $macs end] covert true
        }
        dict lappend attack build [dict create members $pair macs $macs \
            power [::scn::attack::power_for $plan $pair $power]]
    }
    return [list $plan $attack]
}

proc ::scn::attack::wormhole::pairs {plan attack} {
    set named [::scn::attack::parameter $attack wormhole_ends]
    foreach pair $named {
        set objection [objection $plan $pair]
        ::scn::options::require {$objection eq ""} \
            "option 'wormhole_ends': [join $pair -]: $objection"
    }
    ::scn::options::require {[llength [lsort -unique [concat {*}$named]]] == 2 * [llength $named]} \
        "option 'wormhole_ends': a node is an end of two tunnels"
    if {[llength $named]} {
        return $named
    }
    set stream [::scn::attack::stream $plan $attack]
    set pairs {}
    while {[llength $pairs] < [::scn::attack::parameter $attack wormhole_count]} {
        lappend pairs [draw_pair $plan stream $pairs]
    }
    return $pairs
}

# Why a pair cannot have a tunnel, or "".
proc ::scn::attack::wormhole::objection {plan pair} {
    lassign $pair a b
    foreach node $pair {
        if {![::scn::plan::is_node $plan $node]} {
            return "there is no node $node"
        }
        if {[::scn::plan::of_node $plan $node gateway] eq ""} {
            return "node $node has no radio"
        }
    }
    if {$a == $b} {
        return "a node and itself"
    }
    if {[::scn::plan::distance $plan $a $b] <= [dict get $plan range]} {
        return "they hear each other without a tunnel"
    }
    return ""
}

# Two nodes behind different gateways, if there are two networks; none a gateway, or an end already.
proc ::scn::attack::wormhole::draw_pair {plan streamVar pairs} {
    upvar 1 $streamVar stream
    set free [::scn::attack::others [::scn::attack::with_role $plan device server relay] \
        {*}[concat {*}$pairs]]
    set networks [lsort -unique [lmap node [dict get $plan nodes] {dict get $node gateway}]]
    set several [expr {[llength [lsearch -all -exact -not $networks ""]] > 1}]
    foreach a [::scn::plan::draw stream [llength $free] $free ""] {
        set others [lmap b $free {
            if {[objection $plan [list $a $b]] ne ""
                || ($several && [::scn::extra_uploads::same_network $plan $a $b])} continue
            set b
        }]
        if {[llength $others]} {
            return [list $a {*}[::scn::plan::draw stream 1 $others ""]]
        }
    }
    ::scn::options::refuse \
        "attack 'wormhole': no more than [llength $pairs] tunnels between different nodes are\
         possible"
}
