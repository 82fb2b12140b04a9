# replay: nodes record good frames that carry data, and send them again later, byte by byte, as if
# they were who sent them first.

namespace eval ::scn::attack::replay {}

::scn::attack::declare replay {
    doc "nodes send frames of others again; with option rts=off"
    prefix replay
    routing {AODV DSDV static}
    who {nodes 1 "nodes that replay, drawn; none may hear another"}
    options {
        replay_victims {nodes {} {} "node numbers, as in 4,7"
            "whose data are replayed: sender or receiver; none: all that is heard"}
        replay_delay {number s 0.5 {range 0.001 3600}
            "from hearing to sending, and up to 23 ms more"}
        replay_share {number {} 1 {range 0.01 1}
            "of frames that are replayed"}
    }
}

# Results: list of plan and attack
proc ::scn::attack::replay::add {plan scenario attack} {
    ::scn::options::require {![::scn::plan::value $plan rts]} \
        "attack 'replay': nobody listens to data that no RTS announced: ask for rts=off"
    set stream [::scn::attack::stream $plan $attack]
    set flows [flows $plan $attack]
    set fids [lsort -integer -unique [lmap flow $flows {dict get $flow fid}]]
    foreach node [attackers $plan $attack stream $flows] {
        ::scn::attack::add_node attack $node attacker
        ::scn::attack::add_label attack node $node op s layer MAC foreign_mac true covert true
        dict lappend attack build [dict create node $node fids $fids \
            seed [::scn::random::ns_seed stream]]
    }
    foreach victim [::scn::attack::parameter $attack replay_victims] {
        ::scn::attack::add_node attack $victim victim
    }
    return [list $plan $attack]
}

# Honest flows that are replayed where they are heard.
proc ::scn::attack::replay::flows {plan attack} {
    set victims [::scn::attack::parameter $attack replay_victims]
    set flows [lmap flow [::scn::attack::honest $plan] {
        if {[llength $victims] && [dict get $flow src] ni $victims
            && [dict get $flow dst] ni $victims} continue
        set flow
    }]
    ::scn::options::require {[llength $flows]} \
        "option 'replay_victims': none of these sends or receives data"
    return $flows
}

# Two that hear each other would replay each other's frames for ever.
proc ::scn::attack::replay::attackers {plan attack streamVar flows} {
    upvar 1 $streamVar stream
    set candidates [between $plan $flows]
    set n [::scn::attack::parameter $attack replay_count]
    if {[llength [::scn::attack::parameter $attack replay_nodes]]} {
        set chosen [::scn::attack::choose $plan stream replay_nodes $n $candidates \
            "nodes that hear others"]
        foreach node $chosen {
            foreach other $chosen {
                ::scn::options::require {$node == $other
                    || [::scn::plan::distance $plan $node $other] > [dict get $plan range]} \
                    "option 'replay_nodes': nodes $node and $other hear each other"
            }
        }
        return $chosen
    }
    set chosen {}
    foreach node [::scn::plan::draw stream [llength $candidates] $candidates ""] {
        if {[llength $chosen] < $n && ![llength [lmap other $chosen {
            if {[::scn::plan::distance $plan $node $other] > [dict get $plan range]} continue
            set other
        }]]} {
            lappend chosen $node
        }
    }
    ::scn::options::require {[llength $chosen] == $n} "option 'replay_count': $n are asked for, and\
        [llength $chosen] that do not hear each other are found"
    return $chosen
}

# Nodes that hear the sender of a flow and are heard by its receiver; if there are none, by whoever
# may be next on its way.
proc ::scn::attack::replay::between {plan flows} {
    set eavesdroppers [::scn::attack::eavesdroppers $plan $flows]
    set between [lmap node $eavesdroppers {
        set heard [::scn::plan::neighbours $plan $node]
        if {![llength [lmap flow $flows {
            if {[dict get $flow src] ni $heard || [dict get $flow dst] ni $heard} continue
            set flow
        }]]} continue
        set node
    }]
    return [expr {[llength $between] ? $between : $eavesdroppers}]
}
