# Who uploads to whom, where the scenario does not say.

namespace eval ::scn::uploads {
    namespace import ::scn::options::require
}

::scn::options::declare receivers {
    uploads {choice {} gateway {oneof gateway neighbour}
        "to whom devices upload: their gateway, or a node in radio range"}
}

::scn::options::declare uploads {
    flows {integer devices 0 {range 0 500}
        "how many devices upload, drawn; 0: all"}
}

# Results: list of {device server}, in the order of the devices
proc ::scn::uploads::of {plan scenario} {
    if {[dict exists $scenario uploads]} {
        return [dict get $scenario uploads]
    }
    set stream [::scn::plan::stream $plan uploads]
    return [lmap device [senders $plan stream] {
        list $device [receiver $plan $scenario stream $device]
    }]
}

proc ::scn::uploads::senders {plan streamVar} {
    upvar 1 $streamVar stream
    set devices [lmap node [dict get $plan nodes] {
        if {[dict get $node gateway] in [list "" [dict get $node node]]} continue
        dict get $node node
    }]
    set flows [::scn::plan::value $plan flows]
    if {$flows == 0} {
        return $devices
    }
    return [lsort -integer [::scn::plan::draw stream $flows $devices "option 'flows': devices"]]
}

proc ::scn::uploads::receiver {plan scenario streamVar device} {
    upvar 1 $streamVar stream
    if {[::scn::cloud::is_form $scenario]} {
        set candidates [::scn::cloud::servers $plan]
    } elseif {[::scn::plan::value $plan uploads] eq "gateway"} {
        return [::scn::plan::of_node $plan $device gateway]
    } else {
        set candidates [dict get $plan neighbours $device]
    }
    return [lindex $candidates [::scn::random::below stream [llength $candidates]]]
}
