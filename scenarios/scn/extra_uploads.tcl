# Uploads beside a scenario's own, for attacks on the way between others: over two hops or more
# within a network, and to another network, to which there is no way unless somebody makes one.

namespace eval ::scn::extra_uploads {}

::scn::options::declare traffic {
    relayed_uploads {integer uploads 0 {range 0 250}
        "further uploads over two or more hops within a network"}
    cross_uploads {integer uploads 0 {range 0 250}
        "further uploads to another network; there is no way, but for wormholes"}
}

# Adds them to the plan, behind its other flows; each kind is drawn from a sub-stream of its own.
proc ::scn::extra_uploads::add {plan scenario} {
    foreach kind {relayed cross} {
        set n [::scn::plan::value $plan ${kind}_uploads]
        if {$n == 0} continue
        set stream [::scn::plan::stream $plan ${kind}_uploads]
        set protocols [::scn::plan::stream $plan ${kind}_protocol]
        set pairs [candidates_$kind $plan [taken $plan $scenario]]
        ::scn::options::require {[llength $pairs] >= $n} \
            "option '${kind}_uploads': $n are asked for, and [llength $pairs] are possible"
        foreach pair [::scn::plan::draw stream $n $pairs ""] {
            set at [expr {[::scn::random::below stream 100000] * [window $plan $kind]}]
            ::scn::traffic::add_upload plan protocols $pair [expr {round($at * 10) / 1e6}]
        }
    }
    return $plan
}

# s, in which they begin at random. Those to another network do so over three quarters of the run:
# AODV asks for a way in the beginning, gives up and is silent for 10 s, so that a wormhole that
# comes later would have nothing to carry.
proc ::scn::extra_uploads::window {plan kind} {
    return [expr {$kind eq "relayed" ? 0.1 : 0.75 * [::scn::plan::value $plan duration]}]
}

# Pairs that have something else to say to each other already.
proc ::scn::extra_uploads::taken {plan scenario} {
    set taken [lmap flow [dict get $plan flows] {list [dict get $flow src] [dict get $flow dst]}]
    if {[dict exists $scenario collusion]} {
        lappend taken [dict get $scenario collusion]
    }
    return [concat $taken [lmap pair $taken {lreverse $pair}]]
}

# Nodes that upload: all but gateways, and but those behind none.
proc ::scn::extra_uploads::ends {plan} {
    set gateways [lmap node [dict get $plan nodes] {dict get $node gateway}]
    return [lmap node [dict get $plan nodes] {
        if {[dict get $node gateway] eq "" || [dict get $node node] in $gateways} continue
        dict get $node node
    }]
}

# Results: pairs {device server}
proc ::scn::extra_uploads::candidates_relayed {plan taken} {
    set pairs {}
    foreach src [ends $plan] {
        dict for {dst hops} [::scn::routes::hops $plan $src] {
            if {$hops >= 2 && [same_network $plan $src $dst] && [list $src $dst] ni $taken} {
                lappend pairs [list $src $dst]
            }
        }
    }
    return $pairs
}

proc ::scn::extra_uploads::candidates_cross {plan taken} {
    set pairs {}
    set ends [ends $plan]
    foreach src $ends {
        set reached [::scn::routes::hops $plan $src]
        foreach dst $ends {
            if {![same_network $plan $src $dst] && ![dict exists $reached $dst]
                && [list $src $dst] ni $taken} {
                lappend pairs [list $src $dst]
            }
        }
    }
    return $pairs
}

proc ::scn::extra_uploads::same_network {plan a b} {
    return [expr {[::scn::plan::of_node $plan $a gateway]
        eq [::scn::plan::of_node $plan $b gateway]}]
}
